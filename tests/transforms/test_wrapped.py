"""What is called with other parameters than it has: wrappers that hand on or look, what `functools.partial` gives."""

import functools

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, jvp, value_and_grad, vmap


def loss(x, rate=2.0, *, bias=1.0):
    return x * x * rate + bias


def handing_on(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 3.0 * f(*args, **kwargs)
    return wrapper


def counting(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs) * (len(args) + 10 * len(kwargs))
    return wrapper


def filling_in(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **{"bias": 5.0, **kwargs})
    return wrapper


class Model:
    rate = 4.0

    @counting
    def counted(self, x, y=1.0):
        return self.rate * x * y

    @handing_on
    def handed(self, x, y=1.0):
        return self.rate * x * y

    def plain(self, x, rate=2.0):
        return x * rate

    def __call__(self, x, rate=2.0):
        return x * rate


MODEL = Model()


@pytest.mark.parametrize("f", [
    handing_on(loss), counting(loss), filling_in(loss), counting(handing_on(loss)), handing_on(counting(loss))])
def test_wrappers(f):
    for args, kwargs in (((3.0,), {}), ((3.0, 5.0), {}), ((3.0,), {"rate": 5.0}), ((3.0, 5.0), {"bias": 7.0})):
        expected = (f(4.0, *args[1:], **kwargs) - f(2.0, *args[1:], **kwargs)) / 2.0
        assert value_and_grad(f, check="off")(*args, **kwargs) == (f(*args, **kwargs), expected)
    assert (vmap(f)(np.array([2.0, 3.0])) == [f(2.0), f(3.0)]).all()


@pytest.mark.parametrize("f", [MODEL.counted, MODEL.handed])
def test_wrapped_methods(f):
    for args, kwargs in (((3.0,), {}), ((3.0, 5.0), {}), ((3.0,), {"y": 5.0})):
        assert value_and_grad(f, check="off")(*args, **kwargs) == (f(*args, **kwargs), f(*args, **kwargs) / 3.0)


def test_names_of_what_is_wrapped():
    assert grad(handing_on(loss), argnames="rate", check="off")(3.0, rate=5.0) == 27.0
    with pytest.raises(CannotDifferentiate, match="write a function that has the name"):
        grad(counting(loss), argnames="rate", check="off")(3.0, rate=5.0)


def test_partial_gives_something_else():
    given = functools.partial(loss, rate=2.0)
    before = grad(given, check="off")
    assert before(3.0) == 12.0
    given.keywords["rate"] = 5.0
    with pytest.raises(CannotDifferentiate, match="were replaced"):
        before(3.0)
    assert grad(given, check="off")(3.0) == jvp(given, (3.0,), (1.0,))[1] == 30.0


@pytest.mark.parametrize(("f", "of"), [(MODEL.plain, Model.plain), (MODEL, Model.__call__)])
def test_defaults_of_methods_replaced(f, of):
    before = grad(f, check="off")
    assert before(1.0) == 2.0
    of.__defaults__ = (7.0,)
    try:
        with pytest.raises(CannotDifferentiate, match="were replaced"):
            before(1.0)
        assert grad(f, check="off")(1.0) == 7.0
    finally:
        of.__defaults__ = (2.0,)
