"""Linear algebra written out in loops."""

import numpy as np

from tests.kernels.base import registry, weigh

KERNELS, kernel = registry()


def spd(r, n=4):
    """A symmetric matrix that is well positive definite."""
    a = r.random((n, n))
    return a @ a.T + n * np.eye(n)


def lu(a):
    n = a.shape[0]
    for i in range(n):
        for j in range(i):
            a[i, j] -= a[i, :j] @ a[:j, j]
            a[i, j] /= a[j, j]
        for j in range(i, n):
            a[i, j] -= a[i, :i] @ a[:i, j]


@kernel(lambda r: (spd(r),))
def lu_total(a):
    lu(a)
    return weigh(a)


@kernel(lambda r: (spd(r),))
def lu_by_columns(a):
    for k in range(a.shape[0] - 1):
        a[k + 1:, k] = a[k + 1:, k] / a[k, k]
        a[k + 1:, k + 1:] -= np.outer(a[k + 1:, k], a[k, k + 1:])
    return weigh(a)


@kernel(lambda r: (spd(r),))
def cholesky_scalar(a):
    n = a.shape[0]
    for i in range(n):
        for j in range(i):
            for k in range(j):
                a[i, j] -= a[i, k] * a[j, k]
            a[i, j] /= a[j, j]
        for k in range(i):
            a[i, i] -= a[i, k] * a[i, k]
        a[i, i] = np.sqrt(a[i, i])
    return weigh(np.tril(a))


@kernel(lambda r: (spd(r),))
def cholesky_slices(a):
    a[0, 0] = np.sqrt(a[0, 0])
    for i in range(1, a.shape[0]):
        for j in range(i):
            a[i, j] -= np.dot(a[i, :j], a[j, :j])
            a[i, j] /= a[j, j]
        a[i, i] -= np.dot(a[i, :i], a[i, :i])
        a[i, i] = np.sqrt(a[i, i])
    return weigh(np.tril(a))


@kernel(lambda r: (r.random((5, 3)),))
def gram_schmidt(a):
    q, rr = np.zeros_like(a), np.zeros((a.shape[1], a.shape[1]))
    for k in range(a.shape[1]):
        rr[k, k] = np.sqrt(np.dot(a[:, k], a[:, k]))
        q[:, k] = a[:, k] / rr[k, k]
        for j in range(k + 1, a.shape[1]):
            rr[k, j] = np.dot(q[:, k], a[:, j])
            a[:, j] -= q[:, k] * rr[k, j]
    return weigh(q, rr)


@kernel(lambda r: (0.1 * r.random(6),))
def durbin(r):
    y = np.empty_like(r)
    alpha, beta, y[0] = -r[0], 1.0, -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return weigh(y)


@kernel(lambda r: (spd(r), r.random(4)), 0, 1)
def triangular_solve(low, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - low[i, :i] @ x[:i]) / low[i, i]
    return weigh(x)


@kernel(lambda r: (spd(r), r.random((4, 2))), 0, 1)
def back_substitution_in_place(up, b):
    for i in range(b.shape[0] - 1, -1, -1):
        for j in range(i + 1, b.shape[0]):
            b[i] -= up[i, j] * b[j]
        b[i] /= up[i, i]
    return weigh(b)


@kernel(lambda r: (1.5, r.random((4, 4)), r.random((4, 3))), 0, 1, 2)
def trmm(alpha, a, b):
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            b[i, j] += np.dot(a[i + 1:, i], b[i + 1:, j])
    b *= alpha
    return weigh(b)


@kernel(lambda r: (1.5, 0.7, r.random((4, 4)), r.random((4, 3))), 0, 1, 2, 3)
def syrk(alpha, beta, c, a):
    for i in range(a.shape[0]):
        c[i, :i + 1] *= beta
        for k in range(a.shape[1]):
            c[i, :i + 1] += alpha * a[i, k] * a[:i + 1, k]
    return weigh(c)


@kernel(lambda r: (1.5, 0.7, r.random((4, 4)), *(r.random(4) for _ in range(6))), *range(9))
def gemver(alpha, beta, a, u1, v1, u2, v2, y, z):
    x = np.zeros(4)
    a += np.outer(u1, v1) + np.outer(u2, v2)
    x += beta * y @ a + z
    return weigh(a, x, alpha * a @ x)


@kernel(lambda r: (spd(r, 5), r.random(5)), 0, 1)
def conjugate_gradient(a, b):
    x = np.zeros_like(b)
    res = b - a @ x
    p = res.copy()
    rr = res @ res
    while rr > 1e-6:
        ap = a @ p
        alpha = rr / (p @ ap)
        x += alpha * p
        res -= alpha * ap
        new = res @ res
        p *= new / rr
        p += res
        rr = new
    return weigh(x)


@kernel(lambda r: (spd(r, 4), r.random(4)), 0, 1)
def power_iteration(a, v):
    for _ in range(6):
        np.dot(a, v.copy(), out=v)
        v /= np.sqrt(v @ v)
    return weigh(v) + v @ a @ v


@kernel(lambda r: (spd(r, 4), r.random(4)), 0, 1)
def gauss_seidel(a, b):
    x = np.zeros_like(b)
    error = 1.0
    while error > 1e-3:
        old = x.copy()
        for i in range(len(b)):
            x[i] = (b[i] - a[i, :i] @ x[:i] - a[i, i + 1:] @ x[i + 1:]) / a[i, i]
        error = np.max(np.abs(x - old))
    return weigh(x)


@kernel(lambda r: (r.random(5) + 2.0, r.random(4), r.random(4), r.random(5)), 0, 1, 2, 3)
def tridiagonal(d, low, up, b):
    n = len(d)
    for i in range(1, n):
        w = low[i - 1] / d[i - 1]
        d[i] -= w * up[i - 1]
        b[i] -= w * b[i - 1]
    b[-1] /= d[-1]
    for i in range(n - 2, -1, -1):
        b[i] = (b[i] - up[i] * b[i + 1]) / d[i]
    return weigh(b)


@kernel(lambda r: (r.random((4, 4)) + 4.0 * np.eye(4), r.random(4)), 0, 1)
def solve_with_pivots(a, b):
    n = len(b)
    for k in range(n):
        top = k + np.argmax(np.abs(a[k:, k]))
        a[[k, top]] = a[[top, k]]
        b[[k, top]] = b[[top, k]]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            a[i, k:] -= f * a[k, k:]
            b[i] -= f * b[k]
    for i in range(n - 1, -1, -1):
        b[i] = (b[i] - a[i, i + 1:] @ b[i + 1:]) / a[i, i]
    return weigh(b)
