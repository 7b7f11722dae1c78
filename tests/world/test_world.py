"""A sample of the programs whose world changes between two calls, another one each day; more with `--whole`."""

import datetime as dt
import os
import subprocess
import sys

import pytest

from tests.world.programs import PLACES, SCENES, THINGS, calls, drawn, judged, like

SAMPLE = 100


def seeds(request):
    if request.config.getoption("--whole"):
        return range(2000)
    return range(first := dt.datetime.now(dt.UTC).toordinal() % 1000 * SAMPLE, first + SAMPLE)


def test_right_or_refused(request):
    verdicts = {seed: judged(drawn(seed)) for seed in seeds(request)}
    assert not {f"seed {seed}: {word}\n{more}" for seed, (word, more) in verdicts.items()
                if word not in ("right", "refused", "impossible")}
    assert sum(word == "right" for word, _ in verdicts.values()) > len(verdicts) / 3        # a refusal is no answer


def test_changes_that_make_a_difference():
    pairs = [calls(drawn(seed))[:2] for seed in range(40)]
    assert sum(not like(first, second) for first, second in pairs) > 10


def test_a_fresh_process_gives_what_a_fresh_derivative_gives():
    """Once, for a few: the command then compares within one process."""
    chosen = [seed for seed in range(60) if drawn(seed).asked != "jvp"][:25]
    text = ("import sys\nfrom tests.world.programs import drawn, fresh, shown\n"
            f"for seed in {chosen}:\n    print(shown(fresh(drawn(seed))))\n")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, env=os.environ)
    from tests.world.programs import fresh, shown

    assert done.stdout.splitlines() == [shown(fresh(drawn(seed))) for seed in chosen]


@pytest.mark.parametrize("table", [PLACES, THINGS, SCENES])
def test_tables_are_whole(table):
    assert len(table) > 25
