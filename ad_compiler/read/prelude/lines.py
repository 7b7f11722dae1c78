"""What Python's functions do with an array of one axis, as with any sequence.

>>> import functools
>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(x):
...     return max(x, key=abs) * sorted(x)[0] + functools.reduce(lambda a, b: a * b, x)
>>> grad(f)(np.array([1.0, 3.0]))
array([6., 2.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def max_of(items: Any, *, key: Callable[[Any], Any] | None = None, **default: Any) -> Any:
    """`max(items, key=…, default=…)`."""
    if len(items) == 0:
        if default:
            return default["default"]
        raise ValueError("max() iterable argument is empty")
    if key is None:
        return max(items)
    best = items[0]
    most = key(best)
    for item in items[1:]:
        new = key(item)
        if new > most:
            best, most = item, new
    return best


def min_of(items: Any, *, key: Callable[[Any], Any] | None = None, **default: Any) -> Any:
    """`min(items, key=…, default=…)`."""
    if len(items) == 0:
        if default:
            return default["default"]
        raise ValueError("min() iterable argument is empty")
    if key is None:
        return min(items)
    best = items[0]
    least = key(best)
    for item in items[1:]:
        new = key(item)
        if new < least:
            best, least = item, new
    return best


def reduce(function: Callable[[Any, Any], Any], items: Any) -> Any:
    """`functools.reduce(function, items)`."""
    if len(items) == 0:
        raise TypeError("reduce() of empty iterable with no initial value")
    total = items[0]
    for item in items[1:]:
        total = function(total, item)
    return total


def reduce_from(function: Callable[[Any, Any], Any], items: Any, total: Any) -> Any:
    """`functools.reduce(function, items, total)`."""
    for item in items:
        total = function(total, item)
    return total


def picked(items: list[Any], places: list[int]) -> list[Any]:
    """A list in another order."""
    return [items[place] for place in places]


def extend(items: list[Any], more: Any) -> None:
    """`items.extend(more)`."""
    for item in more:
        items.append(item)      # noqa: PERF402  (one by one)
