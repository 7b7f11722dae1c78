"""Every row of the table through `check_rule`, and the table against the registry."""

import math
import operator

import numpy as np

from ad_compiler import runtime
from ad_compiler.read.library.told import DECOMPOSITIONS
from ad_compiler.rules import registry
from ad_compiler.testing import check_rule
from tests.groups import in_groups
from tests.rules.specs import TABLE


@in_groups(TABLE, lambda row: row.name)
def test_row(row):
    check_rule(row.fn, row.build(), row.kw, **row.options)


NOT_IN_TABLE = {
    # take integers, or anything; nothing to differentiate and nothing but a constant kind
    math.comb, math.factorial, math.lcm, math.perm, math.isqrt, operator.is_not, operator.lshift, operator.rshift,
    runtime.steps_ahead,
    # it rounds to a thousandth: tests/numerics/test_small_types.py
    np.float16,
    # lists of cotangents, in derivatives of loops
    runtime.add_lists, runtime.list_add, runtime.zero_list,
    # of what is not known: tests/transforms/table.py
    runtime.as_real,
    # names that may not be bound: tests/test_unbound.py
    runtime.zeros_if_bound, runtime.copy_if_bound,
    # lists that change: tests/test_lists.py
    runtime.make_list, runtime.list_append, runtime.list_set, runtime.list_pop, runtime.list_copy,
    runtime.sorting,
    # give several arrays of positions
    np.nonzero, np.triu_indices, np.tril_indices, np.triu_indices_from, np.tril_indices_from, np.diag_indices,
    np.flatnonzero,
}


def test_every_rule_has_a_row():
    missing = set(registry.all_rules()) - {row.fn for row in TABLE} - NOT_IN_TABLE
    assert not missing


def test_methods_and_attributes_have_rules():
    for fn in (*registry.METHODS.values(), *registry.ATTRIBUTES.values()):
        assert registry.lookup(fn) is not None or fn in DECOMPOSITIONS


def test_methods_are_methods():
    for name in (*registry.METHODS, *registry.ATTRIBUTES):
        assert hasattr(np.ndarray, name)
