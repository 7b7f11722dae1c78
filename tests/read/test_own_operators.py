"""`divmod` and truth of objects: what their classes say of it, where they say what Python takes."""

import numpy as np
import pytest

from ad_compiler import value_and_grad


class Clock:
    def __init__(self, k):
        self.k = k

    def __divmod__(self, other):
        return self.k * other, 3.0

    def __rdivmod__(self, other):
        return other - self.k, 5.0

    def __floordiv__(self, other):
        return 1e6

    def __mod__(self, other):
        return 1e6


class Alone:
    """Of `divmod` it knows nothing, though of both its parts."""

    def __floordiv__(self, other):
        return 1.0

    __mod__ = __floordiv__


class Flag:
    def __init__(self, w):
        self.w = w

    def __bool__(self):
        return bool(self.w[0] > 0.0)


class NumpyFlag(Flag):
    def __bool__(self):
        return self.w[0] > 0.0


@pytest.mark.parametrize("f", [
    lambda x: divmod(Clock(x[0]), x[1])[0], lambda x: divmod(x[0], Clock(x[1]))[0] * 2.0, lambda x: sum(divmod(2.0, Clock(x[1]))),
    lambda x: x[0] * 2.0 if Flag(x) else x[1], lambda x: x[0] * 2.0 if not Flag(-x) else x[1]])
def test_as_the_class_says(f):
    x = np.array([0.4, 0.9])
    value, gradient = value_and_grad(f, check="off")(x)
    assert value == pytest.approx(f(x))
    assert gradient == pytest.approx([(f(x + d) - f(x - d)) / 2e-6 for d in 1e-6 * np.eye(2)])


@pytest.mark.parametrize("f", [lambda x: divmod(Alone(), x[0])[0] + x[1], lambda x: divmod(x[0], Alone())[0] + x[1],
                               lambda x: x[0] if NumpyFlag(x) else x[1], lambda x: x[0] if x[1] > 2.0 or NumpyFlag(x) else x[1]])
def test_an_error_as_in_python(f):
    x = np.array([0.4, 0.9])
    for call in (f, value_and_grad(f, check="off")):
        with pytest.raises((TypeError, ValueError)):
            call(x)
