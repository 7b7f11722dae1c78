"""The square of a root, an absolute value, a norm is smooth where these are not: said before it is differentiated.

`np.abs(x) ** 2` becomes `x * x`, whose second derivative is 2 at 0 too.

>>> import numpy as np
>>> from ad_compiler import grad
>>> round(grad(grad(lambda x: np.abs(x) ** 2))(0.0), 12)
2.0
"""

from __future__ import annotations

import math
import operator

import numpy as np

from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.analyse.steep import Steep
from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Block, Const, Op, Stmt, Value, blocks_in
from ad_compiler.kinds import NotStatic, Num
from ad_compiler.ops import is_elementwise, is_negation, is_product, is_quotient, traits
from ad_compiler.read.lift import Lifter
from ad_compiler.rules.traits import Function

INNER = operator.matmul, np.matmul, np.dot, np.inner, np.vdot
ABSOLUTE = operator.abs, abs, np.absolute, np.fabs


def without_roots(block: Block) -> None:
    """Put what is under a root that is squared in place of the square."""
    _visit(block, Steep(block, None))


def _visit(block: Block, steep: Steep) -> None:
    for inner in blocks_in(block.ops):
        _visit(inner, steep)
    out: list[Stmt] = []
    for stmt in block.ops:
        out.append(stmt)
        if not isinstance(stmt, Op) or stmt.stopped:
            continue
        root, factors = _squared(stmt, steep)
        if root is None:
            _unsigned(stmt, steep)
            continue
        lifter = Lifter(Block(), watching=False)
        lifter.fixed_origin = stmt.origin
        written = traits(root).squared
        assert written is not None
        try:
            made = lifter.calls.call(Const(written), [to_abstract(a) for a in root.args],
                                 {k: to_abstract(a) for k, a in root.kwargs.items()})
            for fn, factor in factors:
                made = lifter.apply(fn, [made, Const(factor * factor)])
            if isinstance(made, Value) and _form(made) == "np" and _form(stmt.result) == "py":
                made = lifter.apply(float, [made])
        except (NotStatic, Refused):
            continue
        last = lifter.block.ops[-1] if lifter.block.ops else None
        if isinstance(last, Op) and isinstance(made, Value) and last.results == [made] \
                and made.kind == stmt.result.kind:
            last.results = stmt.results
            out[-1:] = lifter.block.ops
    block.ops = out


def _form(value: Value) -> str:
    return value.kind.form if isinstance(value.kind, Num) else ""


def _squared(op: Op, steep: Steep) -> tuple[Op | None, list[tuple[Function, float]]]:
    """The root, or the like, of which this is the square, and the numbers by which that is multiplied or divided."""
    known = traits(op)
    power = known.power or op.fn in (math.pow, np.float_power)
    twice = known.powers == (2,) or is_product(op) and _same(op.args[0], op.args[1], steep) \
        or power and steep.range(op.args[1]) == (2.0, 2.0) and isinstance(op.args[1], Const)
    made, factors = _unscaled(op.args[0], steep) if twice else (None, [])
    if made is None or traits(made).squared is None or made.stopped:
        return None, []
    inside = traits(made).steep_inside
    if inside is not None and steep.range(made.args[0])[0] < 0.0:
        return None, []     # it may be NaN
    return made, factors


def _unscaled(arg: Arg, steep: Steep) -> tuple[Op | None, list[tuple[Function, float]]]:
    """What makes a value, but for its sign and for numbers by which it is multiplied or divided."""
    factors: list[tuple[Function, float]] = []
    made = steep.makers.get(arg) if isinstance(arg, Value) else None
    while made is not None and not made.stopped:
        inner, number = made.args[0], made.args[1] if len(made.args) == 2 else None
        if is_product(made) and isinstance(inner, Const):
            inner, number = number, inner
        if is_product(made) or is_quotient(made):
            if not isinstance(number, Const) or type(number.value) not in (int, float) or number.value == 0:
                break
            factors.append((operator.mul if is_product(made) else operator.truediv, number.value))
        elif not is_negation(made):
            break
        made = steep.makers.get(inner) if isinstance(inner, Value) else None
    return made, factors


def _unsigned(op: Op, steep: Steep) -> None:
    """In an inner product of absolute values with themselves, put these without their signs lost."""
    one = op.args[0] if op.args else None
    if op.fn in INNER and isinstance(one, Value) and isinstance(one.kind, Num) and one.kind.ndim == 1 \
            and _same(one, op.args[1], steep):
        made = steep.makers.get(one)
        if made is not None and made.fn in ABSOLUTE and not made.stopped:
            op.args = (made.args[0], made.args[0])


def _same(a: Arg, b: Arg, steep: Steep, depth: int = 3) -> bool:
    """Are these one value, or made in the same way of the same?"""
    if a is b or isinstance(a, Const) and isinstance(b, Const):
        return a is b or type(a.value) is type(b.value) in (int, float, str) and a.value == b.value
    one, other = (steep.makers.get(x) if isinstance(x, Value) else None for x in (a, b))
    return bool(depth and one and other and one.fn is other.fn and one.kwargs == other.kwargs
                and (traits(one).squared is not None or is_elementwise(one)) and one.stopped == other.stopped
                and len(one.args) == len(other.args)
                and all(_same(x, y, steep, depth - 1) for x, y in zip(one.args, other.args, strict=True)))
