"""Lengths that the function needs to be equal are found equal once, at its beginning, and have one name from there on.

`u * v` needs the two to be as long as each other; whatever is computed of `u` alone and of `v` alone can then be
computed in one loop.

>>> import operator
>>> import numpy as np
>>> from ad_compiler.ir import Block, show
>>> from ad_compiler.kinds import Sym
>>> u, v = (Value(n, Num("float64", (Sym(f"{n}.0", True),))) for n in "uv")
>>> block = Block()
>>> w = block.emit(operator.mul, u, v, kind=u.kind, hint="w")
>>> block.results = [block.emit(np.exp, v, kind=v.kind)]
>>> func = equal_lengths(Func("f", [u, v], block))
>>> print(show(func), func.body.results[0].kind.shape, sep=chr(10))
def f(u, v):
    check_lengths(u, 0, v, 0)!
    w = mul(u, v)
    t = exp(v)
    return t
(Sym(v.0),)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ad_compiler import runtime
from ad_compiler.ir import Block, Const, Func, Op, Value
from ad_compiler.kinds import Dim, Num, may_be_one
from ad_compiler.loops.elements import is_map, operands_of
from ad_compiler.loops.lengths import Known
from ad_compiler.ops import is_addition, is_matrix_product
from ad_compiler.optimise.lengths import canonical, rename_lengths


def equal_lengths(func: Func) -> Func:
    """Check lengths of the parameters that must be equal, and give them one name."""
    known, start = Known([*func.params, *func.refs]), Block()
    same: dict[Dim, Dim] = {}
    for stmt in func.body.ops:
        for a, b in _pairs(stmt) if isinstance(stmt, Op) else ():
            one, other = canonical(a, same), canonical(b, same)
            if one == other or not all(isinstance(d, int) or d in known.sources for d in (one, other)):
                continue
            if isinstance(one, int) and isinstance(other, int):
                continue
            if isinstance(other, int):
                one, other = other, one
            array, axis = known.sources[other]
            args: tuple[Any, ...] = (array, Const(axis), Const(one)) if isinstance(one, int) else (
                array, Const(axis), *_source(known, one))
            check = runtime.check_length if isinstance(one, int) else runtime.check_lengths
            start.ops.append(Op(check, args, origin=stmt.origin, effect=True))
            same[other] = one
    if same:
        func.body.ops[:0] = start.ops
        rename_lengths(func, same)
    return func


def _source(known: Known, dim: Dim) -> tuple[Value, Const]:
    array, axis = known.sources[dim]
    return array, Const(axis)


def _pairs(op: Op) -> Iterator[tuple[Dim, Dim]]:
    """Lengths that an op needs to be equal, none of which can be 1."""
    found: list[tuple[Any, Any]] = []
    if len(op.results) == 1 and is_map(op):
        for arg, shape in operands_of(op):
            own = _shape(arg)
            found += zip(own, shape[len(shape) - len(own):], strict=True)
    elif is_matrix_product(op) and len(op.args) == 2 and all(_shape(a) for a in op.args):
        left, right = map(_shape, op.args)
        found.append((left[-1], right[-2] if len(right) > 1 else right[0]))
        if len(left) == len(right) == 3:
            found.append((left[0], right[0]))
    elif is_addition(op) and all(_shape(a) for a in op.args):
        found += zip(*(reversed(_shape(a)) for a in op.args), strict=False)      # the last axes stand beside each other
    return ((a, b) for a, b in found if a != b and not may_be_one(a) and not may_be_one(b))


def _shape(arg: Any) -> tuple[Dim, ...]:
    kind = arg.kind if isinstance(arg, Value) else None
    return kind.shape or () if isinstance(kind, Num) else ()
