"""Forward mode in Numba's dialect, beside differences; and the tangents of gradients."""

import pytest

from ad_compiler import grad, value_and_grad
from tests.corpus.base import normal
from tests.golden.test_golden import MLP_ARGS, mlp, recurrence, rosenbrock, rosenbrock_loop, until_small
from tests.golden.test_golden_forward import cell, smooth, tree
from tests.tangent.base import check_jvp
from tests.tangent.test_corpus import CASES, numbers_of
from tests.tangent.test_nasty import PLAIN, X

NO_TYPE = {"grows"}
"""A list is empty where it is handed to compiled code: Numba does not know of what."""


@pytest.mark.parametrize("func", [f for f in PLAIN if f.__name__ not in NO_TYPE], ids=lambda f: f.__name__)
def test_nasty(func):
    check_jvp(func, (X,), backend="numba")


@pytest.mark.parametrize(("func", "args"), [
    (mlp, MLP_ARGS), (recurrence, (0.9,)), (rosenbrock, (X,)), (rosenbrock_loop, (X,)), (until_small, (1.2,)),
    (smooth, (X, 0.1)), (tree, (3.0,)), (lambda w, b, xs: cell({"w": w, "b": b}, xs), (normal(3, 3), normal(3), X)),
], ids=["mlp", "recurrence", "rosenbrock", "rosenbrock_loop", "until_small", "smooth", "tree", "cell"])
def test_programs(func, args):
    check_jvp(func, args, backend="numba")


@pytest.mark.parametrize("case", [c for c in CASES if c.id.startswith(("ml.", "stats."))], ids=str)
def test_corpus(case):
    """A mask that is read by a tangent is not moved behind it."""
    check_jvp(case.func, case.args, numbers_of(case), case.kwargs, rtol=case.rtol, backend="numba")


def left_with_a_name_bound(x):
    s = x
    while True:
        t = 0.5 * s * s
        if t < 0.1:
            s = t
            break
        s = t + 0.01 * x
    return s * x


@pytest.mark.compiled
def test_a_loop_that_numba_would_not_leave():
    """Of `while True`, where a name is bound just before the `break` (Numba 0.68)."""
    assert value_and_grad(left_with_a_name_bound, backend="numba")(1.2) == pytest.approx(
        value_and_grad(left_with_a_name_bound)(1.2))
    check_jvp(left_with_a_name_bound, (1.2,), backend="numba")


@pytest.mark.parametrize("func", [rosenbrock, rosenbrock_loop], ids=lambda f: f.__name__)
def test_tangent_of_the_gradient(func):
    check_jvp(grad(func), (X,), backend="numba")
