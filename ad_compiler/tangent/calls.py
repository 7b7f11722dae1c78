"""The tangents of functions that call themselves: `y, y_dot = g_dot(x, x_dot)`, which calls itself in the same way.

>>> import operator
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, x, hint="y", kind=FLOAT)
>>> pair = Pair("square", "square", ["x"], [FLOAT], block=block, params=[x], results=[y])
>>> dot = pair.tangent
>>> write_tangent(dot, ())
>>> dot.block.results = [tuple(dot.results)]
>>> print(show(Func(dot.base, dot.params, dot.block)))
def square_dot(x, x_dot):
    y = mul(x, x)
    t = mul(x_dot, x)
    t_2 = mul(x, x_dot)
    y_dot = add(t, t_2)
    return (y, y_dot)
"""

from __future__ import annotations

from ad_compiler.adjoint.differentiate import as_inside
from ad_compiler.adjoint.pairs import name_apart
from ad_compiler.copies import copied
from ad_compiler.errors import Collector
from ad_compiler.ir import Atom, Block, Func, Value, map_values
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.calls.recursion import Pair
from ad_compiler.read.statements.regions import hand_on
from ad_compiler.tangent.forward import Forward


def body_of(pair: Pair) -> tuple[list[Value], Block]:
    """The parameters of a function, and its statements once more; they hand on its results."""
    params = [Value(p.hint, p.kind) for p in pair.params]
    now: dict[Value, Atom] = dict(zip(pair.params, params, strict=True))
    ops = copied(pair.block.ops, now)
    return params, Block([], ops, [map_values(r, lambda v: now.get(v, v)) for r in pair.results])


def write_tangent(pair: Pair, tidy: tuple[Pass, ...]) -> None:
    """Write the statements of a function that gives the tangents of another one's results too."""
    of = pair.primal
    assert of is not None
    if of.primal is not None and not of.params:
        write_tangent(of, tidy)
    params, block = body_of(of)
    dots = {params[at]: Value(f"{params[at].hint}_dot", params[at].kind) for at in of.real}
    hand_on(block)
    forward = Forward(block, dots, Collector())
    forward.run()
    forward.demand(block.results)
    forward.lifter.block = block
    block.results += [forward.filled(result) for result in block.results]
    pair.params, pair.refs, pair.block = [*params, *dots.values()], of.refs, block
    name_apart(pair.params)
    as_inside(block, stopped=False, reverse=False)
    run_passes(Func(pair.base, pair.params, block, pair.refs), tidy)
    pair.results, block.results = block.results, []
