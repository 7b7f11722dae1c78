"""Sequences: tuples, lists, and the shape of an array.

>>> from ad_compiler.read.abstract import Const, flatten
>>> atoms, build = flatten(Tuple([Const(1), List([Const(2)])]))
>>> [atom.value for atom in atoms], build([Const(3), Const(4)]).python_value()
([1, 2], (3, [4]))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Value
from ad_compiler.read.values.base import (
    NOT_KNOWN,
    Abstract,
    Memory,
    Poison,
    Thing,
    all_same,
    containers_in_all,
    flatten_all,
    memories_in,
    python_values,
    to_arg,
    to_kind,
)

if TYPE_CHECKING:
    from ad_compiler.read.base import Reader


class Sequence(Thing):
    """A tuple or list whose length is known."""

    __slots__ = ()
    items: Any

    def of(self, items: list[Abstract]) -> Self:
        """One like it, of other items."""
        return type(self)(items)      # type: ignore[call-arg]

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        atoms, build = flatten_all(self.items)
        return atoms, lambda new: self.of(build(new))

    def same_structure(self, other: Any) -> bool:
        return len(self.items) == len(other.items) and all_same(self.items, other.items)

    def fresh(self, reader: Reader) -> Abstract:
        items = [reader.fresh(item) for item in self.items]
        return self if all(a is b for a, b in zip(items, self.items, strict=True)) else self.of(items)

    def detached(self, reader: Reader) -> Abstract:
        return self.of([reader.detached(item) for item in self.items])


class Tuple(Sequence):
    """A tuple, or a named tuple of class `cls`, whose length is known."""

    def __init__(self, items: list[Abstract], cls: type | None = None) -> None:
        self.items, self.cls = items, cls

    def of(self, items: list[Abstract]) -> Tuple:
        return Tuple(items, self.cls)

    def type_of(self, mixed: Any = ()) -> type:
        return self.cls or tuple

    def python_value(self) -> Any:
        items = python_values(self.items)
        return NOT_KNOWN if items is None else tuple(items) if self.cls is None else self.cls(*items)

    def same_structure(self, other: Any) -> bool:
        return super().same_structure(other) and self.cls is other.cls

    def to_arg(self) -> Arg:
        items = [to_arg(item) for item in self.items]
        return self.cls(*items) if self.cls is not None else tuple(items)

    def to_kind(self) -> Any:
        return tuple(to_kind(item) for item in self.items)

    def containers(self) -> Iterator[Memory]:
        return containers_in_all(self.items)

    def memories(self, reader: Reader) -> Iterator[Memory]:
        for part in self.items:
            yield from memories_in(part, reader)


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

    def type_of(self, mixed: Any = ()) -> type:
        return list

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        return super().flatten() if self.grown is None else ([self.grown], lambda atoms: List(atoms[0]))

    def python_value(self) -> Any:
        items = None if isinstance(self.content, Poison) or self.grown is not None else python_values(self.items)
        return NOT_KNOWN if items is None else items

    def same_structure(self, other: Any) -> bool:
        if self.grown is not None or other.grown is not None:
            return None not in (self.grown, other.grown)
        return super().same_structure(other)

    def to_arg(self) -> Arg:
        return self.grown if self.grown is not None else [to_arg(item) for item in self.items]

    def to_kind(self) -> Any:
        return self.grown.kind if self.grown is not None else [to_kind(item) for item in self.items]

    def fresh(self, reader: Reader) -> Abstract:
        return super().fresh(reader) if self.grown is None else self.grown

    def containers(self) -> Iterator[Memory]:
        yield self
        yield from containers_in_all(self.held())
