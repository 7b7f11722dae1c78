"""What tuples, lists and dicts have in common: they hold things, and others like them can be made of other things.

>>> from ad_compiler.read.abstract import Const, Tuple, flatten
>>> atoms, build = flatten(Tuple([Const(1), Tuple([Const(2)])]))
>>> len(atoms), build([Const(3), Const(4)]).python_value()
(2, (3, (4,)))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Const
from ad_compiler.read.values.base import (
    NOT_KNOWN,
    Abstract,
    Cursor,
    Thing,
    flatten,
    known_to_hold,
    python_value,
    same_structure,
    to_arg,
    to_kind,
)
from ad_compiler.read.values.memories import Memory

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Collection(Thing):
    """What has a number of items that is known.

    A method of Python's is read by the one called `method_` and its name: of the lifter, what it is given, and that by
    name.
    """

    __slots__ = ()
    items: Any

    def method(self, name: str) -> Callable[..., Abstract] | None:
        """What reads a method of Python's; None where that cannot be read."""
        return getattr(self, f"method_{name}", None)

    def truth(self, lifter: Lifter) -> Abstract:
        return Const(bool(self.items))

    def length(self, lifter: Lifter) -> Abstract:
        return Const(len(self.items))

    def len(self, lifter: Lifter) -> Abstract:
        return self.length(lifter)

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        return self.iterate(lifter) or []

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        return known_to_hold(lifter, self, item) or lifter.comparisons.any_equal(item, self.unpack(lifter, None))


class Unordered(Collection):
    """A dict, a set, or what shows the items of one: it may not change its size while it is gone through."""

    __slots__ = ()

    def cursor(self, lifter: Lifter, unroll: bool = False) -> Cursor | None:
        size = len(self.items)

        def item(at: int) -> Abstract | None:
            if len(self.items) != size:
                raise Refused(f"a {self.word()} changes its size while it is gone through", "go through a list of it")
            return None if at >= size else self.unpack(lifter, None)[at]
        return item


class Container(Collection):
    """What holds things of any kind."""

    __slots__ = ()

    def parts(self) -> list[Abstract]:
        """The things in it."""
        found: list[Abstract] = self.items
        return found

    def like(self, parts: list[Abstract]) -> Thing:
        """One like it, of other things."""
        raise NotImplementedError

    def python(self, values: list[Any]) -> Any:
        """Python's own, of these."""
        raise NotImplementedError

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        atoms, build = flatten_all(self.parts())
        return atoms, lambda new: self.like(build(new))

    def python_value(self) -> Any:
        values = [python_value(part) for part in self.parts()]
        return NOT_KNOWN if any(value is NOT_KNOWN for value in values) else self.python(values)

    def same_structure(self, other: Any) -> bool:
        return len(self.items) == len(other.items) and all(map(same_structure, self.parts(), other.parts()))

    def to_arg(self) -> Arg:
        return self.python([to_arg(part) for part in self.parts()])

    def to_kind(self) -> Any:
        return self.python([to_kind(part) for part in self.parts()])

    def fresh(self, lifter: Lifter) -> Abstract:
        old = self.parts()
        new = [lifter.memory.fresh(part) for part in old]
        return self if all(a is b for a, b in zip(new, old, strict=True)) else self.like(new)

    def detached(self, lifter: Lifter) -> Abstract:
        return self.like([lifter.memory.detached(part) for part in self.parts()])

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        return self.like(list(map(inside, self.parts())))

    def del_item(self, lifter: Lifter, index: Abstract) -> None:
        at, left = lifter.expressions.static(index, "what is deleted"), self.items.copy()
        try:
            del left[at]
        except (IndexError, KeyError, TypeError) as error:
            raise Refused(f"what is deleted is not there: {error}") from None
        assert isinstance(self, Memory)
        lifter.lists.write_list(self, left)

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return lifter.statements.container_method(self, name)


def flatten_all(things: Iterable[Abstract]) -> tuple[list[Atom], Callable[[list[Atom]], list[Abstract]]]:
    """The atoms of several things, and a function that builds them from other atoms."""
    parts = [flatten(thing) for thing in things]

    def build(atoms: list[Atom]) -> list[Abstract]:
        built, at = [], 0
        for old, make in parts:
            built.append(make(atoms[at:at + len(old)]))
            at += len(old)
        return built
    return [atom for old, _ in parts for atom in old], build
