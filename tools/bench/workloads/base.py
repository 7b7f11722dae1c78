"""What a workload is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Function = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """A function, its adjoint as a person writes it, and the same in the forms that others like best.

    `make(size)` gives arguments; `hand(*args)` gives the value and a tuple of the gradients with respect to
    `argnums`.  `loops` and `hand_loops` are the same for Numba, as loops.  `functional(np)` gives the function
    without stores, for autograd, PyTorch and JAX, given what stands for NumPy; `scan(np, lax)` the form that
    `jax.jit` likes best where that is another.  `sizes` are those for which the growth of the cost is shown.
    """

    name: str
    title: str
    make: Callable[[int], tuple[Any, ...]]
    primal: Function
    hand: Function
    argnums: tuple[int, ...]
    size: int
    sizes: tuple[int, ...]
    loops: Function | None = None
    hand_loops: Function | None = None
    functional: Callable[[Any], Function] | None = None
    scan: Callable[[Any, Any], Function] | None = None


def generator() -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(0)
