"""Lengths of the caller's arrays that are equal: assumed where the text gains by it, and then watched.

`u[1:-1]` and `v[1:-1]` are as long as each other where `u` and `v` are; nothing in the function says so.
Rather than ask at run time, a derivative is compiled for arrays whose lengths agree as those of the first
call do, and a watch makes sure of that at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ad_compiler.ir import Block, Value, walk
from ad_compiler.kinds import AT_LEAST, Dim, Kind, Num, Sym, kind_of_value, may_be_one
from ad_compiler.ops import is_constant, is_elementwise
from ad_compiler.read.restarts import Again
from ad_compiler.rules.dims import minus
from ad_compiler.watch import Enough, Equal, Exactly, Get, Source, Watch


@dataclass(eq=False)
class Lengths:
    """The lengths of one reading."""

    same: dict[Any, Dim] = field(default_factory=dict)          # length → the one that it equals, `n - 3`, or a number
    sources: dict[Any, Source] = field(default_factory=dict)
    joined: dict[Sym, set[Sym]] = field(default_factory=dict)   # what a loop or branch made of several
    least: dict[Any, int] = field(default_factory=dict)         # lengths that are taken to be at least so much
    closed: bool = False                                        # nothing more may be assumed
    again: bool = False                                         # more was found equal: to be read again with that

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
                    dim = _known(self._first(dim))
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

    def _first(self, dim: Dim) -> Dim:
        """The length that one is taken to be: of the caller's that are equal, always the same."""
        if not isinstance(dim, Sym):
            return dim
        if dim.key in self.same:
            return self._first(self.same[dim.key])
        of, less = _apart(dim)
        return minus(self._first(of), less) if less else dim

    def ask(self, a: tuple[Dim, ...], b: tuple[Dim, ...]) -> None:
        """These shapes would have to be compared at run time: to be read again if they were equal in this call."""
        before = len(self.same)
        for one, other in zip(reversed(a), reversed(b), strict=False):
            self.same |= self._equal(self._first(one), self._first(other))
        self.again = self.again or len(self.same) > before

    def _equal(self, *dims: Dim) -> dict[Any, Dim]:
        """Which lengths are as long as others in this call, of those that two axes are made of."""
        if dims[0] == dims[1]:
            return {}
        roots = dict.fromkeys(self._first(Sym(key)) for dim in dims for key in self.roots(dim))
        by_size: dict[int, list[Sym]] = {}
        for root in roots:
            if isinstance(root, Sym) and root.key in self.sources:
                by_size.setdefault(self.sources[root.key].size, []).append(root)
        found: dict[Any, Dim] = {other.key: first for first, *others in by_size.values() for other in others}
        numbers = [dim for dim in dims if isinstance(dim, int) and dim > 1]
        found |= {root.key: number for number in numbers for root in by_size.get(number, ())}
        for dim in dims:
            of, less = _apart(dim) if isinstance(dim, Sym) else (None, 0)
            if of is None or not less or of.key not in self.sources or of.key in found:
                continue
            size = self.sources[of.key].size - less     # `x[3:]` beside `y`, or beside four numbers
            found |= {other.key: dim for other in by_size.get(size, ())[:1]}
            if size in numbers:
                found[of.key] = size + less
        return found

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
                            *(Equal(self.sources[a], self._source(b)) if isinstance(b, Sym)
                              else Exactly(self.sources[a], b) for a, b in self.same.items())]
        return [Watch(get, True, True) for get in found]

    def _source(self, dim: Sym) -> Source:
        """Where a length that another is taken to be comes from."""
        of, less = _apart(dim)
        return replace(self.sources[of.key], less=less)


def compare(block: Block) -> None:
    """Ask for the lengths that the arithmetic of a program compares: then that need not wait for its reverse."""
    known = lengths()
    for op in walk(block):
        if not is_elementwise(op) or op.stopped or len(op.args) != 2 or is_constant(op):
            continue
        a, b = [arg.kind if isinstance(arg, Value) else None for arg in op.args]
        if isinstance(a, Num) and isinstance(b, Num) and a.shape and b.shape and a.shape != b.shape \
                and (a.real or b.real) and any(p != q and 1 not in (p, q) and (may_be_one(p) or may_be_one(q))
                        for p, q in zip(reversed(a.shape), reversed(b.shape), strict=False)):
            known.ask(a.shape, b.shape)
    if known.again:
        raise Again


def _known(dim: Dim) -> Dim:
    """A length of the caller's, which is not 1."""
    return Sym(dim.key, True) if isinstance(dim, Sym) else dim


def _apart(dim: Sym) -> tuple[Sym, int]:
    """`n - 3` as `n` and 3; another length as it is, and 0."""
    if isinstance(dim.key, tuple) and dim.key[0] == "minus" and isinstance(dim.key[1], Sym):
        return dim.key[1], dim.key[2]
    return dim, 0


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
