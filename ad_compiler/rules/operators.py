"""Python's operators on numbers and arrays.

Kinds follow Python: two Python numbers give a Python number, and integers that are lengths stay lengths.
"""

from __future__ import annotations

import builtins
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import BOOL, Dim, Num
from ad_compiler.rules.common import Array, dtype_after, num
from ad_compiler.rules.dims import exact, minus, over, plus, times
from ad_compiler.rules.registry import arithmetic_kind, constant, elementwise, elementwise_kind, rule
from ad_compiler.rules.traits import LIGHT, declare
from ad_compiler.runtime import unbroadcast


def _length(x: Any) -> Dim | None:
    """The length that an operand is, where it is equal to one."""
    kind = num(x)
    if kind.form != "py" or kind.length is None or not exact(kind.length):
        return None
    return kind.length


def add_kind(x: Any, y: Any) -> Num:
    """`n + 1` of a length `n` is a length."""
    kind = arithmetic_kind(x, y)
    if kind.form != "py" or kind.dtype != "int64":
        return kind
    a, b = _length(x), _length(y)
    if a is not None and b is not None:
        return replace(kind, length=plus(a, b))
    if a is not None and isinstance(y, int):
        return sub_kind(x, -y)
    if b is not None and isinstance(x, int):
        return sub_kind(y, -x)
    return kind


def signed_kind(*operands: Any) -> Num:
    """Of anything but NumPy's truth values, which have no sign."""
    kind = arithmetic_kind(*operands)
    if kind.dtype == "bool" and kind.form in ("np", "array"):
        raise TypeError("NumPy's truth values have no sign, and no difference: `~`, `^`")
    return kind


def sub_kind(x: Any, y: Any) -> Num:
    """`n - 1` of a length `n` is what `a[1:]` has."""
    kind = signed_kind(x, y)
    if kind.form != "py" or kind.dtype != "int64" or not isinstance(y, int):
        return kind
    a = _length(x)
    if a is None:
        return kind
    if isinstance(a, int):
        return replace(kind, length=a - y if a >= y else None)
    return replace(kind, length=minus(a, y) if y >= 0 else plus(a, -y))


def mul_kind(x: Any, y: Any) -> Num:
    """The product of lengths is a length."""
    kind = arithmetic_kind(x, y)
    if kind.form != "py" or kind.dtype != "int64":
        return kind
    a, b = _length(x), _length(y)
    return kind if a is None or b is None else replace(kind, length=times(a, b))


def counted(kind: Num) -> Num:
    """What NumPy has no form of for truth values alone, it computes with whole numbers of 8 bits."""
    return replace(kind, dtype="int8") if kind.dtype == "bool" else kind


def mod_kind(x: Any, y: Any) -> Num:
    """The dtype of both operands."""
    return counted(arithmetic_kind(x, y))


def floordiv_kind(x: Any, y: Any) -> Num:
    """`n // 2` of a length `n` is a length."""
    kind = counted(arithmetic_kind(x, y))
    a = _length(x)
    if kind.form == "py" and kind.dtype == "int64" and a is not None and isinstance(y, int) and y > 0:
        return replace(kind, length=over(a, y))
    return kind


def div_kind(x: Any, y: Any) -> Num:
    """Division gives floats, of whole numbers of any width too."""
    kind = arithmetic_kind(x, y)
    return kind if kind.dtype.startswith(("float", "complex")) else replace(kind, dtype="float64")


def pow_kind(x: Any, y: Any) -> Num:
    """A Python integer to a negative power is a float; to a power not known now, taken for an integer."""
    kind = counted(arithmetic_kind(x, y))
    if kind.form == "py" and kind.dtype == "int64" and isinstance(y, int) and y < 0:
        return replace(kind, dtype="float64")
    if type(y) is int and y == 2 and kind.form == "array":
        return replace(kind, dtype=dtype_after(np.square, num(x).dtype))        # it is what NumPy calls for it
    return kind


def comparison_kind(x: Any, y: Any) -> Num:
    """Booleans; of NumPy's whole numbers with any of Python's, which need not fit."""
    return replace(arithmetic_kind(x, y, fits=False), dtype="bool")


def whole_kind(*operands: Any) -> Num:
    """Of what has bits: whole numbers and booleans.  `~` of NumPy's boolean is a boolean, of Python's an integer."""
    kind = arithmetic_kind(*operands)
    if kind.form != "any" and np.dtype(kind.dtype).kind not in "iub":
        raise TypeError("it has no bits: a whole number is wanted")
    return kind


def shift_kind(x: Any, y: Any) -> Num:
    """Of what has bits."""
    return counted(whole_kind(x, y))


def bitwise_kind(x: Any, y: Any) -> Num:
    """`&`, `|`, `^`: of booleans a boolean."""
    if num(x).dtype == num(y).dtype == "bool":
        return comparison_kind(x, y)
    return whole_kind(x, y)


def truth_kind(x: Any) -> Num:
    """A Python boolean, whatever the operand."""
    return BOOL


def identity_kind(x: Any, y: Any) -> Num:
    """`is`, `in`: a Python boolean, whatever the operands."""
    return BOOL


@rule(operator.add, kind=add_kind, written="{} + {}", elementwise=True, signs=(1, 1), commutes=True, cost=LIGHT)
def add(x: Array, y: Array, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar, x), unbroadcast(out_bar, y)


@rule(operator.sub, kind=sub_kind, written="{} - {}", elementwise=True, signs=(1, -1), cost=LIGHT)
def sub(x: Array, y: Array, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar, x), unbroadcast(-out_bar, y)


def quotient_dot(x: Array, y: Array, *, out: Array, x_dot: Array, y_dot: Array) -> Array:
    if y_dot is None:
        return x_dot / y
    return -out * y_dot / y if x_dot is None else (x_dot - out * y_dot) / y


def over_divisor(x: Array, y: Array, *, out: Array) -> Array:
    return 1.0 / y


def over_dividend(x: Array, y: Array, *, out: Array) -> Array:
    return -out / y


@rule(operator.truediv, kind=div_kind, tangent=quotient_dot,
      slopes=(over_divisor, over_dividend), written="{} / {}", elementwise=True, powers=(1, -1), divides=True)
def truediv(x: Array, y: Array, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar / y, x), unbroadcast(-out_bar * out / y, y)


@rule(operator.neg, kind=signed_kind, written="-{}", elementwise=True, signs=(-1,), cost=LIGHT)
def neg(x: Array, *, out: Array, out_bar: Array) -> Array:
    return -out_bar


@rule(operator.pos, kind=signed_kind, written="+{}", elementwise=True, signs=(1,))
def pos(x: Array, *, out: Array, out_bar: Array) -> Array:
    return out_bar


elementwise(operator.mul, lambda x, y, *, out: y, lambda x, y, *, out: x, kind=mul_kind, written="{} * {}",
            powers=(1, 1), multilinear=(0, 1), commutes=True, cost=LIGHT)
elementwise((operator.abs, builtins.abs), lambda x, *, out: np.sign(x), kind=arithmetic_kind, element=builtins.abs,
            cost=LIGHT)
elementwise(operator.mod, lambda x, y, *, out: 1.0, lambda x, y, *, out: -(x // y), kind=mod_kind,
            written="{} % {}", divides=True)


def pow_base(x: Array, y: Array, *, out: Array) -> Array:
    """`y * x ** (y - 1)`, which is 0 for y = 0 at x = 0 too."""
    if isinstance(y, (int, float)) and not isinstance(y, np.generic):       # a number in the text
        if y == 0:
            return 0.0
        if y == 1:
            return 1.0
        if y == 2:
            return 2.0 * x
        if y == 0.5:
            return 0.5 / out
        return y * x ** (y - 1)
    if getattr(y, "dtype", None) == np.bool_:       # truth values have no difference
        return y * x ** 0
    return y * x ** (y - (y != 0))


def pow_exponent(x: Array, y: Array, *, out: Array) -> Array:
    """`out * log(x)`, which is 0 at x = 0."""
    return out * np.log(x + (x == 0))


def float_power_kind(x: Any, y: Any) -> Num:
    """In double precision, whatever the operands."""
    kind = elementwise_kind(x, y)
    return replace(kind, dtype="complex128" if kind.dtype.startswith("complex") else "float64")


elementwise((operator.pow, builtins.pow), pow_base, pow_exponent, kind=pow_kind, written="{} ** {}", power=True)
elementwise(np.float_power, pow_base, pow_exponent, kind=float_power_kind)

constant(operator.floordiv, kind=floordiv_kind, written="{} // {}", elementwise=True, divides=True)
for _fn, _written in ((operator.lt, "{} < {}"), (operator.le, "{} <= {}"), (operator.gt, "{} > {}"),
                      (operator.ge, "{} >= {}"), (operator.eq, "{} == {}"), (operator.ne, "{} != {}")):
    constant(_fn, kind=comparison_kind, written=_written, elementwise=True, comparison=True, cost=LIGHT)
constant(operator.and_, kind=bitwise_kind, written="{} & {}", elementwise=True, truths=np.logical_and)
constant(operator.or_, kind=bitwise_kind, written="{} | {}", elementwise=True, truths=np.logical_or)
constant(operator.xor, kind=bitwise_kind, written="{} ^ {}", elementwise=True, truths=np.logical_xor)
constant(operator.invert, kind=whole_kind, written="~{}", elementwise=True, truths=operator.not_)
constant(operator.lshift, kind=shift_kind, written="{} << {}", shifts=True)
constant(operator.rshift, kind=shift_kind, written="{} >> {}", shifts=True)
constant(operator.not_, kind=truth_kind, written="not {}", elementwise=True, cost=LIGHT)
constant(operator.truth, kind=truth_kind, written="bool({})")
constant(bool, kind=truth_kind)
constant(operator.is_, kind=identity_kind, written="{} is {}")
constant(operator.is_not, kind=identity_kind, written="{} is not {}")
constant(operator.contains, kind=identity_kind, written="{1} in {0}")

declare(operator.abs, written="abs({})")
declare((max, min), elementwise=True, cost=LIGHT)
declare(divmod, divides=True)
declare((operator.add, operator.sub, operator.mul, operator.neg, operator.pow, operator.abs, operator.lshift,
         operator.invert, builtins.abs, builtins.pow), wraps=True)
