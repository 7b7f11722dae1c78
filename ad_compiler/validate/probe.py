"""The slope of a function at one point beside that of its gradient, along the first direction that says something."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.validate.checked import Checked
from ad_compiler.validate.deadline import Budget, OutOfTime
from ad_compiler.validate.point import Direction, Point, Raised, own_direction, random_direction
from ad_compiler.validate.replay import Notes, Strayed, recording, replaying
from ad_compiler.validate.slope import AGREES, BETWEEN, DIFFERS, ROUGH, STEEP, STEPS, Slopes, compared, precision
from ad_compiler.validate.told import Told

PATIENCE = 20
"""How many times longer than a check may take it is looked again where something differs."""

ITSELF = "the arguments themselves"

RAISED = (Raised, Strayed)
"""At another point the function may raise, or go another way than values were noted for."""


class Probe:
    """A function at a point.

    `number_of`: the real number in what it returns; `text`: fixes the directions; `kinks`: may the function have any?
    """

    def __init__(self, point: Point, budget: Budget, number_of: Callable[[Any], float], text: str,
                 kinks: bool = True) -> None:
        self.point, self.budget, self.number_of, self.text, self.kinks = point, budget, number_of, text, kinks
        self.notes = Notes()
        self.derivative: Told
        self.value: Any = math.nan

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
        """The number there; NaN where there is none: beyond the edge of where it is defined, or it strays."""
        try:
            return self.number_of(self.moved(t, direction))
        except (*RAISED, TypeError, ValueError):        # the last two: it is no number
            return math.nan

    @property
    def eps(self) -> float:
        return precision(*self.point.leaves, self.value)

    @property
    def step(self) -> float:
        return STEPS.get(self.eps, min(STEPS.values()))

    def slopes(self, direction: Direction) -> Slopes:
        """Both slopes along a direction."""
        sizes = [np.abs(np.asarray(x, np.float64)) for x in self.point.leaves]
        scale = max((float(np.max(a, initial=0.0, where=np.isfinite(a))) for a in sizes), default=0.0)
        return compared(functools.partial(self.number, direction),
                        lambda low, high: self.derivative.change(low, high, direction), float(self.value),
                        self.step, self.eps, max(1.0, scale))

    def told(self, derivative: Told, value: Any, beside: Beside) -> Checked:
        """Does the derivative say what differences say?  `beside(direction, distance)`: the same a little further."""
        self.derivative, self.value = derivative, value
        if not any(np.size(x) for x in self.point.leaves):
            return Checked(slope="is not told: there is nothing to differentiate")
        if not math.isfinite(value):
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
                found = self.slopes(direction)
            except OutOfTime:
                return said or Checked(slope="is not told: there was no time for it")
            now = Checked(slope=found.word, slopes=(found.told, found.found), along=along)
            if found.word == AGREES:
                return self.small_ones(now, direction, beside)
            steep = said is not None and said.slope == STEEP and not math.isfinite(found.told)
            if found.word == DIFFERS and not steep:
                return self.doubted(now, direction, found, beside)
            said = now if said is None or found.word == BETWEEN else said
        return said or Checked(slope="is not told: all arguments are zero")

    def small_ones(self, now: Checked, direction: Direction, beside: Beside) -> Checked:
        """The slope agrees.  Arguments that have little part in it are looked at without the others."""
        if not self.derivative.is_finite:
            return replace(now, slope="agrees where the gradient is finite")
        for _ in range(len(direction)):
            parts = [abs(self.derivative.change(0.0, 1.0, only(direction, [n]))) for n in range(len(direction))]
            few = [n for n, part in enumerate(parts) if part < 0.01 * max(parts) and direction[n].any()]
            if not few:
                break
            direction = only(direction, few)
            try:
                found = self.slopes(direction)
            except OutOfTime:
                break
            if found.word == DIFFERS:
                along = "a random direction of arguments that matter little"
                again = Checked(slope=DIFFERS, slopes=(found.told, found.found), along=along)
                told = self.doubted(again, direction, found, beside)
                return told if told.fault else now
            if found.word != AGREES:
                break
        return now

    def doubted(self, now: Checked, direction: Direction, found: Slopes, beside: Beside) -> Checked:
        """They differ: is it so whichever way one looks?  Only then it is a fault."""
        self.budget = Budget(PATIENCE * self.budget.seconds)
        try:
            reason = self.excuse(now, direction, found, beside)
        except OutOfTime:
            reason = "there was no time to look twice"
        if reason:
            return replace(now, slope=f"is not told: {reason}")
        told = f"{found.told:.10g}" if math.isfinite(found.told) else "not finite"
        return replace(now, fault=f"the slope along {now.along} is {told} by the derivative, {found.found:.10g} by "
                                  "differences of the function")

    def excuse(self, now: Checked, direction: Direction, found: Slopes, beside: Beside) -> str:
        """Why two slopes may differ though the derivative is right; "" where there is no reason."""
        moving = [d.any() for d in direction]
        others = [self.slopes([d * m for d, m in zip(self.direction(f"doubt {n}"), moving, strict=True)])
                  for n in range(4)]
        if now.along != ITSELF and all(other.word != DIFFERS for other in others):
            return "other directions do not say the same"
        if self.scales_disagree(direction, found):
            return "steps of other lengths do not say the same"
        if self.derivative.is_beyond(direction, found.found) or self.is_too_small(direction, found):
            return "the gradient is larger, or smaller, than numbers can be"
        if not math.isfinite(found.told) or not self.is_repeated(direction, found, beside):
            return ""
        if self.goes_another_way(direction):
            return "it goes another way nearby"
        if self.is_noise(direction, found) or self.is_beside_one(direction, found):
            return "the function is as rough by rounding"
        if self.varies(direction, found, beside):
            return "the gradient itself changes as much within the step"
        for distance in (2.0 ** -8, 2.0 ** -4):
            there = beside(self.direction(f"beside {distance}"), distance)
            word = ROUGH if there is None else there[1].word(there[0])
            # Where several pieces of a function meet, what is right at that point alone is a convention.
            if word == AGREES and self.kinks:
                return "at this point alone differences say something else"
            if word in (AGREES, DIFFERS):
                return ""
        return "nothing can be said beside the point"

    def scales_disagree(self, direction: Direction, found: Slopes) -> bool:
        """Do differences of a much longer or shorter step come nearer to the derivative's slope, or end nowhere?

        Of what a function does on a scale below the step, or that rounding hides below it, differences see nothing.
        """
        apart = abs(found.told - found.found)
        steps = [2.0 ** n for n in (-5, -10, -22, -28, -34, -40)]
        if self.number(direction, self.step) == self.number(direction, -self.step) == self.value:
            steps += [1.0, 2.0 ** 4, 2.0 ** 8, 2.0 ** 12]
        for step in steps:
            slopes, noise = [], 0.0
            for t in (step, step / 2):
                high, low = self.number(direction, t), self.number(direction, -t)
                slopes.append((high - low) / (2 * t))
                noise = 16 * self.eps * max(abs(high), abs(low)) / t
            slope = slopes[1]
            if not math.isfinite(slopes[0] + slope):
                continue
            rough = abs(slopes[0] - slope) + noise > 0.25 * apart
            if not rough and abs(slope - found.told) + noise < abs(slope - found.found):
                return True
            if step < self.step and abs(slope) > 1.5 * abs(found.found) + noise + apart:        # a jump
                return True
        return False

    def is_noise(self, direction: Direction, found: Slopes) -> bool:
        """Does the function scatter by as much, on a line through points that lie next to each other?"""
        places = np.arange(-3.0, 4.0)
        for spacing in (2.0 ** -44, 2.0 ** -36, 2.0 ** -28):
            values = np.array([self.number(direction, k * spacing) for k in places])
            if not np.isfinite(values).all():
                continue
            values -= self.value
            line = np.polynomial.polynomial.polyval(places, np.polynomial.polynomial.polyfit(places, values, 1))
            if 4 * float(np.max(np.abs(values - line))) / self.step > abs(found.told - found.found):
                return True
        return False

    def is_too_small(self, direction: Direction, found: Slopes) -> bool:
        """Would numbers make up for what differs that are too small to be told from zero?"""
        least = [float(np.finfo(np.asarray(x).dtype).tiny) * float(np.sum(np.abs(d)))
                 for x, d in zip(self.point.leaves, direction, strict=True)]
        return abs(found.told - found.found) <= sum(least)

    def is_repeated(self, direction: Direction, found: Slopes, beside: Beside) -> bool:
        """Does the derivative give the same gradient again?  Memory that nobody has written into does not."""
        there = beside(direction, 0.0)
        if there is None:
            return False
        again = there[0].change(-self.step / 2, self.step / 2, direction) / self.step
        return abs(again - found.told) <= 1e-6 * abs(found.told)

    def is_beside_one(self, direction: Direction, found: Slopes) -> bool:
        """May it be what numbers of size 1, to which such small ones are added, leave of them?"""
        apart, larger = abs(found.told - found.found), max(abs(found.told), abs(found.found))
        if apart < 1e-2 * larger and apart * self.step < 16 * self.eps:
            return True
        size = max(float(np.max(np.abs(d), initial=0.0)) for d in direction)
        lost = 16 * self.eps / (min(1.0, size) * self.step)
        return apart <= lost * larger

    def goes_another_way(self, direction: Direction) -> bool:
        """Does the function take other branches at the two sides than in the middle?"""
        ways = []
        for t in (0.0, 0.0, self.step / 2, -self.step / 2):     # Python 3.12 tells less when code is traced first
            with contextlib.suppress(*RAISED), np.errstate(all="ignore"), replaying(self.notes):
                ways.append(self.budget.trace(functools.partial(self.point.run, t, direction)))
        return len(set(ways[1:])) > 1

    def varies(self, direction: Direction, found: Slopes, beside: Beside) -> bool:
        """Do the gradient's slopes along the step, of which differences are the mean, stray as far from a line?"""
        tiny = 4 * self.eps
        places = [tiny, -tiny, self.step / 4, -self.step / 4, self.step / 2, -self.step / 2, self.step, -self.step]
        told = []
        for t in places:
            there = beside(direction, t)
            if there is not None:
                told.append((t / self.step, there[0].change(-self.step / 2, self.step / 2, direction)))
        if len(told) < 3:
            return True
        at, slopes = np.array([t for t, _ in told]), np.array([s for _, s in told]) / self.step
        if not np.isfinite(slopes).all():
            return True
        line = np.polynomial.polynomial.polyval(at, np.polynomial.polynomial.polyfit(at, slopes, 1))
        low, high = slopes.min(), slopes.max()
        margin = (high - low) / 2
        strays = float(np.max(np.abs(slopes - line))) > 0.05 * abs(found.told - found.found)
        return strays and bool(low - margin <= found.found <= high + margin)

    def word(self, derivative: Told) -> str:
        """What is to be said at this point, in a word."""
        try:
            self.derivative, self.value = derivative, np.asarray(self.number_of(self.middle()))[()]
        except RAISED:      # the function is not defined there
            return ROUGH
        return self.slopes(self.direction("slope")).word


def only(direction: Direction, places: list[int]) -> Direction:
    """A direction in which all but some arguments stay where they are."""
    return [d if n in places else np.zeros_like(d) for n, d in enumerate(direction)]


Beside = Callable[[Direction, float], "tuple[Told, Probe] | None"]
