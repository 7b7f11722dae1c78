"""Logistic regression."""

import math

import numpy as np

from workloads.base import Workload, generator


def make(n):
    rng = generator()
    return rng.normal(size=20), 0.1, rng.normal(size=(n, 20)), rng.integers(0, 2, n) * 2.0 - 1.0


def primal(w, b, x, y):
    margin = y * (x @ w + b)
    return np.mean(np.log1p(np.exp(-margin))) + 0.01 * np.sum(w * w)


def hand(w, b, x, y):
    margin = x @ w
    margin += b
    margin *= y
    e = np.exp(-margin)
    value = np.mean(np.log1p(e)) + 0.01 * np.vdot(w, w)
    u_bar = e / (1.0 + e)
    u_bar *= y
    u_bar *= -1.0 / len(x)
    return value, (u_bar @ x + 0.02 * w, u_bar.sum())


def hand_loops(w, b, x, y):
    n, block, s, b_bar, w_bar = len(x), 1000, 0.0, 0.0, np.zeros(len(w))
    for first in range(0, n, block):  # so few rows that they are still near when they are read again
        rows, signs = x[first:first + block], y[first:first + block]
        u = rows @ w
        for i in range(len(u)):
            u[i] = math.exp(-(signs[i] * (u[i] + b)))
        for i in range(len(u)):
            s += math.log1p(u[i])
            u[i] *= signs[i] * np.reciprocal(1.0 + u[i])
            b_bar -= u[i]
        w_bar -= u @ rows
    for j in range(len(w)):
        w_bar[j] = w_bar[j] / n + 0.02 * w[j]
    return s / n + 0.01 * np.vdot(w, w), (w_bar, b_bar / n)


def functional(np):
    def f(w, b, x, y):
        margin = y * (x @ w + b)
        return np.mean(np.log1p(np.exp(-margin))) + 0.01 * np.sum(w * w)
    return f


WORKLOAD = Workload("regression", "logistic regression, 10,000 × 20", make, primal, hand, (0, 1), 10_000,
                    (10, 100, 1000, 10_000, 100_000), None, hand_loops, functional)
