"""Sequences whose length is known: what tuples and lists have in common, tuples, and the shape of an array.

>>> from ad_compiler.read.abstract import Const, flatten
>>> atoms, build = flatten(Tuple([Const(1), Tuple([Const(2)])]))
>>> [atom.value for atom in atoms], build([Const(3), Const(4)]).python_value()
([1, 2], (3, (4,)))
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num, Seq, Shape
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.prelude import operators as prelude
from ad_compiler.read.values.atoms import RunTime
from ad_compiler.read.values.base import (
    NOT_KNOWN,
    STANDS_FOR,
    Abstract,
    Counted,
    Thing,
    protocol,
    python_value,
    to_kind,
    type_of,
)
from ad_compiler.read.values.containers import Container
from ad_compiler.read.values.memories import Memory, stored
from ad_compiler.read.values.sorts import is_array, is_index, is_truth

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Sequence(Container):
    """A tuple or list whose length is known."""

    __slots__ = ()

    def binary(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        if fn is operator.mul and not is_array(right):
            return self.repeated(lifter, right)
        longer = fn is operator.add and type(self) is type(right)
        return type(self)([*self.items, *right.items]) if longer else NotImplemented      # type: ignore[call-arg]

    def binary_right(self, lifter: Lifter, fn: Callable[..., Any], left: Abstract) -> Abstract:
        return self.repeated(lifter, left) if fn is operator.mul and not is_array(left) else NotImplemented

    def repeated(self, lifter: Lifter, count: Abstract) -> Abstract:
        """`self * count`."""
        if isinstance(count, (Value, Const)) and count not in lifter.numbers.mixed:
            cls = type_of(count, lifter.numbers.mixed)
            if cls in (float, str, type(None)):
                return lifter.raises(TypeError, f"can't multiply sequence by non-int of type '{cls.__name__}'")
        return type(self)(self.items * lifter.expressions.how_often(count))      # type: ignore[call-arg]

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        made_of = lifter.numbers.derived.get(index, ()) if isinstance(index, Value) else ()
        if made_of and self.items and not lifter.control.listed.isdisjoint(made_of):
            return lifter.lists.item_of_several(self.items, index)
        if lifter.watching and self.items and is_index(index) and not made_of:      # only the run tells it
            if is_truth(index) and len(self.items) > 1:
                return lifter.branches.choose(lifter.expressions.truth_of(index), lambda: self.items[1],
                                              lambda: self.items[0])
            if all(isinstance(item.kind, (Num, Seq)) if isinstance(item, Value) else
                   isinstance(item, Const) and isinstance(item.value, (bool, int, float)) for item in self.items):
                return lifter.lists.item_of_several(self.items, index)
        at = lifter.expressions.static(index, "the index into a list or tuple")
        try:
            picked = self.items[at]
        except (IndexError, TypeError, ValueError) as error:
            return lifter.fails(error, str(error).replace("list", type(self).__name__.lower()))
        return type(self)(picked) if isinstance(at, slice) else picked      # type: ignore[call-arg]

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return list(self.items)

    def method_index(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return self.asked(lifter, "index", prelude.index_of, args)

    def method_count(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return self.asked(lifter, "count", prelude.count_of, args)

    def asked(self, lifter: Lifter, name: str, told: Callable[..., Any], args: Things) -> Abstract:
        """What Python itself says, or, where something is not known, what is told in Python."""
        found, *known = [python_value(part) for part in (self, *args)]
        if any(part is NOT_KNOWN for part in (found, *known)):
            return lifter.calls.inline(told, [self, *args], {})
        return lifter.asked(getattr(type(found), name), found, *known)


class Tuple(Sequence):
    """A tuple, or a named tuple of class `cls`, whose length is known."""

    def __init__(self, items: list[Abstract], cls: type | None = None) -> None:
        self.items, self.cls = stored(items), cls

    def like(self, parts: list[Abstract]) -> Tuple:
        return Tuple(parts, self.cls)

    def python(self, values: list[Any]) -> Any:
        return tuple(values) if self.cls is None else self.cls(*values)

    def type_of(self, mixed: Any = ()) -> type:
        return self.cls or tuple

    def same_structure(self, other: Any) -> bool:
        return super().same_structure(other) and self.cls is other.cls

    def to_kind(self) -> Any:
        return tuple(map(to_kind, self.items))

    def is_like(self, other: Any) -> bool:
        """Is the other one of this class, of as many items?"""
        return isinstance(other, Tuple) and len(self.items) == len(other.items) and self.cls is other.cls

    def held(self) -> Iterable[Abstract]:
        return self.items

    def containers(self) -> Iterator[Memory]:
        for part in self.held():
            yield from protocol(part).containers()

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        if not lifter.operators.store_in_object(self, index, thing):
            super().set_item(lifter, index, thing)

    def del_item(self, lifter: Lifter, index: Abstract) -> None:
        Thing.del_item(self, lifter, index)

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        found = lifter.operators.item_of_object(self, index)      # a named tuple may have a method for it
        return super().get_item(lifter, index) if found is None else found

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        found = None if self.cls is None else lifter.classes.attribute_of_named(self, name)
        return super().get_attr(lifter, name) if found is None else found


class Dims(RunTime):
    """The shape of an array: a tuple of numbers."""

    __slots__ = ()

    @property
    def size(self) -> int:
        """The rank of the array."""
        return len(self.of.kind.dims)      # type: ignore[union-attr]

    def plain_type(self) -> type | None:
        return tuple

    def binary(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        opened = fn is operator.add
        if not opened:
            return NotImplemented
        return lifter.expressions.binary(fn, Tuple(lifter.statements.items_of(self.of)), right)

    def binary_right(self, lifter: Lifter, fn: Callable[..., Any], left: Abstract) -> Abstract:
        opened = fn is operator.add
        if not opened:
            return NotImplemented
        return lifter.expressions.binary(fn, left, Tuple(lifter.statements.items_of(self.of)))

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        if isinstance(index, slice):
            return Tuple(lifter.statements.items_of(self.of)[lifter.expressions.static(index, "the slice of a shape")])
        return super().get_item(lifter, index)

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        return super().unpack(lifter, self.size)

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return lifter.statements.items_of(self.of)

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        return lifter.comparisons.any_equal(item, lifter.statements.items_of(self.of))

    def counted(self, lifter: Lifter) -> Counted:
        return Thing.counted(self, lifter)


STANDS_FOR[Shape] = Dims
