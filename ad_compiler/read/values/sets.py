"""Sets whose items are known.

>>> written({2, 1}).text
'{1, 2}'
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Const, Record
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.values.base import NOT_KNOWN, Abstract, Poison, protocol
from ad_compiler.read.values.containers import Unordered
from ad_compiler.read.values.memories import Box

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


OPERATORS = (operator.or_, operator.and_, operator.sub, operator.xor)
GIVE_SETS = ("union", "intersection", "difference", "symmetric_difference")
GIVE_TRUTHS = ("issubset", "issuperset", "isdisjoint")
CHANGE = ("update", "intersection_update", "difference_update", "symmetric_difference_update")
ITEMS = ("add", "discard", "remove")


class Set(Unordered, Box):
    """A set, or a frozen one, whose items are known: `content` is Python's own set."""

    __slots__ = ()

    @property
    def items(self) -> Any:
        """The set."""
        return self.known()

    def word(self) -> str:
        return type(self.content).__name__

    def type_of(self, mixed: Any = ()) -> type:
        return type(self.items)

    def python_value(self) -> Any:
        return NOT_KNOWN if isinstance(self.content, Poison) else self.items.copy()

    def same_structure(self, other: Any) -> bool:
        return type(self.items) is type(other.items) and bool(self.items == other.items)

    def to_arg(self) -> Arg:
        return written(self.items)

    def to_kind(self) -> Any:
        return frozenset(self.items)

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        return Set(self.items.copy())

    def detached(self, lifter: Lifter) -> Abstract:
        return Set(self.items.copy())

    def known_set(self) -> Any:
        return self.items

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        other = protocol(right).known_set()
        if fn not in OPERATORS or other is None or isinstance(self.items, frozenset):
            return lifter.expressions.binary(fn, self, right)
        lifter.lists.write_list(self, fn(self.items, other))
        return self

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return [Const(item) for item in self.items]

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return lifter.statements.container_method(self, name)

    # -- its methods ---------------------------------------------------------------------------------

    def method(self, name: str) -> Callable[..., Abstract] | None:
        if name in GIVE_SETS or name in GIVE_TRUTHS:
            return functools.partial(self.whole, name)
        if name in CHANGE or name in ITEMS:
            return functools.partial(self.change, name)
        return super().method(name)

    def whole(self, name: str, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        """A method that leaves it as it is."""
        given = [known_items(lifter, arg) for arg in args]
        found = lifter.asked(getattr(type(self.items), name), self.items, *given)
        return Set(found.value) if isinstance(found, Const) and name in GIVE_SETS else found

    def change(self, name: str, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        """A method that puts items in, or takes some out."""
        static = lifter.expressions.static
        given = [static(arg, "an item of a set") if name in ITEMS else known_items(lifter, arg) for arg in args]
        new = set(self.items)
        found = lifter.asked(getattr(new, name), *given)
        if not isinstance(found, Poison):
            lifter.lists.write_list(self, new)
        return found

    def method_copy(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return Set(self.items.copy())

    def method_pop(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        raise Refused("which item of a set goes is Python's own affair", "name the item, and `remove` it")

    def method_clear(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.write_list(self, set())
        return Const(None)


def known_items(lifter: Lifter, thing: Abstract) -> list[Any]:
    """The items of what a method is given."""
    found = protocol(thing).known_set()
    if found is not None:
        return list(found)
    items = lifter.iteration.iterate_now(lifter.operators.iterable(thing))
    return [lifter.expressions.static(item, "an item of a set") for item in items]


def operated(fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract:
    """`left | right` and the like of sets; NotImplemented of anything else."""
    one = protocol(left).known_set() if fn in OPERATORS else None
    other = None if one is None else protocol(right).known_set()
    return NotImplemented if other is None else Set(fn(one, other))


def written(items: Any) -> Arg:
    """A set as it is written: it is made anew where that stands."""
    if not all(type(item) in (bool, int, float, str, type(None)) and item == item for item in items):
        raise Refused("a set of this cannot be handed on", "hand on a list of its items")
    if items and type(items) is set:
        return Const(frozenset(items), f"{{{', '.join(map(repr, items))}}}")
    return Record(type(items), (), (tuple(map(Const, items)),) if items else ())
