"""Array statements become loops: those over the same axes, one nest.

Each cluster that `clusters` finds becomes a nest.  What a nest alone reads never becomes an array.

>>> import operator
>>> import numpy as np

>>> from ad_compiler.ir import Block, Const, Func, show
>>> from ad_compiler.kinds import Sym
>>> kind = Num("float64", (Sym("x.0", True),))
>>> x, block = Value("x", kind), Block()
>>> y = block.emit(np.sin, x, kind=kind, hint="y")
>>> z = block.emit(operator.mul, y, Const(2.0), kind=kind, hint="z")
>>> block.results = [block.emit(np.sum, z, kind=Num("float64", (), "np"), hint="s")]
>>> print(show(loops_for_arrays(Func("f", [x], block))))
def f(x):
    t = getattr(x, 'shape')
    n = getitem(t, 0)
    for i in 0, n, 1 [s = 0.0]: -> s_2
        ~e = getitem(x, i)
        y = sin(~e)
        z = mul(y, 2.0)
        s_3 = add(s, z)
        hand on s_3
    return s_2
"""

from __future__ import annotations

from ad_compiler.analyse.bound import Bound
from ad_compiler.ir import (
    Arg,
    Block,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_definitions,
    block_outputs,
    blocks_of,
    definitions,
    free_values,
    operands,
    substitute,
    values_in,
    walk,
)
from ad_compiler.kinds import Num
from ad_compiler.loops.clusters import Clusters, Item, is_virtual
from ad_compiler.loops.lengths import Known
from ad_compiler.loops.nests import Cluster, Nest
from ad_compiler.loops.reads import reads_of
from ad_compiler.loops.reuse import write_over
from ad_compiler.ops import asks_attribute, is_length, is_store
from ad_compiler.optimise.facts import count_uses


def loops_for_arrays(func: Func) -> Func:
    """Expand array statements throughout a function."""
    expander = _Expander(func)
    expander.block(func.body, Known([*func.params, *func.refs], bound=Bound(func.body)), {}, set())
    return func


class _Expander:
    """Works on one function."""

    def __init__(self, func: Func) -> None:
        self.uses = count_uses(func.body)
        self.counted = {s.index for s in walk(func.body) if isinstance(s, Loop) and s.index is not None
                        and _counts_up(s)}
        self.params = {*func.params, *func.refs}

    def block(self, block: Block, known: Known, virtual: dict[Value, Op], mine: set[Value],
              owner: Stmt | None = None) -> None:
        """Expand a block.

        `virtual` are the ops around it whose arrays need not exist, `mine` what the block may overwrite.
        """
        for value in block.params:
            known.add(value)
        virtual = dict(virtual)
        handed = block_outputs(block, owner)
        found = Clusters(self.uses, block, virtual, mine | set(block.params), handed, known.inside())
        used = self._read_as_arrays(found.run(), handed, virtual)
        items = write_over(found, used)
        out = Block()
        lengths: dict[Value, Arg] = {}
        for item in items:
            if isinstance(item, Cluster):
                self._cluster(item, known, out, virtual, used)
            elif is_virtual(item, virtual):
                if item.results[0] in used:
                    out.ops.append(item)
                    known.add(item.results[0])
            elif not asks_attribute(item, "shape") or item.results[0] in used:
                if self._is_length(item):
                    kind = item.results[0].kind
                    assert isinstance(kind, Num)
                    assert kind.length is not None
                    length = known.length(kind.length, out)
                    if length is not None:
                        lengths[item.results[0]] = length
                        continue
                    shape = item.args[0]        # type: ignore[union-attr]
                    if shape not in used:
                        used.add(shape)
                        out.ops += [s for s in items if isinstance(s, Op) and shape in s.results]
                for inner in blocks_of(item):
                    self.block(inner, known.inside(), virtual, set(block_definitions(inner, item)), item)
                out.ops.append(item)
                for value in definitions(item):
                    known.add(value)
                if is_store(item):
                    known.written(item.args[0], item.result)
        block.ops = out.ops
        substitute(block, lengths)

    def _cluster(self, cluster: Cluster, known: Known, out: Block, virtual: dict[Value, Op], used: set[Value]) -> None:
        Nest(cluster, known, out, virtual, used, self.counted).write()
        within = {member.op.args[0] for member in cluster.members if member.role == "store"}    # not there after it
        for member in cluster.members:
            if member.op.result in used and member.op.result not in within:
                known.add(member.op.result)

    def _is_length(self, stmt: Stmt) -> bool:
        """Is this the length of an axis, which may be asked of any array that has it?"""
        return is_length(stmt) and isinstance(stmt.result.kind, Num) and stmt.result.kind.length is not None

    def _read_as_arrays(self, items: list[Item], handed: list[Value], virtual: dict[Value, Op]) -> set[Value]:
        """Values that are read as arrays: outside of the nest that makes them, or in it at another place."""
        used: set[Value] = set(handed)
        where = {m.op.result: item for item in items if isinstance(item, Cluster) for m in item.members}
        for item in reversed(items):
            if isinstance(item, Cluster):
                for member in item.members:
                    if member.role == "store":
                        used.add(member.op.args[0])
                        used.update(at for at in values_in(member.op.args[1]) if where.get(at) is not item)
                    if member.onto is not None:
                        used.add(member.onto)
                    for value, path in reads_of(member, item, virtual):
                        if path is not None or where.get(value) is not item:
                            used.add(value)
            elif not self._is_length(item) and not (
                    (is_virtual(item, virtual) or asks_attribute(item, "shape")) and item.results[0] not in used):
                used.update(operands(item))
                for inner in blocks_of(item):
                    used.update(free_values(inner, item))
        return used


def _counts_up(loop: Loop) -> bool:
    """Is the index of a loop never negative?"""
    start, step = loop.start, loop.step
    return isinstance(start, Const) and isinstance(step, Const) and start.value >= 0 and bool(step.value > 0)
