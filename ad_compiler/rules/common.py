"""What kind rules share: operands as kinds, axes, dtypes; and helpers that rules are written with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from ad_compiler.kinds import Dim, Kind, ListForArray, NotStatic, Num, Seq, Shape, kind_of_value, number, result_dtype
from ad_compiler.rules.dims import plus, same, times, unknown

MOST = 1 << 63
Array = Any
"""A number or an array: an operand, a result or a cotangent in the text of a rule."""

Axis = Any
"""None, an integer, or a tuple of integers: known before the program runs."""


def num(x: Any) -> Num:
    """The kind of a number or array operand, known already or not."""
    if isinstance(x, Num):
        return x
    if isinstance(x, (bool, np.bool_)):
        return Num("bool", (), "py" if isinstance(x, bool) else "np")
    if isinstance(x, int):
        return Num("int64", (), "py", length=x if x >= 0 else None)
    if isinstance(x, np.ndarray) and x.dtype.kind in "fiubc":
        return Num(str(x.dtype), x.shape, "array")
    if isinstance(x, (float, complex, np.generic)):
        kind = kind_of_value(x, "")
        if isinstance(kind, Num):
            return kind
    if isinstance(x, (list, tuple, Seq)):
        raise ListForArray("a list where an array is expected: write np.array([...]) around it")
    raise NotStatic(f"{type(x).__name__} where an array is expected")


def array(dtype: str, shape: tuple[Dim, ...] | None) -> Num:
    """A result that is an ndarray even where no axis is left."""
    return Num(dtype, shape, "any" if shape is None else "array")


def moved(x: Num, shape: tuple[Dim, ...] | None) -> Num:
    """The same elements in another shape; with no axis left, an array or a NumPy scalar as `x` was."""
    if shape == () and x.form in ("np", "any"):
        return Num(x.dtype, (), "any")
    return array(x.dtype, shape)


def static_int(x: Any, what: str = "an axis") -> int:
    """An integer that must be known before the program runs."""
    if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
        return int(x)
    raise NotStatic(f"{what} must be known before the program runs, as an integer")


def static_bool(x: Any, what: str = "keepdims") -> bool:
    """A truth value that must be known before the program runs."""
    if isinstance(x, (bool, np.bool_, int)):
        return bool(x)
    raise NotStatic(f"{what} must be known before the program runs")


def one_axis(axis: Any, ndim: int, what: str = "an axis") -> int:
    """An axis counted from the front."""
    at = static_int(axis, what)
    if not -ndim <= at < ndim:
        raise ValueError(f"axis {at} is out of bounds for an array of rank {ndim}")
    return at % ndim


def all_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` names, counted from the front; None names every axis."""
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, (tuple, list)):
        axes = tuple(one_axis(a, ndim) for a in axis)
        if len(set(axes)) < len(axes):
            raise ValueError("an axis is named twice")
        return axes
    return (one_axis(axis, ndim),)


def reduced(x: Num, axis: Any, keepdims: Any = False) -> tuple[Dim, ...] | None:
    """The shape that is left when axes are summed away."""
    keep = static_bool(keepdims)
    if x.shape is None:
        return () if axis is None and not keep else None
    axes = all_axes(axis, len(x.shape))
    if keep:
        return tuple(1 if i in axes else d for i, d in enumerate(x.shape))
    return tuple(d for i, d in enumerate(x.shape) if i not in axes)


def dtype_name(dtype: Any, default: str = "float64") -> str:
    """The name of a dtype given as a keyword."""
    if dtype is None:
        return default
    if isinstance(dtype, (str, type, np.dtype)):
        return str(np.dtype(dtype))
    raise NotStatic("the dtype must be known before the program runs")


def floating(dtype: str) -> str:
    """The dtype in which linear algebra works: single precision stays, whole numbers become double."""
    return dtype if dtype in ("float32", "complex64", "complex128") else "float64"


@cache
def dtype_after(fn: Callable[..., Any], dtype: str) -> str:
    """The dtype that a reduction gives for an array of `dtype`."""
    return str(np.asarray(fn(np.ones(2, dtype))).dtype)


def length_of(x: Any) -> Dim:
    """An integer as the length of an axis."""
    if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
        if x < 0:
            raise ValueError("negative lengths are not allowed")
        return int(x)
    kind = num(x)
    if kind.dtype.startswith(("int", "uint")) and kind.shape == ():
        return unknown() if kind.length is None else kind.length
    raise NotStatic("a shape is made of integers")


def shape_of(shape: Any) -> tuple[Dim, ...]:
    """A shape given as an argument: an integer, or a tuple of them."""
    if isinstance(shape, Shape):
        return shape.dims
    if isinstance(shape, (tuple, list)):
        return tuple(length_of(n) for n in shape)
    if isinstance(shape, Num) and shape.shape != ():
        raise NotStatic("the rank of a shape must be known before the program runs")
    return (length_of(shape),)


def size_of(x: Num) -> Dim:
    """How many elements."""
    return unknown() if x.shape is None else times(*x.shape)


def nested(obj: Any) -> Num:
    """The kind of the array that a number, an array, or a list of such turns into."""
    if isinstance(obj, Seq):
        inner = nested(obj.elem)
        length = unknown() if obj.length is None else obj.length
        return array(inner.dtype, None if inner.shape is None else (length, *inner.shape))
    if isinstance(obj, Shape):
        return array("int64", (len(obj.dims),))
    if type(obj) is int and not -MOST <= obj < MOST:
        if not 0 <= obj < 2 * MOST:
            raise TypeError(f"{obj} has more than 64 bits: NumPy makes an array of objects of it")
        return Num("uint64", (), "py")
    if not isinstance(obj, (list, tuple)):
        return num(obj)
    if not obj:
        return array("float64", (0,))
    items = [nested(item) for item in obj]
    dtype = result_dtype(*(replace(item, form="array") for item in items))
    shapes = [item.shape for item in items]
    if any(s is None for s in shapes):
        return array(dtype, None)
    first = shapes[0] or ()
    if any(len(s or ()) != len(first) for s in shapes):
        raise ValueError("the items of a list must have one rank to become an array")
    return array(dtype, (len(items), *aligned([s or () for s in shapes])))


def aligned(shapes: Sequence[tuple[Dim, ...]], joined: int | None = None) -> tuple[Dim, ...]:
    """One shape for arrays that must agree in every axis; along the axis `joined` the lengths add up."""
    return tuple(plus(*dims) if i == joined else same(dims) for i, dims in enumerate(zip(*shapes, strict=True)))


def single(x: Kind | Any, shape: tuple[Dim, ...] | None) -> Num:
    """A result in the floating dtype of `x`; NumPy returns a scalar where no axis is left."""
    return number(floating(num(x).dtype), shape)


def as_positions(at: Any) -> Any:
    """Positions, or shifts, as integers of full width: others wrap where they are negated, a mask is 0 and 1."""
    if isinstance(at, (list, tuple, range)):
        return np.array(at, dtype=np.int64)
    if isinstance(at, bool):
        return int(at)
    return at if isinstance(at, int) or at.dtype == np.int64 else np.asarray(at).astype(np.int64)


def kept(x: Array, axis: Axis, keepdims: bool) -> Array:
    """The result of a reduction with the reduced axes put back at length 1."""
    return x if axis is None or keepdims else np.expand_dims(x, axis)


def mT(x: Array) -> Array:
    """The transpose of a matrix, or of each matrix of a stack."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


def repeat_lengths(a: Any, repeats: Any, axis: Any = None) -> list[tuple[list[Dim], bool]]:
    """As many counts as there are elements, or one for all."""
    shape = num(a).shape
    counts = (len(repeats),) if isinstance(repeats, (list, tuple)) else num(repeats).shape
    return [([times(*shape) if axis is None else shape[axis], counts[0]], True)] if shape and counts else []
