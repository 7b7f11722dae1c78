"""`is` of what is given: which arguments are one object is asked in each call, of those that are differentiated too."""

import dataclasses

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad

A = np.array([1.0, 2.0])
B = A.copy()
ITEMS, OTHERS = [1.0, 2.0], [1.0, 2.0]


@dataclasses.dataclass
class Layer:
    v: float


LAYER = Layer(1.0)


def two(x, y):
    return np.sum(x * y) * (2.0 if x is y else 3.0)


def outside(x):
    return np.sum(x) * (2.0 if x is A else 3.0)


def in_a_dict(x, p):
    return np.sum(x) * (2.0 if x is p["a"] else 3.0) * (5.0 if p["a"] is p["b"] else 7.0)


def in_a_list(p):
    return np.sum(p[0]) * (2.0 if p[0] is p[1] else 3.0)


def bound_anew(x, y):
    before, x = x, x * 1.0
    return np.sum(x) * (2.0 if before is y else 3.0) * (5.0 if x is y else 7.0)


def inside(x, y):
    def inner(v):
        return np.sum(v) * (2.0 if v is y else 3.0) * (5.0 if v is x else 7.0)
    return value_and_grad(inner)(x)[0]


def lists(x, y):
    return sum(x) * (2.0 if x is y else 3.0)


def layers(x, y):
    return x.v * (2.0 if x is y else 3.0)


def three(x, y, z):
    return np.sum(x) * (2.0 if x is y else 3.0) * (5.0 if y is z else 7.0) * (11.0 if x is z else 13.0)


@pytest.mark.parametrize(("f", "calls"), [
    (two, ((A, A), (A, B), (A, A[:]))), (outside, ((A,), (B,))),
    (in_a_dict, ((A, {"a": A, "b": B}), (A, {"a": B, "b": A}), (A, {"a": A, "b": A}), (A, {"a": B, "b": B}))),
    (in_a_list, (([A, A],), ([A, B],))), (bound_anew, ((A, A), (A, B))), (inside, ((A, A), (A, B))),
    (lists, ((ITEMS, ITEMS), (ITEMS, OTHERS))), (layers, ((LAYER, LAYER), (LAYER, Layer(1.0)))),
    (three, ((A, A, A), (A, A, B), (A, B, A), (A, B, B), (A, B, A.copy())))])
def test_one_object_or_two(f, calls):
    for order in (calls, calls[::-1]):
        gradient = value_and_grad(lambda *args, f=f: f(*args), check="off")
        for args in (*order, *order):
            assert gradient(*args)[0] == f(*args)


def a_column_into_a_row(x, mask):
    m = np.outer(x, x + 1.0)
    np.copyto(m[1], m[:, 2], where=mask)
    return np.sum(m * m[::-1])


def apart(x, mask):
    m = np.outer(x, x + 1.0)
    np.copyto(m[1], m[2], where=mask)
    return np.sum(m * m[::-1])


def test_masked_copies_in_one_memory():
    x, mask = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])
    value, slope = value_and_grad(apart, check="off")(x, mask)
    assert value == apart(x, mask)
    np.testing.assert_allclose(slope, [(apart(x + e, mask) - apart(x - e, mask)) / 2e-6 for e in 1e-6 * np.eye(3)], rtol=1e-6)
    with pytest.raises(CannotDifferentiate, match="in other steps"):      # NumPy overwrites items before it reads them
        value_and_grad(a_column_into_a_row, check="off")(x, mask)


@pytest.mark.parametrize("of", [lambda m: m[1, ::-1], lambda m: m[:, 0], lambda m: m[1]], ids=["turned", "column", "itself"])
def test_at_in_one_memory(of):
    def f(x, ufunc):
        m = np.outer(x, x + 1.0)
        ufunc.at(m[1], [0, 0, 1], of(m))
        return np.sum(m * m[::-1])

    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(CannotDifferentiate, match="reads what it has just changed"):     # item by item
        value_and_grad(f, check="off")(x, np.multiply)
    value, slope = value_and_grad(f, check="off")(x, np.add)        # NumPy copies what it adds
    assert value == f(x, np.add)
    np.testing.assert_allclose(slope, [(f(x + e, np.add) - f(x - e, np.add)) / 2e-6 for e in 1e-6 * np.eye(3)], rtol=1e-6)


@pytest.mark.parametrize("rows", [lambda m: [row for row in m], list, lambda m: [m[0], m[1], m[2]]], ids=["each", "list", "known"])
def test_rows_in_a_list_into_a_column(rows):
    def f(x):
        m = np.outer(x, x + 1.0).T
        m[:, 1] = rows(m)[2]
        return np.sum(m * m)

    def apart(x):
        m = np.outer(x, x + 1.0).T
        m[:, 1] = rows(m)[2].copy()
        return np.sum(m * m)

    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(CannotDifferentiate, match="in other steps"):
        grad(f, check="off")(x)
    slope = grad(apart, check="off")(x)
    np.testing.assert_allclose(slope, [(apart(x + e) - apart(x - e)) / 2e-6 for e in 1e-6 * np.eye(3)], rtol=1e-6)
