"""Calls of the user's own functions: across modules, recursive, with functions as values, every form of argument."""

import functools
import math
import operator

import numpy as np

from tests.corpus import helpers
from tests.corpus.base import case, normal
from tests.corpus.helpers import dense, softplus


def cube(x):
    return x * x * x


def hypotenuse(a, b=1.0):
    return math.sqrt(a * a + b * b)


@case(0.7)
def a_helper(x):
    return cube(x) + cube(2.0 * x)


@case(0.7)
def default_argument(x):
    return hypotenuse(x) + hypotenuse(x, 2.0) + hypotenuse(b=x, a=0.5)


@case(0.7)
def another_module(x):
    return helpers.square(x) + helpers.weighted(x, weight=3.0) + helpers.weighted(x, shift=x)


@case(normal(3, 4), normal(4, 2, seed=1), normal(2, seed=2), argnums=(1, 2))
def layers(x, w, b):
    h = dense(x, w, b)
    return np.sum(dense(h, w.T, 0.1, activation=softplus))


@case(normal(5), second=False)
def two_results(x):
    low, high = helpers.minimum_and_maximum(x)
    return (high - low) ** 2


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


@case(1.3, 4, second=False)
def recursion(x, n):
    return power(x, n) + x


def tree_sum(x):
    if len(x) == 1:
        return x[0] ** 2
    half = len(x) // 2
    return tree_sum(x[:half]) + tree_sum(x[half:]) * 1.5


@case(normal(6), second=False)
def divide_and_conquer(x):
    return tree_sum(x)


def even_steps(x, n):
    return x if n == 0 else odd_steps(x * 1.5, n - 1)


def odd_steps(x, n):
    return x if n == 0 else even_steps(x + x * x, n - 1)


@case(0.4, 5, second=False)
def mutual_recursion(x, n):
    return even_steps(x, n)


def shrink(x):
    if x < 1.0:
        return x * x
    return 1.0 + shrink(x * 0.5)


@case(11.0, second=False)
def recursion_on_data(x):
    return shrink(x)


def apply_twice(f, x):
    return f(f(x))


@case(0.3)
def function_as_argument(x):
    return apply_twice(cube, x) + apply_twice(math.sin, x) + apply_twice(lambda t: t * t + x, x)


@case(0.4)
def functions_in_a_list(x):
    y = x
    for f in [math.sin, cube, math.exp]:
        y = y + f(y)
    return y


ACTIVATIONS = {"tanh": np.tanh, "cube": cube, "plus": softplus}


@case(normal(3), "cube")
@case(normal(3), "tanh", id="tanh")
def functions_in_a_dict(x, name):
    return np.sum(ACTIVATIONS[name](x))


@case(normal(3))
def chosen_function(x):
    f = np.sin if x[0] > 0 else np.cos
    return np.sum(np.tanh(x)) + f(x[1]) * x[2]


def total(*terms, scale=1.0):
    s = 0.0
    for term in terms:
        s = s + term
    return s * scale


@case(0.2, 0.5, 0.9, argnums=(0, 1, 2))
def star_arguments(a, b, c):
    values = (a * b, b * c)
    return total(a, b, c, scale=2.0) + total(*values) + total(c, *values, scale=a) + total()


@case(0.2, 0.5, 0.9, argnums=(0, 2))
def takes_star_arguments(*values):
    s = 1.0
    for v in values:
        s *= 1.0 + v * v
    return s


def configured(x, **options):
    return x * options.get("gain", 1.0) + options["bias"]


@case(0.7)
def star_star_arguments(x):
    settings = {"gain": 3.0, "bias": x * x}
    return configured(x, **settings) + configured(x, bias=1.0)


@case(0.7, kwargs={"power": 3, "scale": 2.0})
def keyword_only(x, *, power=2, scale=1.0):
    return scale * x ** power


@case(0.7, 0.2, argnums=(0, 1))
def positional_only(x, /, y, *, z=3.0):
    return x * y + z * x


@case(0.6)
def partials(x):
    f = functools.partial(hypotenuse, b=x)
    return f(2.0) + functools.partial(operator.mul, x)(x)


@case(normal(4))
def reduced(x):
    return functools.reduce(lambda a, b: a * 0.5 + b, [x[0], x[1] * x[0], x[2]]) ** 2


@case(0.8)
def same_helper_many_kinds(x):
    return cube(x) + np.sum(cube(np.array([x, 2.0 * x]))) + cube(2) + cube(np.float64(x))


@case(0.5)
def a_helper_in_a_loop(x):
    y = x
    for _ in range(6):
        y = hypotenuse(y, x) - cube(x) * 0.1
    return y


@case(0.5)
def early_returns_inside(x):
    def pick(t):
        if t > 1.0:
            return t * 2.0
        for k in range(3):
            t = t * 1.5
            if t > 1.2:
                return t + k
        return t * t
    return pick(x) + pick(x * 3.0) * pick(0.1 * x)


@case(normal(3))
def map_and_filter(x):
    return sum(map(cube, [x[0], x[1]])) + sum(map(lambda a, b: a * b, [x[0], x[1]], [x[2], x[0]]))
