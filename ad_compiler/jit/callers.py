"""Gradient functions, called from functions that Numba compiles.

There a derivative is compiled for the types of the arguments.  What it takes for granted beside them is asked at each
call, as it is in Python: lengths, which memory overlaps, integers that are compiled in; and, through Python, what the
world holds.  A call that does not fit is made through Python, which compiles for it.

>>> import operator
>>> from ad_compiler.watch import Enough, Source
>>> x = operator.itemgetter(0)
>>> condition(Enough(Source(9, x, 0), 3), True, [None])
'a0.shape[0] >= 3'
>>> condition(Compact(x), True, [None]), condition(Name({}, "K"), True, [None])
('is_compact(a0)', None)
"""

from __future__ import annotations

import inspect
import itertools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite.ir import IntType
from numba import objmode, types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.registry import CPUDispatcher
from numba.core.typing.templates import make_overload_template
from numba.extending import intrinsic, typeof_impl
from numba.np.numpy_support import as_dtype

from ad_compiler.derivative import Derivative
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.jit.calls import refusal
from ad_compiler.watch import Compact, Enough, Equal, Exactly, Get, Name, Same, Sharing, Source, Watch, Writeable

__all__ = ["Found", "Name", "let_numba_call"]


class Found(NamedTuple):
    """A derivative, and what asks whether the world still is what some of its watches tell; that can be pickled?"""

    derivative: Derivative
    asks: Callable[[list[Watch]], Any]


def let_numba_call(cls: type, compiled_for: Callable[[Any, tuple[Any, ...]], Found]) -> None:
    """Let functions that Numba compiles call objects of a class, whose derivatives are compiled for the types there.

    `compiled_for` gives what an object has for arguments like these.  What is known to Numba goes with the object.
    """
    def typeof(made: Any, context: Any) -> Any:
        known = vars(made).get("_numba_type")
        if known is None:
            params = list(made.__signature__.parameters.values())
            typed = _typed(made, params, lambda sample: compiled_for(made, sample))
            known = types.Function(make_overload_template(made, typed, {}, True, "never"))
            made._numba_type = known
        return known
    typeof_impl.register(cls)(typeof)


def _typed(made: Any, params: list[inspect.Parameter], compiled_for: Callable[[tuple[Any, ...]], Found]) -> Any:
    """What Numba asks for the implementation of a call: a function of these parameters."""
    names = [p.name for p in params]

    def implementation(*kinds: Any) -> Any:
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in params):
            raise TypingError(f"{made!r} takes any number of arguments: compiled code cannot call it")
        kinds = tuple(k.value if isinstance(k, types.Omitted) else k for k in kinds)
        return _implementation(made, names, kinds, *_compiled(kinds, compiled_for))

    space = {"implementation": implementation}
    exec(f"def typed({', '.join(names)}):\n    return implementation({', '.join(names)})", space)       # noqa: S102
    return space["typed"]


def _compiled(kinds: tuple[Any, ...], compiled_for: Callable[[tuple[Any, ...]], Found]) -> tuple[Found, int]:
    """What there is for arguments of these types, and for which whole number.

    Tried are lengths that are all apart, or else that are all one; and 0, which is an axis of any array.
    """
    refused: CannotDifferentiate | None = None
    numbers = (2, 0) if any(isinstance(kind, types.Integer) for kind in kinds) else (2,)
    for number, length in itertools.product(numbers, (0, 3, 2)):
        try:
            return compiled_for(tuple(_like(kind, at, length, number) for at, kind in enumerate(kinds))), number
        except CannotDifferentiate as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _like(kind: Any, at: int, length: int, number: int) -> Any:
    """A value of a type; of arrays one whose axes are of this length, or of lengths that no other's are."""
    if isinstance(kind, types.Array):
        shape = [length or 2 + 11 * at + axis for axis in range(kind.ndim)]
        dtype = as_dtype(kind.dtype)
        made = np.zeros(shape, dtype, order="F" if kind.layout == "F" else "C")
        if kind.layout == "A":
            made = np.zeros([*shape[:-1], 2 * shape[-1]], dtype)[..., ::2]
        made.flags.writeable = kind.mutable
        return made
    if isinstance(kind, types.Boolean):
        raise TypingError("a boolean decides the structure of a gradient: leave it out")
    if isinstance(kind, types.Integer):
        return number
    if isinstance(kind, types.Float):
        return 1.0
    raise TypingError(f"a gradient cannot be called with {kind} inside of compiled code")


# -- what is asked -------------------------------------------------------------------------------------


def condition(get: Get, seen: Any, kinds: list[Any]) -> str | None:
    """Whether something of the arguments `a0`, `a1` … is as it was seen; None where compiled code cannot tell."""
    told: str | None = None
    if isinstance(get, Enough) and _is_told(get.source):
        told = f"{_length(get.source)} >= {get.bound}"
    elif isinstance(get, Exactly) and _is_told(get.source):
        told = f"{_length(get.source)} == {get.number}"
    elif isinstance(get, Equal) and _is_told(get.a) and _is_told(get.b):
        told = f"{_length(get.a)} == {_length(get.b)}"
    elif isinstance(get, Compact) and (at := _place(get.array)) is not None:
        told = f"is_compact(a{at})"
    elif isinstance(get, Writeable) and (at := _place(get.array)) is not None:
        return "True" if kinds[at].mutable is seen else None
    elif isinstance(get, (Sharing, Same)):
        pairs = [(_place(a), _place(b)) for a, b in get.pairs]
        apart = set(seen) <= {"-"} if isinstance(get, Sharing) else not seen and len(pairs) == 1
        if not apart or any(a is None or b is None for a, b in pairs):
            return None
        return " and ".join(f"are_apart(a{a}, a{b})" for a, b in pairs
                            if isinstance(kinds[a or 0], types.Array) and isinstance(kinds[b or 0], types.Array)) \
            or "True"
    return told if told is None or seen else f"not ({told})"


def _place(get: Get) -> int | None:
    """Which argument this is."""
    return get.__reduce__()[1][0] if isinstance(get, operator.itemgetter) else None     # type: ignore[return-value]


def _is_told(source: Source) -> bool:
    return _place(source.get) is not None


def _length(source: Source) -> str:
    of = f"a{_place(source.get)}" + ("" if source.axis is None else f".shape[{source.axis}]")
    return f"{of} - {source.less}" if source.less else of


def is_of_world(watch: Watch) -> bool:
    """Can this be read without the arguments of a call?"""
    try:
        watch.get(())
    except (AttributeError, LookupError, TypeError, ValueError):
        return False
    return True


@numba.extending.register_jitable
def is_compact(a: Any) -> Any:
    """Does an array lie in memory in C order?"""
    step = a.itemsize
    for axis in range(a.ndim - 1, -1, -1):
        if a.shape[axis] == 0:
            return True
    for axis in range(a.ndim - 1, -1, -1):
        if a.shape[axis] != 1 and a.strides[axis] != step:
            return False
        step *= a.shape[axis]
    return True


@numba.extending.register_jitable
def bounds(a: Any) -> Any:
    """The first byte of an array, and the one behind its last."""
    low = a.ctypes.data
    high = low + a.itemsize
    for axis in range(a.ndim):
        reach = (a.shape[axis] - 1) * a.strides[axis]
        if reach < 0:
            low += reach
        else:
            high += reach
    return low, high


@numba.extending.register_jitable
def are_apart(a: Any, b: Any) -> Any:
    """Do two arrays share no memory, by the bounds of it?"""
    if a.size == 0 or b.size == 0:
        return a.size == b.size == 0 and a.ctypes.data != b.ctypes.data
    low, high = bounds(a)
    first, last = bounds(b)
    return high <= first or last <= low


def asker(asks: Any) -> Any:
    """A function of Numba's without arguments: are all words of a table what they were, or else is `asks()` true?

    `asks.kept`: whether it can be pickled.  What Numba compiles is then kept on disk with it, and it is unpickled once.
    """
    if not asks.kept:
        PINNED.append(asks)

    @intrinsic
    def asked(context: Any) -> Any:
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            python, word = context.get_python_api(builder), IntType(64)
            function, table = (_static(builder, kind, f".{name}.{id(asks)}")
                               for kind, name in ((python.pyobj, "asks"), (word.as_pointer(), "table")))
            with cgutils.if_unlikely(builder, cgutils.is_null(builder, builder.load(table))):
                lock = python.gil_ensure()
                found = python.unserialize(python.serialize_object(asks)) if asks.kept else builder.inttoptr(
                    context.add_dynamic_addr(builder, id(asks), info="asks"), python.pyobj)
                builder.store(found, function)
                address = python.call_method(found, "address")
                builder.store(builder.inttoptr(python.long_as_longlong(address), word.as_pointer()), table)
                python.decref(address)
                python.gil_release(lock)
            words = builder.load(table)
            count = builder.load(words)
            holds = cgutils.alloca_once_value(builder, builder.icmp_signed(">=", count, word(0)))
            with cgutils.for_range(builder, count) as loop:
                at = builder.add(builder.mul(loop.index, word(2)), word(1))
                place = builder.inttoptr(builder.load(builder.gep(words, [at])), word.as_pointer())
                seen = builder.load(builder.gep(words, [builder.add(at, word(1))]))
                same = builder.icmp_signed("==", builder.load(place), seen)
                builder.store(builder.and_(builder.load(holds), same), holds)
            with cgutils.if_unlikely(builder, builder.not_(builder.load(holds))):
                lock = python.gil_ensure()
                answer = python.call_function_objargs(builder.load(function), ())
                with builder.if_else(cgutils.is_not_null(builder, answer)) as (told, failed):
                    with told:
                        builder.store(builder.icmp_signed(">", python.object_istrue(answer), IntType(32)(0)), holds)
                        python.decref(answer)
                    with failed:
                        python.err_clear()
                python.gil_release(lock)
            return builder.load(holds)
        return types.boolean(), lower
    return asked


def _static(builder: Any, kind: Any, name: str) -> Any:
    """A variable of compiled code that lives on; null at first."""
    found = cgutils.add_global_variable(builder.module, kind, name)
    found.linkage, found.initializer = "internal", cgutils.get_null_value(kind)
    return found


PINNED: list[Any] = []
"""What compiled code knows by its address: it may live on when what called for it is gone."""


# -- the call ------------------------------------------------------------------------------------------


def _implementation(made: Any, names: list[str], kinds: tuple[Any, ...], found: Found, number: int) -> Any:
    """What is compiled in place of a call of `made` with arguments of these types; its whole numbers were `number`."""
    emitted = found.derivative.emitted
    if not isinstance(emitted.function, CPUDispatcher):
        raise TypingError(f"the gradient of {made.__name__} needs Python around it: it reads globals, or takes "
                          "containers")
    space: dict[str, Any] = {
        "function": emitted.function, "is_compact": is_compact, "are_apart": are_apart, "np": np, "objmode": objmode,
        # named after what it calls: Numba may keep it on disk, with a function of the user's
        "__name__": emitted.namespace["__name__"]}
    lines, asked, numbers = [], [], list(kinds)
    for at, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        if isinstance(kind, types.Array):
            lines.append(f"a{at} = {name}")
            asked += [f"a{at}.shape[{axis}] > 1" for axis in range(kind.ndim)]
        else:       # a number of Python's
            whole = isinstance(kind, types.Integer)
            lines.append(f"a{at} = np.{'int64' if whole else 'float64'}({name})")
            numbers[at] = types.int64 if whole else types.float64
            if whole and not kind.signed:
                asked.append(f"a{at} >= 0")
            if name in found.derivative.specialised:
                asked.append(f"a{at} == {number}")
    world = [watch for watch in found.derivative.watches if is_of_world(watch)]
    told = [condition(watch.get, watch.seen, numbers) for watch in found.derivative.watches if watch not in world]
    given = ", ".join(f"a{at}" for at in range(len(names)))
    result = _result_type(emitted, tuple(numbers))
    if world:
        space["asked"] = asker(found.asks(world))
        told.append("asked()")
    if None not in told:
        fits = " and ".join([*asked, *(each for each in told if each is not None)]) or "True"
        lines += [f"if {fits}:", f"    return function({given})"]
    space["result_type"] = result
    lines += ["with objmode(result=result_type):", f"    result = slow({given})", "return result"]
    body = "".join(f"        {line}\n" for line in lines)
    # Where Python is called, Numba looks for globals in the module, which is empty: what is called is held.
    exec(f"def holding(slow):\n    def call({', '.join(names)}):\n{body}    return call", space)    # noqa: S102
    return space["holding"](Slowly(made, result))


def _result_type(emitted: Any, kinds: tuple[Any, ...]) -> Any:
    """The type of what a derivative gives."""
    try:
        emitted.function.compile(kinds)
    except Exception as error:      # of any type: Numba's own, and what its passes run into
        raise refusal(error, emitted) from error
    return emitted.function.overloads[kinds].signature.return_type


class Slowly:
    """A function, called through Python from compiled code that expects a result of a certain type."""

    def __init__(self, made: Any, kind: Any) -> None:
        self.made, self.kind = made, kind

    def __call__(self, *args: Any) -> Any:
        return fitted(self.made(*map(one_of, args, itertools.repeat(args))), self.kind)


def one_of(thing: Any, others: tuple[Any, ...]) -> Any:
    """The first of these that is this array: compiled code hands over another object of it for each argument."""
    if not isinstance(thing, np.ndarray):
        return thing
    return next(other for other in others if other is thing or isinstance(other, np.ndarray) and (
        other.ctypes.data, other.shape, other.strides, other.dtype) == (
        thing.ctypes.data, thing.shape, thing.strides, thing.dtype) and thing.size)


def fitted(value: Any, kind: Any) -> Any:
    """A result as compiled code takes it; TypeError where it is of another type."""
    of_parts: Any = types.BaseTuple
    array: Any = types.Array
    if isinstance(kind, of_parts) and isinstance(value, tuple) and len(value) == len(tuple(kind)):
        return tuple(map(fitted, value, kind))
    if isinstance(kind, array) and isinstance(value, np.ndarray) and value.ndim == kind.ndim \
            and value.dtype == as_dtype(kind.dtype):
        return value if kind.layout == "A" else np.require(value, requirements=kind.layout)
    if isinstance(kind, types.Float) and isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(kind, types.Integer) and isinstance(value, (int, np.integer)):
        return int(value)
    shown = type(value).__name__
    if isinstance(value, np.ndarray):
        shown = f"an array of {value.dtype}, of {value.ndim} axes"
    raise TypeError(f"a derivative is {shown} for these arguments, where the compiled function that calls it has been "
                    f"compiled for {kind}: call it from Python")
