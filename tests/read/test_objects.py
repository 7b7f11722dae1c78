"""What functions that are not read return: nothing is taken for granted of it."""

import shutil

import pytest

from ad_compiler import CannotDifferentiate, grad

MISSING, THERE = "no such command", "sh"


def either(x, name):
    r = shutil.which(name)
    if r is None:
        return 2.0 * x
    return 3.0 * x


def other_way_round(x, name):
    r = shutil.which(name)
    return 3.0 * x if None is not r and x > 0.0 else 2.0 * x


def in_a_loop(x, name):
    for _ in range(2):
        r = shutil.which(name)
        x = 2.0 * x if r is None else 3.0 * x
    return x


def printed(x, name):
    r = print(end="")
    return 2.0 * x if r is None and name == MISSING else 3.0 * x


@pytest.mark.parametrize("f", [either, other_way_round, in_a_loop, printed])
@pytest.mark.parametrize("check", ["first", "off"])
def test_it_may_be_none(f, check):
    g = grad(f, check=check)
    for name, slope in ((MISSING, 2.0), (THERE, 3.0)):
        assert g(1.5, name) == (slope if f is not in_a_loop else slope ** 2)


@pytest.mark.parametrize("asked", [lambda r: hasattr(r, "upper"), lambda r: callable(r), lambda r: isinstance(r, str)])
def test_other_questions_are_asked_when_it_runs(asked):
    def f(x, name):
        return 2.0 * x if asked(shutil.which(name)) else 3.0 * x
    for name in (MISSING, THERE):
        assert grad(f, check="off")(1.0, name) == f(1.0, name)


class Weighted:
    def __init__(self, w):
        self.w = w


def test_attributes_of_one_object_or_another():
    def f(x):
        one, other = Weighted(x), Weighted(2.0 * x)
        attributes = vars(one) if x > 0.0 else other.__dict__
        return attributes["w"] * x
    with pytest.raises(CannotDifferentiate, match="one object or of another"):
        grad(f)(3.0)
