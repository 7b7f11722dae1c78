"""Integers and lengths that a loop does not change are computed before it.

>>> import operator
>>> from ad_compiler.ir import Const, Value, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> n, s, i, body = Value("n", INT), Value("s", FLOAT), Value("i", INT), Block()
>>> k = body.emit(operator.sub, n, Const(1), kind=INT)
>>> body.params = [s]
>>> body.results = [body.emit(operator.add, s, k, kind=FLOAT)]
>>> loop = Loop([Const(0.0)], body, [Value("s", FLOAT)], i, stop=n)
>>> print(show(hoist_invariant(Func("f", [n], Block([], [loop], list(loop.results))))))
def f(n):
    t = sub(n, 1)
    for i in 0, n, 1 [s = 0.0]: -> s_2
        t_2 = add(s, t)
        hand on t_2
    return s_2
"""

from __future__ import annotations

from ad_compiler.analyse.bound import unbound_in
from ad_compiler.indices import is_python_integer
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_definitions,
    blocks_in,
    blocks_of,
    definitions,
    operands,
    substitute,
    walk,
)
from ad_compiler.kinds import Num, Shape
from ad_compiler.ops import asks_attribute, is_elementwise, is_length, traits
from ad_compiler.optimise.failures import may_fail
from ad_compiler.rules.traits import LIGHT


def hoist_invariant(func: Func) -> Func:
    """Move them out, as far as they can go."""
    loops = [stmt for stmt in walk(func.body) if isinstance(stmt, Loop)]
    if loops:
        _visit(func.body, {loop.index for loop in loops if loop.index is not None} | unbound_in(func.body))
    return func


def _visit(block: Block, stays: set[Value]) -> None:
    ops: list[Stmt] = []
    for inner in blocks_in(block.ops):
        _visit(inner, stays)
    for stmt in block.ops:
        if isinstance(stmt, Loop):
            ops += _taken(stmt, stays)
        ops.append(stmt)
    block.ops = ops


def _taken(loop: Loop, stays: set[Value]) -> list[Stmt]:
    """What is taken out of a loop's body, and reads none of `stays`.

    `i + 1` stays where it is read, for the index of any loop; so does what reads a value that may not be bound.
    """
    inside: set[Value] = {*block_definitions(loop.body, loop), *stays}
    for stmt in loop.body.ops:
        inside.update(definitions(stmt))
    taken: list[Stmt] = []
    kept: list[Stmt] = []
    for stmt in loop.body.ops:
        if isinstance(stmt, Op) and is_integer_op(stmt) and inside.isdisjoint(operands(stmt)):
            taken.append(stmt)
            inside -= set(stmt.results)
        else:
            kept.append(stmt)
    loop.body.ops = kept
    return taken


def hoist_from_arms(func: Func) -> Func:
    """The same out of the arms of branches: what one of them hands on is known to the other then."""
    known = _visit_arms(func.body, unbound_in(func.body))
    substitute(func.body, known)        # what a loop keeps of its body stands with the loop
    return func


def _visit_arms(block: Block, unbound: set[Value]) -> dict[Value, Arg]:
    ops: list[Stmt] = []
    known: dict[Value, Arg] = {}
    within: dict[Value, Arg] = {}
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            within |= _visit_arms(inner, unbound)
        if isinstance(stmt, Branch) and stmt.way == "if":
            ops += _taken_of_arms(stmt, unbound)
            known |= _known_before(stmt)
        ops.append(stmt)
    block.ops = ops
    substitute(block, known)
    return within | known


def _taken_of_arms(branch: Branch, unbound: set[Value]) -> list[Stmt]:
    taken: list[Stmt] = []
    for arm in (branch.then, branch.orelse):
        inside = _defined_in(arm) | unbound
        for stmt in list(arm.ops):
            if isinstance(stmt, Op) and _is_count(stmt) and inside.isdisjoint(operands(stmt)):
                arm.ops.remove(stmt)
                taken.append(stmt)
                inside -= set(stmt.results)
    return taken


def _known_before(branch: Branch) -> dict[Value, Arg]:
    """Results that one arm alone hands on, from before the branch: the branch hands them on no more."""
    inside = _defined_in(branch.then) | _defined_in(branch.orelse)
    known: dict[Value, Arg] = {}
    for at in reversed(range(len(branch.results))):
        handed = [arm.results[at] for arm in (branch.then, branch.orelse) if arm.results[at] is not UNDEFINED]
        if len(handed) == 1 and is_python_integer(handed[0]) and handed[0] not in inside:
            known[branch.results[at]] = handed[0]
            for held in (branch.results, branch.then.results, branch.orelse.results):
                del held[at]
    return known


def _is_count(op: Op) -> bool:
    """The length of an array, or arithmetic of Python's integers that does not raise, whatever it costs."""
    if op.effect or len(op.results) != 1 or may_fail(op, {}):
        return False
    if op.fn is len:
        return isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Num)
    return is_integer_op(op) or is_elementwise(op) and all(map(is_python_integer, (*op.args, op.result)))


def _defined_in(arm: Block) -> set[Value]:
    return {*block_definitions(arm), *(value for stmt in arm.ops for value in definitions(stmt))}


def is_integer_op(op: Op) -> bool:
    """Arithmetic of Python's integers, or the length of an axis: never raises, costs next to nothing."""
    if op.effect or len(op.results) != 1:
        return False
    if asks_attribute(op):
        return isinstance(op.result.kind, Shape)
    if is_length(op):
        return isinstance(op.args[1], Const)
    light = is_elementwise(op) and traits(op).cost == LIGHT and len(op.args) > 1 and not op.kwargs
    return light and all(is_python_integer(a) for a in (*op.args, op.result))
