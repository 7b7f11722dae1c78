"""Finite differences on grids, in place and with buffers."""

import numpy as np

from tests.kernels.base import registry, weigh

KERNELS, kernel = registry()


def jacobi_1d(steps, a, b):
    for _ in range(1, steps):
        b[1:-1] = 0.33333 * (a[:-2] + a[1:-1] + a[2:])
        a[1:-1] = 0.33333 * (b[:-2] + b[1:-1] + b[2:])


@kernel(lambda r: (4, r.random(8), r.random(8)), 1, 2)
def jacobi_1d_total(steps, a, b):
    jacobi_1d(steps, a, b)
    return weigh(a, b)


@kernel(lambda r: (r.random((5, 6)), 0.1, 3), 0, 1)
def heat_2d(u, k, steps):
    new = u.copy()
    for _ in range(steps):
        new[1:-1, 1:-1] = u[1:-1, 1:-1] + k * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
                                               - 4.0 * u[1:-1, 1:-1])
        u, new = new, u
    return weigh(u)


def heat_3d(steps, a, b):
    for _ in range(steps):
        b[1:-1, 1:-1, 1:-1] = (0.125 * (a[2:, 1:-1, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[:-2, 1:-1, 1:-1])
                               + 0.125 * (a[1:-1, 2:, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, :-2, 1:-1])
                               + 0.125 * (a[1:-1, 1:-1, 2:] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, 1:-1, :-2])
                               + a[1:-1, 1:-1, 1:-1])
        a[1:-1, 1:-1, 1:-1] = b[1:-1, 1:-1, 1:-1] * 0.9


@kernel(lambda r: (2, r.random((4, 4, 3)), r.random((4, 4, 3))), 1, 2)
def heat_3d_total(steps, a, b):
    heat_3d(steps, a, b)
    return weigh(a, b)


@kernel(lambda r: (3, r.random((4, 5)), r.random((4, 5)), r.random((4, 5)), r.random(3)), 1, 2, 3, 4)
def fdtd_2d(steps, ex, ey, hz, source):
    for t in range(steps):
        ey[0, :] = source[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return weigh(ex, ey, hz)


@kernel(lambda r: (2, 5, r.random((5, 5))), 2)
def adi(steps, n, u):
    v, p, q = np.empty((n, n)), np.empty((n, n)), np.empty((n, n))
    a, b, c = -0.4, 1.8, -0.4
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            p[1:-1, j] = -c / (a * p[1:-1, j - 1] + b)
            q[1:-1, j] = (-0.2 * u[j, :-2] + 1.4 * u[j, 1:-1] - 0.2 * u[j, 2:] - a * q[1:-1, j - 1]) / (
                a * p[1:-1, j - 1] + b)
        v[-1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        for j in range(1, n - 1):
            u[1:-1, j] = v[1:-1, j] * 0.8 + 0.1 * u[1:-1, j - 1]
    return weigh(u)


def seidel_2d(steps, n, a):
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                a[i, j] = (a[i - 1, j - 1] + a[i - 1, j] + a[i - 1, j + 1] + a[i, j - 1] + a[i, j] + a[i, j + 1]
                           + a[i + 1, j - 1] + a[i + 1, j] + a[i + 1, j + 1]) / 9.0


@kernel(lambda r: (2, 5, r.random((5, 5))), 2)
def seidel_2d_total(steps, n, a):
    seidel_2d(steps, n, a)
    return weigh(a)


@kernel(lambda r: (r.random(7) + 0.5, 0.05, 4), 0, 1)
def burgers(u, dt, steps):
    for _ in range(steps):
        un = u.copy()
        u[1:-1] = un[1:-1] - dt * un[1:-1] * (un[1:-1] - un[:-2]) + 0.1 * (un[2:] - 2.0 * un[1:-1] + un[:-2])
        u[0] = u[-2]
        u[-1] = u[1]
    return weigh(u)


@kernel(lambda r: (r.random(8), r.random(8), 5), 0, 1)
def wave(old, now, steps):
    new = np.zeros_like(now)
    for _ in range(steps):
        new[1:-1] = 2.0 * now[1:-1] - old[1:-1] + 0.3 * (now[2:] - 2.0 * now[1:-1] + now[:-2])
        old, now, new = now, new, old
    return weigh(now, old)


@kernel(lambda r: (r.random((4, 4)), 3), 0)
def diffusion_on_a_torus(u, steps):
    for _ in range(steps):
        u += 0.1 * (np.roll(u, 1, axis=0) + np.roll(u, -1, axis=0) + np.roll(u, 1, axis=1) + np.roll(u, -1, axis=1)
                    - 4.0 * u)
        u -= 0.05 * u ** 3
    return weigh(u)


def pressure(p, b, rounds):
    for _ in range(rounds):
        pn = p.copy()
        p[1:-1, 1:-1] = 0.25 * (pn[1:-1, 2:] + pn[1:-1, :-2] + pn[2:, 1:-1] + pn[:-2, 1:-1]) - 0.01 * b[1:-1, 1:-1]
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0.0
    return p


def source_term(b, rho, dt, u, v):
    b[1:-1, 1:-1] = rho * (1.0 / dt * ((u[1:-1, 2:] - u[1:-1, :-2]) + (v[2:, 1:-1] - v[:-2, 1:-1]))
                           - (u[1:-1, 2:] - u[1:-1, :-2]) ** 2
                           - 2.0 * (u[2:, 1:-1] - u[:-2, 1:-1]) * (v[1:-1, 2:] - v[1:-1, :-2])
                           - (v[2:, 1:-1] - v[:-2, 1:-1]) ** 2)
    return b


@kernel(lambda r: (2, r.random((5, 5)), r.random((5, 5)), r.random((5, 5)), 1.2), 1, 2, 3, 4)
def cavity_flow(steps, u, v, p, rho):
    b = np.zeros((5, 5))
    dt = 0.1
    for _ in range(steps):
        un, vn = u.copy(), v.copy()
        b = source_term(b, rho, dt, u, v)
        p = pressure(p, b, 2)
        u[1:-1, 1:-1] = (un[1:-1, 1:-1] - un[1:-1, 1:-1] * dt * (un[1:-1, 1:-1] - un[1:-1, :-2])
                         - dt / rho * (p[1:-1, 2:] - p[1:-1, :-2])
                         + 0.05 * (un[1:-1, 2:] - 2.0 * un[1:-1, 1:-1] + un[1:-1, :-2]))
        v[1:-1, 1:-1] = (vn[1:-1, 1:-1] - un[1:-1, 1:-1] * dt * (vn[1:-1, 1:-1] - vn[1:-1, :-2])
                         - dt / rho * (p[2:, 1:-1] - p[:-2, 1:-1]))
        u[0, :] = 0.0
        u[:, 0] = 0.0
        u[-1, :] = 1.0
        v[0, :] = 0.0
        v[:, -1] = 0.0
    return weigh(u, v, p)


@kernel(lambda r: (r.random((4, 6)) + 0.5, 0.3), 0, 1)
def channel_flow(u, force):
    steps, change = 0, 1.0
    while change > 0.05 and steps < 6:
        un = u.copy()
        u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - 2.0 * un[1:-1, 1:-1] + un[:-2, 1:-1]) + 0.1 * force
        u[1:-1, 0] = un[1:-1, 0] + 0.1 * (un[1:-1, -1] - un[1:-1, 0])       # periodic
        u[1:-1, -1] = u[1:-1, 0]
        u[0, :] = 0.0
        u[-1, :] = 0.0
        change = (np.sum(u) - np.sum(un)) / np.sum(u)
        steps += 1
    return weigh(u) * steps
