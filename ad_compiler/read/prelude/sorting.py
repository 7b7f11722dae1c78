"""`heapq` and `bisect`.

>>> import heapq
>>> from ad_compiler import grad
>>> def f(x):
...     waiting = []
...     for at, cost in enumerate((3, 1, 2)):
...         heapq.heappush(waiting, (cost, x * at))
...     return heapq.heappop(waiting)[1] * x
>>> grad(f)(3.0)
6.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def heappush(heap: list[Any], item: Any) -> None:
    """`heapq.heappush`."""
    heap.append(item)
    _rise(heap, 0, len(heap) - 1)


def heappop(heap: list[Any]) -> Any:
    """`heapq.heappop`."""
    last = heap.pop()
    if not heap:
        return last
    least, heap[0] = heap[0], last
    _sink(heap, 0)
    return least


def heapreplace(heap: list[Any], item: Any) -> Any:
    """`heapq.heapreplace`."""
    least, heap[0] = heap[0], item
    _sink(heap, 0)
    return least


def heappushpop(heap: list[Any], item: Any) -> Any:
    """`heapq.heappushpop`."""
    return heapreplace(heap, item) if heap and heap[0] < item else item


def heapify(heap: list[Any]) -> None:
    """`heapq.heapify`."""
    for at in reversed(range(len(heap) // 2)):
        _sink(heap, at)


def _rise(heap: list[Any], top: int, at: int) -> None:
    """An item goes up until what is above it is not greater."""
    above = (at - 1) // 2
    if at > top and heap[at] < heap[above]:
        heap[at], heap[above] = heap[above], heap[at]
        _rise(heap, top, above)


def _sink(heap: list[Any], top: int) -> None:
    """The lesser items below move up to the very end, and the item rises from there: as Python does it."""
    _rise(heap, top, _sunk(heap, top))


def _sunk(heap: list[Any], at: int) -> int:
    """An item goes down to the end: where that is."""
    below = 2 * at + 1
    if below >= len(heap):
        return at
    if below + 1 < len(heap) and not heap[below] < heap[below + 1]:
        below = below + 1
    heap[at], heap[below] = heap[below], heap[at]
    return _sunk(heap, below)


def nlargest(n: int, iterable: Iterable[Any], key: Callable[..., Any] | None = None) -> list[Any]:
    """`heapq.nlargest`."""
    return sorted(iterable, key=key, reverse=True)[:max(0, n)]


def nsmallest(n: int, iterable: Iterable[Any], key: Callable[..., Any] | None = None) -> list[Any]:
    """`heapq.nsmallest`."""
    return sorted(iterable, key=key)[:max(0, n)]


def bisect_right(a: list[Any], x: Any, lo: int = 0, hi: int | None = None, *,
                 key: Callable[..., Any] | None = None) -> int:
    """`bisect.bisect_right`."""
    if lo < 0:
        raise ValueError("lo must be non-negative")
    return _after(a, x, lo, len(a) if hi is None else hi, key)


def _after(a: list[Any], x: Any, lo: int, hi: int, key: Callable[..., Any] | None) -> int:
    if lo >= hi:
        return lo
    middle = (lo + hi) // 2
    if x < (a[middle] if key is None else key(a[middle])):
        return _after(a, x, lo, middle, key)
    return _after(a, x, middle + 1, hi, key)


def bisect_left(a: list[Any], x: Any, lo: int = 0, hi: int | None = None, *,
                key: Callable[..., Any] | None = None) -> int:
    """`bisect.bisect_left`."""
    if lo < 0:
        raise ValueError("lo must be non-negative")
    return _before(a, x, lo, len(a) if hi is None else hi, key)


def _before(a: list[Any], x: Any, lo: int, hi: int, key: Callable[..., Any] | None) -> int:
    if lo >= hi:
        return lo
    middle = (lo + hi) // 2
    if (a[middle] if key is None else key(a[middle])) < x:
        return _before(a, x, middle + 1, hi, key)
    return _before(a, x, lo, middle, key)


def insort_right(a: list[Any], x: Any, lo: int = 0, hi: int | None = None, *,
                 key: Callable[..., Any] | None = None) -> None:
    """`bisect.insort_right`."""
    a.insert(bisect_right(a, x if key is None else key(x), lo, hi, key=key), x)


def insort_left(a: list[Any], x: Any, lo: int = 0, hi: int | None = None, *,
                key: Callable[..., Any] | None = None) -> None:
    """`bisect.insort_left`."""
    a.insert(bisect_left(a, x if key is None else key(x), lo, hi, key=key), x)
