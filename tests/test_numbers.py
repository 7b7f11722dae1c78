"""Numbers of Python's that are not those of NumPy or Numba: right, or refused by name."""

import math
import warnings

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from ad_compiler.errors import NotForNumba

BOTH = pytest.mark.parametrize("backend", ["numpy", "numba"])
COMPLEX = "a negative number to a fractional power is complex"


def size_of_a_root(x):
    return abs((x - 5.0) ** 0.5)


def power_by_an_argument(x, k):
    return abs(pow(x - 5.0, k))


def root_where_there_is_one(x):
    return (x - 5.0) ** 0.5 if x > 5.0 else x


def root_of_a_square(x):
    return (x * x + 1.0) ** 0.5 + (x * x) ** 1.5


@BOTH
def test_a_complex_power(backend):
    with pytest.raises(CannotDifferentiate, match=COMPLEX):
        grad(size_of_a_root, backend=backend)(1.0)
    assert grad(size_of_a_root, backend=backend)(9.0) == 0.25
    with pytest.raises(CannotDifferentiate, match=COMPLEX):
        grad(power_by_an_argument, backend=backend)(1.0, 1.5)
    assert grad(power_by_an_argument, backend=backend)(1.0, 3.0) == -48.0
    assert grad(root_where_there_is_one, backend=backend)(1.0) == 1.0


def test_where_no_power_is_complex_none_is_checked():
    compiled = value_and_grad(root_of_a_square)
    assert compiled(2.0) == pytest.approx((5.0 ** 0.5 + 8.0, 2.0 / 5.0 ** 0.5 + 12.0))
    assert "check_power" not in compiled.source
    with np.errstate(invalid="ignore"):
        assert np.isnan(grad(size_of_a_root)(np.float64(1.0)))      # NumPy's number has no complex power


@BOTH
def test_the_largest_of_an_array_with_nan(backend):
    def f(x, a):
        return x * (2.0 if max(a) > 1.0 else 3.0) * min(a)
    assert grad(f, backend=backend)(1.0, np.array([1.0, 2.0])) == 2.0
    with pytest.raises(CannotDifferentiate, match="depends on its place"):
        grad(f, backend=backend)(1.0, np.array([1.0, math.nan]))


@BOTH
def test_the_inverse_of_a_truth_value_is_a_whole_number(backend):
    def f(x):
        return x * (~(x > 0.0) + 10 * ~(x > 5.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)     # of Python's from 3.12 on
        assert value_and_grad(f, backend=backend)(2.0) == (-24.0, -12.0)

    def g(x):
        return np.sum(np.where(~(x > 1.0), x, 2.0 * x))
    assert grad(g, backend=backend)(np.array([0.5, 2.0])).tolist() == [1.0, 2.0]


@BOTH
def test_rounding_goes_by_decimal_digits(backend):
    def f(x, y):
        return x * (round(y, 2) + 10.0 * round(2.675, 2) + 100.0 * round(-y, 2))
    for y in (2.675, 0.125, 0.375, 1.005, -0.001, 1e17):
        assert grad(f, backend=backend)(1.0, y) == f(1.0, y)


def test_what_numba_does_not_round_or_write_as_python_does():
    with pytest.raises(NotForNumba, match="rounded"):
        grad(lambda x, y: x * round(y, -1), backend="numba")(1.0, 25.0)
    with pytest.raises(CannotDifferentiate, match="whole number to a float"):
        grad(lambda x, n: x * round(n, -1), backend="numba")(1.0, 25)
    for thing in (1.5, None):
        with pytest.raises(CannotDifferentiate, match="text in another way"):
            grad(lambda x, thing: x * len(str(thing)), backend="numba")(1.0, thing)
    assert grad(lambda x, thing: x * len(str(thing)), backend="numba")(1.0, 100) == 3.0


@BOTH
def test_a_diagonal_beside_the_main_one(backend):
    def f(x):
        a = x * 1.0
        d, e = a.diagonal(1), np.diagonal(a, -1)
        a[0, 1] = 3.0
        return np.sum(d * d) + np.sum(e)
    x = np.arange(9.0).reshape(3, 3)
    assert grad(f, backend=backend)(x).tolist() == [[0, 0, 0], [1, 0, 10], [0, 1, 0]]


def test_a_length_of_minus_one_that_only_the_run_knows():
    def f(x, m):
        r, s = np.reshape(x, (m, 2)), 0.0
        for i in range(r.shape[0]):
            s += r[i, 0] ** 2
        return s
    x = np.arange(4.0)
    for m in (2, -1):
        assert grad(f)(x, m).tolist() == [0, 0, 4, 0]
    assert grad(f, backend="numba")(x, 2).tolist() == [0, 0, 4, 0]
    with pytest.raises(NotForNumba, match="length of -1"):
        grad(f, backend="numba")(x, -1)
