"""`with np.errstate(...)` is left out where it asks for no error: what Numba compiles does not warn.

>>> from ad_compiler.ir import UNDEFINED, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block, body, y = Value("x", FLOAT), Block(), Block(), Value("y", FLOAT)
>>> quiet = block.emit(np.errstate, kind=FLOAT)
>>> body.results = [body.emit(np.log, x, kind=FLOAT)]
>>> block.ops.append(Branch(quiet, body, Block([], [], [UNDEFINED]), [y], way="with"))
>>> block.results = [y]
>>> print(show(without_errstate(Func("f", [x], block))))
def f(x):
    y = log(x)
    return y
"""

from __future__ import annotations

import numpy as np

from ad_compiler.ir import Atom, Block, Branch, Const, Func, Op, Stmt, Value, blocks_in, blocks_of, walk
from ad_compiler.optimise.facts import replace_values

QUIET = ("ignore", "warn")


def without_errstate(func: Func) -> Func:
    """Open such regions throughout."""
    mapping: dict[Value, Atom] = {}
    opened: set[Op] = set()
    _visit(func.body, {}, mapping, opened)
    for block in (func.body, *blocks_in(walk(func.body))) if opened else ():
        block.ops = [stmt for stmt in block.ops if stmt not in opened]
    replace_values(func, mapping)
    return func


def _visit(block: Block, quiet: dict[Atom, Op], mapping: dict[Value, Atom], opened: set[Op]) -> None:
    """What is entered may stand before the loop or the branch that the region is in."""
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner, quiet, mapping, opened)
        if isinstance(stmt, Op) and _is_quiet(stmt):
            quiet[stmt.result] = stmt
        if isinstance(stmt, Branch) and stmt.way == "with" and stmt.cond in quiet:
            opened.add(quiet[stmt.cond])
            ops += stmt.then.ops
            for value, atom in zip(stmt.results, stmt.then.results, strict=True):
                if isinstance(atom, Value):
                    atom.hint = atom.hint or value.hint
                mapping[value] = atom
        else:
            ops.append(stmt)
    block.ops = ops


def _is_quiet(op: Op) -> bool:
    return op.fn is np.errstate and not op.args and all(
        isinstance(how, Const) and how.value in QUIET for how in op.kwargs.values())
