"""What the first call costs under Numba: ours beside an adjoint in loops written by hand, each in a process of its own.

    python tools/bench/first_call.py [NAMES]...

Everything is compiled anew, nothing is taken from disk.  "Numba" is what Numba takes to compile the text that was
written; "in all" is from the import of the package to the first gradient, beyond `import numba`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import same_threads

same_threads()

import click  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402

from report import duration, geometric_mean, machine, table  # noqa: E402
from workloads import ALL  # noqa: E402


def measure(name: str, system: str) -> None:
    """In a process of its own: print the seconds that the compiling takes, and those in all."""
    import numba
    import numba.core.types

    numba.njit(lambda: 1.0)()
    w = ALL[name]
    args = w.make(w.size)
    if system == "hand":
        begun = written = time.perf_counter()
        numba.njit(error_model="numpy")(w.hand_loops)(*args)       # as ours
    else:
        begun = time.perf_counter()
        from ad_compiler import value_and_grad

        gradient = value_and_grad(w.primal, w.argnums, backend="numba")
        gradient.source_for(*args)
        written = time.perf_counter()
        gradient(*args)
    ended = time.perf_counter()
    click.echo(f"{ended - written} {ended - begun}")


def first_call(name: str, system: str) -> tuple[float, float]:
    """Start that process, with a package that was imported before and nothing of it on disk."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run([sys.executable, __file__, "--measure", system, name], check=True, capture_output=True,
                              text=True, env=environment | {"AD_COMPILER_CACHE_DIR": home})
    compiling, whole = map(float, done.stdout.split())
    return compiling, whole


@click.command()
@click.argument("names", nargs=-1)
@click.option("--repeats", default=3, show_default=True, help="The least of so many is shown.")
@click.option("--measure", "system", hidden=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md.")
def main(names: tuple[str, ...], repeats: int, system: str | None, out: Path | None) -> None:
    """Compare first calls of the workloads whose names contain one of NAMES (all without)."""
    if system is not None:
        measure(names[0], system)
        return
    chosen = [w for w in ALL.values() if w.hand_loops is not None and (not names or any(n in w.name for n in names))]
    if not chosen:
        raise click.ClickException("no such workload, or none with an adjoint in loops")
    rows, ratios = [], []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(chosen) * repeats)
        for w in chosen:
            progress.update(task, description=w.name)
            hand, ours = [], []
            for _ in range(repeats):
                hand.append(first_call(w.name, "hand"))
                ours.append(first_call(w.name, "ours"))
                progress.advance(task)
            by_hand = min(compiling for compiling, _ in hand)
            compiling, whole = (min(column) for column in zip(*ours, strict=True))
            ratios.append((compiling / by_hand, whole / by_hand))
            rows.append([w.title, duration(by_hand), duration(compiling), f"{ratios[-1][0]:.2f}", duration(whole),
                         f"{ratios[-1][1]:.2f}"])
    means = [geometric_mean(column) for column in zip(*ratios, strict=True)]
    rows.append(["geometric mean", "", "", f"**{means[0]:.2f}**", "", f"**{means[1]:.2f}**"])
    text = table(["workload", "by hand", "ours: Numba", "ratio", "ours: in all", "ratio"], rows) + f"\n{machine()}.\n"
    click.echo(text)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
