"""What is printed inside its one consumer, and what gets a statement of its own."""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import (
    Block, Branch, Const, Func, Loop, Op, Stmt, Value, block_outputs, blocks_of, operands, values_in, walk,
)
from ad_compiler.kinds import Num, Obj, Shape
from ad_compiler.rules import registry

LONGEST = 6
"""Operators in an expression made of named values."""


def is_soft(value: Value) -> bool:
    """A name that the compiler gave, not the user: no loss when it is not printed."""
    return not value.hint or value.hint.startswith("~")


class Plan:
    """`nested[v]` is the op that is printed where `v` is read."""

    def __init__(self, func: Func) -> None:
        self.func = func
        self.nested: dict[Value, Op] = {}
        self.size: dict[Value, int] = {}
        self.primal = not any(stmt.reverse for stmt in walk(func.body))
        self.uses: dict[Value, int] = {}
        self.roots: dict[Value, frozenset[Value]] = {}
        self.carried = {v for s in walk(func.body) if isinstance(s, Loop)
                        for block in blocks_of(s) for v in block_outputs(block, s)}
        self._count(func.body, None)
        self._block(func.body, None)

    def _count(self, block: Block, owner: Stmt | None) -> None:
        for stmt in block.ops:
            for value in operands(stmt):
                self.uses[value] = self.uses.get(value, 0) + 1
            for inner in blocks_of(stmt):
                self._count(inner, stmt)
        for value in block_outputs(block, owner):
            self.uses[value] = self.uses.get(value, 0) + 1

    def roots_of(self, value: Value) -> frozenset[Value]:
        """Values whose memory a value may stand in."""
        return self.roots.get(value, frozenset([value]))

    def _block(self, block: Block, owner: Stmt | None) -> None:
        for stmt in block.ops:
            if isinstance(stmt, Op):
                self._share(stmt)
            elif isinstance(stmt, Loop):
                for param, init, handed in zip(stmt.body.params, stmt.inits, stmt.body.results, strict=True):
                    both = [self.roots_of(v) for v in (init, handed) if isinstance(v, Value)]
                    self.roots[param] = frozenset([param]).union(*both)
            for inner in blocks_of(stmt):
                self._block(inner, stmt)
            if isinstance(stmt, Branch):
                for at, result in enumerate(stmt.results):
                    both = [self.roots_of(v) for v in (stmt.then.results[at], stmt.orelse.results[at])
                            if isinstance(v, Value)]
                    self.roots[result] = frozenset([result]).union(*both)
            elif isinstance(stmt, Loop):
                for param, result in zip(stmt.body.params, stmt.results, strict=True):
                    self.roots[result] = self.roots_of(param) | {result}
        for at, stmt in enumerate(block.ops):
            if isinstance(stmt, Op):
                self._consider(stmt, at, block, owner)

    def _share(self, op: Op) -> None:
        rule = registry.lookup(op.fn)
        read = list(values_in(op.args))
        if op.inplace and read:
            self.roots[op.result] = self.roots_of(read[0]) | {op.result}
        elif read and (op.fn is operator.getitem or rule is not None and rule.view
                       or any(isinstance(r.kind, Obj) for r in op.results)):
            for result in op.results:
                self.roots[result] = frozenset([result]).union(*map(self.roots_of, read))

    def _consider(self, op: Op, at: int, block: Block, owner: Stmt | None) -> None:
        if op.effect:
            self._consider_effect(op, at, block)
            return
        if op.inplace or len(op.results) != 1 or op.fn in (runtime.index_set, runtime.index_add,
                                                                         runtime.list_add):
            return
        value = op.result
        size = 1 + sum(self.size.get(v, 0) for v in operands(op))
        if is_free(op):
            self.nested[value] = op
            self.size[value] = 0
            return
        if self.uses.get(value) != 1 or size > LONGEST:
            return
        place = next((i for i in range(at + 1, len(block.ops)) if value in operands(block.ops[i])), None)
        consumer = block.ops[place] if place is not None else None
        if consumer is None:
            inside = any(value in operands(s) for stmt in block.ops for inner in blocks_of(stmt) for s in walk(inner))
            if inside or value not in set(block_outputs(block, owner)) or owner is not None and isinstance(owner, Branch) \
                    and not is_soft(value):
                return
            if isinstance(owner, Loop) and block is owner.body and (
                    any(value in values_in(inner) for inner, _ in owner.trails) or not is_soft(value)
                    or any(isinstance(v, Value) for v in [owner.leave] if v is value)):
                return
            if owner is None and not is_soft(value) and not self.primal:
                return
        elif isinstance(consumer, Op) and consumer.inplace and consumer.args[0] is value:
            return
        elif isinstance(consumer, Loop):
            if value in values_in(consumer.inits):
                return
            if consumer.cond is not None:
                return
        if not is_soft(value) and not self._may_lose_name(op, value, size, at, place, block, consumer):
            return
        if self._disturbed(op, block.ops[at + 1:place if place is not None else len(block.ops)]):
            return
        self.nested[value] = op
        self.size[value] = size

    def _consider_effect(self, op: Op, at: int, block: Block) -> None:
        """`raise ValueError(…)`: an effect that the very next one takes in."""
        after = block.ops[at + 1] if at + 1 < len(block.ops) else None
        if len(op.results) == 1 and is_soft(op.result) and self.uses.get(op.result) == 1 and isinstance(after, Op) \
                and after.effect and any(a is op.result for a in after.args):
            self.nested[op.result] = op
            self.size[op.result] = 1

    def _may_lose_name(self, op: Op, value: Value, size: int, at: int, place: int | None, block: Block,
                       consumer: Stmt | None) -> bool:
        """A user's name goes where the next statement alone reads it, and there is a reverse sweep to look at."""
        if self.primal or op.reverse or value in self.carried or place is None:
            return False
        between = [s for s in block.ops[at + 1:place]
                   if not (isinstance(s, Op) and len(s.results) == 1 and s.result in self.nested)
                   and not (isinstance(s, Op) and not s.effect and len(s.results) == 1 and is_soft(s.result)
                            and self.uses.get(s.result) == 1)]
        return not between and isinstance(consumer, Op) and not consumer.reverse and not consumer.effect and size <= 2

    def _disturbed(self, op: Op, between: list[Stmt]) -> bool:
        """Would what `op` reads be overwritten before its value is?"""
        mine: set[Value] = set()
        for value in self._leaves(op):
            mine |= self.roots_of(value)
        opaque = any(isinstance(v.kind, Obj) for v in operands(op))
        for stmt in between:
            for inner in [stmt, *(s for b in blocks_of(stmt) for s in walk(b))]:
                if isinstance(inner, Op) and inner.effect and opaque:
                    return True
                if isinstance(inner, Op) and inner.inplace:
                    written = next(iter(values_in(inner.args)), None)
                    if written is not None and mine & self.roots_of(written):
                        return True
        return False

    def _leaves(self, op: Op) -> list[Value]:
        out = []
        for value in operands(op):
            if value in self.nested:
                out += self._leaves(self.nested[value])
            out.append(value)
        return out

    def reads(self, values: list[Value]) -> list[Value]:
        """The named values that an expression reads."""
        out: list[Value] = []
        for value in values:
            out += self.reads(list(operands(self.nested[value]))) if value in self.nested else [value]
        return out


def is_free(op: Op) -> bool:
    """Costs nothing to print twice: a shape, a length."""
    if op.fn is getattr and len(op.args) > 1 and isinstance(op.args[1], Const) and op.args[1].value == "shape":
        return True
    if op.fn in (len, np.size) and isinstance(op.args[0], Value):
        return True
    return op.fn is operator.getitem and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Shape)
