"""A derivative that is wrong, for tests of what happens then; checks that are counted."""

import dataclasses

import numpy as np
import pytest

import ad_compiler.pipeline  # noqa: F401  (enters the rules)
from ad_compiler.rules import registry
from ad_compiler.validate import first_call, validation


@pytest.fixture
def wrong_rule(monkeypatch):
    """`wrong_rule(slope)`: from now on `slope(x, out)` is the partial derivative of `np.arctan`; three times too large."""
    right = registry.lookup(np.arctan)

    def enter(slope=threefold):
        monkeypatch.setattr(slope, "__module__", registry.__name__)     # not one of the user's own
        monkeypatch.setitem(registry._RULES, np.arctan, dataclasses.replace(right, partials=(slope,)))
    return enter


def threefold(x, *, out):
    return 3.0 / (1.0 + x * x)


@pytest.fixture
def checks(monkeypatch):
    """One item for each check that is made."""
    made, check = [], validation.validated

    def counted(question, *args, **kwargs):
        made.append(question)
        return check(question, *args, **kwargs)
    monkeypatch.setattr(validation, "validated", counted)
    return made


@pytest.fixture(autouse=True)
def nothing_left():
    """After each test no thread is inside a check."""
    yield
    assert first_call.INSIDE.depth == 0
