"""`custom_vjp`: the derivative is the user's own, wherever the function stands; what does not fit is an error."""

import math
import pickle

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, custom_vjp, grad, value_and_grad

X = np.array([0.3, -1.2, 0.7])


# The derivatives are wrong on purpose, by a factor: a test sees which one was used.


@custom_vjp
def cube(x):
    return x ** 3


@cube.defvjp
def cube_vjp(x, *, out, out_bar):
    return 10.0 * out_bar * x ** 2


@custom_vjp
def scaled(x, y):
    return x * np.sum(y)


@scaled.defvjp
def scaled_vjp(x, y, *, out, out_bar):
    return 2.0 * np.sum(out_bar) * np.sum(y), 3.0 * np.sum(out_bar * x) * np.ones_like(y)


OPAQUE = {"exp": np.exp}


def chosen(name):
    return OPAQUE[name]


@custom_vjp(kind="x")
def opaque(x):
    return np.asarray(eval("f(x)", {"f": chosen("exp"), "x": x}))


@opaque.defvjp
def opaque_vjp(x, *, out, out_bar):
    return 7.0 * out_bar * out


def test_outside_of_grad_it_is_the_function():
    assert cube(2.0) == 8.0 and cube.__name__ == "cube"
    np.testing.assert_array_equal(cube(X), X ** 3)
    assert cube_vjp(2.0, out=8.0, out_bar=1.0) == 40.0
    assert pickle.loads(pickle.dumps(cube)) is cube


def test_a_number():
    assert grad(cube)(2.0) == 40.0
    assert grad(lambda x: cube(math.sin(x)) * x)(0.5) == pytest.approx(
        10.0 * math.sin(0.5) ** 2 * math.cos(0.5) * 0.5 + math.sin(0.5) ** 3)


def test_an_array():
    np.testing.assert_allclose(grad(lambda x: np.sum(cube(x)))(X), 10.0 * X ** 2)
    bar = grad(lambda x: np.sum(cube(x)))(X.astype(np.float32))
    assert bar.dtype == np.float32


def test_the_value_is_compared_and_the_slope_is_not():
    derivative = value_and_grad(lambda x: np.sum(cube(x)))
    derivative(X)
    assert derivative.checked.value == "agrees" and "a rule of yours" in derivative.checked.slope


def test_several_arguments():
    def f(x, y):
        return scaled(x, y) * x
    x_bar, y_bar = grad(f, (0, 1))(2.0, X)
    assert x_bar == pytest.approx(2.0 * 2.0 * X.sum() + 2.0 * X.sum())
    np.testing.assert_allclose(y_bar, 3.0 * 2.0 * 2.0 * np.ones(3))
    np.testing.assert_allclose(grad(f, 1)(2.0, X), y_bar)
    np.testing.assert_allclose(grad(lambda x, y: scaled(y=y, x=x), 1)(2.0, X), 3.0 * 2.0 * np.ones(3))


def test_a_function_that_cannot_be_read():
    np.testing.assert_allclose(grad(lambda x: np.sum(opaque(x)))(X), 7.0 * np.exp(X))
    assert grad(lambda x: opaque(x) * 1.0)(0.5) == pytest.approx(7.0 * math.exp(0.5))


def test_second_order_is_the_derivative_of_the_rule():
    assert grad(grad(cube))(2.0) == 40.0
    np.testing.assert_allclose(grad(lambda x: np.sum(grad(lambda y: np.sum(cube(y)))(x)))(X), 20.0 * X)
    np.testing.assert_allclose(grad(lambda x: np.sum(grad(lambda y: np.sum(opaque(y)))(x)))(X), 49.0 * np.exp(X))


def test_has_aux():
    def f(x):
        y = cube(x)
        return np.sum(y), y
    (value, aux), bar = value_and_grad(f, has_aux=True)(X)
    assert value == np.sum(X ** 3)
    np.testing.assert_array_equal(aux, X ** 3)
    np.testing.assert_allclose(bar, 10.0 * X ** 2)


def test_lists_and_any_number_of_arguments():
    @custom_vjp
    def product(pair):
        return np.sum(pair[0] * pair[1])

    @product.defvjp
    def product_vjp(pair, *, out, out_bar):
        return [3.0 * out_bar * pair[1], 5.0 * out_bar * pair[0]]

    @custom_vjp
    def first(*xs):
        return xs[0] * 1.0

    @first.defvjp
    def first_vjp(*xs, out, out_bar):
        return out_bar, None
    x_bar, y_bar = grad(lambda pair: product(pair) * 1.0)([X, X + 1.0])
    np.testing.assert_allclose(x_bar, 3.0 * (X + 1.0))
    np.testing.assert_allclose(y_bar, 5.0 * X)
    assert grad(lambda x, y: first(x, y) * y, (0, 1))(2.0, 3.0) == (3.0, 2.0)


def test_what_is_stored_later_does_not_change_what_it_was_given():
    def f(x):
        y = x * 2.0
        z = cube(y)
        y[0] = 9.0
        return np.sum(z * y)
    y = 2.0 * X
    np.testing.assert_allclose(grad(f)(X), [9.0 * 20.0 * y[0] ** 2, *(20.0 * y ** 3 + 2.0 * y ** 3)[1:]])


def test_in_a_loop_and_a_branch():
    def f(x):
        total = 0.0
        for i in range(3):
            y = cube(x[i])
            if y > 0.0:
                total += y * i
        return total
    np.testing.assert_allclose(grad(f)(X), [0.0, 0.0, 20.0 * 0.7 ** 2])


def test_a_method():
    class Layer:
        def __init__(self, gain):
            self.gain = gain

        @custom_vjp
        def apply(self, x):
            return self.gain * x

        @apply.defvjp
        def apply_vjp(self, x, *, out, out_bar):
            return None, 5.0 * self.gain * out_bar

    layer = Layer(2.0)
    assert layer.apply(3.0) == 6.0
    assert grad(lambda x: layer.apply(x) * x)(3.0) == pytest.approx(10.0 * 3.0 + 6.0)
    layer.gain = 4.0
    assert grad(lambda x: layer.apply(x) * x)(3.0) == pytest.approx(20.0 * 3.0 + 12.0)


class Layer:
    def __init__(self, gain):
        self.gain = gain

    @custom_vjp
    def scale(self, x):
        y = np.zeros(3)
        y[:] = self.gain * x
        return y

    @scale.defvjp
    def scale_vjp(self, x, *, out, out_bar):
        return None, 5.0 * self.gain * out_bar

    def loss(self, x):
        return np.sum(self.scale(x) * x)


def test_a_method_of_the_object_that_is_read():
    np.testing.assert_allclose(grad(Layer(2.0).loss)(X), (10.0 + 2.0) * X)
    np.testing.assert_allclose(grad(Layer.loss, 1)(Layer(3.0), X), (15.0 + 3.0) * X)


def test_a_keyword_and_a_default():
    @custom_vjp
    def power(x, n=2, *, scale=1.0):
        return scale * x ** n

    @power.defvjp
    def power_vjp(x, n=2, *, scale=1.0, out, out_bar):
        return 10.0 * scale * n * x ** (n - 1) * out_bar, None
    assert grad(lambda x: power(x) + power(x, 3) + power(n=3, x=x, scale=2.0))(2.0) == 10.0 * (4.0 + 12.0 + 24.0)


def made(factor):
    @custom_vjp
    def f(x):
        return factor * x

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return 10.0 * factor * out_bar
    return f


def test_closures():
    double, triple = made(2.0), made(3.0)
    assert grad(lambda x: double(x) + triple(x) * x)(1.0) == pytest.approx(20.0 + 30.0 + 3.0)


factor = 1.0


@custom_vjp
def by_global(x):
    return x


@by_global.defvjp
def by_global_vjp(x, *, out, out_bar):
    return factor * out_bar


def test_what_a_derivative_reads_of_the_world_is_what_it_is_now(monkeypatch):
    derivative = grad(lambda x: by_global(x) * 1.0)
    assert derivative(2.0) == 1.0
    monkeypatch.setitem(globals(), "factor", 3.0)
    assert derivative(2.0) == 3.0


def test_a_derivative_that_reads_the_world_has_none():
    with pytest.raises(CannotDifferentiate, match="by_global.*names of its own"):
        grad(grad(lambda x: by_global(x) * x))(2.0)


def test_what_is_returned_is_memory_of_its_own():
    @custom_vjp
    def same(x):
        return x

    @same.defvjp
    def same_vjp(x, *, out, out_bar):
        return 2.0 * out_bar

    def f(x):
        y = same(x)
        y[0] = 0.0
        return np.sum(y * x)
    x = X.copy()
    np.testing.assert_allclose(grad(f)(x), [0.0, *3.0 * X[1:]])
    np.testing.assert_array_equal(x, X)


def test_a_cotangent_is_memory_of_its_own():
    here = 1.0

    @custom_vjp
    def product(x, y):
        return np.sum(x * y)

    @product.defvjp
    def product_vjp(x, y, *, out, out_bar):
        return (y, x) if here else None
    x, y = X.copy(), X + 1.0
    x_bar, y_bar = grad(product, (0, 1))(x, y)
    np.testing.assert_array_equal(x_bar, y)
    assert not np.may_share_memory(x_bar, y) and not np.may_share_memory(y_bar, x)


def test_a_gradient_that_stops():
    @custom_vjp
    def stop(x, y):
        return x * y

    @stop.defvjp
    def stop_vjp(x, y, *, out, out_bar):
        return None, out_bar * x
    assert grad(stop, (0, 1))(2.0, 3.0) == (0.0, 2.0)


# -- errors ---------------------------------------------------------------------------------------------


def test_parameters_must_be_those_of_the_function():
    @custom_vjp
    def f(x, y):
        return x * y

    with pytest.raises(TypeError, match=r"`g` takes \(x\), `f` \(x, y\)"):
        @f.defvjp
        def g(x, *, out, out_bar): ...
    with pytest.raises(TypeError, match=r"`g` takes \(x, z\), `f` \(x, y\)"):
        @f.defvjp
        def g(x, z, *, out, out_bar): ...
    with pytest.raises(TypeError, match="must take `out_bar` by keyword"):
        @f.defvjp
        def g(x, y, *, out): ...
    with pytest.raises(TypeError, match="must take `out` by keyword"):
        @f.defvjp
        def g(x, y, out, out_bar): ...


def test_a_derivative_is_given_once():
    with pytest.raises(ValueError, match="`cube` has a derivative already"):
        cube.defvjp(cube_vjp)


def test_a_function_that_writes_into_its_argument_is_refused():
    @custom_vjp
    def f(x):
        x[0] = 1.0
        return np.sum(x)

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar * np.ones_like(x)
    with pytest.raises(CannotDifferentiate, match="writes into what it is given"):
        grad(lambda x: f(x) * 2.0)(X)


def test_several_results_are_refused():
    @custom_vjp
    def f(x):
        return x, x * x

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar[0]
    with pytest.raises(CannotDifferentiate, match="`f` returns a tuple: a custom_vjp returns one number or array"):
        grad(lambda x: f(x)[0])(2.0)


def test_options_of_the_decorator():
    with pytest.raises(TypeError, match="kind must be 'number' or a parameter of `f`, not 'z'"):
        @custom_vjp(kind="z")
        def f(x): ...
    with pytest.raises(TypeError, match="`f` has a parameter `out`"):
        @custom_vjp
        def f(x, out): ...
    with pytest.raises(TypeError, match="custom_vjp needs a function, not int"):
        custom_vjp(3)
    with pytest.raises(TypeError, match="`max` does not say what its parameters are"):
        custom_vjp(max)


def test_without_a_derivative_it_is_refused():
    @custom_vjp
    def f(x):
        return x
    with pytest.raises(CannotDifferentiate, match=r"`f` is a custom_vjp that has no derivative[\s\S]*@f\.defvjp"):
        grad(lambda x: f(x) * x)(2.0)


def test_a_kind_that_is_not_known_is_refused():
    @custom_vjp
    def f(x):
        return eval("x * x")

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar
    with pytest.raises(CannotDifferentiate, match=r"what it returns is not known[\s\S]*kind="):
        grad(lambda x: f(x) * x)(2.0)


def test_a_kind_that_is_said_wrongly_is_an_error():
    @custom_vjp(kind="x")
    def f(x):
        return float(np.sum(x))

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar
    with pytest.raises(TypeError, match=r"`f` returns float64 of shape \(\), its kind is said to be that of `x`"):
        grad(lambda x: np.sum(f(x)))(X)


def test_the_number_of_cotangents():
    @custom_vjp
    def f(x, y):
        return x * y

    @f.defvjp
    def f_vjp(x, y, *, out, out_bar):
        return out_bar
    with pytest.raises(CannotDifferentiate, match="gives 1 cotangent for 2 arguments"):
        grad(lambda x: f(x, x) * x)(2.0)


def test_the_number_of_cotangents_at_run_time():
    here = 1.0

    @custom_vjp
    def f(x, y):
        return x * y

    @f.defvjp
    def f_vjp(x, y, *, out, out_bar):
        return here * out_bar
    with pytest.raises(TypeError, match="`f` gives 1 cotangent for 2 arguments"):
        grad(lambda x, y: f(x, y) * x, 1)(2.0, 3.0)


def test_in_a_loop_its_value_is_kept():
    calls = []

    @custom_vjp(kind="number")
    def f(x):
        calls.append(1)
        return math.sin(x)

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar * np.sqrt(1.0 - out * out)

    def g(x):
        s = 1.0
        for i in range(3):
            s = s * f(x[i])
        return s
    np.testing.assert_allclose(grad(g, check="off")(np.abs(X)), grad(lambda x: np.prod(np.sin(x)))(np.abs(X)))
    assert len(calls) == 3


def test_the_shape_of_cotangents():
    @custom_vjp
    def f(x):
        return np.sum(x)

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar
    with pytest.raises(CannotDifferentiate, match="a cotangent of 0 axes for an array of 1"):
        grad(lambda x: f(x) * 2.0)(X)


def test_a_shape_that_is_known_at_run_time_only():
    sizes = [1]

    @custom_vjp
    def f(x):
        return np.sum(x)

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        return out_bar * np.ones(sizes[0])
    with pytest.raises(TypeError, match=r"`f` gives a cotangent of shape \(1,\) for an argument of shape \(3,\)"):
        grad(lambda x: f(x) * 2.0)(X)
    sizes[0] = 3
    np.testing.assert_array_equal(grad(lambda x: f(x) * 2.0)(X), 2.0 * np.ones(3))


def test_what_a_derivative_raises_is_raised():
    @custom_vjp
    def f(x):
        return x * x

    @f.defvjp
    def f_vjp(x, *, out, out_bar):
        raise KeyError("mine")
    with pytest.raises(KeyError, match="mine"):
        grad(lambda x: f(x) * 2.0)(3.0)


def test_numba_says_what_it_cannot_compile():
    pytest.importorskip("numba")
    with pytest.raises(CannotDifferentiate, match=r"`cube` is a custom_vjp, which Numba cannot call[\s\S]*leave out backend"):
        grad(lambda x: cube(x) * x, backend="numba")(2.0)
