"""Numba's twins of the helpers in `runtime`: generated code calls them by the same names.

Imported when Numba is first used, never before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import overload

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
        return lambda x: np.zeros_like(x)
    return lambda x: 0.0


@overload(runtime.broadcast_like)
def _broadcast_like(g: Any, x: Any) -> Any:
    if isinstance(x, types.Array):
        return lambda g, x: np.broadcast_to(g, x.shape)
    return lambda g, x: g


@overload(runtime.unpack)
def _unpack(saved: Any) -> Any:
    return lambda saved: saved


@overload(runtime.identity)
def _identity(x: Any) -> Any:
    return lambda x: x


@overload(runtime.check_same_length)
def _check_same_length(a: Any, b: Any) -> Any:
    def check_same_length(a: Any, b: Any) -> None:
        if a != b:
            raise ValueError("operands could not be broadcast together: two axes differ in length")
    return check_same_length


@overload(runtime.check_not_empty)
def _check_not_empty(n: Any) -> Any:
    def check_not_empty(n: Any) -> None:
        if n == 0:
            raise ValueError("zero-size array to reduction operation which has no identity")
    return check_not_empty
