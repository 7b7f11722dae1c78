"""Tangents of what is made of constants, and of what is not real: zero, or refused by name."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, jvp, linearize

X, ALONG = np.array([0.7, -1.3, 2.1, 0.4]), np.array([1.0, 0.5, -0.3, 0.2])


def begun_with_a_number(x):
    grown = [1.0, 2]
    for i in range(3):
        grown.append(grown[-1] * x[i] + grown[-2])
    return sum(grown) * x[3]


def begun_with_rows(x):
    rows = [np.ones(2), 2.0 * np.ones(2)]
    for i in range(3):
        rows.append(rows[-1] * x[i] + rows[0])
    return np.sum(rows[-1] * rows[1])


@pytest.mark.parametrize("f", [begun_with_a_number, begun_with_rows])
def test_a_list_that_begins_with_constants(f):
    step = 1e-6
    slope = (f(X + step * ALONG) - f(X - step * ALONG)) / (2 * step)
    assert jvp(f, (X,), (ALONG,))[1] == pytest.approx(slope)
    assert linearize(f, X)[1](ALONG) == pytest.approx(slope)


def by_an_unknown_number(x):
    return np.abs(complex(1, 2) * x[0] + 1.0)


def by_a_root(x):
    third = 1.0 / 3.0
    return abs((-8.0) ** third * x[0])


def in_another_order(x):
    return np.sum(x.astype(">f8") ** 2)


@pytest.mark.parametrize("f", [by_an_unknown_number, by_a_root, in_another_order])
def test_what_is_not_real_is_refused(f):
    with pytest.raises(CannotDifferentiate, match="complex|>f8"):
        jvp(f, (X,), (ALONG,))
    phase = 2.0j
    with pytest.raises(CannotDifferentiate, match="complex"):
        jvp(lambda x: np.sum(np.abs(phase * x)), (X,), (ALONG,))
