r"""Going through a syntax tree: what `ast.walk` does, asked too often to be done by way of field names.

>>> import gast
>>> tree = gast.parse("y = f(x)\ndel z").body
>>> [type(node).__name__ for node in children(tree[0])]
['Name', 'Call']
>>> [node.id for node in nodes(tree[0]) if isinstance(node, gast.Name)]
['y', 'f', 'x']
>>> copy_tree(tree[1]) is tree[1], gast.dump(copy_tree(tree[1])) == gast.dump(tree[1])
(False, True)
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import gast

Made = TypeVar("Made")

SIGNS = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
"""Nodes that only say something of the node that they are in: left out."""

CONSTANTS = (ast.Constant, gast.Constant)
"""Nodes that have nothing below them."""


class _Shown(dict[type, bool]):
    """Type of something in a field → is it a node that is gone through?"""

    def __missing__(self, kind: type) -> bool:
        self[kind] = shown = issubclass(kind, ast.AST) and not issubclass(kind, SIGNS)
        return shown


_SHOWN = _Shown()


def children(node: Any) -> list[Any]:
    """The nodes right below a node, in the order of its fields."""
    found: list[Any] = []
    if isinstance(node, CONSTANTS):
        return found
    for value in node.__dict__.values():
        kind = type(value)
        if kind is list:
            found += [item for item in value if _SHOWN[type(item)]]
        elif _SHOWN[kind]:
            found.append(value)
    return found


def types_in(function: Any) -> frozenset[type]:
    """The types of all nodes of a function: what holds nothing of some type need not be looked for it.

    They are kept with the node, and go with a copy of it.
    """
    if "types" not in function.__dict__:
        function.types = frozenset(map(type, nodes(function)))
    return function.types


def kept_with(make: Callable[[Any], Made]) -> Callable[[Any], Made]:
    """What is made of a node, made once: it stands in the node, and goes with it."""
    @functools.wraps(make)
    def kept(node: Any) -> Made:
        known = node.__dict__.setdefault(MADE, {})
        if make not in known:
            known[make] = make(node)
        return known[make]
    return kept


MADE = "made"
"""Under which name: a copy of the node, which may be altered, has it not."""


def nodes(root: Any) -> list[Any]:
    """A node and all below it, level by level."""
    found = [root]
    for node in found:      # it grows as it is gone through
        found += children(node)
    return found


def copy_tree(root: Any) -> Any:
    """A deep copy; not `copy.deepcopy`, which gives up where a sum has a few hundred terms."""
    def shallow(value: Any) -> Any:
        if not _SHOWN[type(value)]:
            return value
        new = ast.AST.__new__(type(value))
        new.__dict__.update(value.__dict__)
        new.__dict__.pop(MADE, None)
        stack.append(new)
        return new

    stack: list[Any] = []
    top = shallow(root)
    while stack:
        node = stack.pop()
        for field, value in node.__dict__.items():
            if isinstance(value, list):
                node.__dict__[field] = [shallow(v) for v in value]
            elif _SHOWN[type(value)]:
                node.__dict__[field] = shallow(value)
    return top
