"""What is gone through once: `zip`, `enumerate`, `reversed`, `iter`, generators.

>>> Reversed(Zip([])).word(), Zip([]).type_of()
('reversed', <class 'zip'>)
"""

from __future__ import annotations

import operator
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.prelude import iterators as prelude
from ad_compiler.read.values.base import Abstract, Counted, Cursor, Thing, describe, protocol, python_value
from ad_compiler.read.values.lists import List
from ad_compiler.read.values.memories import Memory
from ad_compiler.read.values.sequences import Tuple

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter
    from ad_compiler.read.names.scopes import Scope


CALL = ".call"
"""Names the call of a generator function that a generator expression goes through."""
FIRST = ".first"
"""Names what a generator expression goes through first: that is evaluated where the expression stands."""


class Once(Thing):
    """What has no length, and is true."""

    __slots__ = ()

    def truth(self, lifter: Lifter) -> Abstract:
        return Const(True)

    def len(self, lifter: Lifter) -> Abstract:
        return lifter.raises(TypeError, f"object of type '{self.word()}' has no len()")

    def is_callable(self, lifter: Lifter) -> Const | Value:
        return Const(False)

    def stored(self) -> Iterator:
        return Iterator({"iterator": self})

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        return Iterated(self).next_item(lifter, default, named)


class Going(Once):
    """What hands out the items of others, by their number."""

    __slots__ = ()

    def counted(self, lifter: Lifter) -> Counted:
        size: Any = self.length(lifter)
        return Const(0), size, Const(1), lambda i: self.item_at(lifter, i)


class Zip(Going):
    """`zip(*parts)`, or `enumerate` where the first part counts; `uneven`: one that ends before others is an error.

    `strict`: the lengths may be different, which is an error at the end.
    """

    def __init__(self, parts: list[Abstract], uneven: bool = False, strict: bool = False) -> None:
        self.parts, self.uneven, self.strict = parts, uneven, strict

    @property
    def measured(self) -> list[Abstract]:
        """Its parts that end."""
        return [part for part in self.parts if not isinstance(part, Count)]

    def type_of(self, mixed: Any = ()) -> type:
        return zip

    def length(self, lifter: Lifter) -> Abstract:
        shortest, *others = [protocol(part).length(lifter) for part in self.measured]
        if self.strict:
            for size in others:
                lifter.calls.inline(prelude.same_length, [size, shortest], {})
            return shortest
        for size in others:
            if not same_length(size, shortest):
                shortest = lifter.calls.call(Const(min), [shortest, size], {})
        return shortest

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return in_turn(self.cursor(lifter, unroll))

    def unrolled(self, lifter: Lifter) -> list[Abstract] | None:
        return self.iterate(lifter, unroll=True)

    def cursor(self, lifter: Lifter, unroll: bool = False) -> Cursor | None:
        # A generator has no counted loop.
        unroll = unroll or self.uneven or any(isinstance(part, Generator) for part in self.parts)
        cursors = [part.numbers(lifter) if isinstance(part, Count) else
                   lifter.iteration.generate_in_turn(part, unroll) if isinstance(part, Generator) else
                   protocol(part).cursor(lifter, unroll) for part in self.parts]
        if not self.measured or None in cursors:
            return None

        def row(at: int) -> Abstract | None:
            items: list[Abstract] = []
            for cursor in cursors:
                item = cursor(at) if cursor is not None else None
                if item is None:
                    if self.uneven:
                        self.refuse_uneven(lifter, len(items))
                    return None
                items.append(item)
            return Tuple(items)
        return InOrder(row) if self.uneven or any(isinstance(part, Generator) for part in self.parts) else row

    def refuse_uneven(self, lifter: Lifter, ended: int) -> None:
        """`zip(strict=True)` raises where it comes to an end that others have not."""
        longer = next((at for at, part in enumerate(self.parts) if python_value(protocol(part).length(lifter))
                       > python_value(protocol(self.parts[ended]).length(lifter))), 0)
        at, word = (ended, "shorter") if ended else (longer, "longer")
        lifter.raises(ValueError, f"zip() argument {at + 1} is {word} than argument{'' if at == 1 else 's'} 1"
                                  f"{'' if at == 1 else f'-{at}'}")

    def counted(self, lifter: Lifter) -> Counted:
        if not self.measured:
            raise Refused("enumerate needs something to count")
        return super().counted(lifter)

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        return Tuple([protocol(part).item_at(lifter, i) for part in self.parts])


def goes_to_its_end(thing: Abstract, leave: str | None) -> None:
    """Refuse to leave what looks at its end whether its parts were of one length."""
    while isinstance(thing, Generator):
        thing = thing.scope.names.get(FIRST)
    if leave is not None and isinstance(thing, Zip) and thing.strict:
        raise Refused("this loop may be left before its `zip` finds one of its parts longer than another",
                      "compare their lengths before the loop")


def does_more(thing: Abstract) -> bool:
    """Does it go through a generator function, which may do more than hand out items?"""
    while isinstance(thing, Generator) and not isinstance(thing.scope.names.get(CALL), Yields):
        thing = thing.scope.names.get(FIRST)
    return isinstance(thing, Generator)


class InOrder:
    """A cursor that makes an item, or an error, when it is asked for it: it is not asked ahead, nor twice."""

    def __init__(self, row: Cursor) -> None:
        self.row, self.asked = row, 0

    def __call__(self, at: int) -> Abstract | None:
        if at != self.asked:
            raise Refused("the items of this `zip` are asked for more than once", "make a list of it first")
        self.asked += 1
        return self.row(at)


def in_turn(cursor: Cursor | None) -> list[Abstract] | None:
    """All items of a cursor."""
    if cursor is None:
        return None
    items: list[Abstract] = []
    while (item := cursor(len(items))) is not None:
        items.append(item)
    return items


def same_length(a: Abstract, b: Abstract) -> bool:
    """Are two lengths known to be one?"""
    if isinstance(a, Const) and isinstance(b, Const):
        return bool(a.value == b.value)
    return isinstance(a, Value) and isinstance(b, Value) and isinstance(a.kind, Num) and isinstance(b.kind, Num) \
        and a.kind.length is not None and a.kind.length == b.kind.length


class Count(Once):
    """The whole numbers that `enumerate` hands out, or `itertools.count`: start, start + step, …"""

    def __init__(self, start: Atom, step: Atom | None = None) -> None:
        self.start, self.step = start, step or Const(1)

    def numbers(self, lifter: Lifter) -> Cursor:
        """They beside something else; on their own they have no end."""
        return lambda at: self.number(lifter, Const(at))

    def number(self, lifter: Lifter, at: Atom) -> Abstract:
        """So many after the first."""
        far = at if python_value(self.step) == 1 else lifter.apply(operator.mul, [self.step, at])
        return far if python_value(self.start) == 0 else lifter.apply(operator.add, [self.start, far])

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        return self.number(lifter, i)


class Reversed(Going):
    """`reversed(of)`; `size` is how long that was then."""

    def __init__(self, of: Abstract, size: Abstract | None = None) -> None:
        self.of, self.size = of, size

    def length(self, lifter: Lifter) -> Abstract:
        return protocol(self.of).length(lifter) if self.size is None else self.size

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        if isinstance(self.of, List):
            return in_turn(self.cursor(lifter, unroll))
        items = lifter.iteration.iterate_if_short(self.of, unroll)
        return None if items is None else items[::-1]

    def unrolled(self, lifter: Lifter) -> list[Abstract] | None:
        items = protocol(self.of).unrolled(lifter)
        return None if items is None else items[::-1]

    def cursor(self, lifter: Lifter, unroll: bool = False) -> Cursor | None:
        if isinstance(self.of, List):
            return self.of.backwards(python_value(self.length(lifter)))
        return super().cursor(lifter, unroll)

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        last: Any = lifter.apply(operator.sub, [self.length(lifter), Const(1)])
        at: Any = lifter.apply(operator.sub, [last, i])
        return protocol(self.of).item_at(lifter, at)


class Iterated(Going):
    """`iter(of)`: its items go by once, from one on."""

    def __init__(self, of: Abstract, at: int = 0) -> None:
        self.of, self.at = of, at

    def length(self, lifter: Lifter) -> Abstract:
        whole = protocol(self.of).length(lifter)
        return lifter.apply(operator.sub, [whole, Const(self.at)]) if self.at else whole

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        whole = lifter.iteration.iterate_if_short(self.of, unroll)
        return None if whole is None else whole[self.at:]

    def cursor(self, lifter: Lifter, unroll: bool = False) -> Cursor | None:
        whole = protocol(self.of).cursor(lifter, unroll)
        return whole if whole is None or not self.at else lambda at: whole(self.at + at)

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        cursor = protocol(self.of).cursor(lifter, unroll=True)
        if cursor is None:
            raise Refused(f"the length of this {describe(self.of)} must be known before the program runs",
                          "ask for its items by an index")
        item = cursor(self.at)
        if item is None:
            return lifter.steps.ended(default)
        if named is not None:
            lifter.memory.put(named, {"iterator": Iterated(self.of, self.at + 1)})
        return item

    def counted(self, lifter: Lifter) -> Counted:
        return super().counted(lifter) if self.at else protocol(self.of).counted(lifter)

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        at: Any = lifter.apply(operator.add, [Const(self.at), i]) if self.at else i
        return protocol(self.of).item_at(lifter, at)


class Few(Iterated):
    """`checkpointed(of, snapshots)`: of the loop over it few states are kept."""

    def __init__(self, of: Abstract, snapshots: Any) -> None:
        super().__init__(of)
        self.snapshots = snapshots

    def unrolled(self, lifter: Lifter) -> list[Abstract] | None:
        return protocol(self.of).unrolled(lifter)


class Iterator(Memory):
    """An iterator under a name, or in a container: `content` holds it until it is read."""

    __slots__ = ()

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        content = self.known()
        if not content:
            raise Refused("this is an iterator, and consumed already", "make it a list, `list(…)`")
        return protocol(content["iterator"]).next_item(lifter, default, self)

    def truth(self, lifter: Lifter) -> Abstract:
        return Const(True)


class Generator(Once):
    """A generator expression, or a comprehension before it is unrolled."""

    def __init__(self, node: Any, scope: Scope) -> None:
        self.node, self.scope = node, scope

    def type_of(self, mixed: Any = ()) -> type:
        return GeneratorType

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return lifter.iteration.generate_now(self, unroll)

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        return lifter.steps.next_of_generator(self, default, named)


class Yields(Thing):
    """A call of a generator function: its node, its parameters, and where its other names are looked up."""

    __slots__ = ("bound", "node", "scope")

    def __init__(self, node: Any, bound: dict[str, Abstract], scope: Scope) -> None:
        self.node, self.bound, self.scope = node, bound, scope


class Manager(Thing):
    """A context manager made of a generator function."""

    __slots__ = ("generator", "name")

    def __init__(self, generator: Generator, name: str) -> None:
        self.generator, self.name = generator, name


ITERATORS = Generator, Zip, Reversed, Iterated, Manager, Count
"""What is gone once it has been read."""
