"""Products computed over arrays that nothing reads any more, and comparisons kept as truth values: in hard cases."""

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.fd import directions, slope


def layers(a, b):
    h = np.maximum(a @ b + 0.1, 0.0)
    g = np.maximum(h @ b, 0.0)
    return np.sum(g @ b)


def of_one_array(a, b):
    h = a @ a
    h = np.maximum(h, 0.2) @ h
    return np.sum(h @ h) + np.sum(b)


def view_is_kept(a, b):
    h = a @ b
    turned = h.T
    g = h @ b
    return np.sum(np.maximum(g, 0.0) @ a) + np.sum(turned * turned)


def row_is_kept(a, b):
    h = a @ b
    row = h[0]
    g = np.where(h @ b > 0.3, a, b)
    return np.sum(g @ b) + np.sum(row * row)


def stored_into(a, b):
    h = a @ b
    g = h @ a
    g[0] = h[-1] * 2.0
    h[0, 0] = 3.0
    c = np.maximum(g @ b, h)
    c[-1] *= g[0]
    return np.sum(c @ g)


def copied(a, b):
    h = a @ b
    kept = h
    h = h @ b
    kept = kept + h
    return np.sum(np.maximum(kept @ h, 0.0) * kept)


def compared_twice(a, b):
    h = a @ b
    g = np.maximum(h, 0.0) + np.minimum(h, 0.5) + np.abs(h)
    return np.sum(g @ a)


def compared_with_each_other(a, b):
    h, g = a @ b, b @ a
    return np.sum(np.maximum(h, g) @ b) + np.sum(np.minimum(g, a) @ h)


def mask_for_both_sweeps(a, b):
    h = a @ b
    mask = h > 0.1
    g = np.where(mask, h, 0.1 * a) @ b
    return np.sum(np.where(mask, g, g * g))


def compared_with_a_row(a, b):
    h = a @ b
    g = np.maximum(h, b[0]) @ a
    return np.sum(np.maximum(g, np.sum(h) * 0.01))


def in_a_loop(a, b):
    h = a
    for _ in range(3):
        h = np.maximum(h @ b, 0.0) @ a + h
    return np.sum(h)


def loop_that_does_not_run(a, b):
    h = a @ b
    for _ in range(len(a) - len(b)):
        h = np.maximum(h @ b, 0.0)
    return np.sum(h @ h)


def in_an_arm(a, b):
    h = a @ b
    g = np.maximum(h, 0.0)
    if np.sum(g) > 0.5:
        h = g @ b
        h = np.maximum(h, 0.1)
    return np.sum(h @ a)


def product_read_twice(a, b):
    h = a @ b
    g = h @ b
    p = g @ a
    return np.sum(p * p) + np.sum(np.maximum(p, 0.0))


def read_before_it_is_written(a, b):
    """A product with an array that a cotangent is written over: it must not be made after that."""
    h = np.tanh(a + b[0])
    g = np.tanh(a + h[0])
    p = np.dot(g[::-1], g)
    return np.sum(g * g) + np.sum(p * p) + np.sum(p)


def read_backwards_last(a, b):
    """A view that is no map of indices: its array must not be written over while it is read."""
    h = np.dot(b, a)
    g = np.dot(h, h[::-1])
    p = np.dot(g, h.T)
    return np.sum(p * p) + np.sum(np.where(a > 0.1, a, g[::-1]))


def handed_on(a, b):
    h = a * 3.0 + 1.0
    g = h if b[0, 0] > 0.5 else b
    y = h + np.sum(g)
    return np.sum(y * y[::-1]) + np.sum(g * g[::-1])


def returned(a, b):
    h = a @ b
    g = np.maximum(h @ b, 0.0)
    return np.sum(g @ a), (h, g)


FUNCTIONS = [layers, of_one_array, view_is_kept, row_is_kept, stored_into, copied, compared_twice,
             compared_with_each_other, mask_for_both_sweeps, compared_with_a_row, in_a_loop, loop_that_does_not_run,
             in_an_arm, product_read_twice, read_before_it_is_written, read_backwards_last, handed_on]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_against_differences(f):
    gradient = value_and_grad(f, (0, 1), backend="numba")
    for n in (3, 1, 4):
        rng = np.random.default_rng(n)
        given = rng.normal(size=(n, n)), rng.normal(size=(n, n))
        cases = [given, (given[0].T, given[1][::-1])] if n == 4 else [given]      # compiled again for other layouts
        if f is not compared_with_each_other:       # ties everywhere, where an array is given twice
            cases.append((given[0], given[0]))
        for args in cases:
            before = [x.copy() for x in args]
            value, bars = gradient(*args)
            assert value == pytest.approx(f(*args), rel=1e-12)
            assert all(map(np.array_equal, args, before))
            for at in (0, 1):
                wanted = [slope(f, args, {}, (at,), direction, 1e-5) for direction in directions([args[at]])]
                np.testing.assert_allclose(bars[at].ravel(), wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("single", [False, True])
def test_as_numpy(f, single):
    """At ties, where differences say nothing; with NaN; without elements; in single precision."""
    ours, theirs = value_and_grad(f, (0, 1), backend="numba"), value_and_grad(f, (0, 1))
    ties = np.array([[0.0, 0.5, -0.5], [0.5, 0.0, 0.0], [0.0, 0.0, 1.0]])
    with_nan = ties.copy()
    with_nan[1, 2] = np.nan
    for a in (ties, with_nan, np.zeros((3, 3)), np.eye(3)):
        args = [x.astype(np.float32) if single else x for x in (a, np.eye(3))]
        (value, bars), (wanted, wanted_bars) = ours(*args), theirs(*args)
        np.testing.assert_allclose(value, wanted, rtol=1e-5 if single else 1e-12)
        for bar, of in zip(bars, wanted_bars, strict=True):
            np.testing.assert_allclose(bar, of, rtol=1e-5 if single else 1e-12, atol=1e-6 if single else 1e-12)
            assert bar.dtype == of.dtype


@pytest.mark.parametrize("f", [layers, compared_twice, mask_for_both_sweeps, product_read_twice])
@pytest.mark.parametrize("shape", [((0, 0), (0, 0)), ((2, 2), (2, 2))])
def test_without_elements(f, shape):
    args = [np.ones(s) for s in shape]
    (value, bars), (wanted, wanted_bars) = (value_and_grad(f, (0, 1), backend=b)(*args) for b in ("numba", "numpy"))
    assert value == pytest.approx(wanted)
    assert all(map(np.allclose, bars, wanted_bars))


def no_columns(a, b):
    """Products over an axis of length 0 are zeros, not what lay there before."""
    h = np.maximum(a @ a.T, 0.5)
    g = a.T @ h
    return np.sum(np.maximum(b @ g, h) @ h)


@pytest.mark.parametrize("columns", [0, 1, 3])
def test_an_axis_of_length_0(columns):
    rng = np.random.default_rng(0)
    args = rng.normal(size=(4, columns)), rng.normal(size=(4, columns))
    (value, bars), (wanted, wanted_bars) = (value_and_grad(no_columns, (0, 1), backend=b)(*args)
                                            for b in ("numba", "numpy"))
    assert value == pytest.approx(wanted)
    for bar, of in zip(bars, wanted_bars, strict=True):
        np.testing.assert_allclose(bar, of, rtol=1e-12)


def test_what_is_returned_is_not_written_over():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    gradient = value_and_grad(returned, (0, 1), has_aux=True, backend="numba")
    (value, (h, g)), bars = gradient(a, b)
    assert value == pytest.approx(returned(a, b)[0])
    np.testing.assert_allclose(h, a @ b)
    np.testing.assert_allclose(g, np.maximum(h @ b, 0.0))
    (_, wanted) = value_and_grad(returned, (0, 1), has_aux=True)(a, b)
    assert all(map(np.allclose, bars, wanted))


def test_the_text_of_layers():
    """Four arrays of the size of a layer at most, of which two are gradients."""
    source = value_and_grad(layers, (0, 1), backend="numba").source_for(np.eye(3), np.eye(3))
    assert source.count("out=") >= 2
    assert "dtype=np.bool" in source


def test_what_a_branch_hands_on_is_not_computed_over():
    """It would have to be copied first."""
    assert "copy(h)" not in value_and_grad(handed_on, (0, 1), backend="numba").source_for(np.eye(3), np.eye(3))
