"""A recurrence of numbers with a branch: what a Python loop costs."""

import math

import numpy as np

from workloads.base import Workload, generator


def make(n):
    return generator().uniform(0.1, 0.9, n), 0.7


def primal(x, a):
    s = 0.0
    for i in range(len(x)):
        if s > 0.5:
            s = s * a - x[i] * s
        else:
            s = s + math.sin(x[i] * a)
    return s


def hand(x, a):
    xs, states, s = x.tolist(), [], 0.0
    for v in xs:
        states.append(s)
        s = s * a - v * s if s > 0.5 else s + math.sin(v * a)
    value, s_bar, a_bar, x_bar = s, 1.0, 0.0, [0.0] * len(xs)
    for i in range(len(xs) - 1, -1, -1):
        s, v = states[i], xs[i]
        if s > 0.5:
            a_bar += s_bar * s
            x_bar[i] = -s_bar * s
            s_bar *= a - v
        else:
            u_bar = s_bar * math.cos(v * a)
            x_bar[i] = u_bar * a
            a_bar += u_bar * v
    return value, (np.array(x_bar), a_bar)


def hand_loops(x, a):
    n = len(x)
    states, x_bar = np.empty(n), np.empty(n)
    s = 0.0
    for i in range(n):
        states[i] = s
        if s > 0.5:
            s = s * a - x[i] * s
        else:
            s = s + math.sin(x[i] * a)
    value, s_bar, a_bar = s, 1.0, 0.0
    for i in range(n - 1, -1, -1):
        s = states[i]
        if s > 0.5:
            a_bar += s_bar * s
            x_bar[i] = -s_bar * s
            s_bar *= a - x[i]
        else:
            u_bar = s_bar * math.cos(x[i] * a)
            x_bar[i] = u_bar * a
            a_bar += u_bar * x[i]
    return value, (x_bar, a_bar)


def functional(np):
    def f(x, a):
        s = 0.0 * a
        for i in range(len(x)):
            s = s * a - x[i] * s if s > 0.5 else s + np.sin(x[i] * a)
        return s
    return f


def scan(np, lax):
    def f(x, a):
        def step(s, v):
            return np.where(s > 0.5, s * a - v * s, s + np.sin(v * a)), None
        return lax.scan(step, 0.0, x)[0]
    return f


WORKLOAD = Workload("scalar_loop", "recurrence of numbers, with a branch", make, primal, hand, (0, 1), 1000,
                    (10, 100, 1000, 10_000, 100_000), primal, hand_loops, functional, scan)
