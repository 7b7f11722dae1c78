"""What a kernel is, and a scalar of all that it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Kernel:
    """A function to differentiate with respect to `argnums`, and what makes arguments for it.

    `strided`: it is also tried on arrays that are not contiguous.
    """

    name: str
    func: Callable[..., Any]
    make: Callable[[np.random.Generator], tuple[Any, ...]]
    argnums: tuple[int, ...]
    strided: bool = False

    def args(self, seed: int = 0) -> tuple[Any, ...]:
        return self.make(np.random.default_rng(seed))

    def __str__(self) -> str:
        return self.name


def weighted(a, phase=0.0):
    """A sum in which each number has another weight, so that no two errors cancel."""
    return np.sum(np.cos(np.arange(a.size) + phase).reshape(a.shape) * a)


def spd(rng: np.random.Generator, n: int) -> Any:
    """A symmetric positive definite matrix, well conditioned."""
    a = rng.normal(size=(n, n))
    return a @ a.T / n + 2.0 * np.eye(n)
