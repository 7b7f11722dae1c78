"""What is chosen where there is no derivative, and that the checker finds wrong rules."""

import operator

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.rules import registry
from ad_compiler.testing import check_rule


def bars(fn, *args, out_bar=1.0, **kwargs):
    out = fn(*args, **kwargs)
    return registry.run_vjp(registry.lookup(fn), args, kwargs, out, out_bar)


def test_ties():
    both = np.array([2.0, 2.0])
    one = np.ones(2)
    np.testing.assert_array_equal(bars(np.maximum, both, both, out_bar=one), [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(bars(np.minimum, both, both, out_bar=one), [[0.5, 0.5], [0.5, 0.5]])
    for fn in (np.maximum, np.minimum):     # all of it beside a number of Python's, first or second
        np.testing.assert_array_equal(bars(fn, both, 2.0, out_bar=one)[0], one)
        np.testing.assert_array_equal(bars(fn, 2.0, both, out_bar=one)[1], one)
    np.testing.assert_array_equal(bars(np.max, np.array([1.0, 3.0, 3.0]))[0], [0.0, 0.5, 0.5])
    np.testing.assert_array_equal(bars(np.clip, np.array([0.0, 1.0]), 0.0, 1.0, out_bar=one)[0], [1.0, 1.0])


def test_zero():
    zero = np.zeros(3)
    assert bars(operator.abs, 0.0) == (0.0,)
    np.testing.assert_array_equal(bars(np.linalg.norm, zero)[0], zero)
    np.testing.assert_array_equal(bars(np.std, zero + 2.0)[0], zero)
    assert bars(np.hypot, 0.0, 0.0) == (0.0, 0.0)
    with np.errstate(divide="ignore"):
        assert bars(np.sqrt, np.float64(0.0)) == (np.inf,)
        assert bars(operator.pow, np.float64(0.0), 0.5)[0] == np.inf


@pytest.mark.parametrize(("power", "slope"), [(0, 0.0), (1, 1.0), (2, 0.0), (3, 0.0), (0.0, 0.0), (1.0, 1.0)])
@pytest.mark.parametrize("run_time", [False, True])
def test_power_at_zero(power, slope, run_time):
    exponent = np.array(power) if run_time else power
    assert bars(operator.pow, np.float64(0.0), exponent)[0] == slope


def test_where_passes_nothing_to_the_side_not_taken():
    nan = np.array([np.nan, 1.0])
    cond = np.array([True, False])
    _, x_bar, y_bar = bars(np.where, cond, nan, nan, out_bar=np.array([3.0, np.inf]))
    np.testing.assert_array_equal(x_bar, [3.0, 0.0])
    np.testing.assert_array_equal(y_bar, [0.0, np.inf])


def test_nan_is_not_hidden():
    assert np.isnan(bars(np.prod, np.array([np.nan, 2.0, 3.0]))[0][1])
    assert np.isnan(bars(np.linalg.norm, np.array([np.nan, 1.0]))[0]).all()


def test_store_at_repeated_positions_keeps_the_last():
    index, out_bar = np.array([1, 1, 2]), np.array([5.0, 6.0, 7.0])
    a_bar, _, v_bar = bars(runtime.index_set, np.zeros(3), index, np.ones(3), out_bar=out_bar)
    np.testing.assert_array_equal(a_bar, [5.0, 0.0, 0.0])
    np.testing.assert_array_equal(v_bar, [0.0, 6.0, 7.0])


def test_scalars_give_their_own_kind_back():
    assert type(bars(np.exp, 0.3)[0]) is float
    assert type(bars(np.exp, np.float32(0.3), out_bar=np.float64(1.0))[0]) is np.float32
    assert type(bars(np.exp, np.array(0.3))[0]) is np.ndarray
    assert registry.call_rule(np.add, (1,), (1.0, 2.0), {}, 3.0, 0.5) == 0.5
    assert registry.call_rule(np.add, (0, 1), (1.0, 2.0), {}, 3.0, 0.5) == (0.5, 0.5)


def cube(x):
    return x * x * x


def cubes(x):
    return x * x * x


def test_the_checker_finds_a_wrong_rule():
    wrong = {
        "the derivative says": lambda x, *, out: 2.0 * x * x,
        "second order": lambda x, *, out: np.asarray(3.0 * x.value ** 2 if hasattr(x, "value") else 3.0 * x ** 2),
    }
    for message, partial in wrong.items():
        registry.elementwise(cube, partial)
        try:
            with pytest.raises(AssertionError, match=message):
                check_rule(cube, (np.array([0.3, 0.7]),))
        finally:
            del registry._RULES[cube]


def test_the_checker_finds_a_wrong_kind():
    registry.elementwise(cubes, lambda x, *, out: 3.0 * x * x, kind=lambda x: x.__class__("float32", x.shape))
    try:
        with pytest.raises(AssertionError, match="the dtype is float64"):
            check_rule(cubes, (np.array([0.3, 0.7]),))
    finally:
        del registry._RULES[cubes]


def test_one_function_one_rule():
    with pytest.raises(ValueError, match="has a rule already"):
        registry.elementwise(np.tanh, lambda x, *, out: 1.0)
