"""Switches for the whole suite: the verifier runs after every pass, and golden texts can be written anew."""

import os

os.environ.setdefault("AD_COMPILER_VERIFY", "1")     # read when ad_compiler is imported, hence set first

import gc  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the texts in tests/golden anew")


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
