"""Checks that generated code makes of numbers while it runs: lengths, indices, divisors, powers.

Numba has its twins of them (`jit/checks.py`), which say the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate, NotForNumba

# What the checks say; their twins for Numba say it too.
LENGTHS_DIFFER = "operands could not be broadcast together: two axes differ in length"
CANNOT_STRETCH = "operands could not be broadcast together: an axis cannot be stretched to a length"
NOT_INSIDE = "index out of bounds: it is not within its axis"
LOOP_BEYOND = "index out of bounds: a loop goes beyond an axis"
MASK_DIFFERS = "boolean index did not match indexed array: two axes differ in length"
DIVIDED_BY_ZERO = "integer division or modulo by zero"
MISCOUNTED = "too many or not enough values to unpack: they are not as many as the names"
TOO_LARGE = "a product or sum of whole numbers needs more than 64 bits: let one of them be a float"
NO_REAL_POWER = "a negative number to a fractional power is complex, and complex numbers are not supported"
NOT_ROUNDED = "a number is rounded to so many digits by Python alone: leave out backend='numba'"
NOT_WHOLE = "a float that is NaN, infinite or too large has no whole number of 64 bits"
NEGATIVE_EXPONENT = "Integers to negative integer powers are not allowed."
TOO_FAR = "a whole number of 64 bits is shifted too far: let it be a float, `2.0 ** k`"
UNKNOWN_LENGTH = "a length of -1 is known in the text alone here: write it as -1, or give the length"
NO_ORDER = ("what Python's `max` or `min` makes of NaN depends on its place, and is not supported: "
            "write np.max(...) or np.min(...)")
OTHER_DTYPE = "the output array has another dtype than the result"
NO_VALUES = "there are no values to be stored: NumPy leaves the array as it is, which is not supported"
NOT_IN_SPACE = "np.cross has a rule for vectors of three components alone"
NOTHING_THERE = "zero-size array to reduction operation which has no identity"


def check_same_length(a: int, b: int) -> None:
    """Raise where two axes that are gone through together differ, as NumPy does for shapes."""
    if a != b:
        raise ValueError(LENGTHS_DIFFER)


def check_stretch(a: int, b: int) -> None:
    """Raise where an axis of length `a` cannot be stretched to length `b`, as `np.broadcast_to` does."""
    if a not in (1, b):
        raise ValueError(CANNOT_STRETCH)


def check_length(x: Any, axis: int, n: int) -> None:
    """Raise where an axis has not the length that others have that it is gone through with."""
    if x.shape[axis] != n:
        raise ValueError(LENGTHS_DIFFER)


def check_lengths(x: Any, axis: int, y: Any, other: int) -> None:
    """Raise where an axis of `x` and one of `y` that are gone through together differ in length."""
    if x.shape[axis] != y.shape[other]:
        raise ValueError(LENGTHS_DIFFER)


def check_dtype(x: Any, out: Any) -> None:
    """Raise where what is to stand in `out` has another dtype, as `np.dot` does: a loop may give this float or that."""
    if x.dtype != out.dtype:
        raise ValueError(OTHER_DTYPE)


def check_shapes(x: Any, y: Any) -> None:
    """Raise where `y`, a tangent or cotangent, has not the shape of `x`, where the run alone knows how many axes."""
    if np.shape(x) != np.shape(y):
        raise ValueError(f"a tangent or cotangent has shape {np.shape(y)}, what it belongs to {np.shape(x)}")


def check_index(i: int, n: int) -> None:
    """Raise where an index is not inside an axis of length `n`, as NumPy does."""
    if i < -n or i >= n:
        raise IndexError(NOT_INSIDE)


def check_indices(low: int, high: int, n: int) -> None:
    """Raise where the least or the greatest of some indices is not inside an axis; not where there are none."""
    if low <= high and (low < -n or high >= n):
        raise IndexError(LOOP_BEYOND)


def check_all_indices(places: Any, n: int) -> None:
    """Raise where one of an array of indices is not inside an axis."""
    if np.any(places < -n) or np.any(places >= n):
        raise IndexError("index out of bounds: one of an array of indices is not within its axis")


def check_divisor(n: int) -> None:
    """Raise where an integer is divided by 0, as Python does."""
    if n == 0:
        raise ZeroDivisionError(DIVIDED_BY_ZERO)


def check_mask(picks: int, n: int) -> None:
    """Raise where a mask is not as long as the axis that it picks from; NumPy takes one of length 0 for any."""
    if picks not in (0, n):
        raise IndexError(MASK_DIFFERS)


def check_product(a: int, b: int) -> None:
    """Raise where the product of two whole numbers needs more than 64 bits, which compiled code does not have."""
    if not -2 ** 63 <= a * b < 2 ** 63:
        raise NotForNumba(TOO_LARGE)


def check_sum(a: int, b: int) -> None:
    """Raise where the sum of two whole numbers needs more than 64 bits."""
    if not -2 ** 63 <= a + b < 2 ** 63:
        raise NotForNumba(TOO_LARGE)


def check_difference(a: int, b: int) -> None:
    """Raise where the difference of two whole numbers needs more than 64 bits."""
    if not -2 ** 63 <= a - b < 2 ** 63:
        raise NotForNumba(TOO_LARGE)


def check_shift(a: int, by: int) -> None:
    """Raise where a whole number of 64 bits is shifted by more than that, or does not fit any more."""
    if not 0 <= by < 64 or not -2 ** 63 <= a << by < 2 ** 63:
        raise NotForNumba(TOO_FAR)


def check_whole(x: float) -> None:
    """Raise where a float has no whole number of 64 bits: it is NaN, infinite or too large."""
    if not abs(x) < 2.0 ** 63:
        raise NotForNumba(NOT_WHOLE)


def check_exponent(n: int) -> None:
    """Raise where a whole number of NumPy's is taken to a negative power, as NumPy does."""
    if n < 0:
        raise ValueError(NEGATIVE_EXPONENT)


def check_given_length(n: int) -> None:
    """Raise where an array is to be given the shape of a negative length, which is for NumPy to find."""
    if n < 0:
        raise NotForNumba(UNKNOWN_LENGTH)


def check_power(x: float, y: float) -> None:
    """Raise where `x ** y` is complex, as it is in Python."""
    if x < 0.0 and y % 1.0 != 0.0 and math.isfinite(y):
        raise CannotDifferentiate(NO_REAL_POWER)


PLAIN = frozenset({float, int, bool, list, tuple, type(None), str, bytes})
"""Classes of which a rule says what Python computes with them, or an error of Python's."""


def check_number(x: Any) -> None:
    """Refuse a number of a class that may compute in its own way, where it is first met when the program runs."""
    cls = type(x)
    of_numpy = cls in (np.ndarray, np.memmap) or issubclass(cls, np.generic) and cls.__module__ == "numpy"
    if cls in PLAIN or of_numpy and x.dtype.kind in "fiubSU":
        return
    shown = f"{cls.__name__} of {x.dtype}" if of_numpy else cls.__name__
    raise CannotDifferentiate(f"`{shown}` is met where a derivative needs a real number or an array of them: it may "
                              "compute in its own way. Give a plain one, `float(...)` or `np.asarray(...)`")


def check_single(x: Any) -> None:
    """Refuse an output that is found to be an array when the program runs."""
    if np.ndim(x):
        raise CannotDifferentiate(f"an array of shape {np.shape(x)} is returned: a gradient needs a single real "
                                  "number. Sum it, `.sum()`, or ask for a Jacobian")


def check_ordered(x: float) -> None:
    """Raise where the largest or least of an array, `x`, is NaN: Python's `max` goes by the order of comparisons."""
    if x != x:
        raise CannotDifferentiate(NO_ORDER)


def check_unpacked(n: int, names: int) -> None:
    """Raise where something of `n` items is unpacked into another number of names, as Python does."""
    if n != names:
        raise ValueError(MISCOUNTED)


def check_components(n: int) -> None:
    """Refuse a vector product of others than three components: in the plane it is a number."""
    if n != 3:
        raise CannotDifferentiate(NOT_IN_SPACE)


def check_some(n: int, places: int) -> None:
    """Refuse to store values again and again of which there are none."""
    if n == 0 and places:
        raise CannotDifferentiate(NO_VALUES)


def check_not_empty(n: int) -> None:
    """Raise where the largest or least element of none is asked for, as NumPy does."""
    if n == 0:
        raise ValueError(NOTHING_THERE)
