"""A part of the two tables, the same in each run; all of it by their commands, or with `--whole`."""

import functools
import math

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, hessian
from tests.numerics import dtypes, nans, random_integers
from tests.numerics.dtypes import programs

pytest.importorskip("numba")

from tests.numba.strict.interpreter import interpreted  # noqa: E402


@functools.cache
def all_programs():
    return list(programs())


@pytest.mark.parametrize("row", nans.ROWS, ids=lambda row: row.name)
def test_no_nan(row):
    with interpreted():
        for way, call, want in nans.ways(row):
            assert nans.verdict(call, want) == "right", way


@pytest.mark.parametrize(("func", "want"), [
    (lambda x: (np.linalg.norm(x) / 2.0) ** 2, 0.5 * np.eye(2)), (lambda x: 0.5 * (2 * np.hypot(x[0], x[1])) ** 2, 4.0 * np.eye(2)),
    (lambda x: np.sum((-3.0 * np.abs(x)) ** 2), 18.0 * np.eye(2)), (lambda x: np.abs(x) @ np.abs(x), 2.0 * np.eye(2)),
    (lambda x: np.dot(np.abs(x), np.abs(x)), 2.0 * np.eye(2)), (lambda x: np.std(x) ** 2, np.array([[0.5, -0.5], [-0.5, 0.5]])),
    (lambda x: math.hypot(x[0], x[1]) ** 2, 2.0 * np.eye(2)), (lambda x: np.abs(x) @ np.abs(2.0 * x), None)])
def test_squares_of_roots_that_are_scaled(func, want):
    x = np.array([0.3, -0.8])
    found = hessian(func)(x)
    differences = np.array([(grad(func)(x + h) - grad(func)(x - h)) / 2e-6 for h in 1e-6 * np.eye(2)])
    assert np.allclose(found, differences, atol=1e-6)
    if want is not None:
        assert np.allclose(found, want) and np.allclose(hessian(func)(np.zeros(2)), want)


def decays(x):
    return sum(math.exp(-rate * x[0]) for rate in (math.inf, 1.0))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("func", "want"), [
    (lambda x: np.sum(np.exp(-np.inf * x)), [0.0, 0.0]), (lambda x: np.sum(np.tanh(x * math.inf) * x), [1.0, 1.0]),
    (lambda x: math.exp(-math.inf * x[0]) + x[1], [0.0, 1.0]), (decays, [-math.exp(-1.5), 0.0]),
    (lambda x: max(x[0] * -math.inf, x[1]), [0.0, 1.0]), (lambda x: np.logaddexp(x[0] * -np.inf, x[1]), [0.0, 1.0])])
def test_times_an_infinite_number(func, want, dtype):
    gradient = grad(func)
    for _ in range(2):
        found = gradient(np.array([1.5, 2.0], dtype))
        assert found.dtype == dtype and np.allclose(found, want)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize(("func", "want"), [
    (lambda x: x[0] / 0, [np.inf, 0.0]), (lambda x: np.sum(x / 0.0), [np.inf, np.inf]),
    (lambda x: np.sum(np.where(x > 9.0, x / 0, x)), [1.0, 1.0]), (lambda x: np.sum(np.minimum(x / 0, 1.0)), [0.0, 0.0])])
def test_numbers_of_numpy_over_zero_raise_nothing(func, want, backend):
    with interpreted(), np.errstate(divide="ignore"):
        assert grad(func, backend=backend)(np.array([1.5, 2.0])).tolist() == want
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x / 0)(2.0)


@pytest.mark.parametrize("part", range(100))
def test_right_or_refused(part):
    for program in all_programs()[part::100]:
        assert dtypes.verdict(program, "numpy") in ("right", "refused", "raises"), program.name


def test_the_commands(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["nans", "square of"])
    assert nans.main() == 0
    monkeypatch.setattr("sys.argv", ["dtypes", "negative bool", "negative uint8", "times x float32 int8"])
    assert dtypes.main() == 0
    assert "right" in capsys.readouterr().out


def test_a_wrong_number_is_told():
    row = nans.Row("", lambda x: x * x, 2.0, 5.0)
    way, call, want = next(nans.ways(row))
    assert nans.verdict(call, want) == "4.0, not 5.0"
    program = dtypes.Program("", lambda x: x[0] * (2.0 if type(x) is list else 1.0), (), "float64")
    assert dtypes.verdict(program, "numpy") == "right"


def test_positions_of_one_axis():
    x = np.array([1.0, 2.0, -1.0, 3.0])
    for options in ({}, {"backend": "numba"}):
        with interpreted():
            got = grad(lambda x: x[0] * len(np.where(x > 0.0)[0]), check="off", **options)(x)
            np.testing.assert_array_equal(got, [3.0, 0.0, 0.0, 0.0])
            got = grad(lambda x: np.sum(x[np.nonzero(x > 0.0)]), check="off", **options)(x)
            np.testing.assert_array_equal(got, [1.0, 1.0, 0.0, 1.0])


def test_arrays_of_objects():
    """What cannot be known of them, and what NumPy does not do with them, is refused."""
    x, objects = np.array([0.7, 0.4, 1.9]), np.array([0.5, 1.3, 2.0], object)

    def in_place(x, c):
        y = x * 1.0
        y *= c
        return np.sum(y)
    for func in (lambda x, c: np.sum(np.take(c * x, [0, 1])), lambda x, c: np.sum((c + 2) ** x), in_place,
                 lambda x, c: np.sum(np.cumsum(c * x) * x), lambda x, c: np.sum(divmod(c, x)[1])):
        for backend in ("numpy", "numba"):
            with interpreted(), pytest.raises(CannotDifferentiate):
                grad(func, check="off", backend=backend)(x, objects)


def test_what_is_stored_is_repeated_or_cut():
    def put(x):
        a = x.copy()
        np.put(a, [0, 1, 2], x[:2])
        return np.sum(a * x)

    def diagonal(x):
        a = np.outer(x, x)
        np.fill_diagonal(a, x[:2])
        return np.sum(a * a)

    def flat(x):
        a = np.outer(x, x)
        a.flat = x[:3]
        return np.sum(a * np.arange(16.0).reshape(4, 4))

    x = np.array([0.7, -1.3, 2.1, 0.4])
    for func in (put, diagonal, flat):
        slope = [(func(x + d) - func(x - d)) / 2e-6 for d in 1e-6 * np.eye(4)]
        np.testing.assert_allclose(grad(func, check="off")(x), slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("func", "error"), [
    (lambda x: [*map(float, x)] and sum(one * two for one, two in [x]), ValueError),
    (lambda x: (x[[9]], np.sum(x))[1], IndexError),
    (lambda x: (x.reshape(3, 2), np.sum(x))[1], ValueError),
    (lambda x: (x[np.ones(5, bool)], np.sum(x))[1], IndexError),
])
def test_errors_of_what_is_not_used(func, error):
    with pytest.raises((error, CannotDifferentiate)):
        grad(func, check="off")(np.ones(4))


def test_what_no_derivative_passes_through_is_refused():
    table = np.arange(4.0)
    table.setflags(write=False)

    def into(x):
        a = np.zeros(4, dtype=object)
        a[0] = x[0]
        return a[0]

    def read_only(x):
        table[0] = 2.0
        return np.sum(x)

    for func in (into, read_only, lambda x: np.sum(x.astype(">f8")), lambda x: np.abs((-4.0) ** 0.5 * x[0])):
        with pytest.raises(CannotDifferentiate):
            grad(func, check="off")(np.ones(4))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_random_integers(backend):
    """A few of `python -m tests.numerics.random_integers`."""
    for seed in range(12):
        kind = dtypes.verdict(random_integers.program(seed), backend).partition(":")[0]
        assert kind in dtypes.KINDS, random_integers.written(seed)
