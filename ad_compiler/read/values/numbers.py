"""Numbers and arrays of the run, and `a.flat`.

>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.abstract import describe, type_of
>>> describe(Value("x", FLOAT)), type_of(Value("x", FLOAT))
('number', <class 'float'>)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.values.atoms import RunTime
from ad_compiler.read.values.base import STANDS_FOR, Abstract, Counted, Thing, protocol, type_of
from ad_compiler.read.values.ranges import Range
from ad_compiler.read.values.sequences import Tuple

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

PYTHON = {"f": float, "i": int, "b": bool, "u": int, "c": complex}
"""The type of a number of Python's, by the kind of its dtype."""


class Array(RunTime):
    """A number or array."""

    __slots__ = ()

    @property
    def kind(self) -> Num:
        """The kind of the value."""
        return self.of.kind     # type: ignore[return-value]

    def word(self) -> str:
        shape = self.kind.shape
        return "array" if shape else "number or array" if shape is None else "number"

    def plain_type(self) -> type | None:
        kind = self.kind
        if kind.form == "any":
            return None
        dtype = np.dtype(kind.dtype)
        found: type = {"py": PYTHON[dtype.kind], "np": dtype.type, "array": np.ndarray}[kind.form]
        return found

    def truth(self, lifter: Lifter) -> Abstract:
        shape = self.kind.shape
        return lifter.expressions.truth_of_array(self.of, shape) if shape else lifter.memory.current(self.of)

    def not_iterable(self) -> str | None:
        kind = self.kind
        return type_of(self.of).__name__ if kind.shape == () and kind.form in ("py", "np") else None

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        return Thing.next_item(self, lifter, default, named)

    def len(self, lifter: Lifter) -> Abstract:
        kind = self.kind
        if kind.shape != () or not lifter.watching:
            return NotImplemented
        return lifter.raises(TypeError, f"object of type '{type_of(self.of).__name__}' has no len()" if
                             kind.form != "array" else "len() of unsized object")

    def length(self, lifter: Lifter) -> Abstract:
        lifter.expressions.only_number(self.of)
        return super().length(lifter)

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        if self.kind.form == "any":
            return NotImplemented
        return lifter.apply(np.copy, [self.of], spelling="method") if self.kind.form == "array" else self.of

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        lifter.expressions.only_number(self.of)
        if self.kind.shape == () and self.kind.form == "array" and lifter.watching:
            return [lifter.raises(TypeError, "iteration over a 0-d array")] * (count or 0)
        return super().unpack(lifter, count)

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return lifter.attributes.attribute_of_number(self.of, name)

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        return lifter.stores.array_in_place(fn, self.of, right)

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        return super().get_item(lifter, positions_of(lifter, index))

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        if not self.kind.shape:
            return super().contains(lifter, item)
        any_one = lifter.apply(np.any, [lifter.comparisons.compare_two(gast.Eq(), self.of, item)])
        return lifter.apply(bool, [any_one])

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        lifter.stores.store_at(self.of, positions_of(lifter, index), thing)

    def set_attr(self, lifter: Lifter, name: str, thing: Abstract, plain: bool) -> None:
        if name == "shape":
            lifter.stores.set_shape(self.of, thing)
        elif name in ("flat", "real"):
            whole = lifter.stores.reshaped_like(thing, self.of) if name == "flat" else thing
            lifter.stores.store_at(self.of, Const(Ellipsis), whole)
        else:
            super().set_attr(lifter, name, thing, plain)

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        lifter.expressions.only_number(self.of)
        if self.kind.form != "any" and self.of not in lifter.numbers.mixed:
            return super().has_attr(lifter, name)
        types = (float, int, np.float64, np.int64, *((np.ndarray,) if self.kind.form == "any" else ()))
        if len(lifter.numbers.mixed.get(self.of, ())) == 1:
            types = tuple(lifter.numbers.mixed[self.of])
        answers = {hasattr(cls, name) for cls in types}
        if len(answers) == 2 or types[0].__dictoffset__ and False in answers:      # it may have one of its own
            raise Refused(f"it is not known here whether this {self.word()} has `{name}`", "ask for its type before")
        return Const(answers.pop())

    def is_callable(self, lifter: Lifter) -> Const | Value:
        lifter.expressions.only_number(self.of)
        return Const(False)

    def counted(self, lifter: Lifter) -> Counted:
        if self.kind.shape == ():
            raise Refused("a number cannot be iterated")
        lifter.expressions.only_number(self.of)
        return super().counted(lifter)


class Flat(Thing):
    """`a.flat`: the elements of an array in order."""

    def __init__(self, owner: Value) -> None:
        self.owner = owner

    def type_of(self, mixed: Any = ()) -> type:
        return np.flatiter

    def fresh(self, lifter: Lifter) -> Abstract:
        flat: Any = lifter.apply(np.ravel, [self.owner], spelling="method")
        lifter.memory.own(flat)
        return flat

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        raise Refused("`next` of `.flat` is not supported: where it stands is not followed", "use an index")

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        lifter.stores.store_flat(self.owner, index, thing)

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        return lifter.expressions.item(self.fresh(lifter), index)

    def length(self, lifter: Lifter) -> Abstract:
        return lifter.apply(np.size, [self.owner])

    def counted(self, lifter: Lifter) -> Counted:       # what the loop writes into the array is seen
        size: Any = self.length(lifter)
        return Const(0), size, Const(1), lambda i: lifter.expressions.item(self, i)


def positions_of(lifter: Lifter, index: Abstract) -> Abstract:
    """An index of an array, each `range` in it as the array of positions that NumPy makes of it."""
    if isinstance(index, Tuple):
        parts = [positions_of(lifter, part) for part in index.items]
        return index if all(map(operator.is_, parts, index.items)) else Tuple(parts)
    if isinstance(index, Const) and isinstance(index.value, range):
        bounds = index.value.start, index.value.stop, index.value.step
        return lifter.apply(np.arange, [Const(bound) for bound in bounds])
    return lifter.apply(np.arange, list(index.bounds)) if isinstance(index, Range) else index


def type_of_value(value: Value) -> type | None:
    """The type that its kind says; None where that says none."""
    behind: Any = protocol(value)
    found: type | None = behind.plain_type()
    return found


STANDS_FOR[Num] = Array
