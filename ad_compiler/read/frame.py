"""Names and where they are looked up: the scope of a function that is read, and the world outside it.

The world is read live: a `Watch` says which global or closure cell was read, and what it was when the
derivative was compiled.  A watch is *exact* where the object itself was compiled in (a function, an integer),
else its kind was.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import gast

from ad_compiler.ir import Value
from ad_compiler.read.abstract import Abstract
from ad_compiler.read.parse import Source


@dataclass(eq=False, slots=True)
class Watch:
    """Something outside the function that its derivative depends on.

    `get(args)` reads it again, given the arguments of the call; `key` tells the cache where it lives.
    """

    get: Callable[[Any], Any]
    seen: Any
    exact: bool
    value: Value | None = None
    where: tuple[dict[str, Any], str] | None = None


@dataclass(eq=False, slots=True)
class Scope:
    """The local names of one call, and the function's way to the names around it."""

    source: Source
    names: dict[str, Abstract] = field(default_factory=dict)
    parent: Scope | None = None
    func: FunctionType | None = None
    local_names: frozenset[str] = frozenset()
    comprehension: bool = False

    def lookup_world(self, name: str) -> tuple[Any, Callable[[Any], Any], tuple[dict[str, Any], str] | None]:
        """A closure cell, global or builtin: the object, how to read it again, and where it stands."""
        func: Any = self.func
        if func is None:
            raise KeyError(name)
        if func.__closure__ is not None and name in func.__code__.co_freevars:
            cell = func.__closure__[func.__code__.co_freevars.index(name)]
            try:
                return cell.cell_contents, lambda args: cell.cell_contents, None
            except ValueError:
                raise KeyError(name) from None
        world = func.__globals__
        if name in world:
            return world[name], lambda args: world.get(name), (world, name)
        obj = getattr(builtins, name)
        return obj, lambda args: world.get(name, obj), None


@dataclass(eq=False, slots=True)
class Frame:
    """One call that is being read."""

    scope: Scope
    node: gast.FunctionDef
    stack: tuple[Any, ...] = ()
    arms: int = 0

    @property
    def source(self) -> Source:
        return self.scope.source


def constant_like(obj: Any) -> bool:
    """Objects that are compiled in: they decide the structure of the program."""
    return obj is None or obj is NotImplemented or isinstance(obj, (bool, int, str, bytes, type, slice, type(Ellipsis)))
