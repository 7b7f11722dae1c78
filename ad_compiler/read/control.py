"""Branches and loops: what each arm or iteration changes is found out and stated.

A loop is read until the kinds of what it carries no longer change.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Atom, Block, Branch, Const, Loop, Value
from ad_compiler.kinds import Dim, Kind, NotStatic, Num, Sym, join
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
from ad_compiler.read.iterate import Iterate, Unroll
from ad_compiler.read.widen import Widen

MOST_PASSES = 8


class Control(Widen, Iterate):
    """Part of the lifter: branches and loops."""

    # -- branches ------------------------------------------------------------------------------------

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
        from ad_compiler.read.lift import assigned_names
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

    def mark(self) -> Any:
        """Where emission stands, to come back to."""
        names = dict(self.scope.names) if self.frames else None
        return self.block, len(self.block.ops), names, len(self.collector.refusals)

    def rewind(self, mark: Any) -> None:
        """Undo what was emitted since."""
        block, size, names, refusals = mark
        self.block = block
        del block.ops[size:]
        del self.collector.refusals[refusals:]
        if names is not None:
            self.scope.names.clear()
            self.scope.names.update(names)
        self.diverged = False


def is_function(thing: Abstract) -> bool:
    """Something to be called."""
    return isinstance(thing, (Closure, Bound, Choice)) or isinstance(thing, Const) and callable(thing.value)


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
