"""Methods of containers whose parts are known: what reads is done now, what writes is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.read.abstract import Abstract, Dict, List, Tuple, describe, python_value

WRITERS = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "setdefault", "popitem"}


class Special:
    """A method that the reader itself carries out."""

    def __init__(self, call: Callable[[Any, list[Abstract], dict[str, Abstract]], Abstract]) -> None:
        self.call = call

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return self.call(lifter, args, kwargs)


def container_method(thing: Abstract, name: str) -> Abstract:
    """`thing.name`, to be called."""
    if name in WRITERS and not isinstance(thing, Tuple):
        raise Refused(f"`.{name}` changes a {describe(thing)}", "stores into lists and dicts come later")
    methods = _dict_methods(thing) if isinstance(thing, Dict) else _sequence_methods(thing)
    if name not in methods:
        raise Refused(f"a {describe(thing)} has no `{name}` that can be read")
    return Const(Special(methods[name]))


def _dict_methods(thing: Dict) -> dict[str, Any]:
    def get(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        key = lifter.static(args[0], "the key into a dict")
        return thing.items.get(key, args[1] if len(args) > 1 else Const(None))
    return {
        "keys": lambda lifter, args, kwargs: List([Const(k) for k in thing.items]),
        "values": lambda lifter, args, kwargs: List(list(thing.items.values())),
        "items": lambda lifter, args, kwargs: List([Tuple([Const(k), v]) for k, v in thing.items.items()]),
        "copy": lambda lifter, args, kwargs: Dict(dict(thing.items)),
        "get": get,
    }


def _sequence_methods(thing: List | Tuple) -> dict[str, Any]:
    def known(lifter: Any) -> list[Any]:
        return [lifter.static(item, "an item") for item in thing.items]

    def index(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        try:
            return Const(known(lifter).index(*(python_value(a) for a in args)))
        except ValueError as error:
            raise Refused(str(error)) from None
    methods: dict[str, Any] = {
        "index": index,
        "count": lambda lifter, args, kwargs: Const(known(lifter).count(python_value(args[0]))),
        "copy": lambda lifter, args, kwargs: List(list(thing.items)),
    }
    if isinstance(thing, Tuple) and thing.cls is not None:
        cls: Any = thing.cls

        def asdict(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
            return Dict(dict(zip(cls._fields, thing.items, strict=True)))

        def changed(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
            fields = dict(zip(cls._fields, thing.items, strict=True))
            return Tuple(list({**fields, **kwargs}.values()), cls)
        methods.update(_asdict=asdict, _replace=changed)
    return methods
