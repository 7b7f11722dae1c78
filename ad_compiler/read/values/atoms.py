"""What the intermediate form has classes of its own for: a `Value`, or a `Const`, as a thing that answers.

>>> from ad_compiler.kinds import Obj
>>> from ad_compiler.read.abstract import describe, python_value
>>> describe(Value("o", Obj("Queue"))), python_value(Const(1))
('Queue', 1)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ad_compiler.ir import Arg, Atom, Const, Value
from ad_compiler.kinds import Obj
from ad_compiler.read.values.base import Abstract, Counted, Thing
from ad_compiler.read.values.memories import Memory

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class OfIR(Thing):
    """What the intermediate form knows by a class of its own, `of`, with what it does here."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of

    def to_arg(self) -> Arg:
        return self.of

    def fresh(self, lifter: Lifter) -> Abstract:
        return self.of

    def detached(self, lifter: Lifter) -> Abstract:
        return self.of

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        return lifter.expressions.binary(fn, self.of, right)

    def length(self, lifter: Lifter) -> Abstract:
        return lifter.apply(len, [self.of])

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        return lifter.iteration.iterate_now(self.of)

    def pairs(self, lifter: Lifter) -> dict[Any, Abstract]:
        return lifter.iteration.pairs(self.of)

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        return lifter.expressions.item(self.of, i)


class RunTime(OfIR):
    """A `Value`."""

    __slots__ = ()
    of: Value

    def word(self) -> str:
        return str(getattr(self.of.kind, "type", "value"))

    def plain_type(self) -> type | None:
        """The type that its kind says; None where that says none."""
        return None

    def type_of(self, mixed: Any = ()) -> type:
        several = mixed.get(self.of, ()) if mixed else ()
        found = next(iter(several)) if len(several) == 1 else None if several else self.plain_type()
        return super().type_of(mixed) if found is None else found

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        return [self.of], lambda atoms: atoms[0]

    def to_kind(self) -> Any:
        return self.of.kind

    def fresh(self, lifter: Lifter) -> Abstract:
        return lifter.memory.current(self.of)

    def detached(self, lifter: Lifter) -> Abstract:
        return lifter.memory.in_own_memory(self.of) if self.of in lifter.memory.places else self.of

    def memories(self, lifter: Lifter) -> Iterator[Memory]:
        cell = lifter.memory.cell_of(self.of)
        if cell is not None:
            yield cell

    def truth(self, lifter: Lifter) -> Abstract:
        return lifter.memory.current(self.of)

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        return NotImplemented       # the run may find it to be an iterator

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        return lifter.apply(operator.getitem, [self.of, index])

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        if count is None:
            return super().unpack(lifter, count)
        lifter.statements.check_unpacked(self.of, count)
        return [lifter.apply(operator.getitem, [self.of, Const(at)]) for at in range(count)]

    def counted(self, lifter: Lifter) -> Counted:
        return Const(0), lifter.apply(len, [self.of]), Const(1), lambda i: lifter.apply(operator.getitem, [self.of, i])

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        value: Any = lifter.memory.fresh(self.of)
        (result,) = lifter.emit(getattr, (value, Const(name)), {}, [Obj("object")])
        lifter.memory.tie(result, [value])
        return result

    def rest(self, lifter: Lifter) -> Abstract:
        return lifter.expressions.item(self.of, slice(Const(1), Const(None), Const(None)))
