"""What the parts of the walk share.

>>> from ad_compiler.kinds import FLOAT
>>> rank(Value("x", FLOAT)), rank(Const(2.0))
(0, 0)
"""

from __future__ import annotations

import numpy as np

from ad_compiler.ir import Arg, Const, Loop, Stmt, Value, blocks_of, definitions, free_values, operands
from ad_compiler.kinds import Num


class NoForm(Exception):
    """Nothing but a loop over the batch does this."""


class Uneven(Exception):
    """A statement gives something of another length for each sample, and that is handed on."""

    def __init__(self, stmt: Stmt) -> None:
        super().__init__()
        self.stmt = stmt


def rank_of(arg: Arg) -> int | None:
    """How many axes something has; None where it is not known, or no number or array."""
    if isinstance(arg, Value):
        return len(arg.kind.shape) if isinstance(arg.kind, Num) and arg.kind.shape is not None else None
    if isinstance(arg, Const):
        return 0 if isinstance(arg.value, np.dtype) else int(np.ndim(arg.value))
    return None


def rank(arg: Arg) -> int:
    """How many axes something has, where that must be known."""
    found = rank_of(arg)
    if found is None:
        raise NoForm
    return found


def reads(stmt: Stmt) -> list[Value]:
    """The values from outside that a statement reads, its blocks included."""
    found = list(operands(stmt))
    for block in blocks_of(stmt):
        found += free_values(block, stmt)
    if isinstance(stmt, Loop):
        own = {*stmt.body.params, *([] if stmt.index is None else [stmt.index])}
        inner = {v for b in blocks_of(stmt) for s in b.ops for v in definitions(s)}
        found = [v for v in found if v not in own and v not in inner]
    return found
