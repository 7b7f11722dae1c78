"""What can be written into: the memory of an array, and what is held apart from the text.

>>> from ad_compiler.read.abstract import Const, Dict, List
>>> one = List([Const(1)])
>>> [type(box).__name__ for box in Dict({"a": one}).containers()], one.is_like(List([])), one.is_like(Dict({}))
(['Dict', 'List'], True, False)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.read.values.base import Abstract, Poison, Thing, protocol

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

CLOCK = itertools.count(1)
"""Ticks as memories are made and marks are set."""


class Memory(Thing):
    """Something that can be written into: an array, a list, a dict, an object.

    `content` changes with each write; the reader keeps a journal of that (`read.memory.memory`).  `near` are the
    memories that may be the same or overlap.  `born` tells which of two was there first.
    """

    __slots__ = ("born", "content", "foreign", "near")
    born: int
    content: Any
    near: set[Memory]
    foreign: Any                # the caller's, or the world's: what `read.memory.memory` knows of it

    def __init__(self, content: Any, foreign: Any = None) -> None:
        self.born, self.content, self.near, self.foreign = next(CLOCK), content, set(), foreign

    def known(self) -> Any:
        """The content; an error where it is not known any more."""
        if isinstance(self.content, Poison):
            raise Refused(self.content.message, self.content.remedy)
        return self.content

    def held(self) -> Iterable[Abstract]:
        content = self.content
        return content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()

    def memories(self, lifter: Lifter) -> Iterator[Memory]:
        yield self
        if not isinstance(self.content, Poison):
            yield from super().memories(lifter)


def stored(content: Any) -> Any:
    """What a container holds of these: an iterator goes on where it is, however often it is got from there."""
    if isinstance(content, dict):
        return {key: thing.stored() if isinstance(thing, Thing) else thing for key, thing in content.items()}
    if isinstance(content, list):
        return [thing.stored() if isinstance(thing, Thing) else thing for thing in content]
    return content


class Box(Memory):
    """A list, dict, set or object, which is held apart: branches and loops make another that stands for it."""

    __slots__ = ()

    def __init__(self, content: Any, foreign: Any = None) -> None:
        super().__init__(stored(content), foreign)

    def another(self) -> Box:
        """One of its kind; what is in it is said later."""
        return type(self)(None)

    def is_like(self, other: Any) -> bool:
        """May another of its kind stand for either?"""
        return type(self) is type(other)

    def containers(self) -> Iterator[Memory]:
        yield self
        for part in self.held():
            yield from protocol(part).containers()


class Cell(Memory):
    """The memory of an array: `content` is the value that it holds."""

    __slots__ = ("changed", "compact", "constant", "sealed")
    compact: frozenset[Any] | None      # in C order without gaps, if these arrays of the caller are; None: not known
    sealed: str                         # what may have given this as a view that cannot be written into
    constant: bool                      # made under `no_grad`, and written into there alone
    changed: int                        # when it was made, or written into outside of `no_grad`

    def __init__(self, content: Any, foreign: Any = None, compact: frozenset[Any] | None = None) -> None:
        super().__init__(content, foreign)
        self.compact, self.sealed, self.constant, self.changed = compact, "", False, self.born
