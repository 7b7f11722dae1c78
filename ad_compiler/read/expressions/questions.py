"""What a program asks of a thing: its type, whether it is another; `read.values` tells what each kind answers.

A question has three answers, and no default:

- known: a `Const`;
- left to the run: a `Value`;
- refused: `Refused` is raised, where neither can be told.

>>> from ad_compiler.kinds import BOOL, FLOAT
>>> type_of(Value("x", FLOAT)), type_of(Tuple([])), type_of(Const(1))
(<class 'float'>, <class 'tuple'>, <class 'int'>)
>>> type_of(Value("x", Num("float64", None, "any")))
Traceback (most recent call last):
    ...
ad_compiler.errors.Refused: it is not known here of which type this number or array is
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num, Obj, Seq
from ad_compiler.read.abstract import (
    Abstract,
    Choice,
    Closure,
    Generator,
    Instance,
    Memory,
    Reversed,
    Tuple,
    Zip,
    describe,
    type_of,
    type_of_value,
)
from ad_compiler.read.library.told import stands_for
from ad_compiler.read.memory.places import related
from ad_compiler.watch import Answer, Itself, One, Same, Watch

Reply = Const | Value
"""Known, or left to the run; what is neither raises `Refused`."""

ONLY_ONE = (bool, type(None), type(Ellipsis), type(NotImplemented))
"""Types of which each object stands for itself alone: equal ones are one."""
MAY_BE_ITSELF = frozenset({"asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "atleast_1d", "atleast_2d",
                           "atleast_3d", "require", "astype", "array", "identity", "squeeze", "conj", "broadcast_to"})
"""Functions that hand on the very array that they are given, where nothing is to be changed."""
SMALL = range(-5, 257)
"""Integers of which Python keeps one object each."""


def ask_type(lifter: Any, thing: Abstract) -> Reply | Choice:
    """`type(thing)`."""
    if isinstance(thing, Value) and isinstance(thing.kind, Obj):
        return lifter.opaque_calls.later(type, thing)
    if isinstance(thing, (Generator, Zip, Reversed)):
        raise Refused(f"it is not known here of which type this {describe(thing)} is", "make a list of it first")
    if isinstance(thing, Value):
        lifter.expressions.only_number(thing)
    if isinstance(thing, Value) and thing in lifter.numbers.chosen:
        test, *types = lifter.numbers.chosen[thing]
        if all(len(each) == 1 for each in types):
            return Choice(test, *(Const(*each) for each in types))
    return Const(type_of(thing, lifter.numbers.mixed))


def ask_isinstance(lifter: Any, thing: Abstract, classes: Any) -> Reply:
    """`isinstance(thing, classes)`."""
    if isinstance(classes, type):
        classes = stands_for(classes)       # the prelude asks for its own
    if not lifter.watching and isinstance(thing, Value):
        number = isinstance(thing.kind, Num) and thing.kind.form == "py"
        if number or isinstance(thing.kind, Seq):
            return Const(False)     # rules ask whether a number, or the length of a list, is known
    if isinstance(thing, Value) and isinstance(thing.kind, Obj):
        return lifter.opaque_calls.later(isinstance, thing, Const(classes))
    if isinstance(thing, Value):
        lifter.expressions.only_number(thing)
    try:
        if isinstance(thing, Instance):
            return Const(_is_instance(lifter, thing, classes))
        if isinstance(thing, Value) and thing in lifter.numbers.chosen:     # of another type in each arm of a branch
            test, *types = lifter.numbers.chosen[thing]
            answers = [Const(_all_the_same(thing, each, classes)) for each in types]
            found: Reply = answers[0] if answers[0].value is answers[1].value else \
                lifter.branches.choose(test, lambda: answers[0], lambda: answers[1])
            return found
        if isinstance(thing, Value) and (thing in lifter.numbers.mixed or getattr(thing.kind, "form", "") == "any"):
            return Const(_all_the_same(thing, types_of(lifter, thing), classes))
        return Const(lifter.asks.is_subclass(type_of(thing, lifter.numbers.mixed), classes))
    except TypeError as error:
        raise Refused(f"it is not known here what isinstance gives: {error}", "name the classes") from None


def _is_instance(lifter: Any, thing: Instance, classes: Any) -> bool:
    """`isinstance`, of an object that is there: its metaclass, and those of the classes, may say what they like."""
    each = classes if isinstance(classes, tuple) else (classes,)
    if all(type(cls) is type for cls in each):
        return bool(lifter.asks.is_subclass(thing.cls, classes))
    seen = isinstance(thing.sample, classes)
    lifter.asks.ask(Answer(isinstance, (thing.get, Itself(classes))), None, seen)
    return seen


ANY_NUMBER: frozenset[type] = frozenset({float, int, bool, np.float64, np.int64, np.bool_})


def types_of(lifter: Any, *atoms: Any) -> frozenset[type]:
    """The types that a number may have that is one of these."""
    found: set[type] = set()
    for atom in atoms:
        if isinstance(atom, Const):
            found.add(type(atom.value))
        elif atom in lifter.numbers.mixed:
            found |= lifter.numbers.mixed[atom]
        else:
            known = type_of_value(atom)
            found |= {*ANY_NUMBER, np.ndarray} if known is None else {known}
    return frozenset(found)


def _all_the_same(value: Value, types: frozenset[type], classes: Any) -> bool:
    """Of a number that may be of several types: what is so for all of them."""
    given = {issubclass(cls, classes) for cls in types}
    if len(given) == 2:
        raise Refused(f"it is not known here of which type this {describe(value)} is",
                      "make it of one type before, `float(…)`")
    return given.pop()


# -- identity --------------------------------------------------------------------------------------------------


def is_one(lifter: Any, left: Abstract, right: Abstract) -> Reply:
    """`left is right`."""
    if left is right:
        return Const(True)
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(_one_constant(left.value, right.value))
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Choice):
            found: Reply = lifter.branches.choose(
                one.test, lambda one=one, other=other: is_one(lifter, one.then, other),
                lambda one=one, other=other: is_one(lifter, one.orelse, other))
            return found
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const):
            return _against_constant(lifter, one.value, other)
    return _two(lifter, left, right)


def _one_constant(a: Any, b: Any) -> bool:
    if a is b and not isinstance(a, (int, float, str, bytes, tuple, slice)):
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, ONLY_ONE) or type(a) is int and (a in SMALL and b in SMALL or a != b):
        return bool(a == b)
    if isinstance(a, (int, float, str, bytes, tuple, slice)) and type(a).__module__ == "builtins" and a == b:
        raise Refused(f"whether {a!r} is one object with another that is equal is Python's own affair",
                      "compare with `==`")
    return a is b


def _against_constant(lifter: Any, known: Any, thing: Abstract) -> Reply:
    if isinstance(thing, Value):
        if isinstance(thing.kind, Obj):
            found: Value = lifter.apply(operator.is_, [thing, Const(known)])
            return found
        if isinstance(thing.kind, Num) and isinstance(known, (bool, int, float, complex, np.generic, np.ndarray)):
            return _number(lifter, known, thing)
        if isinstance(thing.kind, Num):
            return Const(False)
    if isinstance(thing, Instance) and isinstance(known, ONLY_ONE):
        return Const(False)
    if isinstance(thing, Instance):
        lifter.asks.watches.append(Watch(One(thing.get, Itself(known)), thing.sample is known, True))
        return Const(thing.sample is known)
    if isinstance(known, (tuple, list, dict, np.ndarray)) and isinstance(known, type_of(thing, lifter.numbers.mixed)):
        raise Refused(f"it is not known here whether this is the same {describe(thing)}", "compare what is in it")
    return Const(False)         # what the function makes is not what was there before


def _number(lifter: Any, known: Any, value: Any) -> Reply:
    """A number of the run against one that is known."""
    form, mixed = value.kind.form, value in lifter.numbers.mixed
    if form != "any" and not mixed and type_of_value(value) is not type(known):
        return Const(False)
    if isinstance(known, bool) and form == "py" and not mixed:
        truth = lifter.expressions.truth_of(value)
        answer: Reply = truth if known else lifter.expressions.negated(truth)
        return answer
    raise Refused(f"it is not known here whether this number is the object {known!r}", "compare with `==`")


def _two(lifter: Any, left: Abstract, right: Abstract) -> Reply:
    """Two things of which neither is a constant."""
    if isinstance(left, Memory) and isinstance(right, Memory):
        one, other = left.foreign, right.foreign
        if one is not None and other is not None:
            return Const(_as_given(lifter, one, other))
        if not related(left, right):
            return Const(False)
    elif isinstance(left, Value) and isinstance(right, Value):
        if isinstance(left.kind, Obj) or isinstance(right.kind, Obj):
            found: Value = lifter.apply(operator.is_, [left, right])
            return found
        place, there = lifter.memory.places.get(left), lifter.memory.places.get(right)
        if (place is None) is not (there is None):
            return Const(False)
        if place is not None and there is not None:
            answer = _two_arrays(lifter, place, there)
            if answer is not None:
                return Const(answer)
        elif not any(side in lifter.numbers.mixed for side in (left, right)) \
                and type_of_value(left) is not type_of_value(right):
            return Const(False)
    elif not (isinstance(left, Tuple) and isinstance(right, Tuple)) and (
            any(isinstance(side, (Value, Memory, Tuple)) for side in (left, right))
            or isinstance(left, Closure) and isinstance(right, Closure)):
        return Const(False)
    raise Refused(f"it is not known here whether this is the same {describe(left)}", "compare what is in it")


def _as_given(lifter: Any, mine: Any, theirs: Any) -> bool:
    """Are two things one that were there before the call?  Those that are one in this call are looked at in each."""
    for each in dict.fromkeys((mine, theirs)):
        alike = [found.get for found in lifter.memory.foreign if found.sample is each.sample]
        if len(alike) > 1:
            lifter.asks.watches.append(Watch(Same(tuple((alike[0], get) for get in alike[1:])), True, True))
    same: bool = mine.sample is theirs.sample
    if not same:
        lifter.asks.watches.append(Watch(One(mine.get, theirs.get), False, True))
    return same


def _two_arrays(lifter: Any, one: Any, other: Any) -> bool | None:
    """Are these one array?  None where that is not known."""
    if one.cell is other.cell:
        if not one.chain and not other.chain:
            foreign = [f for f in lifter.memory.foreign if f.cell is one.cell]
            if len(foreign) > 1:        # two arguments that are one array in this call
                pairs = tuple((foreign[0].get, f.get) for f in foreign[1:])
                lifter.asks.watches.append(Watch(Same(pairs), True, True))
            return True
        steps = (*one.chain, *other.chain)
        anew = all(getattr(step.fn, "__name__", "") not in MAY_BE_ITSELF for step in steps)
        return False if anew and bool(one.chain) is not bool(other.chain) else None
    if one.chain or other.chain:
        return False if not related(one.cell, other.cell) else None
    mine, theirs = one.cell.foreign, other.cell.foreign
    if mine is not None and theirs is not None:
        return _as_given(lifter, mine, theirs)
    return None if related(one.cell, other.cell) else False
