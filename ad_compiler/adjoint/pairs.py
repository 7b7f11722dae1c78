"""The reverse of functions that call themselves: a forward function that returns what the backward function needs.

`y = g(x)` becomes `y, saved = g_fwd(x)`, and in the reverse sweep `x_bar = g_bwd(saved, y_bar)`; both call
themselves in the same way.  What is saved is one tuple, so each call has its own.

>>> import operator
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, x, hint="y", kind=FLOAT)
>>> pair = Pair("square", "square", ["x"], [FLOAT], block=block, params=[x], results=[y])
>>> for half in halves(pair, ()):
...     print(show(half))
def square_fwd(x):
    y = mul(x, x)
    return (y, (x,))
def square_bwd(saved, square_bar):
    x = unpack(saved)
    t = mul(square_bar, x)
    t_2 = mul(square_bar, x)
    x_bar = add(t, t_2)
    return x_bar
"""

from __future__ import annotations

from ad_compiler import runtime
from ad_compiler.adjoint.differentiate import differentiate
from ad_compiler.errors import Collector
from ad_compiler.ir import Block, Const, Func, Op, Value, free_values, substitute, walk
from ad_compiler.kinds import Obj
from ad_compiler.passes import Pass
from ad_compiler.read.calls.recursion import Pair


def halves(pair: Pair, tidy: tuple[Pass, ...], later: bool = False) -> list[Func]:
    """The forward and the backward function of one that calls itself; what was read of it is used up.

    `later`: the backward function is called when globals may be others.
    """
    seeds = [Value(f"{name}_bar", kind if isinstance(result, Const) else result.kind)
             for name, kind, result in zip(names_of_results(pair), pair.outs, pair.results, strict=True)]
    name_apart(seeds)
    block, real = pair.block, [pair.params[at] for at in pair.real]
    given = zip(pair.results, seeds, strict=True)
    grads, outs = differentiate(block, given, real, list(pair.results), tidy, Collector(), apart=True)
    forward, backward = sweeps(block)
    backward.results = [grads[0] if len(grads) == 1 else tuple(grads)]
    saved = [v for v in free_values(backward) if v not in seeds and (later or v not in pair.refs)]
    forward.results = [(*outs, tuple(saved))]
    return [Func(pair.forward.__name__, pair.params, forward, pair.refs, bind_all=True),
            Func(pair.backward.__name__, *_unpacking(backward, saved, seeds), pair.refs, bind_all=True)]


def names_of_results(pair: Pair) -> list[str]:
    """What the results of a function and of its tangents are called."""
    names, of = [pair.name], pair.primal
    while of is not None:
        names, of = [*names, *(f"{name}_dot" for name in names)], of.primal
    return names


def sweeps(block: Block) -> tuple[Block, Block]:
    """The forward and the reverse sweep, apart."""
    return Block([], [s for s in block.ops if not s.reverse]), Block([], [s for s in block.ops if s.reverse])


def _unpacking(backward: Block, saved: list[Value], seeds: list[Value]) -> tuple[list[Value], Block]:
    """The parameters and the body of a backward function, which is given what was saved as one tuple."""
    given = Value("saved", Obj("saved"))
    inside = {v: Value(v.hint, v.kind) for v in saved}
    holder = Block([], backward.ops, backward.results)
    substitute(holder, dict(inside))
    if saved:
        holder.ops.insert(0, Op(runtime.unpack, (given,), {}, list(inside.values()), reverse=True))
    for stmt in walk(holder):
        stmt.reverse = True
    return [given, *seeds], holder


def name_apart(params: list[Value]) -> None:
    """Give parameters names that differ: those that were parts of two containers may not."""
    taken: set[str] = set()
    for param in params:
        base = param.hint.lstrip("~.") or "x"
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        param.hint = name
