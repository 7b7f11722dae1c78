"""`grad_hook`: a cotangent is looked at, or changed, where it passes."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, RuleFault, grad, grad_hook, value_and_grad, vjp, vmap

A = np.array([0.4, 1.1, -0.7])
SEEN = []


def see(bar):
    SEEN.append(np.copy(bar))


def clip(bar):
    return np.clip(bar, -0.5, 0.5)


def double(bar):
    bar *= 2.0
    return bar


@pytest.fixture(autouse=True)
def nothing_seen():
    SEEN.clear()


def test_outside_it_is_the_identity():
    assert grad_hook(A, clip) is A


def test_it_sees_the_whole_cotangent_once():
    def f(x):
        y = grad_hook(x * x, see)
        return np.sum(y * y) + y[0]
    np.testing.assert_allclose(grad(f)(A), (2 * A ** 2 + [1, 0, 0]) * 2 * A)
    assert len(SEEN) == 1
    np.testing.assert_allclose(SEEN[0], 2 * A ** 2 + [1, 0, 0])
    grad(f)(2 * A)
    assert len(SEEN) == 2


def test_it_changes_it():
    def f(x):
        return np.sum(3.0 * grad_hook(x, clip) * x)
    value, bar = value_and_grad(f)(A)
    assert np.isclose(value, np.sum(3 * A * A))
    np.testing.assert_allclose(bar, np.clip(3 * A, -0.5, 0.5) + 3 * A)


def test_in_place_is_as_well():
    def f(x):
        y = grad_hook(x * 1.0, double)
        return np.sum(y) + np.sum(x)
    np.testing.assert_allclose(grad(f)(A), np.full(3, 3.0))


def test_in_a_loop_it_is_called_for_each_iteration():
    def f(x, n):
        for _ in range(n):
            x = grad_hook(np.sin(x), see)
        return np.sum(x)
    grad(f)(A, 3)
    assert len(SEEN) == 3
    np.testing.assert_array_equal(SEEN[0], np.ones(3))


def test_numbers_and_other_transforms():
    assert grad(lambda x: 10.0 * grad_hook(x * x, clip))(3.0) == 3.0
    _, pullback = vjp(lambda x: grad_hook(x, clip) * 2.0, A)
    np.testing.assert_array_equal(pullback(np.ones(3))[0], np.full(3, 0.5))


def test_what_it_raises_is_raised():
    def stop(bar):
        raise KeyError("here")
    with pytest.raises(KeyError, match="here"):
        grad(lambda x: np.sum(grad_hook(x, stop)))(A)


def test_another_shape():
    with pytest.raises(RuleFault, match="shape"):
        grad(lambda x: np.sum(grad_hook(x, shorter)))(A)


def shorter(bar):
    return bar[1:]


class Model:
    scale = 2.0

    def scaled(self, bar):
        return self.scale * bar

    def loss(self, x):
        return np.sum(grad_hook(x * x, self.scaled))


MODEL = Model()


def named(x):
    def hook(bar):
        return 3.0 * bar
    return np.sum(grad_hook(x * x, hook))


def two_of_them(x):
    y = np.sum(grad_hook(x * x, lambda bar: 2.0 * bar))
    return y + np.sum(grad_hook(x * x, lambda bar: 5.0 * bar))


def made(scale):
    return lambda x: np.sum(grad_hook(x * x, lambda bar: scale * bar))


def called_twice(x):
    def square(y):
        return grad_hook(y * y, lambda bar: 2.0 * bar)
    return np.sum(square(square(x)))


@pytest.mark.parametrize(("f", "bar"), [
    (named, 6.0 * A), (lambda x: np.sum(grad_hook(x * x, lambda bar: 2.0 * bar)), 4.0 * A), (two_of_them, 14.0 * A),
    (made(2.0), 4.0 * A), (made(3.0), 6.0 * A), (called_twice, 16.0 * A ** 3), (MODEL.loss, 4.0 * A),
    (lambda x: np.sum(grad_hook(x, MODEL.scaled)), np.full(3, 2.0))])
def test_functions_that_are_defined_inside_and_methods(f, bar):
    np.testing.assert_allclose(grad(f)(A), bar)
    np.testing.assert_allclose(vmap(grad(f))(np.stack([A, A])), [bar, bar])


def test_the_object_of_a_method_is_that_of_the_call():
    f = grad(lambda x, model: np.sum(grad_hook(x, model.scaled)))
    other = Model()
    other.scale = 5.0
    for model, scale in ((MODEL, 2.0), (other, 5.0), (MODEL, 2.0)):
        np.testing.assert_array_equal(f(A, model), np.full(3, scale))


def captures(x):
    s = np.sum(x)
    return np.sum(grad_hook(x * x, lambda bar: bar * s))


def test_refused():
    with pytest.raises(CannotDifferentiate, match="reads `s`, which is computed in here"):
        grad(captures)(A)
    with pytest.raises(CannotDifferentiate, match="of those called <lambda> in this line, is not known"):
        grad(lambda x: np.sum(grad_hook(x, lambda bar: 2.0 * bar) * grad_hook(x, lambda bar: 3.0 * bar)))(A)
    with pytest.raises(CannotDifferentiate, match="has defaults"):
        grad(lambda x: np.sum(grad_hook(x, lambda bar, k=2.0: k * bar)))(A)
    with pytest.raises(CannotDifferentiate, match="is not known"):
        grad(lambda x: np.sum(grad_hook(x, 3)))(A)
    with pytest.raises(CannotDifferentiate, match="custom_vjp, which Numba cannot call"):
        grad(lambda x: np.sum(grad_hook(x, clip)), backend="numba")(A)


def test_print(capsys):
    assert grad(lambda x: 3.0 * grad_hook(x * x, print))(2.0) == 12.0
    assert capsys.readouterr().out.startswith("3.0")
