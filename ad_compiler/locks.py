"""Locks that are free in a process that is forked: what another thread has begun is waited for before.

A process that is forked has the thread that forked, and all memory as it was: a lock that another thread held would be
held for ever, a module that it imported would stay half of one.

>>> lock = ForkLock()
>>> with lock, lock:
...     "the same thread may take it twice"
'the same thread may take it twice'
"""

from __future__ import annotations

import os
import sys
import threading
from types import TracebackType
from typing import Any

LONGEST = 30.0
"""Seconds that a fork waits: what is compiled may wait for the thread that forks."""


class ForkLock:
    """A `threading.RLock`, free in a process that is forked."""

    def __init__(self) -> None:
        self.inner = threading.RLock()
        OURS.append(self)

    def __enter__(self) -> None:
        self.inner.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.inner.release()


OURS: list[ForkLock] = []
"""In the order in which they are taken: one that is held while another is taken stands before it."""

COMPILING = ForkLock()
"""Held while a derivative is compiled, and while what that needs is imported: two threads that ask for the same one
wait for one compilation."""


class _Forking(threading.local):
    """What the thread that forks has taken for it."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.missed: list[ForkLock] = []


_FORKING = _Forking()


def _before() -> None:
    """Wait for what is being compiled; by Numba first, which may be waiting for us."""
    numba = sys.modules.get("numba.core.compiler_lock")
    theirs: Any = getattr(getattr(numba, "global_compiler_lock", None), "_lock", None)
    _FORKING.taken, _FORKING.missed = [], []
    if hasattr(theirs, "release") and theirs.acquire(timeout=LONGEST):
        _FORKING.taken.append(theirs)
    for lock in OURS:
        if lock.inner.acquire(timeout=LONGEST):
            _FORKING.taken.append(lock.inner)
        else:
            _FORKING.missed.append(lock)


def _in_parent() -> None:
    while _FORKING.taken:
        _FORKING.taken.pop().release()


def _in_child() -> None:
    for lock in _FORKING.missed:
        lock.inner = threading.RLock()
    _in_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
