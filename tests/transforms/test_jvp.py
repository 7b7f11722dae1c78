"""`jvp` and `linearize` as people call them: structures, errors, composition, what is compiled when."""

import copy
import functools
import math
import pickle
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, jvp, linearize, value_and_grad, vjp, vmap
from ad_compiler.forward import jvp_function
from tests.corpus.base import normal
from tests.tangent.base import check_jvp

X, V = normal(4), normal(4, seed=1)


def cubed(x):
    return x * x * x


def wave(x):
    return np.sum(np.sin(x) * x[::-1])


def hessian_of_wave(x, eps=1e-5):
    """By differences of the gradient, which is written out."""
    def slope(x):
        return np.cos(x) * x[::-1] + np.sin(x[::-1])
    return np.array([(slope(x + eps * e) - slope(x - eps * e)) / (2 * eps) for e in np.eye(len(x))])


Pair = namedtuple("Pair", "w b")


@dataclass
class Layer:
    w: object
    b: object
    name: str = "layer"


# -- structures ----------------------------------------------------------------------------------------------


def test_the_output_and_its_tangent():
    assert jvp(cubed, (2.0,), (1.0,)) == (8.0, 12.0)
    out, dot = jvp(lambda x, y: x * y, (X, 2.0), (V, 0.5))
    np.testing.assert_array_equal(out, X * 2.0)
    np.testing.assert_array_equal(dot, V * 2.0 + X * 0.5)


def test_containers_in_and_out():
    def f(p, q):
        return {"sum": p["w"] + q[0], "parts": (q[1] * p["b"], [p["w"][0], 3, None, "text"]), "n": len(p["w"])}
    primals = {"w": X, "b": 2.0}, [V, 3.0]
    out, dot = jvp(f, primals, ({"b": 1.0, "w": V}, [X, 0.5]))
    np.testing.assert_allclose(dot["sum"], V + X)
    assert dot["parts"] == (0.5 * 2.0 + 3.0 * 1.0, [V[0], 0, None, "text"])
    assert dot["n"] == 0
    assert list(out) == list(dot)
    check_jvp(f, primals)


def test_named_tuples_and_dataclasses():
    out, dot = jvp(lambda p: Pair(p.w * p.b, p.b), (Pair(X, 2.0),), (Pair(V, 1.0),))
    assert type(out) is type(dot) is Pair
    np.testing.assert_allclose(dot.w, V * 2.0 + X)

    def layer(p):
        return Layer(p.w * p.b, p.b * 2.0)
    out, dot = jvp(layer, (Layer(X, 2.0),), (Layer(V, 1.0),))
    assert type(dot) is Layer
    np.testing.assert_allclose(dot.w, V * 2.0 + X)
    assert (dot.b, dot.name) == (2.0, "layer")


def test_aux():
    out, dot, aux = jvp(lambda x: (x * 2.0, {"n": len(x), "x": x}), (X,), (V,), has_aux=True)
    np.testing.assert_array_equal(dot, V * 2.0)
    assert aux["n"] == 4
    with pytest.raises(CannotDifferentiate, match=r"must return \(output, aux\)"):
        jvp(cubed, (2.0,), (1.0,), has_aux=True)


def test_numbers_are_taken_as_they_are_meant():
    assert jvp(cubed, (2.0,), (1,)) == (8.0, 12.0)
    assert jvp(cubed, (2.0,), (np.float64(1.0),)) == (8.0, 12.0)
    assert type(jvp(cubed, (2.0,), (np.array(1.0),))[1]) is float
    out, dot = jvp(cubed, (np.float32(2.0),), (1.0,))
    assert type(out) is type(dot) is np.float32


def test_defaults_and_star_arguments():
    assert jvp(lambda x, y=3.0: x * y, (2.0,), (1.0,)) == (6.0, 3.0)
    assert jvp(lambda x, y=3.0: x * y, (2.0, 5.0), (1.0, 1.0)) == (10.0, 7.0)
    assert jvp(lambda *xs: xs[0] * xs[1], (2.0, 3.0), (1.0, 0.5)) == (6.0, 4.0)
    assert jvp(lambda x, *xs: x * xs[1], (2.0, 9.0, 3.0), (1.0, 9.0, 0.5)) == (6.0, 4.0)


def test_functions_of_numpy_and_python():
    assert jvp(math.sin, (1.0,), (2.0,)) == (math.sin(1.0), 2.0 * math.cos(1.0))
    np.testing.assert_allclose(jvp(np.tanh, (X,), (V,))[1], V * (1.0 - np.tanh(X) ** 2))
    assert jvp(functools.partial(pow, 2.0), (3.0,), (1.0,))[1] == pytest.approx(8.0 * math.log(2.0))


class Model:
    def __init__(self, k):
        self.k = k

    def f(self, x):
        return self.k * x * x


def test_methods():
    one, other = Model(3.0), Model(5.0)
    assert jvp(one.f, (2.0,), (1.0,)) == (12.0, 12.0)
    assert jvp(other.f, (2.0,), (1.0,)) == (20.0, 20.0)
    one.k = 4.0
    assert jvp(one.f, (2.0,), (1.0,)) == (16.0, 16.0)


# -- what does not fit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("primals", "tangents", "error", "words"), [
    (X, V, TypeError, "primals must be a tuple"),
    ((X,), V, TypeError, "tangents must be a tuple"),
    ((X,), (V, V), TypeError, "1 primals and 2 tangents"),
    ((), (), ValueError, "primals is empty"),
    ((X,), (V[:2],), ValueError, r"tangents\[0\] has shape \(2,\), primals\[0\] has shape \(4,\)"),
    ((X,), (V[None],), ValueError, "has the shape of its argument"),
    ((X,), (1.0,), ValueError, r"tangents\[0\] has shape \(\)"),
    ((1.0,), (V,), TypeError, "a tangent of a number is a number"),
    ((X,), (V.astype(np.float32),), TypeError, "is float32, primals.0. is float64"),
    ((X,), (np.arange(4),), TypeError, "is int64"),
    ((1.0,), ("a",), TypeError, "is a str"),
    (([1.0, 2.0],), ((1.0, 2.0),), TypeError, "is a tuple, primals.0. is a list"),
    (([1.0, 2.0],), ([1.0],), ValueError, r"tangents\[0\] has 1 items, primals\[0\] has 2"),
    (({"a": X},), ({"b": V},), ValueError, "has the keys"),
    (({"a": [1.0, X]},), ({"a": [1.0, V[:1]]},), ValueError, r"tangents\[0\]\['a'\]\[1\] has shape"),
    ((Layer(X, 1.0),), (Layer(V[:1], 1.0),), ValueError, "has the shape of its argument"),
    ((1.0j,), (1.0,), TypeError, "is a float, primals.0. is a complex"),
])
def test_tangents_that_do_not_fit(primals, tangents, error, words):
    def first(x, *rest):
        return 1.0
    with pytest.raises(error, match=words):
        jvp(first, primals, tangents)


@pytest.mark.parametrize(("primals", "words"), [
    ((3,), "argument `x` is integer: a derivative needs real numbers(.|\n)*float"),
    ((np.arange(3),), r"argument `x` is integer(.|\n)*astype"),
    ((True,), "argument `x` is boolean"),
    (([1.0, 2],), r"`x\[1\]` is integer"),
])
def test_integers_are_refused_as_by_grad(primals, words):
    with pytest.raises(CannotDifferentiate, match=words):
        jvp(lambda x: x, primals, copy.deepcopy(primals))
    with pytest.raises(CannotDifferentiate, match=words):
        grad(lambda x: x)(*primals)


def test_how_many_there_are():
    with pytest.raises(CannotDifferentiate, match=r"has 2 positional arguments, 1 is given in primals"):
        jvp(lambda x, y: x, (1.0,), (1.0,))
    with pytest.raises(CannotDifferentiate, match=r"has 1 positional argument, 2 are given in primals"):
        jvp(lambda x: x, (1.0, 2.0), (1.0, 2.0))
    with pytest.raises(TypeError, match="jvp needs a function"):
        jvp(3, (1.0,), (1.0,))
    with pytest.raises(ValueError, match="backend must be"):
        jvp(cubed, (1.0,), (1.0,), backend="fortran")
    with pytest.raises(ValueError, match="check must be"):
        jvp(cubed, (1.0,), (1.0,), check="perhaps")


# -- composition ---------------------------------------------------------------------------------------------


def slope_of_cubed(x):
    return jvp(cubed, (x,), (1.0,))[1]


def along_itself(x):
    return jvp(lambda y: jvp(cubed, (y,), (x,))[1], (x,), (x * 2.0,))[1]


def test_jvp_in_jvp():
    assert jvp(slope_of_cubed, (2.0,), (1.0,)) == (12.0, 12.0)
    # 3 y² x along 2 x: 12 x³
    assert along_itself(2.0) == 96.0
    assert jvp(along_itself, (2.0,), (1.0,)) == (96.0, 144.0)


def test_grad_of_jvp():
    assert grad(slope_of_cubed)(2.0) == 12.0
    assert grad(along_itself)(2.0) == 144.0
    assert value_and_grad(slope_of_cubed, check="full")(2.0) == (12.0, 12.0)
    assert grad(grad(slope_of_cubed))(2.0) == 6.0


def hessian_vector(x, v):
    return jvp(grad(wave), (x,), (v,))[1]


def test_jvp_of_grad_is_a_hessian_times_a_vector():
    np.testing.assert_allclose(hessian_vector(X, V), hessian_of_wave(X) @ V, rtol=1e-7)
    check_jvp(grad(wave), (X,))

    def inside(x, v):
        return np.sum(hessian_vector(x, v) * v)
    check_jvp(inside, (X, V), rtol=1e-5)
    found = grad(inside, (0, 1))(X, V)
    np.testing.assert_allclose(found[1], 2.0 * hessian_of_wave(X) @ V, rtol=1e-7)


def test_a_gradient_function_made_inside_is_a_function_as_others():
    def twice(x):
        return grad(grad(cubed))(x)
    assert grad(twice)(2.0) == 6.0
    assert jvp(lambda x: jvp(grad(cubed), (x,), (1.0,))[1], (2.0,), (1.0,)) == (12.0, 6.0)


def test_inside_in_a_loop_and_an_arm():
    def f(x, n):
        s = x
        for _ in range(n):
            if np.sum(s) > 0.0:
                s = s + 0.1 * jvp(np.sin, (s,), (x,))[1]
            else:
                s = s - 0.1 * jvp(grad(wave), (s,), (x,))[1]
        return s
    check_jvp(f, (X, 3), rtol=1e-5)
    check_jvp(f, (-X, 3), rtol=1e-5)
    check_jvp(grad(lambda x: np.sum(f(x, 3) ** 2)), (X,), rtol=1e-5)


def test_inside_of_containers_aux_and_shapes():
    def f(x):
        (out, extra), dot = jvp(lambda p: (p["a"] * p["b"], p["b"]), ({"a": x, "b": 2.0},), ({"a": x, "b": x[0]},))
        value, along, aux = jvp(lambda y: (y * y, len(y)), (x,), (x,), has_aux=True)
        return out, dot, along * aux
    check_jvp(f, (X,))
    with pytest.raises(CannotDifferentiate, match=r"tangents\[0\] has the shape"):
        jvp(lambda x: jvp(np.sin, (x,), (x[:1],))[1], (X,), (V,))
    with pytest.raises(CannotDifferentiate, match=r"tangents\[0\] is a"):
        jvp(lambda x: jvp(lambda p: p[0], ((x, x),), (x,))[1], (X,), (V,))


def test_a_store_into_what_a_gradient_is():
    """The gradient by `y` is memory that the function writes into: undone outside, not in what is given."""
    def f(x, y):
        b = x * 1.0
        b[-1] -= b[1]
        return np.sum(y * b)

    def gradients(x, y):
        x_bar, y_bar = grad(f, (0, 1))(x, y)
        y_bar[0] = y_bar[0] * 2.0
        return x_bar, y_bar
    check_jvp(gradients, (X, V))
    want = X.copy()
    want[-1] -= want[1]
    want[0] *= 2.0
    np.testing.assert_allclose(jvp(gradients, (X, V), (X, V))[0][1], want)


def waves(x):
    y = np.sin(x)
    y[1:] *= x[:-1]
    return np.sum(y * x), np.max(y)


def test_with_vmap_and_vjp():
    rows, along = normal(3, 4), normal(3, 4, seed=1)
    check_jvp(vmap(waves), (rows,))
    wanted = [jvp(waves, (x,), (v,))[1] for x, v in zip(rows, along, strict=True)]
    found = vmap(lambda x, v: jvp(waves, (x,), (v,))[1])(rows, along)
    np.testing.assert_allclose(np.stack(found, axis=1), wanted)
    check_jvp(vmap(grad(wave)), (rows,))
    check_jvp(lambda x: vjp(lambda y: np.sin(y) * y, x)[1](x)[0], (X,))
    hessian = vmap(lambda v: jvp(grad(wave), (X,), (v,))[1])(np.eye(4))
    np.testing.assert_allclose(hessian, hessian_of_wave(X), rtol=1e-6, atol=1e-8)


# -- linearize -----------------------------------------------------------------------------------------------


def test_linearize():
    out, along = linearize(wave, X)
    assert out == pytest.approx(wave(X))
    slope = np.cos(X) * X[::-1] + np.sin(X[::-1])
    np.testing.assert_allclose([along(e) for e in np.eye(4)], slope)
    np.testing.assert_allclose(along(V), slope @ V)


def test_linearize_keeps_what_it_was_given():
    x = X.copy()
    out, along = linearize(lambda x, y: {"p": x * y}, x, 2.0)
    before = along(V, 1.0)["p"]
    x[:] = 0.0
    np.testing.assert_array_equal(along(V, 1.0)["p"], before)
    np.testing.assert_allclose(before, V * 2.0 + X)


# -- what is compiled ----------------------------------------------------------------------------------------


def test_in_a_loop_it_is_compiled_once():
    def f(x):
        return np.sin(x) * x
    for step in range(5):
        jvp(f, (X + step,), (V,))
    made, before = jvp_function(f, 1)
    assert made.cache_info() == (4, 1, 1)
    assert before == ()
    g, model = grad(wave), Model(2.0)
    made = [jvp_function(of, 1)[0] for of in (g, model.f, np.sin)]
    for step in range(3):
        jvp(g, (X,), (V,))
        jvp(grad(wave), (X,), (V,))
        jvp(model.f, (2.0,), (1.0,))
        jvp(Model(3.0).f, (2.0,), (1.0,))
        jvp(np.sin, (X,), (V,))
        if step == 0:
            compiled = [each.cache_info().misses for each in made]
    assert [each.cache_info().misses for each in made] == compiled


def test_the_function_that_is_made():
    made, _ = jvp_function(cubed, 1)
    assert str(made.__signature__) == "(x, x_dot)"
    assert made(2.0, 1.0) == (8.0, 12.0)
    assert "def cubed_jvp(x, x_dot):" in made.source
    assert pickle.loads(pickle.dumps(made))(2.0, 1.0) == (8.0, 12.0)
    assert repr(made) == "<jvp of cubed>"


def test_a_parameter_that_is_called_as_a_tangent():
    def f(x, x_dot):
        return x * x_dot
    assert jvp(f, (2.0, 3.0), (1.0, 0.5)) == (6.0, 4.0)
    assert str(jvp_function(f, 2)[0].__signature__) == "(x, x_dot, x_dot_2, x_dot_dot)"
