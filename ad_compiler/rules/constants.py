"""NumPy's functions without a derivative: comparisons, rounding, tests."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import BOOL, NotStatic, Num, number
from ad_compiler.rules.common import dtype_after, length_of, num, static_int
from ad_compiler.rules.dims import unknown
from ad_compiler.rules.elementwise import counted_kind, divide_kind, same_kind
from ad_compiler.rules.registry import constant, same_as
from ad_compiler.rules.traits import LIGHT


def whole_kind(x: Any) -> Num:
    """Rounded to whole numbers, as floats; whole numbers may stay what they are."""
    kind = same_kind(x)
    return replace(kind, dtype=dtype_after(np.floor, kind.dtype))


def rint_kind(x: Any) -> Num:
    """Floats in any case."""
    kind = same_kind(x)
    return replace(kind, dtype=dtype_after(np.rint, kind.dtype))


def sign_kind(x: Any) -> Num:
    """The dtype stays."""
    return same_kind(x)


def test_kind(x: Any) -> Num:
    """Booleans."""
    return replace(divide_kind(x, 1), dtype="bool")


def comparison_kind(x1: Any, x2: Any) -> Num:
    """Booleans."""
    return replace(same_kind(x1, x2), dtype="bool")


def bitwise_kind(x1: Any, x2: Any) -> Num:
    """Whole numbers or booleans."""
    return same_kind(x1, x2)


def round_kind(a: Any, decimals: Any = 0) -> Num:
    """The dtype stays."""
    return same_kind(a)


def real_kind(x: Any) -> Num:
    """`np.isreal` and `np.iscomplex`: of a number of Python's one of its truth values."""
    return BOOL if num(x).form == "py" else test_kind(x)


def isclose_kind(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Num:
    """Booleans."""
    return replace(same_kind(a, b), dtype="bool")


def allclose_kind(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Num:
    """A Python boolean."""
    return BOOL


def array_equal_kind(a1: Any, a2: Any, equal_nan: Any = False) -> Num:
    """A Python boolean."""
    return BOOL


def of_type(name: str) -> Callable[..., Num]:
    """The kind of `np.int64(x)`, or another."""
    return lambda x=0: number(name, num(x).shape)


constant((np.floor, np.ceil, np.trunc), kind=whole_kind, elementwise=True)
constant(np.rint, kind=rint_kind, elementwise=True)
constant(np.sign, kind=sign_kind, elementwise=True, cost=LIGHT)
constant(np.round, kind=round_kind, elementwise=True, element=None)
constant((np.isnan, np.isfinite, np.isinf, np.signbit), kind=test_kind, elementwise=True)
for _fn, _operator in ((np.less, operator.lt), (np.less_equal, operator.le), (np.greater, operator.gt),
                       (np.greater_equal, operator.ge), (np.equal, operator.eq), (np.not_equal, operator.ne)):
    same_as(_fn, _operator, comparison_kind)
same_as(np.floor_divide, operator.floordiv, counted_kind)
same_as(np.bitwise_and, operator.and_, bitwise_kind)
same_as(np.bitwise_or, operator.or_, bitwise_kind)
same_as(np.bitwise_xor, operator.xor, bitwise_kind)
same_as(np.invert, operator.invert, sign_kind)
constant((np.logical_and, np.logical_or), kind=comparison_kind, elementwise=True, cost=LIGHT)
constant(np.logical_xor, kind=comparison_kind, elementwise=True)
constant(np.logical_not, kind=test_kind, elementwise=True, truths=operator.not_)
constant((np.isreal, np.iscomplex), kind=real_kind)
constant(np.isclose, kind=isclose_kind, elementwise=True, element=None)
constant(np.allclose, kind=allclose_kind)
constant(np.array_equal, kind=array_equal_kind)
for _name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
    constant(getattr(np, _name), kind=of_type(_name), casts=True, raises="value")
constant(np.bool_, kind=of_type("bool"), casts=True)


def positions_kind(a: Any) -> tuple[Num, ...]:
    """For each axis the positions of what is not zero."""
    rank = num(a).ndim
    if rank is None:
        raise NotStatic("the positions in an array whose rank is not known")
    dim = unknown()
    return (Num("int64", (dim,)),) * rank


def triangle_kind(n: Any, k: Any = 0, m: Any = None) -> tuple[Num, ...]:
    """Rows and columns of a triangle."""
    dim = unknown()
    return (Num("int64", (dim,)),) * 2


def triangle_from_kind(arr: Any, k: Any = 0) -> tuple[Num, ...]:
    """Rows and columns of a triangle of a matrix."""
    return triangle_kind(0)


def diagonal_indices_kind(n: Any, ndim: Any = 2) -> tuple[Num, ...]:
    """The positions along a diagonal, for each axis."""
    return (Num("int64", (length_of(n),)),) * static_int(ndim, "`ndim`")


def flat_positions_kind(a: Any) -> Num:
    """Positions in the array as one row."""
    return Num("int64", (unknown(),))


constant(np.nonzero, kind=positions_kind, positions=True)
constant((np.triu_indices, np.tril_indices), kind=triangle_kind)
constant((np.triu_indices_from, np.tril_indices_from), kind=triangle_from_kind)
constant(np.diag_indices, kind=diagonal_indices_kind)
constant(np.flatnonzero, kind=flat_positions_kind, positions=True)
