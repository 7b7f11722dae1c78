"""Stores in loops: recurrences, buffers that are swapped, decompositions."""

import numpy as np

from tests.stores.base import matrix, registry, vector, weigh

CASES, case = registry()


@case(vector)
def recurrence(x):
    a = np.zeros(7)
    a[0] = x[0]
    for i in range(1, 7):
        a[i] = np.sin(a[i - 1]) * x[i - 1] + a[i - 1] ** 2 * 0.1
    return weigh(a)


@case(vector)
def backward_recurrence(x):
    a = x * 1.0
    for i in range(len(x) - 2, -1, -1):
        a[i] -= 0.5 * a[i + 1] * a[i]
    return weigh(a)


@case(vector)
def two_swapped_buffers(x):
    u, v = x.copy(), np.zeros_like(x)
    for _ in range(5):
        v[1:-1] = u[1:-1] + 0.1 * u[:-2] * u[2:]
        u, v = v, u
    return weigh(u) + weigh(v)


@case(vector)
def three_rotated_buffers(x):
    old, now, new = x.copy(), x * 1.1, np.zeros_like(x)
    for _ in range(4):
        new[1:-1] = 2.0 * now[1:-1] - old[1:-1] + 0.1 * now[2:] * now[:-2]
        old, now, new = now, new, old
    return weigh(now) + weigh(old)


@case(vector, lambda: vector(seed=4))
def arguments_swapped(u, v):
    for _ in range(3):
        v[1:-1] = u[1:-1] - v[1:-1] * u[:-2]
        u, v = v, u
    return weigh(u)


@case(vector)
def loop_that_runs_zero_times(x):
    u, v = x * 1.0, x * 2.0
    for _ in range(0):
        u[0] = 9.0
        u, v = v, u
    for i in range(len(x) - 6):
        v[i] = u[i]
    return weigh(u) + weigh(v)


@case(vector)
def view_held_across_iterations(x):
    a = x * 1.0
    inner = a[1:-1]
    for i in range(3):
        inner *= 1.0 + 0.1 * a[:-2]
        a[i] = inner[i] ** 2
    return weigh(a)


@case(vector)
def while_with_a_residual(x):
    a = x * 1.0
    while np.sum(a) < 40.0:
        a *= 1.3
        a[0] = a[1]
    return weigh(a)


@case(vector)
def left_early(x):
    a = x * 1.0
    for i in range(1, 6):
        a[i] += a[i - 1] * x[i]
        if a[i] > 3.0:
            break
        a[i - 1] *= 2.0
    return weigh(a)


@case(vector)
def stores_in_arms_of_a_loop(x):
    a = np.zeros(6)
    for i in range(6):
        if x[i] > 1.0:
            a[i] = x[i] ** 2
        elif i > 0:
            a[i - 1] += x[i]
    return weigh(a)


@case(lambda: matrix(3, 3))
def lower_triangle(x):
    a = x @ x.T + 3.0 * np.eye(3)
    n = a.shape[0]
    low = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= low[i, k] * low[j, k]
            low[i, j] = np.sqrt(s) if i == j else s / low[j, j]
    return weigh(low)


@case(lambda: matrix(4, 4))
def elimination(x):
    a = x + 4.0 * np.eye(4)
    n = a.shape[0]
    for k in range(n - 1):
        a[k + 1:, k] /= a[k, k]
        a[k + 1:, k + 1:] -= np.outer(a[k + 1:, k], a[k, k + 1:])
    return weigh(a)


@case(lambda: matrix(4, 3))
def orthogonalised_in_place(x):
    q = x.copy()
    for j in range(q.shape[1]):
        for i in range(j):
            q[:, j] -= (q[:, i] @ q[:, j]) * q[:, i]
        q[:, j] /= np.sqrt(q[:, j] @ q[:, j])
    return weigh(q)


@case(lambda: matrix(4, 5))
def sweeps_in_both_directions(x):
    u = x * 1.0
    for i in range(1, 4):
        u[i] += 0.5 * u[i - 1] * u[i]
    for j in range(3, -1, -1):
        u[:, j] -= 0.3 * u[:, j + 1]
    return weigh(u)


@case(lambda: matrix(5, 5))
def five_points_in_place(u):
    for _ in range(2):
        for i in range(1, 4):
            for j in range(1, 4):
                u[i, j] = 0.2 * (u[i, j] * u[i, j] + u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
    return weigh(u)


@case(vector)
def augmented_number_becomes_an_array(x):
    s = 0.0
    for i in range(3):
        s += x * x[i]
    s[0] = x[1]
    return weigh(s)
