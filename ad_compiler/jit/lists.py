"""Numba's twins of the helpers for cotangents of lists: what a gradient's own loops keep, where that is differentiated.

A trail may be an array where Numba compiles it, with an entry for each iteration along its first axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import overload

from ad_compiler import runtime


@overload(runtime.zero_list)
def _zero_list(values: Any) -> Any:
    item = getattr(values, "dtype", None)
    held = item.type if isinstance(item, types.Optional) else item      # None stands where an arm was not taken
    if isinstance(values, types.Array):
        def zero_list(values: Any) -> Any:
            return np.zeros(values.shape)
    elif isinstance(held, types.Array) and held is item:
        def zero_list(values: Any) -> Any:
            return [np.zeros(v.shape, v.dtype) for v in values]
    elif isinstance(held, types.Array):
        nothing = (0,) * held.ndim

        def zero_list(values: Any) -> Any:
            return [np.zeros(nothing if v is None else v.shape) for v in values]
    elif isinstance(held, types.Number):
        def zero_list(values: Any) -> Any:
            return [0.0 for _ in values]
    elif isinstance(held, types.List) and held is item:
        def zero_list(values: Any) -> Any:
            return [runtime.zero_list(v) for v in values]
    elif isinstance(held, types.List) and isinstance(held.dtype, types.Number):
        def zero_list(values: Any) -> Any:
            return [[0.0][:0] if v is None else runtime.zero_list(v[:]) for v in values]
    else:
        return None
    return zero_list


@overload(runtime.add_lists)
def _add_lists(a: Any, b: Any) -> Any:
    if isinstance(a, types.List):
        def add_lists(a: Any, b: Any) -> Any:
            return [runtime.add_lists(a[k], b[k]) for k in range(len(a))]
    else:
        def add_lists(a: Any, b: Any) -> Any:
            return a + b
    return add_lists


@overload(runtime.list_pop)
def _list_pop(items: Any) -> Any:
    def list_pop(items: Any) -> Any:
        return items[:-1], items[-1]
    return list_pop


@overload(runtime.list_add)
def _list_add(bars: Any, at: Any, g: Any) -> Any:
    if isinstance(at, types.BaseTuple) and len(at) > 1:
        def list_add(bars: Any, at: Any, g: Any) -> Any:
            bars = runtime.copy_lists(bars)
            bars[at[0]] = runtime.list_add(bars[at[0]], at[1:], g)
            return bars
    elif isinstance(at, types.BaseTuple):
        def list_add(bars: Any, at: Any, g: Any) -> Any:
            return runtime.list_add(bars, at[0], g)
    else:
        def list_add(bars: Any, at: Any, g: Any) -> Any:
            bars = runtime.copy_lists(bars)
            bars[at] = runtime.add_lists(bars[at], g)
            return bars
    return list_add


@overload(runtime.copy_lists)
def _copy_lists(bars: Any) -> Any:
    if isinstance(bars, types.List) and isinstance(bars.dtype, types.List):
        def copy_lists(bars: Any) -> Any:
            return [runtime.copy_lists(v) for v in bars]
    else:
        def copy_lists(bars: Any) -> Any:
            return bars.copy()
    return copy_lists


@overload(runtime.zeros_if_bound)
def _zeros_if_bound(x: Any) -> Any:
    if isinstance(x, types.Optional) and isinstance(x.type, types.Array):
        nothing = (0,) * x.type.ndim

        def zeros_if_bound(x: Any) -> Any:
            return np.zeros(nothing if x is None else x.shape)
    elif isinstance(x, types.Array):
        def zeros_if_bound(x: Any) -> Any:
            return np.zeros(x.shape, x.dtype)
    else:
        return None
    return zeros_if_bound
