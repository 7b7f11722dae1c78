"""Programs out of a table of snippets, and what is made of each: its value and slope, or why there is none."""

import bisect
import collections
import contextlib
import copy
import dataclasses
import enum
import functools
import heapq
import itertools
import json
import math
import numbers
import operator
import queue
import random
import statistics
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.numba.drawn import function_of
from tests.semantics import classes
from tests.semantics.builtin_functions import FUNCTIONS
from tests.semantics.language import LANGUAGE

STEP, POINT = 1e-6, 1.25


class Plain:
    gain = 2.0

    def __init__(self, w):
        self.w = w

    def act(self):
        return self.w * self.w


class Child(Plain):
    def act(self):
        return super().act() * 3.0


class Called(Plain):
    def __call__(self, x):
        return self.w * x


class Sized(Plain):
    def __len__(self):
        return 4


class Computed(Plain):
    @property
    def twice(self):
        return 2.0 * self.w


class Tripled:
    def __get__(self, obj, owner=None):
        return obj.raw * 3.0

    def __set__(self, obj, value):
        obj.raw = value * 10.0


class Clipped:
    w = Tripled()

    def __init__(self, w):
        self.raw = w


class Managed(Plain):
    def __enter__(self):
        return self.w * 2.0

    def __exit__(self, *error):
        pass


@dataclass(frozen=True)
class Frozen:
    k: float
    twice: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "twice", 2.0 * self.k)


class Pair(NamedTuple):
    a: float
    b: float


class Kind(enum.Enum):
    A = 1
    B = 2


WORLD = {module.__name__: module for module in (
    bisect, collections, contextlib, copy, functools, heapq, itertools, json, math, numbers, operator, queue, random,
    statistics)} | {cls.__name__: cls for cls in (
        Plain, Child, Called, Sized, Computed, Clipped, Managed, Frozen, Pair, Kind)} | {
            name: thing for name, thing in vars(classes).items() if isinstance(thing, type)} | {
                "dataclasses": dataclasses}


def snippets(table: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each snippet of a table with its name: the lines of one that has several end with `return`, or at a blank line."""
    for name, text in table.items():
        if "\n\n" in text:
            for count, snippet in enumerate(textwrap.dedent(text[1:]).split("\n\n")):
                yield f"{name} {count}", snippet
            continue
        lines: list[str] = []
        count = 0
        for line in text.split("\n")[1:]:
            lines.append(line[8:])
            whole = len(lines) == 1 and not line.strip().endswith(":") and not is_first(line)
            if whole or line[8:].startswith("return ") or "; return " in line or ": return " in line:
                yield f"{name} {count}", "\n".join(lines)
                lines, count = [], count + 1
        assert not lines, f"no end: {lines}"


def is_first(line: str) -> bool:
    """Is this the first line of several?"""
    word = line.strip()
    return word.startswith(("for ", "def ", "with ")) or " = " in word.partition("(")[0] and "; " not in word


def function(name: str, snippet: str) -> Any:
    """The function of a number that a snippet is in."""
    lines = snippet.split("\n")
    *before, last = [part for line in lines for part in (whole_or_parts(line) if len(lines) == 1 else [line])]
    last = last if last.startswith(("return ", "with ")) else f"return {last}"
    head = ["v = [x, -2.0 * x, 0.5]", "a = np.array([x, -2.0 * x, 0.5])"]
    body = [*(line for line in head if uses(snippet, line[0])), *before, last]
    text = "def f(x):\n" + "".join(f"    {line}\n" for line in body)
    return function_of(text, f"<semantics {name}>", **WORLD)


def whole_or_parts(line: str) -> list[str]:
    """The statements of a line; a line under another one as it is."""
    return [line] if line.startswith(("for ", "with ", "def ")) else line.split("; ")


def uses(snippet: str, name: str) -> bool:
    """Does a snippet read this name?"""
    return any(part == name for part in "".join(c if c.isidentifier() or c.isdigit() else " " for c in snippet).split())


def outcome(f: Any, x: float) -> Any:
    """What Python makes of it: a value, or the type of the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return f(x)
        except Exception as error:  # noqa: BLE001  (whatever it is, the derivative has to raise it too)
            return type(error)


def compared(name: str, snippet: str, **options: Any) -> tuple[str, str]:
    """One word, and more about it: right, raises (as Python does), refused, wrong, crash."""
    f = function(name, snippet)
    right = outcome(f, POINT)
    if not isinstance(right, (type, int, float, np.number)):
        right = TypeError       # no number: refused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, slope = value_and_grad(f, check="off", **options)(POINT)
    except CannotDifferentiate as error:
        return "raises" if isinstance(right, type) else "refused", error.refusals[0].message
    except Exception as error:      # noqa: BLE001
        return ("raises", "") if type(error) is right else ("crash", f"{type(error).__name__}: {error}")
    if isinstance(right, type):
        return "wrong", f"{value}, {slope} where Python raises {right.__name__}"
    up, down = f(POINT + STEP), f(POINT - STEP)
    differences = (up - down) / (2.0 * STEP)
    if not value == right or not abs(slope - differences) < 1e-5 * max(1.0, abs(differences)):
        return "wrong", f"{value!r}, {slope!r}; right is {right!r}, {differences!r}"
    return "right", ""


ALL = dict(snippets(FUNCTIONS | LANGUAGE))
