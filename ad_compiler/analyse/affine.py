"""Indices as sums of loop indices and lengths, and proofs that two of them differ.

What is asked: may a later store of a loop write what an earlier iteration has read?  Indices of the two
iterations are told apart by a tag; those of loops around both, in the same iteration, are shared.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ad_compiler.analyse.chains import Chains, Path
from ad_compiler.indices import is_none, parts_of
from ad_compiler.ir import Arg, Atom, Const, Loop, Op, Slice, Value
from ad_compiler.kinds import Num, Sym
from ad_compiler.ops import is_length, is_product, traits

MOST_STEPS = 200
"""How many substitutions a proof may take."""

Symbol = Hashable
Region = list[tuple["Form", "Form | None"]]
"""For each axis the least and the greatest index, or None where that is not bounded."""


@dataclass(frozen=True)
class Form:
    """A constant and whole multiples of symbols.

    >>> Form(1, {"i": 2}) - Form(3, {"i": 2, "n": 1})
    Form(constant=-2, terms={'n': -1})
    """

    constant: int
    terms: dict[Symbol, int]

    def __add__(self, other: Form) -> Form:
        terms = dict(self.terms)
        for symbol, by in other.terms.items():
            terms[symbol] = terms.get(symbol, 0) + by
        return Form(self.constant + other.constant, {s: by for s, by in terms.items() if by})

    def __sub__(self, other: Form) -> Form:
        return self + other.times(-1)

    def times(self, by: int) -> Form:
        return Form(self.constant * by, {s: c * by for s, c in self.terms.items()} if by else {})

    def plus(self, by: int) -> Form:
        return Form(self.constant + by, self.terms)


ZERO = Form(0, {})


@dataclass(frozen=True)
class Length:
    """The length of an axis, which is not below zero."""

    key: Hashable


@dataclass(frozen=True)
class Instance:
    """A value in one of the two iterations; tag "" is shared by both."""

    value: Value
    tag: str


class Prover:
    """Compares indices into an array in two iterations, the first `shared` of the loops in `common` in step.

    Where there are more loops in common, the next is in a later iteration for what is tagged "later".
    """

    def __init__(self, chains: Chains, common: list[Loop], shared: int, array: Value) -> None:
        self.chains, self.common, self.shared = chains, common, shared
        assert isinstance(array.kind, Num)
        self.dims = array.kind.shape or ()
        self.steps = 0

    # -- forms ---------------------------------------------------------------------------------------

    def form(self, atom: Atom, tag: str) -> Form | None:
        """An integer as a form; None where it is not one."""
        if isinstance(atom, Const):
            known = atom.value
            whole = isinstance(known, (int, np.integer)) and not isinstance(known, bool)
            return Form(int(known), {}) if whole else None
        kind = atom.kind
        if not isinstance(kind, Num) or kind.shape != () or not kind.dtype.startswith("int"):
            return None
        op = self.chains.maker.get(atom)
        if kind.length is not None and (kind.length in self.dims or self.is_shared(atom) and is_length(op)):
            return length(kind.length)      # others may be below zero, or lengths of other arrays in each iteration
        signs = traits(op).signs if isinstance(op, Op) else ()
        if isinstance(op, Op) and (signs or is_product(op)):
            parts = [part for a in op.args if (part := self.form(a, tag)) is not None]
            if signs and len(parts) == len(signs):
                return sum((part.times(sign) for part, sign in zip(parts, signs, strict=True)), ZERO)
            if not signs and len(parts) == 2 and not all(part.terms for part in parts):
                a, b = parts if parts[1].terms else parts[::-1]
                return b.times(a.constant)
        return Form(0, {self.symbol(atom, tag): 1})

    def symbol(self, value: Value, tag: str) -> Instance:
        return Instance(value, "" if self.is_shared(value) else tag)

    def is_shared(self, value: Value) -> bool:
        """Is a value the same in both iterations?"""
        around = loops_of(self.chains.home.get(value, ()))
        return len(around) <= self.shared and around == self.common[:len(around)]

    # -- bounds --------------------------------------------------------------------------------------

    def bounds(self, symbol: Symbol, lower: bool, done: frozenset[Symbol]) -> list[Form]:
        """Forms that a symbol is not below, or not above."""
        if not isinstance(symbol, Instance) or symbol.value not in self.chains.index_of:
            return []
        loop, found = self.chains.index_of[symbol.value], []
        step = loop.step.value if isinstance(loop.step, Const) else 0
        if not isinstance(step, int) or not step:
            return []
        if symbol.tag and self.shared < len(self.common) and loop is self.common[self.shared]:
            other = Instance(symbol.value, "earlier" if symbol.tag == "later" else "later")
            rises = (step > 0) is not loop.backward       # do later iterations have greater indices?
            if other not in done and rises is ((symbol.tag == "later") is lower):
                found.append(Form(abs(step) if lower else -abs(step), {other: 1}))
        first = self.form(loop.start, symbol.tag)
        stop = self.form(loop.stop, symbol.tag)
        last = stop and stop.plus(-1 if step > 0 else 1)
        bound = first if lower is (step > 0) else last
        return [*found, bound] if bound is not None else found

    def at_least(self, form: Form, least: int, done: frozenset[Symbol] = frozenset()) -> bool:
        """Is a form never below a number?"""
        self.steps += 1
        indices = [s for s in form.terms if isinstance(s, Instance)]
        if not indices:
            return form.constant >= least and all(by > 0 for by in form.terms.values())
        if self.steps > MOST_STEPS:
            return False
        deepest = max(self._depth(s) for s in indices)
        for symbol in indices:
            if self._depth(symbol) < deepest:
                continue
            by = form.terms[symbol]
            rest = Form(form.constant, {s: c for s, c in form.terms.items() if s != symbol})
            for bound in self.bounds(symbol, by > 0, done):
                if self.at_least(rest + bound.times(by), least, done | {symbol}):
                    return True
        return False

    def _depth(self, symbol: Instance) -> int:
        return len(self.chains.home.get(symbol.value, ()))

    # -- regions -------------------------------------------------------------------------------------

    def region(self, index: Arg, tag: str) -> Region:
        """Which elements of the array an index may name; axes that are left out are whole."""
        parts = parts_of(index)
        found: Region = []
        for part, dim in zip(parts, self.dims, strict=False):
            axis = self._axis(part, length(dim), tag)
            if axis is None:        # anything may stand further on
                break
            found.append(axis)
        return found

    def _axis(self, part: Arg, size: Form, tag: str) -> tuple[Form, Form | None] | None:
        if isinstance(part, Slice):
            if not (isinstance(part.step, Const) and part.step.value in (None, 1)):
                return ZERO, None
            start = ZERO if is_none(part.start) else self._place(part.start, size, tag)
            stop = None if is_none(part.stop) else self._place(part.stop, size, tag)
            return start or ZERO, None if stop is None else stop.plus(-1)
        if isinstance(part, Value) and isinstance(part.kind, Num) and part.kind.shape == () or \
                isinstance(part, Const) and isinstance(part.value, int) and not isinstance(part.value, bool):
            place = self._place(part, size, tag)
            return (ZERO, None) if place is None else (place, place)
        return None

    def _place(self, part: Atom, size: Form, tag: str) -> Form | None:
        """An index, counted from the front; None where it may be one that counts from the end."""
        form = self.form(part, tag)
        if form is None:
            return None
        if not form.terms and form.constant < 0:
            return form + size
        beyond = form - size        # of an axis of n: n - 1 is its last element, or there is none
        if not beyond.terms and beyond.constant == -1 or self.at_least(form, 0):
            return form
        return None

    def apart(self, earlier: Region, later: Region) -> bool:
        """Have two regions no element in common, for certain?"""
        for (low, high), (other_low, other_high) in zip(earlier, later, strict=False):
            if high is not None and self.at_least(other_low - high, 1) or \
                    other_high is not None and self.at_least(low - other_high, 1):
                return True
        return False


def length(dim: int | Sym) -> Form:
    """The length of an axis."""
    return Form(dim, {}) if isinstance(dim, int) else Form(0, {Length(dim.key): 1})


def loops_of(path: Path) -> list[Loop]:
    """The loops around a place, outermost first."""
    return [stmt for stmt, _ in path if isinstance(stmt, Loop)]


def survives(chains: Chains, version: Value, index: Arg, stores: list[Op]) -> bool:
    """Does what stands at an index of a version stand there unchanged after all of the stores are done?"""
    around = loops_of(chains.home[version])
    begun = born(chains, version)
    for store in stores:
        inside = loops_of(chains.place[store])
        common = [a for a, b in zip(around, inside, strict=False) if a is b]
        for shared in range(len(common) + 1):
            if shared == len(common) and chains.order[store][0] <= begun:
                continue        # of the same iteration, and before
            prover = Prover(chains, common, shared, version)
            if not prover.apart(prover.region(index, "earlier"), prover.region(store.args[1], "later")):
                return False
    return True


def born(chains: Chains, version: Value) -> int:
    """The number of the moment at which a version comes to be."""
    if version in chains.carried_by:
        return chains.order[chains.carried_by[version][0]][0]
    stmt = chains.maker[version]
    return chains.order[stmt][0 if isinstance(stmt, Op) else 1]
