"""Containers of `collections`, and `types.SimpleNamespace`, each told by lists and dicts.

>>> import collections
>>> from ad_compiler import grad
>>> def f(x):
...     last = collections.deque([1.0], maxlen=2)
...     for v in (x, 2.0, x * x):
...         last.append(v)
...     return last[0] * last.pop()
>>> grad(f)(3.0)
12.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self


class deque:        # noqa: N801  (Python's own name)
    """`collections.deque`."""

    def __init__(self, iterable: Iterable[Any] = (), maxlen: int | None = None) -> None:
        if maxlen is not None and maxlen < 0:
            raise ValueError("maxlen must be non-negative")
        self.maxlen = maxlen
        self._items: list[Any] = []
        self.extend(iterable)

    def append(self, item: Any, /) -> None:
        self._items.append(item)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop(0)

    def appendleft(self, item: Any, /) -> None:
        self._items.insert(0, item)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop()

    def extend(self, iterable: Iterable[Any], /) -> None:
        for item in list(iterable):
            self.append(item)

    def extendleft(self, iterable: Iterable[Any], /) -> None:
        for item in list(iterable):
            self.appendleft(item)

    def pop(self) -> Any:
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop()

    def popleft(self) -> Any:
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop(0)

    def clear(self) -> None:
        self._items.clear()

    def copy(self) -> deque:
        return deque(self._items, self.maxlen)

    def count(self, item: Any, /) -> int:
        return self._items.count(item)

    def index(self, item: Any, /) -> int:
        return self._items.index(item)

    def insert(self, at: int, item: Any, /) -> None:
        if self.maxlen is not None and len(self._items) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        self._items.insert(at, item)

    def remove(self, item: Any, /) -> None:
        self._items.remove(item)

    def reverse(self) -> None:
        self._items.reverse()

    def rotate(self, n: int = 1, /) -> None:
        if self._items:
            cut = -n % len(self._items)
            self._items[:] = self._items[cut:] + self._items[:cut]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __contains__(self, item: Any) -> bool:
        return item in self._items

    def __getitem__(self, at: int) -> Any:
        return self._items[at]

    def __setitem__(self, at: int, item: Any) -> None:
        self._items[at] = item

    def __delitem__(self, at: int) -> None:
        self._items.pop(at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, deque) and self._items == other._items

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'collections.deque'")

    def __iadd__(self, other: Iterable[Any]) -> Self:
        self.extend(other)
        return self

    def __add__(self, other: deque) -> deque:
        return deque(self._items + other._items, self.maxlen)


class Mapping:
    """What those that are dicts have in common."""

    _held: dict[Any, Any]

    def keys(self) -> Any:
        return self._held.keys()

    def values(self) -> Any:
        return self._held.values()

    def items(self) -> Any:
        return self._held.items()

    def get(self, key: Any, default: Any = None, /) -> Any:
        return self._held.get(key, default)

    def clear(self) -> None:
        self._held.clear()

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._held)

    def __contains__(self, key: Any) -> bool:
        return key in self._held

    def __getitem__(self, key: Any) -> Any:
        if key not in self._held:
            return self.__missing__(key)
        return self._held[key]

    def __missing__(self, key: Any) -> Any:
        raise KeyError(key)

    def __setitem__(self, key: Any, item: Any) -> None:
        self._held[key] = item

    def __delitem__(self, key: Any) -> None:
        del self._held[key]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and self._held == dict(other)

    def __hash__(self) -> int:
        raise TypeError("unhashable type")

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        return self._held.setdefault(key, default)

    def pop(self, key: Any, *default: Any) -> Any:
        return self._held.pop(key, *default)

    def popitem(self) -> Any:
        return self._held.popitem()


class defaultdict(Mapping):     # noqa: N801
    """`collections.defaultdict`."""

    def __init__(self, default_factory: Callable[[], Any] | None = None, /, *args: Any, **kwargs: Any) -> None:
        self.default_factory = default_factory
        self._held = dict(*args, **kwargs)

    def __missing__(self, key: Any) -> Any:
        if self.default_factory is None:
            raise KeyError(key)
        self._held[key] = self.default_factory()
        return self._held[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        self._held.update(*args, **kwargs)

    def copy(self) -> defaultdict:
        return defaultdict(self.default_factory, self._held)


class OrderedDict(Mapping):
    """`collections.OrderedDict`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._held = dict(*args, **kwargs)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self._held.update(*args, **kwargs)

    def copy(self) -> OrderedDict:
        return OrderedDict(self._held)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OrderedDict) and list(self._held) != list(other._held):
            return False
        return isinstance(other, dict) and self._held == dict(other)

    __hash__ = Mapping.__hash__

    def popitem(self, last: bool = True) -> Any:
        key = list(self._held)[-1 if last else 0]
        return key, self._held.pop(key)

    def move_to_end(self, key: Any, last: bool = True) -> None:
        item = self._held.pop(key)
        if last:
            self._held[key] = item
        else:
            others = dict(self._held)
            self._held.clear()
            self._held[key] = item
            self._held.update(others)


class Counter(Mapping):
    """`collections.Counter`, of what is known before the program runs."""

    def __init__(self, iterable: Any = None, /, **kwargs: int) -> None:
        self._held = {}
        self.update(iterable, **kwargs)

    def __missing__(self, key: Any) -> Any:
        return 0

    def update(self, iterable: Any = None, /, **kwargs: int) -> None:
        self._add(iterable, 1)
        self._add(kwargs, 1)

    def subtract(self, iterable: Any = None, /, **kwargs: int) -> None:
        self._add(iterable, -1)
        self._add(kwargs, -1)

    def _add(self, more: Any, sign: int) -> None:
        if isinstance(more, dict):
            for key, count in more.items():
                self._held[key] = self._held.get(key, 0) + sign * count
        elif more is not None:
            for key in more:
                self._held[key] = self._held.get(key, 0) + sign

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Counter):
            return all(self[key] == other[key] for key in [*self._held, *other._held])     # what is not there is 0
        return isinstance(other, dict) and self._held == dict(other)

    __hash__ = Mapping.__hash__

    def total(self) -> int:
        return sum(self._held.values())

    def elements(self) -> Iterator[Any]:
        return (key for key, count in self._held.items() for _ in range(count))

    def most_common(self, n: int | None = None) -> list[Any]:
        pairs = sorted(self._held.items(), key=lambda pair: pair[1], reverse=True)
        return pairs if n is None else pairs[:n]

    def copy(self) -> Counter:
        return Counter(self._held)


class ChainMap:
    """`collections.ChainMap`."""

    def __init__(self, *maps: Any) -> None:
        self.maps = list(maps) or [{}]

    def _all(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for held in reversed(self.maps):
            found.update(held)
        return found

    def __getitem__(self, key: Any) -> Any:
        for held in self.maps:
            if key in held:
                return held[key]
        raise KeyError(key)

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self else default     # noqa: SIM401  (this is what it is told by)

    def keys(self) -> Any:
        return self._all().keys()

    def values(self) -> Any:
        return self._all().values()

    def items(self) -> Any:
        return self._all().items()

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def __contains__(self, key: Any) -> bool:
        for held in self.maps:      # noqa: SIM110
            if key in held:
                return True
        return False

    def __setitem__(self, key: Any, item: Any) -> None:
        self.maps[0][key] = item

    def new_child(self, m: Any = None) -> ChainMap:
        return ChainMap({} if m is None else m, *self.maps)


class SimpleNamespace:
    """`types.SimpleNamespace`."""

    def __init__(self, /, **kwargs: Any) -> None:
        for name, item in kwargs.items():
            setattr(self, name, item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SimpleNamespace) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'types.SimpleNamespace'")
