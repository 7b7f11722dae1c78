"""A negative number to a fractional power, of whichever of the two the program knows what."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad


def known_base(x):
    return abs((-8.0) ** (x / 3.0))


def two_exponents(x, y):
    return abs(x ** y) + abs(x ** 0.5)


def sign_of_a_term(x, n):
    return (-1.0) ** n * x


def harmless(x):
    return 8.0 ** (x / 3.0) + (-2) ** 2 * x + (-2.0) ** -3 * x


@pytest.mark.parametrize(("f", "args"), [
    (known_base, (1.0,)), (two_exponents, (-2.0, 2.0)), (two_exponents, (-2.0, 0.25)), (sign_of_a_term, (2.0, 2.5))])
def test_refused(f, args):
    with pytest.raises(CannotDifferentiate, match="fractional power"):
        value_and_grad(f, check="off")(*args)


@pytest.mark.parametrize(("f", "args"), [
    (sign_of_a_term, (2.0, 3.0)), (sign_of_a_term, (2.0, 3)), (two_exponents, (2.0, 0.25)), (harmless, (3.0,))])
def test_right(f, args):
    value, slope = value_and_grad(f, check="off")(*args)
    assert value == f(*args)
    x, *others = args
    assert slope == pytest.approx((f(x + 1e-6, *others) - f(x - 1e-6, *others)) / 2e-6)


# What is told of the type of a power does not hold where it is complex, though nothing else asks for its value.

def by_isinstance(x):
    return x * x if isinstance((x - 2.0) ** 0.5, complex) else x


def by_type(x):
    root = (x - 2.0) ** 0.5 + 1.0
    return x * x if type(root) is float else x


def by_attribute(x):
    return x * x if hasattr((x - 2.0) ** 0.5, "is_integer") else x


def by_numpy(x):
    return x * x if np.isrealobj((x - 2.0) ** 0.5) else x


def by_dtype(x):
    return x * len(np.full(2, (x - 2.0) ** 0.5).dtype.name)


def of_the_trip_before(x):
    root, s = 1.0, x
    for _ in range(3):
        s = s * 2.0 if isinstance(root, float) else s
        root = (x - 2.0) ** 0.5
    return s


ASKED = [by_isinstance, by_type, by_attribute, by_numpy, by_dtype, of_the_trip_before]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("f", ASKED)
def test_its_type(f, backend):
    g = value_and_grad(f, check="off", backend=backend)
    with pytest.raises(CannotDifferentiate, match="fractional power"):
        g(0.7)
    value, slope = g(2.5)
    assert value == f(2.5) and slope == pytest.approx((f(2.5 + 1e-6) - f(2.5 - 1e-6)) / 2e-6)
