"""Stores into arrays that the function made itself and that nothing else sees."""

import numpy as np

from tests.corpus.base import case, normal


@case(normal(4))
def filled_by_index(x):
    out = np.zeros(4)
    for i in range(4):
        out[i] = x[i] ** 2 + i
    return np.sum(out * x)


@case(0.7, 5)
def a_table_of_powers(x, n):
    powers = np.empty(n)
    for k in range(n):
        powers[k] = x ** k
    return powers @ powers


@case(normal(6))
def depends_on_what_was_stored(x):
    y = np.zeros(len(x))
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] * x[i - 1]
    return np.sum(y ** 2)


ROWS, COLS = np.tril_indices(3, -1)


@case(normal(2, 3))
def lower_triangles(values):
    low = np.zeros((2, 3, 3))
    low[:, ROWS, COLS] = values
    return np.sum((low @ np.transpose(low, (0, 2, 1))) ** 2) + low[0, 2].sum()


@case(normal(5, 5), normal(5, 5, seed=1), argnums=(0, 1))
def jacobi_2d(a0, b0):
    a = a0.copy()
    b = b0.copy()
    for _ in range(3):
        b[1:-1, 1:-1] = 0.2 * (a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1])
        a[1:-1, 1:-1] = 0.2 * (b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1])
    return np.sum(a * a)


@case(normal(7))
def stencil(x):
    u = x.copy()
    u[1:-1] = 0.25 * (x[:-2] + 2.0 * x[1:-1] + x[2:])
    u[0] = 0.0
    return np.sum(u * u)


@case(normal(3, 3))
def mirrored(a):
    s = np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            s[i, j] = a[i, j] * 2.0
            s[j, i] = a[i, j]
    return np.sum(s @ s)


@case(normal(4))
def overwritten(x):
    y = np.zeros(4)
    y[:] = x
    y[1] = y[0] * y[1]
    y[1] = y[1] * y[1]
    return np.prod(y[:2]) + y.sum()


@case(0.8)
def augmented_store(x):
    h = np.zeros(3)
    for k in range(6):
        h[k % 3] += x ** k
    return np.sum(h ** 2)
