"""Reading and writing elements: what compiled code does not check is `Broken` here.

>>> a = np.arange(3.0)
>>> get(a, -1), get(a, slice(1, 9))
(2.0, array([1., 2.]))
>>> get(a, np.uint64(3))
Traceback (most recent call last):
    ...
tests.numba.strict.memory.Broken: index 3 is not within an axis of length 3
>>> for i in prange(3):
...     put(a, 0, get(a, i))
Traceback (most recent call last):
    ...
tests.numba.strict.memory.Broken: one iteration of a parallel loop writes what another reads or writes
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refusal

WHOLE = frozenset({int, np.int64, np.uint64, np.int32, np.int16, np.int8, np.uint32, np.uint16, np.uint8})
AS_PYTHON = frozenset("dlq?bhi")     # dtypes of which an element is a number of Python here: Numba widens them too


class Broken(AssertionError):
    """Compiled, this would give what lies in memory by chance, or would not be compiled."""


def untyped(message: str) -> CannotDifferentiate:
    """What Numba has no type for is refused, at the line that it names."""
    return CannotDifferentiate(Refusal(f"Numba cannot compile the derivative: {message}", "", 0, "", 0, ""))


# -- parallel loops -----------------------------------------------------------------------------------


class Shared:
    """Which iteration of a parallel loop reads and writes which address."""

    MANY = -1

    def __init__(self) -> None:
        self.iteration = 0
        self.readers: dict[int, int] = {}
        self.writers: dict[int, int] = {}
        self.kept: list[Any] = []       # what is freed may be given out again, to another iteration

    def read(self, view: Any) -> None:
        for address in addresses(view):
            if self.writers.get(address, self.iteration) != self.iteration:
                raise_apart()
            if self.readers.setdefault(address, self.iteration) != self.iteration:
                self.readers[address] = self.MANY
        self.kept.append(view)

    def write(self, view: Any) -> None:
        for address in addresses(view):
            if self.writers.setdefault(address, self.iteration) != self.iteration \
                    or self.readers.get(address, self.iteration) != self.iteration:
                raise_apart()
        self.kept.append(view)


def raise_apart() -> None:
    raise Broken("one iteration of a parallel loop writes what another reads or writes")


def addresses(view: Any) -> list[int]:
    """Where the elements of an array lie."""
    found = np.zeros(view.shape, np.int64)
    for axis, (n, step) in enumerate(zip(view.shape, view.strides, strict=True)):
        found += (np.arange(n) * step).reshape([n if k == axis else 1 for k in range(view.ndim)])
    return (found + view.__array_interface__["data"][0]).ravel().tolist()


class _Now:
    """The parallel loop that is running."""

    loop: Shared | None = None


def reset() -> None:
    """A loop that an error ended is over."""
    _Now.loop = None


def prange(*bounds: int) -> Iterator[int]:
    """As `numba.prange`: in no order, here; a loop within another is one of its iterations' own."""
    order = list(range(*map(int, bounds)))
    random.Random(len(order)).shuffle(order)
    if _Now.loop is not None:
        yield from order
        return
    _Now.loop = loop = Shared()
    try:
        for loop.iteration in order:
            yield loop.iteration
    finally:
        _Now.loop = None


def seen_whole(*read: Any, written: Any = None) -> None:
    """All elements of these arrays are read, and those of one written."""
    if _Now.loop is not None:
        for array in read:
            if isinstance(array, np.ndarray):
                _Now.loop.read(array)
        if isinstance(written, np.ndarray):
            _Now.loop.write(written)


# -- elements -----------------------------------------------------------------------------------------


def get(a: Any, index: Any) -> Any:
    """`a[index]`."""
    if isinstance(a, (int, float, complex, np.generic)):
        raise untyped("a number has no elements")
    if not isinstance(a, np.ndarray):
        return a[index]
    if not inside(a, index):
        view = a[index]
        seen_whole(view)
        return view
    if _Now.loop is not None:
        _Now.loop.read(a[(*index, ...) if type(index) is tuple else (index, ...)])
    return a.item(index) if a.dtype.char in AS_PYTHON else a[index]


def put(a: Any, index: Any, value: Any) -> None:
    """`a[index] = value`."""
    if isinstance(a, np.ndarray):
        inside(a, index)
        if _Now.loop is not None:
            seen_whole(value, written=a[(*index, ...) if type(index) is tuple else (index, ...)])
    a[index] = value


def change(a: Any, index: Any, value: Any, in_place: Callable[[Any, Any], Any]) -> None:
    """`a[index] += value`, or another operation."""
    put(a, index, in_place(get(a, index), value))


def inside(a: Any, index: Any) -> bool:
    """Is each index within its axis?  Whether it is an element that they name."""
    if type(index) is not tuple:
        if type(index) in WHOLE:
            check_axis(index, a.shape[0] if a.ndim else 0)
            return bool(a.ndim == 1)
        index = (index,)
    axis = 0
    for at, part in enumerate(index):
        if type(part) in WHOLE:
            check_axis(part, length(a, axis))
        elif part is None:
            continue
        elif part is Ellipsis:
            axis = a.ndim - sum(map(axes, index[at + 1:]))
            continue
        elif isinstance(part, np.ndarray):
            if part.dtype == bool:
                if any(n not in (0, m) for n, m in itertools.zip_longest(part.shape, a.shape[axis:axis + part.ndim])):
                    raise Broken(f"a mask of shape {part.shape} on {a.shape}")
                axis += part.ndim - 1
            else:
                check_places(part, length(a, axis))
        elif not isinstance(part, slice):
            raise Broken(f"an index that is {part!r}")
        axis += 1
    return axis == a.ndim and all(type(part) in WHOLE for part in index)


def axes(part: Any) -> int:
    """Of how many axes a part of an index says something."""
    return 0 if part is None else part.ndim if isinstance(part, np.ndarray) and part.dtype == bool else 1


def length(a: Any, axis: int) -> int:
    if axis >= a.ndim:
        raise Broken(f"more indices than axes: {axis + 1} for {a.ndim}")
    return int(a.shape[axis])


def check_axis(index: Any, n: int) -> None:
    if not (-n <= index < n if not isinstance(index, np.unsignedinteger) else index < n):
        raise Broken(f"index {index} is not within an axis of length {n}")


def check_places(places: Any, n: int) -> None:
    """Each of an array of indices is within its axis."""
    if places.dtype.kind not in "iu":
        raise Broken(f"indices of type {places.dtype}")
    if places.size and not -n <= places.min() <= places.max() < n:
        raise Broken(f"one of an array of indices is not within an axis of length {n}")


# -- whole arrays -------------------------------------------------------------------------------------


def overlaps(a: Any, b: Any) -> bool:
    return bool(np.shares_memory(a, b))


def same_place(a: Any, b: Any) -> bool:
    """Do two arrays lie at the same place in the same order?"""
    there = a.__array_interface__["data"][0], a.shape, a.strides, a.dtype
    return there == (b.__array_interface__["data"][0], b.shape, b.strides, b.dtype)


def check_product(a: Any, b: Any, out: Any = None) -> None:
    """What BLAS multiplies is of one type of floats, and into an array in C order that is neither."""
    arrays = [x for x in (a, b, out) if isinstance(x, np.ndarray)]
    if len({x.dtype for x in arrays}) > 1 or any(x.dtype.kind not in "fc" for x in arrays):
        raise Broken(f"a product of {[str(x.dtype) for x in arrays]}")
    if out is not None:
        if not out.flags.c_contiguous:
            raise Broken("a product into an array that is not contiguous")
        if any(overlaps(x, out) for x in arrays[:-1]):
            raise Broken("a product into memory of its own operand")


def poisoned(array: Any) -> Any:
    """A new array that holds what no one may read: NaN, huge integers, truth values at random."""
    if array.dtype.kind == "f":
        array.fill(np.nan)
    elif array.dtype.kind == "b":
        array[...] = np.random.default_rng(array.size).integers(0, 2, array.shape)
    elif array.dtype.kind in "iu":
        array.fill(np.iinfo(array.dtype).max - 7)
    return array
