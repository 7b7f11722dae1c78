"""Branches and loops for a batch.

A loop whose bounds are the same for all samples is one over carried values that have their axis.  A branch whose
condition varies takes for each sample what its arm hands on: by `np.where`, where both arms can be computed for all
samples without harm, else each arm for its own samples.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.batch.choice import Choice
from ad_compiler.batch.common import NoForm, Uneven
from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Arg, Atom, Block, Branch, Const, Loop, Op, Stmt, Value
from ad_compiler.kinds import Dim, Kind, NotStatic, Num, Seq

if TYPE_CHECKING:
    from ad_compiler.batch.facts import Facts
    from ad_compiler.read.lift import Lifter

RAISED = (runtime.raise_, runtime.assert_)


class Control(Choice):
    """The part of the walk that goes into blocks."""

    if TYPE_CHECKING:
        facts: Facts
        samples: Atom
        dim: Dim
        env: dict[Value, Atom]
        missing: set[Stmt]
        lifter: Lifter
        def varies(self, arg: Arg) -> bool: ...
        def get(self, arg: Arg) -> Arg: ...
        def apply(self, fn: Any, *args: Arg, **kwargs: Arg) -> Any: ...
        def lined(self, atom: Arg, ndim: int) -> Arg: ...
        def spread(self, atom: Atom, kind: Kind) -> Atom: ...
        def cast(self, atom: Any, dtype: str) -> Any: ...
        def kind_for(self, kind: Kind) -> Kind: ...
        def block(self, block: Block, results: list[Arg]) -> Block: ...
        def statements(self, block: Block, results: list[Arg]) -> None: ...
        def give_up(self, stmt: Stmt, inside: bool = False) -> None: ...
        def plain(self, stmt: Stmt) -> None: ...
        def note(self, value: Atom) -> None: ...

    def control(self, stmt: Branch | Loop) -> None:
        """A branch or a loop, which is not apart."""
        before, missing = len(self.lifter.block.ops), len(self.missing)
        try:
            if isinstance(stmt, Loop):
                self._loop(stmt)
            elif self.varies(stmt.cond):
                if not self._raised(stmt):
                    self.choice(stmt)
            else:
                self._branch(stmt)
        except (NoForm, NotStatic, Refused, Uneven):
            del self.lifter.block.ops[before:]
            self.give_up(stmt, inside=len(self.missing) > missing)

    def _raised(self, branch: Branch) -> bool:
        """Write a branch that only raises, the same for each sample; False where it does something else."""
        inside = [op for arm in (branch.then, branch.orelse) for op in arm.ops]
        if branch.results or not inside or not all(
                isinstance(op, Op) and (op.fn in RAISED or isinstance(op.fn, type) and issubclass(op.fn, BaseException))
                and not self.varies((op.args, op.kwargs)) for op in inside):
            return False
        test = self.get(branch.cond)
        for arm in (branch.then, branch.orelse):
            if arm.ops:
                some = test if arm is branch.then else self.apply(operator.invert, test)
                taken = self.apply(np.any, some)
                self.lifter.block.ops.append(Branch(taken, Block([], arm.ops, []), Block(), [], branch.origin))
        return True

    # -- loops, and branches that all samples take alike ---------------------------------------------

    def _handed(self, made: Block, results: list[Atom], targets: list[Value]) -> None:
        """Let a block hand on what it does, for all samples where its receiver varies."""
        outer, self.lifter.block = self.lifter.block, made
        try:
            made.results = [self._as(atom, target) for atom, target in zip(results, targets, strict=True)]
        finally:
            self.lifter.block = outer

    def _as(self, atom: Atom, target: Value) -> Atom:
        if target not in self.facts.varies or atom is UNDEFINED:
            return atom
        found = self.spread(atom, _kind_of(atom, target))
        return self.cast(found, target.kind.dtype) if isinstance(target.kind, Num) else found

    def _new(self, value: Value) -> Value:
        """What stands for a value from here on."""
        if value not in self.facts.varies:
            return value
        if value in self.facts.ragged or isinstance(value.kind, Num) and value.kind.shape is None:
            raise NoForm
        made = Value(value.hint, self.kind_for(value.kind))
        self.env[value] = made
        return made

    def _branch(self, branch: Branch) -> None:
        arms = []
        for arm in (branch.then, branch.orelse):
            made = self.block(arm, arm.results)
            self._handed(made, arm.results, branch.results)
            arms.append(made)
        results = [self._new(r) for r in branch.results]
        self.lifter.block.ops.append(Branch(branch.cond, arms[0], arms[1], results, branch.origin, branch.reverse,
                                            way=branch.way))

    def _loop(self, loop: Loop) -> None:
        if loop.index is not None and isinstance(loop.start, Const) and loop.start.value >= 0 \
                and isinstance(loop.step, Const) and loop.step.value == 1:
            stop = loop.stop.value if isinstance(loop.stop, Const) else \
                loop.stop.kind.length if isinstance(loop.stop.kind, Num) else None
            if stop is not None:
                self.indices[loop.index] = stop
        inits = [self._as(init, param) for init, param in zip(loop.inits, loop.body.params, strict=True)]
        params = [self._new(p) for p in loop.body.params]
        cond = None
        if loop.cond is not None:
            cond = self.block(loop.cond, loop.cond.results)
            cond.results = loop.cond.results
        body = self.block(loop.body, [*loop.body.results, loop.leave, *(inner for inner, _ in loop.trails)])
        body.params = params
        self._handed(body, loop.body.results, loop.body.params)
        trails = []
        for inner, trail in loop.trails:
            trails.append((self.env[inner] if isinstance(inner, Value) and inner in self.facts.varies else inner,
                           self._new(trail)))
        made = Loop(inits, body, [self._new(r) for r in loop.results], loop.index, loop.start, loop.stop, loop.step,
                    cond, loop.leave, trails, loop.trips, loop.origin, loop.reverse, None, loop.backward, loop.grows,
                    snapshots=loop.snapshots)
        self.lifter.block.ops.append(made)
        for result in made.results:
            self.note(result)


def _kind_of(atom: Atom, target: Value) -> Kind:
    """The kind of something, as its receiver has it: a number known now has none of its own."""
    return atom.kind if isinstance(atom, Value) and isinstance(atom.kind, (Num, Seq)) else target.kind

