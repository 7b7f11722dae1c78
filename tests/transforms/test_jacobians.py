"""`jacfwd`, `jacrev`, `jacobian`, `hessian`, `hvp` beside central differences, one number of the arguments at a time."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, no_grad, vmap
from ad_compiler.jacobians import JacobianFunction, kept_with
from ad_compiler.spec import JacobianSpec

A, B = np.array([0.4, 1.1, -0.7]), np.array([1.5, -0.2, 0.9])
M = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
BOTH = pytest.mark.parametrize("jac", [jacfwd, jacrev, jacobian], ids=lambda jac: jac.__name__)


def by_differences(func, args, at, eps=1e-6):
    """The Jacobian of one output array by one argument."""
    x = np.asarray(args[at], float)
    columns = []
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = eps
        ends = [np.asarray(func(*args[:at], (x + sign * step)[()], *args[at + 1:])) for sign in (1, -1)]
        columns.append((ends[0] - ends[1]) / (2 * eps))
    out = np.asarray(func(*args))
    return np.stack(columns, axis=-1).reshape(out.shape + x.shape) if columns else np.zeros(out.shape + x.shape)


def product(w, x):
    return np.tanh(w @ x)


def outer(x):
    return np.outer(x, np.sin(x))


def number(x):
    return np.sum(x * x[::-1])


def loop(x, n):
    y = x * 1.0
    for i in range(n):
        y[i % len(y)] = np.sin(y[i % len(y)] * x[0])
    return y


def branch(x):
    if x[0] > 0.0:
        return x * x
    return np.exp(x)


def whiles(x):
    y = x
    while np.sum(y) < 10.0:
        y = y * 1.5 + 0.1
    return y


def scalar(x):
    return np.array([x, x * x, np.sin(x)])


def of_view(x):
    y = x.reshape(-1)
    return y[::2] * y[1::2]


@BOTH
@pytest.mark.parametrize(("func", "args", "at"), [
    (product, (M, A), 0), (product, (M, A), 1), (outer, (A,), 0), (number, (A,), 0), (loop, (A, 5), 0),
    (loop, (A, 0), 0), (branch, (A,), 0), (branch, (-A,), 0), (whiles, (np.abs(A),), 0), (scalar, (0.3,), 0),
    (scalar, (np.float64(0.3),), 0), (of_view, (M,), 0), (outer, (A[:1],), 0), (np.exp, (A,), 0), (outer, (A[:0],), 0),
])
def test_against_differences(jac, func, args, at):
    found = jac(func, at)(*args)
    want = by_differences(func, args, at)
    assert np.shape(found) == want.shape
    np.testing.assert_allclose(found, want, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("jac", [jacfwd, jacrev], ids=lambda jac: jac.__name__)
@pytest.mark.parametrize(("func", "args", "at"), [
    (product, (M, A), 1), (outer, (A,), 0), (number, (A,), 0), (loop, (A, 5), 0), (branch, (A,), 0),
])
def test_by_numba(jac, func, args, at):
    found = jac(func, at, backend="numba")(*args)
    np.testing.assert_allclose(found, by_differences(func, args, at), rtol=1e-6, atol=1e-8)


@BOTH
def test_structures(jac):
    def f(p, s):
        h = np.sin(p["a"] @ p["b"]) * s
        return {"h": h, "sum": (np.sum(h),)}
    args = {"a": M, "b": A}, 1.5
    found = jac(f, (0, 1))(*args)
    parts = {"h": lambda a, b, s: f({"a": a, "b": b}, s)["h"], "sum": lambda a, b, s: f({"a": a, "b": b}, s)["sum"][0]}
    for name, part in parts.items():
        place = found[name] if name == "h" else found[name][0]
        for mine, at in ((place[0]["a"], 0), (place[0]["b"], 1), (place[1], 2)):
            want = by_differences(part, (M, A, 1.5), at)
            assert np.shape(mine) == want.shape
            np.testing.assert_allclose(mine, want, rtol=1e-6, atol=1e-8)


@BOTH
def test_aux(jac):
    found, aux = jac(lambda x: (x * x, {"n": 3, "x": x + 1.0}), has_aux=True)(A)
    np.testing.assert_allclose(found, np.diag(2 * A))
    np.testing.assert_array_equal(aux["x"], A + 1.0)


@BOTH
def test_what_is_held_still(jac):
    def f(x):
        with no_grad():
            scale = np.sum(x)
        return scale * x
    np.testing.assert_allclose(jac(f)(A), np.sum(A) * np.eye(3))


@BOTH
def test_the_same_array_twice_and_stores_into_it(jac):
    both = jac(lambda x, y: x * y[::-1], (0, 1))(A, A)
    np.testing.assert_allclose(both[0], np.diag(A[::-1]))
    np.testing.assert_allclose(both[1], np.diag(A)[:, ::-1])

    def stores(x):
        x[0] = 5.0 * x[1]
        return x * x
    x = A.copy()
    np.testing.assert_allclose(jac(stores)(x), by_differences(lambda x: stores(x.copy()), (A,), 0), rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(x, A)


@BOTH
def test_single_precision(jac):
    found = jac(outer)(A.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_differences(outer, (A,), 0), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("rows", "columns", "way"), [(9, 2, "_dot"), (2, 9, "_bar"), (3, 3, "_dot")])
def test_the_way_is_the_shorter_one(rows, columns, way):
    def f(w, x):
        return np.tanh(w @ x)
    made = jacobian(f, 1)
    made(np.ones((rows, columns)), np.ones(columns))
    assert way in made.source


def test_second_derivatives():
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    found = hessian(rosenbrock)(A)
    np.testing.assert_allclose(found, found.T)
    np.testing.assert_allclose(found, by_differences(grad(rosenbrock), (A,), 0), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(hvp(rosenbrock, (A,), (B,)), found @ B)


def test_second_derivatives_by_several():
    def f(x, y):
        return np.sum(np.sin(x) * y) * y[0]
    found = hessian(f, (0, 1))(A, B)
    g = grad(f, (0, 1))
    for i in range(2):
        for j in range(2):
            want = by_differences(lambda x, y, i=i: g(x, y)[i], (A, B), j)
            np.testing.assert_allclose(found[i][j], want, rtol=1e-6, atol=1e-8)
    along = hvp(f, (A, B), (B, A))
    for i in range(2):
        np.testing.assert_allclose(along[i], found[i][0] @ B + found[i][1] @ A)


def test_inside_of_others():
    def f(x):
        return np.sin(x) * x[::-1]

    def norm(x):
        return np.sum(jacfwd(f)(x) ** 2) + np.sum(jacrev(f)(x))
    np.testing.assert_allclose(grad(norm)(A), by_differences(norm, (A,), 0), rtol=1e-6, atol=1e-8)
    rows = np.stack([A, B])
    np.testing.assert_allclose(vmap(jacfwd(f))(rows), [jacfwd(f)(row) for row in rows])
    np.testing.assert_allclose(jacfwd(jacrev(f))(A), by_differences(jacrev(f), (A,), 0), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("func", [np.exp, np.sqrt, lambda x: np.logaddexp(0.0, x) / x, lambda x: x ** 1.5])
def test_what_is_exact_at_zero_is_done_for_all_directions_at_once(func):
    x = np.abs(A)
    for jac in (jacfwd, jacrev):
        np.testing.assert_allclose(jac(func)(x), by_differences(func, (x,), 0), rtol=1e-6, atol=1e-8)
        assert "for " not in jac(func).source_for(x).partition("#")[0]


def test_checked_and_compiled_once():
    def f(x):
        return np.outer(x, np.sin(x))
    made = jacfwd(f)
    assert jacfwd(f) is made
    made(A)
    made(B)
    assert made.cache_info().misses == 1
    assert made.checked.right
    assert kept_with(JacobianFunction, JacobianSpec(f, mode="fwd", made="jacfwd")) is made


def test_refused():
    with pytest.raises(CannotDifferentiate, match="no real number"):
        jacfwd(lambda x: np.argsort(x))(A)
    with pytest.raises(CannotDifferentiate, match="integer"):
        jacfwd(lambda n: n * 2.0)(3)
    with pytest.raises(ValueError, match="mode must be"):
        jacobian(outer, mode="reverse")
    with pytest.raises(CannotDifferentiate, match="single real number"):
        hessian(outer)(A)


def test_a_branch_of_which_one_arm_binds_nothing():
    """Of what the other arm has not bound the cotangents are zero, of no shape that could be asked for."""
    def f(x):
        if x[0] > 1.0:
            y = np.exp(x)
        else:
            y = x ** 3
        return y * x[1]

    def slope(x):
        out, out_dot = jvp(f, (x,), (x,))
        return np.sum(out) + np.sum(out_dot * np.arange(1.0, 4.0))
    for x in (np.array([0.5, 0.7, 0.9]), np.array([1.5, 0.7, 0.9])):
        g = grad(slope)
        wanted = [(g(x + h) - g(x - h)) / 2e-6 for h in 1e-6 * np.eye(3)]
        np.testing.assert_allclose(jacrev(g)(x), np.transpose(wanted), rtol=1e-6, atol=1e-6)
