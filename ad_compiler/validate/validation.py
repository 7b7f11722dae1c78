"""A compiled derivative beside the function itself: value, aux, errors, and slope along one direction.

The function is called on copies of the arguments, so that what it does to them is done to copies; where it is known to
change something else, it is not called.  What differs is a fault of this package.

This is translation validation (Pnueli, Siegel, Singerman: "Translation Validation", TACAS 1998): not the compiler is
shown to be right, but each text that it writes is held against what it was written from.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ad_compiler.errors import ADCompilerError
from ad_compiler.validate.checked import Checked
from ad_compiler.validate.compare import differs
from ad_compiler.validate.copies import Uncopied
from ad_compiler.validate.deadline import NEVER, Budget, OutOfTime
from ad_compiler.validate.inside import INSIDE
from ad_compiler.validate.locate import where_it_begins
from ad_compiler.validate.point import Direction, Point, Raised
from ad_compiler.validate.probe import RAISED, Probe
from ad_compiler.validate.questions import Question
from ad_compiler.validate.slope import precision
from ad_compiler.validate.told import Told

LEAST = 0.05
"""Seconds that a check may take, however short the call was."""

SHARE = 0.45
"""How long a check may take, as a part of what the first call took without it: half, but for a line that has begun."""

OF_THE_RUN = (FloatingPointError, RecursionError, MemoryError, Warning)
"""Errors that say nothing of a derivative, but something of how it was run."""


class Outcome(NamedTuple):
    """What a checked call gives, a result or an error, and what came out of the check."""

    result: Any
    error: Exception | None
    checked: Checked


def validated(question: Question, compiling: float, *, patient: bool = False) -> Outcome:
    """Call a derivative, and the function beside it.

    `compiling`: the seconds of this thread that were spent on the text; a check takes no more than half of the first
    call, or 50 ms.  `patient`: it takes as long as it takes.
    """
    began = time.thread_time()
    reason, point = question.reason, None
    if not reason:
        try:
            point = question.point(*question.asked)
            early = not point.stateless or point.seconds < SHARE * LEAST     # or when it is known how long it may take
            if early and point.seconds > max(LEAST, SHARE * compiling) and not patient:
                raise Uncopied("to copy its arguments would take too long")
            if early:
                point.copy()
        except Uncopied as why:
            reason, point = str(why), None
    before = time.thread_time()
    result, raised = attempt(question.compiled.emitted.function, question.args)
    after = time.thread_time()
    spent = compiling + after - before
    if isinstance(raised, ADCompilerError):     # what Numba cannot compile, said with its line
        raise raised
    seconds = NEVER if patient else min(max(LEAST, SHARE * spent) - (before - began), INSIDE.left())
    if point is not None and not early:
        try:
            if point.seconds > SHARE * seconds:
                raise Uncopied("to copy its arguments would take too long")
            point.copy()
        except Uncopied as why:
            reason, point = str(why), None
    if point is None:
        return Outcome(result, raised, Checked(reason=f"the function is not run again: {reason}"))
    with quiet(), INSIDE.run_of(question.compiled):
        try:
            checked = _Check(question, point, result, raised).outcome(seconds)
        except Exception as error:      # noqa: BLE001  (of the check itself: said, and no reason to withhold a result)
            checked = Checked(reason=f"the check itself failed: {type(error).__name__}: {error}")
    took = time.thread_time() - began - (after - before)
    return Outcome(result, raised, replace(checked, runs=point.runs, seconds=took))


def attempt(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    """What a function returns, or what it raises: in a frame of its own, which holds nothing that holds it."""
    try:
        return function(*args), None
    except Exception as error:      # noqa: BLE001  (raised again by whoever called)
        return None, error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Warnings were shown when the derivative ran.

    How they are shown is the whole process's affair, so that it is left alone where other threads are running.
    """
    settings: dict[str, Any] = {key: "raise" if kind == "raise" else "ignore" for key, kind in np.geterr().items()}
    shows, alone = warnings.showwarning, threading.active_count() == 1
    if alone:       # filters are left as they are: to change them would make Python forget what was shown before
        warnings.showwarning = lambda *args, **kwargs: None
    try:
        with np.errstate(**settings):
            yield
    finally:
        if alone:
            warnings.showwarning = shows


class _Check:
    """One check: what the derivative gave, or raised, at a point."""

    def __init__(self, question: Question, point: Point, result: Any, raised: Exception | None) -> None:
        self.question, self.point, self.result, self.raised = question, point, result, raised
        there: tuple[Any, Any] = question.returned(result) if raised is None else (None, None)
        self.value, self.aux = there

    def outcome(self, seconds: float) -> Checked:
        """The check, step by step, as far as the time reaches."""
        # Python may run a thousand times as long as what Numba makes: it shows in the first run whether that pays.
        first = min(seconds, LEAST) if self.question.by_numba and seconds != NEVER else seconds
        budget = INSIDE.budget = Budget(first)
        text, kinks = self.question.compiled.text, self.question.compiled.behaviour.kinks
        self.probe = Probe(self.point, budget, self.question.number_of, text, kinks)
        try:
            with INSIDE.checking_others():
                there = self.probe.middle()
        except OutOfTime:
            return Checked(reason=f"the function was given up after {budget.seconds:.2g} s")
        except Raised as error:
            return self.errors(error.args[0])
        budget.extend(seconds - first if seconds != first else 0.0)
        if INSIDE.met_itself:
            return Checked(reason="the function calls the derivative that would be held against it")
        if self.raised is not None:
            name = type(self.raised).__name__
            rules = self.question.compiled.behaviour.own_rules      # of the user's own: what they raise is theirs
            excuse = self.question.excuse(there)
            if excuse:
                return Checked(reason=f"the derivative raised {name}: {excuse}")
            singular = self.question.compiled.behaviour.solvers and isinstance(self.raised, np.linalg.LinAlgError)
            infinite = isinstance(self.raised, ArithmeticError)     # as a slope may be
            if rules or singular or infinite or isinstance(self.raised, OF_THE_RUN):
                return Checked(reason=f"the derivative raised {name}")
            return Checked(fault=f"the derivative raised {name} ({self.raised}), the function does not")
        wrong = self.different(there)
        if wrong:
            line = where_it_begins(self.question.function, self.point.run, self.point.arguments())
            return Checked(fault=wrong, line=line)
        wrong = self.question.misfit(self.point, self.result) or self.changed()
        if wrong:
            return Checked(fault=wrong)
        told = Checked(value="agrees" if self.question.gives_value or self.question.has_aux else "")
        behaviour = self.question.compiled.behaviour
        if not self.question.asks_slope:
            return told
        if behaviour.frozen:
            return replace(told, slope="is not asked for: differences do not see what no_grad holds still")
        if behaviour.own_rules:
            return replace(told, slope=f"is not asked for: that of {', '.join(behaviour.own_rules)} is a rule of yours")
        derivative = self.question.told(self.point, self.result)
        found = self.probe.told(derivative, self.question.scalar_of(there), self.beside)
        return replace(found, value=told.value, solvers=behaviour.solvers if found.fault else ())

    def errors(self, error: BaseException) -> Checked:
        """The function has raised this."""
        name, mine = type(error).__name__, self.raised
        numbers = isinstance(error, ArithmeticError) or isinstance(error, ValueError) and "math domain" in str(error)
        if isinstance(error, OF_THE_RUN):
            return Checked(reason=f"the function raised {name} when it was run again")
        if mine is None and self.question.by_numba and numbers:
            return Checked(reason=f"Python raises {name} where compiled code goes on with inf or NaN")
        if mine is None:
            return Checked(fault=f"the function raises {name} ({error}), the derivative does not")
        # Under Numba lengths are compared first: of several errors another one may come.
        if type(mine) is type(error) or self.question.by_numba or isinstance(mine, OF_THE_RUN):
            return Checked(value="agrees", reason=f"both raise {name}")
        return Checked(fault=f"the derivative raises {type(mine).__name__} ({mine}), the function {name} ({error})")

    def different(self, there: Any) -> str | None:
        """What is different in value and aux; not where rounding of the arguments makes as much of a difference."""
        has_aux, gives_value = self.question.has_aux, self.question.gives_value
        if not gives_value and not has_aux:
            return None
        if has_aux and not (isinstance(there, (tuple, list)) and len(there) == 2):
            return f"the function returns a {type(there).__name__}, no pair of a number and aux"
        value = self.question.comparable(there[0] if has_aux else there, self.value)
        mine, its = (self.value if gives_value else value, self.aux), (value, there[1] if has_aux else None)
        widths = not self.question.by_numba     # which gives Python floats for NumPy's scalars
        if differs(mine, its, widths=widths) is None:
            return None
        reals = [np.asarray(x)[np.isfinite(x)] for x in self.point.leaves]
        scale = max((float(np.abs(x).max(initial=0.0)) for x in reals), default=0.0)
        found = differs(mine, its, scale, "result", widths=widths)
        if found is None or self.is_rounding(value, scale):
            return None
        for what, at in (("value", 0), ("aux", 1)):
            one = differs(mine[at], its[at], scale, f"the {what}", widths=widths)
            if one is not None:
                return one
        return found

    def is_rounding(self, value: Any, scale: float) -> bool:
        """Does the value change as much, the function's or the derivative's, where arguments are rounded anew?"""
        if not self.point.leaves:
            return False
        distance = 4 * precision(*self.point.leaves)
        for n in range(3):
            direction = self.probe.direction(f"rounding {n}")
            try:
                there = self.probe.moved(distance, direction)
            except (*RAISED, OutOfTime):        # then it is of no help
                return False
            if differs(there[0] if self.question.has_aux else there, value, scale):
                return True
            mine = self.question.returned(self.derivative(distance, direction)[0])[0]
            if self.question.gives_value and differs(mine, self.value, scale):
                return True
        return False

    def changed(self) -> str | None:
        """Where the derivative has changed an array that it is given."""
        if any(differs(now, before) is not None for now, before in self.point.arrays()):
            return "the derivative changes an array that it is given"
        return None

    def derivative(self, distance: float, direction: Direction) -> tuple[Any, Point]:
        """What the derivative gives at a point nearby, and the function at that point."""
        call = self.point.arguments(distance, direction)
        whole = inspect.BoundArguments(call.signature, dict(call.arguments))
        whole.apply_defaults()
        args = tuple(whole.arguments.values())
        point = self.question.point(call, args).copy()
        with np.errstate(all="ignore"):
            try:
                return self.question.compiled.emitted.function(*self.question.arguments(args)), point
            except Exception as error:
                raise Raised(error) from error

    def beside(self, direction: Direction, distance: float) -> tuple[Told, Probe] | None:
        """What the derivative tells at a point nearby, and the function there; None where there is none."""
        try:
            result, point = self.derivative(distance, direction)
        except RAISED:      # it is not defined there
            return None
        return self.question.told(point, result), Probe(
            point, self.probe.budget, self.question.number_of, self.question.compiled.text, self.probe.kinks)
