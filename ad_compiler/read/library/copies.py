"""`copy.copy` and `copy.deepcopy` of what is known: containers, objects that the function makes, numbers and arrays.

>>> import copy
>>> from ad_compiler import grad
>>> def f(x):
...     given = {"a": [x]}
...     shallow, deep = copy.copy(given), copy.deepcopy(given)
...     given["a"].append(x * x)
...     return sum(shallow["a"]) * len(deep["a"])
>>> grad(f)(3.0)
7.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract, Container, Namespace, Object, Set, protocol
from ad_compiler.watch import constant_like

OWN_WAYS = ("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")


def copied(lifter: Any, thing: Abstract, deep: bool) -> Abstract:
    """A copy of a thing, of what is in it too where it is `deep`; NotImplemented where that is not known."""
    made: dict[int, Abstract] = {}

    def inside(item: Abstract) -> Abstract:
        return copy(item) if deep else item

    def copy(item: Abstract) -> Abstract:
        """A memory is copied once, however often it is met."""
        if id(item) not in made:
            made[id(item)] = _copied(lifter, item, inside)
        if made[id(item)] is NotImplemented:
            raise NotImplementedError
        return made[id(item)]
    arrays = [cell for cell in map(lifter.memory.cell_of, protocol(thing).values()) if cell is not None]
    if deep and any(a is b or b in a.near for at, a in enumerate(arrays) for b in arrays[:at]):
        return NotImplemented       # two views of one array are two of one copy
    try:
        return copy(thing)
    except NotImplementedError:
        return NotImplemented


def _copied(lifter: Any, thing: Abstract, inside: Callable[[Abstract], Abstract]) -> Abstract:
    if isinstance(thing, Const):
        return thing if constant_like(thing.value) or isinstance(thing.value, float) else NotImplemented
    if isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.form != "any":
        return lifter.apply(np.copy, [thing], spelling="method") if thing.kind.form == "array" else thing
    if isinstance(thing, Container) and not isinstance(thing, Namespace) and getattr(thing, "grown", None) is None:
        return thing.like([inside(item) for item in thing.parts()])
    if isinstance(thing, Set):
        return Set(thing.items.copy())
    if isinstance(thing, Object) and thing.node is None and all(
            lifter.asks.of_class(thing.cls, name) is vars(object).get(name) for name in OWN_WAYS):
        return Object(thing.cls, {name: inside(item) for name, item in thing.attributes.items()})
    return NotImplemented
