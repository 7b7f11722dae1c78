"""Every row of the table of rules for a batch, whichever of its arguments vary, against a loop over the samples."""

import numpy as np
import pytest

from ad_compiler import CompilerFault
from ad_compiler.testing_batch import check_batch
from tests.rules.specs import TABLE

NOTHING_TO_COMPARE = {
    np.empty_like,      # what stands there is not said
    np.shape,           # lengths, which are no numbers of a sample
}
ROWS = [row for row in TABLE if row.fn not in NOTHING_TO_COMPARE and not (row.fn is np.arange and row.args[1:])]
"""`np.arange` with other ends gives arrays of other lengths."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row):
    check_batch(row.fn, row.build(), row.kw)


def test_a_wrong_form_is_noticed(monkeypatch):
    from ad_compiler.rules import registry

    def wrong(a, *, varies, samples):
        return a[::-1]

    monkeypatch.setitem(registry._BATCHED, np.ravel, wrong)
    with pytest.raises((AssertionError, CompilerFault)):
        check_batch(np.ravel, (np.arange(3.0),))
