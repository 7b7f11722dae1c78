"""Programs drawn at random in forward mode: a part of those of the command."""

import warnings

import pytest

from tests.tangent.random_programs import verdict


@pytest.mark.parametrize("first", range(0, 20, 10))
@pytest.mark.parametrize(("arrays", "gradient"), [(False, False), (True, False), (True, True)],
                         ids=["control", "arrays", "gradient_of_arrays"])
def test_against_differences(first, arrays, gradient):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
        words = [verdict(seed, arrays=arrays, gradient=gradient) for seed in range(first, first + (3 if gradient else 10))]
    assert set(words) <= {"right", "rough", "refused"}
    assert words.count("right") >= len(words) // 2


@pytest.mark.parametrize("seed", range(100, 103))
def test_gradients_of_loops_and_branches(seed):
    assert verdict(seed, gradient=True) in {"right", "rough", "refused"}
