"""Arrays made of others: joined along an axis, or stacked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import Dim, NotStatic, Num, Seq, result_dtype
from ad_compiler.rules.common import Array, Axis, aligned, array, dtype_name, nested, one_axis, size_of
from ad_compiler.rules.dims import plus
from ad_compiler.rules.registry import rule
from ad_compiler.rules.traits import FREE


def _parts(arrays: Any) -> list[Num]:
    if not isinstance(arrays, (list, tuple)):
        raise NotStatic("arrays are joined from a list whose length is known before the program runs")
    if not arrays:
        raise ValueError("need at least one array")
    return [nested(a) for a in arrays]


def _joined(parts: list[Num], shapes: list[tuple[Dim, ...]], axis: int) -> Num:
    if any(len(s) != len(shapes[0]) for s in shapes):
        raise ValueError("arrays that are joined must have one rank")
    return array(_dtype(parts), aligned(shapes, joined=axis))


def _dtype(parts: list[Num]) -> str:
    return result_dtype(*(replace(p, form="array") for p in parts))


def concatenate_kind(arrays: Any, axis: Any = 0) -> Num:
    """The lengths along the axis add up."""
    parts = _parts(arrays)
    if axis is None:
        return array(_dtype(parts), (plus(*(size_of(p) for p in parts)),))
    if any(p.shape is None for p in parts):
        return array(_dtype(parts), None)
    shapes = [p.shape or () for p in parts]
    return _joined(parts, shapes, one_axis(axis, len(shapes[0])))


def stack_kind(arrays: Any, axis: Any = 0) -> Num:
    """A new axis, as long as the list."""
    if isinstance(arrays, Seq):
        if axis != 0:
            raise NotStatic("np.stack of a list whose length is known only at run time has a rule for axis=0 alone")
        return nested(arrays)
    parts = _parts(arrays)
    if any(p.shape is None for p in parts):
        return array(_dtype(parts), None)
    shape = aligned([p.shape or () for p in parts])
    at = one_axis(axis, len(shape) + 1)
    return array(_dtype(parts), (*shape[:at], len(parts), *shape[at:]))


def vstack_kind(tup: Any) -> Num:
    """Rows, or matrices one above the other."""
    parts = _parts(tup)
    if any(p.shape is None for p in parts):
        return array(_dtype(parts), None)
    return _joined(parts, [(1,) * (2 - len(p.shape or ())) + (p.shape or ()) for p in parts], 0)


def hstack_kind(tup: Any) -> Num:
    """Side by side; rows end to end."""
    parts = _parts(tup)
    if any(p.shape is None for p in parts):
        return array(_dtype(parts), None)
    shapes = [p.shape or (1,) for p in parts]
    return _joined(parts, shapes, 0 if len(shapes[0]) == 1 else 1)


def column_stack_kind(tup: Any) -> Num:
    """Columns, or matrices side by side."""
    parts = _parts(tup)
    if any(p.shape is None for p in parts):
        return array(_dtype(parts), None)
    return _joined(parts, [(*(p.shape or (1,)), 1) if len(p.shape or ()) < 2 else p.shape or () for p in parts], 1)


def array_kind(object: Any, dtype: Any = None) -> Num:
    """An array of a number, an array, or a list of such, however deep."""
    kind = nested(object)
    return array(dtype_name(dtype, kind.dtype), kind.shape)


def cut(x: Array, axis: int, start: Array, stop: Array) -> Array:
    """`x[start:stop]` along one axis."""
    if axis == 0:
        return x[start:stop]
    if axis == -1:
        return x[..., start:stop]
    if axis == 1:
        return x[:, start:stop]
    return np.moveaxis(np.moveaxis(x, axis, 0)[start:stop], 0, axis)


def pick(x: Array, axis: int, i: int) -> Array:
    """`x[i]` along one axis."""
    if axis == 0:
        return x[i]
    if axis == -1:
        return x[..., i]
    if axis == 1:
        return x[:, i]
    return np.moveaxis(x, axis, 0)[i]


def split(x: Array, axis: int, lengths: Array) -> Array:
    """`x` cut along an axis into parts of these lengths."""
    ends = lengths[:1] if len(lengths) > 1 else []
    for length in lengths[1:-1]:
        ends = ends + [ends[-1] + length]
    return [cut(x, axis, start, stop) for start, stop in zip([None] + ends, ends + [None], strict=True)]


@rule(np.concatenate, kind=concatenate_kind, linear=(0,), joins="along an axis")
def concatenate(arrays: Array, axis: Axis = 0, *, out: Array, out_bar: Array) -> Array:
    if axis is None:
        rows = split(out_bar, 0, [1 if a.ndim < 1 else a.size for a in arrays])
        return [np.reshape(row, a.shape) for row, a in zip(rows, arrays, strict=True)]
    return split(out_bar, axis, [a.shape[axis] for a in arrays])


@rule(np.stack, kind=stack_kind, linear=(0,), joins="as they are")
def stack(arrays: Array, axis: int = 0, *, out: Array, out_bar: Array) -> Array:
    if isinstance(arrays, (list, tuple)):
        return [pick(out_bar, axis, i) for i in range(len(arrays))]
    return out_bar


@rule(np.vstack, kind=vstack_kind, linear=(0,), joins="rows")
def vstack(tup: Array, *, out: Array, out_bar: Array) -> Array:
    rows = split(out_bar, 0, [1 if a.ndim < 2 else a.shape[0] for a in tup])
    return [np.reshape(row, a.shape) if a.ndim < 2 else row for row, a in zip(rows, tup, strict=True)]


@rule(np.hstack, kind=hstack_kind, linear=(0,))
def hstack(tup: Array, *, out: Array, out_bar: Array) -> Array:
    if out_bar.ndim == 1:
        parts = split(out_bar, 0, [1 if a.ndim < 1 else a.size for a in tup])
        return [np.reshape(part, a.shape) if a.ndim < 1 else part for part, a in zip(parts, tup, strict=True)]
    return split(out_bar, 1, [a.shape[1] for a in tup])


@rule(np.column_stack, kind=column_stack_kind, linear=(0,))
def column_stack(tup: Array, *, out: Array, out_bar: Array) -> Array:
    parts = split(out_bar, 1, [1 if a.ndim < 2 else a.shape[1] for a in tup])
    return [np.reshape(part, a.shape) if a.ndim < 2 else part for part, a in zip(parts, tup, strict=True)]


def rows(object: Array, x: Array, index: Array) -> Array:
    """The cotangents of a nested list, in its form."""
    if isinstance(object, (list, tuple)):
        return [rows(item, x, index + (i,)) for i, item in enumerate(object)]
    if len(index) == 0:
        return x
    return x[index[0]] if len(index) == 1 else x[index]


def for_items(object: Array, dtype: Any, x: Array) -> Array:
    """A cotangent in the dtype of the items, where these are of a list whose length only the run knows."""
    if dtype is None or isinstance(object, (np.ndarray, np.generic, list, tuple)):
        return x
    return x.astype(np.array(object).dtype)


@rule(np.array, kind=array_kind, linear=(0,), makes="array")
def array_(object: Array, dtype: Any = None, *, out: Array, out_bar: Array) -> Array:
    return rows(object, for_items(object, dtype, out_bar), ())


@rule(np.asarray, kind=array_kind, linear=(0,), view="same", order="same", cost=FREE)
@rule(np.asanyarray, kind=array_kind, linear=(0,), view="same", cost=FREE)
@rule(np.ascontiguousarray, kind=array_kind, linear=(0,), view="compact", order="same", cost=FREE)
def asarray(object: Array, dtype: Any = None, *, out: Array, out_bar: Array) -> Array:
    return rows(object, for_items(object, dtype, out_bar), ())
