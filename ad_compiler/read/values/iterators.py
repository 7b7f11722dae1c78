"""What is gone through once: `zip`, `enumerate`, `reversed`, `iter`, generators.

>>> Reversed(Zip([])).word(), Zip([]).type_of()
('reversed', <class 'zip'>)
"""

from __future__ import annotations

from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ad_compiler.ir import Atom
from ad_compiler.read.values.base import Abstract, Memory, Thing

if TYPE_CHECKING:
    from ad_compiler.read.frame import Scope


class Zip(Thing):
    """`zip(*parts)`, or `enumerate` where the first part counts."""

    def __init__(self, parts: list[Abstract]) -> None:
        self.parts = parts

    def type_of(self, mixed: Any = ()) -> type:
        return zip


class Count(Thing):
    """The numbers that `enumerate` hands out: start, start + 1, …"""

    def __init__(self, start: Atom) -> None:
        self.start = start


class Reversed(Thing):
    """`reversed(of)`."""

    def __init__(self, of: Abstract) -> None:
        self.of = of


class Iterated(Thing):
    """`iter(of)`: its items go by once, from one on."""

    def __init__(self, of: Abstract, at: int = 0) -> None:
        self.of, self.at = of, at


class Few(Iterated):
    """`checkpointed(of, snapshots)`: of the loop over it few states are kept."""

    def __init__(self, of: Abstract, snapshots: Any) -> None:
        super().__init__(of)
        self.snapshots = snapshots


class Iterator(Memory):
    """An iterator under a name: `content` holds it until it is read."""

    __slots__ = ()


class Generator(Thing):
    """A generator expression, or a comprehension before it is unrolled."""

    def __init__(self, node: Any, scope: Scope) -> None:
        self.node, self.scope = node, scope

    def type_of(self, mixed: Any = ()) -> type:
        return GeneratorType


class Yields(Thing):
    """A call of a generator function: its node, its parameters, and where its other names are looked up."""

    __slots__ = ("bound", "node", "scope")

    def __init__(self, node: Any, bound: dict[str, Abstract], scope: Scope) -> None:
        self.node, self.bound, self.scope = node, bound, scope


class Manager(Thing):
    """A context manager made of a generator function."""

    __slots__ = ("generator", "name")

    def __init__(self, generator: Generator, name: str) -> None:
        self.generator, self.name = generator, name
