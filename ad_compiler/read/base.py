"""A reader: what reads one subject of the language, with the state that belongs to it.

`Lifter` has a reader for each subject, one a file: the world outside, expressions, statements, branches, loops, calls,
memory.  Each says what it knows under the lifter's name for it, `lifter.memory.places`, and asks the others there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ad_compiler.ir import Block
from ad_compiler.read.abstract import Abstract

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter
    from ad_compiler.read.names.scopes import Scope

Mark = tuple[Block, int, dict[str, Abstract] | None, int, int, bool]
"""Where reading stands, to come back to: block, its length, the names in scope, refusals, writes."""


class Reader:
    """Base of the readers.  What reads one kind of node is a method `expr_…` or `stmt_…`, by the node's name."""

    def __init__(self, lifter: Lifter) -> None:
        self.lifter = lifter

    @property
    def scope(self) -> Scope:
        """The names of the function that is being read."""
        return self.lifter.frames[-1].scope
