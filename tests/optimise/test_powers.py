"""A negative number to a fractional power, of whichever of the two the program knows what."""

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
