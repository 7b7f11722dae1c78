"""The way in: a function and a sample of its arguments become an `ir.Func`.

Only the kinds of the sample are used, but for what decides structure: strings, booleans and None, and the
integers that `specialise` names.
"""

from __future__ import annotations

import inspect
import operator
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.derivative import Behaviour
from ad_compiler.errors import CannotDifferentiate, Collector, Refusal, Refused
from ad_compiler.ir import Block, Const, Func, Value
from ad_compiler.kinds import UNKNOWN, Num, Obj, Sym
from ad_compiler.read.abstract import Abstract, Instance, Object
from ad_compiler.read.effects import behaviour_of
from ad_compiler.read.lengths import lengths
from ad_compiler.read.lift import Lifter
from ad_compiler.read.regions import hand_on
from ad_compiler.read.signals import Again, Specialise
from ad_compiler.read.world import is_code
from ad_compiler.watch import Watch

MOST_READINGS = 100
DEEP = 8000


class General:
    """Stands for an argument of which nothing is known but that it is a real number or array."""

    def __repr__(self) -> str:
        return "unknown"


class Parameter:
    """A parameter of the function: its run-time value and what is known of it."""

    def __init__(self, name: str, value: Value, thing: Abstract) -> None:
        self.name, self.value, self.thing = name, value, thing


class Reading:
    """A function as it was read: statements in `func.body`, and what `body` made of the call."""

    def __init__(self, func: Func, params: dict[str, Parameter], result: Any, watches: list[Watch],
                 specialised: frozenset[str], behaviour: Behaviour) -> None:
        self.func, self.params, self.result, self.watches, self.specialised = func, params, result, watches, specialised
        self.behaviour = behaviour


Body = Callable[[Lifter, list[Abstract], dict[str, Abstract]], Any]


def read(body: Body, signature: inspect.Signature, sample: dict[str, Any], name: str,
         specialise: frozenset[str] = frozenset(), make_pairs: Callable[[], Any] | None = None) -> Reading:
    """Read what `body(lifter, args, kwargs)` calls, for arguments like `sample`.

    `sample` maps each parameter of `signature` to an object or `General()`.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEP))     # a call that is read in place takes a dozen frames of the reader
    try:
        return _read_until_settled(body, signature, sample, name, specialise, make_pairs)
    finally:
        lengths().closed = True
        sys.setrecursionlimit(limit)


def _read_until_settled(body: Body, signature: inspect.Signature, sample: dict[str, Any], name: str,
                        specialise: frozenset[str], make_pairs: Callable[[], Any] | None) -> Reading:
    for _ in range(MOST_READINGS):
        lengths().again = False
        try:
            found = _read(body, signature, sample, name, specialise, make_pairs() if make_pairs is not None else None)
            if not lengths().again:
                return found
        except CannotDifferentiate:
            if not lengths().again:
                raise
        except Specialise as request:
            new = {v.hint for v in request.params} & set(sample)
            if not new - specialise:
                raise CannotDifferentiate("an integer decides the structure of this program, "
                                          "but it is not an argument of the function") from None
            specialise |= new
        except Again:
            continue
        except RecursionError:
            raise CannotDifferentiate(f"`{name}` is nested too deeply to be read") from None
    raise CannotDifferentiate(f"`{name}` could not be read")


def _read(body: Body, signature: inspect.Signature, sample: dict[str, Any], name: str,
          specialise: frozenset[str], pairs: Any) -> Reading:
    block, collector = Block(), Collector()
    lifter = Lifter(block, collector=collector, pairs=pairs)
    params: dict[str, Parameter] = {}
    args: list[Abstract] = []
    kwargs: dict[str, Abstract] = {}
    for at, (key, spec) in enumerate(signature.parameters.items()):
        value, thing = parameter(lifter, key, sample[key], at, key in specialise)
        params[key] = Parameter(key, value, thing)
        if spec.kind is spec.VAR_POSITIONAL:
            args += thing.items
        elif spec.kind is spec.VAR_KEYWORD:
            kwargs.update(thing.items)
        elif spec.kind is spec.KEYWORD_ONLY:
            kwargs[key] = thing
        else:
            args.append(thing)
    try:
        result = body(lifter, args, kwargs)
    except Refused as error:
        collector.raise_if_any()
        raise CannotDifferentiate(Refusal(error.message, remedy=error.remedy)) from None
    collector.raise_if_any()
    lifter.watch_sharing()
    lifter.watches += lengths().watches()
    block.ops[:0] = lifter.prelude
    hand_on(block)
    func = Func(name, [p.value for p in params.values()], block, dict(lifter.refs))
    func.callees = pairs.functions() if pairs is not None else []
    behaviour = behaviour_of(block, func.callees, lifter, sample.values())
    return Reading(func, params, result, lifter.watches, specialise, behaviour)


def parameter(lifter: Lifter, name: str, obj: Any, at: int, specialised: bool) -> tuple[Value, Abstract]:
    """The run-time value of a parameter, and what it stands for."""
    if isinstance(obj, General):
        value = Value(name, replace(UNKNOWN, length=Sym(("shape", name))))
        lifter.own_foreign(value, obj, operator.itemgetter(at))
        return value, value
    kind = lengths().kind(obj, name, operator.itemgetter(at))
    if isinstance(kind, Num) and kind.dtype.startswith("complex"):
        raise CannotDifferentiate(Refusal(f"argument `{name}` is complex: complex numbers are not supported yet",
                                          remedy="pass its real and imaginary parts"))
    value = Value(name, kind)
    lifter.own_foreign(value, obj, operator.itemgetter(at))
    lifter.note_lengths(value)
    if obj is None or isinstance(obj, (bool, str, bytes, type, np.bool_)) or specialised:
        return value, Const(obj)
    if isinstance(obj, int):
        lifter.specialisable.add(value)
        lifter.derived[value] = frozenset([value])
        return value, value
    if isinstance(kind, Obj):
        return value, _open(lifter, obj, value, at)
    return value, value


def _open(lifter: Lifter, obj: Any, value: Value, at: int) -> Abstract:
    """Containers are opened into their parts; functions are known; other objects give their attributes."""
    if is_code(obj):
        return Const(obj)

    get = operator.itemgetter(at)
    before = len(lifter.watches)
    thing = lifter.open(obj, value, get)
    if not isinstance(thing, (Instance, Object)):       # the kinds of a container's parts are part of the key
        lifter.watches[before:] = [w for w in lifter.watches[before:] if w.exact]
    return thing

