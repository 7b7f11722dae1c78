"""Value and gradient: ours beside adjoints written by hand, and beside the peers that are installed.

    python tools/bench/compare.py [NAMES]... --systems hand,ours,jax.jit --out results

Every gradient is checked against the hand-written one first.  Ratios are to `hand`, round by round, with quartiles.
"""

from __future__ import annotations

import os
from pathlib import Path

from timing import Times, interleaved, same_threads

same_threads()

import click  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402

from ad_compiler import CannotDifferentiate  # noqa: E402
from report import bars, duration, geometric_mean, machine, table  # noqa: E402
from systems import SYSTEMS, available, error  # noqa: E402
from workloads import ALL  # noqa: E402
from workloads.base import Workload  # noqa: E402

LARGEST_ERROR = 1e-6


def measure(w: Workload, systems: list[str], size: int, budget: float) -> tuple[dict[str, Times], dict[str, str]]:
    """Times of the systems that give the right gradient, and why the others do not."""
    args = w.make(size)
    wanted = w.hand(*args)[1]
    calls, faults = {}, {}
    for name in ["hand", *(s for s in systems if s != "hand")]:
        try:
            call = SYSTEMS[name](w, args)
            if call is None:
                continue
            apart = error(call()[1], wanted)
        except CannotDifferentiate as refusal:
            faults[name] = f"refused: {str(refusal).splitlines()[0]}"
            continue
        if apart > LARGEST_ERROR:
            faults[name] = f"wrong by {apart:.1e}"
        else:
            calls[name] = call
    times = interleaved(list(calls.values()), budget)
    return dict(zip(calls, times, strict=True)), faults


def cell(times: Times | None) -> str:
    """A ratio with its quartiles."""
    return "–" if times is None else f"{times.ratio:.2f} ({times.low:.2f}–{times.high:.2f})"


@click.command()
@click.argument("names", nargs=-1)
@click.option("--systems", default=",".join(available()), show_default=True, help="Which to run, by commas.")
@click.option("--budget", default=0.5, show_default=True, help="Seconds for each system and workload.")
@click.option("--threads", default=1, show_default=True, help="Threads for each system.")
@click.option("--quick", is_flag=True, help="Small sizes and few rounds, to see that all runs.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md and FILE.png.")
def main(names: tuple[str, ...], systems: str, budget: float, threads: int, quick: bool, out: Path | None) -> None:
    """Compare gradients of the workloads whose names contain one of NAMES (all without)."""
    if os.environ["OMP_NUM_THREADS"] != str(threads):
        raise click.ClickException("--threads is read before the libraries are imported: give it to the command itself")
    chosen = [w for w in ALL.values() if not names or any(n in w.name for n in names)]
    wanted = [s.strip() for s in systems.split(",") if s.strip()]
    unknown = [s for s in wanted if s not in SYSTEMS]
    if unknown or not chosen:
        raise click.ClickException(f"no system is called {', '.join(unknown)}" if unknown else "no such workload")
    console, columns = Console(stderr=True), ["hand", *(s for s in wanted if s != "hand")]
    results: dict[str, dict[str, Times]] = {}
    faults: list[str] = []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=len(chosen))
        for w in chosen:
            progress.update(task, description=w.name)
            results[w.name], wrong = measure(w, columns, w.sizes[1] if quick else w.size, 0.0 if quick else budget)
            faults += [f"{w.name}, {system}: {why}" for system, why in wrong.items()]
            progress.advance(task)
    rows = []
    for w in chosen:
        found = results[w.name]
        rows.append([w.title, duration(found["hand"].seconds), *(cell(found.get(s)) for s in columns[1:])])
    means = []
    for s in columns[1:]:
        ratios = [found[s].ratio for found in results.values() if s in found]
        means.append(f"**{geometric_mean(ratios):.2f}** of {len(ratios)}" if ratios else "–")
    rows.append(["geometric mean", "", *means])
    text = table(["workload", "hand", *columns[1:]], rows)
    text += f"\nRatios to `hand`, quartiles in brackets. {machine()}.\n"
    click.echo(text)
    for fault in faults:
        click.echo(fault)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
        drawn = bars(out.with_suffix(".png"), "value and gradient, as a multiple of the adjoint written by hand",
                     [w.name for w in chosen],
                     {s: [results[w.name][s].ratio if s in results[w.name] else None for w in chosen]
                      for s in columns[1:]})
        if not drawn:
            click.echo("no plot: matplotlib is not installed", err=True)
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
