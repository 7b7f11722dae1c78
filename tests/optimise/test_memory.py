"""A loop in a loop is followed again only where something has changed: what is found is the same."""

import numpy as np
import pytest

from ad_compiler import grad
from ad_compiler.optimise import inplace
from ad_compiler.optimise.memory import Memory


class EachTime(Memory):
    """Follows every loop each time that it is met."""

    def _loop_once(self, loop):
        self._loop(loop)


def swapped(x):
    a, b, s = x * 1.0, x * 2.0, 0.0
    for _ in range(2):
        for _ in range(2):
            for _ in range(2):
                b[1:] = a[:-1] * x[1:]
                a, b = b, a
                s = s + a[1]
    return s + np.sum(a)


def kept(x):
    h, rows = x * 1.0, np.zeros((4, 3))
    for i in range(2):
        for j in range(2):
            h = np.sin(h) * x
            h[0] += h[1]
            rows[2 * i + j] = h
    return np.sum(rows * rows)


def swapped_outside(x):
    a, b = x * 1.0, x * 2.0
    for i in range(3):
        c = a
        for _ in range(i):
            c[:-1] = b[1:] * c[0]
        a, b = b, c
    return np.sum(a * b)


@pytest.mark.parametrize("f", [swapped, kept, swapped_outside], ids=lambda f: f.__name__)
def test_the_same_is_found(f, monkeypatch):
    compared = []

    class Both(Memory):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            other = EachTime(*args, **kwargs)
            for name in ("roots", "whole", "escaped", "exposed"):
                assert getattr(self, name) == getattr(other, name), name
            mine, its = ({value: (group.members, group.behind) for value, group in memory.buffers.items()}
                         for memory in (self, other))
            assert mine == its
            assert self.misplaced() == other.misplaced()
            compared.append(len(mine))
    monkeypatch.setattr(inplace, "Memory", Both)
    x = np.array([0.5, 0.8, 1.1])
    direction = np.array([1.0, -0.5, 0.25])
    for g, along in ((grad(f), f), (grad(lambda x: grad(f)(x) @ direction), lambda x: grad(f)(x) @ direction)):
        wanted = (along(x + 1e-5 * direction) - along(x - 1e-5 * direction)) / 2e-5
        np.testing.assert_allclose(g(x) @ direction, wanted, rtol=1e-6)
    assert compared
    assert any(compared) or f is kept
