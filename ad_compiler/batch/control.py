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
from ad_compiler.batch.common import NoForm, Uneven, rank
from ad_compiler.errors import Refused
from ad_compiler.indices import parts_of
from ad_compiler.ir import UNDEFINED, Arg, Atom, Block, Branch, Const, Loop, Op, Slice, Stmt, Value
from ad_compiler.kinds import Dim, Kind, NotStatic, Num, Seq, reaches
from ad_compiler.ops import has_effect, is_access, traits

if TYPE_CHECKING:
    from ad_compiler.batch.facts import Facts
    from ad_compiler.read.lift import Lifter


class Control:
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
                self._choice(stmt)
            else:
                self._branch(stmt)
        except (NoForm, NotStatic, Refused, Uneven):
            del self.lifter.block.ops[before:]
            self.give_up(stmt, inside=len(self.missing) > missing)

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
            self._handed(made, arm.results, branch.results if arm is branch.then or branch.way == "if" else [])
            arms.append(made)
        results = [self._new(r) for r in branch.results]
        self.lifter.block.ops.append(Branch(branch.cond, *arms, results, branch.origin, branch.reverse, way=branch.way))

    def _loop(self, loop: Loop) -> None:
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
                    cond, loop.leave, trails, loop.trips, loop.origin, loop.reverse, None, loop.backward, loop.grows)
        self.lifter.block.ops.append(made)
        for result in made.results:
            self.note(result)

    # -- branches that samples take each their own way ---------------------------------------------------

    def _choice(self, branch: Branch) -> None:
        wanted = [r for r in branch.results if r in self.facts.varies]
        if any(not isinstance(r.kind, Num) for r in wanted):
            raise NoForm
        test = self.get(branch.cond)
        if rank(test) != 1:
            raise NoForm
        if not self._harmless(branch.then) or not self._harmless(branch.orelse):
            raise NoForm
        for arm in (branch.then, branch.orelse):
            self.statements(arm, arm.results)
        stores = self._stores(branch)
        for result, then, orelse in zip(branch.results, branch.then.results, branch.orelse.results, strict=True):
            if result not in self.facts.varies:
                self.lifter.block.ops.append(Op(runtime.identity, (then,), {}, [result], branch.origin))
                continue
            found = stores.get(result)
            if found is None:
                found = self._selected(test, then, orelse, result)
            if isinstance(found, Value) and not found.hint:
                found.hint = result.hint
            self.env[result] = found
            self.note(found)

    def _stores(self, branch: Branch) -> dict[Value, Any]:
        return {}

    def _selected(self, test: Any, then: Atom, orelse: Atom, result: Value) -> Any:
        """What each sample takes."""
        kind = result.kind
        assert isinstance(kind, Num)
        if kind.shape is None:
            raise NoForm
        if then is orelse:
            return self.spread(then, kind)
        if kind.dtype == "bool" and kind.shape == ():
            if _is(orelse, False):
                return self.apply(operator.and_, test, self._side(then, kind))
            if _is(then, True):
                return self.apply(operator.or_, test, self._side(orelse, kind))
        ndim = len(kind.shape)
        mask = test
        if ndim:
            mask = self.apply(operator.getitem, test, (Slice(Const(None), Const(None), Const(None)),
                                                       *[Const(None)] * ndim))
        found = self.apply(np.where, mask, self._side(then, kind), self._side(orelse, kind))
        found = self.cast(found, kind.dtype)
        if rank(found) != ndim + 1:
            raise NoForm
        found.kind = self.kind_for(kind)
        return found

    def _side(self, atom: Atom, kind: Num) -> Any:
        """One of two things to choose from; what is the same for all samples is stretched by the choice."""
        if isinstance(atom, Value) and atom in self.facts.varies:
            return self.lined(self.env[atom], len(kind.shape or ()))
        return atom

    def _harmless(self, block: Block) -> bool:
        """Can this be computed for samples that do not ask for it: no error, no warning, no infinite slope?"""
        return all(isinstance(stmt, Op) and self._is_total(stmt)
                   or isinstance(stmt, Branch) and stmt.way == "if" and self._harmless(stmt.then)
                   and self._harmless(stmt.orelse) for stmt in block.ops)

    def _is_total(self, op: Op) -> bool:
        if has_effect(op):
            return False
        known = traits(op)
        if known.power:
            by = op.args[1]
            return isinstance(by, Const) and type(by.value) is int and by.value >= 0
        if is_access(op) and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Num):
            shape = op.args[0].kind.shape
            return shape is not None and _surely_inside(op.args[1], shape)
        return known.total


def _surely_inside(index: Arg, shape: tuple[Dim, ...]) -> bool:
    """Does an index raise nothing: slices, and numbers that are known to be within their axes?"""
    parts = list(parts_of(index))
    if any(isinstance(p, Const) and (p.value is Ellipsis or p.value is None) for p in parts[:-1]):
        return all(isinstance(p, (Slice, Const)) and not isinstance(getattr(p, "value", None), int) for p in parts)
    for part, dim in zip(parts, shape, strict=False):
        if isinstance(part, Slice) or isinstance(part, Const) and part.value in (None, Ellipsis):
            continue
        if not isinstance(part, Const) or type(part.value) is not int:
            return False
        if not reaches(dim, part.value + 1 if part.value >= 0 else -part.value):
            return False
    return True


def _is(atom: Atom, value: bool) -> bool:
    return isinstance(atom, Const) and atom.value is value


def _kind_of(atom: Atom, target: Value) -> Kind:
    """The kind of something, as its receiver has it: a number known now has none of its own."""
    return atom.kind if isinstance(atom, Value) and isinstance(atom.kind, (Num, Seq)) else target.kind

