"""Calls of the transforms that nothing else makes: what was found to be wrong, and what stands beside it."""

import functools
from collections import namedtuple

import numpy as np
import pytest

from ad_compiler import (
    CannotDifferentiate,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    jacobian,
    jvp,
    linearize,
    ravel,
    vjp,
    vmap,
)
from tests.transforms import numeric

X = np.array([0.6, -0.4, 1.1])
W = np.array([[0.3, -0.7, 0.2], [0.9, 0.4, -0.5]])
Pair = namedtuple("Pair", "a b")


def numeric_jacobian(f, x):
    return numeric.jacobian(f)(x)


def close(got, wanted, near=1e-6):
    np.testing.assert_allclose(got, wanted, rtol=near, atol=near)


# -- vmap ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [tuple, list, lambda items: Pair(*items)], ids=["tuple", "list", "named tuple"])
@pytest.mark.parametrize("held", [2.0, np.float64(2.0), 3, X])
def test_what_is_the_same_for_all_is_returned_as_it_is(make, held):
    """It was a `NameError`: the leaf of the argument stood for it in what is returned."""
    dims = make([0, None])
    xs, other = vmap(lambda p: (p[0] * 2.0, p[1]), in_dims=(dims,), out_dims=(0, None))(make([X, held]))
    close(xs, 2.0 * X)
    close(other, held)
    _, other = vmap(lambda p: (p[0], p[1]), in_dims=(dims,))(make([X, held]))
    close(other, np.stack([np.asarray(held)] * 3))


@pytest.mark.parametrize("options", [{"in_dims": True}, {"out_dims": True}, {"in_dims": (1.0,)}, {"in_dims": ("x",)}])
def test_axes_are_integers(options):
    """`True` was found as 1, where that was asked for before."""
    def f(x):
        return x * 2.0
    vmap(f, in_dims=1)(W), vmap(f, out_dims=1)(W)
    with pytest.raises(ValueError, match="integers and None"):
        vmap(f, **options)(W)
    with pytest.raises((ValueError, CannotDifferentiate), match="integers and None|must be known"):
        grad(lambda x: np.sum(vmap(lambda y: y * 2.0, **options)(x)))(W)


# -- defaults before *args -------------------------------------------------------------------------------------


def rest(x, y=2.0, *others):
    return x * y + sum(others)


def by_position(x, y=2.0, z=[1.0], /, *others, k=3.0, m=[2.0], **more):
    return x * y * z[0] + sum(others) + k * m[0]


@pytest.mark.parametrize(("f", "args", "named", "slope"), [
    (rest, (1.5,), {}, 2.0), (rest, (1.5, 3.0), {}, 3.0), (rest, (1.5, 3.0, 4.0), {}, 3.0), (by_position, (1.5,), {}, 2.0),
    (by_position, (1.5, 3.0), {}, 3.0), (by_position, (1.5, 3.0, [2.0], 4.0), {"m": [2.0], "q": 3}, 6.0)])
def test_a_call_without_what_has_a_default(f, args, named, slope):
    """The check called it with `rest=()`."""
    made = grad(f, check="always")
    assert made(*args, **named) == pytest.approx(slope)
    assert "agrees" in str(made.checked)


# -- what is called later --------------------------------------------------------------------------------------


def layer(x):
    return np.tanh(W @ x) * x[0]


def looped(x):
    h = x
    for _ in range(4):
        h = np.sin(h) * x[0]
    return h


def powers(x):
    return x ** len(x) * np.mean(x)


POINTS = [X, 2.0 * X, -0.5 * X, X[:2], X[:1], X]


@pytest.mark.parametrize("f", [layer, looped, powers, lambda x: x, lambda x: np.ones(2)])
@pytest.mark.parametrize("check", ["off", "always"])
def test_a_batch_of_what_each_of_several_has_saved(f, check):
    for x in POINTS[:3] if f is layer else POINTS:
        jac = numeric_jacobian(f, x)
        close(vmap(vjp(f, x)[1], check=check)(np.eye(len(jac)))[0], jac)
        close(vmap(vjp(f, x)[1], in_dims=1, out_dims=-1, chunk_size=2, check=check)(np.eye(len(jac)))[0], jac.T)
        close(vmap(linearize(f, x)[1], check=check)(np.eye(len(x))), jac.T)
    assert vmap(vjp(f, X)[1])(np.zeros((0, len(f(X)))))[0].shape == (0, 3)


def product(a, b):
    return a * b


def test_what_was_saved_may_be_one_array():
    for a, b in ((X, X), (X, 2.0 * X), (X, X)):
        for got, wanted in zip(vmap(vjp(product, a, b)[1])(np.eye(3)), (b, a)):
            close(got, np.diag(wanted))


def power(x, n):
    return x ** n * n


def test_integers_that_were_saved_are_those_of_each():
    for n in (1, 2, 3, 1):
        close(vmap(vjp(power, X, n)[1])(np.eye(3))[0], np.diag(n * n * X ** (n - 1)))


def test_it_is_compiled_once():
    made = {id(vmap(vjp(layer, x)[1]).__func__) for x in POINTS[:3]}
    made |= {id(vmap(vjp(layer, X)[1]).__func__)}
    assert len(made) == 1
    assert "np.tanh" not in vmap(vjp(layer, X)[1]).source_for(np.eye(2))


def test_in_the_words_of_the_call():
    pullback = vjp(layer, X)[1]
    with pytest.raises(ValueError, match=r"vmap\(Pullback, in_dims=\(0,\), ...\).*`cotangents`"):
        vmap(pullback)(1.0)
    with pytest.raises(ValueError, match=r"in_dims=\(0, 0\).* it has 2 items, 1 are given"):
        vmap(pullback, in_dims=(0, 0))(np.eye(2))
    with pytest.raises(CannotDifferentiate, match="the cotangent is float32, the output float64"):
        vmap(pullback)(np.eye(2, dtype=np.float32))
    with pytest.raises(TypeError, match="too many"):
        vmap(pullback)(np.eye(2), np.eye(2))


def test_a_tangent_inside_of_a_function_has_the_dtype_of_its_argument():
    with pytest.raises(CannotDifferentiate, match=r"tangents\[0\] is float32, primals\[0\] float64"):
        grad(lambda x: np.sum(jvp(layer, (x,), (np.ones(3, np.float32),))[1]))(X)
    assert jvp(lambda x: jvp(np.sin, (x,), (1,))[1], (0.3,), (1.0,))[1] == pytest.approx(-np.sin(0.3))


PULLBACK, LINEARIZED, UNRAVEL = vjp(layer, X)[1], linearize(layer, X)[1], ravel([X])[1]


@pytest.mark.parametrize("f", [
    lambda v: PULLBACK(v, v)[0], lambda v: PULLBACK()[0], lambda v: PULLBACK(cotangent=v)[0], lambda v: LINEARIZED(v, v),
    lambda v: UNRAVEL(v, v)[0], lambda v: UNRAVEL()[0], lambda v: vjp(layer, v)[1](v, v)[0], lambda v: vjp(layer, v)[1]()[0],
    lambda v: UNRAVEL(np.outer(v, v))[0]])
def test_arguments_that_do_not_fit_what_is_called_later(f):
    """One too many was dropped, one too few a `CompilerFault`."""
    with pytest.raises((TypeError, ValueError)):
        f(X)
    with pytest.raises((TypeError, ValueError, CannotDifferentiate)):
        grad(lambda v: np.sum(f(v)), check="off")(X)


# -- ravel -----------------------------------------------------------------------------------------------------


def writes_the_vector(v):
    w = v * 1.0
    tree = UNRAVEL(w)
    w[0] = 7.0
    return np.sum(tree[0] * v[0])


def writes_the_tree(v):
    w = v * 1.0
    tree = UNRAVEL(w)
    tree[0][0] = 7.0
    return np.sum(w * w) + np.sum(tree[0] * v)


def raveled(v):
    vector, unravel = ravel({"a": v * 2.0, "b": v[0], "n": 3, "c": 1.5, "m": np.outer(v, v)})
    tree = unravel(vector * vector)
    vector[0] = 9.0
    return np.sum(tree["a"]) * tree["b"] + tree["n"] + tree["c"] + np.sum(tree["m"][0]) * vector[0]


@pytest.mark.parametrize("f", [writes_the_vector, writes_the_tree, raveled])
def test_vectors_and_trees_inside_of_functions(f):
    close(grad(f, check="off")(X), numeric_jacobian(f, X), 1e-5)
    close(jvp(f, (X,), (X,), check="off")[1], numeric_jacobian(f, X) @ X, 1e-5)
    close(vmap(f, check="off")(np.stack([X, 2.0 * X])), [f(X), f(2.0 * X)])
    close(hessian(f, check="off")(X), numeric_jacobian(grad(f), X), 1e-5)


# -- sparse ----------------------------------------------------------------------------------------------------


def defined_at_one_point(x):
    at = np.zeros(2)
    at[int(round(x[0] * 1e5)) - 100000] = 1.0       # an error anywhere else, which the derivative does not need
    return x * x


def raises_beside(x):
    if x[0] != 1.0:
        raise RuntimeError("somewhere else")
    return x * x


@pytest.mark.parametrize("f", [defined_at_one_point, raises_beside])
@pytest.mark.parametrize("check", ["first", "always"])
def test_the_pattern_of_what_is_an_error_beside_the_point(f, check):
    """It was a `CompilerFault`."""
    for _ in range(2):
        close(jacobian(f, sparse=True, check=check)(np.array([1.0, 2.0])).toarray(), np.diag([2.0, 4.0]))


# -- methods ---------------------------------------------------------------------------------------------------


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        return np.sum(self.w * x * x)


def test_a_transform_of_a_method_is_compiled_once():
    models = [Model(1.0), Model(2.0 * X), Model(3.0)]
    for transform in (grad, functools.partial(jacobian, mode="rev")):
        for model in models:
            assert transform(model.loss) is transform(model.loss)
            close(transform(model.loss)(X), 2.0 * model.w * X)
    models[0].w = X
    close(grad(models[0].loss)(X), 2.0 * X * X)
    models[0].loss = np.sum
    close(grad(models[0].loss)(X), np.ones(3))


# -- rules that store ------------------------------------------------------------------------------------------


def in_a_loop(x, *, out, out_bar):
    bar = np.zeros(3)
    for i in range(3):
        bar[i] = 2.0 * x[i] * out_bar[i]
    return bar


def in_a_view(x, *, out, out_bar):
    bar = out_bar * 1.0
    tail = bar[1:]
    tail *= 2.0 * x[1:]
    bar[0] *= 2.0 * x[0]
    return bar


def in_what_it_is_given(x, *, out, out_bar):
    out_bar *= 2.0 * x
    return out_bar


def in_its_argument(x, *, out, out_bar):
    x *= 2.0
    x *= out_bar
    return x


def tangent(x, *, out, x_dot):
    dot = x_dot * 2.0
    dot[0] *= x[0]
    dot[1:] *= x[1:]
    return dot


def tangent_in_what_it_is_given(x, *, out, x_dot):
    x_dot *= 2.0 * x
    return x_dot


USES = {
    "alone": (lambda c, x: np.sum(c(x)), lambda x: np.sum(x * x)),
    "steep": (lambda c, x: np.sum(c(x) ** 2), lambda x: np.sum(x ** 4)),
    "of itself": (lambda c, x: np.sum(c(c(x)) * x) + np.sum(c(x)), lambda x: np.sum(x ** 5 + x * x)),
    "shared": (lambda c, x: (lambda y: np.sum(y) + np.sum(y * y))(c(x) + c(2.0 * x)), lambda x: np.sum(5.0 * x ** 2 + 25.0 * x ** 4)),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("rule", [in_a_loop, in_a_view, in_what_it_is_given, in_its_argument, tangent,
                                  tangent_in_what_it_is_given])
def test_rules_that_store(rule, use):
    """What a rule had written into what it returned was left out; what it wrote into what it was given, others saw."""
    forward = rule.__name__.startswith("tangent")
    c = (custom_jvp if forward else custom_vjp)(lambda x: x * x)
    (c.defjvp if forward else c.defvjp)(rule)
    uses, plain = USES[use]

    def f(x):
        return uses(c, x)
    slope = numeric_jacobian(plain, X)
    close(grad(f, check="off")(X), slope)
    close(vmap(grad(f), check="off")(np.stack([X, X])), [slope, slope])
    if rule is not in_a_loop:       # which has no tangent
        close(jvp(f, (X,), (X,), check="off")[1], slope @ X)
        close(hessian(f, check="off")(X), numeric_jacobian(numeric_jacobian_of(plain), X), 1e-4)


def numeric_jacobian_of(f):
    return lambda x: numeric_jacobian(f, x)


@custom_vjp
def times(x, y):
    return x * y


@times.defvjp
def times_vjp(x, y, *, out, out_bar):
    return y, x


@custom_vjp
def plus(x, y):
    return x + y


@plus.defvjp
def plus_vjp(x, y, *, out, out_bar):
    return out_bar, out_bar


@pytest.mark.parametrize("f", [times, plus])
def test_what_a_rule_returns_is_memory_of_its_own(f):
    x, y = X.copy(), 2.0 * X
    a, b = grad(lambda x, y: np.sum(f(x, y)), argnums=(0, 1))(x, y)
    assert not any(np.shares_memory(p, q) for p, q in ((a, x), (a, y), (b, x), (b, y), (a, b)))
