"""Statements that run for one sample at a time: a loop over the samples around what needs one, and no more.

What a sample gives is put into arrays made before; what no array can hold for all samples is used up inside the loop.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.batch.common import NoForm, Uneven, reads
from ad_compiler.copies import Rows, copied, reads_lists_plainly
from ad_compiler.errors import Refused
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Atom,
    Block,
    Const,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_of,
    definitions,
    values_in,
    walk,
)
from ad_compiler.kinds import INT, Dim, Kind, Num, Seq, Sym

if TYPE_CHECKING:
    from ad_compiler.batch.facts import Facts
    from ad_compiler.read.lift import Lifter


class Apart:
    """The part of the walk that writes loops over the samples."""

    if TYPE_CHECKING:
        facts: Facts
        samples: Atom
        dim: Dim
        env: dict[Value, Atom]
        missing: set[Stmt]
        torn: set[Value]
        one_loop: bool
        lifter: Lifter
        def get(self, arg: Arg) -> Arg: ...
        def apply(self, fn: Any, *args: Arg, **kwargs: Arg) -> Any: ...
        def kind_for(self, kind: Kind) -> Kind: ...
        def known_length(self, dim: Any) -> Arg: ...
        def statement(self, stmt: Stmt) -> None: ...
        def plain(self, stmt: Stmt) -> None: ...
        def note(self, value: Atom) -> None: ...
        def give_up(self, stmt: Stmt, inside: bool = False) -> None: ...

    def statements(self, block: Block, results: list[Arg]) -> None:
        """The statements of a block, which hands on `results`, appended to the block that is written."""
        ops, at = block.ops, 0
        while at < len(ops):
            stmt = ops[at]
            if not self._is_apart(stmt):
                if not isinstance(stmt, Op) and not self._touches(stmt):
                    self.plain(stmt)
                else:
                    self.statement(stmt)
                at += 1
                continue
            end = self._end(ops, at)
            inside = self._inside(ops[at:end])
            for other in ops[at:end]:
                if other in inside:
                    continue
                if not isinstance(other, Op) and not self._touches(other):
                    self.plain(other)
                else:
                    self.statement(other)
            defined = [v for other in inside for v in definitions(other)]
            later = {v for other in ops[end:] for v in reads(other)} | set(values_in(results))
            self._samples_loop(inside, [v for v in defined if v in later])
            at = end

    def _is_apart(self, stmt: Stmt) -> bool:
        return stmt in self.facts.apart or any(v in self.facts.ragged for v in reads(stmt))

    def _touches(self, stmt: Stmt) -> bool:
        """Does a branch or a loop read or define something that varies?"""
        return any(v in self.facts.varies for v in (*reads(stmt), *everything_in(stmt)))

    def _end(self, ops: list[Stmt], at: int) -> int:
        """Behind the last statement that must be in the loop that begins at this one."""
        if self.one_loop:
            return len(ops)
        end = at + 1
        while True:
            inside = set(self._inside(ops[at:end]))
            ragged = {v for stmt in inside for v in definitions(stmt) if v in self.facts.ragged}
            further = [i + 1 for i in range(end, len(ops)) if not ragged.isdisjoint(reads(ops[i]))]
            if end < len(ops) and ops[end] in self.facts.apart:
                further.append(end + 1)
            if not further:
                return end
            end = max(further)

    def _inside(self, stmts: list[Stmt]) -> list[Stmt]:
        """Those of some statements that are in the loop around them: what is apart, and what depends on that."""
        found, defined = [], set[Value]()
        for stmt in stmts:
            if self._is_apart(stmt) or defined.intersection(reads(stmt)):
                found.append(stmt)
                defined.update(definitions(stmt))
        return found

    def _samples_loop(self, inside: list[Stmt], wanted: list[Value]) -> None:
        # What is the same for all samples, and given by what is not, is to be taken for something that varies.
        self.missing |= {stmt for stmt in inside if stmt not in self.facts.apart
                         and any(v in wanted and v not in self.facts.varies for v in definitions(stmt))}
        # What may not be bound is not read before it is asked for: what binds it is to be in the loop too.
        outside = {v for stmt in inside for v in reads(stmt)} - {v for stmt in inside for v in definitions(stmt)}
        self.torn |= {v for v in outside if v in self.facts.varies and v in self.facts.loose}
        if self.missing or self.torn:   # the walk is begun anew: what must be apart is not all known yet
            for stmt in inside:
                self.give_up(stmt, inside=True)
            return
        order = [v for stmt in inside for v in definitions(stmt) if v in wanted]
        if any(not isinstance(v.kind, Num) for v in order):
            raise Uneven(inside[0])
        index, body = Value("i", INT), Block()
        now: dict[Value, Atom] = {}
        lists: Rows = {}
        self.lifter.fixed_origin = inside[0].origin
        outer = self.lifter.block
        loop = Loop([], body, [], index, Const(0), self.samples, origin=inside[0].origin, reverse=inside[0].reverse)
        arrays: list[tuple[Value, Value]] = []
        for value in order:
            made = self._room_for(value)
            if made is not None:
                arrays.append((value, made))
        self.lifter.block = body
        try:
            for value in dict.fromkeys(v for stmt in inside for v in reads(stmt)):
                if value in self.facts.varies and not any(value in definitions(s) for s in inside):
                    if isinstance(value.kind, Seq) and reads_lists_plainly(inside, value):
                        lists[value] = self.env[value], index
                        continue
                    if not isinstance(value.kind, Num):
                        raise Uneven(inside[0])
                    one = self.apply(operator.getitem, self.env[value], index)
                    one.hint = value.hint
                    if isinstance(value.kind, Num) and value.kind.shape:
                        one.kind = value.kind
                    now[value] = one
            again = copied(inside, now, lists)
            for value in order:
                if value in self.facts.unbound:
                    try:
                        self._bind(now[value], again, outer, set())
                    except NoForm:
                        self.torn.add(value)
            body.ops += again
            for value, made in arrays:
                param = Value(value.hint, made.kind)
                stored = self.apply(runtime.index_set, param, index, now[value])
                result = Value(value.hint, self.kind_for(value.kind))
                loop.inits.append(made)
                body.params.append(param)
                body.results.append(stored)
                loop.results.append(result)
                self.env[value] = result
            for value in order:
                if not any(value is v for v, _ in arrays):
                    loop.trails.append((now[value], Value(value.hint, Seq(value.kind))))
        finally:
            self.lifter.block = outer
        outer.ops.append(loop)
        rest = [v for v in order if not any(v is one for one, _ in arrays)]
        for value, (_, trail) in zip(rest, loop.trails, strict=True):
            found = self.apply(np.stack, trail)
            found.kind, found.hint = self.kind_for(value.kind), value.hint
            self.env[value] = found
        for value in order:
            self.note(self.env[value])

    def _bind(self, value: Atom, stmts: list[Stmt], outer: Block, done: set[Atom]) -> None:
        """Let something stand for a name where it is not bound, and not read: it is put into an array all the same."""
        inside = [s for top in stmts for s in (top, *(i for b in blocks_of(top) for i in walk(b)))]
        makers = [(s, group) for s in inside if not isinstance(s, Op)
                  for group in (s.results, s.body.params if isinstance(s, Loop) else []) if value in group]
        if not makers or value in done:
            return
        done.add(value)
        stmt, group = makers[0]
        at = [v is value for v in group].index(True)
        arms = (stmt.inits, stmt.body.results) if isinstance(stmt, Loop) else \
            (stmt.then.results, stmt.orelse.results) if stmt.way == "if" else (stmt.then.results,)
        for handed in arms:
            if handed[at] is UNDEFINED:
                handed[at] = self._anything(value, outer)
            elif isinstance(handed[at], Value):
                self._bind(handed[at], stmts, outer, done)

    def _anything(self, value: Atom, outer: Block) -> Atom:
        """A number or an array as this is one."""
        kind = value.kind if isinstance(value, Value) else None
        if not isinstance(kind, Num) or kind.shape is None:
            raise NoForm
        if not kind.shape:
            return Const({"float64": 0.0, "bool": False}.get(kind.dtype, 0))
        block, self.lifter.block = self.lifter.block, outer
        dims = tuple(self.known_length(d) for d in kind.shape)
        made: Atom = self.apply(np.zeros, dims, dtype=Const(np.dtype(kind.dtype)))
        self.lifter.block = block
        return made

    def _room_for(self, value: Value) -> Value | None:
        """An array for what each sample gives; None where its lengths cannot be had before."""
        kind = value.kind
        assert isinstance(kind, Num)
        try:
            if kind.shape is None:
                raise NoForm
            dims = [self.known_length(d) for d in kind.shape]
        except NoForm:
            if not isinstance(self.dim, Sym) or not self.dim.not_one:
                if self.dim == 1:
                    return None
                if self.dim == 0:
                    raise Refused("how long this is cannot be told of no samples", "give at least one") from None
                raise           # there may be no sample to tell how long it is
            return None
        dtype = {} if kind.dtype == "float64" else {"dtype": Const(np.dtype(kind.dtype))}
        made: Value = self.apply(np.empty, (self.samples, *dims) if dims else self.samples, **dtype)
        made.hint = value.hint
        return made


def everything_in(stmt: Stmt) -> list[Value]:
    """Every value that a statement defines, in its blocks too."""
    found = list(definitions(stmt))
    for block in blocks_of(stmt):
        found += block.params
        for inner in block.ops:
            found += everything_in(inner)
    return found

