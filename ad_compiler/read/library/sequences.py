"""Builtins that go through something: `range`, `zip`, `sum`, `any`, `sorted`, … , as far as that is known now.

Each takes the lifter and the arguments, as the others in `read.library.builtins` do.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import (
    Abstract,
    Count,
    Dict,
    Generator,
    Iterated,
    List,
    Poison,
    Range,
    Reversed,
    Tuple,
    Zip,
    protocol,
    python_value,
    type_of,
)
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.expressions.operator_methods import class_of
from ad_compiler.read.library.sets import made as made_set
from ad_compiler.read.library.sorting import in_order
from ad_compiler.read.prelude import iterators as prelude, itertools as iterators, lines
from ad_compiler.read.values.iterators import does_more, goes_to_its_end, same_length
from ad_compiler.read.values.sorts import has_axes, is_empty, is_float, is_line


def _range(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    parts = list(args)
    if len(parts) == 1:
        parts = [Const(0), *parts]
    if len(parts) == 2:
        parts.append(Const(1))
    for part in parts:
        if isinstance(part, Const):
            whole = isinstance(part.value, (int, np.integer))
        else:
            whole = isinstance(part, (Value, Poison)) and not (
                isinstance(part, Value) and isinstance(part.kind, Num) and part.kind.real and part.kind.form != "any")
        if not whole:
            name = type_of(part, lifter.numbers.mixed).__name__
            return lifter.raises(TypeError, f"'{name}' object cannot be interpreted as an integer")
    if python_value(parts[2]) == 0:
        return lifter.raises(ValueError, "range() arg 3 must not be zero")
    return next((p for p in parts if isinstance(p, Poison)), None) or Range(*parts)


def _enumerate(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    start: Any = args[1] if len(args) > 1 else Const(0)
    return Zip([Count(start), lifter.operators.iterable(args[0])])


def _count(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`itertools.count`, of whole numbers; what is added to floats again and again is left to Python."""
    given = dict(zip(("start", "step"), args, strict=False)) | kwargs
    start, step = given.pop("start", Const(0)), given.pop("step", Const(1))
    return NotImplemented if given or not is_whole(start) or not is_whole(step) else Count(start, step)


def is_whole(thing: Abstract) -> bool:
    """An integer of Python's."""
    if isinstance(thing, Const):
        return type(thing.value) is int
    kind = thing.kind if isinstance(thing, Value) else None
    return isinstance(kind, Num) and kind.shape == () and kind.form == "py" and kind.dtype == "int64"


def _repeat(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`itertools.repeat`; without a number of times it has no end."""
    if len(args) + ("times" in kwargs) != 2 or len(kwargs) > 1:
        return NotImplemented
    found: Abstract = lifter.calls.inline(iterators.repeat, args, kwargs)
    return found


def _zip(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    strict = lifter.expressions.truth_of(kwargs.get("strict", Const(False)))
    args = [lifter.operators.iterable(arg) for arg in args]
    if lifter.expressions.static(strict, "`strict`") and args:
        sizes = [protocol(arg).length(lifter) for arg in args]
        for at, size in enumerate(sizes[1:], 2):
            if isinstance(size, Const) and isinstance(sizes[0], Const) and size.value != sizes[0].value:
                uneven = Zip(args, True)
                if uneven.cursor(lifter) is not None:       # it is an error at the end of the shorter
                    return uneven
                word = "longer" if size.value > sizes[0].value else "shorter"
                return lifter.raises(ValueError, f"zip() argument {at} is {word} than argument 1")
        return Zip(args, strict=not all(same_length(size, sizes[0]) for size in sizes))
    return Zip(args)


def _len(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    (thing,) = args
    found = lifter.operators.operate_alone(len, thing)
    if isinstance(found, Const) and not isinstance(found.value, int):
        return lifter.raises(TypeError, f"'{type(found.value).__name__}' object cannot be interpreted as an integer")
    if isinstance(found, Const) and found.value < 0:
        return lifter.raises(ValueError, "__len__() should return >= 0")
    if found is not None:
        return found
    return protocol(thing).len(lifter)


def _fold_pairs(fn: Callable[..., Any]) -> Callable[..., Abstract]:
    """Min and max of several scalars: comparisons and choices, the first of equals wins, as in Python.

    Of a known number and one that is equal to it, it is the other that is taken, which has a derivative.
    """
    worse, equal = (gast.Lt(), gast.LtE()) if fn is max else (gast.Gt(), gast.GtE())

    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        if kwargs:
            return _best_by(lifter, fn, args, kwargs)
        items = args
        if len(args) == 1:
            if isinstance(args[0], Value) and isinstance(args[0].kind, Num) and args[0].kind.ndim == 1:
                found = lifter.apply(np.max if fn is max else np.min, args)
                if args[0].kind.real and isinstance(found, Value):
                    lifter.emit(runtime.check_ordered, (found,), {}, [], effect=True)
                return found
            known = lifter.iteration.iterate_if_short(args[0], unroll=True)
            if known is None:
                return lifter.iteration.reduce_loop(args[0], fn)
            items = known
        if not items:
            raise Refused(f"`{fn.__name__}` of nothing")
        best = items[0]
        for item in items[1:]:
            loses = equal if isinstance(best, Const) and not isinstance(item, Const) else worse
            test = lifter.expressions.truth_of(lifter.comparisons.compare_two(loses, best, item))
            if isinstance(test, Const):
                best = item if test.value else best
            else:
                best = lifter.branches.choose(test, lambda item=item: item, lambda best=best: best)
        return best
    return special


def _best_by(lifter: Any, fn: Callable[..., Any], args: Things, kwargs: Named) -> Abstract:
    """`max` or `min` with a key, or a default for nothing."""
    items = args if len(args) > 1 else [] if is_empty(args[0]) else \
        lifter.iteration.iterate_if_short(args[0], unroll=True)
    if items is None and is_line(args[0]):
        text = lines.max_of if fn is max else lines.min_of
        found: Abstract = lifter.calls.inline(text, args, kwargs)
        return found
    if items is None:
        raise Refused(f"`{fn.__name__}` with `{next(iter(kwargs))}` needs a number of items that is known",
                      "use a loop")
    if not items:
        if "default" in kwargs:
            return kwargs["default"]
        return lifter.raises(ValueError, f"{fn.__name__}() arg is an empty sequence")
    key = kwargs.get("key", Const(None))

    def measured(item: Abstract) -> Tuple:
        return Tuple([item, item if python_value(key) is None else lifter.calls.call(key, [item], {})])
    best: Any = measured(items[0])
    for item in items[1:]:
        new = measured(item)
        better = lifter.comparisons.compare_two(gast.Lt() if fn is max else gast.Gt(), best.items[1], new.items[1])
        test = lifter.expressions.truth_of(better)
        if isinstance(test, Const):
            best = new if test.value else best
        else:
            best = lifter.branches.choose(test, lambda new=new: new, lambda best=best: best)
    return best if isinstance(best, Poison) else best.items[0]


def _sum(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    start = args[1] if len(args) > 1 else Const(0)
    items = lifter.iteration.iterate_if_short(args[0])
    if items is None:
        return lifter.iteration.sum_loop(args[0], start)
    total = start
    item: Any
    for at, item in enumerate(items):       # `0 + item` is a float, but for the sign of a zero that only 1/x can see
        if at == 0 and isinstance(start, Const) and type(start.value) is int and start.value == 0 and is_float(item) \
                and (len(items) > 1 or item.kind.form in ("py", "np")):     # of one array it is another array
            total = item
        else:
            total = lifter.expressions.binary(operator.add, total, item)
    return total


def _any_all(fn: Callable[..., Any]) -> Callable[..., Abstract]:
    step_by_step = prelude.any if fn is any else prelude.all

    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        if isinstance(args[0], Value) and isinstance(args[0].kind, Num):
            if args[0].kind.ndim == 0:
                return lifter.raises(TypeError, f"'{type_of(args[0]).__name__}' object is not iterable")
            if args[0].kind.ndim != 1:
                raise Refused(f"`{fn.__name__}` of this array asks for the truth of its rows, which are arrays",
                              f"write `np.{fn.__name__}(…)`")
            found: Abstract = lifter.apply(bool, [lifter.apply(np.any if fn is any else np.all, args)])
            return found
        if isinstance(args[0], Generator) and lifter.watching and lifter.iteration.is_short(args[0]):
            decided = lifter.steps.first_that_decides(args[0], fn is any)
            return decided or lifter.calls.inline(step_by_step, args, {})
        if does_more(args[0]):      # no more of that than Python does
            return lifter.calls.inline(step_by_step, args, {})
        known = lifter.iteration.iterate_if_short(args[0], unroll=True)
        if known is None:
            goes_to_its_end(args[0], fn.__name__)
            op = gast.Or() if fn is any else gast.And()
            def decided(total: Any, item: Any) -> Any:      # by the truth of the item, which is not what comes out
                return gast.BoolOp(op, [total, gast.Call(gast.Constant(bool, None), [item], [])])

            return lifter.iteration.fold_loop(args[0], Const(fn is all), decided)
        items = known

        def test(at: int) -> Abstract:
            if at == len(items):
                return Const(fn is all)
            truth = lifter.expressions.truth_of(items[at])
            if isinstance(truth, Const):
                return Const(fn is any) if bool(truth.value) is (fn is any) else test(at + 1)
            stop = Const(fn is any)
            return lifter.branches.choose(truth, *((lambda: stop, lambda: test(at + 1)) if fn is any
                                          else (lambda: test(at + 1), lambda: stop)))
        return test(0)
    return special


def _convert(make: type) -> Callable[..., Abstract]:
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        items = lifter.iteration.iterate_if_short(args[0], unroll=True) if args else []
        if items is None and make is List and (has_axes(args[0]) or not isinstance(args[0], (List, Value))):
            return lifter.iteration.list_loop(lifter.generators.as_generator(args[0]))
        return make(lifter.iteration.iterate_now(args[0]) if items is None else items)
    return special


def _dict(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    items: dict[Any, Abstract] = {}
    if args:
        items.update(protocol(args[0]).pairs(lifter))
    return Dict({**items, **kwargs})


def _from_keys(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`dict.fromkeys(keys, thing)`."""
    keys = lifter.iteration.iterate_now(lifter.operators.iterable(args[0]))
    thing: Any = args[1] if len(args) > 1 else Const(None)
    return Dict({lifter.expressions.static(key, "the key of a dict"): thing for key in keys})


def _map(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if len(args) == 2:
        return lifter.calls.inline(prelude.map, args, {})
    return lifter.calls.inline(prelude.map_several, [args[0], Zip(args[1:])], {})


def _filter(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if python_value(args[0]) is None:
        return lifter.calls.inline(prelude.filter_true, [args[1]], {})
    return lifter.calls.inline(prelude.filter, args, {})


def _reduce(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if is_line(args[1]) and lifter.iteration.iterate_if_short(args[1], unroll=True) is None:
        return lifter.calls.inline(lines.reduce if len(args) == 2 else lines.reduce_from, args, kwargs)
    items = lifter.iteration.iterate_now(args[1])
    if len(args) > 2:
        items = [args[2], *items]
    if not items:
        raise Refused("`reduce` of nothing")
    total = items[0]
    for item in items[1:]:
        total = lifter.calls.call(args[0], [total, item], {})
    return total


def _fsum(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    items = lifter.iteration.iterate_if_short(args[0], unroll=True)
    if items is None:
        thing = lifter.iteration.list_loop(args[0]) if isinstance(args[0], Generator) else args[0]
        return lifter.apply(math.fsum, [thing])
    known = [python_value(item) for item in items]
    if all(isinstance(value, (int, float)) for value in known):
        return Const(math.fsum(known))
    return lifter.apply(math.fsum, [List(items)])


def _reversed(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    cls = class_of(args[0])
    if cls is not None and not isinstance(args[0], Tuple):
        method = lifter.asks.of_class(cls, "__reversed__")
        if isinstance(method, FunctionType):
            return lifter.calls.call(Const(method), [args[0]], {})
        if method is not None or lifter.asks.of_class(cls, "__iter__") is not None:      # of which Python asks nothing
            raise Refused(f"what is reversed of a {cls.__name__} is not known", "give its class a `__reversed__`")
    thing = lifter.operators.iterable(args[0])
    if isinstance(thing, Poison):
        return thing
    return Reversed(args[0], args[0].length(lifter) if isinstance(args[0], List) else None)


SEQUENCES: dict[Any, Callable[[Any, Things, Named], Abstract]] = {
    set: lambda li, args, kw: made_set(li, set, args), frozenset: lambda li, args, kw: made_set(li, frozenset, args),
    range: _range, enumerate: _enumerate, zip: _zip, len: _len,
    itertools.count: _count, itertools.repeat: _repeat,
    next: lambda li, args, kw: protocol(args[0]).next_item(li, args[1:]),
    iter: lambda li, args, kw: Iterated(args[0]) if len(args) == 1 else NotImplemented,
    reversed: _reversed, min: _fold_pairs(min), max: _fold_pairs(max), sum: _sum,
    any: _any_all(any), all: _any_all(all), list: _convert(List), tuple: _convert(Tuple), dict: _dict,
    dict.fromkeys: _from_keys, map: _map,
    filter: _filter, sorted: in_order, functools.reduce: _reduce, math.fsum: _fsum,
}
