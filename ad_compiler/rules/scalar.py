"""The functions of `math` with a derivative, and `float` and `round`.

They work on one number at a time and raise where NumPy gives nan or inf, at a point where the slope is
infinite too: the derivative of `math.sqrt` at 0 is a ZeroDivisionError, as `1 / 0.0` is.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.kinds import BOOL, FLOAT, INT, NotStatic, Num, Seq, number
from ad_compiler.rules.common import Array, num
from ad_compiler.rules.operators import mul_kind
from ad_compiler.rules.registry import constant, elementwise, rule
from ad_compiler.runtime import broadcast_like, cast_like, unbroadcast


def float_kind(*operands: Any) -> Num:
    """A Python float, of one number each."""
    for x in operands:
        shape = num(x).shape
        if shape is None:
            continue
        if shape != ():
            raise ValueError("a function of math works on one number, not on an array: use NumPy's")
    return FLOAT


elementwise(math.sin, lambda x, *, out: math.cos(x), kind=float_kind, raises="value")
elementwise(math.cos, lambda x, *, out: -math.sin(x), kind=float_kind, raises="value")
elementwise(math.tan, lambda x, *, out: 1.0 + out * out, kind=float_kind, raises="value")
elementwise(math.asin, lambda x, *, out: 1.0 / math.sqrt(1.0 - x * x), kind=float_kind, raises="value")
elementwise(math.acos, lambda x, *, out: -1.0 / math.sqrt(1.0 - x * x), kind=float_kind, raises="value")
elementwise(math.atan, lambda x, *, out: 1.0 / (1.0 + x * x), kind=float_kind)
elementwise(math.atan2, lambda y, x, *, out: x / (x * x + y * y), lambda y, x, *, out: -y / (x * x + y * y),
            kind=float_kind)
elementwise(math.sinh, lambda x, *, out: math.cosh(x), kind=float_kind, raises="value")
elementwise(math.cosh, lambda x, *, out: math.sinh(x), kind=float_kind, raises="value")
elementwise(math.tanh, lambda x, *, out: 1.0 - out * out, kind=float_kind)
elementwise(math.asinh, lambda x, *, out: 1.0 / math.sqrt(x * x + 1.0), kind=float_kind)
elementwise(math.acosh, lambda x, *, out: 1.0 / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0)), kind=float_kind,
            raises="value")
elementwise(math.atanh, lambda x, *, out: 1.0 / (1.0 - x * x), kind=float_kind, raises="value")

elementwise(math.exp, lambda x, *, out: out, kind=float_kind, raises="value")
elementwise(math.exp2, lambda x, *, out: math.log(2.0) * out, kind=float_kind, raises="value")
elementwise(math.expm1, lambda x, *, out: out + 1.0, kind=float_kind, raises="value")
elementwise(math.log1p, lambda x, *, out: 1.0 / (1.0 + x), kind=float_kind, raises="value")
elementwise(math.log2, lambda x, *, out: 1.0 / (math.log(2.0) * x), kind=float_kind, raises="value")
elementwise(math.log10, lambda x, *, out: 1.0 / (math.log(10.0) * x), kind=float_kind, raises="value")


def log_kind(x: Any, base: Any = None) -> Num:
    """`math.log` has an optional base."""
    return float_kind(x) if base is None else float_kind(x, base)


def log_slope(x: Array, base: Array = None, *, out: Array) -> Array:
    return 1.0 / x if base is None else 1.0 / (x * math.log(base))


def log_slope_of_base(x: Array, base: Array = None, *, out: Array) -> Array:
    return -out / (base * math.log(base))


elementwise(math.log, log_slope, log_slope_of_base, kind=log_kind, raises="value")

elementwise(math.sqrt, lambda x, *, out: 0.5 / out, kind=float_kind, raises="value")
elementwise(math.cbrt, lambda x, *, out: 1.0 / (3.0 * out * out), kind=float_kind)
elementwise(math.pow, lambda x, y, *, out: y * math.pow(x, y - (y != 0)),
            lambda x, y, *, out: out * math.log(x + (x == 0)), kind=float_kind, raises="value")
elementwise(math.hypot, lambda x, y, *, out: x / (out + (out == 0)), lambda x, y, *, out: y / (out + (out == 0)),
            kind=float_kind)
elementwise(math.fabs, lambda x, *, out: math.copysign(1.0, x) * (x != 0), kind=float_kind)
elementwise(math.copysign, lambda x, y, *, out: math.copysign(1.0, x) * (x != 0) * math.copysign(1.0, y), None,
            kind=float_kind)
elementwise(math.fmod, lambda x, y, *, out: 1.0, lambda x, y, *, out: (out - x) / y, kind=float_kind, raises="value")
elementwise(math.remainder, lambda x, y, *, out: 1.0, lambda x, y, *, out: (out - x) / y, kind=float_kind,
            raises="value")
elementwise(math.degrees, lambda x, *, out: 180.0 / math.pi, kind=float_kind)
elementwise(math.radians, lambda x, *, out: math.pi / 180.0, kind=float_kind)
elementwise(math.erf, lambda x, *, out: 2.0 / math.sqrt(math.pi) * math.exp(-x * x), kind=float_kind)
elementwise(math.erfc, lambda x, *, out: -2.0 / math.sqrt(math.pi) * math.exp(-x * x), kind=float_kind)


def sequence_kind(seq: Any) -> Num:
    """`math.fsum` of a list or of an array of one axis."""
    if not isinstance(seq, (list, tuple, Seq)):
        num(seq)
    return FLOAT


def product_kind(iterable: Any) -> Num:
    """`math.prod`: of integers that are lengths, a length."""
    if not isinstance(iterable, (list, tuple)):
        raise NotStatic("math.prod of a list whose length is known only at run time: use np.prod")
    kind: Any = 1
    for item in iterable:
        kind = mul_kind(kind, item)
    return num(kind)


def distance_kind(p: Any, q: Any) -> Num:
    """`math.dist` of two points."""
    return FLOAT


@rule(math.fsum, kind=sequence_kind, linear=(0,), raises="value", exact=True)
def fsum(seq: Array, *, out: Array, out_bar: Array) -> Array:
    return [out_bar for _ in seq] if isinstance(seq, (list, tuple)) else broadcast_like(out_bar, seq)


@rule(math.prod, kind=product_kind)
def prod(iterable: Array, *, out: Array, out_bar: Array) -> Array:
    return [out_bar * math.prod([y for j, y in enumerate(iterable) if j != i]) for i in range(len(iterable))]


@rule(math.dist, kind=distance_kind, raises="value")
def dist(p: Array, q: Array, *, out: Array, out_bar: Array) -> Array:
    scale = out_bar / (out + (out == 0))
    if isinstance(p, (list, tuple)):
        p_bar = [scale * (a - b) for a, b in zip(p, q, strict=True)]
        return p_bar, [-bar for bar in p_bar]
    return scale * (p - q), scale * (q - p)


def to_float_kind(x: Any = 0.0) -> Num:
    """A Python float; of text too."""
    return FLOAT if isinstance(x, str) else float_kind(x)


@rule(float, kind=to_float_kind, linear=(0,), casts=True, raises="use")
def to_float(x: Array = 0.0, *, out: Array, out_bar: Array) -> Array:
    return unbroadcast(out_bar, x)


def float64_kind(x: Any = 0.0) -> Num:
    """`np.float64(x)`."""
    return number("float64", num(x).shape)


def float32_kind(x: Any = 0.0) -> Num:
    """`np.float32(x)`."""
    return number("float32", num(x).shape)


def float16_kind(x: Any = 0.0) -> Num:
    """`np.float16(x)`."""
    return number("float16", num(x).shape)


@rule(np.float64, kind=float64_kind, linear=(0,), casts=True)
def to_float64(x: Array = 0.0, *, out: Array, out_bar: Array) -> Array:
    return cast_like(out_bar, x)


@rule(np.float32, kind=float32_kind, linear=(0,), casts=True)
def to_float32(x: Array = 0.0, *, out: Array, out_bar: Array) -> Array:
    return cast_like(out_bar, x)


@rule(np.float16, kind=float16_kind, linear=(0,), casts=True)
def to_float16(x: Array = 0.0, *, out: Array, out_bar: Array) -> Array:
    return cast_like(out_bar, x)


def int_kind(x: Any = 0) -> Num:
    """A Python integer; one that is a length stays one."""
    return num(x) if isinstance(x, Num) and x.form == "py" and x.dtype == "int64" else INT


def whole_kind(x: Any) -> Num:
    """A Python integer."""
    return INT


def truncated_kind(x: Any) -> Num:
    """A Python integer; NumPy's numbers of other precisions cannot be cut by `math.trunc`."""
    kind = num(x)
    if kind.form == "np" and kind.dtype != "float64":
        raise TypeError(f"type {kind.dtype} doesn't define __trunc__ method")
    return INT


def round_kind(x: Any, ndigits: Any = None) -> Num:
    """`round(x)` is an integer, `round(x, 2)` a number as `x` is one."""
    return INT if ndigits is None else replace(num(x), length=None)


def integers_kind(*integers: Any) -> Num:
    """A function of integers."""
    return INT


def flag_kind(x: Any) -> Num:
    """A Python boolean."""
    return BOOL


def close_kind(a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Num:
    """`math.isclose`."""
    return BOOL


constant(int, kind=int_kind, casts=True, raises="value")
constant(round, kind=round_kind, elementwise=True, element=None, raises="value")
constant((math.floor, math.ceil), kind=whole_kind, raises="value")
constant(math.trunc, kind=truncated_kind, raises="value")
constant((math.comb, math.factorial, math.gcd, math.lcm, math.perm, math.isqrt), kind=integers_kind, raises="value")
constant((math.isnan, math.isinf, math.isfinite), kind=flag_kind)
constant(math.isclose, kind=close_kind, raises="value")
