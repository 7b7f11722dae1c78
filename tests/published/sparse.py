"""Sparse matrices, scatters and assembly: which numbers meet is decided by arrays of integers."""

import numpy as np

from tests.published.base import Kernel, weighted

# -- products -------------------------------------------------------------------------------------------


def spmv_csr(indptr, indices, data, x, y):
    for i in range(len(indptr) - 1):
        acc = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            acc += data[k] * x[indices[k]]
        y[i] = acc


def total_spmv_csr(indptr, indices, data, x):
    y = np.empty(len(indptr) - 1)
    spmv_csr(indptr, indices, data, x, y)
    return weighted(y)


def spmv_csr_slices(indptr, indices, data, x):
    """Row by row, each a gather and a dot product; some rows are empty."""
    y = np.zeros(indptr.size - 1)
    for i in range(indptr.size - 1):
        lo, hi = indptr[i], indptr[i + 1]
        y[i] = data[lo:hi] @ x[indices[lo:hi]]
    return y


def total_spmv_csr_slices(indptr, indices, data, x):
    return weighted(spmv_csr_slices(indptr, indices, data, x))


def spmv_csr_add_at(indptr, indices, data, x):
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    y = np.zeros(len(indptr) - 1)
    np.add.at(y, rows, data * x[indices])
    return y


def total_spmv_csr_add_at(indptr, indices, data, x):
    return weighted(spmv_csr_add_at(indptr, indices, data, x))


def spmv_coo(rows, cols, vals, x, y):
    """Adds the product to y."""
    for r, c, v in zip(rows, cols, vals):
        y[r] += v * x[c]


def total_spmv_coo(rows, cols, vals, x, y):
    spmv_coo(rows, cols, vals, x, y)
    return weighted(y)


def spmv_transposed(indptr, indices, data, x, n):
    """The product with the transpose scatters where the other gathers."""
    y = np.zeros(n)
    for i in range(len(x)):
        y[indices[indptr[i]:indptr[i + 1]]] += data[indptr[i]:indptr[i + 1]] * x[i]
    return y


def total_spmv_transposed(indptr, indices, data, x, n):
    return weighted(spmv_transposed(indptr, indices, data, x, n))


def lower_solve_csr(indptr, indices, data, b):
    """The last entry of each row is the diagonal; the solution replaces b."""
    for i in range(b.size):
        last = indptr[i + 1] - 1
        for k in range(indptr[i], last):
            b[i] -= data[k] * b[indices[k]]
        b[i] /= data[last]


def total_lower_solve_csr(indptr, indices, data, b):
    lower_solve_csr(indptr, indices, data, b)
    return weighted(b)


def page_rank(src, dst, w, damping, n, steps):
    """Power iteration on a graph given by its edges."""
    out = np.zeros(n)
    np.add.at(out, src, w)
    rank = np.full(n, 1.0 / n)
    for _ in range(steps):
        new = np.full(n, (1.0 - damping) / n)
        np.add.at(new, dst, damping * rank[src] * w / out[src])
        rank = new
    return rank


def total_page_rank(src, dst, w, damping, n, steps):
    return weighted(page_rank(src, dst, w, damping, n, steps))


# -- scatters -------------------------------------------------------------------------------------------


def scatter(a, idx, v):
    """Each place at most once."""
    a[idx] += v
    a[idx[::-1]] *= 0.5 + v * v


def total_scatter(a, idx, v):
    scatter(a, idx, v)
    return weighted(a)


def scatter_repeated(a, idx, v):
    """Places that occur again: of the numbers that are sent there only the last arrives."""
    a[idx] += v
    a[idx] = a[idx] * v


def total_scatter_repeated(a, idx, v):
    scatter_repeated(a, idx, v)
    return weighted(a)


def deposit(x, q, h, n):
    """Particles share their charge between the two nearest points of a periodic grid."""
    rho = np.zeros(n)
    cell = np.floor(x / h).astype(int)
    w = x / h - cell
    np.add.at(rho, cell % n, q * (1.0 - w))
    np.add.at(rho, (cell + 1) % n, q * w)
    return rho / h


def total_deposit(x, q, h, n):
    return weighted(deposit(x, q, h, n) ** 2)


def push(x, v, q, h, n, dt, steps):
    """A particle-in-cell loop: deposit, field, gather, move."""
    energy = np.zeros(steps)
    for t in range(steps):
        rho = deposit(x, q, h, n)
        rho -= rho.mean()
        field = np.cumsum(rho) * h
        field -= field.mean()
        cell = np.floor(x / h).astype(int)
        w = x / h - cell
        v -= dt * (field[cell % n] * (1.0 - w) + field[(cell + 1) % n] * w)
        x += dt * v
        x %= n * h
        energy[t] = 0.5 * h * np.sum(field ** 2)
    return energy


def total_push(x, v, q, h, n, dt, steps):
    energy = push(x, v, q, h, n, dt, steps)
    return weighted(energy) + weighted(x, 0.5) + weighted(v, 1.0)


def soft_histogram(x, edges, sharpness):
    """Every number is spread over the bins by a softmax; bins are filled one by one."""
    counts = np.zeros(len(edges))
    for value in x:
        score = -sharpness * (edges - value) ** 2
        score -= score.max()
        share = np.exp(score)
        counts += share / share.sum()
    return counts / counts.sum()


def total_soft_histogram(x, edges, sharpness):
    return weighted(soft_histogram(x, edges, sharpness))


# -- assembly -------------------------------------------------------------------------------------------


def assemble_bars(nodes, area, f):
    """Linear elements on a line, added into the global matrix one by one; then one end is fixed."""
    n = len(nodes)
    K = np.zeros((n, n))
    for e in range(n - 1):
        length = nodes[e + 1] - nodes[e]
        ke = area[e] / length * np.array([[1.0, -1.0], [-1.0, 1.0]])
        dofs = [e, e + 1]
        K[np.ix_(dofs, dofs)] += ke
    u = np.zeros(n)
    u[1:] = np.linalg.solve(K[1:, 1:], f[1:])
    return K, u


def total_assemble_bars(nodes, area, f):
    K, u = assemble_bars(nodes, area, f)
    return weighted(K) + weighted(u, 0.5)


def assemble_triangles(points, triangles, conductivity):
    """The stiffness of linear triangles, all elements at once: nodes that they share are added up."""
    p = points[triangles]
    b = np.stack((p[:, 1, 1] - p[:, 2, 1], p[:, 2, 1] - p[:, 0, 1], p[:, 0, 1] - p[:, 1, 1]), axis=1)
    c = np.stack((p[:, 2, 0] - p[:, 1, 0], p[:, 0, 0] - p[:, 2, 0], p[:, 1, 0] - p[:, 0, 0]), axis=1)
    area = 0.5 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    local = b[:, :, None] * b[:, None, :] + c[:, :, None] * c[:, None, :]
    local *= (conductivity / (4.0 * area))[:, None, None]
    K = np.zeros((len(points), len(points)))
    rows = np.repeat(triangles, 3, axis=1).reshape(-1, 3, 3)
    cols = np.tile(triangles, 3).reshape(-1, 3, 3)
    np.add.at(K, (rows, cols), local)
    return K


def total_assemble_triangles(points, triangles, conductivity):
    return weighted(assemble_triangles(points, triangles, conductivity))


def edge_forces(points, edges, rest, stiffness):
    """Springs of a mesh pull at both of their ends."""
    force = np.zeros_like(points)
    a, b = edges.T
    d = points[b] - points[a]
    length = np.sqrt(np.sum(d * d, axis=1))
    pull = (stiffness * (length - rest) / length)[:, None] * d
    np.add.at(force, a, pull)
    np.subtract.at(force, b, pull)
    return force


def total_edge_forces(points, edges, rest, stiffness):
    return weighted(edge_forces(points, edges, rest, stiffness))


def vertex_normals(points, triangles):
    """Faces in a Python loop; what is stored is made of unit length at the end."""
    normals = np.zeros(points.shape)
    for i, j, k in triangles:
        n = np.cross(points[j] - points[i], points[k] - points[i])
        normals[i] += n
        normals[j] += n
        normals[k] += n
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals


def total_vertex_normals(points, triangles):
    return weighted(vertex_normals(points, triangles))


INDPTR = np.array([0, 2, 3, 3, 6, 8])
INDICES = np.array([0, 3, 1, 0, 2, 3, 1, 4])
LOWER_PTR = np.array([0, 1, 3, 5, 6, 10])
LOWER_COLS = np.array([0, 0, 1, 1, 2, 3, 0, 2, 3, 4])
COO_ROWS = np.array([0, 4, 2, 2, 1, 0, 2])
COO_COLS = np.array([1, 0, 3, 3, 2, 4, 1])
SRC = np.array([0, 0, 1, 2, 3, 3, 4])
DST = np.array([1, 2, 2, 0, 4, 0, 3])
TRIANGLES = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.5]])
TETRAHEDRON = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
EDGES = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 4], [2, 4]])


def random_csr(rng, rows, cols, per_row):
    """Row pointers and columns of a matrix in which each row has so many entries."""
    indices = np.concatenate([np.sort(rng.permutation(cols)[:per_row]) for _ in range(rows)])
    return np.arange(rows + 1) * per_row, indices


KERNELS = [
    Kernel("spmv_csr", total_spmv_csr, lambda rng: (INDPTR, INDICES, rng.normal(size=8), rng.normal(size=5)), (2, 3)),
    Kernel("spmv_csr_large", total_spmv_csr,
           lambda rng: (*random_csr(rng, 40, 30, 5), rng.normal(size=200), rng.normal(size=30)), (2, 3)),
    Kernel("spmv_csr_slices", total_spmv_csr_slices,
           lambda rng: (INDPTR, INDICES, rng.normal(size=8), rng.normal(size=5)), (2, 3), strided=True),
    Kernel("spmv_csr_add_at", total_spmv_csr_add_at,
           lambda rng: (INDPTR, INDICES, rng.normal(size=8), rng.normal(size=5)), (2, 3), strided=True),
    Kernel("spmv_coo", total_spmv_coo,
           lambda rng: (COO_ROWS, COO_COLS, rng.normal(size=7), rng.normal(size=5), rng.normal(size=5)), (2, 3, 4)),
    Kernel("spmv_transposed", total_spmv_transposed,
           lambda rng: (INDPTR, INDICES, rng.normal(size=8), rng.normal(size=5), 6), (2, 3)),
    Kernel("lower_solve_csr", total_lower_solve_csr,
           lambda rng: (LOWER_PTR, LOWER_COLS, rng.uniform(1.0, 2.0, 10), rng.normal(size=5)), (2, 3)),
    Kernel("page_rank", total_page_rank, lambda rng: (SRC, DST, rng.uniform(0.5, 1.5, 7), 0.85, 5, 4), (2, 3)),
    Kernel("scatter", total_scatter, lambda rng: (rng.normal(size=7), np.array([5, 0, 3, 2]), rng.normal(size=4)), (0, 2),
           strided=True),
    Kernel("scatter_repeated", total_scatter_repeated,
           lambda rng: (rng.normal(size=6), np.array([1, 4, 1, 0, 4, 4]), rng.normal(size=6)), (0, 2)),
    Kernel("deposit", total_deposit, lambda rng: (rng.uniform(0.0, 3.0, 8), rng.uniform(0.5, 1.5, 8), 0.5, 6), (0, 1, 2)),
    Kernel("push", total_push, lambda rng: (rng.uniform(0.0, 3.0, 7), 0.3 * rng.normal(size=7), rng.uniform(0.5, 1.5, 7),
                                            0.5, 6, 0.1, 3), (0, 1, 2, 5)),
    Kernel("soft_histogram", total_soft_histogram, lambda rng: (rng.normal(size=8), np.linspace(-2.0, 2.0, 5), 1.5),
           (0, 1, 2)),
    Kernel("assemble_bars", total_assemble_bars,
           lambda rng: (np.cumsum(rng.uniform(0.5, 1.0, 6)), rng.uniform(1.0, 2.0, 5), rng.normal(size=6)), (0, 1, 2)),
    Kernel("assemble_triangles", total_assemble_triangles,
           lambda rng: (SQUARE + 0.1 * rng.normal(size=(5, 2)), TRIANGLES, rng.uniform(1.0, 2.0, 4)), (0, 2)),
    Kernel("edge_forces", total_edge_forces,
           lambda rng: (SQUARE + 0.1 * rng.normal(size=(5, 2)), EDGES, rng.uniform(0.5, 1.0, 6), rng.uniform(1.0, 2.0, 6)),
           (0, 2, 3), strided=True),
    Kernel("vertex_normals", total_vertex_normals, lambda rng: (rng.normal(size=(4, 3)), TETRAHEDRON), (0,)),
]
