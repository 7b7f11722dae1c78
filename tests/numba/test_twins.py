"""Helpers that Numba calls give what they give in Python; single precision is compiled."""

import numba
import numpy as np
import pytest

import ad_compiler.jit.twins  # noqa: F401  (registers them)
from ad_compiler import runtime, value_and_grad
from ad_compiler.rules.registry import all_rules
from ad_compiler.rules.traits import traits_of
from tests.fd import directions, slope

SINGLE, ROW, MATRIX = np.float32(2.0), np.arange(3.0), np.arange(6.0).reshape(2, 3)


def cast_like(g, x):
    return runtime.cast_like(g, x)


def zeros_like(x):
    return runtime.zeros_like(x)


def broadcast_like(g, x):
    return runtime.broadcast_like(g, x)


def unbroadcast(g, x):
    return runtime.unbroadcast(g, x)


def identity(x):
    return runtime.identity(x)


def unpack(x):
    return runtime.unpack(x)


@pytest.mark.parametrize(("helper", "args"), [
    (cast_like, (1.5, SINGLE)), (cast_like, (1.5, 2.0)), (cast_like, (SINGLE, 2.0)), (cast_like, (2, SINGLE)),
    (cast_like, (ROW, ROW.astype(np.float32))), (zeros_like, (ROW,)), (zeros_like, (MATRIX.T,)), (zeros_like, (2.0,)),
    (broadcast_like, (1.5, ROW)), (broadcast_like, (ROW, MATRIX)), (broadcast_like, (1.5, 2.0)),
    (unbroadcast, (1.5, 2.0)), (unbroadcast, (MATRIX, 2.0)), (unbroadcast, (MATRIX, ROW)),
    (unbroadcast, (MATRIX, np.ones((1, 3)))), (unbroadcast, (MATRIX, np.ones((2, 1)))), (unbroadcast, (ROW, MATRIX)),
    (unbroadcast, (np.ones((0, 3)), ROW)), (identity, (ROW,)), (unpack, (ROW,)),
])
def test_same_as_in_python(helper, args):
    got, wanted = numba.njit(helper)(*args), helper(*args)
    assert np.array_equal(got, wanted)
    assert np.shape(got) == np.shape(wanted)
    if isinstance(wanted, np.ndarray):
        assert got.dtype == wanted.dtype


def of_shape(n, like):
    whole = runtime.zeros((n, 2, np.uint64(3)))
    return runtime.zeros(n), whole, runtime.zeros((n, 3), np.float32), runtime.zeros((2, n), dtype=np.bool_), \
        runtime.zeros(()), runtime.zeros(like.shape, like.dtype), runtime.empty((n, 4), dtype=np.int64) * 0


def of_an_array(x):
    return runtime.zeros_like(x), runtime.empty_like(x)


@pytest.mark.parametrize("n", [0, 1, 4])
@pytest.mark.parametrize("like", [ROW, MATRIX.T, MATRIX.astype(np.float32), np.ones((0, 3), dtype=np.int32)])
def test_arrays_of_a_shape(n, like):
    for got, wanted in zip(numba.njit(of_shape)(n, like), of_shape(n, like), strict=True):
        assert np.array_equal(got, wanted)
        assert got.dtype == wanted.dtype
        assert got.flags.c_contiguous


@pytest.mark.parametrize("x", [ROW, ROW[::-1], MATRIX, MATRIX.T, MATRIX[:, ::2], np.ones((0, 3)), np.ones(()),
                               np.broadcast_to(ROW, (2, 3)), ROW.astype(np.int64), MATRIX > 2.0])
def test_arrays_like_another(x):
    for got, wanted in zip(numba.njit(of_an_array)(x), (np.zeros_like(x), np.empty_like(x)), strict=True):
        assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
        assert got.flags.writeable
        assert not np.shares_memory(got, x)
    assert not numba.njit(of_an_array)(x)[0].any()


def test_a_negative_length():
    def made(n):
        return runtime.zeros((2, n))

    for each in (made, numba.njit(made)):
        with pytest.raises(ValueError, match="negative dimensions are not allowed"):
            each(-1)


def stacks(a, b):
    for _ in range(2):
        a = np.matmul(a, b.transpose(0, 2, 1)) * 0.5
    c = np.matmul(a, b)
    return np.sum(np.sin(c)) + np.sum(np.max(c, axis=0) * 0.5)


def extremes(a, b):
    m, n = np.max(a * b, axis=(0, 1)), np.max(a)
    return np.sum(m * m) + n * n * n


def chosen(a, b):
    hit = a > b
    a = a + b
    return np.sum(hit * a) + np.sum((hit * 1.0) * b * a) + np.sum(np.where(hit, a * a, -b))


@pytest.mark.parametrize("f", [stacks, extremes, chosen])
@pytest.mark.parametrize("shape", [(3, 3, 3), (1, 2, 2), (2, 1, 1)])
@pytest.mark.parametrize("single", [False, True])
def test_single_precision(f, shape, single):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=shape), rng.normal(size=shape)
    given = [x.astype(np.float32) if single else x for x in (a, b)]
    value, bars = value_and_grad(f, (0, 1), backend="numba")(*given)
    assert value == pytest.approx(float(f(a, b)), rel=1e-5 if single else 1e-12)
    for n, bar in enumerate(bars):
        assert bar.dtype == given[n].dtype
        wanted = [slope(f, (a, b), {}, (n,), direction, 1e-4) for direction in directions([a])]
        np.testing.assert_allclose(bar.ravel(), wanted, rtol=1e-4 if single else 1e-7, atol=1e-5 if single else 1e-8)


def test_helpers_make_what_is_written_into():
    """Else what reads the memory of such an array could be moved behind a store into it."""
    for rule in all_rules().values():
        helper = rule.traits.helper
        assert helper is None or traits_of(helper).makes == rule.traits.makes


def like_numbers(x, k):
    zero, whole = np.zeros_like(k), np.zeros(3, dtype=None)
    return np.sum(x * x) + 2.0 * np.sum(zero) * x[0] + x[k + int(np.sum(zero))] + np.sum(whole)


def test_an_array_like_an_integer():
    x = np.array([0.5, -1.0, 2.0])
    outcomes = [value_and_grad(like_numbers, backend=backend)(x, 1) for backend in ("numba", "numpy")]
    for value, bar in outcomes:
        assert value == pytest.approx(like_numbers(x, 1))
        np.testing.assert_allclose(bar, [1.0, -1.0, 4.0])
