"""Methods of numbers, and functions of `math`, in Python.

>>> import math
>>> from ad_compiler import grad
>>> def f(x):
...     part, whole = math.modf(x)
...     return part * part if x.is_integer() else part * whole
>>> grad(f)(2.5)
2.0
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any


def is_integer(x: float) -> bool:
    """The method of a float."""
    return bool(x % 1.0 == 0.0)


def modf(x: float, /) -> tuple[float, float]:
    """`math.modf`."""
    if math.isinf(x):
        return math.copysign(0.0, x), float(x)
    part = math.fmod(x, 1.0)
    return part, math.copysign(x - part, x)


def hypot(*coordinates: float) -> float:
    """`math.hypot`, of more or fewer than two."""
    return math.dist(coordinates, [0.0] * len(coordinates))


def prod(iterable: Iterable[Any], /, *, start: Any = 1) -> Any:
    """`math.prod`, with another first factor."""
    total = start
    for item in iterable:
        total = total * item
    return total
