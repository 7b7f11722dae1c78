"""Tangents and cotangents that are given inside a function that is read must fit what they belong to.

>>> names = Names("jvp", "tangents[0]", "primals[0]", "a tangent", "its argument")
>>> check_alike(Tuple([]), Const(1.0), names)
Traceback (most recent call last):
    ...
ad_compiler.errors.Refused: jvp: tangents[0] is a float, primals[0] a tuple
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Value
from ad_compiler.kinds import Dim, Num, may_be_one
from ad_compiler.read.abstract import (
    Abstract,
    Poison,
    Tuple,  # noqa: F401  (the doctest's)
    describe,
    flatten,
    is_real,
    same_structure,
)
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.restarts import Again
from ad_compiler.transforms.grad import length_text


class Names(NamedTuple):
    """In the words of the user's call: the transform, what is given, what for, and what each of them is."""

    transform: str
    given: str
    like: str
    a_given: str
    its_like: str


def check_alike(like: Abstract, given: Abstract, names: Names, *, compared: bool = False) -> None:
    """Refuse what is known not to have the structure and shapes of something.

    `compared`: the shapes were, by the call from Python; inside a function `compare_when_run` does that.
    """
    if isinstance(given, Poison):
        raise Refused(given.message, given.remedy)
    if not same_structure(like, given):
        raise Refused(f"{names.transform}: {names.given} is a {describe(given)}, {names.like} a {describe(like)}",
                      f"{names.a_given} has the structure of {names.its_like}")
    for x, dot in zip(flatten(like)[0], flatten(given)[0], strict=True):
        a, b = (atom.kind if isinstance(atom, Value) else None for atom in (x, dot))
        if not isinstance(a, Num) or not a.real:
            continue
        if isinstance(dot, Const) and isinstance(dot.value, (int, float)) and a.shape == ():
            continue
        if not isinstance(b, Num) or not b.real:
            raise Refused(f"{names.transform}: {names.given} holds a {describe(dot)}, where {names.like} has real "
                          "numbers", f"{names.a_given} is a float, or an array of floats")
        if a.is_array and a.dtype != b.dtype:
            raise Refused(f"{names.transform}: {names.given} is {b.dtype}, {names.like} {a.dtype}",
                          f"{names.a_given} has the dtype of {names.its_like}")
        if compared or a.shape is None or b.shape is None or a.shape == b.shape:
            continue
        if len(a.shape) == len(b.shape):
            lengths().ask(a.shape, b.shape)
            if lengths().again:
                raise Again
        if len(a.shape) != len(b.shape) or any(map(differ, a.shape, b.shape)):
            shapes = [", ".join(map(length_text, shape)) for shape in (b.shape, a.shape)]
            raise Refused(f"{names.transform}: {names.given} has the shape ({shapes[0]}), {names.like} ({shapes[1]})",
                          f"{names.a_given} has the shape of {names.its_like}")


def differ(a: Dim, b: Dim) -> bool:
    """Are two lengths known not to be the same?"""
    if isinstance(a, int) and isinstance(b, int):
        return a != b
    return a == 1 and not may_be_one(b) or b == 1 and not may_be_one(a)


def numpys_dtype(atom: Atom) -> str:
    """The dtype of a number or array of NumPy's; nothing of a Python number."""
    if isinstance(atom, Const):
        return str(atom.value.dtype) if isinstance(atom.value, (np.generic, np.ndarray)) else ""
    return atom.kind.dtype if isinstance(atom.kind, Num) and atom.kind.form in ("np", "array") else ""


def cotangents(like: Abstract, given: Abstract, name: str, widened: bool = False) -> list[Atom]:
    """The cotangents for the real numbers and arrays of an output; refuses what does not fit.

    `widened`: what is said to be of double precision may be of single precision when it runs.
    """
    check_alike(like, given, Names("vjp", "the cotangent", "the output", "a cotangent", f"what `{name}` returns"))
    for x, bar in zip(flatten(like)[0], flatten(given)[0], strict=True):
        dtypes = {dtype for dtype in map(numpys_dtype, (x, bar)) if dtype}
        if is_real(x) and len(dtypes) > 1:
            raise Refused(f"vjp: the cotangent and the output of `{name}` are {' and '.join(sorted(dtypes))}",
                          "a cotangent has the dtype of what it belongs to")
        if widened and is_real(x) and x is not bar and numpys_dtype(x) == numpys_dtype(bar) == "float64":
            raise Refused("it is not known before the program runs whether the cotangent has the dtype of the output: "
                          "one may come of numbers of several", "begin with a number of it: `np.float32(0.0)`")
    return [bar for x, bar in zip(flatten(like)[0], flatten(given)[0], strict=True) if is_real(x)]


def tangents(likes: list[Abstract], given: list[Abstract], transform: str) -> list[Atom]:
    """The tangents of the real numbers and arrays of arguments; refuses what does not fit."""
    if len(likes) != len(given):
        raise Refused(f"{transform}: {len(given)} tangents are given, of {len(likes)} arguments")
    for at, (like, dot) in enumerate(zip(likes, given, strict=True)):
        check_alike(like, dot, Names(transform, f"tangents[{at}]", f"primals[{at}]", "a tangent", "its argument"))
    return [dot for like, thing in zip(likes, given, strict=True)
            for x, dot in zip(flatten(like)[0], flatten(thing)[0], strict=True) if is_real(x)]


def compare_when_run(lifter: Lifter, like: Abstract, given: Abstract) -> None:
    """Lengths that are not known to be equal are compared when the program runs."""
    for x, dot in zip(flatten(like)[0], flatten(given)[0], strict=False):
        a, b = (atom.kind if isinstance(atom, Value) else None for atom in (x, dot))
        if not isinstance(a, Num) or not isinstance(b, Num) or not a.real or x is dot:
            continue
        if a.shape is None or b.shape is None:
            lifter.emit(runtime.check_shapes, (x, dot), {}, [], effect=True)
            continue
        for axis, (p, q) in enumerate(zip(a.shape or (), b.shape or (), strict=False)):
            if p != q:
                lifter.emit(runtime.check_lengths, (x, Const(axis), dot, Const(axis)), {}, [], effect=True)
