"""What names and memories are after a branch: the two arms put together.

Each memory that an arm wrote into is joined once, and so is each pair of memories that a name stands for in
the one arm and in the other; what may overlap in either arm may overlap afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Atom, Block, Branch, Const, Value
from ad_compiler.kinds import Kind, Num, Seq, join
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Box,
    Cell,
    Choice,
    Closure,
    Memory,
    Poison,
    Tuple,
    describe,
    is_number,
    kind_of,
    same_structure,
)
from ad_compiler.read.expressions.questions import types_of
from ad_compiler.read.memory.places import Place, link, related, same_chain, without_length

Source = Memory | None
"""Where a new memory comes from, on one way; None where nothing is bound there."""


class Arm:
    """One arm that was read: its block, names, result, whether its end is reached, what it wrote."""

    def __init__(self, block: Block, names: dict[str, Abstract], thing: Abstract, diverged: bool,
                 writes: dict[Memory, Any]) -> None:
        self.block, self.names, self.thing, self.diverged, self.writes = block, names, thing, diverged, writes


class Join:
    """Joins the two arms of a branch; adds results to it where they differ."""

    def __init__(self, lifter: Any, branch: Branch, arms: tuple[Arm, Arm], mark: int) -> None:
        self.lifter, self.branch, self.arms, self.mark = lifter, branch, arms, mark
        self.done: dict[tuple[int, int], Any] = {}
        self.sources: list[tuple[Memory, tuple[Source, Source]]] = []
        self.keep: list[Any] = []

    def memories(self) -> None:
        """Join what the arms wrote into memory that was there before."""
        ends = [UNDEFINED if arm.diverged else None for arm in self.arms]
        found: list[tuple[Memory, Any]] = []
        for memory in dict.fromkeys([*self.arms[0].writes, *self.arms[1].writes]):
            if memory.born > self.mark:
                continue
            a, b = (end or arm.writes.get(memory, memory.content)
                    for end, arm in zip(ends, self.arms, strict=True))
            found.append((memory, self.contents(a, b, "")))
        for memory, content in found:       # not before all are joined: each is read as it was before the branch
            if isinstance(content, Value):
                self.lifter.memory.places[content] = Place(memory, (), content)
            if content is not memory.content:
                self.lifter.memory.put(memory, content)

    def things(self, a: Abstract, b: Abstract, name: str) -> Abstract:
        """What a name is after the branch."""
        if a is b:
            return a
        if isinstance(a, Poison) or isinstance(b, Poison):
            known = [p for p in (a, b) if isinstance(p, Poison) and p.message]
            return known[0] if known else Poison()
        known = b if a is UNDEFINED else a
        if isinstance(known, Box) and (UNDEFINED in (a, b) or known.is_like(b)):
            return self._boxes(a, b, name)
        if isinstance(known, Tuple) and (UNDEFINED in (a, b) or known.is_like(b)):
            xs = [UNDEFINED] * len(known.items) if a is UNDEFINED else a.items
            ys = [UNDEFINED] * len(known.items) if b is UNDEFINED else b.items
            return Tuple([self.things(x, y, name) for x, y in zip(xs, ys, strict=True)], known.cls)
        if isinstance(a, Const) and isinstance(b, Const) and same_constant(a, b):
            return a
        if is_function(a) and is_function(b) and isinstance(self.branch.cond, Value):
            return Choice(self.branch.cond, a, b)
        if all(isinstance(x, (Value, Const)) for x in (a, b)):
            return self._atoms(a, b, name)
        if UNDEFINED in (a, b):
            return known
        if not same_structure(a, b):
            return Poison(f"`{name or 'this'}` is a {describe(a)} in one arm and a {describe(b)} in the other",
                          "give the two arms results of one structure")
        return a

    def _boxes(self, a: Any, b: Any, name: str) -> Abstract:
        key = (id(a), id(b))
        if key not in self.done:
            new = self.done[key] = (b if a is UNDEFINED else a).another()
            self.keep += [a, b]
            self._comes_from(new, a, b)
            new.content = self.contents(self._content(0, a), self._content(1, b), name)
        return self.done[key]

    def _content(self, side: int, memory: Any) -> Any:
        """What a memory holds at the end of an arm."""
        return UNDEFINED if memory is UNDEFINED else self.arms[side].writes.get(memory, memory.content)

    def _comes_from(self, new: Memory, a: Any, b: Any) -> None:
        self.sources.append((new, (None if a is UNDEFINED else a, None if b is UNDEFINED else b)))

    def contents(self, a: Any, b: Any, name: str) -> Any:
        """What a memory holds after the branch, of what it holds at the end of each arm."""
        if a is b:
            return a
        if isinstance(a, Poison) or isinstance(b, Poison):
            return a if isinstance(a, Poison) else b
        known = b if a is UNDEFINED else a
        if isinstance(known, dict):
            a, b = (dict.fromkeys(known, UNDEFINED) if x is UNDEFINED else x for x in (a, b))
            return other_keys(a, b, name) or {key: self.things(a[key], b[key], name) for key in a}
        if isinstance(known, (set, frozenset)):
            if UNDEFINED in (a, b) or type(a) is type(b) and list(a) == list(b):
                return known
            return Poison(f"`{name or 'this set'}` has other items in the one arm of a branch than in the other")
        if isinstance(known, list) and UNDEFINED in (a, b):
            a, b = ([UNDEFINED] * len(known) if x is UNDEFINED else x for x in (a, b))
        if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            return [self.things(x, y, name) for x, y in zip(a, b, strict=True)]
        try:
            atoms = [x if isinstance(x, (Value, Const)) else self._grown(side, x, b if side == 0 else a)
                     for side, x in enumerate((a, b))]
        except Refused as error:
            return Poison(error.message, error.remedy)
        return self._phi(atoms[0], atoms[1], name)

    def _grown(self, side: int, items: list[Abstract], other: Any) -> Atom:
        """A list whose length differs from arm to arm, as one that is known at run time only."""
        elem = other.kind.elem if isinstance(other, Value) and isinstance(other.kind, Seq) else None
        with self.inside(side):
            if elem is None:
                elem = self.lifter.lists.kind_of_items([*items, *other])
            return self.lifter.lists.make_grown(items, elem)

    @contextmanager
    def inside(self, side: int) -> Iterator[None]:
        """At the end of an arm, with memory as it is there."""
        lifter, arm = self.lifter, self.arms[side]
        size, outer = len(lifter.memory.journal), lifter.block
        for memory, content in arm.writes.items():
            lifter.memory.put(memory, content)
        lifter.block = arm.block
        try:
            yield
        finally:
            lifter.block = outer
            lifter.memory.undo(size)

    def _atoms(self, a: Atom, b: Atom, name: str) -> Abstract:
        places = [self.lifter.memory.places.get(x) if isinstance(x, Value) else None for x in (a, b)]
        if places == [None, None]:
            return self._phi(a, b, name)
        pa, pb = places
        hint = plain_name(name)
        kind = kind_of(b if a is UNDEFINED else a)
        if pa is not None and pb is not None and same_chain(pa.chain, pb.chain) and kind == kind_of(b):
            if pa.cell is pb.cell:
                return self.lifter.memory.handle(pa, kind, hint)
            if isinstance(pa.cell, Cell) and isinstance(pb.cell, Cell):
                cell = self._cells(pa.cell, pb.cell, name)
                place = Place(cell, pa.chain, None)
                return self.lifter.memory.handle(place, kind, hint) if pa.chain else cell.content
        one = pa or pb
        if UNDEFINED in (a, b) and one is not None and not one.chain and isinstance(one.cell, Cell):
            left, right = (UNDEFINED if p is None else p.cell for p in places)
            return self._cells(left, right, name).content
        return self._loose(a, b, places, name)

    def _cells(self, a: Any, b: Any, name: str) -> Cell:
        """The memory that is the one or the other."""
        key = (id(a), id(b))
        if key not in self.done:
            known = [x.compact for x in (a, b) if x is not UNDEFINED]
            cell = self.done[key] = Cell(None, compact=None if None in known else frozenset().union(*known))
            cell.sealed = next((x.sealed for x in (a, b) if x is not UNDEFINED and x.sealed), "")
            self.keep += [a, b]
            self._comes_from(cell, a, b)
            ends = [self._content(0, a), self._content(1, b)]
            lost = next((e for e in ends if isinstance(e, Poison)), None)
            cell.content = lost or self._phi(ends[0], ends[1], name)
            if isinstance(cell.content, Value):
                self.lifter.memory.places[cell.content] = Place(cell, (), cell.content)
        return self.done[key]

    def _loose(self, a: Atom, b: Atom, places: list[Any], name: str) -> Abstract:
        """An array that stands in other places in the two arms: in memory that may overlap either."""
        atoms = []
        for side, atom in enumerate((a, b)):
            with self.inside(side):
                try:
                    atoms.append(self.lifter.memory.fresh(atom))
                except Refused as error:
                    return Poison(error.message, error.remedy)
        result = self._phi(atoms[0], atoms[1], name)
        if isinstance(result, Value):
            cell = Cell(result)
            cell.sealed = self.lifter.memory.sealed_by(a, b)
            self.lifter.memory.places[result] = Place(cell, (), result)
            sources = tuple(None if p is None else p.cell for p in places)
            self.sources.append((cell, sources))        # type: ignore[arg-type]
        return result

    def _phi(self, a: Atom, b: Atom, name: str) -> Abstract:
        """A result of the branch."""
        if a is b or isinstance(a, Const) and isinstance(b, Const) and same_constant(a, b):
            return a
        known = [x for x in (a, b) if x is not UNDEFINED]
        if len(known) == 1 and isinstance(known[0], Const) and not is_number(known[0]):
            return known[0]
        kinds = [without_length(kind_of(x)) for x in known]
        kind = kinds[0] if len(kinds) == 1 else join(*kinds)
        text = all(isinstance(x, Const) and isinstance(x.value, str) for x in known)
        if kind is None or not text and any(isinstance(x, Const) and not is_number(x) for x in known):
            return Poison(f"`{name or 'this'}` is a {describe(a)} in one arm and a {describe(b)} in the other",
                          "give both arms a number or an array")
        hint = next((x.hint for x in known if isinstance(x, Value) and x.hint), "") if not name else plain_name(name)
        result = Value(hint, kind)
        self.lifter.numbers.join(self.branch.then, kind, *kinds)
        if any(self.lifter.numbers.may_be_whole(x, kind) for x in known):
            self.lifter.numbers.whole.add(result)
        if any(of_two_types(k, kind) for k in kinds) or any(x in self.lifter.numbers.mixed for x in known):
            self.lifter.numbers.mixed[result] = types_of(self.lifter, *known)
            if len(known) == 2 and isinstance(self.branch.cond, Value):
                types = (types_of(self.lifter, x) for x in known)
                self.lifter.numbers.chosen[result] = (self.branch.cond, *types)
        self.branch.results.append(result)
        self.branch.then.results.append(a)
        self.branch.orelse.results.append(b)
        return result

    def finish(self) -> None:
        """State which of the new memories may overlap which."""
        link_sources(self.sources, self.mark)


def link_sources(new: Sequence[tuple[Memory, tuple[Source, ...]]], mark: int) -> None:
    """Memories that overlap on one of two ways may overlap; so may one and what it is on one of them."""
    for at, (memory, mine) in enumerate(new):
        for source in mine:
            for old in () if source is None else (source, *source.near):
                if old.born <= mark:
                    link(memory, old)
        for other, theirs in new[:at]:
            if any(x is not None and y is not None and related(x, y) for x, y in zip(mine, theirs, strict=True)):
                link(memory, other)


def of_two_types(one: Kind, joined: Kind) -> bool:
    """Is something a number of another type than what it becomes part of, an int where that is a float?"""
    return isinstance(one, Num) and isinstance(joined, Num) and not joined.is_array and (
        one.dtype != joined.dtype or one.form != joined.form)


def other_keys(a: dict[Any, Any], b: dict[Any, Any], name: str) -> Poison | None:
    """What is lost where the two arms leave other keys, or the same in another order."""
    if list(a) == list(b):
        return None
    more = next((key for key in (*a, *b) if key not in a or key not in b), None)
    if more is None:
        return Poison(f"the keys of `{name or 'this dict'}` stand in another order after the one arm of a branch than "
                      "after the other", "put them there in one order")
    return Poison(f"`{name or more}` has other keys in the one arm of a branch than in the other" if name else
                  f"`{more}` is bound in one arm of a branch only", "bind it in both")


def is_function(thing: Abstract) -> bool:
    """Something to be called."""
    return isinstance(thing, (Closure, Bound, Choice)) or isinstance(thing, Const) and callable(thing.value)


def plain_name(name: str) -> str:
    """The name to print for one that normalising made up."""
    name = name.rpartition(".")[2]
    if name.startswith("_returned"):
        return "returned"
    return "value" if name.startswith("_ret") else "~left" if name.startswith("_left") else name


def same_constant(a: Const, b: Const) -> bool:
    """One value of one type: 0.0 and -0.0 differ, and so do 1 and True."""
    return a.value is b.value or (type(a.value) is type(b.value) and repr(a.value) == repr(b.value)
                                  and isinstance(a.value, (bool, int, float, str)))


__all__ = ["Arm", "Join", "is_function", "link_sources", "of_two_types", "plain_name", "same_constant"]
