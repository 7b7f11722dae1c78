"""The text of derivatives of code that stores: stencils, views, buffers, lists, dicts, decompositions."""

import numpy as np

from tests.corpus.base import uniform
from tests.golden.test_golden import golden  # noqa: F401

STEPS = 3


def stencil(a, n):
    for t in range(n):
        a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
    return np.sum(a * a)


def test_stencil(golden):       # noqa: F811
    text = golden("stencil", stencil, (uniform(-1.0, 1.0, 8), STEPS), differences=True)
    assert text.rstrip() == """\
def stencil_grad(a, n):
    a = a.copy()                            # stencil writes into a; the caller's array stays as it was
    for t in range(n):
        a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
    # -- reverse sweep --
    a_bar = 2.0 * a                         # line 4: return np.sum(a * a)
    for t in range(n - 1, -1, -1):
        s_bar = 0.25 * a_bar[1:-1]          # line 3: a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
        a_bar[1:-1] = 2.0 * s_bar
        a_bar[:-2] += s_bar
        a_bar[2:] += s_bar
    return a_bar"""


def burgers(u, n):
    for t in range(n):
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u * u)


def test_overwritten_value_that_is_needed(golden):      # noqa: F811
    golden("overwritten", burgers, (uniform(-1.0, 1.0, 8), STEPS))


def edges(x):
    y = x * x
    inner = y[1:-1]
    inner *= 3.0
    y[0] = inner[0] * x[0]
    return np.sum(y)


def test_view_written_through(golden):      # noqa: F811
    golden("view", edges, (uniform(0.5, 1.5, 5),))


def rows(a):
    for row in a:
        row *= 2.0
        row[0] = row[1] * row[2]
    return np.sum(a * a)


def test_rows_written_through(golden):      # noqa: F811
    golden("rows", rows, (uniform(0.5, 1.5, 4, 3),))


def wave(u, v, n):
    for t in range(n):
        v[1:-1] = 2.0 * u[1:-1] - v[1:-1] + 0.1 * (u[2:] + u[:-2])
        u, v = v, u
    return np.sum(u * u)


def test_swapped_buffers(golden):       # noqa: F811
    golden("buffers", wave, (uniform(0.5, 1.5, 8), uniform(0.5, 1.5, 8, seed=1), STEPS), (0, 1))


def recurrent(w, x):
    h = np.zeros(w.shape[0])
    hs = []
    for t in range(len(x)):
        h = np.tanh(w @ h + x[t])
        hs.append(h)
    return np.sum(np.stack(hs) ** 2)


def test_growing_list(golden):      # noqa: F811
    golden("growing_list", recurrent, (uniform(0.5, 1.5, 3, 3), uniform(0.5, 1.5, 5, 3, seed=1)), (0, 1))


def stack_of_sines(x):
    hs = [x]
    for t in range(4):
        hs.append(np.sin(hs[-1]) * x)
    return np.sum(np.stack(hs))


def test_list_that_feeds_itself(golden):        # noqa: F811
    golden("list_of_its_last", stack_of_sines, (uniform(0.5, 1.5, 4),))


def layer(p, x):
    h = np.tanh(x @ p["w"] + p["b"])
    p["scale"] = p["scale"] * 2.0
    return p["scale"] * np.sum(h * h)


def test_dict_of_parameters(golden):        # noqa: F811
    p = {"w": uniform(0.5, 1.5, 3, 2), "b": uniform(0.5, 1.5, 2, seed=1), "scale": 1.5}
    golden("dict", layer, (p, uniform(0.5, 1.5, 4, 3, seed=2)))


def cholesky(a):
    n = a.shape[0]
    L = np.zeros_like(a)
    for j in range(n):
        L[j, j] = np.sqrt(a[j, j] - L[j, :j] @ L[j, :j])
        for i in range(j + 1, n):
            L[i, j] = (a[i, j] - L[i, :j] @ L[j, :j]) / L[j, j]
    return np.sum(np.log(np.diag(L)))


def test_cholesky(golden):      # noqa: F811
    a = uniform(0.5, 1.5, 4, 4)
    golden("cholesky", cholesky, (a @ a.T + 4.0 * np.eye(4),))


def logistic(x, r, n):
    a = np.zeros(n)
    a[0] = x
    for i in range(1, n):
        a[i] = r * a[i - 1] * (1.0 - a[i - 1])
    return a[-1]


def test_recurrence(golden):        # noqa: F811
    golden("recurrence", logistic, (0.3, 3.1, 6), (0, 1))
