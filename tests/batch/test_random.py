"""A part of what `python -m tests.batch.random_programs` draws."""

import warnings

import pytest

from tests.batch.random_programs import verdict, verdict_of_sum


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
        yield


@pytest.mark.parametrize("gradient", [False, True], ids=["value", "gradient"])
@pytest.mark.parametrize("programs", ["control", "arrays"])
@pytest.mark.parametrize("seed", [*range(4), 64, 86, 118, 186, 213, 240, 336, 370, 434, 686, 866, 1043, 2083])
def test_each_sample(seed, programs, gradient):
    assert verdict(seed, programs, gradient) in ("right", "refused")


@pytest.mark.parametrize("programs", ["control", "arrays"])
@pytest.mark.parametrize("seed", range(3))
def test_the_sum_over_a_batch(seed, programs):
    assert verdict_of_sum(seed, programs) in ("right", "refused")
