"""A few of the random programs; `python -m tests.numba.random_programs` does more."""

import pytest

from tests.numba.random_programs import compare


@pytest.mark.parametrize("seed", range(2000, 2006))
def test_both_dialects_agree(seed):
    word, text = compare(seed)
    assert word != "apart", text
