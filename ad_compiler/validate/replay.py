"""Values through which no derivative passes, held still while a function is run at points nearby.

`stop_gradient` and functions under `@no_grad` hand over what they give.  In the first run it is noted, in the next ones
the noted values are given instead, in the same order.

>>> with recording() as noted:
...     _ = frozen(2.0)
>>> with replaying(noted):
...     frozen(2.1)
2.0
>>> frozen(2.1)
2.1
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any


class Strayed(Exception):
    """A run asked for other values than were noted: it went another way."""


class Notes:
    """The values in the order in which they were handed over."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.taken: int | None = None       # how many were given again; None while they are noted

    def hand_over(self, value: Any) -> Any:
        """Note a value, or give the one that was noted in its place."""
        if self.taken is None:
            self.values.append(copy.deepcopy(value))
            return value
        if self.taken == len(self.values):
            raise Strayed
        self.taken += 1
        return copy.deepcopy(self.values[self.taken - 1])


NOTES: ContextVar[Notes | None] = ContextVar("ad_compiler_notes", default=None)


def frozen(value: Any) -> Any:
    """A value that no derivative passes through."""
    notes = NOTES.get()
    return value if notes is None else notes.hand_over(value)


@contextlib.contextmanager
def recording() -> Iterator[Notes]:
    """Note what is handed over."""
    notes = Notes()
    token = NOTES.set(notes)
    try:
        yield notes
    finally:
        NOTES.reset(token)


@contextlib.contextmanager
def replaying(notes: Notes) -> Iterator[None]:
    """Give what was noted.  Raises `Strayed` at the end where not all was asked for."""
    notes.taken = 0
    token = NOTES.set(notes)
    try:
        yield
    finally:
        NOTES.reset(token)
    if notes.taken != len(notes.values):
        raise Strayed
