"""The reverse of functions that call themselves: a forward function that returns what the backward function needs.

`y = g(x)` becomes `y, saved = g_fwd(x)`, and in the reverse sweep `x_bar = g_bwd(saved, y_bar)`; both call
themselves in the same way.  What is saved is one tuple, so each call has its own.

>>> import operator
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.recursion import Callee
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, x, hint="y", kind=FLOAT)
>>> back = Callee("square_bwd")
>>> pair = Pair("square", Callee("square_fwd", back), back, ["x"], [FLOAT], block=block, params=[x], result=y)
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
from ad_compiler.read.recursion import Callee, Pair


def halves(pair: Pair, tidy: tuple[Pass, ...]) -> list[Func]:
    """The forward and the backward function of one that calls itself."""
    out_bar = Value(f"{pair.name}_bar", pair.out if isinstance(pair.result, Const) else pair.result.kind)
    block = pair.block
    grads, (out,) = differentiate(block, [(pair.result, out_bar)], pair.real, [pair.result], tidy, Collector(),
                                 apart=True)
    forward, backward = sweeps(block)
    backward.results = [grads[0] if len(grads) == 1 else tuple(grads)]
    saved = [v for v in free_values(backward) if v is not out_bar and v not in pair.refs]
    forward.results = [(out, tuple(saved))]
    return [Func(pair.forward.__name__, pair.params, forward, pair.refs, bind_all=True),
            Func(pair.backward.__name__, *_unpacking(backward, saved, out_bar), pair.refs, bind_all=True)]


def sweeps(block: Block) -> tuple[Block, Block]:
    """The forward and the reverse sweep, apart."""
    return Block([], [s for s in block.ops if not s.reverse]), Block([], [s for s in block.ops if s.reverse])


def _unpacking(backward: Block, saved: list[Value], out_bar: Value) -> tuple[list[Value], Block]:
    """The parameters and the body of a backward function, which is given what was saved as one tuple."""
    given = Value("saved", Obj("saved"))
    inside = {v: Value(v.hint, v.kind) for v in saved}
    holder = Block([], backward.ops, backward.results)
    substitute(holder, dict(inside))
    if saved:
        holder.ops.insert(0, Op(runtime.unpack, (given,), {}, list(inside.values()), reverse=True))
    for stmt in walk(holder):
        stmt.reverse = True
    return [given, out_bar], holder


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


def called_by(block: Block, callees: list[Func]) -> list[Func]:
    """Those of some functions that a block calls, or that these call."""
    found: list[Func] = []
    blocks = [block]
    while blocks:
        names = {op.fn.__name__ for op in walk(blocks.pop()) if isinstance(op, Op) and isinstance(op.fn, Callee)}
        more = [func for func in callees if func.name in names and func not in found]
        found += more
        blocks += [func.body for func in more]
    return [func for func in callees if func in found]
