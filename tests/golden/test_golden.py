"""The text of derivatives, word for word, and that it runs.  `pytest --update-golden` writes it anew."""

import ast
import inspect
import math
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import grad, no_grad, runtime, value_and_grad
from tests.corpus.base import normal, uniform
from tests.fd import check_against_differences, leaves


@pytest.fixture
def golden(golden_text):
    """Compare the text with NAME.txt, run it as it stands there, and compare that with differences."""
    def check(name, func, args, argnums=0, *, has_aux=False, make=grad, differences=True):
        derivative = make(func, argnums=argnums, has_aux=has_aux)
        text = derivative.source_for(*args)
        golden_text(name, text)
        assert text == make(func, argnums=argnums, has_aux=has_aux).source_for(*args), "made twice, it differs"
        shown = run(text, derivative.__name__, func, args)
        called = derivative(*args)
        for a, b in zip(leaves(shown), leaves(called), strict=True):
            assert np.array_equal(a, b)
        if differences:
            check_against_differences(func, args, argnums, has_aux=has_aux)
        return text
    return check


def run(text, name, func, args):
    """Run a text with NumPy, the named helpers of this package, and what the function itself sees."""
    func = inspect.unwrap(func)
    namespace = {**vars(runtime), **func.__globals__, "np": np, "math": math}
    namespace.update({name: cell.cell_contents for name, cell in
                      zip(func.__code__.co_freevars, func.__closure__ or (), strict=True)})
    exec(compile(text, name, "exec"), namespace)
    made = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return namespace[made[-1]](*args)


def mlp(w1, b1, w2, x, y):
    h = np.tanh(x @ w1 + b1)
    p = h @ w2
    r = p - y
    return np.sum(r * r)


MLP_ARGS = (normal(3, 4), normal(4, seed=1), normal(4, 1, seed=2), normal(6, 3, seed=3), normal(6, 1, seed=4))


def test_mlp(golden):
    golden("mlp", mlp, MLP_ARGS, (0, 1, 2))


def test_mlp_with_value(golden):
    golden("mlp_value", mlp, MLP_ARGS, (0, 1, 2), make=value_and_grad)


def test_the_gallery_piece_is_the_one_that_was_decided():
    """The text that sets the standard is not to be updated by a switch."""
    lines = (Path(__file__).parent / "mlp.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "def mlp_grad(w1, b1, w2, x, y):"
    assert lines[4] == "    r_bar = 2.0 * r                         # line 5: return np.sum(r * r)"
    assert len(lines) == 11


def polynomial(x):
    return 3.0 * x ** 3 - 2.0 * x + 1.0


def test_polynomial(golden):
    golden("polynomial", polynomial, (1.5,))


def test_polynomial_second_derivative(golden):
    golden("polynomial_second", grad(polynomial), (1.5,))


def halving(x):
    return np.sin(x) * halving(0.5 * x) if x > 0.1 else x


def test_function_that_calls_itself_second_derivative(golden):
    golden("recursion_second", grad(halving), (3.0,))


def iterated(x, n):
    total = 0.0
    for i in range(n):
        y = x
        for _ in range(i):
            y = np.sin(y) * x
        total += y
    return total


def test_loop_in_a_loop_second_derivative(golden):
    golden("nested_loops_second", grad(iterated), (0.7, 4))


def huber(r, delta):
    if abs(r) <= delta:
        loss = 0.5 * r ** 2
    else:
        loss = delta * (abs(r) - 0.5 * delta)
    return loss


def test_branch(golden):
    golden("branch", huber, (3.0, 1.5), (0, 1))


def recurrence(x):
    y = x
    s = 0.0
    for i in range(10):
        if y > 0.5:
            y = math.sin(y) * x * 0.9 + 0.05
        else:
            y = math.exp(-y) * 0.7 + 0.2 * x
        s = s + y * y
    return s


def test_loop_with_trail(golden):
    golden("loop", recurrence, (0.9,))


def until_small(x):
    s = x
    while True:
        s = 0.5 * s * s
        if s < 0.1:
            break
        s = s + 0.01 * x
    return s * x


def test_while_with_break(golden):
    golden("while_break", until_small, (1.2,))


def clipped(x):
    if x > 2.0:
        return 4.0
    y = x * x
    if y < 0.5:
        return y * 3.0
    return math.sin(y)


def test_early_return(golden):
    golden("early_return", clipped, (1.2,))


def centred(x):
    with no_grad():
        c = np.mean(x)
    return np.sum((x - c) ** 2)


def test_no_grad(golden):
    golden("no_grad", centred, (normal(4),), differences=False)


def fit(w, x, y):
    r = x @ w - y
    return r @ r, {"residual": r, "count": len(y)}


def test_has_aux(golden):
    golden("has_aux", fit, (normal(3), normal(5, 3, seed=1), normal(5, seed=2)), has_aux=True)


def softplus(x):
    return np.log1p(np.exp(x))


def penalised(x):
    return np.sum(softplus(x)) + np.sum(softplus(-2.0 * x))


def test_helper(golden):
    golden("helper", penalised, (normal(4),))


def make_loss(target, weight):
    def loss(x):
        d = x - target
        return weight * (d @ d)
    return loss


def test_closure(golden):
    golden("closure", make_loss(np.arange(3.0), 2.0), (normal(3),))


def logistic_regression(w, b, x, y):
    p = 1.0 / (1.0 + np.exp(-(x @ w + b)))
    return -np.mean(y * np.log(p) + (1.0 - y) * np.log(1.0 - p))


def test_logistic_regression(golden):
    args = (normal(3), 0.2, normal(8, 3, seed=1), np.array([1.0, 0, 1, 1, 0, 0, 1, 0]))
    golden("logistic_regression", logistic_regression, args, (0, 1))


def cross_entropy(w, x, y):
    z = x @ w
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(np.sum(y * log_p, axis=1))


def test_softmax_cross_entropy(golden):
    golden("cross_entropy", cross_entropy, (normal(4, 3), normal(5, 4, seed=1), np.eye(3)[[0, 2, 1, 1, 0]]))


def rosenbrock(x):
    a = x[1:] - x[:-1] ** 2
    b = 1.0 - x[:-1]
    return np.sum(100.0 * a * a + b * b)


def test_rosenbrock(golden):
    golden("rosenbrock", rosenbrock, (uniform(-0.5, 1.5, 6),))


def rosenbrock_loop(x):
    s = 0.0
    for i in range(len(x) - 1):
        a = x[i + 1] - x[i] ** 2
        b = 1.0 - x[i]
        s = s + 100.0 * a * a + b * b
    return s


def test_rosenbrock_loop(golden):
    golden("rosenbrock_loop", rosenbrock_loop, (uniform(-0.5, 1.5, 6),))


def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def test_newton(golden):
    golden("newton", newton_sqrt, (2.0,))


D, K, N = 3, 2, 5
ROWS = np.array([i for j in range(D) for i in range(j + 1, D)])
COLS = np.array([j for j in range(D) for i in range(j + 1, D)])
GAMMA, M, CONST = 1.0, 0, -12.5


def gmm(alphas, means, icf, x):
    Qd = np.exp(icf[:, :D])
    sumq = np.sum(icf[:, :D], axis=1)
    L = np.zeros((K, D, D))
    L[:, ROWS, COLS] = icf[:, D:]
    Xc = x[None, :, :] - means[:, None, :]
    Qx = Qd[:, None, :] * Xc + np.matmul(Xc, np.transpose(L, (0, 2, 1)))
    inner = (alphas + sumq)[:, None] - 0.5 * np.sum(Qx * Qx, axis=2)
    mx = np.max(inner, axis=0)
    slse = np.sum(mx + np.log(np.sum(np.exp(inner - mx), axis=0)))
    ma = np.max(alphas)
    lsea = ma + np.log(np.sum(np.exp(alphas - ma)))
    prior = 0.5 * GAMMA * GAMMA * (np.sum(Qd * Qd) + np.sum(icf[:, D:] ** 2)) - M * np.sum(sumq)
    return CONST + slse - N * lsea + prior


def test_gmm(golden):
    args = (normal(K), uniform(0.0, 1.0, K, D, seed=1), normal(K, D + 3, seed=2, scale=0.3), normal(N, D, seed=3))
    golden("gmm", gmm, args, (0, 1, 2))
