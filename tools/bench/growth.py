"""How the cost of a gradient grows: time and peak memory over the function's own, for sizes four orders apart.

    python tools/bench/growth.py [NAMES]... [--numba] --out results

With `--numba` the function is compiled by Numba too, in the form with loops where there is one, and where Numba
compiles it at all; what Numba allocates cannot be seen, so there is no memory then.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from timing import interleaved, same_threads

same_threads()

import click  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402

from ad_compiler import value_and_grad  # noqa: E402
from report import duration, machine, plot, table  # noqa: E402
from workloads import ALL  # noqa: E402
from workloads.base import Workload  # noqa: E402


class Point(NamedTuple):
    """One size: seconds of the function, time of the gradient over it, and peak memory over its own."""

    size: int
    seconds: float
    ratio: float
    memory: float


def peak(call: Callable[[], Any]) -> int:
    """Bytes allocated at the worst moment of a call."""
    call()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def pair(w: Workload, compiled: bool, args: tuple[Any, ...]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A function and its gradient."""
    if not compiled:
        return w.primal, value_and_grad(w.primal, w.argnums)
    import numba

    function = w.loops or w.primal
    gradient = value_and_grad(function, w.argnums, backend="numba")
    by_numba = numba.njit(function)
    try:
        by_numba(*args)
    except numba.core.errors.TypingError:       # `np.max` with an axis: the gradient's loops have none
        return function, gradient
    return by_numba, gradient


def measure(w: Workload, size: int, budget: float, compiled: bool) -> Point:
    """The function and its gradient at one size."""
    args = w.make(size)
    function, gradient = pair(w, compiled, args)
    times = interleaved([lambda: function(*args), lambda: gradient(*args)], budget)
    memory = 0.0 if compiled else peak(lambda: gradient(*args)) / max(peak(lambda: function(*args)), 1)
    return Point(size, times[0].seconds, times[1].ratio, memory)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--budget", default=0.3, show_default=True, help="Seconds for each size.")
@click.option("--quick", is_flag=True, help="The two smallest sizes, few rounds.")
@click.option("--numba", "compiled", is_flag=True, help="Function and gradient compiled by Numba.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md and FILE.png.")
def main(names: tuple[str, ...], budget: float, quick: bool, compiled: bool, out: Path | None) -> None:
    """Show gradient over function for the workloads whose names contain one of NAMES (all without)."""
    chosen = [w for w in ALL.values() if not names or any(n in w.name for n in names)]
    if not chosen:
        raise click.ClickException("no workload has this name")
    found: dict[str, list[Point]] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=sum(2 if quick else len(w.sizes) for w in chosen))
        for w in chosen:
            for size in w.sizes[:2] if quick else w.sizes:
                progress.update(task, description=f"{w.name} {size}")
                found.setdefault(w.name, []).append(measure(w, size, 0.0 if quick else budget, compiled))
                progress.advance(task)
    rows = []
    for name, points in found.items():
        ratios = [p.ratio for p in points]
        rows.append([name, ", ".join(f"{p.size:g}" for p in points), " → ".join(
            (duration(points[0].seconds), duration(points[-1].seconds))), ", ".join(f"{r:.1f}" for r in ratios),
            f"{max(ratios) / ratios[0]:.2f}", *[", ".join(f"{p.memory:.1f}" for p in points)] * (not compiled)])
    head = ["workload", "sizes", "function", "gradient / function", "worst / smallest size",
            *["peak memory / function's"] * (not compiled)]
    text = table(head, rows) + f"\n{machine()}.\n"
    click.echo(text)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
        lines = {name: ([p.seconds for p in points], [p.ratio for p in points]) for name, points in found.items()}
        if not plot(out.with_suffix(".png"), "cost of a gradient", "seconds of the function", "gradient / function",
                    lines):
            click.echo("no plot: matplotlib is not installed", err=True)


if __name__ == "__main__":
    main()
