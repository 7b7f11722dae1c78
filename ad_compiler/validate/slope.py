"""The slope of a function along a direction, by differences, beside what a gradient says of it.

Central differences of two steps; where they agree, and the one-sided ones do, the function is smooth there and the
gradient must give the same slope.  Where the one-sided ones differ the point is a kink: any slope between them is
right.  Where the two steps do not agree, nothing is said.

>>> told = compared(lambda t: (3.0 + t) ** 2, lambda low, high: 6.0 * (high - low), 9.0, 1e-5, 2.2e-16)
>>> told.word
'agrees'
>>> compared(lambda t: abs(t), lambda low, high: 0.3 * (high - low), 0.0, 1e-5, 2.2e-16).word
'lies between those of both sides'
>>> compared(lambda t: float(t >= 0.0), lambda low, high: 0.0, 1.0, 1e-5, 2.2e-16).word
'is not told: the function jumps, or is too rough'
>>> compared(lambda t: 3.0 * t, lambda low, high: 6.0 * (high - low), 0.0, 1e-5, 2.2e-16).word
'differs'
>>> compared(lambda t: 1.0 - math.cos(1e-8 * t), lambda low, high: 1e-16 * (high - low), 0.0, 1e-5, 2.2e-16).word
'is not told: too little changes, beside rounding'
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

AGREES, BETWEEN, DIFFERS = "agrees", "lies between those of both sides", "differs"
ROUGH = "is not told: the function jumps, or is too rough"
NOT_FINITE = "is not told: the function is not finite nearby"
LITTLE = "is not told: too little changes, beside rounding"
STEEP = "is not told: it is not finite, and the function is steep or has a kink"

TOLERANCE = {2.0 ** -52: 1e-4, 2.0 ** -23: 2e-2, 2.0 ** -10: 0.2}
"""By how much, of the larger one, two slopes may differ, by the precision of the numbers."""

STEPS = {2.0 ** -52: 2.0 ** -16, 2.0 ** -23: 2.0 ** -7, 2.0 ** -10: 2.0 ** -3}
"""The longer step, relative to each number: about the cube root of the precision."""


class Slopes(NamedTuple):
    """What came out: a word, the gradient's slope, that by differences; is there a kink?"""

    word: str
    told: float
    found: float
    kink: bool = False


def precision(*numbers: Any) -> float:
    """The coarsest precision among real numbers and arrays."""
    return max((float(np.finfo(np.asarray(x).dtype).eps) for x in numbers if np.asarray(x).dtype.kind == "f"),
               default=2.0 ** -52)


def compared(along: Callable[[float], float], predicted: Callable[[float, float], float], middle: float,
             step: float, eps: float, scale: float = 1.0) -> Slopes:
    """`along(t)`: the function at a distance; `middle`: in the middle; `predicted(low, high)`: by how much it changes
    from one distance to another, as the gradient says.  `eps`: the precision of the numbers, `scale`: their size.
    """
    half = step / 2
    far, near = (along(step), along(-step)), (along(half), along(-half))
    told = predicted(-half, half) / step
    numbers = (*far, *near, middle)
    if not all(map(math.isfinite, numbers)):
        return Slopes(NOT_FINITE, told, math.nan)
    if min(numbers) == max(numbers) and abs(told) * step < 16 * eps * scale:
        return Slopes(AGREES if told == 0.0 else LITTLE, told, 0.0)     # lost in what it is added to
    coarse, fine = (far[0] - far[1]) / (2 * step), (near[0] - near[1]) / step
    found = (4 * fine - coarse) / 3
    if not math.isfinite(found):
        return Slopes(NOT_FINITE, told, found)
    noise = 16 * eps * max(map(abs, numbers)) / half
    right = 2 * (near[0] - middle) / half - (far[0] - middle) / step        # both extrapolated to no distance
    left = 2 * (middle - near[1]) / half - (middle - far[1]) / step
    size, error = max(abs(fine), abs(coarse)), abs(fine - coarse)
    if error > 0.05 * max(size, abs(right), abs(left)) + noise:
        return Slopes(ROUGH, told, found)
    gap, tolerance = abs(right - left), TOLERANCE.get(eps, 0.2)
    slack = 20 * error + 4 * noise
    kink = gap > 1e-3 * size + 4 * slack
    if not math.isfinite(told):
        return Slopes(STEEP if kink else DIFFERS, told, found, kink)
    larger = max(size, abs(told))
    if slack > 0.5 * larger > 0.0:
        return Slopes(LITTLE, told, found, kink)
    slack += tolerance * larger
    if abs(told - found) <= slack:
        return Slopes(AGREES, told, found, kink)
    if kink:
        drift = max(abs((near[0] - middle) / half - (far[0] - middle) / step),
                    abs((middle - near[1]) / half - (middle - far[1]) / step))
        if drift > 0.1 * gap:       # it grows towards the point: a root
            return Slopes(ROUGH, told, found, kink)
        if min(left, right) - slack <= told <= max(left, right) + slack:
            return Slopes(BETWEEN, told, found, kink)
    return Slopes(DIFFERS, told, found, kink)
