"""The same elements in another shape or order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.kinds import Dim, NotStatic, Num, may_be_one
from ad_compiler.rules.common import (
    Array,
    Axis,
    all_axes,
    array,
    as_positions,
    dtype_name,
    moved,
    num,
    one_axis,
    repeat_lengths,
    shape_of,
    size_of,
    static_int,
)
from ad_compiler.rules.dims import minus, over, plus, times, unknown
from ad_compiler.rules.registry import rule, static
from ad_compiler.rules.traits import FREE, LIGHT
from ad_compiler.runtime import as_real, astype, cast_like, flatten, index_add, item, unbroadcast, zeros_like


@static
def along(axis: int, ndim: int, part: Any) -> Any:
    """The index that takes `part` of one axis and all of the others."""
    axis = axis % ndim
    if ndim == 1:
        return part
    return (slice(None),) * axis + (part,) + (slice(None),) * (ndim - axis - 1)


@static
def inverse(axes: Any) -> tuple[int, ...]:
    """The permutation of axes that undoes another."""
    axes = [a % len(axes) for a in axes]
    return tuple(axes.index(i) for i in range(len(axes)))


def _permuted(x: Num, axes: Any) -> Num:
    if x.shape is None:
        return array(x.dtype, None)
    order = tuple(reversed(range(len(x.shape)))) if axes is None else all_axes(tuple(axes), len(x.shape))
    if sorted(order) != list(range(len(x.shape))):
        raise ValueError("axes do not match the array")
    return moved(x, tuple(x.shape[i] for i in order))


def reshape_kind(a: Any, shape: Any) -> Num:
    """One length may be -1: what is left of the elements."""
    x = num(a)
    asked = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not any(isinstance(n, int) and n == -1 for n in asked):
        return moved(x, shape_of(shape))
    at = [i for i, n in enumerate(asked) if isinstance(n, int) and n == -1]
    if len(at) > 1:
        raise ValueError("can only specify one unknown dimension")
    rest = shape_of(tuple(n for i, n in enumerate(asked) if i not in at))
    return moved(x, (*rest[:at[0]], over(size_of(x), times(*rest)), *rest[at[0]:]))


def ravel_kind(a: Any) -> Num:
    """One row."""
    return array(num(a).dtype, (size_of(num(a)),))


def transpose_kind(a: Any, axes: Any = None) -> Num:
    """Axes reversed, or permuted."""
    return _permuted(num(a), axes)


def swapaxes_kind(a: Any, axis1: Any, axis2: Any) -> Num:
    """Two axes change places."""
    x = num(a)
    if x.shape is None:
        return x
    order = list(range(len(x.shape)))
    i, j = one_axis(axis1, len(order)), one_axis(axis2, len(order))
    order[i], order[j] = j, i
    return _permuted(x, order)


def mT_kind(x: Any) -> Num:
    """The last two axes change places."""
    return swapaxes_kind(x, -1, -2)


def moveaxis_kind(a: Any, source: Any, destination: Any) -> Num:
    """Axes go to other places, the rest stay in order."""
    x = num(a)
    if x.shape is None:
        return x
    ndim = len(x.shape)
    src, dst = all_axes(source, ndim), all_axes(destination, ndim)
    order = [i for i in range(ndim) if i not in src]
    for place, axis in sorted(zip(dst, src, strict=True)):
        order.insert(place, axis)
    return _permuted(x, order)


def expand_dims_kind(a: Any, axis: Any) -> Num:
    """New axes of length 1."""
    x = num(a)
    if x.shape is None:
        return x
    new = len(axis) if isinstance(axis, (tuple, list)) else 1
    ndim = len(x.shape) + new
    places = all_axes(axis, ndim)
    rest = iter(x.shape)
    return array(x.dtype, tuple(1 if i in places else next(rest) for i in range(ndim)))


def squeeze_kind(a: Any, axis: Any = None) -> Num:
    """Axes of length 1 go; without `axis`, those that are known to be."""
    x = num(a)
    if x.shape is None:
        return x
    if axis is None:
        if any(not isinstance(d, int) and may_be_one(d) for d in x.shape):
            return array(x.dtype, None)
        return moved(x, tuple(d for d in x.shape if d != 1))
    axes = all_axes(axis, len(x.shape))
    return moved(x, tuple(d for i, d in enumerate(x.shape) if i not in axes))


def broadcast_to_kind(array: Any, shape: Any) -> Num:
    """Stretched to a shape, which has as many axes at least; an axis that is not of length 1 does not become one."""
    own, wanted = num(array).shape, shape_of(shape)
    if own is not None and wanted is not None and (len(own) > len(wanted) or any(
            n == 1 and not may_be_one(dim) for dim, n in zip(own[::-1], wanted[::-1], strict=False))):
        raise ValueError("an array does not broadcast to fewer axes, or shorter ones")
    return Num(num(array).dtype, wanted, "array")


def flip_kind(m: Any, axis: Any = None) -> Num:
    """The shape stays; the axes are there, each is named once."""
    kind, axes = num(m), axis if isinstance(axis, (tuple, list)) else [axis]
    if kind.shape is not None and not any(isinstance(a, Num) for a in axes):
        all_axes(axis, len(kind.shape))
    return array(kind.dtype, kind.shape)


def one_argument_kind(m: Any) -> Num:
    """The shape stays."""
    return flip_kind(m)


def rot90_kind(m: Any, k: Any = 1, axes: Any = (0, 1)) -> Num:
    """A quarter turn swaps two lengths."""
    return swapaxes_kind(m, *axes) if static_int(k, "k") % 2 else flip_kind(m)


def roll_kind(a: Any, shift: Any, axis: Any = None) -> Num:
    """The shape stays."""
    return flip_kind(a)


def _at_least(x: Num, ndim: int) -> Num:
    if x.shape is None:
        return x
    return array(x.dtype, (1,) * (ndim - len(x.shape)) + x.shape)


def atleast_1d_kind(x: Any) -> Num:
    """One array, not several."""
    return _at_least(num(x), 1)


def atleast_2d_kind(x: Any) -> Num:
    """One array, not several."""
    return _at_least(num(x), 2)


def repeat_kind(a: Any, repeats: Any, axis: Any = None) -> Num:
    """Every element as often as the next."""
    x = num(a)
    if num(repeats).shape != ():        # a count for each element
        if axis is None:
            return array(x.dtype, (unknown(),))
        if x.shape is None:
            return x
        at = one_axis(axis, len(x.shape))
        return array(x.dtype, tuple(unknown() if i == at else d for i, d in enumerate(x.shape)))
    (often,) = shape_of(repeats)
    if axis is None:
        return array(x.dtype, (times(size_of(x), often),))
    if x.shape is None:
        return x
    at = one_axis(axis, len(x.shape))
    return array(x.dtype, tuple(times(d, often) if i == at else d for i, d in enumerate(x.shape)))


def tile_kind(A: Any, reps: Any) -> Num:
    """The array laid side by side."""
    x = num(A)
    if x.shape is None:
        return x
    counts = shape_of(reps)
    ndim = max(len(counts), len(x.shape))
    counts = (1,) * (ndim - len(counts)) + counts
    shape = (1,) * (ndim - len(x.shape)) + x.shape
    return array(x.dtype, tuple(times(n, d) for n, d in zip(counts, shape, strict=True)))


def pad_kind(array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Num:
    """Filled with a constant."""
    x = num(array)
    if mode != "constant":
        raise NotStatic("np.pad has a rule for mode='constant' alone")
    if num(constant_values).shape != () or isinstance(constant_values, Num):
        raise NotStatic("the constant that np.pad fills with must be a number known before the program runs")
    if x.shape is None:
        raise NotStatic("np.pad of an array whose rank is not known")
    if np.asarray(pad_width).dtype.kind in "bfu" or np.any(np.asarray(pad_width) < 0):
        raise ValueError("np.pad takes no negative widths, and signed whole numbers alone")
    widths = pad_widths(pad_width, len(x.shape))
    return Num(x.dtype, tuple(plus(d, a, b) for d, (a, b) in zip(x.shape, widths, strict=True)), "array")


@static
def pad_widths(pad_width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """For each axis what stands before and after."""
    def count(n: Any) -> int:
        return static_int(n, "the width of a pad")

    if not isinstance(pad_width, (tuple, list)):
        return ((count(pad_width), count(pad_width)),) * ndim
    pairs = [p if isinstance(p, (tuple, list)) else (p,) for p in pad_width]
    if not isinstance(pad_width[0], (tuple, list)):
        pairs = [tuple(pad_width)]
    widths = [(count(p[0]), count(p[-1])) for p in pairs]
    return tuple(widths * ndim if len(widths) == 1 else widths)


def diff_kind(a: Any, n: Any = 1, axis: Any = -1) -> Num:
    """Differences of neighbours."""
    x = num(a)
    if static_int(n, "n") != 1:
        raise NotStatic("np.diff has a rule for n=1 alone: call it n times")
    if x.shape is None:
        return x
    at = one_axis(axis, len(x.shape))
    shape: tuple[Dim, ...] = tuple(minus(d, 1) if i == at else d for i, d in enumerate(x.shape))
    return array(x.dtype, shape)


def astype_kind(x: Any, dtype: Any) -> Num:
    """The shape stays."""
    of = num(x)
    return Num(dtype_name(dtype), of.shape, "np" if of.form == "py" else of.form)


def copy_kind(a: Any) -> Num:
    """`np.copy` makes an array of a number, `x.copy()` does not."""
    x = num(a)
    return Num(x.dtype, x.shape, "any" if x.shape == () and x.form == "np" else "array" if x.shape == () else x.form)


def item_kind(x: Any) -> Num:
    """A Python number."""
    return Num({"f": "float64", "b": "bool"}.get(np.dtype(num(x).dtype).kind, "int64"), (), "py")


@rule(np.reshape, kind=reshape_kind, linear=(0,), view="laid out", order="reshape", cost=FREE)
def reshape(a: Array, shape: Any, *, out: Array, out_bar: Array) -> Array:
    return np.reshape(out_bar, a.shape)


@rule(np.ravel, kind=ravel_kind, linear=(0,), view="laid out", order="reshape", cost=FREE)
def ravel(a: Array, *, out: Array, out_bar: Array) -> Array:
    return np.reshape(out_bar, a.shape)


@rule(flatten, kind=ravel_kind, linear=(0,))
def flatten_(a: Array, *, out: Array, out_bar: Array) -> Array:
    return np.reshape(out_bar, a.shape)


@rule(np.transpose, kind=transpose_kind, linear=(0,), view="turned", order="transpose", cost=FREE)
def transpose(a: Array, axes: Axis = None, *, out: Array, out_bar: Array) -> Array:
    return np.transpose(out_bar) if axes is None else np.transpose(out_bar, inverse(axes))


@rule(np.swapaxes, kind=swapaxes_kind, linear=(0,), view="turned", order="swapaxes", cost=FREE)
def swapaxes(a: Array, axis1: int, axis2: int, *, out: Array, out_bar: Array) -> Array:
    return np.swapaxes(out_bar, axis1, axis2)


@rule(np.moveaxis, kind=moveaxis_kind, linear=(0,), view="turned", cost=FREE)
def moveaxis(a: Array, source: Axis, destination: Axis, *, out: Array, out_bar: Array) -> Array:
    return np.moveaxis(out_bar, destination, source)


@rule(np.expand_dims, kind=expand_dims_kind, linear=(0,), view="shape", order="expand_dims", cost=FREE)
def expand_dims(a: Array, axis: Axis, *, out: Array, out_bar: Array) -> Array:
    return np.squeeze(out_bar, tuple(axis) if isinstance(axis, list) else axis)


@rule(np.squeeze, kind=squeeze_kind, linear=(0,), view="shape", order="reshape", cost=FREE)
def squeeze(a: Array, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    return np.reshape(out_bar, a.shape)


@rule(np.atleast_1d, kind=atleast_1d_kind, linear=(0,), view="shape", cost=FREE)
def atleast_1d(x: Array, *, out: Array, out_bar: Array) -> Array:
    return np.reshape(out_bar, x.shape)


@rule(np.atleast_2d, kind=atleast_2d_kind, linear=(0,), view="shape", cost=FREE)
def atleast_2d(x: Array, *, out: Array, out_bar: Array) -> Array:
    return np.reshape(out_bar, x.shape)


@rule(np.broadcast_to, kind=broadcast_to_kind, linear=(0,), view="stretched", order="stretch", cost=FREE)
def broadcast_to(array: Array, shape: Any, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar, array)


@rule(np.flip, kind=flip_kind, linear=(0,), view="turned", order="flip", cost=FREE)
def flip(m: Array, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    return np.flip(out_bar, axis)


@rule(np.fliplr, kind=one_argument_kind, linear=(0,), view="turned", cost=FREE)
def fliplr(m: Array, *, out: Array, out_bar: Array) -> Array:
    return np.fliplr(out_bar)


@rule(np.flipud, kind=one_argument_kind, linear=(0,), view="turned", cost=FREE)
def flipud(m: Array, *, out: Array, out_bar: Array) -> Array:
    return np.flipud(out_bar)


@rule(np.rot90, kind=rot90_kind, linear=(0,), view="turned", cost=FREE)
def rot90(m: Array, k: int = 1, axes: Axis = (0, 1), *, out: Array, out_bar: Array) -> Array:
    return np.rot90(out_bar, -k, axes)


@rule(np.roll, kind=roll_kind, linear=(0,), order="roll")
def roll(a: Array, shift: Any, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    if isinstance(shift, (tuple, list)):
        return np.roll(out_bar, tuple([-as_positions(s) for s in shift]), axis)
    return np.roll(out_bar, -as_positions(shift), axis)


@rule(np.repeat, kind=repeat_kind, linear=(0,), meets=repeat_lengths)
def repeat(a: Array, repeats: Any, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    if np.ndim(repeats) > 0:
        if axis is None:
            flat = index_add(zeros_like(np.reshape(a, -1)), np.repeat(np.arange(a.size), repeats), out_bar)
            return np.reshape(flat, a.shape)
        axis = axis % a.ndim
        where = np.repeat(np.arange(a.shape[axis]), repeats)
        return index_add(zeros_like(a), (slice(None),) * axis + (where,), out_bar)
    if axis is None:
        return np.reshape(np.sum(np.reshape(out_bar, (a.size, repeats)), axis=1), a.shape)
    axis = axis % a.ndim
    return np.sum(np.reshape(out_bar, a.shape[:axis + 1] + (repeats,) + a.shape[axis + 1:]), axis=axis + 1)


@rule(np.tile, kind=tile_kind, linear=(0,))
def tile(A: Array, reps: Any, *, out: Array, out_bar: Array) -> Array:
    counts = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    counts = (1,) * (A.ndim - len(counts)) + counts
    shape = (1,) * (len(counts) - A.ndim) + A.shape
    apart = tuple([n for pair in zip(counts, shape, strict=True) for n in pair])
    laid = np.sum(np.reshape(out_bar, apart), axis=tuple(range(0, len(apart), 2)))
    return laid if A.ndim == len(counts) else np.reshape(laid, A.shape)


def pad_dot(array: Array, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0, out: Array,
            array_dot: Array) -> Array:
    return np.pad(array_dot, pad_width)


@rule(np.pad, kind=pad_kind, tangent=pad_dot)
def pad(array: Array, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0, out: Array,
        out_bar: Array) -> Array:
    widths = pad_widths(pad_width, array.ndim)
    return out_bar[tuple([slice(widths[i][0], widths[i][0] + array.shape[i]) for i in range(array.ndim)])]


@rule(np.diff, kind=diff_kind, linear=(0,), passes=True)
def diff(a: Array, n: int = 1, axis: int = -1, *, out: Array, out_bar: Array) -> Array:
    upper = index_add(zeros_like(a), along(axis, a.ndim, slice(1, None)), out_bar)
    return index_add(upper, along(axis, a.ndim, slice(None, -1)), -out_bar)


@rule(np.copy, kind=copy_kind, linear=(0,), makes="copy")
def copy(a: Array, *, out: Array, out_bar: Array) -> Array:
    return out_bar


@rule(astype, kind=astype_kind, linear=(0,), elementwise=True, casts=True, cost=LIGHT)
def astype_(x: Array, dtype: Any, *, out: Array, out_bar: Array) -> Array:
    return cast_like(out_bar, x)


@rule(as_real, kind=astype_kind, linear=(0,), elementwise=True, casts=True, passes=True, cost=LIGHT)
def as_real_(x: Array, dtype: Any, *, out: Array, out_bar: Array) -> Array:
    """What it is of may have any dtype."""
    return out_bar


@rule(item, kind=item_kind, linear=(0,), raises="value")
def item_(x: Array, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar, x)


if hasattr(np, "matrix_transpose"):     # NumPy 2
    @rule(np.matrix_transpose, kind=mT_kind, linear=(0,), view="turned", order="matrix transpose", cost=FREE)
    def matrix_transpose(x: Array, *, out: Array, out_bar: Array) -> Array:
        return np.swapaxes(out_bar, -1, -2)
