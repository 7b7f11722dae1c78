"""Branches: what each arm changes is found out and stated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Block, Branch, Const, Value
from ad_compiler.kinds import NotStatic
from ad_compiler.read.abstract import Abstract, Poison, flatten
from ad_compiler.read.base import Reader
from ad_compiler.read.names.scopes import is_made_up
from ad_compiler.read.statements.join import Arm, Join

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Branches(Reader):
    """Reads branches, as statements and inside expressions."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.arms = 0                                       # depth of arms that may not run
        self.maybe_unbound: set[Value] = set()

    def stmt_If(self, node: Any) -> None:
        test = self.lifter.expressions.truth(node.test)
        if isinstance(test, Const):
            self.lifter.statements.read(node.body if test.value else node.orelse)
            return
        read = self.lifter.statements.read
        self.branch(test, lambda: read(node.body), lambda: read(node.orelse))

    def branch(self, test: Value, then: Callable[[], None], orelse: Callable[[], None]) -> None:
        """Read both arms, then join what they change."""
        if isinstance(test, Poison):
            raise Refused("")
        if not test.hint and self.lifter.origin is not None:
            test.hint = f"~took_L{self.lifter.origin.rel}"
        self._two_arms(test, then, orelse)

    def choose(self, test: Value, then: Any, orelse: Any) -> Abstract:
        """`then() if test else orelse()`."""
        return self._two_arms(test, then, orelse)

    def _two_arms(self, test: Value, then: Callable[[], Abstract], orelse: Callable[[], Abstract]) -> Abstract:
        if not self.lifter.watching:
            raise NotStatic("a rule branches on a fact that is not known before the program runs")
        before, mark = dict(self.scope.names), self.lifter.memory.tick()
        arms = (self._arm(then, before), self._arm(orelse, before))
        branch = Branch(test, arms[0].block, arms[1].block, [], self.lifter.origin, self.lifter.reverse)
        self.lifter.diverged = arms[0].diverged and arms[1].diverged
        join = Join(self.lifter, branch, arms, mark)
        given = [UNDEFINED if arm.diverged else arm.thing for arm in arms]
        result = Poison(ends=self.lifter.ends) if self.lifter.diverged else join.things(given[0], given[1], "")
        for name in dict.fromkeys([*arms[0].names, *arms[1].names]):
            self._join_name(join, name, before)
        join.memories()
        join.finish()
        self.lifter.block.ops.append(branch)
        return result

    def _join_name(self, join: Join, name: str, before: dict[str, Abstract]) -> None:
        given = [arm.names.get(name, UNDEFINED) for arm in join.arms]
        a, b = (UNDEFINED if arm.diverged else thing for arm, thing in zip(join.arms, given, strict=True))
        ends = [thing for arm, thing in zip(join.arms, given, strict=True) if not arm.diverged]
        if name in before and ends and all(thing is before[name] for thing in ends):
            self.scope.names[name] = before[name]       # in an arm that raises it may be anything
        elif a is UNDEFINED and not join.arms[0].diverged or b is UNDEFINED and not join.arms[1].diverged:
            known = b if a is UNDEFINED else a
            joined = join.things(a, b, name) if flatten_known(known) else UNDEFINED
            self.scope.names[name] = joined
            self.note_unbound(joined, name)
        else:
            self.scope.names[name] = joined = join.things(a, b, name)
            half = self.scope.half.get(name)
            if half is not None and half is not UNDEFINED and (half is a or half is b):
                self.note_unbound(joined, name)

    def _arm(self, arm: Callable[[], Abstract], before: dict[str, Abstract]) -> Arm:
        block, outer, size = Block(), self.lifter.block, len(self.lifter.memory.journal)
        self.lifter.block, self.scope.names, self.lifter.diverged = block, dict(before), False
        self.arms += 1
        try:
            try:
                thing = arm()
            except Refused as error:
                if error.message or not self.lifter.diverged:
                    raise
                thing = Poison(ends=self.lifter.ends)       # something in this arm raises
            return Arm(block, self.scope.names, thing, self.lifter.diverged, self.lifter.memory.written_since(size))
        finally:
            self.lifter.block, self.scope.names, self.lifter.diverged = outer, dict(before), False
            self.arms -= 1
            self.lifter.memory.undo(size)

    def note_unbound(self, thing: Abstract, name: str) -> None:
        """A name bound in one arm only, or in a loop that may not run; flags of the reader's own are guarded."""
        if not is_made_up(name):
            self.scope.half[name] = thing
            self.maybe_unbound |= {v for v in atoms_of(thing) if isinstance(v, Value)}

    def check_parts(self, thing: Abstract, name: str) -> None:
        """Something with parts is read that may not be bound: the first of them tells."""
        part = None if isinstance(thing, (Value, Poison)) else next(
            (a for a in atoms_of(thing) if isinstance(a, Value) and a in self.maybe_unbound), None)
        if part is not None:
            self.lifter.memory.check_bound(part, name)


def atoms_of(thing: Abstract) -> list[Any]:
    """The atoms of a thing; none where it is not known any more."""
    try:
        return flatten(thing)[0]
    except Refused:
        return []


def flatten_known(thing: Abstract) -> bool:
    """Has a thing atoms, or a memory of its own?"""
    return bool(atoms_of(thing))
