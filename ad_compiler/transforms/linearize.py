"""`linearize`: what a function does becomes its output, and what is to be kept for tangents to be pushed later.

What does not depend on tangents is done once and kept.  A loop that carries tangents is done again with them; where
the output needs it too, without them, once.

>>> import numpy as np
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.trace import Watched
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(np.sin, x, hint="y", kind=FLOAT)
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, y)
>>> made = transformed(LinearizeSpec(np.sin, 1), traced, ())
>>> func = Func("sin_linearize", [x], made.block)
>>> hand_out(LinearizeSpec(np.sin, 1), func, made, {})
>>> print(show(func))
def sin_linearize(x):
    y = sin(x)
    t = cos(x)
    return (y, (t,))
>>> print(show(func.back))
def sin_tangent(t, x_dot):
    y_dot = mul(x_dot, t)
    t_2 = float(y_dot)
    return t_2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ad_compiler import runtime
from ad_compiler.adjoint.pairs import name_apart
from ad_compiler.analyse.activity import varied
from ad_compiler.copies import copied
from ad_compiler.errors import Refused
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Op,
    Stmt,
    Value,
    definitions,
    free_values,
    map_values,
    operands,
    substitute,
    walk,
)
from ad_compiler.ops import is_zeros
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.passes import Pass
from ad_compiler.read.abstract import Abstract, Tuple, to_arg
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.read.statements.regions import PUT_BACK
from ad_compiler.spec import LinearizeSpec
from ad_compiler.trace import Traced, located
from ad_compiler.transforms.grad import places
from ad_compiler.transforms.jvp import fitted, swept
from ad_compiler.transforms.vjp import unnamed

__all__ = ["hand_out", "places", "returned", "title", "transformed"]


@dataclass
class Pushed(Traced):
    """What a function does, and its tangent for `seeds`, the tangents of its arguments."""

    seeds: list[Value] = field(default_factory=list)


def title(spec: LinearizeSpec) -> str:
    """What the function that is made is called."""
    return f"{spec.whole_name}_linearize"


def transformed(spec: LinearizeSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The function's output and its tangent, as a tuple.  What is traced is used up."""
    dots: dict[Value, Atom] = {leaf: Value(f"{leaf.hint}_dot", leaf.kind) for leaf in traced.leaves()}
    seeds = [dot for dot in dots.values() if isinstance(dot, Value)]
    out, dot, _ = swept(spec, traced, lambda: dots, tidy)
    pushed = moved(traced.block, seeds)
    inside = entered(pushed)
    if any(isinstance(op, Op) and op.effect and not inside.isdisjoint(op.results) for op in traced.block.ops):
        raise located(spec.func, Refused("a loop or branch that depends on the arguments stands in a `with`, whose "
                                         "manager would be entered twice", "use jvp"), True)
    for stmt in pushed:
        for op in [stmt] if isinstance(stmt, Op) else walk(Block([], [stmt])):
            own = isinstance(op, Op) and (is_put_back(op) or getattr(op.fn, "__module__", "") == runtime.__name__)
            if isinstance(op, Op) and op.effect and not own:
                raise located(spec.func, Refused("what changes something outside, or draws random numbers, stands in a "
                                                 "loop or branch that depends on the arguments", "use jvp"), True)
    return Pushed(traced.inputs, traced.block, Tuple([out, dot]), traced.aliases, traced.watches, seeds=seeds)


def moved(block: Block, seeds: list[Value]) -> list[Stmt]:
    """The statements that depend on tangents; and those that make zeros, which are not worth keeping, or what a `with`
    among them enters, which may be entered once only.
    """
    found, reached = list[Stmt](), set(seeds)
    for stmt in block.ops:
        if isinstance(stmt, Op) and is_zeros(stmt):
            found.append(stmt)
        elif not reached.isdisjoint(free_values(Block([], [stmt]))):
            found.append(stmt)
            reached.update(definitions(stmt))
    inside = entered(found)
    again = [op for op in block.ops if isinstance(op, Op) and is_put_back(op) and not inside.isdisjoint(op.results)]
    return [stmt for stmt in block.ops if stmt in found or stmt in again] if again else found


def entered(stmts: list[Stmt]) -> set[Value]:
    """What a `with` among these statements enters, that they do not make."""
    inside = {each.cond for each in walk(Block([], stmts)) if isinstance(each, Branch) and each.way == "with"}
    made = {value for each in walk(Block([], stmts)) for value in definitions(each)}
    return {value for value in inside if isinstance(value, Value)} - made


def is_put_back(op: Op) -> bool:
    """Does this make what a `with` enters, and leaves everything as it was?"""
    return any(op.fn is each for each in PUT_BACK)


def returned(spec: LinearizeSpec, output: Abstract) -> Abstract:
    """The function's output."""
    return output.items[0]


def hand_out(spec: LinearizeSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let `func` return the output and what is saved for `func.back`, which takes that and tangents of arguments."""
    assert isinstance(made, Pushed)
    out, dot = made.output.items
    dot = fitted(func, out, dot)
    pushed = moved(func.body, made.seeds)
    func.body, now = without_tangents(func.body, [made.aliases.get(leaf, leaf) for leaf in made.leaves()], made.seeds)
    push = drop_dead(Func("", [], Block([], pushed, [to_arg(dot)]))).body
    saved = [v for v in free_values(push) if v not in made.seeds]
    func.back = Func(f"{spec.whole_name}_tangent", [], push, bind_all=True, forward=True)
    finished(func.body, now, (to_arg(out), tuple(saved)))
    inside: dict[Value, Arg] = {v: Value(v.hint or unnamed(v), v.kind) for v in saved}      # names of its own
    substitute(push, inside)
    func.back.params = [*(v for v in inside.values() if isinstance(v, Value)), *made.seeds]
    name_apart(func.back.params)
    func.gradients, func.bind_all = (1,), True


def without_tangents(block: Block, leaves: Sequence[Atom], seeds: list[Value]) -> tuple[Block, dict[Value, Atom]]:
    """The statements with values of their own, and which those are; `seeds` are the tangents of `leaves`.

    Those of tangents are marked as if of a reverse sweep: they go where nothing else needs them.  Where something does,
    the tangents are zero.
    """
    pushed, dots, head = moved(block, seeds), varied(block, seeds), Lifter(Block(), watching=False)
    were = [(stmt, stmt.reverse) for stmt in walk(Block([], pushed))]
    for stmt, _ in were:
        stmt.reverse = isinstance(stmt, Op) and (stmt in pushed or not dots.isdisjoint(operands(stmt)))
    now: dict[Value, Atom] = {}
    first = next((at for at, stmt in enumerate(block.ops) if stmt in pushed), len(block.ops))
    before = copied(block.ops[:first], now)
    for leaf, seed in zip(leaves, seeds, strict=True):      # a leaf may be read out of an argument: `a = q["a"]`
        now[seed] = head.calls.call(Const(runtime.zeros_like), [map_values(leaf, lambda v: now.get(v, v))], {})
    after = copied(block.ops[first:], now)
    for stmt, was in were:
        stmt.reverse = was
    return Block([], [*before, *head.block.ops, *after]), now


def finished(block: Block, now: dict[Value, Atom], results: Arg) -> list[Arg]:
    """The results in the terms of statements without tangents, of which no more is left than they need."""
    block.results = [map_values(results, lambda v: now.get(v, v))]
    drop_dead(Func("", [], block))
    for stmt in walk(block):
        stmt.reverse = False
    return block.results
