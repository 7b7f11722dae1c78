"""Numba's twins of the helpers in `runtime`: generated code calls them by the same names.

Imported when Numba is first used, never before.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.core import types
from numba.core.errors import TypingError
from numba.cpython.unsafe.tuple import tuple_setitem
from numba.extending import overload

import ad_compiler.jit.arrays
import ad_compiler.jit.checks
import ad_compiler.jit.lists  # noqa: F401  (twins of what makes arrays, of the checks, and of the helpers for lists)
from ad_compiler import runtime
from ad_compiler.errors import NotForNumba


@overload(runtime.index_set)
def _index_set(a: Any, index: Any, v: Any) -> Any:
    def index_set(a: Any, index: Any, v: Any) -> Any:
        a = a.copy()
        a[index] = v
        return a
    return index_set


# Numba compares the parameters of a twin and of what it returns, annotations included: none of these is a lambda.


@overload(runtime.broadcast_like)
def _broadcast_like(g: Any, x: Any) -> Any:
    if not isinstance(x, types.Array):
        def broadcast_like(g: Any, x: Any) -> Any:
            return g
    elif isinstance(g, types.Array):
        def broadcast_like(g: Any, x: Any) -> Any:
            return np.broadcast_to(g, x.shape).copy()
    else:
        def broadcast_like(g: Any, x: Any) -> Any:
            return np.full(x.shape, g)
    return broadcast_like


@overload(runtime.cast_like)
def _cast_like(g: Any, x: Any) -> Any:
    if isinstance(x, types.Array) and isinstance(g, types.Array):
        def cast_like(g: Any, x: Any) -> Any:
            return g.astype(x.dtype)
    elif x == types.float32 and isinstance(g, types.Number):
        def cast_like(g: Any, x: Any) -> Any:
            return np.float32(g)
    elif x == types.float64 and isinstance(g, types.Number):
        def cast_like(g: Any, x: Any) -> Any:
            return float(g)
    else:
        return None
    return cast_like


@overload(runtime.as_real)
def _as_real(x: Any, dtype: Any) -> Any:
    if isinstance(x, types.Array) and not isinstance(x.dtype, types.Complex):
        def as_real(x: Any, dtype: Any) -> Any:
            return x.astype(dtype)
    elif isinstance(x, (types.Float, types.Integer)):
        def as_real(x: Any, dtype: Any) -> Any:
            return dtype(x)
    else:
        return None
    return as_real


@overload(runtime.unbroadcast)
def _unbroadcast(g: Any, x: Any) -> Any:
    if not isinstance(g, types.Array):
        if isinstance(x, types.Array) and x.ndim:
            def everywhere(g: Any, x: Any) -> Any:
                return np.full(x.shape, g)
            return everywhere

        def same(g: Any, x: Any) -> Any:
            return g
        return same
    if not isinstance(x, types.Array):
        def whole(g: Any, x: Any) -> Any:
            return g.sum()
        return whole
    extra, rank = g.ndim - x.ndim, x.ndim
    if extra < 0:
        def stretched(g: Any, x: Any) -> Any:
            shape = x.shape
            for axis in range(-extra, rank):
                shape = tuple_setitem(shape, axis, max(shape[axis], g.shape[axis + extra]) * min(g.size, 1))    # type: ignore[call-arg]
            return runtime.unbroadcast(np.broadcast_to(g, shape), x)
        return stretched

    def unbroadcast(g: Any, x: Any) -> Any:
        total = np.zeros(x.shape, g.dtype)
        for at, value in np.ndenumerate(g):
            place = x.shape
            for axis in range(rank):
                place = tuple_setitem(place, axis, 0 if x.shape[axis] == 1 else at[axis + extra])      # type: ignore[call-arg]
            total[place] += value
        return total
    return unbroadcast


@overload(runtime.steps_ahead)
def _steps_ahead(left: int, free: int) -> Any:
    return runtime.steps_ahead


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
        if len(g) != len(index) and len(g) != 1:
            raise ValueError(runtime.CANNOT_STRETCH)
        for k in range(len(index)):
            a[index[k]] += g[k if len(g) > 1 else 0]
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
            raise NotForNumba("need at least one array to stack, to know its shape")
        whole = np.empty((len(rows), *rows[0].shape), rows[0].dtype)
        for k in range(len(rows)):
            if rows[k].shape != rows[0].shape:
                raise ValueError("all input arrays must have the same shape")
            whole[k] = rows[k]
        return whole
    return stack_list


@overload(runtime.unpack)
def _unpack(saved: Any) -> Any:
    def unpack(saved: Any) -> Any:
        return saved
    return unpack


@overload(runtime.identity)
def _identity(x: Any) -> Any:
    def identity(x: Any) -> Any:
        return x
    return identity


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
        rest = np.fmod(1.0 * x, 1.0 * y)
        if np.isnan(rest) and not np.isnan(x) and not np.isnan(y):
            raise ValueError("math domain error")
        return rest
    return fmod


@overload(runtime.check_dtype)
def _check_dtype(x: Any, out: Any) -> Any:
    """Numba gives a number that a loop changes one dtype, which need not be that of NumPy."""
    if getattr(x, "dtype", x) != getattr(out, "dtype", out):
        raise TypingError(runtime.OTHER_DTYPE)

    def check_dtype(x: Any, out: Any) -> Any:
        pass
    return check_dtype


@overload(runtime.check_single)
def _check_single(x: Any) -> Any:
    """Numba knows of each value whether it is an array."""
    if not isinstance(x, (types.Number, types.Boolean)):
        return None

    def check_single(x: Any) -> Any:
        return None
    return check_single


@overload(math.isclose)
def _isclose(a: Any, b: Any, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Any:
    def isclose(a: Any, b: Any, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Any:
        if rel_tol < 0.0 or abs_tol < 0.0:
            raise ValueError("tolerances must be non-negative")
        x, y = 1.0 * a, 1.0 * b
        apart = abs(x - y)
        return x == y or apart < np.inf and (
            apart <= abs(rel_tol * x) or apart <= abs(rel_tol * y) or apart <= abs_tol)
    return isclose


@overload(runtime.round_decimal)
def _round_decimal(x: Any, digits: Any) -> Any:
    """The product with a power of ten is known exactly, as a sum of two (Dekker, 1971); so is that power."""
    def round_decimal(x: Any, digits: Any) -> Any:
        if not 0 <= digits <= 22:
            raise NotForNumba(runtime.NOT_ROUNDED)
        scale = 10.0 ** digits
        product = x * scale
        if not abs(product) < 2.0 ** 53:
            return x
        split = 134217729.0
        x_high, scale_high = split * x - (split * x - x), split * scale - (split * scale - scale)
        x_low, scale_low = x - x_high, scale - scale_high
        rest = ((x_high * scale_high - product) + x_high * scale_low + x_low * scale_high) + x_low * scale_low
        whole = np.rint(product)
        if product - whole == 0.5 and rest > 0.0:
            whole += 1.0
        elif product - whole == -0.5 and rest < 0.0:
            whole -= 1.0
        return whole / scale
    return round_decimal


@overload(runtime.cofactors)
def _cofactors(a: Any) -> Any:
    if not isinstance(a, types.Array) or a.ndim != 2:
        return None

    def cofactors(a: Any) -> Any:
        det = np.linalg.det(a)
        if det != 0.0:
            return (det * np.linalg.inv(a).T).astype(a.dtype)
        u, s, vh = np.linalg.svd(a)
        sign = np.linalg.det(u) * np.linalg.det(vh)
        return (sign * np.dot((u * runtime.prod_others(s, None)).astype(a.dtype), vh)).astype(a.dtype)
    return cofactors
