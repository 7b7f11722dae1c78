"""What `operator` has beside operators, in Python.

>>> import operator
>>> from ad_compiler import grad
>>> def f(x):
...     pairs = [("b", x), ("a", 3.0)]
...     return max(pairs, key=operator.itemgetter(1))[1] * x
>>> grad(f)(5.0)
10.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def itemgetter(item: Any, *others: Any) -> Callable[[Any], Any]:
    """`operator.itemgetter`."""
    if not others:
        return lambda thing: thing[item]
    return lambda thing: tuple([thing[key] for key in (item, *others)])


def attrgetter(path: tuple[str, ...], *others: tuple[str, ...]) -> Callable[[Any], Any]:
    """`operator.attrgetter`, of paths of names."""
    def part(thing: Any, names: tuple[str, ...]) -> Any:
        for name in names:
            thing = getattr(thing, name)
        return thing
    if not others:
        return lambda thing: part(thing, path)
    return lambda thing: tuple([part(thing, names) for names in (path, *others)])


def methodcaller(name: str, /, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """`operator.methodcaller`."""
    return lambda thing: getattr(thing, name)(*args, **kwargs)


def count_of(items: Iterable[Any], item: Any) -> int:
    """`operator.countOf`."""
    count = 0
    for each in items:
        if item in (each,):     # noqa: FURB171  (NaN is itself)
            count += 1
    return count


def index_of(items: Any, item: Any, start: int = 0, stop: int | None = None) -> int:
    """`operator.indexOf`, and the method `index` of a list."""
    for at, each in enumerate(items):
        within = at >= start and (stop is None or at < stop)
        if within and item in (each,):      # noqa: FURB171
            return at
    raise ValueError("sequence.index(x): x not in sequence")


def remove(items: list[Any], item: Any) -> None:
    """The method `remove` of a list."""
    del items[index_of(items, item)]
