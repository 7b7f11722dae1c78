"""`sorted`: an order that is known, or one by numbers that the run computes.

>>> from ad_compiler import grad
>>> def f(x):
...     params = {"w": x, "b": 2.0 * x}
...     return sum((at + 1) * value * value for at, (name, value) in enumerate(sorted(params.items())))
>>> grad(f)(1.0)
12.0
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import gast

from ad_compiler.ir import Const, Value
from ad_compiler.kinds import INT, Num, Seq
from ad_compiler.read.abstract import NOT_KNOWN, Abstract, List, Tuple, flatten, kind_of, python_value, same_structure
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.prelude import lines
from ad_compiler.read.values.sorts import is_line
from ad_compiler.runtime import sorting


def in_order(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if is_line(args[0]) and not kwargs and lifter.iteration.iterate_if_short(args[0], unroll=True) is None:
        items: Any = lifter.calls.call(Const(list), args, {})
        places = lifter.emit(sorting, (items.grown, Const(False)), {}, [Seq(INT)])
        return lifter.calls.inline(lines.picked, [items, List(places[0])], {})
    items = lifter.iteration.iterate_now(args[0])
    key = kwargs.get("key")
    if key is not None and python_value(key) is None:
        key = None
    keys = [item if key is None else lifter.calls.call(key, [item], {}) for item in items]
    reverse = lifter.expressions.static(kwargs.get("reverse", Const(False)), "`reverse`")
    if not isinstance(reverse, int):
        return lifter.raises(TypeError, f"'{type(reverse).__name__}' object cannot be interpreted as an integer")
    known = [python_value(k) for k in keys]
    if not any(k is NOT_KNOWN for k in known):
        order = lifter.asked(functools.partial(sorting, known, bool(reverse)))
        return List([items[i] for i in order.value]) if isinstance(order, Const) else order
    order = _order_known(lifter, keys, bool(reverse))
    return _sorted_later(lifter, items, keys, bool(reverse)) if order is None else List([items[i] for i in order])


def _order_known(lifter: Any, keys: Things, reverse: bool) -> list[int] | None:
    """The order of tuples of which the first items decide; None where others, of the run, are asked for."""
    if not all(isinstance(key, Tuple) for key in keys):
        return None
    mark = lifter.control.mark()

    def compare(a: int, b: int) -> int:
        less = lifter.comparisons.compare_two(gast.Lt(), keys[a], keys[b])
        if not isinstance(less, Const):
            raise LookupError
        return -1 if less.value else 0
    try:
        return sorted(range(len(keys)), key=functools.cmp_to_key(compare), reverse=reverse)
    except LookupError:
        lifter.control.rewind(mark)
        return None


def _sorted_later(lifter: Any, items: Things, keys: Things, reverse: bool) -> Abstract:
    """Items by keys of which the order is known only when the program runs: of numbers, or tuples of numbers."""
    opened = [flatten(item) for item in items]
    alike = all(same_structure(items[0], item) for item in items[1:])
    kinds = {kind_of(atom) if isinstance(atom, Value) else float for key in keys for atom in flatten(key)[0]
             if isinstance(atom, (Value, Const))}
    plain = all(isinstance(kind, Num) and kind.shape == () and kind.form == "py" or kind is float for kind in kinds)
    if not alike or not plain or not all(isinstance(key, (Value, Const)) for key in keys):
        for key in keys:
            lifter.expressions.static(key, "the order of the items")
    order = lifter.emit(sorting, (lifter.lists.make_grown(keys, lifter.lists.kind_of_items(keys)), Const(reverse)), {},
                        [Seq(INT)])[0]
    columns = [list(column) for column in zip(*(atoms for atoms, _ in opened), strict=True)]
    places = [lifter.apply(operator.getitem, [order, Const(at)]) for at in range(len(items))]
    return List([build([lifter.lists.item_of_several(column, place) for column in columns])
                 for place, (_, build) in zip(places, opened, strict=True)])
