"""Derivatives of functions that call themselves, beyond the first, against differences of a gradient; calls as such."""

import sys

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, hessian, hvp, jvp, value_and_grad, vjp, vmap
from tests.fd import check_against_differences
from tests.recursive import FUNCTIONS, X, array, containers, itself, number

GLOBAL = 2.0


def direction(x):
    return np.cos(1.0 + np.arange(np.size(x))).reshape(np.shape(x)) if np.ndim(x) else 0.6


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)


def squared(f):
    return lambda x: np.sum(grad(f)(x) ** 2 * direction(x)) * f(x) if np.ndim(x) else grad(f)(x) ** 2 * f(x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_order(name):
    f, x = FUNCTIONS[name]
    check_against_differences(f, (x,))
    check_against_differences(squared(f), (x,))
    v = direction(x)
    along = grad(lambda x: np.sum(grad(f)(x) * v))(x)
    out, dot = jvp(grad(f), (x,), (v,))
    close(out, grad(f)(x))
    close(dot, along)
    close(grad(lambda x: jvp(f, (x,), (v,))[1])(x), along)
    close(jvp(lambda x: jvp(f, (x,), (v,))[1], (x,), (v,))[1], np.sum(along * v))
    close(np.tensordot(hessian(f)(x), v, np.ndim(x)), along)
    close(vjp(grad(f), x)[1](v)[0], along)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_third_order_and_batches(name):
    f, x = FUNCTIONS[name]
    check_against_differences(lambda x: np.sum(grad(squared(f))(x) ** 2), (x,))
    xs = np.stack([x, x * 1.01, x * 0.97])
    rows = [grad(squared(f))(row if np.ndim(x) else float(row)) for row in xs]
    close(vmap(grad(squared(f)))(xs), rows)


def power(x, n):
    return x * n if x < 1.0 else power(x * 0.6, n + 1) * np.sin(x) * n


def test_an_integer_beside_the_data():
    check_against_differences(lambda x: grad(power)(x, 1) ** 2, (3.3,))


def test_single_precision():
    x = X.astype(np.float32)
    made = hvp(lambda x: np.sum(array(x) * x), (x,), (x,))
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, hvp(lambda x: np.sum(array(x) * x), (X,), (X,)), rtol=1e-4)
    assert type(grad(grad(number))(np.float32(3.3))) is np.float32


def test_value_and_gradient_in_a_function():
    def f(x):
        value, slope = value_and_grad(number)(x)
        return value * slope * slope
    check_against_differences(f, (3.3,))
    assert grad(f).source_for(3.3).count("number_fwd(x)") == 2      # where it is defined, and the one call


def test_global_numbers():
    def f(x):
        return GLOBAL * x * x if x < 1.0 else GLOBAL * np.sin(x) * f(0.6 * x)
    check_against_differences(lambda x: grad(f)(x) ** 2, (3.3,))


def scaled(x):
    return GLOBAL * x * x if x < 1.0 else GLOBAL * np.sin(x) * scaled(0.6 * x)


def test_a_pullback_has_the_globals_of_its_call(monkeypatch):
    wanted = grad(scaled)(3.3)
    pullback = vjp(scaled, 3.3)[1]
    monkeypatch.setitem(globals(), "GLOBAL", 5.0)
    assert pullback(1.0) == (wanted,)
    with pytest.raises(CannotDifferentiate, match=r"would read `GLOBAL` when cotangents are pulled back"):
        vjp(grad(scaled), 3.3)


def test_a_pullback_keeps_its_arrays():
    x = X * 7.0
    out, pullback = vjp(itself, x)
    wanted = pullback(np.ones(3))[0].copy()
    x[:], out[:] = 0.0, 0.0
    close(pullback(np.ones(3))[0], wanted)


def tells(x):
    print("at", x)
    return x * x if x < 1.0 else np.sin(x) * tells(0.5 * x)


def draws(x):
    return x * np.random.normal() if x < 1.0 else np.sin(x) * draws(0.5 * x)


@pytest.mark.parametrize("f", [tells, draws], ids=["prints", "draws"])
def test_what_is_seen_is_not_done_twice(f, capsys):
    for derivative in (grad(grad(f)), lambda x: jvp(grad(f), (x,), (1.0,)), grad(lambda x: grad(f)(x) * f(x))):
        with pytest.raises(CannotDifferentiate, match=r"calls itself, and shows or draws something"):
            derivative(3.0)
    vmap(grad(tells))(np.array([1.5, 0.5]))
    assert capsys.readouterr().out == "at 1.5\nat 0.75\nat 0.5\n"


def test_errors_are_raised_at_any_order():
    def f(x):
        if x > 100.0:
            raise ValueError("large")
        return x * x if x < 1.0 else np.sin(x) * f(0.5 * x)
    check_against_differences(lambda x: grad(f)(x) ** 2, (3.3,))
    with pytest.raises(ValueError, match="large"):
        hvp(f, (300.0,), (1.0,))


def slope_inside(x):
    return x * x if x < 1.0 else grad(slope_below)(0.5 * x) * slope_inside(0.4 * x)


def slope_below(x):
    return x if x < 0.7 else slope_below(0.5 * x) * x + slope_inside(0.2 * x)


def test_a_derivative_that_needs_itself():
    with pytest.raises(CannotDifferentiate, match="`slope_below` calls itself and, in itself, a derivative of itself"):
        grad(slope_inside)(3.0)


def weighed(x):
    return np.sum(x) * x if np.sum(x) > 4.0 else weighed(x * 1.5)


def test_called_with_a_number_and_with_an_array():
    check_against_differences(lambda x, y: weighed(y) + np.sum(weighed(x) ** 2), (np.array([1.1, 0.5]), 1.1))


def test_variables_of_the_function_are_no_arguments():
    assert "def containers_fwd(a, b):" in grad(containers).source_for(2.3, 4.6)


def deep(x, n):
    return x if n < 1.0 else np.sin(x) * deep(x * 0.99, n - 1.0)


def calls_in(derivative, *args):
    """How many functions are called in the text of a derivative."""
    calls = []
    derivative(*args)
    sys.setprofile(lambda frame, event, _: calls.append(frame) if event == "call" and "<ad_" in frame.f_code.co_filename
                   else None)
    try:
        derivative(*args)
    finally:
        sys.setprofile(None)
    return len(calls)


@pytest.mark.parametrize(("derivative", "times"), [
    (grad(deep), 2), (grad(grad(deep)), 2), (grad(lambda x, n: grad(deep)(x, n) * deep(x, n)), 6),
], ids=["first", "second", "with the value"])
def test_each_order_goes_down_a_fixed_number_of_times(derivative, times):
    assert calls_in(derivative, 1.0, 40.0) - calls_in(derivative, 1.0, 20.0) == 20 * times
