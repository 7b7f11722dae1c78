"""Numba's twins of the helpers in `runtime`: generated code calls them by the same names.

Imported when Numba is first used, never before.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.core import types
from numba.cpython.unsafe.tuple import tuple_setitem
from numba.extending import overload

import ad_compiler.jit.checks  # noqa: F401  (twins of the checks)
from ad_compiler import runtime


@overload(runtime.index_set)
def _index_set(a: Any, index: Any, v: Any) -> Any:
    def index_set(a: Any, index: Any, v: Any) -> Any:
        a = a.copy()
        a[index] = v
        return a
    return index_set


@overload(runtime.zeros_like)
def _zeros_like(x: Any) -> Any:
    if isinstance(x, types.Array):
        return lambda x: np.zeros_like(x)       # noqa: PLW0108  (Numba needs its source)
    return lambda x: 0.0


@overload(runtime.broadcast_like)
def _broadcast_like(g: Any, x: Any) -> Any:
    if not isinstance(x, types.Array):
        return lambda g, x: g
    if isinstance(g, types.Array):
        return lambda g, x: np.broadcast_to(g, x.shape).copy()
    return lambda g, x: np.full(x.shape, g)


@overload(runtime.unbroadcast)
def _unbroadcast(g: Any, x: Any) -> Any:
    if not isinstance(g, types.Array):
        return lambda g, x: g
    if not isinstance(x, types.Array):
        return lambda g, x: g.sum()
    extra, rank = g.ndim - x.ndim, x.ndim
    if extra < 0:
        return lambda g, x: np.broadcast_to(g, x.shape).copy()

    def unbroadcast(g: Any, x: Any) -> Any:
        total = np.zeros(x.shape, g.dtype)
        for at, value in np.ndenumerate(g):
            place = x.shape
            for axis in range(rank):
                place = tuple_setitem(place, axis, 0 if x.shape[axis] == 1 else at[axis + extra])      # type: ignore[call-arg]
            total[place] += value
        return total
    return unbroadcast


@overload(runtime.prod_others)
def _prod_others(a: Any, axis: Any) -> Any:
    if not isinstance(a, types.Array) or a.ndim != 1:
        return None

    def prod_others(a: Any, axis: Any) -> Any:
        others = np.empty_like(a)
        before = 1.0
        for i in range(len(a)):
            others[i] = before
            before *= a[i]
        after = 1.0
        for i in range(len(a) - 1, -1, -1):
            others[i] *= after
            after *= a[i]
        return others
    return prod_others


@overload(runtime.add_at)
def _add_at(a: Any, index: Any, g: Any) -> Any:
    if not isinstance(index, types.Array) or index.ndim != 1 or not isinstance(index.dtype, types.Integer):
        return None
    if not isinstance(g, types.Array) or g.ndim != a.ndim:
        return None

    def add_at(a: Any, index: Any, g: Any) -> None:
        for k in range(len(index)):
            a[index[k]] += g[k]
    return add_at


@overload(runtime.stacked)
def _stacked(rows: Any, shape: Any) -> Any:
    def stacked(rows: Any, shape: Any) -> Any:
        whole = np.empty(shape)
        for k in range(len(rows)):
            whole[k] = rows[k]
        return whole
    return stacked


@overload(runtime.stack_list)
def _stack_list(rows: Any) -> Any:
    def stack_list(rows: Any) -> Any:
        if len(rows) == 0:
            raise ValueError("need at least one array to stack, to know its shape")
        whole = np.empty((len(rows), *rows[0].shape), rows[0].dtype)
        for k in range(len(rows)):
            if rows[k].shape != rows[0].shape:
                raise ValueError("all input arrays must have the same shape")
            whole[k] = rows[k]
        return whole
    return stack_list


@overload(runtime.unpack)
def _unpack(saved: Any) -> Any:
    return lambda saved: saved


@overload(runtime.identity)
def _identity(x: Any) -> Any:
    return lambda x: x


@overload(runtime.check_all_indices)
def _check_all_indices(places: Any, n: Any) -> Any:
    def check_all_indices(places: Any, n: Any) -> None:
        inside = True
        for place in places.flat:
            inside &= -n <= place < n
        if not inside:
            raise IndexError("index out of bounds: one of an array of indices is not within its axis")
    return check_all_indices


@overload(math.fmod)
def _fmod(x: Any, y: Any) -> Any:
    def fmod(x: Any, y: Any) -> Any:
        if y == 0:
            raise ValueError("math domain error")
        return np.fmod(x, y)
    return fmod
