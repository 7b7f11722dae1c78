"""The helpers of `ad_compiler.runtime`, which have derivatives as well: derivatives are differentiated again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import FLOAT, INT, Num, Seq, Shape, number
from ad_compiler.rules.common import Array, array, num
from ad_compiler.rules.indexing import index_kind
from ad_compiler.rules.operators import mul_kind
from ad_compiler.rules.registry import arithmetic_kind, constant, elementwise, rule, static
from ad_compiler.rules.traits import FREE, LIGHT
from ad_compiler.runtime import (
    broadcast_like,
    cast_like,
    copy_if_bound,
    either,
    exact_product,
    fits_like,
    index_add,
    index_set,
    last_written,
    list_add,
    prod_others,
    steps_ahead,
    unbroadcast,
    whole_numbers,
    zero_list,
    zeros_if_bound,
    zeros_like,
)


def unbroadcast_kind(g: Any, x: Any) -> Num:
    """The shape of `x`."""
    bar, of = num(g), num(x)
    if of.shape is None:
        return replace(array(bar.dtype, None), length=of.length)
    if of.shape == ():
        return bar if bar.shape == () else Num(bar.dtype, (), "any" if bar.shape is None else "np")
    return array(bar.dtype, of.shape)


def broadcast_like_kind(g: Any, x: Any) -> Num:
    """The shape of `x`."""
    bar, of = num(g), num(x)
    if of.shape is None:
        return replace(array(bar.dtype, None), length=of.length)
    if of.shape == ():
        return bar
    return array("float64" if bar.form == "py" and bar.dtype == "float64" else bar.dtype, of.shape)


def cast_like_kind(g: Any, x: Any) -> Num:
    """The dtype and form of `x`."""
    bar, of = num(g), num(x)
    if of.form in ("py", "np"):
        return Num(of.dtype, (), of.form)
    return Num(of.dtype, bar.shape, "any" if of.shape is None or bar.shape is None else "array")


def zeros_like_kind(x: Any) -> Num:
    """An array of zeros, or the number 0.0."""
    of = num(x)
    if of.shape is None:
        return array(of.dtype, None)
    return array(of.dtype, of.shape) if of.shape else FLOAT


def index_set_kind(a: Any, index: Any, v: Any) -> Num:
    """The array stays what it was."""
    return array(num(a).dtype, num(a).shape)


def prod_others_kind(a: Any, axis: Any) -> Num:
    """The array's shape."""
    x = num(a)
    return array(x.dtype, x.shape)


def last_written_kind(shape: Any, index: Any) -> Num:
    """A boolean for each element of an array of this shape at `index`."""
    dims = shape.dims if isinstance(shape, Shape) else shape if isinstance(shape, tuple) else None
    kind = index_kind(Num("float64", dims), index)
    return replace(num(kind), dtype="bool")


def list_add_kind(bars: Any, at: Any, g: Any) -> Seq:
    """The list stays what it was."""
    return bars if isinstance(bars, Seq) else Seq(num(g))


def zero_list_kind(values: Any) -> Seq:
    """A zero for each item."""
    return values if isinstance(values, Seq) else Seq(FLOAT)


def whole_numbers_kind(x: Any) -> Num:
    """Of each."""
    return number("int64", num(x).shape)


constant(steps_ahead, kind=lambda left, free: INT, steps=True)
constant(whole_numbers, kind=whole_numbers_kind, raises="value")
constant(zeros_like, kind=zeros_like_kind, makes="zeros", like=0)
constant(zeros_if_bound, kind=lambda x: x, makes="zeros or nothing", if_bound=True)
constant(copy_if_bound, kind=lambda x: x, if_bound=True)
constant(last_written, kind=last_written_kind, access="last")
constant(zero_list, kind=zero_list_kind, makes="zeros", list="makes")


elementwise(exact_product, lambda bar, slope, *, out: slope, lambda bar, slope, *, out: bar, kind=mul_kind,
            multilinear=(0, 1), cost=LIGHT, steep_inside=lambda bar, slope: True, saturates=(1,), arrays=exact_product)


@rule(either, kind=lambda x, condition, y: arithmetic_kind(x, y), written="({} if {} else {})", cost=LIGHT)
def either_(x: Array, condition: Array, y: Array, *, out: Array, out_bar: Array) -> Array:
    return either(out_bar, condition, 0.0), None, either(0.0, condition, out_bar)


@rule(unbroadcast, kind=unbroadcast_kind, linear=(0,), like=1, passes=True)
def unbroadcast_(g: Array, x: Array, *, out: Array, out_bar: Array) -> Array:
    return (broadcast_like(out_bar, g) if g.ndim >= x.ndim else unbroadcast(out_bar, g)), None


@rule(broadcast_like, kind=broadcast_like_kind, linear=(0,), view="stretched", order="stretch", cost=FREE, like=1)
def broadcast_like_(g: Array, x: Array, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar, g), None


@rule(cast_like, kind=cast_like_kind, linear=(0,), like=1, passes=True, casts=True)
def cast_like_(g: Array, x: Array, *, out: Array, out_bar: Array) -> Array:
    return cast_like(out_bar, g), None


@rule(fits_like, kind=lambda g, x, what: replace(num(g), shape=num(x).shape), linear=(0,), like=1, passes=True)
def fits_like_(g: Array, x: Array, what: str, *, out: Array, out_bar: Array) -> Array:
    return fits_like(out_bar, g, what), None, None


@rule(index_add, kind=index_set_kind, linear=(0, 2), access="add", raises="use")
def index_add_(a: Array, index: Any, g: Array, *, out: Array, out_bar: Array) -> Array:
    return out_bar, None, unbroadcast(out_bar[index] if a.ndim else out_bar, g)


def picks(index: Any) -> bool:
    """May this index name an element twice?"""
    parts = index if isinstance(index, tuple) else (index,)
    return any(repeats(part) for part in parts)


def repeats(part: Any) -> bool:
    """May these positions hold one twice?  A mask does not, nor do numbers that are known to differ."""
    if isinstance(part, np.ndarray):
        return bool(part.dtype != bool)
    return isinstance(part, list) and not (all(isinstance(i, int) for i in part) and distinct(part))


@static
def distinct(positions: list[int]) -> bool:
    """Are these positions, none counted from the end, all different?"""
    return len(set(positions)) == len(positions) and min(positions, default=0) >= 0


@rule(index_set, kind=index_set_kind, linear=(0, 2), access="write", raises="use")
def index_set_(a: Array, index: Any, v: Array, *, out: Array, out_bar: Array) -> Array:
    if a.ndim == 0:     # then its cotangent may be a number
        return 0.0, None, unbroadcast(out_bar, v)
    taken = out_bar[index] * last_written(out.shape, index) if picks(index) else out_bar[index]
    return index_set(out_bar, index, 0.0), None, unbroadcast(taken, v)


@rule(list_add, kind=list_add_kind, linear=(0, 2), list="writes")
def list_add_(bars: Any, at: Any, g: Array, *, out: Any, out_bar: Any) -> Any:
    taken = out_bar
    for place in at if isinstance(at, tuple) else (at,):
        taken = taken[place]
    return out_bar, None, taken


@rule(prod_others, kind=prod_others_kind)
def prod_others_(a: Array, axis: int | None, *, out: Array, out_bar: Array) -> Array:
    """Every pair of elements: the product without the one and without the other, zeros among them or not."""
    rows = np.reshape(a, (1, a.size)) if axis is None else np.moveaxis(a, axis, -1)[..., None, :]
    bars = np.ravel(out_bar)[:, None] if axis is None else np.moveaxis(out_bar, axis, -1)[..., :, None]
    n = a.size if axis is None else a.shape[axis]
    alone = np.eye(n, dtype=a.dtype)
    without = rows * (1.0 - alone) + alone          # row i: element i replaced by 1
    total = np.sum(bars * (1.0 - alone) * prod_others(without, -1), axis=-2)
    return np.reshape(total, a.shape) if axis is None else np.moveaxis(total, -1, axis)
