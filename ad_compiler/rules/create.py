"""Arrays made from shapes and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.kinds import INT, Num, Shape, broadcast, result_dtype
from ad_compiler.rules.common import Array, array, dtype_name, length_of, nested, num as kind_of, shape_of, size_of
from ad_compiler.rules.dims import minus, unknown
from ad_compiler.rules.registry import constant, rule
from ad_compiler.rules.traits import FREE
from ad_compiler.runtime import unbroadcast


def filled_kind(shape: Any, dtype: Any = float) -> Num:
    """`zeros`, `ones`, `empty`."""
    return array(dtype_name(dtype), shape_of(shape))


def like_kind(a: Any, dtype: Any = None) -> Num:
    """`zeros_like` and its kin."""
    return array(dtype_name(dtype, kind_of(a).dtype), kind_of(a).shape)


def full_kind(shape: Any, fill_value: Any, dtype: Any = None) -> Num:
    """The dtype is that of the number, and no weaker."""
    return array(dtype_name(dtype, nested(fill_value).dtype), shape_of(shape))


def full_like_kind(a: Any, fill_value: Any, dtype: Any = None) -> Num:
    """The dtype is that of the array."""
    return like_kind(a, dtype)


def eye_kind(N: Any, M: Any = None, k: Any = 0, dtype: Any = float) -> Num:
    """A matrix with ones on a diagonal."""
    n = length_of(N)
    return array(dtype_name(dtype), (n, n if M is None else length_of(M)))


def identity_kind(n: Any, dtype: Any = None) -> Num:
    """The identity matrix."""
    return eye_kind(n, dtype=dtype)


def arange_kind(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Num:
    """Of one integer as long as that says."""
    if isinstance(step, (int, float)) and step == 0:
        raise ValueError("np.arange goes in steps that are not zero")
    kinds = [kind_of(x) for x in (start, stop, step) if x is not None]
    whole = all(k.dtype.startswith(("int", "uint", "bool")) for k in kinds)
    name = dtype_name(dtype, "int64" if whole else "float64")
    if not (whole and isinstance(step, int) and step == 1):
        return array(name, (unknown(),))
    if stop is None:
        return array(name, (0 if isinstance(start, int) and start < 0 else length_of(start),))
    if isinstance(start, int) and start >= 0:
        return array(name, (0 if isinstance(stop, int) and stop < 0 else minus(length_of(stop), start),))
    if isinstance(start, int) and isinstance(stop, int):
        return array(name, (max(stop - start, 0),))
    return array(name, (unknown(),))


def linspace_kind(start: Any, stop: Any, num: Any = 50, endpoint: Any = True) -> Num:
    """Between two numbers."""
    if kind_of(start).shape != () or kind_of(stop).shape != ():
        raise ValueError("np.linspace has a rule for two numbers, not for arrays")
    dtype = result_dtype(start, stop)
    return array(dtype if dtype.startswith("float") else "float64", (length_of(num),))


def shape_kind(a: Any) -> Shape | Num:
    """`np.shape`."""
    x = kind_of(a)
    return Num("int64", None, "any") if x.shape is None else Shape(x.shape)


def shapes_kind(*args: Any) -> Shape:
    """`np.broadcast_shapes`."""
    together = broadcast(*(array("float64", shape_of(shape)) for shape in args))
    assert together is not None
    return Shape(together)


def size_kind(a: Any) -> Num:
    """`np.size`."""
    return Num("int64", (), "py", length=size_of(kind_of(a)))


def ndim_kind(a: Any) -> Num:
    """`np.ndim`."""
    return Num("int64", (), "py", length=kind_of(a).ndim)


def len_kind(obj: Any) -> Num:
    """`len` of an array, a shape or a run-time list."""
    if isinstance(obj, Shape):
        return Num("int64", (), "py", length=len(obj.dims))
    if isinstance(obj, Num) and obj.shape:
        return Num("int64", (), "py", length=obj.shape[0])
    if isinstance(obj, (str, tuple, list)):
        return Num("int64", (), "py", length=len(obj))
    if isinstance(obj, Num) and obj.shape == ():
        raise TypeError("a number has no len()")
    return getattr(obj, "length", None) and Num("int64", (), "py", length=obj.length) or INT


constant(np.zeros, kind=filled_kind, makes="zeros", compact=True, helper=runtime.zeros)
constant(np.ones, kind=filled_kind, makes="ones", compact=True)
constant(np.empty, kind=filled_kind, makes="empty", compact=True, helper=runtime.empty)
constant(np.zeros_like, kind=like_kind, makes="zeros", like=0, helper=runtime.zeros_like)
constant(np.ones_like, kind=like_kind, makes="ones", like=0)
constant(np.empty_like, kind=like_kind, makes="empty", like=0, helper=runtime.empty_like)
constant(np.eye, kind=eye_kind, makes="eye", compact=True)
constant(np.identity, kind=identity_kind, makes="eye", compact=True)
constant(np.shape, kind=shape_kind, cost=FREE, like=0)
constant(np.broadcast_shapes, kind=shapes_kind, raises="value")
constant(np.size, kind=size_kind, cost=FREE, like=0)
constant(np.ndim, kind=ndim_kind, cost=FREE, like=0)
constant(len, kind=len_kind, cost=FREE, like=0)


@rule(np.full, kind=full_kind, linear=(1,), makes="full", compact=True)
def full(shape: Any, fill_value: Array, dtype: Any = None, *, out: Array, out_bar: Array) -> Array:
    return None, unbroadcast(out_bar, fill_value)


@rule(np.full_like, kind=full_like_kind, linear=(1,), makes="full", like=0)
def full_like(a: Array, fill_value: Array, dtype: Any = None, *, out: Array, out_bar: Array) -> Array:
    return None, unbroadcast(out_bar, fill_value)


@rule(np.arange, kind=arange_kind, makes="range", compact=True)
def arange(start: Array, stop: Array = None, step: Array = 1, dtype: Any = None, *, out: Array,
           out_bar: Array) -> Array:
    if stop is None:
        return None
    return np.sum(out_bar), None, np.sum(out_bar * np.arange(out_bar.size))


@rule(np.linspace, kind=linspace_kind, linear=(0, 1), compact=True)
def linspace(start: Array, stop: Array, num: int = 50, endpoint: bool = True, *, out: Array, out_bar: Array) -> Array:
    t = np.linspace(0.0, 1.0, num, endpoint)
    return np.sum(out_bar * (1.0 - t)), np.sum(out_bar * t)
