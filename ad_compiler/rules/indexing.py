"""`x[index]`: what it gives, with lengths followed exactly, and its derivative.

>>> from ad_compiler.kinds import Sym
>>> x = Num("float64", (Sym("n"), 3))
>>> index_kind(x, slice(1, None)).shape, index_kind(x, (slice(None), -1)).shape
((Sym(('minus', Sym(n), 1)), 3), (Sym(n),))
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.kinds import INT, Dim, Kind, NotStatic, Num, Seq, Shape, broadcast
from ad_compiler.rules.common import array, nested, num, static_int
from ad_compiler.rules.dims import sliced, unknown
from ad_compiler.rules.registry import rule
from ad_compiler.rules.traits import FREE
from ad_compiler.runtime import index_add, zeros_like

Advanced = tuple[tuple[Dim, ...], int]
"""The shape of an index made of integers or booleans, and how many axes it takes."""


def index_kind(x: Any, index: Any) -> Kind:
    """The kind of `x[index]` for an array, a shape, or a run-time list."""
    if isinstance(x, Shape):
        return _shape_item(x, index)
    if isinstance(x, Seq):
        return _list_item(x, index)
    of = num(x)
    if of.form == "py":
        raise TypeError("a number cannot be indexed")
    if of.shape is None:
        return array(of.dtype, None)
    parts = list(index) if isinstance(index, tuple) else [index]
    shape = _indexed(of.shape, parts)
    if shape is None:
        return array(of.dtype, None)
    whole = not shape and not any(p is Ellipsis for p in parts)
    return Num(of.dtype, shape, "np" if whole else "array")


def _shape_item(x: Shape, index: Any) -> Kind:
    if isinstance(index, slice):
        return Shape(x.dims[slice(*(None if p is None else static_int(p, "a bound") for p in _bounds(index)))])
    if isinstance(index, Num):
        return INT
    dim = x.dims[static_int(index, "an index into a shape")]
    return Num("int64", (), "py", length=dim)


def _list_item(x: Seq, index: Any) -> Kind:
    if isinstance(index, slice):
        dim = unknown() if x.length is None else x.length
        return Seq(x.elem, sliced(dim, *map(_bound, _bounds(index))))
    return x.elem


def _bounds(part: slice) -> tuple[Any, Any, Any]:
    return part.start, part.stop, part.step


def _bound(part: Any) -> Any:
    """A bound of a slice: None, an integer, the length that a run-time integer is, or nothing known."""
    if part is None:
        return None
    if isinstance(part, (int, np.integer)):
        return int(part)
    kind = num(part)
    if not kind.dtype.startswith(("int", "uint")):
        raise TypeError("the bounds of a slice must be integers")
    return unknown() if kind.length is None else kind.length


def _advanced(part: Any) -> Advanced | None:
    """An index that picks positions; None for a single integer.  Shape None is told apart by `NotStatic`."""
    if type(part) is int:
        return None
    kind = nested(part)
    if kind.shape is None:
        raise NotStatic("an index whose rank is not known")
    if kind.dtype == "bool":
        if not kind.shape:
            raise NotStatic("a single boolean as an index is not supported: use an if statement")
        return (unknown(),), len(kind.shape)
    if not kind.dtype.startswith(("int", "uint")) and not (isinstance(part, (list, tuple)) and not part):
        raise TypeError("an index must be made of integers or booleans")
    return (kind.shape, 1) if kind.shape else None


def _indexed(dims: tuple[Dim, ...], parts: list[Any]) -> tuple[Dim, ...] | None:
    picks = [None if p is None or p is Ellipsis or isinstance(p, slice) else (p, _advanced(p)) for p in parts]
    taken = sum((pick[1][1] if pick[1] else 1) if pick else isinstance(p, slice)
                for p, pick in zip(parts, picks, strict=True))
    if taken > len(dims):
        raise IndexError(f"too many indices for array: array is {len(dims)}-dimensional, but {taken} were indexed")
    if sum(p is Ellipsis for p in parts) > 1:
        raise IndexError("an index can only have a single ellipsis")
    if not any(p is Ellipsis for p in parts):
        parts, picks = [*parts, Ellipsis], [*picks, None]
    any_array = any(pick and pick[1] for pick in picks)
    out: list[Dim] = []
    shapes: list[tuple[Dim, ...]] = []
    places: list[int] = []      # where in the index the advanced parts stand
    front = 0                   # how many result axes stand before the first of them
    at = 0
    for i, (part, pick) in enumerate(zip(parts, picks, strict=True)):
        if part is None:
            out.append(1)
        elif part is Ellipsis:
            rest = len(dims) - taken
            out += dims[at:at + rest]
            at += rest
        elif isinstance(part, slice):
            out.append(sliced(dims[at], *map(_bound, _bounds(part))))
            at += 1
        else:
            shape, axes = (pick and pick[1]) or ((), 1)
            if any_array:
                front = front if places else len(out)
                places.append(i)
                shapes.append(shape)
            elif isinstance(part, int) and isinstance(n := dims[at], int) and not -n <= part < n:
                raise IndexError(f"index {part} is out of bounds for axis {at} with size {n}")
            at += axes
    if not any_array:
        return tuple(out)
    together = broadcast(*(Num("int64", s) for s in shapes))
    if together is None:
        return None
    # NumPy puts the picked axes first where a slice, None or ... stands between two advanced parts
    front = front if places[-1] - places[0] == len(places) - 1 else 0
    return (*out[:front], *together, *out[front:])


@rule(operator.getitem, kind=index_kind, linear=(0,), written="{}[{}]", access="read", view="index", order="index",
      cost=FREE, raises="use")
def getitem(x: Any, index: Any, *, out: Any, out_bar: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)) and x.ndim == 0:
        return np.sum(out_bar)
    return index_add(zeros_like(x), index, out_bar)
