"""The slope of a function at one point beside that of its gradient, along the first direction that says something."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.validate.checked import Checked
from ad_compiler.validate.deadline import Budget, OutOfTime
from ad_compiler.validate.point import Direction, Point, own_direction, random_direction
from ad_compiler.validate.replay import Notes, recording, replaying
from ad_compiler.validate.slope import AGREES, BETWEEN, DIFFERS, ROUGH, STEPS, Slopes, compared, precision

PATIENCE = 20
"""How many times longer than a check may take it is looked again where something differs."""

ITSELF = "the arguments themselves"


class Probe:
    """A function at a point.  `number_of`: the real number in what it returns; `text`: fixes the directions."""

    def __init__(self, point: Point, budget: Budget, number_of: Callable[[Any], float], text: str) -> None:
        self.point, self.budget, self.number_of, self.text = point, budget, number_of, text
        self.notes = Notes()

    def middle(self) -> Any:
        """What the function returns at the point itself; values that no derivative passes through are noted."""
        with recording() as self.notes:
            return self.budget.run(self.point.run)

    def direction(self, purpose: str, *, zeros: bool = True) -> Direction:
        """A random direction, the same whenever the same text is checked."""
        seed = hashlib.sha256(f"{purpose}\n{self.text}".encode()).digest()
        return random_direction(self.point.leaves, np.random.default_rng(list(seed[:8])), zeros=zeros)

    def moved(self, t: float, direction: Direction) -> Any:
        """What the function returns at a distance."""
        with np.errstate(all="ignore"), replaying(self.notes):
            return self.budget.run(functools.partial(self.point.run, t, direction))

    def number(self, direction: Direction, t: float) -> float:
        """The number there; NaN where there is none."""
        try:
            return self.number_of(self.moved(t, direction))
        except Exception:       # noqa: BLE001  (beyond the edge of where it is defined, or it went another way)
            return math.nan

    def slopes(self, gradient: Direction, direction: Direction, middle: float) -> Slopes:
        """Both slopes along a direction."""
        eps = precision(*self.point.leaves, middle)
        return compared(functools.partial(self.number, direction),
                        lambda low, high: self.point.change(gradient, low, high, direction), float(middle),
                        STEPS.get(eps, min(STEPS.values())), eps)

    def told(self, gradient: Direction, middle: Any, beside: Callable[[Direction, float], str]) -> Checked:
        """Does the gradient say what differences say?  `beside(direction, distance)`: what is said a little further."""
        if not any(np.size(x) for x in self.point.leaves):
            return Checked(slope="is not told: there is nothing to differentiate")
        if not math.isfinite(middle):
            return Checked(slope="is not told: the value is not finite")
        ways: list[tuple[str, Callable[[], Direction]]] = [
            ("a random direction", lambda: self.direction("slope")),
            ("a random direction that leaves zeros", lambda: self.direction("slope", zeros=False)),
            (ITSELF, lambda: own_direction(self.point.leaves))]
        said: Checked | None = None
        for along, make in ways:
            direction = make()
            if not any(d.any() for d in direction):
                continue
            try:
                found = self.slopes(gradient, direction, middle)
            except OutOfTime:
                return said or Checked(slope="is not told: there was no time for it")
            now = Checked(slope=found.word, slopes=(found.told, found.found), along=along)
            if found.word == AGREES:
                return now
            if found.word == DIFFERS:
                return self.doubted(now, gradient, middle, beside)
            said = now if said is None or found.word == BETWEEN else said
        return said or Checked(slope="is not told: all arguments are zero")

    def doubted(self, now: Checked, gradient: Direction, middle: Any,
                beside: Callable[[Direction, float], str]) -> Checked:
        """They differ: is it so along another direction, and beside the point?

        At a point where several pieces of a function meet, what is right there alone is a convention.
        """
        assert now.slopes is not None
        mine, found = now.slopes
        fault = replace(now, fault=f"the slope along {now.along} is {mine:.10g} by the derivative, {found:.10g} by "
                                   "differences of the function")
        self.budget = Budget(PATIENCE * self.budget.seconds)
        try:
            again = self.slopes(gradient, self.direction("doubt"), middle).word
            if again != DIFFERS and now.along != ITSELF:
                return replace(now, slope="is not told: other directions do not say the same")
            if not math.isfinite(mine):
                return fault
            for distance in (2.0 ** -8, 2.0 ** -4):
                word = beside(self.direction(f"beside {distance}"), distance)
                if word == DIFFERS:
                    return fault
                if word == AGREES:
                    return replace(now, slope="is not told: at this point alone differences say something else")
        except OutOfTime:
            return replace(now, slope="is not told: there was no time to look twice")
        return replace(now, slope="is not told: nothing can be said beside the point")

    def word(self, gradient: Direction) -> str:
        """What is to be said at this point, in a word."""
        try:
            middle = self.number_of(self.middle())
        except Exception:       # noqa: BLE001  (the function is not defined there)
            return ROUGH
        return self.slopes(gradient, self.direction("slope"), middle).word
