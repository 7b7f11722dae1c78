"""Things that are known before the program runs, and Python objects: from the one to the other.

>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import FLOAT
>>> python_value(from_python([1, (2, 3)])), python_value(Tuple([Value("x", FLOAT)])) is NOT_KNOWN
([1, (2, 3)], True)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.ir import UNDEFINED, Const, Value
from ad_compiler.read.abstract import Abstract, Dict, List, Object, Poison, Range, Set, Tuple


def from_python(obj: Any) -> Abstract:
    """Something known now as an abstract: plain containers are opened, the rest is a `Const`."""
    if isinstance(obj, tuple):
        return Tuple([from_python(item) for item in obj], type(obj) if hasattr(obj, "_fields") else None)
    if type(obj) is list:
        return List([from_python(item) for item in obj])
    if type(obj) is dict:
        return Dict({key: from_python(item) for key, item in obj.items()})
    if type(obj) in (set, frozenset):
        return Set(obj.copy())
    if type(obj) is range:
        return Range(Const(obj.start), Const(obj.stop), Const(obj.step))
    return Const(obj)


NOT_KNOWN = object()


def python_value(thing: Abstract) -> Any:
    """The Python object that a thing is, or `NOT_KNOWN` where a part is known only at run time."""
    if isinstance(thing, Const):
        return NOT_KNOWN if thing is UNDEFINED else thing.value
    if isinstance(thing, List) and (isinstance(thing.content, Poison) or thing.grown is not None):
        return NOT_KNOWN
    if isinstance(thing, (Tuple, List)):
        items = [python_value(item) for item in thing.items]
        if any(item is NOT_KNOWN for item in items):
            return NOT_KNOWN
        if isinstance(thing, List):
            return items
        return tuple(items) if thing.cls is None else thing.cls(*items)
    if isinstance(thing, Set):
        return NOT_KNOWN if isinstance(thing.content, Poison) else thing.items.copy()
    if isinstance(thing, Dict):
        values = {key: python_value(item) for key, item in thing.items.items()}
        return NOT_KNOWN if any(v is NOT_KNOWN for v in values.values()) else values
    if isinstance(thing, Range):
        bounds = [python_value(bound) for bound in (thing.start, thing.stop, thing.step)]
        return range(*bounds) if all(isinstance(bound, (int, np.integer)) for bound in bounds) else NOT_KNOWN
    if isinstance(thing, slice):
        parts = [python_value(part) for part in (thing.start, thing.stop, thing.step)]
        return NOT_KNOWN if any(part is NOT_KNOWN for part in parts) else slice(*parts)
    return NOT_KNOWN


def same_structure(a: Abstract, b: Abstract) -> bool:
    """Do two things differ in their atoms alone?"""
    if isinstance(a, (Value, Const)) and isinstance(b, (Value, Const)):
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, List) and (a.grown is not None or b.grown is not None):
        return None not in (a.grown, b.grown)
    if isinstance(a, Object):
        return (a.cls is b.cls and list(a.attributes) == list(b.attributes)
                and all(map(same_structure, a.attributes.values(), b.attributes.values())))
    if isinstance(a, (Tuple, List)):
        return (len(a.items) == len(b.items) and all(map(same_structure, a.items, b.items))
                and getattr(a, "cls", None) is getattr(b, "cls", None))
    if isinstance(a, Set):
        return type(a.items) is type(b.items) and bool(a.items == b.items)
    if isinstance(a, Dict):
        return list(a.items) == list(b.items) and all(same_structure(a.items[k], b.items[k]) for k in a.items)
    return a is b
