"""A buffer that each iteration fills before it reads it belongs to the iteration.

Nothing of it is then carried from one iteration to the next, and the reverse has nothing to put back.

>>> from ad_compiler import runtime
>>> import operator
>>> from ad_compiler.ir import Const, Func, show
>>> from ad_compiler.kinds import INT
>>> x, b = (Value(h, Num("float64", (3,))) for h in "xb")
>>> i, k, outer, inner = Value("i", INT), Value("k", INT), Block(), Block()
>>> p, q = Value("b", b.kind), Value("b", b.kind)
>>> e = inner.emit(operator.getitem, x, k, kind=Num("float64", (), "np"))
>>> inner.params, inner.results = [q], [inner.emit(runtime.index_set, q, k, e, kind=b.kind, hint="b")]
>>> fill = Loop([p], inner, [Value("b", b.kind)], k, stop=Const(3))
>>> outer.params, outer.ops, outer.results = [p], [fill], list(fill.results)
>>> loop = Loop([b], outer, [Value("b", b.kind)], i, stop=Const(9))
>>> block = Block([], [loop], list(loop.results))
>>> make_private(block)
>>> print(show(Func("f", [x, b], block)))
def f(x, b):
    for i in 0, 9, 1 [b_2 = b]: -> b_3
        b_4 = empty(3)
        for k in 0, 3, 1 [b_5 = b_4]: -> b_6
            t = getitem(x, k)
            b_7 = index_set(b_5, k, t)
            hand on b_7
        hand on b_6
    return b_3
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.indices import takes_all
from ad_compiler.ir import (
    Block,
    Const,
    Loop,
    Op,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    free_values,
    operands,
    substitute,
)
from ad_compiler.kinds import Num
from ad_compiler.ops import is_overwrite


def make_private(block: Block) -> None:
    """Give each iteration its own buffer, throughout a block."""
    for stmt in block.ops:
        if isinstance(stmt, Loop) and stmt.cond is None:
            for at, param in enumerate(stmt.body.params):
                if _is_plain(param) and _filled_first(stmt.body, param, stmt):
                    _privatise(stmt, at)
        for inner in blocks_of(stmt):
            make_private(inner)


def _is_plain(value: Value) -> bool:
    """An array whose lengths are known now."""
    kind = value.kind
    shape = kind.shape if isinstance(kind, Num) and kind.real else None
    return bool(shape) and all(isinstance(d, int) for d in shape or ())


def _privatise(loop: Loop, at: int) -> None:
    param = loop.body.params[at]
    assert isinstance(param.kind, Num)
    shape: Any = tuple(map(Const, param.kind.shape or ()))
    own = Value(param.hint, param.kind)
    kwargs = {} if param.kind.dtype == "float64" else {"dtype": Const(np.dtype(param.kind.dtype).type)}
    made = Op(np.empty, (shape[0] if len(shape) == 1 else shape,), dict(kwargs), [own], loop.origin)
    handed = loop.body.results[at]
    substitute(loop.body, {param: own})
    loop.body.results[at] = own if handed is param else handed
    loop.body.ops.insert(0, made)


def _reads(stmt: Stmt, value: Value) -> bool:
    return value in operands(stmt) or any(value in free_values(inner, stmt) for inner in blocks_of(stmt))


def _filled_first(block: Block, value: Value, owner: Stmt) -> bool:
    """Is every element of an array written before any is read?"""
    if value in block_outputs(block, owner):
        return False
    stmt = next((s for s in block.ops if _reads(s, value)), None)
    if isinstance(stmt, Op):
        return is_overwrite(stmt) and stmt.args[0] is value and takes_all(stmt.args[1]) \
            and value not in operands(Op(stmt.fn, stmt.args[1:])) and not stmt.effect
    if not isinstance(stmt, Loop) or stmt.index is None or stmt.leave is not None or stmt.inits.count(value) != 1 \
            or any(value in free_values(inner, stmt) for inner in blocks_of(stmt)):
        return False
    at = stmt.inits.index(value)
    return _fills(stmt, at) or _runs(stmt) and _filled_first(stmt.body, stmt.body.params[at], stmt)


def _runs(loop: Loop) -> bool:
    """Has a loop one iteration at least?"""
    bounds = (loop.start, loop.stop, loop.step)
    known = [b.value for b in bounds if isinstance(b, Const)]
    return len(known) == 3 and len(range(*known)) > 0


def _fills(loop: Loop, at: int) -> bool:
    """Does a loop write each element of a vector, at its index, and read none?"""
    param, body = loop.body.params[at], loop.body
    kind = param.kind
    assert isinstance(kind, Num)
    shape = kind.shape or ()
    if len(shape) != 1 or not all(isinstance(b, Const) for b in (loop.start, loop.stop, loop.step)):
        return False
    if (loop.start.value, loop.stop.value, loop.step.value) != (0, shape[0], 1):     # type: ignore[union-attr]
        return False
    readers = [s for s in body.ops if _reads(s, param)]
    if len(readers) != 1 or not isinstance(readers[0], Op):
        return False
    store = readers[0]
    if not is_overwrite(store) or store.args[0] is not param or store.args[1] is not loop.index \
            or param in operands(Op(store.fn, store.args[1:])):
        return False
    after = store.result
    return body.results[at] is after and not any(_reads(s, after) for s in body.ops) \
        and block_outputs(body, loop).count(after) == 1 and param not in block_outputs(body, loop)
