"""Where a thread stands: in the run of a function that is held against its derivative, or not.

What such a function calls is not checked in its turn, but for derivatives at their first call in the first run: the
outer one was made of them, so that a fault of theirs would be on both sides.

>>> with INSIDE.run_of("text"):
...     INSIDE.depth, INSIDE.may_check(), INSIDE.meets("text"), INSIDE.met_itself
(1, False, None, True)
>>> INSIDE.depth, INSIDE.may_check(), INSIDE.met_itself
(0, True, False)
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

from ad_compiler.validate.deadline import NEVER, Budget


class Inside(threading.local):
    """The checks under way in this thread.  `met_itself`: the function has called what is held against it."""

    def __init__(self) -> None:
        self.held: list[Any] = []
        self.met_itself = False
        self.others = False
        self.budget: Budget | None = None

    @property
    def depth(self) -> int:
        return len(self.held)

    def may_check(self) -> bool:
        """Is a derivative that is called now to be checked?"""
        return not self.held or self.others and len(self.held) == 1

    def meets(self, compiled: Any) -> None:
        """A derivative is called."""
        self.met_itself |= any(each is compiled for each in self.held)

    def left(self) -> float:
        """The time that the check around has left."""
        return NEVER if self.budget is None or not self.held else self.budget.left()

    @contextlib.contextmanager
    def run_of(self, compiled: Any) -> Iterator[None]:
        """Inside the block a derivative is held against its function."""
        before = self.met_itself, self.others, self.budget
        self.met_itself = self.others = False
        self.held.append(compiled)
        try:
            yield
        finally:
            self.held.pop()
            self.met_itself, self.others, self.budget = before

    @contextlib.contextmanager
    def checking_others(self) -> Iterator[None]:
        """Inside the block other derivatives are checked, at their first call."""
        self.others = True
        try:
            yield
        finally:
            self.others = False


INSIDE = Inside()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=INSIDE.__init__)     # type: ignore[misc]
