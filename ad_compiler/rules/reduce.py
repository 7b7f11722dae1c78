"""Reductions: sums, means, extremes, norms, and running sums.

Equal extremes share the cotangent of `max` and `min`.  Where all deviations are 0, `std` and `norm` are at
a kink, and the derivative is 0.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ad_compiler.kinds import INT, Kind, NotStatic, Num, number
from ad_compiler.rules.common import Array, Axis, all_axes, array, dtype_after, floating, kept, num, reduced, size_of
from ad_compiler.rules.registry import constant, rule
from ad_compiler.runtime import broadcast_like, exact_product, prod_others


def sum_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """Narrow integers and booleans add up to wide integers."""
    x = num(a)
    return number(dtype_after(np.sum, x.dtype), reduced(x, axis, keepdims))


def prod_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """One axis, or all."""
    if isinstance(axis, tuple):
        raise NotStatic("np.prod over several axes: call it once for each axis")
    return sum_kind(a, axis, keepdims=keepdims)


def mean_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """Whole numbers have a float mean."""
    x = num(a)
    return number(dtype_after(np.mean, x.dtype), reduced(x, axis, keepdims))


def spread_kind(a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> Num:
    """Variance and standard deviation."""
    if isinstance(ddof, (tuple, list)):
        raise NotStatic("ddof must be a number")
    return mean_kind(a, axis, keepdims=keepdims)


def extreme_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """The dtype stays."""
    x = num(a)
    return number(x.dtype, reduced(x, axis, keepdims))


def cumsum_kind(a: Any, axis: Any = None) -> Num:
    """Without an axis, of the elements in one row."""
    x = num(a)
    if axis is not None and x.shape is not None:
        all_axes(axis, len(x.shape))
    return array(dtype_after(np.cumsum, x.dtype), (size_of(x),) if axis is None else x.shape)


def norm_kind(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Num:
    """Vectors: 2-norm and 1-norm; matrices: the Frobenius norm."""
    of = num(x)
    if of.shape is None:
        raise NotStatic("np.linalg.norm of an array whose rank is not known")
    axes = all_axes(axis, len(of.shape))
    plain = ord is None and (axis is None or len(axes) < 3)
    if not plain and (isinstance(ord, Kind) or ord not in {1: (1, 2, None), 2: ("fro", None)}.get(len(axes), ())):
        raise NotStatic("np.linalg.norm with this ord has no rule: 1 or 2 of vectors, 'fro' of matrices")
    return number(floating(of.dtype), reduced(of, axis, keepdims))


def count(a: Array, axis: Axis) -> Array:
    """How many elements each result of a reduction is made of."""
    if axis is None:
        return a.size
    if isinstance(axis, tuple):
        return math.prod([a.shape[i] for i in axis])
    return a.shape[axis]


def some(a: Array, axis: Axis) -> Array:
    """`count`, but of an empty array 1: there is no cotangent then that could be divided by it."""
    return np.maximum(count(a, axis), 1)


def freedom(a: Array, axis: Axis, ddof: int) -> Array:
    """What sums of squares are divided by; NumPy's zero, by which one may divide, where nothing is left."""
    return np.maximum(count(a, axis) - ddof, 0) if ddof else some(a, axis)


def deviation(a: Array, axis: Axis) -> Array:
    """Distance from the mean."""
    return a - np.mean(a) if axis is None else a - np.mean(a, axis=axis, keepdims=True)


@rule(np.sum, kind=sum_kind, linear=(0,), reduction=(0.0, operator.add), method=True)
def sum(a: Array, axis: Axis = None, *, keepdims: bool = False, out: Array, out_bar: Array) -> Array:
    return broadcast_like(kept(out_bar, axis, keepdims), a)


@rule(np.mean, kind=mean_kind, linear=(0,))
def mean(a: Array, axis: Axis = None, *, keepdims: bool = False, out: Array, out_bar: Array) -> Array:
    return broadcast_like(kept(out_bar, axis, keepdims) / some(a, axis), a)


@rule(np.var, kind=spread_kind)
def var(a: Array, axis: Axis = None, *, ddof: int = 0, keepdims: bool = False, out: Array, out_bar: Array) -> Array:
    if ddof:        # of one value there is none
        return kept(exact_product(out_bar, 2.0 / freedom(a, axis, ddof)), axis, keepdims) * deviation(a, axis)
    return kept(2.0 / freedom(a, axis, ddof) * out_bar, axis, keepdims) * deviation(a, axis)


@rule(np.std, kind=spread_kind)
def std(a: Array, axis: Axis = None, *, ddof: int = 0, keepdims: bool = False, out: Array, out_bar: Array) -> Array:
    steep = out + (out == 0)
    scale = exact_product(out_bar, 1.0 / (steep * freedom(a, axis, ddof))) if ddof else \
        out_bar / steep / freedom(a, axis, ddof)
    return kept(scale, axis, keepdims) * deviation(a, axis)


def extreme_dot(a: Array, axis: Axis = None, *, keepdims: bool = False, out: Array, a_dot: Array) -> Array:
    hit = a == kept(out, axis, keepdims)
    if axis is None and not keepdims:
        return np.sum(np.where(hit, a_dot, 0.0)) / np.sum(hit)
    if keepdims:
        return np.sum(np.where(hit, a_dot, 0.0), axis=axis, keepdims=True) / np.sum(hit, axis=axis, keepdims=True)
    return np.sum(np.where(hit, a_dot, 0.0), axis=axis) / np.sum(hit, axis=axis)


@rule((np.max, np.amax), kind=extreme_kind, tangent=extreme_dot, reduction=(-math.inf, np.maximum), method=True,
      raises="value")
@rule((np.min, np.amin), kind=extreme_kind, tangent=extreme_dot, reduction=(math.inf, np.minimum), method=True,
      raises="value")
def extreme(a: Array, axis: Axis = None, *, keepdims: bool = False, out: Array, out_bar: Array) -> Array:
    hit = a == kept(out, axis, keepdims)
    if axis is None:
        shared = np.sum(hit)
        return hit * (kept(out_bar, axis, keepdims) / shared)
    shared = np.sum(hit, axis=axis, keepdims=True) if keepdims else np.sum(hit, axis=axis)
    return hit * kept(out_bar / shared, axis, keepdims)


@rule(np.prod, kind=prod_kind, reduction=(1.0, operator.mul), method=True)
def prod(a: Array, axis: Axis = None, *, keepdims: bool = False, out: Array, out_bar: Array) -> Array:
    return kept(out_bar, axis, keepdims) * prod_others(a, axis)


@rule(np.cumsum, kind=cumsum_kind, linear=(0,), method=True)
def cumsum(a: Array, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    if axis is None:
        return np.reshape(np.cumsum(out_bar[::-1])[::-1], a.shape)
    return np.flip(np.cumsum(np.flip(out_bar, axis), axis), axis)


@rule(np.linalg.norm, kind=norm_kind)
def norm(x: Array, ord: Any = None, axis: Axis = None, keepdims: bool = False, *, out: Array, out_bar: Array) -> Array:
    if ord == 1:
        return kept(out_bar, axis, keepdims) * np.sign(x)
    return kept(out_bar / (out + (out == 0)), axis, keepdims) * x


def index_reduced_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """`argmax` and `argmin`."""
    return number("int64", reduced(num(a), axis, keepdims))


def flag_reduced_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """`any` and `all`."""
    return number("bool", reduced(num(a), axis, keepdims))


def argsort_kind(a: Any, axis: Any = -1, kind: Any = None) -> Num:
    """Positions, in the shape of the array."""
    x = num(a)
    return array("int64", (size_of(x),) if axis is None or x.shape == () else x.shape)


def count_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Num:
    """Without an axis a Python integer in some versions of NumPy, a NumPy one in others."""
    if axis is None and keepdims is False:
        return INT if isinstance(np.count_nonzero([1]), int) else Num("int64", (), "np")
    return number("int64", reduced(num(a), axis, keepdims))


def searchsorted_kind(a: Any, v: Any, side: Any = "left") -> Num:
    """Positions, in the shape of what is looked for."""
    if num(a).ndim not in (1, None):
        raise ValueError("what is searched in must be one row")
    return number("int64", num(v).shape)


def digitize_kind(x: Any, bins: Any, right: Any = False) -> Num:
    """Positions, in the shape of what is put into bins."""
    return number("int64", num(x).shape)


def isin_kind(element: Any, test_elements: Any, *, assume_unique: Any = False, invert: Any = False) -> Num:
    """Of each element."""
    return array("bool", num(element).shape)


def equivalent_kind(a1: Any, a2: Any) -> Num:
    """A truth value of Python's."""
    return Num("bool", (), "py")


constant(np.digitize, kind=digitize_kind, raises="value")
constant(np.isin, kind=isin_kind)
constant(np.array_equiv, kind=equivalent_kind)
def lexsort_kind(keys: Any, axis: Any = -1) -> Num:
    """Positions, in the shape of each key."""
    if isinstance(keys, (tuple, list)):
        return array("int64", num(keys[-1]).shape)
    shape = num(keys).shape
    return array("int64", None if shape is None else shape[1:])


def argpartition_kind(a: Any, kth: Any, axis: Any = -1) -> Num:
    """Positions, in the shape of the array."""
    return argsort_kind(a, axis)


constant(np.lexsort, kind=lexsort_kind)
constant(np.argpartition, kind=argpartition_kind, raises="value")
constant((np.argmax, np.argmin, np.nanargmax, np.nanargmin), kind=index_reduced_kind, raises="value")
constant((np.any, np.all), kind=flag_reduced_kind, method=True)
constant(np.argsort, kind=argsort_kind)
constant(np.count_nonzero, kind=count_kind)
constant(np.searchsorted, kind=searchsorted_kind)
