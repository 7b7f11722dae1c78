"""Windows that slide over an array.

>>> from ad_compiler.kinds import Sym
>>> windows_kind(Num("float64", (Sym("n"), 5)), 3, axis=1).shape
(Sym(n), 3, 3)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ad_compiler.kinds import NotStatic, Num
from ad_compiler.rules.common import Array, Axis, array, num, one_axis, static_int
from ad_compiler.rules.dims import minus
from ad_compiler.rules.registry import rule, static
from ad_compiler.rules.traits import FREE
from ad_compiler.runtime import index_add, zeros_like


@static
def slid(window_shape: Any, axis: Axis, ndim: int) -> tuple[tuple[int, int], ...]:
    """For each window its axis and its length."""
    sizes = window_shape if isinstance(window_shape, (tuple, list)) else (window_shape,)
    axes = range(ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if len(sizes) != len(axes):
        raise ValueError("a window has a length for each axis that it slides along")
    return tuple((one_axis(at, ndim), static_int(size, "the length of a window"))
                 for at, size in zip(axes, sizes, strict=True))


def windows_kind(x: Any, window_shape: Any, axis: Any = None) -> Num:
    """The axes, as many times as a window fits, and those of a window."""
    kind = num(x)
    if kind.shape is None:
        raise NotStatic("windows of an array whose rank is not known")
    dims = list(kind.shape)
    windows = slid(window_shape, axis, len(dims))
    for at, size in windows:
        dim = dims[at]
        if size < 0 or isinstance(dim, int) and dim < size:
            raise ValueError("a window is longer than the axis that it slides along")
        dims[at] = minus(dim, size - 1) if size else dim
    if any(size == 0 for _, size in windows):
        raise NotStatic("windows of length 0")
    return array(kind.dtype, (*dims, *(size for _, size in windows)))


def along(n: Any, at: int, rank: int) -> Array:
    """Positions along one of so many axes."""
    return np.reshape(np.arange(n), [-1 if k == at else 1 for k in range(rank)])


def places(x: Array, windows: Any, out: Array) -> Array:
    """For each axis, where each element of each window stands in the array."""
    index = [along(out.shape[at], at, out.ndim) for at in range(x.ndim)]
    for k in range(len(windows)):
        at = windows[k][0]
        index[at] = index[at] + along(windows[k][1], x.ndim + k, out.ndim)
    return tuple(index)


@rule(sliding_window_view, kind=windows_kind, linear=(0,), view="windows", cost=FREE, raises="value")
def windows(x: Array, window_shape: Any, axis: Axis = None, *, out: Array, out_bar: Array) -> Array:
    return index_add(zeros_like(x), places(x, slid(window_shape, axis, x.ndim), out), out_bar)
