"""The other transforms of a program whose gradient is right: beside Python's values, differences, and each sample's own.

>>> len(TRANSFORMS)
10
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import CannotDifferentiate, checkpoint, grad, jacobian, jvp, linearize, value_and_grad, vjp, vmap
from tests.fd import assert_same, leaves, rebuild

NUMBERS = (0, 1, 2, 3, 4)
WEIGHTS = np.array([1.0, -2.0])
STOPPED = ("no_grad", "frozen", "stop_gradient")        # what is held there moves in differences of a gradient


class Case(NamedTuple):
    """A function of the arguments that are differentiated, at two points: `value` and `bars` are those of the first.

    `along` is a direction, and `slope` the value's there.  `plain` is the function run by Python; `rounds`: how far
    a number may be off; `smooth`: differences of a gradient tell.
    """

    f: Callable[..., Any]
    plain: Callable[..., Any]
    points: tuple[list[Any], list[Any]]
    value: Any
    bars: list[Any]
    along: list[Any]
    slope: float
    rounds: float
    smooth: bool

    def first(self) -> list[Any]:
        """The arguments, fresh."""
        return copy.deepcopy(self.points[0])

    def direction(self) -> list[Any]:
        """The tangents of the arguments."""
        return rebuild(self.first(), [np.asarray(d) if np.ndim(d) else float(d) for d in self.along])      # type: ignore[no-any-return]

    def values(self, points: Any = None) -> list[Any] | None:
        """The values at both points, by Python; None where it raises."""
        try:
            return [self.plain(*copy.deepcopy(point)) for point in points or self.points]
        except Exception:       # noqa: BLE001  (a program may raise anything)
            return None


class Unlike(AssertionError):
    """Two numbers that should be the same are not."""


def close(got: Any, want: Any, rounds: float) -> None:
    """Are these the same but for rounding?"""
    got, want = np.asarray(got, float), np.asarray(want, float)
    if got.shape != want.shape or not np.allclose(got, want, rtol=rounds, atol=rounds, equal_nan=True):
        raise Unlike(f"{got!r} where it is {want!r}")


def stacked(one: list[Any], other: list[Any]) -> list[Any]:
    """A batch of two."""
    return rebuild(one, [np.stack([a, b]) for a, b in zip(leaves(one), leaves(other), strict=True)])        # type: ignore[no-any-return]


def pushed(case: Case) -> None:
    out, dot = jvp(case.f, tuple(case.first()), tuple(case.direction()))
    close(out, case.value, case.rounds)
    close(dot, case.slope, case.rounds)


def pushed_later(case: Case) -> None:
    out, push = linearize(case.f, *case.first())
    close(out, case.value, case.rounds)
    close(push(*case.direction()), case.slope, case.rounds)


def pulled(case: Case) -> None:
    out, pull = vjp(case.f, *case.first())
    close(out, case.value, case.rounds)
    for bar, want in zip(leaves(list(pull(type(out)(2.0)))), case.bars, strict=True):
        close(bar, 2.0 * np.asarray(want), case.rounds)


def of_a_batch(case: Case) -> None:
    values = case.values()
    if values is not None:
        close(vmap(case.f)(*stacked(*case.points)), values, case.rounds)


def of_some(case: Case) -> None:
    """Some arguments are the same for all samples; the matrices stand behind each other."""
    chosen = np.random.default_rng(len(leaves(case.bars))).integers(0, 2, 5).astype(bool)
    chosen[int(abs(case.slope) * 1e6) % 5] = True
    points = [[copy.deepcopy(point[at] if chosen[at] else case.points[0][at]) for at in range(5)] for point in case.points]
    values = case.values(points)
    if values is None:
        return
    both = stacked(*points)
    given: list[Any] = [both[at] if chosen[at] else points[0][at] for at in range(5)]
    dims = [0 if one else None for one in chosen]
    if chosen[2]:
        given[2], dims[2] = np.moveaxis(given[2], 0, 1), 1
    close(vmap(case.f, tuple(dims))(*given), values, case.rounds)
    beside(vmap(grad(case.f, NUMBERS), tuple(dims))(*given), [grad(case.f, NUMBERS)(*point) for point in points], case)


def beside(got: Any, each: list[Any], case: Case) -> None:
    """Gradients of a batch, and of each sample."""
    for bar, *wants in zip(leaves(list(got)), *(leaves(list(one)) for one in each), strict=True):
        close(bar, np.stack([np.asarray(want, float) for want in wants]), case.rounds)


def gradients_of_a_batch(case: Case) -> None:
    if case.values() is not None:
        of_each = grad(case.f, NUMBERS)
        beside(vmap(of_each)(*stacked(*case.points)), [of_each(*copy.deepcopy(point)) for point in case.points], case)


def gradient_through_a_batch(case: Case) -> None:
    def total(x: Any, y: Any, m: Any, p: Any, q: Any) -> Any:
        return np.sum(vmap(case.f)(x, y, m, p, q) * WEIGHTS)
    if case.values() is not None:
        each = [[w * np.asarray(bar) for bar in leaves(list(grad(case.f, NUMBERS)(*copy.deepcopy(point))))]
                for w, point in zip(WEIGHTS, case.points, strict=True)]
        beside(grad(total, NUMBERS)(*stacked(*case.points)), each, case)


def recomputed(case: Case) -> None:
    for bar, want in zip(leaves(list(grad(checkpoint(case.f), NUMBERS)(*case.first()))), case.bars, strict=True):
        close(bar, want, case.rounds)


def rows(case: Case) -> None:
    def two(x: Any, y: Any, m: Any, p: Any, q: Any) -> Any:
        return np.array([case.f(x, y, m, p, q) * 2.0, p])
    for mode in ("fwd", "rev"):
        for found, bar in zip(jacobian(two, NUMBERS[:4], mode=mode)(*case.first()), case.bars, strict=False):
            close(found[0], 2.0 * np.asarray(bar), case.rounds)


def bent(case: Case) -> None:
    """The tangent of the gradient, beside differences of the gradient."""
    gradient = grad(case.f, NUMBERS)

    def at(step: float) -> list[Any]:
        moved = [x + step * d for x, d in zip(leaves(case.first()), case.along, strict=True)]
        return leaves(list(gradient(*rebuild(case.first(), moved))))
    _, dots = jvp(gradient, tuple(case.first()), tuple(case.direction()))
    if not case.smooth:
        return
    wide, narrow = ([(8.0 * (a - b) - c + d) / (12.0 * h) for a, b, c, d in zip(*map(at, (h, -h, 2 * h, -2 * h)), strict=True)]
                    for h in (1e-4, 2e-5))
    if all(np.allclose(a, b, rtol=1e-5, atol=1e-5) for a, b in zip(wide, narrow, strict=True)):
        for dot, want in zip(leaves(list(dots)), narrow, strict=True):
            close(dot, want, max(1e-4, case.rounds))


TRANSFORMS: dict[str, Callable[[Case], None]] = {
    "jvp": pushed, "linearize": pushed_later, "vjp": pulled, "vmap": of_a_batch, "vmap of some": of_some,
    "vmap of grad": gradients_of_a_batch, "grad of vmap": gradient_through_a_batch, "grad of checkpoint": recomputed,
    "jacobian": rows, "jvp of grad": bent}


def fixed(f: Callable[..., Any], k: Any) -> Callable[..., Any]:
    """A function of the arguments that are differentiated."""
    def of_five(x: Any, y: Any, m: Any, p: Any, q: Any) -> Any:
        return f(x, y, m, p, q, k)
    return of_five


def case_of(program: Any, args: tuple[tuple[Any, ...], tuple[Any, ...]], along: list[Any], slope: float) -> Case:
    """The program at two points; `slope` is its own, at the first."""
    first, second = (copy.deepcopy(list(one[:5])) for one in args)
    k = args[0][5]
    f = fixed(program.space["f"], k)
    value, bars = value_and_grad(f, NUMBERS)(*copy.deepcopy(first))
    stopped = any(word in program.text[program.text.index("LENGTH = "):] for word in STOPPED)
    return Case(f, lambda *five: program.run((*five, k), False), (first, second), value, leaves(list(bars)), along,
                slope, max(1e-6, program.rounds), not stopped)


def unlike(case: Case, state: Callable[[], Any]) -> tuple[str, BaseException] | None:
    """The first transform that gives something else, with what it raises; `state` is the world's, which it must leave."""
    before = state()
    for name, check in TRANSFORMS.items():
        given = copy.deepcopy(case.points)
        try:
            check(case)
            assert_same("arguments", list(case.points), list(given))
            assert_same("the world", state(), before)
        except CannotDifferentiate:
            continue
        except Exception as error:      # noqa: BLE001  (nothing else may be raised)
            return name, error
    return None
