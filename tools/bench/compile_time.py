"""What the first call costs, for programs of growing length: the transformation alone; with Numba, cold and cached.

    python tools/bench/compile_time.py [--numba]
    python tools/bench/compile_time.py --transforms

Numba's columns are of processes of their own, from the import of the user's module to the first gradient, beyond
`import numba`; the first process finds nothing on disk, the second what the first has left there.  `--transforms`: what
the first call of the other transforms of two small functions costs, beside that of their gradient.
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


LOSSES = {"network, batch of 8": """
def f(w1, b1, w2, b2, x, y):
    h = np.tanh(x @ w1 + b1)
    r = h @ w2 + b2 - y
    return 0.5 * np.sum(r * r)
""", "Rosenbrock, slices": """
def f(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
"""}


def of_transforms(repeats: int) -> list[list[str]]:
    """First calls, each of a function of its own, in turn; the least of so many."""
    from ad_compiler import grad, hessian, hvp, jvp, vjp, vmap

    rng = np.random.default_rng(0)
    shapes = {"network, batch of 8": ((16, 32), (32,), (32, 1), (1,), (8, 16), (8, 1)), "Rosenbrock, slices": ((50,),)}
    rows: list[list[str]] = []
    for name, text in LOSSES.items():
        args = tuple(rng.normal(size=shape) for shape in shapes[name])
        batch = (*args[:-2], np.stack([args[-2]] * 4), np.stack([args[-1]] * 4)) if len(args) > 1 else (
            np.stack(args * 4),)
        dims = (*[None] * (len(args) - 2), 0, 0)[-len(args):]
        ways: dict[str, Any] = {
            "grad": lambda f, c, args=args: grad(f, check=c)(*args),
            "vjp": lambda f, c, args=args: vjp(f, *args, check=c),
            "jvp": lambda f, c, args=args: jvp(f, args, args, check=c),
            "hvp": lambda f, c, args=args: hvp(f, args, args, check=c),
            "hessian": lambda f, c, args=args: hessian(f, len(args) // 2, check=c)(*args),
            "vmap(grad)": lambda f, c, batch=batch, dims=dims: vmap(grad(f, check=c), dims, check=c)(*batch)}
        taken: dict[tuple[str, str], list[float]] = {(way, check): [] for check in ("off", "first") for way in ways}
        with tempfile.TemporaryDirectory() as folder:
            for at in range(repeats + 1):       # the first one imports
                for number, (way, check) in enumerate(taken):
                    func = loaded(f"import numpy as np\n{text}", folder, f"loss_{len(rows)}_{at}_{number}")
                    begun = time.perf_counter()
                    ways[way](func, check)
                    taken[way, check].append(time.perf_counter() - begun)
        least = {key: min(found[1:]) for key, found in taken.items()}
        for way in ways:
            cells = [(least[way, check], least["grad", check]) for check in ("off", "first")]
            rows.append([name if way == "grad" else "", way, *(
                text for one, base in cells for text in (duration(one), f"{one / base:.2f}"))])
    return rows


@click.command()
@click.option("--transforms", is_flag=True, help="Other transforms beside the gradient, in the place of long programs.")
@click.option("--numba", "compiled", is_flag=True, help="Numba too: it takes seconds for each program.")
@click.option("--repeats", default=3, show_default=True, help="The least of so many is shown.")
@click.option("--longest", default=LENGTHS[-1], show_default=True, help="Lines of the longest program.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md and FILE.png.")
def main(transforms: bool, compiled: bool, repeats: int, longest: int, out: Path | None) -> None:
    """Show the time from a function to its gradient, first call included."""
    if transforms:
        head = ["function", "first call of", "unchecked", "ratio", "checked", "ratio"]
        text = table(head, of_transforms(repeats)) + f"\n{machine()}.\n"
        click.echo(text)
        if out is not None:
            out.with_suffix(".md").write_text(text, encoding="utf-8")
        return
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
