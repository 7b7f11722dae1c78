"""Peak memory of a gradient beside that of a hand-written adjoint, for workloads in a folder.

A workload is a module with `make()`, `primal(*args)`, `hand(*args)` that returns the value and the gradients,
and `ARGNUMS`, or gradients with respect to the first arguments.

    python tools/bench/memory.py PATH_TO_WORKLOADS [NAMES]...
"""

from __future__ import annotations

import importlib
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from ad_compiler import value_and_grad


def peak(call: Callable[[], Any]) -> int:
    """Bytes allocated at the worst moment of a call, what it was given not counted."""
    call()
    tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def compare(module: Any) -> tuple[int, int, float]:
    """Peak of ours and of the hand-written adjoint, and how far the gradients are apart."""
    args = module.make()
    _, wanted = module.hand(*args)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    ours = value_and_grad(module.primal, getattr(module, "ARGNUMS", tuple(range(len(wanted)))))
    _, found = ours(*args)
    error = max(float(np.max(np.abs(a - b)) / (np.max(np.abs(b)) + 1e-300)) for a, b in zip(found, wanted, strict=True))
    return peak(lambda: ours(*args)), peak(lambda: module.hand(*args)), error


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("names", nargs=-1)
def main(folder: Path, names: tuple[str, ...]) -> None:
    """Print a table of peaks for the workloads in FOLDER whose file begins with one of NAMES."""
    sys.path.insert(0, str(folder))
    found = [p.stem for p in sorted(folder.glob("w*.py")) if not names or p.stem.startswith(names)]
    if not found:
        raise click.ClickException(f"no workload in {folder} begins with {', '.join(names) or 'w'}")
    table = Table("workload", "ours (KiB)", "by hand (KiB)", "ratio", "error")
    for name in found:
        ours, hand, error = compare(importlib.import_module(name))
        table.add_row(name, f"{ours / 1024:.1f}", f"{hand / 1024:.1f}", f"x{ours / hand:.2f}", f"{error:.0e}")
    Console().print(table)


if __name__ == "__main__":
    main()
