"""What a rule of the package makes of numbers is kept for all programs: and nothing else is."""

import math

import numpy as np
import pytest

from ad_compiler import custom_vjp, grad
from ad_compiler.adjoint import templates


def derivative(f, x, step=1e-5):
    """The derivative of a function of one number, by differences."""
    return (f(x + step) - f(x - step)) / (2.0 * step)


@pytest.fixture(autouse=True)
def none_kept(monkeypatch):
    monkeypatch.setattr(templates, "_OF_NUMBERS", {})


def test_a_rule_is_read_once_for_all_programs():
    def one(x):
        return math.exp(x) / x

    def other(y):
        return y * math.exp(y) / y

    first = grad(one)(0.7)
    kept = dict(templates._OF_NUMBERS)
    assert kept
    assert first == pytest.approx(derivative(one, 0.7))
    assert grad(other)(0.7) == pytest.approx(derivative(other, 0.7))
    assert {key: templates._OF_NUMBERS[key] for key in kept} == kept


POWERS = [lambda x: x ** 2, lambda x: x ** 2.0, lambda x: x ** -2, lambda x: x ** 0.5, lambda x: x ** True,
          lambda x: 2 ** x, lambda x: 2.0 ** x, lambda x: (x * -0.0) + x ** 1, lambda x: x ** 0 + x, lambda x: x ** x]


@pytest.mark.parametrize("kind", [float, np.float64])
def test_constants_of_another_value_or_type_are_told_apart(kind):
    for again in range(2):
        for power in POWERS if not again else reversed(POWERS):
            assert grad(power)(kind(1.3)) == pytest.approx(derivative(power, 1.3))


def test_kinds_of_numbers_are_told_apart():
    def f(x):
        return x * x * np.exp(x)

    for kind in (float, np.float32, np.float64, np.float32, float):
        found = grad(f)(kind(0.5))
        assert type(found) is kind
        assert found == pytest.approx(derivative(f, 0.5), rel=1e-5)


def test_a_derivative_of_the_user_is_read_in_each_program():
    factor = 3.0

    @custom_vjp
    def triple(x):
        return 3.0 * x

    @triple.defvjp
    def _(x, *, out, out_bar):
        return factor * out_bar

    def f(x):
        return triple(x)

    def g(x):
        return 2.0 * triple(x)

    assert grad(f)(1.0) == 3.0
    assert not templates._OF_NUMBERS
    factor = 5.0        # what it reads may change; the check would tell
    assert grad(g, check="off")(1.0) == 10.0


def test_arrays_lengths_and_names_are_not_kept():
    scale = 1.5

    def array(x):
        return np.sum(x * x)

    def of_length(x):
        return x[0] * len(x)

    def named(x):
        return scale * x

    grad(array)(np.ones(3))
    grad(named)(2.0)
    for key, template in templates._OF_NUMBERS.items():
        assert "Sym" not in repr(key)
        assert template is None or all(v.kind.shape == () for v in template.inputs)
    assert list(grad(of_length)(np.ones(3))) == [3.0, 0.0, 0.0]
    assert list(grad(of_length)(np.ones(2))) == [2.0, 0.0]


def test_no_more_than_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(templates, "MOST", 3)
    for n in range(2, 9):
        assert grad(lambda x, n=float(n): x ** n + x / n)(1.0) == pytest.approx(n + 1 / n)
        assert len(templates._OF_NUMBERS) <= 3
