"""Names and where they are looked up: the scope of a function that is read, and the world outside it.

The world is read live: a `Watch` says which global or closure cell was read, and what it was when the
derivative was compiled.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import gast

from ad_compiler.read.abstract import Abstract
from ad_compiler.read.parse import Source
from ad_compiler.watch import Get, Itself, Name, Part


@dataclass(eq=False, slots=True)
class Scope:
    """The local names of one call, and the function's way to the names around it."""

    source: Source
    names: dict[str, Abstract] = field(default_factory=dict)
    parent: Scope | None = None
    func: FunctionType | None = None
    local_names: frozenset[str] = frozenset()
    comprehension: bool = False
    half: dict[str, Abstract] = field(default_factory=dict)     # what names stand for that may not be bound
    asked: set[str] = field(default_factory=set)                # those of them that a line asks for

    def lookup_world(self, name: str) -> tuple[Any, Get, tuple[dict[str, Any], str] | None]:
        """A closure cell, global or builtin: the object, how to read it again, and where it stands."""
        func: Any = self.func
        if func is None:
            raise KeyError(name)
        if func.__closure__ is not None and name in func.__code__.co_freevars:
            cell = func.__closure__[func.__code__.co_freevars.index(name)]
            try:
                return cell.cell_contents, Part(Itself(cell), getattr, "cell_contents"), None
            except ValueError:
                raise KeyError(name) from None
        world = func.__globals__
        if name in world:
            return world[name], Name(world, name), (world, name)
        obj = getattr(builtins, name)
        return obj, Name(world, name, True), None


def is_made_up(name: str) -> bool:
    """Is this a name that normalising made up?  It is guarded by a flag where it may not be bound."""
    return name.startswith((".", "_ret", "_skip", "_left", "_broke"))


class Frame:
    """One call that is being read."""

    def __init__(self, scope: Scope, node: gast.FunctionDef, stack: tuple[Any, ...] = (), arms: int = 0) -> None:
        self.scope, self.node, self.stack, self.arms = scope, node, stack, arms

    @property
    def source(self) -> Source:
        return self.scope.source
