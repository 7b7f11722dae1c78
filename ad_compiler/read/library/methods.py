"""Methods of containers, and some of arrays: carried out while the function is read."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.read.abstract import Abstract, Collection, describe, type_of
from ad_compiler.read.calls.signatures import bound
from ad_compiler.read.calls.special import Named, Special, Things


def container_method(thing: Collection, name: str) -> Abstract:
    """`thing.name`, to be called."""
    pythons, read = getattr(type_of(thing), name, None), thing.method(name)
    if pythons is None or read is None:
        raise Refused(f"a {describe(thing)} has no `{name}` that can be read")
    return Const(Special(_bound(pythons, read)))


def _bound(method: Any, read: Callable[..., Abstract]) -> Callable[[Any, Things, Named], Abstract]:
    """A method whose arguments are bound by Python's signature of it."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        try:
            given, named = bound(method, [None, *args], kwargs)
        except TypeError as error:
            return lifter.raises(TypeError, str(error))
        return read(lifter, given[1:], named)
    return special


def view_method(value: Value) -> Callable[..., Abstract]:
    """`value.view()`: another array in the same memory."""
    def view(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        if args or kwargs:
            raise Refused("`.view` as another type is not supported", "use astype")
        return lifter.apply(operator.getitem, [value, Const(Ellipsis)])
    return view
