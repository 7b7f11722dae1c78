"""Methods of containers, and some of arrays: carried out while the function is read."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Seq
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    Dict,
    List,
    Poison,
    Set,
    Tuple,
    View,
    describe,
    python_value,
    type_of,
)
from ad_compiler.read.calls.signatures import bound
from ad_compiler.read.calls.special import Named, Special, Things
from ad_compiler.read.library.sequences import pairs_of
from ad_compiler.read.library.sets import set_methods
from ad_compiler.read.prelude import operators as prelude


def container_method(thing: Abstract, name: str) -> Abstract:
    """`thing.name`, to be called."""
    methods = set_methods(thing) if isinstance(thing, Set) else \
        _dict_methods(thing) if isinstance(thing, Dict) else _sequence_methods(thing)
    if isinstance(thing, List):
        methods.update(_list_methods(thing))
    if name not in methods:
        raise Refused(f"a {describe(thing)} has no `{name}` that can be read")
    return Const(Special(_bound(getattr(type_of(thing), name, None), methods[name])))


def _bound(method: Any, read: Callable[[Any, Things, Named], Abstract]) -> Callable[[Any, Things, Named], Abstract]:
    """A method whose arguments are bound by its own signature."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        try:
            given, named = bound(method, [None, *args], kwargs)
        except TypeError as error:
            return lifter.raises(TypeError, str(error))
        return read(lifter, given[1:], named)
    return special


def _default(args: Things, message: str) -> Abstract:
    if len(args) < 2:
        raise Refused(message)
    return args[1]


def _dict_methods(thing: Dict) -> dict[str, Any]:
    def get(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        key = lifter.expressions.key(args[0], "the key into a dict")
        return thing.items.get(key, args[1] if len(args) > 1 else Const(None))

    def update(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        more: dict[Any, Abstract] = {}
        for arg in args:
            more.update(pairs_of(lifter, arg))
        lifter.lists.write_list(thing, {**thing.items, **more, **kwargs})
        return Const(None)

    def setdefault(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        key = lifter.expressions.key(args[0], "the key of a dict")
        if key not in thing.items:
            lifter.lists.write_list(thing, {**thing.items, key: args[1] if len(args) > 1 else Const(None)})
        return thing.items[key]

    def pop(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        key = lifter.expressions.key(args[0], "the key of a dict")
        if key not in thing.items:
            return _default(args, f"the dict has no key {key!r}")
        found = thing.items[key]
        lifter.lists.write_list(thing, {k: v for k, v in thing.items.items() if k != key})
        return found

    def popitem(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        if not thing.items:
            raise Refused("popitem(): the dict is empty")
        key = list(thing.items)[-1]
        return Tuple([Const(key), pop(lifter, [Const(key)], {})])

    def clear(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.write_list(thing, {})
        return Const(None)
    return {
        **{part: lambda lifter, args, kwargs, part=part: View(thing, part) for part in ("keys", "values", "items")},
        "copy": lambda lifter, args, kwargs: Dict(dict(thing.items)),
        "get": get, "update": update, "setdefault": setdefault, "pop": pop, "popitem": popitem, "clear": clear,
    }


def _list_methods(thing: List) -> dict[str, Any]:
    def append(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        (item,) = args
        lifter.lists.append(thing, item)
        return Const(None)

    def extend(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        (more,) = args
        lifter.lists.extend(thing, more)
        return Const(None)

    def insert(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        items = list(thing.items)
        items.insert(lifter.expressions.static(args[0], "the place in a list"), args[1])
        lifter.lists.write_list(thing, items)
        return Const(None)

    def pop(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        if thing.grown is not None:
            return _pop_grown(lifter, thing, args)
        items = list(thing.items)
        try:
            found = items.pop(lifter.expressions.static(args[0], "the place in a list") if args else -1)
        except IndexError as error:
            raise Refused(str(error)) from None
        lifter.lists.write_list(thing, items)
        return found

    def clear(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        lifter.lists.write_list(thing, [])
        return Const(None)

    def remove(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        return lifter.calls.inline(prelude.remove, [thing, *args], {})

    def reverse(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        backwards = slice(Const(None), Const(None), Const(-1))
        turned = thing.items[::-1] if thing.grown is None else lifter.expressions.item(thing.grown, backwards)
        lifter.lists.write_list(thing, turned)
        return Const(None)

    def sort(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        from ad_compiler.read.library.builtins import BUILTINS

        found = BUILTINS[sorted](lifter, [thing], kwargs)
        if isinstance(found, Poison):
            return found
        lifter.lists.write_list(thing, found.items if found.grown is None else found.grown)
        return Const(None)

    def copy(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        return lifter.lists.copied(thing)
    return {"append": append, "extend": extend, "insert": insert, "pop": pop, "clear": clear,
            "remove": remove, "reverse": reverse, "sort": sort, "copy": copy}


def _pop_grown(lifter: Any, thing: List, args: Things) -> Abstract:
    if args and python_value(args[0]) != -1:
        raise Refused("an item inside a list of unknown length is taken out", "take out the last one, or rebuild it")
    grown: Any = thing.grown
    assert isinstance(grown.kind, Seq)
    rest, last = lifter.emit(runtime.list_pop, (grown,), {}, [Seq(grown.kind.elem), grown.kind.elem])
    lifter.memory.own(last, near=(thing,))
    lifter.lists.write_list(thing, rest)
    return last


def _sequence_methods(thing: List | Tuple) -> dict[str, Any]:
    def asked(name: str, told: Any) -> Any:
        def ask(lifter: Any, args: Things, kwargs: Named) -> Abstract:
            found, *known = [python_value(part) for part in (thing, *args)]
            if any(part is NOT_KNOWN for part in (found, *known)):
                return lifter.calls.inline(told, [thing, *args], {})
            return lifter.asked(getattr(type(found), name), found, *known)
        return ask
    return {"index": asked("index", prelude.index_of), "count": asked("count", prelude.count_of)}


def view_method(value: Value) -> Callable[..., Abstract]:
    """`value.view()`: another array in the same memory."""
    def view(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        if args or kwargs:
            raise Refused("`.view` as another type is not supported", "use astype")
        return lifter.apply(operator.getitem, [value, Const(Ellipsis)])
    return view
