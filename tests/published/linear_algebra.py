"""Factorisations, products and solvers as they stand in textbooks: in place, row by row."""

import numpy as np

from tests.published.base import Kernel, spd, weighted

# -- factorisations -------------------------------------------------------------------------------------


def lu(A):
    """Both factors replace the matrix; no pivots."""
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]


def total_lu(A):
    lu(A)
    return weighted(A)


def lu_rows(A):
    """By outer products on the rest of the matrix."""
    n = len(A)
    for k in range(n - 1):
        A[k + 1:, k] /= A[k, k]
        A[k + 1:, k + 1:] -= np.outer(A[k + 1:, k], A[k, k + 1:])
    return A


def total_lu_rows(A):
    return weighted(lu_rows(A))


def cholesky_scalar(A):
    """The lower factor replaces the lower triangle."""
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            for k in range(j):
                A[i, j] -= A[i, k] * A[j, k]
            A[i, j] /= A[j, j]
        for k in range(i):
            A[i, i] -= A[i, k] * A[i, k]
        A[i, i] = np.sqrt(A[i, i])


def total_cholesky_scalar(A):
    cholesky_scalar(A)
    return weighted(A)


def cholesky_dot(A):
    n = A.shape[0]
    L = np.zeros_like(A)
    for j in range(n):
        L[j, j] = np.sqrt(A[j, j] - np.dot(L[j, :j], L[j, :j]))
        L[j + 1:, j] = (A[j + 1:, j] - L[j + 1:, :j] @ L[j, :j]) / L[j, j]
    return L


def total_cholesky_dot(A):
    return weighted(cholesky_dot(A))


def gram_schmidt(A, Q, R):
    """The modified form: what is left of A is orthogonal to all columns found so far."""
    n = A.shape[1]
    for k in range(n):
        R[k, k] = np.sqrt(np.sum(A[:, k] ** 2))
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, n):
            R[k, j] = Q[:, k] @ A[:, j]
            A[:, j] -= Q[:, k] * R[k, j]


def total_gram_schmidt(A):
    Q = np.zeros_like(A)
    R = np.zeros((A.shape[1], A.shape[1]))
    gram_schmidt(A, Q, R)
    return weighted(Q) + weighted(R, 0.5) + weighted(A, 1.0)


def householder(R):
    """The upper factor replaces the matrix; the orthogonal one is returned."""
    m, n = R.shape
    Q = np.eye(m)
    for k in range(n):
        v = R[k:, k].copy()
        v[0] += np.sign(v[0]) * np.linalg.norm(v)
        v /= np.linalg.norm(v)
        R[k:, k:] -= 2.0 * np.outer(v, v @ R[k:, k:])
        Q[:, k:] -= 2.0 * np.outer(Q[:, k:] @ v, v)
    return Q


def total_householder(A):
    Q = householder(A)
    return weighted(Q) + weighted(A, 0.5)


def jacobi_rotations(A, V, sweeps):
    """Rotates a symmetric matrix towards a diagonal one."""
    n = A.shape[0]
    for _ in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                theta = 0.5 * np.arctan2(2.0 * A[p, q], A[q, q] - A[p, p])
                c, s = np.cos(theta), np.sin(theta)
                rows = A[[p, q], :]
                A[p, :] = c * rows[0] - s * rows[1]
                A[q, :] = s * rows[0] + c * rows[1]
                cols = A[:, [p, q]]
                A[:, p] = c * cols[:, 0] - s * cols[:, 1]
                A[:, q] = s * cols[:, 0] + c * cols[:, 1]
                V[:, p], V[:, q] = c * V[:, p] - s * V[:, q], s * V[:, p] + c * V[:, q]


def total_jacobi_rotations(A):
    V = np.eye(len(A))
    jacobi_rotations(A, V, 2)
    return weighted(A) + weighted(V, 0.5)


# -- direct solvers -------------------------------------------------------------------------------------


def forward_substitution(L, x, b):
    for i in range(x.shape[0]):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]


def total_forward_substitution(L, b):
    x = np.empty_like(b)
    forward_substitution(L, x, b)
    return weighted(x)


def backward_substitution(U, b):
    """The solution replaces the right-hand side."""
    n = len(b)
    for i in reversed(range(n)):
        for j in range(i + 1, n):
            b[i] -= U[i, j] * b[j]
        b[i] /= U[i, i]


def total_backward_substitution(U, b):
    backward_substitution(U, b)
    return weighted(b)


def eliminate(A, b):
    """Gauss with row pivots: rows change places in the matrix and in the right-hand side."""
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            A[i, k:] -= factor * A[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1:] @ x[i + 1:]) / A[i, i]
    return x


def total_eliminate(A, b):
    x = eliminate(A, b)
    return weighted(x) + weighted(A, 0.5)


def durbin(r):
    """The Yule-Walker equations: each step reads its own result backwards."""
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return y


def total_durbin(r):
    return weighted(durbin(r))


# -- products -------------------------------------------------------------------------------------------


def trmm(alpha, A, B):
    """B becomes alpha A^T B, with A unit lower triangular."""
    rows, cols = B.shape
    for i in range(rows):
        for j in range(cols):
            B[i, j] += np.dot(A[i + 1:, i], B[i + 1:, j])
    B *= alpha


def total_trmm(alpha, A, B):
    trmm(alpha, A, B)
    return weighted(B)


def syrk(alpha, beta, C, A):
    """The lower triangle of beta C + alpha A A^T."""
    for i in range(A.shape[0]):
        C[i, :i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, :i + 1] += alpha * A[i, k] * A[:i + 1, k]


def total_syrk(alpha, beta, C, A):
    syrk(alpha, beta, C, A)
    return weighted(C)


def gemver(alpha, beta, A, u1, v1, u2, v2, w, x, y, z):
    A += np.outer(u1, v1) + np.outer(u2, v2)
    x += beta * y @ A + z
    w += alpha * A @ x


def total_gemver(alpha, beta, A, u1, v1, u2, v2, w, x, y, z):
    gemver(alpha, beta, A, u1, v1, u2, v2, w, x, y, z)
    return weighted(A) + weighted(x, 0.5) + weighted(w, 1.0)


def atax(A, x, y):
    """A^T (A x), one row at a time."""
    y[:] = 0.0
    for row in A:
        y += row * (row @ x)


def total_atax(A, x, y):
    atax(A, x, y)
    return weighted(y)


def bicg(A, s, q, p, r):
    """Two products in one pass over the matrix."""
    m, n = A.shape
    for i in range(m):
        for j in range(n):
            s[j] += r[i] * A[i, j]
            q[i] += A[i, j] * p[j]


def total_bicg(A, p, r):
    s = np.zeros(A.shape[1])
    q = np.zeros(A.shape[0])
    bicg(A, s, q, p, r)
    return weighted(s) + weighted(q, 0.5)


def mvt(x1, x2, y1, y2, A):
    x1 += A @ y1
    x2 += y2 @ A


def total_mvt(x1, x2, y1, y2, A):
    mvt(x1, x2, y1, y2, A)
    return weighted(x1) + weighted(x2, 0.5)


def doitgen(A, C4):
    """Each vector along the last axis goes through a matrix, by way of a buffer."""
    nr, nq, n_p = A.shape
    buffer = np.zeros(n_p)
    for r in range(nr):
        for q in range(nq):
            np.dot(A[r, q], C4, out=buffer)
            A[r, q, :] = buffer


def total_doitgen(A, C4):
    doitgen(A, C4)
    return weighted(A)


# -- iterations -----------------------------------------------------------------------------------------


def conjugate_gradient(A, b, x, tol):
    """Until the residual is small; the solution grows in x."""
    r = b - A @ x
    p = r.copy()
    rr = r @ r
    steps = 0
    while np.sqrt(rr) > tol:
        Ap = A @ p
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        p *= new / rr
        p += r
        rr = new
        steps += 1
    return steps


def total_conjugate_gradient(A, b):
    x = np.zeros(b.size)
    conjugate_gradient(A, b, x, 1e-3)
    return weighted(x)


def power_iteration(A, v, steps):
    v /= np.linalg.norm(v)
    history = []
    for _ in range(steps):
        w = A @ v
        history.append(v @ w)
        v[:] = w / np.linalg.norm(w)
    return np.array(history)


def total_power_iteration(A, v, steps):
    history = power_iteration(A, v, steps)
    return weighted(history) + weighted(v, 0.5)


def gauss_seidel(A, b, x, sweeps):
    n = len(b)
    for _ in range(sweeps):
        for i in range(n):
            others = A[i, :i] @ x[:i] + A[i, i + 1:] @ x[i + 1:]
            x[i] = (b[i] - others) / A[i, i]


def total_gauss_seidel(A, b, x, sweeps):
    gauss_seidel(A, b, x, sweeps)
    return weighted(x)


def diagonal_heavy(rng, n):
    return rng.normal(size=(n, n)) + n * np.eye(n)


def for_gemver(rng, n):
    return (1.3, 0.8, *(rng.normal(size=(n, n) if k == 0 else n) for k in range(9)))


KERNELS = [
    Kernel("lu", total_lu, lambda rng: (diagonal_heavy(rng, 6),), (0,), strided=True),
    Kernel("lu_rows", total_lu_rows, lambda rng: (diagonal_heavy(rng, 7),), (0,), strided=True),
    Kernel("lu_rows_large", total_lu_rows, lambda rng: (diagonal_heavy(rng, 40),), (0,)),
    Kernel("cholesky_scalar", total_cholesky_scalar, lambda rng: (spd(rng, 6),), (0,)),
    Kernel("cholesky_dot", total_cholesky_dot, lambda rng: (spd(rng, 6),), (0,), strided=True),
    Kernel("cholesky_dot_large", total_cholesky_dot, lambda rng: (spd(rng, 30),), (0,)),
    Kernel("gram_schmidt", total_gram_schmidt, lambda rng: (rng.normal(size=(7, 4)),), (0,), strided=True),
    Kernel("householder", total_householder, lambda rng: (rng.normal(size=(6, 4)),), (0,)),
    Kernel("jacobi_rotations", total_jacobi_rotations, lambda rng: (spd(rng, 4) + np.diag(np.arange(4.0)),), (0,)),
    Kernel("forward_substitution", total_forward_substitution,
           lambda rng: (np.tril(diagonal_heavy(rng, 6)), rng.normal(size=6)), (0, 1)),
    Kernel("backward_substitution", total_backward_substitution,
           lambda rng: (np.triu(diagonal_heavy(rng, 6)), rng.normal(size=6)), (0, 1), strided=True),
    Kernel("eliminate", total_eliminate, lambda rng: (rng.normal(size=(5, 5)), rng.normal(size=5)), (0, 1)),
    Kernel("durbin", total_durbin, lambda rng: (0.3 * rng.normal(size=8),), (0,)),
    Kernel("trmm", total_trmm, lambda rng: (1.2, rng.normal(size=(5, 5)), rng.normal(size=(5, 4))), (0, 1, 2)),
    Kernel("syrk", total_syrk, lambda rng: (1.2, 0.7, rng.normal(size=(5, 5)), rng.normal(size=(5, 3))), (0, 1, 2, 3)),
    Kernel("gemver", total_gemver, lambda rng: for_gemver(rng, 5), tuple(range(11))),
    Kernel("gemver_large", total_gemver, lambda rng: for_gemver(rng, 40), tuple(range(11))),
    Kernel("atax", total_atax, lambda rng: (rng.normal(size=(6, 5)), rng.normal(size=5), rng.normal(size=5)), (0, 1, 2)),
    Kernel("bicg", total_bicg, lambda rng: (rng.normal(size=(6, 5)), rng.normal(size=5), rng.normal(size=6)), (0, 1, 2)),
    Kernel("mvt", total_mvt, lambda rng: (*rng.normal(size=(4, 6)), rng.normal(size=(6, 6))), (0, 1, 2, 3, 4)),
    Kernel("doitgen", total_doitgen, lambda rng: (rng.normal(size=(3, 4, 5)), rng.normal(size=(5, 5))), (0, 1)),
    Kernel("conjugate_gradient", total_conjugate_gradient, lambda rng: (spd(rng, 6), rng.normal(size=6)), (0, 1)),
    Kernel("power_iteration", total_power_iteration, lambda rng: (spd(rng, 6), rng.normal(size=6), 5), (0, 1)),
    Kernel("gauss_seidel", total_gauss_seidel,
           lambda rng: (diagonal_heavy(rng, 6), rng.normal(size=6), rng.normal(size=6), 3), (0, 1, 2)),
]
