"""What stands in for `np`, `math`, `numba` and the helpers in a text that Python runs for Numba."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import NotForNumba
from tests.numba.strict.arithmetic import strong
from tests.numba.strict.memory import (
    Broken,
    check_places,
    check_product,
    get,
    overlaps,
    poisoned,
    prange,
    put,
    same_place,
    seen_whole,
    untyped,
)


class Function:
    """A function of NumPy, whose `out` may not lie in the memory of an operand; attributes are its own."""

    def __init__(self, of: Any) -> None:
        self.of, self.is_ufunc = of, isinstance(of, np.ufunc) and of is not np.matmul

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        out = kwargs.get("out")
        if self.of in (np.dot, np.matmul, np.vdot):
            if len(args) > 2:
                args, out = args[:2], args[2]
            check_product(*args, out)
        elif isinstance(out, np.ndarray) and any(isinstance(a, np.ndarray) and overlaps(a, out) and not (
                self.is_ufunc and same_place(a, out)) for a in args):
            raise Broken(f"np.{self.of.__name__} writes into the memory of its own operand")
        seen_whole(*args, written=out)
        if self.is_ufunc:
            array = next((a for a in args if isinstance(a, np.ndarray)), None)
            args = tuple(strong(a, array) for a in args)
            if array is None and any(isinstance(a, np.generic) for a in args):     # beside which Python's are weak
                args = tuple(np.int64(a) if type(a) is int else np.float64(a) if type(a) is float else a for a in args)
        return self.of(*args, **kwargs, **({} if "out" in kwargs or out is None else {"out": out}))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of, name)


class Library:
    """A module whose functions are wrapped."""

    def __init__(self, module: ModuleType, wrap: Callable[[Any], Any], instead: dict[str, Any]) -> None:
        self.module, self.wrap = module, wrap
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        if isinstance(found, ModuleType):
            made: Any = Library(found, self.wrap, {})
        else:
            made = self.wrap(found) if callable(found) and not isinstance(found, type) else found
        setattr(self, name, made)
        return made


def without_errors(of_math: Any) -> Any:
    """A function of `math` that gives what NumPy's does where Python's raises."""
    known = {"pow": np.power, "acos": np.arccos, "asin": np.arcsin, "atanh": np.arctanh, "acosh": np.arccosh,
             "fabs": np.abs}
    by_numpy = known.get(of_math.__name__) or getattr(np, of_math.__name__, None)
    if of_math in (math.fmod, math.isclose) or by_numpy is None:
        return of_math      # its twin raises too

    @functools.wraps(of_math)
    def call(*args: Any) -> Any:
        narrow = all(isinstance(a, np.float32) for a in args)       # so is the result
        try:
            return np.float32(of_math(*args)) if narrow else of_math(*args)
        except (ValueError, OverflowError):
            return float(by_numpy(*map(np.float64, args)))
    return call


def converted(to: type) -> Any:
    """`float` and `int`, which leave a number of theirs in the dtype that it has."""
    def call(x: Any = 0) -> Any:
        return x if isinstance(x, np.generic) and x.dtype.kind in KEPT[to] else to(x)
    return call


KEPT = {float: "f", int: "iu"}


def item_of(x: Any) -> Any:
    """`x.item()`: the only element, in the dtype that it has."""
    return x.reshape(-1)[0] if isinstance(x, np.ndarray) and x.size == 1 else x.item() if isinstance(x, np.ndarray) else x


def without_subclasses(*args: Any) -> Any:
    raise untyped("Numba has no `issubclass`")


def nonnegative(index: Any) -> Any:
    """`np.uint64` in a text is a promise: what it is called with is not negative."""
    if index < 0:
        raise Broken(f"index {index} was to be non-negative")
    return np.uint64(index)


def empty(shape: Any, dtype: Any = float) -> Any:
    return poisoned(np.empty(shape, np.uint64 if dtype is nonnegative else dtype))


def empty_like(x: Any, dtype: Any = None) -> Any:
    return poisoned(np.empty(np.shape(x), dtype or x.dtype))


def add_at(a: Any, index: Any, g: Any) -> None:
    if not isinstance(g, np.ndarray) or g.ndim != a.ndim or not isinstance(index, np.ndarray) or index.ndim != 1:
        raise untyped("add_at of arrays of other ranks")
    if len(g) != len(index) and len(g) != 1:
        raise ValueError(runtime.CANNOT_STRETCH)
    check_places(index, len(a))
    for k in range(len(index)):
        put(a, get(index, k), get(a, get(index, k)) + g[k if len(g) > 1 else 0])


def index_set(a: Any, index: Any, v: Any) -> Any:
    a = np.copy(a)
    put(a, index, v)
    return a


def error_state() -> Any:
    raise untyped("Numba has no `np.geterr`")


def stack_list(rows: Any) -> Any:
    if len(rows) == 0:
        raise NotForNumba("need at least one array to stack, to know its shape")
    return np.stack(rows)


NUMPY = Library(np, Function, {"uint64": nonnegative, "empty": empty, "empty_like": empty_like, "geterr": error_state})
MATH = Library(math, without_errors, {})
NUMBA = SimpleNamespace(prange=prange)
HELPERS: dict[Any, Any] = {np: NUMPY, math: MATH, runtime.empty: empty, runtime.empty_like: empty_like,
                           runtime.add_at: add_at, runtime.index_set: index_set, runtime.stack_list: stack_list}


def instead_of(thing: Any) -> Any:
    """What stands in for a global of a text."""
    if isinstance(thing, ModuleType) and thing.__name__ == "numba":
        return NUMBA
    try:
        return HELPERS.get(thing, thing)
    except TypeError:       # it has no hash
        return thing


def boxed(result: Any) -> Any:
    """What Numba hands to Python: scalars are Python's own."""
    if isinstance(result, np.generic):
        return result.item()
    if isinstance(result, tuple):
        items = [boxed(item) for item in result]
        return type(result)(*items) if hasattr(result, "_fields") else tuple(items)
    return [boxed(item) for item in result] if isinstance(result, list) else result
