"""The first statement of a function whose value the compiler's reading of it does not have.

Both are run: the function, and the text that it is read as, before anything is differentiated.  Of each the values
that names are bound to are noted, in order; where a name is bound to something else for the first time, the reading
went wrong.

>>> def double(x):
...     y = x + x
...     return y * 2.0
>>> first = double.__code__.co_firstlineno
>>> [(line - first, name, value) for line, name, value in bindings(double, lambda: double(3.0))]
[(0, 'x', 3.0), (1, 'y', 6.0), (2, 'return', 12.0)]
"""

from __future__ import annotations

import contextlib
import linecache
import sys
from collections import defaultdict
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from ad_compiler.validate.compare import differs, is_number

LARGEST = 10_000
"""Elements of an array that are noted."""

MOST = 20_000
"""Bindings that are noted."""


def bindings(function: Any, run: Callable[[], Any]) -> list[tuple[int, str, Any]]:
    """The numbers and arrays that the names of a function are bound to in its first call, each with the line.

    What it returns comes last, as "return".
    """
    found: list[tuple[int, str, Any]] = []
    last: dict[str, Any] = {}
    frames: list[FrameType] = []

    def note(frame: FrameType, line: int) -> None:
        for name, value in frame.f_locals.items():
            noted = is_number(value) and np.size(value) <= LARGEST and len(found) < MOST
            if noted and (name not in last or differs(value, last[name]) is not None):
                last[name] = np.array(value) if isinstance(value, np.ndarray) else value
                found.append((line, name, last[name]))

    def step(frame: FrameType, event: str, arg: Any) -> Any:
        note(frame, step.line)      # type: ignore[attr-defined]
        step.line = frame.f_lineno      # type: ignore[attr-defined]
        if event == "return" and arg is not None:
            found.append((frame.f_lineno, "return", arg))
        return step

    def enter(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code is not function.__code__ or frames:
            return None
        frames.append(frame)
        step.line = frame.f_lineno      # type: ignore[attr-defined]
        return step(frame, event, arg)
    before = sys.gettrace()
    sys.settrace(enter)
    try:
        with contextlib.suppress(Exception):        # what was bound before counts
            run()
    finally:
        sys.settrace(before)
    return found


def where_it_begins(function: Any, run: Callable[[], Any], call: Any) -> str:
    """The line from which on the function is read as something else, in words; "" where it cannot be told.

    `run` calls the function, `call` holds arguments like those that it is called with.
    """
    from ad_compiler.pipeline import lift_and_lower

    if not isinstance(function, FunctionType):
        return ""
    try:
        made: Any = lift_and_lower(function, *call.args, **call.kwargs)
    except Exception:       # noqa: BLE001  (this is only to help; that there is a fault is said anyway)
        return ""
    read: dict[str, list[Any]] = defaultdict(list)
    for _, name, value in bindings(made.function, lambda: made(*call.args, **call.kwargs)):
        read[name].append(value)
    met: dict[str, int] = defaultdict(int)
    for line, name, value in bindings(function, run):
        at, met[name] = met[name], met[name] + 1
        if at < len(read[name]) and differs(read[name][at], value) is not None:
            file = function.__code__.co_filename
            text = linecache.getline(file, line).strip()
            what = "what it returns" if name == "return" else f"`{name}`"
            return f"{file}:{line}: {text}\n    {what} is read as {short(read[name][at])}, and is {short(value)}"
    return ""


def short(value: Any) -> str:
    """A value in one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
