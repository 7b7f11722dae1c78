"""Polynomials: NumPy's functions of lists of coefficients.

>>> import numpy as np
>>> from ad_compiler import grad
>>> grad(lambda c: np.sum(np.polyder(c)))(np.ones(4))
array([3., 2., 1., 0.])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.read.prelude.other import other_arguments

Array = Any


def trim_zeros(filt: Array, trim: str = "fb") -> Array:
    """`np.trim_zeros`, of an array of one axis."""
    if np.ndim(filt) != 1:
        other_arguments()
    at, first, last = np.flatnonzero(filt), 0, len(filt)
    if trim in ("f", "fb", "bf", "F", "FB", "BF"):
        first = at[0] if len(at) > 0 else last
    if trim in ("b", "fb", "bf", "B", "FB", "BF"):
        last = at[-1] + 1 if len(at) > 0 else 0
    return filt[first:last]


def leading(p: Array) -> Array:
    """Coefficients without the zeros in front, as NumPy's classes hold them; one zero where there are no others."""
    p = np.atleast_1d(p)
    return trim_zeros(np.concatenate([p, np.ones(1, p.dtype)]), "f")[:-1] if np.any(p != 0) else p[:1] * 0


def polymul(a1: Array, a2: Array) -> Array:
    """`np.polymul`."""
    return np.convolve(leading(a1), leading(a2))


def polyadd(a1: Array, a2: Array) -> Array:
    """`np.polyadd`."""
    a1, a2 = np.atleast_1d(a1), np.atleast_1d(a2)
    size = max(len(a1), len(a2))
    return np.concatenate([np.zeros(size - len(a1), a1.dtype), a1]) + np.concatenate(
        [np.zeros(size - len(a2), a2.dtype), a2])


def polysub(a1: Array, a2: Array) -> Array:
    """`np.polysub`."""
    return polyadd(a1, np.negative(a2))


def polyder(p: Array, m: int = 1) -> Array:
    """`np.polyder`."""
    if m < 0:
        raise ValueError("Order of derivative must be positive")
    p = np.asarray(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def polyint(p: Array, m: int = 1, k: Any = None) -> Array:
    """`np.polyint`, from 0."""
    if m < 0:
        raise ValueError("Order of integral must be positive")
    if k is not None:
        other_arguments()
    p = np.asarray(p)
    for _ in range(m):
        p = np.append(p / np.arange(len(p), 0, -1), 0.0)
    return p


def polyval(x: Array, c: Array, tensor: bool = True) -> Array:
    """`np.polynomial.polynomial.polyval`: the constant comes first."""
    if np.ndim(c) != 1:
        other_arguments()
    c, x = np.asarray(c), np.asarray(x) if isinstance(x, (tuple, list)) else x
    found = c[-1] + x * 0
    for k in range(len(c) - 1):
        found = c[len(c) - 2 - k] + found * x
    return found


def chebval(x: Array, c: Array, tensor: bool = True) -> Array:
    """`np.polynomial.chebyshev.chebval`, by Clenshaw's recurrence."""
    if np.ndim(c) != 1:
        other_arguments()
    c, x = np.asarray(c), np.asarray(x) if isinstance(x, (tuple, list)) else x
    low, high = x * 0.0, x * 0.0
    for k in range(len(c) - 1):
        low, high = c[len(c) - 1 - k] + 2.0 * x * low - high, low
    return c[0] + x * low - high
