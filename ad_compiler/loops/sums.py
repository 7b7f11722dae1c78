"""What an iteration adds to a sum is put together first: one addition waits for the iteration before, not several.

`s = s + u + v` becomes `s = s + (u + v)`.  The sum is the same to rounding.

>>> from ad_compiler.ir import Block, Const, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> u, v, s, i, body = Value("u", FLOAT), Value("v", FLOAT), Value("s", FLOAT), Value("i", INT), Block()
>>> body.params = [s]
>>> t = body.emit(operator.add, s, u, kind=FLOAT)
>>> body.results = [body.emit(operator.add, t, v, kind=FLOAT, hint="s")]
>>> loop = Loop([Const(0.0)], body, [Value("s", FLOAT)], i, stop=Const(9))
>>> print(show(sum_first(Func("f", [u, v], Block([], [loop], list(loop.results))))))
def f(u, v):
    for i in 0, 9, 1 [s = 0.0]: -> s_2
        t = add(u, v)
        s_3 = add(s, t)
        hand on s_3
    return s_2
"""

from __future__ import annotations

import operator
from collections import Counter

from ad_compiler.ir import Func, Loop, Op, Value, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_addition, is_sum
from ad_compiler.optimise.facts import count_uses


def sum_first(func: Func) -> Func:
    """Shorten chains of additions to what loops carry."""
    uses = count_uses(func.body)
    for stmt in walk(func.body):
        if isinstance(stmt, Loop):
            for at in range(len(stmt.body.params)):
                _shorten(stmt, at, uses)
    return func


def _shorten(loop: Loop, at: int, uses: Counter[Value]) -> None:
    param, handed = loop.body.params[at], loop.body.results[at]
    makers = {v: s for s in loop.body.ops if isinstance(s, Op) for v in s.results}
    chain: list[Op] = []
    now = handed
    while isinstance(now, Value) and now in makers and _adds(makers[now]) and uses[now] == 1:
        chain.append(makers[now])
        now = makers[now].args[0]
    if now is not param or len(chain) < 2 or uses[param] != 1:
        return
    chain.reverse()
    kind = chain[-1].result.kind
    last = chain[-1]
    if not is_addition(chain[0]):
        return
    total = chain[0].args[1]
    for op in chain[1:]:        # each takes the place of the one that it was, so that what it reads is there
        value = Value("", kind)
        at_op = loop.body.ops.index(op)
        loop.body.ops.insert(at_op, Op(op.fn, (total, op.args[1]), {}, [value], op.origin, reverse=op.reverse))
        total = value
    for op in chain[:-1]:
        loop.body.ops.remove(op)
    last.fn, last.args = operator.add, (param, total)


def _adds(op: Op) -> bool:
    """Is this a sum or difference of floats?"""
    return is_sum(op) and not op.kwargs and all(
        isinstance(v.kind, Num) and v.kind.shape == () and v.kind.real for v in (op.args[0], op.result)
        if isinstance(v, Value)) and isinstance(op.args[0], Value)
