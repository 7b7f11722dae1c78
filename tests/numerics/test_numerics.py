"""A part of the two tables, the same in each run; all of it by their commands, or with `--whole`."""

import pytest

from tests.numerics import dtypes, nans
from tests.numerics.dtypes import programs

pytest.importorskip("numba")

from tests.numba.strict.interpreter import interpreted  # noqa: E402

ALL = list(programs())



@pytest.mark.parametrize("row", nans.ROWS, ids=lambda row: row.name)
def test_no_nan(row):
    with interpreted():
        for way, call, want in nans.ways(row):
            assert nans.verdict(call, want) == "right", way


@pytest.mark.parametrize("part", range(100))
def test_right_or_refused(part):
    for program in ALL[part::100]:
        assert dtypes.verdict(program, "numpy") in ("right", "refused", "raises"), program.name


def test_the_commands(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["nans", "square of"])
    assert nans.main() == 0
    monkeypatch.setattr("sys.argv", ["dtypes", "negative bool", "negative uint8", "times x float32 int8"])
    assert dtypes.main() == 0
    assert "right" in capsys.readouterr().out


def test_a_wrong_number_is_told():
    row = nans.Row("", lambda x: x * x, 2.0, 5.0)
    way, call, want = next(nans.ways(row))
    assert nans.verdict(call, want) == "4.0, not 5.0"
    program = dtypes.Program("", lambda x: x[0] * (2.0 if type(x) is list else 1.0), (), "float64")
    assert dtypes.verdict(program, "numpy") == "right"
