"""Functions that are neither read nor have a rule: which they are, and which leave alone what they are given.

>>> leaves_arguments_alone(len), leaves_arguments_alone(np.random.shuffle), leaves_arguments_alone(list.append)
(True, False, False)
>>> is_library(np.sum), is_library(lambda x: x)
(True, False)
"""

from __future__ import annotations

import inspect
import sys
from collections import deque
from typing import Any

import numpy as np

WRITERS = {"copyto", "fill_diagonal", "put", "place", "putmask", "put_along_axis", "shuffle", "at", "setflags",
           "partition", "itemset", "fill", "resize", "byteswap", "setfield", "sort", "setattr", "delattr",
           "__set__", "__delete__", "__setattr__", "__delattr__", "__setitem__", "__delitem__", "__setstate__",
           "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__", "__ipow__", "__imatmul__",
           "__iand__", "__ior__", "__ixor__", "__ilshift__", "__irshift__",
           "insort", "insort_left", "insort_right", "heapify", "heappush", "heappop", "heapreplace",
           "heappushpop", "_heapify_max", "_heappop_max", "_heapreplace_max", "setitem", "delitem"}
"""Functions of the modules below that write into what they are given."""

PURE = ("numpy", "scipy", "math", "builtins", "operator", "time", "random", "itertools", "functools",
        "io", "_io", "os", "pathlib", "warnings", "logging", "threading", "datetime", "bisect", "_bisect", "heapq",
        "_heapq", "statistics", "re", "string", "textwrap", "fractions", "cmath", "numbers", "enum", "typing", "types",
        "inspect", "contextlib", "pprint")
"""Modules of which all other functions change nothing that they are given; what they return may hold it."""


def has_out(fn: Any, given: int) -> bool:
    """Is one of so many positional arguments the array that the result is written into?"""
    owner, name = getattr(fn, "__self__", None), getattr(fn, "__name__", "")
    if isinstance(fn, np.ufunc):
        return given > fn.nin
    if isinstance(owner, np.ufunc):
        return given > {"reduce": 3, "accumulate": 3, "reduceat": 4}.get(name, given)
    try:
        at = list(inspect.signature(fn).parameters).index("out")
    except (TypeError, ValueError):
        return False
    return given > at


def leaves_arguments_alone(fn: Any) -> bool:
    """Functions of NumPy, SciPy and Python that are documented to return a result and change nothing."""
    if issubclass(getattr(fn, "__objclass__", object), (list, dict, set, bytearray, deque)):
        return fn.__name__ in ("copy", "count", "get", "index", "items", "keys", "values")
    owner = getattr(fn, "__self__", None)
    module = getattr(fn, "__module__", None) or type(owner).__module__
    top = str(module).split(".")[0]
    if isinstance(owner, (np.ufunc, np.ndarray)):
        return getattr(fn, "__name__", "") in ("reduce", "accumulate", "outer", "reduceat")
    return (top in PURE or isinstance(fn, (np.ufunc, type))) and getattr(fn, "__name__", "") not in WRITERS


def is_library(fn: Any) -> bool:
    """Functions of Python itself, NumPy and SciPy are not read: they have a rule, or they are opaque."""
    top = (fn.__module__ or "").split(".")[0]
    return top in sys.stdlib_module_names and top != "__main__" or top in ("numpy", "scipy")


def is_of_python(fn: Any) -> bool:
    """Is it a function of Python's own, which makes plain numbers?  NumPy's make matrices and masked arrays too."""
    return (getattr(fn, "__module__", None) or "").split(".")[0] in sys.stdlib_module_names and is_library(fn)


def call_object(fn: Any, *args: Any, **kwargs: Any) -> Any:
    """A call of an object that is itself a run-time value."""
    return fn(*args, **kwargs)
