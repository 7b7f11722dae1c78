"""Right programs at kinks, ties and jumps, on staircases of all widths, and those that search by comparisons."""

import math

import numpy as np

from tests.validate.base import named, registry

CASES, case = registry()
rng = np.random.default_rng(0)
ZEROS, ONES, SOME = np.zeros(4), np.ones(6), np.array([0.3, 0.75, 1.3])
UNIT, MANY = rng.uniform(size=100), rng.normal(size=10_000)
WEIGHTS = np.arange(1.0, 5.0)
FINE = np.sin(np.linspace(0.0, 1.0, 1_000_001))
GRID = np.linspace(0.0, 1.0, 1_000_001)
DRAWN = np.random.default_rng(1).uniform(size=200_000)

CASES += named({
    # at a kink
    "relu": (lambda x: np.sum(np.maximum(x, 0.0)), ZEROS),
    "relu of some zeros": (lambda x: np.sum(np.maximum(x, 0.0) * WEIGHTS), np.array([0.0, 1.0, -1.0, 0.0])),
    "leaky relu": (lambda x: np.sum(np.where(x > 0.0, x, 0.01 * x)), ZEROS),
    "selu": (lambda x: np.sum(1.05 * np.where(x > 0.0, x, 1.67 * (np.exp(x) - 1.0))), ZEROS),
    "elu": (lambda x: np.sum(np.where(x > 0.0, x, np.exp(x) - 1.0)), ZEROS),
    "relu of a layer": (lambda w, b: np.sum(np.maximum(w @ WEIGHTS + b, 0.0)), np.zeros((3, 4)), np.zeros(3)),
    "its square": (lambda w, b: np.sum(np.maximum(w @ WEIGHTS + b, 0.0) ** 2), np.zeros((3, 4)), np.zeros(3)),
    "maxout": (lambda w, b: np.sum(np.maximum(w @ WEIGHTS, b)), np.zeros((3, 4)), np.zeros(3)),
    "abs": (lambda x: np.sum(np.abs(x)), ZEROS),
    "abs of a number": (lambda x: abs(x) * 3.0 + x, 0.0),
    "x |x|": (lambda x: np.sum(x * np.abs(x)), np.array([0.0, 2.0])),
    "huber": (lambda x: np.sum(np.where(np.abs(x) <= 1.0, 0.5 * x ** 2, np.abs(x) - 0.5)), np.ones(4)),
    "huber without a middle": (lambda x: np.sum(np.where(np.abs(x) <= 0.0, 0.5 * x ** 2, np.abs(x))), ZEROS),
    "huber of a tiny middle": (lambda x: np.sum(np.where(np.abs(x) < 1e-9, 5e8 * x ** 2, np.abs(x))), np.array([5e-10, 1.0])),
    "clip": (lambda x: np.sum(np.clip(x, 0.0, 1.0) * WEIGHTS), np.array([0.0, 1.0, 0.5, 0.0])),
    "clip at the upper end": (lambda x: np.sum(np.clip(x, 0.0, 1.0)), ONES),
    "a norm": (lambda x: np.linalg.norm(x), ZEROS),
    "a norm of a difference": (lambda x, y: np.linalg.norm(x - y), SOME, SOME.copy()),
    "a norm with an epsilon": (lambda x: np.sqrt(np.sum(x * x) + 1e-12), ZEROS),
    "a norm with a smaller one": (lambda x: np.sqrt(np.sum(x * x) + 1e-30), ZEROS),
    "two norms": (lambda x: np.sqrt(np.sum(x[:2] ** 2)) + np.sqrt(np.sum(x[2:] ** 2)), ZEROS),
    "total variation": (lambda x: np.sum(np.abs(np.diff(x))), ZEROS),
    "total variation of an image": (
        lambda x: np.sum(np.sqrt(np.diff(x, axis=0)[:, :-1] ** 2 + np.diff(x, axis=1)[:-1] ** 2)), np.ones((4, 4))),
    "distances": (lambda x: np.sum(np.sqrt((x[:, None] - x) ** 2)), np.array([1.0, 2.0, 2.0])),
    "distances to others": (lambda x: np.sum(np.abs(x - 0.5)), UNIT),
    "next to many kinks": (lambda x: np.sum(np.abs(x - 1.0)), 1.0 + 1e-9 * MANY[:5]),
    "many kinks": (lambda x: np.sum(np.abs(np.sin(100.0 * x))), MANY),
    "many relus": (lambda x: np.sum(np.maximum(x, 0.0)), MANY),
    # ties
    "max": (lambda x: x.max() * 3.0, ONES),
    "max of columns": (lambda x: np.sum(x.max(axis=0) * np.arange(3.0)), np.ones((3, 3))),
    "max - min": (lambda x: x.max() - x.min(), ONES),
    "a range taken off": (lambda x: np.sum((x - x.min()) / (x.max() - x.min() + 1e-8)), ONES),
    "maximum": (lambda x, y: np.sum(np.maximum(x, y)), SOME, SOME.copy()),
    "pooling": (lambda x: np.sum(x.reshape(3, 2).max(axis=1) * np.arange(1.0, 4.0)), ONES),
    "sort": (lambda x: np.sum(np.sort(x) * np.arange(5.0)), np.array([2.0, 1.0, 2.0, 3.0, 3.0])),
    "sort of many": (lambda x: np.sum(np.sort(x) * np.arange(10_000.0)), MANY),
    "what argmax says": (lambda x: x[np.argmax(x)] * 2.0, ONES),
    "what argsort says": (lambda x: np.sum(x[np.argsort(x)] * np.arange(3.0)), np.array([3.0, 3.0, 1.0])),
    # at the edge of where it is defined, or steep
    "sqrt": (lambda x: np.sum(np.sqrt(x)), np.array([0.0, 2.0])),
    "x sqrt(x)": (lambda x: np.sum(np.sqrt(x) * x), np.array([0.0, 2.0])),
    "cbrt": (lambda x: np.sum(np.cbrt(x)), ZEROS),
    "a power": (lambda x: np.sum(x ** 0.5), np.array([0.0, 2.0])),
    "powers": (lambda x, y: np.sum(x ** y), np.array([0.0, 2.0]), np.zeros(2)),
    "arctan2": (lambda x, y: np.sum(np.arctan2(x, y)), np.array([0.0, 2.0]), np.zeros(2)),
    "arctan2 at its cut": (lambda x: np.sum(np.arctan2(x, -1.0)), np.array([-0.0, 1.0])),
    "hypot": (lambda x, y: np.sum(np.hypot(x, y)), np.zeros(2), np.zeros(2)),
    "arcsin": (lambda x: np.sum(np.arcsin(x)), np.array([1.0, -1.0])),
    "sqrt(1 - x)": (lambda x: np.sum(np.sqrt(1.0 - x)), ONES),
    "x log(x)": (lambda x: np.sum(np.where(x > 0.0, x * np.log(np.where(x > 0.0, x, 1.0)), 0.0)), np.array([0.0, 1.0])),
    "sinc": (lambda x: np.sinc(x), 0.0),
    "ackley at its minimum": (lambda x: 20.0 - 20.0 * np.exp(-0.2 * np.sqrt(np.mean(x * x))), ZEROS),
    # at a jump
    "floor": (lambda x: np.sum(np.floor(x) * x), np.array([1.0, 2.0, 3.0])),
    "floor of large integers": (lambda x: math.floor(x) * x, 8.1e8),
    "int": (lambda x: x ** 2 / int(2.0 * x), 1.5e8),
    "mod": (lambda x: np.sum(np.mod(x, 1.0)), np.array([1.0, 2.0, 3.0])),
    "mod of large numbers": (lambda x, y: x % y + (x // y) * x, 7e8, 1e8),
    "round": (lambda x: np.sum(np.round(x) * x), np.array([0.5, 1.5, 2.5])),
    "sign": (lambda x: np.sum(np.sign(x - 3.0) * x), np.array([3.0, 2.0])),
    "==": (lambda x: np.sum(np.where(x == 3.0, 5.0, x)), np.array([3.0, 2.0])),
    # staircases
    "steps of 10⁻¹": (lambda x: np.sum(np.floor(x * 10.0)) + np.sum(x), SOME),
    "steps of 10⁻³": (lambda x: np.sum(np.round(x, 3)), SOME),
    "steps of 10⁻⁴": (lambda x: np.sum(np.round(x, 4)), SOME),
    "steps of 10⁻⁵": (lambda x: np.sum(np.round(x, 5)), SOME),
    "steps of 10⁻⁶": (lambda x: np.sum(np.round(x, 6)), SOME),
    "steps of 10⁻⁸": (lambda x: np.sum(np.round(x, 8)), SOME),
    "steps of 10⁻¹⁰": (lambda x: np.sum(np.round(x, 10)), SOME),
    "steps of 2⁻²⁰": (lambda x: np.sum((np.round(x * 2.0 ** 20) / 2.0 ** 20) ** 2), UNIT),
    "steps of 2⁻²⁴": (lambda x: np.sum((np.round(x * 2.0 ** 24) / 2.0 ** 24) ** 2), UNIT),
    "what rounding leaves": (lambda x: np.sum((x - np.round(x * 255.0) / 255.0) ** 2), UNIT),
    "rounding undone": (lambda x: np.sum((x + (np.round(x * 65535.0) / 65535.0 - x)) ** 2), UNIT),
    "a fine table": (lambda x: np.sum(FINE[np.round(x * 1e6).astype(int)]), np.array([0.31, 0.77])),
    "a fine table and more": (lambda x: np.sum(FINE[np.round(x * 1e6).astype(int)] * x), np.array([0.31, 0.77])),
    "a fine grid": (lambda x: np.sum(FINE[np.searchsorted(GRID, x)]), np.array([0.31, 0.77])),
    "a share of many": (lambda p: np.mean((DRAWN < p) * 1.0) + p * p, 0.3),
    "an option that pays or not": (lambda p: np.sum(np.mean(np.where(DRAWN[:, None] > p, DRAWN[:, None] * p, 0.0), axis=0)),
                                   np.array([0.3, 0.6])),
})


@case(2.0)
def bisection(a):
    low, high = 0.0, a
    for _ in range(60):
        middle = 0.5 * (low + high)
        if middle * middle < a:
            low = middle
        else:
            high = middle
    return low


@case(2.0)
def bisection_left_early(a):
    low, high = 0.0, a
    for _ in range(25):
        middle = 0.5 * (low + high)
        if middle * middle < a:
            low = middle
        else:
            high = middle
    return low


@case(2.0)
def golden_section(a):
    low, high, g = 0.0, 3.0, 0.6180339887498949
    for _ in range(40):
        first, second = high - g * (high - low), low + g * (high - low)
        if (first - a) ** 2 < (second - a) ** 2:
            high = second
        else:
            low = first
    return low + 0.0 * a


@case(np.array([0.5, 1.0, 2.0]))
def bisection_of_arrays(x):
    low, high = np.zeros(3), np.full(3, 2.0)
    for _ in range(50):
        middle = (low + high) / 2
        below = middle * middle < x
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.sum(low) + 0.0 * np.sum(x)


@case(3.0)
def terms_that_are_counted(x):
    s, k = 0.0, 0
    while k * 1e-6 < x * 1e-3:
        s, k = s + 1e-6, k + 1
    return s + x


@case(1.0)
def adaptive_steps(x):
    t, y = 0.0, x
    while t < 1.0:
        h = min(0.1 / abs(y), 1.0 - t)
        y, t = y - h * y * y, t + h
    return y


@case(3.0)
def a_case_of_its_own(x):
    if x == 3.0:
        return 9.0 * x
    return x * x * x


@case(0.0)
def sinc_by_hand(x):
    if x == 0.0:
        return 1.0 + 0.0 * x
    return math.sin(x) / x


@case(3.0)
def as_often_as_it_says(x):
    s = 0.0
    for i in range(int(x)):
        s = s + x * i
    return s


@case(np.ones(5))
def midrange(x):
    return np.max(x) + np.min(x)


@case(np.zeros(4))
def kinks_that_cancel(x):
    return np.sum(np.abs(x) + np.minimum(x, -x)) + np.sum(x)


@case(1.5, 1.5, argnums=(0, 1))
def a_product_in_disguise(x, y):
    return np.maximum(x, y) * np.minimum(x, y)
