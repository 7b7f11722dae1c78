"""Particles, filters, and other things that are stepped in time."""

from typing import NamedTuple

import numpy as np

from tests.kernels.base import registry, weigh

KERNELS, kernel = registry()


def forces(pos, mass):
    acc = np.zeros_like(pos)
    for i in range(len(mass)):
        d = pos - pos[i]
        r2 = np.sum(d * d, axis=1) + 0.1
        acc[i] = np.sum(mass[:, None] * d / (r2 ** 1.5)[:, None], axis=0)
    return acc


@kernel(lambda r: (r.random(3) + 0.5, r.random((3, 2)), r.random((3, 2)), 3), 0, 1, 2)
def n_body(mass, pos, vel, steps):
    kinetic, potential = np.zeros(steps + 1), np.zeros(steps + 1)
    vel -= np.mean(mass[:, None] * vel, axis=0) / np.mean(mass)
    acc = forces(pos, mass)
    kinetic[0] = 0.5 * np.sum(mass[:, None] * vel ** 2)
    for t in range(steps):
        vel += 0.05 * acc
        pos += 0.1 * vel
        acc = forces(pos, mass)
        vel += 0.05 * acc
        kinetic[t + 1] = 0.5 * np.sum(mass[:, None] * vel ** 2)
        potential[t + 1] = np.sum(np.tril(mass[:, None] * mass, -1) * pos[0, 0])
    return weigh(kinetic, potential, pos, vel)


@kernel(lambda r: (r.random(5), r.random(5), 4.0), 0, 1, 2)
def leapfrog_chain(q, p, k):
    f = np.zeros_like(q)
    for _ in range(5):
        f[:] = 0.0
        stretch = q[1:] - q[:-1]
        f[:-1] += k * stretch + 0.1 * stretch ** 3
        f[1:] -= k * stretch + 0.1 * stretch ** 3
        p += 0.05 * f
        q += 0.1 * p
    return weigh(q, p)


@kernel(lambda r: (3.0 * r.random((4, 2)),))
def lennard_jones_with_cutoff(pos):
    energy, f = 0.0, np.zeros_like(pos)
    for i in range(len(pos)):
        for j in range(i):
            d = pos[i] - pos[j]
            r2 = d @ d + 0.5
            if r2 > 6.0:
                continue
            s6 = 1.0 / r2 ** 3
            energy += 4.0 * (s6 * s6 - s6)
            g = (48.0 * s6 * s6 - 24.0 * s6) / r2 * d
            f[i] += g
            f[j] -= g
    return energy + 0.01 * weigh(f)


class State(NamedTuple):
    """Position and velocity."""

    x: np.ndarray
    v: np.ndarray


def slope(s, w):
    return State(s.v, -w * np.sin(s.x))


def advanced(s, d, h):
    return State(s.x + h * d.x, s.v + h * d.v)


@kernel(lambda r: (r.random(3), r.random(3), 2.0), 0, 1, 2)
def runge_kutta_pendulums(x, v, w):
    s, path = State(x, v), []
    for _ in range(4):
        k1 = slope(s, w)
        k2 = slope(advanced(s, k1, 0.05), w)
        k3 = slope(advanced(s, k2, 0.05), w)
        k4 = slope(advanced(s, k3, 0.1), w)
        s = State(s.x + 0.1 / 6.0 * (k1.x + 2.0 * k2.x + 2.0 * k3.x + k4.x),
                  s.v + 0.1 / 6.0 * (k1.v + 2.0 * k2.v + 2.0 * k3.v + k4.v))
        path.append(s.x * s.v)
    return weigh(s.x, s.v, np.stack(path))


@kernel(lambda r: (r.random((4, 2)), 0.3 * r.random((2, 2)) + np.eye(2), 0.1 + r.random(2)), 0, 1, 2)
def kalman_filter(observed, f, noise):
    x, p = np.zeros(2), np.eye(2)
    q, h = 0.1 * np.eye(2), np.eye(2)
    xs, loglik = np.zeros((len(observed), 2)), 0.0
    for t in range(len(observed)):
        x = f @ x
        p = f @ p @ f.T + q
        s = h @ p @ h.T + np.diag(noise)
        innovation = observed[t] - h @ x
        gain = p @ h.T @ np.linalg.inv(s)
        x = x + gain @ innovation
        p = (np.eye(2) - gain @ h) @ p
        xs[t] = x
        loglik -= 0.5 * (innovation @ np.linalg.solve(s, innovation) + np.log(np.linalg.det(s)))
    return loglik + weigh(xs)


@kernel(lambda r: (100.0, 95.0, 0.05, 0.3, 1.0), 0, 2, 3, 4)
def binomial_tree(spot, strike, rate, vol, years):
    n = 6
    dt = years / n
    up = np.exp(vol * np.sqrt(dt))
    prob = (np.exp(rate * dt) - 1.0 / up) / (up - 1.0 / up)
    price = spot * up ** np.arange(n, -n - 1, -2.0)
    value = np.maximum(price - strike, 0.0)
    for i in range(n, 0, -1):
        value[:i] = np.exp(-rate * dt) * (prob * value[:i] + (1.0 - prob) * value[1:i + 1])
        np.maximum(value[:i], spot * up ** np.arange(i - 1, -i, -2.0) - strike, out=value[:i])
    return value[0]


@kernel(lambda r: (r.random((4, 4)) + 0.2,))
def floyd_warshall(path):
    for k in range(path.shape[0]):
        path[:] = np.minimum(path, np.add.outer(path[:, k], path[k, :]))
    return weigh(path)


@kernel(lambda r: (r.random((4, 5)),))
def soft_alignment(d):
    n, m = d.shape
    table = np.full((n + 1, m + 1), 10.0)
    table[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            a, b, c = table[i - 1, j], table[i, j - 1], table[i - 1, j - 1]
            low = min(a, b, c)
            soft = low - np.log(np.exp(low - a) + np.exp(low - b) + np.exp(low - c))
            table[i, j] = d[i - 1, j - 1] + soft
    return table[n, m] + 0.01 * weigh(table[1:, 1:])


@kernel(lambda r: (r.random((4, 3)), r.random((3, 3)), r.random(3)), 0, 1, 2)
def forward_algorithm(emit, move, start):
    alpha = np.empty((len(emit), 3))
    alpha[0] = start + emit[0]
    for t in range(1, len(emit)):
        s = alpha[t - 1][:, None] + move
        top = s.max(axis=0)
        alpha[t] = emit[t] + top + np.log(np.sum(np.exp(s - top), axis=0))
    return weigh(alpha)


@kernel(lambda r: (r.random(5) + 0.1, np.array([1, 3, 2, 4, 1])))
def soft_knapsack(worth, weight):
    table = np.zeros((len(worth) + 1, 6))
    for i in range(1, len(worth) + 1):
        table[i] = table[i - 1]
        w = weight[i - 1]
        take = table[i - 1, :6 - w] + worth[i - 1]
        table[i, w:] = np.logaddexp(table[i, w:], take)
    return weigh(table)


@kernel(lambda r: (r.random((4, 4)) - 0.3,))
def best_local_path(score):
    h = np.zeros((5, 5))
    for i in range(1, 5):
        for j in range(1, 5):
            h[i, j] = max(0.0, h[i - 1, j - 1] + score[i - 1, j - 1], h[i - 1, j] - 0.13, h[i, j - 1] - 0.17)
    return np.max(h) + 0.1 * weigh(h)
