"""What was made of a function is kept with it: asked for again, it is the same.

>>> from ad_compiler import grad
>>> def square(x):
...     return x * x
>>> grad(square) is grad(square)
True
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

from ad_compiler.cache import HELD, Held, held_by
from ad_compiler.function import CompiledFunction
from ad_compiler.jit.calls import meet_numba
from ad_compiler.spec import Spec

RECENT: dict[Any, CompiledFunction] = {}
"""What was made of what keeps nothing itself: functions of NumPy, objects that can be called; the last ones alone."""

MOST_RECENT = 64


def held_with(func: Any) -> dict[Any, Any] | None:
    """What was made of a function, where it is kept with it: a function of Python, or one that a transform has made."""
    if isinstance(func, FunctionType):
        found = func.__dict__.get(HELD)
        return found if type(found) is Held and found.is_of(func) else held_by(func)
    return func._made if isinstance(func, CompiledFunction) else None


def found_for(func: Any, asked: tuple[Any, ...]) -> Any:
    """What was kept with a function for what is asked, without asking for a spec; None where nothing was."""
    if type(func) is FunctionType:      # asked at each call of `jvp`: the way of `held_with` without a call
        kept = func.__dict__.get(HELD)
        if type(kept) is Held and kept.is_of(func):
            return kept.get(asked)
    held = held_with(func)
    return None if held is None else held.get(asked)


def kept_for(func: Any, asked: tuple[Any, ...], made: CompiledFunction) -> Any:
    """What is found next time: what another thread has kept meanwhile, where one has."""
    held = held_with(func)
    return made if held is None else held.setdefault(asked, made)


def identity_of(func: Any) -> tuple[int, ...]:
    """What tells a function from others, for as long as it is; a method is another object each time it is asked for."""
    return (id(func.__self__), id(func.__func__)) if isinstance(func, MethodType) else (id(func),)


def kept_with(cls: type[CompiledFunction], spec: Spec) -> CompiledFunction:
    """What `spec` asks for: asked twice of one function, the same, which is kept with the function."""
    held, key = held_with(spec.func), (*identity_of(spec.func), spec.asked, spec.check)
    if held is None:        # what is kept keeps the object: it is the same
        held = RECENT
        if len(RECENT) >= MOST_RECENT and key not in RECENT:
            RECENT.pop(next(iter(RECENT)), None)
    found: CompiledFunction | None = held.get(key)
    if found is not None and held is RECENT and found.is_outdated():
        found = None
        held.pop(key, None)
    if found is None:
        found = cls(spec)
        if spec.backend == "numba":
            meet_numba(CompiledFunction, lambda made, args: made._found(args))
        found = held.setdefault(key, found)
    return found
