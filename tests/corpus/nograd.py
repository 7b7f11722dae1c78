"""`no_grad` and `stop_gradient`.  What they stop, differences cannot see: the derivative is stated beside."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import ad_compiler
from ad_compiler import no_grad, stop_gradient

STATED = []


@dataclass
class Stated:
    func: Any
    args: tuple
    derivative: Any

    def __str__(self):
        return self.func.__name__


def stated(*args, derivative):
    def note(func):
        STATED.append(Stated(func, args, derivative))
        return func
    return note


@stated(3.0, derivative=1.0)
def with_call(x):
    with no_grad():
        c = x ** 2
    return x - c


@stated(3.0, derivative=1.0)
def with_name(x):
    with no_grad:
        c = x ** 2
    return x - c


@stated(3.0, derivative=9.0)
def value_used_after(x):
    with no_grad():
        c = x ** 2
    return x * c


@stated(3.0, derivative=1.0)
def through_the_module(x):
    with ad_compiler.no_grad():
        c = x * x
    return x + c


def squared(x):
    return x * x


@stated(3.0, derivative=6.0)
def what_is_called_inside(x):
    with no_grad():
        c = squared(x)
    return squared(x) + c


@no_grad
def frozen(x):
    return x * x


@no_grad()
def frozen_too(x):
    return x * x * x


@stated(3.0, derivative=1.0 + 9.0)
def decorated(x):
    return x + frozen(x) * x


@stated(3.0, derivative=27.0)
def decorated_with_call(x):
    return x * frozen_too(x)


@stated(3.0, derivative=9.0 + 1.0)
def stopped_value(x):
    return x * stop_gradient(x * x) + x


@stated(2.0, derivative=4.0)
def nested_blocks(x):
    with no_grad():
        a = x * x
        with no_grad():
            b = a * x
        c = a + b
    return x * a + c


@stated(2.0, derivative=8.0)
def in_a_loop(x):
    y = x
    for _ in range(3):
        with no_grad():
            factor = y / y + 1.0
        y = y * factor
    return y


@stated(2.0, derivative=4.0)
def around_a_loop(x):
    scale = 1.0
    with no_grad():
        for _ in range(2):
            scale = scale * x
    return x * scale


@stated(2.0, derivative=8.0)
def around_a_branch(x):
    with no_grad():
        if x > 1:
            c = x ** 3
        else:
            c = x
    return x * c


@stated(2.0, derivative=4.0)
def in_a_branch(x):
    y = x * x
    if x > 1:
        with no_grad():
            z = 1.0 * y
    else:
        z = x
    return y + z


@stated(2.0, derivative=8.0)
def a_name_alone_computes_nothing(x):
    y = x * x
    with no_grad():
        z = y
    return y + z


@stated(np.array([1.0, 2.0, 3.0]), derivative=np.array([0.1, 0.2, 0.3]))
def of_arrays(x):
    with no_grad():
        w = x / 10.0
        w += 0.0
    return np.sum(w * x)


@stated(2.0, derivative=5.0)
def rebinding_in_the_block(x):
    y = x * x
    with no_grad():
        y = y + 1.0
    return y * x


@stated(2.0, derivative=0.0)
def everything_stopped(x):
    with no_grad():
        return x * x


@stated(2.0, derivative=3.0)
def a_straight_through_estimator(x):
    quantised = x + stop_gradient(math.floor(x + 0.5) - x)
    return 3.0 * quantised


@stated(2.0, derivative=4.0 + 1.0)
def stopped_containers(x):
    a, b = stop_gradient((x * x, x))
    return x * a + x * (b / 2.0)


@stated(0.7, derivative=math.cos(0.7))
def a_lambda_stopped(x):
    f = no_grad(lambda t: math.cos(t))
    return x * f(x)


@stated(np.array([1.0, 2.0, 3.0]), derivative=np.array([2.0, 4.0, 6.0]))
def a_view_of_what_the_block_made(x):
    with no_grad():
        m = np.zeros((2, 3))
        row, column = m[0], m.T[:, 1]
    row[:] = x
    column[:] = 1.0
    return np.sum(row * row)


@stated(np.array([1.0, 2.0, 3.0]), derivative=np.array([2.0, 4.0, 6.0]))
def views_in_a_list_of_what_the_block_made(x):
    with no_grad():
        m = np.zeros((2, 3))
        rows = [m[0], m[1]]
    for i in range(3):
        rows[0][i] = x[i]
        rows[1][i] = rows[0][i] * x[i]
    return np.sum(rows[1])


@stated(np.array([1.0, 2.0, 3.0]), derivative=np.array([3.0, 6.0, 0.0]))
def a_view_taken_anew_of_what_is_no_constant_any_more(x):
    with no_grad():
        buffer, s = np.zeros(3), 0.0
    for i in range(3):
        with no_grad():
            v = buffer[:2]
        s = s + v @ x[:2]
        buffer[:] = x * (i + 1.0)
    return s


@stated(np.array([1.0, 2.0, 3.0]), derivative=np.array([1.0, 0.0, 9.0]))
def a_view_written_into_in_the_block_alone(x):
    a = x * 1.0
    with no_grad():
        v = a[1:]
        v[0] = a[2]
    return a[0] + a[1] + v[1] * a[2] * v[0]
