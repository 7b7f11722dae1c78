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


def functional(np):
    def f(x, mass):
        d = x[:, None, :] - x[None, :, :]
        r = np.sqrt(np.sum(d * d, 2) + 0.01)
        return -0.5 * np.sum(mass[:, None] * mass[None, :] / r)
    return f


WORKLOAD = Workload("bodies", "energy of 100 bodies", make, primal, hand, (0, 1), 100, (3, 10, 30, 100, 300),
                    None, None, functional)
