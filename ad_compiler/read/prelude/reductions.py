"""NumPy's reductions that have no rule, and what the rules of others do not take: `where`, `initial`, `dtype`.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda x: np.nansum(x * x))(np.array([1.0, np.nan, 3.0]))
array([ 2., nan,  6.])
>>> grad(lambda x: np.max(x, initial=2.5, where=[True, True, False]))(np.array([1.0, 3.0, 9.0]))
array([0., 1., 0.])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments

Array = Any
Axis = Any


def sum(a: Array, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, initial: Any = None,      # noqa: A001  (it is that)
        where: Any = True) -> Array:
    """`np.sum`."""
    a = np.asanyarray(a) if dtype is None else np.asanyarray(a).astype(dtype)
    if where is not True:
        a = np.where(chosen(where), a, np.zeros_like(a))
    total = np.sum(a, axis=axis, keepdims=keepdims)
    if dtype is not None:
        total = in_dtype(total, dtype)      # small whole numbers wrap alike, before or after
    return total if initial is None else total + of_dtype(initial, total.dtype)


def prod(a: Array, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, initial: Any = None,
         where: Any = True) -> Array:
    """`np.prod`."""
    a = np.asanyarray(a) if dtype is None else np.asanyarray(a).astype(dtype)
    if where is not True:
        a = np.where(chosen(where), a, np.ones_like(a))
    if isinstance(axis, tuple):
        axes = [at % a.ndim for at in axis]
        if len(set(axes)) < len(axes):
            raise ValueError("duplicate value in 'axis'")
        total = np.positive(a)
        for at in sorted(axes, reverse=True):
            total = np.prod(total, axis=at, keepdims=keepdims)
    else:
        total = np.prod(a, axis=axis, keepdims=keepdims)
    if dtype is not None:
        total = in_dtype(total, dtype)
    return total if initial is None else total * of_dtype(initial, total.dtype)


def max(a: Array, axis: Axis = None, *, keepdims: bool = False, initial: Any = None,      # noqa: A001  (it is that)
        where: Any = True) -> Array:
    """`np.max`."""
    return extreme(np.max, np.maximum, a, axis, keepdims, initial, where)


def min(a: Array, axis: Axis = None, *, keepdims: bool = False, initial: Any = None,      # noqa: A001  (it is that)
        where: Any = True) -> Array:
    """`np.min`."""
    return extreme(np.min, np.minimum, a, axis, keepdims, initial, where)


def extreme(reduced: Any, pair: Any, a: Array, axis: Axis, keepdims: bool, initial: Any, where: Any) -> Array:
    """What `reduced` gives of the elements that are chosen, and `pair` of that and `initial`."""
    a = np.asanyarray(a)
    if initial is None:
        if where is not True:
            raise ValueError(f"reduction operation '{pair.__name__}' does not have an identity")
        return reduced(a, axis=axis, keepdims=keepdims)
    initial = of_dtype(initial, a.dtype)
    if where is not True:
        a = np.where(chosen(where), a, np.full_like(a, initial))
    if a.size == 0:
        return in_dtype(np.sum(a, axis=axis, keepdims=keepdims), a.dtype) + initial
    return pair(reduced(a, axis=axis, keepdims=keepdims), initial)


def any(a: Array, axis: Axis = None, *, keepdims: bool = False, where: Any = True) -> Array:      # noqa: A001
    """`np.any`."""
    return np.any(np.logical_and(a, chosen(where)), axis=axis, keepdims=keepdims)


def all(a: Array, axis: Axis = None, *, keepdims: bool = False, where: Any = True) -> Array:      # noqa: A001
    """`np.all`."""
    return np.all(np.logical_or(a, np.logical_not(chosen(where))), axis=axis, keepdims=keepdims)


def mean(a: Array, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, where: Any = True) -> Array:
    """`np.mean`."""
    a = floats_of(a, dtype)
    if where is True:
        return np.mean(a, axis=axis, keepdims=keepdims)
    mask = np.broadcast_to(chosen(where), a.shape)
    total = np.sum(np.where(mask, a, np.zeros_like(a)), axis=axis, keepdims=keepdims)
    return in_dtype(total / np.sum(mask, axis=axis, keepdims=keepdims), np.mean(a).dtype)


def var(a: Array, axis: Axis = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
        where: Any = True) -> Array:
    """`np.var`."""
    a = floats_of(a, dtype)
    if where is True:
        return np.var(a, axis=axis, ddof=ddof, keepdims=keepdims)
    return spread(a, np.broadcast_to(chosen(where), a.shape), axis, ddof, keepdims)


def std(a: Array, axis: Axis = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
        where: Any = True) -> Array:
    """`np.std`."""
    a = floats_of(a, dtype)
    if where is True:
        return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims)
    return root(spread(a, np.broadcast_to(chosen(where), a.shape), axis, ddof, keepdims))


def chosen(where: Any) -> Any:
    """What `where` says, of which NumPy takes arrays of truth values alone."""
    if where is True:
        return where
    if isinstance(where, (np.ndarray, np.generic)) and where.dtype != bool:
        raise TypeError("`where` is no array of truth values")
    return np.asarray(where, bool)


def of_dtype(initial: Any, dtype: Any) -> Any:
    """What a reduction begins with, in the dtype of its result, as NumPy takes it."""
    weak = type(initial) is int and dtype.kind in "iuf" or type(initial) is float and dtype.kind == "f"
    return initial if weak else dtype.type(initial)


def spread(a: Array, mask: Array, axis: Axis, ddof: Any, keepdims: bool) -> Array:
    """The variance of the elements that are chosen."""
    count = np.sum(mask, axis=axis, keepdims=True)
    middle = np.sum(np.where(mask, a, np.zeros_like(a)), axis=axis, keepdims=True) / count
    away = np.where(mask, a - middle, 0.0)
    free = np.sum(mask, axis=axis, keepdims=keepdims) - ddof
    return np.sum(away * away, axis=axis, keepdims=keepdims) / np.where(free > 0, free, np.nan)


def nansum(a: Array, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, initial: Any = None,
           where: Any = True) -> Array:
    """`np.nansum`."""
    a = np.asanyarray(a)
    return sum(np.where(np.isnan(a), np.zeros_like(a), a), axis, dtype, keepdims=keepdims, initial=initial,
               where=where)


def nanprod(a: Array, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, initial: Any = None,
            where: Any = True) -> Array:
    """`np.nanprod`."""
    a = np.asanyarray(a)
    return prod(np.where(np.isnan(a), np.ones_like(a), a), axis, dtype, keepdims=keepdims, initial=initial,
                where=where)


def nancumsum(a: Array, axis: Axis = None) -> Array:
    """`np.nancumsum`."""
    a = np.asanyarray(a)
    return np.cumsum(np.where(np.isnan(a), np.zeros_like(a), a), axis=axis)


def nancumprod(a: Array, axis: Axis = None) -> Array:
    """`np.nancumprod`."""
    a = np.asanyarray(a)
    return np.cumprod(np.where(np.isnan(a), np.ones_like(a), a), axis=axis)


def nanmean(a: Array, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, where: Any = True) -> Array:
    """`np.nanmean`."""
    a = floats_of(a, dtype)
    if a.dtype not in (np.float64, np.float32):
        return mean(a, axis, keepdims=keepdims, where=where)
    known = given(a, where)
    total = np.sum(np.where(known, a, np.zeros_like(a)), axis=axis, keepdims=keepdims)
    return in_dtype(total / np.sum(known, axis=axis, keepdims=keepdims), a.dtype)


def nanvar(a: Array, axis: Axis = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
           where: Any = True) -> Array:
    """`np.nanvar`."""
    a = floats_of(a, dtype)
    if a.dtype not in (np.float64, np.float32):
        return var(a, axis, ddof=ddof, keepdims=keepdims, where=where)
    return in_dtype(spread(a, given(a, where), axis, ddof, keepdims), a.dtype)


def nanstd(a: Array, axis: Axis = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
           where: Any = True) -> Array:
    """`np.nanstd`."""
    a = floats_of(a, dtype)
    if a.dtype not in (np.float64, np.float32):
        return std(a, axis, ddof=ddof, keepdims=keepdims, where=where)
    return in_dtype(root(spread(a, given(a, where), axis, ddof, keepdims)), a.dtype)


def floats_of(a: Array, dtype: Any) -> Array:
    """The array in the dtype that a mean is taken in."""
    if dtype not in (None, float, np.float64, np.float32, "float64", "float32"):
        other_arguments()       # NumPy rounds what it divides
    return np.asanyarray(a) if dtype is None else np.asanyarray(a).astype(dtype)


def given(a: Array, where: Any) -> Array:
    """Where the elements are that are chosen and no NaN."""
    return ~np.isnan(a) if where is True else np.logical_and(~np.isnan(a), chosen(where))


def in_dtype(x: Array, dtype: Any) -> Array:
    """The same in another precision, or as it is."""
    return x if x.dtype == dtype else x.astype(dtype)


def root(x: Array) -> Array:
    """A root whose slope at zero is zero, as that of `np.std`."""
    return np.where(x == 0.0, 0.0, np.sqrt(np.where(x == 0.0, 1.0, x)))[()]


def nanmax(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """`np.nanmax`."""
    return extreme_of_known(np.max, -np.inf, a, axis, keepdims)


def nanmin(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """`np.nanmin`."""
    return extreme_of_known(np.min, np.inf, a, axis, keepdims)


def extreme_of_known(reduced: Any, furthest: float, a: Array, axis: Axis, keepdims: bool) -> Array:
    """What `reduced` gives of what is no NaN; `furthest` never is that."""
    a = np.asanyarray(a)
    if a.dtype not in (np.float64, np.float32):
        return reduced(a, axis=axis, keepdims=keepdims)
    unknown = np.isnan(a)
    found = reduced(np.where(unknown, np.full_like(a, furthest), a), axis=axis, keepdims=keepdims)
    return np.where(np.all(unknown, axis=axis, keepdims=keepdims), np.nan, found)[()]


def ptp(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """`np.ptp`."""
    a = np.asanyarray(a)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def average(a: Array, axis: Axis = None, weights: Any = None, *, keepdims: bool = False) -> Array:
    """`np.average`."""
    a = np.asanyarray(a)
    if weights is None:
        found = np.mean(a, axis=axis, keepdims=keepdims)
        if np.size(found) == 0:
            raise ZeroDivisionError("division by zero")
        return found
    a, weights = unwrapping(a), np.asanyarray(weights)
    if weights.ndim != a.ndim:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        axis = axis % a.ndim
        if weights.shape[0] != a.shape[axis]:
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        weights = np.reshape(weights, tuple([-1 if at == axis else 1 for at in range(a.ndim)]))
    elif weights.shape != a.shape:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    scale = np.sum(weights, axis=axis, keepdims=keepdims)
    if np.any(scale == 0.0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    total = np.sum(a * weights, axis=axis, keepdims=keepdims)
    return total / in_dtype(scale, total.dtype)


def unwrapping(x: Array) -> Array:
    """Floats, which do not wrap, for whole numbers and truth values."""
    return x if x.dtype.kind == "f" else x.astype(np.float64)
