"""Classes that the programs of `language` make objects of."""

import enum
import functools
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple


class Scaled:
    kind = "base"
    n = 2
    items: ClassVar[list] = []

    def __init__(self, w):
        self.w = w

    def scale(self, x):
        return self.w * x

    def __eq__(self, o):
        return isinstance(o, Scaled) and self.kind == o.kind

    def __hash__(self):
        return 1


class Rescaled(Scaled):
    kind = "sub"

    def scale(self, x):
        return super().scale(x) * 2.0


class Doubled:

    def __init__(self, w):
        self._w = w

    @property
    def w(self):
        return self._w * 2.0

    @w.setter
    def w(self, v):
        self._w = v * 3.0

    @functools.cached_property
    def big(self):
        return self._w * 10.0

    @staticmethod
    def st(x):
        return x * 4.0

    @classmethod
    def make(cls, w):
        return cls(w)


class Counted:

    def __init__(self):
        self.log = []

    def __call__(self, x):
        self.log.append(x)
        return x * len(self.log)


class Items:

    def __init__(self, xs):
        self.xs = xs

    def __iter__(self):
        return iter(self.xs)

    def __len__(self):
        return len(self.xs)

    def __getitem__(self, i):
        return self.xs[i]

    def __contains__(self, v):
        return len(self.xs) > 1


class Logged:

    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append(1.0)
        return self

    def __exit__(self, *a):
        self.log.append(2.0)


class Bare:

    def __init__(self, v):
        self.v = v


class Access(enum.Flag):
    R = 1
    W = 2


class Letter(str, enum.Enum):     # noqa: UP042  (as older code has it)
    A = "a"
    B = "b"


@dataclass
class Record:
    a: float
    b: list = field(default_factory=list)
    c: float = 1.0


@dataclass(order=True)
class Ordered:
    a: float


class Named(NamedTuple):
    a: float
    b: float = 2.0

    def tot(self):
        return self.a + self.b


class MadeAnew:

    def __new__(cls, w):
        o = object.__new__(cls)
        o.w = w * 2
        return o


class AnswersAll:

    def __init__(self, w):
        self.w = w

    def __getattr__(self, n):
        return 7.0


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Compared:

    def __init__(self, v):
        self.v = v

    def __lt__(self, o):
        return self.v < o.v

    def __bool__(self):
        return self.v > 2


class Number:

    def __init__(self, v):
        self.v = v

    def __add__(self, o):
        return Number(self.v + (o.v if isinstance(o, Number) else o))
    __radd__ = __add__

    def __iadd__(self, o):
        self.v += o
        return self

    def __neg__(self):
        return Number(-self.v)

    def __abs__(self):
        return Number(abs(self.v))

    def __len__(self):
        return 3

    def __float__(self):
        return float(self.v)


class OwnList(list):

    def total(self):
        return sum(self)


class OwnDict(dict):

    def __missing__(self, k):
        return 4.0


class Three:

    def __get__(self, o, t=None):
        return 3.0


class HasThree:
    nd = Three()

    def __init__(self):
        pass


@dataclass
class Product:
    a: float
    b: float = 2.0

    def __post_init__(self):
        self.c = self.a * self.b
