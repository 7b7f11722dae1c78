"""NumPy's functions of sets and histograms, told by sorting.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda x: np.sum(np.unique(x) ** 2))(np.array([3.0, 1.0, 3.0]))
array([6., 2., 0.])
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments
from ad_compiler.read.prelude.reductions import in_dtype

Array = Any
Axis = Any


def unique(ar: Array, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
           axis: Axis = None, *, equal_nan: bool = True) -> Any:
    """`np.unique`: of what is found again, the first one."""
    if axis is not None or return_inverse and np.ndim(ar) != 1:
        other_arguments()
    flat = np.ravel(ar)
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    differs = ordered[1:] != ordered[:-1]
    if equal_nan and flat.dtype.kind == "f":
        differs = differs & ~(np.isnan(ordered[1:]) & np.isnan(ordered[:-1]))
    first = np.concatenate([np.ones(1, bool)[:flat.size], differs])
    parts = [ordered[first]]
    if return_index:
        parts.append(order[first])
    if return_inverse:
        inverse = np.empty(flat.size, np.int64)
        inverse[order] = np.cumsum(first) - 1
        parts.append(inverse)
    if return_counts:
        parts.append(np.diff(np.append(np.flatnonzero(first), flat.size)))
    return parts[0] if len(parts) == 1 else tuple(parts)


def histogram(a: Array, bins: Any = 10, range: Any = None, density: Any = None,     # noqa: A002  (it is that)
              weights: Any = None) -> Any:
    """`np.histogram`."""
    a = np.ravel(a)
    if isinstance(bins, str) or a.dtype == bool:
        other_arguments()
    edges = even_edges(a, operator.index(bins), range) if np.ndim(bins) == 0 else np.asarray(bins)
    if edges.ndim != 1:
        raise ValueError("`bins` must be 1d, when an array")
    if np.any(edges[:-1] > edges[1:]):
        raise ValueError("`bins` must increase monotonically, when an array")
    last = len(edges) - 2
    inside = (a >= edges[0]) & (a <= edges[-1])
    at = np.minimum(np.searchsorted(edges, a[inside], side="right") - 1, last)
    if weights is None:
        counts = np.bincount(at, minlength=last + 1)
    else:
        weights = np.asarray(weights)
        if weights.dtype.kind != "f":
            other_arguments()
        counts = in_dtype(np.bincount(at, np.ravel(weights)[inside], last + 1), weights.dtype)
    return (counts / np.diff(edges) / np.sum(counts) if density else counts), edges


def even_edges(a: Array, bins: int, range: Any) -> Array:     # noqa: A002
    """The edges of so many bins, from the least to the largest."""
    if bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    if range is not None:
        low, high = range
        if low > high:
            raise ValueError("max must be larger than min in range parameter.")
    elif a.size == 0:
        low, high = 0.0, 1.0
    else:
        low, high = np.min(a), np.max(a)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    return in_dtype(edges, a.dtype) if a.dtype.kind == "f" else edges
