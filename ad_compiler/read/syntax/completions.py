"""How control may leave a block: over its end, by an exit, or by raising.

>>> ways(gast.parse("if p: raise ValueError").body)
<Way.FALL|RAISE: 17>
>>> ways(gast.parse("while True: x = f(x)").body)
<Way.RAISE: 16>
"""

from __future__ import annotations

import functools
import operator
from enum import Flag, auto
from typing import Any

import gast

Statements = list[Any]


class Way(Flag):
    """A way to leave a statement."""

    NONE = 0
    FALL = auto()
    BREAK = auto()
    CONTINUE = auto()
    RETURN = auto()
    RAISE = auto()


EXITS = Way.BREAK | Way.CONTINUE | Way.RETURN

_SIMPLE = {gast.Return: Way.RETURN, gast.Break: Way.BREAK, gast.Continue: Way.CONTINUE, gast.Raise: Way.RAISE}


def ways(body: Statements) -> Way:
    """How control may leave a block: `FALL` where it may reach the end.

    A loop that can only go on forever counts as one that raises.
    """
    found = Way.NONE
    for node in body:
        own = ways_of(node)
        found |= own & ~Way.FALL
        if Way.FALL not in own:
            return found
    return found | Way.FALL


def ways_of(node: Any) -> Way:
    """The same of one statement."""
    if isinstance(node, gast.If):
        return ways(node.body) | ways(node.orelse)
    if isinstance(node, (gast.With, gast.Try)):
        return ways(node.body)
    if isinstance(node, gast.Match):
        return functools.reduce(operator.or_, [ways(case.body) for case in node.cases], Way.FALL)
    if isinstance(node, (gast.For, gast.While)):
        inside = ways(node.body)
        found = inside & Way.RETURN
        if not is_endless(node):
            found |= ways(node.orelse)
        if Way.BREAK in inside:
            found |= Way.FALL
        return found or Way.RAISE
    if isinstance(node, gast.Assert):
        never = __debug__ and isinstance(node.test, gast.Constant) and not node.test.value
        return Way.RAISE if never else Way.FALL
    return _SIMPLE.get(type(node), Way.FALL)


def live(body: Statements) -> Statements:
    """The statements of a block that can be reached."""
    for at, node in enumerate(body):
        if Way.FALL not in ways_of(node):
            return body[:at + 1]
    return list(body)


def is_endless(node: Any) -> bool:
    """Is this `while True`?"""
    return isinstance(node, gast.While) and isinstance(node.test, gast.Constant) and bool(node.test.value)
