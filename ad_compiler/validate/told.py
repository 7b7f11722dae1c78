"""What a derivative tells of its function: by how much that changes from one point to another.

>>> def f(x):
...     return x * x
>>> point = Point(f, inspect.signature(f).bind(3.0), ["x"]).copy()
>>> Gradient(point, [np.array(6.0)]).change(-0.5, 0.5, [np.array(2.0)])
12.0
>>> Tangent(point, lambda tangents: 6.0 * tangents[0]).change(-0.5, 0.5, [np.array(2.0)])
12.0
"""

from __future__ import annotations

import inspect  # noqa: F401  (the doctest's)
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.validate.point import Direction, Point, moved


class Told(ABC):
    """The slope of a function at a point, along any direction."""

    def __init__(self, point: Point) -> None:
        self.point = point

    @abstractmethod
    def change(self, low: float, high: float, direction: Direction) -> float:
        """By how much the function changes from one distance to another, were it straight."""

    @property
    def is_finite(self) -> bool:
        """Is there no place in it that is infinite or NaN?"""
        return True

    def is_beyond(self, direction: Direction, slope: float) -> bool:
        """Is it infinite since what differences say, `slope`, is beyond the largest number there is?"""
        return False


class Gradient(Told):
    """Its gradient is known, a part for each real leaf of the arguments."""

    def __init__(self, point: Point, parts: Direction) -> None:
        super().__init__(point)
        self.parts = parts

    def change(self, low: float, high: float, direction: Direction) -> float:
        total = 0.0
        for x, g, d in zip(self.point.leaves, self.parts, direction, strict=True):
            here = d != 0.0
            if here.any():
                step = np.subtract(moved(x, high, d), moved(x, low, d), dtype=np.float64)
                with np.errstate(all="ignore"):
                    total += float(np.sum(np.where(here, g.astype(np.float64) * step, 0.0)))
        return total

    @property
    def is_finite(self) -> bool:
        return all(bool(np.isfinite(g).all()) for g in self.parts)

    def is_beyond(self, direction: Direction, slope: float) -> bool:
        bad = [(np.abs(d)[np.isinf(g)], float(np.finfo(x.dtype).max)) for d, g, x in zip(
            direction, self.parts, map(np.asarray, self.point.leaves), strict=True)]
        return any(d.size for d, _ in bad) and all(
            bool(np.all(abs(slope) > 1e-3 * largest * d)) for d, largest in bad)


class Tangent(Told):
    """`along(tangents)` is its derivative along tangents, one for each real leaf of the arguments."""

    def __init__(self, point: Point, along: Callable[[list[Any]], float]) -> None:
        super().__init__(point)
        self.along = along

    def change(self, low: float, high: float, direction: Direction) -> float:
        tangents = []
        for x, d in zip(self.point.leaves, direction, strict=True):
            step = np.subtract(moved(x, high, d), moved(x, low, d), dtype=np.float64) / (high - low)
            step = np.where(np.isfinite(step), step, 0.0)       # an argument that is infinite stays where it is
            tangents.append(np.asarray(step, x.dtype) if isinstance(x, np.ndarray) else type(x)(step))
        return self.along(tangents) * (high - low)
