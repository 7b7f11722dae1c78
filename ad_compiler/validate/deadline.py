"""A function run until it returns, or until its time is up: looked at between two lines of Python.

What is on its way inside of Python's library, of NumPy, SciPy, Numba or this package comes to its end first, so that no
lock is left taken.  A debugger or a profiler's trace is put aside meanwhile, for this thread.

>>> import time
>>> def slow():
...     while True:
...         pass
>>> run(lambda: 3, 1.0)
3
>>> try:
...     run(slow, 0.01)
... except OutOfTime:
...     print("given up")
given up
"""

from __future__ import annotations

import functools
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

NEVER = float("inf")


class OutOfTime(BaseException):
    """The time is up; no `except Exception` of the function holds it back."""


@functools.cache
def _undisturbed() -> tuple[str, ...]:
    """Where the files are that are never left half-way."""
    site = Path(np.__file__).parents[1]
    own = Path(__file__).parents[1]
    return (sysconfig.get_path("stdlib") + "/", "<frozen", f"{own}/",
            *(f"{site / name}/" for name in ("numpy", "scipy", "numba", "llvmlite", "gast", "astor")))


@functools.lru_cache(maxsize=10_000)
def is_undisturbed(filename: str) -> bool:
    """Does a file belong to Python, to NumPy and its like, or to this package?  Packages beside them do not."""
    if "site-packages" in filename or "dist-packages" in filename:
        return filename.startswith(_undisturbed()[2:])
    return filename.startswith(_undisturbed())


class Budget:
    """Seconds that several runs have together, from now on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = time.perf_counter() + seconds

    def run(self, function: Callable[[], Any]) -> Any:
        """What `function()` returns; raises `OutOfTime` where too little is left."""
        left = self.until - time.perf_counter()
        if left <= 0.0:
            raise OutOfTime
        return run(function, left)


def run(function: Callable[[], Any], seconds: float) -> Any:
    """What `function()` returns; raises `OutOfTime` where that takes longer."""
    if seconds == NEVER:
        return function()
    watch = _by_monitoring if _TOOL.claim() else _by_trace
    until = time.perf_counter() + seconds
    before = sys.gettrace()
    sys.settrace(None)
    try:
        return watch(function, until)
    finally:
        sys.settrace(before)


def _by_trace(function: Callable[[], Any], until: float) -> Any:
    """With `sys.settrace`: of this thread, in every frame of the user's that it enters."""
    clock = time.perf_counter

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        if clock() > until:
            sys.settrace(None)
            raise OutOfTime
        return line

    def call(frame: FrameType, event: str, arg: Any) -> Any:
        return None if is_undisturbed(frame.f_code.co_filename) else line(frame, event, arg)
    sys.settrace(call)
    return function()


class _Tool:
    """The package as a tool of `sys.monitoring` (Python 3.12), which is one for all threads.

    Events come while at least one thread has a deadline; those of other threads are let pass.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.deadlines: dict[int, float] = {}
        self.number: int | None = None
        self.asked = False

    def claim(self) -> bool:
        """Is there such a tool?  A number that nobody has is taken, once."""
        with self.lock:
            if not self.asked:
                self.asked = True
                monitoring = getattr(sys, "monitoring", None)
                free = [n for n in (4, 3) if monitoring.get_tool(n) is None] if monitoring is not None else []
                if free and monitoring is not None:
                    self.number = free[0]
                    monitoring.use_tool_id(self.number, "ad_compiler deadline")
                    for event in self.events():
                        monitoring.register_callback(self.number, event, self.look)
            return self.number is not None

    def events(self) -> list[int]:
        """A line, a jump to the same line, the beginning of a function."""
        events = sys.monitoring.events      # type: ignore[attr-defined]
        return [events.LINE, events.JUMP, events.PY_START]

    def look(self, code: CodeType, *where: Any) -> Any:
        """Called at each event."""
        if is_undisturbed(code.co_filename):
            return sys.monitoring.DISABLE       # type: ignore[attr-defined]
        if time.perf_counter() > self.deadlines.get(threading.get_ident(), NEVER):
            self.deadlines.pop(threading.get_ident(), None)
            raise OutOfTime
        return None

    def switch(self) -> None:
        """Events on or off, as they are needed; the lock is held."""
        wanted = sum(self.events()) if self.deadlines else 0
        sys.monitoring.set_events(self.number, wanted)      # type: ignore[attr-defined]


_TOOL = _Tool()


def _by_monitoring(function: Callable[[], Any], until: float) -> Any:
    me = threading.get_ident()
    with _TOOL.lock:
        _TOOL.deadlines[me] = until
        _TOOL.switch()
    try:
        return function()
    finally:
        with _TOOL.lock:
            _TOOL.deadlines.pop(me, None)
            _TOOL.switch()
