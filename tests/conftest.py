"""Switches for the whole suite: where the verifier runs after every pass, and golden texts can be written anew."""

import gc
import os
import zlib
from pathlib import Path

import pytest

from ad_compiler.options import options

PARTS = {
    "aliasing/test_matrix.py::test_right_or_refused": 10, "analyse/test_restore.py::test_second_order": 2,
    "batch/test_corpus.py::test_gradient": 4, "batch/test_corpus.py::test_value": 3, "batch/test_random.py::": 3,
    "batch/test_rules.py::test_no_samples": 2, "checkpoints/test_functions.py::test_compositions": 4,
    "checkpoints/test_loops.py::test_budget": 4, "checkpoints/test_loops.py::test_compositions": 7,
    "matrices/": 2, "numba/test_callers.py::test_threads": 1000, "numba/test_callers.py::test_one_array": 1000,
    "numba/test_callers.py::test_lengths_that": 1000, "numba/test_callers.py::test_memory": 1000,
    "numba/test_dialects.py::": 8, "numba/test_forward.py::": 2, "numba/test_random.py::": 4,
    "numba/test_reuse.py::": 2, "numba/test_store.py::test_other_arguments": 1000,
    "numba/test_store_damaged.py::": 12,
    "numba/test_store_names.py::test_one_store_of_several_runs": 1000,
    "numba/test_store_names.py::test_one_store_of_processes_at_once": 1000, "numba/test_twins.py::": 2,
    "numerics/test_numerics.py::test_no_nan": 6, "numerics/test_numerics.py::test_right_or_refused": 100,
    "numerics/test_small_types.py::test_as_numpy": 2, "numerics/test_two_precisions.py::": 10,
    "semantics/test_told_numpy.py::": 3, "optimise/test_programs.py::test_same_results": 5, "published/test_kernels.py::": 4,
    "rules/test_compiled.py::": 2,
    "stores/test_stores.py::test_second_order": 3, "tangent/test_aliasing.py::": 2, "tangent/test_corpus.py::": 5,
    "tangent/test_kernels.py::": 3, "tangent/test_random.py::": 2, "transforms/test_documented.py::": 3,
    "transforms/test_implicit.py::": 2, "transforms/test_written_after.py::": 4,
    "transforms/test_later.py::": 3, "transforms/test_table.py::test_table": 40, "test_corpus.py::test_second_order": 4,
    "test_corpus.py::test_optimised_equals_unoptimised": 3, "test_nested_loops.py::test_second_order": 6,
    "test_nested_loops.py::test_the_cost": 14, "test_random_control.py::": 4,
    "test_recursion.py::test_second_order": 13, "test_recursion.py::test_beyond": 1000,
    "test_bench.py::test_first_call": 1000, "test_containers.py::test_drawn_programs": 4,
    "numba/test_second_order.py::test_lists": 1000, "validate/test_alarms.py::test_no_alarm": 2,
    "validate/test_right_programs.py::": 2, "emit/test_programs.py::": 2,
}
"""Of these tests one in so many is run, always the same ones; all of them with `--whole`."""

OWN_ORACLE = ("aliasing", "batch", "checkpoints", "kernels", "numba", "optimise", "published", "stores", "tangent")
"""Tests that hold gradients against differences themselves: two in three of them without the check at the first call."""

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the texts in tests/golden anew")
    parser.addoption("--whole", action="store_true", help="all tests of the families of which a part is run otherwise")


def share(item, parts):
    """Does a test belong to one of so many parts?"""
    return zlib.crc32(item.nodeid.encode()) % parts == 0


def pytest_collection_modifyitems(config, items):
    named = any("::" in arg for arg in config.args) or config.getoption("keyword")
    if config.getoption("--whole") or named:
        return
    families = {f"tests/{family}": parts for family, parts in PARTS.items()}
    of_families = [item for item in items if item.nodeid.startswith(tuple(families))]
    left = [item for item in of_families if any(
        item.nodeid.startswith(family) and not share(item, parts) for family, parts in families.items())]
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Nothing that collecting makes is garbage: not looking for it saves a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """The verifier takes a fifth of the time, the check a tenth: they run in a third of the tests that do without.

    In all with `AD_COMPILER_VERIFY=1` and `AD_COMPILER_CHECK=first`.
    """
    with pytest.MonkeyPatch.context() as patch:
        family = item.nodeid.split("/")[1] if item.nodeid.startswith("tests/") else ""
        if "AD_COMPILER_CHECK" not in os.environ and family in OWN_ORACLE and not share(item, 3):
            patch.setenv("AD_COMPILER_CHECK", "off")
        if "AD_COMPILER_VERIFY" in os.environ:
            return (yield)
        with options(verify=share(item, 3)):
            return (yield)


@pytest.fixture(autouse=True, scope="module")
def _old_objects_are_left_alone():
    """What earlier modules have left is not gone through at each collection: there are a million objects at the end."""
    gc.freeze()


@pytest.fixture
def golden_text(request):
    """A function that compares a text with tests/golden/NAME.txt, or writes it there with --update-golden."""
    def compare(name, text):
        path = GOLDEN / f"{name}.txt"
        text = text.rstrip() + "\n"
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"there is no {path.name}: run pytest --update-golden, and read what it wrote"
        assert text == path.read_text(encoding="utf-8")
    return compare
