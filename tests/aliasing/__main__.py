"""The matrix of aliasing programs: for each, is its gradient right, refused or wrong?"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("AD_COMPILER_VERIFY", "1")    # read when ad_compiler is imported, hence set first

from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from ad_compiler import CannotDifferentiate, grad  # noqa: E402
from tests.aliasing.check import CRASHED, KINDS, REFUSED, RIGHT, ROUNDED, WRONG, Verdict, check, loaded, run  # noqa: E402
from tests.aliasing.expected import known  # noqa: E402
from tests.aliasing.programs import Program, programs, sampled  # noqa: E402

Results = list[tuple[Program, Verdict]]


def table(title: str, results: Results, key: Callable[[Program], str]) -> Table:
    """Counts by one property of the programs."""
    counts = Counter((key(program), verdict.kind) for program, verdict in results)
    grid = Table(title, *KINDS)
    for column in grid.columns[1:]:
        column.justify = "right"
    for row in dict.fromkeys(key(program) for program, _ in results):
        grid.add_row(row, *(str(counts[row, kind] or "") for kind in KINDS))
    grid.add_section()
    grid.add_row("all", *(str(sum(counts[name, k] for name, k in counts if k == kind)) for kind in KINDS))
    return grid


def show(program: Program) -> None:
    """One program, the verdict on it, and the text of its gradient."""
    print(program.text)
    with tempfile.TemporaryDirectory(prefix="aliasing") as folder:
        verdict = check(program, folder)
        print(f"# {verdict.kind} {verdict.detail}\n")
        for shape in program.shapes:
            print(f"# x: {shape.shape} {shape.layout}")
            with loaded(program, folder) as f:
                try:
                    print(grad(f, argnums=(0, 1, 2)).source_for(*shape.make(shape.numbers())))
                except CannotDifferentiate as error:
                    print(error)


def print_reasons(results: Results) -> None:
    """Why programs were refused, the most frequent reason first, with an example of each."""
    reasons: dict[str, list[str]] = {}
    for program, verdict in results:
        if verdict.kind == REFUSED:
            reasons.setdefault(verdict.detail, []).append(program.name)
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"{len(names):5d}  {reason}\n       {names[0]}")


def print_expected(results: Results) -> None:
    """The floor of expected.py, as it is now."""
    right = Counter(program.writer for program, verdict in results if verdict.kind == RIGHT)
    print("RIGHT: dict[str, int] = {")
    line = "   "
    for name in dict.fromkeys(program.writer for program, _ in results):
        pair = f' "{name}": {right[name]},'
        if len(line + pair) > 114:
            print(line)
            line = "   "
        line += pair
    print(f"{line}\n}}")


def print_faults(results: Results) -> bool:
    """Those that are known, then the others; whether there are others."""
    bad = [(program, verdict, known(program, verdict)) for program, verdict in results
           if verdict.kind in (ROUNDED, WRONG, CRASHED)]
    for program, verdict, why in sorted(bad, key=lambda fault: not fault[2]):
        print(f"{verdict.kind} {program.name}{' (known)' if why else ''}\n    {verdict.detail}")
    for why, count in Counter(why for _, _, why in bad if why).items():
        print(f"{count:5d}  known: {why}")
    new = sum(not why for _, _, why in bad)
    print(f"{new:5d}  not known")
    return new > 0


def progress(items: Iterable[Any], total: int) -> Iterable[Any]:
    """The items, with a line on stderr that says how many are done; only on a terminal."""
    console = Console(stderr=True)
    return track(items, "programs", total=total, console=console, transient=True, disable=not console.is_terminal)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.aliasing", description=__doc__)
    parser.add_argument("--match", default="", metavar="TEXT", help="only programs whose name contains this")
    parser.add_argument("--more", type=int, default=0, metavar="N", help="N other programs, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="with --more: another seed draws others")
    parser.add_argument("--show", metavar="NAME", help="print one program, the verdict on it and its gradient")
    parser.add_argument("--refused", action="store_true", help="list the reasons for refusals")
    parser.add_argument("--expected", action="store_true", help="print the floor for expected.py")
    options = parser.parse_args()
    chosen = list(sampled(options.more, options.seed)) if options.more else list(programs())
    if options.show:
        found = [program for program in chosen if program.name == options.show]
        if not found:
            print(f"there is no program {options.show}", file=sys.stderr)
            return 2
        show(found[0])
        return 0
    chosen = [program for program in chosen if options.match in program.name]
    results: Results = list(progress(run(chosen), len(chosen)))
    Console(highlight=False).print(table("writer", results, lambda p: p.writer), table("access path", results, lambda p: p.path),
                                   table("reader", results, lambda p: p.reader))
    if options.refused:
        print_reasons(results)
    if options.expected:
        print_expected(results)
    return 1 if print_faults(results) else 0


if __name__ == "__main__":
    sys.exit(main())
