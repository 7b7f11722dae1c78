"""Functions of the library that were replaced, deleted or put back: what is told, and what is not."""

import math
import types

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate
from ad_compiler.library import refuse_replaced


@pytest.mark.parametrize(("module", "name", "thing", "told"), [
    (np, "tanh", np.square, "replaced by `square`"),
    (np, "tanh", np.zeros(3), "replaced by"),       # what compares element by element
    (math, "sin", math.cos, "replaced by `cos`"),
])
def test_what_was_replaced_is_told_until_it_is_put_back(module, name, thing, told, monkeypatch):
    monkeypatch.setattr(module, name, thing)
    with pytest.raises(CannotDifferentiate, match=told):
        refuse_replaced()
    monkeypatch.undo()
    refuse_replaced()


def test_what_was_deleted_is_told_and_may_come_back_in_another_place(monkeypatch):
    held = types.ModuleType("held")
    held.first, held.second = np.sin, np.cos
    monkeypatch.setattr("ad_compiler.library.HELD", [(held, dict(first=np.sin, second=np.cos))])
    monkeypatch.setattr("ad_compiler.library.AT_ONCE", [(vars(held), [*vars(held).values()])])
    refuse_replaced()
    del held.first
    with pytest.raises(CannotDifferentiate, match="deleted"):
        refuse_replaced()
    held.first = np.sin         # behind the other one now
    refuse_replaced()
    held.second = np.tan
    with pytest.raises(CannotDifferentiate, match="replaced by `tan`"):
        refuse_replaced()


def test_what_is_added_behind_and_numbers_are_not_told(monkeypatch):
    monkeypatch.setattr(np, "something_of_mine", np.square, raising=False)
    monkeypatch.setattr(np, "pi", 3.0)
    refuse_replaced()
