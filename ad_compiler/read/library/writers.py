"""Functions that write into an array that they are given: `out=`, `np.copyto`, `np.put`, `a.fill`, `a.sort`.

Each is read as the store that it is; `WRITERS` takes the lifter and the arguments, as `BUILTINS` does.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract, Instance, Poison, Tuple, describe, kind_of, to_arg
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.memory.places import Step, related
from ad_compiler.rules import registry
from ad_compiler.rules.dims import is_some

NONE: Abstract = Const(None)
ALL = slice(NONE, NONE, NONE)
OF_ITS_DTYPE: dict[Any, type[Exception]] = {np.argmax: TypeError, np.argmin: TypeError, np.dot: ValueError}
"""Functions whose `out` has to have the dtype of the result, and what they raise where it has another."""


def num_of(thing: Abstract) -> Num:
    """The kind of a number or an array."""
    kind = kind_of(thing)
    if not isinstance(kind, Num):
        raise Refused(f"a {describe(thing)} cannot be stored into an array")
    return kind


def refuse_objects(thing: Abstract, what: str) -> None:
    """Raise where NumPy would: an array of objects has no place in one of numbers."""
    if isinstance(thing, Instance) and isinstance(thing.sample, np.ndarray):
        raise Refused(f"an array of objects is {what}", "cast it with astype")


def is_given(thing: Abstract) -> bool:
    """Is an argument there, and not None?"""
    return not (isinstance(thing, Const) and thing.value is None)


def target_of(thing: Abstract, what: str) -> Any:
    """The array that is written into."""
    if isinstance(thing, Tuple) and len(thing.items) == 1:
        thing = thing.items[0]
    if not isinstance(thing, Value) or not isinstance(thing.kind, Num) or thing.kind.form not in ("array", "any"):
        raise Refused(f"{what} writes into a {describe(thing)}", "give it an array")
    return thing


# -- out= ---------------------------------------------------------------------------------------------------


def split_out(fn: Any, args: Things, kwargs: Named) -> tuple[Things, Named, Abstract | None]:
    """The arguments of a call without `out`, and what was given for it."""
    kwargs = dict(kwargs)
    out = kwargs.pop("out", NONE)
    if isinstance(fn, np.ufunc) and len(args) > fn.nin:
        args, out = args[:fn.nin], args[fn.nin] if len(args) == fn.nin + 1 else Tuple(args[fn.nin:])
    else:
        at = out_position(fn)
        if at is not None and len(args) > at:
            args, out = [*args[:at], *args[at + 1:]], args[at]
    return args, kwargs, out if is_given(out) else None


@functools.cache
def takes_out(fn: Any) -> bool:
    """Has a function an argument `out`, as far as it tells?"""
    try:
        return isinstance(fn, np.ufunc) or "out" in inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return True


@functools.cache
def out_position(fn: Any) -> int | None:
    """Where `out` stands among the positional arguments of one of NumPy's functions; None where it does not."""
    if fn is np.dot:        # its parameters are not told
        return 2
    name = getattr(fn, "__name__", "_")
    found: Any = getattr(np, name, None)
    if name.startswith("_") or found is not fn or isinstance(fn, (np.ufunc, type)):
        return None
    try:
        params = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return None
    positional = "out" in params and params["out"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    return list(params).index("out") if positional else None


def into_out(lifter: Any, fn: Any, args: Things, kwargs: Named, out: Abstract) -> Abstract:
    """`fn(*args, out=out, **kwargs)`: the result is stored, and `out` itself returned."""
    if not takes_out(fn):
        return lifter.raises(TypeError, f"{fn.__name__}() got an unexpected keyword argument 'out'")
    array = target_of(out, f"`{getattr(fn, '__name__', fn)}` with `out`")
    where = kwargs.pop("where", Const(True))
    if not (isinstance(where, Const) and where.value is True) and not isinstance(fn, np.ufunc):
        kwargs["where"] = where
        where = Const(True)
    elif isinstance(where, Value) and getattr(where.kind, "dtype", "bool") != "bool":
        return lifter.raises(TypeError, "`where` is no array of truth values")
    result = lifter.calls.call(Const(fn), args, kwargs)
    if isinstance(result, Poison):
        return result
    if isinstance(result, Value) and isinstance(result.kind, Num) and fn in OF_ITS_DTYPE \
            and result.kind.dtype != array.kind.dtype:
        if not (result.kind.real and array.kind.real):
            return lifter.raises(OF_ITS_DTYPE[fn], runtime.OTHER_DTYPE)
        # It may be of single precision where it is said to be of double: a Python number that a loop changed.
        lifter.emit(runtime.check_dtype, (result, to_arg(out)), {}, [], effect=True)
    if fn is np.take and isinstance(result, Value) and isinstance(result.kind, Num) and \
            not np.can_cast(array.kind.dtype, result.kind.dtype, "safe"):
        raise Refused(f"np.take does not write {result.kind.dtype} into an array of {array.kind.dtype}, which it would "
                      "have to cast back", "let `out` have the dtype of what is taken")
    if isinstance(result, Value) and isinstance(result.kind, Num) and \
            not np.can_cast(result.kind.dtype, array.kind.dtype, "same_kind"):
        raise Refused(f"{result.kind.dtype} cannot be written into an array of {array.kind.dtype}",
                      "cast it with astype")
    if fn is np.dot and not lifter.memory.is_compact(array):
        raise Refused("np.dot writes into an array in C order alone, and this is not known to be one",
                      "write `a[...] = np.dot(…)`")
    lifter.stores.check_fits(result, array.kind, not isinstance(fn, np.ufunc))
    if not (isinstance(where, Const) and where.value is True):
        lifter.stores.store_where(array, where, result)
    else:
        lifter.stores.store_whole(array, result)
    return array


# -- functions that write -----------------------------------------------------------------------------------


def _copyto(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    given = dict(zip(("dst", "src", "casting", "where"), args, strict=False)) | kwargs
    array, source, where = target_of(given["dst"], "np.copyto"), given["src"], given.get("where", Const(True))
    kind = kind_of(lifter.memory.fresh(source)) if isinstance(source, (Value, Const)) else None
    if isinstance(kind, Num) and "casting" not in given and not (
            isinstance(source, Const) or np.can_cast(kind.dtype, array.kind.dtype, "same_kind")):
        raise Refused(f"{kind.dtype} cannot be copied into an array of {array.kind.dtype}", "cast it with astype")
    if isinstance(where, Const) and where.value is True:
        lifter.stores.store_at(array, Const(Ellipsis) if array.kind.shape == () else ALL, source)
    else:
        into = kind_of(lifter.memory.fresh(array))
        whole = Step(operator.getitem, (to_arg(ALL),), {}, into)
        lifter.stores.check_order(lifter.memory.place_of(array), whole, source)
        lifter.stores.store_where(array, where, source)
    return NONE


def _fill(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    value = args[1] if len(args) > 1 else kwargs["value"]
    array = target_of(args[0], "`fill`")
    lifter.stores.store_at(array, Const(Ellipsis) if array.kind.shape == () else ALL, value)
    return NONE


def _put(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    given = dict(zip(("a", "ind", "v", "mode"), args, strict=False)) | kwargs
    mode = given.get("mode", Const("raise"))
    if lifter.expressions.static(mode, "`mode`") != "raise":
        raise Refused("np.put with this `mode` is not supported", "wrap or clip the positions first")
    array, index, values = target_of(given["a"], "np.put"), given["ind"], given["v"]
    index = lifter.memory.fresh(lifter.apply(np.ravel, [as_array(lifter, index)]))
    whole = num_of(index)
    if not np.can_cast(whole.dtype, np.int64) and whole.shape != (0,):
        return lifter.raises(TypeError, f"positions cannot be {whole.dtype}")
    if whole.dtype == "bool" or whole.shape == (0,):        # no mask: the positions 0 and 1
        index = lifter.apply(runtime.astype, [index, Const(np.dtype(np.int64))], spelling="method")
    store_flat(lifter, array, index, values)
    return NONE


def repeated(lifter: Any, values: Abstract, count: Abstract, dim: Any) -> Abstract:
    """The values for `count` places, in a row: again from the first one where they do not suffice, and no more."""
    if isinstance(values, Const):
        return values
    values = lifter.memory.fresh(as_array(lifter, values))
    if not num_of(values).ndim:
        return values
    values = lifter.apply(np.ravel, [values]) if num_of(values).ndim != 1 else values
    (given,) = num_of(values).shape or (None,)
    if given not in (None, 1, dim) and dim is not None:
        lengths().ask((given,), (dim,))
    if given in (1, dim):
        return values
    if given == 0:
        raise Refused("no values are given: nothing is stored", "leave the line out")
    return again_and_again(lifter, values, count)


def again_and_again(lifter: Any, values: Abstract, count: Abstract) -> Abstract:
    """So many values in a row, again from the first one where they do not suffice; there are some, or no place."""
    (given,) = num_of(values).shape or (None,)
    size = lifter.apply(len, [values])
    if given is None or not is_some(given):
        lifter.emit(runtime.check_some, (size, to_arg(count)), {}, [], effect=True)
    at = lifter.apply(operator.mod, [lifter.apply(np.arange, [count]), size])
    return cast(Abstract, lifter.expressions.item(values, at))


def check_apart(lifter: Any, array: Any, values: Abstract) -> None:
    """NumPy writes items one by one here, and reads what it has written where both are one memory."""
    cell, own = lifter.memory.cell_of(values), lifter.memory.cell_of(array)
    if cell is not None and own is not None and related(cell, own) and num_of(values).ndim != 0 and values is not array:
        raise Refused("items are stored one by one into the memory that they are read from", "copy them: `.copy()`")


def store_flat(lifter: Any, array: Any, index: Abstract, values: Abstract) -> None:
    """`array.flat[index] = values`, whatever the array's layout."""
    check_apart(lifter, array, values)
    if not isinstance(values, Const):
        place = lifter.memory.fresh(lifter.expressions.item(lifter.apply(np.ravel, [array]), index))
        dims = num_of(place).shape
        if dims:
            values = repeated(lifter, values, lifter.apply(np.size, [place]), dims[0] if len(dims) == 1 else None)
            values = values if len(dims) == 1 or not num_of(values).ndim else \
                lifter.apply(np.reshape, [values, lifter.attributes.attribute(place, "shape")])
    if array.kind.ndim == 1:
        lifter.stores.store_at(array, index, values)
        return
    if array.kind.ndim is None:
        raise Refused("a store into `.flat` of an array whose rank is not known")
    if lifter.memory.is_compact(array):
        lifter.stores.store_at(lifter.apply(np.reshape, [array, Const(-1)], spelling="method"), index, values)
        return
    with lifter.stores.moving():
        flat = lifter.apply(np.ravel, [lifter.stores.carrying(array)], spelling="method")
    lifter.memory.own(flat)        # read as a copy
    lifter.stores.store_at(flat, index, values)
    with lifter.stores.moving():
        whole = lifter.apply(np.reshape, [flat, lifter.attributes.attribute(array, "shape")], spelling="method")
        lifter.stores.store_whole(array, whole)


def _putmask(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    given = dict(zip(("a", "mask", "values"), args, strict=False)) | kwargs
    array, mask, values = target_of(given["a"], "np.putmask"), given["mask"], given["values"]
    if not fits_safely(lifter, array, values):
        return NONE
    if not isinstance(values, Const):
        values = as_array(lifter, values)
        kind = num_of(values)
        if kind.shape == (0,):
            return NONE
        if kind.shape == (1,):
            values = lifter.expressions.item(values, Const(0))
        elif kind.shape not in ((), array.kind.shape):      # repeated, each at its own position
            row = lifter.apply(np.ravel, [values])
            values = again_and_again(lifter, row, lifter.apply(np.size, [array]))
            values = lifter.apply(np.reshape, [values, lifter.attributes.attribute(array, "shape")])
    lifter.stores.store_where(array, mask, values)
    return NONE


def fits_safely(lifter: Any, array: Value, values: Abstract) -> bool:
    """Do the values fit the array's dtype?  Those of an array have to without loss; else NumPy raises."""
    kind, into = kind_of(values) if isinstance(values, (Value, Const)) else None, array.kind
    if not (isinstance(kind, Num) and isinstance(into, Num) and kind.form in ("array", "any")) or np.can_cast(
            kind.dtype, into.dtype, "safe"):
        return True
    if kind.real and into.real or kind.form == "any":
        raise Refused(f"NumPy writes no array of {kind.dtype} into one of {into.dtype}, which the run tells",
                      "cast it with astype")
    lifter.raises(TypeError, f"Cannot cast array data from {np.dtype(kind.dtype)!r} to {np.dtype(into.dtype)!r} "
                             "according to the rule 'safe'")
    return False


def _place(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    given = dict(zip(("arr", "mask", "vals"), args, strict=False)) | kwargs
    array, mask = target_of(given["arr"], "np.place"), lifter.memory.fresh(given["mask"])
    values = given["vals"]
    if not fits_safely(lifter, array, values):
        return NONE
    if not isinstance(values, Const):
        check_apart(lifter, array, values)
        values = as_array(lifter, values)
        if num_of(values).shape not in ((), (1,)):
            values = lifter.apply(np.ravel, [values])       # again from the first one where they do not suffice
            values = again_and_again(lifter, values, lifter.apply(np.count_nonzero, [mask]))
    lifter.stores.store_at(array, mask, values)
    return NONE


def _put_along_axis(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    given = dict(zip(("arr", "indices", "values", "axis"), args, strict=False)) | kwargs
    array, indices, values = target_of(given["arr"], "np.put_along_axis"), given["indices"], given["values"]
    axis = lifter.expressions.static(given["axis"], "`axis`")
    ranks = 1 if axis is None else array.kind.ndim, getattr(getattr(indices, "kind", None), "ndim", None)
    if None not in ranks and ranks[0] != ranks[1]:
        lifter.raises(ValueError, "when axis=None, `indices` must have a single dimension." if axis is None else
                      "`indices` and `arr` must have the same number of dimensions")
        return NONE
    if axis is None:
        store_flat(lifter, array, indices, values)
        return NONE
    rank = array.kind.ndim
    if rank is None:
        raise Refused("np.put_along_axis needs an array whose rank is known")
    parts: Things = []
    for at in range(rank):
        if at == axis % rank:
            parts.append(indices)
            continue
        count = lifter.expressions.item(lifter.attributes.attribute(array, "shape"), Const(at))
        line = lifter.apply(np.arange, [count])
        shape = Tuple([Const(-1 if i == at else 1) for i in range(rank)])
        parts.append(lifter.apply(np.reshape, [line, shape]) if rank > 1 else line)
    lifter.stores.store_at(array, Tuple(parts) if rank > 1 else parts[0], values)
    return NONE


def _fill_diagonal(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    given = dict(zip(("a", "val", "wrap"), args, strict=False)) | kwargs
    array, value = target_of(given["a"], "np.fill_diagonal"), given["val"]
    check_apart(lifter, array, value)
    if is_given(given.get("wrap", NONE)) and lifter.expressions.static(given["wrap"], "`wrap`"):
        raise Refused("np.fill_diagonal with `wrap` is not supported", "leave it out")
    if array.kind.ndim != 2:
        raise Refused("np.fill_diagonal is supported for matrices", "store with an index, `a[i, i] = …`")
    shape = lifter.attributes.attribute(array, "shape")
    rows, columns = lifter.expressions.item(shape, Const(0)), lifter.expressions.item(shape, Const(1))
    dims = array.kind.shape
    count = rows if dims[0] == dims[1] else lifter.calls.call(Const(min), [rows, columns], {})
    line = lifter.apply(np.arange, [count])
    length = dims[0] if dims[0] == dims[1] else None
    lifter.stores.store_at(array, Tuple([line, line]), repeated(lifter, value, count, length))
    return NONE


def _sort(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    array = target_of(args[0], "`sort`")
    lifter.stores.store_whole(array, lifter.apply(np.sort, args, kwargs))
    return NONE


def _partition(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    array = target_of(args[0], "`partition`")
    lifter.stores.store_whole(array, lifter.apply(np.partition, args, kwargs))
    return NONE


def as_array(lifter: Any, thing: Abstract) -> Abstract:
    """A list of numbers as an array."""
    return thing if isinstance(thing, Value) else lifter.apply(np.array, [thing])


# -- tables -------------------------------------------------------------------------------------------------


def _setitem(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    index = lifter.memory.fresh(args[1]) if isinstance(args[1], Value) else args[1]
    lifter.stores.store_item(args[0], index, args[2])
    return NONE


def _augment(fn: Callable[..., Any]) -> Callable[..., Abstract]:
    return lambda lifter, args, kwargs: lifter.stores.augmented(fn, *args)


WRITERS: dict[Any, Callable[[Any, Things, Named], Abstract]] = {
    np.copyto: _copyto, np.put: _put, np.putmask: _putmask, np.place: _place, np.put_along_axis: _put_along_axis,
    np.fill_diagonal: _fill_diagonal, np.ndarray.fill: _fill, np.ndarray.sort: _sort, np.ndarray.partition: _partition,
    operator.setitem: _setitem,
    **{getattr(operator, f"i{name}"): _augment(getattr(operator, other)) for name, other in (
        ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "truediv"), ("pow", "pow"),
        ("matmul", "matmul"), ("floordiv", "floordiv"), ("mod", "mod"))},
}

METHOD_WRITERS = {
    "fill": np.ndarray.fill, "sort": np.ndarray.sort, "partition": np.ndarray.partition, "put": np.put,
    "__setitem__": operator.setitem, "__getitem__": operator.getitem,
    **{f"__{name}__": getattr(operator, name) for name in (
        "iadd", "isub", "imul", "itruediv", "ifloordiv", "ipow", "imatmul", "add", "sub", "mul", "truediv", "pow",
        "matmul", "neg")},
}
"""Methods of an array that write into it, and those that stand for an operator."""


def writer_of(obj: Any) -> Callable[[Any, Things, Named], Abstract] | None:
    """How a function that writes is read, if it is one."""
    try:
        return WRITERS.get(obj)
    except TypeError:
        return None


def has_out(fn: Any) -> bool:
    """May this function be given `out`?"""
    return registry.lookup(fn) is not None and (isinstance(fn, np.ufunc) or out_position(fn) is not None)
