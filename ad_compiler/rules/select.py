"""Choosing elements: by a condition, by position, by order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.kinds import Num, broadcast, number, result_dtype
from ad_compiler.rules.common import Array, Axis, array, as_positions, nested, num, one_axis, size_of
from ad_compiler.rules.dims import unknown
from ad_compiler.rules.registry import rule, static
from ad_compiler.rules.traits import LIGHT
from ad_compiler.runtime import index_add, unbroadcast, zeros_like


def where_kind(condition: Any, x: Any, y: Any) -> Num:
    """All three broadcast together; an array even of numbers."""
    return array(result_dtype(x, y), broadcast(num(condition), num(x), num(y)))


def take_kind(a: Any, indices: Any, axis: Any = None) -> Num:
    """The shape of the indices, in place of the axis."""
    x, at = num(a), nested(indices)
    if at.shape is None or x.shape is None:
        return array(x.dtype, None)
    if axis is None:
        return number(x.dtype, at.shape)
    place = one_axis(axis, len(x.shape))
    return number(x.dtype, (*x.shape[:place], *at.shape, *x.shape[place + 1:]))


def take_along_axis_kind(arr: Any, indices: Any, axis: Any = -1) -> Num:
    """The shape of the indices, broadcast in the other axes."""
    x, at = num(arr), num(indices)
    if x.shape is None or at.shape is None:
        return array(x.dtype, None)
    place = one_axis(axis, len(x.shape))
    along = tuple(1 if i == place else d for i, d in enumerate(x.shape))
    return array(x.dtype, broadcast(Num(x.dtype, along), at))


def sort_kind(a: Any, axis: Any = -1) -> Num:
    """The shape stays; without an axis one row."""
    x = num(a)
    if axis is not None and x.shape is not None:
        one_axis(axis, len(x.shape))
    return array(x.dtype, (size_of(x),) if axis is None else x.shape)


@static
def leading(axis: int, ndim: int) -> tuple[slice, ...]:
    """The part of an index that stands before an axis."""
    return (slice(None),) * (axis % ndim)


@static
def column(axis: int, ndim: int) -> tuple[int, ...]:
    """The shape of positions along one axis."""
    return tuple(-1 if i == axis else 1 for i in range(ndim))


@rule(np.where, kind=where_kind, linear=(1, 2), elementwise=True, cost=LIGHT)
def where(condition: Array, x: Array, y: Array, *, out: Array, out_bar: Array) -> Array:
    return (None, unbroadcast(np.where(condition, out_bar, 0.0), x), unbroadcast(np.where(condition, 0.0, out_bar), y))


@rule(np.take, kind=take_kind, linear=(0,), raises="value")
def take(a: Array, indices: Array, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    if axis is None:
        return np.reshape(index_add(np.zeros(a.size, dtype=a.dtype), as_positions(indices), out_bar), a.shape)
    return index_add(zeros_like(a), leading(axis, a.ndim) + (as_positions(indices),), out_bar)


@rule(np.take_along_axis, kind=take_along_axis_kind, linear=(0,), raises="value")
def take_along_axis(arr: Array, indices: Array, axis: int = -1, *, out: Array, out_bar: Array) -> Array:
    place = axis % arr.ndim
    index = tuple([indices if i == place else np.reshape(np.arange(arr.shape[i]), column(i, arr.ndim))
                   for i in range(arr.ndim)])
    return index_add(zeros_like(arr), index, out_bar)


def bincount_kind(x: Any, weights: Any = None, minlength: Any = 0) -> Num:
    """As long as the largest number wants it."""
    return array("int64" if weights is None else "float64", (unknown(),))


@rule(np.bincount, kind=bincount_kind, linear=(1,), raises="value")
def bincount(x: Array, weights: Array = None, minlength: int = 0, *, out: Array, out_bar: Array) -> Array:
    return None, out_bar[as_positions(x)]


def sort_dot(a: Array, axis: Axis = -1, *, out: Array, a_dot: Array) -> Array:
    if axis is None:
        return np.ravel(a_dot)[np.argsort(a, axis=None)]
    return a_dot[np.argsort(a)] if a.ndim == 1 else np.take_along_axis(a_dot, np.argsort(a, axis), axis)


@rule(np.sort, kind=sort_kind, tangent=sort_dot)
def sort(a: Array, axis: Axis = -1, *, out: Array, out_bar: Array) -> Array:
    if axis is None:
        return np.reshape(index_add(np.zeros(a.size, dtype=a.dtype), np.argsort(a, axis=None), out_bar), a.shape)
    if a.ndim == 1:
        return index_add(zeros_like(a), np.argsort(a), out_bar)
    return np.take_along_axis(out_bar, np.argsort(np.argsort(a, axis), axis), axis)


def partition_kind(a: Any, kth: Any, axis: Any = -1) -> Num:
    """The shape stays; without an axis one row."""
    return sort_kind(a, axis)


def partition_dot(a: Array, kth: Any, axis: Axis = -1, *, out: Array, a_dot: Array) -> Array:
    ranked = sort_dot(a, axis, out=out, a_dot=a_dot)
    if axis is None or a.ndim == 1:
        return ranked[np.argsort(np.argsort(out))]
    return np.take_along_axis(ranked, np.argsort(np.argsort(out, axis), axis), axis)


@rule(np.partition, kind=partition_kind, tangent=partition_dot, raises="value")
def partition(a: Array, kth: Any, axis: Axis = -1, *, out: Array, out_bar: Array) -> Array:
    """Equal ranks go together: what is `r`-th smallest before is so afterwards."""
    if axis is None:
        ranked = out_bar[np.argsort(out, axis=None)]
        return np.reshape(index_add(np.zeros(a.size, dtype=a.dtype), np.argsort(a, axis=None), ranked), a.shape)
    if a.ndim == 1:
        return index_add(zeros_like(a), np.argsort(a), out_bar[np.argsort(out)])
    ranked = np.take_along_axis(out_bar, np.argsort(out, axis), axis)
    return np.take_along_axis(ranked, np.argsort(np.argsort(a, axis), axis), axis)
