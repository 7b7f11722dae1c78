"""What is out of range raises under Numba as it does in NumPy, and what is not gives the same numbers."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad

RNG = np.random.default_rng(5)
A6, B6, A5, A4, B4, A3, A8 = (RNG.normal(size=n) for n in (6, 6, 5, 4, 4, 3, 8))
M34, M43, M33, M23 = (RNG.normal(size=s) for s in ((3, 4), (4, 3), (3, 3), (2, 3)))
LISTS = [np.array(i, dtype=int) for i in ([0, 5], [0, 6], [-6, 1], [-7, 1], [1, 1, 1], [])]


def two_arrays(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * y[i]
    return s


def count_given(x, y, n):
    s = 0.0
    for i in range(n):
        s += x[i] * y[i + 1]
    return s


def pairs(x, y, n):
    s = 0.0
    for i in range(n):
        s += x[i] * x[i + 1] + y[i - 2] * y[i - 1]
    return s


def at_one_place(x, k, n):
    s = 0.0
    for i in range(n):
        s += x[k] * x[k + 1] + i
    return s


def one_after_another(x, k, n):
    s = 0.0
    for i in range(n):
        s += x[i] ** 2 * x[k]
    for i in range(n):
        s += x[i + 1] ** 2 * x[k + 1]
    return s


def more_often(x, k, n):
    s = 0.0
    for i in range(n):
        s += x[i] * x[i + k]
        s += x[i] * x[i + 3]
    for i in range(n + 3):
        s += x[i] ** 2
    return s


def further_inside(x, k, n):
    s = 0.0
    for i in range(n):
        s += x[i] ** 2
        for j in range(k):
            s += x[i + 1] * j
    return s


def under_a_condition(x, y, n):
    s = 0.0
    for i in range(n):
        if i > 2:
            s += x[i] * y[0]
    return s


def gathered(x, y, where):
    return np.sum(x[where] * y[where])


def gathered_one_by_one(x, y, where):
    s = 0.0
    for k in range(len(where)):
        s += x[where[k]] * y[k]
    return s


def added_at(x, y, where):
    z = np.zeros(len(x))
    np.add.at(z, where, y[:len(where)])
    return np.sum(z * z * x)


def stored_at(x, y, where):
    z = x * 1.0
    z[where] = y[:len(where)]
    return np.sum(z * z)


def taken(x, y, where):
    return np.sum(np.take(x, where) ** 2 * y[0])


def constants(x, y, n):
    return x[n] * y[5] + x[-7]


def counted_back(x, y, n):
    z = x * 1.0
    for i in range(n):
        z[i] = y[i] * z[n - 1 - i]
    return np.sum(z)


def two_loops(a, n, m):
    s = 0.0
    for i in range(n):
        for j in range(m):
            s += a[i, j] ** 2
    return s


def triangle(a, n):
    s = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            s += a[i, j] * a[j, i]
    return s


def packed_triangle(x, n):
    s = 0.0
    for k in range(n):
        for i in range(3):
            for j in range(i):
                s += x[k] * x[i * (i - 1) // 2 + j]
    return s


def while_loop(x, n):
    i = 0
    s = 0.0
    while i < n and x[i] > -100.0:
        s += x[i] ** 2
        i += 1
    return s


def rows(a, k):
    return np.sum(a[k] * a[k + 1])


def dead(x, n):
    x[n]
    return np.sum(x)


def column(a, k):
    return np.sum(a[:, k] ** 2)


def backward(x, n):
    s = 0.0
    for i in range(n, -1, -1):
        s += x[i] * x[i - 1]
    return s


def left_in_time(x, n):
    s = 0.0
    for i in range(n):
        if i == len(x):
            break
        s += x[i] ** 2
    return s


def guarded(x, n):
    s = 0.0
    for i in range(len(x)):
        if i + 1 < len(x):
            s += x[i] * x[i + 1]
        if i - n >= 0:
            s += x[i - n]
    return s


def raises_first(x, n):
    s = 0.0
    for i in range(n):
        if i == 2:
            raise ValueError("two")
        s += x[i + 2]
    return s


def sliced(x, n, m):
    return np.sum(x[n:m] ** 2)


def sliced_store(x, n, m):
    z = x * 1.0
    z[n:m] = 3.0 * z[n:m]
    return np.sum(z ** 2)


def masked(x, y):
    return np.sum(x[y > 0])


def masked_store(x, y):
    z = x * 1.0
    z[y > 0] = 0.0
    return np.sum(z * z)


def obscure(x, n):
    s = 0.0
    for i in range(n):
        s += x[n - 1 - i] * x[i // 2] * x[i % 3] + x[i * (i + 1) // 2 % n]
    return s


def signs_to_be_kept(x, n):
    s = 0.0
    for i in range(-n, n):
        s += x[n - 3 - i % n] * x[i // 2] * x[-(i % 3)] + x[i % -3]
    return s


def between_loops(x, n):
    z = x * 1.0
    for i in range(n):
        for j in range(i):
            z[i - j] += z[i - j - 1] * x[j]
        for j in range(i, n):
            z[j - i] -= 0.5 * x[n - 1 - j]
    return np.sum(z * z)


def turned(a, k):
    return np.sum(a[::-1, ::-1] * a[k] * np.flip(a))


WITH_LISTS = [(A6, B6, where) for where in LISTS]
SHORT = [(x, k, n) for x in (A6, A3[:2], A3[:1], A3[:0]) for k in (-7, -1, 0, 1, 4, 5) for n in (-3, -2, 0, 1, 3, 5, 6)]
BOUNDS = [(A5, n, m) for n in (0, 2, 7, -2, -9) for m in (0, 3, 8, -1)]
def exchanged(x, y, n):
    a, b = x * 1.0, np.sin(y)
    for i in range(3):
        a, b = b, a
        b[i] = a[i + 1]
    return np.sum(b * b) * n


def views_of_what_is_written(x, y, n):
    c = np.concatenate([x, y])
    a, b = c[:n], c[2:6]
    for i in range(3):
        a[i] = b[i] * a[i + 1]
    return np.sum(b * b)


CASES = {
    two_arrays: [(A6, B6), (A6, A4), (A4, A6), (A3, A3[:0]), (A3[:0], A3[:0]), (A3[:0], A3)],
    count_given: [(A6, B6, n) for n in (0, -1, 5, 6, 7)],
    pairs: [(x, y, n) for x in (A6, A5) for y in (B6, A3, A5[:1]) for n in (-1, 0, 1, 4, 5, 6)] + [(A3[:0], A3[:0], 0)],
    at_one_place: SHORT, one_after_another: SHORT, more_often: SHORT, further_inside: SHORT,
    under_a_condition: [(A6, B6, n) for n in (0, 6, 7)],
    gathered: WITH_LISTS, gathered_one_by_one: WITH_LISTS, added_at: WITH_LISTS, stored_at: WITH_LISTS,
    taken: WITH_LISTS,
    constants: [(A6, B6, 0), (A8, B6, 5), (A8, B6, -8), (A8, B6, -9), (A8, B6, 8), (A8, A5, 0)],
    counted_back: [(A6, y, n) for n in (0, 5, 6, 7) for y in (B6, A5)],
    two_loops: [(M34, n, m) for n, m in ((3, 4), (4, 3), (3, 0), (9, 0), (0, 9), (3, 5))],
    triangle: [(m, n) for m in (M34, M43, M33) for n in (0, 1, 3, 4)],
    packed_triangle: [(x, n) for x in (A3, A3[:2], A6) for n in (0, 2, 4)],
    while_loop: [(A6, n) for n in (0, 6, 7)],
    rows: [(M33, n) for n in (0, 1, 2, -1, -3, -4)],
    dead: [(A3, n) for n in (0, 2, 3, -4)],
    column: [(M23, n) for n in (0, 2, 3, -4)],
    exchanged: [(x, y, 1) for x in (A4, A3, A5) for y in (B4, A3)],
    views_of_what_is_written: [(A4, B4, n) for n in (3, 4, 5, 9)] + [(A3, A3, 4), (A3[:1], A3, 4)],
    obscure: [(x, n) for x in (A6, A3, A8) for n in (0, 1, 3, 6, 7)],
    signs_to_be_kept: [(x, n) for x in (A6, A3, A8) for n in (0, 1, 3, 6, 7)],
    between_loops: [(x, n) for x in (A6, A3) for n in (0, 1, 3, 6, 7)],
    turned: [(M33, n) for n in (0, 2, -3, 3)],
    backward: [(A4, n) for n in (0, 3, 4, -1)],
    left_in_time: [(A4, n) for n in (0, 3, 4, 9)],
    guarded: [(A4, n) for n in (0, 3, 4, -1, 9)],
    raises_first: [(x, n) for x in (A3, A6) for n in (0, 2, 4)],
    sliced: BOUNDS, sliced_store: BOUNDS,
    masked: [(A4, B4), (A4, A5), (A5, A4)], masked_store: [(A4, B4), (A4, A5), (A5, A4)],
}


@pytest.mark.parametrize("func", CASES, ids=lambda f: f.__name__)
def test_out_of_range_raises_as_in_numpy(func):
    plain, compiled = value_and_grad(func), value_and_grad(func, backend="numba")
    for args in CASES[func]:
        try:
            func(*args)
        except (IndexError, ValueError) as error:
            with pytest.raises(type(error)):
                compiled(*args)
            continue
        try:
            want = plain(*args)
        except CannotDifferentiate:     # nothing to differentiate for these arguments
            with pytest.raises(CannotDifferentiate):
                compiled(*args)
            continue
        value, grad = compiled(*args)
        np.testing.assert_allclose(value, want[0], rtol=1e-12)
        np.testing.assert_allclose(grad, want[1], rtol=1e-12, atol=1e-13)


def test_where_the_sign_of_an_index_is_told():
    def text(func, *args):
        g = value_and_grad(func, backend="numba")
        g(*args)
        return g.source
    assert text(obscure, A6, 6).count("np.uint64(") == 3          # of the last, `n` may be negative
    assert "np.uint64(" in text(packed_triangle, A6, 2)
    for func, args in ((gathered_one_by_one, (A6, B6, LISTS[2])), (count_given, (A6, B6, 5))):
        assert "uint64" not in text(func, *args)
    assert "np.uint64(i" not in text(signs_to_be_kept, A6, 6)
