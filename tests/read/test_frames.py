"""Names that a function and what hangs on it have in common, and what looks at the frame that it is called from."""

import functools
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


class Scaled:
    def by(self, x, k=2.0):
        return x * k


def product(x, k, m=1.0):
    return x * k * m


def test_keywords_of_a_partial_that_are_replaced():
    inner = functools.partial(product, k=2.0)
    outer = functools.partial(inner, m=3.0)
    by_inner, by_outer = grad(inner), grad(outer)
    assert (by_inner(1.0), by_outer(1.0)) == (2.0, 6.0)
    inner.keywords["k"], outer.keywords["m"] = 7.0, 5.0
    for compiled in (by_inner, by_outer):
        with pytest.raises(CannotDifferentiate, match="the defaults of `product` were replaced"):
            compiled(1.0)


def test_defaults_of_a_method_that_are_replaced():
    compiled = grad(Scaled().by)
    assert compiled(1.0) == 2.0
    before = Scaled.by.__defaults__
    Scaled.by.__defaults__ = (5.0,)
    try:
        with pytest.raises(CannotDifferentiate, match="the defaults of `by` were replaced"):
            compiled(1.0)
    finally:
        Scaled.by.__defaults__ = before
