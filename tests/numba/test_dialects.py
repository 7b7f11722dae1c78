"""All test functions: what Numba compiles is equal to rounding to NumPy's, the rest is refused.

`python -m tests.dialects` has Numba compile each; here a sample is compiled, and the others are interpreted.
"""

import pytest

from ad_compiler import CannotDifferentiate
from tests.dialects import compare, programs

ALL = list(programs())


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
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
