"""What functions that choose, compare or accumulate do for a batch: see `rules/batched.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.rules.batched import Varies, axes, lined, moved, rows
from ad_compiler.rules.common import Array, Axis
from ad_compiler.rules.registry import batched


@batched(np.take)
def take(a: Array, indices: Array, axis: Axis = None, *, varies: Varies, samples: int) -> Array:
    if not varies[1]:
        return np.take(rows(a, samples), indices, axis=1) if axis is None else np.take(a, indices, axis=moved(axis))
    if not varies[0]:
        if axis is None or a.ndim == 1:
            return np.take(a, indices)
        return np.moveaxis(np.take(a, indices, axis), axis % a.ndim, 0)
    if axis is None or a.ndim == 2:
        return rows(a, samples)[lined(np.arange(samples), indices.ndim - 1), indices]
    return None


@batched(np.take_along_axis)
def take_along_axis(arr: Array, indices: Array, axis: int = -1, *, varies: Varies, samples: int) -> Array:
    return np.take_along_axis(arr if varies[0] else arr[None], indices if varies[1] else indices[None], moved(axis))


@batched(np.searchsorted)
def searchsorted(a: Array, v: Array, side: Any = "left", *, varies: Varies, samples: int) -> Array:
    if varies[0]:
        return None
    return np.searchsorted(a, v) if side == "left" else np.searchsorted(a, v, side)


@batched(np.allclose)
def allclose(a: Array, b: Array, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False, *, varies: Varies,
             samples: int) -> Array:
    ndim = max(axes(a) - varies[0], axes(b) - varies[1])
    close = np.isclose(lined(a, ndim) if varies[0] else a, lined(b, ndim) if varies[1] else b, rtol, atol, equal_nan)
    return close if ndim == 0 else np.all(close, axis=tuple(range(1, ndim + 1)))


@batched(np.linalg.norm)
def norm(x: Array, ord: Any = None, axis: Axis = None, keepdims: bool = False, *, varies: Varies,
         samples: int) -> Array:
    if axis is not None:
        return np.linalg.norm(x, ord, moved(axis), keepdims)
    if x.ndim != 2 and (keepdims or ord == 1):
        return None
    ord = ord if x.ndim == 2 else None
    if ord is None and not keepdims:
        return np.linalg.norm(rows(x, samples), axis=1)
    return np.linalg.norm(rows(x, samples), ord, 1, keepdims)


@batched(runtime.prod_others)
def prod_others(a: Array, axis: Axis, *, varies: Varies, samples: int) -> Array:
    if axis is not None:
        return runtime.prod_others(a, moved(axis))
    return np.reshape(runtime.prod_others(rows(a, samples), 1), a.shape)


@batched(runtime.broadcast_like)
def broadcast_like(g: Array, x: Array, *, varies: Varies, samples: int) -> Array:
    shape = x.shape if varies[1] else (samples, *x.shape)
    return np.broadcast_to(lined(g, x.ndim - varies[1]) if varies[0] else g, shape)


@batched(runtime.unbroadcast)
def unbroadcast(g: Array, x: Array, *, varies: Varies, samples: int) -> Array:
    if not varies[0]:
        return None
    like = x if varies[1] else np.broadcast_to(x, (samples, *x.shape))
    if g.ndim > like.ndim:
        return np.reshape(runtime.unbroadcast(g, lined(like, g.ndim - 1)), like.shape)
    if g.ndim < like.ndim:
        return np.copy(np.broadcast_to(lined(g, like.ndim - 1), like.shape))
    return runtime.unbroadcast(g, like)
