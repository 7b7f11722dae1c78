"""Where what is computed again is put: right before the first statement that reads it.

>>> import operator
>>> from ad_compiler.ir import Block, Const
>>> from ad_compiler.kinds import FLOAT
>>> block = Block()
>>> a = block.emit(operator.add, Const(1.0), Const(2.0), kind=FLOAT, hint="a")
>>> b = block.emit(operator.neg, a, kind=FLOAT, hint="b")
>>> c = block.emit(operator.mul, Const(3.0), b, kind=FLOAT, hint="c")
>>> one, two, three = block.ops
>>> [stmt.result.hint for stmt in placed([one, two], [three])]
['a', 'b', 'c']
"""

from __future__ import annotations

from collections.abc import Collection

from ad_compiler.ir import Op, Stmt, Value, block_outputs, blocks_of, definitions, operands


def placed(front: list[Stmt], ops: list[Stmt]) -> list[Stmt]:
    """Each of `front` stands right before the first statement that reads what it defines, or at the end."""
    if not front:
        return list(ops)
    first: dict[Value, int] = {}
    for at, stmt in enumerate(ops):
        for value in reads_of(stmt):
            first.setdefault(value, at)
    before: list[list[Stmt]] = [[] for _ in range(len(ops) + 1)]
    readers: dict[Value, list[tuple[int, Stmt]]] = {}
    for stmt in reversed(front):
        defined = definitions(stmt)
        others = [place for value in defined for place in readers.get(value, ())]
        at = min([len(ops), *(first[v] for v in defined if v in first), *(at for at, _ in others)])
        group = before[at]
        group.insert(min([len(group), *(group.index(other) for there, other in others if there == at)]), stmt)
        for value in reads_of(stmt):
            readers.setdefault(value, []).append((at, stmt))
    return [*(stmt for group, own in zip(before, ops, strict=False) for stmt in (*group, own)), *before[-1]]


def reads_of(stmt: Stmt) -> Collection[Value]:
    """What a statement and its blocks mention."""
    if isinstance(stmt, Op):
        return operands(stmt)
    reads = set(operands(stmt))
    for inner in blocks_of(stmt):
        reads |= set(block_outputs(inner, stmt))
        for other in inner.ops:
            reads.update(reads_of(other))
    return reads
