"""Memory: which array a name stands in, what each array holds now, and what else may stand in it.

Every store is followed through the views that it goes through.  A value of an array has a *place*: a cell, and
the views that lead from the cell to it.  A store changes what the cell holds; a name that was bound before is
read from the cell anew.  Where two cells may be the same memory and one is written, the other is lost: to
read it is an error.
"""

from __future__ import annotations

import io
import logging
import pathlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.indices import same_arg
from ad_compiler.ir import Arg, Atom, Const, Value
from ad_compiler.kinds import Kind, Num, Sym
from ad_compiler.read.abstract import (
    CLOCK,
    Abstract,
    Cell,
    Memory,
    Poison,
    protocol,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.frame import Scope
from ad_compiler.watch import Sharing, Watch, Writeable, sharing


class Step:
    """One view: `fn(base, *args, **kwargs)`."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Arg, ...], kwargs: dict[str, Arg], kind: Kind,
                 spelling: str = "", stopped: bool = False) -> None:
        self.fn, self.args, self.kwargs, self.kind, self.spelling = fn, args, kwargs, kind, spelling
        self.stopped = stopped


class Place(NamedTuple):
    """Where an array stands: the views `chain` of what `cell` holds; `base` is what it held when last read."""

    cell: Memory
    chain: tuple[Step, ...]
    base: Atom | None


class Foreign:
    """What the caller, or the world, can see and one can write into: how to read it, and what it was when compiled."""

    def __init__(self, get: Callable[[Any], Any], sample: Any, cell: Memory, value: Value) -> None:
        self.get, self.sample, self.cell, self.value = get, sample, cell, value


class Memories(Reader):
    """Part of the lifter: memory."""

    def note_lengths(self, value: Value) -> None:
        """Remember where the length of an axis can be read."""
        if isinstance(value.kind, Num):
            for axis, dim in enumerate(value.kind.shape or ()):
                if isinstance(dim, Sym):
                    self.lengths.setdefault(dim, (value, axis))

    def check_bound(self, value: Value, name: str) -> None:
        """A name that an arm or a loop may have left unbound is read: Python itself says so where it is."""
        key = (value, self.block)
        if key not in self.checked and not isinstance(getattr(self.cell_of(value), "content", None), Poison):
            self.checked.add(key)
            self.emit(runtime.check_bound, (self.fresh(value), Const(name)), {}, [], effect=True)

    # -- what memory holds ---------------------------------------------------------------------------

    def put(self, memory: Memory, content: Any) -> None:
        """Change what a memory holds."""
        self.journal.append((memory, memory.content))
        memory.content = content

    def undo(self, size: int) -> None:
        """Take back what was put since the journal had this length."""
        while len(self.journal) > size:
            memory, content = self.journal.pop()
            memory.content = content

    def tick(self) -> int:
        """What is made from now on is born later than this."""
        return next(CLOCK)

    def written_since(self, size: int) -> dict[Memory, Any]:
        """What was written since the journal had this length, and what it holds now."""
        return {memory: memory.content for memory, _ in self.journal[size:]}

    def write(self, memory: Memory, content: Any) -> None:
        """A store: what may be the same memory is not known from here on."""
        old = memory.known()
        if isinstance(content, Value):
            self.places[content] = Place(memory, (), content)
            content.hint = content.hint or (old.hint if isinstance(old, Value) else "")
        self.note_foreign(memory)
        self.put(memory, content)
        for other in sorted(memory.near, key=lambda m: m.born):
            if not isinstance(other.content, Poison):
                self.put(other, self.lost(other))

    def note_foreign(self, memory: Memory) -> None:
        """What is written here the caller may see, in the array that it is or in one that it may be."""
        for each in (memory, *memory.near):
            if each.foreign is not None:
                self.foreign_written[each] = each.foreign
        foreign = memory.foreign
        if foreign is not None and isinstance(foreign.sample, np.ndarray):
            if not foreign.sample.flags.writeable:
                raise Refused("this array is read-only: NumPy does not let anyone write into it", "copy it, `.copy()`")
            self.watches.append(Watch(Writeable(foreign.get), True, True))

    def lost(self, memory: Memory) -> Poison:
        """What a memory holds once something was written that may be the same memory."""
        line = "" if self.origin is None else f" since line {self.origin.line}"
        name = memory.content.hint if isinstance(memory.content, Value) else ""
        what = f"`{name}`" if name and not name.startswith("~") else "this"
        return Poison(f"what {what} holds is not known{line}, which writes into memory that may be the same",
                      "copy it before, `.copy()`, so that the two are known to be apart")

    # -- places --------------------------------------------------------------------------------------

    def own(self, value: Value, compact: Any = False, near: Iterable[Memory] = ()) -> None:
        """Give a new array a memory of its own, or one that may overlap others."""
        if holds_memory(value.kind):
            cell = Cell(value, compact=frozenset() if compact is True else compact or None)
            if compact == frozenset():
                cell.compact = frozenset()
            self.places[value] = Place(cell, (), value)
            for other in near:
                for also in (other, *other.near):
                    link(cell, also)

    def tie(self, value: Value, things: Iterable[Any]) -> None:
        """An object that may hold what it was made of: arrays, or other such objects."""
        near = dict.fromkeys(memory for thing in things for memory in protocol(thing).memories(self)
                             if not isinstance(getattr(memory, "sample", None), HOLD_NOTHING))
        if near:
            cell = Cell(value)
            self.places[value] = Place(cell, (), value)
            for other in near:
                for also in (other, *other.near):
                    link(cell, also)

    def own_foreign(self, value: Value, obj: Any, get: Callable[[Any], Any]) -> None:
        """An array of the caller's, or of the world's, which may be one that is known under another name."""
        if not holds_memory(value.kind):
            return
        for other in self.foreign:
            if other.sample is obj and isinstance(obj, np.ndarray):
                self.places[value] = Place(other.cell, (), other.value)
                self.foreign.append(Foreign(get, obj, other.cell, other.value))
                return
        cell = Cell(value)
        cell.born = 0
        cell.foreign = Foreign(get, obj, cell, value)
        cell.compact = frozenset([cell.foreign]) if isinstance(obj, np.ndarray) and obj.flags.c_contiguous else None
        self.places[value] = Place(cell, (), value)
        if isinstance(obj, np.ndarray):
            for other in self.foreign:
                if isinstance(other.sample, np.ndarray) and np.may_share_memory(other.sample, obj):
                    link(cell, other.cell)
                    if other.cell in self.foreign_written and not isinstance(cell.content, Poison):
                        cell.content = self.lost(cell)      # it was written before this was asked for
        self.foreign.append(cell.foreign)

    def there_before(self, memory: Any, obj: Any, get: Callable[[Any], Any], value: Value) -> Any:
        """A list, dict or object of the world: older than anything that the function makes."""
        memory.born = 0
        memory.foreign = Foreign(get, obj, memory, value)
        for other in self.foreign:
            if other.sample is obj:
                link(memory, other.cell)
        self.foreign.append(memory.foreign)
        return memory

    def watch_sharing(self) -> None:
        """Which of the caller's arrays share memory decides what a write into one of them does to the others."""
        written = set(self.foreign_written.values())
        pairs = [(one, other) for one in self.foreign if one in written for other in self.foreign if other is not one]
        if pairs:
            seen = "".join(sharing(one.sample, other.sample) for one, other in pairs)
            self.watches.append(Watch(Sharing(tuple((one.get, other.get) for one, other in pairs)), seen, True))

    def place_of(self, value: Value) -> Place:
        """Where an array stands."""
        if value not in self.places:
            self.own(value)
        return self.places[value]

    def cell_of(self, atom: Any) -> Memory | None:
        """The memory of an atom, if it has one."""
        place = self.places.get(atom) if isinstance(atom, Value) else None
        return None if place is None else place.cell

    def handle(self, place: Place, kind: Kind, hint: str) -> Value:
        """A value that stands for a place, whatever is there when it is read."""
        value = Value(hint, kind)
        self.places[value] = Place(place.cell, place.chain, None)
        return value

    def current(self, value: Value) -> Atom:
        """What an array holds now."""
        place = self.places.get(value)
        if place is None or place.cell.content is place.base:
            return value
        content = place.cell.known()
        return self.views(content, place, value.hint)[-1] if place.chain else content

    def views(self, content: Atom, place: Place, hint: str = "") -> list[Atom]:
        """`content`, and each view of the chain in turn."""
        values: list[Atom] = [content]
        for at, step in enumerate(place.chain, 1):
            (value,) = self.emit(step.fn, (values[-1], *step.args), step.kwargs, [step.kind], spelling=step.spelling)
            if step.stopped:
                self.block.ops[-1].stopped = True       # type: ignore[union-attr]
            self.places[value] = Place(place.cell, place.chain[:at], content)
            values.append(value)
        if isinstance(values[-1], Value) and place.chain:
            values[-1].hint = hint
        return values

    def fresh(self, thing: Abstract) -> Abstract:
        """A thing with its arrays as they are now."""
        if type(thing) is Const:
            return thing
        return self.current(thing) if isinstance(thing, Value) else protocol(thing).fresh(self)

    def detached(self, thing: Abstract) -> Abstract:
        """A thing as it is now, in memory of its own: what is undone later does not change it."""
        return protocol(self.fresh(thing)).detached(self)

    def in_own_memory(self, atom: Atom) -> Atom:
        """A value as it is, whatever is written later into the memory where it stands."""
        if not isinstance(atom, Value) or atom not in self.places or not holds_memory(atom.kind):
            return atom
        (copy,) = self.emit(runtime.identity, (atom,), {}, [atom.kind])
        self.own(copy)
        return copy

    def visible(self, value: Value) -> bool:
        """Can a name, or the caller, see the memory of a value?"""
        cell = self.cell_of(value)
        return cell is not None and self.is_seen(cell)

    def is_seen(self, container: Memory) -> bool:
        """Can a name, or the caller, see this memory?"""
        return container.foreign is not None or any(
            related(container, memory) for scope in self.visible_scopes() for thing in scope.names.values()
            for memory in protocol(thing).memories(self))

    def visible_scopes(self) -> Iterator[Scope]:
        """The scopes of the calls that are being read, and those around them."""
        seen: list[Scope] = []
        for frame in self.frames:
            scope: Scope | None = frame.scope
            while scope is not None and not any(scope is s for s in seen):
                seen.append(scope)
                yield scope
                scope = scope.parent


HOLD_NOTHING = (pathlib.PurePath, io.IOBase, logging.Logger, type(threading.Lock()), type(threading.RLock()))
"""Objects that never hold an array."""


def without_length(kind: Kind) -> Kind:
    """A joined or carried integer is no longer known to be a certain length."""
    return replace(kind, length=None) if isinstance(kind, Num) and kind.length is not None else kind


def holds_memory(kind: Kind) -> bool:
    """Is this, or may it be, an array, as opposed to a number?"""
    return isinstance(kind, Num) and (kind.form in ("array", "any") or kind.is_array)


def link(a: Memory, b: Memory) -> None:
    """Two memories may be the same, or overlap."""
    if a is not b:
        a.near.add(b)
        b.near.add(a)


def related(a: Memory, b: Memory) -> bool:
    """May these be the same memory?"""
    return a is b or b in a.near


def same_chain(a: tuple[Step, ...], b: tuple[Step, ...]) -> bool:
    """Do two chains of views lead to the same part?"""
    return len(a) == len(b) and all(
        x.fn is y.fn and x.stopped is y.stopped and same_arg(x.args, y.args) and list(x.kwargs) == list(y.kwargs)
        and all(same_arg(v, y.kwargs[k]) for k, v in x.kwargs.items()) for x, y in zip(a, b, strict=True))
