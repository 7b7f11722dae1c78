"""Where the results of functions lie, and where their slopes can be infinite: what guards against NaN are asked for.

An interval is a pair of bounds.  A slope is infinite "inside" where the function is finite all the same (the root at
0), "outside" where the function is infinite too, or overflows (the logarithm at 0): its cotangent is then 0 only where
something after it has no use for it.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

import ad_compiler.rules.elementwise
import ad_compiler.rules.scalar  # noqa: F401  (what is declared here has its entry there)
from ad_compiler.kinds import NotStatic
from ad_compiler.rules.common import Array, Axis
from ad_compiler.rules.traits import Interval, declare

LARGE = 11.0
"""Of more than this the exponential overflows, in half precision."""

FULL = (-math.inf, math.inf)
NO_LESS_THAN_ZERO = (0.0, math.inf)
WITHIN_ONE = (-1.0, 1.0)


def zero(x: Interval) -> bool:
    """May it be 0?"""
    return x[0] <= 0.0 <= x[1]


def large(x: Interval) -> bool:
    """May its exponential overflow?"""
    return x[1] > LARGE


def far(x: Interval) -> bool:
    """May that of its absolute value?"""
    return x[1] > LARGE or x[0] < -LARGE


def at_one(x: Interval) -> bool:
    """May it be 1 or -1, or beyond?"""
    return x[0] <= -1.0 or x[1] >= 1.0


# -- where results lie -----------------------------------------------------------------------------------


def times(x: Interval, y: Interval) -> Interval:
    products = [0.0 if 0.0 in (a, b) else a * b for a in x for b in y]
    return min(products), max(products)


def over(x: Interval, y: Interval) -> Interval:
    if zero(y):
        return NO_LESS_THAN_ZERO if x[0] >= 0.0 and y[0] >= 0.0 else FULL
    return times(x, (1.0 / y[1], 1.0 / y[0]))


def plus(x: Interval, y: Interval) -> Interval:
    return x[0] + y[0], x[1] + y[1]


def minus(x: Interval, y: Interval) -> Interval:
    return x[0] - y[1], x[1] - y[0]


def power(x: Interval, y: Interval) -> Interval:
    if y[0] == y[1] and y[0] % 2 == 0 or x[0] >= 0.0:
        low = x[0] ** y[0] if x[0] > 0.0 and y[0] == y[1] > 0.0 and math.isfinite(x[0]) else 0.0
        return low, math.inf
    return FULL


def larger(x: Interval, y: Interval) -> Interval:
    return max(x[0], y[0]), max(x[1], y[1])


def smaller(x: Interval, y: Interval) -> Interval:
    return min(x[0], y[0]), min(x[1], y[1])


def size(x: Interval) -> Interval:
    return (0.0 if zero(x) else min(abs(x[0]), abs(x[1]))), max(abs(x[0]), abs(x[1]))


def root(x: Interval) -> Interval:
    return math.sqrt(max(x[0], 0.0)), math.sqrt(max(x[1], 0.0))


def clipped(x: Interval, low: Interval = FULL, high: Interval = FULL) -> Interval:
    return smaller(larger(x, low), high)


def either(condition: Interval, x: Interval, y: Interval) -> Interval:
    return min(x[0], y[0]), max(x[1], y[1])


def sum_of_two_squares(x: Array, y: Array) -> Array:
    return np.square(x) + np.square(y)


def sum_of_squares(x: Array, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Array:
    if ord == 1:
        raise NotStatic("no square root")
    return np.sum(x * x, axis=axis, keepdims=True) if keepdims else np.sum(x * x, axis=axis)


def square_of_a_power(x: Array, y: Array) -> Array:
    if isinstance(y, float) and not isinstance(y, np.generic) and y == 0.5:
        return +x
    raise NotStatic("no square root")


declare((operator.pow, builtins.pow, np.power), squared=square_of_a_power)
declare((operator.abs, builtins.abs, math.fabs), squared=lambda x: x * x)
declare((np.absolute, np.fabs), squared=np.square)
declare(np.hypot, squared=sum_of_two_squares)
declare(math.hypot, squared=lambda x, y: x * x + y * y)
declare(np.sqrt, squared=np.positive)
declare(math.sqrt, squared=operator.pos)
declare(np.linalg.norm, squared=sum_of_squares)
declare(np.std, squared=np.var)
declare((operator.add, np.add), range=plus)
declare((operator.sub, np.subtract), range=minus)
declare((operator.mul, np.multiply), range=times)
declare((operator.truediv, np.true_divide), range=over, steep_outside=lambda x, y: zero(y), saturates=(1,))
declare((operator.neg, np.negative), range=lambda x: (-x[1], -x[0]))
declare((operator.abs, builtins.abs, np.absolute, np.fabs, math.fabs), range=size, touches_zero=True)
declare((operator.pow, builtins.pow, np.power, np.float_power, math.pow), range=power,
        steep_inside=lambda x, y: x[0] <= 0.0 and y[0] < 1.0 and y[1] > 0.0,
        steep_outside=lambda x, y: zero(x) and y[0] < 0.0, saturates=(0, 1))
declare(np.reciprocal, steep_outside=zero, saturates=(0,))
declare((np.square, np.linalg.norm, np.var, np.std, math.hypot, np.hypot), range=NO_LESS_THAN_ZERO,
        touches_zero=True)
declare((np.sqrt, math.sqrt), range=root, steep_inside=lambda x: x[0] <= 0.0)
declare((np.cbrt, math.cbrt), steep_inside=zero)
declare((np.exp, np.exp2, math.exp, math.exp2), range=NO_LESS_THAN_ZERO, touches_zero=True, steep_outside=large,
        saturates=(0,))
declare((np.expm1, math.expm1), range=(-1.0, math.inf), steep_outside=large, saturates=(0,))
declare((np.sinh, math.sinh), steep_outside=far)
declare((np.cosh, math.cosh), range=(1.0, math.inf), steep_outside=far)
declare((np.log, np.log2, np.log10, math.log, math.log2, math.log10),
        steep_outside=lambda x, base=FULL: x[0] <= 0.0)
declare((np.log1p, math.log1p), steep_outside=lambda x: x[0] <= -1.0)
declare((np.logaddexp, np.logaddexp2), largest=True, saturates=(0, 1), steep_outside=lambda x, y: True)
declare((np.arcsin, np.arccos, math.asin, math.acos), range=(-math.pi, math.pi), steep_inside=at_one)
declare((np.arctanh, math.atanh), steep_outside=at_one)
declare((np.arccosh, math.acosh), range=NO_LESS_THAN_ZERO, steep_inside=lambda x: x[0] <= 1.0)
declare((np.arctan2, math.atan2), range=(-math.pi, math.pi), steep_inside=lambda x, y: zero(x) and zero(y),
        saturates=(0, 1))
declare((np.tanh, np.sin, np.cos, math.tanh, math.sin, math.cos, math.erf), range=WITHIN_ONE)
declare((np.tanh, math.tanh, math.erf, math.erfc, np.arctan, math.atan), saturates=(0,))
declare((np.arctan, math.atan), range=(-math.pi, math.pi))
declare(math.erfc, range=(0.0, 2.0))
declare((np.maximum, np.fmax, max), largest=True, range=larger, selects=True)
declare((np.minimum, np.fmin, min), range=smaller, selects=True)
declare(np.clip, range=clipped, selects=True)
declare(np.where, range=either, selects=True)
declare((np.max, np.amax, np.min, np.amin), range=lambda x, *axis: x, selects=True)
declare(np.mean, range=lambda x, *axis: x)
declare(np.sum, range=lambda x, *axis: NO_LESS_THAN_ZERO if x[0] >= 0.0 else FULL)
declare((np.triu, np.tril, np.diag, np.diagonal, np.trace, np.take, np.take_along_axis), selects=True)
declare((np.exp, np.exp2, math.exp, math.exp2, np.expm1, math.expm1, np.sinh, math.sinh, np.cosh, math.cosh),
        overflows=True)
declare((np.add, np.subtract, np.multiply, np.negative, np.power, np.absolute, np.square, np.sign,
         np.outer, np.diff, np.cross, np.dot, np.matmul, operator.matmul, np.inner, np.vdot, np.tensordot), wraps=True)
