"""Nodes that are made up: names, bindings, the loops of a comprehension; and the place in the text that they get.

>>> made = placed(assign(".item", load("x")), gast.parse("y = 1").body[0])
>>> gast.unparse(made), made.lineno, made.value.lineno
('.item = x', 1, 1)
"""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.read.syntax.tree import children


def load(ident: str | None) -> Any:
    """A name that is read."""
    return gast.Name(ident, gast.Load(), None, None)


def store(ident: str | None) -> Any:
    """A name that is bound."""
    return gast.Name(ident, gast.Store(), None, None)


def assign(ident: str | None, value: Any) -> Any:
    """`ident = value`."""
    return gast.Assign([store(ident)], value, None)


def loops_around(generators: list[Any], body: Any) -> Any:
    """A statement inside of the loops and tests of a comprehension."""
    for gen in reversed(generators):
        for test in reversed(gen.ifs):
            body = gast.If(test, [body], [])
        body = gast.For(gen.target, gen.iter, [body], [], None)
    return body


def placed(new: Any, old: Any) -> Any:
    """What was made up, in the place of what it comes from: all of it that has none."""
    stack = [new]
    while stack:
        node = stack.pop()
        if not hasattr(node, "lineno"):
            gast.copy_location(node, old)
            stack += children(node)
    return new
