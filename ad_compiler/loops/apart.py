"""Does each iteration of a loop keep to its own part of an array?

It does where all that is read of the array or written into it stands at the loop's own index, on the same axis.

>>> import operator
>>> from ad_compiler import runtime
>>> from ad_compiler.kinds import FLOAT, INT, Num
>>> def loop_over(place):
...     i, a = Value("i", INT), Value("a", Num("float64", (9, 9)))
...     body = Block([a])
...     e = body.emit(operator.getitem, a, place(i), kind=FLOAT)
...     body.results = [body.emit(runtime.index_set, a, (i, Const(0)), e, kind=a.kind)]
...     return Loop([a], body, [Value("a", a.kind)], i, stop=Const(9))
>>> is_apart(loop_over(lambda i: (i, Const(1))), 0), is_apart(loop_over(lambda i: (Const(1), i)), 0)
(True, False)
"""

from __future__ import annotations

from ad_compiler.indices import is_integer, parts_of
from ad_compiler.ir import (
    Arg,
    Block,
    Branch,
    Const,
    Loop,
    Op,
    Slice,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    free_values,
    operands,
    values_in,
    walk,
)
from ad_compiler.ops import asks_attribute, is_access, is_read


def is_apart(loop: Loop, at: int) -> bool:
    """Is this so of the array that is carried in this place?  Indices are taken to be within their axes."""
    if not isinstance(loop.start, Const) or loop.start.value < 0:
        return False        # -1 and the last index are one place
    uses = _Uses()
    last = uses.follow(loop.body, loop.body.params[at], loop)
    if last is None or loop.body.results[at] is not last or not uses.places:
        return False
    assert loop.index is not None
    axes = [_axes(place, loop.index) for place in uses.places]
    return bool(set.intersection(*axes))


def _axes(place: Arg, index: Value) -> set[int]:
    """The axes on which an index is that of the loop."""
    found = set()
    for axis, part in enumerate(parts_of(place)):
        if part is index:
            found.add(axis)
        elif not isinstance(part, Slice) and not is_integer(part):
            break       # an array, a mask or a new axis: what comes after it is counted otherwise
    return found


def is_basic(place: Arg) -> bool:
    """Is an index made of integers and slices alone?"""
    parts = parts_of(place)
    return all(isinstance(part, Slice) or is_integer(part) for part in parts)


def only_indexes(loop: Loop) -> bool:
    """Is the index of a loop used for nothing but to index arrays?"""
    for stmt in walk(loop.body):
        only_there = is_access(stmt) and loop.index not in values_in((stmt.args[0], stmt.args[2:]))
        if loop.index in operands(stmt) and not only_there:
            return False
        if any(loop.index in block_outputs(inner, stmt) for inner in blocks_of(stmt)):
            return False
    return loop.index not in block_outputs(loop.body, loop)


class _Uses:
    """Where an array is read and written, by its newest version alone."""

    def __init__(self) -> None:
        self.versions: set[Value] = set()
        self.places: list[Arg] = []

    def follow(self, block: Block, now: Value, owner: Stmt) -> Value | None:
        """What the array is called at the end of a block; None where it is used in another way."""
        self.versions.add(now)
        for stmt in block.ops:
            after = self._op(stmt, now) if isinstance(stmt, Op) else self._inside(stmt, now)
            if after is None:
                return None
            self.versions.add(after)
            now = after
        handed = [v for v in block_outputs(block, owner) if v in self.versions]
        return now if handed in ([], [now]) else None

    def _op(self, op: Op, now: Value) -> Value | None:
        read = [v for v in operands(op) if v in self.versions]
        if not read:
            return now
        if read != [now] or op.args[:1] != (now,):
            return None
        if asks_attribute(op):
            return now
        if is_access(op) and now not in values_in(op.args[1:]):
            self.places.append(op.args[1])
            return now if is_read(op) else op.result
        return None

    def _inside(self, stmt: Stmt, now: Value) -> Value | None:
        """A loop that carries the array, a branch that hands it on, or either that only reads it."""
        read = [v for v in operands(stmt) if v in self.versions]
        inside = [v for inner in blocks_of(stmt) for v in free_values(inner, stmt) if v in self.versions]
        if not read and not inside:
            return now
        if isinstance(stmt, Loop) and read:
            if read != [now] or inside or stmt.inits.count(now) != 1:
                return None
            at = stmt.inits.index(now)
            if stmt.cond is not None and any(stmt.body.params[at] in operands(op) for op in walk(stmt.cond)):
                return None
            last = self.follow(stmt.body, stmt.body.params[at], stmt)
            return stmt.results[at] if last is not None and stmt.body.results[at] is last else None
        if read or set(inside) != {now} or isinstance(stmt, Branch) and stmt.way != "if":
            return None
        ends = [self.follow(inner, now, stmt) for inner in blocks_of(stmt)]
        if all(end is now for end in ends) and not any(now in block_outputs(b, stmt) for b in blocks_of(stmt)):
            return now
        if not isinstance(stmt, Branch) or None in ends:
            return None
        for at, result in enumerate(stmt.results):
            if [arm.results[at] for arm in (stmt.then, stmt.orelse)] == ends:
                return result
        return None
