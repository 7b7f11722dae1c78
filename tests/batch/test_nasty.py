"""Programs that a batch could get wrong, against a loop over the samples."""

import math

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, no_grad, stop_gradient, vmap
from tests.batch.against import check_vmap

ROWS = np.array([[0.5, -1.0, 2.0], [-0.3, 0.2, 0.1], [1.5, 1.0, -2.0], [0.0, 0.4, 3.0]])


def halved(x):
    while x > 1.0:
        x = x * 0.5
    return x


def first_above(x, c):
    for i in range(len(x)):
        if x[i] > c:
            break
    else:
        i = -1
    return x[i] * 1.0


def swapped(x):
    a, b = x[0], x[1]
    x[0], x[1] = b, a
    return x[0] * 2.0 + a, x


def stored_twice(x, y):
    x[0] = y[1] * 2.0
    x[1:] += x[:-1]
    y[0] = x[2]
    return x, y * 1.0


def running(x):
    s, out = 0.0, []
    for v in x:
        s = s + v
        out.append(s)
    return np.array(out)


def last_above(x):
    found = 0.0
    for v in x:
        if v > 0.1:
            found = v
    return found


def booleans(x):
    n = (x[0] > 0) + (x[1] > 0) + (x[2] > 0)
    both = x[0] > 0 and x[1] > 0
    return n * 1.0, both or x[2] > 2.5, not both


def python_booleans(x):
    return (float(x[0]) > 0) + (float(x[1]) > 0)


def guarded(x):
    if x[0] > 0:
        return 1.0 / x[0]
    return 0.0


def indexed(x):
    i = int(np.argmax(x))
    return x[i], x[i - 1], x[:, None][i], x[np.array([0, 1])[i % 2]]


def index_arrays(x):
    order = np.argsort(x)
    y = np.zeros(3)
    y[order] = np.arange(3.0)
    y[order[:2]] += 1.0
    return y, x[order], np.take(x, order), np.take_along_axis(x, order, 0)


def masked(x):
    y = x.copy()
    y[y < 0] = 0.0
    y[x > 1] += 1.0
    return y, np.sum(x[x > 0]), len(x[x > 0])


def part(x):
    k = int(abs(x[0]) > 0.4) + 1
    return np.sum(x[:k]), x[:k].max()


def numbers(x):
    return math.sin(x[0]) + math.log(abs(x[1]) + 1.0), math.hypot(x[0], x[1]), float(x[2]) ** 2, max(x[0], x[1], 0.3)


def nothing_to_do(x):
    total = 0.0
    for i in range(0):
        total = total + x[i]
    return total + x[0]


def named_by_chance(n, i):
    for k in range(2):
        n = n * i + k
    return n


def nested(x):
    if x[0] > 0:
        if x[1] > 0:
            y = np.sqrt(x[1])
        else:
            y = x[0]
    elif x[2] > 2:
        y = np.log(x[2])
    else:
        y = -1.0
    return y * x[0]


def matrix_of_each(x):
    m = np.outer(x, x) + np.eye(3)
    return np.linalg.solve(m, x), np.linalg.det(m), m @ m @ x, x @ m, x @ m @ x, np.diag(m), np.diag(x), np.trace(m)


def scaled_views(x):
    y = x[::-1]
    y[0] = 5.0
    return x * 1.0, y * 2.0


def listed(x):
    """What is listed is read again in the loop, and an array is made of it."""
    h, kept = x * 0.5, []
    for t in range(len(x)):
        h = np.tanh(h * x[t])
        kept.append(h)
        h = h + kept[t // 2]
    return np.sum(np.array(kept) ** 2)


def counted(x):
    k = 0
    for v in x:
        if v < 0.15:
            continue
        k += 1
    return k


def grown(x):
    hs = [x]
    for _ in range(3):
        hs.append(np.tanh(hs[-1] * 0.5 + hs[0]))
    return sum(h.sum() for h in hs), hs[1], len(hs)


def picked_items(x):
    out = []
    for v in x:
        if v > 0:
            out.append(v)
    s = 0.0
    for v in out:
        s = s + v * v
    return s + len(out)


def joined(x):
    return np.concatenate([x, [1.0, x[0]]]), np.array([[x[0], 1.0], [x[1], x[2]]]), np.stack([x, np.zeros(3)], axis=-1)


def several_stores(x):
    a = np.outer(x, x)
    i = int(np.argmax(x))
    a[i] = x
    a[:, 1] += x
    a[i, 0] = 5.0
    a[a > 1.0] = 0.0
    np.add.at(a, ([0, 0], [1, i]), x[:2])
    return a


def small_loops(x):
    s = 0.0
    for v in x:
        while abs(v) > 0.4:
            v = v * 0.6
        s = s + v
    return s


def stored_in_an_arm(x):
    a = x * 1.0
    if x[0] > -0.1:
        i = np.argmax(a)
        a[i] = a[0] * 0.5 + x[i]
    return np.sum(a * a)


def stored_in_both(x):
    a, i = x * 1.0, np.argmin(x)
    if x[2] > 0.2:
        a[i] = x[i] * x[0]
    else:
        a[i] += a[1]
    return np.sum(a * a)


def left_by_continue(x):
    a, k = x * 1.0, 0
    while k < 5:
        k += 1
        if k == 2:
            continue
        a[k % 3] = a[0] * 0.5
    return np.sum(a * a)


PROGRAMS = [grown, picked_items, joined, several_stores, small_loops, swapped, running, last_above, booleans, python_booleans, guarded, indexed, index_arrays, masked, part,
            numbers, nothing_to_do, nested, matrix_of_each, scaled_views, counted]


@pytest.mark.parametrize("count", [4, 1])
@pytest.mark.parametrize("func", PROGRAMS, ids=lambda f: f.__name__)
def test_programs(func, count):
    check_vmap(func, (ROWS[:count].copy(),), (0,), count)


@pytest.mark.parametrize("func", [last_above, guarded, nothing_to_do, nested, picked_items, small_loops, listed,
                                  stored_in_an_arm, stored_in_both, left_by_continue], ids=lambda f: f.__name__)
def test_gradients(func):
    check_vmap(grad(func), (ROWS.copy(),), (0,), 4)


def test_loops_of_other_lengths():
    check_vmap(halved, (np.array([0.5, 3.0, 9.0]),), (0,), 3)
    check_vmap(grad(halved), (np.array([0.5, 3.0, 9.0]),), (0,), 3)
    check_vmap(first_above, (ROWS.copy(), 0.3), (0, None), 4)
    check_vmap(grad(first_above), (ROWS.copy(), 0.3), (0, None), 4)


def test_stores_into_arguments():
    check_vmap(stored_twice, (ROWS.copy(), ROWS[::-1].copy()), (0, 0), 4)
    check_vmap(stored_twice, (ROWS.copy(), ROWS[0].copy()), (0, None), 4)
    check_vmap(stored_twice, (ROWS[0].copy(), ROWS.copy()), (None, 0), 4)


def test_one_array_as_two_arguments():
    x = ROWS.copy()
    np.testing.assert_array_equal(vmap(lambda a, b: a * 2.0 + b)(x, x), 3.0 * x)
    with pytest.raises(CannotDifferentiate, match="may be the same"):
        vmap(stored_twice)(x, x)


def test_names_that_the_text_uses_too():
    check_vmap(named_by_chance, (np.arange(3.0), np.ones(3)), (0, 0), 3)


@pytest.mark.parametrize("func", [halved, lambda x: np.log(x) if x > 0 else -x, lambda x: (x * 2.0, 1.0)])
def test_no_samples(func):
    got = vmap(func)(np.zeros(0))
    for one in got if isinstance(got, tuple) else (got,):
        assert (one.shape, one.dtype) == ((0,), np.float64)


def test_no_samples_of_arrays():
    assert vmap(lambda x: x @ x)(np.zeros((0, 3))).shape == (0,)
    assert vmap(grad(lambda x: x @ x))(np.zeros((0, 3))).shape == (0, 3)
    assert vmap(running)(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.float32])
def test_other_dtypes(dtype):
    x = np.array([[1, 0, 2], [3, 1, 0]]).astype(dtype)
    check_vmap(lambda v: (v + v, v.sum(), v * 2, v[0] > v[1], np.where(v > 0, v, 0)), (x,), (0,), 2)


def test_single_precision_stays():
    x = ROWS.astype(np.float32)
    check_vmap(lambda v: v * float(v[0]) + np.sin(v), (x,), (0,), 4)
    check_vmap(grad(lambda v: np.sum(v * v) * 2.0), (x,), (0,), 4)


def test_errors_of_a_sample():
    def root(x):
        if x < 0:
            raise ValueError("below zero")
        return np.sqrt(x)

    def named_root(x):
        assert x >= 0, f"{x} is below zero"
        return np.sqrt(x)

    assert vmap(root)(np.array([1.0, 4.0])).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="below zero"):
        vmap(root)(np.array([1.0, -4.0]))
    with pytest.raises(AssertionError, match=r"-4.0 is below zero"):
        vmap(named_root)(np.array([1.0, -4.0]))


def test_prints(capsys):
    def told(x):
        print("hello")
        return x

    vmap(told)(np.ones(3))
    assert capsys.readouterr().out == "hello\n"

    def told_each(x):
        print(x)
        return x

    vmap(told_each)(np.array([1.0, 2.0]))
    assert capsys.readouterr().out == "1.0\n2.0\n"


def test_constants_stay_constants():
    def f(x):
        with no_grad():
            s = np.sum(x)
        return s * x[0] + stop_gradient(x[1]) * x[2]

    check_vmap(grad(f), (ROWS.copy(),), (0,), 4)
    check_vmap(lambda x: grad(lambda w: np.sum(vmap(f)(w * np.ones((2, 3)))))(x), (np.array([1.0, 2.0]),), (0,), 2)


def test_recursion():
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    assert vmap(fib)(np.array([1, 2, 3, 7])).tolist() == [1, 1, 2, 13]


def test_lengths_that_vary_cannot_be_returned():
    with pytest.raises(ValueError, match="same shape"):
        vmap(lambda x: x[x > 0.3])(ROWS)


def stored_at_a_place_that_varies(x):
    i = np.argmax(x * x)
    if x[0] > 0.2:
        x[i] = 0.5 * x[1]
    for k in range(2):
        if x[k] > 0.3:
            x[i] = np.log(x[k])
        else:
            x[i] += x[k] * x[2]
    return np.sum(x * x)


def rows_stored_at_a_place_that_varies(x):
    m = np.outer(x, x)
    i = np.argmin(x)
    if x[0] > 0.2:
        m[i] = np.log(x * x + 0.1)
    return np.sum(m * m)


def places_that_one_arm_counts(x):
    k = 0
    while k < 5:
        k += 1
        if k == 2:
            continue
        x[k % 3] = x[0] * x[1] + 0.1
    return np.sum(x * x)


@pytest.mark.parametrize("f", [stored_at_a_place_that_varies, rows_stored_at_a_place_that_varies,
                               places_that_one_arm_counts], ids=lambda f: f.__name__)
def test_stores_at_computed_places(f):
    check_vmap(f, (ROWS.copy(),), (0,), 4)
    check_vmap(grad(f), (ROWS.copy(),), (0,), 4)
