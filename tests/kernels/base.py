"""What a kernel is here: a function as people publish it, arguments, and what of them is differentiated."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Kernel(NamedTuple):
    """`func` returns a scalar of all that the kernel returns or overwrites."""

    func: Callable[..., Any]
    make: Callable[[np.random.Generator], tuple[Any, ...]]
    argnums: tuple[int, ...]


def registry() -> tuple[list[Kernel], Callable[..., Any]]:
    """An empty list, and the decorator that fills it: `@kernel(make, *argnums)`."""
    kernels: list[Kernel] = []

    def kernel(make: Callable[[np.random.Generator], tuple[Any, ...]], *argnums: int) -> Callable[[Any], Any]:
        def enter(func: Any) -> Any:
            kernels.append(Kernel(func, make, argnums or (0,)))
            return func
        return enter
    return kernels, kernel


def weigh(*arrays: Any) -> Any:
    """A scalar in which every element of every array counts, each differently."""
    total = 0.0
    for x in arrays:
        total = total + np.sum(np.cos(np.arange(1.0, x.size + 1.0)).reshape(x.shape) * (x + 0.5 * x * x))
    return total
