"""Products of vectors, matrices, and arrays of more axes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import Dim, NotStatic, Num, broadcast, number, reaches, result_dtype
from ad_compiler.rules.common import Array, all_axes, array, mT, num, size_of
from ad_compiler.rules.registry import rule, static
from ad_compiler.runtime import unbroadcast


def _agree(a: Dim, b: Dim) -> None:
    if isinstance(a, int) and isinstance(b, int) and a != b:
        raise ValueError(f"lengths {a} and {b} do not match in a product")


def _dtype(x: Num, y: Num) -> str:
    """A Python number is as strong as a NumPy one here."""
    return result_dtype(replace(x, form="array"), replace(y, form="array"))


def matmul_kind(a: Any, b: Any) -> Num:
    """Matrices in the last two axes, stacks of them broadcast."""
    x, y = num(a), num(b)
    dtype = _dtype(x, y)
    if x.shape is None or y.shape is None:
        return Num(dtype, None, "any")
    if not x.shape or not y.shape:
        raise ValueError("matmul does not take numbers: use *")
    _agree(x.shape[-1], y.shape[-1] if len(y.shape) == 1 else y.shape[-2])
    stack = broadcast(Num(dtype, x.shape[:-2]), Num(dtype, y.shape[:-2])) or ()
    return number(dtype, stack + x.shape[-2:-1] * (len(x.shape) > 1) + y.shape[-1:] * (len(y.shape) > 1))


def dot_kind(a: Any, b: Any) -> Num:
    """The last axis of `a` with the last but one of `b`."""
    return _over_last(num(a), num(b), -2)


def inner_kind(a: Any, b: Any) -> Num:
    """The last axis of both."""
    return _over_last(num(a), num(b), -1)


def _over_last(x: Num, y: Num, axis: int) -> Num:
    """The last axis of `x` with one of `y`, its only one where that has no more; a number is taken times all."""
    dtype = _dtype(x, y)
    if x.shape is None or y.shape is None:
        return Num(dtype, None, "any")
    if not x.shape or not y.shape:
        return number(dtype, x.shape + y.shape)
    at = max(len(y.shape) + axis, 0)
    _agree(x.shape[-1], y.shape[at])
    return number(dtype, x.shape[:-1] + y.shape[:at] + y.shape[at + 1:])


def vdot_kind(a: Any, b: Any) -> Num:
    """A number."""
    return number(_dtype(num(a), num(b)), ())


def outer_kind(a: Any, b: Any) -> Num:
    """A matrix."""
    x, y = num(a), num(b)
    return array(_dtype(x, y), (size_of(x), size_of(y)))


def cross_kind(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Num:
    """Vectors of three components along the last axis."""
    x, y = num(a), num(b)
    if axis not in (None, -1) or (axisa, axisb, axisc) != (-1, -1, -1):
        raise NotStatic("np.cross has a rule for vectors along the last axis alone")
    if x.shape is None or y.shape is None or not x.shape or not y.shape:
        raise NotStatic("np.cross of arrays whose ranks are not known")
    if any(n == 2 or reaches(n, 2) and not reaches(n, 3) for n in (x.shape[-1], y.shape[-1])):
        raise NotStatic("np.cross has a rule for vectors of three components alone")
    return array(_dtype(x, y), broadcast(x, y))


def tensordot_kind(a: Any, b: Any, axes: Any = 2) -> Num:
    """Sums over pairs of axes."""
    x, y = num(a), num(b)
    if x.shape is None or y.shape is None:
        raise NotStatic("np.tensordot of arrays whose ranks are not known")
    a_axes, b_axes = contracted(axes, len(x.shape), len(y.shape))
    for i, j in zip(a_axes, b_axes, strict=True):
        _agree(x.shape[i], y.shape[j])
    left = tuple(d for i, d in enumerate(x.shape) if i not in a_axes)
    right = tuple(d for i, d in enumerate(y.shape) if i not in b_axes)
    return array(_dtype(x, y), left + right)


def inner_lengths(a: Any, b: Any) -> list[tuple[list[Dim], bool]]:
    """The last axis of both."""
    x, y = num(a).shape, num(b).shape
    return [([x[-1], y[-1]], False)] if x and y else []


def tensordot_lengths(a: Any, b: Any, axes: Any = 2) -> list[tuple[list[Dim], bool]]:
    """The axes that are summed over."""
    x, y = num(a).shape or (), num(b).shape or ()
    return [([x[i], y[j]], False) for i, j in zip(*contracted(axes, len(x), len(y)), strict=True)]


@static
def contracted(axes: Any, a_ndim: int, b_ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that `tensordot` sums over, of either array, counted from the front."""
    if isinstance(axes, int):
        return tuple(range(a_ndim - axes, a_ndim)), tuple(range(axes))
    if not isinstance(axes, (tuple, list)):
        raise NotStatic("the axes of np.tensordot must be known before the program runs")
    return all_axes(axes[0], a_ndim), all_axes(axes[1], b_ndim)


@static
def others(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    """The axes that are not among `axes`."""
    return tuple(i for i in range(ndim) if i not in axes)


@static
def back_in_place(front: Sequence[int], axes: Sequence[int], partner: Sequence[int], behind: bool) -> tuple[int, ...]:
    """How to permute the axes of a cotangent: `front` beside `axes`, these in the order of `partner`."""
    paired = tuple(axis for _, axis in sorted(zip(partner, axes, strict=True)))
    order = (*paired, *front) if behind else (*front, *paired)
    return tuple(order.index(i) for i in range(len(order)))


@rule(operator.matmul, kind=matmul_kind, written="{} @ {}", multilinear=(0, 1), matrices=True, compact=True)
@rule(np.matmul, kind=matmul_kind, multilinear=(0, 1), matrices=True, compact=True)
def matmul(a: Array, b: Array, *, out: Array, out_bar: Array) -> Array:
    if a.ndim == 1 and b.ndim == 1:
        return out_bar * b, out_bar * a
    if a.ndim == 1:
        if b.ndim == 2:
            return b @ out_bar, np.outer(a, out_bar)
        return unbroadcast((b @ out_bar[..., None])[..., 0], a), a[:, None] * out_bar[..., None, :]
    if b.ndim == 1:
        if a.ndim == 2:
            return np.outer(out_bar, b), a.T @ out_bar
        return out_bar[..., None] * b, unbroadcast((mT(a) @ out_bar[..., None])[..., 0], b)
    return unbroadcast(out_bar @ mT(b), a), unbroadcast(mT(a) @ out_bar, b)


@rule(np.dot, kind=dot_kind, multilinear=(0, 1), method=True, matrices=True, compact=True)
def dot(a: Array, b: Array, *, out: Array, out_bar: Array) -> Array:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(out_bar * b, a), unbroadcast(out_bar * a, b)
    if a.ndim == 1 and b.ndim == 1:
        return out_bar * b, out_bar * a
    if a.ndim == 1 and b.ndim == 2:
        return np.dot(b, out_bar), np.outer(a, out_bar)
    if a.ndim == 2 and b.ndim == 1:
        return np.outer(out_bar, b), np.dot(a.T, out_bar)
    if a.ndim == 2 and b.ndim == 2:
        return np.dot(out_bar, b.T), np.dot(a.T, out_bar)
    if b.ndim == 1:
        return out_bar[..., None] * b, np.tensordot(out_bar, a, out_bar.ndim)
    over_b = tuple(range(a.ndim - 1, out_bar.ndim)), (*range(b.ndim - 2), b.ndim - 1)
    over_a = tuple(range(a.ndim - 1)), tuple(range(a.ndim - 1))
    return np.tensordot(out_bar, b, over_b), np.moveaxis(np.tensordot(a, out_bar, over_a), 0, -2)


@rule(np.cross, kind=cross_kind, multilinear=(0, 1))
def cross(a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None, *, out: Array,
          out_bar: Array) -> Array:
    return unbroadcast(np.cross(b, out_bar), a), unbroadcast(np.cross(out_bar, a), b)


@rule(np.inner, kind=inner_kind, multilinear=(0, 1), meets=inner_lengths)
def inner(a: Array, b: Array, *, out: Array, out_bar: Array) -> Array:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(out_bar * b, a), unbroadcast(out_bar * a, b)
    if a.ndim == 1 and b.ndim == 1:
        return out_bar * b, out_bar * a
    over_b = tuple(range(a.ndim - 1, out_bar.ndim)), tuple(range(b.ndim - 1))
    over_a = tuple(range(a.ndim - 1)), tuple(range(a.ndim - 1))
    return np.tensordot(out_bar, b, over_b), np.tensordot(out_bar, a, over_a)


@rule(np.vdot, kind=vdot_kind, multilinear=(0, 1),
      meets=lambda a, b: [([size_of(num(a)), size_of(num(b))], False)])
def vdot(a: Array, b: Array, *, out: Array, out_bar: Array) -> Array:
    if a.ndim == b.ndim == 1:
        return out_bar * b, out_bar * a
    return out_bar * np.reshape(b, a.shape), out_bar * np.reshape(a, b.shape)


@rule(np.outer, kind=outer_kind, multilinear=(0, 1), element=operator.mul, outer=True, compact=True)
def outer(a: Array, b: Array, *, out: Array, out_bar: Array) -> Array:
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return out_bar @ b, a @ out_bar
    return np.reshape(out_bar @ np.ravel(b), np.shape(a)), np.reshape(np.ravel(a) @ out_bar, np.shape(b))


def permuted(x: Array, axes: tuple[int, ...]) -> Array:
    """`np.transpose`, where it is needed."""
    return x if axes == tuple(range(len(axes))) else np.transpose(x, axes)


@rule(np.tensordot, kind=tensordot_kind, multilinear=(0, 1), meets=tensordot_lengths)
def tensordot(a: Array, b: Array, axes: Any = 2, *, out: Array, out_bar: Array) -> Array:
    a_axes, b_axes = contracted(axes, a.ndim, b.ndim)
    a_rest, b_rest = others(a_axes, a.ndim), others(b_axes, b.ndim)
    if np.ndim(out_bar) == 0:
        return (permuted(out_bar * b, back_in_place(a_rest, a_axes, b_axes, False)),
                permuted(out_bar * a, back_in_place(b_rest, b_axes, a_axes, True)))
    left, right = tuple(range(len(a_rest))), tuple(range(len(a_rest), len(a_rest) + len(b_rest)))
    a_bar = np.tensordot(out_bar, b, (right, b_rest))
    b_bar = np.tensordot(a, out_bar, (a_rest, left))
    return (permuted(a_bar, back_in_place(a_rest, a_axes, b_axes, False)),
            permuted(b_bar, back_in_place(b_rest, b_axes, a_axes, True)))
