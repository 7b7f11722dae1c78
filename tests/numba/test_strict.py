"""The interpreter of texts for Numba: numbers as Numba has them, and what compiled code does not check is noticed."""


import numba
import numpy as np
import pytest

from ad_compiler import value_and_grad
from ad_compiler.jit import compile as compile_
from ad_compiler.jit.texts import run_kept
from tests.numba.strict.interpreter import interpreted, run
from tests.numba.strict.memory import Broken

ARITHMETIC = """
@numba.njit(error_model="numpy")
def f(a, b):
    return a + b, a - b, a * b, a / b, a // b, a % b, -a
"""
POWER = '@numba.njit(error_model="numpy")\ndef f(a, b):\n    return (a ** b,)\n'
BITS = """
@numba.njit(error_model="numpy")
def f(a, b):
    return a & b, a | b, a ^ b, a << (b & 15), a >> (b & 15)
"""
INTS = [0, 1, -1, 7, -3, 2 ** 62, -2 ** 63]
FLOATS = [0.0, 1.5, -2.5, 1e300, np.inf, np.nan]


def compiled(text):
    space = {"numba": numba, "np": np}
    exec(text, space)
    return space["f"]


def assert_same(found, wanted, about):
    for n, (one, other) in enumerate(zip(found, wanted, strict=True)):
        assert type(one) is type(other), (about, n, one, other)
        assert one == pytest.approx(other, rel=1e-14, nan_ok=True), (about, n, one, other)


@pytest.mark.parametrize(("text", "left", "right"), [
    (ARITHMETIC, INTS, INTS), (ARITHMETIC, FLOATS, FLOATS), (ARITHMETIC, INTS, FLOATS),
    (ARITHMETIC, [np.float32(0.1), np.float32(3e38)], FLOATS), (ARITHMETIC, [np.float32(0.1)], [np.float32(3e38)]),
    (POWER, INTS, [0, 1, 5, 64, -1, -2]), (POWER, FLOATS, FLOATS), (POWER, INTS, FLOATS), (POWER, FLOATS[1:], [0, 3, -2]),
    (ARITHMETIC, [np.int8(100)], [np.int8(100)]), (ARITHMETIC, [True], [True]), (BITS, INTS, INTS),
], ids=["integers", "floats", "mixed", "single and double", "single", "power", "power of floats",
        "power of an integer", "integer power", "small", "truth values", "bits"])
def test_numbers_are_those_of_numba(text, left, right):
    ours, theirs = run(text), compiled(text)
    for a in left:
        for b in right:
            assert_same(ours(a, b), theirs(a, b), (a, b))


def test_zero_to_a_negative_power():
    for f in run(POWER), compiled(POWER):
        assert f(0.0, -2.0) == (np.inf,)
        with pytest.raises(ZeroDivisionError):
            f(0.0, -2)


def test_unsigned_indices_add_up_to_signed_ones():
    text = "@numba.njit\ndef f(k):\n    u = np.uint64(k)\n    return u + 1, u - 9, u + u, 2 * u\n"
    assert_same(run(text)(3), compiled(text)(3), "unsigned")


@pytest.mark.parametrize("x", [np.array([0.5, 2.0], np.float32), np.array([1, 100], np.int8), np.array([True, False])],
                         ids=str)
def test_arrays_have_the_types_of_numba(x):
    text = "@numba.njit\ndef f(x):\n    return x + 2.0, x + 2, x + x, x[0] + x[1], x[1] * 2.0\n"
    for ours, theirs in zip(run(text)(x), compiled(text)(x), strict=True):
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("function", ["exp", "log", "sqrt", "log1p", "expm1", "cosh", "acos", "atanh", "log10"])
def test_math_raises_nothing(function):
    text = f"@numba.njit\ndef f(x):\n    return math.{function}(x)\n"
    for x, raises in ((0.3, False), (-1.5, None), (1000.0, None), (0.0, None), (1.0, None)):
        found = run(text)(x)
        assert isinstance(found, float)
        with np.errstate(all="ignore"):
            name = {"acos": "arccos", "atanh": "arctanh"}.get(function, function)
            np.testing.assert_allclose(found, getattr(np, name)(np.float64(x)), rtol=1e-14)


M, V, AT = np.arange(9.0).reshape(3, 3), np.arange(3.0), np.array([0, 2])

BROKEN = {
    "read beyond the end": ("return x[v.shape[0]]", "index 3"),
    "read before the start": ("return x[1, -4]", "index -4"),
    "written beyond the end": ("x[3, 0] = 1.0", "index 3"),
    "changed beyond the end": ("x[0, 3] += 1.0", "index 3"),
    "not negative": ("return x[np.uint64(k - 3)]", "non-negative"),
    "unsigned and beyond": ("return v[np.uint64(k + 2)]", "index 3"),
    "more indices than axes": ("return v[0, 0]", "more indices"),
    "place beyond": ("return v[at + 1]", "array of indices"),
    "place written beyond": ("v[at + 1] = 0.0", "array of indices"),
    "added at a place beyond": ("add_at(v, at + 1, v[:2])", "array of indices"),
    "another mask": ("return v[x[:2, 0] > 0.0]", "mask"),
    "number that is no index": ("return v[1.0]", "an index that is"),
    "product over its operand": ("np.dot(x, x.copy(), out=x)", "own operand"),
    "product over a part": ("np.dot(x, x[0], out=x[1])", "own operand"),
    "product into a column": ("np.dot(x, v, out=x.copy()[:, 0])", "not contiguous"),
    "product of two types": ("return x @ x.astype(np.float32)", "a product of"),
    "product of integers": ("return np.dot(at, at)", "a product of"),
    "in place, turned": ("x += x.T", "lies otherwise"),
    "in place, shifted": ("v[1:] += v[:-1]", "lies otherwise"),
    "in place, too long": ("v[1:] += v.copy()", "changed in place by one of shape"),
    "shift": ("return k << -k", "a shift by -1"),
    "sum into its own memory": ("np.sum(x, 0, out=x[0])", "own operand"),
    "race for a sum": ("for i in numba.prange(3):\n        v[0] += x[i, i]", "one iteration"),
    "race for a row": ("for i in numba.prange(3):\n        x[i, :] = x[0, :]", "one iteration"),
    "race for a view": ("w = x[1:]\n    for i in numba.prange(2):\n        w[i, 0] = x[i, 0]", "one iteration"),
    "race for a product": ("for i in numba.prange(3):\n        v[:] = x @ v", "one iteration"),
    "race in place": ("for i in numba.prange(3):\n        v += x[i]", "one iteration"),
}


@pytest.mark.parametrize(("line", "message"), BROKEN.values(), ids=BROKEN)
def test_what_compiled_code_does_not_check(line, message):
    f = run(f"@numba.njit\ndef f(x, v, at, k):\n    {line}\n")
    with pytest.raises(Broken, match=message):
        f(M.copy(), V.copy(), AT.copy(), 1)


@pytest.mark.parametrize(("line", "wanted"), [
    ("return x[-3, 2], v[np.uint64(k)], x[k:9].shape, v[at][1]", (2.0, 1.0, (2, 3), 2.0)),
    ("np.dot(x, x, out=y)\n    return y[0, 0]", 15.0),
    ("x += x\n    x[0] += x[1]\n    return x[0, 0]", 6.0),
    ("x[1:] = x[:-1]\n    return x[2, 0]", 3.0),
    ("x[0] += x[1] * 2.0\n    x += 2.0 * x.T\n    return x[0, 1]", 15.0),
    ("x[:, at] *= 2.0\n    return x[1, 1], x[1, 2]", (4.0, 10.0)),
    ("s = 0.0\n    for i in numba.prange(3):\n        w = x[i] * 1.0\n        s += w[1]\n        y[i] = w\n    return s", 12.0),
    ("for i in numba.prange(3):\n        w = empty(3)\n        w[:] = x[i]\n        y[:, i] = w\n    return y[1, 2]", 7.0),
    ("a, x[0, 0] = 3.0, 4.0\n    return a + x[0, 0]", 7.0),
])
def test_what_is_allowed(line, wanted):
    f = run(f"@numba.njit\ndef f(x, v, at, k, y):\n    {line}\n")
    assert f(M.copy(), V.copy(), AT.copy(), 1, np.empty((3, 3))) == wanted


def test_new_memory_is_poisoned():
    f = run("@numba.njit\ndef f(n):\n    return empty(n), np.empty((n, 2)), empty_like(np.ones(n)), empty(n, np.int64)\n")
    *floats, whole = f(3)
    assert all(np.isnan(array).all() for array in floats)
    assert whole.min() > 2 ** 62
    truth = run("@numba.njit\ndef f(n):\n    return empty(n, np.bool_)\n")(64)
    assert 0 < truth.sum() < 64


def test_parallel_loops_have_no_order():
    f = run("@numba.njit\ndef f(n):\n    last = -1\n    for i in numba.prange(n):\n        last = i\n    return last\n")
    assert any(f(n) != n - 1 for n in (5, 6, 7))


def test_an_error_ends_a_parallel_loop():
    f = run("@numba.njit\ndef f(v, n):\n    for i in numba.prange(3):\n        v[0 * n + i * (1 - n)] = v[i + n]\n")
    with pytest.raises(Broken):
        f(V.copy(), 1)
    f(V.copy(), 0)


def test_results_are_those_of_python():
    result = run("@numba.njit\ndef f(x):\n    return np.sum(x), x[0] > 0, [np.sum(x)], (x.shape[0] * 2,), np.uint64(2)\n")(V)
    assert list(map(type, result)) == [float, bool, list, tuple, int]
    assert type(result[2][0]) is float


def squares(x):
    return np.sum(x[1:] * x[:-1])


def test_what_was_compiled_for_the_other_way_is_forgotten():
    before = compile_.run_kept
    gradient = value_and_grad(squares, backend="numba")
    with interpreted():
        gradient(V)
        assert not hasattr(gradient._last.compiled.emitted.function, "py_func")
        inside = compile_.run_kept
    assert compile_.run_kept is before
    assert inside is not run_kept
    assert gradient.cache_info().currsize == 0
    gradient(V)
    assert hasattr(gradient._last.compiled.emitted.function, "py_func") is (before is run_kept)


def test_the_line_of_a_text_is_told():
    f = run("@numba.njit\ndef f(x):\n    y = x\n\n    return y[9]\n")
    with pytest.raises(Broken) as caught:
        f(V)
    assert [entry.lineno + 1 for entry in caught.traceback if str(entry.path).startswith("<interpreted")] == [5]


