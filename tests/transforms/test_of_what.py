"""What is given to a transform inside of a function: what has no parameters that are known is refused."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, vmap


@pytest.mark.parametrize("func", [lambda x: grad(max)(x), lambda x: grad(x.dot)(x), lambda x: vmap(3.0)(x),
                                  lambda x: grad(None)(x)])
def test_a_transform_inside_of_what_has_no_parameters_that_are_known(func):
    with pytest.raises(CannotDifferentiate, match="takes is not known"):
        grad(lambda x: np.sum(func(x)))(np.ones(3))


def test_a_builtin_that_goes_through_an_array_by_itself():
    with pytest.raises(CannotDifferentiate, match="read in a function only"):
        grad(sum)(np.ones(3))
    assert grad(lambda x: sum(x))(np.ones(3)).tolist() == [1.0, 1.0, 1.0]
