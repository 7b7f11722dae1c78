"""More of NumPy's functions, told by those that have rules.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda x: np.sum(np.choose(np.array([1, 0]), [x, x * x])))(np.array([3.0, 4.0]))
array([6., 1.])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments

Array = Any
Axis = Any


def choose(a: Array, choices: Any, *, mode: str = "raise") -> Array:
    """`np.choose`."""
    a, parts = np.asarray(a), [np.asanyarray(choice) for choice in choices]
    if not np.can_cast(a.dtype, np.int64):
        raise TypeError("positions are whole numbers, of which none is too large")
    if mode == "wrap":
        a = a % len(parts)
    elif mode == "clip":
        a = np.clip(a, 0, len(parts) - 1)
    elif np.any(a < 0) or np.any(a >= len(parts)):
        raise ValueError("invalid entry in choice array")
    found = np.broadcast_arrays(parts[0], a)[0]
    for k in range(1, len(parts)):
        found = np.where(a == k, parts[k], found)
    return found


def resize(a: Array, new_shape: Any) -> Array:
    """`np.resize`: again from the first element where there are too few."""
    flat, count = np.ravel(a), math.prod(new_shape) if isinstance(new_shape, (tuple, list)) else new_shape
    if flat.size == 0:
        return np.zeros(new_shape, flat.dtype)
    return np.reshape(flat[np.arange(count) % flat.size], new_shape)


def cumulative_sum(x: Array, *, axis: Axis = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """`np.cumulative_sum`."""
    return accumulated(np.cumsum, np.zeros, x, axis, dtype, include_initial)


def cumulative_prod(x: Array, *, axis: Axis = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """`np.cumulative_prod`."""
    return accumulated(np.cumprod, np.ones, x, axis, dtype, include_initial)


def accumulated(whole: Any, first: Any, x: Array, axis: Axis, dtype: Any, include_initial: bool) -> Array:
    """Running sums or products, and what they begin with where that is wanted."""
    x = np.atleast_1d(x) if dtype is None else np.atleast_1d(x).astype(dtype)
    if axis is None:
        if x.ndim > 1:
            raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
        axis = 0
    found = whole(x, axis=axis)
    if not include_initial:
        return found
    shape = [1 if k == axis % x.ndim else x.shape[k] for k in range(x.ndim)]
    return np.concatenate([first(shape, found.dtype), found], axis)


def cumsum(a: Array, axis: Axis = None, dtype: Any = None) -> Array:
    """`np.cumsum`."""
    if np.asanyarray(a).dtype.kind != "f" and np.dtype(dtype).kind != "f":
        return in_few_bits(np.cumsum, a, axis, dtype)
    return np.cumsum(np.asanyarray(a).astype(dtype), axis=axis)


def in_few_bits(whole: Any, a: Array, axis: Axis, dtype: Any) -> Array:
    """Running sums or products of whole numbers, which wrap alike before and after."""
    return whole(np.asanyarray(a).astype(np.int64), axis=axis).astype(dtype)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Array:
    """`np.geomspace`, between numbers of one sign."""
    if np.ndim(start) > 0 or np.ndim(stop) > 0:
        other_arguments()
    if start == 0 or stop == 0:
        raise ValueError("Geometric sequence cannot include zero")
    start, stop = np.float64(start), np.float64(stop)       # in single precision too
    return start * np.power(stop / start, np.linspace(0.0, 1.0, num, endpoint=endpoint))


def angle(z: Array, deg: bool = False) -> Array:
    """`np.angle`, of real numbers."""
    found = np.arctan2(0.0, np.asanyarray(z)[()])
    return found * (180.0 / np.pi) if deg else found


def unwrap(p: Array, discont: Any = None, axis: int = -1, *, period: Any = 2.0 * np.pi) -> Array:
    """`np.unwrap`, of floats: the turns that it takes out are whole."""
    p = np.asarray(p)
    if p.dtype.kind != "f" or discont is not None:
        other_arguments()
    steps = np.diff(p, axis=axis)
    half = period / 2.0
    turned = (steps + half) % period - half
    turned = np.where((turned == -half) & (steps > 0), half, turned)
    turns = np.where(np.abs(steps) < half, 0.0, turned - steps)
    before = (slice(None),) * (axis % p.ndim)
    rest = p[(*before, slice(1, None))] + np.cumsum(turns, axis=axis)
    return np.concatenate([p[(*before, slice(None, 1))], rest], axis)


def fftshift(x: Array, axes: Axis = None) -> Array:
    """`np.fft.fftshift`."""
    x = np.asarray(x)
    along = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    return np.roll(x, tuple([x.shape[at] // 2 for at in along]), along)


def ifftshift(x: Array, axes: Axis = None) -> Array:
    """`np.fft.ifftshift`."""
    x = np.asarray(x)
    along = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    return np.roll(x, tuple([-(x.shape[at] // 2) for at in along]), along)


def nanquantile(a: Array, q: Any, *, keepdims: bool = False) -> Array:
    """`np.nanquantile`, of all elements."""
    flat = np.ravel(a)
    return np.quantile(flat[~np.isnan(flat)], q) if not keepdims else other_arguments()


def nanpercentile(a: Array, q: Any, *, keepdims: bool = False) -> Array:
    """`np.nanpercentile`, of all elements."""
    flat = np.ravel(a)
    return np.percentile(flat[~np.isnan(flat)], q) if not keepdims else other_arguments()


def fromfunction(function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """`np.fromfunction`."""
    lines = [np.reshape(np.arange(shape[k]).astype(dtype), [-1 if j == k else 1 for j in range(len(shape))])
             for k in range(len(shape))]
    return function(*[np.broadcast_to(line, tuple(shape)).copy() for line in lines], **kwargs)


def fromiter(iter: Any, dtype: Any) -> Array:     # noqa: A002  (it is that)
    """`np.fromiter`."""
    return np.array([item for item in iter], dtype)     # noqa: C416  (a list, of what is given once)


class broadcast:        # noqa: N801  (NumPy's own name)
    """`np.broadcast`: the shape that arrays have together."""

    def __init__(self, *args: Any) -> None:
        self.shape = np.broadcast_shapes(*[np.shape(arg) for arg in args])
        self.numiter = len(args)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class vectorize:        # noqa: N801
    """`np.vectorize`: an element is what the function gives for those at its place."""

    def __init__(self, pyfunc: Callable[..., Any]) -> None:
        self.pyfunc = pyfunc

    def __call__(self, *args: Any) -> Any:
        arrays = np.broadcast_arrays(*args)
        lines = [np.ravel(array) for array in arrays]
        count = len(lines[0])
        if count == 0:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        first = self.pyfunc(*[line[0] for line in lines])
        if isinstance(first, (tuple, list, np.ndarray, str)):
            other_arguments()
        found = np.array([self.pyfunc(*[line[k] for line in lines]) for k in range(count)])
        if not isinstance(first, (float, np.floating)) and found.dtype.kind == "f":
            found = found.astype(np.int64)      # the first one says the type of all
        return np.reshape(found, arrays[0].shape)
