"""The derivative of statements just read: reverse sweep, tidying, recording.

Used for the function itself and for each `grad(g)(x)` inside it; what comes out is an ordinary block,
which can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Iterable

from ad_compiler.adjoint.budget import share_out
from ad_compiler.adjoint.reverse import Reverser
from ad_compiler.adjoint.snapshots import keep_few
from ad_compiler.analyse.record import record
from ad_compiler.errors import Collector
from ad_compiler.ir import Arg, Atom, Block, Branch, Func, Loop, Op, Value, walk
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.restarts import Again
from ad_compiler.read.statements.regions import hand_on


def differentiate(block: Block, seeds: Iterable[tuple[Atom, Atom]], wrt: list[Value], keep: list[Arg],
                  tidy: tuple[Pass, ...], collector: Collector, alone: bool = True, memory: int | None = None,
                  apart: bool = False) -> tuple[list[Atom], list[Arg]]:
    """Append the reverse sweep of `block`: the cotangents of `wrt`, and `keep` as it stands afterwards.

    `memory`: so many bytes may be kept of its loops.

    `seeds` are the outputs with their cotangents; `tidy` are the passes run before it is decided what has to be
    recorded.  `alone`: it is not to be differentiated again; `apart`: the reverse sweep becomes a function of its own,
    called when `keep` has been handed out.
    """
    hand_on(block)
    reverser = Reverser(block, wrt, collector, alone)
    bars = reverser.run(seeds)
    if lengths().again:
        raise Again
    grads = [bars[v] if v in bars else reverser.zero(v) for v in wrt]
    reverser.lifter.fixed_origin = None
    collector.raise_if_any()
    block.results = [*grads, *keep]
    func = Func("adjoint", [], block)
    run_passes(func, tidy)
    if memory is not None:
        share_out(block, memory)
    if keep_few(block, reverser.add_refusal):
        collector.raise_if_any()
        func.edits += 1
        run_passes(func, tidy)
    reverser.lifter.let_go()
    record(func, len(keep) if apart else 0)
    settle_directions(block)
    run_passes(func, tidy[1:])      # expressions are short already
    results, block.results = block.results, []
    return results[:len(wrt)], results[len(wrt):]


def settle_directions(block: Block) -> None:
    """From here on a loop's direction is its own, not that of the loop that it undoes; so for branches."""
    for stmt in walk(block):
        if isinstance(stmt, (Branch, Loop)):
            stmt.mirror = None


def as_inside(block: Block, stopped: bool, reverse: bool) -> None:
    """A derivative taken inside a function is part of its forward sweep; in a rule, of the sweep that it is for."""
    for stmt in walk(block):
        if isinstance(stmt, Op):
            stmt.derived = stmt.derived or stmt.reverse
        stmt.reverse = reverse
        if isinstance(stmt, Op):
            stmt.stopped, stmt.safe = stmt.stopped or stopped, None


