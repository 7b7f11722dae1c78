"""What nothing needs goes: ops, carried values, results of branches, trails, whole loops.

An op with an effect stays, and so does one of the forward sweep that may raise.

>>> import operator
>>> from ad_compiler.ir import Block, Const, Func, Loop, Value, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> x, p, q, n = Value("x", FLOAT), Value("p", FLOAT), Value("q", FLOAT), Value("n", INT)
>>> body = Block([p, q])
>>> body.results = [body.emit(operator.mul, p, x, kind=FLOAT), body.emit(operator.add, q, p, kind=FLOAT)]
>>> p_out, q_out = Value("p", FLOAT), Value("q", FLOAT)
>>> loop = Loop([x, Const(0.0)], body, [p_out, q_out], Value("i", INT), stop=n)
>>> func = Func("f", [x, n], Block([], [loop], [p_out]))
>>> print(show(func))
def f(x, n):
    for i in 0, n, 1 [p = x, q = 0.0]: -> p_2, q_2
        t = mul(p, x)
        t_2 = add(q, p)
        hand on t, t_2
    return p_2
>>> print(show(drop_dead(func)))
def f(x, n):
    for i in 0, n, 1 [p = x]: -> p_2
        t = mul(p, x)
        hand on t
    return p_2
"""

from __future__ import annotations

from ad_compiler.ir import Arg, Block, Branch, Func, Loop, Op, Stmt, Value, blocks_of, operands, values_in
from ad_compiler.kinds import Dim
from ad_compiler.optimise.facts import must_stay
from ad_compiler.optimise.failures import index_lengths, may_fail
from ad_compiler.passes import counts


@counts
def drop_dead(func: Func) -> Func:
    """Remove what neither the result nor an effect needs."""
    marker = _Marker(index_lengths(func))
    marker.survey(func.body, None)
    marker.need(func.body.results)
    marker.run()
    marker.sweep(func.body)
    func.edits += marker.dropped
    func.refs = {value: get for value, get in func.refs.items() if value in marker.needed}
    return func


class _Marker:
    """Marks values backwards from what is needed.

    A value is found by what makes it, so a reverse sweep that still reads the inside of a forward loop
    keeps that loop.
    """

    def __init__(self, lengths: dict[Value, Dim]) -> None:
        self.lengths = lengths
        self.maker: dict[Value, Stmt] = {}
        self.column: dict[Value, tuple[Branch | Loop, int]] = {}
        self.inner_of: dict[Value, Arg] = {}
        self.owner: dict[Stmt, Stmt | None] = {}
        self.live: set[Stmt] = set()
        self.columns: set[tuple[Stmt, int]] = set()
        self.needed: set[Value] = set()
        self.todo: list[Value] = []
        self.dropped = False

    def survey(self, block: Block, owner: Stmt | None) -> None:
        for stmt in block.ops:
            self.owner[stmt] = owner
            if type(stmt) is Op:
                for result in stmt.results:
                    self.maker[result] = stmt
                if must_stay(stmt) or not stmt.reverse and may_fail(stmt, self.lengths):
                    self.keep(stmt)
                continue
            for at, result in enumerate(stmt.results):
                self.column[result] = stmt, at
            if isinstance(stmt, Loop):
                for at, param in enumerate(stmt.body.params):
                    self.column[param] = stmt, at
                for value in (stmt.index, stmt.trips):
                    if value is not None:
                        self.maker[value] = stmt
                for inner, trail in stmt.trails:
                    self.maker[trail], self.inner_of[trail] = stmt, inner
            for inner_block in blocks_of(stmt):
                self.survey(inner_block, stmt)
            if isinstance(stmt, Branch) and stmt.way != "if":
                self.keep(stmt)

    def need(self, arg: Arg) -> None:
        self.need_all(values_in(arg))

    def need_all(self, values: list[Value]) -> None:
        for value in values:
            if value not in self.needed:
                self.needed.add(value)
                self.todo.append(value)

    def keep(self, stmt: Stmt | None) -> None:
        while stmt is not None and stmt not in self.live:
            self.live.add(stmt)
            if type(stmt) is Op:
                self.need_all(operands(stmt))
            elif isinstance(stmt, Branch):
                self.need(stmt.cond)
            else:
                if stmt.index is not None:
                    self.need((stmt.start, stmt.stop, stmt.step))
                if stmt.cond is not None:
                    self.need(stmt.cond.results)
                self.need(stmt.leave)
            stmt = self.owner[stmt]

    def run(self) -> None:
        while self.todo:
            value = self.todo.pop()
            if value in self.column:
                stmt, at = self.column[value]
                self.keep(stmt)
                self.columns.add((stmt, at))
                if isinstance(stmt, Branch):
                    self.need((stmt.then.results[at], stmt.orelse.results[at]))
                else:
                    self.need((stmt.inits[at], stmt.body.results[at]))
            elif value in self.maker:
                self.keep(self.maker[value])
                if value in self.inner_of:
                    self.need(self.inner_of[value])

    def sweep(self, block: Block) -> None:
        ops = [stmt for stmt in block.ops if stmt in self.live]
        self.dropped = self.dropped or len(ops) < len(block.ops)
        block.ops = ops
        for stmt in ops:
            if type(stmt) is Op:
                continue
            if isinstance(stmt, Branch):
                kept = [at for at in range(len(stmt.results)) if (stmt, at) in self.columns]
                self.dropped = self.dropped or len(kept) < len(stmt.results)
                stmt.results = [stmt.results[at] for at in kept]
                for arm in (stmt.then, stmt.orelse):
                    arm.results = [arm.results[at] for at in kept]
            else:
                kept = [at for at in range(len(stmt.results)) if (stmt, at) in self.columns]
                trails = [(inner, trail) for inner, trail in stmt.trails if trail in self.needed]
                self.dropped = self.dropped or len(kept) < len(stmt.results) or len(trails) < len(stmt.trails)
                keep_columns(stmt, kept)
                stmt.trails = trails
                if stmt.trips is not None and stmt.trips not in self.needed:
                    stmt.trips, self.dropped = None, True
            for inner_block in blocks_of(stmt):
                self.sweep(inner_block)


def keep_columns(loop: Loop, kept: list[int]) -> None:
    """Leave a loop with some of its carried values."""
    loop.inits = [loop.inits[at] for at in kept]
    loop.body.params = [loop.body.params[at] for at in kept]
    loop.body.results = [loop.body.results[at] for at in kept]
    loop.results = [loop.results[at] for at in kept]
