"""The language that is read, item by item; each against differences.  The corpus has larger programs."""

import functools
import logging
import math

import numpy as np
import pytest

from ad_compiler import grad
from tests.corpus import helpers
from tests.fd import check_against_differences

X = np.array([0.3, -1.2, 0.7, 2.1])
M = np.array([[0.3, -1.2, 0.7], [2.1, 0.4, -0.6]])


def check(f, *args, argnums=0, kwargs=None, **options):
    return check_against_differences(f, args, argnums, kwargs, **options)


# -- values ---------------------------------------------------------------------------------------------


def test_scalars_of_python_and_numpy():
    def f(a, b):
        return a * b + a / b - a ** b + -a
    check(f, 1.3, np.float64(0.7), argnums=(0, 1))
    check(f, np.float32(1.3), 0.7, argnums=(0, 1))


@pytest.mark.parametrize("op", [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a ** b,
    lambda a, b: a % b, lambda a, b: a // b + a,
], ids=["+", "-", "*", "/", "**", "%", "//"])
@pytest.mark.parametrize(("a", "b"), [
    (1.3, 2.7), (np.full((2, 3), 1.3), 2.7), (1.3, np.full(3, 2.7)), (np.full((2, 3), 1.3), np.full(3, 2.7)),
    (np.full((2, 1), 1.3), np.full((1, 3), 2.7)), (np.full((1,), 1.3), np.full((2, 3), 2.7)),
], ids=["scalars", "array-scalar", "scalar-array", "rows", "outer", "one"])
def test_arithmetic_with_broadcasting(op, a, b):
    def f(a, b):
        return np.sum(op(a, b) * np.array([1.0, 2.0, 3.0]))
    check(f, a, b, argnums=(0, 1))


def test_matrix_product():
    check(lambda a, b: np.sum((a @ b) ** 2), M, M.T.copy(), argnums=(0, 1))
    check(lambda a, b: (a @ b) * (b @ a), X, X[::-1].copy(), argnums=(0, 1))


@pytest.mark.parametrize("test", [
    lambda x: x < 1.0, lambda x: x <= 1.0, lambda x: x > 1.0, lambda x: x >= 1.0, lambda x: x == 1.0, lambda x: x != 1.0,
    lambda x: not x < 1.0, lambda x: x is not None, lambda x: 2 in (1, 2),
], ids=["<", "<=", ">", ">=", "==", "!=", "not", "is not", "in"])
def test_comparisons(test):
    def f(x):
        return x * x if test(x) else 3.0 * x
    check(f, 0.7)
    check(f, 1.7)


def test_if_elif_else():
    def f(x):
        if x < 0:
            y = -x
        elif x < 1:
            y = x * x
        elif x < 2:
            y = 2 * x
        else:
            y = x ** 3
        return y
    for x in (-0.5, 0.5, 1.5, 2.5):
        check(f, x)


def test_ternary():
    check(lambda x: (x if x > 0 else -2.0 * x) * (3.0 if x > 1 else x), -0.3)


def test_and_or_not():
    def f(x, y):
        a = x and y
        b = x or y
        c = 2.0 if not x > y and (x > 0 or y > 0) else x
        return a * b * c
    check(f, 0.5, 1.5, argnums=(0, 1))
    check(f, 1.5, 0.5, argnums=(0, 1))


def test_chained_comparison():
    def f(x, y):
        return x * y if 0 < x < y <= 2 else x + y
    check(f, 0.5, 1.5, argnums=(0, 1))
    check(f, 1.7, 1.5, argnums=(0, 1))


def test_walrus():
    def f(x):
        if (y := x * x) > 0.1:
            return y * (z := y + 1.0) + z
        return y
    check(f, 0.8)


# -- loops ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_for_over_range_with_any_step(step):
    def f(x, step):
        s = x
        for i in range(5 if step < 0 else 0, -1 if step < 0 else 5, step):
            s = s * 1.1 + i * x
        return s
    check(f, 0.4, step)


def test_for_over_range_with_literal_steps():
    def f(x):
        s = 0.0
        for i in range(len(x) - 1, -1, -1):
            s = s * 0.5 + x[i] ** 2
        for i in range(0, len(x), 2):
            s = s * x[i]
        return s
    check(f, X)


def test_for_over_rows_of_an_array():
    def f(m):
        s = 1.0
        for row in m:
            for v in row:
                s = s * (1.0 + 0.1 * v)
            s = s + row @ row
        return s
    check(f, M)


def test_for_over_lists_and_tuples():
    def f(x):
        s = 0.0
        for c in [1.0, x, x * x]:
            s = s * x + c
        for a, b in ((1, x), (2, 2.0)):
            s += a * b
        return s
    check(f, 0.7)


def test_for_over_zip():
    def f(x, y):
        s = 0.0
        for a, b, c in zip(x, y, range(4)):
            s += a * b * c
        for a, b in zip([x[0], x[1]], (y[1], y[0])):
            s += a * a * b
        return s
    check(f, X, X * 2.0, argnums=(0, 1))


def test_zip_stops_at_the_shortest():
    def f(x, y):
        return sum(a * b for a, b in zip(x, y))
    check(f, X, X[:2].copy(), argnums=(0, 1))
    check(f, X[:3].copy(), X, argnums=(0, 1))


def test_for_over_enumerate():
    def f(x):
        s = 0.0
        for i, v in enumerate(x):
            s += v ** 2 * i
        for i, v in enumerate([x[0], x[1]], 5):
            s += v * i
        for i, (a, b) in enumerate(zip(x, x[1:])):
            s += a * b * i
        return s
    check(f, X)


def test_for_over_reversed():
    def f(x):
        s = 0.0
        for v in reversed(x):
            s = s * 0.3 + v
        for v in reversed([1.0, 2.0]):
            s = s * v + x[0]
        for i in reversed(range(3)):
            s = s * x[i] + i
        return s
    check(f, X)


def test_for_over_dict_items():
    def f(x, params):
        s = 0.0
        for name, w in params.items():
            s = s * 2.0 + w * x
            if name == "b":
                s = s * x
        for w in params.values():
            s = s + w
        return s
    check(f, 0.7, {"a": 1.5, "b": 2.5}, argnums=(0, 1))


def test_while_with_a_data_dependent_trip_count():
    def f(x):
        n = 0
        while x < 10.0:
            x = x * 1.7
            n += 1
        return x * n
    check(f, 0.9)
    check(f, 8.0)
    check(f, 20.0)


def test_break():
    def f(x):
        s = 0.0
        for i in range(10):
            s = s + x ** i
            if s > 3.0:
                break
        while True:
            s = s * 0.9
            if s < 1.0:
                break
        return s * x
    check(f, 0.9)


def test_continue():
    def f(x):
        s = 0.0
        for v in x:
            if v < 0:
                continue
            s = s * 0.5 + v * v
        i = 0
        while i < 4:
            i += 1
            if i == 2:
                continue
            s = s + x[0] * i
        return s
    check(f, X)


def test_for_else():
    def f(x):
        for i in range(5):
            x = x * 1.5
            if x > 4.0:
                break
        else:
            x = x * x
        return x
    check(f, 0.3)
    check(f, 1.3)


def test_while_else():
    def f(x):
        n = 0
        while n < 3:
            x = x * 1.5
            if x > 4.0:
                x = x + 1.0
                break
            n += 1
        else:
            x = x * x
        return x
    check(f, 0.3)
    check(f, 1.9)


def test_early_return_from_anywhere():
    def f(x):
        if x < 0:
            return x * 3.0
        for i in range(4):
            if x > 3.0:
                return x * i
            n = 0
            while n < 2:
                x = x * 1.2
                n += 1
                if x > 2.0:
                    return x * x
        if x < 1.0:
            return x ** 3
        else:
            y = x * 2.0
        return y
    for x in (-0.5, 0.1, 0.4, 1.5, 3.5):
        check(f, x)


# -- tuples and names -----------------------------------------------------------------------------------


def test_tuple_packing_and_unpacking():
    def f(x):
        pair = x, x * x
        a, b = pair
        (c, d), e = (a, b), a * b
        [g, h] = [c, d]
        return g * h + e * pair[1]
    check(f, 0.7)


def test_starred():
    def f(x):
        a, *b = x, x * 2.0, x * 3.0
        *c, d = b
        return a * b[1] + c[0] * d
    check(f, 0.7)
    check(lambda v: (lambda a, *b: a * b[0])(*[v, v * 2.0]), 0.7)


def test_swap():
    def f(a, b):
        a, b = b, a
        return a * a + b
    check(f, 0.3, 0.7, argnums=(0, 1))


def test_augmented_assignment_of_scalars():
    def f(x):
        y = x
        y += 2.0
        y *= x
        y -= 1.0
        y /= x + 3.0
        y **= 2
        y %= 5.0
        return y
    check(f, 0.7)


def test_augmented_assignment_of_arrays_of_ones_own():
    def f(x, w):
        y = x * w
        y += 2.0
        y *= x
        y -= w
        y /= x ** 2 + 3.0
        for k in range(2):
            y += x * k
        return np.sum(y * y)
    check(f, X, 0.5, argnums=(0, 1))


def test_augmented_assignment_where_the_old_value_is_needed():
    def f(x):
        y = np.sin(x)
        y *= y
        y *= x
        return np.sum(y)
    check(f, X)


@pytest.mark.parametrize("index", [
    0, -1, slice(1, 3), slice(None, None, -1), slice(None, None, 2), [0, 0, 2], np.array([1, 1, 3]), np.array([True, False, True, True]),
    Ellipsis, None, (slice(2, None),), slice(3, 1), (None, slice(1, 2)),
], ids=str)
def test_reading_subscripts_and_slices(index):
    def f(x):
        return np.sum(np.sin(x[index]) * 2.0)
    check(f, X)


def test_reading_subscripts_of_a_matrix():
    def f(m, i, j):
        return m[i, j] * m[i][0] + np.sum(m[:, j] * m[0, 1]) + np.sum(m[i:, ::2]) + m[-1, -1] ** 2 + np.sum(m[..., 1])
    check(f, M, 1, 2)
    check(f, M, 0, 0)


def test_reading_computed_slices():
    def f(x):
        n = len(x)
        half = n // 2
        return np.sum(x[:half] * x[half:]) + x[n - 1] * x[half]
    check(f, X)


def test_reading_lists_tuples_and_dicts():
    def f(x):
        a, b, c = [x, x * 2], (x, [x * 3]), {"k": x * x, 1: 2.0}
        return a[1] * b[1][0] + c["k"] * c[1] + a[-1]
    check(f, 0.7)


# -- comprehensions -------------------------------------------------------------------------------------


def test_list_comprehension():
    check(lambda x: np.sum(np.array([x * k for k in range(4)]) ** 2), 0.7)


def test_dict_comprehension():
    check(lambda x: {k: x ** k for k in (1, 2)}[2] * 3.0, 0.7)


def test_comprehension_with_condition_and_two_loops():
    check(lambda x: sum([x ** (i + j) for i in range(3) for j in range(3) if i != j]), 0.7)


def test_generator_expressions_in_sum_min_max():
    def f(x):
        return sum(v * v for v in x) + max(v * 2 for v in x) * min(np.sin(v) for v in x)
    check(f, X)


# -- functions ------------------------------------------------------------------------------------------


def test_nested_functions():
    def f(x):
        def g(y):
            return y * x

        def h(y):
            return g(y) + g(x)
        return h(2.0) * x
    check(f, 0.7)


def test_closures():
    def make(k):
        def f(x):
            def g():
                return k * x * x
            return g() + k * x
        return f
    check(make(3.0), 0.7)
    check(make(np.array(3.0)), 0.7)


def test_lambdas_several_on_one_line():
    f, g = lambda x: x * x, lambda x: x * x * x
    check(f, 0.7)
    check(g, 0.7)
    check(lambda x: (lambda a: a * x)(x) + (lambda a, b: a * b * x)(x, 2.0), 0.7)


def test_defaults():
    def g(a, b=2.0, *, c=3.0):
        return a * b + c * a * a

    def f(x, y=0.5):
        return g(x) + g(x, y) + g(x, c=x) + g(b=x, a=y)
    check(f, 0.7)
    check(f, 0.7, 0.2, argnums=(0, 1))


def test_keyword_only():
    def f(x, *, power=2, scale):
        return scale * x ** power
    check(f, 0.7, kwargs={"scale": 2.0})
    check(f, 0.7, kwargs={"scale": 2.0, "power": 3})


def test_star_args():
    def total(*values):
        s = 0.0
        for v in values:
            s += v * v
        return s

    def f(x, *rest):
        return total(x, *rest) + total(*rest) * x + len(rest) * x
    check(f, 0.7, 0.2, 0.3, argnums=(0, 2))
    check(f, 0.7)


def test_star_star_kwargs():
    def g(x, **options):
        return x * options["a"] + options.get("b", x)

    def f(x, **options):
        return g(x, **options) + g(x, a=x, b=2.0) + len(options) * x
    check(f, 0.7, kwargs={"a": 2.0})
    check(f, 0.7, kwargs={"a": 2.0, "b": 3.0})


def test_calls_across_modules():
    def f(x, w, b):
        return np.sum(helpers.dense(x, w, b, helpers.softplus)) + helpers.weighted(b[0], weight=3.0)
    check(f, M, M.T.copy(), np.array([0.1, 0.2]), argnums=(0, 1, 2))


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_recursion():
    check(power, 0.7, 4)
    check(lambda x: power(x, 3) + power(x * x, 2), 0.7)


def test_functions_as_arguments():
    def twice(f, x):
        return f(f(x))

    def f(g, x):
        return twice(g, x) + twice(math.sin, x) + twice(lambda t: t * x, x)
    check(f, math.exp, 0.3, argnums=1)
    check(f, helpers.square, 0.3, argnums=1)


def test_functions_in_containers():
    table = {"sin": math.sin, "square": helpers.square}

    def f(x, name):
        for g in (math.cos, helpers.square, lambda t: t * 2.0):
            x = x + g(x)
        return table[name](x)
    check(f, 0.3, "sin")
    check(f, 0.3, "square")


def test_a_decorated_helper():
    def doubled(g):
        @functools.wraps(g)
        def inner(*args, **kwargs):
            return 2.0 * g(*args, **kwargs)
        return inner

    @doubled
    def cube(x, scale=1.0):
        return scale * x ** 3
    check(lambda x: cube(x) + cube(x, scale=x), 0.7)
    check(cube, 0.7)


class Model:
    scale = 2.0

    def __init__(self, w):
        self.w = w

    @property
    def doubled(self):
        return self.w * 2.0

    def predict(self, x):
        return np.tanh(x @ self.w) * self.scale

    def loss(self, x, y=0.5):
        return np.sum((self.predict(x) - y) ** 2) + np.sum(self.doubled)


def test_bound_methods_and_attributes():
    model = Model(np.array([0.5, -0.3, 0.2]))
    check(model.loss, M)
    check(Model.loss, model, M, argnums=1)
    check(lambda x: model.loss(x) * model.w[0] + Model.loss(model, x), M)


@pytest.mark.parametrize("f", [
    lambda x: abs(x - 1.0), lambda x: min(x, 2.0, x * x), lambda x: max(x, 0.1), lambda x: sum([x, x * x, 1]), lambda x: pow(x, 3),
    lambda x: x * round(x), lambda x: x * round(x + 0.123, 1), lambda x: x * len([x, x]), lambda x: float(x) * x, lambda x: int(x + 2.2) * x,
    lambda x: x * bool(x), lambda x: x * divmod(7, 2)[0], lambda x: x * isinstance(x, float),
], ids=["abs", "min", "max", "sum", "pow", "round", "round digits", "len", "float", "int", "bool", "divmod", "isinstance"])
def test_builtins(f):
    check(f, 0.7)


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log2", "log10", "log1p",
                                  "expm1", "sqrt", "fabs", "floor", "ceil", "erf", "erfc", "degrees", "radians"])
def test_math(name):
    fn = getattr(math, name)
    check(lambda x: fn(x) * x, 0.45)


def test_math_of_two():
    check(lambda x, y: math.hypot(x, y) + math.atan2(x, y) + math.pow(x, y) + math.log(x, y), 0.45, 1.7, argnums=(0, 1))
    check(lambda x: math.pi * x + math.e ** x + math.inf * 0.0 if x < 0 else math.tau * x, 0.45)


# -- what can be seen -----------------------------------------------------------------------------------


def test_asserts():
    def f(x):
        assert x > 0, "not positive"
        return x * x
    check(f, 0.7)
    with pytest.raises(AssertionError, match="not positive"):
        grad(f)(-1.0)


def test_raise():
    class Custom(ValueError):
        pass

    def f(x):
        if x < 0:
            raise Custom("below zero", 3)
        return x * x
    check(f, 0.7)
    with pytest.raises(Custom) as info:
        grad(f)(-1.0)
    assert info.value.args == ("below zero", 3)


def test_raise_in_a_loop_and_in_a_helper():
    def positive(x):
        if x <= 0:
            raise ValueError(f"{x} is not positive")
        return math.log(x)

    def f(x):
        return sum(positive(v) for v in x)
    check(f, np.abs(X))
    with pytest.raises(ValueError, match=r"-1\.2 is not positive"):
        grad(f)(X)


def test_print_and_fstrings(capsys):
    def f(x):
        for i in range(2):
            print(f"step {i}: x = {x:.2f}, {x!r:>6}")
            x = x * x
        return x
    assert grad(f)(2.0) == 32.0
    assert capsys.readouterr().out == "step 0: x = 2.00,    2.0\nstep 1: x = 4.00,    4.0\n"


LOG = logging.getLogger(__name__)


def test_logging(caplog):
    def f(x):
        LOG.warning("x is %s", x)
        LOG.info("not shown")
        y = x * x
        LOG.warning("y is %.1f", y)
        return y
    with caplog.at_level(logging.WARNING):
        assert grad(f)(2.0) == 4.0
    assert [r.getMessage() for r in caplog.records] == ["x is 2.0", "y is 4.0"]


def test_docstrings_annotations_and_pass():
    def f(x: float) -> float:
        """A docstring."""
        y: float = x * x
        z: float
        pass
        ...
        "a string alone"
        z = y + 1.0
        return z * y
    check(f, 0.7)
