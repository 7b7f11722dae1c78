"""What stands around the drawn function: imports, classes, helpers, and a world that changes between two calls."""

HEAD = """\
import collections
import contextlib
import dataclasses
import enum
import functools
import itertools
import math
import operator
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import (checkpoint, checkpointed, grad, jacobian, jvp, no_grad, stop_gradient, value_and_grad, vjp, vmap)
"""

FIXED = '''
class Kind(enum.Enum):
    FAST = 1
    SLOW = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 3


class Pair(NamedTuple):
    w: Any
    s: Any


@dataclasses.dataclass
class Record:
    a: Any
    b: Any = 0.5


@dataclasses.dataclass
class Layer:
    w: Any
    rate: Any = 0.5
    log: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.log.append(self.rate)

    def act(self, a):
        return self.w * a + self.log[-1]


@dataclasses.dataclass(frozen=True)
class Sealed:
    w: Any
    s: Any


class Box:
    kind = Kind.SLOW

    def __init__(self):
        self.s, self.w, self.log = 0.8, np.array([0.4, -0.3, 0.9, 0.2, -0.7])[:LENGTH], [0.1]


class Tally:
    seen = [0.1]
    rates = {'a': 0.4, 'b': -0.3}
    count = 2

    def __init__(self, w, s=0.5):
        self.w, self.s = w, s

    @classmethod
    def of(cls, w):
        return cls(w * 0.5, cls.rates['a'])

    @staticmethod
    def mix(a, z):
        return a * z + 0.1

    @property
    def total(self):
        return self.w.sum() * self.s

    def note(self, z):
        self.seen.append(z)
        return sum(self.seen)

    def __iter__(self):
        return iter(self.w)

    def __contains__(self, z):
        return z < self.s

    def __neg__(self):
        return type(self)(-self.w, self.s)

    def __matmul__(self, a):
        return self.w @ a

    def __rmul__(self, z):
        return type(self)(self.w * z, self.s)

    def __iadd__(self, a):
        self.w += a
        return self

    def __enter__(self):
        self.s *= 0.5
        return self

    def __exit__(self, *about):
        self.s += 0.1

    def __bool__(self):
        return bool(self.s > 0.0)


class Steep(Tally):
    count = 3

    @property
    def total(self):
        return self.slow + self.rates['b']

    def note(self, z):
        return super().note(z) * 0.5

    @property
    def slow(self):
        return 0.5 * self.s
'''
"""Classes that are the same in each program."""

WORLD = """
LENGTH = {length}
Box.kind = Kind.SLOW
Tally.seen = TALLIED = [0.1]
Tally.rates = RATES = {{'a': 0.4, 'b': -0.3}}
Tally.count = 2
Tally.mix = staticmethod(mixed)
keep.__defaults__ = KEPT = ([0.2],)
BOX = Box()
GAIN = 1.3
SWITCH = {switch}
TABLE = [0.3, -0.2, 0.9]
OPTIONS = {{'mode': {mode}, 'rate': 0.6, 'extra': 0.2}}
WEIGHT = np.linspace(0.5, -0.4, LENGTH)
x, y, p, k = WEIGHT * 0.5, np.linspace(0.2, 1.2, LENGTH), 0.4, 2
"""
"""What lies outside, as it is before each call."""

CHANGES = ["GAIN = 0.7", "TABLE.append(0.45)", "TABLE.pop()", "BOX.s = -0.6", "BOX.w = BOX.w * 1.5", "WEIGHT[0] = 0.85",
           "OPTIONS['mode'] = 'b'", "OPTIONS['rate'] = 0.25", "del OPTIONS['extra']", "SWITCH = not SWITCH",
           "BOX.kind = Kind.FAST", "TABLE[1] = 0.77", "WEIGHT = np.linspace(1.0, 0.1, LENGTH)", "Box.kind = Kind.FAST",
           "deeper = flatter", "BOX.log.append(0.3)", "Tally.seen.append(0.2)", "Tally.rates['a'] = 0.9", "Tally.count = 5",
           "Tally.mix = staticmethod(spread)", "keep.__defaults__ = ([0.6, 0.1],)", "keep.__defaults__[0].append(0.4)",
           "Tally.seen = [0.5]"]

HELPERS = """
def deeper(n, z):
    return z if n <= 0 else 0.5 * deeper(n - 2, math.sin(z)) + 0.1


def flatter(n, z):
    return z * 0.3


def touched(a, z):
    a[0] = a[-1] * z
    a[1:] += 0.1
    return a


def tail(a, i):
    return a[::-1] if i % 2 else a[:]


def folded(a, z):
    return a[0] * z if len(a) < 2 else 0.5 * folded(a[1:], z) + a[0]


def spread(*a, rate=0.5, **more):
    return sum(a) * rate + len(more)


def swapped(a, b):
    a[:], b[:] = b.copy(), a.copy()


def mixed(a, z):
    return a * z + 0.1


def keep(z, seen=[0.2]):
    seen.append(z)
    return sum(seen)


def pick(kind, z, /, *, a=0.5, b=None):
    if kind is Kind.FAST:
        return z * a
    return z + 0.1 if b is None else z * b


def ping(n, z):
    return z if n <= 0 else pong(n - 1, z * 0.5) + 0.1


def pong(n, z):
    return -z if n <= 0 else ping(n - 1, math.sin(z))


def walked(tree):
    if isinstance(tree, dict):
        return sum(walked(one) for one in tree.values())
    if isinstance(tree, (list, tuple)):
        return sum(0.5 * walked(one) for one in tree)
    return tree * tree


def pieces(a):
    for at in range(len(a) - 1):
        yield a[at:at + 2]


def chained(nums, z=0.5):
    yield z
    yield from nums
    for one in nums:
        if one > 0.8:
            return
        yield one * z


def outward(a, out=None):
    return np.multiply(a, 0.7, out=out)


def first_over(a, z):
    for at, one in enumerate(a):
        if one > z:
            return at, one
    else:
        return -1, z


@no_grad
def frozen(a):
    return a * 0.5 + 0.1
"""
