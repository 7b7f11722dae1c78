"""Python's numbers have 64 bits: Numba leaves what `float(x)`, `int(x)` and `x.item()` give in the dtype of `x`.

>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", Num("float32", (), "np")), Block()
>>> block.results = [block.emit(float, x, kind=FLOAT), block.emit(math.exp, x, kind=FLOAT)]
>>> print(show(widen(Func("f", [x], block))))
def f(x):
    t = float64(x)
    t_2 = float64(x)
    t_3 = exp(t_2)
    return t, t_3
"""

from __future__ import annotations

import builtins
import math
import operator

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Arg, Block, Func, Op, Stmt, Value, blocks_of
from ad_compiler.kinds import Num
from ad_compiler.optimise.facts import num

OF_MATH = frozenset(fn for fn in vars(math).values() if callable(fn))
CONVERSIONS = (builtins.float, builtins.int, operator.index)


def widen(func: Func) -> Func:
    """Make Python's numbers of 64 bits of NumPy's throughout."""
    _visit(func.body)
    return func


def _visit(block: Block) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner)
        if isinstance(stmt, Op) and len(stmt.args) == 1 and not stmt.kwargs and stmt.fn in (runtime.item, *CONVERSIONS):
            _convert(stmt, ops)
        elif isinstance(stmt, Op) and stmt.fn in OF_MATH:
            stmt.args = tuple(_wide(arg, stmt, ops) for arg in stmt.args)
        ops.append(stmt)
    block.ops = ops


def _convert(op: Op, before: list[Stmt]) -> None:
    """Let the call be one of NumPy's type; the only element of an array is read first."""
    of, kind, (arg,) = num(op.args[0]), num(op.result), op.args
    if of is None or kind is None or of.dtype == kind.dtype or kind.dtype not in ("int64", "float64"):
        return
    if of.dtype != "bool" and _type_for(of) is not np.dtype(kind.dtype).type:
        return
    if of.shape != () or of.form == "array":
        arg = Value("", Num(of.dtype, (), "np"))
        before.append(Op(runtime.item, op.args, {}, [arg], op.origin, "", op.stopped, reverse=op.reverse))
    op.fn, op.args = np.dtype(kind.dtype).type, (arg,)


def _wide(arg: Arg, op: Op, before: list[Stmt]) -> Arg:
    kind = num(arg)
    wide = None if kind is None or kind.shape != () else _type_for(kind)
    if wide is None:
        return arg
    value = Value("", Num(np.dtype(wide).name, (), "np"))
    before.append(Op(wide, (arg,), {}, [value], op.origin, "", op.stopped, reverse=op.reverse))
    return value


def _type_for(kind: Num) -> type | None:
    """The type of 64 bits for numbers of fewer; None where these are of 64."""
    dtype = np.dtype(kind.dtype)
    if kind.form == "py" or dtype.itemsize >= 8 or dtype.kind not in "fiu":
        return None
    return np.float64 if dtype.kind == "f" else np.int64
