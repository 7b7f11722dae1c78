"""A part of the matrix of aliasing programs in forward mode; `python -m tests.tangent.aliasing` does all."""

import pytest

from tests.aliasing.check import CRASHED, WRONG
from tests.aliasing.programs import programs
from tests.tangent.aliasing import verdict


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_part_of_the_matrix(first, tmp_path):
    verdicts = {program.name: verdict(program, str(tmp_path)) for program in programs()[first::40]}
    assert not {name: found for name, found in verdicts.items() if found.kind in (WRONG, CRASHED)}
    assert sum(found.kind == "right" for found in verdicts.values()) > len(verdicts) // 2
