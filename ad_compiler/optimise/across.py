"""What two loops over the same range both compute is kept by the first, in the tangent of a gradient.

The loops of a gradient compute different things; their tangents do not: a slope, which the first loop of the gradient
does without, its tangent needs as the tangent of the second one does.

>>> import numpy as np
>>> from ad_compiler import grad
>>> from ad_compiler.forward import jvp_function
>>> def f(x):
...     h = np.zeros(3)
...     for t in range(len(x)):
...         h = np.tanh(h + x[t])
...     return h @ h
>>> source = jvp_function(grad(f), 1)[0].source_for(np.ones((4, 3)), np.ones((4, 3)))
>>> [line.strip() for line in source.splitlines() if "1.0 - h * h" in line or "s_trail[" in line]
['s = 1.0 - h * h', 's_trail[t] = s', 's = s_trail[t]']
"""

from __future__ import annotations

import operator
from typing import TypeGuard

from ad_compiler.adjoint.walk import letters_of
from ad_compiler.analyse.choose import size
from ad_compiler.indices import same_arg
from ad_compiler.ir import Block, Func, Loop, Op, Value, blocks_in, operands
from ad_compiler.kinds import Num, Seq
from ad_compiler.ops import is_elementwise, is_read
from ad_compiler.optimise.cse import Sharer, may_share
from ad_compiler.optimise.facts import count_uses

LARGE = 10_000
"""So large an array is computed again sooner than kept."""


def share_across(func: Func) -> Func:
    """Let loops keep what others like them compute again."""
    if func.forward:
        _visit(func.body)
    return func


def _visit(block: Block) -> None:
    for inner in blocks_in(block.ops):
        _visit(inner)
    loops = [stmt for stmt in block.ops if isinstance(stmt, Loop) and stmt.index is not None and stmt.leave is None
             and stmt.snapshots is None]
    for at, later in enumerate(loops):
        for first in loops[:at]:
            if first.trails and all(same_arg(getattr(first, end), getattr(later, end))
                                    for end in ("start", "stop", "step")):
                _share(first, later)


def _share(first: Loop, later: Loop) -> None:
    """Keep in `first` what `later` makes of the same things in the same way, and reads again."""
    assert first.index is not None
    assert later.index is not None
    kept = {trail: inner for inner, trail in first.trails if isinstance(inner, Value)}
    reads = [op for op in later.body.ops if is_read(op) and op.args[1] is later.index
             and isinstance(op.args[0], Value) and op.args[0] in kept]
    if not reads:
        return
    sharer = Sharer({later.index: first.index} | {read.result: kept[read.args[0]] for read in reads})
    known = {sharer.key_of(op): op.result for op in first.body.ops if _makes_array(op)}
    found: dict[Op, Value] = {}
    for op in later.body.ops:
        if not _makes_array(op) or sharer.mapping.keys().isdisjoint(operands(op)):
            continue
        same = known.get(sharer.key_of(op))
        if same is not None and same.kind == op.result.kind:
            found[op] = sharer.mapping[op.result] = same
    letters = letters_of(first.body) if found else {}
    inside = count_uses(Block([], [*found]))
    everywhere = count_uses(later.body)
    for op, same in found.items():
        if everywhere[op.result] == inside[op.result]:
            continue
        trail = Value(f"{same.hint}_trail" if same.hint else "", Seq(same.kind))
        first.trails.append((same, trail))
        op.fn, op.args, op.spelling = operator.getitem, (trail, later.index), ""
        if everywhere[op.result] > 1 and not op.result.hint:
            op.result.hint = same.hint or "~" + letters.get(same, "t")


def _makes_array(op: object) -> TypeGuard[Op]:
    """Is it elementwise arithmetic, of an array that is not too large to be kept?"""
    return isinstance(op, Op) and len(op.results) == 1 and is_elementwise(op) and not op.kwargs and may_share(op) \
        and isinstance(op.result.kind, Num) and op.result.kind.is_array and bool(op.result.kind.shape) \
        and size(op.result.kind) < LARGE
