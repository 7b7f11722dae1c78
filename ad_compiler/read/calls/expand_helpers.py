"""Helpers that rules call and that kinds make simpler: a sum over known axes, a cast, a zero.

>>> import numpy as np
>>> from ad_compiler.ir import Block, Func, Value, show
>>> from ad_compiler.kinds import Num, Sym
>>> from ad_compiler.read.lift import Lifter
>>> g, b = Value("g", Num("float64", (Sym("n", True), Sym("m", True)))), Value("b", Num("float64", (Sym("m", True),)))
>>> lifter = Lifter(Block(), watching=False)
>>> lifter.block.results = [unbroadcast(lifter, [g, b], {})]
>>> print(show(Func("f", [g, b], lifter.block)))
def f(g, b):
    t = sum(g, axis=0)
    return t
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num, Seq, unbroadcast_axes
from ad_compiler.read.abstract import Abstract, Tuple, flatten, kind_of, to_arg
from ad_compiler.read.calls.special import Things
from ad_compiler.read.memory.lengths import lengths


def unbroadcast(lifter: Any, args: Things, kwargs: Any) -> Abstract:
    """`runtime.unbroadcast` with the axes known: `g`, `g.sum(axis=0)`, or the call itself."""
    g, x = args
    a, b = kind_of(g), kind_of(x)
    if not isinstance(a, Num) or not isinstance(b, Num):
        return NotImplemented
    axes = unbroadcast_axes(a, b)
    if axes is None:
        lengths().ask(a.shape or (), b.shape or ())
        return NotImplemented
    lead, keep = axes
    total: Abstract = g
    if keep:
        total = lifter.apply(np.sum, [total], {"axis": axis_of(keep), "keepdims": Const(True)}, spelling="method")
    if lead:
        whole = a.shape is not None and len(lead) == len(a.shape)
        total = lifter.apply(np.sum, [total], {} if whole else {"axis": axis_of(lead)}, spelling="method")
    return total


def axis_of(axes: tuple[int, ...]) -> Abstract:
    """One axis as an integer, several as a tuple."""
    return Const(axes[0]) if len(axes) == 1 else Tuple([Const(a) for a in axes])


def cast_like(lifter: Any, args: Things, kwargs: Any) -> Abstract:
    """`runtime.cast_like` where only the dtype is at stake; what the result is made of settles itself later."""
    g, x = args
    a, b = kind_of(g), kind_of(x)
    if not isinstance(a, Num) or not isinstance(b, Num) or not b.real or a.dtype == b.dtype:
        return g
    if a.form == "array" and a.is_array:
        return lifter.apply(runtime.astype, [g, Const(np.dtype(b.dtype))], spelling="method")
    if isinstance(g, Value) and a.shape == () and b.form == "np":       # `x` may be read as what it is joined with
        return lifter.calls.call(Const(np.dtype(b.dtype).type), [g], {})
    return NotImplemented


def zeros_like(lifter: Any, args: Things, kwargs: Any) -> Abstract:
    """A zero for a number is 0.0; for an array, an array."""
    (x,) = args
    kind = kind_of(x)
    if isinstance(kind, Num) and kind.shape == ():
        return Const(0.0)
    if isinstance(kind, Seq):
        return lifter.emit(runtime.zero_list, (x,), {}, [kind])[0]
    if isinstance(kind, Num) and kind.form == "array":
        return lifter.apply(np.zeros_like, [x])
    return NotImplemented


def broadcast_like(lifter: Any, args: Things, kwargs: Any) -> Abstract:
    """Nothing to do where the shapes are the same."""
    g, x = args
    a, b = kind_of(g), kind_of(x)
    if isinstance(a, Num) and isinstance(b, Num) and a.shape is not None and a.shape == b.shape:
        return g
    return NotImplemented


def index_add(lifter: Any, args: Things, kwargs: Any) -> Abstract:
    """Into a list of cotangents, an item is added."""
    bars, index, g = args
    of = kind_of(bars)
    if isinstance(of, Num) and of.shape == ():      # a 0-d array has one element: all of it
        return g
    axes = new_axes(index)
    if axes and isinstance(g, Value) and isinstance(g.kind, Num) and g.kind.shape is not None:
        return lifter.apply(np.squeeze, [g, axis_of(axes)])
    kind = kind_of(bars) if isinstance(bars, (Value, Const)) else None
    if isinstance(kind, Seq):
        return lifter.emit(runtime.list_add, (bars, to_arg(index), g), {}, [kind])[0]
    return NotImplemented


def index_set(lifter: Any, args: Things, kwargs: Any) -> Abstract:
    """A 0-d array has one element: all of it."""
    bars, _, v = args
    of = kind_of(bars) if isinstance(bars, (Value, Const)) else None
    return v if isinstance(of, Num) and of.shape == () else NotImplemented


def new_axes(index: Abstract) -> tuple[int, ...] | None:
    """The places of `None` in an index that does nothing but put in axes: `[:, None]`."""
    parts = index.items if isinstance(index, Tuple) else [index]
    if any(isinstance(p, Const) and p.value is Ellipsis for p in parts):
        return None
    whole = all(isinstance(p, Const) and p.value is None or isinstance(p, slice)
                and all(isinstance(q, Const) and q.value is None for q in (p.start, p.stop, p.step)) for p in parts)
    return tuple(i for i, p in enumerate(parts) if isinstance(p, Const)) if whole else None


def stopped_copy(lifter: Any, thing: Abstract) -> Abstract:
    """A thing whose numbers carry no derivative."""
    atoms, build = flatten(lifter.memory.fresh(thing))
    copies = []
    for atom in atoms:
        if isinstance(atom, Value) and isinstance(atom.kind, (Num, Seq)):
            (copy,) = lifter.emit(runtime.identity, (atom,), {}, [atom.kind])
            cell = lifter.memory.cell_of(atom)
            lifter.memory.own(copy, near=() if cell is None else (cell,))
            lifter.block.ops[-1].stopped = True
            copies.append(copy)
        else:
            copies.append(atom)
    return build(copies)


EXPANSIONS = {
    runtime.unbroadcast: unbroadcast, runtime.cast_like: cast_like, runtime.zeros_like: zeros_like,
    runtime.broadcast_like: broadcast_like, runtime.index_add: index_add, runtime.index_set: index_set,
}
