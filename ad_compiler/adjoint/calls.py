"""The reverse of calls of functions that call themselves.

A gradient inside of a function that is differentiated is one call too, `x_bar = g_pulled(x, y_bar)`, which is
`J.T y_bar` where J is the Jacobian of `y = g(x)`.  For a cotangent `w` of that, the cotangent of `y_bar` is `J w`, the
tangent of `g` along `w`; and that of `x` is the gradient by `x` of `y_bar . J w`, which is the reverse of this tangent:

    y, y_dot, saved = g_dot_fwd(x, w)
    x_bar, w_bar = g_dot_bwd(saved, 0, y_bar)

Its tangent along `x_dot` and `y_bar_dot` is the same with another seed: `x_bar_dot, x_bar = g_dot_bwd(saved,
y_bar_dot, y_bar)`.  None of it says what `g` is: it may be a tangent itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ad_compiler.ir import Atom, Op, Value, walk
from ad_compiler.kinds import Kind, Num
from ad_compiler.ops import numpys, values_met
from ad_compiler.read.abstract import kind_of
from ad_compiler.read.calls.recursion import Pair
from ad_compiler.read.memory.places import without_length


def reverse_call(reverser: Any, op: Op, bars: list[Atom | None]) -> None:
    """Hand on the cotangents of what a call gives."""
    callee: Any = op.fn
    pair: Pair = callee.of
    if callee is pair.forward:
        *results, saved = op.results
        seeds = [reverser.zero(r) if b is None else b for r, b in zip(results, bars, strict=False)]
        share(reverser, op.args, pair, pulled(reverser, pair, list(op.args), seeds, saved))
        return
    args, seeds = list(op.args[:len(pair.names)]), list(op.args[len(pair.names):])
    along = [reverser.zero(r) if b is None else b for r, b in zip(op.results, bars, strict=True)]
    *made, saved = pair.tangent.call(reverser.lifter, [*args, *along])      # dropped, where nothing asks for it
    found = pulled(reverser, pair.tangent, [*args, *along], [*map(reverser.zeros, seeds), *seeds], saved)
    share(reverser, args, pair, found[:len(pair.real)])
    for seed, dot in zip(seeds, made[len(seeds):], strict=True):
        if seed in reverser.active:
            reverser.accumulate(seed, reverser.fit(dot, seed))


def pulled(reverser: Any, pair: Pair, args: list[Atom], seeds: list[Atom], saved: Value) -> list[Value]:
    """The cotangents of a call's real arguments; by what was saved, where these are not to be differentiated again."""
    numpy = any(True for each in pair.reached() for _ in numpys(values_met(walk(each.block)))) or any(
        isinstance(kind, Num) and kind.form != "py" for kind in map(kind_of, seeds))
    kinds = [wide(without_length(kind_of(args[at])), pair.kinds[at], numpy) for at in pair.real]
    fn, given = (pair.backward, [saved]) if reverser.alone or not pair.repeatable else (pair.pulled, args)
    made: list[Value] = reverser.lifter.emit(fn, (*given, *seeds), {}, kinds)
    return made


def wide(arg: Kind, param: Kind, numpy: bool) -> Kind:
    """The kind of an argument's cotangent: the function was read for a parameter that may hold more.

    `numpy`: that of a Python number may be NumPy's.
    """
    if not isinstance(arg, Num) or not isinstance(param, Num):
        return arg
    return replace(arg, dtype=param.dtype, form="np" if numpy and arg.form == "py" else arg.form)


def share(reverser: Any, args: Any, pair: Pair, bars: list[Value]) -> None:
    """Hand the cotangents of a call's arguments on."""
    for at, bar in zip(pair.real, bars, strict=True):
        arg = args[at]
        if isinstance(arg, Value) and arg in reverser.active:
            reverser.accumulate(arg, reverser.fit(bar, arg))
