"""Methods of ufuncs: `np.add.at`, which writes, and `outer`, `reduce`, `accumulate`, which do not; `np.einsum`."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract, Tuple, kind_of, protocol, python_value, to_arg
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.library.writers import as_array, num_of, target_of
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.memory.places import related
from ad_compiler.read.memory.views import picks
from ad_compiler.rules.einsum import lengths_met, split_subscripts

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
REDUCTIONS: dict[Any, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
              np.logical_and: np.all, np.logical_or: np.any}
ACCUMULATIONS: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}


def ufunc_method(obj: Any) -> Callable[[Any, Things, Named], Abstract] | None:
    """How a method of a ufunc is read, if it is one."""
    ufunc, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
    if not isinstance(ufunc, np.ufunc):
        return None
    if name == "at":
        return lambda lifter, args, kwargs: at(lifter, ufunc, args)
    if name == "outer":
        return lambda lifter, args, kwargs: outer(lifter, ufunc, args, kwargs)
    known = REDUCTIONS.get(ufunc) if name == "reduce" else ACCUMULATIONS.get(ufunc) if name == "accumulate" else None
    if known is None:
        texts = {"reduce": folded, "accumulate": running, "reduceat": by_pieces}
        text = texts.get(name) if ufunc.nin == 2 and gives_floats(ufunc) else None

        def told(lifter: Any, args: Things, kwargs: Named) -> Abstract:
            if name == "reduceat" and not num_of(as_array(lifter, args[0])).real:
                return cast(Abstract, lifter.opaque_calls.opaque(Const(obj), name, args, kwargs))
            axis = python_value(args[1] if len(args) > 1 else kwargs.get("axis", Const(0)))
            if not isinstance(axis, int) and not reorders(ufunc):
                raise Refused(f"{ufunc.__name__} is not reduced along several axes", "reduce along one after the other")
            return cast(Abstract, lifter.calls.inline(text, [Const(ufunc), *args], kwargs))
        return None if text is None else told

    def along_the_first(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        given: Named = {"axis": Const(0), **dict(zip(PARAMETERS, args[1:], strict=False)), **kwargs}
        array, dtype = args[0], given.pop("dtype", Const(None))
        if python_value(dtype) is not None and known in (np.any, np.all):
            raise Refused(f"{ufunc.__name__}.reduce with a dtype is not supported", "leave it out")
        if python_value(dtype) is not None and known in (np.max, np.min):
            array = lifter.calls.call(Const(np.asarray), [array, dtype], {})
        elif python_value(dtype) is not None:
            given["dtype"] = dtype
        return cast(Abstract, lifter.calls.call(Const(known), [array], given))
    return along_the_first


PARAMETERS = ("axis", "dtype", "out", "keepdims", "initial", "where")
"""Of `ufunc.reduce`, behind the array; of `ufunc.accumulate` the first ones."""


@functools.cache
def gives_floats(ufunc: np.ufunc) -> bool:
    """Does a function make one float of floats?"""
    try:
        return isinstance(ufunc(*[np.float64(0.5)] * ufunc.nin), np.floating)
    except TypeError:
        return False


@functools.cache
def reorders(ufunc: np.ufunc) -> bool:
    """Does a function reduce along several axes at once, as one does whose operands may change places?"""
    try:
        ufunc.reduce(np.ones((1, 1)), axis=(0, 1))
    except ValueError:
        return False
    return True


def outer(lifter: Any, ufunc: np.ufunc, args: Things, kwargs: Named) -> Abstract:
    """`ufunc(a[..., None], b, **kwargs)`: each element of the one with each of the other."""
    a, b = (as_array(lifter, arg) for arg in args)
    rank = num_of(b).ndim
    if rank is None:
        raise Refused(f"np.{ufunc.__name__}.outer needs an array whose rank is known")
    if rank:
        a = lifter.expressions.item(a, Tuple([Const(Ellipsis), *[Const(None)] * rank]))
    return lifter.calls.call(Const(ufunc), [a, b], kwargs)


def positions(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.nonzero`, and `np.where` of a mask alone: of one axis a tuple of one array, which `np.flatnonzero` gives."""
    if len(args) != 1 or kwargs:
        return NotImplemented
    mask = lifter.memory.fresh(as_array(lifter, args[0]))
    one = num_of(mask).ndim == 1
    return Tuple([lifter.apply(np.flatnonzero, [mask])]) if one else lifter.apply(np.nonzero, [mask])


def einsum(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.einsum` of one array that sums nothing is a view: its axes in another order, or a diagonal.

    Lists of axes, and `...` for axes without names, become letters.
    """
    args = in_letters(lifter, args)
    spec = python_value(args[0]) if len(args) == 2 and not kwargs else None
    if not isinstance(spec, str) or "->" not in spec or "." in spec:
        ask_lengths(args)
        return lifter.calls.apply_out(np.einsum, args, kwargs)
    before, _, after = spec.replace(" ", "").partition("->")
    if set(before) != set(after) or len(set(after)) < len(after):
        return lifter.calls.apply_out(np.einsum, args, kwargs)
    if len(before) == len(after):
        return lifter.apply(np.transpose, [args[1], Tuple([Const(before.index(c)) for c in after])])
    if len(before) == 2:
        dims = num_of(args[1]).shape or ()
        if len(set(dims)) == 2:
            lengths().ask(dims[:1], dims[1:])
            shape = lifter.attributes.attribute(args[1], "shape")
            sides = (to_arg(lifter.expressions.item(shape, Const(at))) for at in (0, 1))
            lifter.emit(runtime.check_same_length, tuple(sides), {}, [], effect=True)
        return lifter.apply(np.diagonal, [args[1]])
    raise Refused("np.einsum of one array, with a letter twice, gives a view", "write np.diagonal(…)")


def cross(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.cross`: its rule is that of vectors of three components; the run finds out where they are not."""
    pair = [as_array(lifter, arg) for arg in args[:2]]
    for operand in pair:
        dims = num_of(operand).shape
        if dims and dims[-1] != 3 and lifter.watching:
            lengths().ask(dims[-1:], (3,))
            last = lifter.expressions.item(lifter.attributes.attribute(operand, "shape"), Const(-1))
            lifter.emit(runtime.check_components, (to_arg(last),), {}, [], effect=True)
    return cast(Abstract, lifter.calls.apply_out(np.cross, [*pair, *args[2:]], kwargs))


def ask_lengths(args: Things) -> None:
    """Lengths that go by one letter are taken to be equal where they are: nothing need be computed to find out."""
    spec, kinds = python_value(args[0]), [kind_of(arg) for arg in args[1:]]
    if not isinstance(spec, str) or "." in spec:
        return
    terms, _ = split_subscripts(spec)
    ranks = [len(kind.shape) if isinstance(kind, Num) and kind.shape is not None else -1 for kind in kinds]
    if ranks == list(map(len, terms)):
        for (first, *others), _ in lengths_met(spec, *kinds):
            for dim in others:
                lengths().ask((first,), (dim,))


def in_letters(lifter: Any, args: Things) -> Things:
    """The arguments of `np.einsum` with subscripts of letters alone, where what they say is known."""
    if isinstance(python_value(args[0]), str):
        spec, arrays = str(python_value(args[0])).replace(" ", ""), [as_array(lifter, arg) for arg in args[1:]]
    else:
        lists = [python_value(arg) for arg in args[1::2]] + ([python_value(args[-1])] if len(args) % 2 else [])
        if not all(isinstance(axes, (list, tuple)) and all(isinstance(i, int) or i is Ellipsis for i in axes)
                   for axes in lists):
            return args
        words = ["".join("..." if i is Ellipsis else LETTERS[i] for i in axes) for axes in lists]
        arrays = [as_array(lifter, arg) for arg in args[:-1:2]]
        spec = ",".join(words[:len(arrays)]) + ("->" + words[-1] if len(args) % 2 else "")
    if "..." not in spec:
        return [Const(spec), *arrays]
    before, arrow, after = spec.partition("->")
    words, ranks = before.split(","), [num_of(array).ndim for array in arrays]
    if len(words) != len(ranks) or None in ranks:
        return args
    free = [letter for letter in reversed(LETTERS) if letter not in spec]
    counts = [(rank or 0) - len(word) + 3 if "..." in word else 0 for word, rank in zip(words, ranks, strict=True)]
    most = max(counts)
    if min(counts) < 0 or most > len(free):
        return args
    if not arrow:
        once = sorted(letter for letter in set(before) - set(".,") if before.count(letter) == 1)
        after = "..." + "".join(once)
    named = "".join(reversed(free[:most]))
    words = [word.replace("...", named[most - count:]) for word, count in zip(words, counts, strict=True)]
    return [Const(",".join(words) + "->" + after.replace("...", named)), *arrays]


def at(lifter: Any, ufunc: np.ufunc, args: Things) -> Abstract:
    """`ufunc.at(a, index, b)`: as `a[index] = ufunc(a[index], b)`, an element named twice being changed twice."""
    array, index = target_of(args[0], f"np.{ufunc.__name__}.at"), lifter.memory.fresh(args[1])
    if isinstance(index, (Tuple,)):
        index = Tuple([lifter.memory.fresh(part) for part in index.items])
    value = args[2:]
    if not picks(to_arg(index)) or is_mask(index):
        old = lifter.expressions.item(array, index)
        lifter.stores.store_at(array, index, lifter.apply(ufunc, [old, *value]))
    elif ufunc in (np.add, np.subtract):
        more = value[0] if ufunc is np.add else lifter.apply(operator.neg, value)
        more = lifter.stores.storable(more, array.kind)
        if lifter.stopped:
            more = lifter.statements.stopped_copy(more)
        with lifter.stores.moving():
            current = lifter.memory.fresh(lifter.stores.carrying(array))
            (new,) = lifter.emit(runtime.index_add, (current, to_arg(index), to_arg(more)), {}, [current.kind])
            lifter.stores.store_whole(array, new)
    else:
        mine = lifter.memory.place_of(array).cell
        if any(related(mine, other) for thing in args[1:] for other in protocol(thing).memories(lifter)):
            raise Refused(f"np.{ufunc.__name__}.at reads what it has just changed: its operands stand in one memory",
                          "give it a copy, `.copy()`")
        lifter.calls.inline(one_by_one if value else each, [Const(ufunc), array, as_array(lifter, index), *value], {})
    return Const(None)


def is_mask(index: Abstract) -> bool:
    return isinstance(index, Value) and isinstance(index.kind, Num) and index.kind.dtype == "bool"


def one_by_one(ufunc: Any, a: Any, index: Any, b: Any) -> None:
    """`ufunc.at` as a loop, read in place of the call; an index of several axes is gone through item by item."""
    values = np.broadcast_to(b, index.shape + a.shape[1:])
    if index.ndim != 1:
        index = np.reshape(index, -1)
        values = np.reshape(values, index.shape + a.shape[1:])
    for k in range(len(index)):
        a[index[k]] = ufunc(a[index[k]], values[k])


def running(ufunc: Any, array: Any, axis: int = 0) -> Any:
    """`ufunc.accumulate` as a loop."""
    rows = np.moveaxis(np.asanyarray(array), axis, 0)
    found = rows.copy()
    for k in range(1, len(found)):
        found[k] = ufunc(found[k - 1], rows[k])
    return np.moveaxis(found, 0, axis)


def by_pieces(ufunc: Any, array: Any, indices: Any, axis: int = 0) -> Any:
    """`ufunc.reduceat` as a loop: each piece goes to where the next one begins, where that lies behind."""
    rows, indices = np.moveaxis(np.asanyarray(array), axis, 0), np.asarray(indices)
    found = np.empty((len(indices), *rows.shape[1:]), rows.dtype)
    for k in range(len(indices)):
        if indices[k] < 0 or indices[k] >= len(rows):
            raise IndexError("an index is out of bounds")
        total = rows[indices[k]] * 1.0
        for j in range(indices[k] + 1, indices[k + 1] if k + 1 < len(indices) else len(rows)):
            total = ufunc(total, rows[j])
        found[k] = total
    return np.moveaxis(found, 0, axis)


def folded(ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None, *, keepdims: bool = False,
           initial: Any = None, where: Any = True) -> Any:
    """`ufunc.reduce` as a loop."""
    array = np.asanyarray(array) if dtype is None else np.asanyarray(array).astype(dtype)
    if where is not True:
        if initial is None:
            raise ValueError("reduction operation does not have an identity")
        mask: Any = np.broadcast_to(where, array.shape)
    axes = tuple(range(array.ndim)) if axis is None else axis
    if isinstance(axes, tuple):
        rows = np.moveaxis(array, axes, tuple(range(len(axes))))
        rows = np.reshape(rows, (-1, *rows.shape[len(axes):]))
        mask = True if where is True else np.reshape(np.moveaxis(mask, axes, tuple(range(len(axes)))), rows.shape)
    else:
        rows = np.moveaxis(array, axis, 0)
        mask = True if where is True else np.moveaxis(mask, axis, 0)
    if len(rows) == 0:
        raise ValueError("zero-size array to reduction operation")
    if where is not True:
        total = np.full_like(rows[0], initial)[()]
        for k in range(len(rows)):
            total = np.where(mask[k], ufunc(total, rows[k]), total)
        return np.expand_dims(total, axes) if keepdims else total
    total = rows[0] * 1.0 if initial is None else ufunc(initial, rows[0])
    for k in range(1, len(rows)):
        total = ufunc(total, rows[k])
    return np.expand_dims(total, axes) if keepdims else total


def each(ufunc: Any, a: Any, index: Any) -> None:
    """`ufunc.at` of a function of one argument."""
    if index.ndim != 1:
        index = np.reshape(index, -1)
    for k in range(len(index)):
        a[index[k]] = ufunc(a[index[k]])
