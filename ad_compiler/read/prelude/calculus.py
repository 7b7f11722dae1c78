"""NumPy's functions of calculus, polynomials and statistics, told by those that have rules.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(np.trapezoid)(np.ones(4))
array([0.5, 1. , 1. , 0.5])
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments
from ad_compiler.read.prelude.reductions import unwrapping

Array = Any
Axis = Any


def trapezoid(y: Array, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """`np.trapezoid`."""
    y = np.asanyarray(y)
    before = (slice(None),) * (axis % y.ndim)
    if x is None:
        d = dx
    else:
        x = np.asanyarray(x)
        if x.ndim == 1:
            d = np.reshape(np.diff(x), tuple([-1 if at == axis % y.ndim else 1 for at in range(y.ndim)]))
        else:
            d = np.diff(x, axis=axis)
    return np.sum(d * (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) / 2.0, axis)


def gradient(f: Array, *varargs: Any, axis: Any = None) -> Any:
    """`np.gradient`, at the ends of first order."""
    f = np.asanyarray(f)
    f = f if f.dtype == bool else unwrapping(f)
    axes = range(f.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(varargs) == 0:
        steps = [1.0] * len(axes)
    elif len(varargs) == 1 and np.ndim(varargs[0]) == 0:
        steps = [varargs[0]] * len(axes)
    elif len(varargs) == len(axes):
        steps = list(varargs)
    else:
        raise TypeError("invalid number of arguments")
    found = tuple([gradient_along(f, steps[k], at + f.ndim if at < 0 else at) for k, at in enumerate(axes)])
    return found[0] if len(axes) == 1 else found


def gradient_along(f: Array, h: Any, axis: int) -> Array:
    """The slopes along one axis, of which the steps are a number, or the places are given."""
    if f.shape[axis] < 2:
        raise ValueError("Shape of array too small to calculate a numerical gradient")
    before = (slice(None),) * axis
    lower, middle, upper = f[(*before, slice(None, -2))], f[(*before, slice(1, -1))], f[(*before, slice(2, None))]
    first = f[(*before, slice(1, 2))] - f[(*before, slice(None, 1))]
    last = f[(*before, slice(-1, None))] - f[(*before, slice(-2, -1))]
    if np.ndim(h) == 0:
        return as_precise(np.concatenate([first / h, (upper - lower) / (2.0 * h), last / h], axis), f)
    if len(h) != f.shape[axis]:
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    steps = np.reshape(np.diff(unwrapping(np.asanyarray(h))), tuple([-1 if at == axis else 1 for at in range(f.ndim)]))
    left, right = steps[(*before, slice(None, -1))], steps[(*before, slice(1, None))]
    inner = (-right / (left * (left + right)) * lower + (right - left) / (left * right) * middle
             + left / (right * (left + right)) * upper)
    ends = steps[(*before, slice(None, 1))], steps[(*before, slice(-1, None))]
    return as_precise(np.concatenate([first / ends[0], inner, last / ends[1]], axis), f)


def as_precise(x: Array, like: Array) -> Array:
    """In single or half precision where that is."""
    return x.astype(like.dtype) if like.dtype in (np.float32, np.float16) and x.dtype != like.dtype else x


def polyval(p: Any, x: Any) -> Array:
    """`np.polyval`."""
    x = np.asanyarray(x)
    y = np.zeros_like(x) * np.asanyarray(p).dtype.type(1)
    for k in range(len(p)):
        y = y * x + p[k]
    return y


def vander(x: Array, N: Any = None, increasing: bool = False) -> Array:
    """`np.vander`."""
    x = np.asanyarray(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    n = len(x) if N is None else operator.index(N)
    if increasing:
        return x[:, None] ** np.arange(n)
    return x[:, None] ** np.arange(n - 1, -1, -1)


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0) -> Array:
    """`np.logspace`."""
    return np.power(base, np.linspace(start, stop, num, endpoint=endpoint))


def cov(m: Array, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Array:
    """`np.cov`."""
    if y is not None:
        return other_arguments()
    x = np.atleast_2d(m).astype(np.float64)
    if not rowvar and np.ndim(m) == 2:
        x = x.T
    away = x - np.mean(x, axis=1, keepdims=True)
    free = 1 if ddof is None and not bias else 0 if ddof is None else ddof
    return np.squeeze(np.dot(away, away.T) * np.true_divide(1, x.shape[1] - free))


def corrcoef(x: Array, y: Any = None, rowvar: bool = True) -> Array:
    """`np.corrcoef`."""
    c = np.cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    spread = np.sqrt(np.diag(c))
    return np.clip(c / spread[:, None] / spread[None, :], -1.0, 1.0)


def nan_to_num(x: Array, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    """`np.nan_to_num`."""
    if not copy:
        return other_arguments()
    x = np.array(x)
    if x.dtype not in (np.float64, np.float32):
        return x[()]
    largest = np.finfo(np.float64).max if x.dtype == np.float64 else np.finfo(np.float32).max
    above = largest if posinf is None else posinf
    below = -largest if neginf is None else neginf
    known = np.where(np.isnan(x), np.full_like(x, nan), x)
    known = np.where(x == np.inf, np.full_like(x, above), known)
    return np.where(x == -np.inf, np.full_like(x, below), known)[()]


def around(a: Array, decimals: int = 0) -> Array:
    """`np.around`."""
    return np.round(a, decimals)


def fix(x: Array) -> Array:
    """`np.fix`."""
    return np.trunc(x)


def divmod(x1: Array, x2: Array) -> Any:      # noqa: A001  (it is that)
    """`np.divmod`."""
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


def modf(x: Array) -> Any:
    """`np.modf`."""
    whole = np.trunc(x)
    return np.copysign(np.where(np.isinf(x), 0.0, x - whole), x)[()], whole


def ldexp(x1: Array, x2: Any) -> Array:
    """`np.ldexp`."""
    if np.asanyarray(x2).dtype.kind not in "iub" or np.asanyarray(x2).dtype == np.uint64:
        raise TypeError("ufunc 'ldexp' not supported for the input types: the exponent is no whole number")
    scale = np.exp2(x2)
    return x1 * (scale.astype(np.float32) if np.asanyarray(x1).dtype == np.float32 else scale)


def conjugate(x: Array) -> Array:
    """`np.conj`, of real numbers."""
    return np.positive(x)


def imag(val: Array) -> Array:
    """`np.imag`, of real numbers."""
    return np.zeros_like(val) if isinstance(val, np.ndarray) else type(val)(0)


def convolve(a: Array, v: Array, mode: str = "full") -> Array:
    """`np.convolve`, as a part of the whole."""
    whole = np.convolve(a, v)
    n, m = np.maximum(np.size(a), np.size(v)), np.minimum(np.size(a), np.size(v))
    if mode == "same":
        return whole[(m - 1) // 2:(m - 1) // 2 + n]
    return whole[m - 1:n] if mode == "valid" else other_arguments()


def correlate(a: Array, v: Array, mode: str = "valid") -> Array:
    """`np.correlate`, as a part of the whole; where the second is longer, the parts are counted from its end."""
    a, v = np.asanyarray(a), np.asanyarray(v)
    if a.ndim == 0 or v.ndim == 0:
        raise ValueError("object of too small depth for desired array")
    whole = np.convolve(a, v[::-1])
    n, m = np.maximum(len(a), len(v)), np.minimum(len(a), len(v))
    if mode == "full":
        return whole
    if mode == "valid":
        return whole[m - 1:n]
    return other_arguments()


def real(val: Array) -> Array:
    """`np.real`, of real numbers."""
    return val.real


def clip(a: Array, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Array:      # noqa: A002
    """`np.clip`."""
    a = np.asanyarray(a)[()]
    return np.clip(a, min if a_min is None else a_min, max if a_max is None else a_max)
