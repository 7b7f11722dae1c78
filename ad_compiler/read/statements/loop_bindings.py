"""A name that a loop binds, and that an iteration may leave as it is, is what an earlier iteration has bound it to.

>>> from ad_compiler import grad
>>> def f(x):
...     for i in range(3):
...         if i == 0:
...             last = x
...         last = last * (i + 1)
...     return last
>>> grad(f)(5.0)
6.0

Where it is read in the loop, or stands in memory that others know, the loop carries it, unbound at first.  Where
not, only what an iteration leaves unbound is handed on.
"""

from __future__ import annotations

from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Atom, Block, Const, Loop, Op, Value, definitions, walk
from ad_compiler.ops import is_store
from ad_compiler.read.abstract import Abstract, Memory, Poison, containers_in, flatten, is_number, kind_of
from ad_compiler.read.base import Reader
from ad_compiler.read.memory.places import holds_memory, without_length
from ad_compiler.read.names.scopes import is_made_up
from ad_compiler.read.statements.join import link_sources, plain_name
from ad_compiler.read.statements.loop_state import Facts, runs
from ad_compiler.read.statements.promote_carries import at_the_end


class FirstBound(Reader):
    """Follows names that are bound in a loop, and not before it."""

    def ask_half(self, names: dict[str, Abstract]) -> None:
        """What a loop carries it asks for, as a line does that reads it."""
        scope = self.scope
        scope.asked |= {name for name, thing in names.items() if scope.half.get(name) is thing}

    def carry_half(self, facts: Facts, assigned: list[str], hidden: list[str], tick: int) -> None:
        """Find the names that an iteration needs of an earlier one, though none has to bind them."""
        scope = self.scope
        for name in assigned:
            if name not in scope.half or name in facts.carried or name in hidden or is_made_up(name):
                continue
            thing, asked = scope.names.get(name, UNDEFINED), name in scope.asked
            if thing is UNDEFINED:
                thing = Poison(*not_bound(name))
            if not isinstance(thing, Poison):
                thing = self._half(name, thing, asked, facts, tick)
            if thing is None or isinstance(thing, Poison) and not (asked and thing.message):
                continue
            facts.changed = True
            facts.half.add(name)
            facts.carried[name] = thing
            if isinstance(thing, Poison):
                facts.lost[name] = thing

    def _half(self, name: str, thing: Abstract, asked: bool, facts: Facts, tick: int) -> Abstract | None:
        """A thing like this one, for what it is at the start of an iteration; None where nobody asks for it."""
        try:
            atoms, build = flatten(thing)
        except Refused as error:
            return Poison(error.message, error.remedy)
        cells = [*map(self.lifter.memory.cell_of, atoms), *containers_in(thing)]
        if not asked and not any(cell is not None and (cell.near or cell.born <= tick) for cell in cells):
            return None
        if all(isinstance(atom, Const) and not is_number(atom) for atom in atoms):
            return Poison(*not_bound(name)) if any(cells) else None
        return build([atom if isinstance(atom, Const) and not is_number(atom) else
                      Value(plain_name(name), at_the_end(without_length(kind_of(atom)), facts.lengths))
                      for atom in atoms])

    def handed(self, thing: Abstract) -> Any:
        """What a name that is bound in the loop alone stands for at the end of an iteration."""
        if thing is UNDEFINED or isinstance(thing, Poison):
            return thing
        try:
            atoms, build = flatten(thing)
            memory = self.lifter.memory
            return thing, [(memory.fresh(a), memory.cell_of(a), memory.sealed_by(a)) for a in atoms], build
        except Refused as error:
            return Poison(error.message, error.remedy)

    def bound_before(self, loop: Loop, firsts: dict[str, Any], tick: int, facts: Facts) -> None:
        """Names that are bound in the loop alone."""
        sources: list[Any] = []
        for name, found in firsts.items():
            if found is UNDEFINED or isinstance(found, Poison):
                self.scope.names[name] = found
                continue
            thing, atoms, build = found
            place = self.lifter.memory.places.get(thing) if isinstance(thing, Value) else None
            if not atoms:
                self.scope.names[name] = thing if not isinstance(thing, Memory) or thing.born <= tick else build([])
            elif isinstance(thing, Memory) and runs(loop) and thing.born <= tick:
                self.scope.names[name] = thing
            elif place is not None and runs(loop) and place.cell.born <= tick and not place.chain:
                kind = at_the_end(thing.kind, facts.lengths)
                self.scope.names[name] = self.lifter.memory.handle(place, kind, thing.hint)
            else:
                results = [self._export(loop, name, atom, cell, seal, sources) for atom, cell, seal in atoms]
                self.scope.names[name] = built = build(results)
                sources += ((new, (None, old)) for new, old in zip(
                    containers_in(built), containers_in(thing), strict=False))
                if not runs(loop) or self.scope.half.get(name) is thing:
                    self.lifter.branches.note_unbound(built, name)
        link_sources(sources, tick)

    def _export(self, loop: Loop, name: str, atom: Any, cell: Memory | None, seal: str, sources: list[Any]) -> Atom:
        if isinstance(atom, Const) and not is_number(atom):
            return atom
        kind = without_length(kind_of(atom))
        param, result = Value(plain_name(name), kind), Value(plain_name(name), kind)
        loop.inits.append(UNDEFINED)
        keep_bound(loop.body, atom, param)
        loop.body.params.append(param)
        loop.body.results.append(atom)
        loop.results.append(result)
        if holds_memory(kind):
            self.lifter.memory.own(result, sealed=seal)
            sources.append((self.lifter.memory.cell_of(result), (None, cell)))
        return result


def not_bound(name: str) -> tuple[str, str]:
    """What is said of a name that may not be bound."""
    return f"`{name}` may not be bound here", "bind it before the branch or loop"


def keep_bound(body: Block, atom: Any, param: Value) -> None:
    """What an arm or a loop leaves unbound in one iteration is what an earlier one has bound it to."""
    makers = {result: stmt for stmt in walk(body) for result in definitions(stmt)}
    left, seen = [atom], set()
    while left:
        value = left.pop()
        stmt = makers.get(value) if isinstance(value, Value) and value not in seen else None
        if stmt is None:
            continue
        seen.add(value)
        if isinstance(stmt, Op):
            left += [stmt.args[0]] if is_store(stmt) else []
            continue
        if value not in stmt.results:
            continue
        at = stmt.results.index(value)
        if isinstance(stmt, Loop):
            stmt.inits[at] = param if stmt.inits[at] is UNDEFINED else stmt.inits[at]
            left += [stmt.inits[at], stmt.body.results[at]]
            continue
        for arm in (stmt.then, stmt.orelse):
            arm.results[at] = param if arm.results[at] is UNDEFINED else arm.results[at]
            left.append(arm.results[at])
