"""What functions do for a batch, where traits do not say it: the samples stand along an axis in front.

Each form is an ordinary function, which the compiler reads, as it reads rules.  `varies` tells which positional
arguments have the axis, `samples` is how many there are; every array of a list has the axis.  A form gives None where
there is nothing better than a loop over the samples.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.rules.common import Array, Axis
from ad_compiler.rules.registry import batched, static
from ad_compiler.rules.shape import pad_widths
from ad_compiler.rules.traits import declare

Varies = tuple[bool, ...]

declare((np.sum, np.mean, np.var, np.std, np.max, np.min, np.amax, np.amin, np.any, np.all, np.count_nonzero),
        axes="many")
declare((np.prod, np.argmax, np.argmin, np.cumsum, np.sort, np.argsort, np.partition, np.repeat, np.diff), axes="one")
declare((np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky, np.triu, np.tril, np.cross), stacks=True)
if hasattr(np, "matrix_transpose"):     # NumPy 2
    declare(np.matrix_transpose, stacks=True)

for _name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "exp2", "expm1", "log1p", "log2", "log10", "sqrt",
              "cbrt", "hypot", "fabs", "copysign", "fmod", "degrees", "radians", "isnan", "isinf", "isfinite"):
    declare(getattr(math, _name), arrays=getattr(np, _name))
for _name in ("sin", "cos", "tan", "sinh", "cosh", "tanh"):
    declare(getattr(math, f"a{_name}"), arrays=getattr(np, f"arc{_name}"))
declare(math.atan2, arrays=np.arctan2)
declare(math.pow, arrays=np.power)
declare(operator.not_, arrays=np.logical_not)

declare((operator.add, operator.sub, operator.mul, operator.neg, operator.pos, operator.abs, np.add, np.subtract,
         np.multiply, np.negative, np.positive, np.absolute, np.fabs, np.square, np.sin, np.cos, np.tanh, np.arctan,
         math.tanh, math.atan, math.fabs, np.maximum, np.minimum, np.sign, np.where, np.sum, np.cumsum,
         operator.matmul, np.matmul, np.dot, np.outer, np.inner, np.reshape, np.ravel, np.transpose, np.swapaxes,
         np.zeros_like, np.ones_like, np.copy, operator.lt, operator.le, operator.gt, operator.ge, operator.eq,
         operator.ne, operator.and_, operator.or_, operator.not_, np.logical_and, np.logical_or, np.logical_not,
         np.expand_dims, np.zeros, np.ones, np.shape, np.ndim, np.size, len, runtime.unbroadcast,
         runtime.broadcast_like, runtime.zeros_like, runtime.identity, runtime.cast_like), total=True)


# -- helpers -----------------------------------------------------------------------------------------------


@static
def moved(axis: Axis) -> Axis:
    """An axis of a sample as one of the batch; one that is counted from the end stays what it is."""
    if isinstance(axis, (tuple, list)):
        return tuple(moved(a) for a in axis)
    return axis + 1 if axis >= 0 else axis


@static
def front(axes: Axis) -> tuple[int, ...]:
    """A permutation of the axes of a sample as one of the batch's."""
    return (0, *(a % len(axes) + 1 for a in axes))


def before(samples: int, shape: Any) -> Any:
    """The shape of a batch of arrays of a shape."""
    return (samples, *shape) if isinstance(shape, (tuple, list)) else (samples, shape)


def lined(x: Array, ndim: int) -> Array:
    """A batch of arrays, brought to so many axes each."""
    missing = ndim + 1 - x.ndim
    return x if missing < 1 else x[(slice(None),) + (None,) * missing]


def axes(x: Array) -> int:
    """How many axes something has, a number among others."""
    return x.ndim if isinstance(x, np.ndarray) else 0


def size(a: Array) -> Any:
    """How many elements a sample has."""
    if a.ndim < 3:
        return a.shape[1] if a.ndim == 2 else 1
    return a.shape[1] * a.shape[2] if a.ndim == 3 else math.prod([a.shape[i] for i in range(1, a.ndim)])


def rows(a: Array, samples: int) -> Array:
    """The elements of each sample in a row."""
    if a.ndim == 1:
        return a[:, None]
    return a if a.ndim == 2 else np.reshape(a, (samples, size(a)))


# -- numbers ------------------------------------------------------------------------------------------------


@batched((operator.truth, bool))
def truth(x: Array, *, varies: Varies, samples: int) -> Array:
    return x != 0 if x.ndim == 1 else None


@batched(runtime.item)
def item(x: Array, *, varies: Varies, samples: int) -> Array:
    return x if x.ndim == 1 else None


@batched((int, np.int64, math.trunc, runtime.whole_numbers))
def to_int(x: Array, *, varies: Varies, samples: int) -> Array:
    return runtime.whole_numbers(x)


@batched(math.floor)
def floor(x: Array, *, varies: Varies, samples: int) -> Array:
    return runtime.whole_numbers(np.floor(x))


@batched(math.ceil)
def ceil(x: Array, *, varies: Varies, samples: int) -> Array:
    return runtime.whole_numbers(np.ceil(x))


@batched(round)
def round_(x: Array, ndigits: Any = None, *, varies: Varies, samples: int) -> Array:
    return runtime.whole_numbers(np.rint(x)) if ndigits is None else None      # of decimals, NumPy has other ones


@batched(math.log)
def log(x: Array, base: Array = None, *, varies: Varies, samples: int) -> Array:
    return np.log(x) if base is None else np.log(x) / np.log(base)


# -- what is asked of a shape ------------------------------------------------------------------------------


@batched(len)
def length(obj: Array, *, varies: Varies, samples: int) -> Any:
    return obj.shape[1]


@batched(np.size)
def size_(a: Array, *, varies: Varies, samples: int) -> Any:
    return size(a)


@batched(np.ndim)
def ndim(a: Array, *, varies: Varies, samples: int) -> Any:
    return a.ndim - 1


# -- the same elements in another shape or order ----------------------------------------------------------


@batched(np.reshape)
def reshape(a: Array, shape: Any, *, varies: Varies, samples: int) -> Array:
    return np.reshape(a, before(samples, shape))


@batched((np.ravel, runtime.flatten))
def ravel(a: Array, *, varies: Varies, samples: int) -> Array:
    return rows(a, samples)


@batched(np.transpose)
def transpose(a: Array, axes: Axis = None, *, varies: Varies, samples: int) -> Array:
    if axes is not None:
        return np.transpose(a, front(axes))
    if a.ndim < 3:
        return a
    return np.swapaxes(a, 1, 2) if a.ndim == 3 else np.transpose(a, front(tuple(range(a.ndim - 2, -1, -1))))


@batched(np.swapaxes)
def swapaxes(a: Array, axis1: int, axis2: int, *, varies: Varies, samples: int) -> Array:
    return np.swapaxes(a, moved(axis1), moved(axis2))


@batched(np.moveaxis)
def moveaxis(a: Array, source: Axis, destination: Axis, *, varies: Varies, samples: int) -> Array:
    return np.moveaxis(a, moved(source), moved(destination))


@batched(np.expand_dims)
def expand_dims(a: Array, axis: Axis, *, varies: Varies, samples: int) -> Array:
    return np.expand_dims(a, moved(axis))


@batched(np.squeeze)
def squeeze(a: Array, axis: Axis = None, *, varies: Varies, samples: int) -> Array:
    return None if axis is None else np.squeeze(a, moved(axis))


@batched(np.atleast_1d)
def atleast_1d(x: Array, *, varies: Varies, samples: int) -> Array:
    return lined(x, 1)


@batched(np.atleast_2d)
def atleast_2d(x: Array, *, varies: Varies, samples: int) -> Array:
    return x[:, None] if x.ndim == 2 else lined(x, 2)


@batched(np.broadcast_to)
def broadcast_to(array: Array, shape: Any, *, varies: Varies, samples: int) -> Array:
    ndim = len(shape) if isinstance(shape, (tuple, list)) else 1
    return np.broadcast_to(lined(array, ndim), before(samples, shape))


@batched(np.flip)
def flip(m: Array, axis: Axis = None, *, varies: Varies, samples: int) -> Array:
    if axis is None:
        return m if m.ndim == 1 else np.flip(m, tuple(range(1, m.ndim)))
    return np.flip(m, moved(axis))


@batched(np.fliplr)
def fliplr(m: Array, *, varies: Varies, samples: int) -> Array:
    return np.flip(m, 2)


@batched(np.flipud)
def flipud(m: Array, *, varies: Varies, samples: int) -> Array:
    return np.flip(m, 1)


@batched(np.rot90)
def rot90(m: Array, k: int = 1, axes: Axis = (0, 1), *, varies: Varies, samples: int) -> Array:
    return np.rot90(m, k, moved(axes))


@batched(np.roll)
def roll(a: Array, shift: Any, axis: Axis = None, *, varies: Varies, samples: int) -> Array:
    if varies[1]:
        return None
    if axis is not None:
        return np.roll(a, shift, moved(axis))
    return np.reshape(np.roll(rows(a, samples), shift, 1), a.shape)


@batched(np.tile)
def tile(A: Array, reps: Any, *, varies: Varies, samples: int) -> Array:
    counts = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    counts = (1,) * (A.ndim - 1 - len(counts)) + counts
    return np.tile(lined(A, len(counts)), (1, *counts))


@batched(np.pad)
def pad(array: Array, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0, varies: Varies,
        samples: int) -> Array:
    widths = pad_widths(pad_width, array.ndim - 1)
    return np.pad(array, ((0, 0), *widths), mode=mode, constant_values=constant_values)  # type: ignore[call-overload]


@batched(np.copy)
def copy(a: Array, *, varies: Varies, samples: int) -> Array:
    return np.copy(a)


@batched(np.diag)
def diag(v: Array, k: int = 0, *, varies: Varies, samples: int) -> Array:
    if v.ndim == 3:
        return diagonal(v, k, varies=varies, samples=samples)
    m = v.shape[1] + abs(k)
    at = np.arange(v.shape[1])
    return runtime.index_set(np.zeros((samples, m, m), dtype=v.dtype),
                             (slice(None), at + max(-k, 0), at + max(k, 0)), v)


@batched(np.diagonal)
def diagonal(a: Array, offset: int = 0, *, varies: Varies, samples: int) -> Array:
    if a.ndim > 3:
        return None
    return np.diagonal(a, offset, axis1=1, axis2=2) if offset else np.diagonal(a, axis1=1, axis2=2)


@batched(np.trace)
def trace(a: Array, offset: int = 0, *, varies: Varies, samples: int) -> Array:
    if a.ndim > 3:
        return None
    return np.trace(a, offset, axis1=1, axis2=2) if offset else np.trace(a, axis1=1, axis2=2)


# -- arrays made of numbers, and of others -----------------------------------------------------------------


@batched(np.full)
def full(shape: Any, fill_value: Array, dtype: Any = None, *, varies: Varies, samples: int) -> Array:
    ndim = len(shape) if isinstance(shape, (tuple, list)) else 1
    return np.full(before(samples, shape), lined(fill_value, ndim), dtype)


@batched(np.full_like)
def full_like(a: Array, fill_value: Array, dtype: Any = None, *, varies: Varies, samples: int) -> Array:
    dtype = a.dtype if dtype is None else dtype
    if not varies[0]:
        return np.full((samples, *a.shape), lined(fill_value, a.ndim), dtype)
    return np.full(a.shape, lined(fill_value, a.ndim - 1) if varies[1] else fill_value, dtype)


@batched(np.concatenate)
def concatenate(arrays: Array, axis: Axis = 0, *, varies: Varies, samples: int) -> Array:
    if axis is None:
        return np.concatenate([rows(a, samples) for a in arrays], axis=1)
    return np.concatenate(arrays, axis=moved(axis))


@batched(np.stack)
def stack(arrays: Array, axis: int = 0, *, varies: Varies, samples: int) -> Array:
    if not isinstance(arrays, (list, tuple)):
        return np.moveaxis(np.stack(arrays), 0, 1)
    return np.stack(arrays, axis=moved(axis))


@batched(np.vstack)
def vstack(tup: Array, *, varies: Varies, samples: int) -> Array:
    return np.concatenate([a[:, None] if a.ndim == 2 else lined(a, 2) for a in tup], axis=1)


@batched(np.hstack)
def hstack(tup: Array, *, varies: Varies, samples: int) -> Array:
    parts = [lined(a, 1) for a in tup]
    return np.concatenate(parts, axis=1 if parts[0].ndim == 2 else 2)


@batched(np.column_stack)
def column_stack(tup: Array, *, varies: Varies, samples: int) -> Array:
    return np.concatenate([a[:, :, None] if a.ndim == 2 else lined(a, 2) for a in tup], axis=2)


def stacked(items: Array) -> Array:
    """One array of the numbers and arrays of a nested list."""
    return np.stack([stacked(item) for item in items], axis=1) if isinstance(items, (list, tuple)) else items


@batched((np.array, np.asarray, np.asanyarray, np.ascontiguousarray))
def array(object: Array, dtype: Any = None, *, varies: Varies, samples: int) -> Array:
    if isinstance(object, (list, tuple)):
        return stacked(object)
    return np.array(object) if isinstance(object, np.ndarray) else None
