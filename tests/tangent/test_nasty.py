"""What forward mode could get wrong, beside differences: memory, loops, branches, kinds, functions that are not read."""

import math

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, custom_vjp, grad, grad_hook, jvp, no_grad, stop_gradient
from tests.corpus.base import normal
from tests.fd import assert_same
from tests.tangent.base import check_jvp

X = normal(5)
A = normal(4, 4, seed=1)


def writes_into_its_argument(x):
    x[0] = x[1] * x[2]
    x[1:] *= x[:-1]
    return x


def one_array_twice(x, y):
    x[0] = y[1] ** 2
    return x * y


def a_view_is_written(x):
    y = x * 1.0
    row = y[1:4]
    row *= row[::-1].copy()
    row[0] = y[0] * y[4]
    return y, row


def repeated_index(x):
    y = x * 2.0
    at = np.array([0, 0, 3])
    y[at] += x[:3] ** 2
    np.add.at(y, at, np.sin(x[2:]))
    return y


def mask(x):
    y = x * 2.0
    y[x > 0.0] = y[x > 0.0] ** 2
    return y[x < 1.0]


def swapped(x):
    a, b = x * 1.0, x * 2.0
    for _ in range(3):
        a, b = b, np.sin(a)
        b[0] = a[1]
    return a, b


def grows(x):
    found = []
    for v in x:
        if v > 0.0:
            found.append(v * v)
    found.append(x[0])
    last = found.pop()
    return np.array(found), last, len(found)


def a_list_of_arrays(x):
    rows = [x, x * 2.0]
    for i in range(3):
        rows.append(rows[-1] * rows[i])
    rows[1] = rows[4] - x
    return np.stack(rows)


def starts_as_an_integer(x):
    s = 0
    for v in x:
        s = s + v * v
    return s


def never_runs(x):
    s = x[0] * 2.0
    for i in range(0):
        s = s * x[i]
    return s


def becomes_active_late(x):
    a, b, c = 1.0, 2.0, 3.0
    for i in range(4):
        a, b, c = b, c, c * x[i]
    return a, b, c


def left_early(x):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] ** 3
        if s > 0.4:
            break
        s = s * 1.5
    return s


def until(x):
    s, k = x[0] ** 2 + 2.0, 0
    while s > 0.3:
        s = s * (0.5 + 0.01 * x[1])
        k += 1
    return s, k


def bound_on_one_way(x):
    if x[0] > 100.0:
        y = x * 2.0
    s = 0.0
    for v in x:
        if v > -100.0:
            y = v * x
            s = s + y[1]
    return s


def nan_in_the_other_arm(x):
    out = []
    for v in x:
        out.append(math.sqrt(v) if v > 0.0 else v * v)
    return np.array(out)


def returned_twice(x):
    y = x ** 2
    return y, y, [y, {"y": y}]


def nothing_is_active(x):
    return np.arange(3.0), 2.0, len(x), None, "text", x.shape[0] * 0.5


def its_own_argument(x):
    return x


def pieces(x):
    n = len(x)
    return x[:n // 2].sum() * x[n // 2:].mean(), x.reshape(5, 1) @ x.reshape(1, 5), x.T


def numbers_of_all_kinds(x):
    a = float(x[0]) ** 2
    b = np.float64(a) * x[1]
    c = x[2].item() * a
    return a, b, c, round(a, 2), int(a), a > b


def held_still(x):
    with no_grad():
        c = x * x
    return c * x + stop_gradient(x) ** 2 * x


def everything_by_name(x):
    out = np.zeros_like(x)
    np.multiply(x, 2.0, out=out)
    np.copyto(out[1:], x[:-1])
    out.fill(x[0])
    out[2:] -= np.sum(x, axis=0, keepdims=True)
    return out


def an_empty_array(x):
    return x[:0] * 2.0, np.sum(x[:0])


PLAIN = [writes_into_its_argument, a_view_is_written, repeated_index, mask, swapped, grows, a_list_of_arrays,
         starts_as_an_integer, never_runs, becomes_active_late, left_early, until, bound_on_one_way, nan_in_the_other_arm,
         returned_twice, nothing_is_active, its_own_argument, pieces, everything_by_name, an_empty_array]


@pytest.mark.parametrize("func", PLAIN, ids=lambda f: f.__name__)
def test_plain(func):
    check_jvp(func, (X,))


@pytest.mark.parametrize("func", [f for f in PLAIN if f is not nothing_is_active], ids=lambda f: f.__name__)
def test_through_the_gradient(func):
    """Forward over reverse: what the reverse sweep keeps has tangents too."""
    def total(x):
        s = 0.0
        for part in numbers(func(x)):
            s = s + np.sum(part * np.cos(part))
        return s
    check_jvp(grad(total), (X,), rtol=1e-5)


def numbers(out):
    if isinstance(out, (tuple, list)):
        return [leaf for item in out for leaf in numbers(item)]
    if isinstance(out, dict):
        return [leaf for item in out.values() for leaf in numbers(item)]
    return [out] if isinstance(out, (float, np.ndarray)) else []


def test_one_array_given_twice():
    x, v, w = X.copy(), normal(5, seed=2), normal(5, seed=3)
    dot = jvp(lambda x, y: x * np.sin(y), (x, x), (v, w))[1]
    np.testing.assert_allclose(dot, v * np.sin(x) + x * np.cos(x) * w)
    with pytest.raises(CannotDifferentiate, match="may be the same"):
        jvp(one_array_twice, (x, x), (v, w))
    assert_same("the argument", x, X)
    check_jvp(one_array_twice, (X, X[::-1].copy()))


def test_a_tangent_that_is_the_argument():
    x = X.copy()
    out, dot = jvp(writes_into_its_argument, (x,), (x,))
    assert_same("the argument", x, X)
    near = (writes_into_its_argument(X * (1 + 1e-6)) - writes_into_its_argument(X * (1 - 1e-6))) / 2e-6
    np.testing.assert_allclose(dot, near, rtol=1e-6, atol=1e-8)


def test_a_tangent_is_nobody_elses_memory():
    v = normal(5, seed=2)
    out, dot = jvp(its_own_argument, (X,), (v,))
    assert not np.shares_memory(dot, v)
    first, second = jvp(lambda x: (x * 1.0, x.T), (X,), (v,))[1]
    assert not np.shares_memory(first, second)


def test_numbers():
    out, dot = jvp(numbers_of_all_kinds, (X,), (X,))
    assert [type(d) for d in dot[:3]] == [float, np.float64, float]
    assert dot[4] == 0
    a = X[0] ** 2
    np.testing.assert_allclose(dot[:3], [2 * a, 3 * a * X[1], 3 * a * X[2]])
    assert dot[3] == 0.0
    assert not dot[5]


def test_held_still():
    v = normal(5, seed=2)
    np.testing.assert_allclose(jvp(held_still, (X,), (v,))[1], 2.0 * X * X * v)


def test_float32_stays():
    x = X.astype(np.float32)
    for func in (pieces, a_view_is_written, a_list_of_arrays, swapped):
        check_jvp(func, (x,))


@pytest.mark.parametrize("dtypes", [(np.float32, np.float64), (np.float64, np.float32)])
def test_two_precisions(dtypes):
    x, y = X.astype(dtypes[0]), X[::-1].astype(dtypes[1])

    def f(x, y):
        z = x * 1.0
        z[1:] = y[1:] * 2.0
        return z + y, z, np.where(x > 0.0, x, y)
    check_jvp(f, (x, y))
    for at in (0, 1):
        check_jvp(f, (x, y), (at,))


def test_stretched_operands():
    def f(row, column, number):
        return row + column, row * number - column, np.maximum(number, row), np.where(row > 0.0, number, column), \
            row / column, np.full((2, 5), number) + row
    args = (X, normal(4, 1, seed=4) + 3.0, 0.3)
    check_jvp(f, args)
    for at in range(3):
        check_jvp(f, args, (at,))


def test_products():
    def f(a, x):
        return a @ x[:4], a @ a, np.outer(x, x), np.einsum("ij,j->i", a, x[1:]), x @ x, np.linalg.solve(a, x[:4]), \
            np.concatenate([a[0], x]), np.stack([x[:4], a[1]])
    check_jvp(f, (A, X))
    check_jvp(f, (A, X), (0,))
    check_jvp(f, (A, X), (1,))


def test_what_the_function_itself_makes_nan_stays_nan():
    with np.errstate(all="ignore"):
        out, dot = jvp(lambda x: np.log(x) * x, (np.array([-1.0, 2.0]),), (np.ones(2),))
    assert np.isnan(out[0])
    assert np.isnan(dot[0])
    assert np.isfinite(dot[1])


def test_effects_happen_once(capsys):
    def f(x):
        print("here")
        y = x * x
        if y > 100.0:
            raise ValueError("large")
        return y
    assert jvp(f, (3.0,), (1.0,)) == (9.0, 6.0)
    assert capsys.readouterr().out == "here\n"
    with pytest.raises(ValueError, match="large"):
        jvp(f, (30.0,), (1.0,))


# -- functions that call themselves, and those of the user's own -----------------------------------------------


def power(x, n):
    return x * power(x, n - 1) if n > 0 else x / x


def halved(x):
    return np.sin(x) + halved(0.5 * x) if x > 0.1 else x * x


def halves_of_an_array(x, depth):
    if len(x) < 2:
        return np.sum(x ** 3) * (depth + 1)
    m = len(x) // 2
    return halves_of_an_array(x[:m], depth + 1) * 0.5 + halves_of_an_array(x[m:], depth + 1)


def test_functions_that_call_themselves():
    check_jvp(halved, (3.0,))
    check_jvp(lambda x: halved(x) * halved(x * 2.0), (3.0,))
    check_jvp(lambda x: power(x, 40), (1.1,))
    check_jvp(lambda x: halves_of_an_array(x, 0), (X,))


def test_one_that_is_not_differentiated():
    def f(x):
        with no_grad():
            c = halved(x)
        return x * c
    assert jvp(f, (3.0,), (2.0,))[1] == pytest.approx(2.0 * halved(3.0))


def test_one_of_whose_arguments_some_are_held():
    check_jvp(lambda x: halves_of_an_array(X * 2.0, 0) * halves_of_an_array(x, 0), (X,))
    check_jvp(lambda x: weighed(x, np.ones(3)), (2.0,))


def weighed(x, w):
    return np.sum(w) * weighed(0.5 * x, w * 0.9) if x > 0.1 else x * x


@custom_vjp
def softplus(x):
    return np.log1p(np.exp(x))


@softplus.defvjp
def softplus_vjp(x, *, out, out_bar):
    return out_bar / (1.0 + np.exp(-x))


@custom_vjp
def scaled(x, y):
    return x * np.sum(y)


@scaled.defvjp
def scaled_vjp(x, y, *, out, out_bar):
    return out_bar * np.sum(y), np.sum(out_bar * x) * np.ones_like(y)


@custom_vjp
def clipped(x, bound):
    return x * 1.0


@clipped.defvjp
def clipped_vjp(x, bound, *, out, out_bar):
    return np.clip(out_bar, -bound, bound), None


@custom_vjp
def signed(x):
    return x * 1.0


@signed.defvjp
def signed_vjp(x, *, out, out_bar):
    return np.where(out_bar > 0.0, out_bar, 2.0 * out_bar)


SCALE = [2.0]


@custom_vjp
def of_the_world(x):
    return x * 2.0


@of_the_world.defvjp
def of_the_world_vjp(x, *, out, out_bar):
    return out_bar * SCALE[0]


def test_rules_of_the_users_own_are_transposed():
    check_jvp(lambda x: softplus(x) * 2.0, (X,))
    check_jvp(lambda x, y: scaled(x, y), (X, X[1:]))
    check_jvp(lambda x: scaled(X, x), (X[1:],))
    check_jvp(grad(lambda x: np.sum(softplus(x))), (X,))


def halved_bar(bar):
    return 0.5 * bar


def test_a_hook_of_cotangents_lets_tangents_pass():
    check_jvp(lambda x: grad_hook(x * x, halved_bar) * x, (X,))
    with pytest.raises(CannotDifferentiate, match="halved_bar"):
        jvp(grad(lambda x: np.sum(grad_hook(x * x, halved_bar) * x)), (X,), (X,))


@pytest.mark.parametrize("func", [lambda x: clipped(x, 1.0), lambda x: signed(x), lambda x: of_the_world(x)])
def test_what_has_no_transpose_is_refused(func):
    with pytest.raises(CannotDifferentiate, match=r"has no forward mode(.|\n)*use reverse mode"):
        jvp(func, (X,), (X,))


def test_what_is_not_read_is_refused_where_it_matters():
    with pytest.raises(CannotDifferentiate, match=r"`frexp` has no derivative rule"):
        jvp(lambda x: np.frexp(x)[0] * 2.0, (X,), (X,))

    def shown(x):
        np.frexp(x)
        return x * 2.0
    np.testing.assert_array_equal(jvp(shown, (X,), (X,))[1], 2.0 * X)
