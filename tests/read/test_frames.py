"""Names that a function and what hangs on it have in common, and what looks at the frame that it is called from."""

import inspect
import sys
import traceback

import pytest

from ad_compiler import CannotDifferentiate, grad

size, n = 5.0, 3


def sized(x):
    return x * size * sized.size + x * sized.n * n


sized.size, sized.n = 7.0, 10


def named(x):
    return x * len(__name__) * (named.__name__ == "named")


def test_an_attribute_of_a_function_is_not_the_global_of_that_name():
    assert grad(sized)(1.0) == 65.0
    assert grad(named)(1.0) == len(__name__)


@pytest.mark.parametrize("f", [
    lambda x: x * len(sys._getframe().f_code.co_varnames), lambda x: x * len(inspect.stack()),
    lambda x: x * inspect.currentframe().f_lineno, lambda x: x * len(traceback.extract_stack())])
def test_what_looks_at_the_frame_is_refused(f):
    with pytest.raises(CannotDifferentiate, match="looks at the names around it"):
        grad(f)(1.0)
