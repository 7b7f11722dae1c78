"""Operators of the user's classes, named tuples, imports; gradients against finite differences."""

import dataclasses
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from ad_compiler.testing import check_grads
from tests.fd import check_of_an_array

X = np.array([0.4, 1.1, 2.3, -0.7])


class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        if not isinstance(other, Vec):
            return NotImplemented
        return Vec(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return self + (-1.0) * other

    def __mul__(self, by):
        if isinstance(by, Vec):
            return NotImplemented
        return Vec(self.x * by, self.y * by)

    def __rmul__(self, by):
        return self * by

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __abs__(self):
        return np.sqrt(self @ self)

    def __iadd__(self, other):
        self.x = self.x + other.x
        self.y = self.y + other.y
        return self

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __setitem__(self, i, value):
        if i == 0:
            self.x = value
        else:
            self.y = value

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.x
        yield self.y

    def __contains__(self, name):
        return name in ("x", "y")

    def __lt__(self, other):
        return self.x < other.x

    def __eq__(self, other):
        return isinstance(other, Vec) and self.x == other.x and self.y == other.y

    def __bool__(self):
        return bool(self.x != 0.0)

    def __float__(self):
        return float(self.x)


class Longer(Vec):
    def __radd__(self, other):
        return Vec(self.x * 2.0 + other.x, other.y)


class Series:
    __array_ufunc__ = None

    def __init__(self, values):
        self.values = values

    def __rmul__(self, other):
        return Series(other * self.values)

    def __iter__(self):
        return iter([self.values[0], self.values[1] * 2.0])


class Polynomial:
    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, x):
        total = 0.0
        for c in self.coefficients[::-1]:
            total = total * x + c
        return total

    def __getitem__(self, i):
        return self.coefficients[i]

    def __len__(self):
        return len(self.coefficients)

    def __mul__(self, other):
        new = np.zeros(len(self) + len(other) - 1)
        for i in range(len(self)):
            for j in range(len(other)):
                new[i + j] += self[i] * other[j]
        return Polynomial(new)


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    tag: str = "p"

    def __sub__(self, other):
        return Point(self.x - other.x, self.y - other.y)


Pair = namedtuple("Pair", ["a", "b"])


class State(NamedTuple):
    position: np.ndarray
    speed: float = 1.0

    @property
    def energy(self):
        return np.sum(self.position ** 2) * self.speed

    def moved(self, by):
        return self._replace(position=self.position + by)


def arithmetic(x):
    a, b = Vec(x[0], x[1]), Vec(x[2], x[3])
    c = 2.0 * a + b * x[0] - b
    return (c @ a) * abs(-c)


def integrator(x):
    position, velocity = Vec(x[0], x[1]), Vec(x[2], x[3])
    for _ in range(5):
        force = -position * (1.0 / (abs(position) + 0.1))
        velocity = velocity + 0.1 * force
        position = position + 0.1 * velocity
    return position @ velocity


def in_place(x):
    a, b = Vec(x[0], x[1]), Vec(x[2], x[3])
    other = a
    a += b
    a[0] = a[1] * 2.0
    a[1] += x[0]
    return other @ b + len(a)


def protocol_of_containers(x):
    a = Vec(x[0], x[1])
    p, q = a
    s = sum(a) + max(list(a)) * p
    for i, v in enumerate(a):
        s = s + v * (i + 2)
    if "x" in a and "z" not in a and a:
        s = s * q
    return s + float(a) * sum(v * v for v in a)


def comparisons(x):
    a, b = Vec(x[0], x[1]), Vec(x[2], x[3])
    s = a @ b
    if a < b:
        s = s * a.x
    if a > b:
        s = s * b.y
    if a == Vec(x[0], x[1]) and a != b:
        s = s * 3.0
    return s


def subclass_first(x):
    return abs(Vec(x[0], x[1]) + Longer(x[2], x[3]))


def sum_of_objects(x):
    total = sum([Vec(v, v * v) for v in (x[0], x[1])], Vec(0.0, 1.0))
    return total @ total


def array_on_the_left(x):
    return sum(x * Series(x)) * x[2]


def polynomial(x):
    p, q = Polynomial(x), Polynomial(x[:2] * 2.0)
    return (p * q)(0.5) + p(x[1])


def dataclasses_compared(x):
    a, b = Point(x[0], x[1]), Point(x[0], x[1])
    s = (a - Point(1.0, 2.0)).x * x[2]
    if a == b:
        s = s * x[1]
    if a == Point(x[0], x[1], "q"):
        s = s * 100.0
    fields = dataclasses.asdict(a)
    u, v, _ = dataclasses.astuple(b)
    return s + fields["x"] * u * v


def named_tuples(x):
    p = Pair(x[0], x[1])._replace(b=x[2] * x[2])
    q = Pair._make([p.b, p.a])
    s = 0.0
    for name, value in q._asdict().items():
        s = s + value * (2.0 if name == "a" else 3.0)
    return s * p.b + len(p._fields)


def named_tuple_in_a_loop(x):
    state = State(x, 0.5)
    for i in range(3):
        state = state.moved(0.1 * np.sin(state.position))
        state = state._replace(speed=state.speed * x[i])
    return state.energy


def imports(x):
    import math
    from math import exp as e

    import numpy.linalg as la
    return math.sin(x[0]) * e(x[1]) * la.norm(x)


CASES = [arithmetic, integrator, in_place, protocol_of_containers, comparisons, subclass_first, sum_of_objects,
         array_on_the_left, polynomial, dataclasses_compared, named_tuples, named_tuple_in_a_loop, imports]


class Moved(NamedTuple):
    a: float
    b: float

    def __add__(self, other):
        return Moved(self.a + other.a, self.b * other.b)

    def __mul__(self, by):
        return Moved(self.a * by, self.b * by)


def operators_of_named_tuples(x):
    p = Moved(x[0], x[1]) + Moved(x[1], x[2]) * 2.0
    return p.a * p[1] * len(p)


def lists_and_tuples(x):
    if [1] == (1,) or (1, 2) != (1, 2) or [1, [2]] != [1, [2]]:
        return x[0]
    return x[0] * x[0]


def one_array(x):
    a = x * 1.0
    b = a
    b += 1.0
    c = a[:]
    return np.sum(a * x) * (2.0 if a is b else 3.0) * (5.0 if a is c else 7.0) * (11.0 if a is x else 13.0)


CASES += [operators_of_named_tuples, lists_and_tuples, one_array]


@pytest.mark.parametrize("fn", CASES, ids=lambda fn: fn.__name__)
def test_gradients(fn):
    check_of_an_array(fn, X)


def test_an_object_as_aux():
    def f(x):
        v = Vec(x[0], x[1])
        return v @ v, v * 2.0
    gradient, aux = grad(f, has_aux=True)(X)
    np.testing.assert_allclose(gradient, [0.8, 2.2, 0.0, 0.0])
    assert type(aux) is Vec
    assert (aux.x, aux.y) == (0.8, 2.2)


@dataclass
class Twice:
    x: float
    y: float = dataclasses.field(init=False)

    def __post_init__(self):
        self.x = self.x * 2.0
        self.y = self.x * self.x


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


def test_what_is_handed_on_is_not_made_twice():
    def f(x):
        return x * x, [Twice(x), Slotted(x * 3.0)]
    gradient, (twice, slotted) = grad(f, has_aux=True)(2.0)
    assert (gradient, twice, slotted.x) == (4.0, Twice(2.0), 6.0)

    def g(p):
        return p.x * p.y
    bar = grad(g)(Twice(1.5))
    assert (bar.x, bar.y) == (9.0, 3.0)


def test_nan_is_the_same_and_not_equal():
    def f(x):
        bad = x * np.inf - x * np.inf
        one, other = Point(bad, x), Point(bad * 1.0, x)
        return (x if one == one else 2.0 * x) * (3.0 if one == other else 5.0)
    with np.errstate(invalid="ignore"):
        assert value_and_grad(f)(2.0) == (f(2.0), 5.0)


def test_putmask_of_nothing():
    def f(x):
        a = x * 1.0
        np.putmask(a, a > 5.0, [])
        return np.sum(a * a)
    np.testing.assert_allclose(grad(f)(X), 2.0 * X)


def test_objects_as_aux_of_an_inner_gradient():
    def inner(x):
        return np.sum(x * x), (Point(x[0], x[1]), Vec(x[2], x[0] * x[3]))

    def f(x):
        g, (point, vec) = grad(inner, has_aux=True)(x)
        return np.sum(g * x) * point.x + vec.y
    check_grads(f, (X,))
    gradient, (point, vec) = grad(inner, has_aux=True)(X)
    assert point == Point(0.4, 1.1)
    assert vec == Vec(2.3, 0.4 * -0.7)
    np.testing.assert_allclose(gradient, 2 * X)


def test_refusals():
    class Bare:
        def __init__(self, x):
            self.x = x

    def undefined(x):
        return Bare(x) + 1.0

    def array_left(x):
        return sum(x * Vec(x[0], x[1]))

    def order(x):
        return x[0] if Bare(x) < Bare(x) else x[1]

    def slices(x):
        return Vec(x[0], x[1])[0:1]

    class Hands:
        def __iter__(self):
            return self

        def __next__(self):
            raise StopIteration

    def by_next(x):
        return sum(Hands())
    for fn, message in [(undefined, r"`\+` is not defined for a Bare and a int|float"), (array_left, "array of objects"),
                        (order, "this comparison is not defined"), (slices, "a slice is given"),
                        (by_next, "by `__next__`")]:
        with pytest.raises(CannotDifferentiate, match=message):
            grad(fn)(X)


def test_identity_that_is_not_known_is_refused():
    def objects(x):
        a, b = Vec(x[0], x[1]), Vec(x[1], x[0])
        c = a if x[0] > 0 else b
        return x[0] * x[1] if c is a else x[0]

    def arrays(x):
        a, b = x * 2.0, x * 3.0
        c = a if x[0] > 0 else b
        return np.sum(a) if c is a else x[0]

    def tuples(x):
        a, b = (x[0], x[1]), (x[0], x[1])
        return x[0] if a is b else x[1]

    def numbers(x):
        a, b = x[0], x[1] * 2.0
        return x[0] if a is b else x[1]
    for fn in (objects, arrays, tuples, numbers):
        with pytest.raises(CannotDifferentiate, match="not known here whether this is the same"):
            grad(fn)(X)


class Settings:
    def __init__(self):
        self.scale = 2.0


SETTINGS = Settings()


def test_an_object_that_is_changed_and_handed_on_is_refused():
    def f(x):
        SETTINGS.scale = x[0]
        return np.sum(x) * len(repr(SETTINGS))
    with pytest.raises(CannotDifferentiate, match="Settings whose attributes are set here"):
        grad(f)(X)
