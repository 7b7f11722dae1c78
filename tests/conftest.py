"""Switches for the whole suite: where the verifier runs after every pass, and golden texts can be written anew."""

import gc
import os
import zlib
from pathlib import Path

import pytest

from ad_compiler.options import options

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the texts in tests/golden anew")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """The verifier takes a fifth of the time: it runs in a third of the tests, in all with AD_COMPILER_VERIFY=1."""
    if "AD_COMPILER_VERIFY" in os.environ:
        return (yield)
    with options(verify=zlib.crc32(item.nodeid.encode()) % 3 == 0):
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
