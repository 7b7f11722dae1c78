"""Lengths through arithmetic and shapes; operands of unknown rank; calls that no rule covers."""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import ad_compiler.rules.load  # noqa: F401
from ad_compiler import grad
from ad_compiler.kinds import FLOAT, INT, UNKNOWN, NotStatic, Num, Seq, Shape, Sym
from ad_compiler.rules import registry
from ad_compiler.rules.dims import at_most, minus, over, plus, times
from ad_compiler.testing import length
from tests.groups import in_groups

n, m = Sym("n", True), Sym("m", True)
N = Num("int64", (), "py", length=n)
x = Num("float64", (n, m))


def kind(fn, *args, **kwargs):
    return registry.lookup(fn).kind(*args, **kwargs)


@given(st.recursive(st.integers(0, 4) | st.builds(Sym, st.integers(0, 5)), lambda d: st.one_of(
    st.builds(plus, d, d), st.builds(times, d, d), st.builds(minus, d, st.integers(0, 3)),
    st.builds(at_most, d, st.integers(0, 3)), st.builds(over, d, st.integers(1, 3))), max_leaves=8))
@settings(max_examples=500, deadline=None)
def test_symbolic_lengths_are_numbers(dim):
    assert length(dim) >= 0
    assert isinstance(dim, int) or not dim.not_one or length(dim) != 1 or dim.key == 1


@given(st.integers(0, 5), st.integers(0, 4), st.integers(0, 4), st.integers(1, 4))
@settings(max_examples=500, deadline=None)
def test_arithmetic_on_lengths(size, j, k, d):
    s = Sym(size)
    assert length(minus(minus(s, j), k)) == max(max(size - j, 0) - k, 0)
    assert length(minus(plus(s, j), k)) == max(size + j - k, 0)
    assert length(at_most(minus(s, j), k)) == min(max(size - j, 0), k)
    assert length(minus(at_most(s, j), k)) == max(min(size, j) - k, 0)
    assert length(over(times(s, d), d)) == size
    assert length(at_most(plus(s, j), k)) == min(size + j, k)


def test_integers_that_are_lengths():
    assert kind(np.zeros, kind(operator.sub, N, 1)).shape == kind(operator.getitem, x, slice(1, None)).shape[:1]
    assert kind(np.zeros, kind(operator.add, 1, N)).shape == (plus(n, 1),)
    assert kind(np.zeros, kind(operator.mul, N, 2)).shape == (times(n, 2),)
    assert kind(np.reshape, kind(np.zeros, kind(operator.mul, N, 2)), (-1, 2)).shape == (n, 2)
    assert kind(operator.add, kind(operator.sub, N, 1), 1).length is None   # 0 where n is 0, and no length says so
    assert kind(len, x).length == n
    assert kind(np.size, x).length == times(n, m)
    assert kind(np.ndim, x).length == 2
    assert kind(np.shape, x) == Shape((n, m))
    assert kind(np.zeros, Shape((n, m))).shape == (n, m)
    assert kind(np.arange, N).shape == (n,)
    assert kind(np.arange, 1, N).shape == (minus(n, 1),)


def test_lengths_through_shapes():
    assert kind(np.transpose, x).shape == (m, n)
    assert kind(np.reshape, x, -1).shape == (times(n, m),)
    assert kind(np.reshape, kind(np.reshape, x, -1), (N, -1)).shape == (n, m)
    assert kind(np.concatenate, [x, x]).shape == (plus(n, n), m)
    assert kind(np.stack, [x, x], 1).shape == (n, 2, m)
    assert kind(operator.matmul, x, kind(np.transpose, x)).shape == (n, n)
    assert kind(np.array, [FLOAT, 1.0]).shape == (2,)
    assert kind(np.array, Seq(FLOAT, n)).shape == (n,)
    assert kind(np.pad, x, 1).shape == (plus(n, 2), plus(m, 2))
    assert kind(operator.getitem, kind(np.pad, x, 1), (slice(1, -1), slice(2, None))).shape == (n, m)


@pytest.mark.parametrize("fn", [np.exp, np.sum, np.max, operator.add, operator.matmul, np.where, np.ravel, np.cumsum])
def test_unknown_rank(fn):
    args = {operator.add: (UNKNOWN, UNKNOWN), operator.matmul: (UNKNOWN, UNKNOWN), np.where: (UNKNOWN,) * 3}
    result = kind(fn, *args.get(fn, (UNKNOWN,)))
    if fn in (np.sum, np.max):
        assert result.shape == ()
    elif fn in (np.ravel, np.cumsum):
        assert result.ndim == 1
    else:
        assert (result.shape, result.form) == (None, "any")


@pytest.mark.parametrize(("fn", "args", "message"), [
    (np.sum, (x, INT), "an axis must be known"),
    (np.sum, ([FLOAT, FLOAT],), "np.array"),
    (np.linalg.norm, (x, 2), "no rule"),
    (np.linalg.norm, (x, 3, 0), "no rule"),
    (np.prod, (x, (0, 1)), "several axes"),
    (np.diff, (x, 2), "n=1"),
    (np.pad, (x, 1, "edge"), "constant"),
    (np.einsum, ("...i->i", x), "ellipsis"),
    (np.concatenate, (Seq(x, n),), "known before"),
    (np.diagonal, (Num("float64", (2, 3, 4)),), "more than two axes"),
    (np.exp, ("text",), "str where an array is expected"),
])
def test_not_covered(fn, args, message):
    with pytest.raises(NotStatic, match=message):
        kind(fn, *args)


@pytest.mark.parametrize(("fn", "args"), [
    (operator.add, (Num("float64", (2,)), Num("float64", (3,)))),
    (operator.matmul, (Num("float64", (2, 3)), Num("float64", (2, 3)))),
    (operator.matmul, (x, 2.0)),
    (np.sum, (x, 2)),
    (np.expand_dims, (x, 5)),
    (np.transpose, (x, (0, 0))),
    (np.reshape, (x, (-1, -1))),
    (np.stack, ([x, Num("float64", (n,))],)),
    (np.concatenate, ([],)),
    (np.einsum, ("ij,jk->ik", x)),
    (np.einsum, ("i->i", x)),
    (np.linalg.inv, (Num("float64", (n,)),)),
])
def test_calls_that_numpy_would_not_take(fn, args):
    with pytest.raises(ValueError):
        kind(fn, *args)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("fn", [np.exp, np.sqrt, np.sum, np.mean, np.cumsum, np.prod, np.max, np.absolute, np.floor,
                                np.linalg.norm, np.trace, np.sign, np.isnan])
def test_dtypes(fn, dtype):
    if fn is np.sign and dtype == "bool":
        return
    a = np.ones((2, 2), dtype)
    assert kind(fn, Num(dtype, (2, 2))).dtype == str(np.asarray(fn(a)).dtype)


DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "int64", "float32", "float64")


def test_functions_of_elements_give_what_numpy_says():
    known = [fn for fn in registry.all_rules() if isinstance(fn, np.ufunc) and fn.signature is None and fn.nout == 1]
    assert len(known) > 60
    for fn in known:
        for dtypes in itertools.product(DTYPES, repeat=fn.nin):
            try:
                wanted = fn.resolve_dtypes((*map(np.dtype, dtypes), None))[-1]
                found = kind(fn, *(Num(dtype, (n,)) for dtype in dtypes))
            except TypeError:
                continue
            assert found.dtype == str(wanted), f"{fn.__name__} of {dtypes}"


@pytest.mark.parametrize("fn", [operator.mod, operator.floordiv, operator.pow, operator.lshift, operator.rshift])
@pytest.mark.parametrize("other", [np.array([True]), True, 2, 3, np.bool_(True), np.int8(2)])
def test_operators_of_truth_values(fn, other):
    given = other if type(other) in (bool, int) else Num(
        str(other.dtype), (n,) if np.ndim(other) else (), "array" if np.ndim(other) else "np")
    assert kind(fn, Num("bool", (n,)), given).dtype == str(fn(np.array([True]), other).dtype)


LEFT = [2, 2.0, np.float32(2), np.float64(2), np.ones(2, "float32"), np.ones(2, "int8"), True]
RIGHT = [3, 3.0, np.float32(3), np.int8(3), np.ones(2), np.ones(2, "int16")]
MIXED = [operator.add, operator.mul, operator.truediv, operator.pow, operator.floordiv, operator.lt, np.add,
         np.true_divide, np.maximum, np.power, np.where, np.dot]


@in_groups(list(itertools.product(MIXED, RIGHT, LEFT)), lambda case: f"{case[0].__name__} {case[2]!r} {case[1]!r}")
def test_mixed_operands(case):
    fn, right, left = case
    from ad_compiler.kinds import kind_of_value
    from ad_compiler.testing import agrees

    args = (True, left, right) if fn is np.where else (left, right)
    kinds = [kind_of_value(a, "a") for a in args]
    fixed = [Num(k.dtype, (2,) if np.ndim(a) else (), k.form) for k, a in zip(kinds, args)]
    agrees(fn, kind(fn, *fixed), fn(*args))


def test_numbers_of_python_are_arrays_for_einsum():
    """A cotangent that is a number must not make a gradient of double precision."""
    def f(a, x):
        return np.einsum("i,ij,j->", x, a, x) + np.einsum("ii", a) + np.einsum("ij->", a) + np.einsum(",i->i", 2.0, x).sum()
    a, x = np.ones((3, 3), np.float32), np.ones(3, np.float32)
    a_bar, x_bar = grad(f, argnums=(0, 1))(a, x)
    assert (a_bar.dtype, x_bar.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(x_bar, 2 * 3 * x + 2.0)
    np.testing.assert_allclose(a_bar, np.outer(x, x) + np.eye(3) + 1.0)
