"""Loops: what each iteration changes is found out and stated.

A loop is read until nothing new is found: the kinds of what it carries, the memories that it writes into, and
which of the arrays that it carries may be one memory.  Arrays are taken to be apart until an iteration shows
that they are not; so two buffers that are swapped stay two buffers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Atom, Block, Const, Loop, Value
from ad_compiler.kinds import Kind, Num, Seq, Sym
from ad_compiler.read.abstract import (
    Abstract,
    List,
    Memory,
    Poison,
    containers_in,
    describe,
    flatten,
    is_number,
    kind_of,
    same_structure,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.expressions.questions import types_of
from ad_compiler.read.memory.places import Place, holds_memory, link, related, same_chain, without_length
from ad_compiler.read.statements.join import link_sources, of_two_types, plain_name, same_constant
from ad_compiler.read.statements.loop_state import (
    Facts,
    Group,
    Key,
    Slot,
    changes_in_place,
    open_content,
    runs,
    same_content,
    stays_constant,
    with_constants,
    within,
)
from ad_compiler.read.statements.promote_carries import at_the_end
from ad_compiler.read.syntax.bindings import augmented_names, bound_names, stored_names

MOST_PASSES = 12


class Loops(Reader):
    """States loops."""

    def loop(self, node: Any, bounds: tuple[Atom, Atom, Atom] | None, bind: Callable[[Value | None], None],
             test: Any, body: list[Any], leave: str | None, target: Any = None) -> None:
        """Read a loop until nothing new is found."""
        targets = [target] if target is not None else []
        assigned, hidden = bound_names([*targets, *body]), bound_names(targets)
        before, tick = dict(self.scope.names), self.lifter.memory.tick()
        carried = {n: before[n] for n in assigned if n in before and n not in hidden
                   and before[n] is not UNDEFINED and not isinstance(before[n], Poison)}
        self.lifter.first_bound.ask_half(carried)
        in_place = {n for n in augmented_names(body) if n in carried and changes_in_place(carried[n])}
        written = {cell: None for n in (*sorted(in_place), *stored_names(body))
                   if (cell := self.lifter.memory.cell_of(before.get(n))) is not None}
        facts = Facts(carried, {n for n, thing in carried.items() if stays_constant(thing)}, in_place, written,
                      lengths=frozenset(self.lifter.memory.lengths))
        for _ in range(MOST_PASSES):
            mark = self.lifter.control.mark()
            facts.changed = False
            self._one_pass(node, bounds, bind, test, body, leave, facts, assigned, hidden, tick)
            if not facts.changed:
                return
            self.lifter.control.rewind(mark)
            self.scope.names.clear()
            self.scope.names.update(before)
        raise Refused("the kinds of what this loop carries do not settle")

    def _one_pass(self, node: Any, bounds: Any, bind: Any, test: Any, body: list[Any], leave: str | None,
                  facts: Facts, assigned: list[str], hidden: list[str], tick: int) -> None:
        key = self.lifter.control.loop_key(node)
        inner, outer, size = Block(), self.lifter.block, len(self.lifter.memory.journal)
        groups = self._enter(facts, key, bounds, inner)
        entered = len(self.lifter.memory.journal)
        index = None if bounds is None else Value("", replace(Num("int64", (), "py"), length=Sym(("index", key))))
        if index is not None:
            self.lifter.numbers.derived[index] = frozenset([key])
        cond: Block | None = None
        self.lifter.block = inner
        try:
            if test is not None:
                cond = Block()
                self.lifter.block = cond
                truth = self.lifter.expressions.truth(test)
                if len(self.lifter.memory.journal) > entered:
                    raise Refused("the condition of this loop writes into memory", "do that in the body of the loop")
                cond.results = [truth]
                self.lifter.block = inner
            bind(index)
            given, roots = dict(self.scope.names), self.lifter.numbers.roots
            self.lifter.statements.read(body)
            facts.changed = self.lifter.numbers.typed and roots is not self.lifter.numbers.roots
            if self.lifter.diverged:       # it raises: what would be handed on is of no account
                self.scope.names.update({name: given[name] for name in facts.carried})
            self.lifter.diverged = False
            self._compare_all(facts, groups, inner, key, entered, tick)
            if not facts.changed:
                self.lifter.first_bound.carry_half(facts, assigned, hidden, tick)
            left = None if leave is None else self.lifter.expressions.truth_of(self.scope.names[leave])
            firsts = {} if facts.changed else {
                name: self.lifter.first_bound.handed(self.scope.names[name]) for name in assigned
                if name not in facts.carried and name in self.scope.names}
        finally:
            self.lifter.block = outer
        if facts.changed:
            return
        if index is not None and not index.hint:
            index.hint = "i" if not any(s.names.get("i") for s in [self.scope]) else "k"
        slots = [slot for group in groups for slot in group.slots]
        results = [Value(slot.param.hint, slot.param.kind) for slot in slots]
        loop = Loop([slot.init for slot in slots], inner, results, index, cond=cond, origin=self.lifter.origin,
                    reverse=self.lifter.reverse)
        inner.results = [slot.handed for slot in slots]
        if bounds is not None:
            loop.start, loop.stop, loop.step = bounds
        loop.leave = None if isinstance(left, Const) and not left.value else left
        for slot, result in zip(slots, results, strict=True):
            ends = [slot.handed] if runs(loop) or slot.init is UNDEFINED else [slot.handed, slot.init]
            if slot.key in facts.whole or slot.param in self.lifter.numbers.whole and len(ends) > 1:
                self.lifter.numbers.whole.add(result)
            self.lifter.numbers.join(inner, slot.param.kind, kind_of(slot.init), kind_of(slot.handed))
            if any(end in self.lifter.numbers.mixed or of_two_types(kind_of(end), slot.param.kind) for end in ends):
                self.lifter.numbers.mixed[result] = types_of(self.lifter, *ends)
        inside = dict(self.scope.names)
        self.lifter.memory.undo(size)
        self._leave(loop, groups, facts, inside, tick)
        self.lifter.first_bound.bound_before(loop, firsts, tick, facts)
        for result in loop.results:
            result.kind = at_the_end(result.kind, facts.lengths)
        for group in groups:
            if len(group.slots) == 1 and isinstance(group.slots[0].param.kind, Seq) and group.owner not in facts.half:
                self.lifter.lists.append_as_trail(loop, group.slots[0].param, group.slots[0].init)
        self.lifter.block.ops.append(loop)

    # -- on entry ------------------------------------------------------------------------------------

    def _enter(self, facts: Facts, key: Any, bounds: Any, inner: Block) -> list[Group]:
        """Make the parameters of the body, and bind names and memories to them."""
        groups, poisons = [], {}
        for name, thing in facts.carried.items():
            if name in facts.lost:
                self.scope.names[name] = facts.lost[name]
            elif name not in facts.fixed and name not in facts.held:
                atoms, build = flatten(thing)
                boxes = list(containers_in(thing))
                groups.append(self._group(name, name, build(atoms) if boxes else thing, atoms, build, facts, bounds))
                groups[-1].init_boxes = boxes
        for memory in facts.written:
            content = memory.content
            if memory in facts.poisoned or isinstance(content, Poison):
                poisons[memory] = facts.poisoned.get(memory, content)
                continue
            hint = content.hint if isinstance(content, Value) else self.lifter.lists.list_hint(memory)
            if memory in facts.grown and not isinstance(content, Value):
                content = self.lifter.lists.make_grown(content, facts.grown[memory])
            groups.append(self._group(memory, hint, content, *open_content(content), facts, bounds))
        for memory, poison in poisons.items():
            self.lifter.memory.put(memory, poison)
        for group in groups:
            inner.params += [slot.param for slot in group.slots]
        for group in groups:
            new = group.build([slot.param for slot in group.slots])
            if isinstance(group.owner, str):
                self.scope.names[group.owner] = new
                if group.owner in facts.half:
                    self.scope.half[group.owner] = new
                group.boxes = list(containers_in(new))
            else:
                for slot in group.slots if isinstance(group.thing, Value) else ():
                    self.lifter.memory.places[slot.param] = Place(group.owner, (), slot.param)
                self.lifter.memory.put(group.owner, new)
        self._link(facts, groups)
        return groups

    def _group(self, owner: Any, hint: str, thing: Any, atoms: list[Any], build: Any, facts: Facts,
               bounds: Any) -> Group:
        if owner in facts.grown and isinstance(owner, str) and isinstance(thing, List) and thing.grown is None:
            atoms, build = [self.lifter.lists.make_grown(thing.items, facts.grown[owner])], lambda new: List(new[0])
        slots = []
        for at, atom in enumerate(atoms):
            if isinstance(atom, Const) and not is_number(atom) and not isinstance(owner, str):
                continue
            kind = facts.kinds.get((owner, at)) or without_length(kind_of(atom))
            cell = self.lifter.memory.cell_of(atom)
            half = isinstance(owner, str) and owner in facts.half
            init = UNDEFINED if half else self.lifter.widening.widened(self.lifter.memory.fresh(atom), kind, bounds)
            param = Value(plain_name(hint), kind)
            self.lifter.branches.maybe_unbound |= {param} if half else set()
            if of_two_types(kind_of(atom), kind) or atom in self.lifter.numbers.mixed:
                self.lifter.numbers.mixed[param] = types_of(self.lifter, atom, param)
            known = isinstance(init, Value) and (owner, at) not in facts.ragged and self.lifter.memory.layout(init)
            seal = facts.sealed.get((owner, at)) or self.lifter.memory.sealed_by(atom)
            self.lifter.memory.own(param, known, sealed=seal)
            if (owner, at) in facts.whole or self.lifter.numbers.may_be_whole(init, kind):
                self.lifter.numbers.whole.add(param)
            slots.append(Slot((owner, at), init, param, cell))
        if len(slots) < len(atoms):
            build = with_constants(atoms, build)
        return Group(owner, thing, build, slots)

    def _link(self, facts: Facts, groups: list[Group]) -> None:
        """Which parameters may stand in the same memory: at first those whose initial values do."""
        cells: dict[Key, Memory] = {}
        sources: list[tuple[Memory, tuple[Memory | None]]] = []
        for group in groups:
            for slot in group.slots:
                cell = self.lifter.memory.cell_of(slot.param)
                if cell is None or not isinstance(group.owner, str) and isinstance(group.thing, Value):
                    continue
                cells[slot.key] = cell
                sources.append((cell, (slot.init_cell,)))
            for at, (box, init) in enumerate(zip(group.boxes, group.init_boxes, strict=False)):
                cells[group.owner, ~at] = box
                sources.append((box, (init,)))
        facts.links |= self._held(groups)
        link_sources(sources, self.lifter.memory.tick())      # all that the new cells come from is older
        for one, other in facts.links:
            if one in cells:
                target = cells.get(other) if isinstance(other, tuple) else other
                if target is not None:
                    link(cells[one], target)

    # -- at the end of an iteration ------------------------------------------------------------------

    def _compare_all(self, facts: Facts, groups: list[Group], inner: Block, key: Any, entered: int, tick: int) -> None:
        """What an iteration hands on, against what it was given."""
        for group in groups:
            self._compare_group(facts, group, key)
        for name in sorted(facts.fixed | facts.held):
            self._compare_unchanged(facts, name)
        for memory, content in self.lifter.memory.written_since(entered).items():
            if memory.born > tick:
                continue
            if isinstance(content, Poison):
                facts.changed |= memory not in facts.poisoned
                facts.poisoned.setdefault(memory, content)
            facts.changed |= memory not in facts.written
            facts.written.setdefault(memory)
        self._find_links(facts, groups, tick)

    def _compare_group(self, facts: Facts, group: Group, key: Any) -> None:
        owner = group.owner
        thing = self.scope.names[owner] if isinstance(owner, str) else owner.content
        if isinstance(thing, Poison):
            if not thing.message:
                raise Refused("")
            self._lose(facts, owner, thing)
            return
        if isinstance(owner, str):
            if owner in facts.half and not same_structure(thing, group.thing):
                self._lose(facts, owner, Poison(f"`{owner}` has another structure in each iteration of this loop",
                                                "bind it before the loop"))
                return
            if isinstance(thing, List) and isinstance(group.thing, List) and owner not in facts.grown \
                    and not same_structure(thing, group.thing):
                self._grow(facts, owner, group, thing)
                return
            if not same_structure(thing, group.thing) and owner not in facts.grown:
                raise Refused(f"`{owner}` is a {describe(group.thing)} before this loop and a {describe(thing)} in it",
                              "give it one structure")
            atoms = [thing.grown] if owner in facts.grown else flatten(thing)[0]
        else:
            if not same_content(thing, group.thing) and owner not in facts.grown:
                self._grow(facts, owner, group, owner)
                return
            atoms = open_content(thing)[0]
            atoms = [a for a in atoms if not (isinstance(a, Const) and not is_number(a))]
        if len(atoms) != len(group.slots):
            raise Refused("what this loop stores has another structure in each iteration")
        try:
            self._hand_on(facts, group, atoms, key)
        except Refused as error:
            if not error.message or not isinstance(owner, str) or owner not in facts.half and not any(
                    isinstance(getattr(self.lifter.memory.cell_of(a), "content", None), Poison) for a in atoms):
                raise
            self._lose(facts, owner, Poison(error.message, error.remedy))

    def _hand_on(self, facts: Facts, group: Group, atoms: list[Any], key: Any) -> None:
        for slot, atom in zip(group.slots, atoms, strict=True):
            slot.handed_cell = self.lifter.memory.cell_of(atom)
            seal = self.lifter.memory.sealed_by(atom)
            if seal and not self.lifter.memory.sealed_by(slot.param):
                facts.sealed[slot.key] = seal
                facts.changed = True
            slot.handed = atom = self.lifter.memory.fresh(atom)
            found = without_length(kind_of(atom))
            param = slot.param
            if self.lifter.widening.can_widen(slot.init, param.kind, found):
                joined: Kind | None = found
            else:
                joined = self.lifter.widening.join_carried(param.kind, found, (key, *slot.key))
            if joined is None or isinstance(atom, Const) and not is_number(atom):
                name = group.owner if isinstance(group.owner, str) else param.hint
                raise Refused(f"`{name}` changes from {describe(param)} to {describe(atom)} in this loop",
                              "use one kind of value")
            facts.changed |= joined != param.kind
            facts.kinds[slot.key] = joined
            if slot.key not in facts.whole and self.lifter.numbers.may_be_whole(atom, joined):
                facts.whole.add(slot.key)
                facts.changed = True
            if isinstance(atom, Value) and holds_memory(atom.kind) and slot.key not in facts.ragged and not within(
                    self.lifter.memory.layout(atom), self.lifter.memory.layout(param)):
                facts.ragged.add(slot.key)
                facts.changed = True

    def _lose(self, facts: Facts, owner: Any, poison: Poison) -> None:
        where: dict[Any, Poison] = facts.lost if isinstance(owner, str) else facts.poisoned
        facts.changed |= owner not in where
        where.setdefault(owner, poison)

    def _grow(self, facts: Facts, owner: Any, group: Group, thing: Any) -> None:
        """A list that has more items after an iteration than before: one whose length is known at run time."""
        if not isinstance(thing, List) or owner in facts.grown:
            raise Refused("what this loop stores has another structure in each iteration", "give it one structure")
        before = group.thing.items if isinstance(group.thing, List) else group.thing
        if thing.grown is not None or isinstance(before, Value):
            found: Any = thing.grown or before
            elem = found.kind.elem
        else:
            elem = self.lifter.lists.kind_of_items([*before, *thing.items])
        facts.grown[owner] = elem
        facts.changed = True

    def _compare_unchanged(self, facts: Facts, name: str) -> None:
        now, before = self.scope.names[name], facts.carried[name]
        if now is before or isinstance(now, Const) and isinstance(before, Const) and same_constant(now, before):
            return
        if isinstance(now, Poison) and not now.message:
            raise Refused("")
        if name in facts.held or isinstance(before, List) and not before.content or isinstance(now, Poison):
            facts.held.discard(name)
            facts.fixed.discard(name)
            facts.changed = True
            return
        raise Refused(f"`{name}` changes in this loop, and before it is a {describe(before)} known already",
                      "use a number or an array")

    def _find_links(self, facts: Facts, groups: list[Group], tick: int) -> None:
        named = [group for group in groups if isinstance(group.owner, str) or not isinstance(group.thing, Value)]
        handed = [(slot.key, slot.handed_cell) for group in named for slot in group.slots
                  if slot.handed_cell is not None]
        handed += [((group.owner, ~at), box) for group in groups if group.boxes
                   for at, box in enumerate(containers_in(self.scope.names[group.owner]))]
        found: set[tuple[Any, Any]] = set()
        for at, (key, memory) in enumerate(handed):
            found |= {(key, old) for old in (memory, *memory.near) if old.born <= tick}
            found |= {(key, other) for other, theirs in handed[:at] if related(memory, theirs)}
        found |= {(owner, old) for owner, old in self._held(groups) if old.born <= tick}
        facts.changed |= not found <= facts.links
        facts.links |= found

    @staticmethod
    def _held(groups: list[Group]) -> set[tuple[Any, Any]]:
        """What lists that grow hold: what an iteration has put in, the next one may write into before it looks."""
        return {(group.owner, memory) for group in groups
                if not isinstance(group.owner, str) and isinstance(group.thing, Value) for memory in group.owner.near}

    # -- after the loop ------------------------------------------------------------------------------

    def _leave(self, loop: Loop, groups: list[Group], facts: Facts, inside: dict[str, Abstract], tick: int) -> None:
        """Bind names and memories to what they are after the loop."""
        sources: list[Any] = []
        at = 0
        for group in groups:
            results: list[Any] = loop.results[at:at + len(group.slots)]
            at += len(group.slots)
            direct = not isinstance(group.owner, str) and isinstance(group.thing, Value)
            for slot, result in zip(group.slots, results, strict=True):
                if direct:
                    self.lifter.memory.places[result] = Place(group.owner, (), result)
                elif holds_memory(result.kind):
                    seal = self.lifter.memory.sealed_by(slot.param)
                    self.lifter.memory.own(result, self.lifter.memory.layout(slot.param), sealed=seal)
                    sources.append((self.lifter.memory.cell_of(result), (slot.init_cell, slot.handed_cell)))
            if isinstance(group.owner, str):
                self.scope.names[group.owner] = built = group.build(list(results))
                sources += zip(containers_in(built), zip(group.init_boxes, containers_in(inside[group.owner]),
                                                         strict=False), strict=False)
                self._keep_place(group, inside[group.owner])
                if group.owner in facts.half:
                    self.lifter.branches.note_unbound(built, group.owner)
            else:
                self.lifter.memory.put(group.owner, group.build(list(results)))
        for memory, poison in facts.poisoned.items():
            self.lifter.memory.put(memory, poison)
        for name in sorted(facts.held | facts.fixed):
            self.scope.names[name] = inside[name]
        for name, poison in facts.lost.items():
            self.scope.names[name] = poison
        link_sources(sources, tick)

    def _keep_place(self, group: Group, thing: Abstract) -> None:
        """A name that stands for one part of one array, before the loop and in it."""
        before = group.thing
        places = self.lifter.memory.places
        if isinstance(before, Value) and isinstance(thing, Value) and thing in places and before in places:
            a, b = self.lifter.memory.places[before], self.lifter.memory.places[thing]
            if a.cell is b.cell and same_chain(a.chain, b.chain):
                self.scope.names[group.owner] = self.lifter.memory.handle(a, before.kind, before.hint)
