"""A call that is certain to raise: what is made of the function raises that, in the same place, and not something else."""

import re

import numpy as np
import pytest

from ad_compiler import grad, hessian, jacobian, jvp, linearize, value_and_grad, vjp


def of_wrong_rank(x):
    if x.ndim != 2:
        raise ValueError(f"a matrix is wanted, not {x.ndim} axes")
    n, d = x.shape
    return np.sum(x) / n / d


def asserted(x):
    assert x.ndim == 2, "a matrix is wanted"
    n, d = x.shape
    return np.sum(x) / n / d


def unpacked(x):
    n, d = x.shape
    return np.sum(x) / n / d


def unpacked_with_a_star(x):
    n, d, *more = x.shape
    return np.sum(x) / n / d + len(more)


def too_many(x):
    a, b = x[0], x[1], x[2]
    return np.sum(a + b)


def by_a_helper(x):
    return np.sum(x) * unpacked(x)


def by_a_key(x):
    return np.sum(x) * {"a": x}[x.ndim][0]


def beyond_a_list(x):
    y = [x, x]
    return np.sum(y[x.ndim + 1])


def in_an_arm(x):
    if np.sum(x) > 0.0:
        raise ValueError("above")
    raise KeyError("below")


def behind_a_finally(x):
    try:
        raise ValueError("always")
    finally:
        x = x * 2.0


def halved(x):
    return x if x < 1.0 else np.sin(x) * halved(0.5 * x)


def behind_one_that_calls_itself(x):
    y = [halved(x[0]), halved(x[2])]
    return y[x.ndim + 1]


FUNCTIONS = [of_wrong_rank, asserted, unpacked, unpacked_with_a_star, too_many, by_a_helper, by_a_key, beyond_a_list, in_an_arm,
             behind_a_finally, behind_one_that_calls_itself]


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_the_same_error(f):
    x = np.array([0.5, 1.0, 2.0])
    with pytest.raises(Exception, match=".") as wanted:
        f(x)
    for made in (lambda: grad(f)(x), lambda: grad(f, check="off", backend="numba")(x), lambda: value_and_grad(f)(x),
                 lambda: vjp(f, x), lambda: jvp(f, (x,), (x,)), lambda: linearize(f, x), lambda: jacobian(f)(x),
                 lambda: hessian(f)(x), lambda: grad(lambda x: np.sum(grad(f)(x)))(x)):
        with pytest.raises(type(wanted.value)) as found:
            made()
        assert type(found.value) is type(wanted.value)
        assert str(found.value).splitlines()[0] == str(wanted.value).splitlines()[0]


@pytest.mark.parametrize("f", FUNCTIONS[:4], ids=lambda f: f.__name__)
def test_nothing_where_it_does_not(f):
    x = np.array([[0.5, 1.0, 2.0], [0.1, 0.2, 0.3]])
    assert grad(f, check="off")(x) == pytest.approx(np.full((2, 3), 1.0 / 6.0))


def test_what_cannot_be_unpacked_in_a_loop_that_does_not_run():
    def f(x, n):
        for _ in range(n):
            a, b = (x[0],)
            x = a * b
        return np.sum(x * x)
    x = np.array([0.5, 1.0])
    assert grad(f, check="off")(x, 0) == pytest.approx(2.0 * x)
    with pytest.raises(ValueError, match="not enough values to unpack"):
        grad(f, check="off")(x, 1)


def along_another_rank(x):
    np.put_along_axis(x, np.array([[0]]), 0.5, 0)
    return np.sum(x)


def along_no_axis(x):
    np.put_along_axis(x, np.array([[0]]), 0.5, None)
    return np.sum(x)


def masked_by_wider_ones(x):
    y = np.zeros(3, np.int32)
    np.putmask(y, x > 0.0, x)
    return np.sum(x) + y[0]


def placed_wider_ones(x):
    y = np.zeros(3, np.int64)
    np.place(y, x > 0.0, x)
    return np.sum(x) + y[0]


@pytest.mark.parametrize("f", [along_another_rank, along_no_axis, masked_by_wider_ones, placed_wider_ones],
                         ids=lambda f: f.__name__)
def test_what_a_writer_of_numpys_does_not_take(f):
    x = np.array([0.5, 1.0, 2.0])
    with pytest.raises((TypeError, ValueError)) as wanted:
        f(x.copy())
    with pytest.raises(type(wanted.value), match=re.escape(str(wanted.value))):
        grad(f, check="off")(x)


def tangent_of_another_rank(z):
    return jvp(lambda a: np.sum(a * a), (z * 1.0,), (np.squeeze(z[:, None]),))[1]


def cotangent_of_another_rank(z):
    return vjp(lambda a: a * a, z)[1](np.squeeze(z[:, None]))[0].sum()


def cotangent_for_a_number(z):
    return vjp(lambda a: a * a, np.squeeze(z[:, None]))[1](z)[0].sum()


def linearized_at_another_rank(z):
    return linearize(lambda a: a * a, np.squeeze(z[:, None]))[1](z).sum()


@pytest.mark.parametrize("f", [tangent_of_another_rank, cotangent_of_another_rank, cotangent_for_a_number,
                               linearized_at_another_rank], ids=lambda f: f.__name__)
def test_a_rank_that_the_run_alone_knows(f):
    x = np.array([0.5, 1.0, 2.0])
    slope = grad(lambda x, n: f(x[:n]), check="off")
    assert slope(x, 2) == pytest.approx([2.0, 4.0, 0.0])
    with pytest.raises(ValueError, match="shape"):
        f(x[:1])
    with pytest.raises(ValueError, match="a tangent or cotangent has shape"):
        slope(x, 1)


NOTHING = 2


def behind_break(x, m, n):
    for i in range(len(x)):
        for j in range(len(x)):
            if n < len(x):
                break
            m[NOTHING[0]] = x[j]
            m[1][1:] += x[0]
        else:
            continue
        break
    m[0] *= x[0]
    return np.sum(m * m)


def behind_continue(x, m, n):
    i = 0
    while i < 2:
        i += 1
        if n < len(x):
            m[i] *= x[0]
            continue
        m[:, 1][NOTHING[0]:] = x[0]
        m[1] += x[0]
    return np.sum(m * m)


def in_an_else(x, m, n):
    for i in range(len(x)):
        m[1] = m[1] * x[0]
        if n < len(x):
            break
    else:
        m[NOTHING[0]] += x[0]
    return np.sum(m * m)


def in_a_try(x, m, n):
    for i in range(2):
        try:
            if n < len(x):
                m[0] *= x[i]
            else:
                raise KeyError(NOTHING[0])
        finally:
            m[2] *= x[0]
    return np.sum(m * m)


def in_a_function(x, m, n):
    def inner(z):
        if n < len(x):
            return z * 2.0
        m[NOTHING[0]] = z
        return z
    m[0] *= inner(x[0])
    return np.sum(m * m)


def in_a_message(x, m, n):
    for i in range(2):
        assert n < len(x), m[NOTHING[0]]
        m[i] *= x[i]
    return np.sum(m * m)


def in_an_expression(x, m, n):
    kept = [one for one in x if n < len(x) or NOTHING[0] > one]
    m[0] *= kept[0] if n < len(x) else np.array([x[0], NOTHING[0]])[0]
    return np.sum(m * m) if n < len(x) or np.sum(NOTHING[0]) else 0.0


@pytest.mark.parametrize("f", [behind_break, behind_continue, in_an_else, in_a_try, in_a_function, in_a_message,
                               in_an_expression],
                         ids=lambda f: f.__name__)
def test_a_statement_that_is_certain_to_raise_behind_one_that_may_leave(f):
    rng = np.random.default_rng(0)
    x, m, dx, dm = rng.uniform(0.5, 1.0, 3), rng.uniform(0.5, 1.0, (4, 4)), rng.normal(size=3), rng.normal(size=(4, 4))
    g, h = value_and_grad(f, (0, 1), check="off"), 1e-6
    value, (x_bar, m_bar) = g(x, m, 2)
    assert value == pytest.approx(f(x, m.copy(), 2))
    slope = (f(x + h * dx, m + h * dm, 2) - f(x - h * dx, m - h * dm, 2)) / (2.0 * h)
    assert np.sum(x_bar * dx) + np.sum(m_bar * dm) == pytest.approx(slope, rel=1e-6)
    with pytest.raises(TypeError) as wanted:
        f(x, m.copy(), 3)
    with pytest.raises(type(wanted.value), match=str(wanted.value)):
        g(x, m, 3)


def test_the_message_of_an_assertion_is_made_where_it_fails():
    def f(x, y):
        def told():
            x[0] *= 2.0
            return "no"
        assert y > 0.0, told()
        return np.sum(x * x)
    x = np.array([0.5, 1.0])
    value, x_bar = value_and_grad(f, check="off")(x, 1.0)
    assert value == f(x.copy(), 1.0)
    assert x_bar == pytest.approx(2.0 * x)
    with pytest.raises(AssertionError, match="no"):
        grad(f, check="off")(x, -1.0)
