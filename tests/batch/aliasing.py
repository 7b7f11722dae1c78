"""Every way to write into every kind of memory, for a batch: the matrix of tests/aliasing.

    python -m tests.batch.aliasing [every]

prints the programs whose values or gradients for a batch are not those of each sample, or that change a batch, then
counts.  Exit status 1 where there are any.  `every`: one program of so many.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import grad, vmap
from tests.aliasing.check import Verdict, check
from tests.aliasing.programs import Program
from tests.tangent.aliasing import matrix


def by_samples(f: Callable[..., Any], argnums: tuple[int, ...]) -> Callable[..., Any]:
    """The value and the gradients of a function, as those of the first of three samples."""
    def value_and_gradients(*args: Any) -> Any:
        batch = [np.stack([np.asarray(x), np.asarray(x) * 1.01, np.asarray(x) * 0.98]) for x in args]
        before = copy.deepcopy(batch)
        wanted = [f(*(x[at].copy() if x[at].ndim else float(x[at]) for x in before)) for at in range(3)]
        values = vmap(f, check="off")(*batch)
        gradients = vmap(grad(f, argnums, check="off"), check="off")(*batch)
        np.testing.assert_allclose(values, wanted, rtol=1e-12, atol=1e-12)
        for one, other in zip(batch, before, strict=True):
            np.testing.assert_array_equal(one, other)
        return wanted[0], tuple(g[0].copy() if g[0].ndim else type(x)(g[0])
                                for g, x in zip(gradients, args, strict=True))
    return value_and_gradients


def verdict(program: Program, folder: str) -> Verdict:
    """"right", "refused" or wrong, by a loop over the samples and differences of the program."""
    shapes = tuple(shape._replace(layout="C") for shape in program.shapes)      # as samples lie in a batch
    return check(replace(program, shapes=shapes), folder, (by_samples,))


if __name__ == "__main__":
    sys.exit(matrix(verdict))
