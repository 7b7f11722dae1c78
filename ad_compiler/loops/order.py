"""The passes for what Numba compiles, in their order: arrays become loops, trails arrays, indices are checked."""

from __future__ import annotations

from typing import Any

from ad_compiler.ir import Func, Loop, walk
from ad_compiler.loops.buffers import make_buffers_once
from ad_compiler.loops.carried_types import one_type
from ad_compiler.loops.divisors import check_divisors
from ad_compiler.loops.early import compare_early
from ad_compiler.loops.equal import equal_lengths
from ad_compiler.loops.expand import loops_for_arrays
from ad_compiler.loops.gather import gather_stencils
from ad_compiler.loops.index_arrays import index_arrays
from ad_compiler.loops.inside import check_indices
from ad_compiler.loops.once import store_once
from ad_compiler.loops.overlap import copy_what_overlaps
from ad_compiler.loops.quiet import without_errstate
from ad_compiler.loops.single import single_precision
from ad_compiler.loops.spell import spell
from ad_compiler.loops.sums import sum_first
from ad_compiler.loops.trails import arrays_for_trails
from ad_compiler.loops.unsigned import unsigned_indices
from ad_compiler.loops.upward import count_up
from ad_compiler.loops.wide import widen
from ad_compiler.loops.widths import refuse_other_widths
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.hoist import hoist_invariant
from ad_compiler.optimise.simplify import simplify
from ad_compiler.passes import Pass

LOOPS: tuple[Pass, ...] = (refuse_other_widths, one_type, without_errstate, equal_lengths, index_arrays, check_indices,
                           check_divisors, widen, spell, arrays_for_trails, drop_dead, store_once, compare_early,
                           loops_for_arrays, drop_dead, drop_invariant_carried, simplify, drop_dead, hoist_invariant,
                           gather_stencils, sum_first, count_up)
"""Run by the pipeline before its last passes."""

LAST: tuple[Pass, ...] = (single_precision, copy_what_overlaps, make_buffers_once, drop_dead, unsigned_indices)
"""Run after these; with `parallel=True`, `run_in_parallel` comes between: an iteration has buffers of its own."""


def passes_for(options: dict[str, Any]) -> tuple[Pass, ...]:
    """All of them, for these options of `numba.njit`."""
    if not options.get("parallel"):
        return LOOPS + LAST
    from ad_compiler.loops.parallel import run_in_parallel

    return (*LOOPS, run_in_parallel, *LAST)


def needed_options(func: Func, options: dict[str, Any]) -> dict[str, Any]:
    """These options, without `parallel` where no loop runs on several threads."""
    if "parallel" in options and not any(isinstance(s, Loop) and s.independent for s in walk(func.body)):
        return {name: chosen for name, chosen in options.items() if name != "parallel"}
    return options
