"""Every store against finite differences of the function itself, and the caller's arrays left as they were."""

import copy

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad
from tests.fd import assert_value, check_against_differences
from tests.stores import indexed, loops, through, writers

# users of NumPy before 2.5 set `a.shape`
pytestmark = pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array:DeprecationWarning")
CASES = {f"{module.__name__.rpartition('.')[2]}.{case.func.__name__}": case
         for module in (indexed, through, writers, loops) for case in module.CASES}


@pytest.mark.parametrize("name", CASES)
def test_gradient(name):
    case = CASES[name]
    args = case.make()
    check_against_differences(case.func, args, argnums=tuple(range(len(args))))


@pytest.mark.parametrize("name", CASES)
def test_the_callers_arrays_and_the_value(name):
    case = CASES[name]
    args = case.make()
    before = copy.deepcopy(args)
    gradient = value_and_grad(case.func, tuple(range(len(args))))
    value, first = gradient(*args)
    again, second = gradient(*args)
    for arg, old in zip(args, before, strict=True):
        assert np.array_equal(arg, old)
    assert value == again
    assert_value(value, case.func(*copy.deepcopy(args)))
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("name", CASES)
def test_second_order(name):
    case = CASES[name]
    args = case.make()
    if args[0].size == 0:
        return
    direction = np.cos(np.arange(1.0, args[0].size + 1.0)).reshape(args[0].shape)

    def slope(*given):
        return np.sum(grad(case.func)(*given) * direction)
    check_against_differences(slope, args)
