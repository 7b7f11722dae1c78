"""Statements of the forward sweep that the reverse sweep does once more, with values of their own.

>>> from ad_compiler.kinds import FLOAT
>>> import numpy as np
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(np.exp, x, hint="y", kind=FLOAT)
>>> after = Block([], [], [y])
>>> now = {}
>>> made = again(block.ops, now, print, after)
>>> made[0].result is now[y], made[0].reverse, now[y] is y
(True, True, False)
"""

from __future__ import annotations

from collections.abc import Callable

from ad_compiler.copies import copied
from ad_compiler.ir import (
    Atom,
    Block,
    Branch,
    Loop,
    Op,
    Stmt,
    Value,
    block_definitions,
    block_outputs,
    blocks_of,
    definitions,
    operands,
    walk,
)
from ad_compiler.read.statements.regions import PUT_BACK

Refuse = Callable[[Op, str, str], None]
"""Reports a line, a message and a remedy."""


def defined_by(stmt: Stmt) -> set[Value]:
    """What a statement defines, and the statements in it: a reverse reads those too."""
    found = set(definitions(stmt))
    for block in blocks_of(stmt):
        found |= {*block_definitions(block, stmt), *(v for inner in block.ops for v in defined_by(inner))}
    return found


def reads_of(stmt: Stmt) -> set[Value]:
    """What a statement reads, and the statements in it."""
    return {*operands(stmt), *(v for block in blocks_of(stmt) for v in reads_in(block, stmt))}


def reads_in(block: Block, owner: Stmt | None = None) -> set[Value]:
    """What the statements of a block read, and what it hands on."""
    return {*block_outputs(block, owner), *(v for stmt in block.ops for v in reads_of(stmt))}


def again(stmts: list[Stmt], now: dict[Value, Atom], refuse: Refuse, after: Block) -> list[Stmt]:
    """Statements once more, `now` as for `copied`; what only shows something, or may raise, has done so.

    `after` is what reads them; what is reversed there are these from now on.
    """
    made = copied(stmts, now)
    twins = dict(zip(walk(Block([], stmts)), walk(Block([], made)), strict=True))
    read = reads_in(Block([], stmts)) | reads_in(after)
    shown: set[Stmt] = set()
    for old, new in twins.items():
        new.reverse = True
        if not isinstance(old, Op) or not old.effect:
            continue
        if read.isdisjoint(old.results):
            shown.add(new)
        elif old.fn not in PUT_BACK:
            refuse(old, f"`{getattr(old.fn, '__name__', 'this')}` may give something else when it is done once more",
                   "do it before, where few states are kept")
    for block in (b for stmt in twins.values() for b in blocks_of(stmt)):
        block.ops = [s for s in block.ops if s not in shown]
    for stmt in walk(after):
        if isinstance(stmt, (Loop, Branch)) and stmt.mirror in twins:
            stmt.mirror = twins[stmt.mirror]        # type: ignore[assignment]
    return [s for s in made if s not in shown]
