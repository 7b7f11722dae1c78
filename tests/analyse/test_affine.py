"""When an element stands unchanged in the array after a loop: its gradient then keeps nothing."""

import numpy as np
import pytest

from ad_compiler import grad
from tests.fd import check_against_differences


def ahead(a):
    a, m = a.copy(), len(a)
    for i in range(1, m):
        a[i] = np.sin(a[i - 1])
    return np.sum(a * a)


def behind(a):
    a, m = a.copy(), len(a)
    for i in range(1, m):
        a[i - 1] = np.sin(a[i])
    return np.sum(a * a)


def downwards(a):
    a, m = a.copy(), len(a)
    for i in range(m - 1, 0, -1):
        a[i - 1] = np.sin(a[i])
    return np.sum(a * a)


def backwards(a):
    a, m = a.copy(), len(a)
    for i in reversed(range(1, m)):
        a[i - 1] = np.sin(a[i])
    return np.sum(a * a)


def every_second(a):
    a, m = a.copy(), len(a)
    for i in range(2, m, 2):
        a[i] = np.sin(a[i - 1])
    return np.sum(a * a)


def own_rows(a):
    a, m = a.copy(), len(a)
    for i in range(m - 1):
        for j in range(i + 1, m):
            a[j] = a[j] + np.sin(a[i])
    return np.sum(a * a)


def all_rows(a):
    a, m = a.copy(), len(a)
    for i in range(m - 1):
        for j in range(m - 1):
            a[j] = 0.5 * a[j] + np.sin(a[i])
    return np.sum(a * a)


def from_the_end(a):
    a, m = a.copy(), len(a)
    for i in range(m):
        a[i] = np.sin(a[i - 1])
    return np.sum(a * a)


def last(a):
    a, m = a.copy(), len(a)
    for i in range(m - 1):
        a[i] = np.sin(a[-1]) * a[m - 1]
    return np.sum(a * a)


def last_overwritten(a):
    a, m = a.copy(), len(a)
    for i in range(m):
        a[i] = np.sin(a[-1])
    return np.sum(a * a)


def slices(a):
    a, m = a.copy(), len(a)
    for i in range(1, m):
        a[i:] = a[i:] * 0.5 + np.sin(a[i - 1])
    return np.sum(a * a)


def slices_that_meet(a):
    a, m = a.copy(), len(a)
    for i in range(1, m):
        a[i:] = a[i:] * 0.5 + np.sin(a[i])
    return np.sum(a * a)


def twice(a):
    a, m = a.copy(), len(a)
    for _ in range(2):
        for i in range(1, m):
            a[i] = np.sin(a[i - 1])
    return np.sum(a * a)


def carried_position(a):
    a, m = a.copy(), len(a)
    at = 0
    while at < m - 1:
        a[at + 1] = np.sin(a[at])
        at += 1
    return np.sum(a * a)


CASES = [
    (ahead, True), (behind, False), (downwards, True), (backwards, True), (every_second, True), (own_rows, True),
    (all_rows, False), (from_the_end, False), (last, True), (last_overwritten, False), (slices, True),
    (slices_that_meet, False), (twice, False), (carried_position, False),
]


@pytest.mark.parametrize(("store", "nothing"), CASES, ids=lambda x: getattr(x, "__name__", None))
def test_what_is_kept(store, nothing):
    a = np.random.default_rng(0).uniform(0.3, 1.0, 6)
    check_against_differences(store, (a,))
    assert ("trail" not in grad(store).source_for(a)) is nothing


def test_a_range_that_may_begin_below_zero():
    """Index -1 is the last element, which a later iteration overwrites."""
    def f(a, low, high):
        a = a.copy()
        for i in range(low, high):
            a[i + 1] = np.sin(a[i])
        return np.sum(a * a)

    a = np.random.default_rng(0).uniform(0.3, 1.0, 5)
    for low, high in ((0, 4), (-1, 4), (-3, 4), (2, 2)):
        check_against_differences(f, (a, low, high))
