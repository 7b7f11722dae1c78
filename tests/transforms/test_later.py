"""What `vjp` and `linearize` give to be called later: of what it was made, alone and inside other transforms."""

import functools

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap
from ad_compiler.forward import LinearizeFunction
from ad_compiler.kept import kept_with
from ad_compiler.spec import LinearizeSpec

X = np.array([0.5, 1.2, 0.3])
C = np.array([1.0, -2.0, 0.5])
close = np.testing.assert_allclose


def waves(x):
    return np.sin(x) * x[0]


def slopes(x):
    matrix = np.diag(np.cos(x) * x[0])
    matrix[:, 0] += np.sin(x)
    return matrix


def looped(x):
    h = x[0]
    for v in x:
        h = np.sin(h) * v
    return h


def branched(x, y):
    z = np.exp(x) * y if x[0] > 0 else x ** 3
    return {"z": z, "n": 3}


def stored(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] ** 2
    y[0] += x[1]
    return y, x


def searched(x):
    h = x
    while np.sum(h) < 9.0:
        h = h * 1.5 + np.sin(x)
    return h


@pytest.mark.parametrize(("func", "primals"), [(waves, (X,)), (looped, (X,)), (branched, (X, 2.0)), (branched, (-X, 2.0)),
                                               (stored, (X,)), (searched, (X,)), (np.sin, (X,)), (np.sin, (0.3,))])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_what_is_pushed_is_the_tangent(func, primals, backend):
    out, push = linearize(func, *primals, backend=backend, check="full")
    for scale in (1.0, -3.0):
        dots = tuple(scale * (np.asarray(x) + 0.3)[()] for x in primals)
        wanted = jvp(func, primals, dots)
        for got, want in zip(leaves((out, push(*dots))), leaves(wanted), strict=True):
            close(got, want, rtol=1e-12)
            assert np.asarray(got).dtype == np.asarray(want).dtype


def leaves(thing):
    if isinstance(thing, dict):
        thing = tuple(thing.values())
    return [leaf for item in thing for leaf in leaves(item)] if isinstance(thing, tuple) else [thing]


def test_the_texts_of_a_linearized_function():
    assert kept_with(LinearizeFunction, LinearizeSpec(looped, 1)).source_for(X) == '''\
def looped_linearize(x):
    h = x[0]
    n = len(x)
    x_list = x.tolist()
    h_2 = h
    for i in range(n):
        v = x_list[i]
        h_2 = np.sin(h_2) * v
    x = x.copy()
    return h_2, (h, n, x)


def looped_tangent(h, n, x, x_dot):
    h_dot = x_dot[0]
    x_list = x.tolist()
    x_dot_list = x_dot.tolist()
    for i in range(n):
        v = x_list[i]
        s = np.sin(h)
        h_dot = h_dot * np.cos(h) * v + s * x_dot_list[i]
        h = s * v
    return h_dot
'''


def test_what_changes_later_does_not_count():
    x, scale = X.copy(), np.ones(3)

    def f(x):
        return np.sin(scale * x)
    _, push = linearize(f, x)
    _, pull = vjp(f, x)
    x[:], scale[:] = 9.0, 7.0
    close(push(C), np.cos(X) * C)
    close(pull(C)[0], np.cos(X) * C)


def test_tangents_must_fit():
    _, push = linearize(waves, X)
    with pytest.raises(TypeError, match="takes 1 tangents, 2 are given"):
        push(X, X)
    with pytest.raises(ValueError, match="linearize: tangents"):
        push(X[:2])
    with pytest.raises(ValueError, match="name at least one argument"):
        linearize(waves)


def test_draws_in_a_loop_cannot_be_done_again():
    def walk(x, rng=np.random.default_rng(0)):
        for _ in range(len(x)):
            x = np.sin(x) * rng.normal()
        return x
    with pytest.raises(CannotDifferentiate, match="draws random numbers"):
        linearize(walk, X)


# -- inside other transforms -------------------------------------------------------------------------------


def test_unit_vectors_give_the_jacobian():
    _, pull = vjp(waves, X)
    _, push = linearize(waves, X)
    close(vmap(pull)(np.eye(3))[0], slopes(X))
    close(vmap(push, out_dims=1)(np.eye(3)), slopes(X))
    close(jacrev(lambda c: pull(c)[0])(C), slopes(X).T)
    close(jacfwd(push)(C), slopes(X))


def test_derivatives_go_through_cotangents_and_tangents():
    _, pull = vjp(waves, X)
    _, push = linearize(waves, X)
    for later, matrix in ((lambda c: pull(c)[0], slopes(X).T), (push, slopes(X))):
        close(grad(lambda c, later=later: np.sum(later(c) ** 2))(C), 2.0 * matrix.T @ matrix @ C)
        close(jvp(later, (C,), (X,))[1], matrix @ X)
        close(hessian(lambda c, later=later: np.sum(later(c) ** 2))(C), 2.0 * matrix.T @ matrix, atol=1e-12)


@pytest.mark.parametrize(("func", "primals"), [(looped, (X,)), (branched, (X, 2.0)), (stored, (X,)), (searched, (X,))])
def test_of_loops_branches_and_stores(func, primals):
    out, pull = vjp(func, *primals)
    bars = [grad(functools.partial(pull_one, pull, out, n))(C if np.ndim(leaf) else 1.0)
            for n, leaf in enumerate(leaves(out)) if np.asarray(leaf).dtype.kind == "f"]
    _, push = linearize(func, *primals)
    dots = leaves(push(*(np.ones(np.shape(x))[()] for x in primals)))
    for bar, dot in zip(bars, dots, strict=False):
        close(bar, dot, atol=1e-12)     # both are the sum of each row of the Jacobian


def pull_one(pull, out, at, c):
    if isinstance(out, dict):
        bars = pull({"z": c, "n": 3})
    elif isinstance(out, tuple):
        bars = pull((c, np.zeros(3)) if at == 0 else (np.zeros(3), c))
    else:
        bars = pull(c)
    s = 0.0
    for bar in bars:
        s = s + np.sum(bar)
    return s


def test_cotangents_and_tangents_inside_must_fit():
    _, pull = vjp(waves, X)
    _, push = linearize(waves, X)
    with pytest.raises(CannotDifferentiate, match="the cotangent is a tuple, the output a array"):
        vmap(pull)((np.eye(3),))
    with pytest.raises(CannotDifferentiate, match="2 tangents are given, of 1 arguments"):
        grad(lambda c: np.sum(push(c, c)))(C)
    for later in (pull, push):
        with pytest.raises(ValueError, match="two axes differ in length"):
            vmap(later)(np.ones((4, 2)))


def test_inside_they_are_made_of_what_stands_there():
    def f(x):
        y = x * 1.0
        out, push = linearize(waves, y)
        y[:] = 0.0
        return np.sum(push(x) * out)
    step = 1e-6
    wanted = [(f(X + d) - f(X - d)) / (2.0 * step) for d in step * np.eye(3)]
    close(grad(f)(X), wanted, rtol=1e-7)
    close(vmap(f)(np.stack([X, C])), [f(X), f(C)])
    close(grad(lambda x: hessian(lambda y: np.sum(y ** 4))(x)[0, 0])(X), [24.0 * X[0], 0.0, 0.0])


def quiet_around(x):
    with np.errstate(all="ignore"):
        for i in range(3):
            x[i] = np.log(x[i]) * x[2]
    return np.sum(x * x)


def quiet_in_a_loop(x):
    for i in range(3):
        with np.errstate(divide="ignore"), np.errstate(over="ignore"):
            x[i] = np.log(x[i]) * x[2]
    return np.sum(x * x)


@pytest.mark.parametrize("f", [quiet_around, quiet_in_a_loop], ids=lambda f: f.__name__)
def test_a_manager_is_entered_again_for_tangents(f):
    x, v = np.array([0.7, 1.3, 2.1]), np.array([0.3, 0.5, 0.7])
    out, along = linearize(f, x)
    assert out == pytest.approx(f(x.copy()))
    slope = (f(x + 1e-6 * v) - f(x - 1e-6 * v)) / 2e-6
    assert along(v) == along(v) == pytest.approx(slope)


def test_a_manager_that_may_be_entered_once_only_is_refused(tmp_path):
    (tmp_path / "empty").write_text("")

    def f(x):
        with open(tmp_path / "empty"):
            for i in range(3):
                x[i] = x[i] * x[2]
        return np.sum(x)
    with pytest.raises(CannotDifferentiate, match="entered twice"):
        linearize(f, np.ones(3))


def test_what_a_loop_has_saved_is_not_called_outside_of_it():
    def f(x, y):
        for i in range(2):
            _, pullback = vjp(lambda z: z * y * i, x)
            y[i] = 2.0 * x[0]
        return np.sum(pullback(x)[0] * y)
    with pytest.raises(CannotDifferentiate, match="called outside of it"):
        grad(f)(X, C)


def folded(a, z):
    return z * a[0] if len(a) < 2 else 0.5 * folded(a[1:], z) + a[0]


def out_of_a_dict(x, q):
    m = np.outer(q["b"], x)
    m[0, 1:] = q["b"][:-1]
    return folded(m.sum(axis=1), 2.0) + np.sum(m * q["a"])


def test_what_is_read_out_of_an_argument_and_called_again():
    """The call gives the output and its tangent at once: the output is computed with tangents that are zero."""
    q = {"a": np.array([0.5, -1.0, 2.0]), "b": np.linspace(-1.0, 1.0, 3)}
    dots = np.ones(3), {"a": -np.ones(3), "b": np.array([1.0, 0.0, 2.0])}
    out, push = linearize(out_of_a_dict, X, q)
    close(out, out_of_a_dict(X, q))

    def at(h):
        return out_of_a_dict(X + h * dots[0], {key: q[key] + h * dots[1][key] for key in q})
    close(push(*dots), (at(1e-5) - at(-1e-5)) / 2e-5, atol=1e-8)
