"""The text of forward mode, word for word, and that it runs."""

import copy

import numpy as np
import pytest

from ad_compiler import grad, hessian, jvp
from ad_compiler.forward import jvp_function
from tests.corpus.base import normal
from tests.fd import leaves
from tests.golden.test_golden import MLP_ARGS, mlp, recurrence, rosenbrock, run
from tests.tangent.base import check_jvp, tangents_like


@pytest.fixture
def golden_jvp(golden_text):
    """Compare the text with NAME.txt, run it as it stands there, and compare that with differences."""
    def check(name, func, args):
        made, _ = jvp_function(func, len(args))
        tangents = tangents_like(args, np.random.default_rng(5))
        text = made.source_for(*args, *tangents)
        golden_text(name, text)
        shown = run(text, made.__name__, func, copy.deepcopy((*args, *tangents)))
        for a, b in zip(leaves(shown), leaves(jvp(func, args, tangents)), strict=True):
            assert np.array_equal(a, b)
        check_jvp(func, args)
        return text
    return check


def test_mlp(golden_jvp):
    golden_jvp("jvp_mlp", mlp, MLP_ARGS)


def test_hessian_times_vector(golden_jvp):
    golden_jvp("jvp_of_grad", grad(rosenbrock), (normal(6),))


def rosenbrock_loop(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return s


@pytest.mark.parametrize("func", [rosenbrock, rosenbrock_loop])
def test_hvp_and_hessian(golden_text, func):
    x, v = normal(6), normal(6, seed=1)
    made, _ = jvp_function(grad(func), 1, alone=True)
    texts = {"hvp": made.source_for(x, v), "hessian": hessian(func).source_for(x)}
    for kind, text in texts.items():
        golden_text(f"{kind}_{func.__name__}", text)
    g, eps = grad(func), 1e-6
    columns = [(g(x + eps * e) - g(x - eps * e)) / (2.0 * eps) for e in np.eye(6)]
    np.testing.assert_allclose(run(texts["hessian"], f"{func.__name__}_hessian", func, (x,)), np.transpose(columns),
                               rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(run(texts["hvp"], f"{func.__name__}_hvp", func, (x, v)), v @ np.array(columns),
                               rtol=1e-6, atol=1e-5)


def test_loop_and_branch(golden_jvp):
    golden_jvp("jvp_loop", recurrence, (0.9,))


def cell(weights, xs):
    h = np.zeros(3)
    outputs = []
    for x in xs:
        h = np.tanh(weights["w"] @ h + weights["b"] * x)
        outputs.append(h[0])
    return np.array(outputs), h


def test_recurrent_cell(golden_jvp):
    golden_jvp("jvp_cell", cell, ({"w": normal(3, 3), "b": normal(3, seed=1)}, normal(4, seed=2)))


def smooth(a, dt, n=3):
    for _ in range(n):
        a[1:-1] += dt * (a[:-2] - 2.0 * a[1:-1] + a[2:]) / (1.0 + a[1:-1] ** 2)
    return a


def test_stores(golden_jvp):
    golden_jvp("jvp_stores", smooth, (normal(6), 0.1))


def tree(x):
    return np.sin(x) * tree(0.5 * x) if x > 0.1 else x


def test_function_that_calls_itself(golden_jvp):
    golden_jvp("jvp_recursion", tree, (3.0,))
