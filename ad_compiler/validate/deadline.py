"""A function run until it returns, or until its time is up: looked at between two lines of Python.

What is on its way inside of Python's library, of NumPy, SciPy, Numba or this package comes to its end first, so that no
lock is left taken and nothing half compiled.  A debugger or a profiler's trace is put aside meanwhile, for this thread.
Time is that of the thread: what others do on the same processor does not count.

>>> def slow():
...     while True:
...         pass
>>> Budget(1.0).run(lambda: 3)
3
>>> try:
...     Budget(0.01).run(slow)
... except OutOfTime:
...     print("given up")
given up
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import sys
import sysconfig
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

NEVER = float("inf")


class OutOfTime(BaseException):
    """The time is up; no `except Exception` of the function holds it back."""


class Budget:
    """Seconds of this thread that several runs have together, from now on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.thread_time() + seconds
        self.look_at = time.perf_counter() + seconds        # not used up before; asking that clock takes less
        self.given_up = False

    def extend(self, seconds: float) -> None:
        """So much more."""
        self.seconds += seconds
        self.end += seconds

    def is_used_up(self) -> bool:
        now = time.perf_counter()
        if now <= self.look_at:
            return False
        left = self.end - time.thread_time()
        self.look_at = now + left
        return left <= 0.0

    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.end - time.thread_time())

    def run(self, function: Callable[[], Any]) -> Any:
        """What `function()` returns; raises `OutOfTime` where too little is left."""
        if self.seconds == NEVER:
            return function()
        if self.is_used_up():
            raise OutOfTime
        before = sys.gettrace()
        sys.settrace(None)
        try:
            result = (_by_monitoring if _TOOL.claim() else _by_trace)(function, self)
        finally:
            sys.settrace(before)
        if self.given_up:       # and the function has held it back
            raise OutOfTime
        return result


    def trace(self, function: Callable[[], Any]) -> int:
        """The way that a run of `function()` takes through the user's code, as a number."""
        way = 0

        def step(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal way
            if self.is_used_up():
                sys.settrace(None)
                raise OutOfTime
            way = hash((way, frame.f_code.co_name, frame.f_code.co_firstlineno, frame.f_lasti))
            return step

        def call(frame: FrameType, event: str, arg: Any) -> Any:
            # What the garbage collector calls, it calls when it likes: it is no part of the way.
            if is_library(frame.f_code.co_filename) or comes_to_its_end(frame, Budget.trace.__code__):
                return None
            frame.f_trace_opcodes = True
            return step(frame, event, arg)
        before = sys.gettrace()
        sys.settrace(call)
        try:
            function()
        finally:
            sys.settrace(before)
        return way


@functools.cache
def _libraries() -> tuple[str, ...]:
    """Where the files are in which time is not looked at: they come to their end."""
    site = Path(np.__file__).parents[1]
    names = ("numpy", "scipy", "numba", "llvmlite", "gast", "astor")
    return f"{Path(__file__).parents[1]}/", *(f"{site / name}/" for name in names)


def is_library(filename: str) -> bool:
    """Does a file belong to Python, to NumPy and its like, or to this package?  Packages beside them do not."""
    # The name of a text that was made, such as each derivative, goes with it; those of files are remembered.
    return filename.startswith("<frozen") if filename.startswith("<") else _is_file_of_library(filename)


@functools.lru_cache(maxsize=10_000)
def _is_file_of_library(filename: str) -> bool:
    if "site-packages" in filename or "dist-packages" in filename:
        return filename.startswith(_libraries())
    return filename.startswith((sysconfig.get_path("stdlib") + "/", *_libraries()))


class _Compiling(threading.local):
    depth = 0


_COMPILING = _Compiling()


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Inside the block nothing is given up, in this thread: something is compiled, and is to be kept."""
    _COMPILING.depth += 1
    try:
        yield
    finally:
        _COMPILING.depth -= 1


def comes_to_its_end(frame: FrameType | None, begin: CodeType | None = None) -> bool:
    """Is something under way, from `Budget.run` (or `begin`) to here, that is not given up: a compilation, a finaliser?

    What the garbage collector calls has nobody to raise to: Python would print the error, and go on.
    """
    if _COMPILING.depth:
        return True
    collector = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    begin = begin or Budget.run.__code__
    while frame is not None and frame.f_code is not begin:
        code = frame.f_code
        if (code.co_name == "__del__" or code in collector or code is weakref.finalize.__call__.__code__
                or "/numba/core/" in code.co_filename.replace("\\", "/")):
            return True
        frame = frame.f_back
    return False


def _by_trace(function: Callable[[], Any], budget: Budget) -> Any:
    """With `sys.settrace`: of this thread, in every frame of the user's that it enters."""

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        if budget.is_used_up() and not comes_to_its_end(frame):
            budget.given_up = True
            raise OutOfTime
        return line

    def call(frame: FrameType, event: str, arg: Any) -> Any:
        return None if is_library(frame.f_code.co_filename) else line(frame, event, arg)
    sys.settrace(call)
    return function()


class _Tool:
    """The package as a tool of `sys.monitoring` (Python 3.12), which is one for all threads.

    Events come while at least one thread has a budget; those of other threads are let pass.
    """

    NAME = "ad_compiler deadline"

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.budgets: dict[int, Budget] = {}
        self.number: int | None = None

    def claim(self) -> bool:
        """Is there such a tool?  A number that nobody has is taken, once."""
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is None:
            return False
        with self.lock:
            if self.number is None or monitoring.get_tool(self.number) != self.NAME:     # or somebody has taken it away
                free = [n for n in (4, 3) if monitoring.get_tool(n) is None]
                self.number = free[0] if free else None
                if self.number is not None:
                    monitoring.use_tool_id(self.number, self.NAME)
                    for event in self.events():
                        monitoring.register_callback(self.number, event, self.look)
            return self.number is not None

    def events(self) -> list[int]:
        """A line, a jump to the same line, the beginning of a function."""
        events = sys.monitoring.events      # type: ignore[attr-defined]
        return [events.LINE, events.JUMP, events.PY_START]

    def look(self, code: CodeType, *where: Any) -> Any:
        """Called at each event."""
        if is_library(code.co_filename):
            return sys.monitoring.DISABLE       # type: ignore[attr-defined]
        budget = self.budgets.get(threading.get_ident())
        if budget is not None and budget.is_used_up() and not comes_to_its_end(sys._getframe(1)):
            budget.given_up = True
            raise OutOfTime
        return None

    def switch(self) -> None:
        """Events on or off, as they are needed; the lock is held."""
        monitoring = sys.monitoring     # type: ignore[attr-defined]
        if self.number is not None and monitoring.get_tool(self.number) == self.NAME:
            monitoring.set_events(self.number, sum(self.events()) if self.budgets else 0)


_TOOL = _Tool()


def _after_fork() -> None:
    """A process that was forked has one thread: what others held is free."""
    _TOOL.lock, _TOOL.budgets = threading.Lock(), {}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _by_monitoring(function: Callable[[], Any], budget: Budget) -> Any:
    me = threading.get_ident()
    with _TOOL.lock:
        before = _TOOL.budgets.get(me)
        _TOOL.budgets[me] = budget
        _TOOL.switch()
    try:
        return function()
    finally:
        with _TOOL.lock:
            _TOOL.budgets.pop(me, None)
            if before is not None:
                _TOOL.budgets[me] = before
            _TOOL.switch()
