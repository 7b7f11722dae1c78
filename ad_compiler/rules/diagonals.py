"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.kinds import NotStatic, Num, Sym, number
from ad_compiler.rules.common import Array, array, dtype_after, num, static_int
from ad_compiler.rules.dims import minus, plus
from ad_compiler.rules.registry import rule
from ad_compiler.runtime import index_set, zeros_like


def diag_kind(v: Any, k: Any = 0) -> Num:
    """A matrix from its diagonal, or the diagonal of a matrix."""
    x = num(v)
    k = static_int(k, "k")
    if x.shape is None:
        return x
    if len(x.shape) == 1:
        n = plus(x.shape[0], abs(k))
        return array(x.dtype, (n, n))
    return diagonal_kind(v, k)


def diagonal_kind(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Num:
    """Of a matrix, or of each matrix of a stack along one axis."""
    x = num(a)
    k = static_int(offset, "offset")
    if x.shape is None:
        return x
    if (len(x.shape), axis1, axis2) not in ((2, 0, 1), (3, 1, 2)):
        raise NotStatic("the diagonal of more than two axes has no rule: move the axes to the end, index with arange")
    rows, columns = minus(x.shape[-2], max(-k, 0)), minus(x.shape[-1], max(k, 0))
    if isinstance(rows, int) and isinstance(columns, int):
        return array(x.dtype, (*x.shape[:-2], min(rows, columns)))
    return array(x.dtype, (*x.shape[:-2], rows if rows == columns else Sym(("shorter", rows, columns))))


def trace_kind(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Num:
    """The sum of a diagonal."""
    of = diagonal_kind(a, offset, axis1, axis2)
    return number(dtype_after(np.sum, of.dtype), None if of.shape is None else of.shape[:-1])


def triangle_kind(m: Any, k: Any = 0) -> Num:
    """Of each matrix of a stack."""
    x = num(m)
    if x.shape is not None and len(x.shape) < 2:
        raise NotStatic("np.tril and np.triu have rules for matrices alone")
    return array(x.dtype, x.shape)


def diagonal_bar(a: Array, k: int, out_bar: Array) -> Array:
    """A cotangent put on a diagonal."""
    if a.ndim == 3:
        at = np.arange(out_bar.shape[1]) + max(-k, 0)
        return index_set(zeros_like(a), (slice(None), at, at + k), out_bar)
    rows = np.arange(out_bar.shape[0]) + max(-k, 0)
    return index_set(zeros_like(a), (rows, rows + k), out_bar)


@rule(np.diag, kind=diag_kind, linear=(0,), view="diagonal")
def diag(v: Array, k: int = 0, *, out: Array, out_bar: Array) -> Array:
    return np.diag(out_bar, k) if v.ndim == 1 else diagonal_bar(v, k, out_bar)


@rule(np.diagonal, kind=diagonal_kind, linear=(0,), view="diagonal")
def diagonal(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, *, out: Array, out_bar: Array) -> Array:
    return diagonal_bar(a, offset, out_bar)


@rule(np.trace, kind=trace_kind, linear=(0,))
def trace(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, *, out: Array, out_bar: Array) -> Array:
    if a.ndim == 3:
        return out_bar[:, None, None] * np.eye(a.shape[1], a.shape[2], offset, dtype=a.dtype)
    return out_bar * np.eye(a.shape[0], a.shape[1], offset, dtype=a.dtype)


@rule(np.triu, kind=triangle_kind, linear=(0,))
def triu(m: Array, k: int = 0, *, out: Array, out_bar: Array) -> Array:
    return np.triu(out_bar, k)


@rule(np.tril, kind=triangle_kind, linear=(0,))
def tril(m: Array, k: int = 0, *, out: Array, out_bar: Array) -> Array:
    return np.tril(out_bar, k)
