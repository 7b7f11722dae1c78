"""Eigenvalues and pseudo-inverses of matrices, and products of polynomials.

Eigenvectors: M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation",
2008; the pseudo-inverse: G. Golub and V. Pereyra, SIAM J. Numer. Anal. 10, 1973, equation 4.12.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ad_compiler.kinds import NotStatic, Num, result_dtype
from ad_compiler.rules.common import Array, array, floating, mT, num
from ad_compiler.rules.dims import minus, plus
from ad_compiler.rules.linalg import lower, square_kind
from ad_compiler.rules.registry import rule
from ad_compiler.runtime import exact_product


@functools.cache
def eigh_result() -> Any:
    """The named tuple that `np.linalg.eigh` returns; NumPy has no public name for it."""
    return type(np.linalg.eigh(np.eye(1)))


def eigh_kind(a: Any) -> tuple[Num, Num]:
    """Eigenvalues, and vectors in columns."""
    vectors = square_kind(a)
    result: tuple[Num, Num] = eigh_result()(array(vectors.dtype, (vectors.shape or ())[:-1]), vectors)
    return result


def pinv_kind(a: Any, rcond: Any = None) -> Num:
    """Rows and columns change places."""
    x = num(a)
    if x.shape is None or len(x.shape) < 2:
        raise NotStatic("np.linalg.pinv of what is not known to be a matrix")
    return array(floating(x.dtype), (*x.shape[:-2], x.shape[-1], x.shape[-2]))


def convolve_kind(a: Any, v: Any) -> Num:
    """As many as both have, less one."""
    x, y = num(a), num(v)
    if x.shape is None or y.shape is None or len(x.shape) != 1 or len(y.shape) != 1:
        raise NotStatic("np.convolve of what is not known to have one axis")
    return array(result_dtype(x, y), (minus(plus(x.shape[0], y.shape[0]), 1),))


@rule(np.linalg.eigh, kind=eigh_kind, raises="value")
def eigh(a: Array, *, out: Array, out_bar: Array) -> Array:
    """Only the lower triangle is read.  Where two values are equal, what depends on their vectors has no derivative."""
    values, vectors = out
    inner = None
    if out_bar[1] is not None:
        gaps = values[..., None, :] - values[..., :, None]
        gaps = gaps + np.eye(a.shape[-1], dtype=gaps.dtype)
        turned = mT(vectors) @ out_bar[1]
        inner = exact_product(turned * (1.0 - np.eye(a.shape[-1], dtype=gaps.dtype)), 1.0 / gaps)
    if out_bar[0] is not None:
        along = np.eye(a.shape[-1], dtype=vectors.dtype) * out_bar[0][..., None, :]
        inner = along if inner is None else inner + along
    if inner is None:
        return None
    s = vectors @ inner @ mT(vectors)
    return lower(s + mT(s))


@rule(np.linalg.pinv, kind=pinv_kind, raises="value")
def pinv(a: Array, rcond: Any = None, *, out: Array, out_bar: Array) -> Array:
    """Where the rank stays."""
    left = np.eye(a.shape[-2], dtype=out.dtype) - a @ out
    right = np.eye(a.shape[-1], dtype=out.dtype) - out @ a
    return (left @ mT(out_bar) @ out @ mT(out) + mT(out) @ out @ mT(out_bar) @ right
            - mT(out) @ out_bar @ mT(out))


@rule(np.convolve, kind=convolve_kind, multilinear=(0, 1), raises="value")
def convolve(a: Array, v: Array, *, out: Array, out_bar: Array) -> Array:
    n, m = a.shape[0], v.shape[0]
    return np.convolve(out_bar, v[::-1])[m - 1:m - 1 + n], np.convolve(out_bar, a[::-1])[n - 1:n - 1 + m]
