"""Lists: stores into them, and lists whose length is known only when the program runs.

A list whose length is known is held apart, its items are things of their own.  One that grows in a loop is a
run-time list of one kind of value.
"""

from __future__ import annotations

import operator
from typing import Any

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Loop, Op, Value, block_outputs, operands, walk
from ad_compiler.kinds import Kind, Num, Seq, join
from ad_compiler.read.abstract import (
    Abstract,
    Cell,
    Instance,
    List,
    Memory,
    Namespace,
    Poison,
    describe,
    kind_of,
    protocol,
    report,
    to_arg,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.expressions.questions import types_of
from ad_compiler.read.memory.places import Place, holds_memory, link, without_length
from ad_compiler.read.names.cells import CELL
from ad_compiler.read.prelude import lines
from ad_compiler.read.values.memories import stored


class Lists(Reader):
    """Writes into lists."""

    def store_in_list(self, owner: List, index: Abstract, thing: Abstract) -> None:
        """`owner[index] = thing`."""
        if owner.grown is not None:
            if isinstance(index, slice):
                raise Refused("a slice of a list whose length is not known is stored into")
            atom = self.element(thing)
            (new,) = self.lifter.emit(runtime.list_set, (owner.grown, to_arg(index), atom), {}, [owner.grown.kind])
            self.holds(owner, thing)
            self.write_list(owner, new)
            return
        items = list(owner.items)
        at = self.lifter.expressions.static(index, "the index into a list")
        try:
            items[at] = self.lifter.iteration.iterate_now(thing) if isinstance(at, slice) else thing
        except (IndexError, TypeError, ValueError) as error:
            raise Refused(str(error)) from None
        self.write_list(owner, items)

    def extend(self, owner: List, more: Abstract) -> None:
        """`owner += more`."""
        more = self.lifter.operators.iterable(more)
        if owner.grown is None:
            items = self.lifter.iteration.iterate_if_short(more, unroll=True)
            if items is not None:
                self.write_list(owner, [*owner.items, *items])
                return
        items = self.lifter.iteration.iterate_if_short(more, unroll=True)
        if items is None and isinstance(more, Value) and isinstance(more.kind, Num):
            self.lifter.calls.inline(lines.extend, [owner, more], {})
            return
        if items is None:
            raise Refused("a list of unknown length is extended by another", "append its items in a loop")
        for item in items:
            self.append(owner, item)

    def append(self, owner: List, thing: Abstract) -> None:
        """`owner.append(thing)`."""
        if owner.grown is None:
            self.write_list(owner, [*owner.items, thing])
            return
        atom = self.element(thing)
        kind = longer(owner.grown.kind, kind_of(atom))
        (new,) = self.lifter.emit(runtime.list_append, (owner.grown, atom), {}, [kind])
        self.holds(owner, thing)
        self.write_list(owner, new)

    def copied(self, owner: List) -> List:
        """Another list with the same items."""
        grown = owner.grown
        if grown is None:
            return List(list(owner.items))
        (value,) = self.lifter.emit(runtime.list_copy, (grown,), {}, [grown.kind])
        return self.list_beside(owner, value)

    def list_beside(self, owner: List, value: Value) -> List:
        """A list of its own, of items of another."""
        new = List(value)
        self.lifter.memory.places[value] = Place(new, (), value)
        number = isinstance(value.kind, Seq) and isinstance(value.kind.elem, Num) and not holds_memory(value.kind.elem)
        for memory in () if number else (owner, *owner.near):     # the items of the one are the items of the other
            link(new, memory)
        return new

    def element(self, thing: Abstract) -> Atom:
        """A thing as an item of a run-time list: one value."""
        thing = self.lifter.memory.fresh(thing)
        if isinstance(thing, List) and thing.grown is not None:
            thing = thing.grown
        if isinstance(thing, Value) and isinstance(thing.kind, (Num, Seq)):
            return thing
        if isinstance(thing, Const) and isinstance(thing.value, (bool, int, float)):
            return thing
        report(thing)
        raise Refused(f"a {describe(thing)} in a list whose length is known only when the program runs",
                      "keep a list for each part")

    def holds(self, owner: List, thing: Abstract) -> None:
        """A run-time list holds an array that a name may see: a write into the one changes the other."""
        for memory in protocol(thing).memories(self.lifter):
            for also in (memory, *memory.near):
                link(owner, also)

    def write_list(self, owner: Memory, content: Any) -> None:
        """Items are put in, taken out or exchanged: no array changes, but this list under other names does."""
        if isinstance(owner, Namespace):
            owner = owner.of
            if isinstance(owner, Instance) and not set(owner.attributes) <= set(content):
                raise Refused("an attribute is deleted", "leave the line out")
        if isinstance(content, Value):
            self.lifter.memory.places[content] = Place(owner, (), content)
            content.hint = content.hint or self.list_hint(owner)
        self.lifter.memory.note_foreign(owner)
        if isinstance(content, list):       # it is gone through each time that it grows
            self.lifter.statements.spend(len(content) // 256)
        self.lifter.memory.put(owner, stored(content))
        for other in sorted(owner.near, key=lambda m: m.born):
            if not isinstance(other, Cell) and not isinstance(other.content, Poison):
                self.lifter.memory.put(other, self.lifter.memory.lost(other))

    def list_hint(self, owner: Memory) -> str:
        """The name of a list."""
        for scope in self.lifter.memory.visible_scopes():
            for name, thing in scope.names.items():
                if thing is owner and name.startswith(CELL):
                    return name.removeprefix(CELL)
                if thing is owner and not name.startswith((".", "_")):
                    return name
        return ""

    def append_as_trail(self, loop: Loop, param: Value, init: Atom) -> None:
        """A list that is empty before the loop and gains one item an iteration is what a trail is."""
        at = next(i for i, p in enumerate(loop.body.params) if p is param)
        last = loop.body.results[at]
        op = next((s for s in loop.body.ops if isinstance(s, Op) and s.results == [last]), None)
        empty = next((s for s in self.lifter.block.ops if isinstance(s, Op) and s.results == [init]), None)
        if op is None or op.fn is not runtime.list_append or op.args[0] is not param or loop.leave is not None \
                or empty is None or empty.fn is not runtime.make_list or empty.args[0]:
            return
        others = [s for block in (loop.body, loop.cond) if block is not None for s in walk(block) if s is not op]
        reads = [v for s in others for v in operands(s)] + list(block_outputs(loop.body, loop))
        if sum(v is param or v is last for v in reads) != 1:
            return
        result = loop.results[at]
        for values in (loop.inits, loop.body.params, loop.body.results, loop.results):
            del values[at]
        loop.body.ops.remove(op)
        loop.trails.append((op.args[1], result))

    def item_of_several(self, items: list[Abstract], index: Abstract) -> Abstract:
        """`items[index]` for an index that is known at run time only."""
        found = self.lifter.apply(operator.getitem, [self.make_grown(items, self.kind_of_items(items)), index])
        if isinstance(found, Value):
            number = isinstance(found.kind, Num) and not found.kind.is_array
            if number and len(types := types_of(self.lifter, *items)) > 1:
                self.lifter.numbers.mixed[found] = types
            near = [memory for item in items for memory in protocol(item).memories(self.lifter)]
            self.lifter.memory.own(found, near=near)
        return found

    # -- lists that grow -----------------------------------------------------------------------------

    def make_grown(self, items: list[Abstract], elem: Kind) -> Value:
        """A list whose length is known, as a run-time list."""
        atoms = [self.element(item) for item in items]
        (value,) = self.lifter.emit(runtime.make_list, (atoms,), {}, [Seq(elem)])
        return value

    def kind_of_items(self, items: list[Abstract]) -> Kind:
        """The kind of the items of a list that grows."""
        kind: Kind | None = None
        for item in items:
            found = without_length(kind_of(self.element(item)))
            kind = found if kind is None else join(kind, found)
            if kind is None:
                break
        if kind is None:
            raise Refused("a list that grows in a loop holds items of several kinds", "keep a list for each kind")
        return kind


def longer(kind: Any, elem: Any) -> Seq:
    """A list with one more item."""
    both = join(kind.elem, without_length(elem))
    if both is None or both != kind.elem:
        raise Refused("a list holds items of several kinds", "use a tuple, or a list for each kind")
    return Seq(kind.elem)
