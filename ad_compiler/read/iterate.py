"""What loops, comprehensions and `sum` run over: lengths and items, known now or at run time."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Value
from ad_compiler.kinds import Num, Seq, Shape
from ad_compiler.read.abstract import (
    Abstract,
    Count,
    Dict,
    Few,
    Flat,
    Generator,
    Iterated,
    List,
    Poison,
    Range,
    Reversed,
    Set,
    Tuple,
    View,
    Zip,
    describe,
    python_value,
    report,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.builtins import BUILTINS
from ad_compiler.read.frame import Frame, Scope
from ad_compiler.read.generators import FIRST

LONGEST_UNROLLED, MOST_ITEMS = 400, 10_000
Cursor = Callable[[int], Abstract | None]
"""Gives the item at a place, when it is its turn; None after the last."""


def items_from(cursor: Cursor) -> Iterator[Abstract]:
    """The items of a cursor."""
    for at in range(MOST_ITEMS):
        item = cursor(at)
        if item is None:
            return
        yield item
    raise Refused("a loop goes on for as long as what it goes through grows", "go through a copy")


class Iterate(Reader):
    """Part of the lifter: iteration."""

    def unrollable(self, thing: Abstract) -> list[Abstract] | None:
        """The items of a range whose bounds are known."""
        if isinstance(thing, Range):
            bounds = [python_value(p) for p in (thing.start, thing.stop, thing.step)]
            if all(isinstance(b, int) for b in bounds) and bounds[2] != 0:
                items = range(*bounds)
                if len(items) <= LONGEST_UNROLLED:
                    return [Const(i) for i in items]
        if isinstance(thing, Zip):
            parts = [self.iterate_if_short(p, unroll=True) for p in thing.parts if not isinstance(p, Count)]
            if parts and all(p is not None for p in parts):
                return self.iterate_if_short(thing, unroll=True)
        if isinstance(thing, Reversed):
            inner = self.unrollable(thing.of)
            return None if inner is None else inner[::-1]
        return self.unrollable(thing.of) if isinstance(thing, Few) else None

    def iterate_if_short(self, thing: Abstract, unroll: bool = False) -> list[Abstract] | None:
        """The items of something whose length is known now, or None where a loop has to run."""
        if isinstance(thing, List) and thing.grown is not None:
            return None
        if isinstance(thing, (Tuple, List, View)):
            return list(thing.items)
        if isinstance(thing, Set):
            return [Const(item) for item in thing.items]
        if isinstance(thing, Dict):
            return [Const(key) for key in thing.items]
        if isinstance(thing, Reversed):
            inner = self.iterate_if_short(thing.of, unroll)
            return None if inner is None else inner[::-1]
        if isinstance(thing, Iterated):
            whole = self.iterate_if_short(thing.of, unroll)
            return None if whole is None else whole[thing.at:]
        if isinstance(thing, Value) and isinstance(thing.kind, Shape):
            return self.items_of(thing)
        if isinstance(thing, Const) and isinstance(thing.value, (str, tuple, list, frozenset, set, range, dict)):
            return [Const(item) for item in thing.value]
        if isinstance(thing, Range):
            bounds = [python_value(p) for p in (thing.start, thing.stop, thing.step)]
            if all(isinstance(b, int) for b in bounds) and bounds[2] != 0 and (unroll or not range(*bounds)):
                return self.unrollable(thing)
            return None
        if isinstance(thing, Zip):
            return self._zip_now(thing, unroll)
        if isinstance(thing, Generator):
            return self._generate_now(thing, unroll)
        return None

    def cursor(self, thing: Abstract, unroll: bool = False) -> Cursor | None:
        """The items one by one, each as it is when it is its turn; None where a loop has to run.

        A list may change while it is gone through: Python asks it for one item after the other, until there is none.
        """
        if isinstance(thing, Iterated):
            whole = self.cursor(thing.of, unroll)
            return whole if whole is None or not thing.at else lambda at: whole(thing.at + at)
        if isinstance(thing, List) and thing.grown is None:
            return lambda at: thing.items[at] if at < len(thing.items) else None
        if isinstance(thing, Reversed) and isinstance(thing.of, List) and thing.of.grown is None:
            of, last = thing.of, len(thing.of.items) - 1
            return lambda at: of.items[last - at] if 0 <= last - at < len(of.items) else None
        if isinstance(thing, (Dict, Set, View)):
            size = len(thing.items)

            def of_dict(at: int) -> Abstract | None:
                if len(thing.items) != size:
                    raise Refused(f"a {describe(thing)} changes its size while it is gone through",
                                  "go through a list of it")
                items = thing.items if isinstance(thing, View) else [Const(key) for key in thing.items]
                return items[at] if at < size else None
            return of_dict
        if isinstance(thing, Zip):
            return self._cursor_of_zip(thing, unroll)
        items = self.iterate_if_short(thing, unroll)
        return None if items is None else lambda at: items[at] if at < len(items) else None

    def _cursor_of_zip(self, thing: Zip, unroll: bool) -> Cursor | None:
        cursors = [None if isinstance(p, Count) else self.cursor(p, unroll) for p in thing.parts]
        if all(isinstance(p, Count) for p in thing.parts) or any(
                c is None and not isinstance(p, Count) for c, p in zip(cursors, thing.parts, strict=True)):
            return None

        def row(at: int) -> Abstract | None:
            items = []
            for cursor, part in zip(cursors, thing.parts, strict=True):
                item = self.apply(operator.add, [part.start, Const(at)]) if cursor is None else cursor(at)
                if item is None:
                    return None
                items.append(item)
            return Tuple(items)
        return row

    def _zip_now(self, thing: Zip, unroll: bool) -> list[Abstract] | None:
        parts = [p if isinstance(p, Count) else self.iterate_if_short(p, unroll) for p in thing.parts]
        known = [p for p in parts if isinstance(p, list)]
        if not known:
            return None
        size = min(map(len, known))
        columns: list[list[Abstract]] = []
        for part in parts:
            if isinstance(part, Count):
                columns.append([self.apply(operator.add, [part.start, Const(i)]) for i in range(size)])
            elif part is None:
                return None
            else:
                columns.append(part)
        return [Tuple(list(row)) for row in zip(*columns, strict=False)]

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

    # -- loops that run ------------------------------------------------------------------------------

    def length(self, thing: Abstract) -> Abstract:
        """`len(thing)` of something that can be iterated."""
        if isinstance(thing, List) and thing.grown is not None:
            return self.apply(len, [thing])
        if isinstance(thing, (Tuple, List, Dict, Set, View)):
            return Const(len(thing.items))
        if isinstance(thing, Range):
            start, stop, step = (python_value(p) for p in (thing.start, thing.stop, thing.step))
            if all(isinstance(b, int) for b in (start, stop, step)):
                return Const(len(range(start, stop, step)))
            if step != 1:
                raise Refused("the length of a range with this step is not supported here")
            return thing.stop if start == 0 else self.apply(operator.sub, [thing.stop, thing.start])
        if isinstance(thing, Iterated) and thing.at:
            return self.apply(operator.sub, [self.length(thing.of), Const(thing.at)])
        if isinstance(thing, (Reversed, Iterated)):
            return self.length(thing.of)
        if isinstance(thing, Zip):
            sizes = [self.length(p) for p in thing.parts if not isinstance(p, Count)]
            shortest = sizes[0]
            for size in sizes[1:]:
                if isinstance(size, Value) and isinstance(shortest, Value) and isinstance(size.kind, Num) \
                        and isinstance(shortest.kind, Num) and size.kind.length is not None \
                        and size.kind.length == shortest.kind.length:
                    continue
                shortest = BUILTINS[min](self, [shortest, size], {})
            return shortest
        return self.apply(len, [thing])

    def counting(self, thing: Abstract) -> tuple[Atom, Atom, Atom, Callable[[Value], Abstract]]:
        """Bounds of a counted loop over a thing, and its item for an index."""
        if isinstance(thing, Range):
            for part in (thing.start, thing.stop, thing.step):
                if not isinstance(part, (Value, Const)):
                    raise Refused("the bounds of a range must be integers")
            return thing.start, thing.stop, thing.step, lambda i: i
        if isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.shape == ():
            raise Refused("a number cannot be iterated")
        if isinstance(thing, Iterated) and not thing.at:
            return self.counting(thing.of)
        if isinstance(thing, Flat):     # what the loop writes into the array is seen, as of the array itself
            return Const(0), self.apply(np.size, [thing.owner]), Const(1), lambda i: self.item(thing, i)
        if isinstance(thing, List) and thing.grown is not None:
            return Const(0), self.length(thing), Const(1), lambda i: self.item(thing, i)
        if isinstance(thing, Value) and isinstance(thing.kind, (Num, Seq)):
            return Const(0), self.length(thing), Const(1), lambda i: self.apply(operator.getitem, [thing, i])
        if isinstance(thing, (Zip, Reversed, Iterated)):
            if isinstance(thing, Zip) and all(isinstance(p, Count) for p in thing.parts):
                raise Refused("enumerate needs something to count")
            return Const(0), self.length(thing), Const(1), lambda i: self._item(thing, i)
        raise Refused(f"a loop over this {describe(thing)} is not supported", "loop over a range, an array or a list")

    def _item(self, thing: Abstract, i: Atom) -> Abstract:
        """Item number `i` of something that is looped over."""
        if isinstance(thing, Count):
            return i if python_value(thing.start) == 0 else self.apply(operator.add, [thing.start, i])
        if isinstance(thing, Range):
            if python_value(thing.step) != 1:
                scaled = self.apply(operator.mul, [i, thing.step])
                return self.apply(operator.add, [thing.start, scaled])
            return i if python_value(thing.start) == 0 else self.apply(operator.add, [thing.start, i])
        if isinstance(thing, Zip):
            return Tuple([self._item(part, i) for part in thing.parts])
        if isinstance(thing, Reversed):
            last = self.apply(operator.sub, [self.length(thing.of), Const(1)])
            return self._item(thing.of, self.apply(operator.sub, [last, i]))
        if isinstance(thing, Iterated):
            return self._item(thing.of, self.apply(operator.add, [Const(thing.at), i]) if thing.at else i)
        return self.item(thing, i)

    # -- comprehensions and generators ---------------------------------------------------------------

    def is_short(self, thing: Generator) -> bool:
        """Is what a generator goes through first known now, so that it can be unrolled?"""
        first = thing.scope.names.get(FIRST)
        return first is not None and self.iterate_if_short(first, unroll=True) is not None

    def _generate_now(self, thing: Generator, unroll: bool) -> list[Abstract] | None:
        inner = Scope(thing.scope.source, {}, thing.scope, comprehension=True)
        mark = self.mark()
        self.frames.append(Frame(inner, self.frames[-1].node))
        items: list[Abstract] = []
        try:
            done = self._generators(thing.node, 0, items, unroll)
        finally:
            self.frames.pop()
        if not done:
            self.rewind(mark)
        return items if done else None

    def _generators(self, node: Any, level: int, items: list[Abstract], unroll: bool) -> bool:
        if level == len(node.generators):
            items.append(self.expr(node.elt))
            return True
        gen = node.generators[level]
        source = self.iterable(self.expr(gen.iter))
        cursor = self.cursor(source, unroll)
        if cursor is None:
            return False
        for part in items_from(cursor):
            self.assign(gen.target, part)
            kept = self._is_kept(gen.ifs)
            if kept is None or kept and not self._generators(node, level + 1, items, unroll):
                return False
        return True

    def _is_kept(self, tests: list[Any]) -> bool | None:
        """Does an item pass all tests?  None where that is known only when the program runs."""
        for test in tests:
            found = self.truth(test)
            if isinstance(found, Value) and not self.derived.get(found):
                return None
            if not self.static(found, "whether an item is kept"):
                return False
        return True

    def list_loop(self, thing: Generator) -> Abstract:
        """A list comprehension of unknown length: `items = []`, and a loop that appends."""
        load = gast.Load()

        def name(ident: str) -> Any:
            return gast.Name(ident, load, None, None)
        body: Any = gast.Expr(gast.Call(gast.Attribute(name(".items"), "append", load), [thing.node.elt], []))
        return self._loop_over(thing, body, {".items": List([])})[".items"]

    def sum_loop(self, thing: Abstract, start: Abstract) -> Abstract:
        """`sum(thing, start)` as a loop."""
        return self.fold_loop(thing, start, lambda total, item: gast.BinOp(total, gast.Add(), item))

    def reduce_loop(self, thing: Abstract, fn: Callable[..., Any]) -> Abstract:
        """`min` or `max` of a run-time iterable that is not empty."""
        if isinstance(thing, Generator):
            first, thing = self._first_and_rest(thing, fn.__name__)
        else:
            first, thing = self._item(thing, Const(0)), self._rest(thing)

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
        source = thing.scope.names[FIRST] if FIRST in thing.scope.names else self.expr(gen.iter)
        inner = Scope(thing.scope.source, {".rest": self._rest(source)}, thing.scope, comprehension=True)
        first_scope = Scope(thing.scope.source, {}, thing.scope, comprehension=True)
        self.frames.append(Frame(first_scope, self.frames[-1].node))
        try:
            self.assign(gen.target, self._item(source, Const(0)))
            first = self.expr(node.elt)
        finally:
            self.frames.pop()
        rest = gast.comprehension(gen.target, gast.Name(".rest", gast.Load(), None, None), [], False)
        return first, Generator(gast.copy_location(gast.GeneratorExp(node.elt, [rest]), node), inner)

    def _rest(self, thing: Abstract) -> Abstract:
        """All items but the first."""
        if isinstance(thing, Range):
            return Range(self.apply(operator.add, [thing.start, thing.step]), thing.stop, thing.step)
        if isinstance(thing, Value):
            return self.item(thing, slice(Const(1), Const(None), Const(None)))
        raise Refused(f"the items of this {describe(thing)} cannot be compared one by one", "use a loop")

    def fold_loop(self, thing: Abstract, start: Abstract, combine: Callable[[Any, Any], Any]) -> Abstract:
        """`total = start; for item in thing: total = combine(total, item)`, read as if it stood here."""
        total, load, store = ".total", gast.Load(), gast.Store()

        def name(ident: str, ctx: Any) -> Any:
            return gast.Name(ident, ctx, None, None)

        item: Any = name(".item", load)
        if isinstance(thing, Generator):
            owner, node = thing.scope, thing.node
            item = node.elt
            generators = list(node.generators)
        else:
            owner = self.scope
            generators = [gast.comprehension(name(".item", store), name(".items", load), [], False)]
        body: Any = gast.Assign([name(total, store)], combine(name(total, load), item), None)
        if isinstance(thing, Generator):
            return self._loop_over(thing, body, {total: start})[total]
        loop = gast.For(generators[0].target, generators[0].iter, [body], [], None)
        return self._read_loop(loop, Scope(owner.source, {total: start, ".items": thing}, owner, None))[total]

    def _loop_over(self, thing: Generator, body: Any, names: dict[str, Abstract]) -> dict[str, Abstract]:
        """The loops and tests of a comprehension around a statement."""
        for gen in reversed(thing.node.generators):
            for test in reversed(gen.ifs):
                body = gast.If(test, [body], [])
            body = gast.For(gen.target, gen.iter, [body], [], None)
        gast.copy_location(body, thing.node)
        gast.fix_missing_locations(body)
        return self._read_loop(body, Scope(thing.scope.source, names, thing.scope, None))

    def _read_loop(self, loop: Any, inner: Scope) -> dict[str, Abstract]:
        self.frames.append(Frame(inner, self.frames[-1].node))
        try:
            self.stmt_For(loop)
        finally:
            self.frames.pop()
        return inner.names
