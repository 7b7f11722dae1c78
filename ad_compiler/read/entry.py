"""The way in: the parameters of a function and a sample of its arguments become the values that it is read for.

Only the kinds of the sample are used, but for what decides structure: strings, booleans and None, and the
integers that are compiled in by value.
"""

from __future__ import annotations

import enum
import functools
import inspect
import operator
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from ad_compiler.errors import ADCompilerError, CannotDifferentiate, Refusal, Refused
from ad_compiler.ir import Block, Const, Func, Value
from ad_compiler.kinds import UNKNOWN, Num, Obj, Sym
from ad_compiler.read.abstract import Abstract, OfClass, Tuple
from ad_compiler.read.calls.recursion import Pairs
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.names.effects import behaviour_of
from ad_compiler.read.names.free_variables import is_code
from ad_compiler.read.restarts import Again, Specialise
from ad_compiler.read.statements.regions import hand_on
from ad_compiler.watch import Holds, Made, Part, Watch

MOST_READINGS = 100
DEEP = 8000
T = TypeVar("T")


class General:
    """Stands for an argument of which nothing is known but that it is a real number or array."""

    def __repr__(self) -> str:
        return "unknown"


class Parameter:
    """A parameter of the function: its run-time value and what is known of it."""

    def __init__(self, name: str, value: Value, thing: Abstract) -> None:
        self.name, self.value, self.thing = name, value, thing


class Reading:
    """A reading of a function: what reads it, and its parameters as `args` and `kwargs` of a call.

    `sample` maps each parameter of `signature` to an object or `General()`; `specialised` are those whose values are
    compiled in.
    """

    def __init__(self, signature: inspect.Signature, sample: dict[str, Any], specialised: frozenset[str]) -> None:
        self.lifter = Lifter(Block(), pairs=Pairs())
        self.sample, self.specialised = sample, specialised
        self.params: dict[str, Parameter] = {}
        self.args: list[Abstract] = []
        self.kwargs: dict[str, Abstract] = {}
        with self.refusals():
            for at, (key, spec) in enumerate(signature.parameters.items()):
                value, thing = parameter(self.lifter, key, sample[key], at, key in specialised)
                self.params[key] = Parameter(key, value, thing)
                if spec.kind is spec.VAR_POSITIONAL:
                    self.args += thing.items
                elif spec.kind is spec.VAR_KEYWORD:
                    self.kwargs.update(thing.items)
                elif spec.kind is spec.KEYWORD_ONLY:
                    self.kwargs[key] = thing
                else:
                    self.args.append(thing)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What is refused is an error: that of the lines that were met before, or this."""
        try:
            yield
        except Refused as error:
            self.lifter.collector.raise_if_any()
            raise CannotDifferentiate(Refusal(error.message, remedy=error.remedy)) from None
        except (AttributeError, TypeError, LookupError, ValueError, AssertionError) as error:
            if not isinstance(error, ADCompilerError):      # what was read after a line that is refused
                self.lifter.collector.raise_if_any()
            raise

    def end(self, name: str, block: Block) -> None:
        """Everything is read, into `block` and what is done before it: `func` is that, `behaviour` what was seen."""
        lifter = self.lifter
        lifter.collector.raise_if_any()
        lifter.memory.watch_sharing()
        if lifter.asks.functions:
            lifter.asks.watches.append(Watch(Made(tuple(lifter.asks.functions)), True, True))
        lifter.block.ops[:0] = lifter.world.prelude
        self.pairs = [pair for _, pair in lifter.pairs.found] if lifter.pairs is not None else []
        self.func = Func(name, [p.value for p in self.params.values()], lifter.block, dict(lifter.world.refs))
        blocks = [lifter.block, block, *(pair.block for pair in self.pairs)]
        self.behaviour = behaviour_of(blocks, lifter, self.sample.values())

    def appended(self, block: Block) -> Func:
        """The function, with these statements at its end."""
        self.func.body.ops += block.ops
        hand_on(self.func.body)
        return self.func


def until_settled(attempt: Callable[[frozenset[str]], T], names: set[str], name: str,
                  specialised: frozenset[str] = frozenset()) -> T:
    """What an attempt to compile `name` gives, made anew for as long as it finds that more should be known.

    It is given the parameters, of those called `names`, whose values are to be compiled in.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEP))     # a call that is read in place takes a dozen frames of the reader
    try:
        for _ in range(MOST_READINGS):
            lengths().again = False
            try:
                found = attempt(specialised)
                if not lengths().again:
                    return found
            except CannotDifferentiate:
                if not lengths().again:
                    raise
            except Specialise as request:
                new = {v.hint for v in request.params} & names
                if not new - specialised:
                    raise CannotDifferentiate("an integer decides the structure of this program, "
                                              "but it is not an argument of the function") from None
                specialised |= new
            except Again:
                continue
            except RecursionError:
                raise CannotDifferentiate(f"`{name}` is nested too deeply to be read") from None
        raise CannotDifferentiate(f"`{name}` could not be read")
    finally:
        lengths().closed = True
        sys.setrecursionlimit(limit)


def parameter(lifter: Lifter, name: str, obj: Any, at: int, specialised: bool) -> tuple[Value, Abstract]:
    """The run-time value of a parameter, and what it stands for."""
    if isinstance(obj, General):
        value = Value(name, replace(UNKNOWN, length=Sym(("shape", name))))
        lifter.memory.own_foreign(value, obj, operator.itemgetter(at))
        return value, value
    lifter.asks.ask_number(obj, name)
    kind = lengths().kind(obj, name, operator.itemgetter(at))
    if isinstance(kind, Num) and kind.dtype.startswith("complex"):
        raise CannotDifferentiate(Refusal(f"argument `{name}` is complex: complex numbers are not supported yet",
                                          remedy="pass its real and imaginary parts"))
    value = Value(name, kind)
    lifter.memory.own_foreign(value, obj, operator.itemgetter(at))
    lifter.memory.note_lengths(value)
    if specialised and type(obj) is tuple:
        return value, Tuple([Const(part) for part in obj])
    if obj is None or obj is Ellipsis or obj is NotImplemented or specialised or isinstance(
            obj, (bool, str, bytes, type, np.bool_, np.dtype, enum.Enum)):
        return value, Const(obj)
    if isinstance(obj, int):
        lifter.calls.specialisable.add(value)
        lifter.numbers.derived[value] = frozenset([value])
        return value, value
    if isinstance(kind, Obj):
        return value, _open(lifter, obj, value, at)
    return value, value


def _open(lifter: Lifter, obj: Any, value: Value, at: int) -> Abstract:
    """Containers are opened into their parts; functions are known; other objects give their attributes."""
    if is_code(obj):
        return Const(obj)

    get = operator.itemgetter(at)
    before = len(lifter.asks.watches)
    thing = lifter.world.open(obj, value, get)
    if not isinstance(thing, OfClass):       # the kinds of a container's parts are part of the key
        lifter.asks.watches[before:] = [w for w in lifter.asks.watches[before:] if not in_key(w, obj)]
    return thing


def in_key(watch: Watch, obj: Any) -> bool:
    """Is this about the items of a container `obj` that is an argument, however deep?  The key of the call has them.

    Of an object in it the key has the type alone: its attributes are watched.
    """
    holds = isinstance(watch.get, Holds)
    if watch.exact and not holds:
        return False
    get, path = watch.get.of if isinstance(watch.get, Holds) else watch.get, []
    while isinstance(get, Part) and get.fn is operator.getitem:
        path.append(get.key)
        get = get.of
    if not isinstance(get, operator.itemgetter):
        return False
    return not holds or isinstance(functools.reduce(operator.getitem, reversed(path), obj), (list, dict))
