"""Leaves out what arms of a branch have put together for all samples, where it is read for those of an arm alone.

Other passes keep a store by a mask, which might not fit: these do.

>>> import operator
>>> from ad_compiler.ir import Const
>>> from ad_compiler.kinds import FLOAT
>>> block = Block()
>>> x = block.emit(operator.add, Const(1.0), Const(2.0), kind=FLOAT)
>>> drop_unread(block, list(block.ops))
>>> block.ops
[]
"""

from __future__ import annotations

from ad_compiler.ir import Block, Op, Stmt, Value, block_outputs, blocks_of, operands


def drop_unread(block: Block, filled: list[Op]) -> None:
    """Drop those of some ops that give what nothing reads."""
    for op in reversed(filled):
        if read_in(block, None).isdisjoint(op.results):
            drop(block, op)


def read_in(block: Block, owner: Stmt | None) -> set[Value]:
    """All that is read in a block, or handed on by it."""
    found = set(block_outputs(block, owner))
    for stmt in block.ops:
        found.update(operands(stmt))
        for inner in blocks_of(stmt):
            found |= read_in(inner, stmt)
    return found


def drop(block: Block, op: Op) -> None:
    """Take an op out, wherever it stands."""
    block.ops = [stmt for stmt in block.ops if stmt is not op]
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            drop(inner, op)
