"""Choosing the arrays that the reverse sweep carries backwards, by trying: what is kept with and without.

A loop that stores into an array can keep what its reverse reads of each version, or what each store
overwrites.  Both are recorded in turn, and what they keep and do is weighed; nothing of a trial remains.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ad_compiler.analyse.chains import STORES, Chains, is_array
from ad_compiler.analyse.restore import CannotRestore, Column, gathers
from ad_compiler.ir import Block, Branch, Func, Loop, Op, Stmt, Value, blocks_of, operands, walk
from ad_compiler.kinds import Kind, Num, Seq

LONG = 50
"""How long an axis is taken to be whose length is not known, and how many iterations a loop has."""

DEEPEST = 8
"""Through how many ops a value is followed back to an array."""


class Plan(NamedTuple):
    """Carried arrays, by forward loop and place, that the reverse sweep carries backwards; and arrays of which
    one is kept for each iteration of the loop around them.
    """

    restored: frozenset[Column] = frozenset()
    kept: frozenset[Value] = frozenset()


def choose(func: Func, chains: Chains, run: Callable[[Plan], None]) -> Plan:
    """The plan by which least is kept."""
    plan = Plan()
    mirrors = [stmt for stmt in walk(func.body) if isinstance(stmt, Loop) and stmt.mirror is not None]
    if not mirrors:
        return plan
    trials: list[Column | Value] = [*candidates(mirrors, chains), *read_inside(mirrors, chains)]
    least = weigh(func, run, plan) if trials else 0.0
    for trial in trials:
        if isinstance(trial, Value):
            new = plan._replace(kept=plan.kept | {trial})
        elif not any(under(chains, trial, other) for other in plan.restored):
            new = plan._replace(restored=plan.restored | {trial})
        else:
            continue
        cost = weigh(func, run, new)
        if cost < least:
            plan, least = new, cost
    return plan


def candidates(mirrors: list[Loop], chains: Chains) -> list[Column]:
    """Arrays that a loop stores into, and of which its reverse may read a version; outer loops first."""
    found: list[Column] = []
    for loop in mirrors:
        forward = loop.mirror
        assert forward is not None
        if forward not in chains.place:
            continue
        columns = [(forward, at) for at in range(len(forward.results)) if chains.stores(forward, at)]
        if columns:
            sources = arrays_read(loop, forward, chains)
            found += [column for column in columns if any(under(chains, source, column) for source in sources)]
    return found


def read_inside(mirrors: list[Loop], chains: Chains) -> list[Value]:
    """Arrays made in the body of a loop and read in a loop inside it."""
    forward = {loop.mirror for loop in mirrors}
    found: dict[Value, None] = {}
    for op, path in chains.place.items():
        array = op.args[0] if isinstance(op, Op) and op.fn is operator.getitem else None
        if isinstance(array, Value) and is_array(array) and isinstance(chains.maker.get(array), Op):
            home = chains.home[array]
            if home and home[-1][0] in forward and len(path) > len(home) and path[len(home)][0] in forward:
                found[array] = None
    return list(found)


def under(chains: Chains, column: Column, outer: Column) -> bool:
    """Is this carried array the other one, or that of a loop inside it?"""
    found: Column | None = column
    while found is not None:
        if found == outer:
            return True
        found = chains.columns.get(found[0].results[found[1]])
    return False


def arrays_read(loop: Loop, forward: Loop, chains: Chains) -> set[Column]:
    """The carried arrays that lead to what a reverse loop reads of its forward loop."""
    found: set[Column] = set()
    seen: set[Value] = set()

    def follow(value: Value, left: int) -> None:
        if value in chains.columns:
            found.add(chains.columns[value])
        elif value not in seen and left and any(stmt is forward for stmt, _ in chains.home.get(value, ())):
            seen.add(value)
            stmt = chains.maker.get(value)
            if isinstance(stmt, Op):
                for read in operands(stmt):
                    follow(read, left - 1)
            elif isinstance(stmt, Branch):
                for arm in (stmt.then, stmt.orelse):
                    handed = arm.results[stmt.results.index(value)]
                    if isinstance(handed, Value):
                        follow(handed, left - 1)

    for stmt in walk(loop.body):
        for value in operands(stmt):
            follow(value, DEEPEST)
    return found


# -- what a recording costs ----------------------------------------------------------------------------


def weigh(func: Func, run: Callable[[Plan], None], plan: Plan) -> float:
    """The cost of a recording, which is taken back."""
    undo = snapshot(func)
    try:
        run(plan)
        return cost(func.body, 1.0, {v: s for s in walk(func.body) if isinstance(s, Op) for v in s.results})
    except CannotRestore:
        return float("inf")
    finally:
        undo()


def snapshot(func: Func) -> Callable[[], None]:
    """Remember all statements; calling what comes back puts them as they were."""
    saved: list[tuple[Any, dict[str, Any]]] = []
    ops: list[tuple[Op, Any, Any]] = []

    def keep(thing: Block | Stmt) -> None:
        fields = {name: getattr(thing, name) for name in thing.__slots__}
        saved.append((thing, {name: list(x) if isinstance(x, list) else x for name, x in fields.items()}))

    def visit(block: Block) -> None:
        keep(block)
        for stmt in block.ops:
            if isinstance(stmt, Op):        # of these only what they read changes
                ops.append((stmt, stmt.args, stmt.kwargs))
                continue
            keep(stmt)
            for inner in blocks_of(stmt):
                visit(inner)

    def undo() -> None:
        for op, args, kwargs in ops:
            op.args, op.kwargs = args, kwargs
        for thing, fields in saved:
            for name, value in fields.items():
                setattr(thing, name, value)

    visit(func.body)
    return undo


def cost(block: Block, times: float, makers: dict[Value, Op]) -> float:
    """The work of a block that recording may change, and what its loops keep."""
    total = 0.0
    for stmt in block.ops:
        if isinstance(stmt, Op):
            total += times * work(stmt)
            continue
        more = times * LONG if isinstance(stmt, Loop) else times
        total += sum(cost(inner, more, makers) for inner in blocks_of(stmt))
        if isinstance(stmt, Loop):
            total += sum(more * keeping(inner, makers) for inner, _ in stmt.trails if isinstance(inner, Value))
    return total


def size(kind: Kind) -> float:
    """How many numbers this is, roughly."""
    total = 1.0
    if isinstance(kind, Num):
        for dim in kind.shape or ():
            total *= dim if isinstance(dim, int) else LONG
    return total


def work(op: Op) -> float:
    """What an op costs, next to the keeping of a number."""
    if op.fn in STORES:
        array, value = op.args[0], op.args[2]
        if not isinstance(array, Value) or not isinstance(value, Value) or not is_array(value):
            return 1.0
        return 1.0 + 0.25 * size(value.kind)
    if not op.results:
        return 0.0
    kind = op.results[0].kind
    if op.fn is operator.getitem:
        return 0.5 if not isinstance(kind, Num) or not kind.is_array or not gathers(op.args[1]) else size(kind)
    if op.fn is np.copy or isinstance(kind, Num) and kind.is_array:
        return 0.5 + 0.25 * size(kind)
    return 0.25


def keeping(value: Value, makers: dict[Value, Op]) -> float:
    """What it costs to keep a value of an iteration: of a view, the array; of what is stored into, a copy too."""
    if isinstance(value.kind, Seq):
        return 1.0
    op = makers.get(value)
    while op is not None and op.fn is operator.getitem and isinstance(op.args[0], Value) and is_array(value) and \
            not gathers(op.args[1]):
        value = op.args[0]
        op = makers.get(value)
    amount = size(value.kind)
    if amount == 1:
        return 1.5
    fresh = op is not None and op.fn not in STORES
    return amount * (2.0 if fresh else 3.0)
