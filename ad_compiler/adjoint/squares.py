"""The square of a root, an absolute value, a norm is smooth where these are not: said before it is differentiated.

`np.abs(x) ** 2` becomes `x * x`, whose second derivative is 2 at 0 too.

>>> import numpy as np
>>> from ad_compiler import grad
>>> round(grad(grad(lambda x: np.abs(x) ** 2))(0.0), 12)
2.0
"""

from __future__ import annotations

from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.analyse.steep import Steep
from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Block, Const, Op, Stmt, Value, blocks_in
from ad_compiler.kinds import NotStatic
from ad_compiler.ops import is_elementwise, is_product, traits
from ad_compiler.read.lift import Lifter


def without_roots(block: Block) -> None:
    """Put what is under a root that is squared in place of the square."""
    _visit(block, Steep(block, None))


def _visit(block: Block, steep: Steep) -> None:
    for inner in blocks_in(block.ops):
        _visit(inner, steep)
    out: list[Stmt] = []
    for stmt in block.ops:
        out.append(stmt)
        root = _squared(stmt, steep) if isinstance(stmt, Op) and not stmt.stopped else None
        if root is None or not isinstance(stmt, Op):
            continue
        lifter = Lifter(Block(), watching=False)
        lifter.fixed_origin = stmt.origin
        written = traits(root).squared
        assert written is not None
        try:
            made = lifter.calls.call(Const(written), [to_abstract(a) for a in root.args],
                                 {k: to_abstract(a) for k, a in root.kwargs.items()})
        except (NotStatic, Refused):
            continue
        last = lifter.block.ops[-1] if lifter.block.ops else None
        if isinstance(last, Op) and isinstance(made, Value) and last.results == [made] \
                and made.kind == stmt.result.kind:
            last.results = stmt.results
            out[-1:] = lifter.block.ops
    block.ops = out


def _squared(op: Op, steep: Steep) -> Op | None:
    """The root, or the like, of which this is the square."""
    known = traits(op)
    twice = known.powers == (2,) or is_product(op) and _same(op.args[0], op.args[1], steep) \
        or known.power and steep.range(op.args[1]) == (2.0, 2.0) and isinstance(op.args[1], Const)
    made = steep.makers.get(op.args[0]) if twice and isinstance(op.args[0], Value) else None
    if made is None or traits(made).squared is None or made.stopped:
        return None
    inside = traits(made).steep_inside
    if inside is not None and steep.range(made.args[0])[0] < 0.0:
        return None     # it may be NaN
    return made


def _same(a: Arg, b: Arg, steep: Steep, depth: int = 3) -> bool:
    """Are these one value, or made in the same way of the same?"""
    if a is b or isinstance(a, Const) and isinstance(b, Const):
        return a is b or type(a.value) is type(b.value) in (int, float, str) and a.value == b.value
    one, other = (steep.makers.get(x) if isinstance(x, Value) else None for x in (a, b))
    return bool(depth and one and other and one.fn is other.fn and one.kwargs == other.kwargs
                and (traits(one).squared is not None or is_elementwise(one)) and one.stopped == other.stopped
                and len(one.args) == len(other.args)
                and all(_same(x, y, steep, depth - 1) for x, y in zip(one.args, other.args, strict=True)))
