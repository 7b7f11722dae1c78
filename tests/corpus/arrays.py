"""Whole arrays: broadcasting, reductions, shapes, subscripts, linear algebra."""

import numpy as np

from tests.corpus.base import case, normal, spd, uniform


@case(normal(5))
@case(normal(2, 3), id="2d")
@case(normal(4).astype(np.float32), id="f32", second=False)
@case(np.array(0.4), id="0d")
def sum_of_squares(x):
    return np.sum(x ** 2)


@case(normal(3, 4), normal(4, seed=1), normal(3, 1, seed=2), 0.3, argnums=(0, 1, 2, 3))
def broadcasting(a, row, column, scale):
    return np.sum((a * row + column) ** 2 / (1.0 + scale * scale))


@case(normal(4, 3), normal(3, seed=1), argnums=(0, 1))
def affine(a, b):
    return (a @ b).sum() + np.dot(a, b) @ (a @ b)


@case(normal(3, 4), normal(4, 2, seed=1), argnums=(0, 1))
def frobenius(a, b):
    c = a @ b
    return np.sum(c * c) - np.trace(c @ c.T)


@case(normal(2, 3, 4), normal(4, 5, seed=1), argnums=(0, 1))
def batched_product(a, b):
    return np.tanh(np.matmul(a, b)).mean()


@case(normal(3, 4))
def reductions(x):
    total = x.sum(axis=0).max() + x.mean(axis=1).min()
    return total + np.prod(x, axis=1).sum() + x.sum(axis=(0, 1)) * 0.5


@case(normal(3, 4))
def keepdims(x):
    centred = x - x.mean(axis=0, keepdims=True)
    scaled = centred / np.sqrt((centred ** 2).sum(axis=-1, keepdims=True))
    return np.sum(scaled ** 3)


@case(uniform(0.5, 2.0, 6))
def log_sum_exp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


@case(normal(6))
def slices(x):
    return np.sum(x[1:] * x[:-1]) + np.sum(x[::2] ** 2) - x[-1] * x[0] + np.sum(x[::-1] * x)


@case(normal(4, 5))
def slices_of_a_matrix(a):
    inner = a[1:-1, 1:-1]
    edges = a[0].sum() + a[:, -1].sum() + a[-1, 0]
    return np.sum(inner * inner) + edges * edges + a[..., 2].sum()


@case(normal(4, 3))
def integer_arrays(a):
    rows = np.array([0, 2, 2, 1])
    return np.sum(a[rows] ** 2) + a[rows, [0, 1, 2, 0]].sum()


@case(normal(7))
def masks(x):
    return np.sum(x[x > 0] ** 3) - np.sum(x[x <= 0])


@case(normal(5))
def new_axes(x):
    distances = (x[:, None] - x[None, :]) ** 2
    return np.sum(np.exp(-distances))


@case(normal(2, 6))
def reshaping(x):
    y = x.reshape(3, 4).T
    z = np.reshape(y, (2, -1)) * 2.0
    return np.sum(np.ravel(z)[2:9] ** 2) + z.flatten()[0]


@case(normal(2, 3, 4))
def turning(x):
    a = np.transpose(x, (2, 0, 1))
    b = np.swapaxes(a, 0, 1)
    c = np.moveaxis(b, -1, 0)
    return np.sum(c[0] * c[1]) + np.sum(np.squeeze(x[:1]) ** 2) + np.expand_dims(x, 1).sum()


@case(normal(3), normal(2, seed=1), argnums=(0, 1))
def joining(x, y):
    z = np.concatenate([x, y, x * 2.0])
    return np.sum(z * np.arange(8.0)) + np.sum(np.hstack((x, y)) ** 2)


@case(normal(3), normal(3, seed=1), argnums=(0, 1))
def stacking(x, y):
    a = np.stack([x, y, x * y])
    b = np.vstack([x, y])
    c = np.column_stack((x, y))
    return np.sum(a @ a.T) + np.sum(b.T * c)


@case(0.3, 1.2, argnums=(0, 1))
def an_array_of_numbers(a, b):
    rotation = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return (rotation @ np.array([b, 1.0]))[0] ** 2


@case(normal(6))
def where(x):
    return np.sum(np.where(x > 0.1, x ** 2, np.exp(x)))


@case(normal(6), uniform(-0.5, 0.5, 6, seed=3), argnums=(0, 1))
def clipping(x, y):
    return np.sum(np.maximum(x, y) * 2.0 + np.minimum(x, 0.2)) + np.sum(np.clip(x * y, -0.3, 0.3)) + np.abs(x).sum()


@case(uniform(0.2, 0.9, 5))
def ufuncs(x):
    a = np.sin(x) + np.cos(x) * np.tan(x) + np.arcsin(x) - np.arccos(x) + np.arctan(x)
    b = np.sinh(x) / np.cosh(x) + np.tanh(x) + np.exp(x) * np.expm1(x) + np.log(x) - np.log1p(x)
    c = np.sqrt(x) + np.square(x) + np.reciprocal(x) + np.log2(x) * np.log10(x) + np.cbrt(x)
    return np.sum(a * b + c)


@case(spd(3), normal(3, seed=4), argnums=(0, 1))
def solving(a, b):
    return b @ np.linalg.solve(a, b)


@case(spd(3))
def determinants(a):
    sign, logdet = np.linalg.slogdet(a)
    return logdet * sign + np.linalg.det(a) * 1e-2 + np.trace(np.linalg.inv(a))


@case(normal(4), normal(4, 3, seed=1), argnums=(0, 1))
def norms(x, a):
    return np.linalg.norm(x) + np.linalg.norm(a) + np.linalg.norm(a, axis=1).sum()


@case(normal(3, 3), normal(3, seed=1), argnums=(0, 1))
def einsum(a, x):
    return np.einsum("i,ij,j->", x, a, x) + np.einsum("ii", a) + np.einsum("ij,kj->ik", a, a).sum()


@case(normal(3), normal(4, seed=1), argnums=(0, 1))
def outer_and_inner(x, y):
    m = np.outer(x, y)
    return np.sum(m * m) + np.vdot(x, x) + np.inner(y, y) + np.tensordot(m, m, axes=2)


@case(normal(6))
def running_sums(x):
    return np.sum(np.cumsum(x) ** 2) + np.sum(np.diff(x) ** 2)


@case(normal(3, 3))
def triangles(a):
    return np.sum(np.tril(a) @ np.triu(a)) + np.sum(np.diag(a) ** 2) + np.sum(np.diag(np.diag(a)) * a)


@case(normal(4))
def repeated(x):
    return np.sum(np.repeat(x, 2) * np.tile(x, 2)) + np.sum(np.roll(x, 1) * x) + np.sum(np.flip(x)[:2])


@case(uniform(0.5, 1.5, 5), second=False)
def sorted_values(x):
    return np.sum(np.sort(x) * np.arange(5.0)) + x[np.argmax(x)] - np.take(x, [0, 0, 3]).sum()


@case(normal(3, 4), argnums=0)
def statistics_of_an_array(x):
    return x.var() + x.std(axis=0).sum() + np.mean(x ** 2) + np.var(x, axis=1, ddof=1).sum()


@case(normal(2, 3))
def lengths_as_numbers(x):
    n, m = x.shape
    return np.sum(x) / n + np.sum(x * x) / (m * x.size) + len(x) * x.ndim * x[0, 0]


@case(normal(4))
def made_like(x):
    ones = np.ones_like(x)
    zeros = np.zeros(len(x))
    return np.sum((x + ones) ** 2 + zeros + np.full(4, 2.0) * x) + np.eye(4)[1] @ x + np.linspace(0.0, 1.0, 4) @ x


@case(normal(5))
def doubled_in_place(x):
    y = x * 2.0
    y += 1.0
    y *= x
    y /= 3.0
    return np.sum(y ** 2)


@case(normal(2, 3).astype(np.float32), normal(3, seed=2).astype(np.float32), argnums=(0, 1), second=False)
def float32_throughout(a, b):
    return np.sum(np.tanh(a * b + 1.0) / 2)


@case(np.asfortranarray(normal(3, 4)), normal(8, seed=1)[::2], argnums=(0, 1), id="strided")
def any_layout(a, b):
    return np.sum((a * b) ** 2) + np.sum(a.T @ a)


@case(normal(3, 1), normal(1, 4, seed=1), argnums=(0, 1))
def outer_sum(column, row):
    return np.sum(np.sin(column + row) * column)


@case(normal(0))
@case(normal(1), id="one")
def any_length(x):
    return np.sum(np.sin(x) * x) + 0.5


@case(normal(3, 4))
def a_norm_of_rows(x):
    lengths = np.sqrt(np.sum(x * x, axis=1))
    unit = x / lengths[:, np.newaxis]
    return (unit @ unit.T).sum() + np.broadcast_to(lengths, (2, 3)).sum()


@case(normal(3), 0.5, argnums=(0, 1))
def reading_elements(x, s):
    a, b, c = x[0], x[1], x[2]
    return a * b * s + c ** 2 + x[-1] * s
