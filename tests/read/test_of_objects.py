"""What an operator gives of an object that is read out of the world when the program runs: it may be an object itself."""

import contextlib
import types

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad
from tests.numba.strict.interpreter import interpreted


class Held(dict):
    """A dict of which the reader knows no items."""


class Whole:
    """Of an operator on it comes another."""

    def __init__(self, k):
        self.k = k

    def __add__(self, other):
        return Whole(self.k + other)

    def __len__(self):
        return 3

    def __iter__(self):
        return iter([7.0])

    def __getitem__(self, at):
        return 11.0

    def __call__(self):
        return 5.0


def by_class(x, held):
    v = held["K"] + 2
    return np.sum(x) * (v.k if isinstance(v, Whole) else 1.0)


def by_attribute(x, held):
    v = held["K"] + 2
    return np.sum(x) * (2.0 if hasattr(v, "k") else 1.0)


def by_default(x, held):
    return np.sum(x) * getattr(held["K"] + 2, "k", 3.0)


def by_call(x, held):
    return np.sum(x) * (2.0 if callable(held["K"] + 2) else 1.0)


def gone_through(x, held):
    return np.sum(x) * sum(held["K"] + 2)


def gone_through_beside(x, held):
    return np.sum(x) * sum(a * b for a, b in zip(held["K"] + 2, np.ones(9), strict=False))


def unpacked(x, held):
    a, = held["K"] + 2
    return np.sum(x) * a


FUNCTIONS = [by_class, by_attribute, by_default, by_call, gone_through, gone_through_beside, unpacked]


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_an_object_is_refused_and_an_array_is_not(f):
    x, gradient = np.array([0.5, 2.0]), grad(f, check="off")
    with pytest.raises(CannotDifferentiate, match="`Whole` is met"):
        gradient(x, Held(K=Whole(1.0)))
    for known in (np.array([0.3]), np.float64(0.3), 0.3, 2):
        held = Held(K=known)
        if np.ndim(known) or f in FUNCTIONS[:4]:
            slope = (f(x + np.array([1.0, 0.0]), held) - f(x, held)) / 1.0      # it is linear
            assert gradient(x, held) == pytest.approx([slope, slope])
        else:
            with pytest.raises(TypeError):
                gradient(x, held)


def with_a_masked_array(x):
    return np.sum(np.ma.masked_less(np.arange(4.0), 2.0) * x)


def with_a_matrix(x):
    return np.sum(np.asmatrix(np.eye(2) + 1.0) * x.reshape(2, 2))


def made_plain(x):
    return np.sum(np.ma.masked_less(np.arange(4.0), 2.0).filled(0.5) * x) + np.sum(np.hanning(4) * x)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("f", [with_a_masked_array, with_a_matrix])
def test_arrays_of_another_class_that_a_library_makes(f):
    with pytest.raises(CannotDifferentiate, match="in its own way"):
        grad(f, check="off")(np.arange(4.0))


def test_plain_arrays_that_a_library_makes():
    assert grad(made_plain, check="off")(np.arange(4.0)).tolist() == [0.5, 1.25, 2.75, 3.0]


class Scaled:
    """By the right operand alone."""

    def __mul__(self, other):
        return 2.0 * other


PROXY = types.MappingProxyType({"K": Scaled()})


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_an_object_is_looked_at_before_the_reverse_sweep_multiplies_it(backend):
    def f(x):
        return PROXY["K"] * x
    with interpreted() if backend == "numba" else contextlib.nullcontext(), \
            pytest.raises(CannotDifferentiate, match="`Scaled` is met where a derivative needs a real number"):
        grad(f, backend=backend, check="off")(1.25)
