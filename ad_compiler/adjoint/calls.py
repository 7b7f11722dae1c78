"""The reverse of a call of a generated function."""

from __future__ import annotations

from typing import Any

from ad_compiler.ir import Atom, Op, Value
from ad_compiler.read.abstract import kind_of
from ad_compiler.read.memory import without_length


def reverse_call(reverser: Any, op: Op, out_bar: Atom) -> None:
    """The cotangents of a recursive call's arguments."""
    callee: Any = op.fn
    wanted = [(at, op.args[at]) for at in callee.real]
    kinds = [without_length(kind_of(a)) for _, a in wanted]
    results = reverser.lifter.emit(callee.back, (op.results[1], out_bar), {}, kinds)
    for (_, arg), result in zip(wanted, results, strict=True):
        if isinstance(arg, Value) and arg in reverser.active:
            reverser.accumulate(arg, reverser.fit(result, arg))
