"""The text of loops of which few states are kept, and of functions that are computed again."""

import numpy as np

from ad_compiler import checkpoint, checkpointed, grad
from tests.corpus.base import normal
from tests.golden.test_golden import golden  # noqa: F401  (the fixture)


def heat(u, k, n):
    for t in checkpointed(range(n), snapshots=20):
        u[1:-1] += k * np.cos(0.1 * t) * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def test_checkpointed_loop(golden):     # noqa: F811
    golden("checkpointed", heat, (normal(6), 0.1, 30), (0, 1))


@checkpoint
def layer(w, h):
    a = np.tanh(w @ h)
    return h + np.sin(a * a)


def deep(ws, x):
    h = x
    for w in ws:
        h = layer(w, h)
    return np.sum(h * h)


def test_checkpointed_layers(golden):       # noqa: F811
    golden("checkpoint_layers", deep, (normal(4, 3, 3), normal(3)), (0, 1))


def plain_heat(u, k, n):
    for t in range(n):
        u[1:-1] += k * np.cos(0.1 * t) * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def test_budget(golden):        # noqa: F811
    golden("budget", plain_heat, (normal(6), 0.1, 30), (0, 1),
           make=lambda func, **how: grad(func, memory="10kB", **how))
