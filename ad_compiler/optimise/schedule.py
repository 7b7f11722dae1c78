"""Within one line's share of the reverse sweep, what is returned comes first.

An unnamed value that is read once stays directly before what reads it.

>>> import operator
>>> from ad_compiler.ir import Const, show
>>> from ad_compiler.kinds import FLOAT
>>> g, block = Value("g", FLOAT), Block()
>>> def call(hint, *args):
...     return block.emit(operator.mul, *args, kind=FLOAT, hint=hint, reverse=True)
>>> h_bar = call("h_bar", g, Const(2.0))
>>> t = call("", g, Const(3.0))
>>> w_bar = call("w_bar", t, Const(4.0))
>>> block.results = [(w_bar, call("x_bar", h_bar, h_bar))]
>>> print(show(schedule(Func("f_grad", [g], block))))
def f_grad(g):
    t = mul(g, 3.0)
    w_bar = mul(t, 4.0)
    h_bar = mul(g, 2.0)
    x_bar = mul(h_bar, h_bar)
    return (w_bar, x_bar)
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import groupby

from ad_compiler.ir import Block, Func, Op, Stmt, Value, blocks_in, operands, values_in
from ad_compiler.ops import is_store
from ad_compiler.optimise.facts import count_uses

Place = tuple[int, int]


def schedule(func: Func) -> Func:
    """Put pure ops of the reverse sweep that come from one line in order."""
    returned: dict[Value, int] = {}
    for value in values_in(func.body.results):
        returned.setdefault(value, len(returned))
    _Scheduler(returned, dict(count_uses(func.body))).block(func.body)
    return func


def _line(stmt: Stmt) -> object:
    """Equal for neighbours that may change places; what reads an array stays on its side of a store into it."""
    if not isinstance(stmt, Op) or not stmt.reverse or stmt.effect or is_store(stmt):
        return stmt
    return None if stmt.origin is None else (stmt.origin.line, stmt.origin.func)


class _Scheduler:
    def __init__(self, returned: dict[Value, int], uses: dict[Value, int]) -> None:
        self.returned, self.uses = returned, uses

    def block(self, block: Block) -> None:
        ordered: list[Stmt] = []
        for _, group in groupby(block.ops, _line):
            run = list(group)
            ops = [stmt for stmt in run if isinstance(stmt, Op)]
            ordered += self.run(ops) if len(ops) > 1 else run
        block.ops = ordered
        for inner in blocks_in(ordered):
            self.block(inner)

    def run(self, ops: list[Op]) -> list[Op]:
        """Units of ops, each when what it reads is there."""
        units = self.units(ops)
        maker = {v: at for at, unit in enumerate(units) for op in unit for v in op.results}
        waits = [{maker[v] for op in unit for v in operands(op) if v in maker} - {at} for at, unit in enumerate(units)]
        readers: list[list[int]] = [[] for _ in units]
        for at, others in enumerate(waits):
            for other in others:
                readers[other].append(at)
        ready = [self.place(unit, at) for at, unit in enumerate(units) if not waits[at]]
        heapify(ready)
        out: list[Op] = []
        while ready:
            _, done = heappop(ready)
            out += units[done]
            for at in readers[done]:
                waits[at].remove(done)
                if not waits[at]:
                    heappush(ready, self.place(units[at], at))
        return out

    def units(self, ops: list[Op]) -> list[list[Op]]:
        """Each op with the unnamed ops that only it reads in front of it, in their order."""
        reader = {v: op for op in ops for v in operands(op)}
        root: dict[Op, Op] = {}
        for op in reversed(ops):
            only = reader.get(op.results[0]) if len(op.results) == 1 else None
            nested = only is not None and not op.results[0].hint and self.uses.get(op.results[0], 0) == 1
            root[op] = root[only] if nested and only is not None else op
        units: dict[Op, list[Op]] = {}
        for op in ops:
            units.setdefault(root[op], []).append(op)
        order = {op: at for at, op in enumerate(ops)}
        return sorted(units.values(), key=lambda unit: order[unit[-1]])

    def place(self, unit: list[Op], at: int) -> Place:
        ranks = [self.returned[v] for op in unit for v in op.results if v in self.returned]
        return min(ranks, default=len(self.returned)), at
