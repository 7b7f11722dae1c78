"""Lengths that only the run knows, values of which there are none, matrices that are singular: as NumPy, or refused."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad

X = np.array([0.7, -1.3, 2.1, 0.4])
M = np.sin(np.arange(12.0)).reshape(3, 4) + 0.05
BOTH = pytest.mark.parametrize("backend", ["numpy", "numba"])
named = {"ids": lambda f: f.__name__}


# -- an axis that is found to have length 1 when it runs is stretched ------------------------------------------------

def stretched_by_a_mask(x):
    return np.einsum("i,i->", x, x[x > 2.0])


def stretched_by_a_slice(x):
    return np.einsum("i,i->", x, x[:np.count_nonzero(x > 2.0)])


def stretched_rows(x):
    m = np.outer(x, x)
    return np.einsum("ij,ij->", m, m[x > 2.0])


def products_of_parts(x):
    return np.sum(np.cross(x[:np.count_nonzero(x > 0.0)], x[x > 0.0] * x[1]) ** 2)


def new_axes(x):
    return np.sum(np.expand_dims(x, [0, 2])[0, :, 0] ** 2)


# -- what has no part in the result may be singular ------------------------------------------------------------------

def guarded(x):
    sign, size = np.linalg.slogdet(np.outer(x, x))
    return np.sum(x * x) if sign == 0.0 or size < -25.0 else size


def some_are_singular(x):
    a = np.outer(x[:2], x[2:])
    stack = np.stack([a + np.diag(x[:2]), a * np.array([[1.0, 0.0], [1.0, 0.0]])])
    sign, size = np.linalg.slogdet(stack)
    return np.sum(np.where(sign == 0.0, np.sum(stack, axis=(1, 2)), size))


# -- as many values as there are places, or fewer --------------------------------------------------------------------

def put_as_many(x):
    a = x.copy()
    np.put(a, np.flatnonzero(x > 9.0), x[x > 9.0])
    np.putmask(a, x > 0.5, x[x < 0.5])
    return np.sum(a * x)


def clipped_in_place(x):
    a = x.copy()
    a.clip(0.5, out=a)
    return np.sum(a * x)


@BOTH
@pytest.mark.parametrize("f", [stretched_by_a_mask, stretched_by_a_slice, stretched_rows, products_of_parts, new_axes, guarded,
                               some_are_singular, put_as_many, clipped_in_place], **named)
def test_right(f, backend):
    value, x_bar = value_and_grad(f, check="off", backend=backend)(X)
    assert value == pytest.approx(f(X.copy()), rel=1e-12)
    assert x_bar.shape == X.shape
    slopes = [(f(X + step) - f(X - step)) / 2e-6 for step in 1e-6 * np.eye(4)]
    assert x_bar == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-6)


def put_none(x):
    a = x.copy()
    np.put(a, [0, 1], x[x > 9.0])
    return np.sum(a * x)


def flat_of_none(x):
    a = np.outer(x, x)
    a.flat[[0, 1]] = x[x > 9.0]
    return np.sum(a)


def mask_of_none(x):
    a = x.copy()
    np.putmask(a, x > 0.0, x[x > 9.0])
    return np.sum(a * x)


def put_nothing(x):
    a = x.copy()
    np.put(a, [0, 1], [])
    return np.sum(a * x)


@BOTH
@pytest.mark.parametrize("f", [put_none, flat_of_none, mask_of_none, put_nothing], **named)
def test_no_values(f, backend):
    with pytest.raises(CannotDifferentiate, match="no values"):
        value_and_grad(f, check="off", backend=backend)(X)


def in_the_plane(x):
    return np.sum(np.cross(x[:np.count_nonzero(x > 0.5)], x[x > 0.5]) ** 2)


@BOTH
def test_a_vector_product_in_the_plane(backend):
    with pytest.raises(CannotDifferentiate, match="three components"):
        value_and_grad(in_the_plane, check="off", backend=backend)(X)


def test_next_of_flat():
    with pytest.raises(CannotDifferentiate, match="`next` of `.flat`"):
        value_and_grad(lambda x: next(x.flat) ** 2, check="off")(X)


# -- what does not fit raises, needed or not -------------------------------------------------------------------------

def met_by_a_letter(x, m):
    np.einsum("i,i->", x, x[:3])


def a_letter_twice(x, m):
    np.einsum("ii->", m)


def a_diagonal(x, m):
    np.einsum("ii->i", m)


def counts(x, m):
    np.repeat(x, [1, 2])


def counts_of_an_axis(x, m):
    np.repeat(m, np.array([1, 2]), axis=0)


def summed_over(x, m):
    np.tensordot(x, m.T[1:], 1)


def in_a_row(x, m):
    np.vdot(x, m)


def last_axes(x, m):
    np.inner(m, m.T)


def ragged(x, m):
    np.array([[1.0, 2.0], [x[0]]])


def ragged_rows(x, m):
    np.array([x, m[:, 0]])


def beyond_the_last(x, m):
    np.partition(x, 9)


def negative_exponent(x, m):
    np.arange(4) ** np.int64(-1)


def negative_exponents(x, m):
    np.arange(4) ** np.array([1, 2, -1, 1])


def exponents_of_a_length(x, m):
    np.power(np.arange(4), len(m) - 5)


@pytest.mark.parametrize("step", [met_by_a_letter, a_letter_twice, a_diagonal, counts, counts_of_an_axis, summed_over,
                                  in_a_row, last_axes, ragged, ragged_rows, beyond_the_last, negative_exponent, negative_exponents,
                                  exponents_of_a_length], **named)
def test_raises(step):
    def f(x, m):
        step(x, m)
        return np.sum(x * x)
    with pytest.raises(ValueError):
        f(X, M)
    with pytest.raises(ValueError):
        value_and_grad(f, check="off")(X, M)


def weights_of_another_length(x):
    return np.average(x, weights=x[:1])


def shifted_by_a_float(x):
    return np.sum(np.ldexp(x, 2.0))


@pytest.mark.parametrize("f", [weights_of_another_length, shifted_by_a_float], **named)
def test_raises_a_type_error(f):
    for call in (f, value_and_grad(f, check="off")):
        with pytest.raises(TypeError):
            call(X)


def product(a, b):
    return np.einsum("ij,jk->", a, b)


def test_what_fits_is_not_computed():
    g = grad(product, check="off")
    g(M, M.T)
    assert "value" not in g.source and "check" not in g.source


# -- numbers that do not fit a dtype -------------------------------------------------------------------------------

def listed(x):
    return np.array([1, 300, 1, 1], np.uint8)


def full_of_it(x):
    return np.full(4, -1, np.uint64)


def stored(x):
    a = np.zeros(4, np.int8)
    a[1:] = 128
    return a


def counted_beyond(x):
    a = np.zeros(4, np.int8)
    for i in range(4):
        a[i] = 60 * i
    return a


def stored_of_numpy(x):
    a = np.zeros(4, np.int8)
    a[0] = np.int64(300)
    return a


@pytest.mark.parametrize("needed", [True, False])
@pytest.mark.parametrize("make", [listed, full_of_it, stored, counted_beyond, stored_of_numpy], **named)
def test_a_number_that_does_not_fit(make, needed):
    def f(x):
        made = make(x)
        return np.sum(x * made) if needed else np.sum(x)
    with pytest.raises(OverflowError):
        f(X)
    if needed or make not in (counted_beyond, stored_of_numpy):
        with pytest.raises(OverflowError):
            value_and_grad(f, check="off")(X)
    if needed:
        with pytest.raises(CannotDifferentiate, match="does not fit|looks at what it makes"):
            value_and_grad(f, check="off", backend="numba")(X)


def counted(x):
    a, b = np.zeros(4, np.int32), np.array([0, 255, 1, 2], np.uint8)
    for i in range(4):
        a[i] = i
    b[1:3] = 0
    return np.sum(x[a] * b)


@BOTH
def test_numbers_that_fit(backend):
    assert value_and_grad(counted, check="off", backend=backend)(X)[1].tolist() == [0.0, 0.0, 0.0, 2.0]
