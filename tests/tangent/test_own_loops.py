"""Forward mode of rules of the user's own whose cotangents are made by loops."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, custom_vjp, grad, hessian, jacfwd, jvp, linearize, vmap
from tests.transforms.numeric import along

NEAR = {"rtol": 1e-6, "atol": 1e-7}
X, DOT = np.array([0.4, 0.9, -0.3]), np.array([1.0, -0.5, 2.0])


@custom_vjp
def squares_summed(x):
    return np.cumsum(x * x)


@squares_summed.defvjp
def squares_summed_vjp(x, *, out, out_bar):
    bar, s = np.empty_like(x), 0.0
    for i in range(len(x) - 1, -1, -1):
        s = s + out_bar[i]
        bar[i] = 2.0 * x[i] * s
    return bar


@custom_vjp
def waves(x, scale, n=3):
    return scale * sum(np.sin(x * (i + 1.0)) for i in range(n))


@waves.defvjp
def waves_vjp(x, scale, n=3, *, out, out_bar):
    bar, scale_bar = x * 0.0, 0.0
    for i in range(n):
        bar = bar + scale * out_bar * np.cos(x * (i + 1.0)) * (i + 1.0)
        scale_bar = scale_bar + np.sum(out_bar * np.sin(x * (i + 1.0)))
    return bar, scale_bar, None


@custom_vjp
def norm(x):
    return np.sum(x * x)


@norm.defvjp
def norm_vjp(x, *, out, out_bar):
    bar = np.zeros_like(x)
    for i in range(len(x)):
        bar[i] = 2.0 * x[i] * out_bar
    return bar


@custom_vjp
def doubled(x):
    return 4.0 * x * x


@doubled.defvjp
def doubled_vjp(x, *, out, out_bar):
    for _ in range(3):
        out_bar *= 2.0      # what it is given is its own
    out_bar *= x
    return out_bar


def directional(f, x, dot):
    """The derivative along a direction, by differences."""
    return along(f, x, dot)[1]


FUNCTIONS = {
    "stores": lambda x: squares_summed(x) * x[0],
    "twice": lambda x: squares_summed(squares_summed(x)),
    "the same array twice": lambda x: waves(x, x[0]) * x,
    "a number": lambda x: norm(x) * x,
    "its cotangent is written into": lambda x: doubled(x) * np.sin(x),
    "no iterations": lambda x: waves(x, 2.0, 0) + x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right(name):
    f = FUNCTIONS[name]
    wanted = directional(f, X, DOT)
    np.testing.assert_allclose(jvp(f, (X,), (DOT,))[1], wanted, **NEAR)
    np.testing.assert_allclose(jacfwd(f)(X) @ DOT, wanted, **NEAR)


@pytest.mark.parametrize("name", ["stores", "the same array twice"])
def test_with_other_transforms(name):
    f = FUNCTIONS[name]

    def number(x):
        return np.sum(np.sin(f(x)))

    def slope(x):
        return np.sum(jvp(f, (x,), (DOT,))[1] ** 2)
    np.testing.assert_allclose(hessian(number)(X) @ DOT, directional(grad(number), X, DOT), **NEAR)
    np.testing.assert_allclose(grad(slope)(X) @ DOT, directional(slope, X, DOT), **NEAR)
    np.testing.assert_allclose(linearize(f, X)[1](DOT), directional(f, X, DOT), **NEAR)
    np.testing.assert_allclose(vmap(lambda x: jvp(f, (x,), (DOT,))[1])(np.stack([X, 1.1 * X])),
                               [directional(f, X, DOT), directional(f, 1.1 * X, DOT)], **NEAR)


@pytest.mark.parametrize("count", [0, 1])
def test_few(count):
    np.testing.assert_allclose(jvp(squares_summed, (X[:count],), (DOT[:count],))[1], 2.0 * X[:count] * DOT[:count])


def test_single_precision():
    found = jvp(squares_summed, (X.astype("float32"),), (DOT.astype("float32"),))[1]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.cumsum(2.0 * X * DOT), rtol=1e-5)


@custom_vjp
def crooked(x):
    return x * x


@crooked.defvjp
def crooked_vjp(x, *, out, out_bar):
    bar = out_bar * 0.0
    for _ in range(2):
        bar = bar + out_bar * out_bar * x
    return bar


@custom_vjp
def choosing(x):
    return x * x


@choosing.defvjp
def choosing_vjp(x, *, out, out_bar):
    if x > 0.0:
        return 2.0 * x * out_bar
    return out_bar * x + out_bar * x


@pytest.mark.parametrize(("f", "x", "message"), [
    (crooked, X, "`crooked` is not linear in `out_bar`"), (choosing, 0.7, "`choosing` cannot be transposed.*branches")])
def test_refused(f, x, message):
    with pytest.raises(CannotDifferentiate, match=message):
        jvp(lambda x: f(x) * 1.0, (x,), (x,))
