"""Registers functions that do something to the world, each with a way to see how often it happened.

An effect is made anew for each trial: a function, its arguments, and what tells the state of the world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

AGAIN = "run again on copies"
"""The function is called again: what it does is done to copies of its arguments."""

NOT_AGAIN = "not run again"
"""It is not, whatever the reason."""

CHANGES = "it changes `"
"""A reason."""

REFUSED = "refused"
"""The compiler refuses the function; nothing is run at all."""


class Trial(NamedTuple):
    """A function, arguments, and what reads the state of the world: the arguments' own included."""

    func: Callable[..., Any]
    args: tuple[Any, ...]
    world: Callable[[], Any]
    end: Callable[[], Any] = lambda: None


@dataclass(frozen=True)
class Effect:
    """`expected`: `AGAIN`, `REFUSED`, or a part of the reason why the function is not run a second time.

    `steady`: it gives the same result in each trial.  `fault`: why the feature does not do what is expected, yet.
    """

    name: str
    make: Callable[[], Trial]
    expected: str
    steady: bool = True
    fault: str = ""

    def __str__(self) -> str:
        return self.name


EFFECTS: list[Effect] = []


def effect(name: str, expected: str, *, steady: bool = True,
           fault: str = "") -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Note what makes a trial of an effect."""
    def note(make: Callable[[], Any]) -> Callable[[], Any]:
        assert all(name != other.name for other in EFFECTS), f"two effects are called {name}"
        EFFECTS.append(Effect(name, lambda: Trial(*make()), expected, steady, fault))
        return make
    return note
