"""Programs drawn at random, for a batch, beside a loop over the samples: values, and gradients of each sample.

    python -m tests.batch.random_programs 0 500 [--programs arrays] [--gradient | --outer]

draws loops, branches and whiles of numbers and vectors (`control`), or stores, views and products (`arrays`); prints
the programs that differ, then counts.  Exit status 1 where any does.  Which arguments vary is drawn too.  `--gradient`:
of the gradients of each sample; `--outer`: of the gradient of the sum over a batch.
"""

import copy
import random
import sys
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, grad, pipeline, vmap
from tests import random_control
from tests.batch.against import by_a_loop, leaves
from tests.drawing import command
from tests.numba import random_programs as arrays

COUNTS = (3, 1)


def drawn(seed: int, programs: str) -> tuple[str, Any, list[Any]]:
    """The text of a program, its function, and what its arguments are near."""
    rng = np.random.default_rng(seed)
    if programs == "control":
        given = [0.6 * rng.normal(size=5), 0.6 * rng.normal(size=5), 0.4 * rng.normal(size=(5, 5)), 0.4,
                 random_control.LENGTHS[seed % 3]]
        return *random_control.written(seed), given
    return *arrays.written(seed), arrays.arguments(seed, 4)


def is_refused(func: Any, given: list[Any]) -> bool:
    """Can the function not be read, whatever is made of it?"""
    try:
        pipeline.lift_and_lower(func, *copy.deepcopy(given))
    except CannotDifferentiate:
        return True
    return False


def of_the_sum(f: Any, dims: tuple[int | None, ...], numbers: tuple[int, ...]) -> Any:
    """The gradients of the sum of what a batch gives."""
    mapped = vmap(f, in_dims=dims)

    def total(x: Any, y: Any, z: Any, p: Any, k: Any) -> Any:
        return np.sum(mapped(x, y, z, p, k))
    return grad(total, numbers)


def verdict_of_sum(seed: int, programs: str = "control") -> str:
    """The gradient of the sum over a batch, where every real argument varies, is that of each sample."""
    _, f, given = drawn(seed, programs)
    numbers = tuple(i for i, x in enumerate(given) if np.asarray(x).dtype.kind == "f")
    dims = tuple(0 if i in numbers else None for i in range(len(given)))
    rng = np.random.default_rng(seed)
    batch = [np.array([np.asarray(x) + 0.5 * rng.normal(size=np.shape(x)) for _ in range(3)]) if i in numbers else x
             for i, x in enumerate(given)]
    try:
        wanted = by_a_loop(grad(f, numbers), tuple(batch), dims, 3)
        got = of_the_sum(f, dims, numbers)(*batch)
    except CannotDifferentiate:
        return "refused"
    for one, other in zip(got, wanted, strict=True):
        if not np.allclose(one, other, rtol=1e-7, atol=1e-9 * (1.0 + np.max(np.abs(other), initial=0.0)),
                           equal_nan=True):
            return f"{one}, not {other}"
    return "right"


def verdict(seed: int, programs: str = "control", gradient: bool = False, **options: Any) -> str:
    """"right" or "refused" of a program, or what is wrong."""
    _, f, given = drawn(seed, programs)
    numbers = tuple(i for i, x in enumerate(given) if np.asarray(x).dtype.kind == "f")
    func = grad(f, numbers) if gradient else f
    draw = random.Random(seed)      # noqa: S311
    varying = [i for i in numbers if draw.random() < 0.7] or [numbers[0]]
    if programs == "arrays" and draw.random() < 0.3:
        varying.append(3)
    dims = tuple(0 if i in varying else None for i in range(len(given)))
    for count in COUNTS:
        rng = np.random.default_rng(seed + count)
        batch = []
        for i, x in enumerate(given):
            near = [np.asarray(x) + (rng.normal(size=np.shape(x)) * 0.5 if np.asarray(x).dtype.kind == "f" else
                                     rng.integers(0, 2, np.shape(x)) * (np.asarray(x) < 3)) for _ in range(count)]
            batch.append(np.array(near) if i in varying else x)
        before = copy.deepcopy(batch)
        try:
            wanted = by_a_loop(func, tuple(batch), dims, count)
        except CannotDifferentiate:
            return "refused"        # with one sample too
        try:
            got = leaves(vmap(func, in_dims=dims, **options)(*batch))
        except CannotDifferentiate as error:
            return "refused" if is_refused(func, given) else f"refused for a batch: {error}"
        if not all(np.array_equal(a, b) for a, b in zip(batch, before, strict=True)):
            return "arguments have changed"
        for one, other in zip(got, wanted, strict=True):
            if one.shape != other.shape or one.dtype != other.dtype:
                return f"{count} samples: {one.dtype} {one.shape}, not {other.dtype} {other.shape}"
            if not np.allclose(one, other, rtol=1e-7, atol=1e-9 * (1.0 + np.max(np.abs(other), initial=0.0)),
                               equal_nan=True):
                return f"{count} samples: {one}, not {other}"
    return "right"


def asked(seed: int, *, programs: str, gradient: bool, outer: bool, backend: str) -> str:
    """The verdict that the command asks for."""
    return verdict_of_sum(seed, programs) if outer else verdict(seed, programs, gradient, backend=backend)


def main() -> int:
    """The command."""
    switch = {"action": "store_true"}
    return command(__doc__, asked, lambda seed, programs, **_: drawn(seed, programs)[0], {
        "--programs": {"default": "control", "choices": ["control", "arrays"]}, "--gradient": switch, "--outer": switch,
        "--backend": {"default": "numpy"}})


if __name__ == "__main__":
    sys.exit(main())
