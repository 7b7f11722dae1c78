"""Forward mode in Numba's dialect, beside differences; and the tangents of gradients."""

import pytest

from ad_compiler import grad
from tests.corpus.base import normal
from tests.golden.test_golden import MLP_ARGS, mlp, recurrence, rosenbrock, rosenbrock_loop, until_small
from tests.golden.test_golden_forward import cell, smooth, tree
from tests.tangent.base import check_jvp
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


@pytest.mark.parametrize("func", [rosenbrock, rosenbrock_loop], ids=lambda f: f.__name__)
def test_tangent_of_the_gradient(func):
    check_jvp(grad(func), (X,), backend="numba")
