"""What the first call costs, for programs of growing length: the transformation alone; with Numba, cold and cached.

    python tools/bench/compile_time.py [--numba]

Numba's columns are of processes of their own, from the import of the user's module to the first gradient, beyond
`import numba`; the first process finds nothing on disk, the second what the first has left there.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from timing import same_threads

same_threads()

import click  # noqa: E402
import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402

from ad_compiler import value_and_grad  # noqa: E402
from report import duration, machine, plot, table  # noqa: E402

LENGTHS = (10, 25, 50, 100, 200, 400)
PATTERNS = ("y = np.tanh(x * {c} + y)", "s = s + np.sum(y * x)", "z[1:] = y[:-1] * {c}",
            "y = y + z * s / (1.0 + s * s)", "if s > {c}:", "    y = y * 0.5", "for i in range(3):",
            "    z[i] = z[i] * y[i] + {c}")


def program(lines: int) -> str:
    """A function of about so many lines: elementwise calls, sums, stores, branches and loops."""
    body = ["y, z, s = x * 1.0, x * 2.0, 0.0"]
    body += [PATTERNS[at % len(PATTERNS)].format(c=round(0.1 + 0.01 * at, 2)) for at in range(lines - 3)]
    while body[-1].endswith(":"):
        body.pop()
    body.append("return s + np.sum(y * z)")
    return "import numpy as np\n\n\ndef f(x):\n" + "".join(f"    {line}\n" for line in body)


def loaded(text: str, folder: str, name: str) -> Any:
    """The function of a program that stands in a file."""
    path = Path(folder) / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise click.ClickException(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


CHILD = """
import sys, time
import numba, numba.core.types, numpy as np
numba.njit(lambda: 1.0)()
begun = time.perf_counter()
import {name}
from ad_compiler import value_and_grad
value_and_grad({name}.f, backend="numba")(np.linspace(0.1, 0.9, 8))
print(time.perf_counter() - begun)
"""


def with_numba(text: str, folder: str, lines: int) -> list[str]:
    """The time to the first gradient in a process that compiles, and in one after it."""
    home = Path(folder) / f"cold_{lines}"
    home.mkdir()
    (home / "work.py").write_text(text, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}    # as where it is installed
    environment["AD_COMPILER_CACHE_DIR"] = str(home / "cache")
    taken = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", CHILD.format(name="work")], cwd=home, env=environment, check=False,
                              capture_output=True, text=True)
        if "CannotDifferentiate" in done.stderr:
            return ["refused", "–"]
        done.check_returncode()
        taken.append(float(done.stdout.split()[-1]))
    return [duration(seconds) for seconds in taken]


@click.command()
@click.option("--numba", "compiled", is_flag=True, help="Numba too: it takes seconds for each program.")
@click.option("--repeats", default=3, show_default=True, help="The least of so many is shown.")
@click.option("--longest", default=LENGTHS[-1], show_default=True, help="Lines of the longest program.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md and FILE.png.")
def main(compiled: bool, repeats: int, longest: int, out: Path | None) -> None:
    """Show the time from a function to its gradient, first call included."""
    x = np.linspace(0.1, 0.9, 8)
    rows, sizes, times, texts = [], [], [], {}
    head = ["lines", "first call", "each line", "lines of the gradient", *["Numba, cold", "Numba, cached"] * compiled]
    with tempfile.TemporaryDirectory() as folder, Progress(
            console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        lengths = [n for n in LENGTHS if n <= longest]
        task = progress.add_task("", total=len(lengths) * repeats)
        taken: dict[int, list[float]] = {lines: [] for lines in lengths}
        for at in range(repeats):       # in turn: a busy moment of the machine does not take all of one length
            for lines in lengths:
                progress.update(task, description=f"{lines} lines")
                gradient = value_and_grad(loaded(program(lines), folder, f"program_{lines}_{at}"))
                begun = time.perf_counter()
                gradient(x)
                taken[lines].append(time.perf_counter() - begun)
                texts[lines] = gradient.source
                progress.update(task, advance=1, refresh=True)      # no thread that refreshes while this is timed
        for lines in lengths:
            sizes.append(float(lines))
            times.append(min(taken[lines]))
            rows.append([str(lines), duration(times[-1]), duration(times[-1] / lines), str(texts[lines].count("\n"))])
            if compiled:
                rows[-1] += with_numba(program(lines), folder, lines)
    text = table(head, rows) + f"\n{machine()}.\n"
    click.echo(text)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
        if not plot(out.with_suffix(".png"), "first call", "lines", "seconds", {"transformation": (sizes, times)}):
            click.echo("no plot: matplotlib is not installed", err=True)


if __name__ == "__main__":
    main()
