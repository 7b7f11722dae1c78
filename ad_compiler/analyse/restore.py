"""Undoing stores in the reverse sweep: what was overwritten is kept, never the array.

The array after a loop is at hand.  The reverse loop carries it backwards: where an iteration stored into it,
the old content is put back, and the versions that the iteration read stand there again.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.chains import Chains, Link, Path, is_copy, region_kind
from ad_compiler.indices import gathers, same_arg
from ad_compiler.ir import Arg, Atom, Block, Branch, Loop, Op, Stmt, Value, map_values, values_in
from ad_compiler.kinds import INT, Num
from ad_compiler.ops import is_overwrite, is_product, is_read, is_store, traits

Known = dict[Value, Atom]
Column = tuple[Loop, int]


class CannotRestore(Exception):
    """The chain of stores cannot be walked backwards here."""


@dataclass
class Undoing:
    """An array on its way back: `now` stands for the version after the first of `links`, which are to be undone.

    `waits`: the statement of the reverse sweep that undoes the first of them.  `slot`: what the block hands on.
    """

    now: Value
    links: list[Link]
    slot: int | None = None
    waits: Stmt | None = None
    result: Value | None = None


class Restorer:
    """Part of the recorder: versions of arrays that the reverse sweep puts together again."""

    chains: Chains
    chosen: tuple[Column, ...]
    undoing: dict[Block, list[Undoing]]
    starts: dict[Block, Known]
    old: dict[Op, Value]
    asked: set[Value]
    mirrored: set[Stmt]
    home: dict[Value, Path]
    maker: dict[Value, Stmt]

    def _resolve(self, value: Value, path: Path, known: Known, front: list[Stmt]) -> Atom:
        raise NotImplementedError

    # -- walking backwards ---------------------------------------------------------------------------

    def _begin(self, stmt: Stmt, path: Path) -> list[Undoing]:
        """The arrays that a reverse loop is to carry backwards, from the one after the forward loop."""
        found = []
        for loop, at in self.chosen:
            if isinstance(stmt, Loop) and stmt.mirror is loop:
                after, init = loop.results[at], loop.inits[at]
                link = Link(loop, init if isinstance(init, Value) else after, after, at)
                undoing = self._attach(stmt, link, after, path)
                undoing.waits, undoing.result = stmt, undoing.now
                if not path and isinstance(init, Value):
                    undoing.links += self._straight(init)
                found.append(undoing)
        return found

    def _straight(self, version: Value) -> list[Link]:
        """The stores outside of loops that lead to a version, as far as the reverse sweep asks for what was before."""
        links: list[Link] = []
        wanted = 0
        while True:
            link = self.chains.link(version, ())
            if link is None or link.stmt.reverse or not isinstance(link.stmt, Op):
                return links[:wanted]
            links.append(link)
            version = link.before
            stmt = self.maker.get(version)
            if version in self.asked or isinstance(stmt, Loop) and stmt in self.mirrored:
                wanted = len(links)

    def _between(self) -> list[Undoing]:
        """Stores outside of loops, to be undone where the reverse sweep asks for what was before them."""
        ends: dict[Value, None] = {}
        for stmt in self._top().ops:
            if is_overwrite(stmt) and not stmt.reverse:
                link = self.chains.link(stmt.result, ())
                if link is not None:
                    ends.pop(link.before, None)
                    ends[link.after] = None
        carried = {loop.inits[at] for loop, at in self.chosen}
        found = []
        for end in ends:
            links = self._straight(end) if end not in carried else []
            kinds = [region_kind(link.stmt) for link in links if isinstance(link.stmt, Op) and not is_copy(link.stmt)]
            if links and all(kind != end.kind for kind in kinds):
                found.append(Undoing(end, links))
        return found

    def _undo(self, undoing: Undoing, block: Block, passed: set[Stmt], path: Path, known: Known,
              front: list[Stmt]) -> list[Stmt]:
        """Undo links until a statement of the block has to do it; new statements for what has none."""
        made: list[Stmt] = []
        while undoing.links and undoing.waits is None:
            link = undoing.links[0]
            if isinstance(link.stmt, Op):
                if is_store(link.stmt):
                    undoing.now = self._put_back(link.stmt, undoing.now, path, known, front)
            else:
                mirror = next((s for s in block.ops if isinstance(s, (Branch, Loop)) and s.mirror is link.stmt), None)
                if mirror in passed:
                    raise CannotRestore
                if mirror is not None:
                    undoing.waits = mirror
                    undoing.result = self._attach(mirror, link, undoing.now, path).now
                    return made
                mirror = self._mirror_of(link.stmt, path, known, front)
                made.append(mirror)
                undoing.now = self._attach(mirror, link, undoing.now, path).now
                front.append(mirror)
            known[link.before] = undoing.now
            undoing.links.pop(0)
        return made

    def _pass(self, undoing: Undoing, known: Known) -> None:
        """The statement that an array waited for has undone its link."""
        assert undoing.result is not None
        undoing.now, undoing.waits = undoing.result, None
        before = undoing.links.pop(0).before
        if before in self.maker or undoing.slot is not None:
            known[before] = undoing.now

    def _attach(self, stmt: Branch | Loop, link: Link, now: Value, path: Path) -> Undoing:
        """Let a statement of the reverse sweep undo a link; `now` of what comes back is its result."""
        result = Value(now.hint, now.kind)
        stmt.results.append(result)
        self.home[result] = path
        if isinstance(stmt, Loop):
            assert isinstance(link.stmt, Loop)
            param = Value(now.hint, now.kind)
            self.home[param] = (*path, (stmt, stmt.body))
            stmt.inits.append(now)
            stmt.body.params.append(param)
            links = self.chains.through(link.stmt, link.at)
            assert links
            self._start(stmt.body, links, links[0].after, param)
        else:
            assert isinstance(link.stmt, Branch)
            for arm, forward in ((stmt.then, link.stmt.then), (stmt.orelse, link.stmt.orelse)):
                handed = forward.results[link.at]
                assert isinstance(handed, Value)
                self._start(arm, self.chains.in_arm(link, forward), handed, now)
        return Undoing(result, [link])

    def _start(self, block: Block, links: list[Link], version: Value, now: Value) -> None:
        self.undoing.setdefault(block, []).append(Undoing(now, list(links), len(block.results)))
        self.starts.setdefault(block, {})[version] = now
        block.results.append(now)

    def _mirror_of(self, stmt: Stmt, path: Path, known: Known, front: list[Stmt]) -> Branch | Loop:
        """A statement of the reverse sweep for one that has none, because no cotangent passes it."""
        def here(atom: Atom) -> Atom:
            return self._resolve(atom, path, known, front) if isinstance(atom, Value) else atom

        if isinstance(stmt, Branch):
            return Branch(here(stmt.cond), Block(), Block(), [], stmt.origin, reverse=True, mirror=stmt)
        assert isinstance(stmt, Loop)
        index = Value(stmt.index.hint if stmt.index is not None else "k", INT)
        loop = Loop([], Block(), [], index, origin=stmt.origin, reverse=True, mirror=stmt, backward=not stmt.backward)
        self.home[index] = (*path, (loop, loop.body))
        if stmt.index is not None and stmt.leave is None:
            loop.start, loop.stop, loop.step = here(stmt.start), here(stmt.stop), here(stmt.step)
            return loop
        if stmt.trips is None:
            stmt.trips = Value("trips", INT)
            self.home[stmt.trips], self.maker[stmt.trips] = self.chains.place[stmt], stmt
        loop.stop = here(stmt.trips)
        return loop

    # -- one store -----------------------------------------------------------------------------------

    def _put_back(self, store: Op, now: Value, path: Path, known: Known, front: list[Stmt]) -> Value:
        """Store what stood there before."""
        for value in values_in(store.args[1]):
            known[value] = self._resolve(value, path, known, front)
        index = map_values(store.args[1], lambda v: known.get(v, v))
        old = self._resolve(self._old(store), path, known, front)
        result = Value(now.hint, now.kind)
        front.append(Op(runtime.index_set, (now, index, old), {}, [result], store.origin, reverse=True))
        self.home[result] = path
        return result

    def _old(self, store: Op) -> Value:
        """What a store is about to overwrite, kept in the forward sweep."""
        if store not in self.old:
            place = self.chains.place[store]
            block = place[-1][1] if place else self._top()
            array, index = store.args[0], store.args[1]
            kind = region_kind(store)
            assert kind is not None
            hint = f"{array.hint or '~a'}_old"
            copied = isinstance(kind, Num) and kind.is_array and not gathers(index)
            at, reading = block.ops.index(store), np.copy if copied else operator.getitem
            for op in block.ops[:at]:       # kept already, for a derivative of lower order
                if isinstance(op, Op) and op.fn is reading and op.result.hint == hint and (
                        self._reads(op.args[0], array, index) is op.args[0] if copied
                        else op.args[0] is array and same_arg(op.args[1], index)):
                    self.old[store] = op.result
                    return op.result
            read = Value("", kind)
            made: list[Op] = [Op(operator.getitem, (array, index), {}, [read], store.origin)]
            if copied:
                kept = Value(hint, kind)
                made.append(Op(np.copy, (read,), {}, [kept], store.origin, "method"))
            else:
                kept, read.hint = read, hint
            block.ops[at:at] = made
            for op in made:
                self.home[op.result], self.maker[op.result] = place, op
            self.old[store] = kept
        return self.old[store]

    def _reads(self, value: Value, array: Value, index: Arg) -> Value | None:
        """The value itself, where it is what stands at an index of an array."""
        op = self.maker.get(value)
        reads = is_read(op) and op.args[0] is array
        return value if reads and isinstance(op, Op) and same_arg(op.args[1], index) else None

    def _top(self) -> Block:
        raise NotImplementedError


def is_arithmetic(op: Op) -> bool:
    """Sums, differences and products of arrays: done again sooner than kept, where the array is at hand."""
    return bool(traits(op).signs) or is_product(op)
