"""What differs between the samples of a batch.

A value *varies* where it depends on what a sample is; it then has an axis for the samples.  It is *ragged* where no
array can hold it for all samples: its length varies too, or it is a list that is longer for one than for another.
A statement is *apart* where it runs for one sample at a time: a `while` of which each has its own number of trips.

>>> from ad_compiler.ir import Const
>>> from ad_compiler.kinds import FLOAT, INT
>>> x, n, block = Value("x", FLOAT), Value("n", INT), Block()
>>> y, m = block.emit(operator.mul, x, n, kind=FLOAT), block.emit(operator.add, n, Const(1), kind=INT)
>>> facts = Facts(block, [x], [n], frozenset())
>>> y in facts.varies, m in facts.varies
(True, False)
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

from ad_compiler import runtime
from ad_compiler.batch.common import reads
from ad_compiler.ir import UNDEFINED, Block, Branch, Loop, Op, Stmt, Value, definitions, operands, values_in, walk
from ad_compiler.kinds import Dim, Kind, Num, Seq, Shape, Sym
from ad_compiler.ops import asks_attribute, is_measure, makes_list, traits

__all__ = ["Facts", "operator"]

MOST_ROUNDS = 20

ASKED = ("dtype", "ndim", "shape", "size")
"""Attributes of an array that are the same for all samples, where its shape is."""


class Facts:
    """`varying`: what varies from the beginning; `others`: what else is known; `apart`: statements that are, whatever
    they read.
    """

    def __init__(self, block: Block, varying: Iterable[Value], others: Iterable[Value], apart: frozenset[Stmt],
                 torn: frozenset[Value] = frozenset()) -> None:
        self.varies: set[Value] = set(varying)
        self.ragged: set[Value] = set()
        self.apart: set[Stmt] = set(apart)
        self.torn = torn
        self.unbound: set[Value] = set()        # names that may not be bound
        self.loose: set[Value] = set()          # those that may not be bound for the batch either
        self.lengths: set[object] = set()       # what lengths are made of that are the same for every sample
        for value in (*self.varies, *others):
            self.lengths |= roots_of(value.kind)
        self.asks_bound = any(isinstance(s, Op) and (traits(s).if_bound or s.fn is runtime.check_bound)
                              for s in walk(block))
        self._block(block)

    def some_vary(self, arg: object) -> bool:
        """Does something in an argument vary?"""
        return any(v in self.varies for v in values_in(arg))

    def fits(self, kind: Kind) -> bool:
        """Can an array hold something of this kind for all samples?"""
        return isinstance(kind, Num) and kind.shape is not None and self._dims(kind) <= self.lengths

    def _dims(self, kind: Kind) -> set[object]:
        return {leaf for dim in getattr(kind, "shape", None) or () for leaf in leaves(dim)}

    def _block(self, block: Block) -> None:
        for stmt in block.ops:
            if not isinstance(stmt, Op) and not self.ragged.isdisjoint(reads(stmt)):
                self.apart.add(stmt)
            if isinstance(stmt, Op):
                self._op(stmt)
            elif isinstance(stmt, Branch):
                self._branch(stmt)
            else:
                self._loop(stmt)

    def _note(self, value: Value, *, varies: bool, ragged: bool = False) -> None:
        if ragged or varies and value in self.torn:
            self.ragged.add(value)
        if varies or ragged:
            self.varies.add(value)
        else:
            self.lengths |= roots_of(value.kind)

    def _op(self, op: Op) -> None:
        read = operands(op)
        ragged = any(v in self.ragged for v in read)
        if not any(v in self.varies for v in read) and op not in self.apart:
            for result in op.results:
                self._note(result, varies=False)
            return
        if (is_measure(op) or asks_attribute(op, *ASKED)) and not ragged:
            for result in op.results:
                self._note(result, varies=False)
            return
        if traits(op).orders:
            self.apart.add(op)
        counted = traits(op).positions or any(v in self.varies and _counts(v.kind) for v in read)
        for result in op.results:
            new = self._dims(result.kind) - self.lengths
            if new and not ragged and not counted and op not in self.apart:
                self.lengths |= new
            is_list = makes_list(op) or isinstance(result.kind, (Seq, Num)) and not self.fits(result.kind)
            if isinstance(result.kind, Seq) and is_list and not ragged and op not in self.apart:
                self._note(result, varies=True)
            else:
                self._note(result, varies=True, ragged=not self.fits(result.kind))

    def _branch(self, branch: Branch) -> None:
        own = branch in self.apart or self.some_vary(branch.cond) and branch.way == "if"
        if branch.way != "if" and self.some_vary(branch.cond):
            self.apart.add(branch)
        self._block(branch.then)
        self._block(branch.orelse)
        last = branch.orelse if branch.way == "if" else branch.then       # the end of a region hands nothing on
        for result, then, orelse in zip(branch.results, branch.then.results, last.results, strict=True):
            arms = [a for a in (then, orelse) if isinstance(a, Value)]
            if UNDEFINED in (then, orelse) or any(a in self.unbound for a in arms):
                self.unbound.add(result)
            if not own and (UNDEFINED in (then, orelse) or any(a in self.loose for a in arms)):
                self.loose.add(result)
            if own:
                same = then is orelse and then not in self.varies and branch not in self.apart
                unbound = result in self.unbound and self.asks_bound
                self._note(result, varies=not same, ragged=not same and (unbound or not self.fits(result.kind)))
            else:
                varies = any(a in self.varies for a in arms)
                ragged = any(a in self.ragged for a in arms)
                self._note(result, varies=varies, ragged=ragged)

    def _loop(self, loop: Loop) -> None:
        if loop in self.apart or self.some_vary((loop.start, loop.stop, loop.step, loop.snapshots)):
            self.apart.add(loop)
        carried = list(zip(loop.inits, loop.body.params, loop.body.results, loop.results, strict=True))
        for _ in range(MOST_ROUNDS):
            before = len(self.varies), len(self.ragged), len(self.unbound)
            for init, param, handed, result in carried:
                both = [a for a in (init, handed) if isinstance(a, Value)]
                if UNDEFINED in (init, handed) or any(a in self.unbound for a in both):
                    self.unbound |= {param, result}
                if UNDEFINED in (init, handed) or any(a in self.loose for a in both):
                    self.loose |= {param, result}
                self._note(param, varies=any(a in self.varies for a in both),
                           ragged=any(a in self.ragged for a in both))
            if loop.index is not None:
                self._note(loop.index, varies=False)
            if loop.cond is not None:
                self._block(loop.cond)
            self._block(loop.body)
            if before == (len(self.varies), len(self.ragged), len(self.unbound)):
                break
        ends = [loop.cond.results if loop.cond is not None else (), loop.leave]
        if self.some_vary(ends):
            self.apart.add(loop)
        apart = loop in self.apart
        if apart:
            self.loose -= set(loop.results)
        for _, param, _, result in carried:
            self._note(result, varies=apart or param in self.varies,
                       ragged=param in self.ragged
                       or apart and (result in self.unbound and self.asks_bound or not self.fits(result.kind)))
        for inner, trail in loop.trails:
            varies = isinstance(inner, Value) and inner in self.varies
            self._note(trail, varies=varies or apart, ragged=apart or isinstance(inner, Value) and inner in self.ragged)
        if loop.trips is not None:
            self._note(loop.trips, varies=apart)
        if apart:
            for inner in definitions(loop):
                self.varies.add(inner)


def _counts(kind: Kind) -> bool:
    """Can this be how many, or which?"""
    return isinstance(kind, Num) and kind.dtype.startswith(("int", "uint", "bool"))


def leaves(dim: Dim | None) -> set[object]:
    """What a length is made of."""
    if not isinstance(dim, Sym):
        return set()
    key = dim.key
    if not isinstance(key, tuple) or key[0] in ("unknown", "index"):
        return {key}
    parts = [p for part in key[1:] for p in (part if isinstance(part, tuple) else (part,))]
    inner = [p for p in parts if isinstance(p, Sym)]
    return set().union(*map(leaves, inner)) if inner else {key}


def roots_of(kind: Kind) -> set[object]:
    """What the lengths of a kind are made of."""
    if isinstance(kind, Num):
        return set().union(*map(leaves, (*(kind.shape or ()), kind.length)))
    if isinstance(kind, Shape):
        return set().union(*map(leaves, kind.dims))
    return roots_of(kind.elem) | leaves(kind.length) if isinstance(kind, Seq) else set()


