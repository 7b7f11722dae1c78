"""What a transform gives inside a function: in memory of its own."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, checkpoint, checkpointed, grad, jvp, pipeline, stop_gradient, vmap


def stored(x, y, places):
    a, b = x * 1.0, y * 1.0
    np.add.at(b, places, np.tanh(b))
    b[1:] = 0.3 * b[:-1]
    return np.sum(a * b)


def product(x, y):
    return np.sum(x * y)


def test_a_gradient_that_is_an_array_the_function_wrote_into():
    """It is what stands there at the end, though the function has left no trace outside."""
    args = np.ones(2), np.arange(2.0), np.array([0, 0])

    def outer(x, y, places):
        return grad(stored)(x, y, places) * 1.0

    np.testing.assert_array_equal(pipeline.lift_and_lower(outer, *args)(*args), grad(stored)(*args))


def test_a_gradient_that_is_an_argument_is_not_written_into_with_it():
    def outer(x, y):
        g = grad(product)(x, y)
        y[0] = 7.0
        g[1] = 5.0
        return g * 1.0, y * 1.0

    args = np.ones(3), np.arange(3.0)
    g, y = pipeline.lift_and_lower(outer, *args)(*[a.copy() for a in args])
    np.testing.assert_array_equal(g, [0.0, 5.0, 2.0])
    np.testing.assert_array_equal(y, [7.0, 1.0, 2.0])


def test_two_gradients_that_are_one_array():
    def outer(x, y):
        gx, gy = grad(product, (0, 1))(x, x)
        gx[0] = 9.0
        return gx * 1.0, gy * y

    args = np.arange(3.0), np.ones(3)
    gx, gy = pipeline.lift_and_lower(outer, *args)(*[a.copy() for a in args])
    np.testing.assert_array_equal(gx, [9.0, 1.0, 2.0])
    np.testing.assert_array_equal(gy, [0.0, 1.0, 2.0])


@pytest.mark.parametrize("f", [
    lambda x: grad(lambda a, b: a * b, argnum=1)(x, 3.0), lambda x: grad(lambda a: a * a, 0, False, 7)(x),
    lambda x: np.sum(vmap(lambda a: a * a, in_dim=1)(np.ones((2, 2)) * x)),
    lambda x: jvp(lambda a: a * a, (x,), (1.0,), 3)[1], lambda x: checkpoint(np.sin, 3)(x), lambda x: checkpoint()(x),
    lambda x: sum(x * i for i in checkpointed(range(3), snapshot=2)), lambda x: stop_gradient(x, 3) * x])
def test_arguments_that_do_not_fit_are_not_dropped(f):
    """An `argnum` for `argnums` was taken for nothing at all."""
    with pytest.raises(TypeError):
        f(2.0)
    with pytest.raises((TypeError, CannotDifferentiate)):
        grad(f, check="off")(2.0)
