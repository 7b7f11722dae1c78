"""Rules of the user's own: which can be read in place of their call, and what is wrong with what they return.

>>> def settled(x, *, out, out_bar):
...     return out_bar * np.cos(x)
>>> def unsettled(x, *, out, out_bar):
...     return out_bar * settled(x, out=out, out_bar=1.0)
>>> reads_the_world(settled), reads_the_world(unsettled)
(False, True)
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract
from ad_compiler.read.opaque import is_library
from ad_compiler.read.parse import source_of
from ad_compiler.rules import registry


def reads_the_world(fn: Callable[..., Any]) -> bool:
    """Does a rule read what may be another thing tomorrow, or has it no source?  Then it is called as it stands."""
    if not isinstance(fn, FunctionType):
        return True
    try:
        source_of(fn)
        names = inspect.getclosurevars(fn)
    except (CannotDifferentiate, ValueError):       # a cell that is not set yet
        return True
    unset = any(not hasattr(builtins, name) and name not in fn.__globals__ for name in global_names(fn))
    return unset or not all(map(stays, [*names.globals.values(), *names.nonlocals.values()]))


def global_names(fn: FunctionType) -> set[str]:
    """The names that a function, and the functions in it, look up outside of themselves."""
    import dis
    codes, found = [fn.__code__], set[str]()
    while codes:
        code = codes.pop()
        codes += [c for c in code.co_consts if inspect.iscode(c)]
        found |= {str(i.argval) for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return found


def stays(thing: Any) -> bool:
    """A module, or a function of Python's or NumPy's: nobody gives its name to something else."""
    if isinstance(thing, (ModuleType, np.ufunc)) or registry.lookup(thing) is not None:
        return True
    return callable(thing) and isinstance(getattr(thing, "__module__", None), str) and is_library(thing)


def fault_of(rule: registry.Rule, args: list[Abstract], parts: list[Abstract]) -> str:
    """What is wrong with the cotangents that a rule gives, in words; "" where nothing is."""
    if len(parts) != rule.returned(len(args)):
        return rule.miscounted(len(parts), len(args))
    for arg, part in zip(args, parts, strict=False):
        wanted, given = axes_of(arg), axes_of(part)
        if wanted is not None and given is not None and wanted != given:
            return (f"the derivative of `{rule.fn.__name__}` gives a cotangent of {given} axes for "
                    f"{f'an array of {wanted}' if wanted else 'a number'}")
    return ""


def axes_of(thing: Abstract) -> int | None:
    """How many axes a number or array has, if that is known."""
    if isinstance(thing, Value) and isinstance(thing.kind, Num):
        return thing.kind.ndim
    return 0 if isinstance(thing, Const) and isinstance(thing.value, (int, float)) else None
