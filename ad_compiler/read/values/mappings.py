"""Mappings: dicts whose keys are known, the attributes of an object as one, and what `keys`, `values`, `items` show.

>>> from ad_compiler.read.abstract import Const, python_value
>>> found = Dict({"a": Const(1)})
>>> found.python_value(), [python_value(item) for item in View(found, "items").items]
({'a': 1}, [('a', 1)])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ad_compiler.ir import Arg, Atom, Const
from ad_compiler.read.values.base import (
    NOT_KNOWN,
    Abstract,
    Collection,
    Memory,
    all_same,
    containers_in_all,
    flatten_all,
    python_values,
    to_arg,
    to_kind,
)
from ad_compiler.read.values.sequences import Tuple

if TYPE_CHECKING:
    from ad_compiler.read.base import Reader


class Dict(Collection, Memory):
    """A dict whose keys are known."""

    __slots__ = ()

    @property
    def items(self) -> dict[Any, Abstract]:
        """The things in it, by key."""
        return self.known()

    def type_of(self, mixed: Any = ()) -> type:
        return dict

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        atoms, build = flatten_all(self.items.values())
        keys = list(self.items)
        return atoms, lambda new: Dict(dict(zip(keys, build(new), strict=True)))

    def python_value(self) -> Any:
        values = python_values(self.items.values())
        return NOT_KNOWN if values is None else dict(zip(self.items, values, strict=True))

    def same_structure(self, other: Any) -> bool:
        return list(self.items) == list(other.items) and all_same(self.items.values(), other.items.values())

    def to_arg(self) -> Arg:
        return {key: to_arg(item) for key, item in self.items.items()}

    def to_kind(self) -> Any:
        return {key: to_kind(item) for key, item in self.items.items()}

    def fresh(self, reader: Reader) -> Abstract:
        new = {key: reader.fresh(item) for key, item in self.items.items()}
        return self if all(new[key] is item for key, item in self.items.items()) else Dict(new)

    def detached(self, reader: Reader) -> Abstract:
        return Dict({key: reader.detached(item) for key, item in self.items.items()})

    def get_item(self, reader: Reader, index: Abstract) -> Abstract:
        key = reader.static(index, "the key into a dict")
        if key not in self.items:
            return reader.fails(KeyError(key), key, f"the dict has no key {key!r}")
        return self.items[key]

    def iterate(self, reader: Reader, unroll: bool = False) -> list[Abstract] | None:
        return [Const(key) for key in self.items]

    def containers(self) -> Iterator[Memory]:
        yield self
        yield from containers_in_all(self.held())


class Namespace(Dict):
    """`obj.__dict__`: the attributes of an object, as a dict in the same memory."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(of.content)

    @property
    def items(self) -> dict[Any, Abstract]:
        """The attributes, by name."""
        found: dict[Any, Abstract] = self.of.attributes
        return found


class View(Collection):
    """`d.keys()`, `d.values()`, `d.items()`: what a dict holds, as it is when it is looked at."""

    def __init__(self, of: Dict, part: str) -> None:
        self.of, self.part = of, part

    @property
    def items(self) -> list[Abstract]:
        """What it shows now."""
        if self.part == "keys":
            return [Const(key) for key in self.of.items]
        if self.part == "values":
            return list(self.of.items.values())
        return [Tuple([Const(key), item]) for key, item in self.of.items.items()]

    def word(self) -> str:
        return f"dict_{self.part}"

    def type_of(self, mixed: Any = ()) -> type:
        return type(getattr({}, self.part)())

    def iterate(self, reader: Reader, unroll: bool = False) -> list[Abstract] | None:
        return list(self.items)
