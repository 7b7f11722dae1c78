"""Energy of bodies that attract each other, all pairs at once."""

import numpy as np

from workloads.base import Workload, generator


def make(n):
    rng = generator()
    return rng.normal(size=(n, 3)), rng.uniform(0.5, 1.5, n)


def primal(x, mass):
    d = x[:, None, :] - x[None, :, :]
    r = np.sqrt(np.sum(d * d, axis=2) + 0.01)
    return -0.5 * np.sum(mass[:, None] * mass[None, :] / r)


def hand(x, mass):
    d = x[:, None, :] - x[None, :, :]
    r = np.einsum("ijk,ijk->ij", d, d)
    r += 0.01
    np.sqrt(r, out=r)
    inverse = 1.0 / r
    mass_bar = -(inverse @ mass)
    value = 0.5 * np.vdot(mass, mass_bar)
    inverse **= 3
    inverse *= mass
    inverse *= mass[:, None]
    return value, (np.einsum("ij,ijk->ik", inverse, d), mass_bar)


def hand_loops(x, mass):
    n = len(x)
    p, p_bar = np.ascontiguousarray(x.T), np.zeros((3, n))
    x_bar, mass_bar = np.empty((n, 3)), np.zeros(n)
    for i in range(n):
        x0, x1, x2, m = x[i, 0], x[i, 1], x[i, 2], mass[i]
        for j in range(n):  # what i does to each j: no sum within this loop, so that it is computed in vectors
            d0, d1, d2 = p[0, j] - x0, p[1, j] - x1, p[2, j] - x2
            q = np.reciprocal(d0 * d0 + d1 * d1 + d2 * d2 + 0.01)
            u = m * np.sqrt(q)
            mass_bar[j] -= u
            u *= mass[j] * q
            p_bar[0, j] += u * d0
            p_bar[1, j] += u * d1
            p_bar[2, j] += u * d2
    value = 0.0
    for i in range(n):
        value += 0.5 * mass[i] * mass_bar[i]
        x_bar[i, 0], x_bar[i, 1], x_bar[i, 2] = p_bar[0, i], p_bar[1, i], p_bar[2, i]
    return value, (x_bar, mass_bar)


def functional(np):
    def f(x, mass):
        d = x[:, None, :] - x[None, :, :]
        r = np.sqrt(np.sum(d * d, 2) + 0.01)
        return -0.5 * np.sum(mass[:, None] * mass[None, :] / r)
    return f


WORKLOAD = Workload("bodies", "energy of 100 bodies", make, primal, hand, (0, 1), 100, (3, 10, 30, 100, 300),
                    None, hand_loops, functional)
