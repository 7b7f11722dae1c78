"""Heat on a square, stepped in place."""

import numpy as np

from workloads.base import Workload, generator

STEPS = 20


def make(n):
    return (generator().normal(size=(n, n)),)


def primal(a):
    a = a.copy()
    for _ in range(STEPS):
        a[1:-1, 1:-1] = 0.2 * (a[1:-1, 1:-1] + a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:])
    return np.sum(a * a)


def hand(a):
    a = a.copy()
    for _ in range(STEPS):
        s = a[1:-1, 1:-1] + a[:-2, 1:-1]
        s += a[2:, 1:-1]
        s += a[1:-1, :-2]
        s += a[1:-1, 2:]
        s *= 0.2
        a[1:-1, 1:-1] = s
    value = np.vdot(a, a)
    a_bar = 2.0 * a
    for _ in range(STEPS):
        s_bar = 0.2 * a_bar[1:-1, 1:-1]
        a_bar[1:-1, 1:-1] = s_bar
        a_bar[:-2, 1:-1] += s_bar
        a_bar[2:, 1:-1] += s_bar
        a_bar[1:-1, :-2] += s_bar
        a_bar[1:-1, 2:] += s_bar
    return value, (a_bar,)


def hand_loops(a):
    n, m = a.shape
    a = a.copy()
    b = a.copy()
    for _ in range(STEPS):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                b[i, j] = 0.2 * (a[i, j] + a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])
        a, b = b, a
    value = 0.0
    g, t = np.empty((n, m)), np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            value += a[i, j] * a[i, j]
            g[i, j] = 2.0 * a[i, j]
    for _ in range(STEPS):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                t[i, j] = 0.2 * g[i, j]
        for i in range(n):
            for j in range(m):
                s = t[i, j]
                if i == 0 or j == 0 or i == n - 1 or j == m - 1:
                    s = g[i, j]
                if i > 0:
                    s += t[i - 1, j]
                if i < n - 1:
                    s += t[i + 1, j]
                if j > 0:
                    s += t[i, j - 1]
                if j < m - 1:
                    s += t[i, j + 1]
                g[i, j] = s
    return value, (g,)


def functional(np):
    def f(a):
        for _ in range(STEPS):
            inner = 0.2 * (a[1:-1, 1:-1] + a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:])
            middle = np.concatenate((a[1:-1, :1], inner, a[1:-1, -1:]), 1)
            a = np.concatenate((a[:1], middle, a[-1:]), 0)
        return np.sum(a * a)
    return f


def scan(np, lax):
    def f(a):
        def step(_, a):
            inner = 0.2 * (a[1:-1, 1:-1] + a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:])
            return a.at[1:-1, 1:-1].set(inner)
        a = lax.fori_loop(0, STEPS, step, a)
        return np.sum(a * a)
    return f


WORKLOAD = Workload("stencil", "heat on a square, in place, 20 steps", make, primal, hand, (0,), 150,
                    (4, 12, 40, 120, 400), None, hand_loops, functional, scan)
