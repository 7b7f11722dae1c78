"""NumPy's functions that go by the order of elements, or of places: medians, quantiles, `interp`, running products.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda x: np.median(x) ** 2)(np.array([3.0, 1.0, 2.0, 7.0]))
array([2.5, 0. , 2.5, 0. ])
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments
from ad_compiler.read.prelude.reductions import in_dtype

Array = Any
Axis = Any


def cumprod(a: Array, axis: Axis = None, dtype: Any = None) -> Array:
    """`np.cumprod`, one after the other: where there are zeros nothing is divided by them."""
    a = np.asanyarray(a)
    a = a.astype(np.cumsum(a).dtype) if dtype is None else a.astype(dtype)
    if axis is None:
        a, axis = np.ravel(a), 0
    rows = np.moveaxis(a, axis, 0)
    product = rows.copy()
    for k in range(1, len(product)):
        product[k] = product[k - 1] * rows[k]
    return np.moveaxis(product, 0, axis)


def median(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """`np.median`."""
    a = np.asanyarray(a)
    if axis is None:
        found = middle(np.sort(np.ravel(a)))
        return np.reshape(found, (1,) * a.ndim) if keepdims else found
    found = middle(np.moveaxis(np.sort(a, axis), axis, 0))
    return np.expand_dims(found, axis) if keepdims else found


def middle(ranked: Array) -> Array:
    """The middle row, or half of two; NaN, which are ranked last, where there is one."""
    size = len(ranked)
    if size == 0:
        return np.sum(ranked, axis=0) * np.nan
    half = (ranked[(size - 1) // 2] * 1.0 + ranked[size // 2]) / 2.0
    return in_dtype(np.where(np.isnan(ranked[-1]), np.nan, half)[()], np.mean(ranked).dtype)


def nanmedian(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """`np.nanmedian`."""
    a = np.asanyarray(a)
    if axis is None:
        found = nanmedian_along(np.ravel(a), 0)[0]
        return np.reshape(found, (1,) * a.ndim) if keepdims else found
    found = nanmedian_along(a, axis)
    return found if keepdims else np.squeeze(found, axis)[()]


def nanmedian_along(a: Array, axis: int) -> Array:
    """The median of the numbers along an axis, which stays."""
    count = np.sum(~np.isnan(a), axis=axis, keepdims=True)
    ranked = np.sort(a, axis)
    lower = np.take_along_axis(ranked, (count - 1) // 2, axis)
    return (lower + np.take_along_axis(ranked, count // 2 - (count == 0), axis)) / 2.0


def quantile(a: Array, q: Any, axis: Axis = None, *, method: str = "linear", keepdims: bool = False) -> Array:
    """`np.quantile`, between neighbours in proportion."""
    if method != "linear" or keepdims:
        return other_arguments()
    a = np.asanyarray(a)
    q = np.asanyarray(q, a.dtype) if isinstance(q, (int, float)) and a.dtype == np.float32 else np.asanyarray(q)
    if np.any(q < 0.0) or np.any(q > 1.0):
        raise ValueError("Quantiles must be in the range [0, 1]")
    ranked = np.sort(np.ravel(a)) if axis is None else np.moveaxis(np.sort(a, axis), axis, 0)
    place = q * (len(ranked) - 1)
    before = np.floor(place).astype(np.int64)
    part = np.reshape(place - np.floor(place), q.shape + (1,) * (ranked.ndim - 1))
    lower, upper = np.take(ranked, before, 0), np.take(ranked, np.minimum(before + 1, len(ranked) - 1), 0)
    between = np.where(part >= 0.5, upper - (upper - lower) * (1.0 - part), lower + (upper - lower) * part)
    return np.where(np.isnan(ranked[-1]), np.nan, between)[()]


def percentile(a: Array, q: Any, axis: Axis = None, *, method: str = "linear", keepdims: bool = False) -> Array:
    """`np.percentile`."""
    hundred = np.float32(100) if np.asanyarray(a).dtype == np.float32 else 100
    q = q / hundred if isinstance(q, (int, float)) else np.asanyarray(q) / hundred
    return quantile(a, q, axis, method=method, keepdims=keepdims)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Array:
    """`np.interp`; where pieces meet, the slope is that of the next one."""
    x, xp, fp = np.asanyarray(x)[()], np.asanyarray(xp), np.asanyarray(fp)
    if len(xp) == 0:
        raise ValueError("array of sample points is empty")
    if fp.ndim != 1 or len(xp) != len(fp):
        raise ValueError("fp and xp are not of the same length.")
    last = len(xp) - 1
    at = np.clip(np.searchsorted(xp, x, "right") - 1, 0, np.maximum(last - 1, 0))
    after = np.minimum(at + 1, last)
    gap = np.where(at == after, 1.0, xp[after] - xp[at])
    inside = (fp[after] - fp[at]) / gap * (x - xp[at]) + fp[at]
    inside = np.where(x == xp[last], fp[last], inside)
    inside = np.where(x > xp[last], fp[last] if right is None else right, inside)
    return np.where(x < xp[0], fp[0] if left is None else left, inside)[()]


def ndindex(*shape: Any) -> Iterator[Any]:
    """`np.ndindex`, of as many as four axes."""
    if len(shape) == 1 and not isinstance(shape[0], int):
        shape = shape[0]
    if len(shape) == 1:
        return ((i,) for i in range(shape[0]))
    if len(shape) == 2:
        return ((i, j) for i in range(shape[0]) for j in range(shape[1]))
    if len(shape) == 3:
        return ((i, j, k) for i in range(shape[0]) for j in range(shape[1]) for k in range(shape[2]))
    return other_arguments()


def ndenumerate(arr: Array) -> Iterator[Any]:
    """`np.ndenumerate`."""
    if arr.ndim == 1:
        return (((i,), arr[i]) for i in range(arr.shape[0]))
    if arr.ndim == 2:
        return (((i, j), arr[i, j]) for i in range(arr.shape[0]) for j in range(arr.shape[1]))
    if arr.ndim == 3:
        return (((i, j, k), arr[i, j, k]) for i in range(arr.shape[0]) for j in range(arr.shape[1])
                for k in range(arr.shape[2]))
    return other_arguments()


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0) -> Array:
    """`np.linspace`, between arrays."""
    start, stop = np.asanyarray(start) * 1.0, np.asanyarray(stop) * 1.0
    parts = num - 1 if endpoint else num
    if parts <= 0:
        return other_arguments()
    change = stop - start
    count = in_dtype(np.reshape(np.arange(0.0, num), (-1,) + (1,) * change.ndim), change.dtype)
    line = count * (change / parts) + start
    if endpoint and num > 1:
        line = np.concatenate([line[:-1], np.broadcast_to(stop, change.shape)[None]], 0)
    return np.moveaxis(line, 0, axis)


def broadcast_arrays(*args: Any) -> Any:
    """`np.broadcast_arrays`."""
    shape = np.zeros(np.shape(args[0]))
    for arg in args[1:]:
        shape = shape + np.zeros(np.shape(arg))
    return tuple([np.broadcast_to(arg, shape.shape) for arg in args])
