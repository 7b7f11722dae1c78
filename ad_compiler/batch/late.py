"""Numbers read from arrays that are used after the array was written into.

A number that one sample reads stays what it was.  For a batch it is a row of the array, which must be copied before.

>>> import operator
>>> from ad_compiler.ir import Const
>>> from ad_compiler.kinds import FLOAT, Num
>>> a, block = Value("a", Num("float64", (3,))), Block()
>>> old = block.emit(operator.getitem, a, Const(0), kind=Num("float64", (), "np"))
>>> new = block.emit(runtime.index_set, a, Const(0), Const(1.0), kind=a.kind)
>>> block.results = [block.emit(operator.mul, old, Const(2.0), kind=FLOAT), new]
>>> late_reads(block) == {block.ops[0]}
True
"""

from __future__ import annotations

from ad_compiler import runtime
from ad_compiler.batch.common import reads
from ad_compiler.ir import Atom, Block, Branch, Loop, Op, Stmt, Value, block_outputs, blocks_of, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_read, is_store

__all__ = ["late_reads", "runtime"]


def late_reads(block: Block) -> set[Op]:
    """The reads of a number that is used after a store into the array that it was read from."""
    memory = Memories(block)
    found: set[Op] = set()
    if memory.written:
        _look(block, None, memory, found)
    return found


class Memories:
    """Which values may be one array at different times."""

    def __init__(self, block: Block) -> None:
        self.parent: dict[Value, Value] = {}
        stores: list[Value] = []
        for stmt in walk(block):
            if isinstance(stmt, Op) and is_store(stmt):
                self.join(stmt.args[0], stmt.result)
                stores.append(stmt.result)
            elif isinstance(stmt, Branch):
                for result, then, orelse in zip(stmt.results, stmt.then.results, stmt.orelse.results, strict=True):
                    self.join(result, then)
                    self.join(result, orelse)
            elif isinstance(stmt, Loop):
                for parts in zip(stmt.inits, stmt.body.params, stmt.body.results, stmt.results, strict=True):
                    for part in parts[1:]:
                        self.join(parts[0], part)
        self.written = {self.root(v) for v in stores}

    def root(self, value: Value) -> Value:
        """One of those that may be the same array."""
        while value in self.parent:
            value = self.parent[value]
        return value

    def join(self, a: Atom, b: Atom) -> None:
        """These may be one array."""
        if isinstance(a, Value) and isinstance(b, Value) and self.root(a) is not self.root(b):
            self.parent[self.root(a)] = self.root(b)

    def stores_in(self, stmt: Stmt, root: Value) -> bool:
        """Does a statement write into this array?"""
        inner = [s for b in blocks_of(stmt) for s in walk(b)] if not isinstance(stmt, Op) else [stmt]
        return any(isinstance(s, Op) and is_store(s) and self.root(s.result) is root for s in inner)


def _look(block: Block, owner: Stmt | None, memory: Memories, found: set[Op]) -> None:
    handed = set(block_outputs(block, owner))
    for at, op in enumerate(block.ops):
        for inner in blocks_of(op):
            _look(inner, op, memory, found)
        if not isinstance(op, Op) or not is_read(op) or not isinstance(op.args[0], Value) \
                or not isinstance(op.result.kind, Num) or op.result.kind.shape != ():
            continue
        root = memory.root(op.args[0])
        if root not in memory.written:
            continue
        stored = op.result in handed
        for later in block.ops[at + 1:]:
            if stored or op.result in reads(later) and not isinstance(later, Op) and memory.stores_in(later, root):
                stored = True
            if stored and (op.result in handed or op.result in reads(later)):
                found.add(op)
                break
            stored = stored or memory.stores_in(later, root)
        else:
            if op.result in handed:
                found.add(op)
