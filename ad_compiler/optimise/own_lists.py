"""A list that a loop changes is copied before the loop, where it is another's too: then the loop changes it in place.

>>> import operator
>>> from ad_compiler.ir import Block, Const, Loop, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> kind, i = Seq(FLOAT), Value("i", INT)
>>> rows, n = Value("rows", Seq(kind)), Value("n", INT)
>>> block, body = Block(), Block([Value("row", kind)])
>>> row = block.emit(operator.getitem, rows, Const(0), kind=kind, hint="row")
>>> add = Op(runtime.list_add, (body.params[0], i, Const(1.0)), {}, [Value("row", kind)])
>>> body.ops, body.results = [add], [add.result]
>>> block.ops.append(Loop([row], body, [Value("row", kind)], i, stop=n))
>>> block.results = [block.ops[-1].results[0]]
>>> func = Func("f", [rows, n], block)
>>> len(own_lists(func, [add]))
1
>>> print(show(func))
def f(rows, n):
    row = getitem(rows, 0)
    row_2 = list_copy(row)
    for i in 0, n, 1 [row_3 = row_2]: -> row_4
        row_5 = list_add(row_3, i, 1.0)
        hand on row_5
    return row_4
"""

from __future__ import annotations

from typing import NamedTuple

from ad_compiler import runtime
from ad_compiler.ir import Block, Func, Loop, Op, Value, blocks_of
from ad_compiler.kinds import Seq
from ad_compiler.ops import writes_list


class Copied(NamedTuple):
    """A copy of what a loop carries, where it stands, and what it is for."""

    copy: Op
    block: Block
    loop: Loop
    at: int
    wishes: list[Op]

    def undo(self) -> None:
        """Take it away again."""
        self.block.ops.remove(self.copy)
        self.loop.inits[self.at] = self.copy.args[0]


def own_lists(func: Func, wishes: list[Op]) -> list[Copied]:
    """Copy the lists that these ops would change, if they were the function's own, before the loops around the ops."""
    if not wishes:
        return []
    carried: dict[Value, tuple[Block, Loop, int]] = {}
    makers: dict[Value, Op] = {}
    look(func.body, carried, makers)
    found: dict[tuple[Loop, int], Copied] = {}
    for wish in wishes:
        of, spot = wish.args[0], None
        while isinstance(of, Value):
            if of in carried:
                spot = carried[of]
                of = spot[1].inits[spot[2]]
            elif of in makers and writes_list(makers[of]):
                of = makers[of].args[0]
            else:
                break
        if spot is None:
            continue
        block, loop, at = spot
        of = loop.inits[at]
        if not isinstance(of, Value) or not isinstance(of.kind, Seq) or isinstance(of.kind.elem, Seq):
            continue
        if (loop, at) not in found:
            copy = Op(runtime.list_copy, (of,), {}, [Value(of.hint, of.kind)], loop.origin, reverse=loop.reverse)
            block.ops.insert(block.ops.index(loop), copy)
            loop.inits[at] = copy.result
            found[loop, at] = Copied(copy, block, loop, at, [])
        found[loop, at].wishes.append(wish)
    return list(found.values())


def look(block: Block, carried: dict[Value, tuple[Block, Loop, int]], makers: dict[Value, Op]) -> None:
    """Find what makes each value, and the loops that carry lists."""
    for stmt in block.ops:
        if isinstance(stmt, Op):
            makers.update(dict.fromkeys(stmt.results[:1], stmt))
        elif isinstance(stmt, Loop):
            carried.update((p, (block, stmt, at)) for at, p in enumerate(stmt.body.params) if isinstance(p.kind, Seq))
        for inner in blocks_of(stmt):
            look(inner, carried, makers)
