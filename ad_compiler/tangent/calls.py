"""The tangents of functions that call themselves: `y, y_dot = g_dot(x, x_dot)`, which calls itself in the same way.

>>> import operator
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.recursion import Callee
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, x, hint="y", kind=FLOAT)
>>> back = Callee("square_bwd")
>>> pair = Pair("square", Callee("square_fwd", back), back, ["x"], [FLOAT], block=block, params=[x], result=y)
>>> print(show(tangent_of(pair, ())))
def square_dot(x, x_dot):
    y = mul(x, x)
    t = mul(x_dot, x)
    t_2 = mul(x, x_dot)
    y_dot = add(t, t_2)
    return (y, y_dot)
"""

from __future__ import annotations

from ad_compiler.errors import Collector
from ad_compiler.ir import Func, Value
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.recursion import Pair
from ad_compiler.read.regions import hand_on
from ad_compiler.tangent.forward import Forward


def tangent_of(pair: Pair, tidy: tuple[Pass, ...]) -> Func:
    """The function that gives both; what is read of the pair is used up."""
    block, dots = pair.block, {v: Value(f"{v.hint}_dot", v.kind) for v in pair.real}
    hand_on(block)
    forward = Forward(block, dots, Collector())
    forward.run()
    forward.demand([pair.result])
    forward.lifter.block = block
    block.results = [(pair.result, forward.filled(pair.result))]
    assert pair.forward.tangent is not None
    name, params = pair.forward.tangent.__name__, [*pair.params, *dots.values()]
    return run_passes(Func(name, params, block, pair.refs, bind_all=True, forward=True), tidy)
