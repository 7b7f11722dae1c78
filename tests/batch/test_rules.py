"""Every row of the table of rules for a batch, whichever of its arguments vary, against a loop over the samples."""

import operator

import numpy as np
import pytest

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler import CannotDifferentiate, CompilerFault, vmap
from ad_compiler.rules.registry import all_rules, lookup, run_vjp
from ad_compiler.rules.traits import traits_of
from ad_compiler.testing_batch import batch_of, call_of, check_batch, choices, leaves
from tests.groups import in_groups
from tests.rules.specs import TABLE

NOTHING_TO_COMPARE = {
    np.empty_like,      # what stands there is not said
    np.shape,           # lengths, which are no numbers of a sample
}
ROWS = [row for row in TABLE if row.fn not in NOTHING_TO_COMPARE and not (row.fn is np.arange and row.args[1:])]
"""`np.arange` with other ends gives arrays of other lengths."""


@in_groups(ROWS, lambda row: row.name)
def test_row(row):
    check_batch(row.fn, row.build(), row.kw)


def test_a_wrong_form_is_noticed(monkeypatch):
    from ad_compiler.rules import registry

    def wrong(a, *, varies, samples):
        return a[::-1]

    monkeypatch.setitem(registry._BATCHED, np.ravel, wrong)
    with pytest.raises((AssertionError, CompilerFault)):
        check_batch(np.ravel, (np.arange(3.0),))


POINTS = np.array([-2.5, -1.0, -0.0, 0.0, 1e-3, 1.0, 2.5])


@pytest.mark.parametrize("fn", [fn for fn in all_rules() if traits_of(fn).total and traits_of(fn).elementwise
                                and not getattr(fn, "__module__", "").startswith(("ad_compiler", "math"))],
                         ids=lambda fn: f"{getattr(fn, '__module__', '')}.{fn.__name__}")
def test_what_is_total_has_finite_values_and_slopes_and_does_not_warn(fn):
    """At kinks and zeros too: an arm of a branch may be computed for samples that do not take it."""
    entry = lookup(fn)
    count = sum(p.default is p.empty for p in entry.signature.parameters.values())
    args = tuple(a.ravel() for a in np.meshgrid(*[POINTS] * count))
    if fn in (np.where, operator.and_, operator.or_, np.bitwise_and, np.bitwise_or):
        args = tuple(a > 0 if i == 0 or fn is not np.where else a for i, a in enumerate(args))
    out = fn(*args) if fn is not operator.not_ else [fn(x) for x in args[0]]
    assert np.all(np.isfinite(out))
    if not entry.constant:
        for bar in run_vjp(entry, args, {}, out, np.ones_like(out)):
            assert bar is None or np.all(np.isfinite(bar))


@pytest.mark.parametrize("first", range(0, len(ROWS), 60))
def test_no_samples(first):
    """Of none there are none, in the shape that one would have."""
    rng = np.random.default_rng(0)
    for row in ROWS[first:first + 60]:
        call, args = call_of(row.fn, row.build(), dict(row.kw))
        for dims in choices(args):
            one = leaves(call(*args))
            batch = [batch_of(a, d, 0, rng) for a, d in zip(args, dims, strict=True)]
            try:
                none = leaves(vmap(call, in_dims=tuple(dims), check="off")(*batch))
            except CannotDifferentiate as error:
                assert "cannot be told of no samples" in str(error)     # noqa: PT017  (one row of hundreds)
                continue
            for got, like in zip(none, one, strict=True):
                assert np.shape(got) == (0, *np.shape(like)), (row.name, dims)
