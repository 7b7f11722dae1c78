"""Gradients of functions that overwrite arrays: right at both orders, however little is kept."""

import numpy as np
import pytest

from ad_compiler import grad
from ad_compiler.testing import check_grads
from tests.analyse import functions as f
from tests.fd import check_against_differences


def row(n, seed=0, low=0.4, high=1.2):
    return np.random.default_rng(seed).uniform(low, high, n)


def spd(n):
    a = np.random.default_rng(3).normal(size=(n, n))
    return a @ a.T + n * np.eye(n)


CASES = [
    (f.stencil, (row(6), 0.3, 3), (0, 1)),
    (f.stencil, (row(6), 0.3, 0), (0, 1)),
    (f.stencil, (row(2), 0.3, 3), (0, 1)),
    (f.stencil, (row(1), 0.3, 3), (0, 1)),
    (f.stencil, (row(7).astype(np.float32), 0.3, 3), 0),
    (f.stencil_2d, (row((4, 5)), 3), 0),
    (f.burgers, (row(6), 0.1, 3), (0, 1)),
    (f.burgers_swapped, (row(6), 0.1, 3), (0, 1)),
    (f.burgers_elements, (row(6), 3), 0),
    (f.logistic, (2.5, 0.3, 6), (0, 1)),
    (f.logistic, (2.5, 0.3, 0), (0, 1)),
    (f.logistic_down, (row(6), 0.8), (0, 1)),
    (f.logistic_ahead, (row(6), 0.8), (0, 1)),
    (f.wrapped, (row(6),), 0),
    (f.wrapped, (row(2),), 0),
    (f.wrapped_back, (row(6), 1), 0),
    (f.wrapped_back, (row(6), 0), 0),
    (f.wrapped_back, (row(6), -1), 0),
    (f.twice, (row(7), 0.4), (0, 1)),
    (f.overlapping, (row(7),), 0),
    (f.gauss_seidel, (row(6), 3), 0),
    (f.gauss_seidel, (row(6), 0), 0),
    (f.gauss_seidel, (row(2), 3), 0),
    (f.gauss_seidel_2d, (row((4, 5)), 2), 0),
    (f.sweeps_with_rows, (row((3, 2)), 3), 0),
    (f.cholesky, (spd(4),), 0),
    (f.cholesky, (spd(1),), 0),
    (f.lu, (spd(4),), 0),
    (f.lu_rows, (spd(4),), 0),
    (f.substitute, (spd(4), row(4)), (0, 1)),
    (f.soft_table, (row((3, 4)),), 0),
    (f.soft_row, (row((3, 4)),), 0),
    (f.rnn, (row((3, 3)), row((3, 2)), row(3), row((4, 2))), (0, 1, 2, 3)),
    (f.rnn, (row((1, 1)), row((1, 2)), row(1), row((4, 2))), (0, 1, 2, 3)),
    (f.branch, (row(5), 0.9, 4), (0, 1)),
    (f.branch_both, (row(5), 5), 0),
    (f.branch_with_loop, (row(4), 4), 0),
    (f.leaving, (row(5, high=0.7), 0.05), 0),
    (f.leaving, (row(5), 100.0), 0),
    (f.leaving_inside, (row(6), 0.3), 0),
    (f.leaving_inside, (row(6), 0.0), 0),
    (f.whilst, (row(5), 1.0), 0),
    (f.whilst, (row(5), 100.0), 0),
    (f.while_inside, (row(4), 2), 0),
    (f.masked, (row(6, low=0.1), 3), 0),
    (f.gathered, (row(5), np.array([0, 2, 3]), 3), 0),
    (f.repeated, (row(5), 3), 0),
    (f.pointing, (row(5), np.array([3, 1, 1, 0, 4]), 5), 0),
    (f.at_largest, (row(5), 3), 0),
    (f.two_arrays, (row(4), row(4, 1), 3), (0, 1)),
    (f.whole, (row(4), row((4, 4)), 3), (0, 1)),
    (f.fresh, (row(4, high=0.9), 3), 0),
    (f.phases, (row(5), 2), 0),
    (f.straight, (row(5, high=0.8),), 0),
    (f.energies, (row(4), row(4, 1), 3), (0, 1)),
    (f.read_later, (row(5, high=0.9), 3), 0),
    (f.negative_step, (row(5), 2), 0),
    (f.negative_step, (row(4), 2), 0),
    (f.strided, (row(6), 1, 4), 0),
    (f.strided, (row(6), -1, 4), 0),
    (f.strided, (row(6), 4, 1), 0),
]


def name(case):
    return f"{case[0].__name__}-{'-'.join(str(a) if np.ndim(a) == 0 else 'x'.join(map(str, np.shape(a))) for a in case[1])}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_first_order(case):
    function, args, argnums = case
    check_against_differences(function, args, argnums)


@pytest.mark.parametrize("case", [c for c in CASES if c[1][0] is not CASES[4][1][0]], ids=name)
def test_second_order(case):
    function, args, argnums = case
    check_grads(function, args, argnums=argnums, order=2, rtol=2e-5, atol=1e-6)


def test_the_same_array_twice():
    a = row(4)
    expected = grad(f.same_array, argnums=(0, 1))(a.copy(), a.copy(), 2)
    for got, want in zip(grad(f.same_array, argnums=(0, 1))(a, a, 2), expected, strict=True):
        np.testing.assert_allclose(got, want)


def test_under_no_grad():
    """What is stored under no_grad is a constant; the derivative is that of the function with it given."""
    a, n = row(5), 3
    stored, b = [], a.copy()
    for i in range(n):
        stored.append(b[i] * b[i + 1])
        b[i] = stored[-1]
        b[i + 1] = b[i] * b[i + 1] * b[i + 1]

    def given(a, n, stored):
        a = a.copy()
        for i in range(n):
            a[i] = stored[i]
            a[i + 1] = a[i] * a[i + 1] * a[i + 1]
        return np.sum(a * a)

    np.testing.assert_allclose(grad(f.stopped)(a, n), grad(given)(a, n, np.array(stored)))
