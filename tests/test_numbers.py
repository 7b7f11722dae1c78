"""Numbers of Python's that are not those of NumPy or Numba: right, or refused by name."""

import math
import warnings

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, jvp, value_and_grad
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
        grad(lambda x, y, n: x * round(y, n), backend="numba")(1.0, 25.0, -1)
    for given in ((25.0, 1.5), (25.0, 1.0), (25.0, True)):
        with pytest.raises(CannotDifferentiate, match="whole number of digits"):
            grad(lambda x, y, n: x * round(y, n), backend="numba")(1.0, *given)
    for call in (lambda x: x * round(25.0, -1), lambda x: x * round(25.0, 23), lambda x: (round(x, x), x)[1]):
        with pytest.raises(CannotDifferentiate, match="whole number of digits"):
            grad(call, backend="numba")(1.0)
    assert grad(lambda x, y: x * round(y, None), backend="numba")(1.0, 2.5) == 2.0
    for digits in ((), (None,)):
        with pytest.raises((NotForNumba, ValueError)):
            grad(lambda x, y: x * round(y, *digits), backend="numba")(1.0, np.nan)
    with pytest.raises(CannotDifferentiate, match="whole number to a float"):
        grad(lambda x, n: x * round(n, -1), backend="numba")(1.0, 25)
    for thing in (1.5, None):
        with pytest.raises(CannotDifferentiate, match="text in another way"):
            grad(lambda x, thing: x * len(str(thing)), backend="numba")(1.0, thing)
    assert grad(lambda x, thing: x * len(str(thing)), backend="numba")(1.0, 100) == 3.0


CLOSE = [
    (1.0, 1.0 + 1e-10, {}), (1.0, 1.1, {}), (0.0, 1e-300, {}), (0.0, 1e-3, {"abs_tol": 1e-3}), (2.0, 1.0, {"rel_tol": 0.5}),
    (-1.0, -2.0, {"rel_tol": 0.5}), (np.inf, np.inf, {}), (np.inf, 1.0, {"rel_tol": 2.0}), (np.nan, np.nan, {"abs_tol": np.inf}),
    (-np.inf, np.inf, {"abs_tol": np.inf}), (1.0, 2.0, {"abs_tol": np.nan}),
]


@pytest.mark.compiled
def test_functions_of_math_that_are_others_in_numba():
    def f(x, a, b, rel_tol, abs_tol, n):
        close = math.isclose(a, b, rel_tol=rel_tol, abs_tol=abs_tol)
        return x * (close + math.fmod(n, n) + math.ldexp(1.5, n) + math.gcd(n, 6)), (close, math.fmod(n, 2))
    compiled = value_and_grad(f, has_aux=True, backend="numba")
    for a, b, options in CLOSE:
        given = 1.0, a, b, options.get("rel_tol", 1e-9), options.get("abs_tol", 0.0), 3
        value, aux = compiled(*given)[0]
        assert (value, aux) == f(*given)
        assert [type(thing) for thing in aux] == [bool, float]
    with pytest.raises(ValueError, match="non-negative"):
        compiled(1.0, 1.0, 1.0, -1.0, 0.0, 3)
    for call in (lambda x, y: x * math.gcd(6, y), lambda x, y: x * math.ldexp(x, y), lambda x, y: (math.gcd(y), x)[1]):
        with pytest.raises(CannotDifferentiate, match=r"whole numbers|no derivative rule"):
            grad(call, backend="numba")(1.0, 2.0)


@BOTH
def test_a_divisor_that_is_written_as_zero(backend):
    for f in (lambda x, n: x * (n // 0), lambda x, n: (1 % 0, x)[1], lambda x, n: x * divmod(n, 0)[0],
              lambda x, n: x * (n % False), lambda x, n: x * (n // (n > 5)), lambda x, n: x * (n / 0) if n > 2 else x):
        with pytest.raises(ZeroDivisionError):
            grad(f, backend=backend)(1.0, 3)


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


def stretched_part(e):
    s = e[:2].sum(axis=1, keepdims=True)
    return s[1, 0] + np.sum(e)


@BOTH
def test_what_is_put_into_a_part_that_is_stretched(backend):
    assert grad(stretched_part, backend=backend)(np.ones((3, 2))).tolist() == [[1, 1], [2, 2], [1, 1]]


class Holder:
    """An object with an array."""

    def __init__(self):
        self.table = np.array([1.0, 2.0, 3.0])


@BOTH
def test_a_gradient_is_no_array_of_the_caller(backend):
    held, y = Holder(), np.array([1.0, 2.0, 3.0])

    def f(x, y):
        x[0] += 2.0
        return np.sum(x * y)
    assert not np.shares_memory(grad(f, backend=backend)(np.ones(3), y), y)
    assert not np.shares_memory(grad(lambda x, s: np.sum(x * s.table), backend=backend)(np.ones(3), held), held.table)


def handed_on_from_python(a, p, n):
    s, t = 0.3, 0.1
    if np.sum(a) > 0.5:
        s = 0.5 * s + 0.1 * np.sum(a * a)
    for _ in range(n):
        t = np.tanh(s + 0.2 * t)
    return s + t * p


@BOTH
def test_single_precision_stays(backend):
    for f, *args in ((handed_on_from_python, np.ones(3, np.float32), 0.4, 2), (np_square, np.array(2.0, np.float32))):
        assert grad(f, backend=backend)(*args).dtype == np.float32


def np_square(x):
    return np.sum(x * x)


def test_a_dead_pole_raises():
    def f(x, y):
        z = y ** -2.0       # noqa: F841
        return x * x
    with pytest.raises(ZeroDivisionError):
        grad(f)(3.0, 0.0)
    assert grad(f)(3.0, 2.0) == 6.0
    assert len(grad(lambda y: y ** -2.0).source_for(2.0).splitlines()) == 4      # the slope has the same pole


def test_whole_numbers_that_numba_does_not_have():
    def total(x, n, m):
        return x * (n + m) + x * (n - m)
    big = 2 ** 62 + 2 ** 61
    with pytest.raises(NotForNumba, match="more than 64 bits"):
        grad(total, backend="numba")(1.0, big, big)
    assert grad(total, backend="numba")(1.0, 5, 3) == 10.0
    for number in (math.nan, math.inf, 1e300):
        with pytest.raises(NotForNumba, match="no whole number"):
            grad(lambda x, a: x * int(a), backend="numba")(1.0, number)
    for of in (np.add, np.bitwise_and, np.remainder, np.power):
        with pytest.raises(CannotDifferentiate, match="uint64 and signed"):
            grad(lambda x, a, b: np.sum(x * of(a, b)), backend="numba")(       # noqa: B023
                np.ones(2), np.array([1, 2]), np.array([1, 2], np.uint64))


def test_what_python_and_numpy_raise_for_is_refused():
    mask, ints = np.array([True, False]), np.array([1, 2], np.int8)
    for f in (lambda x, a: np.sum(x) if len(-a) else x, lambda x, a: np.sum(x * (a - a))):
        with pytest.raises(CannotDifferentiate, match="no sign"):
            grad(f)(np.ones(2), mask)
    with pytest.raises(CannotDifferentiate, match="out of bounds for int8"):
        grad(lambda x, a: np.sum(x * (a + 200)))(np.ones(2), ints)
    with pytest.raises(AttributeError, match="has no attribute 'dtype'"):
        grad(lambda x, k: x.astype(k.dtype) * 1.0)(np.ones(2), 3)

    def truth(x, a):
        c = bool(a)     # noqa: F841
        return np.sum(x)
    with pytest.raises(ValueError, match="truth value"):
        grad(truth)(np.ones(2), ints)


@BOTH
def test_shifts(backend):
    def f(x, n, k):
        return x * ((1 << k) + (n >> k) % 2)
    for k in (0, 3, 40):
        assert grad(f, backend=backend)(1.0, 13, k) == f(1.0, 13, k)
    if backend == "numba":
        for k in (63, 64, 200):
            with pytest.raises(NotForNumba, match="shifted too far"):
                grad(f, backend=backend)(1.0, 13, k)


def exactly(x, a, b):
    return math.fsum([a * x, x, b * x, x * x]) * x + x


def exactly_by_list(x, *ws):
    return math.fsum(w * x for w in ws)


def exactly_by_array(x, ws):
    return math.fsum(ws * x)


def exactly_in_a_loop(x, a, b):
    for _ in range(2):
        x = math.fsum([a * x, x, b * x])
    return x


def test_cotangents_are_added_exactly_where_the_function_adds_so():
    a, b = 1e16, -1e16
    assert grad(exactly)(3.0, a, b) == 34.0
    assert grad(grad(exactly))(3.0, a, b) == 20.0
    assert grad(exactly_by_list)(3.0, a, 1.0, b) == grad(exactly_by_list)(np.float64(3.0), b, a, 1.0) == 1.0
    assert grad(exactly_by_array)(3.0, np.array([a, 1.0, b])) == 1.0
    assert grad(exactly_in_a_loop)(3.0, a, b) == 1.0
    assert jvp(exactly, (3.0, a, b), (1.0, 0.0, 0.0))[1] == 34.0
    assert grad(exactly)(3.0, math.inf, 1.0) == math.inf


def test_a_power_is_checked_for_each_exponent():
    def f(x, k):
        return x ** k + abs(x ** (k / 4.0))
    assert grad(f)(2.0, 4) == 33.0
    with pytest.raises(CannotDifferentiate, match=COMPLEX):
        grad(f)(-2.0, 2)


CUT_OFF = (
    lambda x: math.acos(min(1.0, max(-1.0, x))), lambda x: math.asin(min(1.0, x)) * x,
    lambda x: math.acosh(max(2.4 - x, 1.0)), lambda x: math.sqrt(1.0 - min(x, 1.0) ** 2),
    lambda x: math.pow(max(1.0 - x, 0.0), 0.5) + max(1.0 - x, 0.0) ** 0.7, lambda x: math.cbrt(max(1.0 - x, 0.0)),
    lambda x: math.atan2(max(1.0 - x, 0.0), 0.0) * x, lambda x: math.acos(np.clip(x, -1.0, 1.0)),
)


@pytest.mark.parametrize("f", CUT_OFF, ids=lambda f: str(f.__code__.co_firstlineno) + f.__code__.co_names[1])
def test_a_number_that_was_cut_off_has_no_slope(f):
    for at in (1.5, 0.3):
        slope = (f(at + 1e-6) - f(at - 1e-6)) / 2e-6
        assert grad(f)(at) == pytest.approx(slope, abs=1e-8)
        assert jvp(f, (at,), (1.0,))[1] == pytest.approx(slope, abs=1e-8)
        assert grad(grad(f))(at) == pytest.approx((grad(f)(at + 1e-6) - grad(f)(at - 1e-6)) / 2e-6, abs=1e-6)
