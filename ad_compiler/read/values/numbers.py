"""Values of the run: numbers and arrays, lists, shapes, objects; and `a.flat`.

>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.abstract import describe
>>> describe(Value("x", FLOAT)), describe(Value("o", Obj("Queue")))
('number', 'Queue')
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.ir import Value
from ad_compiler.kinds import Num, Obj, Seq, Shape
from ad_compiler.read.values.base import STANDS_FOR, Abstract, Memory, OfIR, Thing, protocol

if TYPE_CHECKING:
    from ad_compiler.read.base import Reader

PYTHON = {"f": float, "i": int, "b": bool, "u": int, "c": complex}
"""The type of a number of Python's, by the kind of its dtype."""


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
        found = None if self.of in mixed else self.plain_type()
        return super().type_of(mixed) if found is None else found

    def to_kind(self) -> Any:
        return self.of.kind

    def flatten(self) -> Any:
        return [self.of], lambda atoms: atoms[0]

    def fresh(self, reader: Reader) -> Abstract:
        return reader.current(self.of)

    def detached(self, reader: Reader) -> Abstract:
        if self.of in reader.places:
            reader.own(self.of)
        return self.of

    def memories(self, reader: Reader) -> Iterator[Memory]:
        cell = reader.cell_of(self.of)
        if cell is not None:
            yield cell


class Array(RunTime):
    """A number or array."""

    __slots__ = ()

    def word(self) -> str:
        shape = self.of.kind.shape      # type: ignore[union-attr]
        return "array" if shape else "number or array" if shape is None else "number"

    def plain_type(self) -> type | None:
        kind: Any = self.of.kind
        if kind.form == "any":
            return None
        dtype = np.dtype(kind.dtype)
        found: type = {"py": PYTHON[dtype.kind], "np": dtype.type, "array": np.ndarray}[kind.form]
        return found


class Dims(RunTime):
    """The shape of an array: a tuple of numbers."""

    __slots__ = ()

    def plain_type(self) -> type | None:
        return tuple


class Grown(RunTime):
    """A list whose length is known at run time only."""

    __slots__ = ()

    def plain_type(self) -> type | None:
        return list


class Opaque(RunTime):
    """An object of which nothing is known."""

    __slots__ = ()


class Flat(Thing):
    """`a.flat`: the elements of an array in order."""

    def __init__(self, owner: Value) -> None:
        self.owner = owner

    def type_of(self, mixed: Any = ()) -> type:
        return np.flatiter

    def fresh(self, reader: Reader) -> Abstract:
        flat: Any = reader.apply(np.ravel, [self.owner], spelling="method")
        reader.own(flat)
        return flat


def type_of_value(value: Value) -> type | None:
    """The type that its kind says; None where that says none."""
    behind: Any = protocol(value)
    found: type | None = behind.plain_type()
    return found


STANDS_FOR |= {Num: Array, Shape: Dims, Seq: Grown, Obj: Opaque}
