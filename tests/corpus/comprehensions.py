"""Comprehensions and generator expressions, in `sum`, `min`, `max`, `any`, `all` and arrays."""

import math

import numpy as np

from tests.corpus.base import case, normal, uniform


@case(0.7)
def sum_of_powers(x):
    return sum(x ** k / math.factorial(k) for k in range(6))


@case(normal(4))
def sum_over_elements(x):
    return sum(xi ** 2 for xi in x) + sum([math.sin(xi) for xi in x])


@case(normal(4), normal(4, seed=1), argnums=(0, 1))
def sum_over_pairs(x, y):
    return sum(a * b for a, b in zip(x, y)) + sum(i * a for i, a in enumerate(x))


@case(uniform(-1.0, 1.0, 6))
def with_a_condition(x):
    return sum(xi ** 3 for xi in x if xi > 0)


@case(normal(3, 3))
def two_loops(a):
    return sum(a[i, j] * a[j, i] for i in range(3) for j in range(i))


@case(0.4)
def a_list(x):
    powers = [x ** k for k in range(4)]
    return powers[3] + sum(p * q for p, q in zip(powers, powers[1:]))


@case(0.4)
def an_array_from_a_list(x):
    basis = np.array([x ** k for k in range(4)])
    return basis @ np.array([1.0, -2.0, 0.5, 0.25])


@case(normal(3))
def stacked_rows(x):
    m = np.stack([x * k for k in (1.0, 2.0, 3.0)])
    return np.sum(m @ m.T)


@case(0.6)
def largest_and_smallest(x):
    return max(math.sin(k * x) for k in range(1, 4)) + min(x * k + 1.0 / k for k in (1, 2, 3)) + max([x, 0.2])


@case(0.4)
def a_dict(x):
    terms = {k: x ** k for k in (1, 2, 3)}
    return sum(v * k for k, v in terms.items())


@case(0.4)
def nested(x):
    table = [[x ** (i + j) for j in range(2)] for i in range(3)]
    return sum(sum(row) for row in table) * table[2][1]


@case(uniform(0.5, 1.0, 4))
def any_and_all_of(x):
    if all(xi > 0 for xi in x) and any(xi > 0.1 for xi in x):
        return sum(math.log(xi) for xi in x)
    return np.sum(x)


@case(0.5)
def the_variable_stays_inside(x):
    k = 10.0
    s = sum(x * k for k in (1.0, 2.0))
    return s * k


@case(0.5, 4)
def length_not_known(x, n):
    return sum(x ** k for k in range(n)) * x


@case(normal(4))
def the_start_of_sum(x):
    return sum((xi * xi for xi in x), 1.5) + sum([x[0], x[1]], start=x[2])


@case(normal(3, 2))
def rows_in_a_sum(a):
    return sum(row @ row for row in a) + sum(np.sum(row) ** 2 for row in a)
