"""Stretching, summing and casting of cotangents, gone or written plainly where the kinds are known.

>>> from collections import Counter
>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import Sym
>>> g = Value("g", Num("float64", (Sym("n", True), Sym("m", True))))
>>> b = Value("b", Num("float64", (Sym("m", True),)))
>>> call = rewrite(Op(runtime.unbroadcast, (g, b), {}, [Value("b_bar", b.kind)]), Context(Counter(), True))
>>> call.fn.__name__, call.kwargs, call.spelling
('sum', {'axis': Const(value=0, text=None)}, 'method')
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import is_integer, same_arg, takes_all
from ad_compiler.ir import Arg, Const, Op, Slice, Value, values_in
from ad_compiler.kinds import Dim, NotStatic, Num, Shape, broadcast, result_dtype, unbroadcast_axes
from ad_compiler.ops import (
    is_increment,
    is_like,
    is_overwrite,
    is_total,
    is_zeros,
    known_for,
    traits,
)
from ad_compiler.optimise.facts import is_operation, kind, may_repeat, num, number, same_kind
from ad_compiler.optimise.rewrite import Answer, Call, Context, arithmetic
from ad_compiler.optimise.scatter import add_in_list, scatter, scatter_in_list
from ad_compiler.rules.dims import is_some
from ad_compiler.rules.traits import FREE

is_told_by_traits = known_for(lambda of: of.reduction is not None and of.reduction[1] is operator.add       # a sum
                              or of.like is not None and of.cost == FREE and not of.view            # a shape
                              or of.view in ("same", "argument") or of.makes == "full")
"""One question in place of four."""


def is_ruled(op: Op) -> bool:
    """Has `rewrite` something to say of the function?"""
    return op.fn in RULES or is_told_by_traits(op)


def rewrite(op: Op, see: Context) -> Answer:
    """A shorter way to give a cotangent its shape or dtype, or None."""
    if is_total(op):
        return _sum(op, see)
    if traits(op).view == "same" and not set(op.kwargs) - {"dtype"} and same_kind(op.args[0], op.result):
        return op.args[0]       # type: ignore[no-any-return]
    rule = RULES.get(op.fn)
    return (rule(op, see) if rule is not None and not op.kwargs else None) or (
        _like(op, see) if is_like(op) and not traits(op).passes else None)


def _broadcast_like(op: Op, see: Context) -> Answer:
    g, x = op.args
    small, full = num(g), num(x)
    if small is not None and full is not None and small.shape is not None and small.shape == full.shape:
        return g        # type: ignore[no-any-return]
    inner = see.maker(g, runtime.broadcast_like)
    return Call(runtime.broadcast_like, (inner.args[0], x)) if inner is not None else None


def _unbroadcast(op: Op, see: Context) -> Answer:
    g, x = op.args
    grad, of = num(g), num(x)
    if grad is None or of is None:
        return None
    if grad.shape is None and of.shape is None and grad.length is not None and grad.length == of.length:
        return g        # type: ignore[no-any-return]
    if grad.shape is not None and grad.shape == of.shape:
        return g        # type: ignore[no-any-return]
    axes = unbroadcast_axes(grad, of)
    if axes is None or not grad.is_array:
        return None
    drop, keep = axes
    if not drop and not keep:
        return g        # type: ignore[no-any-return]
    assert grad.shape is not None
    if drop and keep:
        left = replace(grad, shape=grad.shape[len(drop):])
        g = see.emit(op, np.sum, (g,), left, {"axis": _axis(drop)}, "method")
        keep = tuple(at - len(drop) for at in keep)
    if keep:
        return Call(np.sum, (g,), {"axis": _axis(keep), "keepdims": Const(True)}, "method")
    kwargs: dict[str, Arg] = {} if len(drop) == len(grad.shape) else {"axis": _axis(drop)}
    return Call(np.sum, (g,), kwargs, "method")


def _axis(axes: tuple[int, ...]) -> Arg:
    return Const(axes[0]) if len(axes) == 1 else tuple(map(Const, axes))


def _cast_like(op: Op, see: Context) -> Answer:
    g, x = op.args
    given, wanted = num(g), num(x)
    if given is None or wanted is None:
        return None
    if (given.dtype, given.form) == (wanted.dtype, wanted.form):
        single = wanted.dtype == "float64" and wanted.form != "py" and not see.one_precision()     # may be, in the run
        return None if single else g
    if wanted.form == "py" and given.shape == ():
        return Call(float, (g,)) if isinstance(g, Value) else Const(float(g.value))
    if op.reverse and wanted.form == "np" and isinstance(g, Const) and given.form == "py" and see.one_precision():
        return Const(float(g.value), g.text)
    if wanted.form == "array" and given.form == "array" and given.shape != ():      # else it may be a number
        return Call(runtime.astype, (g, Const(np.dtype(wanted.dtype))), {}, "method")
    return None


def _zeros_like(op: Op, see: Context) -> Answer:
    (x,) = op.args
    found = num(x)
    if found is None or found.shape is None:
        return None
    if found.shape and op.reverse and found.dtype == "float64" and all(isinstance(d, int) for d in found.shape):
        shape = tuple(map(Const, found.shape))
        return Call(np.zeros, (shape[0] if len(shape) == 1 else shape,))
    return Call(np.zeros_like, (x,)) if found.shape else Const(0.0)


def _transpose(op: Op, see: Context) -> Answer:
    inner = see.maker(op.args[0], np.transpose) if len(op.args) == 1 else None
    if inner is None or len(inner.args) != 1 or inner.kwargs or not same_kind(inner.args[0], op.result):
        return None
    return inner.args[0]        # type: ignore[no-any-return]


def _getitem(op: Op, see: Context) -> Answer:
    """The length of an axis, all of an array, a number of itself (`s[()]`), and rows of a product."""
    of, at = op.args
    known = num(of)
    if _is_all(op) or at == () and known is not None and known.form == "np" and same_kind(of, op.result):
        return of       # type: ignore[no-any-return]
    if op.reverse and isinstance(at, Slice) and number(at.step) in (None, 1):
        return _rows(op, see)
    if not isinstance(of, Value) or not isinstance(of.kind, Shape) or not isinstance(at, Const):
        return None
    if type(at.value) is not int or not -len(of.kind.dims) <= at.value < len(of.kind.dims):
        return None
    length = of.kind.dims[at.value]
    return Const(length) if isinstance(length, int) else _of_rows(op, see)


def _of_rows(op: Op, see: Context) -> Answer:
    """`rows[i].shape[0]` is `rows.shape[1]`, in the reverse sweep: it is known before a loop over `i`."""
    of, at = op.args
    asked = see.maker(of, getattr) if op.reverse else None
    item = see.maker(asked.args[0], operator.getitem) if asked is not None else None
    rows = num(item.args[0]) if item is not None else None
    if item is None or rows is None or not rows.shape or not is_integer(item.args[1]):
        return None
    lengths = Value("", Shape(rows.shape))
    asks = Op(getattr, (item.args[0], Const("shape")), {}, [lengths], op.origin, reverse=True)
    see.out.append(asks)
    see.made(lengths, asks)
    return Call(operator.getitem, (lengths, Const(at.value + 1 if at.value >= 0 else at.value)))


def _rows(op: Op, see: Context) -> Answer:
    """Of `(a @ b)[k:]` only the rows that are asked for are computed."""
    made = see.maker(op.args[0], operator.matmul, np.matmul, np.dot) if see.once(op.args[0]) else None
    left, found = num(made.args[0]) if made is not None else None, num(op.result)
    if made is None or made.kwargs or len(made.args) != 2 or left is None or found is None or not found.shape \
            or left.ndim != 2 or (right := num(made.args[1])) is None or right.ndim not in (1, 2):
        return None
    kept = Num(left.dtype, (found.shape[0], *(left.shape or ())[1:]))
    rows = see.emit(op, operator.getitem, (made.args[0], op.args[1]), kept)
    return Call(made.fn, (rows, made.args[1]), {}, made.spelling)


def _store(op: Op, see: Context) -> Answer:
    """What is stored, or added, at an index is stretched by NumPy; two sums at one index are one."""
    a, index, v = op.args
    if is_overwrite(op) and op.spelling != "out" and _is_all(op):
        if same_kind(v, a):
            made = see.makers.get(v) if isinstance(v, Value) else None
            is_new = op.reverse or made is not None and is_operation(made)
            return v if is_new else Call(np.copy, (v,))
        if op.reverse and number(v) == 0:
            return Call(runtime.zeros_like, (a,))
    read = see.maker(v, operator.getitem) if is_overwrite(op) else None
    if read is not None and read.args[0] is a and same_arg(read.args[1], index):
        return a        # type: ignore[no-any-return]
    stretched = see.maker(v, runtime.broadcast_like)
    if stretched is not None:
        return Call(op.fn, (a, index, stretched.args[0]))
    if not is_increment(op) or not op.reverse:
        return None
    before = see.makers.get(a) if see.makes(a, runtime.index_add, runtime.index_set) else None
    if before is not None and before.reverse and see.once(a) and same_arg(before.args[1], index) \
            and not may_repeat(op) and (is_increment(before) or fresh(before.args[0], see)):
        found = arithmetic(operator.add, before.args[2], v)
        if found is not None:
            return Call(before.fn, (before.args[0], index, see.emit(op, operator.add, (before.args[2], v), found)))
    if fresh(a, see) and not may_repeat(op):
        return Call(runtime.index_set, op.args)
    return scatter(op, see) or (Call(operator.add, (a, v)) if _is_all(op) and same_kind(v, a) else None)


def _is_all(op: Op) -> bool:
    """Is an array indexed by `...` or slices `:` alone, and does it keep its axes?"""
    of = num(op.args[0])
    return takes_all(op.args[1]) and of is not None and bool(of.shape) and same_kind(op.args[0], op.result)


def fresh(a: Arg, see: Context) -> bool:
    """Zeros made just before, that nothing else reads."""
    return see.once(a) and is_zeros(see.makers.get(a))


def _sum(op: Op, see: Context) -> Answer:
    """The sum of `-x` is minus the sum of `x`, and a number that is a factor comes before it."""
    negation = see.maker(op.args[0], operator.neg)
    product = see.maker(op.args[0], operator.mul)
    if not op.reverse or not see.once(op.args[0]) or not isinstance(op.result.kind, Num):
        return None
    if negation is not None and isinstance(negation.args[0], Value):
        total = see.emit(op, op.fn, (negation.args[0], *op.args[1:]), op.result.kind, op.kwargs, op.spelling)
        return Call(operator.neg, (total,))
    if product is not None and product.reverse and number(product.args[0]) is not None \
            and same_kind(product.args[1], op.args[0]):
        total = see.emit(op, op.fn, (product.args[1], *op.args[1:]), op.result.kind, op.kwargs, op.spelling)
        return Call(operator.mul, (product.args[0], total))
    return None


def _squeeze(op: Op, see: Context) -> Answer:
    """An axis that was just kept, or put in, and is now dropped."""
    kept, wider = see.maker(op.args[0], np.sum), see.maker(op.args[0], np.expand_dims)
    axis = op.args[1] if len(op.args) > 1 else None
    if axis is None or not isinstance(axis, (Const, tuple)):
        return None
    negation = see.maker(op.args[0], operator.neg)
    if negation is not None and see.once(op.args[0]) and isinstance(op.result.kind, Num):
        return Call(operator.neg, (see.emit(op, np.squeeze, (negation.args[0], axis), op.result.kind),))
    if wider is not None and len(wider.args) > 1 and same_arg(wider.args[1], axis) and number(axis) is not None:
        return wider.args[0]        # type: ignore[no-any-return]
    if kept is not None and kept.reverse and len(kept.args) == 1 and number(kept.kwargs.get("keepdims")) is True \
            and _same_axis(kept.kwargs.get("axis"), axis, num(op.args[0])):
        return Call(np.sum, kept.args, {"axis": kept.kwargs["axis"]}, kept.spelling)
    return None


def _same_axis(a: Arg, b: Arg, of: Num | None) -> bool:
    """Is this the same axis, counted from the front or from the end?"""
    if same_arg(a, b):
        return True
    one, other, rank = number(a), number(b), of.ndim if of is not None else None
    return one is not None and other is not None and rank is not None and one % rank == other % rank


def _like(op: Op, see: Context) -> Answer:
    """Ask a shape of what was there before, not of a temporary made from it."""
    at = traits(op).like or 0
    like = op.args[at]
    made = see.makers.get(like) if isinstance(like, Value) and not like.hint else None
    if op.fn is np.size and made is not None and not made.effect and not is_operation(made):
        return _size(op, see)
    if made is None or made.effect or not isinstance(like, Value) or not is_operation(made):
        return None
    for arg in made.args:
        if isinstance(arg, Value) and same_kind(arg, like):
            return Call(op.fn, tuple(arg if i == at else a for i, a in enumerate(op.args)), op.kwargs, op.spelling)
    return None


def _size(op: Op, see: Context) -> Answer:
    """The size of what is left of a reduction is the length of an axis that was there before."""
    (x,) = op.args
    found = num(x)
    if found is None or found.shape is None or len(found.shape) != 1 or not isinstance(x, Value) or x.hint:
        return None
    source = _with_axis(x, found.shape[0], see)
    if source is None or source is x:
        return None
    assert isinstance(source.kind, Num)
    assert source.kind.shape is not None
    axis = source.kind.shape.index(found.shape[0])
    lengths = Value("", Shape(source.kind.shape))
    see.out.append(Op(getattr, (source, Const("shape")), {}, [lengths], op.origin, reverse=op.reverse))
    return Call(operator.getitem, (lengths, Const(axis)))


def _with_axis(x: Value, length: Dim, see: Context) -> Value | None:
    """A value that has a name, from which `x` was made, with an axis of this length."""
    made = see.makers.get(x)
    if x.hint or made is None:
        return x
    for arg in values_in(made.args):
        if isinstance(arg.kind, Num) and arg.kind.shape is not None and length in arg.kind.shape:
            return _with_axis(arg, length, see)
    return None


def _at_least_one(op: Op, see: Context) -> Answer:
    """`np.maximum(n, 1)` of a length that is known not to be 0 is `n`."""
    if len(op.args) != 2 or number(op.args[1]) != 1:
        return None
    found, known = num(op.args[0]), number(op.args[0])
    length = found.length if found is not None else known
    return op.args[0] if length is not None and is_some(length) else None


def _where(op: Op, see: Context) -> Answer:
    """The sides of `np.where` need not be stretched where the others have the full shape.

    Of a cotangent, one side is all of it where it is known which.
    """
    result = num(op.result)
    if len(op.args) != 3 or result is None or result.shape is None:
        return None
    if op.reverse and isinstance(op.args[0], Const) and type(op.args[0].value) is bool:
        side = op.args[1 if op.args[0].value else 2]
        return side if isinstance(side, Value) and same_kind(side, op.result) else None
    for at in (1, 2):
        stretched = see.maker(op.args[at], runtime.broadcast_like)
        if stretched is None:
            continue
        args = tuple(stretched.args[0] if i == at else a for i, a in enumerate(op.args))
        try:
            shape, dtype = broadcast(*map(kind, args)), result_dtype(*map(kind, args[1:]))
        except (NotStatic, ValueError):
            continue
        if (shape, dtype) == (result.shape, result.dtype):
            return Call(np.where, args)
    return None


RULES: dict[Callable[..., object], Callable[[Op, Context], Answer]] = {
    runtime.broadcast_like: _broadcast_like,
    runtime.unbroadcast: _unbroadcast,
    runtime.cast_like: _cast_like,
    runtime.zeros_like: _zeros_like,
    np.transpose: _transpose,
    np.squeeze: _squeeze,
    operator.getitem: _getitem,
    runtime.index_set: _store,
    runtime.index_add: _store,
    runtime.list_add: scatter_in_list,
    runtime.add_lists: add_in_list,
    np.where: _where,
    np.maximum: _at_least_one,
}
