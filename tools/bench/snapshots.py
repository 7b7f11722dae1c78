"""A loop of which few states are kept: time and peak memory beside keeping all, steps beside the fewest there can be.

    python tools/bench/snapshots.py

A network that is applied 10,000 times to 200 numbers, with `checkpointed(range(n), snapshots=k)`, in float64 on one
thread.  Steps are counted in the text that runs: forwards, and once more in reverse.  The fewest are
`n + r n - (k + r)! / ((k + 1)! (r - 1)!)`, with r the least number for which `(k + r)! / (k! r!)` is n or more:
Griewank and Walther, ACM TOMS 26 (2000).  Runs are taken in turn; the ratio is to keeping all.
"""

from __future__ import annotations

import functools
import math
import tracemalloc
import types
from collections.abc import Callable

from timing import interleaved, same_threads

same_threads()

from typing import Any  # noqa: E402

import click  # noqa: E402
import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402

from ad_compiler import checkpointed, grad, runtime  # noqa: E402
from report import duration, machine, table  # noqa: E402

SNAPSHOTS = (5, 20, 100, 1000)


def everything(u: Any, w: Any, n: int, k: int) -> Any:
    for _ in range(n):
        u = np.tanh(w @ u + 0.1 * np.sin(u))
    return np.sum(u * u)


def few(u: Any, w: Any, n: int, k: int) -> Any:
    for _ in checkpointed(range(n), snapshots=k):
        u = np.tanh(w @ u + 0.1 * np.sin(u))
    return np.sum(u * u)


def fewest(n: int, k: int) -> int:
    """Steps that have to be done, those that are reversed at once among them."""
    often = next(r for r in range(1, n + 1) if math.comb(k + r, r) >= n)
    return n + often * n - math.comb(k + often, often - 1)


def counted(text: str, args: tuple[Any, ...]) -> int:
    """How many steps a text does, each of which takes one hyperbolic tangent."""
    count = 0

    def tanh(x: Any) -> Any:
        nonlocal count
        count += 1
        return np.tanh(x)
    numpy = types.SimpleNamespace(**{**vars(np), "tanh": tanh})
    names: dict[str, Any] = {**vars(runtime), "np": numpy}
    exec(compile(text, "text", "exec"), names)
    names["few_grad"](*args)
    return count


def peak(call: Callable[[], Any]) -> int:
    """Bytes allocated at the worst moment of a call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@click.command()
@click.option("--steps", default=10_000, help="Iterations of the loop.")
@click.option("--numba", "compiled", is_flag=True, help="Both compiled by Numba (what it allocates cannot be seen).")
@click.option("--seconds", default=10.0, help="Seconds for each.")
def main(steps: int, compiled: bool, seconds: float) -> None:
    """Time all of them."""
    console = Console()
    console.print(machine())
    rng = np.random.default_rng(0)
    u, w = rng.normal(size=200), rng.normal(size=(200, 200)) / 20.0
    backend = "numba" if compiled else "numpy"
    whole, part = grad(everything, (0, 1), backend=backend), grad(few, (0, 1), backend=backend)
    wanted = whole(u, w, steps, 1)
    for k in SNAPSHOTS:
        for one, other in zip(part(u, w, steps, k), wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    calls = [functools.partial(g, u, w, steps, k) for g, k in ((whole, 1), *((part, k) for k in SNAPSHOTS))]
    rows = []
    for k, call, took in zip((None, *SNAPSHOTS), calls, interleaved(calls, seconds, 3), strict=True):
        count = "" if k is None or compiled else f"{counted(part.source, call.args) / steps:.2f}"
        rows.append(["all" if k is None else str(k), duration(took.seconds), f"{took.ratio:.2f}",
                     "" if compiled else f"{peak(call) / 1e6:.1f} MB", count,
                     "" if k is None else f"{fewest(steps, k) / steps:.2f}"])
    console.print(table(["states kept", "time", "ratio", "peak memory", "steps / n", "fewest / n"], rows), markup=False)


if __name__ == "__main__":
    main()
