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
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Block, Const, Op, Value
from ad_compiler.kinds import Kind, Num, Sym
from ad_compiler.ops import makes_copy
from ad_compiler.read.abstract import (
    CLOCK,
    Abstract,
    Cell,
    Memory,
    Poison,
    protocol,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.memory.places import Foreign, Place, Step, holds_memory, link, related
from ad_compiler.read.memory.views import READ_ONLY, keeps_compact, relation
from ad_compiler.read.names.asks import PLAIN
from ad_compiler.read.names.scopes import Scope
from ad_compiler.rules import registry
from ad_compiler.rules.traits import traits_of
from ad_compiler.watch import Compact, Sharing, Watch, Writeable, sharing

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Memories(Reader):
    """Keeps where each array stands, and what is there."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.places: dict[Value, Place] = {}                # where each array stands
        self.journal: list[tuple[Memory, Any]] = []         # what memories held before each write
        self.foreign: list[Foreign] = []                    # arrays that the caller or the world can see
        self.foreign_written: dict[Memory, Foreign] = {}
        self.checked: set[tuple[Value, Block]] = set()      # names that are known to be bound
        self.lengths: dict[Sym, tuple[Value, int]] = {}     # the axes of arrays that have them

    def note_lengths(self, value: Value) -> None:
        """Remember where the length of an axis can be read."""
        if isinstance(value.kind, Num):
            for axis, dim in enumerate(value.kind.shape or ()):
                if isinstance(dim, Sym):
                    self.lengths.setdefault(dim, (value, axis))

    def check_bound(self, value: Value, name: str) -> None:
        """A name that an arm or a loop may have left unbound is read: Python itself says so where it is."""
        key = (value, self.lifter.block)
        if key not in self.checked and not isinstance(getattr(self.cell_of(value), "content", None), Poison):
            self.checked.add(key)
            self.lifter.emit(runtime.check_bound, (self.fresh(value), Const(name)), {}, [], effect=True)

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
            if self.lifter.numbers.whole and old in self.lifter.numbers.whole:
                self.lifter.numbers.whole.add(content)
        self.note_foreign(memory)
        if isinstance(memory, Cell) and not self.lifter.stopped:
            memory.constant, memory.changed = False, self.tick()
        self.put(memory, content)
        for other in sorted(memory.near, key=lambda m: m.born):
            if not isinstance(other.content, Poison):
                self.put(other, self.lost(other))

    def note_foreign(self, memory: Memory) -> None:
        """What is written here the caller may see, in the array that it is or in one that it may be."""
        if isinstance(memory, Cell) and memory.sealed:
            raise Refused(f"this may be a view that `{memory.sealed}` gives, which cannot be written into",
                          "copy it first, `.copy()`")
        for each in (memory, *memory.near):
            if each.foreign is not None:
                self.foreign_written[each] = each.foreign
        foreign = memory.foreign
        if foreign is not None and isinstance(foreign.sample, np.ndarray):
            if not foreign.sample.flags.writeable:
                raise Refused("this array is read-only: NumPy does not let anyone write into it", "copy it, `.copy()`")
            self.lifter.asks.watches.append(Watch(Writeable(foreign.get), True, True))

    def lost(self, memory: Memory) -> Poison:
        """What a memory holds once something was written that may be the same memory."""
        line = "" if self.lifter.origin is None else f" since line {self.lifter.origin.line}"
        what = f"what {called(memory.content)} holds is not known{line}, which writes into memory that may be the same"
        return Poison(what, "copy it before, `.copy()`, so that the two are known to be apart")

    # -- places --------------------------------------------------------------------------------------

    def sealed_by(self, *atoms: Any) -> str:
        """The function that gave one of these as a view that cannot be written into."""
        for atom in atoms:
            place = self.places.get(atom) if isinstance(atom, Value) else None
            if place is not None:
                found = [step.fn.__name__ for step in place.chain if traits_of(step.fn).view in READ_ONLY]
                found += [place.cell.sealed] if isinstance(place.cell, Cell) and place.cell.sealed else []
                if found:
                    return found[0]
        return ""

    def own(self, value: Value, compact: Any = False, near: Iterable[Memory] = (), sealed: str = "",
            constant: bool = False) -> None:
        """Give a new array a memory of its own, or one that may overlap others."""
        if holds_memory(value.kind):
            cell = Cell(value, compact=frozenset() if compact is True else compact or None)
            cell.sealed, cell.constant = sealed, constant
            if compact == frozenset():
                cell.compact = frozenset()
            self.places[value] = Place(cell, (), value)
            for other in near:
                for also in (other, *other.near):
                    link(cell, also)

    def tie(self, value: Value, things: Iterable[Any]) -> None:
        """An object that may hold what it was made of: arrays, or other such objects."""
        near = dict.fromkeys(memory for thing in things for memory in protocol(thing).memories(self.lifter)
                             if not isinstance(getattr(memory, "sample", None), HOLD_NOTHING))
        if near:
            cell = Cell(value)
            self.places[value] = Place(cell, (), value)
            for other in near:
                for also in (other, *other.near):
                    link(cell, also)

    def own_foreign(self, value: Value, obj: Any, get: Callable[[Any], Any]) -> None:
        """An array of the caller's, or of the world's, which may be one that is known under another name."""
        if isinstance(value.kind, Num) and type(obj) not in PLAIN and type(obj).__module__ not in ("numpy", "builtins"):
            self.lifter.numbers.mixed[value] = frozenset({type(obj)})      # which its kind does not say
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
                    self.link_earlier(cell, other.cell, value.hint)
        self.foreign.append(cell.foreign)

    def there_before(self, memory: Any, obj: Any, get: Callable[[Any], Any], value: Value) -> Any:
        """A list, dict or object of the world: older than anything that the function makes."""
        memory.born = 0
        memory.foreign = Foreign(get, obj, memory, value)
        for other in self.foreign:
            if sharing(other.sample, obj) == "s":
                self.link_earlier(memory, other.cell, value.hint)
        self.foreign.append(memory.foreign)
        return memory

    def link_earlier(self, memory: Memory, other: Memory, name: str) -> None:
        """What is met now may be the same as what was met, and perhaps written into, before."""
        link(memory, other)
        if other in self.foreign_written:
            memory.content = Poison(      # whatever is undone: it is not read again
                f"what `{name}` holds is not known: memory that may be the same was written into before",
                "read it before that, or copy it, `.copy()`, so that the two are known to be apart")

    def watch_sharing(self) -> None:
        """Which of the caller's arrays share memory decides what a write into one of them does to the others."""
        written = set(self.foreign_written.values())
        pairs = [(one, other) for one in self.foreign if one in written for other in self.foreign if other is not one]
        if pairs:
            seen = "".join(sharing(one.sample, other.sample) for one, other in pairs)
            get = Sharing(tuple((one.get, other.get) for one, other in pairs))
            self.lifter.asks.watches.append(Watch(get, seen, True))

    def find_place(self, op: Op, rule: registry.Rule, read: list[Value], result: Value) -> None:
        """Where the array that an op makes stands: in new memory, or in that of its argument."""
        known = rule.traits
        seal = op.fn.__name__ if known.view == "stretched" and self.lifter.watching else ""
        if not known.view or not read:
            plain = known.compact or op.spelling == "method" and makes_copy(op)
            flat = isinstance(result.kind, Num) and result.kind.ndim == 1
            layouts = [self.layout(v) for v in read] if rule.partials and not flat else [None]
            self.own(result, True if plain or flat else None if None in layouts else frozenset().union(*layouts),
                     sealed=seal, constant=self.lifter.stopped > 0)
            return
        base = op.args[0]
        cells = [cell for cell in map(self.cell_of, read) if cell is not None]
        found = "maybe"
        if isinstance(base, Value) and (holds_memory(base.kind) or base in self.places):
            self.place_of(base)
            asks = known.view in ("laid out", "compact")
            found = relation(op.fn, op.args, op.kwargs, base.kind, result.kind, asks and self.is_compact(base))
        if found == "copy":
            self.own(result, isinstance(result.kind, Num) and result.kind.ndim == 1, constant=self.lifter.stopped > 0)
        elif found == "view":
            place = self.places[base]
            stopped = self.tick() if self.lifter.stopped and not getattr(place.cell, "constant", False) else None
            step = Step(op.fn, op.args[1:], op.kwargs, result.kind, op.spelling, stopped)
            self.places[result] = Place(place.cell, (*place.chain, step), place.cell.content)
        else:
            self.own(result, False, cells, seal)

    def layout(self, value: Value) -> frozenset[Foreign] | None:
        """The arrays of the caller that must lie in C order for this one to do so; None where it is not known."""
        place = self.places.get(value)
        if place is None:
            return None if holds_memory(value.kind) else frozenset()
        found: frozenset[Foreign] | None = getattr(place.cell, "compact", None)
        return found if all(keeps_compact(step, None) for step in place.chain) else None

    def is_compact(self, value: Value) -> bool:
        """Is an array known to lie in memory in C order, without gaps?  That of the caller's arrays is watched."""
        found = self.layout(value)
        for foreign in sorted(found or (), key=lambda f: f.cell.born):
            self.lifter.asks.watches.append(Watch(Compact(foreign.get), True, True))
        return found is not None

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
        if not self.lifter.stopped and any(step.stopped is not None and step.stopped < getattr(place.cell, "changed", 0)
                                           for step in place.chain):
            raise Refused(f"{called(value)} is a view that was taken under `no_grad`, of memory that was written into "
                          "outside of it: what of it is a constant is not known",
                          "take the view outside of the block, or copy it there, `.copy()`")
        return self.views(content, place, value.hint)[-1] if place.chain else content

    def views(self, content: Atom, place: Place, hint: str = "") -> list[Atom]:
        """`content`, and each view of the chain in turn."""
        values: list[Atom] = [content]
        for at, step in enumerate(place.chain, 1):
            args = (values[-1], *step.args)
            (value,) = self.lifter.emit(step.fn, args, step.kwargs, [step.kind], spelling=step.spelling)
            if step.stopped is not None:
                self.lifter.block.ops[-1].stopped = True       # type: ignore[union-attr]
            self.places[value] = Place(place.cell, place.chain[:at], content)
            values.append(value)
        if isinstance(values[-1], Value) and place.chain:
            values[-1].hint = hint
        return values

    def fresh(self, thing: Abstract) -> Abstract:
        """A thing with its arrays as they are now."""
        if type(thing) is Const:
            return thing
        return self.current(thing) if isinstance(thing, Value) else protocol(thing).fresh(self.lifter)

    def detached(self, thing: Abstract) -> Abstract:
        """A thing as it is now, in memory of its own: what is undone later does not change it."""
        return protocol(self.fresh(thing)).detached(self.lifter)

    def in_own_memory(self, atom: Atom, near: Iterable[Memory] = ()) -> Atom:
        """A value as it is, whatever is written later into the memory where it stands; `near`: it may be this memory.

        What a transform has made stands nowhere yet: a loop must know that it was there before, if it writes into it.
        """
        if not isinstance(atom, Value) or not holds_memory(atom.kind):
            return atom
        if atom in self.places:
            (atom,) = self.lifter.emit(runtime.identity, (atom,), {}, [atom.kind])
        self.own(atom, near=near)
        return atom

    def visible(self, value: Value) -> bool:
        """Can a name, or the caller, see the memory of a value?"""
        cell = self.cell_of(value)
        return cell is not None and self.is_seen(cell)

    def is_seen(self, container: Memory) -> bool:
        """Can a name, or the caller, see this memory?"""
        return container.foreign is not None or any(
            related(container, memory) for scope in self.visible_scopes() for thing in scope.names.values()
            for memory in protocol(thing).memories(self.lifter))

    def visible_scopes(self) -> Iterator[Scope]:
        """The scopes of the calls that are being read, and those around them."""
        seen: list[Scope] = []
        for frame in self.lifter.frames:
            scope: Scope | None = frame.scope
            while scope is not None and not any(scope is s for s in seen):
                seen.append(scope)
                yield scope
                scope = scope.parent


def called(content: Any) -> str:
    """What a memory is called in a message, after what it holds."""
    name = content.hint if isinstance(content, Value) else ""
    return f"`{name}`" if name and not name.startswith("~") else "this"


HOLD_NOTHING = (pathlib.PurePath, io.IOBase, logging.Logger, type(threading.Lock()), type(threading.RLock()))
"""Objects that never hold an array."""
