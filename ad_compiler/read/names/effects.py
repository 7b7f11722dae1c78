"""What a second run of a function would do to the world: changes outside of its arguments, calls that are not read.

The check of a derivative calls the function itself again; this says whether that is allowed, and why not.

>>> import math, time
>>> is_repeatable(time.time, []), is_repeatable(math.floor, []), is_repeatable(np.random.normal, [])
(False, True, False)
>>> is_repeatable(np.random.default_rng, []), is_repeatable(np.random.default_rng, [Const(1)])
(False, True)
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.derivative import Behaviour
from ad_compiler.ir import Block, Branch, Const, Loop, Op, Value, operands, values_in, walk
from ad_compiler.kinds import Obj
from ad_compiler.read.calls.opaque import call_object
from ad_compiler.rules import registry
from ad_compiler.rules.traits import traits_of
from ad_compiler.watch import is_argument

REPEATABLE = frozenset({
    "ad_compiler", "bisect", "builtins", "cmath", "collections", "contextlib", "copy", "dataclasses", "decimal", "enum",
    "fractions", "functools", "heapq", "inspect", "itertools", "json", "math", "numbers", "numpy", "operator", "queue",
    "re", "scipy", "statistics", "string", "textwrap", "types", "typing",
})
"""Modules whose functions give the same again, and change nothing but what they are given."""

EFFECTS = frozenset({
    "__import__", "breakpoint", "compile", "dump", "eval", "exec", "filterwarnings", "fromfile", "genfromtxt", "hash",
    "id", "info", "input", "load", "loadtxt", "memmap", "now", "open", "print", "resetwarnings", "save", "savetxt",
    "savez", "savez_compressed", "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config",
    "show_runtime", "simplefilter", "today", "utcnow",
})
"""Functions of those modules of which that is not so."""

LOOKS = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})
"""Methods that only look at their object."""

ASKS = frozenset({"callable", "hasattr", "isinstance", "issubclass", "len", "type"})
"""Functions that ask an object nothing that it could note."""

SEEDED = frozenset({"default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"})
"""They give the same again where they are given a seed."""

KINKS = frozenset({
    "abs", "absolute", "amax", "amin", "ceil", "choose", "clip", "copysign", "eq", "fabs", "floor", "fmax", "fmin",
    "ge", "greater", "greater_equal", "gt", "heaviside", "le", "less", "less_equal", "lt", "max", "maximum",
    "hypot", "median", "min", "minimum", "nanstd", "ne", "norm", "partition", "percentile", "ptp", "quantile", "select",
    "sign", "sort", "std", "where",
})
"""Functions with a kink or a jump, between whose sides what is right at the point itself is a convention."""

PLAIN = frozenset({"dict", "list", "tuple", "str", "bytes", "range"})
"""Types whose items can be looked up without a trace."""


GIVEN_AWAY = "it gives `{}` what is not an argument, and may be changed"


def is_repeatable(fn: Any, args: list[Any], given: Iterable[int] = ()) -> bool:
    """Does a call of this function change nothing but what it is given, and give the same when it is made again?

    `given`: identities of the arguments of the call that is compiled; what a method of theirs changes is theirs.
    """
    owner = getattr(fn, "__self__", None)
    if owner is not None and not isinstance(owner, (ModuleType, type, np.ufunc)):
        return id(owner) in given
    name = getattr(fn, "__name__", "")
    if name in SEEDED:
        return bool(args) and not (isinstance(args[0], Const) and args[0].value is None)
    home = owner if isinstance(owner, type) else getattr(fn, "__objclass__", fn)
    module = getattr(home, "__module__", None) or type(home).__module__
    return module.partition(".")[0].lstrip("_") in REPEATABLE and name not in EFFECTS


def behaviour_of(blocks: list[Block], lifter: Any, sample: Iterable[Any]) -> Behaviour:
    """What was seen while a function was read: `lifter` has read it, into `blocks`; `sample` are its arguments."""
    written = list(lifter.memory.foreign_written.values())
    found = dict.fromkeys(f"it changes `{w.value.hint}`, which is not an argument" for w in written
                          if not is_argument(w.get))
    found |= dict.fromkeys(map(GIVEN_AWAY.format, lifter.opaque_calls.outside_given))
    on_entry = set(map(id, lifter.world.prelude))     # reads parts of things outside; the function itself does not
    everything = [s for block in blocks for s in walk(block)]
    outside = Outside(everything, lifter.world.refs, {id(obj) for obj in sample})
    for op in everything:
        if isinstance(op, Op) and id(op) not in on_entry:
            reason = outside.effect_of(op)
            if reason:
                found[reason] = None
    # A derivative that is taken inside is compiled: it does not say any more what it holds still.
    frozen = lifter.frozen_blocks or lifter.stops and lifter.nested
    ways = tuple(dict.fromkeys(w.get for w in written if is_argument(w.get)))
    kinks = any(isinstance(s, Branch) or isinstance(s, Op) and getattr(s.fn, "__name__", "") in KINKS
                for s in everything)
    own_rules, solvers = tuple(sorted(lifter.own_rules)), tuple(sorted(lifter.solvers))
    return Behaviour(tuple(found), frozen, own_rules, ways, tuple(lifter.calls.dispatchers), kinks, solvers)


class Outside:
    """The objects that are, or come out of, what stands outside of a function and is no argument of it."""

    def __init__(self, statements: list[Any], refs: Iterable[Value], given: set[int]) -> None:
        self.given = given
        self.values = of_the_world(statements, refs)
        self.values -= {op.result for op in statements if isinstance(op, Op) and op.fn is getattr
                        and isinstance(op.args[1], Const) and op.args[1].value in LOOKS}

    def objects(self, args: Any) -> bool:
        """Is one of these such an object?  Numbers and arrays are not changed by what is not read."""
        return any(v in self.values and isinstance(v.kind, Obj) for v in values_in(args))

    def effect_of(self, op: Op) -> str:
        """What running this again would do, in words; "" where it does nothing that counts."""
        fn = op.fn
        if not op.effect:
            looked_in = op.args[0] if fn is operator.getitem else None
            if isinstance(looked_in, Value) and isinstance(looked_in.kind, Obj) and looked_in.kind.type not in PLAIN \
                    and looked_in in self.values:
                return f"it looks something up in `{looked_in.hint}`, which may note it"
            return ""
        args = (*op.args, *op.kwargs.values())
        if fn is print:
            return "it prints"
        if fn in HELPERS and fn is not runtime.propagating:
            return ""
        name = name_of(fn) if fn is not call_object else getattr(args[0], "hint", "") or "a method"
        if fn is not call_object and registry.lookup(fn) is not None and not traits_of(fn).effect:
            return ""
        if fn is call_object and self.objects(args[:1]):
            return f"it calls `{name}` of what is not an argument and cannot be read"
        if fn not in (call_object, runtime.propagating) and not is_repeatable(fn, list(args), self.given):
            return f"it calls `{name}`, which may change something, or give something else each time"
        if name not in ASKS and self.objects(args):
            return GIVEN_AWAY.format(name)
        if any(isinstance(a, Const) and self.runs(a.value) for a in constants_in(args)):
            return f"it gives `{name}` a function, which is not read there"
        return ""

    def runs(self, thing: Any) -> bool:
        """Is this a function, or an object, that may do anything when it is called?"""
        if isinstance(thing, (FunctionType, MethodType, functools.partial)):
            return True
        return callable(thing) and not is_repeatable(thing, [], self.given)


def constants_in(args: Any) -> list[Const]:
    """Every constant in arguments, however deep."""
    if isinstance(args, Const):
        return [args]
    if isinstance(args, dict):
        args = list(args.values())
    return [c for a in args for c in constants_in(a)] if isinstance(args, (tuple, list)) else []


HELPERS = frozenset(getattr(runtime, name) for name in vars(runtime) if callable(getattr(runtime, name))
                    and getattr(getattr(runtime, name), "__module__", "") == runtime.__name__)


def name_of(fn: Any) -> str:
    """A function as people write it."""
    owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", type(fn).__name__)
    if owner is not None and not isinstance(owner, ModuleType):
        return f"{getattr(owner, '__name__', type(owner).__name__)}.{name}"
    module = getattr(fn, "__module__", None)
    return name if module in (None, "builtins", "__main__") else f"{module.partition('.')[0].lstrip('_')}.{name}"


def of_the_world(statements: list[Any], refs: Iterable[Value]) -> set[Value]:
    """The objects that are, or come out of, what stands outside of the function and is no argument."""
    found, before = set(refs), 0
    while len(found) != before:
        before = len(found)
        for stmt in statements:
            if isinstance(stmt, Op):
                if not found.isdisjoint(operands(stmt)) and any(
                        v in found and isinstance(v.kind, Obj) for v in operands(stmt)):
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


