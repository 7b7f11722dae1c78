"""Each kernel: gradient against differences, arguments left alone, the value to rounding, other layouts in memory."""

import copy
import functools

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.fd import assert_close, assert_kind, assert_same, assert_value, check_against_differences, leaves, rebuild
from tests.published import dynamic, learning, linear_algebra, physics, sparse, statistics, stencils
from tests.published.refused import BROKEN, REFUSED
from tests.test_refusals import check_form

KERNELS = [kernel for module in (stencils, linear_algebra, sparse, statistics, physics, learning, dynamic)
           for kernel in module.KERNELS]


def each(kernels):
    """Those that cannot be differentiated yet are expected to fail, and to say so: a pass asks for a shorter list."""
    params = []
    for kernel in kernels:
        marks = []
        if kernel.name in REFUSED:
            marks.append(pytest.mark.xfail(raises=CannotDifferentiate, strict=True, reason="refused for now"))
        if kernel.name in BROKEN:
            marks.append(pytest.mark.xfail(strict=True, reason=BROKEN[kernel.name]))
        params.append(pytest.param(kernel, id=kernel.name, marks=marks))
    return pytest.mark.parametrize("kernel", params)


@functools.cache
def compiled(kernel):
    return value_and_grad(kernel.func, argnums=kernel.argnums)


def test_there_are_many():
    names = [kernel.name for kernel in KERNELS]
    assert len(names) == len(set(names))
    assert len({kernel.func for kernel in KERNELS}) >= 100
    assert not (REFUSED | set(BROKEN)) - set(names), "no kernel has this name"
    assert not REFUSED & set(BROKEN)


@each(KERNELS)
def test_gradient(kernel):
    check_against_differences(kernel.func, kernel.args(), kernel.argnums)


@each(KERNELS)
def test_arguments_stay_as_they_are(kernel):
    args, before = kernel.args(seed=1), kernel.args(seed=1)
    first = compiled(kernel)(*args)
    assert_same("arguments after a call", args, before)
    second = compiled(kernel)(*args)
    assert_same("arguments after two calls", args, before)
    assert_same("the second call", second, first)


@each(KERNELS)
def test_value(kernel):
    args = kernel.args(seed=2)
    value, _ = compiled(kernel)(*args)
    assert_value(value, kernel.func(*copy.deepcopy(args)))


# -- other layouts --------------------------------------------------------------------------------------


def spread(x):
    """Every other place of a larger array along each axis; between them stands what no one may read."""
    out = np.full([2 * n + 1 for n in x.shape], np.nan)[(slice(1, None, 2),) * x.ndim]
    out[...] = x
    return out


def turned(x):
    """First axis last in memory, and backwards along the last one."""
    return np.ascontiguousarray(x.T[::-1]).T[..., ::-1]


def laid_out(args, layout):
    return tuple(rebuild(arg, [layout(x) if isinstance(x, np.ndarray) and x.dtype == float else x for x in leaves(arg)])
                 for arg in args)


def memory(args):
    """All that the arrays lie in, with the gaps."""
    return [x.base if isinstance(x, np.ndarray) and x.base is not None else x for x in leaves(list(args))]


@pytest.mark.parametrize("layout", [spread, turned], ids=lambda layout: layout.__name__)
@each([kernel for kernel in KERNELS if kernel.strided])
def test_arrays_that_are_not_contiguous(kernel, layout):
    args = laid_out(kernel.args(), layout)
    before = copy.deepcopy(memory(args))
    value, gradients = compiled(kernel)(*args)
    assert_same("memory after the call", memory(args), before)
    expected = kernel.func(*laid_out(kernel.args(), layout))
    assert_close("the value", value, expected, 1e-12, 1e-12)    # a fresh array may be summed in another order
    _, plain = compiled(kernel)(*kernel.args())
    for gradient, other, number in zip(gradients, plain, kernel.argnums, strict=True):
        assert_kind(gradient, args[number])
        for g, o in zip(leaves(gradient), leaves(other), strict=True):
            assert_close("the gradient", g, o, 1e-9, 1e-9 * float(np.max(np.abs(o))))


def test_the_layouts_are_what_they_say():
    x = np.arange(12.0).reshape(3, 4)
    for layout in (spread, turned):
        for y in (x, x[0], x[None]):
            other = layout(y)
            assert np.array_equal(other, y)
            assert not other.flags.c_contiguous
    assert sum(kernel.strided for kernel in KERNELS) >= 10


# -- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if kernel.name in REFUSED], ids=str)
def test_refusals_name_the_line_and_a_remedy(kernel):
    args, before = kernel.args(), kernel.args()
    with pytest.raises(CannotDifferentiate) as info:
        compiled(kernel)(*args)
    check_form(info.value)
    assert_same("arguments after a refusal", args, before)
