"""What a second run of a function would do to the world: changes outside of its arguments, calls that are not read.

The check of a derivative calls the function itself again; this says whether that is allowed, and why not.

>>> import math, time
>>> is_repeatable(time.time, []), is_repeatable(math.floor, []), is_repeatable(np.random.normal, [])
(False, True, False)
>>> is_repeatable(np.random.default_rng, []), is_repeatable(np.random.default_rng, [Const(1)])
(False, True)
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.derivative import Behaviour
from ad_compiler.ir import Block, Branch, Const, Func, Loop, Op, Value, operands, walk
from ad_compiler.kinds import Obj
from ad_compiler.read.calls import call_object
from ad_compiler.rules import registry
from ad_compiler.watch import Get, Part

REPEATABLE = frozenset({
    "ad_compiler", "bisect", "builtins", "cmath", "collections", "contextlib", "copy", "dataclasses", "decimal", "enum",
    "fractions", "functools", "heapq", "itertools", "json", "math", "numbers", "numpy", "operator", "re", "scipy",
    "statistics", "string", "textwrap", "types", "typing", "warnings",
})
"""Modules whose functions give the same again, and change nothing but what they are given."""

EFFECTS = frozenset({
    "__import__", "breakpoint", "compile", "delattr", "dump", "eval", "exec", "fromfile", "genfromtxt", "globals",
    "input", "load", "loadtxt", "memmap", "open", "print", "save", "savetxt", "savez", "savez_compressed", "setattr",
    "set_printoptions", "seterr", "seterrcall", "setbufsize", "simplefilter", "filterwarnings", "resetwarnings", "vars",
})
"""Functions of those modules of which that is not so."""

SEEDED = frozenset({"default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"})
"""They give the same again where they are given a seed."""


def is_repeatable(fn: Any, args: list[Any], given: Iterable[int] = ()) -> bool:
    """Does a call of this function change nothing outside, and give the same when it is made again?

    `given`: identities of the arguments of the call that is compiled; what a method of theirs changes is theirs.
    """
    owner = getattr(fn, "__self__", None)
    if owner is not None and not isinstance(owner, (ModuleType, type, np.ufunc)):
        return id(owner) in given
    name = getattr(fn, "__name__", "")
    if name in SEEDED:
        return bool(args) and not (isinstance(args[0], Const) and args[0].value is None)
    module = getattr(fn, "__module__", None) or type(owner if owner is not None else fn).__module__
    return module.partition(".")[0] in REPEATABLE and name not in EFFECTS


def behaviour_of(block: Block, callees: list[Func], lifter: Any, sample: Iterable[Any]) -> Behaviour:
    """What was seen while a function was read: `lifter` has read it, `sample` are its arguments."""
    found: dict[str, None] = {}
    for foreign in lifter.foreign_written.values():
        if not isinstance(root_of(foreign.get), operator.itemgetter):
            found[f"it changes `{foreign.value.hint}`, which is not an argument"] = None
    given = {id(obj) for obj in sample}
    statements = [s for each in (block, *(f.body for f in callees)) for s in walk(each)]
    outside = of_the_world(statements, lifter.refs)
    for op in statements:
        if isinstance(op, Op) and op.effect:
            reason = effect_of(op, outside, given)
            if reason:
                found[reason] = None
    written = {root_index(f.get) for f in lifter.foreign_written.values()} - {None}
    # A derivative that is taken inside is compiled: it does not say any more what it holds still.
    frozen = lifter.frozen_blocks or lifter.stops and lifter.nested
    return Behaviour(tuple(found), frozen, tuple(sorted(lifter.own_rules)), bool(written))


def effect_of(op: Op, outside: set[Value], given: set[int]) -> str:
    """What running this again would do, in words; "" where it does nothing that counts."""
    if op.fn is print:
        return "it prints"
    if op.fn is call_object:
        target = op.args[0]
        if isinstance(target, Value) and target in outside:
            return f"it calls `{target.hint or 'something'}`, which is not an argument and cannot be read"
        return ""
    if op.fn is next and isinstance(op.args[0], Value):
        return "it takes from an iterator"
    if op.fn in HELPERS or registry.lookup(op.fn) is not None and not isinstance(op.fn, type):
        return ""
    if is_repeatable(op.fn, list(op.args), given):
        return ""
    return f"it calls `{name_of(op.fn)}`, which may change something, or give something else each time"


HELPERS = frozenset(getattr(runtime, name) for name in vars(runtime) if callable(getattr(runtime, name))
                    and getattr(getattr(runtime, name), "__module__", "") == runtime.__name__)


def name_of(fn: Any) -> str:
    """A function as people write it."""
    owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", type(fn).__name__)
    if owner is not None and not isinstance(owner, ModuleType):
        return f"{getattr(owner, '__name__', type(owner).__name__)}.{name}"
    module = getattr(fn, "__module__", None)
    return name if module in (None, "builtins", "__main__") else f"{module.partition('.')[0]}.{name}"


def of_the_world(statements: list[Any], refs: Iterable[Value]) -> set[Value]:
    """The objects that are, or come out of, what stands outside of the function and is no argument."""
    found, before = set(refs), -1
    while len(found) != before:
        before = len(found)
        for stmt in statements:
            if isinstance(stmt, Op):
                if any(v in found and isinstance(v.kind, Obj) for v in operands(stmt)):
                    found.update(r for r in stmt.results if isinstance(r.kind, Obj))
            elif isinstance(stmt, Branch):
                for arm in (stmt.then, stmt.orelse):
                    found.update(r for r, a in zip(stmt.results, arm.results, strict=False) if a in found)
                if stmt.cond in found:
                    found.update(stmt.then.params)
            elif isinstance(stmt, Loop):
                for init, param, handed, result in zip(stmt.inits, stmt.body.params, stmt.body.results, stmt.results,
                                                       strict=True):
                    if init in found or handed in found:
                        found.update((param, result))
    return found


def root_of(get: Get) -> Any:
    """The way to the object that something is a part of."""
    while isinstance(get, Part):
        get = get.of
    return get


def root_index(get: Get) -> int | None:
    """The argument that something is a part of; None where it is part of none."""
    root = root_of(get)
    if not isinstance(root, operator.itemgetter):
        return None
    arguments: Any = root.__reduce__()[1]
    return int(arguments[0])
