"""A long short-term memory: 40 steps, 24 cells; a loss at each step."""

import numpy as np

from workloads.base import Workload, generator

INPUTS, CELLS = 12, 24


def make(steps):
    rng = generator()
    return (0.3 * rng.normal(size=(INPUTS + CELLS, 4 * CELLS)), 0.1 * rng.normal(size=4 * CELLS),
            0.3 * rng.normal(size=(CELLS, 3)), rng.normal(size=(steps, INPUTS)), rng.normal(size=(steps, 3)))


def primal(w, b, v, xs, ys):
    h, c, loss = np.zeros(CELLS), np.zeros(CELLS), 0.0
    for t in range(len(xs)):
        z = np.concatenate((xs[t], h)) @ w + b
        gates = 1.0 / (1.0 + np.exp(-z[:3 * CELLS]))
        new = np.tanh(z[3 * CELLS:])
        c = gates[CELLS:2 * CELLS] * c + gates[:CELLS] * new
        h = gates[2 * CELLS:] * np.tanh(c)
        e = h @ v - ys[t]
        loss += np.sum(e * e)
    return loss


def hand(w, b, v, xs, ys):
    n, k = len(xs), CELLS
    zx = xs @ w[:INPUTS] + b
    wh = w[INPUTS:]
    a, cs, ts, hs = np.empty((n, 4 * k)), np.zeros((n + 1, k)), np.empty((n, k)), np.zeros((n + 1, k))
    for t in range(n):
        z = hs[t] @ wh
        z += zx[t]
        s = a[t, :3 * k]
        np.negative(z[:3 * k], out=s)
        np.exp(s, out=s)
        s += 1.0
        np.reciprocal(s, out=s)
        np.tanh(z[3 * k:], out=a[t, 3 * k:])
        np.multiply(s[k:2 * k], cs[t], out=cs[t + 1])
        cs[t + 1] += s[:k] * a[t, 3 * k:]
        np.tanh(cs[t + 1], out=ts[t])
        np.multiply(s[2 * k:], ts[t], out=hs[t + 1])
    e = hs[1:] @ v
    e -= ys
    value = np.vdot(e, e)
    e *= 2.0
    v_bar, hs_bar = hs[1:].T @ e, e @ v.T
    gates, new = a[:, :3 * k], a[:, 3 * k:]
    slope = gates * (1.0 - gates)
    to_o, to_c = ts * slope[:, 2 * k:], gates[:, 2 * k:] * (1.0 - ts * ts)
    to_i, to_f, to_g = new * slope[:, :k], cs[:-1] * slope[:, k:2 * k], gates[:, :k] * (1.0 - new * new)
    z_bar, h_bar, c_bar, wt = np.empty((n, 4 * k)), np.zeros(k), np.zeros(k), np.ascontiguousarray(wh.T)
    for t in range(n - 1, -1, -1):
        h_bar += hs_bar[t]
        d = z_bar[t]
        np.multiply(h_bar, to_o[t], out=d[2 * k:3 * k])
        c_bar += h_bar * to_c[t]
        np.multiply(c_bar, to_i[t], out=d[:k])
        np.multiply(c_bar, to_f[t], out=d[k:2 * k])
        np.multiply(c_bar, to_g[t], out=d[3 * k:])
        c_bar *= gates[t, k:2 * k]
        h_bar = d @ wt
    return value, (np.concatenate((xs.T @ z_bar, hs[:-1].T @ z_bar)), z_bar.sum(axis=0), v_bar)


def functional(np):
    def f(w, b, v, xs, ys):
        h, c, loss = 0.0 * b[:CELLS], 0.0 * b[:CELLS], 0.0
        for t in range(len(xs)):
            z = np.concatenate((xs[t], h)) @ w + b
            gates = 1.0 / (1.0 + np.exp(-z[:3 * CELLS]))
            c = gates[CELLS:2 * CELLS] * c + gates[:CELLS] * np.tanh(z[3 * CELLS:])
            h = gates[2 * CELLS:] * np.tanh(c)
            e = h @ v - ys[t]
            loss = loss + np.sum(e * e)
        return loss
    return f


def scan(np, lax):
    def f(w, b, v, xs, ys):
        def step(state, data):
            (h, c), (x, y) = state, data
            z = np.concatenate((x, h)) @ w + b
            gates = 1.0 / (1.0 + np.exp(-z[:3 * CELLS]))
            c = gates[CELLS:2 * CELLS] * c + gates[:CELLS] * np.tanh(z[3 * CELLS:])
            h = gates[2 * CELLS:] * np.tanh(c)
            e = h @ v - y
            return (h, c), np.sum(e * e)
        zero = np.zeros(CELLS)
        return np.sum(lax.scan(step, (zero, zero), (xs, ys))[1])
    return f


WORKLOAD = Workload("lstm", "LSTM, 24 cells, 40 steps", make, primal, hand, (0, 1, 2), 40, (2, 10, 50, 250, 1250), None,
                    None, functional, scan)
