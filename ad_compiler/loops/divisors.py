"""An integer that may be 0 is checked before it divides another: Numba's `k % 0` is 0, Python raises.

So is the exponent of a whole number, which NumPy takes to no negative power, and a float of which a whole number is
made: Numba's `int(nan)` is the least of 64 bits.

>>> from ad_compiler.kinds import INT
>>> import operator
>>> from ad_compiler.ir import show
>>> k, m = Value("k", INT), Value("m", INT)
>>> block = Block()
>>> block.results = [block.emit(operator.mod, k, m, kind=INT)]
>>> print(show(check_divisors(Func("f", [k, m], block))))
def f(k, m):
    check_divisor(m)!
    t = mod(k, m)
    return t
"""

from __future__ import annotations

import operator

from ad_compiler import runtime
from ad_compiler.indices import is_python_integer
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Stmt, Value, blocks_of
from ad_compiler.kinds import Num, Sym
from ad_compiler.ops import is_power, traits
from ad_compiler.optimise.facts import number

SHIFTS = (operator.lshift, operator.rshift)


def check_divisors(func: Func) -> Func:
    """Put checks before the divisions of the forward sweep; the reverse sweep divides by the same."""
    _block(func.body, frozenset())
    return func


def _block(block: Block, checked: frozenset[Atom]) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        divides = isinstance(stmt, Op) and traits(stmt).divides and not stmt.reverse
        if isinstance(stmt, Op) and divides and all(map(_is_whole, stmt.args[:2])):
            by = stmt.args[1]
            if by not in checked and (not _is_length(by) if isinstance(by, Value) else number(by) == 0):
                ops.append(Op(runtime.check_divisor, (by,), origin=stmt.origin, effect=True))
                checked |= {by}
        elif isinstance(stmt, Op) and _may_shift_out(stmt):
            shifted = Const(0) if _is_right(stmt) else stmt.args[0]
            ops.append(Op(runtime.check_shift, (shifted, stmt.args[1]), origin=stmt.origin, effect=True,
                          reverse=stmt.reverse))
        elif is_power(stmt) and _may_be_negative(stmt) and stmt.args[1] not in checked:
            ops.append(Op(runtime.check_exponent, stmt.args[1:], origin=stmt.origin, effect=True, reverse=stmt.reverse))
            checked |= {stmt.args[1]}
        elif isinstance(stmt, Op) and _makes_whole(stmt) and stmt.args[0] not in checked:
            ops.append(Op(runtime.check_whole, stmt.args[:1], origin=stmt.origin, effect=True, reverse=stmt.reverse))
            checked |= {stmt.args[0]}
        for inner in blocks_of(stmt):
            _block(inner, checked)
        ops.append(stmt)
    block.ops = ops


def _is_whole(arg: Arg) -> bool:
    """A whole number of Python's, or a truth value, which is one."""
    if isinstance(arg, Const):
        return isinstance(arg.value, int)
    kind = arg.kind if isinstance(arg, Value) else None
    return is_python_integer(arg) or isinstance(kind, Num) and (kind.dtype, kind.form) == ("bool", "py")


def _may_shift_out(op: Op) -> bool:
    """Is it a shift of a number by who knows how much, or to the left?"""
    kind = op.result.kind if traits(op).shifts else None
    return isinstance(kind, Num) and kind.shape == () and not (isinstance(op.args[1], Const) and _is_right(op))


def _may_be_negative(power: Op) -> bool:
    """Is it NumPy's power of whole numbers, by a number that only the run knows?"""
    kinds = [arg.kind for arg in (power.result, power.args[1]) if isinstance(arg, Value)]
    return len(kinds) == 2 and all(isinstance(kind, Num) and kind.dtype.startswith("int") for kind in kinds) \
        and kinds[1].shape == ()        # type: ignore[union-attr]


def _is_right(shift: Op) -> bool:
    return shift.fn is operator.rshift


def _makes_whole(op: Op) -> bool:
    """Does it make a whole number of Python's of a float: `int`, `math.floor`?"""
    if traits(op).raises != "value" or len(op.args) != 1 or not isinstance(op.args[0], Value) or len(op.results) != 1:
        return False
    of, kind = op.args[0].kind, op.result.kind
    return isinstance(of, Num) and of.shape == () and of.real and isinstance(kind, Num) \
        and (kind.form, kind.dtype) == ("py", "int64")


def _is_length(value: Value) -> bool:
    """Is this the length of an axis of two or more?"""
    length = value.kind.length if isinstance(value.kind, Num) else None
    return isinstance(length, Sym) and length.not_one
