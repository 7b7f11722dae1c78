"""Iterators of `itertools`, each as lazy as Python's.

>>> import itertools
>>> from ad_compiler import grad
>>> def f(x):
...     return sum(a * b for a, b in itertools.pairwise([x, 2.0, x]))
>>> grad(f)(3.0)
4.0
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ad_compiler.read.prelude.places import combinations_in, permutations_in, products_of, repeated_combinations_in


def chain(*iterables: Iterable[Any]) -> Iterator[Any]:
    """`itertools.chain`."""
    return (item for items in iterables for item in items)


def from_iterable(iterables: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """`itertools.chain.from_iterable`."""
    return (item for items in iterables for item in items)


def starmap(function: Callable[..., Any], rows: Iterable[Any]) -> Iterator[Any]:
    """`itertools.starmap`."""
    return (function(*row) for row in rows)


def compress(data: Iterable[Any], selectors: Iterable[Any]) -> Iterator[Any]:
    """`itertools.compress`."""
    return (item for item, kept in zip(data, selectors, strict=False) if kept)


def filterfalse(function: Callable[..., Any] | None, items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.filterfalse`."""
    if function is None:
        return (item for item in items if not item)
    return (item for item in items if not function(item))


def takewhile(predicate: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.takewhile`."""
    for item in items:
        if not predicate(item):
            break
        yield item


def dropwhile(predicate: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.dropwhile`."""
    dropping = True
    for item in items:
        if dropping and predicate(item):
            continue
        dropping = False
        yield item


def accumulate(items: Iterable[Any], function: Callable[..., Any] | None = None, *,
               initial: Any = None) -> Iterator[Any]:
    """`itertools.accumulate`."""
    function = operator.add if function is None else function
    total, begun = initial, initial is not None
    if begun:
        yield total
    for item in items:
        total = function(total, item) if begun else item
        begun = True
        yield total


def pairwise(items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.pairwise`."""
    before, begun = None, False
    for item in items:
        if begun:
            yield (before, item)
        before, begun = item, True


def islice(items: Iterable[Any], *bounds: Any) -> Iterator[Any]:
    """`itertools.islice`."""
    start, stop, step = bounds if len(bounds) == 3 else (*bounds, 1) if len(bounds) == 2 else (0, *bounds, 1)
    start, step = 0 if start is None else start, 1 if step is None else step
    if start < 0 or step < 1 or stop is not None and stop < 0:
        raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    if stop is None:
        return (item for at, item in enumerate(items) if at >= start and (at - start) % step == 0)
    return (item for at, item in zip(range(stop), items, strict=False) if at >= start and (at - start) % step == 0)


def repeat(item: Any, times: int) -> Iterator[Any]:
    """`itertools.repeat`, as often as is said."""
    return (item for _ in range(times))


def zip_longest(*columns: Any, fillvalue: Any = None) -> Iterator[Any]:
    """`itertools.zip_longest`."""
    columns = tuple([column if isinstance(column, (list, tuple, np.ndarray)) else list(column) for column in columns])
    return (tuple([column[at] if at < len(column) else fillvalue for column in columns])
            for at in range(max((len(column) for column in columns), default=0)))


def combinations(items: Iterable[Any], r: int) -> Iterator[Any]:
    """`itertools.combinations`: what is chosen from is looked at at once."""
    pool = list(items)
    return (tuple([pool[at] for at in places]) for places in combinations_in(len(pool), r))


def combinations_with_replacement(items: Iterable[Any], r: int) -> Iterator[Any]:
    """`itertools.combinations_with_replacement`."""
    pool = list(items)
    return (tuple([pool[at] for at in places]) for places in repeated_combinations_in(len(pool), r))


def permutations(items: Iterable[Any], r: int | None = None) -> Iterator[Any]:
    """`itertools.permutations`."""
    pool = list(items)
    return (tuple([pool[at] for at in places]) for places in permutations_in(len(pool), r))


def product(*columns: Iterable[Any], repeat: int = 1) -> Iterator[Any]:
    """`itertools.product`."""
    pools = [list(column) for column in columns] * repeat
    return (tuple([pool[at] for pool, at in zip(pools, places, strict=True)])
            for places in products_of([len(pool) for pool in pools]))
