"""What is known before the program runs, as an `ir.Const`; and a slice, which may hold what is not.

>>> from ad_compiler.read.abstract import describe, python_value
>>> describe(Const(1.0)), python_value(slice(Const(1), Const(None), Const(2)))
('float', slice(1, None, 2))
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.ir import UNDEFINED, Arg, Const, Slice, Value
from ad_compiler.kinds import kind_of_value
from ad_compiler.read.calls.special import Special
from ad_compiler.read.values.atoms import OfIR
from ad_compiler.read.values.base import NOT_KNOWN, STANDS_FOR, Abstract, known_to_hold, python_value, to_arg, to_kind
from ad_compiler.watch import Itself, Part, constant_like

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Known(OfIR):
    """A `Const`."""

    __slots__ = ()

    def word(self) -> str:
        return type(self.of.value).__name__

    def type_of(self, mixed: Any = ()) -> type:
        if self.of is UNDEFINED:
            return super().type_of(mixed)
        return BuiltinFunctionType if isinstance(self.of.value, Special) else type(self.of.value)

    def to_kind(self) -> Any:
        if isinstance(self.of.value, (np.ndarray, np.floating, np.integer)):
            return kind_of_value(self.of.value, f"constant {id(self.of)}")
        return self.of.value

    def truth(self, lifter: Lifter) -> Abstract:
        lifter.asks.ask_methods([self.of], "__bool__", "__len__")
        return Const(bool(self.of.value))

    def len(self, lifter: Lifter) -> Abstract:
        if isinstance(self.of.value, type):     # a class, as an Enum, may change
            return NotImplemented
        return lifter.asked(len, self.of.value)

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        return self.of if constant_like(self.of.value) or isinstance(self.of.value, float) else NotImplemented

    def known_set(self) -> Any:
        return self.of.value if isinstance(self.of.value, (set, frozenset)) else None

    def binary(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        text = fn is operator.mod and isinstance(self.of.value, str)
        return lifter.strings.formatted(fn, [self.of, right]) if text else NotImplemented

    def length(self, lifter: Lifter) -> Abstract:
        if not hasattr(type(self.of.value), "__len__"):     # an iterator, which may have no end
            raise self.not_gone_through()
        return super().length(lifter)

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        lifter.asks.ask_methods([self.of], "__contains__")
        found = known_to_hold(lifter, self.of, item)
        if found is None and isinstance(self.of.value, (list, tuple, set, frozenset, range)):
            return lifter.comparisons.any_equal(item, [Const(each) for each in self.of.value])
        return super().contains(lifter, item) if found is None else found

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        key = lifter.expressions.static(index, "this index")
        found = lifter.asked(operator.getitem, self.of.value, key)
        if isinstance(found, Const) and isinstance(found.value, enum.Enum) and isinstance(self.of.value, type):
            lifter.asks.ask(Part(Itself(self.of.value), operator.getitem, key), (self.of.value, key), found.value)
        return found

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return lifter.world.attribute_of_constant(self.of.value, name)

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        if isinstance(self.of.value, Special):
            return super().has_attr(lifter, name)
        return lifter.asks.has_outside(self.of.value, Itself(self.of.value), name)

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.calls.call_object(self.of.value, args, kwargs)

    def is_callable(self, lifter: Lifter) -> Const | Value:
        return Const(isinstance(self.of.value, Special) or callable(self.of.value))

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        return NotImplemented       # an iterator of the world's

    def not_iterable(self) -> str | None:
        value = self.of.value
        known = self.of is UNDEFINED or hasattr(value, "__iter__") or hasattr(value, "__getitem__")
        return None if known else type(value).__name__

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        if isinstance(self.of.value, (str, tuple, list, frozenset, set, range, dict)):
            return [Const(item) for item in self.of.value]
        if isinstance(self.of.value, enum.EnumType):
            members: list[enum.Enum] = list(self.of.value)
            return [Const(member) for member in members]
        return None


class SliceOf(OfIR):
    """A `slice` of things."""

    __slots__ = ()

    @property
    def parts(self) -> list[Abstract]:
        """Start, stop and step."""
        return [self.of.start, self.of.stop, self.of.step]

    def word(self) -> str:
        return "slice"

    def type_of(self, mixed: Any = ()) -> type:
        return slice

    def flatten(self) -> Any:
        return [], lambda atoms: self.of

    def python_value(self) -> Any:
        parts = [python_value(part) for part in self.parts]
        return NOT_KNOWN if any(part is NOT_KNOWN for part in parts) else slice(*parts)

    def same_structure(self, other: Any) -> bool:
        return self.of is other

    def to_arg(self) -> Arg:
        return Slice(*map(to_arg, self.parts))

    def to_kind(self) -> Any:
        return slice(*map(to_kind, self.parts))

    def fresh(self, lifter: Lifter) -> Abstract:
        return slice(*map(lifter.memory.fresh, self.parts))

    def truth(self, lifter: Lifter) -> Abstract:
        return Const(True)


STANDS_FOR |= {Const: Known, slice: SliceOf}


