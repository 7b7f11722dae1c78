"""Every way to write into every kind of memory, in forward mode: the matrix of tests/aliasing.

    python -m tests.tangent.aliasing [every]

prints the programs whose value or tangents are not those of the program, then counts.  Exit status 1 where there are
any.  `every`: one program of so many.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import jvp
from tests.aliasing.check import CRASHED, WRONG, Verdict, check, run
from tests.aliasing.programs import Program, programs


def by_tangents(f: Callable[..., Any], argnums: tuple[int, ...]) -> Callable[..., Any]:
    """The value and the gradients of a function, each number of a gradient along a tangent of its own."""
    def value_and_gradients(*args: Any) -> Any:
        value, found = None, []
        for n in argnums:
            gradient = np.zeros(np.shape(args[n]))
            for at in np.ndindex(gradient.shape):
                tangents = [np.zeros(np.shape(x)) for x in args]
                tangents[n][at] = 1.0
                value, gradient[at] = jvp(f, args, tuple(tangents), check="off")
            found.append(gradient if isinstance(args[n], np.ndarray) else float(gradient[()]))
        return value, tuple(found)
    return value_and_gradients


def verdict(program: Program, folder: str) -> Verdict:
    """"right", "refused" or wrong, by differences of the program."""
    return check(program, folder, (by_tangents,))


def matrix(judge: Callable[[Program, str], Verdict]) -> int:
    """What is wrong, and counts, of one program in as many as the command says."""
    counts: Counter[str] = Counter()
    for program, (kind, detail) in run(programs()[::int(sys.argv[1]) if len(sys.argv) > 1 else 1], judge):
        counts[kind] += 1
        if kind in (WRONG, CRASHED):
            print(f"{program.name}: {kind}: {detail}\n{program.text}", flush=True)
    print(dict(counts))
    return int(counts[WRONG] + counts[CRASHED] > 0)


if __name__ == "__main__":
    sys.exit(matrix(verdict))
