"""Integers, truth values and half precision: what NumPy computes in, what it refuses, which memory it gives."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad, vmap
from tests.semantics.arrays import RIGHT, Program, judged

X = np.array([0.5, -1.5, 2.0, 3.0])
I = np.array([3, 0, 2, 1])       # noqa: E741  (integers)
PROGRAMS = {
    # scalar types as functions: of an array the array itself, where it has that dtype
    "float64 aliases": ("x=M(4)", "y = np.float64(x)\ny[0] = 9.0\nreturn x * y"),
    "float64 aliases a view": ("x=M(4)", "y = np.float64(x[1:])\ny[0] = 9.0\nreturn x * 2.0"),
    "float32 of double is new": ("x=M(4)", "y = np.float32(x)\ny[0] = 9.0\nreturn x * 2.0"),
    "int64 aliases": ("x=M(4), i=array([3, 0, 2, 1])", "k = np.int64(i)\nk[0] = 7\nreturn x * i"),
    "bool_ aliases": ("x=M(4), m=array([True, False, True, True])", "k = np.bool_(m)\nk[0] = False\nreturn x * m"),
    "of a list": ("x=M(4)", "return np.float64([x[0], 1.0]) * x[:2]"),
    "of no axis": ("x=M(4), z=array(2.5)", "return np.float64(z) * x + np.float32(z)"),
    "small integers": ("x=M(4), n=250", "return x * (np.int32(n) + np.int16(2)) + np.uint8(n)"),
    "half": ("x=M(4)", "return np.float32(np.float16(2.0) * np.float16(0.25)) * x"),
    "a loop of uint32": ("x=M(4)", "h = np.uint32(17)\nfor k in range(5):\n    h = h * np.uint32(3) + np.uint32(k)\nreturn h * x"),
    # in place
    "a slice of integers, in place": ("x=M(4), i=array([3, 0, 2, 1])", "i[1:] *= 2\nreturn x * i"),
    "an element of integers": ("x=M(4), i=array([3, 0, 2, 1])", "i[1] += 1.9\nreturn x * i"),
    # comparisons with numbers that do not fit
    "out of bounds": ("x=M(4), u=array([0, 1, 255, 128], np.uint8)", "return ((u == -1) + (u < 300) * 2 + (-1 < u)) * x"),
    "beyond 64 bits": ("x=M(4), i=array([3, 0, 2, 1])", "return np.where(i < 2**70, x, 0.0) * (i != 2**63)"),
    # what a reduction begins with
    "sum begins": ("x=M(4), i=array([3, 0, 2, 1])", "return np.sum(i, initial=1.5) * x"),
    "sum of truth values begins": ("x=M(4), m=array([True, False])", "return np.sum(m, initial=2.5) * x"),
    "prod begins": ("x=M(4), i=array([3, 1, 2, 1])", "return np.prod(i, initial=1.5) * x"),
    "max begins": ("x=M(4), i=array([3, 0, 2, 1])", "return np.max(i, initial=7.5) * x"),
    "float32 begins": ("x=M(4).astype(np.float32)", "return np.sum(x, initial=np.float64(0.1)), np.max(x, initial=-9.0)"),
    "an active beginning": ("x=M(4), t=2.5", "return np.sum(x * x, initial=t)"),
    # positions
    "put by truth values": ("x=M(4), m=array([True, False, True, True])", "np.put(x, m, 0.0)\nreturn x * 2.0"),
    # dtypes as text
    "str of a dtype": ("x=M(4), i=array([3, 0, 2, 1])", "return x if str(i.dtype) == 'int64' else -x"),
    "str of a dtype, as a number": ("x=M(4), i=array([3, 0, 2, 1])", "return (str(i.dtype) == 'int64') * x"),
    # what is no number, beside numbers
    "text, found in an array": ("x=M(3), w=array(['a', 'b', 'a'])", "return (w == 'a') * x + (w != ['a', 'a', 'b']) * x"),
    "None beside an array": ("x=M(3), i=array([3, 0, 2])", "return (x == None) * x + (None != i) * x"),
    "None beside a scalar": ("x=M(3)", "return x if (x[0] == None) is False else -x"),
    "a list beside an array": ("x=M(3), i=array([3, 0, 2])", "return (i == [3, 1, 2]) * x + (x > (0, 0, 0)) * x"),
    # whole numbers of more than 63 bits
    "full of uint64": ("x=M(4)", "return np.full(4, 2**63) * x, np.array(2**63)"),
    # parts of real numbers
    "conj is the array itself": ("x=M(4)", "y = x.conj()\ny[0] = 5.0\nreturn x * y"),
    "conjugate is the array itself": ("x=M(4)", "y = x.conjugate()\ny[0] = 5.0\nreturn x * y"),
    "np.conj is another": ("x=M(4)", "y = np.conj(x)\ny[0] = 5.0\nreturn x * y"),
    "real of all kinds": ("x=M(4), t=3.5, n=7, q=True", "return x.real * t.real * n.real * q.real + n.imag + t.imag + x.imag"),
    "bytes": ("x=M(4), i=array([3, 0], np.int8)", "return x * i.nbytes * x.itemsize"),
    "tolist": ("x=M(2, 2)", "return x.tolist()[1][0] * x[0].tolist()[1] * x"),
    "an item of a list that a loop made": ("x=M(4)", "a = [v * v for v in x]\nreturn a[1].astype(np.float32) * x, a[2]"),
    # what is asked of types
    "result_type": ("x=M(4).astype(np.float32), i=array([3, 0])",
                    "return np.zeros(4, np.result_type(x, 1.0)) + x, np.result_type(i, 1.0).itemsize"),
    "promote_types": ("x=M(4)", "return x.astype(np.promote_types(np.float32, np.int8)) * 2.0"),
    "ldexp": ("x=M(4), t=3.5", "return np.ldexp(t, 2) * np.ldexp(x, [1, 2, 3, 0])"),
    "isscalar": ("x=M(4), t=3.5", "return x * np.isscalar(t) * np.isscalar(x[0]) * (not np.isscalar(x)) * np.isrealobj(x)"),
    "isreal": ("x=M(4), t=3.5", "return x * np.isreal(x) * np.isreal(t) + np.iscomplex(x)"),
    # functions that are told in Python, with all that they take
    "reduceat": ("x=M(7), y=M(3, 4)", "return np.add.reduceat(x, [0, 4, 1, 6]), np.hypot.reduceat(y, [0, 2], axis=1)"),
    "reduceat of integers": ("x=M(4), i=array([3, 0, 2, 1])", "return np.add.reduceat(i, [0, 2])[0] * x"),
    "reduce along all": ("x=P(2, 3)", "return np.logaddexp.reduce(x, axis=None), np.hypot.reduce(x, axis=(0, 1), keepdims=True)"),
    "reduce what is chosen": ("x=P(2, 3)", "return np.hypot.reduce(x, where=x > 0.7, initial=0.25)"),
    "reduce in double": ("x=P(2, 3).astype(np.float32)", "return np.maximum.reduce(x, 0, np.float64), np.add.reduce(x, 1, float)"),
    "nansum of what is chosen": ("x=M(2, 3)", "return np.nansum(x * x, where=x > 0.0, initial=1.5), np.nanmean(x, where=[True, False, True])"),
    "out of what has no rule": ("x=M(2, 3)", "out = np.empty(3)\nnp.nanmean(x, axis=0, out=out)\nreturn out * x"),
    "out behind the axis": ("x=M(2, 3)", "out = np.empty(3)\nnp.sum(x, 0, None, out)\nnp.median(x, 0, out)\nreturn out * x"),
    "windows": ("x=M(8)", "return np.lib.stride_tricks.sliding_window_view(x, 3).max(axis=-1)"),
    "windows of a matrix": ("x=M(4, 5)", "w = np.lib.stride_tricks.sliding_window_view(x, (2, 3))\nreturn (w * w).sum(axis=(2, 3))"),
    "windows twice along an axis": ("x=M(6)", "return np.lib.stride_tricks.sliding_window_view(x, (2, 2), (0, 0)) * 2.0"),
    "windows see what is stored": ("x=M(8)", "w = np.lib.stride_tricks.sliding_window_view(x, 3)\nx[0] = 5.0\nx[3:] *= 2.0\nreturn w * w"),
    "broadcast_shapes": ("x=M(3), y=M(2, 1)", "return np.zeros(np.broadcast_shapes(x.shape, y.shape)) + x * y"),
    # no axis
    "an axis of a scalar": ("x=M(4), s=np.float64(2.5)", "return np.sum(s[None] * x) + s[..., None][0]"),
    "gradient in half precision": ("x=M(4)", "return np.gradient(x.astype(np.float16)).astype(np.float64)", "any"),
    "vander of small integers": ("x=M(4), n=np.uint8(3)", "return np.vander(x, n)"),
}
RAISES = {
    "in place, of a slice": ("x=M(4), i=array([3, 0, 2, 1])", "i[1:] += 1.9\nreturn x * i"),
    "in place, of a mask": ("x=M(4), i=array([3, 0, 2, 1])", "i[i > 1] += 1.9\nreturn x * i"),
    "in place, of all but axes": ("x=M(4), i=array([3, 0, 2, 1])", "i[0, ...] += 1.9\nreturn x * i"),
    "where of integers": ("x=M(4), i=array([3, 0, 2, 1])", "return np.sum(x, where=i)"),
    "where of integers, of a ufunc": ("x=M(4), i=array([3, 0, 2, 1])", "return np.add(x, x, where=i, out=np.zeros(4))"),
    "put by unsigned": ("x=M(4), i=array([3, 0, 2, 1], np.uint64)", "np.put(x, i, 0.0)\nreturn x"),
    "put by floats": ("x=M(4), i=array([3.0, 0.0])", "np.put(x, i, 0.0)\nreturn x"),
    "a number that does not fit": ("x=M(4), n=256", "return np.uint8(n) * x"),
    "a store into windows": ("x=M(8)", "w = np.lib.stride_tricks.sliding_window_view(x, 3)\nw[0, 0] = 5.0\nreturn w"),
    "a window that is too long": ("x=M(2)", "return np.lib.stride_tricks.sliding_window_view(x, 3)"),
    "pad by unsigned": ("x=M(4), k=np.uint8(3)", "return np.pad(x, k)"),
    "a power by a truth value": ("x=M(2, 2), k=np.bool_(True)", "return np.linalg.matrix_power(x, k)"),
    "initial is not a whole number": ("x=M(4), i=array([3, 0, 2, 1])", "return np.sum(i, initial=np.nan) * x"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_numpy(name):
    word, more = judged(Program(name, *PROGRAMS[name]))
    assert word in RIGHT, more


@pytest.mark.parametrize("name", RAISES)
def test_raises_or_is_refused(name):
    program = Program(name, *RAISES[name])
    with pytest.raises((TypeError, ValueError, OverflowError)):
        program.function()(*program.values.values())
    assert judged(program)[0] in ("right", "error")


def test_the_caller_keeps_what_a_scalar_type_hands_on():
    def f(x):
        y = np.float64(x)
        y[0] = 9.0
        return np.sum(x * y)
    x = X.copy()
    np.testing.assert_array_equal(grad(f, check="off")(x), [0.0, *(2.0 * X[1:])])
    np.testing.assert_array_equal(x, X)


def test_a_dtype_is_given_back_as_one():
    _, dtype = grad(lambda x: (np.sum(x), x.dtype), has_aux=True, check="off")(X)
    assert isinstance(dtype, np.dtype)


def test_the_gradient_of_a_scalar_with_an_axis_is_a_scalar():
    assert type(grad(lambda s: np.sum(s[None]), check="off")(np.float64(2.0))) is np.float64


def test_half_precision_is_a_cast():
    value, bar = value_and_grad(lambda x: np.sum(np.float16(x) * np.float16(2.0)), check="off")(X)
    assert value.dtype == np.float16
    np.testing.assert_allclose(bar, np.full(4, 2.0))


def test_an_order_is_that_of_each_sample():
    rows = np.array([[3.0, 1.0, 2.0], [1.0, 5.0, 4.0]])
    given = vmap(lambda x: sorted(x)[1] * sorted([float(x[0]), float(x[2])])[1])(rows)
    np.testing.assert_array_equal(given, [6.0, 16.0])


def test_bytes_in_another_order_are_said():
    swapped = X.astype(X.dtype.newbyteorder())
    with pytest.raises(CannotDifferentiate, match="bytes in another order") as caught:
        grad(lambda x: np.sum(x * x))(swapped)
    assert "x.astype(float)" in str(caught.value)


@pytest.mark.parametrize("f", [
    lambda x, n: np.sum(np.uint8(n) * x), lambda x, n: np.sum((I < 2 ** 70) * x)])
def test_refused_for_numba(f):
    with pytest.raises(CannotDifferentiate):
        grad(f, backend="numba", check="off")(X, 3)
