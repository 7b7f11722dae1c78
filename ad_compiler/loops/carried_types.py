"""An array has one type for Numba: where a loop or a branch binds another to its name, it has that from the beginning.

>>> import operator
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import FLOAT, Sym
>>> whole, real = Num("int64", (Sym("k.0"),)), Num("float64", (Sym("k.0"),))
>>> k, n, y, body = Value("k", whole), Value("n", FLOAT), Value("y", real), Block()
>>> body.params, body.results = [y], [body.emit(operator.mul, y, Const(0.5), kind=real, hint="y")]
>>> loop = Loop([k], body, [Value("y", real)], Value("i", FLOAT), stop=n)
>>> block = Block([], [loop])
>>> block.results = [block.emit(np.sum, loop.results[0], kind=FLOAT)]
>>> print(show(one_type(Func("f", [k, n], block))))
def f(k, n):
    y = astype(k, float64)
    for i in 0, n, 1 [y_2 = y]: -> y_3
        y_4 = mul(y_2, 0.5)
        hand on y_4
    t = sum(y_3)
    return t
"""

from __future__ import annotations

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import CannotDifferentiate, Refusal
from ad_compiler.ir import Arg, Atom, Block, Branch, Const, Func, Loop, Op, Stmt, Value, blocks_of, values_in, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_store


def one_type(func: Func) -> Func:
    """Convert what there is at first; where that would be seen, or is another memory, or an index, it is refused."""
    stored = {s.args[0] for s in walk(func.body) if is_store(s)}
    _visit(func.body, set(values_in(func.body.results)), stored)
    return func


def _visit(block: Block, returned: set[Value], stored: set[Arg]) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        if isinstance(stmt, Loop):
            shown = {at for at, result in enumerate(stmt.results) if result in returned}
            returned.update(values_in([stmt.body.results[at] for at in shown]))
            for at, (init, param) in enumerate(zip(stmt.inits, stmt.body.params, strict=True)):
                fixed = param in stored or not stmt.reverse and at in shown and not _runs(stmt)
                stmt.inits[at] = _as(init, param, ops, stmt, fixed)
        elif isinstance(stmt, Branch) and stmt.way == "if":
            for at, result in enumerate(stmt.results):
                fixed = result in stored or not stmt.reverse and result in returned
                for arm in (stmt.then, stmt.orelse):
                    returned.update(values_in(arm.results[at] if result in returned else ()))
                    arm.results[at] = _as(arm.results[at], result, arm.ops, stmt, fixed)
        for inner in blocks_of(stmt):
            _visit(inner, returned, stored)
        ops.append(stmt)
    block.ops = ops


def _as(given: Atom, name: Value, ops: list[Stmt], at: Loop | Branch, fixed: bool) -> Atom:
    """What is given to a name, in the type that it has; `fixed`: it is to be what it is."""
    own, wanted = given.kind if isinstance(given, Value) else None, name.kind
    if not isinstance(own, Num) or not isinstance(wanted, Num) or own.dtype == wanted.dtype \
            or not own.is_array or not wanted.is_array:
        return given
    if fixed and at.reverse:
        return given
    if fixed or not at.reverse and own.dtype == "bool":
        raise _refusal(at, name.hint, own.dtype, wanted.dtype)
    made = Value(name.hint, Num(wanted.dtype, own.shape, own.form))
    dtype = Const(np.dtype(wanted.dtype).type)
    ops.append(Op(runtime.astype, (given, dtype), {}, [made], at.origin, reverse=at.reverse))
    return made


def _runs(loop: Loop) -> bool:
    """Is it certain that there is an iteration?  Else what is returned has the type that it had before."""
    bounds = [n.value for n in (loop.start, loop.stop, loop.step) if isinstance(n, Const)]
    return loop.index is not None and len(bounds) == 3 and len(range(*bounds)) > 0


def _refusal(loop: Loop | Branch, name: str, before: str, inside: str) -> CannotDifferentiate:
    at = loop.origin
    file, line, text = (at.file, at.line, at.text) if at is not None else ("", 0, "")
    return CannotDifferentiate(Refusal(
        f"Numba knows one type of `{name}`, which may be of {before} here, or of {inside}", file, line, text, 0,
        f"make it one of {inside} before, or leave out backend='numba'"))
