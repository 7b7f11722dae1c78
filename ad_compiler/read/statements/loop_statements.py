"""Loops as statements: what they run over, and loops whose length is known, which are unrolled."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Loop, Op, Value, walk
from ad_compiler.read.abstract import Abstract, Cursor, Few, Generator, List, Poison, Yields, Zip, protocol
from ad_compiler.read.base import Mark, Reader
from ad_compiler.read.restarts import Unroll
from ad_compiler.read.values.iterators import InOrder, goes_to_its_end

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Control(Reader):
    """Reads loops as statements."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.unroll: set[Any] = set()                       # loops that must be unrolled, for they index lists
        self.listed: set[Any] = set()                       # those that cannot be: the lists become run-time lists

    # -- loops ---------------------------------------------------------------------------------------

    def stmt_While(self, node: Any) -> None:
        test = node.test

        def bind(index: Value | None) -> None:
            return None
        self.lifter.loops.loop(node, None, bind, test, node.body, getattr(node, "leave", None))
        self.lifter.statements.read(node.orelse)

    def stmt_For(self, node: Any) -> None:
        thing = self.lifter.operators.iterable(self.lifter.expressions.read(node.iter))
        leave = getattr(node, "leave", None)
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        if isinstance(thing, Yields) or isinstance(thing, Generator) and self.lifter.watching:
            self.lifter.generators.consume(thing, node, leave)
            self.lifter.statements.read(node.orelse)
            return
        cursor = protocol(thing).cursor(self.lifter, unroll=self.loop_key(node) in self.unroll)
        if cursor is not None:
            self._unrolled(node, cursor, leave)
        elif isinstance(thing, Zip) and self.lifter.generators.consume_numbered(thing, node, leave):
            pass
        else:
            mark = self.mark()
            try:
                self.counted(node, thing, node.target, node.body, leave)
            except Unroll as request:
                if request.key != self.loop_key(node):
                    raise
                self.rewind(mark)
                if protocol(thing).unrolled(self.lifter) is None:      # what is indexed becomes a list at run time
                    if request.key in self.listed:
                        raise Refused("an index must be known here before the program runs",
                                      "use an array instead of a list or tuple") from None
                    self.listed.add(request.key)
                    self.stmt_For(node)
                    return
                self.unroll.add(request.key)
                found = protocol(thing).cursor(self.lifter, unroll=True)
                if found is not None:
                    self._unrolled(node, found, leave)
        self.lifter.statements.read(node.orelse)

    def _unrolled(self, node: Any, cursor: Cursor, leave: str | None, begin: int = 0) -> None:
        for at, item in enumerate(self.lifter.iteration.items_from(lambda at: cursor(begin + at)), begin):
            self.lifter.statements.assign(node.target, item)
            self.lifter.statements.read(node.body)
            if self.lifter.diverged:
                return
            if leave is None:
                continue
            left = self.lifter.expressions.truth_of(self.scope.names[leave])
            if isinstance(left, Const):
                if left.value:
                    return
                continue
            if isinstance(cursor, InOrder) or cursor(at + 1) is not None:
                rest = functools.partial(self._unrolled, node, cursor, leave, at + 1)
                self.lifter.branches.branch(left, lambda: None, rest)
            return

    def counted(self, node: Any, thing: Abstract, target: Any, body: list[Any], leave: str | None) -> None:
        """A loop over something whose length is known at run time only."""
        goes_to_its_end(thing, leave)
        start, stop, step, item = protocol(thing).counted(self.lifter)

        def bind(index: Value | None) -> None:
            assert index is not None
            self.lifter.statements.assign(target, item(index))
        self.lifter.loops.loop(node, (start, stop, step), bind, None, body, leave, target)
        if isinstance(thing, Few):
            made = self.lifter.block.ops[-1]
            assert isinstance(made, Loop)
            made.snapshots = thing.snapshots
        self.check_lengths_stay(thing)

    def check_lengths_stay(self, thing: Abstract) -> None:
        """The loop before went through a list of unknown length: it must not have changed that."""
        lists = [part for part in (thing.parts if isinstance(thing, Zip) else [getattr(thing, "of", thing)])
                 if isinstance(part, List)]
        body = self.lifter.block.ops[-1]
        for op in walk(body.body) if lists and isinstance(body, Loop) else ():
            if isinstance(op, Op) and op.fn in (runtime.list_append, runtime.list_pop) and \
                    self.lifter.memory.cell_of(op.results[0]) in lists:
                raise Refused("a list of unknown length changes while it is gone through", "go through a copy")

    def loop_key(self, node: Any) -> Any:
        """Names a loop in one reading: the node, and the calls that led to it."""
        return (id(node), len(self.lifter.frames))

    def mark(self) -> Mark:
        """Where emission stands, to come back to."""
        names = dict(self.scope.names) if self.lifter.frames else None
        block, refusals = self.lifter.block, self.lifter.collector.refusals
        return block, len(block.ops), names, len(refusals), len(self.lifter.memory.journal), self.lifter.diverged

    def rewind(self, mark: Mark) -> None:
        """Undo what was emitted since."""
        block, size, names, refusals, journal, diverged = mark
        self.lifter.block = block
        self.lifter.memory.undo(journal)
        del block.ops[size:]
        del self.lifter.collector.refusals[refusals:]
        if names is not None:
            self.scope.names.clear()
            self.scope.names.update(names)
        self.lifter.diverged = diverged
