"""The few functions that generated code may call, where NumPy has no name for what is meant.

Each is an ordinary function of arrays; rules use them too.  Most calls are gone from the generated text:
with kinds known, `unbroadcast` is a `.sum(axis=0)` or nothing, `index_add` is `x_bar[i] += g`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import runtime_checks
from ad_compiler.errors import CannotDifferentiate, NotForNumba, Refusal, RuleFault
from ad_compiler.runtime_checks import *  # noqa: F403  (as much a part of it)


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum a cotangent over the axes along which `x` was stretched, so that it has the shape of `x`."""
    if np.iscomplexobj(g):
        raise CannotDifferentiate("complex numbers are met, for which there is no derivative yet")
    g_shape, x_shape = np.shape(g), np.shape(x)
    if g_shape == x_shape:
        return g
    extra = len(g_shape) - len(x_shape)
    if extra < 0:
        g_shape, extra = (1,) * -extra + g_shape, 0
        g = np.reshape(g, g_shape)
    if any(m == 1 != n for m, n in zip(g_shape[extra:], x_shape, strict=True)):     # the same for each element
        g = np.broadcast_to(g, np.broadcast_shapes(g_shape, x_shape)).copy()
    axes = tuple(range(extra)) + tuple(extra + i for i, n in enumerate(x_shape) if n == 1)
    summed = np.sum(g, axis=axes).reshape(x_shape)
    return summed if x_shape else summed[()]


def exact_product(bar: Any, slope: Any) -> Any:
    """`bar * slope`, but 0 where `bar` is exactly 0, however steep: what has no part in a result has no slope in it."""
    if not np.ndim(bar) and not np.ndim(slope):
        return bar * slope if bar != 0 else bar * 0.0
    with np.errstate(invalid="ignore"):
        return np.where(np.equal(bar, 0), 0.0, np.multiply(bar, slope))


def either(x: Any, condition: Any, y: Any) -> Any:
    """`x if condition else y`; printed as that."""
    return x if condition else y


def broadcast_like(g: Any, x: Any) -> Any:
    """`g` stretched to the shape of `x` (read-only where it is an array); a Python number takes its precision too."""
    shape = np.shape(x)
    if type(g) is float and shape and np.asarray(x).dtype.kind == "f":
        g = np.asarray(g, np.asarray(x).dtype)
    return np.broadcast_to(g, shape) if shape else g


def cast_like(g: Any, x: Any) -> Any:
    """`g` in the dtype of `x`, and as the same kind of object: a Python float, a NumPy scalar, an array."""
    if isinstance(x, (float, int)) and not isinstance(x, np.generic):       # an int: a sum to which nothing was added
        return float(g)
    if isinstance(x, np.generic):
        return x.dtype.type(g)
    return np.asarray(g, dtype=x.dtype)


def fits_like(g: Any, x: Any, what: str) -> Any:
    """`g`, of which `what` says where it is from.  Raises `RuleFault` where it has another shape than `x`."""
    if np.shape(g) != np.shape(x):
        if what.startswith("the tangent"):
            raise RuleFault(f"{what} has not the shape of its result: {np.shape(g)} beside {np.shape(x)}")
        raise RuleFault(f"{what} gives a cotangent of shape {np.shape(g)} for an argument of shape {np.shape(x)}")
    return g


class propagating:      # noqa: N801  (called like a function)
    """A context manager that must not hold an exception back: what comes after it would not have been computed."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager
        for name in ("__enter__", "__exit__"):
            if not hasattr(type(manager), name):
                raise TypeError(f"'{type(manager).__name__}' object does not support the context manager protocol")

    def __enter__(self) -> Any:
        return self.manager.__enter__()

    def __exit__(self, *exception: object) -> None:
        if self.manager.__exit__(*exception):
            raise CannotDifferentiate(Refusal(f"{type(self.manager).__name__} held an exception back",
                                              remedy="put it around the call of the function"))


def empty(shape: Any, dtype: Any = float) -> Any:
    """`np.empty`, which Numba compiles in less time by this name, as it does the next."""
    return np.empty(shape, dtype)


def empty_like(x: Any) -> Any:
    """`np.empty_like`."""
    return np.empty_like(x)


def zeros(shape: Any, dtype: Any = float) -> Any:
    """`np.zeros`."""
    return np.zeros(shape, dtype)


def zeros_like(x: Any) -> Any:
    """A zero cotangent for `x`."""
    return np.zeros(np.shape(x), np.asarray(x).dtype) if np.ndim(x) else 0.0


def zeros_if_bound(x: Any) -> Any:
    """A zero cotangent for `x`; any zero will do where `x` was never bound."""
    return np.zeros(()) if x is None else zero_list(x) if isinstance(x, list) else zeros_like(x)


def copy_if_bound(x: Any) -> Any:
    """A copy of an array, where there is one."""
    return None if x is None else x.copy()


def index_set(a: Any, index: Any, v: Any) -> Any:
    """`a` after `a[index] = v`; `a` itself stays as it was."""
    a = np.array(a)
    a[index] = v
    return a


def index_add(a: Any, index: Any, g: Any) -> Any:
    """`a` with `g` added at `index`; an element that `index` names twice gains twice."""
    a = np.array(a)
    np.add.at(a, index, g)
    return a


def list_add(bars: list[Any], at: int | tuple[int, ...], g: Any) -> list[Any]:
    """A list of cotangents with `g` added to one of them, `bars[i][j]` for `(i, j)`; the lists stay as they were."""
    bars = copy_lists(bars)
    *outer, last = at if isinstance(at, tuple) else (at,)
    items = bars
    for place in outer:
        items = items[place]
    items[last] = add_lists(items[last], g)
    return bars


def copy_lists(bars: Any) -> Any:
    """A list again, and the lists in it."""
    return [copy_lists(v) for v in bars] if isinstance(bars, list) else bars


def add_lists(a: Any, b: Any) -> Any:
    """The sum of two cotangents, item by item where they are lists."""
    if isinstance(a, list):
        return [add_lists(x, y) for x, y in zip(a, b, strict=True)]
    return a + b


def zero_list(values: list[Any]) -> list[Any]:
    """A zero cotangent for each value of a list; entries that were never set have none, hence 0.0."""
    return [zero_list(v) if isinstance(v, list) else 0.0 if v is None or np.ndim(v) == 0 else np.zeros_like(v)
            for v in values]


def zero_numbers(n: int) -> list[float]:
    """A list of zeros, to be added to."""
    return [0.0] * n


def prod_others(a: Any, axis: int | None) -> Any:
    """For each element the product of the others along `axis`, zeros among them or not."""
    if axis is None:
        return prod_others(np.ravel(a), 0).reshape(np.shape(a))
    a = np.moveaxis(a, axis, -1)
    ones = np.ones_like(a[..., :1])
    before = np.cumprod(np.concatenate([ones, a[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, a[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return np.moveaxis(before * after, -1, axis)


def cofactors(a: Any) -> Any:
    """`det(a) * inv(a).T`, which are polynomials in the elements, of a matrix that has no inverse too."""
    det = np.linalg.det(a)
    if np.all(det):
        return np.asarray(det)[..., None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)
    u, s, vh = np.linalg.svd(a)
    sign = np.asarray(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return sign * (u * prod_others(s, -1)[..., None, :]) @ vh


def last_written(shape: Any, index: Any) -> Any:
    """Where a store at `index` lands: False for an element that a later one of the same store overwrites."""
    size = math.prod(shape)
    place = np.arange(size).reshape(shape)[index]
    order = np.arange(np.size(place)).reshape(np.shape(place))
    last = np.zeros(size, int)
    last[place] = order
    return last[place] == order


def add_at(a: Any, index: Any, g: Any) -> None:
    """`np.add.at(a, index, g)`."""
    np.add.at(a, index, g)


def stacked(rows: list[Any], shape: Any) -> Any:
    """A list of rows as one array."""
    return np.reshape(rows, shape)


def stack_list(rows: list[Any]) -> Any:
    """`np.stack(rows)`."""
    return np.stack(rows)


def astype(x: Any, dtype: Any) -> Any:
    """`x.astype(dtype)`."""
    return x.astype(dtype)


def as_real(x: Any, dtype: Any) -> Any:
    """A gradient of which the dtype was not known, as one of real numbers, of this dtype where one is wanted."""
    if np.iscomplexobj(x):
        raise CannotDifferentiate("complex numbers are met, for which there is no derivative yet")
    return x if dtype is None else np.asarray(x, dtype)[()]


def whole_numbers(x: Any) -> Any:
    """The whole numbers of floats, cut off as `int` does; raises what that does where one has none."""
    if np.any(np.isnan(x)):
        raise ValueError("cannot convert float NaN to integer")
    if np.any(np.abs(x) >= 2.0 ** 63):
        raise OverflowError("cannot convert so large a float to an integer of 64 bits")
    return x.astype(np.int64)


def round_decimal(x: float, digits: int) -> float:
    """`round(x, digits)`, which goes by the decimal digits of `x`; as far as its twin for Numba does that."""
    if not 0 <= digits <= 22:
        raise NotForNumba(runtime_checks.NOT_ROUNDED)
    return round(x, digits)


def flatten(x: Any) -> Any:
    """`x.flatten()`: a copy in one row."""
    return x.flatten()


def item(x: Any) -> Any:
    """`x.item()`: the only element, as a Python number."""
    return x.item()


def unpack(saved: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a forward function saved, to be bound to names."""
    return saved


def check_bound(value: Any, name: str) -> None:
    """Raise where a name is read that nothing was bound to."""
    if value is None:
        raise UnboundLocalError(f"cannot access local variable {name!r} where it is not associated with a value")


def identity(x: Any) -> Any:
    """`x` itself, under another name for the compiler."""
    return x


def raise_(exc: BaseException, cause: BaseException | None = None) -> None:
    """`raise exc from cause`; printed as the statement."""
    raise exc from cause


def assert_(condition: Any, message: object = None) -> None:
    """`assert condition, message`; printed as the statement."""
    if not condition:
        raise AssertionError(message)


def make_list(items: list[Any]) -> list[Any]:
    """A list of these items; printed as a list display."""
    return list(items)


def list_set(items: list[Any], at: int, v: Any) -> list[Any]:
    """A list after `items[at] = v`; the list itself stays as it was."""
    items = list(items)
    items[at] = v
    return items


def list_append(items: list[Any], v: Any) -> list[Any]:
    """A list after `items.append(v)`; the list itself stays as it was."""
    return [*items, v]


def list_copy(items: list[Any]) -> list[Any]:
    """Another list with the same items."""
    return list(items)


def sorting(keys: list[Any], reverse: bool) -> list[int]:
    """The places of these keys in their order, as `sorted` has it."""
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)


def list_pop(items: list[Any]) -> tuple[list[Any], Any]:
    """A list after `items.pop()`, and what was taken out; the list itself stays as it was."""
    return items[:-1], items[-1]


def steps_ahead(left: int, free: int) -> int:
    """How many of `left` steps to do before the state is kept, where `free` more can be kept: all, where none can.

    The longest first part of a binomial schedule: with `c` states kept, that at the beginning among them, and each step
    done at most `r` times, `(c + r)! / (c! r!)` steps can be reversed (Griewank and Walther, 2000).
    """
    if free < 1:
        return left
    steps, count = left + 1, free + 1       # the step after these is reversed at once
    often, before, most = 1, 1, count + 1   # as many steps as can be reversed with each done so often, and once less
    while most < steps:
        often += 1
        before, most = most, most * (count + often) // often
    return min(before, steps - before * count // (count + often - 1))


def takes_its_fields(cls: Any) -> bool:
    """Does a call of this class with its attributes make an object of them, and nothing more?"""
    code = getattr(cls.__init__, "__code__", None)
    return (dataclasses.is_dataclass(cls) and code is not None and code.co_filename == "<string>"
            and not hasattr(cls, "__post_init__") and all(f.init for f in dataclasses.fields(cls)))


@functools.cache
def maker_of(cls: Any) -> Callable[..., Any]:
    """What makes an object of a class of its attributes, without its `__init__`."""
    def made(**attributes: Any) -> Any:
        new = cls.__new__(cls)
        for name, value in attributes.items():
            object.__setattr__(new, name, value)
        return new
    made.__name__ = f"make_{cls.__name__}"
    made.of = cls       # type: ignore[attr-defined]
    return made
