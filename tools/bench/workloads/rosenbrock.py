"""Rosenbrock's function, as slices and as a loop."""

import numpy as np

from workloads.base import Workload, generator


def make(n):
    return (generator().normal(size=n),)


def slices(x):
    a, b = x[:-1], x[1:]
    return np.sum(100.0 * (b - a ** 2) ** 2 + (1.0 - a) ** 2)


def hand_slices(x):
    a = x[:-1]
    r = x[1:] - a * a
    s = 1.0 - a
    value = 100.0 * np.vdot(r, r) + np.vdot(s, s)
    r *= 200.0
    x_bar = np.zeros_like(x)
    x_bar[1:] = r
    r *= a
    r += s
    r *= 2.0
    x_bar[:-1] -= r
    return value, (x_bar,)


def loop(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return s


def hand_loop(x):
    xs = x.tolist()
    n, s = len(xs), 0.0
    x_bar = [0.0] * n
    for i in range(n - 1):
        a = xs[i]
        r, t = xs[i + 1] - a * a, 1.0 - a
        s += 100.0 * r * r + t * t
        x_bar[i + 1] += 200.0 * r
        x_bar[i] -= 400.0 * r * a + 2.0 * t
    return s, (np.array(x_bar),)


def hand_loops(x):
    s = 0.0
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1):
        a = x[i]
        r, t = x[i + 1] - a * a, 1.0 - a
        s += 100.0 * r * r + t * t
        x_bar[i + 1] += 200.0 * r
        x_bar[i] -= 400.0 * r * a + 2.0 * t
    return s, (x_bar,)


def functional(np):
    def f(x):
        a, b = x[:-1], x[1:]
        return np.sum(100.0 * (b - a ** 2) ** 2 + (1.0 - a) ** 2)
    return f


SIZES = (10, 100, 1000, 10_000, 100_000)
SLICES = Workload("rosenbrock_slices", "Rosenbrock, slices, 1000", make, slices, hand_slices, (0,), 1000, SIZES,
                  loop, hand_loops, functional)
LOOP = Workload("rosenbrock_loop", "Rosenbrock, loop, 1000", make, loop, hand_loop, (0,), 1000, SIZES,
                loop, hand_loops, functional)
