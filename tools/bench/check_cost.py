"""What it costs that a derivative is held against the function at its first call.

    python tools/bench/check_cost.py [--no-slow]

First calls of all test programs (`tests/dialects.py`), without and with the check in turn, compiled anew each time in
one process, so that what Python has parsed is parsed for both; calls after it; and two functions that take long, each
in a process of its own: one of 20 s in Python's loops under Numba, one of 2 s in NumPy.  First calls are told in time
of the processor, on one thread: what others do on it does not count.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import gc
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from timing import interleaved, same_threads

same_threads()

import click  # noqa: E402
import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402

from ad_compiler import CannotDifferentiate, value_and_grad  # noqa: E402
from report import duration, machine, table  # noqa: E402

ROOT = Path(__file__).parents[2]
MODES = ("off", "first")


# -- programs -------------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """Seconds of a first call, without and with the check; what was told."""

    name: str
    without: float
    checked: float
    told: str

    @property
    def more(self) -> float:
        return self.checked - self.without

    @property
    def ratio(self) -> float:
        return self.checked / self.without


def first_call(program: Any, mode: str) -> tuple[float, str]:
    """Seconds of a call that compiles, and what was told."""
    args, kwargs = copy.deepcopy((program.args, program.kwargs))
    g = value_and_grad(program.func, program.argnums, check=mode)
    g.cache_clear()
    with contextlib.redirect_stdout(io.StringIO()):
        begun = time.process_time()
        with contextlib.suppress(Exception):        # some raise on purpose
            g(*args, **kwargs)
        taken = time.process_time() - begun
    return taken, word(g.checked)


def word(checked: Any) -> str:
    """What was told, in a word."""
    if checked is None:
        return ""
    if checked.fault:
        return "fault"
    if not checked.runs:
        return "not run again"
    return "slope agrees" if checked.slope == "agrees" else "value or error only" if checked.value else "nothing told"


def costs(repeats: int) -> list[Cost]:
    """Of each program, the median of several first calls."""
    sys.path.insert(0, str(ROOT))
    from tests.dialects import programs

    found = []
    everything = list(programs())
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for program in progress.track(everything):
            taken: dict[str, list[float]] = {mode: [] for mode in MODES}
            told = ""
            for n in range(repeats + 1):
                for mode in MODES:
                    gc.collect()
                    seconds, said = first_call(program, mode)
                    told = said or told
                    if n:       # the first time all is read from files
                        taken[mode].append(seconds)
            found.append(Cost(program.name, *(statistics.median(taken[mode]) for mode in MODES), told))
    return found


def about_programs(repeats: int) -> str:
    """The part of the report on test programs."""
    found = costs(repeats)
    rows = []
    for title, of in (("median", statistics.median), ("mean", statistics.mean), ("largest", max)):
        rows.append([title, duration(of([c.without for c in found])), duration(of([c.checked for c in found])),
                     f"{of([c.ratio for c in found]):.2f}", duration(of([c.more for c in found]))])
    worst = [sorted(found, key=lambda c: -getattr(c, by))[:5] for by in ("ratio", "more")]
    lines = [f"{len(found)} programs, first call:", "",
             table(["", "without", "with the check", "ratio", "more"], rows),
             "Largest ratios: " + ", ".join(f"{c.name} {c.ratio:.2f} ({duration(c.checked)})"
                                            for c in worst[0]) + ".", "",
             "Largest differences: " + ", ".join(f"{c.name} {duration(c.more)} ({c.ratio:.2f})"
                                                 for c in worst[1]) + ".", "",
             "Told: " + ", ".join(f"{n} {what}" for what, n in Counter(c.told for c in found).most_common()) + "."]
    return "\n".join(lines) + "\n"


# -- later calls ----------------------------------------------------------------------------------------


def number(x: Any) -> Any:
    return x * x


def vector(x: Any) -> Any:
    return np.sum(x * x)


def several(w: Any, b: Any, x: Any) -> Any:
    return np.sum(np.tanh(x @ w + b))


def about_later_calls(budget: float) -> str:
    """The part of the report on calls that find a derivative."""
    ones = np.ones((4, 4))
    rows = []
    for func, args in ((number, (3.0,)), (vector, (np.ones(8),)), (several, (ones, np.ones(4), ones))):
        made = {mode: value_and_grad(func, check=mode) for mode in (*MODES, "always")}
        times = interleaved([functools.partial(g, *args) for g in made.values()], budget)
        rows.append([func.__name__, *(duration(t.seconds) for t in times), f"{times[1].ratio:.3f}"])
    return table(["a later call of", "off", "first", "always", "first / off"], rows)


# -- functions that take long ---------------------------------------------------------------------------

LONG = """
import numpy as np


def loops(x, rounds):
    s = 0.0
    for n in range(rounds):
        for i in range(len(x)):
            s += x[i] * x[i] / (1.0 + 0.001 * n * x[i])
    return s / rounds


def arrays(x, w):
    for _ in range(120):
        x = np.tanh(x @ w)
    return np.sum(x)
"""

CHILD = """
import sys, time
import numpy as np
import work
from ad_compiler import value_and_grad

name, mode = sys.argv[1:]
if name == "loops":
    import numba, numba.core.types
    numba.njit(lambda: 1.0)()
    args, backend = (np.linspace(0.5, 1.5, 1000), 52_000), "numba"
    share = (args[0], 1000)
else:
    rng = np.random.default_rng(0)
    args, backend = (rng.normal(size=(1000, 700)), rng.normal(size=(700, 700)) / 30.0), "numpy"
    share = args
begun = time.process_time()
getattr(work, name)(*share)
itself = (time.process_time() - begun) * (args[1] / share[1] if name == "loops" else 1.0)
g = value_and_grad(getattr(work, name), backend=backend, check=mode)
begun = time.process_time()
g(*args)
first = time.process_time() - begun
begun = time.process_time()
g(*args)
print(itself, first, time.process_time() - begun, g.checked, sep="|")
"""


def long_call(name: str, mode: str) -> tuple[float, float, float, str]:
    """Seconds of the function, of the first call and of the second, and what was told; of a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "work.py").write_text(LONG, encoding="utf-8")
        (Path(home) / "child.py").write_text(CHILD, encoding="utf-8")
        environment = os.environ | {"AD_COMPILER_CACHE_DIR": f"{home}/cache", "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "child.py", name, mode], cwd=home, env=environment, check=True,
                              text=True, capture_output=True)
    itself, first, second, told = done.stdout.strip().split("|")
    return float(itself), float(first), float(second), told


def about_long_calls(repeats: int) -> str:
    """The part of the report on functions that take long; the least of several."""
    rows = []
    for name in ("loops", "arrays"):
        found = {mode: min((long_call(name, mode) for _ in range(repeats)), key=lambda each: each[1]) for mode in MODES}
        without, checked = found["off"], found["first"]
        rows.append([name, duration(min(without[0], checked[0])), duration(without[1]), duration(checked[1]),
                     duration(checked[1] - without[1]), duration(without[2]), checked[3]])
    return table(["function", "itself", "first call, off", "first", "more", "second call, off", "told"], rows)


@click.command()
@click.option("--repeats", default=3, show_default=True, help="Calls of each program, and processes of each function.")
@click.option("--slow/--no-slow", default=True, help="With the functions that take long.")
@click.option("--budget", default=1.0, show_default=True, help="Seconds for each row of later calls.")
@click.option("--out", type=click.Path(path_type=Path), help="Write FILE.md.")
def main(repeats: int, slow: bool, budget: float, out: Path | None) -> None:
    """Compare calls with the check and without it."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(CannotDifferentiate):
        value_and_grad(number)(1.0)     # the check is imported
    parts = [about_programs(repeats), about_later_calls(budget)]
    if slow:
        parts.append(about_long_calls(repeats))
    text = "\n".join(parts) + f"\n{machine()}.\n"
    click.echo(text)
    if out is not None:
        out.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
