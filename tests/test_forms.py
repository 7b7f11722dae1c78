"""Forms of a call beside the usual ones, as NumPy's documentation has them: a method, a mask of positions, a range."""

import numpy as np
import pytest

from ad_compiler import grad, jvp
from tests.fd import check_against_differences

X = np.array([0.7, -1.3, 2.1, 0.4])
W = np.arange(1.0, 30.0)


def weighed(a):
    return np.sum(np.ravel(a) * W[:np.size(a)])


def nonzero_as_a_method(x):
    i = (x > 0.0).nonzero()[0]
    return np.sum(x[i] ** 2) + i.sum() * x[0] + i.size * x[1]


def put_by_booleans(x):
    a = x.copy()
    a.put([True, False], x[2:])
    np.put(a, x > 0.0, 3.0 * x[2:])
    np.put(a, [], x)
    return weighed(a * a)


def picked_by_ranges(x):
    a = np.outer(x, x)
    a[range(2), range(1, 3)] = x[2:]
    a[range(0)] = 7.0
    a[3, range(1, 4, 2)] += x[:2]
    return weighed(a[range(3, -1, -1)]) + weighed(a[:, range(1, 3)]) + weighed(np.take(x, range(3)))


def raised_to_truth_values(x):
    return weighed(x ** (np.arange(4) > 1)) + weighed(np.power(x, x > 0.0)) + np.sum(x ** np.bool_(True))


def largest_of_nothing(x):
    a = np.outer(x, x)
    return np.max(x[:0], initial=3.0) * x[0] + np.min(x[:0], initial=x[1]) + \
        np.sum(np.max(a[:0], axis=0, initial=2.0) * x) + np.sum(np.max(a, axis=1, initial=0.5) * x)


def tuples_in_products(x):
    return np.sum(np.cross(x[:3], (1, 2, 3))) + np.dot((1, 2, 3, 4), x) + np.sum(np.outer((1, 2), x))


FORMS = (largest_of_nothing, tuples_in_products, raised_to_truth_values, nonzero_as_a_method, put_by_booleans, picked_by_ranges)


@pytest.mark.parametrize("f", FORMS, ids=lambda f: f.__name__)
def test_form(f):
    check_against_differences(f, (X,))
    slope, along = grad(f)(X), np.cos(np.arange(4.0))
    assert jvp(f, (X,), (along,))[1] == pytest.approx(slope @ along)


def test_a_range_whose_bounds_are_known_only_when_it_runs():
    def f(x, n):
        return weighed(x[range(n)] * x[range(1, n + 1)])
    for n in (0, 1, 3):
        check_against_differences(f, (X, n))


def below_the_diagonal(x):
    rows, columns = np.tril_indices(4)
    return np.sum(x * (rows - columns)[:4] * (rows + columns)[6:])


def stored_with_more_axes(x):
    a = x.copy()
    a[4:] = x[None, None, :1]
    return np.sum(a * x)


def singular(x):
    return np.linalg.det(x)


def test_positions_that_are_known_now_under_numba():
    assert grad(below_the_diagonal, backend="numba")(X) == pytest.approx(grad(below_the_diagonal)(X))


@pytest.mark.compiled
def test_shapes_and_dtypes_under_numba():
    assert grad(stored_with_more_axes, backend="numba")(X) == pytest.approx(2.0 * X)
    for last in (4.0, 5.0):
        a = np.array([[1.0, 2.0], [2.0, last]], dtype=np.float32)
        got = grad(singular, backend="numba")(a)
        assert got.dtype == np.float32
        assert got == pytest.approx(np.array([[last, -2.0], [-2.0, 1.0]]), rel=1e-5)


def no_broadcast(x):
    np.broadcast_to(x, (3,))
    return np.sum(x)


def no_stack(x):
    np.stack([x, x[:2]])
    return np.sum(x)


def no_rows(x):
    np.vstack([np.outer(x, x), np.ones((1, 3))])
    return np.sum(x)


def no_columns(x):
    np.concatenate([np.outer(x, x), np.ones((3, 1))], axis=-1)
    return np.sum(x)


def no_squeeze(x):
    np.squeeze(x, axis=0)
    return np.sum(x)


def no_power(x):
    np.arange(3) ** -1
    return np.sum(x)


@pytest.mark.parametrize("f", [no_broadcast, no_stack, no_rows, no_columns, no_squeeze, no_power],
                         ids=lambda f: f.__name__)
def test_what_is_not_needed_raises_all_the_same(f):
    with pytest.raises(ValueError, match="."):
        f(X)
    with pytest.raises(ValueError, match="."):
        grad(f, check="off")(X)


def test_what_cannot_raise_is_left_out():
    def f(x):
        np.stack([x, 2.0 * x])
        np.concatenate([x, x[:2]])
        np.broadcast_to(x, (2, len(x)))
        return np.sum(x)
    compiled = grad(f)
    compiled(X)
    assert compiled.source.count("np.") == compiled.source.count("np.full_like") + compiled.source.count("np.sum")


def test_an_array_without_axes_cannot_be_unpacked():
    def f(x):
        a, b = x
        return a * b
    with pytest.raises(TypeError, match="iteration over a 0-d array"):
        grad(f)(np.array(2.0))
