"""Programs that are easily got wrong, each against differences or against what is known on paper."""

import math
import operator
import warnings

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, hessian, no_grad, value_and_grad
from tests.fd import check_against_differences, same

X = np.array([0.3, -1.2, 0.7, 2.1])
M = np.array([[0.3, -1.2, 0.7], [2.1, 0.4, -0.6]])


def check(f, *args, argnums=0, **options):
    return check_against_differences(f, args, argnums, **options)


# -- names and memory -----------------------------------------------------------------------------------


def test_the_same_array_given_twice():
    def f(x, y):
        return np.sum(x * y * y)
    a = X.copy()
    gx, gy = grad(f, argnums=(0, 1))(a, a)
    assert np.allclose(gx, a * a, rtol=1e-14) and np.allclose(gy, 2 * a * a, rtol=1e-14)
    assert gx is not gy and not np.shares_memory(gx, gy)
    assert np.array_equal(a, X)
    check(f, a, a, argnums=(0, 1))


def test_the_same_array_given_twice_gradients_share_no_memory():
    def f(x, y):
        return np.sum(x + y)
    gx, gy = grad(f, argnums=(0, 1))(X, X)
    assert not np.shares_memory(gx, gy)
    gx += 5.0
    assert np.array_equal(gy, np.ones(4))


@pytest.mark.parametrize("given", [lambda: np.array([0.4, 0.7]), lambda: {"a": np.array([0.4, 0.7])}], ids=["array", "dict"])
def test_what_a_loop_writes_may_be_an_argument_that_is_another_in_the_next_call(given):
    def f(x, a, b, n):
        for k in range(n):
            for never in range(0):
                b = a
            if isinstance(b, dict):
                b["a"] = x * 3.0
            else:
                b *= 3.0
        return np.sum(x * (a["a"] if isinstance(a, dict) else a))
    x, g = np.array([0.3, 0.9]), value_and_grad(f)
    assert math.isclose(g(x, given(), given(), 1)[0], 0.75)
    one = given()
    with pytest.raises(CannotDifferentiate, match="not known since line"):      # or 3.0 times as much
        g(x, one, one, 1)


def test_a_gradient_shares_no_memory_with_the_arguments():
    def f(x, y):
        return np.sum(x * y)
    a, b = X.copy(), X.copy() + 1.0
    g = grad(f)(a, b)
    assert not np.shares_memory(g, b)
    g[:] = 0.0
    assert np.array_equal(b, X + 1.0)


def test_gradients_of_two_calls_share_no_memory():
    f = grad(lambda x: np.sum(x * 2.0))
    first = f(X)
    second = f(X)
    assert not np.shares_memory(first, second)
    first += 1.0
    assert np.array_equal(f(X), np.full(4, 2.0))


def test_aliased_names():
    def f(x):
        y = x
        z = y
        w = z * y
        z = w + x
        return np.sum(z * y)
    check(f, X)


def test_views_that_are_only_read():
    def f(x):
        a = x[:2]
        b = x[1:3]
        c = a.reshape(2, 1).T[0]
        return np.sum(a * b) + np.sum(c * c)
    check(f, X)


def test_a_name_with_other_shapes():
    def f(x):
        x = np.outer(x, x)
        x = x.sum(axis=0)
        x = x[0] * x[1]
        x = [x, x * 2]
        x = x[0] + x[1]
        return x
    check(f, X)


def test_a_name_with_other_kinds():
    def f(x):
        t = "text"
        t = len(t)
        t = t * x
        t = (t, x)
        t = t[0] * t[1]
        return t
    check(f, 0.7)


def test_an_argument_rebound_in_a_loop():
    def f(x):
        for k in range(3):
            x = x * x + k
            x = x / 2.0
        return x
    check(f, 0.7)


def test_an_argument_rebound_then_read():
    def f(x, y):
        z = x * y
        x = y
        y = z
        return x * y + z
    check(f, 0.7, 1.9, argnums=(0, 1))


def test_an_old_value_kept_over_an_update():
    def f(x):
        y = np.sin(x)
        old = y
        y = y * y
        y += old
        return np.sum(y * old)
    check(f, X)


def test_a_tuple_swap():
    def f(a, b, c):
        a, b, c = c * a, a, b
        a, b = b, a
        return a * 2.0 + b * 3.0 + c * c
    check(f, 0.3, 0.7, 1.1, argnums=(0, 1, 2))


def test_a_starred_unpack():
    def f(x):
        first, *middle, last = x * x, x, 2.0, x ** 3
        return first * last + middle[0] * middle[1]
    check(f, 1.2)


def test_in_place_update_of_what_came_from_an_argument():
    def f(x):
        y = x + 0.0
        y *= x
        y -= 1.0
        return np.sum(y * y)
    a = X.copy()
    grad(f)(a)
    assert np.array_equal(a, X)
    check(f, a)


# -- shapes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2])
def test_axes_of_length_zero_and_one(n):
    def f(x, y):
        return np.sum(x * y) + np.sum(np.exp(x)) + np.sum(x[1:] * x[:-1])
    check(f, np.linspace(0.1, 1.0, n), np.ones(1) * 0.5, argnums=(0, 1))


def test_one_derivative_for_all_lengths_but_one():
    f = grad(lambda x, y: np.sum(x * y), argnums=(0, 1))
    for n in (2, 3, 7):
        gx, gy = f(np.ones(n), np.ones(n))
        assert gx.shape == gy.shape == (n,)
    assert f.cache_info().currsize == 1
    gx, gy = f(np.ones(3), np.ones(1))
    assert gx.shape == (3,) and gy.shape == (1,) and gy[0] == 3.0
    gx, gy = f(np.ones(1), np.ones(3))
    assert gx.shape == (1,) and gx[0] == 3.0


@pytest.mark.parametrize(("left", "right"), [((3, 1), (3,)), ((3,), (3, 1)), ((1, 3), (3, 1)), ((), (3,)), ((2, 1, 3), (4, 1)),
                                             ((1,), (1, 1)), ((1, 1), ()), ((0, 1), (1, 3)), ((3, 1), (1,))], ids=str)
def test_broadcasting(left, right):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(left), rng.standard_normal(right)

    def f(a, b):
        return np.sum(np.sin(a) * b + a / (2.0 + b * b)) + 1.0
    check(f, np.asarray(a), np.asarray(b), argnums=(0, 1))


def test_a_row_that_may_be_stretched_in_a_loop():
    def f(x, y):
        s = x
        for k in range(3):
            s = s * y + k
        return np.sum(s)
    check(f, np.array([0.5]), X, argnums=(0, 1))


def test_a_sum_that_grows_a_rank():
    def f(x):
        s = 0
        for row in x:
            s = s + row
            s = s * 1.5
        return np.sum(s ** 2)
    check(f, M)


# -- loops ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 4])
def test_a_loop_that_may_not_run(n):
    def f(x, n):
        y = x
        for i in range(n):
            y = math.sin(y) * x
        return y
    check(f, 0.8, n)


def test_one_derivative_for_all_trip_counts():
    def f(x, n):
        s = 0.0
        for i in range(n):
            s += x ** i
        return s
    g = grad(f)
    assert [g(2.0, n) for n in (0, 1, 2, 3)] == [0.0, 0.0, 1.0, 5.0]
    assert g.cache_info().misses == 1


def test_a_while_that_does_not_run():
    def f(x):
        y = x * x
        while y > 100.0:
            y = y / x
        return y
    check(f, 1.5)
    check(f, 50.0)


def test_a_branch_in_a_loop_on_what_is_carried():
    def f(x):
        y = x
        z = 1.0
        for i in range(12):
            if y > 1.0:
                y = y * 0.6 - 0.1 * z
                z = z + y
            elif z > 2.0:
                z = z * 0.5
                y = y + z * x
            else:
                y = y + 0.3 * z
        return y * z
    check(f, 0.83)


def test_return_from_the_inner_of_two_loops():
    def f(x):
        s = x[0]
        for i in range(4):
            for j in range(4):
                s = s + x[i] * x[j]
                if s > 1.5 and j > 0:
                    return s * x[j]
            s = s * 0.9
        return -s
    check(f, X)
    check(f, X * 0.1)


def test_break_at_the_first_iteration():
    def f(x):
        s = x
        for i in range(5):
            if x > 0:
                break
            s = s * x
        return s * x + i
    check(f, 0.5)
    check(f, -0.5)


def test_break_after_the_update():
    def f(x):
        s = x
        i = 0
        while True:
            s = s * x
            i += 1
            if i == 3:
                break
            s = s + 1.0
        return s
    check(f, 1.3)


def test_continue_skips_the_rest():
    def f(x):
        s = 0.0
        for i in range(6):
            if i == 2:
                continue
            s = s * x + i
            if s > 10:
                continue
            s = s + x
        return s
    check(f, 1.3)


def test_break_in_an_else_arm_and_loop_else():
    def f(x):
        s = x
        for i in range(4):
            if s < 2.0:
                s = s * 1.9
            else:
                s = s + x
                break
        else:
            s = -s
        return s * s
    check(f, 0.9)
    check(f, 0.05)


def test_the_last_value_of_a_loop_variable():
    def f(x):
        for k in range(4):
            pass
        y = x ** k
        for v in [x, y]:
            y = y + v
        return y * v
    check(f, 1.1)


def test_a_loop_whose_variable_is_changed():
    def f(x):
        s = 0.0
        for k in range(3):
            k = k * 2 + x
            s += k * x
        return s
    check(f, 1.1)


def test_a_loop_over_what_it_rebinds():
    def f(x):
        for v in x:
            x = x * v
        return np.sum(x)
    check(f, X)


def test_a_range_changed_inside_the_loop():
    def f(x, n):
        s = x
        for i in range(n):
            n = 1
            s = s * x
        return s + n
    check(f, 1.1, 4)


@pytest.mark.parametrize(("start", "stop", "step"), [(0, 7, 3), (7, 0, -2), (3, 3, 1), (5, 0, 1), (-3, 4, 2), (0, -5, -1)])
def test_ranges(start, stop, step):
    def f(x, start, stop, step):
        s = x
        for i in range(start, stop, step):
            s = s * x + i
        return s
    check(f, 0.9, start, stop, step)


def test_a_thousand_iterations():
    def f(x):
        y = x
        for i in range(1000):
            y = math.sin(y) + 0.001 * x * i / 1000
        return y
    check(f, 0.9)


def test_a_loop_in_a_while_in_a_loop():
    def f(x):
        s = x
        for i in range(3):
            n = 0
            while s < 5.0 and n < 4:
                for j in range(i + 1):
                    s = s + 0.3 * s * x
                n += 1
            s = s * 0.5
        return s
    check(f, 0.8)


def test_what_is_bound_only_in_a_loop():
    def f(x):
        n = 0
        while n < 2:
            last = x * (n + 1)
            n += 1
        return last * last
    check(f, 0.8)


def test_an_accumulator_that_starts_as_an_integer():
    def f(x):
        s = 0
        p = 1
        for v in x:
            s += v
            p *= v
        return s * p
    check(f, X)


# -- numbers --------------------------------------------------------------------------------------------


def test_an_integer_where_a_float_is_meant():
    def f(x):
        y = 2
        y = y * x
        z = 1 if y > 0 else y
        return z + y // 1 + 7 // 2 * y
    check(f, 0.7)


def test_integer_division_of_integers_stays():
    def f(x, n):
        return x * (n // 2) + x ** (n % 3)
    check(f, 1.7, 5)


def test_float32_in_float32_out():
    def f(x, s):
        y = x * 2
        z = y * s + np.float32(1.5)
        return np.sum(z * z)
    g, s = grad(f, argnums=(0, 1))(X.astype(np.float32), np.float32(0.7))
    assert g.dtype == np.float32 and type(s) is np.float32
    check(f, X.astype(np.float32), np.float32(0.7), argnums=(0, 1))


def test_mixed_precision():
    def f(x, y):
        return np.sum(x * y)
    gx, gy = grad(f, argnums=(0, 1))(X.astype(np.float32), X)
    assert gx.dtype == np.float32 and gy.dtype == np.float64


@pytest.mark.parametrize("x", [0.7, np.float64(0.7), np.array(0.7), np.float32(0.7), np.array([0.7]), np.array([[0.7]])],
                         ids=["float", "float64", "0d", "float32", "one", "one by one"])
def test_every_kind_of_one_number(x):
    def f(x):
        return np.sum(x * x + np.sin(x) * 3.0)
    check(f, x)


def test_a_0d_array_in_arithmetic():
    def f(x, a):
        y = x * a
        y = y + x[()]
        return y.sum()
    check(f, np.array(0.7), X, argnums=(0, 1))


def test_to_the_power_zero():
    def f(x):
        return x ** 0 + x ** 1 * 3.0
    assert grad(f)(0.0) == 3.0
    check(f, 0.0)


def test_the_square_at_zero():
    assert grad(lambda x: x ** 2)(0.0) == 0.0
    assert np.array_equal(grad(lambda x: np.sum(x ** 2))(np.zeros(3)), np.zeros(3))
    assert np.array_equal(grad(lambda x: np.sum(x ** 3.0))(np.array([0.0, -1.0])), np.array([0.0, 3.0]))


def test_x_to_the_x():
    def f(x):
        return x ** x + np.sum(np.array([x, 2.0]) ** x)
    check(f, 1.3)


def test_a_power_of_a_negative_base():
    def f(x, n):
        return x ** n + x ** 3 + np.power(x, 2)
    check(f, -1.3, 2)


def test_abs_at_zero_is_flat():
    assert grad(lambda x: abs(x))(0.0) == 0.0
    assert np.array_equal(grad(lambda x: np.sum(np.abs(x)))(np.zeros(2)), np.zeros(2))


def test_where_with_nan_on_the_side_not_taken():
    def f(x):
        safe = np.where(x > 0, x, 1.0)
        return np.sum(np.where(x > 0, np.sqrt(safe), 0.0))
    g = grad(f)(np.array([4.0, -1.0, 0.0]))
    assert np.array_equal(g, [0.25, 0.0, 0.0])


def test_where_leaves_a_constant_alone():
    bad = np.array([np.nan, np.inf, 1.0])

    def f(x):
        return np.sum(np.where(np.isfinite(bad), x * 2.0, 0.0))
    assert np.array_equal(grad(f)(np.ones(3)), [0.0, 0.0, 2.0])


def test_nan_goes_through():
    g = grad(lambda x: np.sum(np.log(x) ** 2))
    with np.errstate(all="ignore"):
        assert np.isnan(g(np.array([-1.0, 2.0]))[0])
        assert np.isnan(grad(lambda x: x * x)(math.nan))


def test_ties_of_max():
    g = grad(lambda x: np.max(x))(np.array([1.0, 3.0, 3.0]))
    assert math.isclose(np.sum(g), 1.0) and g[0] == 0.0
    a, b = grad(lambda a, b: max(a, b), argnums=(0, 1))(2.0, 2.0)
    assert a + b == 1.0
    a, b = grad(lambda a, b: np.sum(np.maximum(a, b)), argnums=(0, 1))(np.ones(2), np.ones(2))
    assert np.array_equal(a + b, np.ones(2))


def test_a_large_intermediate_value():
    def f(x):
        return np.log(np.sum(np.exp(x - np.max(x)))) + np.max(x)
    check(f, X + 1000.0, step=1e-3)


# -- functions ------------------------------------------------------------------------------------------

TABLE = np.array([1.0, 2.0])


def with_default(x, table=TABLE, scale=2.0):
    return np.sum(table * x) * scale


def test_an_array_as_default():
    assert grad(with_default)(3.0) == 6.0
    assert np.array_equal(grad(with_default, argnums=1)(3.0), [6.0, 6.0])
    assert np.array_equal(TABLE, [1.0, 2.0])


def test_a_mutable_default_is_read_at_each_call():
    def f(x, table=[1.0, 2.0]):
        return x * table[0] + x * len(table)
    g = grad(f)
    assert g(1.0) == 3.0
    f.__defaults__[0][0] = 5.0
    assert g(1.0) == 7.0
    f.__defaults__[0].append(0.0)
    assert g(1.0) == 8.0


def test_a_closure_over_a_loop_variable():
    fs = []
    for k in (1.0, 2.0, 3.0):
        def f(x):
            return k * x * x
        fs.append(grad(f))
    assert [f(1.0) for f in fs] == [6.0, 6.0, 6.0]
    fs = [grad(lambda x, k=k: k * x * x) for k in (1.0, 2.0, 3.0)]
    assert [f(1.0) for f in fs] == [2.0, 4.0, 6.0]


GLOBAL = 2.0


def reads_global(x):
    return GLOBAL * x * x


def square_global(x):
    return x * x


def calls_global(x):
    return square_global(x) * 3.0


def test_a_global_rebound_between_calls(monkeypatch):
    g = grad(reads_global)
    assert g(1.0) == 4.0
    monkeypatch.setitem(globals(), "GLOBAL", 5.0)
    assert g(1.0) == 10.0
    monkeypatch.setitem(globals(), "GLOBAL", np.float64(6.0))
    assert g(1.0) == 12.0
    monkeypatch.setitem(globals(), "GLOBAL", 7)
    assert g(1.0) == 14.0


def test_a_global_array_changed_in_place():
    table = np.array([1.0, 2.0])

    def f(x):
        return np.sum(table * x * x)
    g = grad(f)
    assert g(1.0) == 6.0
    table[0] = 10.0
    assert g(1.0) == 24.0


def test_a_closure_cell_rebound_between_calls():
    scale = 2.0

    def f(x):
        return scale * x * x
    g = grad(f)
    assert g(1.0) == 4.0
    scale = 3.0
    assert g(1.0) == 6.0
    scale = np.array([1.0, 2.0, 3.0])
    f2 = grad(lambda x: np.sum(scale * x))
    assert f2(1.0) == 6.0
    scale = np.array([1.0, 2.0])
    assert f2(1.0) == 3.0


def test_a_function_rebound_between_calls(monkeypatch):
    g = grad(calls_global)
    assert g(2.0) == 12.0
    monkeypatch.setitem(globals(), "square_global", lambda x: x * x * x)
    assert g(2.0) == 36.0
    monkeypatch.setitem(globals(), "square_global", math.exp)
    assert math.isclose(g(2.0), 3.0 * math.exp(2.0))


def test_a_module_function_rebound_between_calls(monkeypatch):
    from tests.corpus import helpers

    def f(x):
        return helpers.weighted(x)
    g = grad(f)
    assert g(1.0) == 6.0
    monkeypatch.setattr(helpers, "SCALE", 3.0)
    assert g(1.0) == 12.0
    monkeypatch.setattr(helpers, "square", lambda x: x)
    assert g(1.0) == 6.0


def test_an_attribute_rebound_between_calls():
    class Model:
        rate = 2.0

        def loss(self, x):
            return self.rate * x * x
    m = Model()
    g = grad(m.loss)
    assert g(1.0) == 4.0
    m.rate = 5.0
    assert g(1.0) == 10.0
    m.rate = np.array([1.0, 2.0])
    assert grad(lambda x: np.sum(m.loss(x)))(1.0) == 6.0


def test_two_instances_do_not_share():
    class Model:
        def __init__(self, rate):
            self.rate = rate

        def loss(self, x):
            return self.rate * x * x
    a, b = Model(1.0), Model(np.float64(3.0))
    assert [grad(m.loss)(1.0) for m in (a, b)] == [2.0, 6.0]
    g = grad(Model.loss, argnums=1)
    assert [g(m, 1.0) for m in (a, b, a)] == [2.0, 6.0, 2.0]


def test_shadowed_builtins():
    def f(x):
        sum = x * 2.0
        max = lambda a, b: a * b     # noqa: E731
        np = 3.0
        abs, len = sum, np
        return sum * max(x, np) + abs * len
    check(f, 0.7)


def test_parameters_named_like_what_is_generated():
    def f(x, x_bar, np, out, y_bar):
        y = x * x_bar
        z = y * np + out
        s_bar = z * y_bar
        return s_bar * x
    check(f, 0.3, 0.7, 1.1, 1.9, 2.3, argnums=(0, 1, 2, 3, 4))


def test_locals_named_like_what_is_generated():
    def f(x):
        x_bar = np.sin(x)
        x_trail = x_bar * x
        value = x_trail + x
        out_bar = value * 2.0
        g, i, took_L3, trips_L5 = out_bar, x, x_bar, value
        for k in range(3):
            i = i + np.sum(g) * np.sum(took_L3)
            x_bar = x_bar * i
        return np.sum(x_bar * trips_L5) + np.sum(out_bar)
    check(f, X)


def test_a_parameter_named_math():
    def f(math, sin):
        return math * sin * math
    check(f, 0.3, 0.7, argnums=(0, 1))


def test_unicode_names():
    def f(α, θ_1):
        μ = α * θ_1
        λ = math.sin(μ) + α
        return λ * λ
    check(f, 0.3, 0.7, argnums=(0, 1))


def test_lambdas_on_one_line():
    f, g = (lambda x: x * 2.0), (lambda x: (lambda t: t * x)(x * x))
    assert grad(f)(3.0) == 2.0
    assert grad(g)(3.0) == 27.0
    pair = [lambda x: x + 1.0 * x, lambda x: x + 1.0 * x * x]
    assert [grad(h)(3.0) for h in pair] == [2.0, 7.0]


def test_the_same_lambda_text_twice_on_one_line():
    a, b = 2.0, 3.0
    fs = [(lambda x: a * x), (lambda x: b * x), (lambda x: a * x * b)]
    assert [grad(f)(1.0) for f in fs] == [2.0, 3.0, 6.0]


def factorial_like(x, n):
    return 1.0 if n <= 0 else x * n * factorial_like(x * 0.5, n - 1)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_recursion(n):
    check(factorial_like, 1.3, n)


def ping(x, n):
    if n == 0:
        return x * x
    return pong(x + 0.1, n - 1) * x


def pong(x, n):
    if n == 0:
        return x
    y = ping(x * 0.9, n - 1)
    return y + x


def test_mutual_recursion():
    check(ping, 1.3, 5)


def halve_until(x):
    return x * x if x < 1.0 else halve_until(x * 0.5) + x


def test_recursion_whose_depth_depends_on_the_value():
    check(halve_until, 0.4)
    check(halve_until, 13.0)


def test_a_generator_in_sum():
    def f(x):
        n = 3
        s = sum(v * v * n for v in x if v > 0)
        return s + sum(n * v for n, v in enumerate(x)) + n
    check(f, X)


def test_a_walrus_in_a_while():
    def f(x):
        s = 0.0
        while (r := x - s) > 0.01:
            s = s + 0.5 * r
        return s * r
    check(f, 0.8)


def test_a_walrus_in_a_condition():
    def f(x):
        if (y := x * x) > 0.5 and (z := y * 2.0) > 0.1:
            return y * z
        return y
    check(f, 0.9)
    check(f, 0.3)



def counted(x):
    print("counted")
    return x * 2.0


def test_a_chained_comparison_evaluates_its_middle_once(capsys):
    def f(x):
        if 0.0 < counted(x) < 3.0:
            return x * x
        return x
    assert grad(f)(1.0) == 2.0
    assert capsys.readouterr().out == "counted\n"
    assert grad(f)(-1.0) == 1.0
    assert capsys.readouterr().out == "counted\n"
    assert grad(f)(5.0) == 1.0
    assert capsys.readouterr().out == "counted\n"


def test_a_chained_comparison_stops_early(capsys):
    def f(x):
        if 2.0 < x < counted(x):
            return x * x
        return x
    assert grad(f)(1.0) == 1.0
    assert capsys.readouterr().out == ""
    assert grad(f)(3.0) == 6.0
    assert capsys.readouterr().out == "counted\n"


def test_and_or_evaluate_what_they_must(capsys):
    def f(x):
        y = counted(x) > 0 or counted(x) < -10
        z = x > 0 and counted(x) > 0
        return x * x if y and not z else x * 3.0
    assert grad(f)(1.0) == 3.0
    assert capsys.readouterr().out == "counted\n" * 2
    assert grad(f)(-1.0) == 3.0
    assert capsys.readouterr().out == "counted\n" * 2


def test_prints_happen_once_and_in_order(capsys):
    def f(x):
        print("start", end=";")
        s = 0.0
        for i in range(3):
            print(f"{i}: {x * i:.1f}", end=";")
            s = s + x ** i
        if s > 1:
            print("large", s > 2, end=";")
        print("end")
        return s
    expected = "start;0: 0.0;1: 2.0;2: 4.0;large True;end\n"
    f(2.0)
    assert capsys.readouterr().out == expected
    assert grad(f)(2.0) == 5.0
    assert capsys.readouterr().out == expected
    value_and_grad(f)(2.0)
    assert capsys.readouterr().out == expected
    grad(grad(f))(2.0)
    assert capsys.readouterr().out == expected


def test_an_error_leaves_as_it_would_leave_the_function():
    def f(x):
        y = x * 2.0
        if np.sum(y) > 10:
            raise ValueError(f"too large: {np.sum(y):.0f}")
        assert y[0] >= 0, "negative"
        return np.sum(y * y)
    g = grad(f)
    assert np.array_equal(g(np.ones(2)), [8.0, 8.0])
    with pytest.raises(ValueError, match="^too large: 20$"):
        g(np.array([5.0, 5.0]))
    with pytest.raises(AssertionError, match="^negative$"):
        g(np.array([-1.0, 1.0]))
    assert np.array_equal(g(np.ones(2)), [8.0, 8.0])


def test_an_error_of_a_called_function():
    def f(x):
        return math.sqrt(x) * math.log(x)
    with pytest.raises(ValueError, match="math domain error|expected a"):
        grad(f)(-1.0)
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1.0 / x)(0.0)
    with pytest.raises(IndexError):
        grad(lambda x, i: x[i] * 2.0)(np.ones(3), 5)


def test_an_error_though_the_value_is_not_needed():
    def f(x):
        math.sqrt(x - 1.0)
        unused = 1.0 / (x - 4.0)
        return 2.0 * x
    assert grad(f)(3.0) == 2.0
    with pytest.raises(ValueError, match="math domain error|expected a"):
        grad(f)(0.0)
    with pytest.raises(ZeroDivisionError):
        grad(f)(4.0)


def test_an_index_error_though_the_value_is_not_needed():
    def f(x):
        x[7]
        return np.sum(x * x)
    with pytest.raises(IndexError):
        grad(f)(np.ones(3))


@pytest.mark.parametrize("fn", [operator.add, operator.floordiv, np.add, np.logical_and, np.heaviside,
                                lambda x, y: np.where(x > 0.0, x, y)])
def test_shapes_that_do_not_fit_though_the_value_is_not_needed(fn):
    def f(x, y):
        fn(x, y)
        return np.sum(x * x)
    with pytest.raises(ValueError, match="broadcast"):
        grad(f)(np.ones(3), np.ones(4))


def test_a_key_error_though_the_value_is_not_needed():
    table = {"a": 1.0}

    def f(x, key):
        table[key]
        return x * x
    assert grad(f)(2.0, "a") == 4.0
    with pytest.raises((KeyError, TypeError), match="b"):
        grad(f)(2.0, "b")


def test_a_name_left_unbound_raises():
    def f(x):
        if x > 0:
            y = x * x
        return y

    def g(x, n):
        for i in range(n):
            y = x * i
        return y * x
    assert grad(f)(2.0) == 4.0
    assert grad(g)(2.0, 3) == 8.0
    with pytest.raises(UnboundLocalError):
        grad(f)(-2.0)
    with pytest.raises(UnboundLocalError):
        grad(g)(2.0, 0)


def test_shapes_that_do_not_fit_raise():
    def f(x, y):
        return np.sum(x * y)
    with pytest.raises(ValueError, match="broadcast"):
        grad(f)(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="matmul|shape|mismatch|align"):
        grad(lambda a, b: np.sum(a @ b))(np.ones((2, 3)), np.ones((2, 3)))


def test_wrong_arguments_raise_as_a_call_would():
    g = grad(lambda x, y: x * y)
    with pytest.raises(TypeError):
        g(1.0)
    with pytest.raises(TypeError):
        g(1.0, 2.0, 3.0)
    with pytest.raises(TypeError):
        g(1.0, z=2.0)


# -- results --------------------------------------------------------------------------------------------


def test_the_argument_itself_returned():
    assert check(lambda x: x, 2.0) == 1.0
    assert same(grad(lambda x: x)(np.float64(2.0)), np.float64(1.0))
    assert same(grad(lambda x: x)(np.array(2.0)), np.array(1.0))


def test_an_unused_argument_has_zeros():
    def f(x, a, s, t, u):
        return x * 2.0
    args = (1.0, M, 0.5, np.float32(1.0), np.array(2.0, np.float32))
    got = grad(f, argnums=(1, 2, 3, 4))(*args)
    assert same(got, (np.zeros((2, 3)), 0.0, np.float32(0.0), np.array(0.0, np.float32)))


def test_a_constant_function_has_zeros():
    assert same(grad(lambda x: 3.0)(2.0), 0.0)
    assert same(grad(lambda x: 3)(np.ones(2)), np.zeros(2))
    assert same(value_and_grad(lambda x: 3.0)(2.0), (3.0, 0.0))


def test_an_inactive_result():
    def f(x):
        n = len(x)
        return float(n) + np.sum(np.floor(x))
    assert same(grad(f)(X), np.zeros(4))


def test_a_result_of_a_comparison_is_flat():
    def f(x):
        return np.sum(x > 0.5) * 1.0 + float(x[0] > 0)
    assert same(grad(f)(X), np.zeros(4))


def test_active_in_one_arm_only():
    def f(x):
        if x > 0:
            return x * x
        return 7.0
    check(f, 1.0)
    assert same(grad(f)(-1.0), 0.0)


def along_ones(f):
    """The sum of a gradient: its own gradient is a second derivative."""
    g = grad(f)

    def along(*args):
        return np.sum(g(*args))
    return along


def test_the_second_derivative_where_an_arm_was_not_taken():
    def f(x):
        b = x
        if np.sum(x) > 0.5:
            b = np.sin(np.sin(x))
        return np.sum(b * x)
    check(along_ones(f), X)
    check(along_ones(f), -X)


def test_the_second_derivative_of_branches_in_loops():
    def f(x, n):
        b = x
        for i in range(n):
            if np.sum(b) > 0.5:
                c = b * b
                b = np.sin(c) * x
            else:
                b = np.cos(b) + 0.2 * x
            if i > 1:
                continue
            k = 0
            while k < 3 and np.sum(b) < 2.0:
                k += 1
                b = b + np.exp(-b * b)
        return np.sum(b * x)
    check(along_ones(f), X, 4)
    check(along_ones(f), -X, 0)


def test_the_second_derivative_of_early_returns():
    def f(x):
        y = np.tanh(x)
        if np.sum(y) > 1.0:
            z = y * y
            return np.sum(z * z)
        for v in x:
            if v > 0.5:
                return np.sum(y ** 3) * v
            y = y * v
        return np.sum(y)
    for sign in (1.0, -1.0, 2.0, 0.1):
        check(along_ones(f), sign * X)


def test_deep_nesting():
    def f(x):
        s = x
        for a in range(2):
            for b in range(2):
                for c in range(2):
                    if s > 1.0:
                        for d in range(2):
                            if d > 0:
                                if s > 2.0:
                                    s = s * 0.7
                                else:
                                    s = s + 0.1 * x * a
                            else:
                                s = s + 0.2 * x
                    else:
                        s = s * 1.5 + 0.05 * b * c * x
        return s
    check(f, 0.9)
    check(f, 0.2)


def test_a_deep_expression():
    def f(x):
        return ((((((((((x + 1.0) * x + 2.0) * x + 3.0) * x + 4.0) * x + 5.0) * x + 6.0) * x + 7.0) * x + 8.0) * x
                 + 9.0) * x + 10.0)
    check(f, 0.5)


def make_long(tmp_path, lines):
    body = ["def long(x):", "    y = x"]
    for i in range(lines):
        body.append(f"    y = y * 0.99 + math.sin(x + {i}) / {i + 1}" if i % 3 else f"    t{i} = y * x\n    y = y + 0.01 * t{i}")
    body.append("    return y")
    path = tmp_path / "long_module.py"
    path.write_text("import math\n" + "\n".join(body) + "\n", encoding="utf-8")
    namespace = {"__name__": "long_module"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return namespace["long"]


def test_a_very_long_function(tmp_path):
    check(make_long(tmp_path, 300), 0.7)


def test_no_grad_does_not_leak_out_of_a_loop():
    def f(x):
        s = x
        for _ in range(2):
            with no_grad():
                c = s * s
            s = s * c
        return s * x
    # s -> c s with c held: ds = c1 c2 = x^2 x^6, then s x = x^9 x
    x = 1.3
    assert math.isclose(grad(f)(x), x ** 8 * x + x ** 9, rel_tol=1e-12)


def test_one_array_through_two_functions():
    def half(a):
        return a * 0.5

    def f(x):
        a = half(x)
        b = half(a)
        a = half(b) + a
        return np.sum(a * b)
    check(f, X)


def test_a_dict_of_parameters_with_one_that_is_unused():
    def f(p):
        return np.sum(p["w"] ** 2) * p["s"]
    g = check(f, {"w": X, "s": 0.5, "unused": M})
    assert np.array_equal(g["unused"], np.zeros((2, 3)))


def test_functions_that_differ_in_their_closures_only():
    def make(n):
        def f(x):
            s = x
            for _ in range(n):
                s = s * x
            return s
        return f
    assert [grad(make(n))(2.0) for n in (0, 1, 2)] == [1.0, 4.0, 12.0]


def test_functions_that_share_a_name_and_line():
    fs = [lambda x, n=n: x ** n for n in (1, 2, 3)]
    gs = [grad(f) for f in fs]
    assert [g(2.0) for g in gs] == [1.0, 4.0, 12.0]


def test_the_second_derivative_of_a_value_replaced_in_a_loop():
    def f(x, y, n):
        a = x * y
        i = 0
        while i < 3 and x < -0.5:
            i += 1
            a = a - a * a
        b = math.tanh(x * y)
        for k in range(n):
            a = b
        return a
    gradient = grad(f, argnums=(0, 1))

    def along(x, y, n):
        p, q = gradient(x, y, n)
        return p * 1.5 + q * 0.7
    check(along, 0.7, -0.4, 3, argnums=(0, 1))
    check(along, -0.7, -0.4, 0, argnums=(0, 1))


def test_the_length_of_a_range_that_is_empty():
    def f(x, n):
        return x * len(range(2, n)) + x * len(range(n))
    for n in (-1, 0, 1, 2, 5):
        check(f, 2.0, n)


def test_two_means_in_single_precision():
    def f(x, y):
        return np.mean(x * y) + np.mean(x[:, None] * y, axis=0).sum()

    x, y = np.linspace(0.1, 1.0, 6, dtype=np.float32), np.linspace(1.0, 2.0, 6, dtype=np.float32)
    for found in (grad(f, (0, 1))(x, y), value_and_grad(f, (0, 1))(x, y)[1]):
        assert [g.dtype for g in found] == [np.float32, np.float32]
        np.testing.assert_allclose(found[0], y / 6 + y.sum() / 6, rtol=1e-5)
        np.testing.assert_allclose(found[1], x / 6 + x.sum() / 6, rtol=1e-5)


def means_and_spreads(x, y):
    return np.mean(x) + np.var(x) + np.std(x[2:]) + np.mean(y, axis=0).sum()


@pytest.mark.parametrize("sizes", [(0, (0, 3)), (2, (3, 0)), (2, (0, 0)), (5, (1, 2))])
def test_means_of_nothing_are_not_divided_by(sizes):
    x, y = (np.ones(size) for size in sizes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        want = means_and_spreads(x, y)
        value, (x_bar, y_bar) = value_and_grad(means_and_spreads, (0, 1))(x, y)
    np.testing.assert_allclose(value, want)
    assert x_bar.shape == x.shape
    assert y_bar.shape == y.shape


# -- scalars of NumPy's and of Python's -------------------------------------------------------------------


@pytest.mark.parametrize("s", [0.3, np.float64(0.3), np.float32(0.3)], ids=["float", "np.float64", "np.float32"])
@pytest.mark.parametrize("n", [0, 2])
def test_a_gradient_that_is_a_constant_on_one_way_has_the_type_of_its_argument(s, n):
    def branch(s, x):
        if x[0] > 0.5:
            s = np.sum(x)
        return s

    def loop(s, x, n):
        for k in range(n):
            s = x[k]
        return s

    for x in (X, -X):
        check(branch, s, x, argnums=(0, 1))
    check(loop, s, X, n, argnums=(0, 1))


@pytest.mark.parametrize("n", [0, 2])
@pytest.mark.parametrize("join", [
    lambda s, x: np.hstack([s, x[1:]]), lambda s, x: np.concatenate([s, x], axis=None), lambda s, x: np.transpose(s) * x,
    lambda s, x: np.repeat(s, 4) * x, lambda s, x: np.append(s, x)], ids=["hstack", "concatenate", "transpose", "repeat", "append"])
def test_a_number_that_a_loop_may_make_numpys_has_no_attributes(n, join):
    def f(s, x, n):
        for k in range(n):
            s = np.sum(x)
        z = join(s, x * x)
        return np.sum(z * z)
    check(f, 0.3, X, n, argnums=(0, 1))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_an_array_without_axes_that_is_written_into_and_returned(dtype):
    def added(s, x):
        s += x @ x
        return s

    def stored(s, x):
        s[...] = s * x[0]
        return s

    def looped(s, x):
        for k in range(2):
            s *= x[k]
        return s

    def chosen(s, x):
        if x[1] < 0.0:
            s[()] = s * x[0]
        return s

    for f in (added, stored, looped, chosen):
        check(f, np.array(0.3, dtype), X.astype(dtype), argnums=(0, 1), step=1e-3)


@pytest.mark.parametrize("f", [
    lambda s, x: s + max(s, -0.4) * x[0], lambda s, x: 2.0 * s + np.where(s > 0.05, x[0], s), lambda s, x: s + np.where(s > 9.0, s, 0.3),
    lambda s, x: np.minimum(x @ x, s) if s > 0.0 else 0.3, lambda s, x: s * (x[1] if s > 9.0 else 0.3)],
    ids=["max", "where", "constant", "minimum", "branch"])
def test_gradients_of_single_precision_are_of_single_precision(f):
    x = X.astype(np.float32)
    for s in (np.float32(0.3), np.array(0.3, np.float32), np.float32(-0.2)):
        check(f, s, x, argnums=(0, 1), step=1e-2)


def test_numbers_that_where_makes_may_be_added_to():
    def f(s, x):
        y = np.where(np.sum(x) > 2.0, np.sum(x), s)
        y += x[0] * s
        for k in range(2):
            y *= x[k]
        return s + y
    check(f, 0.3, X, argnums=(0, 1))
    check(f, np.array(0.3, np.float32), X.astype(np.float32), argnums=(0, 1), step=1e-2)


def never_left(x):
    """That the loop is not left is known only when the one inside it has turned out to do nothing."""
    limit, h, s = 0.3, x * 1.0, 0.0
    for i in range(3, -1, -1):
        h = np.sin(h) + 0.1 * x[i]
        for _ in range(0):
            limit = limit + x[2]
            if limit > 0.9:
                break
        h[i] = x[i] ** 2 * (i + 1)
        s += h[i] * np.sum(h)
        if limit > 0.9:
            break
    return s


def never_left_in_steps(x):
    limit, s = 0.3, 0.0
    for k in range(2):
        for i in range(1, 4, 2):
            for _ in range(0):
                limit = limit + x[2]
                if limit > 0.9:
                    break
            s = np.tanh(s + x[i] * x[k])
            if limit > 0.9:
                break
    return s


@pytest.mark.parametrize("f", [never_left, never_left_in_steps])
def test_loops_that_are_never_left(f):
    check_against_differences(f, (np.array([0.4, -0.3, 0.7, 0.2]),))
    check_against_differences(lambda x: np.sum(grad(f)(x) * np.arange(1.0, 5.0)), (np.array([0.4, -0.3, 0.7, 0.2]),))


def stored_in_an_arm(x):
    u, s, t = np.zeros(4), 0.3, 0.1
    for i in range(4):
        s = 0.5 * s + 0.3 * x[i]
        t = np.tanh(np.sin(s) + 0.2 * t)
        if t < s:
            u[i] = s
    return s + t + np.sum(u * u)


def stored_in_a_loop_that_may_not_run(x):
    u, s, t = np.zeros(4), 0.3, 0.1
    for i in range(4):
        s = 0.5 * s + 0.3 * x[i]
        t = np.tanh(np.sin(s) + 0.2 * t)
        for _ in range(i % 2):
            u[i] = s
    return s + t + np.sum(u * u)


@pytest.mark.parametrize("f", [stored_in_an_arm, stored_in_a_loop_that_may_not_run])
def test_what_is_stored_now_and_then(f):
    for x in (np.array([0.4, -0.3, 0.7, 0.2]), np.array([2.0, 0.1, 3.0, -1.0])):
        check_against_differences(f, (x,))


def twice_the_norm(x):
    return np.linalg.norm(x) * np.linalg.norm(x)


@pytest.mark.parametrize("f", [lambda x: np.abs(x) * np.abs(x), lambda x: (x * x) ** 0.5 * (x * x) ** 0.5])
def test_a_root_times_itself_is_smooth(f):
    with np.errstate(all="ignore"):
        assert grad(grad(f))(0.0) == 2.0
        assert grad(f)(-1.5) == -3.0
        assert np.array_equal(hessian(twice_the_norm)(np.zeros(2)), 2.0 * np.eye(2))
