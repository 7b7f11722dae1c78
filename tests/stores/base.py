"""A list of functions, each with arguments, that a decorator fills."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A function, and a maker of its arguments."""

    func: Callable[..., Any]
    make: Callable[[], tuple[Any, ...]]


def vector(n: int = 6, seed: int = 1) -> Any:
    """Numbers between 0.6 and 1.6, none of them near a kink of the cases."""
    return np.random.default_rng(seed).uniform(0.6, 1.6, n)


def matrix(n: int = 4, m: int = 3, seed: int = 3) -> Any:
    """As `vector`, in two axes."""
    return np.random.default_rng(seed).uniform(0.6, 1.6, (n, m))


def weigh(x: Any) -> Any:
    """A scalar in which each element counts differently."""
    return np.sum(np.cos(np.arange(1.0, x.size + 1.0)).reshape(x.shape) * x * x)


def registry() -> tuple[list[Case], Callable[..., Any]]:
    """An empty list, and the decorator that fills it: `@case(vector, matrix)`."""
    cases: list[Case] = []

    def case(*makers: Callable[[], Any]) -> Callable[[Any], Any]:
        def enter(func: Any) -> Any:
            cases.append(Case(func, lambda: tuple(make() for make in makers)))
            return func
        return enter
    return cases, case
