"""Views as maps of indices: which element of the base an element of the view is.

>>> from ad_compiler.ir import Block, Const, Op, Slice, Value
>>> from ad_compiler.kinds import Num, Sym
>>> import operator
>>> x = Value("x", Num("float64", (Sym("n"), 3)))
>>> rows = Op(operator.getitem, (x, Slice(Const(1), Const(None), Const(None))), {}, [Value("", x.kind)])
>>> from ad_compiler.loops.elements import Elements
>>> i, block = Value("i", Num("int64", (), "py")), Block()
>>> base, index = view_of(rows).element((i, Const(0)), Elements({}, [block]))
>>> base.hint, index[1]
('x', Const(value=0, text=None))
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_compiler.analyse.chains import region_kind
from ad_compiler.indices import COLON
from ad_compiler.ir import Arg, Atom, Const, Op, Slice, Value
from ad_compiler.kinds import Dim, Num
from ad_compiler.ops import traits

Index = tuple[Atom, ...]
Part = Callable[[Index, Any], Atom]


@dataclass(frozen=True, eq=False)
class View:
    """`base` at what `parts` make of the index of an element of the view."""

    base: Value
    parts: tuple[Part, ...]

    def element(self, index: Index, write: Any) -> tuple[Value, Index]:
        """The base and the index there; arithmetic on indices is made by `write.place`."""
        return self.base, tuple(part(index, write) for part in self.parts)


def rank(atom: Arg) -> int | None:
    """The rank of a number or array; None where it is not known."""
    if isinstance(atom, Const):
        return np.ndim(atom.value)
    kind = atom.kind if isinstance(atom, Value) else None
    return len(kind.shape) if isinstance(kind, Num) and kind.shape is not None else None


def shape_of(arg: Arg) -> tuple[Dim, ...]:
    """The shape of an array; nothing for a number."""
    if isinstance(arg, Const):
        return tuple(np.shape(arg.value))
    kind = arg.kind if isinstance(arg, Value) else None
    return kind.shape or () if isinstance(kind, Num) else ()


def dtype_of(value: Value) -> str:
    """The dtype of a number or array."""
    kind = value.kind
    assert isinstance(kind, Num)
    return kind.dtype


def dtype_argument(kind: Num) -> dict[str, Arg]:
    """What to say to get an array of this dtype."""
    return {} if kind.dtype == "float64" else {"dtype": Const(np.dtype(kind.dtype).type)}


def view_of(op: Op) -> View | None:
    """The map of an op that only looks at its first argument in another order; None where it is no such op."""
    if not op.args or len(op.results) != 1 or not isinstance(op.args[0], Value) or rank(op.args[0]) is None \
            or rank(op.result) is None:
        return None
    make = ORDERS.get(traits(op).order)
    parts = make(op) if make is not None else None
    return None if parts is None else View(op.args[0], tuple(parts))


def pick(at: int) -> Part:
    """The index of one axis, as it stands."""
    return lambda index, write: index[at]


def fixed(atom: Atom) -> Part:
    """The same index for all elements."""
    return lambda index, write: atom


def affine(at: int, start: int, step: int, dim: Dim) -> Part:
    """`start + step * index`, for an index into an axis of length `dim`."""
    def part(index: Index, write: Any) -> Atom:
        place = write.from_start(index[at], dim) if start or step != 1 else index[at]
        if isinstance(place, Const):
            return Const(start + step * place.value)
        if step != 1:
            place = write.place(operator.mul, Const(step), place)
        return write.place(operator.add, place, Const(start)) if start else place
    return part


def index_parts(of: Value, index: Arg, dims: tuple[Dim, ...] | None = None) -> list[Part] | None:
    """What `of[index]` makes of the index of one of its elements.

    `dims` is the shape of `of[index]`.  None where that is not known: for masks, slices that begin who knows where,
    arrays of integers on both sides of one.
    """
    items = items_of(index, of)
    if items is None:
        return None
    parts: list[Part] = []
    at = 0
    arrays = [rank(item) or 0 for item in items if not isinstance(item, Slice) and rank(item)]
    wide, picked = max(arrays, default=0), False
    if arrays and not _side_by_side(items):
        return None
    for item in items:
        if isinstance(item, Const) and item.value is None:
            at += 1
        elif isinstance(item, Slice):
            start, step = item.start, item.step
            stride = 0 if not isinstance(step, Const) else 1 if step.value is None else step.value
            if stride < 1 or not isinstance(start, Const) or start.value is not None and start.value < 0:
                return None
            parts.append(affine(at, start.value or 0, stride, dims[at] if dims is not None else 0))
            at += 1
        elif arrays:
            if not picked:
                first, picked, at = at, True, at + wide
            parts.append(gathered(item, first + wide - (rank(item) or 0)) if rank(item) else fixed(item))
        else:
            parts.append(fixed(item))
    return parts


def gathered(places: Value, first: int) -> Part:
    """What stands in an array of integers."""
    count = rank(places) or 0
    shape = shape_of(places)
    return lambda index, write: write.at(places, tuple(
        Const(0) if shape[n] == 1 else index[first + n] for n in range(count)))


def _side_by_side(items: list[Any]) -> bool:
    """Do the integers and arrays of integers of an index stand together, so that their axes come in their place?"""
    picks = [n for n, item in enumerate(items) if not isinstance(item, Slice)
             and not (isinstance(item, Const) and item.value is None)]
    return picks == list(range(picks[0], picks[-1] + 1))


def region(op: Op) -> tuple[Dim, ...] | None:
    """The shape of what a store overwrites; None where that is not known."""
    kind = region_kind(op)
    return kind.shape if isinstance(kind, Num) else None


def is_basic(index: Arg, of: Value) -> bool:
    """Does an index name no element twice: is it made of numbers and slices?"""
    items = items_of(index, of)
    return items is not None and all(isinstance(item, Slice) or not rank(item) for item in items)


def items_of(index: Arg, of: Value) -> list[Any] | None:
    """The parts of an index, one for each axis of the base, and None for each new axis; None where one is a mask."""
    if isinstance(index, Const) and isinstance(index.value, tuple):
        index = tuple(Const(v) for v in index.value)
    items: list[Any] = list(index) if isinstance(index, tuple) else [index]
    items = [_as_slice(item) for item in items]
    count = rank(of)
    assert count is not None
    if not all(_is_known(item) for item in items):
        return None
    used = sum(not (isinstance(item, Const) and (item.value is None or item.value is Ellipsis)) for item in items)
    ellipses = [n for n, item in enumerate(items) if isinstance(item, Const) and item.value is Ellipsis]
    if len(ellipses) > 1 or used > count:
        return None
    at = ellipses[0] if ellipses else len(items)
    items[at:at + len(ellipses)] = [COLON] * (count - used)
    return items


def axes_of(op: Op) -> tuple[int, ...] | None:
    """The axes that a reduction goes over; None where they are not known."""
    count = rank(op.args[0]) if op.args else None
    if count is None or not isinstance(op.args[0], Value) or len(op.args) > 2 or set(op.kwargs) - {"axis", "keepdims"}:
        return None
    axis: Arg = op.args[1] if len(op.args) == 2 else op.kwargs.get("axis", Const(None))
    if isinstance(axis, Const) and axis.value is None:
        return tuple(range(count))
    numbers = _numbers(axis)
    return None if numbers is None else tuple(sorted(n % count for n in numbers))


def _as_slice(item: Arg) -> Arg:
    if isinstance(item, Const) and isinstance(item.value, slice):
        return Slice(Const(item.value.start), Const(item.value.stop), Const(item.value.step))
    return item


def _is_known(item: Arg) -> bool:
    """A number, a slice, a new axis, an ellipsis or an array of integers."""
    if isinstance(item, Slice):
        return True
    if isinstance(item, Const):
        return item.value is None or item.value is Ellipsis \
            or isinstance(item.value, (int, np.integer)) and not isinstance(item.value, bool)
    kind = item.kind if isinstance(item, Value) else None
    return isinstance(kind, Num) and kind.shape is not None and kind.dtype.startswith(("int", "uint"))


def _getitem(op: Op) -> list[Part] | None:
    return index_parts(op.args[0], op.args[1], shape_of(op.result))


def _transpose(op: Op) -> list[Part] | None:
    count = rank(op.args[0])
    assert count is not None
    if len(op.args) == 1 and not op.kwargs:
        order = tuple(reversed(range(count)))
    else:
        given = op.args[1:] if len(op.args) > 1 else (op.kwargs.get("axes"),)
        numbers = _numbers(given[0] if len(given) == 1 else given)
        if numbers is None:
            return None
        order = tuple(n % count for n in numbers)
    return [pick(order.index(axis)) for axis in range(count)]


def _swapaxes(op: Op) -> list[Part] | None:
    count, axes = rank(op.args[0]), _numbers(op.args[1:])
    if axes is None or op.kwargs or count is None:
        return None
    order = list(range(count))
    a, b = axes
    order[a], order[b] = order[b], order[a]
    return [pick(at) for at in order]


def _matrix_transpose(op: Op) -> list[Part] | None:
    count = rank(op.args[0])
    assert count is not None
    return [*map(pick, range(count - 2)), pick(count - 1), pick(count - 2)]


def _expand_dims(op: Op) -> list[Part] | None:
    count = rank(op.result)
    axes = _numbers(op.args[1] if len(op.args) > 1 else op.kwargs.get("axis"))
    if axes is None or count is None:
        return None
    new = {axis % count for axis in axes}
    return [pick(at) for at in range(count) if at not in new]


def _stretched(op: Op) -> list[Part] | None:
    """`np.broadcast_to`, and what is like it: axes of length 1 are read at 0, where it is known which these are."""
    of, result = shape_of(op.args[0]), shape_of(op.result)
    extra = len(result) - len(of)
    known = extra >= 0 and all(dim in (1, wanted) for dim, wanted in zip(of, result[extra:], strict=True))
    return broadcast_parts(of, result) if result and known else None


def broadcast_parts(of: tuple[Any, ...], result: tuple[Any, ...]) -> list[Part]:
    """How an operand of one shape is read for a result of another."""
    extra = len(result) - len(of)
    return [fixed(Const(0)) if dim == 1 and result[extra + at] != 1 else pick(extra + at) for at, dim in enumerate(of)]


def _same(op: Op) -> list[Part] | None:
    count = rank(op.args[0])
    return None if count is None else [pick(at) for at in range(count)]


def _reshape(op: Op) -> list[Part] | None:
    """Axes of length 1 that come or go; any other change of shape is left to NumPy."""
    of, result = shape_of(op.args[0]), shape_of(op.result)
    if [d for d in of if d != 1] != [d for d in result if d != 1]:
        return None
    places = iter([at for at, dim in enumerate(result) if dim != 1])
    return [fixed(Const(0)) if dim == 1 else pick(next(places)) for dim in of]


def _numbers(arg: Arg) -> tuple[int, ...] | None:
    """Axes, known now."""
    if isinstance(arg, Const):
        arg = arg.value
    if isinstance(arg, (int, np.integer)):
        return (int(arg),)
    if not isinstance(arg, (tuple, list)):
        return None
    found = [a.value if isinstance(a, Const) else a for a in arg]
    return tuple(map(int, found)) if all(isinstance(a, (int, np.integer)) for a in found) else None


def _flip(op: Op) -> list[Part] | None:
    """Counted from the end."""
    count = rank(op.args[0])
    assert count is not None
    axis: Arg = op.args[1] if len(op.args) > 1 else op.kwargs.get("axis", Const(None))
    axes = tuple(range(count)) if isinstance(axis, Const) and axis.value is None else _numbers(axis)
    if axes is None:
        return None
    turned = {a % count for a in axes}
    dims = shape_of(op.result)
    return [_from_the_end(at, dims[at]) if at in turned else pick(at) for at in range(count)]


def _from_the_end(at: int, dim: Dim) -> Part:
    def part(index: Index, write: Any) -> Atom:
        last = write.place(operator.sub, write.length(dim), Const(1))
        return write.place(operator.sub, last, write.from_start(index[at], dim))        # type: ignore[no-any-return]
    return part


def _roll(op: Op) -> list[Part] | None:
    """Counted from another place, round the end."""
    count, dims = rank(op.args[0]), shape_of(op.result)
    shift = op.args[1] if len(op.args) > 1 else None
    axis: Arg = op.args[2] if len(op.args) > 2 else op.kwargs.get("axis", Const(None))
    if count is None or not isinstance(shift, Const) or not isinstance(shift.value, int) or not isinstance(axis, Const):
        return None
    if axis.value is None and count != 1 or isinstance(axis.value, tuple):
        return None
    turned = (axis.value or 0) % count
    return [_round(at, shift.value, dims[at]) if at == turned else pick(at) for at in range(count)]


def _round(at: int, shift: int, dim: Dim) -> Part:
    def part(index: Index, write: Any) -> Atom:
        moved = write.place(operator.sub, write.from_start(index[at], dim), Const(shift))
        return write.place(operator.mod, moved, write.length(dim))      # type: ignore[no-any-return]
    return part


ORDERS: dict[str, Callable[[Op], list[Part] | None]] = {
    "index": _getitem, "transpose": _transpose, "matrix transpose": _matrix_transpose, "swapaxes": _swapaxes,
    "expand_dims": _expand_dims, "reshape": _reshape, "stretch": _stretched, "same": _same, "flip": _flip,
    "roll": _roll,
}
