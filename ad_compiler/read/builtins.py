"""Python's builtins, as far as they deal with things known before the program runs.

Each entry takes the lifter and the arguments, and returns an abstract, or NotImplemented to let the rule of
the same function, or the function itself, do the work at run time.
"""

from __future__ import annotations

import builtins
import dataclasses
import functools
import logging
import math
import operator
import warnings
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num, Seq, Shape
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    Bound,
    Closure,
    Count,
    Dict,
    Instance,
    List,
    Object,
    Poison,
    Range,
    Reversed,
    Super,
    Tuple,
    Zip,
    python_value,
)
from ad_compiler.read.classes import opened
from ad_compiler.read.expand import EXPANSIONS
from ad_compiler.read.generators import Iterated
from ad_compiler.read.ufuncs import einsum

Things = list[Abstract]
Named = dict[str, Abstract]


def _range(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    parts = list(args)
    if len(parts) == 1:
        parts = [Const(0), *parts]
    if len(parts) == 2:
        parts.append(Const(1))
    if len(parts) != 3:
        raise Refused("range takes one to three arguments")
    return next((p for p in parts if isinstance(p, Poison)), None) or Range(*parts)


def _enumerate(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    start: Any = kwargs.get("start", args[1] if len(args) > 1 else Const(0))
    return Zip([Count(start), args[0]])


def _len(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    (thing,) = args
    found = lifter.operate_alone(len, thing)
    if found is not None:
        return found
    if isinstance(thing, List) and thing.grown is not None:
        return NotImplemented
    if isinstance(thing, (Tuple, List, Dict)):
        return Const(len(thing.items))
    if isinstance(thing, (Range, Zip, Reversed)):
        size = lifter.length(thing)     # below zero where the stop lies before the start
        return _fold_pairs(max)(lifter, [size, Const(0)], {})
    return NotImplemented


def _isinstance(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    thing, classes = args
    known = python_value(classes)
    if known is NOT_KNOWN:
        raise Refused("isinstance needs classes that are known")
    wanted = known if isinstance(known, tuple) else (known,)
    actual: type | None = None
    if isinstance(thing, Const):
        actual = type(thing.value)
    elif isinstance(thing, Instance):
        actual = type(thing.sample)
    elif isinstance(thing, Object):
        actual = thing.cls
    elif isinstance(thing, (Tuple, List, Dict)):
        actual = {Tuple: tuple, List: list, Dict: dict}[type(thing)]
        actual = getattr(thing, "cls", None) or actual
    elif isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.form != "any":
        kind = thing.kind
        python = {"f": float, "i": int, "b": bool, "u": int}[np.dtype(kind.dtype).kind]
        actual = {"py": python, "np": np.dtype(kind.dtype).type, "array": np.ndarray}[kind.form]
    elif isinstance(thing, Value) and isinstance(thing.kind, Shape):
        actual = tuple
    elif isinstance(thing, slice):
        actual = slice
    if isinstance(thing, Poison):
        return thing
    if isinstance(thing, Value) and not lifter.watching and actual in (int, float, bool):
        return Const(False)     # rules ask whether a number is known
    if isinstance(thing, Value) and not lifter.watching and isinstance(thing.kind, Seq):
        return Const(False)     # or a list whose length is
    if actual is None:
        raise Refused("it is not known here what isinstance gives", "give the arguments with their types")
    return Const(any(issubclass(actual, w) for w in wanted))


def _fold_pairs(fn: Callable[..., Any]) -> Callable[..., Abstract]:
    """Min and max of several scalars: comparisons and choices, the first of equals wins, as in Python.

    Of a known number and one that is equal to it, it is the other that is taken, which has a derivative.
    """
    worse, equal = (operator.lt, operator.le) if fn is max else (operator.gt, operator.ge)

    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        if kwargs:
            raise Refused(f"`{fn.__name__}` with `{next(iter(kwargs))}` is not supported")
        items = args
        if len(args) == 1:
            if isinstance(args[0], Value) and isinstance(args[0].kind, Num) and args[0].kind.ndim == 1:
                return lifter.apply(np.max if fn is max else np.min, args)
            known = lifter.iterate_if_short(args[0], unroll=True)
            if known is None:
                return lifter.reduce_loop(args[0], fn)
            items = known
        if not items:
            raise Refused(f"`{fn.__name__}` of nothing")
        best = items[0]
        for item in items[1:]:
            loses = equal if isinstance(best, Const) and not isinstance(item, Const) else worse
            test = lifter.truth_of(lifter.apply(loses, [best, item]))
            if isinstance(test, Const):
                best = item if test.value else best
            elif isinstance(test, Poison):
                return test
            else:
                best = lifter.choose(test, lambda item=item: item, lambda best=best: best)
        return best
    return special


def _sum(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    start = kwargs.get("start", args[1] if len(args) > 1 else Const(0))
    items = lifter.iterate_if_short(args[0])
    if items is None:
        return lifter.sum_loop(args[0], start)
    total = start
    for at, item in enumerate(items):
        if at == 0 and isinstance(start, Const) and type(start.value) is int and start.value == 0 and is_float(item):
            total = item
        else:
            total = lifter.binary(operator.add, total, item)
    return total


def is_float(thing: Abstract) -> bool:
    """`0 + thing` is `thing` for floats, but for the sign of a zero that nothing but 1/x can see."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.real


def _any_all(fn: Callable[..., Any]) -> Callable[..., Abstract]:
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        if isinstance(args[0], Value):
            return lifter.apply(np.any if fn is any else np.all, args)
        known = lifter.iterate_if_short(args[0], unroll=True)
        if known is None:
            op = gast.Or() if fn is any else gast.And()
            return lifter.fold_loop(args[0], Const(fn is all), lambda total, item: gast.BoolOp(op, [total, item]))
        items = known

        def test(at: int) -> Abstract:
            if at == len(items):
                return Const(fn is all)
            truth = lifter.truth_of(items[at])
            if isinstance(truth, Const):
                return Const(fn is any) if bool(truth.value) is (fn is any) else test(at + 1)
            stop = Const(fn is any)
            return lifter.choose(truth, *((lambda: stop, lambda: test(at + 1)) if fn is any
                                          else (lambda: test(at + 1), lambda: stop)))
        return test(0)
    return special


def _convert(make: type) -> Callable[..., Abstract]:
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        items = lifter.iterate_if_short(args[0], unroll=True) if args else []
        if items is None and make is List and not isinstance(args[0], (List, Value)):
            return lifter.list_loop(lifter.as_generator(args[0]))
        return make(lifter.iterate_now(args[0]) if items is None else items)
    return special


def _dict(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    items: dict[Any, Abstract] = {}
    if args and isinstance(args[0], Dict):
        items.update(args[0].items)
    elif args:
        for pair in lifter.iterate_now(args[0]):
            key, value = lifter.items_of(pair)
            items[lifter.static(key, "the key of a dict")] = value
    return Dict({**items, **kwargs})


def _map(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    parts = [lifter.iterate_now(a) for a in args[1:]]
    return Iterated(List([lifter.call(args[0], list(items), {}) for items in zip(*parts, strict=False)]))


def _filter(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    kept = []
    for item in lifter.iterate_now(args[1]):
        truth = item if python_value(args[0]) is None else lifter.call(args[0], [item], {})
        if lifter.static(lifter.truth_of(truth), "whether an item is kept"):
            kept.append(item)
    return Iterated(List(kept))


def _sorted(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    items = lifter.iterate_now(args[0])
    key = kwargs.get("key")
    keys = [lifter.static(item if key is None else lifter.call(key, [item], {}), "the order of the items")
            for item in items]
    reverse = lifter.static(kwargs.get("reverse", Const(False)), "`reverse`")
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    return List([items[i] for i in order])


def _getattr(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    name = lifter.static(args[1], "the name of an attribute")
    try:
        return lifter.attribute(args[0], name)
    except Refused:
        if len(args) > 2:
            return args[2]
        raise


def _hasattr(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    name = lifter.static(args[1], "the name of an attribute")
    if isinstance(args[0], Instance):
        return Const(hasattr(args[0].sample, name))
    if isinstance(args[0], Const):
        return Const(hasattr(args[0].value, name))
    if isinstance(args[0], Value) and isinstance(args[0].kind, Num):
        sample = {"array": np.ndarray, "np": np.float64, "py": float}.get(args[0].kind.form, np.ndarray)
        return Const(hasattr(sample, name))
    return Const(False)


def _callable(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if isinstance(args[0], Const):
        return Const(callable(args[0].value))
    return Const(isinstance(args[0], (Closure, Bound)) or isinstance(args[0], Instance) and callable(args[0].sample))


def _type(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if isinstance(args[0], Instance):
        return Const(type(args[0].sample))
    if isinstance(args[0], Const):
        return Const(type(args[0].value))
    return NotImplemented


def _slice(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    none: Abstract = Const(None)
    return slice(*((none, *args, none)[:3] if len(args) == 1 else (*args, none)[:3]))


def _reduce(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    items = lifter.iterate_now(args[1])
    if len(args) > 2:
        items = [args[2], *items]
    if not items:
        raise Refused("`reduce` of nothing")
    total = items[0]
    for item in items[1:]:
        total = lifter.call(args[0], [total, item], {})
    return total


def _partial(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return Bound(args[0], list(args[1:]), dict(kwargs))


def _super(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if args:
        raise Refused("`super` with arguments is not supported", "write `super()`")
    frame = lifter.frames[-1]
    func = frame.scope.func
    owner = frame.scope.names.get(frame.node.args.args[0].id) if frame.node.args.args else None
    if func is None or "__class__" not in func.__code__.co_freevars or not isinstance(owner, Instance):
        raise Refused("`super()` outside a method is not supported")
    cls = func.__closure__[func.__code__.co_freevars.index("__class__")].cell_contents
    order = type(owner.sample).__mro__
    return Super(owner, order[order.index(cls) + 1:])


def _divmod(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return Tuple([lifter.apply(operator.floordiv, args), lifter.apply(operator.mod, args)])


def _float(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if args and isinstance(args[0], Const) and isinstance(args[0].value, (int, float, str)):
        return Const(float(args[0].value))
    return _alone(float)(lifter, args, kwargs)


def _alone(fn: Any) -> Callable[..., Abstract]:
    """A function that a class may have a method for."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        found = lifter.operate_alone(fn, args[0]) if len(args) == 1 else None
        return NotImplemented if found is None else found
    return special


def _ix(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.ix_`: each sequence along an axis of its own."""
    parts = []
    for at, arg in enumerate(args):
        line: Any = arg if isinstance(arg, Value) else lifter.apply(np.array, [arg])
        if line.kind.dtype == "bool":
            (line,) = lifter.items_of(lifter.apply(np.nonzero, [line]))
        shape = Tuple([Const(-1 if i == at else 1) for i in range(len(args))])
        parts.append(lifter.apply(np.reshape, [line, shape]))
    return Tuple(parts)


def _where(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.where(mask)` gives positions."""
    return lifter.apply(np.nonzero, args) if len(args) == 1 and not kwargs else NotImplemented


def _replace(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return lifter.replaced(args[0], kwargs)


def _as_dict(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return opened(lifter, args[0], Dict) if len(args) == 1 and not kwargs else NotImplemented


def _as_tuple(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return opened(lifter, args[0], lambda fields: Tuple(list(fields.values()))) if len(args) == 1 else NotImplemented


def _append(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.append`, which is `np.concatenate`."""
    given = dict(zip(("arr", "values", "axis"), args, strict=False)) | kwargs
    parts, axis = [given["arr"], given["values"]], given.get("axis", Const(None))
    if python_value(axis) is None:
        parts = [lifter.apply(np.ravel, [p]) if isinstance(p, Value) and isinstance(p.kind, Num) and p.kind.is_array
                 else lifter.apply(np.ravel, [lifter.apply(np.array, [p])]) for p in parts]
        axis = Const(0)
    else:
        parts = [lifter.apply(np.array, [p]) if isinstance(p, (List, Tuple)) else p for p in parts]
    return lifter.call(Const(np.concatenate), [Tuple(parts)], {"axis": axis})


def _ndarray(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.ndarray(shape, dtype)`, which is `np.empty`."""
    if len(args) > 2 or set(kwargs) - {"shape", "dtype"}:
        return NotImplemented
    return lifter.call(Const(np.empty), args, kwargs)


def _fsum(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return _sum(lifter, args, {"start": Const(0.0)})


BUILTINS: dict[Any, Callable[[Any, Things, Named], Abstract]] = {
    range: _range, enumerate: _enumerate, zip: lambda li, args, kw: Zip(args), len: _len,
    iter: lambda li, args, kw: Iterated(args[0]) if len(args) == 1 else NotImplemented,
    reversed: lambda li, args, kw: Reversed(args[0]), isinstance: _isinstance, min: _fold_pairs(min),
    max: _fold_pairs(max), sum: _sum, any: _any_all(any), all: _any_all(all), list: _convert(List),
    tuple: _convert(Tuple), dict: _dict, map: _map, filter: _filter, sorted: _sorted, getattr: _getattr,
    hasattr: _hasattr, callable: _callable, type: _type, slice: _slice, float: _float, math.fsum: _fsum,
    abs: _alone(abs),
    divmod: _divmod,
    dataclasses.replace: _replace, dataclasses.asdict: _as_dict, dataclasses.astuple: _as_tuple,
    np.ix_: _ix, np.where: _where, np.einsum: einsum, np.append: _append, np.ndarray: _ndarray,
    functools.reduce: _reduce, functools.partial: _partial, super: _super,
    **EXPANSIONS,
}

ELSEWHERE = {("numba.misc.special", "prange"): range}
"""Module and name of what reads as a builtin does, where that module is loaded."""


def builtin_of(obj: Any) -> Any:
    """How a call of this is read, or None."""
    if not callable(obj):
        return None
    place = (getattr(obj, "__module__", None), getattr(obj, "__name__", None))
    try:
        return BUILTINS.get(ELSEWHERE.get(place, obj))      # type: ignore[arg-type]
    except TypeError:       # it has no hash
        return None


SEEN_ONLY = {print, repr, str, format, str.format, operator.mod, builtins.id, warnings.warn}
"""Calls that may be given active values: they show them, no derivative passes."""


def only_shows(fn: Any) -> bool:
    """Does a function only show what it is given?  Loggers count."""
    owner = getattr(fn, "__self__", None)
    module = getattr(fn, "__module__", "") or ""
    return fn in SEEN_ONLY or isinstance(owner, logging.Logger) or module.split(".")[0] == "logging"

