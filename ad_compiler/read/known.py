"""Python objects that are known before the program runs, as things; `python_value` is the way back.

>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.abstract import NOT_KNOWN, python_value
>>> python_value(from_python([1, (2, 3)])), python_value(Tuple([Value("x", FLOAT)])) is NOT_KNOWN
([1, (2, 3)], True)
"""

from __future__ import annotations

from typing import Any

from ad_compiler.ir import Const
from ad_compiler.read.abstract import Abstract, Dict, List, Range, Set, Tuple


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
