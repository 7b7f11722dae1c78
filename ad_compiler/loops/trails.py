"""What loops keep for the reverse sweep stands in arrays, made before the loop, an axis for each loop around it.

>>> import operator
>>> from ad_compiler.ir import Block, Const, Func, Loop, Value, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> x, y, n, trail = Value("x", FLOAT), Value("y", FLOAT), Value("n", INT), Value("y_trail", Seq(FLOAT))
>>> body = Block([y])
>>> body.results = [body.emit(operator.mul, y, y, kind=FLOAT, hint="y")]
>>> loop = Loop([x], body, [Value("y", FLOAT)], Value("i", INT), stop=n, trails=[(y, trail)])
>>> block = Block([], [loop])
>>> block.results = [block.emit(operator.getitem, trail, Const(2), kind=FLOAT)]
>>> print(show(arrays_for_trails(Func("f", [x, n], block))))
def f(x, n):
    t = max(n, 0)
    y_trail = empty(t)
    for i in 0, n, 1 [y = x, y_trail_2 = y_trail]: -> y_2, y_trail_3
        y_trail_4 = index_set(y_trail_2, i, y)
        y_3 = mul(y, y)
        hand on y_3, y_trail_4
    t_2 = getitem(y_trail_3, 2)
    return t_2

A loop that may be left early, or whose trips nobody knows, keeps a list that grows.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.bound import Bound
from ad_compiler.indices import parts_of
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Slice,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    definitions,
    operands,
    substitute,
    walk,
)
from ad_compiler.kinds import INT, Dim, Num, Seq, Sym
from ad_compiler.loops.lengths import Bounds, Known
from ad_compiler.loops.views import dtype_argument
from ad_compiler.ops import is_read


def count_up(block: Block) -> None:
    """Loops over `range(a, b, k)` whose iterations are gone through again backwards count 0, 1, 2 instead."""
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            count_up(inner)
        step = stmt.step.value if isinstance(stmt, Loop) and isinstance(stmt.step, Const) else 1
        if isinstance(stmt, Loop) and stmt.index is not None and step != 1 and (stmt.backward or stmt.trails):
            before = Block()
            low, high = (stmt.start, stmt.stop) if step > 0 else (stmt.stop, stmt.start)
            span = before.emit(operator.sub, high, low, kind=INT) if isinstance(high, Value) or isinstance(low, Value) \
                else Const(high.value - low.value)
            over: Atom = span
            if abs(step) > 1:
                more = before.emit(operator.add, span, Const(abs(step) - 1), kind=INT)
                over = before.emit(operator.floordiv, more, Const(abs(step)), kind=INT)
            place, index = Value("", INT), stmt.index
            inside = Block()
            far: Atom = place if step == 1 else inside.emit(operator.mul, Const(step), place, kind=INT)
            inside.ops.append(Op(operator.add, (stmt.start, far), {}, [index]))
            stmt.body.ops[:0] = inside.ops
            stmt.index, stmt.start, stmt.stop, stmt.step = place, Const(0), over, Const(1)
            ops += before.ops
        ops.append(stmt)
    block.ops = ops


BACKWARDS = Slice(Const(None), Const(None), Const(-1))


class Trail(NamedTuple):
    """A run-time list of (lists of) entries, the loops that fill it from the outermost in, and what an entry is."""

    value: Value
    loops: list[Loop]
    entry: Atom
    inner: list[Value]


def arrays_for_trails(func: Func) -> Func:
    """Turn trails into arrays where the loops' lengths are known before them; let the others grow."""
    count_up(func.body)
    reads = _reads(func.body)
    _visit(func.body, Known([*func.params, *func.refs], bound=Bound(func.body)), reads, frozenset())
    turned: dict[Value, Op] = {}
    _grow(func.body, turned)
    substitute(func.body, {trail: op.result for trail, op in turned.items()})
    for trail, op in turned.items():
        op.args = (trail, BACKWARDS)
    return func


def _grow(block: Block, turned: dict[Value, Op]) -> None:
    """Let trails grow; what a loop that runs backwards has appended is turned round after it."""
    ops: list[Stmt] = []
    for stmt in block.ops:
        ops.append(stmt)
        for inner in blocks_of(stmt):
            _grow(inner, turned)
        if isinstance(stmt, Loop) and stmt.trails:
            stmt.grows = True
            for _, trail in stmt.trails if stmt.backward else ():
                turned[trail] = Op(operator.getitem, (trail, BACKWARDS), {}, [Value(trail.hint, trail.kind)],
                                   stmt.origin, reverse=stmt.reverse)
                ops.append(turned[trail])
        elif isinstance(stmt, Op) and stmt.fn is np.reshape and isinstance(stmt.args[0], Value) \
                and isinstance(stmt.args[0].kind, Seq):
            stmt.fn = runtime.stacked
    block.ops = ops


def _reads(block: Block) -> dict[Value, list[Stmt | None]]:
    """Who reads each run-time list; None stands for what a block hands on."""
    found: dict[Value, list[Stmt | None]] = {}
    for value in block_outputs(block):
        found.setdefault(value, []).append(None)
    for stmt in walk(block):
        for value in operands(stmt):
            found.setdefault(value, []).append(stmt)
        for inner in blocks_of(stmt):
            trails = {v for v, _ in stmt.trails if isinstance(v, Value)} if isinstance(stmt, Loop) else set()
            for value in block_outputs(inner, stmt):
                if value not in trails:
                    found.setdefault(value, []).append(None)
    return found


def _visit(block: Block, known: Known, reads: dict[Value, list[Stmt | None]], held: frozenset[Value]) -> None:
    for value in block.params:
        known.add(value)
    ops: list[Stmt] = []
    mapping: dict[Value, Arg] = {}
    for stmt in block.ops:
        if isinstance(stmt, Loop):
            before = Block()
            for trail in list(_trails(stmt)):
                if trail.value in held:
                    continue
                found = _array(trail, known, before, reads)
                if found is not None:
                    mapping[trail.value] = found
            ops += before.ops
        ops.append(stmt)
        entries = {v for v, _ in stmt.trails if isinstance(v, Value)} if isinstance(stmt, Loop) else set()
        for inner in blocks_of(stmt):
            _visit(inner, known.inside(), reads, held | entries)
        for value in definitions(stmt):
            known.add(value)
    block.ops = ops
    _replace(mapping, reads)


def _trails(loop: Loop) -> Iterator[Trail]:
    """The trails of a loop, those of loops within followed down to their entries."""
    for entry, value in loop.trails:
        loops, inner = [loop], []
        while isinstance(entry, Value) and isinstance(entry.kind, Seq):
            found = next(((e, stmt) for stmt in loops[-1].body.ops if isinstance(stmt, Loop)
                          for e, t in stmt.trails if t is entry), None)
            if found is None:
                break
            inner.append(entry)
            entry = found[0]
            loops.append(found[1])
        yield Trail(value, loops, entry, inner)


def _array(trail: Trail, known: Known, before: Block, reads: dict[Value, list[Stmt | None]]) -> Value | None:
    """Allocate and fill; the array after the outermost loop, or None where a list must do."""
    kind = trail.entry.kind if isinstance(trail.entry, Value) else None
    if not isinstance(kind, Num) or kind.shape is None \
            or any(lp.index is None or lp.leave is not None for lp in trail.loops):
        return None
    if not _readable(trail.value, len(trail.loops), reads) or any(reads.get(v) for v in trail.inner):
        return None
    scratch = Block()
    bounds = Bounds(scratch, trail.loops)
    lengths: list[Atom] = []
    dims: list[Dim] = []
    for loop in trail.loops:
        trips = bounds.trips(loop)
        if trips is None:
            return None
        lengths.append(_at_least_zero(trips, scratch))
        dims.append(trips.value if isinstance(trips, Const) else Sym(("trips", id(loop))))
    for dim in kind.shape:
        size = known.length(dim, scratch)
        if size is None:
            return None
        lengths.append(size)
    before.ops += scratch.ops
    array = Num(kind.dtype, (*dims, *kind.shape), "array")
    hint = trail.value.hint or "trail"
    shape: Arg = lengths[0] if len(lengths) == 1 else tuple(lengths)
    dtype = dtype_argument(kind)
    made = before.emit(np.empty, shape, kind=array, hint=hint, kwargs=dtype, origin=trail.loops[0].origin)
    return _fill(trail, made, array)


def _at_least_zero(trips: Atom, block: Block) -> Atom:
    """A loop over `range(3, 1)` has no iterations, not -2."""
    if isinstance(trips, Const):
        return Const(max(trips.value, 0))
    length = trips.kind.length if isinstance(trips.kind, Num) else None
    if isinstance(length, Sym) and isinstance(length.key, str) and "." in length.key:     # of an axis
        return trips
    return block.emit(max, trips, Const(0), kind=INT)


def _fill(trail: Trail, made: Value, array: Num) -> Value:
    """Carry the array through the loops and store an entry in each iteration of the innermost."""
    hint, start = made.hint, made
    results: list[Value] = []
    for loop in trail.loops:
        param, result = Value(hint, array), Value(hint, array)
        loop.inits.append(start)
        loop.body.params.append(param)
        loop.results.append(result)
        results.append(result)
        start = param
    innermost = trail.loops[-1]
    for outer, after in zip(trail.loops[:-1], results[1:], strict=True):
        outer.body.results.append(after)
    places: list[Arg] = []
    for depth, loop in enumerate(trail.loops):
        assert loop.index is not None
        place: Atom = loop.index
        if not isinstance(loop.start, Const) or loop.start.value != 0:
            op = Op(operator.sub, (loop.index, loop.start), {}, [Value("", INT)])
            loop.body.ops.insert(0, op)
            place = op.result
        places.append(place)
        seq = trail.value if depth == 0 else trail.inner[depth - 1]
        loop.trails = [(e, t) for e, t in loop.trails if t is not seq]
    stored = Value(hint, array)
    index: Arg = places[0] if len(places) == 1 else tuple(places)
    store = Op(runtime.index_set, (start, index, trail.entry), {}, [stored], innermost.origin)
    ops = innermost.body.ops
    at = next((n for n, stmt in enumerate(ops) if trail.entry in definitions(stmt)), None)
    if at is not None and _stored_in_arms(ops[at], store):
        innermost.body.results.append(stored)
        return results[0]
    if at is None:
        at = next((n for n, stmt in enumerate(ops) if set(stmt.results).isdisjoint(_values(index))), len(ops)) - 1
        at = max(at, max((n for n, s in enumerate(ops) if not set(s.results).isdisjoint(_values(index))), default=-1))
    ops.insert(at + 1, store)
    innermost.body.results.append(stored)
    return results[0]


def _stored_in_arms(stmt: Stmt, store: Op) -> bool:
    """What one arm of a branch alone binds is stored in that arm: after the branch there may be nothing to store."""
    start, index, entry = store.args
    if not isinstance(stmt, Branch) or stmt.way != "if" or entry not in stmt.results:
        return False
    at, results = stmt.results.index(entry), list[Atom]()
    handed = [(arm, arm.results[at]) for arm in (stmt.then, stmt.orelse)]
    inner = [next((s for s in arm.ops if isinstance(s, Branch) and atom in s.results), None) for arm, atom in handed]
    if not _may_leave_unbound(stmt, entry):
        return False
    for (arm, atom), branch in zip(handed, inner, strict=True):
        if atom is UNDEFINED:
            results.append(start)
            continue
        again = Op(store.fn, (start, index, atom), {}, [Value(store.result.hint, store.result.kind)], store.origin)
        if branch is None or not _stored_in_arms(branch, again):
            arm.ops.append(again)
        results.append(again.result)
    stmt.then.results.append(results[0])
    stmt.orelse.results.append(results[1])
    stmt.results.append(store.result)
    return True


def _may_leave_unbound(branch: Branch | None, value: Atom) -> bool:
    """Is there an arm that does not bind this result of a branch?"""
    if branch is None or not isinstance(value, Value):
        return False
    at = branch.results.index(value)
    return any(arm.results[at] is UNDEFINED or _may_leave_unbound(
        next((s for s in arm.ops if isinstance(s, Branch) and arm.results[at] in s.results), None), arm.results[at])
        for arm in (branch.then, branch.orelse))


def _values(index: Arg) -> set[Value]:
    return {v for v in parts_of(index) if isinstance(v, Value)}


def _readable(value: Value, depth: int, reads: dict[Value, list[Stmt | None]]) -> bool:
    """Is a list read entry by entry alone, or made one array whole?"""
    for reader in reads.get(value, ()):
        if not isinstance(reader, Op) or not reader.args or reader.args[0] is not value:
            return False
        if reader.fn is np.reshape and depth == 1 and len(reader.args) == 2:
            continue
        if not is_read(reader) or isinstance(reader.args[1], (tuple, Slice)):
            return False
        if depth > 1 and not _readable(reader.result, depth - 1, reads):
            return False
    return True


def _replace(mapping: dict[Value, Arg], reads: dict[Value, list[Stmt | None]]) -> None:
    """Let the readers read the arrays."""
    def follow(value: Value, array: Any, index: tuple[Arg, ...]) -> None:
        for reader in reads.get(value, ()):
            assert isinstance(reader, Op)
            if reader.fn is np.reshape:
                reader.fn, reader.args = runtime.identity, (array,)
                continue
            place = (*index, reader.args[1])
            if isinstance(reader.result.kind, Seq):
                follow(reader.result, array, place)
                reader.fn, reader.args = runtime.identity, (Const(None),)
            else:
                reader.args = (array, place[0] if len(place) == 1 else place)

    for value, array in mapping.items():
        follow(value, array, ())
