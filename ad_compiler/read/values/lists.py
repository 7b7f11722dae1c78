"""Lists, of a length that is known or not.

>>> from ad_compiler.read.abstract import Const, flatten
>>> atoms, build = flatten(List([Const(1), List([Const(2)])]))
>>> [atom.value for atom in atoms], build([Const(3), Const(4)]).python_value()
([1, 2], [3, [4]])
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Const, Value
from ad_compiler.kinds import Seq
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.prelude import operators as prelude
from ad_compiler.read.values.atoms import RunTime
from ad_compiler.read.values.base import NOT_KNOWN, STANDS_FOR, Abstract, Counted, Cursor, Poison, python_value
from ad_compiler.read.values.memories import Box
from ad_compiler.read.values.sequences import Sequence
from ad_compiler.read.values.sorts import is_array, is_scalar

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class List(Sequence, Box):
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

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        return super().copied(lifter, inside) if self.grown is None else NotImplemented

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

    # -- its methods ---------------------------------------------------------------------------------

    def method_append(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.append(self, args[0])
        return Const(None)

    def method_extend(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.extend(self, args[0])
        return Const(None)

    def method_insert(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        items = list(self.items)
        items.insert(lifter.expressions.static(args[0], "the place in a list"), args[1])
        lifter.lists.write_list(self, items)
        return Const(None)

    def method_pop(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        if self.grown is not None:
            return self.last_taken(lifter, args)
        items = list(self.items)
        try:
            found = items.pop(lifter.expressions.static(args[0], "the place in a list") if args else -1)
        except IndexError as error:
            raise Refused(str(error)) from None
        lifter.lists.write_list(self, items)
        return found

    def last_taken(self, lifter: Lifter, args: Things) -> Abstract:
        """The last item of a list whose length is not known, which goes."""
        if args and python_value(args[0]) != -1:
            raise Refused("an item inside a list of unknown length is taken out",
                          "take out the last one, or rebuild it")
        grown: Any = self.grown
        assert isinstance(grown.kind, Seq)
        rest, last = lifter.emit(runtime.list_pop, (grown,), {}, [Seq(grown.kind.elem), grown.kind.elem])
        lifter.memory.own(last, near=(self,))
        lifter.lists.write_list(self, rest)
        return last

    def method_clear(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.write_list(self, [])
        return Const(None)

    def method_remove(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return lifter.calls.inline(prelude.remove, [self, *args], {})

    def method_reverse(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        backwards = slice(Const(None), Const(None), Const(-1))
        turned = self.items[::-1] if self.grown is None else lifter.expressions.item(self.grown, backwards)
        lifter.lists.write_list(self, turned)
        return Const(None)

    def method_sort(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        found = lifter.calls.call(Const(sorted), [self], kwargs)
        if isinstance(found, Poison):
            return found
        lifter.lists.write_list(self, found.items if found.grown is None else found.grown)
        return Const(None)

    def method_copy(self, lifter: Lifter, args: Things, kwargs: Named) -> Abstract:
        return lifter.lists.copied(self)


class Grown(RunTime):
    """A list whose length is known at run time only."""

    __slots__ = ()

    def plain_type(self) -> type | None:
        return list

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        raise Refused(f"attribute `{name}` of this list is not supported", "give the list a name first")


STANDS_FOR[Seq] = Grown
