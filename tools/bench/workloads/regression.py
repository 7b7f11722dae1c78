"""Logistic regression."""

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


def functional(np):
    def f(w, b, x, y):
        margin = y * (x @ w + b)
        return np.mean(np.log1p(np.exp(-margin))) + 0.01 * np.sum(w * w)
    return f


WORKLOAD = Workload("regression", "logistic regression, 10,000 × 20", make, primal, hand, (0, 1), 10_000,
                    (10, 100, 1000, 10_000, 100_000), None, None, functional)
