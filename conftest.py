"""Doctests of modules that need an extra are collected where it is installed; what Numba compiles in the tests.

Derivatives for Numba are run by Python, more strictly than what is compiled (tests/numba/strict), except in tests that
are marked `compiled`, in doctests, and everywhere with `-m jit`.
"""

import importlib.util
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "tests"
NEEDS = {"ad_compiler/jit/twins.py": "numba", "tests/transforms/beside_jax.py": "jax"}
collect_ignore = [path for path, extra in NEEDS.items() if importlib.util.find_spec(extra) is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/numba/"):
            item.add_marker(pytest.mark.jit)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before fixtures are made: some of them compile."""
    if TESTS in item.path.parents:
        from tests.numba.strict.interpreter import interpret_all

        chosen = re.search(r"(?<!not )\bjit\b", item.config.getoption("markexpr"))
        interpret_all(not chosen and item.get_closest_marker("compiled") is None)
