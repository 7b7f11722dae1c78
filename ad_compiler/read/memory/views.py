"""Views: which functions give one, and how what is written through one gets back into what it views.

>>> import operator
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.read.lift import Lifter
>>> a, lifter = Value("a", Num("float64", (Sym("n", True), Sym("m", True)))), Lifter(Block())
>>> turned = lifter.apply(np.transpose, [a])
>>> row = lifter.apply(operator.getitem, [turned, Const(0)])
>>> lifter.stores.store_at(row, Const(1), Const(2.0))
>>> lifter.block.results = [lifter.memory.current(a)]     # what `a` holds now
>>> print(show(Func("f", [a], lifter.block)))
def f(a):
    t = transpose(a)
    t_2 = getitem(t, 0)
    t_3 = transpose(a)
    t_4 = index_set(t_3, (0, 1), 2.0)
    a_2 = transpose(t_4)
    return a_2
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.indices import is_integer, parts_of
from ad_compiler.ir import Arg, Const, Slice, Value
from ad_compiler.kinds import Kind, Num, Seq, Shape
from ad_compiler.read.memory.places import Step, holds_memory
from ad_compiler.rules.traits import traits_of

READ_ONLY = ("stretched", "diagonal", "windows")
"""Views that NumPy does not let anyone write into."""


def relation(fn: Any, args: tuple[Arg, ...], kwargs: dict[str, Arg], base: Kind, result: Kind, compact: bool) -> str:
    """How the result of a function stands to its first argument: "view", "copy", or "maybe"."""
    if isinstance(base, Seq):       # which item it is may change with each `append` and `pop`
        return "maybe" if holds_memory(result) or isinstance(result, Seq) else "copy"
    if not isinstance(base, Num) or not holds_memory(result):
        return "copy"
    how = traits_of(fn).view
    if how == "index":
        if base.shape is None:
            return "maybe"
        if picks(args[1]):
            return "copy"       # so is what an array without axes picks, but not what a number does
        numbers = [p.kind for p in parts_of(args[1]) if isinstance(p, Value)]
        return "maybe" if any(isinstance(k, Num) and k.form == "any" for k in numbers) else "view"
    if base.form != "array":
        return "maybe"
    if how == "same":
        plain = len(args) == 1 and not kwargs and base.form == "array"
        return "view" if plain or isinstance(result, Num) and result == base else "copy"
    if how == "laid out":
        return "view" if compact and len(args) + len(kwargs) <= 2 and "order" not in kwargs else "maybe"
    if how == "compact":
        return "view" if compact else "maybe"
    if how == "diagonal" and isinstance(result, Num) and base.ndim is not None and result.ndim is not None:
        return "view" if result.ndim < base.ndim else "copy"
    return "view" if how in (*READ_ONLY, "turned", "shape") else "maybe"


def picks(index: Arg) -> bool:
    """Is an element of this index an array, a list or a mask, so that what is read is a copy?"""
    parts = parts_of(index)
    return any(isinstance(p, list) or isinstance(p, Const) and isinstance(p.value, (np.ndarray, list, tuple, bool))
               or isinstance(p, Value) and (not isinstance(p.kind, Num) or p.kind.is_array or p.kind.form == "array"
                                            or p.kind.dtype == "bool")
               for p in parts)


def keeps_compact(step: Step, rank: int | None) -> bool:
    """Is this view of an array in C order in C order itself?"""
    if traits_of(step.fn).view == "index":
        parts = parts_of(step.args[0])
        at = next((i for i, p in enumerate(parts) if isinstance(p, Slice)), len(parts))
        rest = parts[at:]
        if any(isinstance(p, Const) and (p.value is None or p.value is Ellipsis) for p in parts):
            return False
        return not rest or len(rest) == 1 and isinstance(rest[0].step, Const) and rest[0].step.value in (None, 1)
    return traits_of(step.fn).view in ("shape", "laid out", "same")


def put_back(lifter: Any, step: Step, base: Any, new: Any) -> Any:
    """`base` after its view `step` became `new`."""
    fn, how = step.fn, traits_of(step.fn).view
    if how == "index":
        kind = base.kind
        if isinstance(kind, Seq):
            return lifter.emit(runtime.list_set, (base, step.args[0], new), {}, [kind])[0]
        return lifter.emit(runtime.index_set, (base, step.args[0], new), {}, [kind])[0]
    if how == "same":
        return new
    if how in READ_ONLY:
        raise Refused(f"`{fn.__name__}` gives a view that cannot be written into", "copy it first, `.copy()`")
    args, kwargs = step.args, dict(step.kwargs)
    if fn is np.transpose:
        axes = args[0] if args else kwargs.get("axes")
        if axes is not None and not (isinstance(axes, Const) and axes.value is None):
            order = [static(a) % len(axes) for a in axes]
            args, kwargs = (tuple(Const(int(i)) for i in np.argsort(order)),), {}
    elif fn is np.moveaxis:
        args = (args[1], args[0])
    elif fn is np.rot90:
        turns = args[0] if args else kwargs.get("k", Const(1))
        args, kwargs = (Const(-static(turns)), *args[1:]), {k: v for k, v in kwargs.items() if k != "k"}
    elif how in ("shape", "laid out", "compact"):
        (shape,) = lifter.emit(getattr, (base, Const("shape")), {}, [Shape(base.kind.shape)])
        return lifter.emit(np.reshape, (new, shape), {}, [base.kind], spelling="method")[0]
    elif how != "turned":
        raise Refused(f"a store through `{getattr(fn, '__name__', fn)}` is not supported", "copy it first, `.copy()`")
    return lifter.emit(fn, (new, *args), kwargs, [base.kind], spelling=step.spelling)[0]


def static(arg: Arg) -> int:
    """An integer of a view that must be known."""
    if isinstance(arg, Const) and isinstance(arg.value, (int, np.integer)):
        return int(arg.value)
    raise Refused("a store through a view whose axes are not known", "copy it first, `.copy()`")


def composed(first: Arg, second: Arg, inside: bool = False) -> Arg | None:
    """One index that is `first`, then `second`: `a[i][j]` is `a[i, j]`; None where that is not plain.

    `inside`: the second is known to lie inside what the first gives.
    """
    parts = list(first) if isinstance(first, tuple) else [first]
    more = list(second) if isinstance(second, tuple) else [second]
    if any(not is_integer(p) and not isinstance(p, Slice) for p in parts):
        return None
    slices = sum(isinstance(p, Slice) for p in parts)
    if slices == 0:
        if any(isinstance(m, Const) and m.value is None for m in more) or any(map(picks, more)):
            return None if len(more) > 1 or isinstance(more[0], Const) else (*parts, *more)
        return (*parts, *more)
    if not all(is_integer(m) or isinstance(m, Slice) for m in more):
        return None
    out: list[Arg] = []
    for part in parts:
        if not isinstance(part, Slice) or not more:
            out.append(part)
            continue
        one = sliced_then(part, more.pop(0), inside)
        if one is None:
            return None
        out.append(one)
    return (*out, *more)


def sliced_then(part: Any, then: Arg, inside: bool) -> Arg | None:
    """The index of an axis that is `part`, then `then`."""
    if all(isinstance(p, Const) and p.value is None for p in (part.start, part.stop, part.step)):
        return then
    if isinstance(then, Slice) and all(isinstance(p, Const) and p.value is None
                                       for p in (then.start, then.stop, then.step)):
        return part
    known = all(isinstance(p, Const) for p in (part.start, part.stop, part.step))
    if not known or part.stop.value is not None and not inside or part.step.value not in (None, 1):
        return None
    start = 0 if part.start.value is None else part.start.value
    if start < 0 or not isinstance(then, Const) or then.value < 0:
        return None
    return Const(start + then.value)
