"""What Numba compiles, called: from Python, from other compiled functions, and what is said where it cannot be.

Numba compiles when it is called first, and again for arrays of another layout; what it refuses is raised as
`CannotDifferentiate` with the user's line.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ad_compiler.derivative import Emitted
from ad_compiler.errors import CannotDifferentiate, Refusal
from ad_compiler.locks import COMPILING

NEEDS = "backend='numba' needs Numba: pip install ad_compiler[numba]"


def numba() -> ModuleType:
    """The package, with the twins of the helpers registered; an error that says how to get it where it is missing."""
    with COMPILING:
        try:
            import numba
        except ImportError:
            raise ImportError(NEEDS) from None
        import ad_compiler.jit.twins  # noqa: F401
    found: ModuleType = numba
    return found


def own_functions(space: dict[str, Any], filename: str) -> dict[str, Any]:
    """The compiled functions of a text, without those that it calls."""
    package = numba()
    return {name: obj for name, obj in space.items() if issubclass(type(obj), package.core.registry.CPUDispatcher)
            and obj.py_func.__code__.co_filename == filename}


def meet_numba(cls: type, found: Callable[[Any, tuple[Any, ...]], Any]) -> None:
    """Let functions that Numba compiles call objects of a class; `found` gives what one has for such arguments."""
    numba()
    with COMPILING:
        if cls not in MET:
            from ad_compiler.jit.callers import let_numba_call

            let_numba_call(cls, found)
            MET.add(cls)


MET: set[type] = set()
"""The classes of which Numba knows."""


def report_refusals(emitted: Emitted) -> None:
    """Whenever Numba compiles a text, for arrays of another layout too, what it refuses names the user's line."""
    for function in own_functions(emitted.namespace, emitted.filename).values():
        function._compile_for_args = _reported(function._compile_for_args, emitted)


def _reported(compiled: Callable[..., Any], emitted: Emitted) -> Callable[..., Any]:
    warning = numba().core.errors.NumbaPerformanceWarning

    def compile_for_args(*args: Any, **kwargs: Any) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", warning)        # of products of columns
                return compiled(*args, **kwargs)
        except Exception as error:      # of any type: Numba's own, and what its passes run into
            raise refusal(error, emitted) from error
    return compile_for_args


def refusal(error: Exception, emitted: Emitted) -> CannotDifferentiate:
    """What Numba cannot compile, at the user's line."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    places = re.findall(r'File "([^"]*)", line (\d+)', text)
    lines = [int(line) for file, line in places if file.endswith(emitted.filename.rpartition("/")[2])]
    known = [line for line in emitted.origins if lines and line <= lines[-1]]
    origin = next((emitted.origins[line] for line in reversed(lines) if line in emitted.origins),
                  emitted.origins[max(known)] if known else None)       # of what a line belongs to that is nobody's own
    reason = _reason(text) or f"an error within Numba ({type(error).__name__})"
    remedy = "leave out backend='numba', or write this line with loops and functions that Numba knows"
    if "'check_bound'" in text:
        reason = "a name may not be bound here"
        remedy = "leave out backend='numba', or bind it before the branch or loop"
    if origin is None:      # the error names no line: all of it
        first = next(iter(emitted.origins.values()), None)
        file, line = ("", 0) if first is None else (first.file, first.line)
        return CannotDifferentiate(Refusal(f"Numba cannot compile the derivative: {reason}", file, line, "", 0, remedy))
    return CannotDifferentiate(Refusal(f"Numba cannot compile the derivative of this line: {reason}", origin.file,
                                       origin.line, origin.text, 0, remedy))


def _reason(text: str) -> str:
    """The line of Numba's message that says most."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    around = r"Failed in|During: |File \"|There are \d+ candidate|- Of which|Overload|Known sign|\* |>>>|def |<|\^"
    reasons = r"not supported|No implementation|Cannot unify|Unsupported|unknown|Invalid use|cannot|Use of"
    telling = [line for line in lines if not re.match(around, line)]
    for line in telling:
        if re.search(reasons, line):
            return line.rstrip(":")
    return telling[0].rstrip(":") if telling else ""
