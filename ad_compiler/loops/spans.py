"""What an index spans over the iterations of loops: its least and its greatest.

>>> from ad_compiler.ir import Block, Const, Func
>>> from ad_compiler.kinds import INT, Num
>>> n, i, x = Value("n", INT), Value("i", INT), Value("x", Num("float64", (3,)))
>>> loop = Loop([], Block(), [], i, stop=n)
>>> prover = Prover(Chains(Func("f", [n, x], Block([], [loop]))), [], 0, x)
>>> form = Form(1, {Instance(i, ""): 2})
>>> span = before(Span(form, form), loop, prover)
>>> span.low.constant, span.high.constant, list(span.high.terms.values())
(1, -1, [2])
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from ad_compiler.analyse.affine import Form, Instance, Prover, loops_of
from ad_compiler.analyse.chains import Chains
from ad_compiler.ir import Const, Loop, Stmt, Value


class Span(NamedTuple):
    """The least and the greatest that an index is, where all of the loops `over` run at least once.

    `moved`: the last index less the first, of the loops among them whose index it is made of.
    """

    low: Form
    high: Form
    over: tuple[Loop, ...] = ()
    moved: tuple[Form, ...] = ()

    def with_(self, other: Span) -> Span:
        """Both of two that differ in their constants alone."""
        low, high = min(self.low.constant, other.low.constant), max(self.high.constant, other.high.constant)
        return self._replace(low=Form(low, self.low.terms), high=Form(high, self.high.terms))


def rises(loop: Loop) -> bool:
    """Does the index of a loop become greater?"""
    assert isinstance(loop.step, Const)
    return bool(loop.step.value > 0)


def ends_of(loop: Loop, prover: Prover) -> tuple[Form, Form] | None:
    """The least and the greatest index of a loop."""
    start, stop = prover.form(loop.start, ""), prover.form(loop.stop, "")
    if start is None or stop is None:
        return None
    return (start, stop.plus(-1)) if rises(loop) else (stop.plus(1), start)


def before(span: Span, loop: Stmt | None, prover: Prover) -> Span | None:
    """What an index spans over all iterations of a loop; None where that is not known."""
    assert isinstance(loop, Loop)
    ends = ends_of(loop, prover)
    if ends is None:
        return None
    least, greatest = ends
    symbol = Instance(loop.index, "") if loop.index is not None else None
    low, high, moved = span.low, span.high, span.moved
    down, up = low.terms.get(symbol, 0), high.terms.get(symbol, 0)
    if down or up:
        moved = (*moved, greatest - least)
        low = Form(low.constant, {s: c for s, c in low.terms.items() if s != symbol}) + \
            (least if down > 0 else greatest).times(down)
        high = Form(high.constant, {s: c for s, c in high.terms.items() if s != symbol}) + \
            (greatest if up > 0 else least).times(up)
    return Span(low, high, (loop, *span.over), moved)


def maybe_empty(span: Span, prover: Prover) -> list[Form]:
    """What is below 0 where a loop runs zero times that is not known to run."""
    lengths: dict[Hashable, Form] = {}
    for loop in span.over:
        ends = ends_of(loop, prover)
        assert ends is not None
        length = ends[1] - ends[0]
        if not prover.at_least(length, 0):
            lengths[form_key(length)] = length
    return list(lengths.values())


def shows_empty(span: Span, empty: list[Form]) -> bool:
    """Is the greatest below the least where one of `maybe_empty` is below 0?"""
    return list(map(form_key, empty)) == list(map(form_key, span.moved))


def not_empty(loop: Stmt | None, chains: Chains, array: Value) -> bool:
    """Does a loop run at least once?"""
    assert isinstance(loop, Loop)
    around = loops_of(chains.place[loop])
    prover = Prover(chains, around, len(around), array)
    ends = ends_of(loop, prover)
    return ends is not None and prover.at_least(ends[1] - ends[0], 0)


def form_key(form: Form) -> Hashable:
    """The same for equal forms."""
    return form.constant, frozenset(form.terms.items())
