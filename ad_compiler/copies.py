"""Statements once more, with values of their own: a loop over the samples may hold what another one holds too.

>>> import operator
>>> from ad_compiler.ir import Const, Func, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, Const(2.0), hint="y", kind=FLOAT)
>>> now = {}
>>> again = copied(block.ops, now)
>>> now[y] is not y, now[y] is again[0].result
(True, True)
"""

from __future__ import annotations

from dataclasses import replace

from ad_compiler.ir import Arg, Atom, Block, Branch, Op, Stmt, Value, blocks_of, map_values, operands, values_in, walk
from ad_compiler.kinds import Seq
from ad_compiler.ops import is_measure, is_read

Rows = dict[Value, tuple[Atom, Atom]]
"""Lists that hold for each place what is there for all samples: that list, and which sample is asked for."""


def copied(stmts: list[Stmt], now: dict[Value, Atom], rows: Rows | None = None) -> list[Stmt]:
    """The statements with new values; `now` says what stands for those from outside, and then for theirs too."""
    rows = {} if rows is None else rows
    return [made for stmt in stmts for made in _copied(stmt, now, rows)]


def reads_lists_plainly(stmts: list[Stmt], value: Value) -> bool:
    """Is a list only asked for one of its items, or how many there are?"""
    inside = [s for top in stmts for s in (top, *(i for b in blocks_of(top) for i in walk(b)))]
    plain = [s for s in inside if isinstance(s, Op) and (is_read(s) or is_measure(s)) and s.args[0] is value]
    inner = [s.result for s in plain if is_read(s) and isinstance(s.result.kind, Seq)]
    return sum(value in operands(s) for s in inside) == len(plain) and not any(
        value in values_in(b.results) for s in inside for b in blocks_of(s)) and all(
        reads_lists_plainly(stmts, v) for v in inner)


def _of(arg: Arg, now: dict[Value, Atom]) -> Arg:
    return map_values(arg, lambda v: now.get(v, v))


def _new(value: Value, now: dict[Value, Atom]) -> Value:
    made = Value(value.hint, value.kind)
    now[value] = made
    return made


def _block(block: Block, now: dict[Value, Atom], rows: Rows) -> Block:
    params = [_new(p, now) for p in block.params]
    return Block(params, copied(block.ops, now, rows), _of(block.results, now))


def _op(op: Op, now: dict[Value, Atom], rows: Rows) -> list[Stmt]:
    whole, at = rows.get(op.args[0], (None, None)) if op.args and isinstance(op.args[0], Value) else (None, None)
    if isinstance(whole, Value) and is_measure(op):
        made = replace(op, args=(whole,), results=[])
    elif isinstance(whole, Value) and at is not None and isinstance(op.result.kind, Seq):     # a list of lists
        assert isinstance(whole.kind, Seq)
        row = Value(op.result.hint, whole.kind.elem)
        rows[op.result] = row, at
        return [replace(op, args=(whole, _of(op.args[1], now)), results=[row])]
    elif isinstance(whole, Value):
        assert isinstance(whole.kind, Seq)
        row = Value("", whole.kind.elem)
        made = replace(op, args=(row, at), results=[])
        made.results = [_new(r, now) for r in op.results]
        return [replace(op, args=(whole, _of(op.args[1], now)), results=[row]), made]
    else:
        made = replace(op, args=_of(op.args, now), kwargs=_of(op.kwargs, now), results=[])
    made.results = [_new(r, now) for r in op.results]
    return [made]


def _copied(stmt: Stmt, now: dict[Value, Atom], rows: Rows) -> list[Stmt]:
    if isinstance(stmt, Op):
        return _op(stmt, now, rows)
    if isinstance(stmt, Branch):
        arms = _of(stmt.cond, now), _block(stmt.then, now, rows), _block(stmt.orelse, now, rows)
        return [Branch(*arms, [_new(r, now) for r in stmt.results], stmt.origin, stmt.reverse, way=stmt.way)]
    inits, bounds = _of(stmt.inits, now), _of((stmt.start, stmt.stop, stmt.step, stmt.snapshots), now)
    index = None if stmt.index is None else _new(stmt.index, now)
    params = [_new(p, now) for p in stmt.body.params]
    cond = None if stmt.cond is None else _block(stmt.cond, now, rows)
    body = Block(params, copied(stmt.body.ops, now, rows), _of(stmt.body.results, now))
    leave = None if stmt.leave is None else _of(stmt.leave, now)
    inner = [_of(value, now) for value, _ in stmt.trails]
    return [replace(stmt, inits=inits, body=body, results=[_new(r, now) for r in stmt.results], index=index,
                    start=bounds[0], stop=bounds[1], step=bounds[2], snapshots=bounds[3], cond=cond, leave=leave,
                    trails=[(i, _new(trail, now)) for i, (_, trail) in zip(inner, stmt.trails, strict=True)],
                    trips=None if stmt.trips is None else _new(stmt.trips, now), mirror=None)]
