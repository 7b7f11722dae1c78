"""Sums into one cotangent that come from one line stand in the order of that line, not back to front.

>>> from ad_compiler import runtime
>>> from ad_compiler.ir import Block, Const, Origin, Slice, show
>>> from ad_compiler.kinds import Num, Sym
>>> kind, line = Num("float64", (Sym("n"),)), Origin("f.py", 3, 3, "y = x[:-2] * x[2:]", "f")
>>> (a, g, h), block = (Value(name, kind) for name in ("a_bar", "g", "h")), Block()
>>> right, left = (Slice(Const(i), Const(j), Const(None)) for i, j in ((2, None), (None, -2)))
>>> b = block.emit(runtime.index_add, a, right, g, kind=kind, hint="a_bar", reverse=True, origin=line)
>>> block.results = [block.emit(runtime.index_add, b, left, h, kind=kind, hint="a_bar", reverse=True, origin=line)]
>>> print(show(as_written(Func("f", [a, g, h], block))))
def f(a_bar, g, h):
    a_bar_2 = index_add(a_bar, :-2:, h)
    a_bar_3 = index_add(a_bar_2, 2::, g)
    return a_bar_3
"""

from __future__ import annotations

from collections import Counter

from ad_compiler.ir import Block, Func, Op, Stmt, Value, blocks_in, walk
from ad_compiler.ops import is_increment
from ad_compiler.optimise.facts import count_uses


def as_written(func: Func) -> Func:
    """Turn runs of sums round, in every block of the reverse sweep."""
    blocks = [block for block in (func.body, *blocks_in(walk(func.body)))
              if any(map(is_increment, block.ops))]
    uses = count_uses(func.body) if blocks else Counter[Value]()
    for block in blocks:
        done: set[Op] = set()
        readers = {stmt.args[0]: stmt for stmt in block.ops if isinstance(stmt, Op) and stmt.args
                   and isinstance(stmt.args[0], Value)}
        for stmt in list(block.ops):
            if stmt not in done:
                run = _run(stmt, uses, readers)
                done.update(run)
                if len(run) > 1:
                    _turn(block, run)
    return func


def _is_sum(stmt: Stmt) -> bool:
    return is_increment(stmt) and stmt.reverse


def _run(stmt: Stmt, uses: Counter[Value], readers: dict[Value, Op]) -> list[Op]:
    """Sums one after the other, of one line, whose results nothing else reads; `readers`: as their first argument."""
    run: list[Op] = []
    following: Stmt | None = stmt
    while isinstance(following, Op) and _is_sum(following) and (not run or following.origin == run[0].origin):
        run.append(following)
        if uses[following.result] != 1:
            break
        following = readers.get(following.result)
    return run


def _turn(block: Block, run: list[Op]) -> None:
    """All of a run where its last one stands, in the other order."""
    at = block.ops.index(run[-1])
    given = [op.args[1:] for op in reversed(run)]
    for op, args in zip(run, given, strict=True):
        op.args = (op.args[0], *args)
    block.ops[at + 1:at + 1] = run[:-1] + [run[-1]]
    for op in run:
        block.ops.remove(op)
