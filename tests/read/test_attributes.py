"""Attributes that are deleted, set by the class's own `__setattr__`, got by `super()`: against Python itself."""

import enum
import math
import os
import types
from collections import deque

import numpy as np
import pytest
import scipy.optimize

from ad_compiler import CannotDifferentiate, grad, value_and_grad


class Base:
    gain = 3.0

    @property
    def half(self):
        return 0.5 * self.w

    @staticmethod
    def twice(v):
        return 2.0 * v

    @classmethod
    def named(cls):
        return len(cls.__name__)


class Layer(Base):
    def __init__(self, w):
        super().__init__()
        self.w = w

    @property
    def half(self):
        return super().half + 1.0

    @staticmethod
    def twice(v):
        return v

    def both(self):
        return super().twice(self.w) * super().named()

    @property
    def kept(self):
        return self._kept

    @kept.setter
    def kept(self, v):
        self._kept = v * v

    @kept.deleter
    def kept(self):
        self._kept = -1.0


class Scaling:
    def __init__(self, v):
        self.v = v

    def __setattr__(self, name, value):
        super().__setattr__(name, 2.0 * value)

    def __delitem__(self, at):
        self.v = at


class Slotted:
    __slots__ = ("__dict__", "a")

    def __init__(self, a):
        self.a, self.b = a, 2.0


class Gain(enum.Enum):
    LOW = 1.0
    HIGH = 4.0


def by_super(x):
    return Layer(x).half * x + Layer(x).both()


def deleted(x):
    layer = Layer(x)
    layer.extra = x * x
    del layer.extra
    layer.gain = x
    delattr(layer, "gain")
    return layer.gain * layer.w + x * hasattr(layer, "extra") + len(layer.__dict__)


def deleted_by_a_property(x):
    layer = Layer(x)
    layer.kept = x
    before = layer.kept
    del layer.kept
    return before * layer.kept


def set_by_the_class(x):
    scaling = Scaling(x)
    scaling.v += x
    setattr(scaling, "w", x)    # noqa: B010
    return scaling.v * scaling.w


def items_deleted(x):
    queue, scaling = deque([x, 2.0 * x, 5.0]), Scaling(1.0)
    del queue[0]
    del scaling[3.0 * x]
    return sum(queue) * scaling.v


def members(x):
    return sum(x * gain.value for gain in Gain) * len(Gain) + x * sum(1.0 for gain in Gain if gain is Gain.LOW)


@pytest.mark.parametrize(
    "f", [by_super, deleted, deleted_by_a_property, set_by_the_class, items_deleted, members])
def test_as_python(f):
    value, slope = value_and_grad(f, check="off")(1.5)
    assert value == f(1.5)
    assert math.isclose(slope, (f(1.5 + 1e-6) - f(1.5 - 1e-6)) / 2e-6, rel_tol=1e-6)


def slots_and_attributes(x):
    return x * len(Slotted(x).__dict__)


def not_there(x):
    layer = Layer(x)
    del layer.nothing
    return x


def not_written(x):
    raise NotImplementedError(f"of {x}")


@pytest.mark.parametrize(("f", "message"), [
    (not_there, "has no attribute 'nothing'"), (not_written, "of 1.5")])
def test_raises_in_python(f, message):
    for call in (f, value_and_grad(f, check="off")):
        with pytest.raises((AttributeError, NotImplementedError), match=message):
            call(1.5)


def namespaces(x):
    one = types.SimpleNamespace(a=x, items=[x])
    one.c, also = x * x, one
    also.a += 1.0
    also.items.append(2.0 * x)
    return one.a * one.c + sum(one.items) + len(vars(one)) * x * (one == also) * isinstance(one, types.SimpleNamespace)


def test_namespaces():
    value, slope = value_and_grad(namespaces, check="off")(1.5)
    assert value == namespaces(1.5)
    assert math.isclose(slope, (namespaces(1.5 + 1e-6) - namespaces(1.5 - 1e-6)) / 2e-6, rel_tol=1e-6)
    _, aux = grad(lambda x: (x * x, types.SimpleNamespace(a=x)), has_aux=True, check="off")(2.0)
    assert aux == types.SimpleNamespace(a=2.0)


def shuffled(x):
    np.random.default_rng(1).shuffle(a := [x, 2.0 * x])
    return a[0]


def interpolated(x):
    return scipy.optimize.brentq(lambda v: v * v - x, 0.0, 5.0)


def asked_outside(x):
    return x * float(os.environ.get("NOTHING_OF_THE_KIND", "2"))


def imaginary(x):
    return (-x ** 0.5).imag + ((-x) ** 0.5).imag


@pytest.mark.parametrize(("f", "message"), [
    (shuffled, "`.shuffle` may write into the list"), (interpolated, "`brentq` has no rule"),
    (asked_outside, "`get` may change the object"), (slots_and_attributes, "have slots"),
    (imaginary, "may be complex")])
def test_what_is_not_read_is_named(f, message):
    with pytest.raises(CannotDifferentiate, match=message):
        value_and_grad(f, check="off")(1.5)
