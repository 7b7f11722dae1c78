"""Memory: which values may stand in the same array, and who can see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num, Sym
from ad_compiler.read.abstract import (
    Abstract,
    Instance,
    Method,
    flatten,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.frame import Scope


class Memory(Reader):
    """Part of the lifter: memory."""

    def note_lengths(self, value: Value) -> None:
        """Remember where the length of an axis can be read."""
        if isinstance(value.kind, Num):
            for axis, dim in enumerate(value.kind.shape or ()):
                if isinstance(dim, Sym):
                    self.lengths.setdefault(dim, (value, axis))

    def check_bound(self, value: Value, name: str) -> None:
        """A name that an arm or a loop may have left unbound is read: Python itself says so where it is."""
        key = (value, self.block)
        if key not in self.checked:
            self.checked.add(key)
            self.emit(runtime.check_bound, (value, Const(name)), {}, [], effect=True)

    # -- memory --------------------------------------------------------------------------------------

    def roots_of(self, value: Value) -> frozenset[Any]:
        """The memories that a value may stand in."""
        return self.roots.setdefault(value, frozenset([value]))

    def check_writable(self, name: str, value: Value, what: str) -> None:
        """A store is allowed into memory that nothing else can see."""
        roots = self.roots_of(value)
        if roots & self.foreign:
            raise Refused(f"{what} writes into an array that the function was given",
                          f"stores into arguments come later: copy it first, `{name} = {name}.copy()`")
        seen = 0
        for scope in self._visible_scopes():
            for thing in scope.names.values():
                for atom in self._reachable(thing):
                    if isinstance(atom, Value) and self.roots_of(atom) & roots:
                        seen += 1
        if seen > 1:
            raise Refused(f"{what} writes into memory that another name may see",
                          f"copy it first, `{name} = {name}.copy()`")

    def _reachable(self, thing: Abstract) -> list[Any]:
        if isinstance(thing, Instance):
            return [a for t in thing.attributes.values() for a in self._reachable(t)]
        if isinstance(thing, Method):
            return [thing.owner]
        return flatten(thing)[0]

    def _visible_scopes(self) -> Iterator[Scope]:
        seen: list[Scope] = []
        for frame in self.frames:
            scope: Scope | None = frame.scope
            while scope is not None and not any(scope is s for s in seen):
                seen.append(scope)
                yield scope
                scope = scope.parent
