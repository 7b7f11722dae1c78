"""Small programs, one for each thing that the transforms must know: `PROGRAMS` has the function and where it is taken.

A program is a function of one argument, of any structure, that is smooth near there.  Where something in it is held
constant it has a second function, for differences, that says so by `hold`.
"""

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ad_compiler import checkpoint, checkpointed, custom_vjp, no_grad, stop_gradient
from tests.transforms.numeric import hold

W = np.array([[0.6, -0.4], [0.3, 0.9]])
AT = np.array([0.7, 1.2])


class Point(NamedTuple):
    a: Any
    b: Any


@dataclass
class Pair:
    a: Any
    b: Any


class Program(NamedTuple):
    """A function, its argument, and the function for differences, where it is another."""

    func: Any
    at: Any
    held: Any = None


PROGRAMS: dict[str, Program] = {}


def program(at=AT, held=None):
    """Enter a function under its name."""
    def enter(func):
        PROGRAMS[func.__name__.replace("_", " ").strip()] = Program(func, at, held)
        return func
    return enter


@program(0.8)
def scalar(x):
    return np.sin(x) * x


@program()
def array(x):
    return np.tanh(W @ x) * x


@program(np.array([[0.5, 0.8], [1.1, 0.3]]))
def matrix(x):
    return x @ x.T + np.exp(x[0])


@program()
def number_of_an_array(x):
    return np.sum(x ** 3) + np.prod(x)


@program((0.8, AT))
def tuple_(x):
    return x[0] * x[1], np.sin(x[0])


@program([AT, 1.1])
def list_(x):
    return [x[0] * x[1] ** 2, x[1]]


@program({"w": AT, "b": 0.4})
def dict_(x):
    h = np.tanh(x["w"] + x["b"])
    return {"h": h, "twice": (h @ h, x["b"] ** 2)}


@program(Point(0.7, AT))
def named_tuple(x):
    return Point(x.a * x.b, np.exp(x.a))


@program(Pair(0.7, AT))
def dataclass_(x):
    return Pair(x.a * x.b ** 2, np.cos(x.a))


@program({"layers": [(AT, 0.2), (2.0 * AT, 0.4)], "p": Point(AT, 1.1)})
def nested(x):
    h = x["p"].a * x["p"].b
    for w, b in x["layers"]:
        h = np.tanh(h * w + b)
    return {"h": h}


def _stopped(x):
    return hold(x) * x ** 2 + hold(np.sin(x))


@program(held=_stopped)
def stop_gradient_(x):
    return stop_gradient(x) * x ** 2 + stop_gradient(np.sin(x))


def _block(x):
    scale = hold(np.sum(x * x))
    return x ** 2 * scale


@program(held=_block)
def no_grad_block(x):
    with no_grad():
        scale = np.sum(x * x)
    return x ** 2 * scale


@no_grad
def norm(x):
    return np.sum(x * x)


@program(held=_block)
def no_grad_function(x):
    return x ** 2 * norm(x)


@program()
def branch(x):
    if x[0] > 1.0:
        y = np.exp(x)
    else:
        y = x ** 3
    return y * x[1]


@program()
def branch_with_return(x):
    if np.sum(x) > 2.3:
        return x * x[0]
    return np.sin(x) * x[1]


@program()
def conditional_expression(x):
    return np.array([v * v if v > 1.0 else np.sin(v) for v in x])


@program()
def while_(x):
    y = x
    while np.sum(y) < 6.0:
        y = y * 1.7 + np.sin(x)
    return y


@program()
def while_with_break(x):
    s, k = 0.0, 0
    while True:
        s = s + x[0] * x[1] ** k
        k += 1
        if s > 3.0:
            break
    return s


@program()
def for_(x):
    h = x[0]
    for v in x:
        h = np.sin(h) * v
    return h


@program()
def for_with_continue(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] < 1.0:
            continue
        s = s + x[i] ** 3 * x[0]
    return s


@program()
def list_of_a_loop(x):
    kept = [x]
    for i in range(3):
        kept.append(kept[-1] * x[0] + i)
    return kept[1] * kept[3]


@program()
def stores(x):
    y = np.zeros(3)
    for i in range(2):
        y[i] = x[i] ** 2
    y[2] = y[0] * y[1]
    y[0] += y[2]
    return y


@program()
def store_of_a_slice(x):
    y = np.zeros((2, 2))
    y[:, 0] = x
    y[1] *= 3.0 * x[0]
    y[0, 1:] = y[1, :1] * x[1]
    return y


@program()
def views(x):
    y = 1.0 * x
    tail = y[1:]
    tail *= y[0]
    y[0] = np.sum(tail) * x[0]
    return y * y


@program(np.array([[0.5, 0.8], [1.1, 0.3]]))
def views_of_a_matrix(x):
    y = x * 1.0
    row, column = y[0], y.T[1]
    row *= 2.0
    column += row[0] * x[1, 0]
    return y.ravel()[1:] * y[0, 0]


@program()
def written_argument(x):
    x = x * 1.0
    x[0] = x[0] * x[1]
    return np.exp(x)


def helper(x, power=2):
    return x ** power


@program()
def called_function(x):
    return helper(x) * helper(x, power=3)[0]


@program()
def closure(x):
    scale = x[0] * 2.0

    def inner(y):
        return y * scale + x[1]
    return inner(inner(x))


class Model:
    def __init__(self):
        self.w = W

    def layer(self, x, b=0.1):
        return np.tanh(self.w @ x + b)

    def __call__(self, x):
        return self.layer(self.layer(x), b=0.3)


MODEL = Model()


@program()
def method(x):
    return MODEL(x) * MODEL.layer(x)


def doubled(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        return 2.0 * func(*args, **kwargs)
    return wrapper


@doubled
def squared(x):
    return x * x


@program()
def decorator(x):
    return squared(x) + squared(np.sin(x))


@program()
def partial(x):
    return functools.partial(helper, power=4)(x) + (lambda y, z: y * z)(x, x[0])


def powers(x):
    for k in range(1, 4):
        yield x ** k


@program()
def generator(x):
    return sum(p * x[0] for p in powers(x))


def power(x, n):
    return x if n == 0 else x * power(x, n - 1)


@program()
def recursion(x):
    return power(x, 3)


@njit
def compiled(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2 * x[0]
    return s


@program()
def numba(x):
    return compiled(x) * x


@custom_vjp
def cube(x):
    return x ** 3


@cube.defvjp
def cube_vjp(x, *, out, out_bar):
    return 3.0 * x ** 2 * out_bar


@program()
def custom_derivative(x):
    return cube(x) * x[0]


@program(np.array([[2.0, 0.3], [0.4, 1.5]]))
def linear_algebra(x):
    return np.linalg.solve(x, x[0]) + np.linalg.inv(x)[0] * np.linalg.det(x)


@program(np.array([[0.5, 0.8], [1.1, 0.3]]))
def sums_and_products(x):
    return np.einsum("ij,kj->ik", x, x) + np.cumsum(x, axis=1) * np.max(x, axis=0)


@program(np.array([0.9, 0.2, 0.6]))
def sorting_and_choosing(x):
    y = np.sort(x)[::-1] * np.where(x > 0.5, x, x ** 2)
    return y[np.array([2, 0, 0])] + np.maximum(x, 0.4) * np.clip(x, 0.28, 0.85)


@program(np.array([0.9, 0.2, 0.6]))
def joining(x):
    y = np.concatenate([x, np.outer(x, x).ravel()[2:5]])
    return np.stack([y, y ** 2]).reshape(3, 4)[:, ::2]


@program(np.array([0.9, 0.2, 0.6]))
def masks(x):
    y = x.copy()
    y[y > 0.5] = 0.5 * x[0]
    return y * x


@program()
def integers(x):
    n = len(x)
    k = int(np.argmax(x))
    return x[k] ** n * x


@program((0.8, 0.4))
def numbers_of_python(x):
    a, b = x
    for _ in range(3):
        a, b = a * b + 0.1, a - b / 3.0
    return a if a > b else -b


@program(np.array([0.9, 0.2, 0.6]))
def a_mask_that_shortens(x):
    return x[x > 0.5] ** 2 * x[0]


def shrunk(x):
    return x * x[0] if np.sum(x) < 1.0 else shrunk(0.6 * x)


@program()
def recursion_by_the_data(x):
    return np.reshape(shrunk(x), 2) * x


@program()
def random_numbers(x):
    rng = np.random.default_rng(3)
    return x * np.reshape(rng.normal(size=2), 2) + x[0] * float(rng.uniform())


@checkpoint
def layer(x):
    h = np.tanh(W @ x)
    return h * x[0] + np.sin(h)


@program()
def checkpoint_(x):
    return layer(layer(x)) * x


@program()
def checkpointed_loop(x):
    h = x * 1.0
    for t in checkpointed(range(5), snapshots=2):
        h = np.sin(h) * x[0] + 0.3 * h * t
    return h
