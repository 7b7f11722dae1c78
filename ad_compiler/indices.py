"""What an index says: whether two are the same, and what is picked by one.

>>> from ad_compiler.kinds import INT
>>> i = Value("i", INT)
>>> same_arg((COLON, Const(0)), (COLON, Const(0))), same_arg(i, Value("i", INT)), gathers((i, COLON)), gathers((i, [i]))
(True, False, False, True)
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from ad_compiler.ir import Arg, Const, Slice, Value
from ad_compiler.kinds import Num

BY_VALUE = (bool, int, float, complex, str, bytes, np.generic, type(None))
"""Constants of which those that look the same are the same."""


COLON = Slice(Const(None), Const(None), Const(None))


def const_key(const: Const) -> Hashable:
    """Equal for constants that are the same number, object or text."""
    value = const.value
    if isinstance(value, tuple):
        return tuple(const_key(Const(item)) for item in value)
    return (type(value), repr(value)) if isinstance(value, BY_VALUE) else id(value)


def same_arg(a: Arg, b: Arg) -> bool:
    """Are two arguments, or two indices, certainly the same, part by part?"""
    if isinstance(a, Const) and isinstance(b, Const):
        return const_key(a) == const_key(b)
    if isinstance(a, Slice) and isinstance(b, Slice):
        return all(map(same_arg, (a.start, a.stop, a.step), (b.start, b.stop, b.step)))
    if isinstance(a, (tuple, list)) and type(a) is type(b):
        return len(a) == len(b) and all(map(same_arg, a, b))
    return a is b


def is_none(part: Arg) -> bool:
    """Is this `None`: a new axis, or a bound that is not given?"""
    return isinstance(part, Const) and part.value is None


def is_colon(part: Arg) -> bool:
    """Is this `:`?"""
    return isinstance(part, Slice) and is_none(part.start) and is_none(part.stop) and is_none(part.step)


def parts_of(index: Arg) -> tuple[Arg, ...]:
    """The parts of an index, which may be one."""
    return index if isinstance(index, tuple) else (index,)


def takes_all(index: Arg) -> bool:
    """Is this `...`, or slices `:` alone?"""
    return all(is_colon(part) or isinstance(part, Const) and part.value is Ellipsis for part in parts_of(index))


def is_integer(part: Arg) -> bool:
    """Is this one whole number?"""
    if isinstance(part, Const):
        return isinstance(part.value, (int, np.integer)) and not isinstance(part.value, bool)
    return isinstance(part, Value) and isinstance(part.kind, Num) and part.kind.shape == () \
        and part.kind.dtype.startswith(("int", "uint"))


def is_python_integer(part: Arg) -> bool:
    """Is this a whole number of Python's own?"""
    if isinstance(part, Const):
        return type(part.value) is int
    kind = part.kind if isinstance(part, Value) else None
    return isinstance(kind, Num) and (kind.dtype, kind.form) == ("int64", "py")


def is_mask(part: Arg) -> bool:
    """Is this an array of booleans?"""
    kind = part.kind if isinstance(part, Value) else None
    return isinstance(kind, Num) and kind.dtype == "bool" and bool(kind.shape)


def gathers(index: Arg, certain: bool = False) -> bool:
    """Does an index copy, by a mask, a list or an array of integers?  Of what is not known, it may."""
    if isinstance(index, tuple):
        return any(gathers(part, certain) for part in index)
    if isinstance(index, Value):
        kind = index.kind if isinstance(index.kind, Num) else None
        return kind is not None and bool(kind.shape) if certain else kind is None or kind.is_array
    return isinstance(index, list) or isinstance(index, Const) and isinstance(index.value, (list, np.ndarray))
