"""Which values are versions of one array: what stores, loops and branches make of it, one after the other.

>>> from ad_compiler import runtime
>>> from ad_compiler.ir import Const, Loop
>>> from ad_compiler.kinds import INT, Num, Sym
>>> a, i, n = Value("a", Num("float64", (Sym("n"),))), Value("i", INT), Value("n", INT)
>>> body = Block([a])
>>> body.results = [body.emit(runtime.index_set, a, i, Const(0.0), hint="b", kind=a.kind)]
>>> loop = Loop([Value("x", a.kind)], body, [Value("c", a.kind)], i, stop=n)
>>> chains = Chains(Func("f", [], Block([], [loop])))
>>> [link.after.hint for link in chains.through(loop, 0)], chains.columns[a] == (loop, 0)
(['b'], True)
"""

from __future__ import annotations

import operator
from copy import copy
from typing import Any, NamedTuple

from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Slice,
    Stmt,
    Value,
    block_definitions,
    blocks_of,
    definitions,
)
from ad_compiler.kinds import Kind, NotStatic, Num
from ad_compiler.ops import is_store, makes_copy
from ad_compiler.rules import registry

Path = tuple[tuple[Stmt, Block], ...]


class Link(NamedTuple):
    """What makes the version `after` from the version `before`; `at`: which result of a loop or branch."""

    stmt: Stmt
    before: Value
    after: Value
    at: int = 0


class Chains:
    """Where each value of a function is defined and by what, and the chains of versions.

    `order`: the numbers of a statement when it begins and when it has ended.  `columns`: the innermost loop
    that carries a version of an array, and as which of its carried values.
    """

    def __init__(self, func: Func) -> None:
        self.home: dict[Value, Path] = {}
        self.maker: dict[Value, Stmt] = {}
        self.place: dict[Stmt, Path] = {}
        self.order: dict[Stmt, tuple[int, int]] = {}
        self.index_of: dict[Value, Loop] = {}
        self.carried_by: dict[Value, tuple[Loop, int]] = {}
        self.columns: dict[Value, tuple[Loop, int]] = {}
        self._through: dict[tuple[Loop, int], list[Link] | None] = {}
        self._count = 0
        self._survey(func.body, ())
        for stmt in self.place:
            if isinstance(stmt, Loop):
                for at in range(len(stmt.results)):
                    self._mark(self.through(stmt, at), stmt, at)

    def copy(self) -> Chains:
        """The same of the same function, where new values may be entered."""
        other = copy(self)
        other.home, other.maker = dict(self.home), dict(self.maker)
        return other

    def _survey(self, block: Block, path: Path) -> None:
        for stmt in block.ops:
            self.place[stmt] = path
            begun = self._count = self._count + 1
            for value in definitions(stmt):
                self.home[value], self.maker[value] = path, stmt
            for inner in blocks_of(stmt):
                here = (*path, (stmt, inner))
                for value in block_definitions(inner, stmt):
                    self.home[value] = here
                self._survey(inner, here)
            if isinstance(stmt, Loop):
                self.carried_by.update({p: (stmt, at) for at, p in enumerate(stmt.body.params)})
                if stmt.index is not None:
                    self.index_of[stmt.index] = stmt
            self._count += 1
            self.order[stmt] = begun, self._count

    def _mark(self, links: list[Link] | None, loop: Loop, at: int) -> None:
        if not links:
            return
        self.columns[loop.body.params[at]] = loop, at
        for link in links:
            self.columns[link.after] = loop, at
            if isinstance(link.stmt, Branch):
                for arm in (link.stmt.then, link.stmt.orelse):
                    self._mark(self.in_arm(link, arm), loop, at)

    # -- chains --------------------------------------------------------------------------------------

    def through(self, loop: Loop, at: int) -> list[Link] | None:
        """How an iteration makes what it hands on from what it began with, last link first; None if otherwise."""
        key = loop, at
        if key not in self._through:
            self._through[key] = None
            block = (*self.place[loop], (loop, loop.body))
            self._through[key] = self._chain(loop.body.results[at], loop.body.params[at], block)
        return self._through[key]

    def in_arm(self, link: Link, arm: Block) -> list[Link]:
        """How an arm of a branch makes its version."""
        branch = link.stmt
        assert isinstance(branch, Branch)
        links = self._chain(arm.results[link.at], link.before, (*self.place[branch], (branch, arm)))
        assert links is not None
        return links

    def _chain(self, target: Atom, source: Value, path: Path) -> list[Link] | None:
        links: list[Link] = []
        while target is not source:
            link = self.link(target, path)
            if link is None:
                return None
            links.append(link)
            target = link.before
        return links

    def link(self, target: Atom, path: Path) -> Link | None:
        """What makes a version from the one before, in the block at the end of `path`."""
        if not isinstance(target, Value) or not is_array(target) or self.home.get(target) != path:
            return None
        stmt = self.maker.get(target)
        if isinstance(stmt, Op):
            before = stmt.args[0] if stmt.args else None
            if stmt.stopped or not isinstance(before, Value) or \
                    not (is_store(stmt) and region_kind(stmt) or is_copy(stmt)):
                return None
            return Link(stmt, before, target)
        if stmt is None or target not in stmt.results:
            return None
        at = stmt.results.index(target)
        if isinstance(stmt, Loop):
            init = stmt.inits[at]
            return Link(stmt, init, target, at) if isinstance(init, Value) and self.through(stmt, at) else None
        origins = {self._origin(arm.results[at], (*path, (stmt, arm))) for arm in (stmt.then, stmt.orelse)}
        before = origins.pop()
        return Link(stmt, before, target, at) if not origins and before is not None else None

    def _origin(self, target: Atom, path: Path) -> Value | None:
        """The version outside an arm that the arm began with."""
        while isinstance(target, Value) and len(self.home.get(target, ())) >= len(path):
            link = self.link(target, path)
            if link is None:
                return None
            target = link.before
        return target if isinstance(target, Value) else None

    def stores(self, loop: Loop, at: int) -> list[Op]:
        """Every store into what a loop carries, those of inner loops and branches included."""
        found: list[Op] = []
        for link in self.through(loop, at) or ():
            self._note_stores(link, found)
        return found

    def _note_stores(self, link: Link, found: list[Op]) -> None:
        if isinstance(link.stmt, Loop):
            found += self.stores(link.stmt, link.at)
        elif isinstance(link.stmt, Branch):
            for arm in (link.stmt.then, link.stmt.orelse):
                for inner in self.in_arm(link, arm):
                    self._note_stores(inner, found)
        elif is_store(link.stmt):
            found.append(link.stmt)

    def outermost(self, version: Value) -> tuple[Loop, int] | None:
        """The outermost loop that carries a version on, through all loops between."""
        column = self.columns.get(version)
        while column is not None:
            loop, at = column
            outer = self.columns.get(loop.results[at])
            if outer is None:
                return column
            column = outer
        return None


def is_array(value: Value) -> bool:
    """An array whose rank is known."""
    return isinstance(value.kind, Num) and bool(value.kind.shape)


def is_copy(stmt: Stmt | None) -> bool:
    """`a.copy()` of an array."""
    return makes_copy(stmt) and len(stmt.args) == 1 and not stmt.kwargs \
        and isinstance(stmt.args[0], Value) and is_array(stmt.args[0])


def region_kind(store: Op) -> Kind | None:
    """The kind of `a[index]` for a store into it; None where it is not known."""
    rule = registry.lookup(operator.getitem)
    try:
        return rule.kind(store.args[0].kind, plain(store.args[1])) if rule is not None else None
    except (NotStatic, TypeError, ValueError, IndexError):
        return None


def plain(arg: Arg) -> Any:
    """An index as rules see it: kinds for what is known at run time, objects for what is known now."""
    if isinstance(arg, Value):
        return arg.kind
    if isinstance(arg, Const):
        return arg.value
    if isinstance(arg, (tuple, list)):
        return type(arg)(map(plain, arg))
    if isinstance(arg, Slice):
        return slice(plain(arg.start), plain(arg.stop), plain(arg.step))
    return arg
