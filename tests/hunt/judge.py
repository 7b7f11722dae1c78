"""Is what the compiler makes of a program right?  Python, and differences of the program itself, are the judges."""

from __future__ import annotations

import ast
import copy
import itertools
import linecache
import re
import sys
import threading
import traceback
import types
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.aliasing.check import TooLong, time_limit
from tests.fd import assert_kind, assert_same, assert_value, leaves, rebuild, same
from tests.hunt.given import FORMS, PLAIN, Form, plain_arguments
from tests.hunt.others import case_of, unlike

RIGHT, ROUNDED, ROUGH, RAISES, REFUSED = FINE = ("right", "rounded", "rough", "raises", "refused")
WRONG, INTERNAL, HANG = BAD = ("wrong", "internal", "hang")
SECONDS = 10.0          # for the derivative of one program
COMPILED = 120.0        # where Numba compiles it
ENDLESS = 0.3           # for the program itself
POINTS = 4              # that are tried where there is a kink
LARGEST = 1e4           # of larger values differences tell too little
NUMBERS = (0, 1, 2, 3, 4)
WRITERS = {"put", "putmask", "place", "put_along_axis", "fill_diagonal", "copyto", "at", "fill"}


class Verdict(NamedTuple):
    """`kind` is one of `FINE` or `BAD`; `sort` says what is wrong, without names and numbers."""

    kind: str
    sort: str = ""
    detail: str = ""


class Held:
    """Makes constants of what is computed under `no_grad`: the values of the first run are given in later ones."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.at: int | None = None

    def __call__(self, value: Any) -> Any:
        if self.at is None:
            self.values.append(copy.deepcopy(value))
            return value
        self.at += 1
        if self.at > len(self.values) or np.shape(self.values[self.at - 1]) != np.shape(value):
            return value * np.nan      # it goes another way here
        return copy.deepcopy(self.values[self.at - 1])


class Holding(ast.NodeTransformer):
    """What a block under `no_grad` computes is held."""

    def visit_With(self, node: ast.With) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.items[0]) in ("no_grad()", "no_grad"):
            for one in (inner for each in node.body for inner in ast.walk(each)):
                if isinstance(one, ast.Assign) and not isinstance(one.value, ast.Name):
                    one.value = ast.Call(ast.Name("held", ast.Load()), [one.value], [])
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list = [ast.Name("holding", ast.Load()) if ast.unparse(one) == "no_grad" else one
                               for one in node.decorator_list]
        return node


def module(name: str) -> dict[str, Any]:
    """The names of a new module."""
    sys.modules[name] = types.ModuleType(name)
    return vars(sys.modules[name])


class Program:
    """A module's text, as functions of arguments: the program itself, and the one to be differentiated."""

    def __init__(self, text: str, name: str = "<hunt>") -> None:
        self.text, tree = text, ast.parse(text)
        world = ast.Module([one for one in tree.body if isinstance(one, ast.Assign)], [])
        linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
        self.world = compile(world, name, "exec")
        self.held = Held()
        self.space, self.mirror = module("hunted"), module("hunted_mirror")
        exec(compile(text, name, "exec"), self.space)       # noqa: S102
        code = compile(ast.fix_missing_locations(Holding().visit(ast.parse(text))), name, "exec")
        self.mirror["holding"] = self.holding
        exec(code, self.mirror)     # noqa: S102
        self.mirror |= {"held": self.held, "stop_gradient": self.held}
        self.length, self.rounds = self.space["LENGTH"], 1e-2 if "float32" in text else 0.0
        self.fixed = {key: self.mirror[key] for key in ("deeper",) if key in self.mirror}

    def holding(self, function: Any) -> Any:
        """What a function under `no_grad` returns is held."""
        return lambda *args: self.held(function(*args))

    def run(self, args: tuple[Any, ...], changed: bool, again: bool = False) -> Any:
        """The value by Python, in a world as it is at first; `again`: what was held is given once more."""
        self.mirror.update(self.fixed)
        exec(self.world, self.mirror)       # noqa: S102
        if changed:
            self.mirror["change"]()
        self.held.at = 0 if again else None
        if not again:
            self.held.values = []
        return self.mirror["f"](*args)

    def state(self, space: dict[str, Any]) -> dict[str, Any]:
        """What lies outside of the function."""
        return {key: told(value) for key, value in space.items()
                if key.isupper() and not key.startswith("_") or key in ("x", "y", "p", "k")}


def told(thing: Any) -> Any:
    """An object by its attributes."""
    if isinstance(thing, dict):
        return {key: told(value) for key, value in thing.items()}
    return {key: told(value) for key, value in vars(thing).items()} if hasattr(thing, "log") else copy.deepcopy(thing)


def moved(args: tuple[Any, ...], along: list[Any], step: float) -> tuple[Any, ...]:
    """Fresh arguments, moved along a direction."""
    parts = [x + step * d for x, d in zip(leaves(list(args[:5])), along, strict=True)]
    return *rebuild(list(args[:5]), parts), args[5]


def location(error: BaseException) -> str:
    """The innermost place in the compiler."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ad_compiler" in frame.filename and "hunt" not in frame.filename:
            return f"{Path(frame.filename).name}:{frame.name}"
    return "the text"


def general(message: str) -> str:
    """A message without names and numbers."""
    return re.sub(r"`[^`]*`|'[^']*'|\d+(\.\d+)?(e-?\d+)?", "…", message.splitlines()[0] if message else "")[:120]


def slopes(program: Program, args: tuple[Any, ...], changed: bool, along: list[Any]) -> float | None:
    """The slope along a direction; None where differences do not tell."""
    def at(step: float) -> float:
        return float(program.run(moved(args, along, step), changed, again=True))
    try:
        found = [(8.0 * (at(h) - at(-h)) - at(2.0 * h) + at(-2.0 * h)) / (12.0 * h) for h in (1e-4, 2e-5)]
        middle = at(0.0)
        bends = [abs(at(h) - 2.0 * middle + at(-h)) / h for h in (2e-5, 1e-6)]
    except Exception:       # noqa: BLE001  (the program raises nearby)
        return None
    steady = abs(found[0] - found[1]) <= 1e-6 * (1.0 + abs(found[1])) and bends[0] <= 1e-2 * (1.0 + abs(found[1]))
    return found[1] if steady and bends[1] <= 1e-3 * (1.0 + abs(found[1])) else None


def overflows(program: Program, args: tuple[Any, ...], changed: bool) -> bool:
    """Is there an infinite number on the way, by which a cotangent is multiplied, though the value is finite?"""
    try:
        with np.errstate(over="raise"):
            program.run(copy.deepcopy(args), changed)
    except FloatingPointError:
        return True
    return False


def outcome(func: Any, args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    """What a call gives, or raises."""
    try:
        return func(*args), None
    except Exception as error:      # noqa: BLE001  (a program may raise anything)
        return None, error


def is_store(text: str, error: BaseException) -> bool:
    """Was an error raised by a statement that writes into an array, and does nothing else?"""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<hunt>"]
    for node in ast.walk(ast.parse(text)) if lines else ():
        if not isinstance(node, ast.stmt) or not node.lineno <= (lines[-1] or 0) <= (node.end_lineno or 0):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        called = getattr(getattr(node, "value", None), "func", None)
        if any(isinstance(one, ast.Subscript) for one in targets) and not isinstance(node, (ast.For, ast.While)):
            return True
        if isinstance(node, ast.Expr) and isinstance(called, ast.Attribute) and called.attr in WRITERS:
            return True
    return False


def of_a_whole_number(program: Program, args: tuple[Any, ...], changed: bool) -> bool:
    """Does the program, run by Python, ask `vjp` or `jvp` for what belongs to an integer, a sum of nothing?"""
    seen: list[bool] = []

    def noting(transform: Any) -> Any:
        def noted(function: Any, *given: Any) -> Any:
            seen.append(any(type(one) is int for each in given for one in (each if type(each) is tuple else (each,))))
            return transform(function, *given)
        return noted
    own = {name: program.mirror[name] for name in ("vjp", "jvp") if name in program.mirror}
    program.mirror |= {name: noting(transform) for name, transform in own.items()}
    outcome(lambda *a: program.run(a, changed), copy.deepcopy(args))
    program.mirror |= own
    return any(seen)


def raised(got: Exception | None, want: Exception | None, text: str = "") -> Verdict | None:
    """The verdict where one of both raises; what LIMITATIONS says that a derivative does not raise has its own kind."""
    if isinstance(got, CannotDifferentiate):
        if want is not None:
            return Verdict(RAISES, "refused")
        return Verdict(REFUSED, general(got.refusals[0].message), str(got))
    if want is not None:
        if got is None and isinstance(want, (IndexError, ValueError)) and is_store(text, want):
            return Verdict(ROUGH, "a store that does not fit, into what is not needed")
        if got is None and isinstance(want, OverflowError) and "out of bounds for" in str(want):
            return Verdict(ROUGH, "an integer that a small type does not hold, where nothing needs it")
        if got is None and isinstance(want, CannotDifferentiate):
            return Verdict(ROUGH, "a derivative inside, of what is an integer in Python's own run")
        if got is None:
            return Verdict(WRONG, f"no {type(want).__name__}", f"Python raises {want!r}")
        if type(got) is type(want) or isinstance(got, type(want)):
            return Verdict(RAISES, type(want).__name__)
        return Verdict(INTERNAL, f"{type(got).__name__} for {type(want).__name__}: {general(str(got))} in {location(got)}",
                       f"{got!r} for {want!r}")
    if got is not None:
        return Verdict(INTERNAL, f"{type(got).__name__}: {general(str(got))} in {location(got)}", repr(got))
    return None


def at_point(program: Program, derivative: Any, seed: int, changed: bool, of: type | None, form: Form = PLAIN) -> Verdict:
    """The verdict at one point; `of`: the type that the value may have instead."""
    args = form.values(plain_arguments(seed, program.length))
    value, fault = outcome(lambda *a: program.run(form.lay(a), changed), copy.deepcopy(args))
    if fault is None and not (np.ndim(value) == 0 and np.isfinite(value) and abs(value) < LARGEST):
        return Verdict(ROUGH, "large")
    before, given = program.state(program.space), form.lay(copy.deepcopy(args))
    got, error = outcome(derivative, given)
    verdict = raised(error, fault, program.text)
    if verdict is not None and verdict.kind == WRONG and isinstance(fault, TypeError) and of_a_whole_number(
            program, form.lay(args), changed):
        return Verdict(ROUGH, "a derivative inside, of what is an integer in Python's own run")
    if verdict is not None:
        return verdict
    try:
        assert_same("arguments", given, form.lay(copy.deepcopy(args)))
        assert_same("the world", program.state(program.space), before)
        assert_same("a second call", derivative(*form.lay(copy.deepcopy(args))), got)
        if form.rounds > 1e-4 and np.isclose(got[0], value, rtol=1e-4, atol=1e-5):      # summed in another order
            assert_kind(*((got[0], value) if of is None else (of(got[0]), of(value))))
        else:
            assert_value(got[0] if of is None else of(got[0]), value if of is None else of(value))
        for g, x in zip(leaves(list(got[1])), leaves(list(given[:5])), strict=True):
            assert_kind(g, x)
    except AssertionError as wrong:
        return Verdict(WRONG, general(str(wrong)), str(wrong))
    if form is not PLAIN:
        apart, _ = outcome(lambda *a: program.run(a, changed, again=True), copy.deepcopy(args))
        if not (apart is not None and abs(float(apart) - float(value)) <= form.rounds * (1.0 + abs(float(value)))):
            return Verdict(ROUGH if not form.shared else WRONG, "one memory", f"{value!r}, and apart {apart!r}")
    bars, rounds = leaves(list(got[1])), max(form.rounds, program.rounds)
    rng = np.random.default_rng(seed)
    for _ in range(2):
        along = [rng.normal(size=np.shape(x)) for x in leaves(list(args[:5]))]
        want = slopes(program, args, changed, along)
        if want is None:
            return Verdict(ROUGH, "kink")
        found = sum(float(np.sum(bar * d)) for bar, d in zip(bars, along, strict=True))
        if not np.isfinite(found) and overflows(program, args, changed):
            return Verdict(ROUGH, "an infinite number is met")
        size = 1.0 + abs(want) if rounds < 1e-4 else 1.0 + sum(float(np.sum(np.abs(bar * d))) for bar, d in zip(
            bars, along, strict=True))
        if not abs(found - want) <= rounds * size:
            return Verdict(WRONG, "gradient", f"the slope is {found!r}, differences say {want!r}")
    return Verdict(RIGHT) if same(got[0], value) else Verdict(ROUNDED, "", f"{got[0]!r}, not {value!r}")


def in_threads(derivative: Any, args: tuple[Any, ...]) -> Verdict | None:
    """Two threads that make and call a derivative at once agree."""
    found: list[Any] = [None, None]

    def call(number: int) -> None:
        found[number] = outcome(derivative, copy.deepcopy(args))
    threads = [threading.Thread(target=call, args=(number,)) for number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (one, fault), (other, also) = found
    if type(fault) is not type(also) or fault is None and not same(one, other):
        return Verdict(WRONG, "threads", f"{one!r} {fault!r}, and {other!r} {also!r}")
    return None


def judged(program: Program, seed: int, *, backend: str = "numpy") -> Verdict:
    """The verdict on a program: at a point, and after the world has changed."""
    derivative = value_and_grad(program.space["f"], NUMBERS, backend=backend)
    if seed % 40 == 7:
        apart = in_threads(derivative, plain_arguments(seed, program.length))
        if apart is not None:
            return apart
    verdicts = []
    for changed in (False, True):
        if changed:
            program.space["change"]()
        for point in range(POINTS):
            of = float if backend == "numba" else None
            verdict = at_point(program, derivative, seed + 1000 * point, changed, of)
            if verdict.kind != ROUGH:
                break
        if verdict.kind in BAD:
            return verdict._replace(sort=verdict.sort + (" (changed)" if changed else ""))
        verdicts.append(verdict)
        if verdict.kind == REFUSED:
            break
        if not changed and seed % 3 == 1:
            name = list(FORMS)[seed // 3 % len(FORMS)]
            verdict = at_point(program, derivative, seed + 1000 * point, changed, of, FORMS[name])
            if verdict.kind in BAD:
                return verdict._replace(sort=f"{verdict.sort} ({name})")
    return verdicts[0]


def transformed(program: Program, seed: int) -> Verdict:
    """The verdict on the other transforms of a program whose gradient is right, in the world as it is at first."""
    args = tuple(plain_arguments(number, program.length) for number in (seed, seed + 1000))
    value, fault = outcome(lambda *a: program.run(a, False), copy.deepcopy(args[0]))
    if fault is not None or np.ndim(value) or not np.isfinite(value) or abs(value) > LARGEST:
        return Verdict(ROUGH, "large")
    rng = np.random.default_rng(seed)
    along = [rng.normal(size=np.shape(x)) for x in leaves(list(args[0][:5]))]
    slope = slopes(program, args[0], False, along)
    if slope is None:
        return Verdict(ROUGH, "kink")
    try:
        case = case_of(program, args, along, slope)
    except CannotDifferentiate as error:
        return Verdict(REFUSED, general(error.refusals[0].message), str(error))
    found = unlike(case, lambda: program.state(program.space))
    if found is None:
        return Verdict(RIGHT)
    name, error = found
    if isinstance(error, AssertionError):
        return Verdict(WRONG, name, f"{name}: {error}")
    return Verdict(INTERNAL, f"{name}: {type(error).__name__}: {general(str(error))} in {location(error)}", repr(error))


def verdict(text: str, seed: int, *, backend: str = "numpy", seconds: float = SECONDS, others: bool = False) -> Verdict:
    """The verdict on a program; one that takes longer than that hangs.  `others`: on its other transforms instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = Program(text)
        args = [plain_arguments(number, program.length) for number in ((seed, seed + 1000) if others else (seed,))]
        try:
            with time_limit(ENDLESS):
                for changed, one in itertools.product((False, True), args):
                    outcome(lambda *a: program.run(a, changed), copy.deepcopy(one))     # noqa: B023
        except TooLong:
            return Verdict(ROUGH, "endless")
        try:
            with time_limit(seconds):
                return transformed(program, seed) if others else judged(program, seed, backend=backend)
        except TooLong:
            return Verdict(HANG)
