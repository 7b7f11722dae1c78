"""A text compiled by Numba, and what is said where it cannot be.

The functions of the text are decorated in the text itself.  Numba compiles them at the first call; what it refuses is
raised as `CannotDifferentiate` with the user's line.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ad_compiler.emit.compile import Emitted, emit
from ad_compiler.errors import CannotDifferentiate, Refusal
from ad_compiler.ir import Func
from ad_compiler.jit.files import keep

NEEDS = "backend='numba' needs Numba: pip install ad_compiler[numba]"


def numba() -> ModuleType:
    """The package, with the twins of the helpers registered; an error that says how to get it where it is missing."""
    try:
        import numba
    except ImportError:
        raise ImportError(NEEDS) from None
    import ad_compiler.jit.twins  # noqa: F401
    found: ModuleType = numba
    return found


def emit_jit(func: Func, main: str | None = None) -> Emitted:
    """Print a function and have Numba compile it when it is called; `function` reports what Numba refuses."""
    package = numba()
    emitted = emit(func, main, keep)
    compiled = [obj for obj in emitted.namespace.values() if isinstance(obj, package.core.registry.CPUDispatcher)
                and obj.py_func.__code__.co_filename == emitted.filename]
    if all(_is_in_text(name, obj, package) for name, obj in emitted.namespace.items()):
        for function in compiled:
            function.enable_caching()
    return emitted


def _is_in_text(name: str, obj: Any, package: ModuleType) -> bool:
    """Does the text say all there is to this name, so that the text alone tells what is compiled?"""
    known = (ModuleType, type, int, float, package.core.registry.CPUDispatcher)
    home: str = getattr(obj, "__module__", None) or ""
    return name.startswith("__") or isinstance(obj, known) \
        or home.partition(".")[0] in ("ad_compiler", "numpy", "math", "builtins")


def let_numba_call(made: Callable[..., Any], params: list[str], compiled_for: Callable[[tuple[Any, ...]], Any]) -> None:
    """Let functions that Numba compiles call a gradient function, whose derivative is compiled for the types there.

    `compiled_for` gives what was emitted for arguments like these.
    """
    package = numba()

    def implementation(*types: Any) -> Any:
        emitted = compiled_for(tuple(_like(t, n, package) for n, t in enumerate(types)))
        if not isinstance(emitted.function, package.core.registry.CPUDispatcher):
            raise package.core.errors.TypingError(
                f"the gradient of {made.__name__} needs Python around it: it reads globals, or takes containers")
        space = {"function": emitted.function}
        exec(f"def call({', '.join(params)}):\n    return function({', '.join(params)})", space)    # noqa: S102
        return space["call"]

    space = {"implementation": implementation}
    exec(f"def typed({', '.join(params)}):\n    return implementation({', '.join(params)})", space)     # noqa: S102
    package.extending.overload(made)(space["typed"])


def _like(kind: Any, at: int, package: ModuleType) -> Any:
    """A value of a type: of arrays one whose axes are of lengths that no other's are."""
    types = package.types
    if isinstance(kind, types.Array):
        return np.zeros([2 + 11 * at + axis for axis in range(kind.ndim)], str(kind.dtype))
    if isinstance(kind, types.Boolean):
        raise package.core.errors.TypingError("a boolean decides the structure of a gradient: leave it out")
    if isinstance(kind, types.Integer):
        return 2
    if isinstance(kind, types.Float):
        return 1.0
    raise package.core.errors.TypingError(f"a gradient cannot be called with {kind} inside of compiled code")


def reporting(emitted: Emitted, ready: Callable[[Callable[..., Any]], None]) -> Callable[..., Any]:
    """The function, until its first call is over: Numba compiles it then.  `ready` is told once it has."""
    package = numba()
    errors = package.core.errors

    def first(*args: Any) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", errors.NumbaPerformanceWarning)     # of products of columns
                result = emitted.function(*args)
        except errors.NumbaError as error:
            raise refusal(error, emitted) from error
        except Exception as error:
            if _from_within(error, package):
                raise refusal(error, emitted) from error
            raise
        ready(emitted.function)
        return result
    return first


def _from_within(error: BaseException, package: ModuleType) -> bool:
    """Did the compiler itself fail, not the compiled function?  What is compiled has no frames."""
    frame, home = error.__traceback__, str(Path(package.__file__ or "").parent)
    while frame is not None:
        if frame.tb_frame.f_code.co_filename.startswith(home):
            return True
        frame = frame.tb_next
    return False


def refusal(error: Exception, emitted: Emitted) -> CannotDifferentiate:
    """What Numba cannot compile, at the user's line."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    places = re.findall(r'File "([^"]*)", line (\d+)', text)
    lines = [int(line) for file, line in places if file.endswith(emitted.filename.rpartition("/")[2])]
    origin = next((emitted.origins[line] for line in reversed(lines) if line in emitted.origins), None)
    reason = _reason(text)
    remedy = "leave out backend='numba', or write this line with loops and functions that Numba knows"
    if origin is None:
        return CannotDifferentiate(Refusal(f"Numba cannot compile the derivative: {reason}", remedy=remedy))
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
    return telling[0].rstrip(":") if telling else "an error within Numba"
