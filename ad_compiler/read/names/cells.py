"""Variables that several functions bind: `nonlocal`.

A local name that a function inside binds as well is kept in a memory of its own, as Python keeps it in a cell.
So branches and loops find what a call changes as they find any other write.

>>> from ad_compiler import grad
>>> def f(x):
...     total = 0.0
...     def add(y):
...         nonlocal total
...         total = total + y * y
...     for _ in range(3):
...         add(x)
...     return total
>>> grad(f)(2.0)
12.0
"""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.errors import Refused
from ad_compiler.ir import Value
from ad_compiler.read.abstract import Abstract, Object
from ad_compiler.read.base import Reader
from ad_compiler.read.memory.places import same_chain
from ad_compiler.read.names.scopes import Scope
from ad_compiler.read.syntax.tree import children, kept_with, nodes, types_in

CELL = ".cell "
"""Begins the key, among the names of a scope, of the memory that holds a variable."""


class Variable:
    """The class of the objects that hold one variable each, as their attribute of the same name."""


class Variables(Reader):
    """Keeps variables of several functions."""

    def stmt_Nonlocal(self, node: Any) -> None:
        for name in node.names:
            if CELL + name not in self.scope.names:
                raise Refused(f"`{name}` belongs to a function around this one, which is not differentiated",
                              "pass it as an argument and return its new value")

    def share_variables(self, scope: Scope, plain: Any) -> None:
        """Give the variables of a call that functions in it bind, or that it binds itself, their memories."""
        shared, own = declarations(plain)
        for name in shared:
            if name in scope.local_names:
                scope.names[CELL + name] = self.cell_with(name, scope.names.pop(name, None))
        for name in own:
            around = scope.parent
            while around is not None and CELL + name not in around.names:
                around = around.parent
            if around is not None:
                scope.names[CELL + name] = around.names[CELL + name]

    def cell_with(self, name: str, thing: Abstract | None) -> Object:
        """A memory for a variable."""
        return Object(Variable, {} if thing is None else {name: thing})

    def set_variable(self, cell: Object, name: str, thing: Abstract) -> None:
        """Bind it; `x += 1` of an array leaves it bound to the same memory."""
        old = cell.content.get(name) if isinstance(cell.content, dict) else None
        places = self.lifter.memory.places
        if isinstance(old, Value) and isinstance(thing, Value) and old in places and thing in places:
            before, after = self.lifter.memory.places[old], self.lifter.memory.places[thing]
            if before.cell is after.cell and same_chain(before.chain, after.chain):
                return
        self.lifter.memory.put(cell, {name: thing})


def variable_in(cell: Object, name: str) -> Abstract:
    """What a variable stands for."""
    content = cell.known()
    if name not in content:
        raise Refused(f"`{name}` may not be bound here", "bind it before the function that binds it is defined")
    return content[name]


@kept_with
def declarations(function: Any) -> tuple[list[str], list[str]]:
    """The names that functions inside a function declare `nonlocal`, and those that it declares so itself."""
    if gast.Nonlocal not in types_in(function):
        return [], []
    inside = [inner for stmt in function.body for inner in functions_in(stmt)]
    return (list(dict.fromkeys(name for inner in inside for name in declared(inner))),
            [name for stmt in function.body for name in declared_in(stmt)])


def functions_in(node: Any) -> list[Any]:
    """The functions defined inside a statement, not those inside them."""
    found, stack = [], [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, gast.FunctionDef):
            found.append(inner)
        elif not isinstance(inner, gast.ClassDef):
            stack += children(inner)
    return found


def declared(function: Any) -> list[str]:
    """Names that a function, or one inside it, declares `nonlocal`."""
    return [name for inner in nodes(function) if isinstance(inner, gast.Nonlocal) for name in inner.names]


def declared_in(stmt: Any) -> list[str]:
    """Names that a statement of a function itself declares `nonlocal`."""
    found, stack = [], [stmt]
    while stack:
        inner = stack.pop()
        if isinstance(inner, gast.Nonlocal):
            found += inner.names
        elif not isinstance(inner, (gast.FunctionDef, gast.ClassDef, gast.Lambda)):
            stack += children(inner)
    return found
