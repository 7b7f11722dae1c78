"""What a loop adds to zeros, at its own index and once in an iteration, it stores there.

Where that fills the array, nothing is left of the zeros.

>>> import operator
>>> from ad_compiler.ir import Const, show
>>> from ad_compiler.kinds import FLOAT, INT, Num, Sym
>>> x, block, body, i = Value("x", Num("float64", (Sym("x.0", True),))), Block(), Block(), Value("i", INT)
>>> count = block.emit(len, x, kind=Num("int64", (), "py", Sym("x.0")))
>>> zeros = block.emit(np.zeros_like, x, kind=x.kind)
>>> body.params = [Value("x_bar", x.kind)]
>>> two = body.emit(operator.mul, Const(2.0), body.emit(operator.getitem, x, i, kind=FLOAT), kind=FLOAT)
>>> body.results = [body.emit(runtime.index_add, body.params[0], i, two, kind=x.kind, hint="x_bar")]
>>> loop = Loop([zeros], body, [Value("x_bar", x.kind)], i, stop=count, reverse=True)
>>> block.ops.append(loop)
>>> block.results = list(loop.results)
>>> print(show(store_once(Func("f", [x], block))))
def f(x):
    t = len(x)
    t_2 = empty_like(x)
    for i in 0, t, 1 [x_bar = t_2]: -> x_bar_2
        t_3 = getitem(x, i)
        t_4 = mul(2.0, t_3)
        x_bar_3 = index_set(x_bar, i, t_4)
        hand on x_bar_3
    return x_bar_2
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import (
    Arg,
    Block,
    Branch,
    Func,
    Loop,
    Op,
    Value,
    block_outputs,
    blocks_of,
    free_values,
    operands,
    walk,
)
from ad_compiler.ops import is_increment, is_like, is_zeros
from ad_compiler.optimise.facts import count_uses, num, number
from ad_compiler.optimise.lengths import times_through


def store_once(func: Func) -> Func:
    """Turn sums into stores in all loops of the reverse sweep."""
    uses = count_uses(func.body)
    zeros = {op.result: op for op in walk(func.body)
             if is_zeros(op) and len(op.results) == 1 and uses[op.result] == 1}
    for loop in walk(func.body) if zeros else ():
        if not isinstance(loop, Loop) or not loop.reverse or not _goes_up(loop):
            continue
        for init, param, handed in zip(loop.inits, loop.body.params, loop.body.results, strict=True):
            made = zeros.get(init) if isinstance(init, Value) else None
            found = _sums(loop.body, param, handed, loop) if made is not None else None
            if made is None or found is None:
                continue
            for op in found.ops:
                op.fn = runtime.index_set
            if found.always and _goes_through(loop, init):
                made.fn = np.empty_like if is_like(made) else np.empty
    return func


def _goes_up(loop: Loop) -> bool:
    """Is the index of a counted loop another number in each iteration, and never negative?"""
    start, step = number(loop.start), number(loop.step)
    return loop.index is not None and start is not None and start >= 0 and step is not None and step > 0


def _goes_through(loop: Loop, array: Any) -> bool:
    """Does a loop take all places of an array?"""
    return loop.leave is None and times_through(loop) == array.kind.shape[0]


class Sums(NamedTuple):
    """What is added to an array in one iteration: at most one of these, `always` one."""

    ops: list[Op]
    always: bool
    after: Value


def _sums(block: Block, now: Value, last: Arg, owner: Loop | Branch, index: Value | None = None) -> Sums | None:
    """The sums on the ways from an array to what is handed on; None where there is more on one, or it is read."""
    index = owner.index if isinstance(owner, Loop) else index
    found, gone = Sums([], False, now), set[Value]()
    for stmt in block.ops:
        read = {*operands(stmt), *(v for inner in blocks_of(stmt) for v in free_values(inner, stmt))}
        if not gone.isdisjoint(read):
            return None
        if found.after not in read:
            continue
        more = None
        if isinstance(stmt, Op) and _is_sum(stmt, found.after, index):
            more = Sums([stmt], True, stmt.result)
        elif isinstance(stmt, Branch) and stmt.way == "if":
            more = _in_arms(stmt, found.after, index)
        if more is None or found.ops:
            return None
        gone.add(found.after)
        found = more
    handed = block_outputs(block, owner)
    return found if found.after is last and handed.count(last) == 1 and gone.isdisjoint(handed) else None


def _in_arms(branch: Branch, now: Value, index: Value | None) -> Sums | None:
    """The same of a branch."""
    for at, result in enumerate(branch.results):
        ways = [_sums(arm, now, arm.results[at], branch, index) for arm in blocks_of(branch)]
        if None not in ways:
            return Sums([op for way in ways if way for op in way.ops], all(way.always for way in ways if way), result)
    return None


def _is_sum(op: Op, now: Value, index: Value | None) -> bool:
    """Is this `now[index] += v`, with a value that fills the place?"""
    if not is_increment(op) or op.args[0] is not now or op.args[1] is not index or op.args[2] is now:
        return False
    into, value = num(now), num(op.args[2])
    return into is not None and value is not None and bool(into.shape) and value.shape == into.shape[1:]    # type: ignore[index]
