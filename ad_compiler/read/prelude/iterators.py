"""Iterators, told by Python's own protocol: lazily, and stopped where Python stops.

>>> from ad_compiler import grad
>>> def f(x):
...     seen = []
...     any(seen.append(v) or v > 1.0 for v in (1.0, 2.0, 3.0))
...     return x * len(seen)
>>> grad(f)(1.0)
2.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def any(items: Iterable[Any]) -> bool:      # noqa: A001  (it is that)
    """`any(items)`."""
    for item in items:      # noqa: SIM110  (this is what it says)
        if item:
            return True
    return False


def all(items: Iterable[Any]) -> bool:      # noqa: A001
    """`all(items)`."""
    for item in items:      # noqa: SIM110
        if not item:
            return False
    return True


def map(function: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:      # noqa: A001
    """`map(function, items)`."""
    return (function(item) for item in items)


def map_several(function: Callable[..., Any], rows: Iterable[Any]) -> Iterator[Any]:
    """`map(function, *columns)`, of `zip(*columns)`."""
    return (function(*row) for row in rows)


def filter(function: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:       # noqa: A001
    """`filter(function, items)`."""
    return (item for item in items if function(item))


def filter_true(items: Iterable[Any]) -> Iterator[Any]:
    """`filter(None, items)`."""
    return (item for item in items if item)


def same_length(size: int, first: int) -> None:
    """What `zip(strict=True)` asks of each length."""
    if size != first:
        raise ValueError("zip() argument has another length than the first")
