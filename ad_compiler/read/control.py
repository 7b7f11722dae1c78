"""Loops: what each iteration changes is found out and stated.

A loop is read until the kinds of what it carries no longer change.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Atom, Block, Const, Loop, Value
from ad_compiler.kinds import Dim, Kind, Num, Sym, join
from ad_compiler.read.abstract import (
    Abstract,
    Poison,
    describe,
    flatten,
    is_number,
    kind_of,
    same_structure,
)
from ad_compiler.read.assigned import assigned_names
from ad_compiler.read.base import Mark
from ad_compiler.read.branches import Branches, plain_name, same_constant, without_length
from ad_compiler.read.iterate import Iterate
from ad_compiler.read.signals import Unroll
from ad_compiler.read.widen import Widen

MOST_PASSES = 8


class Control(Branches, Widen, Iterate):
    """Part of the lifter: branches and loops."""

    # -- loops ---------------------------------------------------------------------------------------

    def stmt_While(self, node: Any) -> None:
        test = node.test

        def bind(index: Value | None) -> None:
            return None
        self.loop(node, None, bind, test, node.body, getattr(node, "leave", None))
        self.statements(node.orelse)

    def stmt_For(self, node: Any) -> None:
        thing = self.expr(node.iter)
        leave = getattr(node, "leave", None)
        if isinstance(thing, Poison):
            raise Refused("")
        items = self.iterate_if_short(thing, unroll=self.loop_key(node) in self.unroll)
        if items is not None:
            self._unrolled(node, items, leave)
        else:
            mark = self.mark()
            try:
                self.counted(node, thing, node.target, node.body, leave)
            except Unroll as request:
                if request.key != self.loop_key(node) or self.unrollable(thing) is None:
                    raise
                self.rewind(mark)
                self.unroll.add(request.key)
                self._unrolled(node, self.unrollable(thing) or [], leave)
        self.statements(node.orelse)

    def _unrolled(self, node: Any, items: list[Abstract], leave: str | None) -> None:
        for at, item in enumerate(items):
            self.assign(node.target, item)
            self.statements(node.body)
            if self.diverged:
                return
            if leave is None:
                continue
            left = self.truth_of(self.scope.names[leave])
            if isinstance(left, Const):
                if left.value:
                    return
                continue
            rest = items[at + 1:]
            if rest:
                self.branch(left, lambda: None, functools.partial(self._unrolled, node, rest, leave))
            return

    def counted(self, node: Any, thing: Abstract, target: Any, body: list[Any], leave: str | None) -> None:
        """A loop over something whose length is known at run time only."""
        start, stop, step, item = self.counting(thing)

        def bind(index: Value | None) -> None:
            assert index is not None
            self.assign(target, item(index))
        self.loop(node, (start, stop, step), bind, None, body, leave, target)

    def loop(self, node: Any, bounds: tuple[Atom, Atom, Atom] | None, bind: Callable[[Value | None], None],
             test: Any, body: list[Any], leave: str | None, target: Any = None) -> None:
        """Read a loop until the kinds of what it carries settle."""
        assigned = assigned_names([*([target] if target is not None else []), *body])
        before = dict(self.scope.names)
        outer_roots = self.known_roots
        self.known_roots = frozenset().union(*self.roots.values())
        hidden = assigned_names([target]) if target is not None else []
        carried = {n: before[n] for n in assigned if n in before and n not in hidden
                   and before[n] is not UNDEFINED and not isinstance(before[n], Poison)}
        fixed = {n for n, thing in carried.items() if not flatten(thing)[0] or self._stays_constant(thing, n, body)}
        kinds: dict[str, list[Kind]] = {}
        for _ in range(MOST_PASSES):
            mark = self.mark()
            outcome = self._one_pass(node, bounds, bind, test, body, leave, carried, fixed, kinds, assigned)
            if outcome is None:
                self.known_roots = outer_roots
                return
            self.rewind(mark)
            self.scope.names.clear()
            self.scope.names.update(before)
            kinds, fixed = outcome
        raise Refused("the kinds of what this loop carries do not settle")

    def _stays_constant(self, thing: Abstract, name: str, body: list[Any]) -> bool:
        atoms = flatten(thing)[0]
        return all(isinstance(a, Const) and not is_number(a) for a in atoms)

    def _one_pass(self, node: Any, bounds: Any, bind: Any, test: Any, body: list[Any], leave: str | None,
                  carried: dict[str, Abstract], fixed: set[str], kinds: dict[str, list[Kind]],
                  assigned: list[str]) -> tuple[dict[str, list[Kind]], set[str]] | None:
        key = self.loop_key(node)
        inner, outer = Block(), self.block
        inits: list[Atom] = []
        layout: list[tuple[str, Any, int]] = []
        for name, thing in carried.items():
            if name in fixed:
                continue
            atoms, build = flatten(thing)
            given = kinds.get(name) or [without_length(kind_of(a)) for a in atoms]
            atoms = [self.widened(a, k, bounds) for a, k in zip(atoms, given, strict=True)]
            params = [Value(plain_name(name), kind) for kind in given]
            for param, atom in zip(params, atoms, strict=True):
                own = self.roots_of(atom) if isinstance(atom, Value) else frozenset()
                self.roots[param] = frozenset([param]) | own | self.flows.get((key, name), frozenset())
            inits += atoms
            inner.params += params
            layout.append((name, build, len(atoms)))
            self.scope.names[name] = build(list(params))
        index = None if bounds is None else Value("", replace(Num("int64", (), "py"), length=Sym(("index", key))))
        if index is not None:
            self.derived[index] = frozenset([key])
        cond: Block | None = None
        self.block = inner
        try:
            if test is not None:
                cond = Block()
                self.block = cond
                truth = self.truth(test)
                if isinstance(truth, Poison):
                    raise Refused("")
                cond.results = [truth]
                self.block = inner
            bind(index)
            self.statements(body)
        finally:
            self.block = outer
        if self.diverged:
            self.diverged = False
        if index is not None and not index.hint:
            index.hint = "i" if not any(s.names.get("i") for s in [self.scope]) else "k"
        wanted = self._settle(key, layout, inner, carried, kinds, fixed)
        if wanted is not None:
            return wanted
        results = [Value(p.hint, p.kind) for p in inner.params]
        for result, param, handed in zip(results, inner.params, inner.results, strict=True):
            more = self.roots_of(handed) if isinstance(handed, Value) else frozenset()
            self.roots[result] = frozenset([result]) | self.roots[param] | more
        loop = Loop(inits, inner, results, index, cond=cond, origin=self.origin, reverse=self.reverse)
        if bounds is not None:
            loop.start, loop.stop, loop.step = bounds
        if leave is not None:
            left = self.truth_of(self.scope.names[leave])
            loop.leave = None if isinstance(left, Const) and not left.value else left
        self._names_after(loop, layout, carried, fixed, assigned)
        self.block.ops.append(loop)
        return None

    def _settle(self, key: Any, layout: list[tuple[str, Any, int]], inner: Block, carried: dict[str, Abstract],
                kinds: dict[str, list[Kind]], fixed: set[str]) -> tuple[dict[str, list[Kind]], set[str]] | None:
        """Compare what an iteration hands on with what it was given; None where they agree."""
        changed, at = False, 0
        new_kinds: dict[str, list[Kind]] = {}
        inner.results = []
        owners: dict[Any, str] = {}
        for name, _, size in layout:
            thing = self.scope.names[name]
            given = inner.params[at:at + size]
            at += size
            if isinstance(thing, Poison):
                raise Refused(thing.message, thing.remedy)
            if not same_structure(thing, carried[name]):
                raise Refused(f"`{name}` is a {describe(carried[name])} before this loop and a {describe(thing)} in it",
                              "give it one structure")
            atoms = flatten(thing)[0]
            inner.results += atoms
            new_kinds[name] = []
            for i, (param, atom) in enumerate(zip(given, atoms, strict=True)):
                found = without_length(kind_of(atom))
                if self.can_widen(flatten(carried[name])[0][i], param.kind, found):
                    joined: Kind | None = found
                else:
                    joined = self._join_carried(param.kind, found, (key, name, i))
                if joined is None or isinstance(atom, Const) and not is_number(atom):
                    raise Refused(f"`{name}` changes from {describe(param)} to {describe(atom)} in this loop",
                                  "use one kind of value")
                changed |= joined != param.kind
                new_kinds[name].append(joined)
                if isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.is_array:
                    changed |= self._note_flow(key, name, atom, inner, layout, owners)
        moved = {n for n in fixed if self.scope.names[n] is not carried[n] and not (
            isinstance(self.scope.names[n], Const) and isinstance(carried[n], Const)
            and same_constant(self.scope.names[n], carried[n]))}
        if moved:
            name = next(iter(moved))
            raise Refused(f"`{name}` changes in this loop, and before it is a {describe(carried[name])} known already",
                          "use a number or an array")
        return (new_kinds, fixed) if changed else None

    def _note_flow(self, key: Any, name: str, atom: Value, inner: Block, layout: list[tuple[str, Any, int]],
                   owners: dict[Any, str]) -> bool:
        """Which memory a carried name may stand in from the second iteration on; True where that is news."""
        flows: dict[Any, frozenset[Any]] = self.flows
        names = [n for n, _, size in layout for _ in range(size)]
        of_params = dict(zip(inner.params, names, strict=True))
        found: set[Any] = set()
        for root in self.roots_of(atom):
            if root in of_params:
                found |= {r for r in self.roots[root] if r not in of_params}
            elif root in self.known_roots:
                found.add(root)
            other = owners.setdefault(root, name)
            if other != name:       # two names hand on one memory
                token = ("shared", key, *sorted((name, other)))
                found.add(token)
                flows[key, other] = flows.get((key, other), frozenset()) | {token}
        before = flows.get((key, name), frozenset())
        flows[key, name] = before | found
        return not found <= before

    def _join_carried(self, old: Kind, new: Kind, key: Any) -> Kind | None:
        joined = join(old, new)
        if not isinstance(joined, Num) or joined.shape is None or not isinstance(old, Num) or not isinstance(new, Num):
            return joined
        assert old.shape is not None
        assert new.shape is not None
        dims: list[Dim] = []
        for i, (a, b) in enumerate(zip(old.shape, new.shape, strict=True)):
            dims.append(a if a == b else Sym(("carried", *key, i)))
        return replace(joined, shape=tuple(dims), length=None)

    def _names_after(self, loop: Loop, layout: list[tuple[str, Any, int]], carried: dict[str, Abstract],
                     fixed: set[str], assigned: list[str]) -> None:
        inside = dict(self.scope.names)
        at = 0
        for name, build, size in layout:
            self.scope.names[name] = build(list(loop.results[at:at + size]))
            at += size
        for name in assigned:
            if name in carried and name not in fixed or name not in inside or name in fixed:
                continue
            thing = inside[name]
            if isinstance(thing, Poison) or thing is UNDEFINED:
                continue
            atoms, build = flatten(thing)
            if not atoms:
                continue
            handed: list[Atom] = []
            for atom in atoms:
                if isinstance(atom, Const) and not is_number(atom):
                    handed.append(atom)
                    continue
                kind = without_length(kind_of(atom))
                param, result = Value(plain_name(name), kind), Value(plain_name(name), kind)
                loop.inits.append(UNDEFINED)
                loop.body.params.append(param)
                loop.body.results.append(atom)
                loop.results.append(result)
                own = self.roots_of(atom) if isinstance(atom, Value) else frozenset()
                self.roots[result] = frozenset([result]) | own
                handed.append(result)
            self.scope.names[name] = build(list(handed))
            if not runs(loop):
                self.note_unbound(self.scope.names[name], name)

    def loop_key(self, node: Any) -> Any:
        """Names a loop in one reading: the node, and the calls that led to it."""
        return (id(node), len(self.frames))

    def mark(self) -> Mark:
        """Where emission stands, to come back to."""
        names = dict(self.scope.names) if self.frames else None
        return self.block, len(self.block.ops), names, len(self.collector.refusals)

    def rewind(self, mark: Mark) -> None:
        """Undo what was emitted since."""
        block, size, names, refusals = mark
        self.block = block
        del block.ops[size:]
        del self.collector.refusals[refusals:]
        if names is not None:
            self.scope.names.clear()
            self.scope.names.update(names)
        self.diverged = False


def runs(loop: Loop) -> bool:
    """Is it known that a loop runs at least once?"""
    bounds = (loop.start, loop.stop, loop.step)
    if loop.index is None:
        return loop.cond is None or isinstance(loop.cond.results[0], Const)
    if all(isinstance(b, Const) for b in bounds):
        return len(range(*(b.value for b in bounds if isinstance(b, Const)))) > 0
    kind = kind_of(loop.stop)
    return isinstance(loop.start, Const) and loop.start.value in (0, 1) and isinstance(loop.step, Const) \
        and loop.step.value == 1 and isinstance(kind, Num) and isinstance(kind.length, Sym) and kind.length.not_one
