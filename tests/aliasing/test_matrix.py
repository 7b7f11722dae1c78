"""No gradient of an aliasing program is wrong, and no fewer are right than there were.

`python -m tests.aliasing` asks each program for the gradient alone too, and verifies after each pass.
"""

from collections import Counter

import pytest

from tests.aliasing.check import CRASHED, RIGHT, ROUNDED, WRONG, check_quickly, run
from tests.aliasing.expected import RIGHT as FLOOR, known
from tests.aliasing.programs import programs

WRITERS = list(dict.fromkeys(program.writer for program in programs()))


def test_the_floor_names_each_writer():
    assert list(FLOOR) == WRITERS


@pytest.mark.parametrize("writer", WRITERS)
def test_right_or_refused(writer):
    results = list(run((program for program in programs() if program.writer == writer), check_quickly))
    faults = [(str(program), *verdict) for program, verdict in results
              if verdict.kind in (ROUNDED, WRONG, CRASHED) and not known(program, verdict)]
    assert not faults
    counts = Counter(verdict.kind for _, verdict in results)
    assert counts[RIGHT] + counts[ROUNDED] >= FLOOR[writer], f"{writer}: {counts}, of which {FLOOR[writer]} were right"
