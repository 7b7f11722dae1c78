r"""A loop whose reverse only adds up is run together with it: what an iteration would keep is used at once.

Where the reverse of a loop carries nothing but sums, to which each iteration adds what it knows, its iterations may be
done in any order, so each right after the one that it undoes.

>>> from ad_compiler import grad
>>> def f(x):
...     s = 0.0
...     for i in range(len(x) - 1):
...         a = x[i + 1] - x[i] ** 2
...         s = s + a * a
...     return s
>>> import numpy as np
>>> g = grad(f)
>>> g(np.array([1.0, 2.0, 4.0]))
array([-4.,  2.,  0.])
>>> print("\n".join(line.partition("  #")[0].rstrip() for line in g.source.splitlines() if "--" not in line))
def f_grad(x):
    x_bar = [0.0] * len(x)
    x_list = x.tolist()
    for i in range(len(x) - 1):
        k = i + 1
        e = x_list[i]
        a = x_list[k] - e * e
        a_bar = 2.0 * a
        x_bar[k] += a_bar
        x_bar[i] -= 2.0 * a_bar * e
    x_bar = np.array(x_bar)
    return x_bar
"""

from __future__ import annotations

from collections import Counter

from ad_compiler.indices import same_arg
from ad_compiler.ir import (
    Block,
    Branch,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_in,
    blocks_of,
    definitions,
    free_values,
    operands,
    substitute,
    values_in,
    walk,
)
from ad_compiler.kinds import Num
from ad_compiler.ops import accumulates, is_difference, is_read
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.cse import share_common
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.facts import has_loops, is_cheap, must_stay
from ad_compiler.optimise.simplify import simplify


def fuse_reverse(func: Func) -> Func:
    """Run reverse loops that only add up together with the loops that they undo."""
    again: list[Op] = []
    if has_loops(func) and _visit(func.body, again):
        for op in again:
            op.reverse = False      # it may read what the iteration has read already: then it is shared
        func = share_common(func)
        for op in again:
            op.reverse = True
        for step in (simplify, drop_dead, drop_invariant_carried):
            func = step(func)
    return func


def _visit(block: Block, again: list[Op]) -> bool:
    """Fuse loops; `again` gains the ops of reverse loops that cost next to nothing."""
    fused = False
    for inner in blocks_in(block.ops):
        fused |= _visit(inner, again)
    for stmt in list(block.ops):
        forward = _partner(block, stmt) if isinstance(stmt, Loop) and stmt.backward else None
        if forward is not None and _fuse(block, forward, stmt):     # type: ignore[arg-type]
            again += [op for op in walk(forward.body) if isinstance(op, Op) and is_cheap(op) and op.reverse]
            _visit(forward.body, again)
            fused = True
    return fused


def _partner(block: Block, back: Loop) -> Loop | None:
    """The loop that keeps what this one reads; where it reads nothing of the kind, one of the same line."""
    before = [s for s in block.ops[:block.ops.index(back)] if isinstance(s, Loop) and not s.backward]
    read = set(free_values(back.body, back))
    keeping = [s for s in before if any(trail in read for _, trail in s.trails)]
    if not keeping:
        keeping = [s for s in before if s.origin is not None and s.origin == back.origin]
    return keeping[-1] if len(keeping) == 1 else None


def _fuse(block: Block, forward: Loop, back: Loop) -> bool:
    """Move the body of `back` to the end of that of `forward`, where that is the same."""
    if forward.index is None or forward.leave is not None or forward.trips is not None or forward.backward \
            or back.trails or not _same_range(forward, back) or not all(map(_has_memory, back.body.params)):
        return False
    at, end = block.ops.index(forward), block.ops.index(back)
    if not adds_up(back.body, dict(zip(back.body.params, back.body.results, strict=True))):
        return False
    trails = {trail: entry for entry, trail in forward.trails}
    reads = _trail_reads(back, set(trails))
    if reads is None:
        return False
    late = {v for stmt in block.ops[at:] for v in definitions(stmt)}
    moved: list[Stmt] = []
    needs = {v for v in (*free_values(back.body, back), *operands(back)) if v in late and v not in trails}
    for stmt in reversed(block.ops[at + 1:end]):
        if needs.isdisjoint(definitions(stmt)):
            continue
        if not _is_pure(stmt):
            return False
        moved.append(stmt)
        needs -= set(definitions(stmt))
        inside = [v for inner in blocks_of(stmt) for v in free_values(inner, stmt)]
        needs |= {v for v in (*operands(stmt), *inside) if v in late}
    if needs or _is_checked_before(moved, block.ops[at + 1:end]):
        return False
    block.ops = [s for s in block.ops if s not in moved and s is not back]
    at = block.ops.index(forward)
    block.ops[at:at] = reversed(moved)
    assert back.index is not None
    inner: dict[Value, object] = {back.index: forward.index}
    for read, trail in reads:
        inner[read.result] = trails[trail]
    gone = {read for read, _ in reads}
    body = Block(back.body.params, [s for s in back.body.ops if s not in gone], back.body.results)
    _drop(body, gone)
    substitute(body, dict(inner))
    forward.body.ops += body.ops
    forward.inits += back.inits
    forward.body.params += body.params
    forward.body.results += body.results
    forward.results += back.results
    return True


def _is_checked_before(moved: list[Stmt], between: list[Stmt]) -> bool:
    """Does one of them read what is looked at before, where it stands: whether it is bound?"""
    checked: set[Value] = set()
    for stmt in between:
        if isinstance(stmt, Op) and stmt.effect:
            checked.update(operands(stmt))
        elif checked and stmt in moved and not checked.isdisjoint(free_values(Block([], [stmt]))):
            return True
    return False


def _is_pure(stmt: Stmt) -> bool:
    """Would nobody notice when it is done?"""
    return all(not isinstance(op, Op) or not op.effect and not must_stay(op) for op in walk(Block([], [stmt])))


def _has_memory(value: Value) -> bool:
    return isinstance(value.kind, Num)


def _same_range(a: Loop, b: Loop) -> bool:
    return all(same_arg(getattr(a, name), getattr(b, name)) for name in ("start", "stop", "step"))


def _drop(block: Block, gone: set[Op]) -> None:
    block.ops = [s for s in block.ops if s not in gone]
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _drop(inner, gone)


def _trail_reads(back: Loop, trails: set[Value]) -> list[tuple[Op, Value]] | None:
    """Where the loop reads what its mirror keeps, of the same iteration; None where it reads otherwise."""
    found: list[tuple[Op, Value]] = []
    places = {back.index}
    for stmt in walk(back.body):
        if is_difference(stmt) and stmt.args[0] is back.index and same_arg(stmt.args[1], back.start):
            places.add(stmt.result)
        own = [v for v in operands(stmt) if v in trails]
        if not own:
            continue
        if not is_read(stmt) or stmt.args[0] is not own[0] or stmt.args[1] not in places:
            return None
        found.append((stmt, own[0]))
    handed = Counter(v for stmt in walk(back.body) for inner in blocks_of(stmt) for v in values_in(inner.results))
    return None if any(t in handed for t in trails) else found


def adds_up(block: Block, columns: dict[Value, object]) -> bool:
    """Is each value of `columns` only ever added to, until it is handed on as what it is mapped to?"""
    now = {value: value for value in columns}       # what the sum is called now → what it was called
    for stmt in block.ops:
        read = [v for v in operands(stmt) if v in now]
        inside = [v for inner in blocks_of(stmt) for v in free_values(inner, stmt) if v in now]
        if not read and not inside:
            continue
        if isinstance(stmt, Op):
            if not accumulates(stmt) or len(read) != 1 or stmt.args[0] is not read[0] or stmt.kwargs:
                return False
            now[stmt.result] = now.pop(read[0])
        elif isinstance(stmt, Loop):
            if inside or stmt.leave in read or len(set(read)) != len(read):
                return False
            places = {v: at for at, v in enumerate(stmt.inits) if v in now}
            if len(places) != len(read):
                return False
            if not adds_up(stmt.body, {stmt.body.params[at]: stmt.body.results[at] for at in places.values()}):
                return False
            for value, at in places.items():
                now[stmt.results[at]] = now.pop(value)
        elif not _arms_add_up(stmt, now, read, inside):
            return False
    return all(now.get(handed) is value for value, handed in columns.items())     # type: ignore[call-overload]


def _arms_add_up(branch: Branch, now: dict[Value, Value], read: list[Value], inside: list[Value]) -> bool:
    """Do both arms add to the sums that they touch, and hand them on in the same places?"""
    if read or branch.way != "if":
        return False
    for value in dict.fromkeys(inside):
        handed = [_chain(arm, value) for arm in (branch.then, branch.orelse)]
        ends = [[at for at, r in enumerate(arm.results) if r is end]
                for arm, end in zip((branch.then, branch.orelse), handed, strict=True)]
        if None in handed or len(ends[0]) != 1 or ends[0] != ends[1]:
            return False
        if not all(adds_up(arm, {value: arm.results[ends[0][0]]}) for arm in (branch.then, branch.orelse)):
            return False
        now[branch.results[ends[0][0]]] = now.pop(value)
    return True


def _chain(block: Block, value: Value) -> Value | None:
    """What a value is called at the end of a block that only adds to it."""
    for stmt in block.ops:
        if accumulates(stmt) and stmt.args[0] is value:
            value = stmt.result
        elif isinstance(stmt, Loop) and value in stmt.inits:
            value = stmt.results[stmt.inits.index(value)]
    return value
