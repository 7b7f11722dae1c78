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

from ad_compiler import runtime
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Dim, Num, Sym, may_be_one
from ad_compiler.read.abstract import Abstract, Dict, List, Object, Sequence, Tuple, describe
from ad_compiler.read.calls.opaque import is_library
from ad_compiler.read.lift import Lifter
from ad_compiler.read.parse import source_of
from ad_compiler.rules import registry

RETURN_ONE = "return a tangent in the shape of what the function returns"


def reads_the_world(fn: Callable[..., Any]) -> bool:
    """Does a rule read what may be another thing tomorrow, or has it no source?  Then it is called as it stands."""
    if isinstance(fn, registry.Written):
        return False
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


def inner(arg: Abstract, part: Abstract) -> list[tuple[Abstract, Abstract]] | None:
    """The parts of two containers of one structure that belong together; None where they are none."""
    if isinstance(arg, Sequence) and isinstance(part, Sequence):
        return list(zip(arg.items, part.items, strict=True))
    if isinstance(arg, Dict) and isinstance(part, Dict):
        return [(arg.items[key], part.items[key]) for key in arg.items]
    if isinstance(arg, Object) and isinstance(part, Object):
        return [(arg.attributes[name], part.attributes[name]) for name in arg.children]
    return None


def fault_of(rule: registry.Rule, args: list[Abstract], parts: list[Abstract]) -> str:
    """What is wrong with the cotangents that a rule gives, in words; "" where nothing is."""
    if len(parts) != rule.returned(len(args)):
        return rule.miscounted(len(parts), len(args))
    for arg, part in zip(args, parts, strict=False):
        fault = misfit(arg, part, "a cotangent")
        if fault:
            return f"the derivative of `{rule.fn.__name__}` gives {fault}"
    return ""


def apart(lifter: Lifter, thing: Abstract) -> Abstract:
    """Something as a rule of the user's own is given it: what that writes into it stays there."""
    if not isinstance(thing, Value) or not isinstance(thing.kind, Num) or not thing.kind.is_array:
        return thing
    (copy,) = lifter.emit(runtime.identity, (thing,), {}, [thing.kind])
    lifter.memory.own(copy)
    copy.hint = thing.hint
    return copy


def summed(lifter: Lifter, rule: registry.Rule, args: list[Abstract], parts: list[Abstract]) -> list[Abstract]:
    """Cotangents of what a ufunc of the user's own was given: summed over the axes along which that was stretched."""
    if not rule.own or not rule.traits.elementwise:
        return parts

    def one(arg: Abstract, part: Abstract) -> Abstract:
        its, given = (thing.kind if isinstance(thing, Value) else None for thing in (arg, part))
        if not isinstance(its, Num) or not isinstance(given, Num) or its.shape is None or given.shape is None:
            return part
        more = len(given.shape) - len(its.shape)
        same = more < 0 or more == 0 and not any(n == 1 != m for n, m in zip(its.shape, given.shape, strict=True))
        return part if same else lifter.calls.call(Const(runtime.unbroadcast), [part, arg], {})
    return [one(arg, part) for arg, part in zip(args, parts, strict=False)] + parts[len(args):]


def misfit(arg: Abstract, part: Abstract, what: str) -> str:
    """Why something cannot be the cotangent or tangent of something, in words; "" where nothing is known against it."""
    if isinstance(part, Const) and part.value is None:
        return ""
    if isinstance(arg, (Tuple, List, Dict, Object)):
        same = type(arg) is type(part) or isinstance(arg, Sequence) and isinstance(part, (Tuple, List, Value))
        if isinstance(arg, Sequence) and isinstance(part, Sequence):
            same = len(arg.items) == len(part.items)
        if isinstance(arg, Dict) and isinstance(part, Dict):
            same = set(arg.items) == set(part.items)
        if isinstance(arg, Object) and isinstance(part, Object):
            same = set(arg.children) <= set(part.attributes)
        if not same:
            return f"{what} of another structure than the {describe(arg)} that it is for"
        return next((fault for a, p in inner(arg, part) or [] if (fault := misfit(a, p, what))), "")
    wanted, given = axes_of(arg), axes_of(part)
    if wanted is not None and isinstance(part, (Tuple, List, Dict, Object)):
        return f"a {describe(part)} for {f'an array of {wanted} axes' if wanted else 'a number'}"
    if wanted is not None and given is not None and wanted != given:
        return f"{what} of {given} axes for {f'an array of {wanted}' if wanted else 'a number'}"
    for mine, its in zip(dims_of(part), dims_of(arg), strict=False):
        if mine != its and not may_be(mine, its):
            return f"{what} of other lengths than the array that it is for"
    return ""


def may_be(a: Dim, b: Dim) -> bool:
    """May two lengths that are not known to be equal be so?"""
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    (base, less), (other, its) = less_than(a), less_than(b)
    if base == other:
        return less == its
    return not (a == 1 and not may_be_one(b) or b == 1 and not may_be_one(a))


def less_than(dim: Dim) -> tuple[Dim, int]:
    """A length as another one, less a number.

    >>> less_than(Sym(("minus", Sym("n"), 2)))
    (Sym(n), 2)
    """
    return dim.key[1:] if isinstance(dim, Sym) and isinstance(dim.key, tuple) and dim.key[0] == "minus" else (dim, 0)


def dims_of(thing: Abstract) -> tuple[Dim, ...]:
    """The lengths of an array, as far as they are known."""
    return thing.kind.shape or () if isinstance(thing, Value) and isinstance(thing.kind, Num) else ()


def fitting(lifter: Lifter, part: Abstract, arg: Abstract, what: str) -> Abstract:
    """A cotangent or tangent, whose lengths are compared when the program runs where they are not known to be right."""
    if not isinstance(part, Value) or not isinstance(part.kind, Num) or not isinstance(arg, Value) \
            or not isinstance(arg.kind, Num) or part.kind.shape is not None and part.kind.shape == arg.kind.shape:
        return part
    return lifter.apply(runtime.fits_like, [part, arg, Const(what)])


def axes_of(thing: Abstract) -> int | None:
    """How many axes a number or array has, if that is known."""
    if isinstance(thing, Value) and isinstance(thing.kind, Num):
        return thing.kind.ndim
    return 0 if isinstance(thing, Const) and isinstance(thing.value, (int, float)) else None
