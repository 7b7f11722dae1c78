"""Iterators item by item: `next(iterator)` leaves the rest under its name; `any` and `all` stop where they know.

>>> from ad_compiler import grad
>>> def f(x):
...     items = iter([x, 2.0, x * x])
...     first = next(items)
...     return first * sum(items)
>>> grad(f)(3.0)
29.0
>>> def g(x):
...     return next((v for v in (1.0, x, x * x) if v > 5.0), 0.0)
>>> grad(g)(3.0)
6.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.kinds import NotStatic
from ad_compiler.read.abstract import (
    Abstract,
    Generator,
    Iterated,
    Iterator,
    Poison,
    protocol,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.names.scopes import Frame, Scope
from ad_compiler.read.values.iterators import CALL, FIRST

MANY = 10_000
"""Items of a generator that are looked at for the next one."""


class Steps(Reader):
    """Takes items of iterators."""

    def named_iterator(self, node: Any) -> Iterator | None:
        """The iterator that a name stands for, which it keeps."""
        scope: Scope | None = self.scope if isinstance(node, gast.Name) else None
        while scope is not None:
            if node.id in scope.names:
                thing = scope.names[node.id]
                return thing if isinstance(thing, Iterator) else None
            scope = None if node.id in scope.local_names or scope.func is not None else scope.parent
        return None

    def ended(self, default: list[Abstract]) -> Abstract:
        """What `next` gives of an iterator that has no more items."""
        return default[0] if default else self.lifter.raises(StopIteration, "")

    def next_of_generator(self, thing: Generator, default: list[Abstract], named: Iterator | None) -> Abstract:
        """The next item of a generator expression: it is made now, of what its names stand for now."""
        first = thing.scope.names.get(FIRST)
        cursor = None
        if first is not None and CALL not in thing.scope.names:
            cursor = protocol(first).cursor(self.lifter, unroll=True)
        if cursor is None or len(thing.node.generators) != 1:
            raise Refused("the next item of this generator is not known before the program runs", "use a `for` loop")
        inner = Scope(thing.scope.source, {}, thing.scope, comprehension=True)
        self.lifter.frames.append(Frame(inner, self.lifter.frames[-1].node))
        try:
            return self._first_kept(thing, cursor, 0, default, named)
        finally:
            self.lifter.frames.pop()

    def _first_kept(self, thing: Generator, cursor: Any, at: int, default: list[Abstract],
                    named: Iterator | None) -> Abstract:
        (gen,) = thing.node.generators
        for place in range(at, MANY):
            part = cursor(place)
            if part is None:
                self._goes_on(thing, named, place)
                return self.ended(default)
            self.lifter.statements.assign(gen.target, part)
            test = self._all_of(gen.ifs)
            if isinstance(test, Poison):
                return test
            if not isinstance(test, Const):
                if named is not None or not default:
                    raise Refused("whether an item is kept must be known before the program runs", "use a `for` loop")
                return self.lifter.branches.choose(test, lambda: self.lifter.expressions.read(thing.node.elt),
                                   lambda place=place: self._first_kept(thing, cursor, place + 1, default, None))
            if test.value:
                self._goes_on(thing, named, place + 1)
                return self.lifter.expressions.read(thing.node.elt)
        raise Refused("a generator goes on for too long", "use a `for` loop")

    def _all_of(self, tests: list[Any]) -> Abstract:
        if not tests:
            return Const(True)
        return self.lifter.expressions.truth(tests[0] if len(tests) == 1 else gast.BoolOp(gast.And(), tests))

    def _goes_on(self, thing: Generator, named: Iterator | None, taken: int) -> None:
        """A generator from which so many parts were taken."""
        if named is not None:
            first = thing.scope.names[FIRST]
            rest = Iterated(first.of, first.at + taken) if isinstance(first, Iterated) else Iterated(first, taken)
            scope = thing.scope
            self.lifter.memory.put(named, {"iterator": Generator(thing.node, Scope(
                scope.source, {**scope.names, FIRST: rest}, scope.parent, comprehension=True))})

    # -- any and all ---------------------------------------------------------------------------------

    def first_that_decides(self, thing: Generator, wanted: bool) -> Abstract | None:
        """Is the truth of an item `wanted`?  Each is asked for after those before it; None where a loop has to run."""
        mark = self.lifter.control.mark()
        inner = Scope(thing.scope.source, {}, thing.scope, comprehension=True)
        self.lifter.frames.append(Frame(inner, self.lifter.frames[-1].node))
        try:
            return self._decided(thing.node, 0, wanted, lambda: Const(not wanted))
        except NotStatic:
            self.lifter.frames.pop()
            self.lifter.control.rewind(mark)
            self.lifter.frames.append(self.lifter.frames[-1])
            return None
        finally:
            self.lifter.frames.pop()

    def _decided(self, node: Any, level: int, wanted: bool, after: Callable[[], Abstract]) -> Abstract:
        """What the items of a generator from a level on decide; `after` does where they do not."""
        if level == len(node.generators):
            truth = self.lifter.expressions.truth_of(self.lifter.expressions.read(node.elt))
            if isinstance(truth, Poison):
                return truth
            if isinstance(truth, Const):
                return Const(wanted) if bool(truth.value) is wanted else after()

            def stop() -> Abstract:
                return Const(wanted)
            return self.lifter.branches.choose(truth, *((stop, after) if wanted else (after, stop)))
        gen = node.generators[level]
        iterable = self.lifter.operators.iterable(self.lifter.expressions.read(gen.iter))
        cursor = protocol(iterable).cursor(self.lifter, unroll=True)
        if cursor is None:
            raise NotStatic("how many items there are")

        def step(at: int) -> Abstract:
            item = cursor(at)
            if item is None:
                return after()
            self.lifter.statements.assign(gen.target, item)
            for test in gen.ifs:
                kept = self.lifter.expressions.truth(test)
                if not isinstance(kept, Const):
                    raise NotStatic("whether an item is kept")
                if not kept.value:
                    return step(at + 1)
            return self._decided(node, level + 1, wanted, lambda: step(at + 1))
        return step(0)
