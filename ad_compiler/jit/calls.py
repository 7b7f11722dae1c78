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

import numpy as np

from ad_compiler.derivative import Emitted
from ad_compiler.errors import CannotDifferentiate, Refusal

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


def own_functions(space: dict[str, Any], filename: str) -> dict[str, Any]:
    """The compiled functions of a text, without those that it calls."""
    package = numba()
    return {name: obj for name, obj in space.items() if isinstance(obj, package.core.registry.CPUDispatcher)
            and obj.py_func.__code__.co_filename == filename}


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
        # named after what it calls: Numba may keep it on disk, with a function of the user's
        space = {"function": emitted.function, "__name__": emitted.namespace["__name__"]}
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
