"""Sets whose items are known: their methods, and what operators make of them and of the keys of dicts.

>>> from ad_compiler import grad
>>> def f(x):
...     seen = {1, 2}
...     seen.add(3)
...     seen -= {1}
...     return x * sum(seen)
>>> grad(f)(1.0)
5.0
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.read.abstract import Abstract, Dict, Poison, Range, Set, View

Things = list[Abstract]
Named = dict[str, Abstract]

OPERATORS = (operator.or_, operator.and_, operator.sub, operator.xor)
GIVE_SETS = ("union", "intersection", "difference", "symmetric_difference")
GIVE_TRUTHS = ("issubset", "issuperset", "isdisjoint")
CHANGE = ("update", "intersection_update", "difference_update", "symmetric_difference_update")
ITEMS = ("add", "discard", "remove")


def set_of(lifter: Any, thing: Abstract) -> Any:
    """A Python set of what is known: that of a set or of the keys of a dict; None of anything else."""
    if isinstance(thing, Set):
        return thing.items
    if isinstance(thing, View) and thing.part == "keys":
        return set(thing.of.items)
    if isinstance(thing, Const) and isinstance(thing.value, (set, frozenset)):
        return thing.value
    return None


def operated(lifter: Any, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract | None:
    """`left | right` and the like of sets, `|` of dicts; None of what is neither."""
    if isinstance(left, Value) and isinstance(right, (Value, Const)) or isinstance(left, Const) and isinstance(
            right, Value):      # as most are
        return None
    if isinstance(left, Range) or isinstance(right, Range):
        raise Refused("an operator stands beside a range", "write np.arange(…), or list(range(…))")
    if fn is operator.or_ and isinstance(left, Dict) and isinstance(right, Dict):
        return Dict({**left.items, **right.items})
    one, other = set_of(lifter, left), set_of(lifter, right)
    return Set(fn(one, other)) if fn in OPERATORS and one is not None and other is not None else None


def changed(lifter: Any, fn: Callable[..., Any], old: Set, new: Abstract) -> Abstract | None:
    """`old |= new` and the like; None where that makes another set."""
    other = set_of(lifter, new)
    if fn not in OPERATORS or other is None or isinstance(old.items, frozenset):
        return None
    lifter.write_list(old, fn(old.items, other))
    return old


def known_items(lifter: Any, thing: Abstract) -> list[Any]:
    """The items of what a method is given."""
    found = set_of(lifter, thing)
    return list(found) if found is not None else [
        lifter.static(item, "an item of a set") for item in lifter.iterate_now(lifter.iterable(thing))]


def made(lifter: Any, cls: type, args: Things) -> Abstract:
    """`set(…)`, `frozenset(…)`."""
    if args and isinstance(args[0], Set):
        return Set(cls(args[0].items))
    try:
        return Set(cls(known_items(lifter, args[0]) if args else ()))
    except TypeError as error:
        return lifter.raises(TypeError, str(error))


def set_methods(thing: Set) -> dict[str, Any]:
    """The methods of a set, by name."""
    def whole(name: str) -> Any:
        def call(lifter: Any, args: Things, kwargs: Named) -> Abstract:
            given = [known_items(lifter, arg) for arg in args]
            found = lifter.asked(getattr(type(thing.items), name), thing.items, *given)
            return Set(found.value) if isinstance(found, Const) and name in GIVE_SETS else found
        return call

    def change(name: str, one: bool) -> Any:
        def call(lifter: Any, args: Things, kwargs: Named) -> Abstract:
            given = [lifter.static(arg, "an item of a set") if one else known_items(lifter, arg) for arg in args]
            new = set(thing.items)
            found = lifter.asked(getattr(new, name), *given)
            if not isinstance(found, Poison):
                lifter.write_list(thing, new)
            return found
        return call

    def pop(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        raise Refused("which item of a set goes is Python's own affair", "name the item, and `remove` it")

    def clear(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        lifter.write_list(thing, set())
        return Const(None)
    common = {name: whole(name) for name in (*GIVE_SETS, *GIVE_TRUTHS)} | {
        "copy": lambda lifter, args, kwargs: Set(thing.items.copy())}
    if isinstance(thing.items, frozenset):
        return common
    return {**common, **{name: change(name, True) for name in ITEMS}, **{name: change(name, False) for name in CHANGE},
            "pop": pop, "clear": clear}
