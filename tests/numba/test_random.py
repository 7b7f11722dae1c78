"""A few of the random programs; `python -m tests.numba.random_programs` does more, as do those beside it."""

import warnings

import pytest

from tests.numba import random_chains, random_parallel
from tests.numba.random_programs import FINE, against_differences, compare


@pytest.mark.parametrize("seed", range(2000, 2024))
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


@pytest.mark.parametrize(("kind", "seed"), [
    *(pytest.param(random_chains, seed, id=f"chains-{seed}") for seed in range(12)),
    *(pytest.param(random_parallel, seed, id=f"parallel-{seed}") for seed in range(6)),
])
def test_of_a_kind(kind, seed):
    word, text = kind.compare(seed)
    assert word in kind.FINE, text
