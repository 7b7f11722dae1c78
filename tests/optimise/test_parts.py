"""Products with what is put together of parts are taken apart where some of them cost nothing: right, and no others."""

import numpy as np
import pytest

from ad_compiler import grad, hvp, jvp, value_and_grad
from ad_compiler.forward import jvp_function
from ad_compiler.testing import check_grads


def recurrent(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(np.concatenate((x[t], h)) @ w + b)
    return np.sum(h * h)


def from_the_left(w, b, x):
    h, v = np.zeros(3), w.T
    for t in range(len(x)):
        h = np.tanh(np.dot(v, np.concatenate((h, x[t]))) + b)
    return np.sum(h)


def of_three(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.sin(b + np.concatenate((h[:1], x[t], h[1:])) @ w)
    return np.sum(h * h)


def of_zeros(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.sin(np.concatenate((np.zeros(2), h)) @ w + b) + x[t, 0]
    return np.sum(h * h)


def of_zeros_alone(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.sin(np.concatenate((np.zeros(2), np.zeros(3))) @ w + b * x[t, 0]) + 0.5 * h
    return np.sum(h * h)


def of_rows_alone(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.sin(np.concatenate((x[t], b)) @ w + b) + 0.5 * h
    return np.sum(h * h)


def of_one_row(w, b, x):
    h, v = np.zeros(3), w[1:] * 1.0
    for t in range(len(x)):
        h = np.tanh(np.concatenate((x[t], x[t])) @ v + h)
    return np.sum(h * h)


def read_again(w, b, x):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        c = np.concatenate((x[t], h))
        h = np.tanh(c @ w + b)
        s += np.sum(c ** 3)
    return s + np.sum(h)


def multiplied_twice(w, b, x):
    h, v = np.zeros(3), w * w
    for t in range(len(x)):
        c = np.concatenate((x[t], h))
        h = np.tanh(c @ w) * (c @ v) + b
    return np.sum(h)


def overwritten(w, b, x):
    h, x = np.zeros(3), x.copy()
    for t in range(len(x)):
        c = np.concatenate((x[t], h))
        h = np.tanh(c @ w + b)
        x[t] = h[:2]
        x[t - 1] += 1.0
    return np.sum(h) + np.sum(x * x)


def whole_overwritten(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        c = np.concatenate((x[t], h))
        c[0] = h[1]
        h = np.tanh(c @ w + b)
        h[0] *= 0.5
    return np.sum(h)


def another_matrix(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(np.concatenate((x[t], h)) @ w + b)
        w = w * 0.9
    return np.sum(h)


def another_summand(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(np.concatenate((x[t], h)) @ w + b)
        b = b + h
    return np.sum(h)


def the_row_before(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(np.concatenate((x[t - 1], h)) @ w + b)
    return np.sum(h)


def left(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(np.concatenate((x[t], h)) @ w + b)
        if h[0] > 0.3:
            break
    return np.sum(h)


def added_up(w, b, x):
    """A sum of which several terms are known ahead; one is read again."""
    h = np.zeros(3)
    for t in range(len(x)):
        p = x[t] @ w[:2]
        h = np.tanh(h + (p + (b + (x[t] @ w[2:4] + h * h))) - b) + 0.1 * p
    return np.sum(h * h)


def kept_of_a_sum(u, v, x):
    """Of a sum that is known ahead, a part is kept, too."""
    h, s, parts = np.zeros(3), 0.0, []
    for t in range(len(x)):
        z = x[t] @ u + x[t] @ v
        parts.append(z)
        h = np.tanh(z + h)
    for z in parts:
        s += np.sum(z ** 3)
    return s + np.sum(h * h)


def from_two(w, b, x, y):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(x[t] @ w[:2] + y[t] @ w[2:4] + b + h)
    return np.sum(h * h)


def cell(w, b, x):
    h = np.zeros(3)
    for t in range(len(x)):
        z = np.concatenate((x[t], h)) @ w + b
        h = np.tanh(z[:3]) * z[3:]
    return np.sum(h * h)


def turned_cell(w, b, x):
    h, v = np.zeros(3), w.T
    for t in range(len(x)):
        z = np.dot(v, np.concatenate((h[:2], np.zeros(1), x[t]))) + b
        h = np.tanh(z[:3]) * z[3:]
    return np.sum(h * h)


def of_one_number(w, b, x):
    """A product of one number is stretched."""
    h, v = np.zeros(3), w[:2, :1]
    for t in range(len(x)):
        h = np.tanh(x[t] @ v + x[t] @ v * 2.0 + (h + b)) + np.array([b[0], h[1], x[t, 0]])
    return np.sum(h * h)


TAKEN = [recurrent, of_zeros, of_rows_alone, multiplied_twice]
LEFT = [of_zeros_alone, from_the_left, of_three, read_again, overwritten, whole_overwritten, another_matrix, the_row_before, left]


def arguments(n, dtype=np.float64):
    rng = np.random.default_rng(n)
    return [rng.normal(size=s).astype(dtype) for s in ((5, 3), (3,), (n, 2))]


@pytest.mark.parametrize("f", [*TAKEN, *LEFT, another_summand, added_up, of_one_number, of_one_row])
@pytest.mark.parametrize("n", [1, 4])
def test_right(f, n):
    args, dots = arguments(n), arguments(n + 10)
    dots[2] = dots[2][:n]
    check_grads(f, args, argnums=(0, 1, 2), order=1)

    def moved(step):
        return [a + step * d for a, d in zip(args, dots, strict=True)]
    out, dot = jvp(f, tuple(args), tuple(dots))
    assert out == pytest.approx(f(*args), rel=1e-13)
    assert dot == pytest.approx((f(*moved(1e-6)) - f(*moved(-1e-6))) / 2e-6, rel=1e-6, abs=1e-8)
    ahead, back = (grad(f, (0, 1, 2))(*moved(step)) for step in (1e-6, -1e-6))
    for got, a, b in zip(hvp(f, tuple(args), tuple(dots)), ahead, back, strict=True):
        np.testing.assert_allclose(got, (a - b) / 2e-6, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("f", "apart"), [*((f, True) for f in TAKEN), *((f, False) for f in LEFT)])
def test_only_where_it_is_the_same(f, apart):
    gradient = value_and_grad(f, (0, 1))
    gradient(*arguments(4))
    steps = gradient.source.partition("reverse sweep")[0].partition("for t in")[2].splitlines()
    assert any("concatenate" in step for step in steps if step.startswith("        ")) is not apart, gradient.source


def test_in_forward_mode_short_rows_alone():
    """Of rows whose length is not known, nor of long ones, there is no array of all."""
    def wide(w, b, x):
        h = b * 0.0
        for t in range(len(x)):
            h = np.tanh(np.concatenate((x[t], h)) @ w + b)
        return np.sum(h * h)
    args = tuple(arguments(4))
    assert "products" not in jvp_function(wide, 3)[0].source_for(*args, *args)
    for f in (cell, turned_cell):
        args, dots = ((np.tile(w, 2), np.tile(b, 2), x) for w, b, x in (arguments(4), arguments(4)))
        assert "products" in jvp_function(f, 3)[0].source_for(*args, *dots)
        ahead, back = ([a + step * d for a, d in zip(args, dots, strict=True)] for step in (1e-6, -1e-6))
        assert jvp(f, args, dots)[1] == pytest.approx((f(*ahead) - f(*back)) / 2e-6, rel=1e-6)
        for got, a, b in zip(hvp(f, args, dots), grad(f, (0, 1, 2))(*ahead), grad(f, (0, 1, 2))(*back), strict=True):
            np.testing.assert_allclose(got, (a - b) / 2e-6, rtol=1e-5, atol=1e-5)


def test_what_is_kept_of_a_sum_stays():
    rng = np.random.default_rng(1)
    check_grads(kept_of_a_sum, [rng.normal(size=s) for s in ((3, 3), (3, 3), (1, 3))], argnums=(0, 1, 2), order=1)


def test_fewer_rows_raise_as_the_function_does():
    (w, b, x), (_, _, y) = arguments(4), arguments(5)
    for gradient in (grad(from_two, (0, 1)), value_and_grad(from_two)):
        gradient(w, b, x, y)
        for rows in (0, 1, 3):
            pytest.raises(IndexError, from_two, w, b, x, y[:rows])
            pytest.raises(IndexError, gradient, w, b, x, y[:rows])
    for f in (recurrent, from_the_left, added_up):
        with pytest.raises(ValueError, match="shapes|mismatch"):
            grad(f)(w, b, np.ones((4, 3)))
        with pytest.raises(ValueError, match="shapes|mismatch|broadcast"):
            grad(f)(w, np.ones(4), x)


def test_a_matrix_of_another_length_is_an_error():
    def zeros_first(w, b, x):
        h = np.zeros(3)
        for t in range(len(x)):
            h = np.sin(np.concatenate((np.zeros(2), h)) @ w + b) + x[t, 0]
        return np.sum(h * h)

    def zeros_last(w, b, x):
        h = np.zeros(3)
        for t in range(len(x)):
            h = np.sin(np.concatenate((h, np.zeros(2))) @ w + b) + x[t, 0]
        return np.sum(h * h)
    w, b, x = arguments(4)
    for f in (zeros_first, zeros_last, recurrent):
        gradient = grad(f, (0, 1))
        gradient(w, b, x)
        for rows in (3, 4, 7):
            other = np.ones((rows, 3))
            with pytest.raises(ValueError, match="mismatch|shapes"):
                f(other, b, x)
            with pytest.raises(ValueError, match="mismatch|shapes"):
                gradient(other, b, x)
            with pytest.raises(ValueError, match="mismatch|shapes"):
                jvp(f, (other, b, x), (other, b, x))


def test_no_step_other_kinds_and_no_number():
    w, b, x = arguments(4)
    for f in (recurrent, of_three, of_zeros):
        gradient = grad(f, (0, 1, 2))
        assert [g.shape for g in gradient(w, b, x[:0])] == [(5, 3), (3,), (0, 2)]
        single = gradient(*(a.astype(np.float32) for a in (w, b, x)))
        assert single[0].dtype == np.float32
        for got, want in zip(single, gradient(w, b, x), strict=True):
            np.testing.assert_allclose(got, want, rtol=2e-4, atol=1e-5)
        y = x.copy()
        y[1, 1] = np.nan
        assert np.isnan(jvp(f, (w, b, y), (w, b, x))[1]) == np.isnan(f(w, b, y))


def test_the_length_of_a_row_is_known_before_the_loop():
    w, b, x = arguments(4)
    text = grad(recurrent, (0, 1, 2)).source_for(w, b, x)
    assert "= x[t]" not in text
    assert "stop = x.shape[1]" in text


def test_the_length_of_an_item_of_a_list_is_not():
    def each(w, a, b):
        total = 0.0
        for x in [a, b]:
            total = total + np.sum(np.concatenate((x, w)) ** 2 * np.concatenate((w, x)))
        return total
    check_grads(each, (np.array([0.3, -0.7]), np.array([0.2]), np.array([0.1, 0.4, -0.9])), argnums=(0, 1, 2))
