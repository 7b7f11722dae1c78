"""Lists that hold arrays which are written into: they hold them as they are at last, or it is refused."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.fd import check_against_differences

X, M = np.array([1.0, 2.0, 3.0]), np.arange(1.0, 17.0).reshape(4, 4) / 10.0


def raised(a):
    a[0] += 0.2
    return a[:]


def itself(x):
    rows = []
    for _ in range(len(x)):
        x[0] += 0.2
        rows.append(x)
    return sum(r.sum() for r in rows)


def views_of_a_helper(x):
    rows = [raised(x) for _ in range(len(x))]
    return sum(r.sum() for r in rows) + x.sum()


def a_state_of_the_last_round(x):
    rows, state = [], x * 1.0
    for _ in range(len(x)):
        state[0] += 1.0
        state = state * 2.0
        rows.append(state)
    return sum(r.sum() for r in rows)


def written_after(x):
    rows = []
    for _ in range(len(x)):
        rows.append(x[:])
        x[0] += 0.2
    return sum(r.sum() for r in rows)


@pytest.mark.parametrize("f", [itself, views_of_a_helper, a_state_of_the_last_round, written_after],
                         ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [X, X[:1]], ids=len)
def test_what_the_next_round_writes_into_is_refused(f, x):
    with pytest.raises(CannotDifferentiate, match="is not known since line"):
        value_and_grad(f, check="off")(x)


def a_new_state(x):
    rows, state = [], x * 1.0
    for _ in range(len(x)):
        state = state * 2.0
        state[0] += 1.0
        rows.append(state)
    return sum((r * r).sum() for r in rows)


def copies(x):
    rows = []
    for _ in range(len(x)):
        x[0] += x[-1]
        rows.append(x.copy())
    return sum((r * r).sum() for r in rows)


@pytest.mark.parametrize("f", [a_new_state, copies], ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [X, X[:1]], ids=len)
def test_what_is_written_before_it_is_kept_and_copies(f, x):
    value, bar = value_and_grad(f, check="off")(x)
    assert value == f(x.copy())
    np.testing.assert_allclose(bar, check_against_differences(f, (x,)), rtol=1e-7)


def sum_of_one(m):
    total = sum([m[0]])
    total[0] = 5.0
    return np.sum(total * total) + np.sum(m * m)


def sum_of_one_unpacked(m):
    first, *rows = m[1], m[0]
    total = sum(rows)
    np.tanh(m[0], total)
    return np.sum(total) + np.sum(m * m) + first[0]


def sum_of_two(m):
    total = sum([m[0], m[1]])
    total[0] = 5.0
    return np.sum(total * total) + np.sum(m * m)


@pytest.mark.parametrize("f", [sum_of_one, sum_of_one_unpacked, sum_of_two], ids=lambda f: f.__name__)
def test_a_sum_is_an_array_of_its_own(f):
    value, bar = value_and_grad(f, check="off")(M)
    assert np.isclose(value, f(M.copy()), rtol=1e-14)
    np.testing.assert_allclose(bar, check_against_differences(f, (M,)), rtol=1e-7)


WORDS = ["a", "b", "c"]


def beside_what_is_not_known(x, y, m):
    """What `bit_count` gives is an object of the run: gradients are looked at before they are handed out."""
    m *= x[-len(x):]
    p = len(WORDS).bit_count()
    return np.sum(x) + np.sum(y) + np.sum(m) + p + sum(sum([x, y]))


def test_gradients_that_are_looked_at_do_not_share_memory():
    x, y = M[0] + 0.5, M[1].copy()
    value, bars = value_and_grad(beside_what_is_not_known, (0, 1, 2), check="off")(x, y, M)
    assert np.isclose(value, beside_what_is_not_known(x, y, M.copy()))
    for bar, want in zip(bars, check_against_differences(beside_what_is_not_known, (x, y, M), (0, 1, 2)), strict=True):
        np.testing.assert_allclose(bar, want, rtol=1e-7)
    assert not np.shares_memory(bars[0], bars[1])
