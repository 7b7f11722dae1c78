"""Sequences: tuples, lists of a length that is known or not, and the shape of an array.

>>> from ad_compiler.read.abstract import Const, flatten
>>> atoms, build = flatten(Tuple([Const(1), List([Const(2)])]))
>>> [atom.value for atom in atoms], build([Const(3), Const(4)]).python_value()
([1, 2], (3, [4]))
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Const, Value
from ad_compiler.kinds import Num, Seq, Shape
from ad_compiler.read.values.atoms import RunTime
from ad_compiler.read.values.base import (
    NOT_KNOWN,
    STANDS_FOR,
    Abstract,
    Counted,
    Cursor,
    Memory,
    Thing,
    to_kind,
    type_of,
)
from ad_compiler.read.values.containers import Container
from ad_compiler.read.values.sorts import is_array, is_index, is_scalar, is_truth

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
        if isinstance(count, (Value, Const)):
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


class Tuple(Sequence):
    """A tuple, or a named tuple of class `cls`, whose length is known."""

    def __init__(self, items: list[Abstract], cls: type | None = None) -> None:
        self.items, self.cls = items, cls

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

    def held(self) -> Iterable[Abstract]:
        return self.items

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


class List(Sequence, Memory):
    """A list: of things, or, where its length is known at run time only, one value of kind `Seq`."""

    __slots__ = ()

    @property
    def items(self) -> list[Abstract]:
        """The things in it."""
        content = self.known()
        if isinstance(content, list):
            return content
        raise Refused("the length of this list is known only when the program runs",
                      "read its items in a loop, or by an index")

    @property
    def grown(self) -> Value | None:
        """The run-time list, where the length is not known."""
        content = self.known()
        return None if isinstance(content, list) else content

    def like(self, parts: list[Abstract]) -> List:
        return List(parts)

    def python(self, values: list[Any]) -> Any:
        return values

    def type_of(self, mixed: Any = ()) -> type:
        return list

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        return super().flatten() if self.grown is None else ([self.grown], lambda atoms: List(atoms[0]))

    def python_value(self) -> Any:
        return super().python_value() if isinstance(self.content, list) else NOT_KNOWN

    def same_structure(self, other: Any) -> bool:
        if self.grown is not None or other.grown is not None:
            return None not in (self.grown, other.grown)
        return super().same_structure(other)

    def to_arg(self) -> Arg:
        return super().to_arg() if self.grown is None else self.grown

    def to_kind(self) -> Any:
        return super().to_kind() if self.grown is None else self.grown.kind

    def fresh(self, lifter: Lifter) -> Abstract:
        return super().fresh(lifter) if self.grown is None else self.grown

    def binary(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        if fn is not operator.add or not isinstance(right, List) or self.grown is None:
            return super().binary(lifter, fn, right)
        longer = lifter.lists.copied(self)
        lifter.lists.extend(longer, right)
        return longer

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        if is_array(right) or is_scalar(right) and fn is operator.add:      # NumPy's own, which makes an array
            return lifter.expressions.binary(fn, self, right)
        if fn is operator.add:
            lifter.lists.extend(self, right)
        elif fn is operator.mul:
            lifter.lists.write_list(self, self.items * lifter.expressions.how_often(right))
        else:
            return super().in_place(lifter, fn, right)
        return self

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        if self.grown is not None:
            raise Refused("`in` needs a container whose length is known", "look for it in a loop")
        return super().contains(lifter, item)

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        lifter.lists.store_in_list(self, index, thing)

    def truth(self, lifter: Lifter) -> Abstract:
        if self.grown is None:
            return super().truth(lifter)
        return lifter.expressions.truth_of(lifter.apply(operator.ne, [lifter.apply(len, [self]), Const(0)]))

    def length(self, lifter: Lifter) -> Abstract:
        return super().length(lifter) if self.grown is None else lifter.apply(len, [self])

    def len(self, lifter: Lifter) -> Abstract:
        return super().len(lifter) if self.grown is None else NotImplemented

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        if self.grown is None:
            return super().get_item(lifter, index)
        found = lifter.apply(operator.getitem, [self.grown, index])
        a_part = isinstance(index, slice) and isinstance(found, Value) and isinstance(found.kind, Seq)
        return lifter.lists.list_beside(self, found) if a_part else found

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        return self.items if self.grown is None else Grown(self.grown).unpack(lifter, count)

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return super().iterate(lifter, unroll) if self.grown is None else None

    def cursor(self, lifter: Lifter, unroll: bool = False) -> Cursor | None:
        """A list may change while it is gone through: Python asks it for one item after the other."""
        if self.grown is not None:
            return None
        return lambda at: self.items[at] if at < len(self.items) else None

    def backwards(self, size: Any) -> Cursor | None:
        """A cursor from what was its end when it had so many items."""
        if self.grown is not None or not isinstance(size, int):
            return None
        last = size - 1
        return lambda at: self.items[last - at] if 0 <= last - at < len(self.items) else None

    def counted(self, lifter: Lifter) -> Counted:
        if self.grown is None:
            return super().counted(lifter)
        size: Any = self.length(lifter)
        return Const(0), size, Const(1), lambda i: lifter.expressions.item(self, i)


class Grown(RunTime):
    """A list whose length is known at run time only."""

    __slots__ = ()

    def plain_type(self) -> type | None:
        return list

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        raise Refused(f"attribute `{name}` of this list is not supported", "give the list a name first")


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


STANDS_FOR |= {Seq: Grown, Shape: Dims}
