"""What loops, comprehensions and `sum` run over: lengths and items, known now or at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gast

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.read.abstract import (
    Abstract,
    Cursor,
    Generator,
    List,
    Poison,
    describe,
    protocol,
    report,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.names.scopes import Frame, Scope
from ad_compiler.read.syntax.made_up import assign, load, loops_around, placed, store
from ad_compiler.read.values.iterators import FIRST

MOST_ITEMS = 10_000


class Iteration(Reader):
    """Goes over things."""

    def items_from(self, cursor: Cursor) -> Iterator[Abstract]:
        """The items of a cursor."""
        for at in range(MOST_ITEMS):
            item = cursor(at)
            if item is None:
                return
            self.lifter.statements.spend()
            yield item
        raise Refused("a loop goes on for as long as what it goes through grows", "go through a copy")

    def iterate_if_short(self, thing: Abstract, unroll: bool = False) -> list[Abstract] | None:
        """The items of something whose length is known now, or None where a loop has to run."""
        return protocol(thing).iterate(self.lifter, unroll)

    def pairs(self, thing: Abstract) -> dict[Any, Abstract]:
        """A dict, of what gives pairs of a key and a value."""
        found: dict[Any, Abstract] = {}
        for pair in self.iterate_now(self.lifter.operators.iterable(thing)):
            items = self.lifter.statements.items_of(pair, 2)
            if len(items) != 2:
                raise Refused("a dict is made of pairs of a key and a value")
            found[self.lifter.expressions.key(items[0], "the key of a dict")] = items[1]
        return found

    def iterate_now(self, thing: Abstract) -> list[Abstract]:
        """The items of something whose length must be known now."""
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        items = self.iterate_if_short(thing, unroll=True)
        if items is None and isinstance(thing, Generator):
            made = self.list_loop(thing)
            report(made)
            items = None if made.grown is not None else made.items
        if items is None:
            raise Refused(f"the length of this {describe(thing)} must be known before the program runs",
                          "use an array, or a loop that adds up")
        return items

    # -- comprehensions and generators ---------------------------------------------------------------

    def is_short(self, thing: Generator) -> bool:
        """Is what a generator goes through first known now, so that it can be unrolled?"""
        first = thing.scope.names.get(FIRST)
        return first is not None and self.iterate_if_short(first, unroll=True) is not None

    def generate_now(self, thing: Generator, unroll: bool) -> list[Abstract] | None:
        """The items of a generator, where it can be unrolled; None where a loop has to run."""
        inner = Scope(thing.scope.source, {}, thing.scope, comprehension=True)
        mark = self.lifter.control.mark()
        self.lifter.frames.append(Frame(inner, self.lifter.frames[-1].node))
        items: list[Abstract] = []
        try:
            done = self._generators(thing.node, 0, items, unroll)
        finally:
            self.lifter.frames.pop()
        if not done:
            self.lifter.control.rewind(mark)
        return items if done else None

    def generate_in_turn(self, thing: Generator, unroll: bool) -> Cursor | None:
        """The items of a generator, each read when it is asked for; None where a loop has to run."""
        mark = self.lifter.control.mark()
        if self.generate_now(thing, unroll) is None:
            return None
        self.lifter.control.rewind(mark)
        frame = Frame(Scope(thing.scope.source, {}, thing.scope, comprehension=True), self.lifter.frames[-1].node)
        steps = self._steps(thing.node, 0, unroll)

        def item(_: int) -> Abstract | None:
            self.lifter.frames.append(frame)
            try:
                return next(steps, None)
            finally:
                self.lifter.frames.pop()
        return item

    def _steps(self, node: Any, level: int, unroll: bool) -> Iterator[Abstract]:
        """What `_generators` reads, one item after the other."""
        if level == len(node.generators):
            yield self.lifter.expressions.read(node.elt)
            return
        gen = node.generators[level]
        for part in self.items_from(self._cursor(gen, unroll) or (lambda at: None)):
            self.lifter.statements.assign(gen.target, part)
            if self._is_kept(gen.ifs):
                yield from self._steps(node, level + 1, unroll)

    def _generators(self, node: Any, level: int, items: list[Abstract], unroll: bool) -> bool:
        if level == len(node.generators):
            items.append(self.lifter.expressions.read(node.elt))
            return True
        gen = node.generators[level]
        cursor = self._cursor(gen, unroll)
        if cursor is None:
            return False
        for part in self.items_from(cursor):
            self.lifter.statements.assign(gen.target, part)
            kept = self._is_kept(gen.ifs)
            if kept is None or kept and not self._generators(node, level + 1, items, unroll):
                return False
        return True

    def _cursor(self, gen: Any, unroll: bool) -> Cursor | None:
        """The items of what a comprehension goes through; None where a loop has to run."""
        iterable = self.lifter.operators.iterable(self.lifter.expressions.read(gen.iter))
        return protocol(iterable).cursor(self.lifter, unroll)

    def _is_kept(self, tests: list[Any]) -> bool | None:
        """Does an item pass all tests?  None where that is known only when the program runs."""
        for test in tests:
            found = self.lifter.expressions.truth(test)
            if isinstance(found, Value) and not self.lifter.numbers.derived.get(found):
                return None
            if not self.lifter.expressions.static(found, "whether an item is kept"):
                return False
        return True

    def list_loop(self, thing: Generator) -> Abstract:
        """A list comprehension of unknown length: `items = []`, and a loop that appends."""
        append = gast.Attribute(load(".items"), "append", gast.Load())
        body: Any = gast.Expr(gast.Call(append, [thing.node.elt], []))
        return self._loop_over(thing, body, {".items": List([])})[".items"]

    def sum_loop(self, thing: Abstract, start: Abstract) -> Abstract:
        """`sum(thing, start)` as a loop."""
        return self.fold_loop(thing, start, lambda total, item: gast.BinOp(total, gast.Add(), item))

    def reduce_loop(self, thing: Abstract, fn: Callable[..., Any]) -> Abstract:
        """`min` or `max` of a run-time iterable that is not empty."""
        if isinstance(thing, Generator):
            first, thing = self._first_and_rest(thing, fn.__name__)
        else:
            first, thing = protocol(thing).item_at(self.lifter, Const(0)), protocol(thing).rest(self.lifter)

        def pick(best: Any, item: Any) -> Any:
            op = gast.Lt() if fn is max else gast.Gt()
            return gast.IfExp(gast.Compare(best, [op], [item]), item, best)
        return self.fold_loop(thing, first, pick)

    def _first_and_rest(self, thing: Generator, name: str) -> tuple[Abstract, Generator]:
        """The first item of a generator that is not empty, and a generator of the others."""
        node = thing.node
        if len(node.generators) != 1 or node.generators[0].ifs:
            raise Refused(f"`{name}` of this generator of unknown length is not supported",
                          f"use np.{name} of an array, or a loop")
        gen = node.generators[0]
        source = thing.scope.names[FIRST] if FIRST in thing.scope.names else self.lifter.expressions.read(gen.iter)
        rest = protocol(source).rest(self.lifter)
        inner = Scope(thing.scope.source, {".rest": rest}, thing.scope, comprehension=True)
        first_scope = Scope(thing.scope.source, {}, thing.scope, comprehension=True)
        self.lifter.frames.append(Frame(first_scope, self.lifter.frames[-1].node))
        try:
            self.lifter.statements.assign(gen.target, protocol(source).item_at(self.lifter, Const(0)))
            first = self.lifter.expressions.read(node.elt)
        finally:
            self.lifter.frames.pop()
        rest = gast.comprehension(gen.target, load(".rest"), [], False)
        return first, Generator(gast.copy_location(gast.GeneratorExp(node.elt, [rest]), node), inner)

    def fold_loop(self, thing: Abstract, start: Abstract, combine: Callable[[Any, Any], Any]) -> Abstract:
        """`total = start; for item in thing: total = combine(total, item)`, read as if it stood here."""
        total = ".total"
        if isinstance(thing, Generator):
            return self._loop_over(thing, assign(total, combine(load(total), thing.node.elt)), {total: start})[total]
        body, owner = assign(total, combine(load(total), load(".item"))), self.scope
        loop = gast.For(store(".item"), load(".items"), [body], [], None)
        return self._read_loop(loop, Scope(owner.source, {total: start, ".items": thing}, owner, None))[total]

    def _loop_over(self, thing: Generator, body: Any, names: dict[str, Abstract]) -> dict[str, Abstract]:
        """The loops and tests of a comprehension around a statement."""
        loops = placed(loops_around(thing.node.generators, body), thing.node)
        return self._read_loop(loops, Scope(thing.scope.source, names, thing.scope, None))

    def _read_loop(self, loop: Any, inner: Scope) -> dict[str, Abstract]:
        self.lifter.frames.append(Frame(inner, self.lifter.frames[-1].node))
        try:
            self.lifter.control.stmt_For(loop)
        finally:
            self.lifter.frames.pop()
        return inner.names
