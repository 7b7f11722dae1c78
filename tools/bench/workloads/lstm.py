"""A long short-term memory: 40 steps, 24 cells; a loss at each step."""

import math

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


def hand_loops(w, b, v, xs, ys):
    n, k, loss = len(xs), CELLS, 0.0
    a, cs, ts, xh = np.empty((n, 4 * k)), np.zeros((n + 1, k)), np.empty((n, k)), np.zeros((n + 1, INPUTS + k))
    z, wt = np.empty(4 * k), np.ascontiguousarray(w[INPUTS:].T)
    for t in range(n):
        for j in range(INPUTS):
            xh[t, j] = xs[t, j]
        for j in range(4 * k):
            z[j] = b[j]
        for i in range(0, INPUTS + k, 4):  # four rows at a time: z is read and stored less often
            h0, h1, h2, h3 = xh[t, i], xh[t, i + 1], xh[t, i + 2], xh[t, i + 3]
            for j in range(4 * k):
                z[j] += h0 * w[i, j] + h1 * w[i + 1, j] + (h2 * w[i + 2, j] + h3 * w[i + 3, j])
        for j in range(3 * k):
            a[t, j] = math.exp(-z[j])
        for j in range(3 * k):
            a[t, j] = np.reciprocal(1.0 + a[t, j])
        for j in range(3 * k, 4 * k):
            a[t, j] = math.tanh(z[j])
        for j in range(k):
            c = a[t, k + j] * cs[t, j] + a[t, j] * a[t, 3 * k + j]
            cs[t + 1, j] = c
            ts[t, j] = math.tanh(c)
            xh[t + 1, INPUTS + j] = a[t, 2 * k + j] * ts[t, j]
    hs = np.ascontiguousarray(xh[1:, INPUTS:])
    e = hs @ v
    for t in range(n):
        for j in range(e.shape[1]):
            r = e[t, j] - ys[t, j]
            loss += r * r
            e[t, j] = 2.0 * r
    v_bar, hs_bar = hs.T @ e, e @ v.T
    z_bar, b_bar, h_bar, c_bar = np.empty((n, 4 * k)), np.zeros(4 * k), np.zeros(k), np.zeros(k)
    for t in range(n - 1, -1, -1):
        for j in range(k):
            i, f, o, g, s = a[t, j], a[t, k + j], a[t, 2 * k + j], a[t, 3 * k + j], ts[t, j]
            h = h_bar[j] + hs_bar[t, j]
            c = c_bar[j] + h * o * (1.0 - s * s)
            z_bar[t, j] = c * g * i * (1.0 - i)
            z_bar[t, k + j] = c * cs[t, j] * f * (1.0 - f)
            z_bar[t, 2 * k + j] = h * s * o * (1.0 - o)
            z_bar[t, 3 * k + j] = c * i * (1.0 - g * g)
            c_bar[j] = c * f
            h_bar[j] = 0.0
        for i in range(0, 4 * k, 4):
            d0, d1, d2, d3 = z_bar[t, i], z_bar[t, i + 1], z_bar[t, i + 2], z_bar[t, i + 3]
            for j in range(k):
                h_bar[j] += d0 * wt[i, j] + d1 * wt[i + 1, j] + (d2 * wt[i + 2, j] + d3 * wt[i + 3, j])
        for j in range(4 * k):
            b_bar[j] += z_bar[t, j]
    return loss, (xh[:-1].T @ z_bar, b_bar, v_bar)


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
                    hand_loops, functional, scan)
