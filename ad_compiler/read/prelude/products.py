"""NumPy's products and linear algebra, told by those that have rules.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda x: np.sum(np.linalg.matrix_power(x, 2)))(np.eye(2))
array([[2., 2.],
       [2., 2.]])
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments

Array = Any


def kron(a: Array, b: Array) -> Array:
    """`np.kron`."""
    a, b = np.asanyarray(a), np.asanyarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return np.multiply(a, b)
    ndim = max(a.ndim, b.ndim)
    left, right = (1,) * (ndim - a.ndim) + a.shape, (1,) * (ndim - b.ndim) + b.shape
    spread = np.reshape(a, tuple([n for size in left for n in (size, 1)]))
    filled = spread * np.reshape(b, tuple([n for size in right for n in (1, size)]))
    return np.reshape(filled, tuple([m * n for m, n in zip(left, right, strict=True)]))


def vecdot(x1: Array, x2: Array) -> Array:
    """`np.vecdot`."""
    x1, x2 = np.asanyarray(x1), np.asanyarray(x2)
    return np.matmul(x1[..., None, :], x2[..., :, None])[..., 0, 0][()]


def matvec(x1: Array, x2: Array) -> Array:
    """`np.matvec`."""
    return np.matmul(x1, np.asanyarray(x2)[..., None])[..., 0]


def vecmat(x1: Array, x2: Array) -> Array:
    """`np.vecmat`."""
    return np.matmul(np.asanyarray(x1)[..., None, :], x2)[..., 0, :]


def matrix_power(a: Array, n: int) -> Array:
    """`np.linalg.matrix_power`."""
    n = operator.index(n)
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n == 1:
        return np.copy(a)
    if n == 3:
        return np.matmul(np.matmul(a, a), a)
    return _squares(None, a, n)


def _squares(result: Array | None, square: Array, n: int) -> Array:
    """`result` times a power of `square`, bit by bit."""
    if n % 2:
        result = square if result is None else np.matmul(result, square)
    return result if n < 2 else _squares(result, np.matmul(square, square), n // 2)


def multi_dot(arrays: Any) -> Array:
    """`np.linalg.multi_dot`, from the left."""
    if len(arrays) < 2:
        raise ValueError("Expecting at least two arrays.")
    for k in range(len(arrays)):
        if np.ndim(arrays[k]) != 2 and (np.ndim(arrays[k]) != 1 or 0 < k < len(arrays) - 1):
            raise np.linalg.LinAlgError("Array must be 2-dimensional")
    product = np.dot(arrays[0], arrays[1])
    for k in range(2, len(arrays)):
        product = np.dot(product, arrays[k])
    return product


def linalg_matmul(x1: Array, x2: Array) -> Array:
    """`np.linalg.matmul`."""
    return np.matmul(x1, x2)


def linalg_outer(x1: Array, x2: Array) -> Array:
    """`np.linalg.outer`."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError("Input arrays must be one-dimensional")
    return np.outer(x1, x2)


def linalg_cross(x1: Array, x2: Array) -> Array:
    """`np.linalg.cross`, along the last axis."""
    return np.cross(x1, x2)


def linalg_tensordot(x1: Array, x2: Array, *, axes: Any = 2) -> Array:
    """`np.linalg.tensordot`."""
    return np.tensordot(x1, x2, axes)


def linalg_diagonal(x: Array, *, offset: int = 0) -> Array:
    """`np.linalg.diagonal`, of a matrix."""
    return np.diagonal(x, offset) if x.ndim == 2 else other_arguments()


def linalg_trace(x: Array, *, offset: int = 0) -> Array:
    """`np.linalg.trace`, of a matrix."""
    return np.trace(x, offset) if x.ndim == 2 else other_arguments()


def linalg_matrix_transpose(x: Array) -> Array:
    """`np.linalg.matrix_transpose`."""
    return np.swapaxes(x, -1, -2)


def eigvalsh(a: Array, UPLO: Any = "L") -> Array:
    """`np.linalg.eigvalsh`."""
    return np.linalg.eigh(a, UPLO)[0]


def eigh(a: Array, UPLO: Any = "L") -> Any:
    """`np.linalg.eigh`, which may read the upper triangle."""
    return np.linalg.eigh(np.swapaxes(a, -1, -2)) if UPLO in ("U", "u") else np.linalg.eigh(a)


def linalg_vecdot(x1: Array, x2: Array) -> Array:
    """`np.linalg.vecdot`, along the last axis."""
    return np.vecdot(x1, x2)


def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:      # noqa: A002
    """`np.linalg.norm`, of other orders than its rule has."""
    x = np.asanyarray(x)
    if x.dtype not in (np.float64, np.float32):
        x = x.astype(np.float64)
    if ord is None or isinstance(ord, str):
        return other_arguments()
    if x.ndim == 0:
        raise ValueError("Improper number of dimensions to norm.")
    if isinstance(axis, tuple) and len(axis) == 2 or axis is None and x.ndim == 2:
        rows, columns = axis if isinstance(axis, tuple) else (0, 1)
        if ord not in (1, -1, np.inf, -np.inf):
            return other_arguments()
        first, second = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = np.sum(np.abs(x), axis=first, keepdims=True)
        found = np.max(sums, axis=second, keepdims=True) if ord > 0 else np.min(sums, axis=second, keepdims=True)
        return found if keepdims else np.squeeze(found, (rows, columns))[()]
    if ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((x != 0.0).astype(x.dtype), axis=axis, keepdims=keepdims)
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)


def vector_norm(x: Array, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Array:      # noqa: A002
    """`np.linalg.vector_norm`."""
    x = np.asanyarray(x)
    if axis is None and not keepdims:
        return np.linalg.norm(np.ravel(x), ord)
    return np.linalg.norm(x, ord, axis, keepdims) if isinstance(axis, int) else other_arguments()


def matrix_norm(x: Array, *, keepdims: bool = False, ord: Any = "fro") -> Array:      # noqa: A002
    """`np.linalg.matrix_norm`."""
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


def cholesky(a: Array, *, upper: bool = False) -> Array:
    """`np.linalg.cholesky`, which reads the upper triangle for an upper factor."""
    if upper:
        return np.swapaxes(np.linalg.cholesky(np.swapaxes(a, -1, -2)), -1, -2)
    return np.linalg.cholesky(a)
