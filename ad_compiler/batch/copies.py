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

from ad_compiler.ir import Arg, Atom, Block, Branch, Op, Stmt, Value, map_values


def copied(stmts: list[Stmt], now: dict[Value, Atom]) -> list[Stmt]:
    """The statements with new values; `now` says what stands for those from outside, and then for theirs too."""
    return [_copied(stmt, now) for stmt in stmts]


def _of(arg: Arg, now: dict[Value, Atom]) -> Arg:
    return map_values(arg, lambda v: now.get(v, v))


def _new(value: Value, now: dict[Value, Atom]) -> Value:
    made = Value(value.hint, value.kind)
    now[value] = made
    return made


def _block(block: Block, now: dict[Value, Atom]) -> Block:
    params = [_new(p, now) for p in block.params]
    return Block(params, copied(block.ops, now), _of(block.results, now))


def _copied(stmt: Stmt, now: dict[Value, Atom]) -> Stmt:
    if isinstance(stmt, Op):
        made = replace(stmt, args=_of(stmt.args, now), kwargs=_of(stmt.kwargs, now), results=[])
        made.results = [_new(r, now) for r in stmt.results]
        return made
    if isinstance(stmt, Branch):
        arms = _of(stmt.cond, now), _block(stmt.then, now), _block(stmt.orelse, now)
        return Branch(*arms, [_new(r, now) for r in stmt.results], stmt.origin, stmt.reverse, way=stmt.way)
    inits, bounds = _of(stmt.inits, now), _of((stmt.start, stmt.stop, stmt.step), now)
    index = None if stmt.index is None else _new(stmt.index, now)
    params = [_new(p, now) for p in stmt.body.params]
    cond = None if stmt.cond is None else _block(stmt.cond, now)
    body = Block(params, copied(stmt.body.ops, now), _of(stmt.body.results, now))
    leave = None if stmt.leave is None else _of(stmt.leave, now)
    inner = [_of(value, now) for value, _ in stmt.trails]
    return replace(stmt, inits=inits, body=body, results=[_new(r, now) for r in stmt.results], index=index,
                   start=bounds[0], stop=bounds[1], step=bounds[2], cond=cond, leave=leave,
                   trails=[(i, _new(trail, now)) for i, (_, trail) in zip(inner, stmt.trails, strict=True)],
                   trips=None if stmt.trips is None else _new(stmt.trips, now), mirror=None)


