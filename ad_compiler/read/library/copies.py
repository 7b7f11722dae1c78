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

from typing import Any

from ad_compiler.read.abstract import Abstract, protocol


def copied(lifter: Any, thing: Abstract, deep: bool) -> Abstract:
    """A copy of a thing, of what is in it too where it is `deep`; NotImplemented where that is not known."""
    made: dict[int, Abstract] = {}

    def inside(item: Abstract) -> Abstract:
        return copy(item) if deep else item

    def copy(item: Abstract) -> Abstract:
        """A memory is copied once, however often it is met."""
        if id(item) not in made:
            made[id(item)] = protocol(item).copied(lifter, inside)
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
