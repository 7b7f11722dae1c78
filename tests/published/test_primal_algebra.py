"""The kernels themselves, with no compiler: each against what its name promises (factors, products, solvers, moments)."""

import math

import numpy as np
import pytest
import scipy.linalg

from tests.fd import assert_same
from tests.published import dynamic, learning, linear_algebra as la, physics, sparse, statistics, stencils
from tests.published.base import spd

MODULES = (stencils, la, sparse, statistics, physics, learning, dynamic)
TINY = 1e-10


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def close(a, b, tol=TINY):
    return np.allclose(a, b, rtol=tol, atol=tol)


@pytest.mark.parametrize("kernel", [kernel for module in MODULES for kernel in module.KERNELS], ids=str)
def test_two_runs_give_the_same(kernel):
    first, second = kernel.func(*kernel.args()), kernel.func(*kernel.args())
    assert_same("the second run", second, first)
    assert np.isfinite(first)
    assert kernel.func(*kernel.args(seed=1)) != first or kernel.name.startswith("binomial") or kernel.name == "orbit"


# -- linear algebra -------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [la.lu, la.lu_rows])
def test_lu(factor, rng):
    A = la.diagonal_heavy(rng, 6)
    F = A.copy()
    factor(F)
    assert close((np.tril(F, -1) + np.eye(6)) @ np.triu(F), A)


def test_cholesky(rng):
    A = spd(rng, 6)
    F = A.copy()
    la.cholesky_scalar(F)
    L = la.cholesky_dot(A)
    assert close(L @ L.T, A)
    assert close(np.tril(F), L)


def test_qr(rng):
    A = rng.normal(size=(7, 4))
    Q, R = np.zeros((7, 4)), np.zeros((4, 4))
    la.gram_schmidt(A.copy(), Q, R)
    assert close(Q @ R, A)
    assert close(Q.T @ Q, np.eye(4))
    R = A.copy()
    Q = la.householder(R)
    assert close(Q @ R, A)
    assert close(Q.T @ Q, np.eye(7))
    assert close(np.tril(R, -1), 0.0)


def test_jacobi_rotations(rng):
    A = spd(rng, 4)
    D, V = A.copy(), np.eye(4)
    la.jacobi_rotations(D, V, 1)
    assert close(V @ D @ V.T, A)
    la.jacobi_rotations(D, V, 6)
    assert close(V @ np.diag(np.diag(D)) @ V.T, A)


def test_solvers(rng):
    A, b = la.diagonal_heavy(rng, 6), rng.normal(size=6)
    x = np.empty(6)
    la.forward_substitution(np.tril(A), x, b)
    assert close(np.tril(A) @ x, b)
    x = b.copy()
    la.backward_substitution(np.triu(A), x)
    assert close(np.triu(A) @ x, b)
    M = rng.normal(size=(6, 6))
    assert close(M @ la.eliminate(M.copy(), b.copy()), b, 1e-8)
    x = np.zeros(6)
    la.gauss_seidel(A, b, x, 200)
    assert close(A @ x, b)
    A = spd(rng, 6)
    x = np.zeros(6)
    assert la.conjugate_gradient(A, b, x, 1e-12) <= 12
    assert close(A @ x, b)
    lower, diag, upper = rng.normal(size=5), rng.uniform(3.0, 4.0, 6), rng.normal(size=5)
    x = b.copy()
    stencils.thomas(lower, diag.copy(), upper, x)
    assert close((np.diag(diag) + np.diag(lower, -1) + np.diag(upper, 1)) @ x, b)
    r = 0.3 * rng.normal(size=8)
    assert close(scipy.linalg.toeplitz(np.append(1.0, r[:-1])) @ la.durbin(r), -r)


def test_products(rng):
    A, B, C = rng.normal(size=(3, 5, 5))
    p, r, s, t, u, v, w, x, y = rng.normal(size=(9, 5))
    M = B.copy()
    la.trmm(1.2, A, M)
    assert close(M, 1.2 * (np.tril(A, -1) + np.eye(5)).T @ B)
    M = C.copy()
    la.syrk(1.2, 0.7, M, A)
    assert close(M, np.tril(0.7 * C + 1.2 * A @ A.T) + np.triu(C, 1))
    M, x1, w1 = A.copy(), x.copy(), w.copy()
    la.gemver(1.3, 0.8, M, r, s, t, u, w1, x1, y, v)
    assert close(M, A + np.outer(r, s) + np.outer(t, u))
    assert close(x1, x + 0.8 * M.T @ y + v)
    assert close(w1, w + 1.3 * M @ x1)
    out = np.ones(5)
    la.atax(A, x, out)
    assert close(out, A.T @ (A @ x))
    s1, q1 = np.zeros(5), np.zeros(5)
    la.bicg(A, s1, q1, p, r)
    assert close(s1, A.T @ r)
    assert close(q1, A @ p)
    a, b = x.copy(), y.copy()
    la.mvt(a, b, u, v, A)
    assert close(a, x + A @ u)
    assert close(b, y + A.T @ v)
    T = rng.normal(size=(3, 4, 5))
    M = T.copy()
    la.doitgen(M, A)
    assert close(M, np.einsum("rqs,sp->rqp", T, A))


def test_power_iteration(rng):
    A, v = spd(rng, 6), rng.normal(size=6)
    history = la.power_iteration(A, v, 500)
    assert close(history[-1], np.linalg.eigvalsh(A)[-1])
    assert close(A @ v, history[-1] * v, 1e-6)


# -- sparse ---------------------------------------------------------------------------------------------


def test_sparse_products(rng):
    data, x = rng.normal(size=8), rng.normal(size=5)
    A = np.zeros((5, 5))
    for i in range(5):
        for k in range(sparse.INDPTR[i], sparse.INDPTR[i + 1]):
            A[i, sparse.INDICES[k]] += data[k]
    y = np.empty(5)
    sparse.spmv_csr(sparse.INDPTR, sparse.INDICES, data, x, y)
    assert close(y, A @ x)
    assert close(sparse.spmv_csr_slices(sparse.INDPTR, sparse.INDICES, data, x), A @ x)
    assert close(sparse.spmv_csr_add_at(sparse.INDPTR, sparse.INDICES, data, x), A @ x)
    assert close(sparse.spmv_transposed(sparse.INDPTR, sparse.INDICES, data, x, 5), A.T @ x)
    vals, y, A = rng.normal(size=7), rng.normal(size=5), np.zeros((5, 5))
    np.add.at(A, (sparse.COO_ROWS, sparse.COO_COLS), vals)
    z = y.copy()
    sparse.spmv_coo(sparse.COO_ROWS, sparse.COO_COLS, vals, x, z)
    assert close(z, y + A @ x)


def test_lower_solve_csr(rng):
    data, b = rng.uniform(1.0, 2.0, 10), rng.normal(size=5)
    L = np.zeros((5, 5))
    L[np.repeat(np.arange(5), np.diff(sparse.LOWER_PTR)), sparse.LOWER_COLS] = data
    x = b.copy()
    sparse.lower_solve_csr(sparse.LOWER_PTR, sparse.LOWER_COLS, data, x)
    assert close(L @ x, b)


def test_scatters(rng):
    assert close(sparse.page_rank(sparse.SRC, sparse.DST, rng.uniform(0.5, 1.5, 7), 0.85, 5, 4).sum(), 1.0)
    x, q = rng.uniform(0.0, 3.0, 8), rng.uniform(0.5, 1.5, 8)
    assert close(sparse.deposit(x, q, 0.5, 6).sum() * 0.5, q.sum())
    assert close(sparse.soft_histogram(x, np.linspace(0.0, 3.0, 5), 1.0).sum(), 1.0)
    a, idx, v = rng.normal(size=6), np.array([1, 4, 1, 0, 4, 4]), rng.normal(size=6)
    b = a.copy()
    sparse.scatter_repeated(b, idx, v)
    last = {1: 2, 0: 3, 4: 5}
    assert close(b, [(a[i] + v[last[i]]) * v[last[i]] if i in last else a[i] for i in range(6)])


def test_assembly(rng):
    nodes, area, f = np.cumsum(rng.uniform(0.5, 1.0, 6)), rng.uniform(1.0, 2.0, 5), np.zeros(6)
    f[-1] = 1.0
    K, u = sparse.assemble_bars(nodes, area, f)
    assert close(K.sum(axis=0), 0.0)
    assert close(u[1:], np.cumsum(np.diff(nodes) / area))
    K = sparse.assemble_triangles(sparse.SQUARE, sparse.TRIANGLES, np.full(4, 1.5))
    plane = sparse.SQUARE @ np.array([0.3, -0.7])
    assert close(K, K.T)
    assert close(K @ np.ones(5), 0.0)
    assert close(plane @ K @ plane, 1.5 * (0.09 + 0.49))
    points = sparse.SQUARE + 0.1 * rng.normal(size=(5, 2))
    assert close(sparse.edge_forces(points, sparse.EDGES, rng.uniform(0.5, 1.0, 6), np.ones(6)).sum(axis=0), 0.0)
    corners = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    assert close(np.abs(sparse.vertex_normals(corners, sparse.TETRAHEDRON)), 1.0 / np.sqrt(3.0))


# -- statistics -----------------------------------------------------------------------------------------


def test_moments(rng):
    data = rng.normal(size=(9, 4))
    assert close(statistics.covariance(data.copy()), np.cov(data.T))
    assert close(statistics.correlation(data.copy()), np.corrcoef(data.T))
    X = data.copy()
    statistics.standardise(X)
    assert close(X, (data - data.mean(axis=0)) / data.std(axis=0))
    statistics.standardise_rows(X)
    assert close(X.sum(axis=1), 0.0)
    assert close((X * X).sum(axis=1), 1.0)
    means, variances = statistics.welford(data[:, 0])
    assert close(means, [data[:k, 0].mean() for k in range(1, 10)])
    assert close(variances[1:], [data[:k, 0].var(ddof=1) for k in range(2, 10)])
    moments = statistics.RunningMoments(4)
    for sample in data:
        moments.update(sample)
    assert close(moments.mean, data.mean(axis=0))
    assert close(moments.variance, data.var(axis=0, ddof=1))
    x = data[:, 1]
    mean, var = statistics.winsorised(x.copy(), 2)
    clipped = np.clip(x, np.sort(x)[2], np.sort(x)[-3])
    assert close([mean, var], [clipped.mean(), clipped.var()])


def test_series(rng):
    x, w = rng.normal(size=9), rng.uniform(0.5, 1.5, 9)
    assert close(statistics.running_mean(x, w), [np.average(x[:k], weights=w[:k]) for k in range(1, 10)])
    padded = np.concatenate((x[:1], x, x[-1:]))
    assert close(statistics.moving_average(x, 3), np.convolve(padded, np.ones(3) / 3.0, "valid"))
    centred = x - x.mean()
    full = np.correlate(centred, centred, "full")[8:12]
    assert close(statistics.autocorrelation(x.copy(), 4), full / full[0])
    params = np.array([0.5, 0.0, 0.0])
    tail = 0.5 * np.sum(math.log(0.5) + x[1:] ** 2 / 0.5)
    assert close(statistics.garch(params, x), tail + 0.5 * (np.log(x.var()) + x[0] ** 2 / x.var()))
    assert close(statistics.holt_winters(np.full(9, 2.0), 0.3, 0.2, 0.4, 4), 2.0)


def test_fits(rng):
    X, y, beta = rng.normal(size=(9, 4)), rng.normal(size=9), rng.normal(size=4)
    r = statistics.lasso(X, y, beta, 0.8, 300)
    assert close(r, y - X @ beta)
    slopes = X.T @ r
    assert np.all(np.abs(slopes) <= 0.8 + 1e-9)
    assert close(slopes[beta != 0.0], 0.8 * np.sign(beta[beta != 0.0]))
    x = np.concatenate((rng.normal(-4.0, 0.5, 200), rng.normal(3.0, 1.0, 600)))
    mu, sigma, pi = np.array([-1.0, 1.0]), np.ones(2), np.full(2, 0.5)
    statistics.expectation_maximisation(x, mu, sigma, pi, 40)
    assert np.allclose([mu, sigma, pi], [[-4.0, 3.0], [0.5, 1.0], [0.25, 0.75]], atol=0.15)
    grid = np.linspace(-5.0, 5.0, 2001)
    assert abs(np.sum(statistics.kernel_density(rng.normal(size=6), grid, 0.6)) * 0.005 - 1.0) < 1e-4
