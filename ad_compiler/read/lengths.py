"""Lengths of the caller's arrays that are equal: assumed where the text gains by it, and then watched.

`u[1:-1]` and `v[1:-1]` are as long as each other where `u` and `v` are; nothing in the function says so.
Rather than ask at run time, a derivative is compiled for arrays whose lengths agree as those of the first
call do, and a watch makes sure of that at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ad_compiler.kinds import AT_LEAST, Dim, Kind, Num, Sym, kind_of_value
from ad_compiler.watch import Enough, Equal, Get, Source, Watch


class Unify(Exception):
    """Read again, with these lengths taken to be equal."""


@dataclass(eq=False)
class Lengths:
    """The lengths of one reading."""

    same: dict[Any, Any] = field(default_factory=dict)          # length → the one that it equals
    sources: dict[Any, Source] = field(default_factory=dict)
    joined: dict[Sym, set[Sym]] = field(default_factory=dict)   # what a loop or branch made of several
    least: dict[Any, int] = field(default_factory=dict)         # lengths that are taken to be at least so much
    closed: bool = False                                        # nothing more may be assumed

    def kind(self, obj: Any, name: str, get: Callable[[Any], Any]) -> Kind:
        """`kind_of_value`, with lengths that are known to be equal named alike."""
        kind = kind_of_value(obj, name)
        if not isinstance(kind, Num):
            return kind
        if isinstance(obj, np.ndarray):
            dims: list[Dim] = []
            for axis, dim in enumerate(kind.shape or ()):
                if isinstance(dim, Sym):
                    self.sources[dim.key] = Source(obj.shape[axis], get, axis)
                    dim = Sym(self.same.get(dim.key, dim.key), dim.not_one)
                dims.append(dim)
            return Num(kind.dtype, tuple(dims), kind.form, kind.length)
        return kind

    def roots(self, dim: Any, seen: frozenset[Any] = frozenset()) -> Iterator[Any]:
        """The lengths of the caller's arrays that a length is made of."""
        if not isinstance(dim, Sym) or dim in seen:
            return
        if dim.key in self.sources:
            yield dim.key
        for inner in (*(dim.key if isinstance(dim.key, tuple) else ()), *sorted(self.joined.get(dim, ()), key=repr)):
            yield from self.roots(inner, seen | {dim})

    def ask(self, dims: Iterable[Dim]) -> None:
        """These lengths would have to be compared at run time: read again if some were equal in this call."""
        by_size: dict[int, list[Any]] = {}
        for key in dict.fromkeys(key for dim in dims for key in self.roots(dim)):
            by_size.setdefault(self.sources[key].size, []).append(key)
        found = {key: keys[0] for keys in by_size.values() for key in keys[1:] if self.same.get(key) != keys[0]}
        if found:
            for key, first in found.items():
                self.same = {k: first if v == key else v for k, v in self.same.items()} | {key: first}
            raise Unify

    def at_least(self, key: Any, bound: int) -> bool:
        """May it be taken that this length is at least `bound`, so that `x[:3]` has 3 elements?"""
        if key not in self.sources or self.sources[key].size < bound:
            return False
        if not self.closed:
            self.least[key] = max(bound, self.least.get(key, 0))
        return self.least.get(key, 0) >= bound

    def watches(self) -> list[Watch]:
        """One for each length of which something was taken."""
        found: list[Get] = [*(Enough(self.sources[key], bound) for key, bound in self.least.items() if bound > 2),
                            *(Equal(self.sources[a], self.sources[b]) for a, b in self.same.items())]
        return [Watch(get, True, True) for get in found]


LENGTHS: ContextVar[Lengths | None] = ContextVar("ad_compiler_lengths", default=None)
"""The lengths of the function that is being read; rules, which are read apart, ask it too."""


@contextmanager
def new_lengths() -> Iterator[Lengths]:
    """While a function is compiled."""
    found = Lengths()
    tokens = LENGTHS.set(found), AT_LEAST.set(found.at_least)
    try:
        yield found
    finally:
        LENGTHS.reset(tokens[0])
        AT_LEAST.reset(tokens[1])


def lengths() -> Lengths:
    """Those of the function that is being read."""
    return LENGTHS.get() or Lengths()
