"""A network with one hidden layer: small, where calls cost more than numbers, and large."""

import math

import numpy as np

from workloads.base import Workload, generator


def make_of(inputs, outputs, batch):
    def make(hidden):
        rng = generator()
        return (rng.normal(size=(inputs, hidden)) / np.sqrt(inputs), rng.normal(size=hidden) * 0.1,
                rng.normal(size=(hidden, outputs)) / np.sqrt(hidden), rng.normal(size=outputs) * 0.1,
                rng.normal(size=(batch, inputs)), rng.normal(size=(batch, outputs)))
    return make


def primal(w1, b1, w2, b2, x, y):
    h = np.tanh(x @ w1 + b1)
    r = h @ w2 + b2 - y
    return np.sum(r * r) / len(x)


def hand(w1, b1, w2, b2, x, y):
    h = x @ w1
    h += b1
    np.tanh(h, out=h)
    r = h @ w2
    r += b2
    r -= y
    value = np.vdot(r, r) / len(x)
    r *= 2.0 / len(x)
    w2_bar, b2_bar = h.T @ r, r.sum(axis=0)
    u_bar = r @ w2.T
    h *= h
    np.subtract(1.0, h, out=h)
    u_bar *= h
    return value, (x.T @ u_bar, u_bar.sum(axis=0), w2_bar, b2_bar)


def hand_loops(w1, b1, w2, b2, x, y):
    h = x @ w1
    n, hidden = h.shape
    for i in range(n):
        for j in range(hidden):
            h[i, j] = math.tanh(h[i, j] + b1[j])
    r = h @ w2
    value, b2_bar, b1_bar = 0.0, np.zeros(r.shape[1]), np.zeros(hidden)
    for i in range(n):
        for j in range(r.shape[1]):
            e = r[i, j] + b2[j] - y[i, j]
            value += e * e
            r[i, j] = 2.0 * e / n
            b2_bar[j] += r[i, j]
    w2_bar, u_bar = h.T @ r, r @ w2.T
    for i in range(n):
        for j in range(hidden):
            u_bar[i, j] *= 1.0 - h[i, j] * h[i, j]
            b1_bar[j] += u_bar[i, j]
    return value / n, (x.T @ u_bar, b1_bar, w2_bar, b2_bar)


def functional(np):
    def f(w1, b1, w2, b2, x, y):
        h = np.tanh(x @ w1 + b1)
        r = h @ w2 + b2 - y
        return np.sum(r * r) / len(x)
    return f


SMALL = Workload("mlp_small", "network 16-32-1, batch of 8", make_of(16, 1, 8), primal, hand, (0, 1, 2, 3), 32,
                 (4, 40, 400, 4000, 40_000), None, hand_loops, functional)
LARGE = Workload("mlp_large", "network 784-512-10, batch of 256", make_of(784, 10, 256), primal, hand, (0, 1, 2, 3),
                 512, (1, 8, 64, 512, 2048), None, hand_loops, functional)
