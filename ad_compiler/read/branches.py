"""Branches: what each arm changes is found out and stated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Atom, Block, Branch, Const, Value
from ad_compiler.kinds import Kind, NotStatic, Num, join
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Choice,
    Closure,
    Poison,
    describe,
    flatten,
    is_number,
    kind_of,
    same_structure,
)
from ad_compiler.read.base import Reader


class Branches(Reader):
    """Part of the lifter: branches, as statements and inside expressions."""

    def stmt_If(self, node: Any) -> None:
        test = self.truth(node.test)
        if isinstance(test, Const):
            self.statements(node.body if test.value else node.orelse)
            return
        if isinstance(test, Poison):
            raise Refused("")
        self.branch(test, lambda: self.statements(node.body), lambda: self.statements(node.orelse))

    def branch(self, test: Value, then: Callable[[], None], orelse: Callable[[], None]) -> None:
        """Read both arms, then join the names that they bind."""
        if not self.watching:
            raise NotStatic("a rule branches on a fact that is not known before the program runs")
        if not test.hint and self.origin is not None:
            test.hint = f"~took_L{self.origin.rel}"
        before = dict(self.scope.names)
        arms = [self._arm(arm, before) for arm in (then, orelse)]
        (block_1, names_1, diverged_1), (block_2, names_2, diverged_2) = arms
        branch = Branch(test, block_1, block_2, [], self.origin, self.reverse)
        self.block.ops.append(branch)
        self.diverged = diverged_1 and diverged_2
        for name in dict.fromkeys([*names_1, *names_2]):
            a = UNDEFINED if diverged_1 else names_1.get(name, UNDEFINED)
            b = UNDEFINED if diverged_2 else names_2.get(name, UNDEFINED)
            if names_1.get(name) is names_2.get(name) is before.get(name):
                self.scope.names[name] = before[name]
            elif a is UNDEFINED and not diverged_1 or b is UNDEFINED and not diverged_2:
                known = b if a is UNDEFINED else a
                joined = self.join_things(branch, a, b, name) if flatten(known)[0] else UNDEFINED
                self.scope.names[name] = joined
                self.note_unbound(joined, name)
            else:
                self.scope.names[name] = self.join_things(branch, a, b, name)

    def _arm(self, arm: Callable[[], None], before: dict[str, Abstract]) -> tuple[Block, dict[str, Abstract], bool]:
        block, outer = Block(), self.block
        self.block, self.scope.names, self.diverged = block, dict(before), False
        self.arms += 1
        try:
            arm()
            return block, self.scope.names, self.diverged
        finally:
            self.block, self.scope.names, self.diverged = outer, dict(before), False
            self.arms -= 1

    def note_unbound(self, thing: Abstract, name: str) -> None:
        """A name bound in one arm only, or in a loop that may not run; flags of the reader's own are guarded."""
        if not name.startswith(("_", ".")):
            self.maybe_unbound |= {v for v in flatten(thing)[0] if isinstance(v, Value)}

    def join_things(self, branch: Branch, a: Abstract, b: Abstract, name: str) -> Abstract:
        """What a name is after a branch; adds results to the branch where the arms differ."""
        if a is b:
            return a
        if isinstance(a, Poison) or isinstance(b, Poison):
            return Poison()
        if a is UNDEFINED or b is UNDEFINED:
            known = b if a is UNDEFINED else a
            atoms, build = flatten(known)
            if not atoms:
                return known
            nothing: list[Any] = [UNDEFINED] * len(atoms)
            pairs = zip(nothing, atoms, strict=True) if a is UNDEFINED else zip(atoms, nothing, strict=True)
            return build([self._join_atoms(branch, x, y, name) for x, y in pairs])
        if isinstance(a, Const) and isinstance(b, Const) and same_constant(a, b):
            return a
        if is_function(a) and is_function(b) and isinstance(branch.cond, Value):
            return Choice(branch.cond, a, b)
        if not same_structure(a, b):
            return Poison(f"`{name or 'this'}` is a {describe(a)} in one arm and a {describe(b)} in the other",
                          "give the two arms results of one structure")
        xs, build = flatten(a)
        ys, _ = flatten(b)
        if not xs:
            return a
        return build([self._join_atoms(branch, x, y, name) for x, y in zip(xs, ys, strict=True)])

    def _join_atoms(self, branch: Branch, a: Atom, b: Atom, name: str) -> Abstract:
        if a is b or isinstance(a, Const) and isinstance(b, Const) and same_constant(a, b):
            return a
        known = [x for x in (a, b) if x is not UNDEFINED]
        if len(known) == 1 and isinstance(known[0], Const) and not is_number(known[0]):
            return known[0]
        kinds = [without_length(kind_of(x)) for x in known]
        kind = kinds[0] if len(kinds) == 1 else join(*kinds)
        text = all(isinstance(x, Const) and isinstance(x.value, str) for x in known)
        if kind is None or not text and any(isinstance(x, Const) and not is_number(x) for x in known):
            return Poison(f"`{name or 'this'}` is a {describe(a)} in one arm and a {describe(b)} in the other",
                          "give both arms a number or an array")
        result = Value(plain_name(name), kind)
        branch.results.append(result)
        branch.then.results.append(a)
        branch.orelse.results.append(b)
        roots = [self.roots_of(x) for x in known if isinstance(x, Value)]
        self.roots[result] = frozenset([result]).union(*roots)
        return result

    def choose(self, test: Value, then: Any, orelse: Any) -> Abstract:
        """`then() if test else orelse()`."""
        if not self.watching:
            raise NotStatic("a rule chooses by a fact that is not known before the program runs")
        arms: list[tuple[Block, Abstract]] = []
        bound: list[dict[str, Abstract]] = []
        for arm in (then, orelse):
            block, outer = Block(), self.block
            self.block = block
            names = dict(self.scope.names)
            self.arms += 1
            try:
                arms.append((block, arm()))
            finally:
                self.block = outer
                self.arms -= 1
                bound.append(self.scope.names)
                self.scope.names = names
        branch = Branch(test, arms[0][0], arms[1][0], [], self.origin, self.reverse)
        result = self.join_things(branch, arms[0][1], arms[1][1], "")
        for name in dict.fromkeys([*bound[0], *bound[1]]):      # what `:=` bound on the way
            a, b = bound[0].get(name, UNDEFINED), bound[1].get(name, UNDEFINED)
            if a is not b:
                self.scope.names[name] = self.join_things(branch, a, b, name)
                if UNDEFINED in (a, b):
                    self.note_unbound(self.scope.names[name], name)
        self.block.ops.append(branch)
        return result


def is_function(thing: Abstract) -> bool:
    """Something to be called."""
    return isinstance(thing, (Closure, Bound, Choice)) or isinstance(thing, Const) and callable(thing.value)


def plain_name(name: str) -> str:
    """The name to print for one that normalising made up."""
    name = name.lstrip(".")
    if name.startswith("_returned"):
        return "returned"
    return "value" if name.startswith("_ret") else "~left" if name.startswith("_left") else name


def without_length(kind: Kind) -> Kind:
    """A joined or carried integer is no longer known to be a certain length."""
    return replace(kind, length=None) if isinstance(kind, Num) and kind.length is not None else kind


def same_constant(a: Const, b: Const) -> bool:
    """One value of one type: 0.0 and -0.0 differ, and so do 1 and True."""
    return a.value is b.value or (type(a.value) is type(b.value) and repr(a.value) == repr(b.value)
                                  and isinstance(a.value, (bool, int, float, str)))
