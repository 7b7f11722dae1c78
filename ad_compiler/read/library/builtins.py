"""Python's builtins, as far as they deal with things known before the program runs.

Each entry takes the lifter and the arguments, and returns an abstract, or NotImplemented to let the rule of
the same function, or the function itself, do the work at run time.
"""

from __future__ import annotations

import builtins
import copy
import dataclasses
import functools
import inspect
import logging
import operator
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    Bound,
    Dict,
    List,
    OfClass,
    Poison,
    Sequence,
    Super,
    Tuple,
    describe,
    protocol,
    python_value,
)
from ad_compiler.read.calls.classes import opened
from ad_compiler.read.calls.expand_helpers import EXPANSIONS
from ad_compiler.read.calls.special import Named, Things
from ad_compiler.read.expressions.questions import ask_isinstance, ask_type
from ad_compiler.read.library.copies import copied
from ad_compiler.read.library.operations import OPERATIONS
from ad_compiler.read.library.sequences import SEQUENCES
from ad_compiler.read.library.ufuncs import cross, einsum, positions
from ad_compiler.read.library.writers import refuse_objects
from ad_compiler.read.names.asks import from_library
from ad_compiler.watch import Itself, Part


def _isinstance(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    thing, classes = args
    known = python_value(classes)
    if known is NOT_KNOWN:
        raise Refused("isinstance needs classes that are known")
    return thing if isinstance(thing, Poison) else ask_isinstance(lifter, thing, known)


def _issubclass(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    cls, classes = map(python_value, args)
    each = classes if isinstance(classes, tuple) else (classes,)
    if all(isinstance(known, type) and (type(known) is type or from_library(known)) for known in (cls, *each)):
        return Const(lifter.asks.is_subclass(cls, classes))
    return NotImplemented       # a metaclass may say what it likes


def _name(lifter: Any, thing: Abstract) -> str:
    """The name of an attribute, which must be known."""
    name = lifter.expressions.static(thing, "the name of an attribute")
    if not isinstance(name, str):
        raise Refused(f"attribute name must be string, not '{type(name).__name__}'")
    return name


def _getattr(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    name = _name(lifter, args[1])
    if len(args) == 2:
        return lifter.attributes.attribute(args[0], name)
    there = protocol(args[0]).has_attr(lifter, name)
    if isinstance(there, Value):
        raise Refused(f"it is not known here whether this {describe(args[0])} has `{name}`", "ask before the call")
    return lifter.attributes.attribute(args[0], name) if there.value else args[2]


def _hasattr(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return protocol(args[0]).has_attr(lifter, _name(lifter, args[1]))


def _setattr(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    lifter.stores.store_attribute(args[0], _name(lifter, args[1]), args[2])
    return Const(None)


def _set_as_it_is(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`object.__setattr__(obj, name, thing)`, which a class cannot forbid."""
    lifter.stores.store_attribute(args[0], _name(lifter, args[1]), args[2], plain=True)
    return Const(None)


def _delattr(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    protocol(args[0]).del_attr(lifter, _name(lifter, args[1]))
    return Const(None)


def _init_of_object(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`object.__init__(obj)`, to which `super().__init__()` comes at last."""
    return NotImplemented if len(args) > 1 or kwargs else Const(None)


def _callable(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return protocol(args[0]).is_callable(lifter)


def _bool(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if not args:
        return Const(False)
    truth = args[0] if isinstance(args[0], Value) and not getattr(args[0].kind, "shape", None) else \
        lifter.expressions.truth_of(args[0])
    return truth if isinstance(truth, (Const, Poison)) and truth is not args[0] else lifter.apply(bool, [truth])


def _type(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if len(args) != 1:
        raise Refused("a class made by `type` is not supported", "define it outside the function")
    return ask_type(lifter, args[0])


def _slice(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    none: Abstract = Const(None)
    return slice(*((none, *args, none)[:3] if len(args) == 1 else (*args, none)[:3]))


def _partial(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return Bound(args[0], list(args[1:]), dict(kwargs), partial=True)


def _super(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if args:
        raise Refused("`super` with arguments is not supported", "write `super()`")
    frame = lifter.frames[-1]
    func = frame.scope.func
    owner = frame.scope.names.get(frame.node.args.args[0].id) if frame.node.args.args else None
    if func is None or "__class__" not in func.__code__.co_freevars or not isinstance(owner, OfClass):
        raise Refused("`super()` outside a method is not supported")
    cell = func.__closure__[func.__code__.co_freevars.index("__class__")]
    cls = lifter.asks.ask(Part(Itself(cell), getattr, "cell_contents"), id(cell))
    if not isinstance(cls, type) or cls not in owner.type_of().__mro__:
        raise Refused("`super()` is called for a class that its object is none of")
    return Super(owner, cls)


def _divmod(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    for arg in args:
        refuse_objects(arg, "given to `divmod`")
    found: Abstract = lifter.operators.operate(divmod, *args)
    if found is not None:
        return found
    return Tuple([lifter.apply(operator.floordiv, args), lifter.apply(operator.mod, args)])


def _float(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if args and isinstance(args[0], Const) and isinstance(args[0].value, (int, float, str)):
        try:
            return Const(float(args[0].value))
        except (ValueError, OverflowError) as error:
            return lifter.raises(type(error), str(error))
    return _alone(float)(lifter, args, kwargs)


def _scalar(cls: type) -> Callable[..., Abstract]:
    """`np.float64(x)`: of an array with axes that is `np.asarray(x, np.float64)`, the array itself where it can be."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        thing = args[0] if len(args) == 1 and not kwargs else None
        kind = thing.kind if isinstance(thing, Value) else None
        if isinstance(thing, Sequence) or isinstance(kind, Num) and kind.shape:
            return lifter.calls.call(Const(np.asarray), [thing, Const(np.dtype(cls))], {})
        if isinstance(kind, Num) and kind.shape is None and kind.form == "any":
            raise Refused("it is not known here whether this is a number or an array", "write np.asarray(…)")
        return NotImplemented
    return special


def _alone(fn: Any) -> Callable[..., Abstract]:
    """A function that a class may have a method for."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        found = lifter.operators.operate_alone(fn, args[0]) if len(args) == 1 else None
        return NotImplemented if found is None else found
    return special


def _ix(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.ix_`: each sequence along an axis of its own."""
    parts = []
    for at, arg in enumerate(args):
        line: Any = arg if isinstance(arg, Value) else lifter.apply(np.array, [arg])
        if line.kind.dtype == "bool":
            (line,) = lifter.statements.items_of(positions(lifter, [line], {}))
        shape = Tuple([Const(-1 if i == at else 1) for i in range(len(args))])
        parts.append(lifter.apply(np.reshape, [line, shape]))
    return Tuple(parts)


def _ndim(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.ndim` of a number, or of an array whose rank is known."""
    kind = args[0].kind if len(args) == 1 and isinstance(args[0], Value) else None
    if isinstance(kind, Num) and kind.ndim is not None:
        return Const(kind.ndim)
    known = len(args) == 1 and isinstance(args[0], Const) and isinstance(args[0].value, (int, float))
    return Const(0) if known else NotImplemented


def _dtype(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.dtype(known)`."""
    known = [python_value(a) for a in args]
    if NOT_KNOWN in [value if value is NOT_KNOWN else None for value in known] or kwargs:
        return NotImplemented
    try:
        return Const(np.dtype(*known))
    except TypeError as error:
        return lifter.raises(TypeError, str(error))


def _of_dtypes(fn: Any) -> Callable[..., Abstract]:
    """`np.result_type(x, 1.0)` and the like: what is asked of the types of numbers and arrays is known."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        for arg in args:
            if isinstance(arg, Value):
                lifter.expressions.only_number(arg)
        given = [_sample(lifter, arg) for arg in args]
        named = {name: python_value(arg) for name, arg in kwargs.items()}
        if any(value is NOT_KNOWN for value in (*given, *named.values())):
            return NotImplemented
        try:
            return Const(fn(*given, **named))
        except TypeError as error:
            return lifter.raises(TypeError, str(error))
    return special


def _sample(lifter: Any, thing: Abstract) -> Any:
    """A number or array of the same type, or what is known."""
    kind = thing.kind if isinstance(thing, Value) and thing not in lifter.numbers.mixed else None
    if not isinstance(kind, Num):
        return python_value(thing)
    if kind.form == "any":
        return NOT_KNOWN
    sample = np.ones((1,) * (kind.ndim or 0), kind.dtype)
    return sample if kind.form == "array" else sample[()] if kind.form == "np" else sample.item()


def _replace(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return lifter.classes.replaced(args[0], kwargs)


def _as_dict(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return opened(lifter, args[0], Dict) if len(args) == 1 and not kwargs else NotImplemented


def _as_tuple(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    return opened(lifter, args[0], lambda fields: Tuple(list(fields.values()))) if len(args) == 1 else NotImplemented


def _append(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.append`, which is `np.concatenate`."""
    given = dict(zip(("arr", "values", "axis"), args, strict=False)) | kwargs
    parts, axis = [given["arr"], given["values"]], given.get("axis", Const(None))
    if python_value(axis) is None:
        parts = [lifter.apply(np.ravel, [p]) if isinstance(p, Value) and isinstance(p.kind, Num) and p.kind.is_array
                 else lifter.apply(np.ravel, [lifter.apply(np.array, [p])]) for p in parts]
        axis = Const(0)
    else:
        parts = list(map(lifter.expressions.as_array, parts))
    return lifter.calls.call(Const(np.concatenate), [Tuple(parts)], {"axis": axis})


def _joined(fn: Any) -> Callable[..., Abstract]:
    """`np.concatenate`, or one like it: a list among what it joins is an array."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        first = args[0] if args else None
        parts = first.items if isinstance(first, Tuple) or isinstance(first, List) and first.grown is None else []
        if not any(isinstance(part, Sequence) for part in parts):
            return NotImplemented
        arrays = list(map(lifter.expressions.as_array, parts))
        return lifter.calls.call(Const(fn), [Tuple(arrays), *args[1:]], kwargs)
    return special


def _vars(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    if not args:
        raise Refused("`vars()` looks at the names around it", "name what is wanted")
    return lifter.attributes.attribute(args[0], "__dict__")


def _list_method(name: str) -> Callable[..., Abstract]:
    """`list.append(items, item)` is `items.append(item)`."""
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        return lifter.calls.call(lifter.attributes.attribute(args[0], name), args[1:], kwargs)
    return special


def _frame(name: str) -> Callable[..., Abstract]:
    def special(lifter: Any, args: Things, kwargs: Named) -> Abstract:
        raise Refused(f"`{name}` looks at the names around it", "name what is wanted")
    return special


def _ndarray(lifter: Any, args: Things, kwargs: Named) -> Abstract:
    """`np.ndarray(shape, dtype)`, which is `np.empty`."""
    if len(args) > 2 or set(kwargs) - {"shape", "dtype"}:
        return NotImplemented
    return lifter.calls.call(Const(np.empty), args, kwargs)


SCALARS: tuple[type, ...] = (np.float64, np.float32, np.float16, np.bool_, np.int8, np.int16, np.int32, np.int64,
                             np.uint8, np.uint16, np.uint32, np.uint64)
OF_DTYPES = (np.result_type, np.promote_types, np.can_cast, np.common_type, np.min_scalar_type, np.iscomplexobj,
             np.isrealobj, np.isscalar)
JOINED: tuple[Any, ...] = np.concatenate, np.stack, np.hstack, np.vstack

FRAMES: tuple[Any, ...] = (globals, locals, eval, exec, dir, sys._getframe, inspect.currentframe, inspect.stack,
                           traceback.extract_stack, traceback.format_stack, traceback.print_stack)

BUILTINS: dict[Any, Callable[[Any, Things, Named], Abstract]] = {
    **SEQUENCES, isinstance: _isinstance, issubclass: _issubclass, getattr: _getattr, hasattr: _hasattr,
    setattr: _setattr, object.__setattr__: _set_as_it_is, delattr: _delattr,
    object.__init__: _init_of_object, callable: _callable, type: _type, slice: _slice, float: _float, bool: _bool,
    abs: _alone(abs),
    divmod: _divmod,
    dataclasses.replace: _replace, dataclasses.asdict: _as_dict, dataclasses.astuple: _as_tuple,
    copy.copy: lambda li, args, kw: copied(li, args[0], deep=False),
    copy.deepcopy: lambda li, args, kw: NotImplemented if len(args) > 1 or kw else copied(li, args[0], deep=True),
    np.dtype: _dtype, np.ndim: _ndim, np.ix_: _ix, np.where: positions, np.nonzero: positions, np.einsum: einsum,
    np.cross: cross, np.append: _append, **{fn: _joined(fn) for fn in JOINED}, np.ndarray: _ndarray,
    vars: _vars, **{fn: _frame(fn.__name__) for fn in FRAMES},
    **{getattr(cls, name): _list_method(name) for cls in (list, dict) for name in vars(cls)
       if not name.startswith("__") and name != "fromkeys"},
    functools.partial: _partial, super: _super,
    **{cls: _scalar(cls) for cls in SCALARS}, **{fn: _of_dtypes(fn) for fn in OF_DTYPES},
    **EXPANSIONS, **OPERATIONS,
}

ELSEWHERE = {("numba.misc.special", "prange"): range}
"""Module and name of what reads as a builtin does, where that module is loaded."""


def builtin_of(obj: Any) -> Any:
    """How a call of this is read, or None."""
    if not callable(obj):
        return None
    place = (getattr(obj, "__module__", None), getattr(obj, "__name__", None))
    try:
        return BUILTINS.get(ELSEWHERE.get(place, obj))      # type: ignore[arg-type]
    except TypeError:       # it has no hash
        return None


SEEN_ONLY = {print, repr, str, format, str.format, operator.mod, builtins.id, warnings.warn}
"""Calls that may be given active values: they show them, no derivative passes."""


def only_shows(fn: Any) -> bool:
    """Does a function only show what it is given?  Loggers count."""
    owner = getattr(fn, "__self__", None)
    module = getattr(fn, "__module__", "") or ""
    return fn in SEEN_ONLY or isinstance(owner, logging.Logger) or module.split(".")[0] == "logging"

