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

from functools import cached_property

from ad_compiler.indices import gathers, same_arg
from ad_compiler.ir import Arg, Block, Branch, Func, Loop, Op, Stmt, Value, blocks_of, operands, values_in
from ad_compiler.kinds import Num
from ad_compiler.ops import is_access, is_read
from ad_compiler.optimise.facts import must_stay
from ad_compiler.optimise.failures import Lengths, has_pole, index_lengths, may_fail
from ad_compiler.passes import counts


@counts
def drop_dead(func: Func) -> Func:
    """Remove what neither the result nor an effect needs."""
    marker = _Marker(func)
    marker.need(func.body.results)
    marker.run(func.body.ops)
    marker.sweep(func.body)
    func.edits += marker.dropped
    func.refs = {value: get for value, get in func.refs.items() if value in marker.needed}
    return func


def shape_of_picked(op: Op) -> Num | None:
    """The kind of the array that is read or stored into."""
    kind = op.args[0].kind if isinstance(op.args[0], Value) else None
    return kind if isinstance(kind, Num) else None


class _Marker:
    """Marks what is needed, last statement first.

    A reverse sweep that still reads the inside of a forward loop keeps that loop.
    """

    def __init__(self, func: Func) -> None:
        self.func = func
        self.live: set[Stmt] = set()
        self.columns: set[tuple[Stmt, int]] = set()
        self.needed: set[Value] = set()
        self.dropped = False

    @cached_property
    def lengths(self) -> Lengths:
        """Asked where something may go that could fail, which is seldom."""
        return index_lengths(self.func)

    def need(self, arg: Arg) -> None:
        self.needed.update(values_in(arg))

    def run(self, ops: list[Stmt]) -> bool:
        """Mark statements; is one of them live?"""
        live, needed, found = self.live, self.needed, False
        for stmt in reversed(ops):
            if type(stmt) is not Op:
                found = (self.branch(stmt) if isinstance(stmt, Branch) else self.loop(stmt)) or found
            elif stmt in live:
                found = True
            elif not needed.isdisjoint(stmt.results) or not self.may_go(stmt):
                live.add(stmt)
                needed.update(operands(stmt))
                found = True
        return found

    def met_elsewhere(self, op: Op) -> bool:
        """Is this a read at positions at which an array of the same shape is read or stored into anyway?  Or a pole?

        What is met there raises: an index that is not inside, a negative power of zero.
        """
        ops = (other for other in self.live if isinstance(other, Op))
        if has_pole(op):
            base = op.args[0]
            return isinstance(base, Value) and any(has_pole(other) and other.args[0] is base for other in ops)
        kind = shape_of_picked(op) if is_read(op) else None
        return kind is not None and any(
            is_access(other) and gathers(other.args[1]) and (of := shape_of_picked(other)) is not None
            and of.shape == kind.shape and same_arg(other.args[1], op.args[1]) for other in ops)

    def may_go(self, op: Op) -> bool:
        """Do its results alone show that an op was there?  It is asked once, for the same arguments."""
        if op.safe is not op.args:
            if must_stay(op):
                return False
            if may_fail(op, self.lengths):
                return self.met_elsewhere(op)
            op.safe = op.args
        return True

    def branch(self, branch: Branch) -> bool:
        arms = (branch.then, branch.orelse)
        kept = self.kept(branch, branch.results)
        for at in kept:
            self.need([arm.results[at] for arm in arms])
        inside = [self.run(arm.ops) for arm in arms]
        if not kept and not any(inside) and branch.way in ("if", "checkpoint"):
            return False
        self.live.add(branch)
        self.need(branch.cond)
        return True

    def loop(self, loop: Loop) -> bool:
        """Round and round, for an iteration may need what the one before it hands on."""
        body, live = loop.body, loop in self.live
        while True:
            kept = self.kept(loop, loop.results, body.params)
            self.need([body.results[at] for at in kept])
            trails = [inner for inner, trail in loop.trails if trail in self.needed]
            self.need(trails)
            live = live or bool(kept or trails) or loop.index in self.needed or loop.trips in self.needed
            if live:
                self.need((loop.leave, [] if loop.cond is None else loop.cond.results))
            inside = self.run(body.ops)
            inside = loop.cond is not None and self.run(loop.cond.ops) or inside
            if (live or not inside) and kept == self.kept(loop, loop.results, body.params):
                break
            live = live or inside
        if live:
            self.live.add(loop)
            self.need([loop.inits[at] for at in kept])
            self.need((loop.start, loop.stop, loop.step, loop.snapshots))
        return live

    def kept(self, stmt: Branch | Loop, *columns: list[Value]) -> list[int]:
        """Which of its results are needed, in an iteration of a loop or after it."""
        kept = [at for at, values in enumerate(zip(*columns, strict=True)) if not self.needed.isdisjoint(values)]
        self.columns.update((stmt, at) for at in kept)
        return kept

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
