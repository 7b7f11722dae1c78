"""Under Numba: lists and masks as indices, stores whose value is a view of the array, lengths that are not known."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.fd import check_against_differences

RNG = np.random.default_rng(12)
X, A = RNG.normal(size=5), RNG.normal(size=(5, 5))
MASK = A > 0.2
FIRST, TURNED, NONE = np.array([0, 1]), np.array([2, 0, 1]), np.array([], int)


# -- lists, masks of several axes, axes in another order --------------------------------------------------


def lists(x, a, m):
    b = a[[0, 2]] * 2.0
    b[[1, 1]] += x
    b[[1, 0]] = x * x
    b[[0, 1], [1, 1]] += x[[0, -1]]
    return np.sum(b * b * x)


def empty_list(x, a, m):
    return np.sum(a[[]]) + np.sum(a[[], [1]]) + np.sum(x[[4]] * x[[-5]])


def mask_of_two_axes(x, a, m):
    b = a * x
    b[m] *= 2.0
    b[~m] = a[~m] * 3.0
    b[m & (a > 1.0)] = 0.5
    return np.sum(b[m] ** 2) + np.sum(b * a)


def mask_of_a_part(x, a, m):
    b = a * x
    b[:, m[0]] *= 2.0
    b[1:][m[1:]] = 3.0
    return np.sum(b * b * a) + np.sum(np.sin(x[m[1]]) * x[m[1]])


def mask_that_changes(x, a, m):
    k = a > 0.0
    b = np.where(k, a * x, 0.0)
    s = np.sum(b[k] * a[k])
    k[:, 1:] = k[:, :-1]
    k[k] = a[k] < 0.7
    b[k] = a[k] ** 2
    return s + np.sum(b * b)


def mask_in_a_loop(x, a, m):
    b = a * 1.0
    for i in range(3):
        k = b > 0.1 * i
        b[k] *= x[i]
    return np.sum(b * b)


def whole(x, a, m):
    b = np.zeros_like(a)
    b[...] = a
    c = b[:]
    c[:, :] = c * x
    d = np.empty(5)
    d[:] = x
    d[0] = 2.0
    return np.sum(b * b) + np.sum(d * x)


def turned(x, a, m):
    b = np.reshape(a[:4], (2, 2, 5)) * x
    return np.sum(np.moveaxis(b, 2, 0)[1] ** 2) + np.sum(np.swapaxes(b, 0, 2) * x[:, None, None] ** 2)


def kept(x, a, m):
    return np.sum(np.mean(a, axis=(0, 1), keepdims=True) * a * np.max(x, keepdims=True)) + np.std(
        x, axis=0, keepdims=True)[0] + np.prod(x, 0, keepdims=True)[0] * np.sum(a, keepdims=True)[0, 0]


def quiet(x, a, m):
    with np.errstate(divide="ignore", invalid="warn"):
        y = np.log(x * x)
        s = np.sum(y * x)
    return s + y[0]


@pytest.mark.parametrize("func", [lists, empty_list, mask_of_two_axes, mask_of_a_part, mask_that_changes, mask_in_a_loop,
                                  whole, turned, kept, quiet], ids=lambda f: f.__name__)
def test_indices(func):
    for mask in (MASK, np.zeros_like(MASK), np.ones_like(MASK)):
        assert_both(func, X, A, mask)


def picked(x, a, m):
    return np.sum(a[m] ** 2)


@pytest.mark.parametrize("shape", [(4, 5), (5, 4), (6, 5), (5, 6)])
def test_mask_of_another_shape(shape):
    for mask in (np.ones(shape, bool), np.zeros(shape, bool)):
        with pytest.raises((IndexError, ValueError)):      # lengths that must be equal are compared first
            value_and_grad(mask_of_two_axes, (0, 1), backend="numba")(X, A, mask)
        with pytest.raises(IndexError):
            value_and_grad(picked, (0, 1), backend="numba")(X, A, mask)


def test_list_outside():
    with pytest.raises(IndexError):
        value_and_grad(lists, (0, 1), backend="numba")(X, A[:2], MASK)


# -- stores of views of the array itself ---------------------------------------------------------------------


def shifted(x, a, m):
    z = x * 1.0
    z[1:] = z[:-1]
    return np.sum(z * z * x)


def reversed_(x, a, m):
    z = x * 1.0
    z[:] = z[::-1]
    return np.sum(z * z * x)


def slice_to_places(x, a, m):
    z = x * 1.0
    z[TURNED] = z[:3]
    z[FIRST] = z[1:3]
    return np.sum(z * z * x)


def places_to_slice(x, a, m):
    z = x * 1.0
    z[:3] = z[TURNED]
    z[:3] += z[TURNED]
    z[TURNED] += z[:3]
    return np.sum(z * z * x)


def column_to_row(x, a, m):
    b = np.outer(x, x)
    b[1] = b[:, 1]
    b[FIRST] = b[:, 2]
    return np.sum(b * b * x)


def transposed(x, a, m):
    b = np.outer(x, x + 1.0)
    b[:] = b.T
    return np.sum(b * b * x)


def row_to_all(x, a, m):
    b = np.outer(x, x + 1.0)
    b[:] = b[1]
    b += b[2]
    return np.sum(b * b * x)


def columns_along(x, a, m):
    b = np.outer(x, x + 1.0)
    b[:, 1:] += b[:, :-1]
    b[:] = np.broadcast_to(b[1], b.shape)
    return np.sum(b * b * x)


def view_kept(x, a, m):
    z = x * 1.0
    v = z[0:3]
    z[1:4] += v
    v[:] = z[1:4]
    return np.sum(z * z * x)


def onto_itself(x, a, m):
    b = a * x
    b[:] += b
    c = np.exp(x)
    c[1:] += c[1:] * c[:-1]
    d = x * x
    d[::-1] += d
    return np.sum(b * b * x) + np.sum(c) + np.sum(d * d * x)


def onto_itself_by_name(x, a, m):
    b = a * x
    turned, ahead = b[::-1], b[1:]
    b[:] += turned
    b[:-1] += ahead
    return np.sum(b * b * x)


def whole_view_read_twice(x, a, m):
    t = a[:]
    np.negative(a, out=a)
    return np.sum(t * t * x) + np.sum(a * a * a)


@pytest.mark.parametrize("func", [onto_itself, onto_itself_by_name, whole_view_read_twice, shifted, reversed_,
                                  slice_to_places, places_to_slice, column_to_row, transposed, row_to_all,
                                  columns_along, view_kept], ids=lambda f: f.__name__)
def test_store_of_a_view(func):
    assert_both(func, X, A, MASK)


def test_an_order_that_numpy_leaves_open_is_refused():
    with pytest.raises(CannotDifferentiate, match="another order than NumPy"):
        value_and_grad(lambda x: np.sum(np.partition(x, 2)[:2] ** 2), backend="numba")(X)


# -- lengths that only the run knows -------------------------------------------------------------------------


def added_to_a_slice(x, p, n):
    z = x * 1.0
    z[:n] += x[p] * x[p]
    return np.sum(z * z)


def stored_in_a_slice(x, p, n):
    z = x * 1.0
    z[:n] = x[p] * 2.0
    return np.sum(z * z)


def stored_in_a_row(x, p, n):
    b = np.outer(x, x)
    b[n] = x[p]
    b[p] = b[:, 1]
    return np.sum(b * b)


def product_of_slices(x, p, n):
    return np.sum(x[n:] * x[p]) + np.sum(x[:n] * x[-n:])


@pytest.mark.parametrize("func", [added_to_a_slice, stored_in_a_slice, stored_in_a_row, product_of_slices],
                         ids=lambda f: f.__name__)
def test_lengths(func):
    for places in (FIRST, NONE, np.array([0, 0, 1, 4, 4])):
        for n in (0, 1, 2, 4):
            try:
                func(X, places, n)
            except ValueError:
                for backend in ("numpy", "numba"):
                    with pytest.raises(ValueError):
                        value_and_grad(func, backend=backend)(X, places, n)
                continue
            assert_both(func, X, places, n, numbers=(0,))


def assert_both(func, *args, numbers=(0, 1)):
    """NumPy's dialect agrees with differences, Numba's with NumPy's."""
    gradient = check_against_differences(func, args, numbers)
    value, compiled = value_and_grad(func, numbers, backend="numba")(*args)
    np.testing.assert_allclose(value, func(*args), rtol=1e-12)
    for one, other in zip(compiled, gradient, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


# -- an index at another place than its own; axes of length 1; masks of length 0 -------------------------------


def first_of_what_is_picked(x, k):
    i = k * 2 % len(x)
    m = x[:, None] * x
    x[m[-np.ones(len(x), int)][0] > -9.0] = x
    return np.sum(x[i][0] * x) + np.sum(m[i][:, i] * m) + np.sum(m[:, i][0] * x * i) + np.sum(x[i[::-1]] * i)


def picked_by_a_table(x, k):
    m = x[:, None] * x
    i = k[:, None] * k % len(x)
    m[i, k] += x[i][0]
    return np.sum(x[i] * m) + np.sum(x[i].T * m * i)


@pytest.mark.parametrize("func", [first_of_what_is_picked, picked_by_a_table], ids=lambda f: f.__name__)
def test_an_index_that_is_made_with_what_it_picks(func):
    for length in (1, 3):
        assert_both(func, X[:length], np.arange(length), numbers=(0,))


def picked_and_stored(x, m):
    y = x * 1.0
    y[m] = x[m] * x[m]
    return np.sum(y * x)


def picked_at_the_end(x, m):
    return np.sum(x[..., m] ** 2)


@pytest.mark.parametrize("func", [picked_and_stored, picked_at_the_end], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("rows", "picks"), [(3, 0), (1, 0), (3, 3), (0, 1), (0, 3), (1, 3), (3, 4)])
def test_a_mask_is_as_long_as_its_axis_or_has_no_length(func, rows, picks):
    """NumPy takes a mask of length 0 for any axis."""
    x, mask = A[:2, :rows] if func is picked_at_the_end else X[:rows], np.arange(picks) % 2 == 0
    if picks in (0, rows):
        assert_both(func, x, mask, numbers=(0,))
        return
    for backend in ("numpy", "numba"):
        with pytest.raises(IndexError, match="boolean index did not match"):
            value_and_grad(func, backend=backend)(x, mask)


@pytest.mark.parametrize("axis", [1, -2, (0, 1), (0, 0), (0, -1)])
def test_an_axis_that_is_not_there_is_turned_by_none(axis):
    for backend in ("numpy", "numba"):
        with pytest.raises((ValueError, CannotDifferentiate)):
            value_and_grad(lambda x: np.sum(np.flip(x, axis) * x), check="off", backend=backend)(X)


@pytest.mark.parametrize("shape", [(), (5,), (1,)])
def test_an_array_is_not_stretched_to_fewer_axes(shape):
    for backend in ("numpy", "numba"):
        with pytest.raises((ValueError, CannotDifferentiate)):
            value_and_grad(lambda a: np.sum(np.broadcast_to(a, shape) * 2.0), check="off", backend=backend)(A[:1, :1])
