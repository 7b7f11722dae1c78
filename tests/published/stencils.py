"""Finite differences on grids: buffers that are overwritten, swapped, rotated, and seen through slices."""

import numpy as np

from tests.published.base import Kernel, weighted

# -- diffusion ------------------------------------------------------------------------------------------


def jacobi_1d(tsteps, A, B):
    for _ in range(tsteps):
        B[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3.0
        A[1:-1] = (B[:-2] + B[1:-1] + B[2:]) / 3.0


def total_jacobi_1d(tsteps, A, B):
    jacobi_1d(tsteps, A, B)
    return weighted(A) + weighted(B, 0.5)


def jacobi_2d(A, B, tsteps):
    """The same in two dimensions, point by point."""
    rows, cols = A.shape
    for _ in range(tsteps):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                B[i, j] = 0.2 * (A[i, j] + A[i, j - 1] + A[i, j + 1] + A[i - 1, j] + A[i + 1, j])
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                A[i, j] = 0.2 * (B[i, j] + B[i, j - 1] + B[i, j + 1] + B[i - 1, j] + B[i + 1, j])


def total_jacobi_2d(A, B, tsteps):
    jacobi_2d(A, B, tsteps)
    return weighted(A) + weighted(B, 0.5)


def heat_2d(u, alpha, steps):
    """Explicit Euler; the boundary is held."""
    for _ in range(steps):
        lap = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        u[1:-1, 1:-1] += alpha * lap


def total_heat_2d(u, alpha, steps):
    heat_2d(u, alpha, steps)
    return weighted(u)


def heat_3d(u, v, alpha, steps):
    """Two buffers that change places after each step; the last one written is returned."""
    for _ in range(steps):
        c = u[1:-1, 1:-1, 1:-1]
        v[1:-1, 1:-1, 1:-1] = c + alpha * (u[2:, 1:-1, 1:-1] - 2.0 * c + u[:-2, 1:-1, 1:-1]
                                           + u[1:-1, 2:, 1:-1] - 2.0 * c + u[1:-1, :-2, 1:-1]
                                           + u[1:-1, 1:-1, 2:] - 2.0 * c + u[1:-1, 1:-1, :-2])
        u, v = v, u
    return u


def total_heat_3d(u, alpha, steps):
    v = u.copy()
    last = heat_3d(u, v, alpha, steps)
    return weighted(last) + weighted(u, 0.5) + weighted(v, 1.0)


def variable_diffusion(u, kappa, dt, steps):
    """Fluxes between cells, in buffers that are allocated once and filled through `out=`."""
    flux = np.empty(u.size - 1)
    change = np.empty(u.size - 2)
    for _ in range(steps):
        np.subtract(u[1:], u[:-1], out=flux)
        np.multiply(flux, kappa, out=flux)
        np.subtract(flux[1:], flux[:-1], out=change)
        change *= dt
        np.add(u[1:-1], change, out=u[1:-1])
    return flux


def total_variable_diffusion(u, kappa, dt, steps):
    flux = variable_diffusion(u, kappa, dt, steps)
    return weighted(u) + weighted(flux, 0.5)


# -- implicit steps -------------------------------------------------------------------------------------


def thomas(lower, diag, upper, rhs):
    """Solves a tridiagonal system; the solution replaces the right-hand side."""
    n = rhs.size
    for i in range(1, n):
        w = lower[i - 1] / diag[i - 1]
        diag[i] -= w * upper[i - 1]
        rhs[i] -= w * rhs[i - 1]
    rhs[-1] /= diag[-1]
    for i in range(n - 2, -1, -1):
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diag[i]


def total_thomas(lower, diag, upper, rhs):
    thomas(lower, diag, upper, rhs)
    return weighted(rhs) + weighted(diag, 0.5)


def crank_nicolson(u, r, steps):
    """Heat equation with ends held at zero; the matrix is built anew as the solver spoils it."""
    n = u.size
    for _ in range(steps):
        rhs = (1.0 - r) * u
        rhs[1:] += 0.5 * r * u[:-1]
        rhs[:-1] += 0.5 * r * u[1:]
        diag = np.full(n, 1.0 + r)
        off = np.full(n - 1, -0.5 * r)
        thomas(off, diag, off, rhs)
        u[:] = rhs


def total_crank_nicolson(u, r, steps):
    crank_nicolson(u, r, steps)
    return weighted(u)


def adi(u, r, tsteps):
    """Alternating directions: implicit along columns, then along rows, with the boundary at one."""
    n = u.shape[0]
    v = np.zeros_like(u)
    p = np.empty((n, n))
    q = np.empty((n, n))
    b = 1.0 + 2.0 * r
    for _ in range(tsteps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            den = b - r * p[1:-1, j - 1]
            p[1:-1, j] = r / den
            q[1:-1, j] = (r * u[j, :-2] + (1.0 - 2.0 * r) * u[j, 1:-1] + r * u[j, 2:] + r * q[1:-1, j - 1]) / den
        v[-1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = u[1:-1, 0]
        for j in range(1, n - 1):
            den = b - r * p[1:-1, j - 1]
            p[1:-1, j] = r / den
            q[1:-1, j] = (r * v[:-2, j] + (1.0 - 2.0 * r) * v[1:-1, j] + r * v[2:, j] + r * q[1:-1, j - 1]) / den
        u[1:-1, -1] = 1.0
        for j in range(n - 2, 0, -1):
            u[1:-1, j] = p[1:-1, j] * u[1:-1, j + 1] + q[1:-1, j]


def total_adi(u, r, tsteps):
    adi(u, r, tsteps)
    return weighted(u)


# -- relaxation -----------------------------------------------------------------------------------------


def seidel_2d(A, tsteps):
    rows, cols = A.shape
    for _t in range(tsteps):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                A[i, j] = (A[i - 1, j - 1] + A[i - 1, j] + A[i - 1, j + 1]
                           + A[i, j - 1] + A[i, j] + A[i, j + 1]
                           + A[i + 1, j - 1] + A[i + 1, j] + A[i + 1, j + 1]) / 9.0


def total_seidel_2d(A, tsteps):
    seidel_2d(A, tsteps)
    return weighted(A)


def red_black(u, f, h, omega, sweeps):
    """Over-relaxation: the odd points through one slice, then the even ones through another."""
    for _ in range(sweeps):
        for start in (1, 2):
            old = u[start:-1:2]
            new = 0.5 * (u[start - 1:-2:2] + u[start + 1::2] + h * h * f[start:-1:2])
            u[start:-1:2] = (1.0 - omega) * old + omega * new


def total_red_black(u, f, h, omega, sweeps):
    red_black(u, f, h, omega, sweeps)
    return weighted(u)


def smooth(u, f, h):
    for _ in range(2):
        u[1:-1] += (2.0 / 3.0) * (0.5 * (u[:-2] + u[2:] + h * h * f[1:-1]) - u[1:-1])


def v_cycle(u, f, h):
    """Multigrid for -u'' = f, on 2**k + 1 points."""
    n = u.size
    if n == 3:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return
    smooth(u, f, h)
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] - (2.0 * u[1:-1] - u[:-2] - u[2:]) / (h * h)
    coarse = np.zeros(n // 2 + 1)
    coarse[1:-1] = 0.25 * (r[1:-2:2] + 2.0 * r[2:-1:2] + r[3::2])
    error = np.zeros_like(coarse)
    v_cycle(error, coarse, 2.0 * h)
    u[::2] += error
    u[1::2] += 0.5 * (error[:-1] + error[1:])
    smooth(u, f, h)


def total_multigrid(u, f, h):
    v_cycle(u, f, h)
    v_cycle(u, f, h)
    return weighted(u)


# -- waves and transport --------------------------------------------------------------------------------


def fdtd_2d(ez, hx, hy, source, c):
    """Maxwell's equations on a staggered grid, driven along one side."""
    for t in range(len(source)):
        hx -= c * (ez[:, 1:] - ez[:, :-1])
        hy += c * (ez[1:, :] - ez[:-1, :])
        ez[1:-1, 1:-1] += c * (hy[1:, 1:-1] - hy[:-1, 1:-1] - hx[1:-1, 1:] + hx[1:-1, :-1])
        ez[0, :] = source[t]


def total_fdtd_2d(ez, hx, hy, source, c):
    fdtd_2d(ez, hx, hy, source, c)
    return weighted(ez) + weighted(hx, 0.5) + weighted(hy, 1.0)


def burgers(u, dt, dx, nt):
    """Upwind for u_t + u u_x = 0, periodic, with both signs of the speed."""
    for _ in range(nt):
        un = u.copy()
        backward = np.empty_like(u)
        backward[1:] = un[1:] - un[:-1]
        backward[0] = un[0] - un[-1]
        forward = np.roll(backward, -1)
        u -= dt / dx * (np.maximum(un, 0.0) * backward + np.minimum(un, 0.0) * forward)


def total_burgers(u, dt, dx, nt):
    burgers(u, dt, dx, nt)
    return weighted(u)


def wave_1d(u0, c, steps):
    """Leapfrog in time: three buffers that take turns."""
    prev = u0.copy()
    cur = u0.copy()
    nxt = np.zeros_like(u0)
    cur[1:-1] = u0[1:-1] + 0.5 * c * c * (u0[:-2] - 2.0 * u0[1:-1] + u0[2:])
    for _ in range(steps):
        nxt[1:-1] = 2.0 * cur[1:-1] - prev[1:-1] + c * c * (cur[:-2] - 2.0 * cur[1:-1] + cur[2:])
        nxt[0] = cur[1]
        nxt[-1] = 0.0
        prev, cur, nxt = cur, nxt, prev
    return prev, cur, nxt


def total_wave_1d(u0, c, steps):
    prev, cur, nxt = wave_1d(u0, c, steps)
    return weighted(cur) + weighted(prev, 0.5) + weighted(nxt, 1.0)


def lax_wendroff(q, speed, dt, dx, steps):
    """Periodic advection by the two-step method, with fluxes at the faces."""
    face = np.zeros(q.size + 1)
    for _ in range(steps):
        face[1:-1] = 0.5 * (q[1:] + q[:-1]) - 0.5 * dt / dx * speed * (q[1:] - q[:-1])
        face[0] = face[-1] = 0.5 * (q[0] + q[-1]) - 0.5 * dt / dx * speed * (q[0] - q[-1])
        flux = 0.5 * speed * face ** 2
        q -= dt / dx * (flux[1:] - flux[:-1])
    return q


def total_lax_wendroff(q, speed, dt, dx, steps):
    return weighted(lax_wendroff(q, speed, dt, dx, steps))


def gray_scott(U, V, feed, kill, steps):
    """Reaction and diffusion: the interiors are views that are updated in place, the rim is copied around."""
    u, v = U[1:-1, 1:-1], V[1:-1, 1:-1]
    for _ in range(steps):
        lu = U[:-2, 1:-1] + U[1:-1, :-2] - 4.0 * u + U[1:-1, 2:] + U[2:, 1:-1]
        lv = V[:-2, 1:-1] + V[1:-1, :-2] - 4.0 * v + V[1:-1, 2:] + V[2:, 1:-1]
        uvv = u * v * v
        u += 0.16 * lu - uvv + feed * (1.0 - u)
        v += 0.08 * lv + uvv - (feed + kill) * v
        for Z in (U, V):
            Z[0, :] = Z[-2, :]
            Z[-1, :] = Z[1, :]
            Z[:, 0] = Z[:, -2]
            Z[:, -1] = Z[:, 1]


def total_gray_scott(U, V, feed, kill, steps):
    gray_scott(U, V, feed, kill, steps)
    return weighted(U) + weighted(V, 0.5)


# -- wavelets -------------------------------------------------------------------------------------------


def haar_lifting(x, levels):
    """Differences and means in place, through two interleaved views, then sorted apart."""
    n = x.size
    for _ in range(levels):
        even = x[:n:2]
        odd = x[1:n:2]
        odd -= even
        even += 0.5 * odd
        x[:n] = np.concatenate((even, odd))
        n //= 2


def total_haar_lifting(x, levels):
    haar_lifting(x, levels)
    return weighted(x * x * x)


KERNELS = [
    Kernel("jacobi_1d", total_jacobi_1d, lambda rng: (3, rng.normal(size=9), rng.normal(size=9)), (1, 2), strided=True),
    Kernel("jacobi_1d_large", total_jacobi_1d, lambda rng: (20, rng.normal(size=300), rng.normal(size=300)), (1, 2)),
    Kernel("jacobi_2d", total_jacobi_2d, lambda rng: (rng.normal(size=(5, 6)), rng.normal(size=(5, 6)), 2), (0, 1)),
    Kernel("heat_2d", total_heat_2d, lambda rng: (rng.normal(size=(6, 7)), 0.13, 3), (0, 1), strided=True),
    Kernel("heat_2d_large", total_heat_2d, lambda rng: (rng.normal(size=(40, 31)), 0.13, 12), (0, 1)),
    Kernel("heat_3d", total_heat_3d, lambda rng: (rng.normal(size=(4, 5, 5)), 0.11, 3), (0, 1)),
    Kernel("heat_3d_even", total_heat_3d, lambda rng: (rng.normal(size=(3, 4, 5)), 0.11, 2), (0, 1)),
    Kernel("variable_diffusion", total_variable_diffusion,
           lambda rng: (rng.normal(size=8), rng.uniform(0.5, 1.5, 7), 0.1, 3), (0, 1, 2), strided=True),
    Kernel("thomas", total_thomas, lambda rng: (rng.normal(size=6), rng.uniform(3.0, 4.0, 7), rng.normal(size=6),
                                                rng.normal(size=7)), (0, 1, 2, 3)),
    Kernel("crank_nicolson", total_crank_nicolson, lambda rng: (rng.normal(size=7), 0.4, 3), (0, 1)),
    Kernel("adi", total_adi, lambda rng: (rng.normal(size=(6, 6)), 0.3, 2), (0, 1)),
    Kernel("seidel_2d", total_seidel_2d, lambda rng: (rng.normal(size=(6, 5)), 2), (0,)),
    Kernel("red_black", total_red_black, lambda rng: (rng.normal(size=9), rng.normal(size=9), 0.2, 1.3, 3), (0, 1, 2, 3)),
    Kernel("multigrid", total_multigrid, lambda rng: (rng.normal(size=9), rng.normal(size=9), 0.125), (0, 1, 2)),
    Kernel("multigrid_large", total_multigrid, lambda rng: (rng.normal(size=65), rng.normal(size=65), 1.0 / 64.0), (0, 1)),
    Kernel("fdtd_2d", total_fdtd_2d, lambda rng: (rng.normal(size=(5, 4)), rng.normal(size=(5, 3)),
                                                  rng.normal(size=(4, 4)), rng.normal(size=3), 0.4), (0, 1, 2, 3, 4)),
    Kernel("burgers", total_burgers, lambda rng: (rng.normal(size=9), 0.02, 0.2, 4), (0, 1, 2)),
    Kernel("wave_1d", total_wave_1d, lambda rng: (rng.normal(size=8), 0.6, 5), (0, 1), strided=True),
    Kernel("wave_1d_large", total_wave_1d, lambda rng: (rng.normal(size=120), 0.6, 40), (0, 1)),
    Kernel("lax_wendroff", total_lax_wendroff, lambda rng: (rng.normal(size=8), 0.7, 0.05, 0.2, 3), (0, 1, 2, 3)),
    Kernel("gray_scott", total_gray_scott, lambda rng: (rng.uniform(0.2, 1.0, (5, 6)), rng.uniform(0.2, 1.0, (5, 6)),
                                                        0.035, 0.065, 2), (0, 1, 2, 3)),
    Kernel("haar_lifting", total_haar_lifting, lambda rng: (rng.normal(size=16), 3), (0,), strided=True),
]
