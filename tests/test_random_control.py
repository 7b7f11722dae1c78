"""A few of the programs of `random_control`; `python -m tests.random_control 0 1000` does more."""

import warnings

import pytest

from tests.random_control import verdict, written


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_against_differences(first):
    for seed in range(first, first + 20):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
            word = verdict(seed)
        assert word in ("right", "refused"), f"seed {seed}: {word}\n{written(seed)[0]}"
