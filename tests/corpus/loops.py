"""`for`: ranges, rows, lists, tuples, zip, enumerate, reversed, dict items; break, continue, else."""

import math

import numpy as np

from tests.corpus.base import case, normal, uniform


@case(1.1, 5)
@case(1.1, 0, id="none")
@case(1.1, 1, id="one")
def power_by_products(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


@case(0.3)
def logistic_map(r):
    x = 0.4
    for i in range(20):
        x = (3.0 + r) * x * (1.0 - x)
    return x


@case(0.9)
def two_regimes(x):
    y = x
    s = 0.0
    for i in range(50):
        if y > 0.5:
            y = math.sin(y) * x * 0.9 + 0.05
        else:
            y = math.exp(-y) * 0.7 + 0.2 * x
        s = s + y * y
    return s


@case(normal(6))
def elements_by_index(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += (x[i + 1] - x[i] ** 2) ** 2
    return s


@case(normal(5))
def elements(x):
    s = 1.0
    for xi in x:
        s = s * (1.0 + xi ** 2)
    return s


@case(normal(4, 3))
def rows(a):
    total = np.zeros(3)
    for row in a:
        total = np.tanh(total + row)
    return total.sum()


@case(normal(9))
def every_third(x):
    s = 0.0
    for i in range(1, 9, 3):
        s += x[i] * x[i - 1]
    for i in range(8, 0, -2):
        s -= x[i] ** 2
    return s


@case(0.7)
def over_a_list(x):
    s = 0.0
    for coefficient in [1.0, -2.0, 0.5, 3.0]:
        s = s * x + coefficient
    return s


@case(0.7, (1, 2, 4))
def over_a_tuple(x, exponents):
    s = 0.0
    for n in exponents:
        s += x ** n / n
    return s


@case(normal(4), normal(4, seed=1), argnums=(0, 1))
def zipped(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b + math.sin(a)
    return s


@case(normal(4))
def enumerated(x):
    s = 0.0
    for i, xi in enumerate(x):
        s += (i + 1) * xi ** 2
    for k, xi in enumerate(x, start=2):
        s += k * xi
    return s


@case(normal(5))
def reversed_order(x):
    s = 0.0
    for xi in reversed(x):
        s = 0.5 * s + xi * xi
    for i in reversed(range(len(x))):
        s = s * 0.9 + x[i]
    return s


@case(0.4, {"a": 1.0, "b": -2.0})
def over_a_dict(x, weights):
    s = 0.0
    for name, w in weights.items():
        s += w * x ** len(name)
        s *= 1.5
    for w in weights.values():
        s += w * x * x
    for name in weights:
        s += weights[name] * math.cos(x)
    return s


@case(0.5)
def nested_loops(x):
    s = 0.0
    for i in range(4):
        row = 0.0
        for j in range(i + 1):
            row = row + x ** j * math.cos(i * x)
        s += row * row
    return s


@case(normal(3, 3))
def all_pairs(a):
    s = 0.0
    for i in range(3):
        for j in range(i + 1, 3):
            s += (a[i, j] - a[j, i]) ** 2 * a[i, i]
    return s


@case(uniform(0.5, 1.5, 6))
def stop_at_a_threshold(x):
    s = 0.0
    for xi in x:
        s = s + xi * xi
        if s > 2.0:
            break
    return s * s


@case(uniform(-1.0, 1.0, 6))
def skip_negatives(x):
    s = 0.0
    for xi in x:
        if xi < 0:
            continue
        s += math.sqrt(xi) * xi
    return s


@case(normal(5))
@case(normal(5) * 10, id="found")
def with_else(x):
    for xi in x:
        if xi > 3.0:
            s = xi * xi
            break
    else:
        s = np.sum(x)
    return s * 2.0


@case(normal(5))
@case(normal(5) * 10, id="found")
def return_from_a_loop(x):
    s = 0.0
    for i, xi in enumerate(x):
        s = s + xi * xi
        if s > 5.0:
            return s * (i + 1)
    return s


@case(normal(4, 4))
def return_from_two_loops(a):
    s = 1.0
    for i in range(4):
        for j in range(4):
            s = s * 1.1 + a[i, j] ** 2
            if s > 6.0:
                return s * a[0, 0]
        s = s - 0.1 * a[i, i]
    return s


@case(0.6)
def break_and_continue(x):
    s = x
    for i in range(20):
        if i % 3 == 0:
            continue
        s = s * (1.0 + x / (i + 1))
        if s > 2.5:
            break
        s += 0.01 * i
    return s


@case(normal(3))
def a_number_that_becomes_an_array(x):
    s = 0
    for k in range(4):
        s = s + x ** k
    return np.sum(s * s)


@case(normal(3, 3), normal(3, seed=1), argnums=(0, 1))
def power_iteration(a, v):
    for _ in range(5):
        v = a @ v
        v = v / np.sqrt(v @ v)
    return v @ a @ v


@case(0.5, normal(3), argnums=(0, 1))
def swapping(a, x):
    b = a * a
    u, v = x, x * 2.0
    for _ in range(3):
        a, b = b, a + b
        u, v = v, u * a
    return a * b + np.sum(u * v)


@case(normal(4))
def the_index_after_the_loop(x):
    for i in range(4):
        y = x[i] * 2.0
    return y * i + x[0]


@case(1.5)
def fibonacci_like(x):
    a, b = 1.0, x
    for _ in range(8):
        a, b = b, 0.3 * a + 0.5 * b
    return b


@case(normal(8))
def a_filter(x):
    state = 0.0
    out = 0.0
    for t in range(len(x)):
        state = 0.8 * state + 0.2 * x[t]
        out += (state - x[t]) ** 2
    return out / len(x)


@case(normal(6), 2)
def windows(x, width):
    s = 0.0
    for i in range(len(x) - width + 1):
        w = x[i:i + width]
        s += np.prod(w) + w.mean() ** 2
    return s


@case(normal(2, 3), 4)
def repeated_products(a, n):
    m = np.eye(2)
    for k in range(1, n):
        m = m @ (a @ a.T) / k + np.eye(2)
    return np.trace(m)


@case(0.8)
def loop_invariant(x):
    s = 0.0
    for i in range(6):
        scale = math.exp(-x)
        s += scale * math.sin(i * x)
    return s


@case([normal(2), normal(2, seed=1), normal(2, seed=2)], second=False)
def over_a_list_of_arrays(layers):
    h = np.ones(2)
    for w in layers:
        h = np.tanh(h * w)
    return h.sum()
