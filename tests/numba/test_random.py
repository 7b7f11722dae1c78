"""A few of the random programs; `python -m tests.numba.random_programs` does more, as do those beside it."""

import warnings

import pytest

from tests.numba import random_chains, random_parallel
from tests.numba.random_programs import FINE, against_differences, compare


@pytest.mark.parametrize("seed", range(2000, 2006))
def test_both_dialects_agree(seed):
    word, text = compare(seed)
    assert word in FINE, text


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_against_differences(first):
    for seed in range(first, first + 20):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
            word, text = against_differences(seed)
        assert word in FINE, f"seed {seed}: {word}\n{text}"


@pytest.mark.parametrize("seed", [3])
@pytest.mark.parametrize("kind", [random_chains, random_parallel], ids=["chains", "parallel"])
def test_of_a_kind(kind, seed):
    word, text = kind.compare(seed)
    assert word in kind.FINE, text
