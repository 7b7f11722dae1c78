"""Every function of the registry has both modes."""

import numpy as np

from ad_compiler.rules import registry
from tests.rules.specs import TABLE
from tests.rules.test_rules import NOT_IN_TABLE
from tests.tangent.ways import WAYS, by_way, main


def test_every_function_has_a_way_and_a_row(capsys):
    """`check_rule` holds the tangent of each row against differences."""
    rows = {row.fn for row in TABLE if row.options.get("tangent", True)}
    for way, fns in by_way().items():
        assert way in WAYS
        assert way == "constant" or set(fns) <= rows | NOT_IN_TABLE
    main()
    assert "numpy.linalg.solve" in capsys.readouterr().out


def test_a_tangent_is_written_for_few():
    """It must be shorter than what is derived."""
    found = by_way()
    assert len(found["written"]) < 20
    assert {np.linalg.solve, np.linalg.cholesky} <= set(found["written"])
    assert {np.var, np.prod} <= set(found["derived"])


def test_a_tangent_asks_for_arguments_of_the_function():
    for fn in by_way()["written"]:
        rule = registry.lookup(fn)
        assert rule.dot_names
        assert {name.removesuffix("_dot") for name in rule.dot_names} <= set(rule.signature.parameters)
