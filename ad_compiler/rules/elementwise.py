"""NumPy's functions that work element by element.

At a kink the derivative is one from the subgradient, whatever the order of the operands: `sign(0) = 0` for `abs`;
two that are equal share the cotangent of `maximum` and `minimum`, but that an array has all of it beside a number
(`maximum(x, 0.0)`), as `clip` passes it at the bounds; `hypot` has 0 at the origin.  Where a slope is infinite
(`sqrt` at 0), so is the derivative, but for a cotangent that is exactly 0.
"""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import Num
from ad_compiler.rules.common import Array
from ad_compiler.rules.operators import counted
from ad_compiler.rules.registry import elementwise, elementwise_kind, rule, same_as
from ad_compiler.rules.traits import LIGHT
from ad_compiler.runtime import unbroadcast


def same_kind(*operands: Any) -> Num:
    """Whole numbers stay whole numbers."""
    return elementwise_kind(*operands, integer_to_float=False)


def counted_kind(*operands: Any) -> Num:
    """As these, of truth values too, which are computed with as whole numbers."""
    return counted(same_kind(*operands))


def positive_kind(x: Any) -> Num:
    """NumPy has it of numbers alone."""
    kind = same_kind(x)
    if kind.dtype == "bool":
        raise TypeError("NumPy's truth values have no sign")
    return kind


def divide_kind(x: Any, y: Any) -> Num:
    """Division gives floats, of whole numbers of any width too."""
    kind = same_kind(x, y)
    return kind if kind.dtype.startswith(("float", "complex")) else replace(kind, dtype="float64")


def clip_kind(a: Any, a_min: Any = None, a_max: Any = None) -> Num:
    """A bound that is None is no bound."""
    return same_kind(*(x for x in (a, a_min, a_max) if x is not None))


same_as(np.add, operator.add, same_kind)
same_as(np.subtract, operator.sub, same_kind)
same_as(np.multiply, operator.mul, same_kind)
same_as(np.true_divide, operator.truediv, divide_kind)
same_as(np.mod, operator.mod, counted_kind)
same_as(np.power, operator.pow, counted_kind)
same_as(np.negative, operator.neg, same_kind)
same_as(np.positive, operator.pos, positive_kind)
same_as(np.absolute, operator.abs, same_kind)

elementwise(np.fabs, lambda x, *, out: np.sign(x))
elementwise(np.sqrt, lambda x, *, out: 0.5 / out)
elementwise(np.cbrt, lambda x, *, out: 1.0 / (3.0 * out * out))
elementwise(np.square, lambda x, *, out: 2.0 * x, kind=counted_kind, powers=(2,))
elementwise(np.reciprocal, lambda x, *, out: -out * out, kind=counted_kind, powers=(-1,))

elementwise(np.exp, lambda x, *, out: out)
elementwise(np.exp2, lambda x, *, out: math.log(2.0) * out)
elementwise(np.expm1, lambda x, *, out: out + 1.0)
elementwise(np.log, lambda x, *, out: 1.0 / x)
elementwise(np.log2, lambda x, *, out: 1.0 / (math.log(2.0) * x))
elementwise(np.log10, lambda x, *, out: 1.0 / (math.log(10.0) * x))
elementwise(np.log1p, lambda x, *, out: 1.0 / (1.0 + x))
elementwise(np.logaddexp, lambda x1, x2, *, out: np.exp(x1 - out), lambda x1, x2, *, out: np.exp(x2 - out))
elementwise(np.logaddexp2, lambda x1, x2, *, out: np.exp2(x1 - out), lambda x1, x2, *, out: np.exp2(x2 - out),
            commutes=True)

elementwise(np.sin, lambda x, *, out: np.cos(x))
elementwise(np.cos, lambda x, *, out: -np.sin(x))
elementwise(np.tan, lambda x, *, out: 1.0 + out * out)
elementwise(np.arcsin, lambda x, *, out: 1.0 / np.sqrt(1.0 - x * x))
elementwise(np.arccos, lambda x, *, out: -1.0 / np.sqrt(1.0 - x * x))
elementwise(np.arctan, lambda x, *, out: 1.0 / (1.0 + x * x))
elementwise(np.arctan2, lambda x1, x2, *, out: x2 / (x1 * x1 + x2 * x2),
            lambda x1, x2, *, out: -x1 / (x1 * x1 + x2 * x2))
elementwise(np.sinh, lambda x, *, out: np.cosh(x))
elementwise(np.cosh, lambda x, *, out: np.sinh(x))
elementwise(np.tanh, lambda x, *, out: 1.0 - out * out)
elementwise(np.arcsinh, lambda x, *, out: 1.0 / np.sqrt(x * x + 1.0))
elementwise(np.arccosh, lambda x, *, out: 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0)))
elementwise(np.arctanh, lambda x, *, out: 1.0 / (1.0 - x * x))
elementwise((np.deg2rad, np.radians), lambda x, *, out: math.pi / 180.0)
elementwise((np.rad2deg, np.degrees), lambda x, *, out: 180.0 / math.pi)

elementwise(np.hypot, lambda x1, x2, *, out: x1 / (out + (out == 0)), lambda x1, x2, *, out: x2 / (out + (out == 0)))
elementwise(np.copysign, lambda x1, x2, *, out: np.sign(x1) * np.copysign(1.0, x2), None)
elementwise(np.fmod, lambda x1, x2, *, out: 1.0, lambda x1, x2, *, out: -np.trunc(x1 / x2), kind=counted_kind)


def plain(x: Array) -> bool:
    """Is this a number of Python's?"""
    return isinstance(x, (int, float)) and not isinstance(x, np.generic)


def yields(x: Array, y: Array) -> bool:
    """Is this a number beside an array, or one of Python's beside one that is not?"""
    if plain(x) or plain(y):
        return plain(x) and not plain(y)
    return bool(x.ndim == 0 and y.ndim > 0)


def above(x: Array, y: Array) -> Array:
    """How much of `x` is in the larger of the two: of equals half, but all where the other is a number."""
    if yields(y, x):
        return x >= y
    return x > y if yields(x, y) else (x > y) + 0.5 * (x == y)


def below(x: Array, y: Array) -> Array:
    """How much of `x` is in the smaller of the two."""
    if yields(y, x):
        return x <= y
    return x < y if yields(x, y) else (x < y) + 0.5 * (x == y)


elementwise(np.maximum, lambda x1, x2, *, out: above(x1, x2), lambda x1, x2, *, out: above(x2, x1), kind=same_kind,
            cost=LIGHT)
elementwise(np.minimum, lambda x1, x2, *, out: below(x1, x2), lambda x1, x2, *, out: below(x2, x1), kind=same_kind,
            cost=LIGHT)
elementwise(np.fmax, lambda x1, x2, *, out: np.where(np.isnan(x2), 1.0, above(x1, x2)),
            lambda x1, x2, *, out: np.where(np.isnan(x1), ~np.isnan(x2), above(x2, x1)), kind=same_kind)
elementwise(np.fmin, lambda x1, x2, *, out: np.where(np.isnan(x2), 1.0, below(x1, x2)),
            lambda x1, x2, *, out: np.where(np.isnan(x1), ~np.isnan(x2), below(x2, x1)), kind=same_kind)


def _inside(a: Array, a_min: Array = None, a_max: Array = None, *, out: Array) -> Array:
    if a_min is None:
        return 1.0 if a_max is None else a <= a_max
    return a >= a_min if a_max is None else (a >= a_min) & (a <= a_max)


def _below(a: Array, a_min: Array = None, a_max: Array = None, *, out: Array) -> Array:
    # an upper bound under the lower one wins, as it does in NumPy
    return a < a_min if a_max is None else (a < a_min) & (a_min <= a_max)


def _above(a: Array, a_min: Array = None, a_max: Array = None, *, out: Array) -> Array:
    return a > a_max if a_min is None else (a > a_max) | (a_min > a_max)


elementwise(np.clip, _inside, _below, _above, kind=clip_kind, element=None)


def sinc_slope(x: Array, *, out: Array) -> Array:
    """`(cos(pi x) - sinc(x)) / x`; near 0, where that cancels, its power series."""
    t = np.pi * x
    small = np.abs(t) < 0.1
    tt = t * t
    series = -np.pi * t / 3.0 * (1.0 - tt / 10.0 * (1.0 - tt / 28.0 * (1.0 - tt / 54.0)))
    return np.where(small, series, (np.cos(t) - out) / np.where(small, 1.0, x))


elementwise(np.sinc, sinc_slope)


@rule(np.heaviside, kind=elementwise_kind, elementwise=True, element=None)
def heaviside(x1: Array, x2: Array, *, out: Array, out_bar: Array) -> Array:
    return None, unbroadcast(out_bar * (x1 == 0), x2)
