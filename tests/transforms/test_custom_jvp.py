"""`custom_jvp`, beside `custom_vjp`: the tangent is the user's own, forwards, transposed, to any order, in batches."""

import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from ad_compiler import (
    CannotDifferentiate,
    RuleFault,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
    vmap,
)
from tests.fd import check_against_differences
from tests.tangent.base import check_jvp

X = np.array([0.3, -1.2, 0.7])


@custom_jvp
def cube(x):
    return x ** 3


@cube.defjvp
def cube_jvp(x, *, out, x_dot):
    return 3.0 * x ** 2 * x_dot


@custom_jvp
def scaled(x, y):
    return x * np.sum(y)


@scaled.defjvp
def scaled_jvp(x, y, *, out, x_dot, y_dot):
    return x_dot * np.sum(y) + x * np.sum(y_dot)


@custom_jvp
def tenfold(x):     # the tangent is wrong on purpose, by a factor: a test sees that it is used
    return x * 1.0


@tenfold.defjvp
def tenfold_jvp(x, *, out, x_dot):
    return 10.0 * x_dot


@custom_jvp
def weighted(p, n=2, *, shift=0.0):
    return np.sum(p["w"] * p["x"][0] ** n) + shift


@weighted.defjvp
def weighted_jvp(p, n=2, *, shift=0.0, out, p_dot, shift_dot):
    x, x_dot = p["x"][0], p_dot["x"][0]
    moved = np.sum(p_dot["w"] * x ** n + p["w"] * n * x ** (n - 1) * x_dot)
    return moved if shift_dot is None else moved + shift_dot


@custom_jvp
def repeated(x, n):
    for _ in range(n):
        x = np.sin(x)
    return x


@repeated.defjvp
def repeated_jvp(x, n, *, out, x_dot):
    for _ in range(n):
        x_dot = np.cos(x) * x_dot
        x = np.sin(x)
    return x_dot


@custom_jvp
def halves(x):
    return np.where(x > 0.0, x, 0.1 * x)


@halves.defjvp
def halves_jvp(x, *, out, x_dot):
    if x.ndim == 0:
        return x_dot if x > 0.0 else 0.1 * x_dot
    return np.where(x > 0.0, x_dot, 0.1 * x_dot)


@custom_jvp
def all_of(*xs):
    return xs[0] * np.sum(xs[1]) + xs[-1]


@all_of.defjvp
def all_of_jvp(*xs, out, xs_dot):
    return xs_dot[0] * np.sum(xs[1]) + xs[0] * np.sum(xs_dot[1]) + xs_dot[-1]


@custom_jvp(kind="x")
def opaque(x):
    return np.asarray(eval("np.exp(x)", {"np": np, "x": x}))


@opaque.defjvp
def opaque_jvp(x, *, out, x_dot):
    return out * x_dot


ALL = {
    "number": (lambda x: cube(x) * x, (1.3,)),
    "array": (lambda x: np.sum(cube(x) * X), (X,)),
    "0-d": (lambda x: cube(x) * 1.0, (np.array(1.3),)),
    "length 0": (lambda x: np.sum(cube(x)), (np.zeros(0),)),
    "length 1": (lambda x: np.sum(cube(x)), (np.ones(1),)),
    "single": (lambda x: np.sum(cube(x)), (X.astype(np.float32),)),
    "two arguments": (lambda x, y: np.sum(scaled(x, y) ** 2), (X, X[1:] + 2.0)),
    "number and array": (lambda x, y: scaled(x, y) ** 2, (0.7, X)),
    "same array twice": (lambda x: np.sum(scaled(x, x)), (X,)),
    "one of them a literal": (lambda y: scaled(2.0, y), (X,)),
    "by keyword": (lambda x, y: np.sum(scaled(y=y, x=x)), (X, X)),
    "containers": (lambda w, x: weighted({"w": w, "x": [x]}) * 2.0, (X, X + 2.0)),
    "an integer": (lambda w, x, n: weighted({"w": w, "x": [x]}, n), (X, X + 2.0, 3)),
    "a loop in the rule": (lambda x, n: np.sum(repeated(x, n) * X), (X, 3)),
    "a loop that runs not at all": (lambda x, n: np.sum(repeated(x, n) * X), (X, 0)),
    "a branch in the rule": (lambda x: np.sum(halves(x) * X), (X,)),
    "any number": (lambda x, y: np.sum(all_of(x, y, y)), (X, X + 1.0)),
    "not read": (lambda x: np.sum(opaque(x) * x), (X,)),
    "in a loop": (lambda x: sum(cube(x[i]) * i for i in range(3)), (X,)),
}
EACH = pytest.mark.parametrize(("f", "args"), ALL.values(), ids=ALL)


@EACH
def test_backwards_it_is_transposed(f, args):
    numbers = tuple(n for n, x in enumerate(args) if not isinstance(x, int))
    check_against_differences(f, args, numbers)


@EACH
def test_forwards(f, args):
    check_jvp(f, args)


@pytest.mark.parametrize("name", [n for n in ALL if n not in ("length 0", "0-d", "single", "any number")])
def test_second_order(name):
    f, args = ALL[name]

    def sloped(*args):
        found = grad(f)(*args)
        return found if np.shape(found) == () else np.sum(found * np.arange(1.0, 4.0)[:len(found)])
    check_jvp(grad(f), args)
    check_against_differences(sloped, args)


def test_which_rule_is_used():
    assert grad(tenfold)(2.0) == 10.0
    assert jvp(tenfold, (2.0,), (1.0,))[1] == 10.0
    assert grad(lambda x: jvp(tenfold, (x * x,), (x,))[1])(2.0) == 10.0


def test_jacobians():
    for jac in (jacfwd, jacrev):
        np.testing.assert_allclose(jac(cube)(X), np.diag(3.0 * X ** 2))
    np.testing.assert_allclose(hessian(lambda x: np.sum(cube(x) * x))(X), np.diag(12.0 * X ** 2))


def test_vjp_and_aux():
    out, pullback = vjp(scaled, X, X + 1.0)
    np.testing.assert_allclose(out, X * np.sum(X + 1.0))
    x_bar, y_bar = pullback(X)
    np.testing.assert_allclose(x_bar, X * np.sum(X + 1.0))
    np.testing.assert_allclose(y_bar, np.full(3, X @ X))
    (value, aux), bar = value_and_grad(lambda x: (np.sum(cube(x)), cube(x)), has_aux=True)(X)
    np.testing.assert_allclose(aux, X ** 3)
    np.testing.assert_allclose((value, *bar), (np.sum(X ** 3), *3.0 * X ** 2))


@pytest.mark.parametrize("f", [cube, halves, opaque, lambda x: repeated(x, 2)])
def test_in_a_batch(f):
    xs = np.stack([X, X + 2.0, -X])
    np.testing.assert_allclose(vmap(f)(xs), np.stack([f(x) for x in xs]))
    one = grad(lambda x: np.sum(f(x) * x))
    np.testing.assert_allclose(vmap(one)(xs), np.stack([one(x) for x in xs]))
    np.testing.assert_allclose(grad(lambda xs: np.sum(vmap(f)(xs) * xs))(xs), np.stack([one(x) for x in xs]))
    two = hessian(lambda x: np.sum(f(x) * x))
    np.testing.assert_allclose(vmap(two)(xs), np.stack([two(x) for x in xs]))


def test_no_derivative_passes_where_none_is_to():
    def f(x):
        with no_grad():
            y = cube(x)
        return np.sum(y * x)
    np.testing.assert_allclose(grad(f)(X), X ** 3)


class Layer:
    def __init__(self, gain, row=1.0):
        self.gain, self.row = gain, row

    @custom_jvp
    def apply(self, x):
        return self.gain * x * x

    @apply.defjvp
    def apply_jvp(self, x, *, out, x_dot):
        return 2.0 * self.gain * x * x_dot * self.row

    def loss(self, x):
        return np.sum(self.apply(x) * x)


def test_a_method():
    layer = Layer(2.0)
    loss = grad(layer.loss)
    np.testing.assert_allclose(loss(X), 6.0 * X * X)
    layer.gain = 3.0
    np.testing.assert_allclose(loss(X), 9.0 * X * X)
    np.testing.assert_allclose(grad(lambda x: np.sum(layer.apply(x)))(X), 6.0 * X)
    np.testing.assert_allclose(jvp(layer.loss, (X,), (X,))[1], np.sum(9.0 * X ** 3))
    np.testing.assert_allclose(hessian(layer.loss)(X), np.diag(18.0 * X))


def test_a_shape_that_only_the_object_knows():
    layer = Layer(2.0, np.ones((1, 3)))
    for asked in (lambda: grad(layer.loss)(X), lambda: jvp(layer.loss, (X,), (X,))):
        with pytest.raises(RuleFault, match="the tangent of `apply` has not the shape of its result"):
            asked()


@dataclass
class Pair:
    a: np.ndarray
    b: np.ndarray


def test_a_dataclass():
    @custom_jvp
    def product(pair):
        return np.sum(pair.a * pair.b)

    @product.defjvp
    def product_jvp(pair, *, out, pair_dot):
        return np.sum(pair_dot.a * pair.b + pair.a * pair_dot.b)

    bar = grad(lambda pair: product(pair) * 2.0)(Pair(X, X + 1.0))
    np.testing.assert_allclose(bar.a, 2.0 * (X + 1.0))
    np.testing.assert_allclose(bar.b, 2.0 * X)
    assert jvp(lambda a: product(Pair(a, X)), (X,), (X,))[1] == pytest.approx(X @ X)


def test_a_branch_on_a_value():
    @custom_jvp
    def f(x):
        return abs(x)

    @f.defjvp
    def f_jvp(x, *, out, x_dot):
        return x_dot if x > 0.0 else -x_dot
    assert jvp(f, (-2.0,), (3.0,))[1] == -3.0
    with pytest.raises(CannotDifferentiate, match=r"the tangent of `f` cannot be transposed: a rule branches[\s\S]*defvjp"):
        grad(f)(-2.0)


def test_both_forms():
    @custom_vjp
    def f(x):
        return x * 1.0

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return 2.0 * out_bar
    assert jvp(f, (3.0,), (1.0,))[1] == 2.0         # transposed

    @f.defjvp
    def f_jvp(x, *, out, x_dot):
        return 5.0 * x_dot
    assert (grad(f)(3.0), jvp(f, (3.0,), (1.0,))[1]) == (2.0, 5.0)
    with pytest.raises(ValueError, match="`f` has a tangent already"):
        f.defjvp(f_jvp)
    with pytest.raises(ValueError, match="`f` has a derivative already"):
        f.defvjp(f_vjp)


def test_a_derivative_given_after_the_tangent_is_used_from_then_on():
    @custom_jvp
    def f(x):
        return x * 1.0

    @f.defjvp
    def f_jvp(x, *, out, x_dot):
        return 5.0 * x_dot
    derivative = grad(f)
    assert derivative(3.0) == 5.0

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return 2.0 * out_bar
    assert (derivative(3.0), jvp(f, (3.0,), (1.0,))[1]) == (2.0, 5.0)


SCALE = [2.0]


@custom_jvp
def of_the_world(x):
    return x * 2.0


@of_the_world.defjvp
def of_the_world_jvp(x, *, out, x_dot):
    return SCALE[0] * x_dot


def test_what_a_tangent_reads_of_the_world_is_what_it_is_now(monkeypatch):
    def f(x):
        return of_the_world(x) * 1.0
    np.testing.assert_array_equal(jvp(f, (X,), (X,))[1], 2.0 * X)
    monkeypatch.setattr("tests.transforms.test_custom_jvp.SCALE", [3.0])
    np.testing.assert_array_equal(jvp(f, (X,), (X,))[1], 3.0 * X)
    SCALE[0] = 7.0
    np.testing.assert_array_equal(vmap(lambda x: jvp(f, (x,), (x,))[1])(X), 7.0 * X)
    with pytest.raises(CannotDifferentiate, match=r"the tangent of `of_the_world` reads names[\s\S]*defvjp"):
        grad(lambda x: np.sum(of_the_world(x)))(X)
    with pytest.raises(CannotDifferentiate, match="the tangent of `of_the_world` reads names of its own"):
        grad(lambda x: np.sum(jvp(f, (x,), (x,))[1]))(X)


def test_it_is_the_function():
    assert cube(2.0) == 8.0 and cube.__name__ == "cube" and repr(cube) == "<custom_jvp cube>"
    assert pickle.loads(pickle.dumps(cube)) is cube
    assert cube_jvp(2.0, out=8.0, x_dot=1.0) == 12.0


# -- errors ---------------------------------------------------------------------------------------------


def test_parameters_must_be_those_of_the_function():
    @custom_jvp
    def f(x, y):
        return x * y

    with pytest.raises(TypeError, match=r"`g` takes \(x\), `f` \(x, y\)"):
        @f.defjvp
        def g(x, *, out, x_dot): ...
    with pytest.raises(TypeError, match="`g` takes `z_dot`, which is no tangent of a parameter of `f`: these are x_dot, y_dot"):
        @f.defjvp
        def g(x, y, *, out, z_dot): ...
    with pytest.raises(TypeError, match="must take `out` by keyword: def g"):
        @f.defjvp
        def g(x, y, *, x_dot): ...
    with pytest.raises(TypeError, match="`g` takes no tangent: one or more of x_dot, y_dot"):
        @f.defjvp
        def g(x, y, *, out): ...
    with pytest.raises(TypeError, match=r"`g` takes \(x, y, x_dot\)"):
        @f.defjvp
        def g(x, y, x_dot, *, out, y_dot): ...


def made(tangent):
    @custom_jvp
    def f(x):
        return x * 1.0
    f.defjvp(tangent)
    return f


WRONG = {
    "of a number": (lambda x, *, out, x_dot: np.sum(x_dot), "gives a tangent of 0 axes for an array of 1"),
    "shorter": (lambda x, *, out, x_dot: x_dot[1:], "gives a tangent of other lengths"),
    "of length 1": (lambda x, *, out, x_dot: x_dot[:1], "gives a tangent of other lengths"),
    "None": (lambda x, *, out, x_dot: None, "returns None"),
    "a tuple": (lambda x, *, out, x_dot: (x_dot, x_dot), "gives a tuple for an array"),
}


@pytest.mark.parametrize(("tangent", "message"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused(tangent, message):
    f = made(tangent)
    with pytest.raises(CannotDifferentiate, match=message):
        grad(lambda x: np.sum(f(x)))(X)
    with pytest.raises(CannotDifferentiate, match=message):
        jvp(f, (X,), (X,))


def test_a_shape_that_is_known_at_run_time_only():
    sizes = [2]
    f = made(lambda x, *, out, x_dot: np.ones(sizes[0]))
    with pytest.raises(RuleFault, match=r"the tangent of `f` has not the shape of its result: \(2,\) beside \(3,\)"):
        jvp(f, (X,), (X,))


@pytest.mark.parametrize("tangent", [
    lambda x, *, out, x_dot: x_dot * x_dot,
    lambda x, *, out, x_dot: np.abs(x_dot),
    lambda x, *, out, x_dot: np.where(x_dot > 0.0, x_dot, 2.0 * x_dot),
    lambda x, *, out, x_dot: x_dot * np.exp(np.sum(x_dot)),
])
def test_what_is_not_linear_is_refused_backwards(tangent):
    f = made(tangent)
    with pytest.raises(CannotDifferentiate, match="the tangent of `f` is not linear in the tangents"):
        grad(lambda x: np.sum(f(x)))(X)


def test_a_tangent_that_is_not_taken_is_not_zero():
    @custom_jvp
    def f(x, y):
        return x * y

    @f.defjvp
    def f_jvp(x, y, *, out, x_dot):
        return x_dot * y
    assert grad(lambda x: f(x, 3.0) * 2.0)(2.0) == 6.0
    assert grad(f)(2.0, 3.0) == 3.0
    for asked in (lambda: grad(f, 1)(2.0, 3.0), lambda: jvp(f, (2.0, 3.0), (1.0, 1.0)),
                  lambda: grad(lambda x: f(x, x))(2.0)):
        with pytest.raises(CannotDifferentiate, match="takes no `y_dot`, but `y` is differentiated"):
            asked()


def test_what_a_tangent_raises_is_raised():
    def tangent(x, *, out, x_dot):
        raise KeyError("mine")
    with pytest.raises(KeyError, match="mine"):
        jvp(made(tangent), (X,), (X,))


def test_keyword_only_arguments():
    def f(s):
        return weighted({"w": X, "x": [X]}, shift=s)
    assert jvp(f, (2.0,), (3.0,))[1] == 3.0
    with pytest.raises(CannotDifferentiate, match=r"`shift`, which is given by keyword alone[\s\S]*by position"):
        grad(f)(2.0)


def test_of_custom_vjp_too():
    @custom_vjp
    def power(x, *, scale=1.0):
        return scale * x ** 2

    @power.defvjp
    def power_vjp(x, *, scale=1.0, out, out_bar):
        return 2.0 * scale * x * out_bar
    assert grad(lambda x: power(x, scale=3.0))(2.0) == 12.0
    with pytest.raises(CannotDifferentiate, match="`scale`, which is given by keyword alone"):
        grad(lambda s: power(2.0, scale=s))(3.0)
    with pytest.raises(CannotDifferentiate, match="given by keyword alone"):
        jvp(lambda s: power(2.0, scale=s), (3.0,), (1.0,))


def test_dicts_of_custom_vjp():
    @custom_vjp
    def product(p):
        return np.sum(p["a"] * p["b"])

    @product.defvjp
    def product_vjp(p, *, out, out_bar):
        return {"a": 3.0 * out_bar * p["b"], "b": 5.0 * out_bar * p["a"]}
    bar = grad(product)({"a": X, "b": X + 1.0})
    np.testing.assert_allclose(bar["a"], 3.0 * (X + 1.0))
    np.testing.assert_allclose(bar["b"], 5.0 * X)
    assert jvp(lambda a: product({"a": a, "b": X}), (X,), (X,))[1] == pytest.approx(3.0 * X @ X)


def test_a_structure_that_is_not_that_of_the_argument():
    @custom_vjp
    def product(p):
        return np.sum(p["a"] * p["b"])

    @product.defvjp
    def product_vjp(p, *, out, out_bar):
        return {"a": out_bar * p["b"]}
    with pytest.raises(CannotDifferentiate, match="of another structure than the dict that it is for"):
        grad(product)({"a": X, "b": X})


@pytest.mark.parametrize("count", [1, 5])
def test_the_length_of_a_cotangent(count):
    @custom_vjp
    def f(x):
        return np.sum(x * x)

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar * np.ones(count)

    @custom_vjp
    def g(x):
        return np.sum(x * x)

    if count == 1:
        @g.defvjp
        def g_vjp(x, *, out, out_bar):
            return out_bar * np.ones(1)
    else:
        @g.defvjp
        def g_vjp(x, *, out, out_bar):
            return out_bar * np.ones(5)
    with pytest.raises(RuleFault, match=rf"a cotangent of shape \({count},\) for an argument of shape \(3,\)"):
        grad(lambda x: f(x) * 2.0, check="off")(X)
    with pytest.raises((RuleFault, CannotDifferentiate), match="a cotangent of (shape|other lengths)"):
        grad(lambda x: g(x) * 2.0, check="off")(X)


def test_it_is_used_outside():
    def f(x):
        @custom_jvp
        def g(x):
            return x
        return g(x)
    with pytest.raises(CannotDifferentiate):
        grad(f)(2.0)


def test_numba_says_what_it_cannot_compile():
    pytest.importorskip("numba")
    with pytest.raises(CannotDifferentiate, match="`cube` is a custom_jvp, which Numba cannot call"):
        grad(lambda x: cube(x) * x, backend="numba")(2.0)


def test_without_a_tangent_it_is_refused():
    @custom_jvp
    def f(x):
        return x
    with pytest.raises(CannotDifferentiate, match=r"`f` is a custom_jvp that has no derivative[\s\S]*@f\.defjvp"):
        grad(lambda x: f(x) * x)(2.0)


def test_math():
    @custom_jvp(kind="number")
    def root(x):
        return math.sqrt(eval("x"))

    @root.defjvp
    def root_jvp(x, *, out, x_dot):
        return x_dot / (2.0 * out)
    assert grad(grad(lambda x: root(x) * 1.0))(4.0) == pytest.approx(-0.25 / 8.0)
