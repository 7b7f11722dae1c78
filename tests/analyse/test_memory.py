"""What gradients keep, measured: the peak of memory next to the size of the arrays, not time."""

import tracemalloc

import numpy as np
import pytest

from ad_compiler import grad
from tests.analyse import functions as f

STEPS = 40


def row(n, low=0.1, high=0.5):
    return np.random.default_rng(0).uniform(low, high, n)


def peak(function, args, argnums=0):
    """The most that a gradient holds at once, compiled before."""
    gradient = grad(function, argnums=argnums)
    gradient(*args)
    tracemalloc.start()
    gradient(*args)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(("function", "args", "slices"), [
    (f.stencil, (row(20_000), -0.1, STEPS), 1),
    (f.burgers, (row(20_000), 0.1, STEPS), 1),
    (f.burgers_swapped, (row(20_000), 0.1, STEPS), 1),
    (f.stencil_2d, (row((150, 140)), STEPS), 2),        # the sine is kept too
    (f.branch, (row(20_000), 0.9, STEPS), 0.5),
])
def test_a_step_keeps_no_more_than_it_overwrites(function, args, slices):
    assert peak(function, args) <= (STEPS * slices + 12) * args[0].nbytes


@pytest.mark.parametrize(("function", "args", "arrays"), [
    # the array, its shadow, rows for a product, and the products with the rows of x that are made ahead
    (f.rnn, (row((30, 30)), row((30, 5)), row(30), row((600, 5))), 5),
    (f.cholesky, (np.eye(20) * 4 + row((20, 20)),), 8),
    (f.lu, (np.eye(40) * 9 + row((40, 40)),), 6),
    (f.substitute, (np.eye(40) * 9 + row((40, 40)), row(40)), 6),
], ids=lambda x: getattr(x, "__name__", None))
def test_what_is_written_once_is_not_kept(function, args, arrays):
    """The array itself holds every value: nothing grows with the number of stores."""
    size = max(a.nbytes for a in args if isinstance(a, np.ndarray))
    if function is f.rnn:
        size = 601 * 30 * 8
    assert peak(function, args, tuple(i for i, a in enumerate(args) if isinstance(a, np.ndarray))) <= arrays * size


@pytest.mark.parametrize(("function", "args"), [
    (f.logistic, (2.5, 0.3, 50)),
    (f.rnn, (row((3, 3)), row((3, 2)), row(3), row((6, 2)))),
    (f.cholesky, (np.eye(5) * 4 + row((5, 5)),)),
    (f.lu, (np.eye(5) * 4 + row((5, 5)),)),
    (f.substitute, (np.eye(5) * 9 + row((5, 5)), row(5))),
], ids=lambda x: getattr(x, "__name__", None))
def test_no_trail(function, args):
    assert "trail" not in grad(function).source_for(*args).replace("u_bar_trail", "rows")


def test_an_element_is_kept_where_that_is_less():
    def chain(a, n):
        a = a.copy()
        for _ in range(n):
            a[1:] = 0.5 * a[1:] + a[0]
            a[0] = a[1] * np.sin(a[0])
        return np.sum(a)

    assert "old" not in grad(chain).source_for(row(9), 3)
