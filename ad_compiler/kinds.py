"""Kinds: what is known of a value before the program runs.

A kind is what a compiled derivative is specialised on: a number or array of a dtype and a rank, with the
length of each axis known exactly, symbolically, or not at all.  Like `ir`, this module may be imported
from everywhere.

>>> row = Num("float64", (Sym("n"),))
>>> broadcast(row, Num("float64", (Sym("m", True), 1)))
(Sym(m), Sym(n))
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Sym:
    """The length of an axis, known only when the program runs.  Two equal `Sym` are equal lengths.

    `not_one` says that the length is known not to be 1, hence that NumPy will not stretch the axis.
    """

    key: Any
    not_one: bool = False

    def __repr__(self) -> str:
        return f"Sym({self.key})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sym) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Dim = int | Sym


AT_LEAST: ContextVar[Callable[[Any, int], bool] | None] = ContextVar("ad_compiler_at_least", default=None)
"""Asked by shape rules: may it be taken that the axis of this key has at least so many elements?"""


def reaches(dim: Dim, k: int) -> bool:
    """Is an axis known, or taken, to have at least `k` elements?"""
    if isinstance(dim, int):
        return dim >= k
    if isinstance(dim.key, tuple) and dim.key[0] == "minus":
        return reaches(dim.key[1], k + dim.key[2])
    ask = AT_LEAST.get()
    return ask is not None and ask(dim.key, k)


@dataclass(frozen=True, slots=True)
class Num:
    """A real, integer, boolean or complex number or array.

    `shape` is None where the rank is unknown.  `form` is "py" (a Python number), "np" (a NumPy scalar),
    "array" (an ndarray, 0-d included) or "any" (not known).  `length` marks an integer that is the length
    of an axis, so that `np.zeros(x.shape[0])` is known to be as long as `x`.
    """

    dtype: str
    shape: tuple[Dim, ...] | None = ()
    form: str = "array"
    length: Dim | None = None

    @property
    def ndim(self) -> int | None:
        return None if self.shape is None else len(self.shape)

    @property
    def real(self) -> bool:
        """Can carry a derivative: floating, not integer or boolean (complex is refused by `read`)."""
        return self.dtype[:5] == "float"

    @property
    def is_array(self) -> bool:
        """Has, or may have, an axis."""
        return self.shape is None or len(self.shape) > 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The run-time tuple `x.shape`, whose lengths are known symbolically."""

    dims: tuple[Dim, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """A run-time list of values of one kind: a trail, or a list whose length is not known."""

    elem: Kind
    length: Dim | None = None


@dataclass(frozen=True, slots=True)
class Obj:
    """Any other object: a constant of the program, never differentiated.  `type` is for messages."""

    type: str = "object"


Kind = Num | Shape | Seq | Obj

FLOAT = Num("float64", (), "py")
INT = Num("int64", (), "py")
BOOL = Num("bool", (), "py")
UNKNOWN = Num("float64", None, "any")


class NotStatic(Exception):
    """A rule asked for a fact (a rank, an axis, a value) that is not known before the program runs."""


class ListForArray(NotStatic):
    """A list stands where an array is expected."""


def may_be_one(dim: Dim) -> bool:
    """Could this axis be stretched by broadcasting?"""
    return dim == 1 if isinstance(dim, int) else not dim.not_one


def _broadcast_dim(a: Dim, b: Dim) -> Dim:
    if a is b or a == b or b == 1:
        return a
    if a == 1:
        return b
    if isinstance(a, int) and isinstance(b, int):
        raise ValueError(f"axes of length {a} and {b} do not broadcast")
    if isinstance(a, int) or not may_be_one(a):
        return a
    if isinstance(b, int) or not may_be_one(b):
        return b
    return Sym(("broadcast", *sorted((a, b), key=repr)))


def broadcast(*kinds: Kind | None) -> tuple[Dim, ...] | None:
    """Shape of the operands broadcast together; None where a rank is unknown."""
    out: tuple[Dim, ...] = ()
    for kind in kinds:
        if not isinstance(kind, Num):
            raise NotStatic(f"{kind} is not a number or an array")
        if kind.shape is None:
            return None
        if not out or not kind.shape or kind.shape == out:
            out = out or kind.shape
            continue
        a, b = out, kind.shape
        rank = max(len(a), len(b))
        a = (1,) * (rank - len(a)) + a
        b = (1,) * (rank - len(b)) + b
        out = tuple(_broadcast_dim(x, y) for x, y in zip(a, b, strict=True))
    return out


def unbroadcast_axes(grad: Num, of: Num) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Axes of `grad` to sum so that it fits `of`: (leading axes to drop, axes to sum and keep).

    None where that is not known before the program runs.
    """
    if grad.shape is None or of.shape is None:
        return None
    extra = len(grad.shape) - len(of.shape)
    if extra < 0:
        return None
    keep = []
    for axis, (g, x) in enumerate(zip(grad.shape[extra:], of.shape, strict=True)):
        if g == x:
            continue
        if x == 1:
            keep.append(axis + extra)
        elif may_be_one(x) or may_be_one(g):
            return None
    return tuple(range(extra)), tuple(keep)


def result_dtype(*kinds: Kind | object) -> str:
    """NumPy's promoted dtype: Python numbers are weak, as in NEP 50.

    >>> result_dtype(Num("float32", (3,)), FLOAT)
    'float32'
    """
    operands: list[tuple[str, bool]] = []
    for kind in kinds:
        if isinstance(kind, Num):
            operands.append((kind.dtype, kind.form == "py"))
        elif isinstance(kind, (np.generic, np.ndarray)):
            operands.append((str(kind.dtype), False))
        elif isinstance(kind, (bool, int, float, complex)):
            of = type(kind)
            if of not in (float, int):      # it may be of an Enum
                of = next(cls for cls in (bool, int, float, complex) if isinstance(kind, cls))
            operands.append((of.__name__, True))
        elif isinstance(kind, (list, tuple, Seq)):
            raise ListForArray("a list where an array is expected: write np.array([...]) around it")
        else:
            raise NotStatic(f"{getattr(kind, 'type', type(kind).__name__)} where an array is expected")
    return _promoted(tuple(operands))


def array_among(kinds: tuple[Kind | object, ...]) -> Num | None:
    """The usual case of what operators give: an array of floats has others like it beside it, and numbers.

    >>> array_among((FLOAT, Num("float64", (3,)), 2))
    Num(dtype='float64', shape=(3,), form='array', length=None)
    """
    for found in kinds:
        if type(found) is Num and found.shape and found.dtype[:5] == "float":
            break
    else:
        return None
    for kind in kinds:
        if kind is not found and type(kind) not in (float, int) and (
                type(kind) is not Num or kind.dtype != found.dtype or kind.shape not in ((), found.shape)):
            return None
    return found


@functools.cache
def _promoted(operands: tuple[tuple[str, bool], ...]) -> str:
    """The dtype of operands of these dtypes, of which some are Python numbers."""
    if all(python for _, python in operands):
        return str(np.result_type(*(dtype for dtype, _ in operands)))
    numbers = {"f": 1.0, "i": 1, "b": True, "c": 1j}
    return str(np.result_type(*(numbers[np.dtype(dtype).kind] if python else np.dtype(dtype)
                                for dtype, python in operands)))


def result_form(*kinds: Kind | object) -> str:
    """Form of a NumPy function's result with no axis left: NumPy gives a scalar, never a 0-d array."""
    return "any" if any(isinstance(k, Num) and k.shape is None for k in kinds) else "np"


def number(dtype: str, shape: tuple[Dim, ...] | None, form: str = "array") -> Num:
    """A `Num` with the form that its rank calls for: NumPy returns a scalar where no axis is left."""
    if shape is None:
        return Num(dtype, None, "any")
    if shape:
        return Num(dtype, shape, "array")
    return Num(dtype, (), "np" if form == "array" else form)


def kind_of_value(value: object, name: str) -> Kind:
    """The kind of a run-time object; axes not of length 1 become symbols named after `name`."""
    if type(value) is float:        # the usual case, at once
        return FLOAT
    if isinstance(value, (bool, np.bool_)):
        return Num("bool", (), "py" if isinstance(value, bool) else "np")
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiubc":
        shape = tuple(n if n < 2 else Sym(f"{name}.{i}", True) for i, n in enumerate(value.shape))
        return Num(str(value.dtype), shape, "array")
    if isinstance(value, np.generic) and value.dtype.kind in "fiubc":
        return Num(str(value.dtype), (), "np")
    if isinstance(value, int):
        return Num("int64", (), "py", Sym(name))
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, complex):
        return Num("complex128", (), "py")
    return Obj(type(value).__name__)


def join(a: Kind, b: Kind) -> Kind | None:
    """The smallest kind that holds both, or None where there is none."""
    if a == b:
        return a
    if isinstance(a, Num) and isinstance(b, Num):
        dtype = result_dtype(replace(a, form="array"), replace(b, form="array"))
        form = a.form if a.form == b.form else "np" if {a.form, b.form} == {"py", "np"} else "any"
        if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
            return Num(dtype, None, "any")
        shape = tuple(x if x == y else Sym(("join", *sorted((x, y), key=repr)))
                      for x, y in zip(a.shape, b.shape, strict=True))
        return Num(dtype, shape, "array" if shape else form)
    if isinstance(a, Seq) and isinstance(b, Seq):
        elem = join(a.elem, b.elem)
        return elem and Seq(elem, a.length if a.length == b.length else None)
    if isinstance(a, Shape) and isinstance(b, Shape) and len(a.dims) == len(b.dims):
        return Shape(tuple(x if x == y else Sym(("join", *sorted((x, y), key=repr)))
                           for x, y in zip(a.dims, b.dims, strict=True)))
    return Obj() if isinstance(a, Obj) and isinstance(b, Obj) else None
