"""Linear algebra.  Formulas: M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", 2008; the Cholesky factor: I. Murray, arXiv:1602.07527, equation 10.

`cholesky` reads the lower triangle alone, so the cotangent is lower triangular.  The second derivative of `det` of a
singular matrix is not reached by this formula: it raises `LinAlgError`.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ad_compiler.kinds import NotStatic, Num, broadcast, number, result_dtype
from ad_compiler.rules.common import Array, array, floating, mT, num
from ad_compiler.rules.dims import same
from ad_compiler.rules.registry import rule
from ad_compiler.runtime import cofactors, unbroadcast


@functools.cache
def slogdet_result() -> Any:
    """The named tuple that `np.linalg.slogdet` returns; NumPy has no public name for it."""
    return type(np.linalg.slogdet(np.eye(1)))


def square_kind(a: Any) -> Num:
    """A matrix like the one given."""
    x = num(a)
    if x.shape is None:
        raise NotStatic("linear algebra of an array whose rank is not known")
    if len(x.shape) < 2:
        raise ValueError("linear algebra needs a square matrix, or a stack of them")
    n = same(x.shape[-2:])
    return array(floating(x.dtype), (*x.shape[:-2], n, n))


def solve_kind(a: Any, b: Any) -> Num:
    """The shape of the right-hand side."""
    x, y = square_kind(a), num(b)
    if y.shape is None or x.shape is None:
        raise NotStatic("np.linalg.solve of an array whose rank is not known")
    dtype = floating(result_dtype(x, y))
    if len(y.shape) == 1:
        return array(dtype, (*x.shape[:-2], x.shape[-1]))
    stack = broadcast(Num(dtype, x.shape[:-2]), Num(dtype, y.shape[:-2])) or ()
    return array(dtype, (*stack, x.shape[-1], y.shape[-1]))


def det_kind(a: Any) -> Num:
    """A number for each matrix."""
    x = square_kind(a)
    return number(x.dtype, (x.shape or ())[:-2])


def slogdet_kind(a: Any) -> tuple[Num, Num]:
    """Sign and logarithm, under their names."""
    result: tuple[Num, Num] = slogdet_result()(det_kind(a), det_kind(a))
    return result


def solve_dot(a: Array, b: Array, *, out: Array, a_dot: Array, b_dot: Array) -> Array:
    if a_dot is None:
        return np.linalg.solve(a, b_dot)
    if b.ndim == 1 and a.ndim > 2:
        column = a_dot @ out[..., None]
        return np.linalg.solve(a, -column if b_dot is None else b_dot[..., None] - column)[..., 0]
    return np.linalg.solve(a, -(a_dot @ out) if b_dot is None else b_dot - a_dot @ out)


@rule(np.linalg.solve, kind=solve_kind, tangent=solve_dot, raises="value")
def solve(a: Array, b: Array, *, out: Array, out_bar: Array) -> Array:
    if b.ndim > 1:
        s = np.linalg.solve(mT(a), out_bar)
        return unbroadcast(-s @ mT(out), a), unbroadcast(s, b)
    if a.ndim == 2:
        s = np.linalg.solve(a.T, out_bar)
        return -np.outer(s, out), s
    s = np.linalg.solve(mT(a), out_bar[..., None])
    return -s * out[..., None, :], unbroadcast(s[..., 0], b)


@rule(np.linalg.inv, kind=square_kind, tangent=lambda a, *, out, a_dot: -out @ a_dot @ out, raises="value")
def inv(a: Array, *, out: Array, out_bar: Array) -> Array:
    return -mT(out) @ out_bar @ mT(out)


def relative_det_dot(a: Array, a_dot: Array) -> Array:
    """The tangent of the determinant, divided by it: the trace of `inv(a) @ a_dot`."""
    if a.ndim == 2:
        return np.sum(np.linalg.inv(a).T * a_dot)
    return np.sum(mT(np.linalg.inv(a)) * a_dot, axis=(-2, -1))


@rule(np.linalg.det, kind=det_kind, tangent=lambda a, *, out, a_dot: np.sum(cofactors(a) * a_dot, axis=(-2, -1)),
      raises="value")
def det(a: Array, *, out: Array, out_bar: Array) -> Array:
    if a.ndim == 2:
        return out_bar * cofactors(a)
    return out_bar[..., None, None] * cofactors(a)


@rule(cofactors, kind=square_kind, raises="value")
def cofactors_(a: Array, *, out: Array, out_bar: Array) -> Array:
    inverse = mT(np.linalg.inv(a))
    return np.sum(out_bar * inverse, axis=(-2, -1), keepdims=True) * out - inverse @ mT(out_bar) @ out


@rule(np.linalg.slogdet, kind=slogdet_kind, tangent=lambda a, *, out, a_dot: (None, relative_det_dot(a, a_dot)),
      raises="value")
def slogdet(a: Array, *, out: Array, out_bar: Array) -> Array:
    if out_bar[1] is None:
        return None
    bar, eye = out_bar[1], np.eye(a.shape[-2], a.shape[-1], dtype=a.dtype)
    if a.ndim == 2:     # what has no part in the result may be singular
        return bar * np.linalg.inv(np.where(bar == 0.0, eye, a)).T
    return bar[..., None, None] * mT(np.linalg.inv(np.where(bar[..., None, None] == 0.0, eye, a)))


def lower(x: Array) -> Array:
    """The lower triangle, the diagonal halved."""
    return np.tril(x) - 0.5 * np.eye(x.shape[-1], dtype=x.dtype) * x


def cholesky_dot(a: Array, *, out: Array, a_dot: Array) -> Array:
    read = lower(a_dot)
    half = np.linalg.solve(out, read + mT(read))
    return out @ lower(np.linalg.solve(out, mT(half)))


@rule(np.linalg.cholesky, kind=square_kind, tangent=cholesky_dot, raises="value")
def cholesky(a: Array, *, out: Array, out_bar: Array) -> Array:
    half = np.linalg.solve(mT(out), lower(mT(out) @ out_bar))
    s = np.linalg.solve(mT(out), mT(half))
    return lower(s + mT(s))
