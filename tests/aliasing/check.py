"""Is the gradient of a program right, refused or wrong?  Differences of the program itself are the judge."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import sys
import tempfile
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from ad_compiler import grad, pipeline, value_and_grad
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.ir import Func
from ad_compiler.passes import Pass, run_passes
from tests.aliasing.programs import Numbers, Program
from tests.fd import STEP, assert_kind, assert_same, same

RIGHT, ROUNDED, REFUSED, WRONG, CRASHED, DROPPED = KINDS = ("right", "rounded", "refused", "wrong", "crashed", "dropped")
SECONDS = 5.0           # of computing, for one program
RTOL = 1e-8             # truncation is below 1e-12, rounding about 1e-10
SMALLER = 8.0           # where a difference may have met a kink it is taken once more, with a step so much smaller


class Verdict(NamedTuple):
    """`rounded`: right, but the value differs from the program's in its last bits.

    `crashed`: any exception but a refusal.  `dropped`: the program itself raises, and its gradient does too.
    """

    kind: str
    detail: str = ""


class Wrong(Exception):
    """A gradient is not what it should be."""


class TooLong(BaseException):
    """The time for one program is over; no `except Exception` catches it."""


Maker = Callable[[Numbers], tuple[Any, ...]]
Transform = Callable[..., Callable[..., Any]]


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    def over(*_: object) -> None:
        raise TooLong
    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)      # again, where it came in a callback, which drops it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def loaded(program: Program, folder: str) -> Iterator[Callable[..., Any]]:
    """The program's function, from a file that `inspect` can read."""
    name = "aliasing_" + program.name.replace("-", "_")
    file = Path(folder) / f"{name}.py"
    file.write_text(program.text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        yield module.f
    finally:
        sys.modules.pop(name, None)
        file.unlink(missing_ok=True)


def slope(f: Callable[..., Any], make: Maker, numbers: Numbers, at: tuple[int, int], step: float) -> float:
    """The derivative with respect to one number: four values, a formula of fourth order."""
    def value(t: float) -> float:
        moved = [part.copy() for part in numbers]
        moved[at[0]].flat[at[1]] += t
        return float(f(*make(moved)))
    return (8.0 * (value(step) - value(-step)) - (value(2.0 * step) - value(-2.0 * step))) / (12.0 * step)


def compare(f: Callable[..., Any], make: Maker, numbers: Numbers, gradients: list[np.ndarray], scale: float) -> None:
    """Each derivative against differences; NaN is close to nothing."""
    for which, part in enumerate(numbers):
        for n in range(part.size):
            got = float(np.asarray(gradients[which], float).flat[n])
            for step in (STEP, STEP / SMALLER):
                want = slope(f, make, numbers, (which, n), step)
                if abs(got - want) <= scale * RTOL:
                    break
            else:
                raise Wrong(f"{'xvw'[which]}.flat[{n}]: got {got}, differences say {want}")


def examine(f: Callable[..., Any], derivatives: tuple[Callable[..., Any], ...], make: Maker, numbers: Numbers) -> Verdict:
    """All that can be checked at one point; raises where something is not right.

    The last derivative gives the value too; where there is another, that gives the gradient alone.
    """
    expected = f(*make(numbers))
    if not np.isfinite(expected):
        raise Wrong(f"the program is no good: its value is {expected}")
    given, untouched = make(numbers), make(numbers)
    *alone, both = derivatives
    try:
        value, also = both(*given)
        gradients = alone[0](*given) if alone else also
        again = alone[0](*given) if alone else both(*given)[1]
        assert_same("arguments after the calls", given, untouched)
        assert_same("a second call", again, gradients)
        assert abs(value - expected) <= 1e-14 * (1.0 + abs(expected)), f"the value is {value!r}, not {expected!r}"
        for g, x in zip((*gradients, *also), (*given, *given), strict=True):
            assert_kind(g, x)
    except AssertionError as error:
        if Path(traceback.extract_tb(error.__traceback__)[-1].filename).name not in ("fd.py", "check.py"):
            raise           # an assertion of the compiler
        raise Wrong(str(error)) from None
    arrays = [a for a in (*gradients, *given) if isinstance(a, np.ndarray)]
    if any(np.shares_memory(a, b) for n, a in enumerate(arrays) for b in arrays[:n]):
        raise Wrong("gradients and arguments share memory")
    sizes = [float(np.max(np.abs(g))) for g in (*gradients, *also)]
    if not np.all(np.isfinite(sizes)):
        raise Wrong(f"the gradient is {gradients}, with the value {also}")
    scale = 1e-3 + max(sizes) + abs(float(expected)) * 1e-4
    for g, other in zip(gradients, also, strict=True):
        if not np.allclose(g, other, rtol=0.0, atol=1e-9 * scale):
            raise Wrong(f"the gradient is {gradients}, with the value {also}")
    compare(f, make, numbers, gradients, scale)
    return Verdict(RIGHT) if same(value, expected) else Verdict(ROUNDED, f"the value is {value!r}, not {expected!r}")


def judge(f: Callable[..., Any], shapes: Iterable[tuple[Maker, Numbers]],
          transforms: tuple[Transform, ...] = (grad, value_and_grad)) -> Verdict:
    """The verdict on a function at several points, by one derivative, or two: `examine` says which.

    It is that of the first point; at the others a refusal is as good as a right gradient.
    """
    derivatives = tuple(transform(f, argnums=(0, 1, 2)) for transform in transforms)
    first, *others = [judged(f, derivatives, make, numbers) for make, numbers in shapes]
    for number, other in enumerate(others, 2):
        if first.kind not in (WRONG, CRASHED) and other.kind in (WRONG, CRASHED):
            return other._replace(detail=f"{other.detail} [call {number}]")
    return first


def judged(f: Callable[..., Any], derivatives: tuple[Callable[..., Any], ...], make: Maker, numbers: Numbers) -> Verdict:
    """The verdict at one point."""
    fault: type[Exception] | None = None
    try:
        f(*make(numbers))
    except Exception as error:      # noqa: BLE001 (a program may raise anything)
        fault = type(error)
    try:
        if fault is not None:
            derivatives[0](*make(numbers))
            return Verdict(WRONG, f"the program raises {fault.__name__}, its gradient does not")
        return examine(f, derivatives, make, numbers)
    except Wrong as error:
        return Verdict(WRONG, str(error))
    except CannotDifferentiate as error:
        return Verdict(DROPPED if fault else REFUSED, error.refusals[0].message)
    except Exception as error:      # noqa: BLE001 (and so may a compiler)
        if fault is not None and isinstance(error, fault):
            return Verdict(DROPPED, f"{fault.__name__}: {error}")
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Verdict(CRASHED, f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})")


def verified_at_the_end(func: Func, passes: Iterable[Pass], check: Callable[[Func], object] | None = None) -> Func:
    """As `run_passes`, with one check for all."""
    func = run_passes(func, passes)
    if check is not None:
        check(func)
    return func


def check_quickly(program: Program, folder: str) -> Verdict:
    """The verdict on a program: as `check`, but the gradient alone is asked of every fifth, and the passes are
    verified together.
    """
    transforms = (grad, value_and_grad) if zlib.crc32(program.name.encode()) % 5 == 0 else (value_and_grad,)
    with mock.patch.object(pipeline, "run_passes", verified_at_the_end):
        return check(program, folder, transforms)


def check(program: Program, folder: str, transforms: tuple[Transform, ...] = (grad, value_and_grad)) -> Verdict:
    """The verdict on a program."""
    with warnings.catch_warnings(), loaded(program, folder) as f:
        warnings.simplefilter("error")
        points = [(shape.make, shape.numbers()) for shape in program.shapes]
        try:
            with time_limit(SECONDS):
                return judge(f, points, transforms)
        except TooLong:
            return Verdict(CRASHED, f"not done after {SECONDS:g} s")


def run(programs: Iterable[Program], judge_one: Callable[[Program, str], Verdict] = check) -> Iterator[
        tuple[Program, Verdict]]:
    """Programs with their verdicts."""
    with tempfile.TemporaryDirectory(prefix="aliasing") as folder:
        for program in programs:
            yield program, judge_one(program, folder)
