"""Every way to write into every kind of memory, in forward mode: the matrix of tests/aliasing.

    python -m tests.tangent.aliasing [every]

prints the programs whose value or tangents are not those of the program, then counts.  Exit status 1 where there are
any.  `every`: one program of so many.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import jvp
from tests.aliasing.check import CRASHED, WRONG, Verdict, check
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


def main() -> int:
    """The command."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for program in programs()[::int(sys.argv[1]) if len(sys.argv) > 1 else 1]:
            kind, detail = verdict(program, folder)
            counts[kind] += 1
            if kind in (WRONG, CRASHED):
                print(f"{program.name}: {kind}: {detail}\n{program.text}", flush=True)
    print(dict(counts))
    return int(counts[WRONG] + counts[CRASHED] > 0)


if __name__ == "__main__":
    sys.exit(main())
