"""Functions that store into arrays and read what they have stored, for tests of what their gradients keep."""

import numpy as np

from ad_compiler import no_grad


def stencil(a, k, n):
    a = a.copy()
    for _ in range(n):
        a[1:-1] = a[1:-1] + k * a[:-2] * a[2:]
    return np.sum(a * a)


def stencil_2d(a, n):
    a = a.copy()
    for _ in range(n):
        a[1:-1, 1:-1] = a[1:-1, 1:-1] + 0.1 * np.sin(a[:-2, 1:-1]) * a[1:-1, 2:]
    return np.sum(a ** 2)


def burgers(u, nu, n):
    u = u.copy()
    for _ in range(n):
        un = u.copy()
        u[1:-1] = un[1:-1] - 0.1 * un[1:-1] * (un[1:-1] - un[:-2]) + nu * (un[2:] - 2 * un[1:-1] + un[:-2])
    return np.sum(u ** 2)


def burgers_swapped(u, nu, n):
    for _ in range(n):
        un = u.copy()
        un[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[1:-1] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = un
    return np.sum(u ** 2)


def burgers_elements(u, n):
    u = u.copy()
    for _ in range(n):
        un = u.copy()
        for i in range(1, u.shape[0] - 1):
            u[i] = un[i] - 0.1 * un[i] * (un[i] - un[i - 1]) + 0.1 * (un[i + 1] * un[i - 1])
    return np.sum(u ** 2)


def logistic(r, x, n):
    a = np.zeros(n + 1)
    a[0] = x
    for i in range(1, n + 1):
        a[i] = r * a[i - 1] * (1 - a[i - 1])
    return np.sum(a)


def logistic_down(a, r):
    a = a.copy()
    for i in range(len(a) - 2, -1, -1):
        a[i] = np.sin(r * a[i + 1]) * a[i]
    return np.sum(a * a)


def logistic_ahead(a, r):
    """Reads what a later iteration overwrites."""
    a = a.copy()
    for i in range(len(a) - 1):
        a[i] = np.sin(r * a[i + 1]) * a[i]
    return np.sum(a * a)


def wrapped(a):
    """Reads the last element, by -1, before it is overwritten, and by n - 1 afterwards."""
    a = a.copy()
    for i in range(len(a)):
        a[i] = a[i] * a[i - 1] + np.sin(a[i - 2])
    return np.sum(a * a)


def wrapped_back(a, shift):
    a = a.copy()
    for i in range(len(a) - 1):
        a[i + 1] = a[i - shift] * a[i + 1] + a[i]
    return np.sum(a * a)


def twice(a, b):
    """Every second element, and one that two iterations write."""
    a = a.copy()
    for i in range(2, len(a), 2):
        a[i] = a[i - 2] * a[i - 1] + b
        a[i - 1] = np.sin(a[i]) * a[i - 1]
    return np.sum(a * a)


def overlapping(a):
    a = a.copy()
    for i in range(len(a) - 2):
        a[i:i + 3] = np.sin(a[i:i + 3]) * a[i + 1]
    return np.sum(a * a)


def gauss_seidel(a, n):
    a = a.copy()
    m = a.shape[0]
    for _ in range(n):
        for i in range(1, m - 1):
            a[i] = 0.5 * a[i - 1] * a[i + 1] + 0.1 * a[i] ** 2
    return np.sum(a * a)


def gauss_seidel_2d(a, n):
    a = a.copy()
    for _ in range(n):
        for i in range(1, a.shape[0] - 1):
            for j in range(1, a.shape[1] - 1):
                a[i, j] = 0.25 * (a[i - 1, j] * a[i + 1, j] + a[i, j - 1] * a[i, j + 1]) + 0.1 * a[i, j] ** 2
    return np.sum(a * a)


def sweeps_with_rows(a, n):
    a = a.copy()
    for _ in range(n):
        for i in range(1, a.shape[0]):
            a[i] = a[i] * np.cos(a[i - 1])
        a[0] = a[0] * a[-1]
    return np.sum(a * a)


def cholesky(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for j in range(n):
        s = A[j, j]
        for k in range(j):
            s -= L[j, k] ** 2
        L[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = s / L[j, j]
    return np.sum(np.sin(L))


def lu(A):
    A = A.copy()
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] = A[i, k] / A[k, k]
            A[i, k + 1:] = A[i, k + 1:] - A[i, k] * A[k, k + 1:]
    return np.sum(A * A)


def lu_rows(A):
    A = A.copy()
    n = A.shape[0]
    for k in range(n - 1):
        A[k + 1:, k] = A[k + 1:, k] / A[k, k]
        A[k + 1:, k + 1:] = A[k + 1:, k + 1:] - np.outer(A[k + 1:, k], A[k, k + 1:])
    return np.sum(A * A)


def substitute(L, b):
    x = b.copy()
    for i in range(len(b)):
        for j in range(i):
            x[i] = x[i] - L[i, j] * x[j]
        x[i] = x[i] / L[i, i]
    return np.sum(x ** 3)


def soft_table(c):
    n, m = c.shape
    d = np.zeros((n + 1, m + 1))
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            d[i, j] = c[i - 1, j - 1] - np.log(np.exp(-d[i - 1, j]) + np.exp(-d[i, j - 1]) + np.exp(-d[i - 1, j - 1]))
    return d[n, m]


def soft_row(c):
    """The table in one row, overwritten for each row of costs."""
    n, m = c.shape
    d = np.zeros(m + 1)
    for i in range(n):
        corner = 1.0 * d[0]
        d[0] = d[0] + 1.0
        for j in range(1, m + 1):
            above = 1.0 * d[j]
            d[j] = c[i, j - 1] - np.log(np.exp(-above) + np.exp(-d[j - 1]) + np.exp(-corner))
            corner = above
    return d[m]


def rnn(W, U, b, x):
    T = x.shape[0]
    h = np.zeros((T + 1, b.shape[0]))
    for t in range(T):
        h[t + 1] = np.tanh(W @ h[t] + U @ x[t] + b)
    return np.sum(h[T] ** 2)


def branch(a, k, n):
    a = a.copy()
    for t in range(n):
        if t % 2 == 0:
            a[1:] = a[1:] * a[:-1] * k
        else:
            a[0] = np.sin(a[0]) * a[-1]
    return np.sum(a * a)


def branch_both(a, n):
    a = a.copy()
    for t in range(n):
        if a[t % 3] > 0.5:
            a[1:] = a[1:] * a[:-1]
            a[0] = a[0] * a[1] * a[0]
        a[:-1] = a[:-1] * np.cos(a[1:])
        if t > 1:
            if t == 3:
                a[2] = a[2] ** 2
            else:
                a[1:3] = a[1:3] * a[0] * a[1:3]
    return np.sum(a * a)


def branch_with_loop(a, n):
    a = a.copy()
    for t in range(n):
        if t % 2:
            for i in range(1, len(a)):
                a[i] = a[i] * a[i - 1] * a[i] * (1.0 + a[i] * a[i - 1])
        else:
            a[:] = a * a * np.sin(a)
    return np.sum(a * a)


def leaving(a, limit):
    a = a.copy()
    for t in range(20):
        a[1:] = a[1:] * a[:-1] * 1.5 + 0.1 * a[1:] * a[1:]
        if a[1] < limit:
            break
        a[0] = a[0] * a[1] + 0.5 * a[0]
    return np.sum(a * a)


def whilst(a, limit):
    a = a.copy()
    while np.sum(a) > limit:
        a[1:] = a[1:] * a[:-1] * 0.9
        a[0] = a[0] * a[1]
    return np.sum(a * a)


def while_inside(a, n):
    a = a.copy()
    for _ in range(n):
        i = 0
        while i < len(a) - 1:
            a[i] = a[i] * a[i + 1] * a[i] + a[i] * a[i + 1] * a[i + 1] * a[i] * 0.5
            i += 1
    return np.sum(a * a)


def masked(a, n):
    a = a.copy()
    for _ in range(n):
        m = a > 0.3
        a[m] = a[m] * a[m] * 0.9 + np.sin(a[m])
        a[1:] = a[1:] * a[:-1]
    return np.sum(a * a)


def gathered(a, index, n):
    a = a.copy()
    for t in range(n):
        a[index] = a[index] * a[index[::-1]] + a[t]
        index = (index + 1) % len(a)
    return np.sum(a * a)


def repeated(a, n):
    a = a.copy()
    index = np.array([0, 2, 2, 0, 1])
    for _ in range(n):
        a[index] = np.sin(a[index]) * a[0]
        a[0] = a[1] * a[0] * a[2]
    return np.sum(a * a)


def pointing(a, where, n):
    """Where it stores depends on data."""
    a = a.copy()
    for t in range(n):
        i = where[t]
        a[i] = a[i] * a[i - 1] * a[0] * a[i] + a[t] * a[0] * a[i]
    return np.sum(a * a)


def at_largest(a, n):
    a = a.copy()
    for _ in range(n):
        i = np.argmax(a)
        a[i:] = a[i:] * a[i] * 0.5
        a[i - 1] = a[i] * a[i - 1] * a[i - 1]
    return np.sum(a * a)


def two_arrays(a, b, n):
    a, b = a.copy(), b.copy()
    for _ in range(n):
        a[1:] = a[1:] * b[:-1]
        b[:-1] = b[:-1] * a[1:] * 0.7
        a[0] = b[0] * a[0]
    return np.sum(a * b)


def same_array(a, b, n):
    a = a.copy()
    for _ in range(n):
        a[1:] = a[1:] * a[:-1] * b[1:]
    return np.sum(a * b)


def whole(a, W, n):
    a = a.copy()
    for _ in range(n):
        a[:] = np.tanh(W @ a)
    return np.sum(a * a)


def fresh(a, n):
    """An array of each iteration's own."""
    total = 0.0
    for t in range(n):
        b = a * (t + 1.0)
        for i in range(1, len(a)):
            b[i] = b[i] * b[i - 1] * b[i] + b[i - 1] * b[i] * b[i - 1] * 0.1
        total += np.sum(b * b)
    return total


def phases(a, n):
    """Three loops over one array, and stores between them."""
    a = a.copy()
    for i in range(1, len(a)):
        a[i] = a[i] * np.sin(a[i - 1])
    a[0] = a[-1] * a[0]
    for _ in range(n):
        a[1:-1] = a[1:-1] * a[:-2] * a[2:]
    for i in range(len(a) - 2, -1, -1):
        a[i] = a[i] * np.exp(a[i + 1])
    return np.sum(a * a)


def straight(a):
    a = a.copy()
    s = np.sum(a * np.sin(a))
    a[0] = a[1] * s
    p = np.sum(a * a)
    a[1:3] = p * a[:2]
    return np.sum(a ** 3)


def energies(q, v, n):
    q, v = q.copy(), v.copy()
    kept = np.zeros(n)
    for t in range(n):
        d = q[:, None] - q[None, :]
        v -= 0.01 * np.sum(d / (1.0 + d * d), axis=1)
        q += 0.01 * v
        kept[t] = 0.5 * np.sum(v * v) + np.sum(np.log(1.0 + d * d))
    return np.sum(kept ** 2)


def read_later(a, n):
    """An element read before a store is used after it."""
    a = a.copy()
    total = 0.0
    for i in range(n):
        e = 1.0 * a[i]
        rest = a[i:] * 1.0
        a[i] = a[i + 1] * e
        a[i + 1:] = a[i + 1:] * a[i]
        total += e * e * a[i] * a[i + 1] + np.sum(rest * a[i:])
    return total * np.sum(a)


def stopped(a, n):
    a = a.copy()
    for i in range(n):
        with no_grad():
            a[i] = a[i] * a[i + 1]
        a[i + 1] = a[i] * a[i + 1] * a[i + 1]
    return np.sum(a * a)


def negative_step(a, n):
    a = a.copy()
    for _ in range(n):
        a[::-2] = a[::-2] * a[0] + a[::2] * a[1]
        a[-1] = a[-2] * a[-1]
    return np.sum(a * a)


def strided(a, lo, hi):
    """A range with bounds that are not known, which may be negative."""
    a = a.copy()
    for i in range(lo, hi):
        a[i + 1] = a[i] * a[i + 1] + np.cos(a[i])
    return np.sum(a * a)


def leaving_inside(a, limit):
    """The inner loop starts where the outer one stands, and may end early."""
    a = a.copy()
    for t in range(1, 4):
        for i in range(t + 1, len(a)):
            a[i] = a[i] * a[i - 1] * a[t] + 0.5 * a[i] * a[i]
            if a[i] < limit:
                break
    return np.sum(a * a)
