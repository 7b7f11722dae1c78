"""Texts for Numba, read in review like code."""

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad
from tests.corpus.loops import swapping
from tests.fd import check_against_differences
from tests.numba.test_parallel import mixture


def stencil(a, n):
    for t in range(n):
        a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
    return np.sum(a * a)


def mlp(w1, b1, w2, x, y):
    h = np.tanh(x @ w1 + b1)
    r = h @ w2 - y
    return np.sum(r * r)


def rosenbrock(x):
    a = x[1:] - x[:-1] ** 2
    b = 1.0 - x[:-1]
    return np.sum(100.0 * a * a + b * b)


def test_stencil(golden_text):
    golden_text("numba_stencil", grad(stencil, backend="numba").source_for(np.ones(9), 3))


def test_mlp(golden_text):
    args = np.ones((3, 4)), np.ones(4), np.ones((4, 2)), np.ones((5, 3)), np.ones((5, 2))
    golden_text("numba_mlp", grad(mlp, (0, 1, 2), backend="numba").source_for(*args))


def test_rosenbrock(golden_text):
    golden_text("numba_rosenbrock", value_and_grad(rosenbrock, backend="numba").source_for(np.ones(5)))


def test_on_threads(golden_text):
    derivative = value_and_grad(mixture, (0, 1), backend="numba", parallel=True)
    golden_text("numba_on_threads", derivative.source_for(np.ones((5, 3)), np.ones((4, 3))))


def test_buffers_that_are_handed_on_are_not_shared():
    """An iteration that begins with the array of the one before would have to copy it."""
    assert "bar.copy" not in value_and_grad(swapping, (0, 1), backend="numba").source_for(2.0, np.ones(3))


@pytest.mark.parametrize(("f", "args", "argnums"), [
    pytest.param(stencil, (np.linspace(0.5, 1.5, 9), 3), 0, id="stencil"),
    pytest.param(mlp, [np.cos(np.arange(float(np.prod(n)))).reshape(n) for n in ((3, 4), (4,), (4, 2), (5, 3), (5, 2))],
                 (0, 1, 2), id="mlp"),
    pytest.param(rosenbrock, (np.linspace(-1.0, 1.5, 5),), 0, id="rosenbrock"),
    pytest.param(mixture, (np.linspace(-1.0, 1.0, 15).reshape(5, 3), np.linspace(0.5, 1.0, 12).reshape(4, 3)), (0, 1),
                 id="mixture"),
])
def test_they_run(f, args, argnums):
    wanted = check_against_differences(f, args, argnums)
    found = grad(f, argnums, backend="numba", parallel=f is mixture)(*args)
    for a, b in zip(found, wanted, strict=True) if isinstance(argnums, tuple) else [(found, wanted)]:
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
