"""A sample of all test functions: what Numba compiles is equal to rounding to NumPy's, the rest is refused.

`python -m tests.dialects` runs all of them.
"""

import pytest

from ad_compiler import CannotDifferentiate
from tests.dialects import compare, programs

ALL = list(programs())
EVERY = 10
CHOSEN = ("kernels.learning.lstm", "kernels.algebra.cholesky", "kernels.stencils.jacobi_2d",
          "corpus.physics.heat_equation")
SAMPLE = [p for n, p in enumerate(ALL) if n % EVERY == 0 or p.name in CHOSEN]


@pytest.mark.parametrize("program", SAMPLE, ids=lambda program: program.name)
def test_dialects_agree(program):
    try:
        found = compare(program)
    except CannotDifferentiate as error:
        if "Numba cannot compile" not in str(error):
            raise
        pytest.skip(f"refused: {str(error).splitlines()[0][-120:]}")
    assert found == "right"


def test_there_are_enough():
    assert len(ALL) > 350
