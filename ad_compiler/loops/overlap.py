"""What is stored into an array and views it is copied first: Numba's stores of slices do not look whether they overlap.

>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(x):
...     a = x * x
...     a[:] = a[::-1]
...     return a[0]
>>> grad(f, backend="numba")(np.array([1.0, 2.0, 3.0])).tolist()
[0.0, 0.0, 6.0]
"""

from __future__ import annotations

import numpy as np

from ad_compiler.indices import gathers
from ad_compiler.ir import Arg, Block, Func, Op, Stmt, Value, blocks_in, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_overwrite, is_read, traits


def copy_what_overlaps(func: Func) -> Func:
    """Copy before a store of what is not an element."""
    makers = {v: stmt for stmt in walk(func.body) if isinstance(stmt, Op) for v in stmt.results}
    _visit(func.body, makers)
    return func


def _visit(block: Block, makers: dict[Value, Op]) -> None:
    for inner in blocks_in(block.ops):
        _visit(inner, makers)
    out: list[Stmt] = []
    for stmt in block.ops:
        if is_overwrite(stmt) and _views(stmt.args[2], stmt.args[0], makers):
            value = stmt.args[2]
            copy = Value("", value.kind)
            out.append(Op(np.copy, (value,), {}, [copy], stmt.origin, reverse=stmt.reverse))
            stmt.args = (*stmt.args[:2], copy)
        out.append(stmt)
    block.ops = out


def _views(value: Arg, array: Arg, makers: dict[Value, Op]) -> bool:
    """Does a value of some axes stand in the memory of an array?"""
    if not isinstance(value, Value) or not isinstance(value.kind, Num) or not value.kind.is_array:
        return False
    while isinstance(value, Value) and value is not array:
        op = makers.get(value)
        if op is None or not traits(op).view or is_read(op) and gathers(op.args[1], certain=True):
            return False
        value = op.args[0]
    return value is array
