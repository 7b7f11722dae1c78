"""Arithmetic as Numba types it: integers of 64 bits, numbers of Python in double precision, no error on division by zero.

>>> add(2 ** 63 - 1, 1), floordiv(7, 0), power(2, -1)
(-9223372036854775808, 0, 0)
>>> with np.errstate(divide="ignore"):
...     divide(1.0, 0.0)
np.float64(inf)
>>> add(np.int8(100), np.int8(100)), multiply(np.float32(0.5), 3.0).dtype
(200, dtype('float64'))
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.numba.strict.memory import Broken, check_product, overlaps, same_place, seen_whole

FLOATS = frozenset({float, np.float64})
UNSIGNED = frozenset({np.uint8, np.uint16, np.uint32, np.uint64})
INTS = frozenset({int, bool, np.bool_, np.int8, np.int16, np.int32, np.int64})

Operation = Callable[[Any, Any], Any]


def wrapped(n: int, signed: bool = True) -> Any:
    """What 64 bits hold of an integer."""
    n &= (1 << 64) - 1
    if not signed:
        return np.uint64(n)
    return n - (1 << 64) if n >> 63 else n


def as_whole(kind: type[Any], x: Any) -> Any:
    """`np.int8(x)` of a number: the bits that it has room for."""
    return np.asarray(x).astype(kind)[()]


def strong(a: Any, beside: Any) -> Any:
    """A number of Python beside an array: in double precision, or of 64 bits; an integer takes the precision of floats."""
    if type(a) is int and isinstance(beside, np.ndarray) and beside.dtype.kind in "iub":
        return np.int64(a)
    return np.float64(a) if type(a) is float else a


def binary(of_floats: Operation, of_ints: Operation, of_arrays: Operation) -> Operation:
    """An operation by the kinds of its operands."""
    def apply(a: Any, b: Any) -> Any:
        of_a, of_b = type(a), type(b)
        if of_a in FLOATS and of_b in FLOATS:
            return of_floats(a, b)
        if of_a in INTS and of_b in INTS:
            return of_ints(int(a), int(b))
        if of_a in FLOATS and of_b in INTS or of_a in INTS and of_b in FLOATS:
            return of_floats(float(a), float(b))
        if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            return of_arrays(strong(a, b), strong(b, a))
        if of_a in UNSIGNED and of_b in UNSIGNED:
            found = of_ints(int(a), int(b))
            return wrapped(found, signed=False) if type(found) is int else found
        if of_a in INTS | UNSIGNED and of_b in INTS | UNSIGNED:
            return of_ints(int(a), int(b))
        if isinstance(a, np.floating) or isinstance(b, np.floating):
            of_both = np.result_type(*(np.float64 if type(x) is float else np.int64 if type(x) in (int, bool) else type(x)
                                       for x in (a, b)))
            return of_arrays(of_both.type(a), of_both.type(b))
        return of_arrays(a, b)      # of tuples and lists
    return apply


def by_numpy(of_python: Operation, of_numpy: Operation) -> Operation:
    """Python's operation on floats, and NumPy's where Python raises or leaves the real numbers."""
    def apply(a: Any, b: Any) -> Any:
        try:
            found = of_python(a, b)
        except ArithmeticError:
            return of_numpy(np.float64(a), np.float64(b))
        return of_numpy(np.float64(a), np.float64(b)) if type(found) is complex else found
    return apply


def int_power(a: int, b: int) -> int:
    if abs(b) > 1 << 16:
        raise Broken(f"a power of {b}, which is not computed by products")
    if b >= 0:
        return wrapped(pow(a, b, 1 << 64))
    return {1: 1, -1: -1 if b % 2 else 1, 0: -1 << 63}.get(a, 0)


def shifted(shift: Operation) -> Operation:
    def apply(a: int, b: int) -> int:
        if not 0 <= b < 64:
            raise Broken(f"a shift by {b}")
        return wrapped(shift(a, b))
    return apply


def no_floats(a: Any, b: Any) -> Any:
    raise Broken("an operation on bits, with a float")


def bitwise(of_both: Operation) -> Operation:
    """An operation on bits; of truth values it is one."""
    of_numbers = binary(no_floats, lambda a, b: wrapped(of_both(a, b)), of_both)
    truth = (bool, np.bool_)
    return lambda a, b: bool(of_both(a, b)) if type(a) in truth and type(b) in truth else of_numbers(a, b)


add = binary(operator.add, lambda a, b: wrapped(a + b), operator.add)
subtract = binary(operator.sub, lambda a, b: wrapped(a - b), operator.sub)
multiply = binary(operator.mul, lambda a, b: wrapped(a * b), operator.mul)
divide = binary(by_numpy(operator.truediv, np.divide), lambda a, b: divide(float(a), float(b)), operator.truediv)
floordiv = binary(by_numpy(operator.floordiv, np.floor_divide),
                  lambda a, b: a // b if b and a // b < 1 << 63 else 0, operator.floordiv)
modulo = binary(by_numpy(operator.mod, np.remainder), lambda a, b: a % b if b else 0, operator.mod)
real_power = binary(by_numpy(operator.pow, np.power), int_power, operator.pow)


def power(a: Any, b: Any) -> Any:
    """`a ** b`: of a float and an integer by products and a division, which is that of Python."""
    if type(a) in FLOATS and type(b) in INTS and a == 0.0 and b < 0:
        raise ZeroDivisionError("division by zero")
    return real_power(a, b)


def product(a: Any, b: Any) -> Any:
    """`a @ b`."""
    check_product(a, b)
    seen_whole(a, b)
    return a @ b


def negative(a: Any) -> Any:
    return wrapped(-int(a)) if type(a) in INTS | UNSIGNED else -a


def invert(a: Any) -> Any:
    return not a if type(a) in (bool, np.bool_) else ~a


def in_place(of_both: Operation, of_arrays: Operation) -> Operation:
    """`a += b`: an array is written to, element by element, while `b` is read."""
    def apply(a: Any, b: Any) -> Any:
        if not isinstance(a, np.ndarray):
            return of_both(a, b)
        if isinstance(b, np.ndarray) and overlaps(a, b) and not same_place(a, b):
            raise Broken("an array is changed in place by one in the same memory, which lies otherwise")
        if isinstance(b, np.ndarray) and (b.ndim > a.ndim or any(
                n not in (1, m) for n, m in zip(b.shape[::-1], a.shape[::-1], strict=False))):
            raise Broken(f"an array of shape {a.shape} is changed in place by one of shape {b.shape}")
        seen_whole(b, written=a)
        return of_arrays(a, strong(b, None))
    return apply


BINARY: dict[type[ast.operator], Operation] = {
    ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide, ast.FloorDiv: floordiv, ast.Mod: modulo,
    ast.Pow: power, ast.LShift: binary(no_floats, shifted(operator.lshift), operator.lshift),
    ast.RShift: binary(no_floats, shifted(operator.rshift), operator.rshift), ast.BitAnd: bitwise(operator.and_),
    ast.BitOr: bitwise(operator.or_), ast.BitXor: bitwise(operator.xor), ast.MatMult: product,
}
IN_PLACE = {kind: in_place(of_both, getattr(operator, name)) for (kind, of_both), name in zip(BINARY.items(), (
    "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "ilshift", "irshift", "iand", "ior", "ixor",
    "imatmul"), strict=True)}
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: negative, ast.Invert: invert}
