"""`while`, with trip counts that depend on the data."""

import math

import numpy as np

from tests.corpus.base import case, normal


@case(2.0)
@case(900.0, id="large")
def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


@case(0.7)
def series_until_small(x):
    term = x
    total = x
    n = 1
    while abs(term) > 1e-16:
        term = -term * x * x / ((n + 1) * (n + 2))
        total = total + term
        n += 2
    return total


@case(37.0)
@case(0.5, id="none")
def halve_until_small(x):
    steps = 0
    while x > 1.0:
        x = x / 2.0
        steps += 1
    return x * x + steps


@case(0.3)
def forever_with_break(x):
    y = x
    while True:
        y = y * 1.5 + 0.1
        if y > 4.0:
            break
    return y * x


@case(1.3, 6)
def counting_down(x, n):
    y = 0.0
    while n > 0:
        y = y * x + n
        n -= 1
    return y


@case(0.4)
def with_continue(x):
    i = 0
    s = 0.0
    while i < 10:
        i += 1
        if i % 2:
            continue
        s += x ** i
    return s


@case(0.9)
def while_else(x):
    i = 0
    while i < 5:
        x = math.sin(x) + 0.1
        i += 1
    else:
        x = x * 2.0
    return x


@case(0.2)
def return_from_while(x):
    k = 0
    while k < 100:
        x = x + x * x
        if x > 3.0:
            return x * k
        k += 1
    return x


@case(normal(4))
def gradient_descent(target):
    x = np.zeros(4)
    steps = 0
    while np.sum((x - target) ** 2) > 1e-3 and steps < 50:
        x = x - 0.3 * 2.0 * (x - target)
        steps += 1
    return np.sum(x ** 3)


@case(0.6)
def walrus_in_the_condition(x):
    s = x
    while (y := s * s) < 0.9:
        s = s + 0.1 * y
    return s * y


@case(3.3)
def nested_whiles(x):
    s = 0.0
    while x > 0.5:
        y = x
        while y > 1.0:
            y = y * 0.6
            s = s + y * x
        x = x - 0.9
    return s


@case(0.5, 1.9, argnums=(0, 1))
def bisection_steps(a, b):
    low, high = a, b
    for _ in range(6):
        middle = 0.5 * (low + high)
        if middle * middle > 2.0:
            high = middle
        else:
            low = middle
    return low * high


@case(1.0, 0.3, argnums=(0, 1))
def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-14:
        a, b = 0.5 * (a + b), math.sqrt(a * b)
    return a


@case(0.35)
def collatz_like(x):
    n = 6
    while n != 1:
        if n % 2 == 0:
            n //= 2
            x = x * 1.1
        else:
            n = 3 * n + 1
            x = x + 0.2 * x * x
    return x
