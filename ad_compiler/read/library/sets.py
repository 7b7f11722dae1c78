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

from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.read.abstract import Abstract, Poison, Set, protocol
from ad_compiler.read.calls.special import Named, Things

GIVE_SETS = ("union", "intersection", "difference", "symmetric_difference")
GIVE_TRUTHS = ("issubset", "issuperset", "isdisjoint")
CHANGE = ("update", "intersection_update", "difference_update", "symmetric_difference_update")
ITEMS = ("add", "discard", "remove")


def known_items(lifter: Any, thing: Abstract) -> list[Any]:
    """The items of what a method is given."""
    found = protocol(thing).known_set()
    if found is not None:
        return list(found)
    items = lifter.iteration.iterate_now(lifter.operators.iterable(thing))
    return [lifter.expressions.static(item, "an item of a set") for item in items]


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
            static = lifter.expressions.static
            given = [static(arg, "an item of a set") if one else known_items(lifter, arg) for arg in args]
            new = set(thing.items)
            found = lifter.asked(getattr(new, name), *given)
            if not isinstance(found, Poison):
                lifter.lists.write_list(thing, new)
            return found
        return call

    def pop(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        raise Refused("which item of a set goes is Python's own affair", "name the item, and `remove` it")

    def clear(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.write_list(thing, set())
        return Const(None)
    common = {name: whole(name) for name in (*GIVE_SETS, *GIVE_TRUTHS)} | {
        "copy": lambda lifter, args, kwargs: Set(thing.items.copy())}
    if isinstance(thing.items, frozenset):
        return common
    return {**common, **{name: change(name, True) for name in ITEMS}, **{name: change(name, False) for name in CHANGE},
            "pop": pop, "clear": clear}
