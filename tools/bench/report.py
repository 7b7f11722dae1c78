"""Results as Markdown, with the machine that they come from, and as a plot."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path

PACKAGES = ("numpy", "ad-compiler", "numba", "jax", "autograd", "torch")


def machine() -> str:
    """One line: processor, Python, versions."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    python = f"Python {platform.python_version()}"
    threads = os.environ.get("OMP_NUM_THREADS", "as the libraries like")
    return ", ".join([platform.machine(), platform.system(), python, *found]) + f"; threads: {threads}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def geometric_mean(values: Sequence[float]) -> float:
    """What ratios are summed up by."""
    return math.exp(sum(map(math.log, values)) / len(values))


def duration(seconds: float) -> str:
    """Seconds in a unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def plot(path: Path, title: str, across: str, up: str,
         lines: dict[str, tuple[Sequence[float], Sequence[float]]]) -> bool:
    """Lines on logarithmic axes; False where matplotlib is not installed."""
    if importlib.util.find_spec("matplotlib") is None:
        return False
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5))
    for name, (xs, ys) in lines.items():
        axes.plot(xs, ys, "o-", label=name)
    axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up, title=title)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(path, bbox_inches="tight")
    plt.close(figure)
    return True


def bars(path: Path, title: str, names: Sequence[str], columns: dict[str, Sequence[float | None]]) -> bool:
    """Groups of bars on a logarithmic axis; False where matplotlib is not installed."""
    if importlib.util.find_spec("matplotlib") is None:
        return False
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(10, 0.35 * len(names) * max(1, len(columns)) / 2 + 1.5))
    height = 0.8 / max(1, len(columns))
    for at, (name, values) in enumerate(columns.items()):
        places = [i + at * height for i, v in enumerate(values) if v is not None]
        axes.barh(places, [v for v in values if v is not None], height, label=name)
    axes.set(xscale="log", title=title, yticks=[i + 0.4 - height / 2 for i in range(len(names))], yticklabels=names)
    axes.invert_yaxis()
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.legend(fontsize="small")
    figure.savefig(path, bbox_inches="tight")
    plt.close(figure)
    return True
