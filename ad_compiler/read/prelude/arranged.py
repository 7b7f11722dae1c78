"""NumPy's functions that arrange elements, told by those that have rules; and what these do not take: `order`, `mode`.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda x: np.sum(np.ravel(x, order="F") * np.arange(4.0)))(np.ones((2, 2)))
array([[0., 2.],
       [1., 3.]])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import length_along, other_arguments

Array = Any
Axis = Any


def reshape(a: Array, shape: Any, order: str = "C", *, copy: Any = None) -> Array:
    """`np.reshape`."""
    if not isinstance(shape, (tuple, list)):
        shape = (shape,)
    if order == "F":
        a = np.transpose(np.reshape(np.transpose(a), tuple(shape)[::-1]))
    elif order == "C":
        a = np.reshape(a, tuple(shape))
    else:
        other_arguments()
    return np.copy(a) if copy else a


def ravel(a: Array, order: str = "C") -> Array:
    """`np.ravel`."""
    a = np.asanyarray(a)
    if order == "F":
        return np.ravel(np.transpose(a))
    return np.ravel(a) if order == "C" else other_arguments()


def flatten(a: Array, order: str = "C") -> Array:
    """`a.flatten`."""
    if order == "F":
        return np.transpose(a).flatten()
    return a.flatten() if order == "C" else other_arguments()


def rollaxis(a: Array, axis: int, start: int = 0) -> Array:
    """`np.rollaxis`."""
    axis = axis + a.ndim if axis < 0 else axis
    start = start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def atleast_3d(a: Array) -> Array:
    """`np.atleast_3d`."""
    a = np.asanyarray(a)
    if a.ndim == 0:
        return np.reshape(a, (1, 1, 1))
    if a.ndim == 1:
        return a[None, :, None]
    return a[:, :, None] if a.ndim == 2 else a


def dstack(tup: Any) -> Array:
    """`np.dstack`."""
    return np.concatenate([np.atleast_3d(a) for a in tup], 2)


def block(arrays: Any) -> Array:
    """`np.block`, of one list or of rows."""
    if not isinstance(arrays, list):
        return np.copy(arrays)
    if not isinstance(arrays[0], list):
        return np.concatenate([np.atleast_1d(a) for a in arrays], -1)
    return np.concatenate([np.concatenate([np.atleast_2d(a) for a in row], -1) for row in arrays], -2)


def diagflat(v: Array, k: int = 0) -> Array:
    """`np.diagflat`."""
    return np.diag(np.ravel(v), k)


def pad(array: Array, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Array:
    """`np.pad`: the elements of each axis once more, in an order of their own."""
    array = np.asanyarray(array)
    if np.asarray(pad_width).dtype.kind != "i":
        raise TypeError("`pad_width` must be of integral type.")
    widths = pairs(pad_width, array.ndim)
    if mode == "constant":
        fillings = pairs(constant_values, array.ndim)
        for axis in range(array.ndim):
            before = filled(array, axis, widths[axis][0], fillings[axis][0])
            array = np.concatenate([before, array, filled(array, axis, widths[axis][1], fillings[axis][1])], axis)
        return array
    for axis in range(array.ndim):
        before, after = widths[axis]
        size = array.shape[axis]
        if size == 0 and before + after > 0:
            raise ValueError(f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'")
        at = np.arange(-before, size + after)
        if mode == "edge":
            at = np.clip(at, 0, size - 1)
        elif mode == "wrap":
            at = at % size
        elif mode == "reflect":
            at = at % np.maximum(2 * (size - 1), 1)
            at = np.where(at < size, at, 2 * (size - 1) - at)
        elif mode == "symmetric":
            at = at % (2 * size)
            at = np.where(at < size, at, 2 * size - 1 - at)
        else:
            other_arguments()
        array = np.take(array, at, axis)
    return array


def filled(array: Array, axis: int, count: int, value: Any) -> Array:
    """What is put beside an array along an axis."""
    return np.full([count if at == axis else array.shape[at] for at in range(array.ndim)], value, array.dtype)


def pairs(given: Any, ndim: int) -> Any:
    """For each axis what is said of both its ends."""
    if not isinstance(given, (tuple, list)):
        return [(given, given)] * ndim
    if not isinstance(given[0], (tuple, list)):
        return [(given[0], given[-1])] * ndim
    if len(given) == 1:
        return [(given[0][0], given[0][-1])] * ndim
    if len(given) != ndim:
        raise ValueError("operands could not be broadcast together")
    return [(pair[0], pair[-1]) for pair in given]


def diff(a: Array, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    """`np.diff`."""
    a = np.asanyarray(a)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if prepend is not None:
        a = np.concatenate([beside(prepend, a, axis), a], axis)
    if append is not None:
        a = np.concatenate([a, beside(append, a, axis)], axis)
    for _ in range(n):
        a = np.diff(a, axis=axis)
    return a


def beside(more: Any, a: Array, axis: int) -> Array:
    """What is put at an end of an axis: a number goes along the others."""
    more = np.asanyarray(more)
    if more.ndim > 0:
        return more
    return np.broadcast_to(more, [1 if at == axis % a.ndim else a.shape[at] for at in range(a.ndim)])


def ediff1d(ary: Array) -> Array:
    """`np.ediff1d`."""
    ary = np.ravel(np.asanyarray(ary))
    return ary[1:] - ary[:-1]


def sort(a: Array, axis: Axis = -1, kind: Any = None, *, stable: Any = None) -> Array:
    """`np.sort`: all algorithms give the same."""
    return np.sort(a, axis)


def argsort(a: Array, axis: Axis = -1, kind: Any = None, *, stable: Any = None) -> Array:
    """`np.argsort`."""
    return np.argsort(a, axis, "stable" if stable else kind)


def take(a: Array, indices: Any, axis: Axis = None, *, mode: str = "raise") -> Array:
    """`np.take`; a number is an array of one element there."""
    a = np.ravel(a) if np.ndim(a) == 0 else a
    size = np.size(a) if axis is None else length_along(a, axis)
    if mode == "wrap":
        return np.take(a, np.asarray(indices) % size, axis)
    return np.take(a, np.clip(indices, 0, size - 1), axis) if mode == "clip" else np.take(a, indices, axis)


def compress(condition: Any, a: Array, axis: Axis = None) -> Array:
    """`np.compress`."""
    return np.take(a, np.flatnonzero(np.asarray(condition)), axis)


def extract(condition: Any, arr: Array) -> Array:
    """`np.extract`."""
    return np.take(np.ravel(arr), np.flatnonzero(np.asarray(condition)))


def delete(arr: Array, obj: Any, axis: Axis = None) -> Array:
    """`np.delete`."""
    arr = np.asanyarray(arr)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    kept = np.ones(length_along(arr, axis), bool)
    kept[list(obj) if isinstance(obj, tuple) else obj] = False
    return np.take(arr, np.flatnonzero(kept), axis)


def insert(arr: Array, obj: Any, values: Any, axis: Axis = None) -> Array:
    """`np.insert`, of one place."""
    arr = np.asanyarray(arr)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    if isinstance(obj, (bool, np.bool_)) or np.ndim(obj) != 0 or arr.ndim > 1:
        other_arguments()
    size = length_along(arr, axis)
    if obj > size or obj < -size:
        raise IndexError(f"index {obj} is out of bounds for axis 0 with size {size}")
    at = obj + size if obj < 0 else obj
    return np.concatenate([arr[:at], np.ravel(np.asarray(values, arr.dtype)), arr[at:]])


def split(ary: Array, indices_or_sections: Any, axis: int = 0) -> Any:
    """`np.split`."""
    if np.ndim(indices_or_sections) == 0 and ary.shape[axis] % indices_or_sections != 0:
        raise ValueError("array split does not result in an equal division")
    return array_split(ary, indices_or_sections, axis)


def array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> Any:
    """`np.array_split`."""
    size, axis = ary.shape[axis], axis % ary.ndim
    before = (slice(None),) * axis
    if np.ndim(indices_or_sections) == 0:
        if indices_or_sections <= 0:
            raise ValueError("number sections must be larger than 0.")
        each, more = size // indices_or_sections, size % indices_or_sections
        ends = [k * each + np.minimum(k, more) for k in range(indices_or_sections + 1)]
    else:
        ends = [0, *indices_or_sections, size]
    return [ary[(*before, slice(ends[k], ends[k + 1]))] for k in range(len(ends) - 1)]


def vsplit(ary: Array, indices_or_sections: Any) -> Any:
    """`np.vsplit`."""
    if ary.ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Array, indices_or_sections: Any) -> Any:
    """`np.hsplit`."""
    if ary.ndim == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


def meshgrid(*xi: Array, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """`np.meshgrid`."""
    order = [1, 0, *range(2, len(xi))] if indexing == "xy" and len(xi) > 1 else list(range(len(xi)))
    lines = [np.reshape(x, tuple([-1 if order[k] == at else 1 for at in range(len(xi))])) for k, x in enumerate(xi)]
    if not sparse:
        shape = [np.size(xi[order[at]]) for at in range(len(xi))]
        lines = [np.broadcast_to(line, shape) for line in lines]
    return tuple([np.copy(line) for line in lines]) if copy else tuple(lines)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    """`np.select`."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    chosen = default
    for k in range(len(condlist) - 1, -1, -1):
        chosen = np.where(condlist[k], choicelist[k], chosen)
    return chosen


def piecewise(x: Array, condlist: Any, funclist: Any) -> Array:
    """`np.piecewise`."""
    x = np.asanyarray(x)
    if not isinstance(condlist, list):
        condlist = [condlist]
    if len(funclist) == len(condlist) + 1:
        other = condlist[0]
        for condition in condlist[1:]:
            other = np.logical_or(other, condition)
        condlist = [*condlist, np.logical_not(other)]
    elif len(funclist) != len(condlist):
        raise ValueError("with this many conditions, either as many functions are expected, or one more")
    y = np.zeros_like(x)
    for k in range(len(condlist)):
        y[condlist[k]] = funclist[k](x[condlist[k]]) if callable(funclist[k]) else funclist[k]
    return y


def stack(arrays: Any, axis: int = 0) -> Array:
    """`np.stack`, of a list whose length only the run knows."""
    return np.moveaxis(np.stack(arrays), 0, axis)


def vstack(tup: Any) -> Array:
    """`np.vstack`, of such a list."""
    rows = np.stack(tup)
    return rows if rows.ndim == 2 else other_arguments()


def column_stack(tup: Any) -> Array:
    """`np.column_stack`, of such a list."""
    rows = np.stack(tup)
    return np.moveaxis(rows, 0, 1) if rows.ndim == 2 else other_arguments()


def unravel_index(indices: Any, shape: Any) -> Any:
    """`np.unravel_index`."""
    indices, shape, size, parts = np.asarray(indices)[()], tuple(shape), 1, []
    if np.asarray(indices).dtype.kind == "f":
        raise TypeError("only int indices permitted")
    for k in range(len(shape) - 1, -1, -1):
        parts.append(indices // size % shape[k])
        size = size * shape[k]
    if np.any(indices >= size) or np.any(indices < 0):
        raise ValueError("an index is out of bounds for an array of this shape")
    return tuple(parts[::-1])


def ravel_multi_index(multi_index: Any, dims: Any) -> Any:
    """`np.ravel_multi_index`."""
    place = 0
    for k in range(len(dims)):
        if np.asarray(multi_index[k]).dtype.kind == "f":
            raise TypeError("only int indices permitted")
        if np.any(np.asarray(multi_index[k]) >= dims[k]) or np.any(np.asarray(multi_index[k]) < 0):
            raise ValueError("invalid entry in coordinates array")
        place = place * dims[k] + np.asarray(multi_index[k])[()]
    return place


def typed(ufunc: Any, *args: Array, dtype: Any) -> Array:
    """`ufunc(*args, dtype=dtype)`, of floats."""
    if dtype not in (float, np.float64, np.float32):
        other_arguments()
    return ufunc(*[np.asanyarray(arg).astype(dtype)[()] for arg in args])


def apply_along_axis(func1d: Any, axis: int, arr: Array) -> Array:
    """`np.apply_along_axis`, of an array of two axes or one."""
    if arr.ndim == 1:
        return np.asarray(func1d(np.moveaxis(arr, axis, 0)))
    if arr.ndim != 2:
        other_arguments()
    rows = np.moveaxis(arr, axis, -1)
    found = np.stack([func1d(rows[k]) for k in range(len(rows))])
    return found if found.ndim == 1 or axis in (1, -1) else np.moveaxis(found, 1, axis)


def rows(*parts: Any) -> Array:
    """`np.r_[parts]`, of numbers and arrays of one axis, or of arrays of as many axes."""
    arrays = [part for part in parts if not isinstance(part, (int, float))]
    if len(arrays) > 0 and all(part.dtype == np.float32 for part in arrays):
        parts = tuple([np.asarray(part, np.float32) for part in parts])
    return np.concatenate([np.atleast_1d(part) for part in parts])


def columns(*parts: Any) -> Array:
    """`np.c_[parts]`."""
    return np.concatenate([np.reshape(part, (-1, 1)) if np.ndim(part) < 2 else part for part in parts], -1)


def asfortranarray(a: Array) -> Array:
    """`np.asfortranarray`."""
    a = np.asarray(a)
    return a if a.ndim < 2 else np.transpose(np.ascontiguousarray(np.transpose(a)))


def copy(a: Array, order: str = "K") -> Array:
    """`np.copy`, and `a.copy`."""
    if order == "F":
        return np.transpose(np.transpose(a).copy())
    return a.copy() if order == "C" else other_arguments()


def array(object: Any, dtype: Any = None, *, copy: Any = True) -> Array:      # noqa: A002
    """`np.array`."""
    if copy is True:
        return np.array(object, dtype)
    if copy is None:
        return np.asarray(object, dtype)
    same = isinstance(object, np.ndarray) and (dtype is None or object.dtype == dtype)
    return object if same else other_arguments()


def astype(x: Array, dtype: Any, *, copy: bool = True) -> Array:
    """`np.astype`."""
    return x if not copy and x.dtype == dtype else x.astype(dtype)


def tolist(x: Array) -> Any:
    """`x.tolist`."""
    if x.ndim > 2:
        other_arguments()
    if x.ndim == 0:
        return x.item()
    return [v.item() for v in x] if x.ndim == 1 else [[v.item() for v in row] for row in x]


def item(x: Array, *args: Any) -> Any:
    """`x.item`."""
    if len(args) == 1 and isinstance(args[0], tuple):
        return item(x, *args[0])
    if len(args) > 1 and len(args) != x.ndim:
        raise ValueError("incorrect number of indices for array")
    return np.ravel(x)[args[0]].item() if len(args) == 1 else x[args].item()


def size(a: Array, axis: Axis = None) -> Any:
    """`np.size`."""
    return np.size(a) if axis is None else np.shape(a)[axis]
