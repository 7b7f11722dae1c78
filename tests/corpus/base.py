"""Registers the functions of the corpus, with arguments to try them on.

The functions stay plain: `case` notes a function and hands it back as it is, so that what the compiler reads
is what a user would have written.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Case:
    """A function, where to differentiate it, and with respect to what.

    `second`: it has second derivatives there that are worth comparing.  `rtol`: how well differences do.
    """

    id: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...] = 0
    kwargs: dict[str, Any] = field(default_factory=dict)
    second: bool = True
    rtol: float = 1e-6

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.argnums,) if isinstance(self.argnums, int) else self.argnums

    def fresh(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Copies of the arguments, which a function may do with as it likes."""
        return deepcopy((self.args, self.kwargs))

    def __str__(self) -> str:
        return self.id


CASES: list[Case] = []


def case(*args: Any, argnums: int | tuple[int, ...] = 0, id: str = "", kwargs: dict[str, Any] | None = None,
         second: bool = True, rtol: float = 1e-6) -> Callable[[F], F]:
    """Note a function of the corpus with the arguments to call it with.  Several stand on one function."""
    def note(func: F) -> F:
        name = f"{func.__module__.rpartition('.')[2]}.{func.__qualname__}" + (f"-{id}" if id else "")
        assert all(name != other.id for other in CASES), f"two cases are called {name}"
        CASES.append(Case(name, func, args, argnums, kwargs or {}, second, rtol))
        return func
    return note


def uniform(low: float, high: float, *shape: int, seed: int = 0) -> Any:
    """Numbers between low and high, the same in every run."""
    return np.random.default_rng(seed).uniform(low, high, shape)


def normal(*shape: int, seed: int = 0, scale: float = 1.0) -> Any:
    """Normal numbers, the same in every run."""
    return scale * np.random.default_rng(seed).standard_normal(shape)


def spd(n: int, seed: int = 0) -> Any:
    """A symmetric positive definite matrix."""
    a = normal(n, n, seed=seed)
    return a @ a.T + n * np.eye(n)
