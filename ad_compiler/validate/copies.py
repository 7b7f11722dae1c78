"""One deep copy of all arguments of a call: what shared memory, or was one object, still does and is.

>>> x = np.arange(4.0)
>>> base, view, again = copied((x, x[1:], x))
>>> view[0] = 9.0
>>> base, base is again, x
(array([0., 9., 2., 3.]), True, array([0., 1., 2., 3.]))
"""

from __future__ import annotations

import copy
import enum
import gc
import weakref
from collections.abc import Iterable
from types import (
    BuiltinFunctionType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    NoneType,
    TracebackType,
)
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ad_compiler.validate.deadline import is_library

LARGEST = 256 * 2 ** 20
"""Bytes of arrays that are copied."""

MOST = 500_000
"""Objects that are copied."""

SECONDS_PER_OBJECT, SECONDS_PER_BYTE = 1e-5, 1e-9
"""About what a copy takes."""

ATOMS = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.generic, np.dtype, type, slice, range,
         ModuleType, FunctionType, BuiltinFunctionType, np.ufunc, enum.Enum)
"""They are never written into, or are no data: a copy has them as they are."""


OWNERS = (ModuleType, type, NoneType)
"""What built-in functions belong to, as opposed to built-in methods of an object."""


PROXIES = (weakref.ProxyType, weakref.CallableProxyType)


class Uncopied(Exception):
    """Something that cannot be copied, in words."""


def copied(args: Any, kept: Iterable[Any] = ()) -> Any:
    """A deep copy, but of the objects in `kept`, which stay what they are.

    Raises `Uncopied` where there is none, or where it would be too large.
    """
    memo: dict[int, Any] = {id(obj): obj for obj in kept}
    objects = [obj for obj in reachable([args]) if id(obj) not in memo]
    if sum(obj.nbytes for obj in objects if isinstance(obj, np.ndarray)) > LARGEST:
        raise Uncopied(f"its arguments hold more than {LARGEST >> 20} MB")
    arrays = [obj for obj in objects if type(obj) is np.ndarray and not obj.dtype.hasobject]
    memo |= {id(obj): obj for obj in objects if type(obj) is object}     # told apart by identity alone
    memo |= zip(map(id, arrays), copied_arrays(arrays), strict=True)
    try:
        return copy.deepcopy(args, memo)
    except Exception as error:      # noqa: BLE001  (whatever its class raises: there is no copy, which is said)
        raise Uncopied(f"an argument cannot be copied ({type(error).__name__}: {error})") from None


def copies_itself(cls: type) -> bool:
    """Does the user say how objects of a class are copied, or what is done when one goes?

    What comes out of the one need not be what was there, and the other would be done for each copy.
    """
    hooks = ("__copy__", "__deepcopy__", "__del__", "__getnewargs__", "__getnewargs_ex__", "__getstate__", "__reduce__",
             "__reduce_ex__", "__setstate__")
    found = [getattr(cls, name, None) for name in hooks]
    return any(isinstance(f, FunctionType) and not is_library(f.__code__.co_filename) for f in found)


def reachable(roots: list[Any], *, strict: bool = True) -> list[Any]:
    """The data that is reached from some objects, each once; `strict`: it must be of a kind that can be copied."""
    found: dict[int, Any] = {}
    stack = list(roots)
    while stack:
        obj = stack.pop()
        if type(obj) in PROXIES:        # what they stand for may be gone: they cannot be asked
            continue
        if strict and isinstance(obj, BuiltinFunctionType) and not isinstance(obj.__self__, OWNERS):
            raise Uncopied("an argument is, or holds, a method of an object, which cannot be copied")
        if isinstance(obj, ATOMS) or id(obj) in found:
            continue
        if isinstance(obj, GeneratorType) or hasattr(type(obj), "__next__"):
            if strict:
                raise Uncopied("an argument is, or holds, an iterator, which can be gone through once")
            continue
        if isinstance(obj, (FrameType, TracebackType)):     # an error that was raised leads to all there is
            if strict:
                raise Uncopied("an argument is, or holds, an error with its traceback")
            continue
        found[id(obj)] = obj
        if len(found) > MOST:
            raise Uncopied(f"its arguments, or what it reads, are more than {MOST} objects")
        if isinstance(obj, MethodType):
            stack.append(obj.__self__)
        elif isinstance(obj, dict):     # and not by methods of a class that is one
            stack += dict.values(obj)
        elif isinstance(obj, (list, tuple)):
            stack += list.__iter__(obj) if isinstance(obj, list) else tuple.__iter__(obj)
        elif isinstance(obj, np.ndarray):
            stack += obj.ravel().tolist() if obj.dtype.hasobject else ()
        else:
            stack += gc.get_referents(obj)
    return list(found.values())


def seconds_for(objects: list[Any]) -> float:
    """About what a copy of these takes."""
    size = sum(obj.nbytes for obj in objects if isinstance(obj, np.ndarray))
    return len(objects) * SECONDS_PER_OBJECT + size * SECONDS_PER_BYTE


def copied_arrays(arrays: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """Copies, of which those overlap whose originals do."""
    made: dict[int, np.ndarray[Any, Any]] = {}
    groups: list[tuple[int, int, list[np.ndarray[Any, Any]]]] = []
    placed = sorted(((*byte_bounds(a), n) for n, a in enumerate(arrays) if a.size), key=lambda each: each[:2])
    for low, high, n in placed:
        if groups and low < groups[-1][1]:
            first, last, members = groups.pop()
            groups.append((first, max(last, high), [*members, arrays[n]]))
        else:
            groups.append((low, high, [arrays[n]]))
    for low, high, members in groups:
        wide = high - low > 4 * sum(a.nbytes for a in members) + 2 ** 20
        if len(members) == 1 and (wide or members[0].flags.c_contiguous):
            made[id(members[0])] = with_flags(members[0].copy(order="K"), members[0])
        else:
            made |= copied_group(low, high, members)
    return [made[id(a)] if a.size else a.copy(order="K") for a in arrays]


def copied_group(low: int, high: int, members: list[np.ndarray[Any, Any]]) -> dict[int, np.ndarray[Any, Any]]:
    """Copies of arrays that lie in one piece of memory, in one piece of memory."""
    start = low & ~63       # elements stay aligned
    memory, made = np.zeros(high - start, np.uint8), {}
    for a in members:
        new: np.ndarray[Any, Any] = np.ndarray(a.shape, a.dtype, memory, 0, (0,) * a.ndim) if not a.size else \
            np.ndarray(a.shape, a.dtype, memory, _offset(a) - start, a.strides)
        new[...] = a
        made[id(a)] = new
    for a in members:
        with_flags(made[id(a)], a)
    return made


def _offset(a: np.ndarray[Any, Any]) -> int:
    """The address of the first element."""
    return int(a.__array_interface__["data"][0])


def with_flags(new: np.ndarray[Any, Any], old: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What may not be written into may not be written into in the copy."""
    if not old.flags.writeable:
        new.setflags(write=False)
    return new
