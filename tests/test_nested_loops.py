"""Second derivatives of loops in loops: right, and of a cost that grows as that of the first."""

import sys

import numpy as np
import pytest

from ad_compiler import grad, hessian, jvp
from tests.fd import check_against_differences
from tests.nested_loops import FUNCTIONS, X

V = np.array([1.0, -0.5, 0.3])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_order(name):
    f = FUNCTIONS[name]
    for n in (0, 1, 2, 5):
        check_against_differences(lambda x: np.sum(grad(f)(x, n) ** 2 * V), (X,))  # noqa: B023
    along = grad(lambda x: np.sum(grad(f)(x, 4) * V))(X)
    np.testing.assert_allclose(jvp(lambda x: grad(f)(x, 4), (X,), (V,))[1], along, rtol=1e-9)
    np.testing.assert_allclose(hessian(f)(X, 4) @ V, along, rtol=1e-9)


def steps_of(derivative, n):
    """How many instructions of Python's a derivative takes, those of the helpers that it calls among them."""
    steps = 0

    def trace(frame, event, _):
        nonlocal steps
        if "<ad_compiler" not in frame.f_code.co_filename and not frame.f_code.co_filename.endswith("runtime.py"):
            return None
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        derivative(X, n)
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_cost_grows_as_that_of_the_first(name):
    f = FUNCTIONS[name]
    first, second, matrix = grad(f), grad(lambda x, n: np.sum(grad(f)(x, n) ** 2)), hessian(f)
    for derivative in (first, second, matrix):
        derivative(X, 3)
    small, large = ([steps_of(d, n) for d in (first, second, matrix)] for n in (8, 16))
    for at in (1, 2):
        assert large[at] / large[0] < 1.1 * small[at] / small[0]
    assert large[1] < 4.5 * large[0]
