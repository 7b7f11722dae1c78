"""Members of an Enum that are numbers compute as numbers do, whatever their class is called; or are refused."""

import enum
import math

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad


class L(enum.IntEnum):      # the letter of a dtype of NumPy's
    LOW = 1
    HIGH = 3


class F(float, enum.Enum):  # another
    HALF = 0.5


class Sort(enum.Enum):
    FAST = 1


class Letter(enum.StrEnum):
    X = "x"


class Plain(str, enum.Enum):        # noqa: UP042  (it is shown in another way)
    X = "x"


class AlwaysEqual(enum.Enum):
    A = 1

    def __eq__(self, other):
        return True

    __hash__ = enum.Enum.__hash__


class OwnWay(int, enum.Enum):
    A = 1

    def __mul__(self, other):
        return 7.0 * other

    __rmul__ = __mul__


FUNCTIONS = [
    lambda x, k: np.sum(x) * L.HIGH, lambda x, k: np.sum(x * L.HIGH) * x[L.LOW] * k, lambda x, k: np.sum(x) * (k * F.HALF),
    lambda x, k: np.sum(x ** L.HIGH) / (k + L.HIGH), lambda x, k: x[0] * ((L.HIGH + k) % 4) + ~L.HIGH * x[1],
    lambda x, k: np.sum(np.where(x > F.HALF, x, F.HALF)) * math.sin(F.HALF),
    lambda x, k: np.sum(x) * (2.0 if k == L.HIGH else 1.0), lambda x, k: np.sum(x) * (2.0 if k != L.HIGH else 1.0),
    lambda x, k: np.sum(x) * (2.0 if k in (L.LOW, L.HIGH) else 1.0), lambda x, k: np.sum(x) * (2.0 if k > L.LOW else 1.0),
    lambda x, k: np.sum(x) * (2.0 if (k, 1) == (L.HIGH, L.LOW) else 1.0), lambda x, k: x[0] * (2.0 if k == Sort.FAST else 1.0),
    lambda x, k: np.sum(x) * (2.0 if k == AlwaysEqual.A else 1.0),
    lambda x, k: np.sum(x) * (2.0 if max(L.LOW, L.HIGH) is L.HIGH else 1.0) * max(k, L.LOW),
]


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("k", [3, 1, 2])
def test_numbers(f, k):
    x = np.array([0.7, 1.0, 2.0])
    value, gradient = value_and_grad(f, check="off")(x, k)
    assert value == pytest.approx(f(x, k))
    for at, along in enumerate(1e-6 * np.eye(3)):
        assert gradient[at] == pytest.approx((f(x + along, k) - f(x - along, k)) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("word", [Letter.X, Plain.X, np.str_("ab"), "ab"])
def test_a_kind_of_string_is_shown_as_it_is(word):
    def f(x, word):
        return x * (len(str(word)) + 100 * len(repr(word)) + 10_000 * len(f"{word}") + 1_000_000 * len("%s" % word))  # noqa: UP031
    assert value_and_grad(f, check="off")(2.0, word) == (f(2.0, word), f(1.0, word))


@pytest.mark.parametrize("f", [lambda x, k: x * OwnWay.A, lambda x, k: OwnWay.A * x])
def test_what_computes_in_its_own_way_is_refused(f):
    with pytest.raises(CannotDifferentiate):
        value_and_grad(f, check="off")(2.0, 3)


@pytest.mark.parametrize("f", [lambda x: np.sum(x + L.HIGH), lambda x: np.sum(x * L.HIGH), lambda x: x[0] - L.HIGH,
                               lambda x: np.sum(np.roll(x, L.LOW) * x), lambda x: np.sum(x) * F.HALF])
def test_a_member_is_not_weak_beside_single_precision(f):
    x = np.array([0.5, 1.0, 2.0], np.float32)
    value, gradient = value_and_grad(f, check="off")(x)
    assert (value, value.dtype, gradient.dtype) == (f(x), f(x).dtype, x.dtype)
