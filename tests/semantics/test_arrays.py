"""Programs of arrays beside NumPy: those of public reports and of NumPy's documentation, a part of them each day."""

import datetime as dt

import pytest

from tests.semantics.arrays import FINE, RIGHT, judged
from tests.semantics.conformance import TABLES

PARTS = {"reports": 8}


@pytest.mark.parametrize("table", TABLES)
def test_right_or_refused(table, request):
    parts = PARTS.get(table, 160)
    today = dt.datetime.now(dt.UTC).toordinal() % parts
    programs = [program for at, program in enumerate(TABLES[table].values())
                if at % parts == today or request.config.getoption("--whole")]
    found = {program.name: judged(program) for program in programs}
    assert not {f"{name}: {more}" for name, (word, more) in found.items() if word not in FINE}
    assert sum(word in RIGHT for word, _ in found.values()) > len(programs) / 2     # a refusal is no answer
