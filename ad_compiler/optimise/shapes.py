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
from ad_compiler.ir import Arg, Const, Op, Value
from ad_compiler.kinds import NotStatic, Num, Shape, broadcast, result_dtype, unbroadcast_axes
from ad_compiler.optimise.facts import kind, num, same_kind
from ad_compiler.optimise.rewrite import Answer, Call, Context


def rewrite(op: Op, see: Context) -> Answer:
    """A shorter way to give a cotangent its shape or dtype, or None."""
    rule = _RULES.get(op.fn)
    return rule(op, see) if rule is not None and not op.kwargs else None


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
        return g        # type: ignore[no-any-return]
    if wanted.form == "py" and given.shape == ():
        return Call(float, (g,)) if isinstance(g, Value) else Const(float(g.value))
    if wanted.form == "np" and isinstance(g, Const) and given.form == "py" and see.one_precision:
        return Const(float(g.value), g.text)
    if wanted.form == "array" and given.form == "array":
        return Call(runtime.astype, (g, Const(np.dtype(wanted.dtype))), {}, "method")
    return None


def _zeros_like(op: Op, see: Context) -> Answer:
    (x,) = op.args
    found = num(x)
    if found is None or found.shape is None:
        return None
    return Call(np.zeros_like, (x,)) if found.shape else Const(0.0)


def _transpose(op: Op, see: Context) -> Answer:
    inner = see.maker(op.args[0], np.transpose) if len(op.args) == 1 else None
    if inner is None or len(inner.args) != 1 or inner.kwargs or not same_kind(inner.args[0], op.result):
        return None
    return inner.args[0]        # type: ignore[no-any-return]


def _getitem(op: Op, see: Context) -> Answer:
    """An axis whose length is known."""
    of, at = op.args
    if not isinstance(of, Value) or not isinstance(of.kind, Shape) or not isinstance(at, Const):
        return None
    if type(at.value) is not int or not -len(of.kind.dims) <= at.value < len(of.kind.dims):
        return None
    length = of.kind.dims[at.value]
    return Const(length) if isinstance(length, int) else None


def _store(op: Op, see: Context) -> Answer:
    """What is stored, or added, at an index is stretched by NumPy."""
    a, index, v = op.args
    stretched = see.maker(v, runtime.broadcast_like)
    return Call(op.fn, (a, index, stretched.args[0])) if stretched is not None else None


def _where(op: Op, see: Context) -> Answer:
    """The sides of `np.where` need not be stretched where the others have the full shape."""
    result = num(op.result)
    if len(op.args) != 3 or result is None or result.shape is None:
        return None
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


_RULES: dict[Callable[..., object], Callable[[Op, Context], Answer]] = {
    runtime.broadcast_like: _broadcast_like,
    runtime.unbroadcast: _unbroadcast,
    runtime.cast_like: _cast_like,
    runtime.zeros_like: _zeros_like,
    np.transpose: _transpose,
    operator.getitem: _getitem,
    runtime.index_set: _store,
    runtime.index_add: _store,
    np.where: _where,
}
