"""Programs drawn from places, things and scenes; the world changes between two calls of a derivative, or several times.

>>> program = drawn(6)
>>> print(program.change)
C.K.pi = 3.0
>>> judged(program)[0]
'right'
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import copy
import dataclasses
import decimal
import functools
import itertools
import linecache
import math
import operator
import os
import random
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, grad, jvp, value_and_grad, vmap
from ad_compiler.library import MADE
from tests.numba.strict.interpreter import TOO_BIG
from tests.world import (
    by_hand,
    inside,
    nastier,
    places as places_,
    scenes as scenes_,
    special_methods,
    things as things_,
)
from tests.world.places import COMMON
from tests.world.things import SUBCLASSES

HEAD = """import abc, array, builtins, collections, contextlib, contextvars, copy, dataclasses, decimal, enum, fractions, functools
import importlib, itertools, math, operator, os, sys, threading, types, typing, unittest.mock, weakref
import numpy as np
from ad_compiler import custom_vjp, grad, no_grad, vmap
""" + SUBCLASSES

PLACES = {name: replace(spot, ways=spot.ways + nastier.WAYS.get(name, ()))
          for name, spot in {**places_.PLACES, **nastier.PLACES}.items()}
THINGS = {name: replace(thing, others=thing.others + nastier.OTHERS.get(name, ()),
                        changes=thing.changes + nastier.CHANGES.get(name, ())) for name, thing in things_.THINGS.items()}
BY_HAND = {**by_hand.SCENES, **inside.SCENES, **special_methods.SCENES}
SCENES = {**scenes_.SCENES, **nastier.SCENES, **BY_HAND}

WRAPPERS = {
    "function": "def f(x{more}):\n    return {sum}(u(x{more}))\n",
    "helper": "def g(y{more}):\n    return u(y{more})\ndef f(x{more}):\n    return {sum}(g(x{more}))\n",
    "method": "class Holder:\n    def f(self, x{more}):\n        return {sum}(u(x{more}))\nf = Holder().f\n",
    "closure": "def around():\n    def f(x{more}):\n        return {sum}(u(x{more}))\n    return f\nf = around()\n",
    "loop": "def f(x{more}):\n    s = 0.0\n    for _ in range(2):\n        s = s + {sum}(u(x{more}))\n    return s\n",
    "lambda": "f = lambda x{more}: {sum}(u(x{more}))\n",
    "derivative": "inner = grad(lambda x{more}: {sum}(u(x{more})))\ndef f(x{more}):\n    return {sum}(inner(x{more}))\n",
}

SEES_ALL = ("function", "helper", "loop", "lambda")
"""Those whose function is found by its name."""

STEP = 1e-5
array_of = np.array     # it is among what changes
MODULES = (dataclasses, np, np.linalg, np.random, math, builtins, functools, operator, itertools, copy, sys, os, warnings, collections,
           contextlib)

CLASSES = {base for cls in (*MADE, contextlib.ExitStack, contextlib.suppress, contextlib.closing)
           for base in cls.__mro__ if base.__flags__ & 1 << 9}


@dataclass(frozen=True)
class Program:
    """A module's text, what changes in turn, what the function is called with, and what is asked of it.

    `possible`: all the changes that there are for it.
    """

    name: str
    text: str
    changes: tuple[str, ...]
    args: str
    array: bool
    asked: str
    possible: tuple[str, ...]

    @property
    def change(self) -> str:
        """All that changes, as one text."""
        return "\n".join(self.changes)

    @property
    def x(self) -> Any:
        return array_of([1.25, 0.5]) if self.array else 1.25


def drawn(seed: int) -> Program:
    """The program of a number."""
    rng = random.Random(f"world {seed}")
    array = rng.random() < 0.4
    if rng.random() < 0.25:
        name = rng.choice(list(SCENES))
        scene = SCENES[name]
        text, ways, args = scene.text, (scene.changes,), scene.args
        params = text.partition("def u(x")[2].partition(")")[0] if args else ""
    else:
        name, text, ways, args, params = placed(rng)
    wrapper = rng.choice(list(WRAPPERS))
    asked = rng.choice(["value_and_grad"] * 4 + ["grad of grad", "jvp", "vmap"])
    end = WRAPPERS[wrapper].format(more=params, sum="np.add.reduce" if array else "")
    changes = tuple(rng.choice(rng.choice(ways)) for _ in range(rng.choice([1, 1, 1, 2, 3])))
    return Program(f"{name}, {wrapper}", f"{HEAD}# --\n{text}{end}", changes, args, array, asked,
                   tuple(change for each in ways for change in each))


def written(name: str, change: str) -> Program:
    """A scene as it stands, and one change of it."""
    scene = SCENES[name]
    params = scene.text.partition("def u(x")[2].partition(")")[0] if scene.args else ""
    end = WRAPPERS["function"].format(more=params, sum="")
    return Program(name, f"{HEAD}# --\n{scene.text}{end}", (change,), scene.args, False, "value_and_grad", scene.changes)


def placed(rng: random.Random) -> tuple[str, str, tuple[tuple[str, ...], ...], str, str]:
    """A thing in a place, and what may change: the thing where it stands, or what stands there."""
    where, what = rng.choice(list(PLACES)), rng.choice(list(THINGS))
    spot, thing = PLACES[where], THINGS[what]
    as_argument = bool(spot.root) and rng.random() < 0.3
    use = rng.choice(thing.uses).format(e=spot.read)
    text = spot.text if spot.whole else spot.text + COMMON
    args = spot.root if as_argument else ""
    params = f", {spot.root}" if as_argument else ""
    if as_argument:
        text = text.replace("def u(x):", f"def u(x{params}):")
    others = tuple(way.format(new=other.format(), old=thing.old.format()) for way in spot.ways for other in thing.others)
    inside = tuple(change.format(o=spot.path) for change in thing.changes)
    old = thing.old.format()
    return f"{what} in {where}", thing.before + text.format(old=old, use=use), (*filter(None, (others, inside)),), args, params


# -- the world -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def kept_world() -> Iterator[None]:
    """What modules and Python's own classes hold and the environment are put back at the end."""
    classes = [(cls, dict(vars(cls))) for cls in CLASSES]
    codes = [(thing, thing.__code__) for _, held in classes for thing in held.values() if hasattr(thing, "__code__")]
    before = [dict(vars(module)) for module in MODULES]
    environment, state, modules = dict(os.environ), np.geterr(), sys.modules.get("drawn_world")
    try:
        with decimal.localcontext():
            yield
    finally:
        for module, was in zip(MODULES, before, strict=True):
            space = vars(module)
            for name in [name for name in space if name not in was]:
                if not isinstance(space[name], types.ModuleType):      # imported when first asked for: that stays
                    del space[name]
            for name, thing in was.items():
                if space.get(name) is not thing:
                    space[name] = thing
        for cls, held in classes:
            for name in vars(cls).keys() | held:
                if name not in held:
                    delattr(cls, name)
                elif vars(cls).get(name) is not held[name]:
                    setattr(cls, name, held[name])
        for thing, code in codes:
            thing.__code__ = code
        os.environ.clear()
        os.environ.update(environment)
        np.seterr(**state)
        sys.modules.pop("drawn_world", None)
        if modules is not None:
            sys.modules["drawn_world"] = modules


_numbers = itertools.count()


def module_of(text: str) -> dict[str, Any]:
    """The namespace of a text, which can be read back."""
    module = sys.modules["drawn"] = types.ModuleType("drawn")       # dataclasses look for the module of a class
    run(text, vars(module))
    return vars(module)


def run(text: str, space: dict[str, Any]) -> None:
    """Run a text that can be read back."""
    name = f"<world {next(_numbers)}>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    exec(compile(text, name, "exec"), space)     # noqa: S102


Outcome = tuple[str, Any]


def outcome(call: Callable[[], Any]) -> Outcome:
    """What a call gives: a value, a refusal, an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "value", call()
        except CannotDifferentiate as error:
            return "refused", error.refusals[0].message if error.refusals else str(error)
        except AssertionError as error:
            return ("refused" if "this loop must run" in str(error) else "raises"), error
        except Exception as error:      # noqa: BLE001  (whatever it is)
            return ("refused" if str(error) == TOO_BIG else "raises"), error


def derivative(program: Program, space: dict[str, Any], **options: Any) -> Callable[[], Any]:
    """What is called: the derivative that is asked for, of the function as it is at first."""
    f, x = space["f"], program.x
    made: Any
    if program.asked == "jvp":
        dot = x * 0.0 + 1.0
        return lambda: jvp(lambda y: f(y, *given(program, space)), (x,), (dot,))
    if program.asked == "grad of grad":
        total = np.add.reduce if program.array else (lambda y: y)
        inner = grad(f, check="off", **options)
        made = value_and_grad(lambda y, *more: total(inner(y, *more)), check="off", **options)
    elif program.asked == "vmap":
        count = len(program.args.split(",")) if program.args else 0
        made = vmap(value_and_grad(f, check="off", **options), in_dims=(0, *[None] * count))
        x = array_of([x, x])
    else:
        made = value_and_grad(f, check="off", **options)
    return lambda: made(x, *given(program, space))


def given(program: Program, space: dict[str, Any]) -> Any:
    """The other arguments, as they are now."""
    return eval(f"({program.args},)", space) if program.args else ()      # noqa: S307


def truth(program: Program, space: dict[str, Any]) -> Outcome:
    """The value of the function as it is now, and differences of it; NaN where two steps do not agree."""
    x = program.x
    word, value = outcome(lambda: space["f"](x, *given(program, space)))
    coarse = getattr(value, "dtype", None) == np.float16        # no differences can be taken of it
    if word != "value" or coarse or not isinstance(value, (int, float, np.number)):
        return ("none", value) if word == "value" else (word, value)
    wide = STEP * (1e3 if single(program, value) else 1.0)
    slopes = []
    for at in (0, 1)[:1 + program.array]:
        word, slope = difference(program, space, at, wide)
        if word != "value":
            return word, slope
        _, other = difference(program, space, at, 2.0 * wide)
        slopes.append(slope if other is not None and close(slope, other, roughness(program, value)) else np.nan)
    return "value", (value, slopes)


def difference(program: Program, space: dict[str, Any], at: int, step: float) -> Outcome:
    """A slope of the function, by a step forwards and one backwards."""
    ends = []
    for each in (step, -step):
        moved = program.x
        if program.array:
            moved[at] += each
        else:
            moved += each
        word, end = outcome(lambda moved=moved: space["f"](moved, *given(program, space)))
        if word != "value" or not isinstance(end, (int, float, np.number)):
            return "none", end
        ends.append(end)
    return "value", (ends[0] - ends[1]) / (2.0 * step)


def single(program: Program, value: Any) -> bool:
    """Is this value of single precision, or was it on the way?"""
    return getattr(value, "dtype", None) == np.float32 or "float32" in program.text + program.change


def roughness(program: Program, value: Any) -> float:
    """How well the differences of a program can be told."""
    return 1e-4 * (200.0 if single(program, value) else 1.0)


# -- the verdict ---------------------------------------------------------------------------------------


def close(a: Any, b: Any, tolerance: float, size: float = 1.0) -> bool:
    """Numbers or arrays of one shape that agree, about as large as `size`; NaN agrees with NaN."""
    try:
        a, b = np.asarray(a, complex), np.asarray(b, complex)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and bool(np.allclose(a, b, tolerance, tolerance * size, equal_nan=True))


def fits(program: Program, found: Outcome, right: Outcome) -> bool:
    """Is what a derivative gave what the function says?"""
    if right[0] == "raises":
        return found[0] == "raises" and type(found[1]) is type(right[1])
    if found[0] != "value" or right[0] != "value":
        return False
    value, slope = found[1]
    wanted, slopes = right[1]
    if not close(value, wanted, 1e-6 if single(program, wanted) else 1e-9):
        return False
    if not np.all(np.isfinite(np.asarray(slopes, complex))):
        return True
    return close(np.ravel(slope), np.ravel(slopes), roughness(program, wanted), max(1.0, *(abs(s) for s in slopes)))


def like(a: Outcome, b: Outcome) -> bool:
    """Do two derivatives give the same?"""
    if a[0] != b[0]:
        return False
    if a[0] == "raises":
        return type(a[1]) is type(b[1])
    return a[0] == "refused" or all(
        type(p).__name__ == type(q).__name__ and close(p, q, 1e-9) for p, q in zip(a[1], b[1], strict=True))


def calls(program: Program, **options: Any) -> tuple[Outcome, Outcome, Outcome, Outcome]:
    """The first call, the last after the changes, that of a fresh derivative, and what the function itself says."""
    with kept_world():
        space = module_of(program.text)
        call = derivative(program, space, **options)
        second = first = outcome(call)
        for change in program.changes:
            try:
                run(change, space)
            except Exception as error:      # noqa: BLE001  (Python does not let this be changed)
                return first, ("impossible", error), first, first
            second = outcome(call)
        right = truth(program, space) if program.asked == "value_and_grad" else ("unknown", None)
    return first, second, fresh(program, **options), right


def fresh(program: Program, as_given: bool = False, **options: Any) -> Outcome:
    """What a derivative gives that is made after the change.

    The function is called before, as the derivative is; `as_given`: so are fresh derivatives, which leave alone what
    the function writes into.
    """
    with kept_world():
        space = module_of(program.text)

        def call() -> Outcome:
            return outcome(lambda: derivative(program, space, **options)() if as_given else
                           space["f"](program.x, *given(program, space)))
        call()
        for change in program.changes:
            try:
                run(change, space)
            except Exception as error:      # noqa: BLE001  (a call of the derivative made it possible)
                return "impossible", error
            call()
        return outcome(lambda: derivative(program, space, **options)())


def shown(found: Outcome) -> str:
    """What a call gave, on a line."""
    word, thing = found
    return f"{word}: {type(thing).__name__ if word == 'raises' else thing!r}".replace("\n", " ")


def without_beside(program: Program, anew: Outcome) -> Program | None:
    """A program without changes of functions of the library that it does not use, for which fresh ones are refused."""
    used = tuple(c for c in program.changes if c.partition(" =")[0].strip() in program.text)
    beside = anew[0] == "refused" and "own any more" in anew[1] and len(used) < len(program.changes)
    return replace(program, changes=used) if beside else None


def judged(program: Program, **options: Any) -> tuple[str, str]:
    """One word (right, refused, stale, wrong, crash, impossible), and more about it."""
    first, second, anew, right = calls(program, **options)
    more = f"first {first[1]!r:.300}\nsecond {second[1]!r:.300}\nfresh {anew[1]!r:.300}\nright {right[1]!r:.300}"
    if "impossible" in (second[0], anew[0]):
        return "impossible", ""
    if second[0] == "refused":
        return "refused" if anew[0] == "refused" or first[0] == "refused" else "refused later", more
    if fits(program, second, right) or like(second, anew) and (
            program.asked != "value_and_grad" or right[0] == "none"):
        return "right", more
    rest = without_beside(program, anew)
    if rest is not None and like(second, fresh(rest, **options)):
        return "right", more
    if second[0] == "raises" and anew[0] == "refused" and "own any more" in anew[1]:     # NumPy does not work either
        return "refused", more
    if anew[0] == "value" and right[0] != "value" and like(second, fresh(program, as_given=True, **options)):
        return "right", more
    if like(second, anew):
        return "wrong" if second[0] == "value" else "crash", more
    return "stale", more
