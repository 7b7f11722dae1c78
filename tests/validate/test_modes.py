"""When a derivative is checked: by mode, by kind, by what has changed since; and what is known afterwards."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, CompilerFault, grad, value_and_grad

X = np.linspace(0.2, 0.8, 4)
FACTOR = 2.0
POWER = 2


def fresh():
    def f(x):
        return np.sum(np.arctan(x))
    return f


def above_one(x, *, out):
    return np.where(x > 1.0, 3.0, 1.0) / (1.0 + x * x)


@pytest.mark.parametrize(("mode", "number"), [("off", 0), ("first", 1), ("always", 5), ("full", 5)])
def test_how_often(mode, number, checks):
    g = grad(fresh(), check=mode)
    for _ in range(5):
        assert np.allclose(g(X), 1.0 / (1.0 + X * X))
    assert len(checks) == number
    assert (g.checked is None) == (mode == "off")


@pytest.mark.parametrize("mode", ["off", "first", "always", "full"])
def test_what_the_environment_says(mode, checks, monkeypatch):
    monkeypatch.setenv("AD_COMPILER_CHECK", mode)
    g = grad(fresh())
    g(X)
    g(X)
    assert len(checks) == {"off": 0, "first": 1}.get(mode, 2)
    grad(fresh(), check="off")(X)
    assert len(checks) == {"off": 0, "first": 1}.get(mode, 2)


def test_modes_that_there_are_not(monkeypatch):
    with pytest.raises(ValueError, match="check must be one of 'first'"):
        grad(fresh(), check="sometimes")
    monkeypatch.setenv("AD_COMPILER_CHECK", "sometimes")
    with pytest.raises(ValueError, match="AD_COMPILER_CHECK must be one of"):
        grad(fresh())
    grad(fresh(), check="first")


def test_each_mode_is_a_function_of_its_own():
    f = fresh()
    assert grad(f) is grad(f)
    assert grad(f, check="always") is grad(f, check="always")
    assert grad(f, check="always") is not grad(f, check="off")


def test_each_kind_once(checks):
    g = grad(fresh())
    for shape in ((4,), (2, 2), (4,), (1, 2), (2, 2), (7,)):
        g(np.ones(shape))
    assert len(checks) == 3
    g(np.ones(4, np.float32))
    assert len(checks) == 4
    assert g.checked.right


def test_a_fault_that_shows_at_some_points_alone(wrong_rule, checks):
    wrong_rule(above_one)
    f = fresh()
    first, always = grad(f, check="first"), grad(f, check="always")
    assert np.allclose(first(X), always(X))
    assert first.checked.right
    with pytest.raises(CompilerFault):
        always(X + 2.0)
    assert len(checks) == 3
    with pytest.raises(CompilerFault):      # the text is wrong, wherever it is called
        always(X)
    assert len(checks) == 3
    assert always.checked.fault


def test_what_is_forgotten_is_found_again(wrong_rule, checks):
    wrong_rule()
    g = grad(fresh())
    for number in (1, 2):
        with pytest.raises(CompilerFault):
            g(X)
        with pytest.raises(CompilerFault):
            g(X)
        assert len(checks) == number
        g.cache_clear()


def test_what_the_text_depends_on(checks, monkeypatch):
    def f(x):
        return FACTOR * np.sum(x ** POWER)
    g = grad(f)
    assert np.allclose(g(X), 4.0 * X)
    monkeypatch.setitem(globals(), "FACTOR", 3.0)       # read at each call
    assert np.allclose(g(X), 6.0 * X)
    assert len(checks) == 1
    monkeypatch.setitem(globals(), "POWER", 3)          # compiled in
    assert np.allclose(g(X), 9.0 * X ** 2)
    assert len(checks) == 2


def test_methods(checks):
    class Model:
        def __init__(self, w):
            self.w = w

        @grad(argnums=1)
        def decorated(self, x):
            return self.w * np.sum(x * x)

        def loss(self, x):
            return self.w * np.sum(x * x)
    model = Model(2.0)
    assert np.allclose(model.decorated(X), 4.0 * X)
    assert model.decorated.checked.right
    assert Model.decorated.checked.right
    assert np.allclose(grad(model.loss)(X), 4.0 * X)
    assert len(checks) == 2
    Model(3.0).decorated(X)
    assert len(checks) == 2


def test_a_text_that_is_only_looked_at(checks):
    g = grad(fresh())
    assert "def f_grad(x):" in g.source_for(X)
    assert not checks
    assert g.checked is None
    g(X)
    assert len(checks) == 1


def test_a_call_that_fails_before_it_runs(checks):
    g = grad(fresh())
    with pytest.raises(CannotDifferentiate):
        g("text")
    with pytest.raises(TypeError):
        g()
    assert not checks
    g(X)
    assert g.checked.right


def test_the_second_derivative_is_checked_by_itself(checks, wrong_rule):
    g = grad(lambda x: x ** 3)
    h = grad(g)
    assert h(2.0) == 12.0
    assert h.checked.right
    assert len(checks) >= 1
    wrong_rule()
    inner = grad(lambda x: np.arctan(x))
    with pytest.raises(CompilerFault):
        inner(0.5)
    with pytest.raises(CompilerFault):      # of which the value is the inner one's
        value_and_grad(inner)(0.5)


def test_keywords_defaults_and_rests(checks):
    def f(x, *rest, scale=2.0, **more):
        return scale * x * x * sum(rest) * more["w"]
    g = value_and_grad(f, check="always")
    assert g(3.0, 1.0, 2.0, w=1.0) == (54.0, 36.0)
    assert g(3.0, 1.0, scale=1.0, w=2.0) == (18.0, 12.0)
    assert g(scale=1.0, w=2.0, x=3.0) == (0.0, 0.0)
    assert g.checked.right
    assert len(checks) == 3
