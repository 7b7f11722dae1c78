"""Sparse Jacobians and Hessians beside differences, one number at a time; and patterns that change, hide or are wrong."""

import pickle
import sys

import numpy as np
import pytest
from scipy import sparse

from ad_compiler import CannotDifferentiate, CompilerFault, grad, hessian, jacfwd, jacobian, jacrev, vmap
from ad_compiler.matrices.sparse import SparseFunction
from tests.transforms.test_jacobians import by_differences

MODES = pytest.mark.parametrize("mode", ["auto", "fwd", "rev"])
A = np.array([0.4, 1.1, -0.7, 2.0, 0.3, -1.2])


def same(found, func, args, at=0, rtol=1e-6, atol=1e-7):
    """A sparse Jacobian is that which differences give, and what is stored is in order."""
    assert isinstance(found, sparse.csr_array)
    want = by_differences(func, args, at)
    into = np.size(args[at])
    assert found.shape == (want.size // into if into else np.size(func(*args)), into)
    np.testing.assert_allclose(found.toarray(), want.reshape(found.shape), rtol=rtol, atol=atol)
    assert found.has_canonical_format
    return found


def banded(x):
    y = x.copy()
    y[1:-1] = x[:-2] - 2.0 * x[1:-1] ** 2 + np.sin(x[2:])
    return y


def diagonal(x):
    return np.tanh(x)


def dense(x):
    return np.sin(np.outer(x, x).sum(axis=0) * x)


def arrow(x):
    y = x * x
    y += x[0]
    y[0] = np.sum(x ** 2)
    return y


def heights(x):
    return np.concatenate([x[:1] * x[-1], x[::2], np.sum(x, keepdims=True)])


def square(x):
    return x @ x.T


def number(x):
    return np.sum(x * x[::-1])


def constant(x):
    return np.ones(4)


def partly(x):
    return np.concatenate([np.ones(2), x[1:3] ** 2, np.zeros(1)])


def scattered(x):
    y = np.zeros(4)
    np.add.at(y, np.array([0, 2, 2, 0, 3, 2]), x ** 2)
    return y


def repeated(x):
    return x[np.array([0, 1, 1, 5, 0])] ** 3


def in_a_loop(x):
    y = x * 1.0
    for i in range(1, len(x)):
        y[i] = y[i] * x[i - 1] + x[i]
    return y


@MODES
@pytest.mark.parametrize("func", [banded, diagonal, dense, arrow, heights, number, constant, partly, scattered, repeated,
                                  in_a_loop], ids=lambda f: f.__name__)
def test_against_differences(func, mode):
    made = jacobian(func, mode=mode, sparse=True)
    for x in (A, A[::-1].copy(), np.zeros(6)):
        same(made(x), func, (x,))


@MODES
def test_arrays_of_any_shape_are_vectors(mode):
    x = A.reshape(2, 3)
    same(jacobian(square, mode=mode, sparse=True)(x), square, (x,))
    same(jacobian(lambda x: np.array([x, x * x, 0.0]), mode=mode, sparse=True)(0.3), lambda x: np.array([x, x * x, 0.0]),
         (0.3,))
    found = jacobian(lambda x: x * x, mode=mode, sparse=True)(3.0)
    assert found.toarray().tolist() == [[6.0]]


@MODES
@pytest.mark.parametrize("length", [0, 1, 2, 3, 5, 40])
def test_lengths(mode, length):
    x = np.linspace(0.5, 1.5, length)
    found = jacobian(lambda x: x[1:] * x[:-1] ** 2, mode=mode, sparse=True)(x)
    same(found, lambda x: x[1:] * x[:-1] ** 2, (x,))


@MODES
def test_calls_of_other_lengths(mode):
    made = jacobian(banded, mode=mode, sparse=True)
    for length in (6, 9, 6, 3, 9, 2):
        x = np.linspace(0.5, 1.5, length)
        same(made(x), banded, (x,))

    def repeat(x, times):
        return np.repeat(x ** 2, times)
    made = jacobian(repeat, mode=mode, sparse=True)
    for times in (2, 5, 2, 1):
        same(made(A, times), repeat, (A, times))


def test_few_products():
    n = 10_000
    x = np.linspace(0.5, 1.5, n)
    made = jacobian(banded, sparse=True)
    found = made(x)
    assert made.pattern_info() == ((n, n), 3 * n - 4, 3, "fwd")
    want = sparse.diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1], shape=(n, n)).tolil()
    want.setdiag(np.concatenate([[1.0], -4.0 * x[1:-1], [1.0]]))
    want.setdiag(np.concatenate([np.cos(x[2:]), [0.0]])[:-1], 1)
    want[0, 1], want[n - 1, n - 2], want[np.arange(1, n - 1), np.arange(2, n)] = 0.0, 0.0, np.cos(x[2:])
    assert abs(found - want.tocsr()).max() < 1e-12


def test_the_way_with_fewer_products():
    row = jacobian(lambda x: np.concatenate([np.sum(x ** 2, keepdims=True), x]), sparse=True)
    row(np.ones(200))
    assert row.pattern_info()[2:] == (2, "rev")
    column = jacobian(lambda x: x ** 2 * x[0], sparse=True)
    column(np.ones(200))
    assert column.pattern_info()[2:] == (2, "fwd")
    whole = jacobian(number, sparse=True)
    whole(np.ones(200))
    assert whole.pattern_info()[2:] == (1, "rev")


def test_of_an_arrow_the_hessian_takes_two():
    def f(x):
        return np.sum(x ** 4) + np.sum(np.sin(x)) * x[0] ** 2
    made = hessian(f, sparse=True)
    x = np.linspace(0.1, 1.0, 50)
    found = same(made(x), grad(f), (x,))
    assert made.pattern_info().products == 2
    assert abs(found - found.T).max() < 1e-12


def chained(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def grid(x):
    z = x.reshape(5, 5)
    return np.sum((z[1:] - z[:-1]) ** 4) + np.sum(np.exp(z[:, 1:] * z[:, :-1]))


@pytest.mark.parametrize("func", [chained, grid, number, lambda x: np.sum(x), lambda x: np.sum(x) ** 3,
                                  lambda x: np.sum(x[:2]) * x[3] ** 2 + x[4] ** 3])
def test_hessians(func):
    made = hessian(func, sparse=True)
    for x in (np.linspace(-0.5, 1.0, 25), np.zeros(25)):
        found = same(made(x), grad(func), (x,), atol=1e-5)
        np.testing.assert_allclose(found.toarray(), hessian(func)(x), atol=1e-12)
        assert abs(found - found.T).max() < 1e-10


def test_random_patterns():
    for seed in range(12):
        rng = np.random.default_rng(seed)
        out, into = int(rng.integers(1, 30)), int(rng.integers(1, 30))
        m = np.where(rng.random((out, into)) < rng.choice([0.02, 0.1, 0.5]), rng.normal(size=(out, into)), 0.0)
        x = rng.normal(size=into)
        for mode in ("auto", "fwd", "rev"):
            found = jacobian(lambda x, m: np.sin(m @ (x * x)), mode=mode, sparse=True)(x, m)
            want = np.cos(m @ (x * x))[:, None] * m * 2.0 * x
            np.testing.assert_allclose(found.toarray(), want, rtol=1e-12, atol=1e-13)
        s = m[:min(out, into), :min(out, into)]
        x = x[:len(s)]
        found = hessian(lambda x, s: np.sum(np.sin(s @ x)) + np.sum(x ** 4), sparse=True)(x, s)
        want = -(s.T * np.sin(s @ x)) @ s + np.diag(12.0 * x ** 2)
        np.testing.assert_allclose(found.toarray(), want, rtol=1e-10, atol=1e-12)


# -- patterns that are not what they seem -----------------------------------------------------------------


@MODES
def test_zero_by_accident(mode):
    def f(x):
        return x[1:] * x[:-1] ** 2
    made = jacobian(f, mode=mode, sparse=True)
    assert made(np.zeros(6)).nnz == 10        # found beside the point, and stored
    before = made.pattern_info()
    same(made(A), f, (A,))
    assert made.pattern_info() == before


@MODES
def test_a_pattern_that_changes(mode):
    def f(x, far):
        if x[0] > 0.0:
            return x * x
        if far:
            return x * x[::-1]
        return np.sum(x) * x
    made = jacobian(f, mode=mode, sparse=True)
    other = np.concatenate([[-1.0], A[1:]])
    for x, far in ((A, True), (other, True), (A, True), (other, False), (A, False), (other, False)):
        same(made(x, far), f, (x, far))


@MODES
@pytest.mark.parametrize("moved", range(6))
def test_one_entry_that_comes_later(mode, moved):
    """One new entry, in each place in turn: none goes unseen, whatever shares its colour."""
    def f(x, k, w):
        y = x * x
        y[2] = y[2] + w * x[k]
        return y
    made = jacobian(f, mode=mode, sparse=True)
    same(made(A, np.int64(moved), 0.0), f, (A, moved, 0.0))
    same(made(A, np.int64(moved), 0.5), f, (A, moved, 0.5))
    same(made(A, np.int64((moved + 1) % 6), 1e-6), f, (A, (moved + 1) % 6, 1e-6), atol=1e-9)


@pytest.mark.parametrize("mode", ["auto", "fwd"])
def test_an_entry_too_small_for_the_random_product(mode):
    """What is small beside its row is not seen there, but where a product should be zero."""
    def f(x, w):
        y = 1e3 * banded(x)
        y[0] = y[0] + w * x[1]
        return y
    made = jacobian(f, mode=mode, sparse=True)
    made(A, 0.0)
    made(A, 0.0)        # nothing is found anew
    assert made.pattern_info().entries == 14
    for w in (1e-18, 1.0):
        assert made(A, w)[0, 1] == w
    assert made.pattern_info().entries == 15


def test_a_wrong_pattern_is_an_error(monkeypatch):
    def f(x):
        return banded(x)
    made = jacobian(f, sparse=True)
    whole = SparseFunction._probed

    def lossy(self, points, mode, most):
        (rows, columns), for_now = whole(self, points, mode, most)
        return (rows[:-1], columns[:-1]), for_now
    monkeypatch.setattr(SparseFunction, "_probed", lossy)
    with pytest.raises(CompilerFault, match="not what its products say"):
        made(A)
    monkeypatch.setattr(SparseFunction, "_probed", whole)
    same(made(A), f, (A,))


def test_a_hidden_entry_is_seen_by_the_random_product(monkeypatch):
    """Of a plan that gives two columns of one row the same colour, no product is where there should be none."""
    from ad_compiler.matrices import sparse as module
    real = module.plan_of

    def careless(rows, columns, shape, mode, *, symmetric=False):
        plan = real(rows, columns, shape, mode, symmetric=symmetric)
        return module.Plan(shape, (rows, columns), mode, 0 * plan.colour, 0 * rows, rows if mode == "fwd" else columns)
    monkeypatch.setattr(module, "plan_of", careless)
    with pytest.raises(CompilerFault, match="not what its products say"):
        jacobian(lambda x: banded(x), sparse=True)(A)
    with pytest.raises(CompilerFault, match="not what its products say"):
        hessian(lambda x: chained(x), sparse=True)(A)


# -- numbers that are not finite, small, narrow -----------------------------------------------------------


@MODES
def test_infinite_slopes_and_nan(mode):
    made = jacobian(lambda x: np.sqrt(x) * 2.0, mode=mode, sparse=True)
    with np.errstate(all="ignore"):
        for _ in range(2):
            found = made(np.array([0.0, 1.0, 4.0, 9.0]))
            assert found.diagonal().tolist() == [np.inf, 1.0, 0.5, 1.0 / 3.0]
            assert np.isfinite(found.toarray()).sum() == 15
        found = made(np.array([1.0, np.nan, 4.0, 9.0])).toarray()
        assert np.isnan(found[1, 1])
        np.testing.assert_array_equal(np.delete(np.delete(found, 1, 0), 1, 1), np.diag([1.0, 0.5, 1.0 / 3.0]))
        np.testing.assert_array_equal(made(np.array([1.0, 1.0, 4.0, 9.0])).toarray(), np.diag([1.0, 1.0, 0.5, 1.0 / 3.0]))
        assert made.pattern_info().entries == 4      # NaN does not stay


@MODES
def test_nan_where_all_around_is_zero(mode):
    made = jacobian(lambda x: x * 0.0 / x, mode=mode, sparse=True)
    with np.errstate(all="ignore"):
        for _ in range(2):
            found = made(np.array([1.0, 0.0, 2.0])).toarray()
            assert np.isnan(found[1, 1])
            assert (found[0, 0], found[2, 2]) == (0.0, 0.0)
        assert made(np.ones(3)).nnz == 0


@MODES
def test_nan_at_the_first_call(mode):
    made = jacobian(lambda x: np.sqrt(x) * 2.0, mode=mode, sparse=True)
    with np.errstate(all="ignore"):
        found = made(np.array([1.0, np.nan, 4.0, -1.0])).toarray()
        assert np.isnan(found[1, 1])
        assert np.isnan(found[3, 3])
        assert (found[0, 0], found[2, 2], found[0, 2], found[2, 0]) == (1.0, 0.5, 0.0, 0.0)
        made(np.ones(4))
        assert made.pattern_info().entries == 4


def test_numbers_of_all_sizes():
    scale = 10.0 ** np.arange(-150, 150, 50)
    made = jacobian(lambda x: scale * banded(x), sparse=True)
    for x in (A, 1e-8 * A, 1e8 * A):
        np.testing.assert_allclose(made(x).toarray() / scale[:, None], jacfwd(banded)(x), rtol=1e-12)
    tiny = jacobian(lambda x: x * x + 1e-30 * x[::-1], sparse=True)(A)
    np.testing.assert_allclose(tiny.toarray()[0, 5], 1e-30)


@MODES
def test_rounding_is_no_entry_and_no_error(mode):
    def f(x):
        y = np.sin(x) * 1e8
        return (y[1:] + y[:-1]) - y[:-1] + (x[1:] * 3.0 - x[1:] - 2.0 * x[1:])
    made = jacobian(f, mode=mode, sparse=True)
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=8)
        np.testing.assert_allclose(made(x).toarray(), jacfwd(f)(x), rtol=1e-7, atol=1e-7)


def test_rounding_is_not_looked_into_at_each_call(monkeypatch):
    found, found_anew = SparseFunction._found, []
    monkeypatch.setattr(SparseFunction, "_found", lambda self, at: found_anew.append(at) or found(self, at))

    def f(x):
        return (1e12 * x[1:] + x[:-1]) - 1e12 * x[1:] * np.cos(0.0 * x[:-1])
    made = jacobian(f, sparse=True)
    for seed in range(30):
        made(np.random.default_rng(seed).normal(size=40))
    assert len(found_anew) < 6


@MODES
def test_single_precision(mode):
    made = jacobian(banded, mode=mode, sparse=True)
    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=30).astype(np.float32)
        found = made(x)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.toarray(), jacfwd(banded)(x.astype(float)), rtol=1e-5, atol=1e-5)
    assert hessian(chained, sparse=True)(x).dtype == np.float32
    wide = jacobian(lambda x: x * np.linspace(0.0, 1.0, 30), mode=mode, sparse=True)(x)
    assert wide.dtype == jacobian(lambda x: x * np.linspace(0.0, 1.0, 30), mode="fwd" if mode == "auto" else mode)(x).dtype


# -- around it ---------------------------------------------------------------------------------------------


def test_arguments_and_aux():
    def f(w, x, *rest, shift=0.0, **others):
        return np.sin(w) * x[::-1] + sum(rest) + shift * w[0], {"n": len(x)}
    args, B = (A, np.arange(6.0)), np.ones(6)
    for at, sign in ((0, 0), (1, 1), (-1, 2)):
        found, aux = jacobian(f, sign, has_aux=True, sparse=True)(*args, B, shift=0.5, more=1.0)
        assert aux == {"n": 6}
        same(found, lambda *a: f(*a, shift=0.5)[0], (*args, B), sign)
    found, aux = hessian(lambda x: (np.sum(x ** 3), x[0]), has_aux=True, sparse=True)(A)
    assert aux == A[0]
    np.testing.assert_allclose(found.diagonal(), 6.0 * A)
    assert jacobian(f, 0, has_aux=True, sparse=True)(x=A, w=A)[0].shape == (6, 6)


def test_what_it_gives_is_the_callers():
    made = jacobian(diagonal, sparse=True)
    first = made(A)
    first.data[:] = 7.0
    first.indices[:] = 0
    first.eliminate_zeros()
    same(made(A), diagonal, (A,))


def test_arguments_are_not_changed():
    def stores(x):
        x[0] = x[1] * x[2]
        return x * x
    x = A.copy()
    same(jacobian(stores, sparse=True)(x), lambda x: stores(x.copy()), (x,))
    np.testing.assert_array_equal(x, A)


def test_kept_with_the_function():
    assert jacobian(banded, sparse=True) is jacobian(banded, sparse=True)
    assert jacobian(banded, sparse=True) is not jacobian(banded, sparse=True, chunk_size=2)
    assert hessian(chained, sparse=True) is hessian(chained, sparse=True)
    same(pickle.loads(pickle.dumps(jacobian(banded, sparse=True)))(A), banded, (A,))


def test_the_other_ways_to_ask():
    same(jacfwd(banded, sparse=True)(A), banded, (A,))
    same(jacrev(banded, sparse=True)(A), banded, (A,))
    same(jacobian(banded, sparse=True, chunk_size=1)(A), banded, (A,))
    same(jacobian(dense, sparse=True, chunk_size=4)(A), dense, (A,))

    @jacobian(sparse=True)
    def decorated(x):
        return x * x
    same(decorated(A), lambda x: x * x, (A,))

    class Model:
        scale = 2.0

        @jacobian(argnums=1, sparse=True)
        def residuals(self, x):
            return self.scale * x ** 2
    same(Model().residuals(A), lambda x: 2.0 * x ** 2, (A,))
    assert "x_dot" in jacobian(banded, mode="fwd", sparse=True).source
    assert repr(jacobian(banded, sparse=True)) == "<sparse jacobian of banded>"


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_by_numba(mode):
    made = jacobian(banded, mode=mode, sparse=True, backend="numba")
    for x in (A, np.zeros(6), np.linspace(0.0, 1.0, 30)):
        same(made(x), banded, (x,))


def test_refused():
    with pytest.raises(ValueError, match="one argument"):
        jacobian(banded, (0, 1), sparse=True)
    with pytest.raises(CannotDifferentiate, match="integer"):
        jacobian(lambda n: n * 2.0, sparse=True)(np.arange(3))
    with pytest.raises(CannotDifferentiate, match="integer"):
        jacobian(lambda n: n * 2.0, sparse=True)(3)
    with pytest.raises(TypeError, match="one array of real numbers, not by a dict"):
        jacobian(lambda p: p["a"], sparse=True)({"a": A})
    with pytest.raises(TypeError, match="must return one number or one array"):
        jacobian(lambda x: (x, x), sparse=True)(A)
    with pytest.raises(CannotDifferentiate, match="no real number"):
        jacobian(lambda x: np.argsort(x), sparse=True)(A)
    with pytest.raises(CannotDifferentiate, match="single real number"):
        hessian(banded, sparse=True)(A)
    with pytest.raises(ValueError, match="chunk_size"):
        jacobian(banded, sparse=True, chunk_size=0)
    made = jacobian(banded, sparse=True)
    with pytest.raises(CannotDifferentiate, match="sparse"):
        grad(lambda x: np.sum(made(x)))(A)
    with pytest.raises(CannotDifferentiate, match="sparse"):
        grad(lambda x: np.sum(jacfwd(banded, sparse=True)(x)))(A)
    with pytest.raises(CannotDifferentiate, match="sparse"):
        vmap(made)(np.ones((2, 6)))


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=r"ad-compiler\[scipy\]"):
        jacobian(banded, sparse=True)


def test_errors_of_the_function_are_its_own():
    def f(x):
        if x[0] < 0.0:
            raise ValueError("negative")
        return np.sqrt(x)
    made = jacobian(f, sparse=True)
    with pytest.raises(ValueError, match="negative"):
        made(-np.ones(3))
    x = np.array([1e-9, 1.0, 2.0])      # beside it there are numbers for which the function raises
    np.testing.assert_allclose(made(x).toarray(), np.diag(0.5 / np.sqrt(x)))
