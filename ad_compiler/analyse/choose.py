"""Choosing the arrays that the reverse sweep carries backwards, by trying: what is kept with and without.

A loop that stores into an array can keep what its reverse reads of each version, or what each store
overwrites.  Both are recorded in turn, and what they keep and do is weighed; nothing of a trial remains.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any, NamedTuple

from ad_compiler.analyse.chains import Chains, is_array
from ad_compiler.analyse.restore import CannotRestore, Column
from ad_compiler.indices import gathers
from ad_compiler.ir import Block, Branch, Func, Loop, Op, Stmt, Value, blocks_of, operands, walk
from ad_compiler.kinds import Kind, Num, Seq
from ad_compiler.ops import is_overwrite, is_read, is_store, makes_copy

LONG = 50
"""How long an axis is taken to be whose length is not known, and how many iterations a loop has."""

DEEPEST = 8
"""Through how many ops a value is followed back to an array."""


class Plan(NamedTuple):
    """Carried arrays, by forward loop and place, that the reverse sweep carries backwards; and arrays of which
    one is kept for each iteration of the loop around them.
    """

    restored: tuple[Column, ...] = ()
    kept: tuple[Value, ...] = ()

    def with_(self, trials: list[Trial]) -> Plan:
        """The plan with some arrays more."""
        values = [trial for trial in trials if isinstance(trial, Value)]
        columns = [trial for trial in trials if not isinstance(trial, Value)]
        return Plan((*self.restored, *columns), (*self.kept, *values))


Trial = Column | Value

Costs = dict[Stmt | None, float]
"""By loop or branch of the forward sweep, with what undoes it; under None, all else."""


def choose(func: Func, chains: Chains, run: Callable[[Plan], None]) -> Plan:
    """Run the plan by which least is kept."""
    plan = Plan()
    mirrors = [stmt for stmt in walk(func.body) if isinstance(stmt, Loop) and stmt.mirror is not None]
    scale = _Scale(func, run)
    every: list[Trial] = [*candidates(mirrors, chains), *read_inside(mirrors, chains)]
    least = scale.weigh(plan) if every else {}
    trials: dict[Stmt, list[Trial]] = {}
    for trial in every:
        if isinstance(trial, Value) or not kept_already(trial, chains):
            trials.setdefault(outermost(trial, chains), []).append(trial)
    for several in zip_longest(*trials.values()):
        at_once = [trial for trial in several if trial is not None and not (
            isinstance(trial, tuple) and any(under(chains, trial, other) for other in plan.restored))]
        plan, least = choose_among(at_once, plan, least, chains, scale.weigh)
    scale.settle(plan)
    return plan


def choose_among(trials: list[Trial], plan: Plan, least: Costs, chains: Chains,
                 weighed: Callable[[Plan], Costs]) -> tuple[Plan, Costs]:
    """The better of a plan with and without each of some trials, of loops that have nothing to do with each other.

    All are tried at once; where that shows that they have to do with each other, one after the other.
    """
    if len(trials) > 1:
        costs = weighed(plan.with_(trials))
        better = [trial for trial in trials if costs.get(at := outermost(trial, chains), 0.0) < least.get(at, 0.0)]
        if len(better) not in (0, len(trials)):
            costs = weighed(plan.with_(better))
        touched = {outermost(trial, chains) for trial in better or trials}
        if all(costs.get(at) == least.get(at) for at in {*costs, *least} - touched):
            return (plan.with_(better), costs) if better else (plan, least)
    for trial in trials:
        costs = weighed(plan.with_([trial]))
        if sum(costs.values()) < sum(least.values()):
            plan, least = plan.with_([trial]), costs
    return plan, least


def outermost(trial: Trial, chains: Chains) -> Stmt:
    """The statement of the function itself in which the array of a trial is stored into, or made."""
    if isinstance(trial, Value):
        return chains.home[trial][0][0]
    path = chains.place[trial[0]]
    return path[0][0] if path else trial[0]


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


def kept_already(column: Column, chains: Chains) -> bool:
    """Is what stores of an array overwrite all that the loop keeps?  To put it back would only be more work."""
    loop, at = column
    links = chains.through(loop, at)
    if not links or len(links) != len(loop.trails) or not all(isinstance(stmt, Op) for stmt in loop.body.ops):
        return False
    makers = [chains.maker.get(inner) for inner, _ in loop.trails if isinstance(inner, Value)]
    read = [op.args for op in makers if is_read(op)]
    return all(is_overwrite(link.stmt)
               and (link.before, link.stmt.args[1]) in read for link in links)


def read_inside(mirrors: list[Loop], chains: Chains) -> list[Value]:
    """Arrays made in the body of a loop and read in a loop inside it."""
    forward = {loop.mirror for loop in mirrors}
    found: dict[Value, None] = {}
    for op, path in chains.place.items():
        array = op.args[0] if is_read(op) else None
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


class _Scale:
    """Weighs plans by running them; each takes back the one before.

    `plan` is the one that the function is recorded by, `kept` one that was taken back, but can be put back.
    """

    def __init__(self, func: Func, run: Callable[[Plan], None]) -> None:
        self.func, self.run = func, run
        self.plan: Plan | None = None
        self.total = self.least = float("inf")
        self.kept: Plan | None = None
        self.undo: Callable[[], None] | None = None
        self.put_back: Callable[[], None] | None = None

    def take_back(self) -> None:
        """The function as it was; what is the least so far is kept."""
        if self.undo is None:
            self.undo = snapshot(self.func)
            return
        if self.plan is not None and self.total < self.least:
            self.kept, self.least, self.put_back = self.plan, self.total, snapshot(self.func)
        self.undo()

    def weigh(self, plan: Plan) -> Costs:
        """The cost of a recording."""
        self.take_back()
        self.plan = None
        try:
            self.run(plan)
        except CannotRestore:
            return {None: float("inf")}
        self.plan = plan
        makers = {v: s for s in walk(self.func.body) if isinstance(s, Op) for v in s.results}
        costs: Costs = {}
        for stmt in self.func.body.ops:
            part = None if isinstance(stmt, Op) else stmt.mirror or stmt
            costs[part] = costs.get(part, 0.0) + cost([stmt], 1.0, makers)
        self.total = sum(costs.values())
        return costs

    def settle(self, plan: Plan) -> None:
        """Leave the function as this plan records it."""
        if self.plan == plan:
            return
        self.take_back()
        if self.kept == plan and self.put_back is not None:
            self.put_back()
        else:
            self.run(plan)


def snapshot(func: Func) -> Callable[[], None]:
    """Remember all statements; calling what comes back puts them as they were, as often as it is called."""
    saved: list[tuple[Any, dict[str, Any]]] = []
    ops: list[tuple[Op, Any, Any, Any]] = []

    around: list[Block | Stmt] = [func.body]
    for stmt in walk(func.body):
        if isinstance(stmt, Op):        # of these only what they call changes, and what they read
            ops.append((stmt, stmt.fn, stmt.args, stmt.kwargs))
        else:
            around += stmt, *blocks_of(stmt)
    for thing in around:
        fields = {name: getattr(thing, name) for name in thing.__slots__}
        saved.append((thing, {name: list(x) if isinstance(x, list) else x for name, x in fields.items()}))

    def undo() -> None:
        for op, fn, args, kwargs in ops:
            op.fn, op.args, op.kwargs = fn, args, kwargs
        for thing, fields in saved:
            for name, value in fields.items():
                setattr(thing, name, list(value) if isinstance(value, list) else value)

    return undo


def cost(stmts: list[Stmt], times: float, makers: dict[Value, Op]) -> float:
    """The work of statements that recording may change, and what their loops keep."""
    total = 0.0
    for stmt in stmts:
        if isinstance(stmt, Op):
            total += times * work(stmt)
            continue
        more = times * LONG if isinstance(stmt, Loop) else times
        total += sum(cost(inner.ops, more, makers) for inner in blocks_of(stmt))
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
    if is_store(op):
        array, value = op.args[0], op.args[2]
        if not isinstance(array, Value) or not isinstance(value, Value) or not is_array(value):
            return 1.0
        return 1.0 + 0.25 * size(value.kind)
    if not op.results:
        return 0.0
    kind = op.results[0].kind
    if is_read(op):
        return 0.5 if not isinstance(kind, Num) or not kind.is_array or not gathers(op.args[1]) else size(kind)
    if makes_copy(op) or isinstance(kind, Num) and kind.is_array:
        return 0.5 + 0.25 * size(kind)
    return 0.25


def keeping(value: Value, makers: dict[Value, Op]) -> float:
    """What it costs to keep a value of an iteration: of a view, the array; of what is stored into, a copy too."""
    if isinstance(value.kind, Seq):
        return 1.0
    op = makers.get(value)
    while is_read(op) and isinstance(op.args[0], Value) and is_array(value) and not gathers(op.args[1]):
        value = op.args[0]
        op = makers.get(value)
    amount = size(value.kind)
    if amount == 1:
        return 1.5
    fresh = op is not None and not is_store(op)
    return amount * (2.0 if fresh else 3.0)
