"""A call that is certain to raise: what is made of the function raises that, in the same place, and not something else."""

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
