"""Products of vectors and matrices for a batch: see `rules/batched.py`."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.rules.batched import Varies, axes, lined, rows
from ad_compiler.rules.common import Array
from ad_compiler.rules.einsum import split_subscripts
from ad_compiler.rules.linear import contracted
from ad_compiler.rules.registry import batched, static


@batched((operator.matmul, np.matmul))
def matmul(a: Array, b: Array, *, varies: Varies, samples: int) -> Array:
    m, k = a.ndim - varies[0], b.ndim - varies[1]
    if m == 1 and k == 1:
        if varies[0] and varies[1]:
            return np.sum(a * b, axis=1)
        return a @ b if varies[0] else b @ a
    if k == 1:
        if not varies[1]:
            return a @ b
        if not varies[0] and m == 2:
            return b @ a.T
        return (a @ lined(b[:, :, None], m))[..., 0]
    if m == 1:
        if not varies[0]:
            return a @ b
        if not varies[1] and k == 2:
            return a @ b
        return (lined(a[:, None], k) @ b)[..., 0, :]
    ndim = max(m, k)
    return (lined(a, ndim) if varies[0] else a) @ (lined(b, ndim) if varies[1] else b)


@batched(np.dot)
def dot(a: Array, b: Array, *, varies: Varies, samples: int) -> Array:
    m, k = axes(a) - varies[0], axes(b) - varies[1]
    if m == 0 or k == 0:
        return times(a, b, max(m, k), varies)
    if m <= 2 and k <= 2:
        return matmul(a, b, varies=varies, samples=samples)
    return tensor_product(a, b, ((m - 1,), (max(k - 2, 0),)), varies)


@batched(np.inner)
def inner(a: Array, b: Array, *, varies: Varies, samples: int) -> Array:
    m, k = axes(a) - varies[0], axes(b) - varies[1]
    if m == 0 or k == 0:
        return times(a, b, max(m, k), varies)
    if m == 1 and k == 1:
        return matmul(a, b, varies=varies, samples=samples)
    return tensor_product(a, b, ((m - 1,), (k - 1,)), varies)


def times(a: Array, b: Array, ndim: int, varies: Varies) -> Array:
    """The product, element by element."""
    return (lined(a, ndim) if varies[0] else a) * (lined(b, ndim) if varies[1] else b)


@batched(np.vdot)
def vdot(a: Array, b: Array, *, varies: Varies, samples: int) -> Array:
    one, other = (rows(a, samples) if varies[0] else np.ravel(a)), (rows(b, samples) if varies[1] else np.ravel(b))
    return matmul(one, other, varies=varies, samples=samples)


@batched(np.outer)
def outer(a: Array, b: Array, *, varies: Varies, samples: int) -> Array:
    one, other = (rows(a, samples) if varies[0] else np.ravel(a)), (rows(b, samples) if varies[1] else np.ravel(b))
    column = one[:, :, None] if varies[0] else one[:, None]
    return column * (other[:, None, :] if varies[1] else other)


@static
def letters(pairs: Any, m: int, k: int, varies: Varies) -> str:
    """Subscripts of a product that sums over pairs of axes, with one letter for the samples."""
    of_a, of_b = contracted(pairs, m, k)
    free = iter("abcdefghijklmopqrstuvwxyz")
    one = [next(free) for _ in range(m)]
    other = [one[of_a[of_b.index(i)]] if i in of_b else next(free) for i in range(k)]
    left = "".join(c for i, c in enumerate(one) if i not in of_a)
    right = "".join(c for i, c in enumerate(other) if i not in of_b)
    return f"{'n' * varies[0]}{''.join(one)},{'n' * varies[1]}{''.join(other)}->n{left}{right}"


def tensor_product(a: Array, b: Array, pairs: Any, varies: Varies) -> Array:
    """Sums over pairs of axes, for each sample."""
    return np.einsum(letters(pairs, axes(a) - varies[0], axes(b) - varies[1], varies), a, b)


@batched(np.tensordot)
def tensordot(a: Array, b: Array, axes: Any = 2, *, varies: Varies, samples: int) -> Array:
    return tensor_product(a, b, axes, varies)


@static
def subscripts_of_batch(subscripts: str, varies: Varies) -> str:
    """Subscripts with one letter more, for the samples.

    >>> subscripts_of_batch("ij,j", (False, True, False))
    'nij,j->ni'
    """
    terms, result = split_subscripts(subscripts)
    letter = next(c for c in "nbsmABCDEFGHIJKLMNOPQRSTUVWXYZacdefghijklopqrtuvwxyz" if c not in subscripts)
    return ",".join(letter * v + t for t, v in zip(terms, varies[1:], strict=True)) + f"->{letter}{result}"


@batched(np.einsum)
def einsum(subscripts: str, *operands: Array, varies: Varies, samples: int) -> Array:
    return np.einsum(subscripts_of_batch(subscripts, varies), *operands)


@batched(np.linalg.solve)
def solve(a: Array, b: Array, *, varies: Varies, samples: int) -> Array:
    m, k = a.ndim - varies[0], b.ndim - varies[1]
    if k > 1:
        ndim = max(m, k)
        return np.linalg.solve(lined(a, ndim) if varies[0] else a, lined(b, ndim) if varies[1] else b)
    if not varies[0] and m == 2:
        return np.linalg.solve(a, b.T).T
    if not varies[1]:
        return np.linalg.solve(a, b)
    return np.linalg.solve(a, lined(b[:, :, None], m))[..., 0]
