"""Each transform is held against the property that defines it: a wrong rule is found by each of them."""

import numpy as np
import pytest

from ad_compiler import CompilerFault, grad, jacfwd, jacrev, jvp, vjp, vmap
from ad_compiler.forward import jvp_function
from ad_compiler.pullback import VjpFunction, kept_with
from ad_compiler.rules import registry
from ad_compiler.spec import VjpSpec

A = np.array([0.4, 1.1, -0.7])


@pytest.fixture
def wrong_sinh(monkeypatch):
    """The slope of `sinh` is wrong by a half, and nothing says that this was meant."""
    entry = registry.lookup(np.sinh)
    monkeypatch.setitem(vars(entry), "partials", (lambda x, *, out: np.cosh(x) + 0.5,))
    monkeypatch.setitem(vars(entry), "own", False)


def test_jvp(wrong_sinh):
    def f(x, p):
        return {"s": np.sinh(x), "t": [p["w"] * 2.0, 3]}
    with pytest.raises(CompilerFault, match="slope"):
        jvp(f, (A, {"w": 1.5}), (np.ones(3), {"w": 0.0}))


def test_jvp_along_tangents_that_do_not_show_it(wrong_sinh):
    def f(x):
        return np.sinh(x)
    with pytest.raises(CompilerFault, match="slope"):
        jvp(f, (A,), (np.zeros(3),))


def test_vjp(wrong_sinh):
    def f(x):
        return np.sinh(x), x
    with pytest.raises(CompilerFault, match="slope"):
        vjp(f, A)


@pytest.mark.parametrize("jac", [jacfwd, jacrev], ids=lambda jac: jac.__name__)
@pytest.mark.parametrize("asked", [{}, {"chunk_size": 2}, {"sparse": True}], ids=str)
def test_jacobians(wrong_sinh, jac, asked):
    with pytest.raises(CompilerFault, match="slope"):
        jac(lambda x: np.sinh(x) * x[0], **asked)(A)


def test_a_wrong_value(monkeypatch):
    def f(x):
        return x * x, x
    for of in (lambda: jvp(f, (A,), (A,)), lambda: vjp(f, A)):
        made = compiled(of)
        made.cache_clear()
        made.source_for(*((A, A) if len(made._signature.parameters) == 2 else (A,)))
        emitted = made._last.compiled.emitted
        right = emitted.function
        emitted.function = lambda *args, right=right: ((right(*args)[0][0] + 1.0, A), *right(*args)[1:])
        made._last.function = emitted.function
        with pytest.raises(CompilerFault, match="value"):
            of()


def compiled(of):
    """What a call has compiled."""
    of()
    func = of.__closure__[0].cell_contents
    return jvp_function(func, 1)[0] if "jvp" in of.__code__.co_names else kept_with(VjpFunction, VjpSpec(func, 1))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_right_ones(backend):
    def f(x, scale):
        y = x * 1.0
        for i in range(4):
            y[i % len(y)] = np.sin(y[i % len(y)]) * scale
        return y, np.sum(np.maximum(y, 0.0))
    jvp(f, (A, 2.0), (A, 1.0), backend=backend)
    checked = jvp_function(f, 2, backend=backend)[0].checked
    assert checked.right
    assert checked.slope == "agrees"
    assert checked.value == "agrees"


def test_single_precision_is_no_alarm():
    def f(x):
        e = np.exp(x - np.max(x))
        return e / np.sum(e)
    rng = np.random.default_rng(0)
    for n in range(20):
        x = rng.normal(size=5).astype(np.float32) * np.float32(10.0 ** (n % 5 - 2))
        jvp(f, (x,), (x,), check="always")
        vjp(f, x, check="always")


def test_kinks_are_no_alarm():
    def f(x):
        return np.maximum(x, 0.0), np.abs(x)
    for x in (np.zeros(3), np.array([0.0, 1.0, -1.0])):
        jvp(f, (x,), (np.ones(3),), check="always")
        vjp(f, x, check="always")


def test_vmap_is_held_against_samples(monkeypatch):
    def f(x, w):
        return {"s": np.sum(x * w), "n": 3}
    g = vmap(f, in_dims=(0, None))
    x = np.arange(12.0).reshape(4, 3)
    g(x, A)
    assert g.checked.right
    g.cache_clear()
    g.source_for(x, A)
    emitted = g._last.compiled.emitted
    right = emitted.function
    emitted.function = lambda *args: {**right(*args), "s": right(*args)["s"] + 1.0}
    g._last.function = emitted.function
    with pytest.raises(CompilerFault, match="value"):
        g(x, A)


def test_vmap_of_a_wrong_gradient(wrong_sinh):
    def f(x):
        return np.sum(np.sinh(x))
    with pytest.raises(CompilerFault, match="slope"):
        vmap(grad(f))(np.ones((4, 3)))


@pytest.mark.parametrize("samples", [0, 1, 2, 50])
def test_right_batches(samples):
    def f(x):
        if x[0] > 0.0:
            return x[0], x
        return 0, x * 2.0       # an integer in one arm
    g = vmap(f, out_dims=(0, 1), check="always")
    g(np.random.default_rng(0).normal(size=(samples, 3)))
    assert g.checked.right


def test_batches_of_what_draws_are_not_run_again():
    def f(x, rng):
        return x + rng.normal()
    g = vmap(f, in_dims=(0, None), randomness="different")
    g(A, np.random.default_rng(0))
    assert not g.checked.right
    assert "random" in g.checked.reason
