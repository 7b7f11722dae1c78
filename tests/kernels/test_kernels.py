"""Published-style kernels, unchanged: gradients of all that they return or overwrite, against differences."""

import copy

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.fd import assert_value, check_against_differences, leaves
from tests.kernels import algebra, data, learning, motion, stencils

KERNELS = {f"{module.__name__.rpartition('.')[2]}.{kernel.func.__name__}": kernel
           for module in (stencils, algebra, data, motion, learning) for kernel in module.KERNELS}


def arguments(name):
    return KERNELS[name].make(np.random.default_rng(len(name)))


@pytest.mark.parametrize("name", KERNELS)
def test_gradient(name):
    kernel = KERNELS[name]
    check_against_differences(kernel.func, arguments(name), argnums=kernel.argnums, rtol=3e-6)


@pytest.mark.parametrize("name", KERNELS)
def test_value_and_purity(name):
    kernel, args = KERNELS[name], arguments(name)
    before = copy.deepcopy(args)
    gradient = value_and_grad(kernel.func, kernel.argnums)
    value, _ = gradient(*args)
    assert all(np.array_equal(a, b) for a, b in zip(leaves(list(args)), leaves(list(before)), strict=True))
    assert_value(value, kernel.func(*copy.deepcopy(args)))


def test_there_are_enough():
    assert len(KERNELS) >= 50
