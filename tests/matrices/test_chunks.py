"""Jacobians made some directions at a time are those made at once."""

import pickle
import tracemalloc

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, hessian, jacfwd, jacobian, jacrev
from tests.transforms.test_jacobians import by_differences

A = np.array([0.4, 1.1, -0.7, 2.0, 0.3])
M = np.linspace(-1.0, 1.0, 15).reshape(3, 5)
JACS = pytest.mark.parametrize("jac", [jacfwd, jacrev, jacobian], ids=lambda jac: jac.__name__)
SIZES = pytest.mark.parametrize("size", [1, 3, 5, 14])


def leaves(thing):
    if isinstance(thing, dict):
        thing = list(thing.values())
    return [leaf for item in thing for leaf in leaves(item)] if isinstance(thing, (tuple, list)) else [thing]


def alike(found, want):
    mine, its = leaves(found), leaves(want)
    assert len(mine) == len(its)
    for a, b in zip(mine, its, strict=True):
        assert (np.shape(a), np.asarray(a).dtype, type(a)) == (np.shape(b), np.asarray(b).dtype, type(b))
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)
        assert not isinstance(a, np.ndarray) or a.flags.owndata or a.base.size == a.size


@JACS
@SIZES
def test_one_array(jac, size):
    for func, args, at in ((lambda w, x: np.tanh(w @ x), (M, A), 0), (lambda w, x: np.tanh(w @ x), (M, A), 1),
                           (lambda x: np.outer(x, np.sin(x)), (A,), 0), (lambda x: np.sum(x ** 3), (A,), 0),
                           (lambda x: np.array([x, x * x, 1.0]), (0.3,), 0), (lambda x: x * x, (3.0,), 0),
                           (lambda x: x * x, (A[:0],), 0), (lambda x: x[:0], (A,), 0)):
        found = jac(func, at, chunk_size=size)(*args)
        alike(found, jac(func, at)(*args))
        np.testing.assert_allclose(found, by_differences(func, args, at), rtol=1e-6, atol=1e-7)


@JACS
@SIZES
def test_structures(jac, size):
    def f(p, s, *rest, scale=1.0):
        h = np.sin(p["a"] @ p["b"]) * s * scale + rest[0][:3]
        return {"h": h, "more": (np.sum(h), p["a"].T * s)}, len(h)
    args = ({"a": M, "b": A}, 1.5, np.ones(4))
    for argnums in ((0, 1), 0, 1, (2,), -1):
        found, aux = jac(f, argnums, has_aux=True, chunk_size=size)(*args, scale=2.0)
        want, _ = jac(f, argnums, has_aux=True)(*args, scale=2.0)
        assert aux == 3
        alike(found, want)


@JACS
def test_dtypes(jac):
    a, b = M.astype(np.float32), A
    for func, argnums, args in ((lambda a, b: a * b, (0, 1), (a, b)), (lambda a, b: a @ b, 0, (a, b)),
                                (lambda a: (a * 2, a.sum(axis=0)), 0, (a,))):
        alike(jac(func, argnums, chunk_size=4)(*args), jac(func, argnums)(*args))


def test_hessians():
    def f(x, y):
        return np.sum(np.sin(x) * y) * y[0]
    alike(hessian(f, (0, 1), chunk_size=3)(A, A[::-1].copy()), hessian(f, (0, 1))(A, A[::-1].copy()))
    np.testing.assert_allclose(hessian(lambda x: np.sum(x ** 4), chunk_size=2)(A), np.diag(12.0 * A ** 2))


@pytest.mark.parametrize("jac", [jacfwd, jacrev], ids=lambda jac: jac.__name__)
def test_less_memory(jac):
    """A function that goes through arrays larger than its arguments: at once there is one for each direction."""
    def f(x):
        return np.sum(np.outer(x, x) ** 2, axis=0)
    x, peaks = np.linspace(0.0, 1.0, 60), []
    for size in (None, 4):
        made = jac(f, chunk_size=size)
        made(x)
        tracemalloc.start()
        made(x)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] / 5


def test_checked_and_around_it():
    def f(x):
        return x * x[::-1]
    made = jacfwd(f, chunk_size=2)
    made(A)
    assert made._products.by_mode["fwd"].checked.right
    np.testing.assert_allclose(grad(lambda x: np.sum(made(x)))(A), grad(lambda x: np.sum(jacfwd(f)(x)))(A))
    np.testing.assert_allclose(grad(lambda x: np.sum(jacfwd(f, chunk_size=2)(x)))(A), grad(lambda x: np.sum(made(x)))(A))
    assert repr(made) == "<<jacfwd of f>, 2 directions at a time>"
    assert made.source.startswith("def f_jacfwd")
    np.testing.assert_allclose(pickle.loads(pickle.dumps(jacobian(np.exp, chunk_size=2)))(A), np.diag(np.exp(A)))
    with pytest.raises(ValueError, match="chunk_size"):
        jacfwd(f, chunk_size=True)
    with pytest.raises(CannotDifferentiate, match="integer"):
        jacfwd(lambda n: n * 2.0, chunk_size=1)(np.arange(3))


def test_by_numba():
    def f(w, x):
        return np.tanh(w @ x)
    for jac in (jacfwd, jacrev):
        np.testing.assert_allclose(jac(f, chunk_size=2, backend="numba")(M, A), jac(f)(M, A), rtol=1e-12)
