"""`check_grads` accepts what is right, to second order, and finds what is not."""

import numpy as np
import pytest

from ad_compiler.rules import registry
from ad_compiler.testing import check_grads


def loss(w, x, b):
    return np.sum(np.tanh(x @ w + b) ** 2)


def halved(x):
    return x * x


def uses_halved(x):
    return np.sum(halved(x) * 2.0)


def test_right():
    rng = np.random.default_rng(0)
    check_grads(loss, (rng.normal(size=3), rng.normal(size=(2, 3)), 0.4), argnums=(0, 1, 2))
    check_grads(loss, (rng.normal(size=3), rng.normal(size=(2, 3)), 0.4), argnums=2, order=3, rtol=1e-5)


def test_wrong():
    registry.elementwise(halved, lambda x, *, out: x)
    try:
        with pytest.raises(AssertionError, match="the derivative says"):
            check_grads(uses_halved, (np.array([0.3, 0.7]),))
    finally:
        del registry._RULES[halved]
