"""A few of the programs of `random_control`; `python -m tests.random_control 0 1000` does more."""

import warnings

import pytest

from tests.random_control import verdict, written


@pytest.mark.parametrize(("first", "end", "second"), [
    *((first, first + 20, False) for first in range(0, 120, 20)), (120, 130, True), (130, 140, True)])
def test_against_differences(first, end, second):
    for seed in range(first, end):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
            word = verdict(seed, second=second)
        assert word in ("right", "refused"), f"seed {seed}: {word}\n{written(seed)[0]}"
