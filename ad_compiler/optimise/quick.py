"""Calls that cost less for the same: `x.sum()` for `np.sum(x)`, `np.zeros(x.shape)` for `np.zeros_like(x)`.

NumPy's functions of Python look for methods, dtypes and masks before they come to the point; on small arrays that is
most of their time.  A mean of all elements is its sum over their number, in just these two steps.  What the function
itself makes keeps the order in memory that `zeros_like` gives it: sums depend on it.  `@` asks for more than `dot`
does, and to add costs less than to look at a number: in a loop of a derivative, a matrix and a vector are multiplied by
`dot`, and twice a small array is its sum with itself.

>>> from ad_compiler import value_and_grad
>>> import numpy as np
>>> def f(x):
...     return np.mean(x * x)
>>> g = value_and_grad(f)
>>> value, x_bar = g(np.ones(4))
>>> print(g.source.splitlines()[1].strip())
value = np.vdot(x, x) / x.size
"""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler.analyse.choose import size
from ad_compiler.ir import Arg, Block, Const, Func, Loop, Op, Stmt, Value, blocks_of
from ad_compiler.kinds import INT, Num, Shape
from ad_compiler.ops import traits
from ad_compiler.optimise.across import LARGE
from ad_compiler.optimise.facts import is_operation, num, number


def call_quickly(func: Func) -> Func:
    """Spell calls the short way."""
    _visit(func.body, {}, in_loop=False)
    return func


def _visit(block: Block, makers: dict[Value, Op], in_loop: bool) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        if isinstance(stmt, Op):
            makers.update(dict.fromkeys(stmt.results, stmt))
            ops += _before(stmt, makers)
            if in_loop and (stmt.reverse or stmt.derived):
                _in_loop(stmt)
        else:
            for inner in blocks_of(stmt):
                _visit(inner, makers, in_loop or isinstance(stmt, Loop))
        ops.append(stmt)
    block.ops = ops


def _before(op: Op, makers: dict[Value, Op]) -> list[Stmt]:
    """Change an op; what must stand before it."""
    if not op.args or not _is_array(op.args[0]):
        return []
    x = op.args[0]
    if traits(op).method:
        op.spelling = "method"
    elif traits(op).makes in ("zeros", "ones") and op.reverse and len(op.args) == 1 and not op.kwargs \
            and num(op.result) == num(x) and num(x).dtype == "float64":      # type: ignore[union-attr]
        shape = Op(getattr, (x, Const("shape")), {}, [Value("", Shape(num(x).shape or ()))], op.origin,     # type: ignore[union-attr]
                   reverse=op.reverse)
        op.fn, op.args, op.spelling = getattr(np, traits(op).makes), (shape.result,), ""
        return [shape]
    elif op.fn is np.mean and len(op.args) == 1 and not op.kwargs and num(x).dtype == "float64":    # type: ignore[union-attr]
        total, size = Value("", op.result.kind), Value("", INT)
        flags = {"origin": op.origin, "stopped": op.stopped, "reverse": op.reverse}
        added = [Op(np.sum, (x,), {}, [total], spelling="method", **flags),      # type: ignore[arg-type]
                 Op(np.size, (_as_large(x, makers),), {}, [size], spelling="attr", **flags)]     # type: ignore[arg-type]
        op.fn, op.args, op.spelling = operator.truediv, (total, size), ""
        return list(added)
    return []


def _in_loop(op: Op) -> None:
    """Change an op of a derivative that is run often."""
    if op.fn is operator.matmul and _multiplies_a_vector(op):
        op.fn, op.spelling = np.dot, "method"
    elif op.fn is operator.mul and number(op.args[0]) == 2.0 and _is_small(op.args[1]):
        op.fn, op.args = operator.add, (op.args[1], op.args[1])


def _is_small(x: Arg) -> bool:
    """Is this an array of doubles of few elements, as far as that is known?"""
    kind = num(x)
    return _is_array(x) and kind is not None and kind.dtype == "float64" and kind.shape is not None \
        and all(isinstance(n, int) for n in kind.shape) and size(kind) < LARGE


def _multiplies_a_vector(op: Op) -> bool:
    """Is this a matrix by a vector, both of doubles?"""
    kinds = [num(arg) for arg in op.args if _is_array(arg)]
    return sorted(len(kind.shape or ()) for kind in kinds if kind is not None and kind.dtype == "float64") == [1, 2]


def _is_array(x: object) -> bool:
    kind = num(x)
    return isinstance(x, Value) and isinstance(kind, Num) and kind.form == "array" and bool(kind.shape)


def _as_large(x: Value, makers: dict[Value, Op]) -> Value:
    """An array of as many elements that has a name already."""
    op = makers.get(x)
    while op is not None and is_operation(op):
        like = next((a for a in op.args if _is_array(a) and num(a).shape == num(x).shape), None)      # type: ignore[union-attr]
        if like is None:
            break
        x = like
        op = makers.get(x)
    return x
