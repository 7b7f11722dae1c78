"""Where numbers of both precisions, and Python's, meet: values and derivatives have the types that they have in Python."""

import itertools
import math

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, jvp, value_and_grad, vjp, vmap
from tests.fd import assert_kind

W = np.linspace(0.5, 1.5, 3)
W32 = W.astype(np.float32)


def bent(z):
    return np.sin(z)


def folded(a, z):
    return 0.5 * z if len(a) < 2 else folded(a[1:], z) + a[0]


def based(a, z):
    return 1.0 if len(a) == 0 else z * based(a[1:], z)


def chained(x, y, p):
    return sum(itertools.chain(x, y, W)) * p


def inside(x, y, p):
    return np.sum(x * grad(bent)(p)) + jvp(bent, (p,), (p,))[1] * y[0]


def pulled(x, y, p):
    return np.sum(x * vjp(bent, p)[1](p)[0]) + y.sum()


def scaled(z, w):
    return z * w


def level(z, w):
    return 0.5


def inside_of_sum(x, y, p):
    return np.sum(value_and_grad(scaled)(sum(x), p)) * y[0]


def level_of_sum(x, y, p):
    s = 0.0
    for v in y:
        s += v
    return grad(level)(s, p) + x[0] * p + value_and_grad(level)(sum(x), 0.5)[1]


def along_a_sum(x, y, p):
    s = p if x[0] > 0.3 else y[1]
    return jvp(scaled, (sum(x), p), (sum(y), 1.0))[1] + jvp(level, (s, p), (s, p))[1] * grad(scaled)(s, p)


def called(x, y, p):
    return np.sum(W + folded(x, p)) + folded(y, p)


def from_one(x, y, p):
    return based(x, p) + based(y, x[0])


def accumulated(x, y, p):
    s = 0
    for i in range(len(x)):
        s = s + x[i] * p
    return s * y[0] * p


def accumulated_float(x, y, p):
    s = 0.0
    for v in x:
        s += v
    return s * p + y[1]


def empty_loop(x, y, p):
    s = p
    for v in x[:0]:
        s = s * v
    return s * y[0]


def widened(x, y, p):
    s = x[0]
    for i in range(len(y)):
        s = s * y[i] + p
    return s


def two_arms(x, y, p):
    s = x[0] if x[1] > 0.9 else y[0] * 2.0
    t = p if y[1] > 0.1 else x[2]
    return s * t


def early(x, y, p):
    for i in range(len(x)):
        if x[i] > 0.5:
            return x[i] * p
    return y[0] * p


def stores(x, y, p):
    a = np.zeros_like(x)
    for i in range(len(x)):
        a[i] = y[i] * p
    b = y.copy()
    b[1:] += x[1:]
    return np.sum(a) + b @ W32


def in_list(x, y, p):
    rows = [x[0], y[0], p]
    rows[1] = rows[0] * rows[2]
    rows.append(x[1] * y[1])
    return sum(rows) + max(rows) + math.sin(p) + min(x[0], p)


def in_dict(x, y, p):
    d = {"a": x, "b": y}
    d["c"] = d["a"][int(np.argmax(y))] * p
    return sum(v.sum() for v in d.values())


def while_loop(x, y, p):
    s, i = p, 0
    while i < 2:
        s, i = s * x[i], i + 1
    return s + y[np.argmax(x)]


def casts(x, y, p):
    return np.float64(p) * y[0] + float(x[0]) * x[1] + np.float64(x[2]) * (y > 0.4).sum()


def chosen(x, y, p):
    return np.where(x > 0.5, p, y).sum() + np.where(x > 0.3, p, 0.5).sum() * x[0]


def to_out(x, y, p):
    s = 0
    for v in x:
        s = s + v * 2.0
    out = np.zeros_like(x)
    np.dot(np.outer(x, x), x * s, out=out)
    return out.sum() * p + y[0]


FUNCTIONS = [chained, inside, pulled, called, from_one, accumulated, accumulated_float, empty_loop, widened, two_arms,
             early, stores, in_list, in_dict, while_loop, casts, chosen, to_out,
             inside_of_sum, level_of_sum, along_a_sum]
X, Y, P = np.array([0.25, 0.75, 0.4375]), np.array([1.25, 0.375, 0.625]), 0.75
GIVEN = {"ssp": (np.float32, np.float32, float), "sds": (np.float32, float, np.float32),
         "dsp": (float, np.float32, float), "dss": (float, np.float32, np.float32),
         "sdd": (np.float32, float, np.float64), "ssd": (np.float32, np.float32, np.float64)}


def given(form):
    one, other, number = GIVEN[form]
    return X.astype(one), Y.astype(other), number(P)


def slope(f, args, along):
    """Differences in double precision."""
    def at(h):
        return float(f(*(np.asarray(a, float) + h * d if np.ndim(a) else float(a) + h * d
                         for a, d in zip(args, along, strict=True))))
    return (at(1e-5) - at(-1e-5)) / 2e-5


@pytest.mark.parametrize("form", GIVEN)
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_types_and_slopes(f, form):
    args = given(form)
    want = f(*given(form))
    value, bars = value_and_grad(f, (0, 1, 2))(*args)
    assert_kind(value, want)
    assert np.isclose(value, want, rtol=1e-5)
    for bar, arg in zip(bars, args, strict=True):
        assert_kind(bar, arg)
    rng = np.random.default_rng(3)
    along = [rng.normal(size=3), rng.normal(size=3), rng.normal()]
    wanted = slope(f, args, along)
    assert np.isclose(sum(np.sum(b * d) for b, d in zip(bars, along, strict=True)), wanted, rtol=1e-4, atol=1e-4)
    tangents = tuple(type(a)(d) if np.ndim(a) == 0 else d.astype(a.dtype) for a, d in zip(args, along, strict=True))
    out, dot = jvp(f, args, tangents)
    assert_kind(out, want)
    assert_kind(dot, want)
    assert np.isclose(dot, wanted, rtol=1e-4, atol=1e-4)
    out, pullback = vjp(f, *args)
    assert_kind(out, want)
    for bar, arg in zip(pullback(type(out)(1.0)), args, strict=True):
        assert_kind(bar, arg)


@pytest.mark.parametrize("form", ["ssp", "sds", "dsp"])
@pytest.mark.parametrize("f", FUNCTIONS[:12], ids=lambda f: f.__name__)
def test_second_derivatives(f, form):
    args = given(form)

    def of_number(x, y, p):
        return grad(f, 2)(x, y, p)
    value, bars = value_and_grad(of_number, (0, 1, 2))(*args)
    assert_kind(value, of_number(*args))
    for bar, arg in zip(bars, args, strict=True):
        assert_kind(bar, arg)
    along = [np.ones(3), -np.ones(3), 0.5]
    wanted = slope(grad(f, 2), args, along)
    assert np.isclose(sum(np.sum(b * d) for b, d in zip(bars, along, strict=True)), wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("f", [accumulated, widened, stores, chosen, inside], ids=lambda f: f.__name__)
def test_of_each_sample(f):
    x, y, p = given("ssp")
    found = vmap(grad(f, (0, 1)), (0, 0, None))(np.stack([x, x]), np.stack([y, y]), p)
    for batch, one in zip(found, grad(f, (0, 1))(x, y, p), strict=True):
        assert batch.dtype == one.dtype
        assert np.allclose(batch, [one, one], rtol=1e-5)


@pytest.mark.parametrize("fn", [np.putmask, np.place])
def test_written_under_a_mask(fn):
    def f(x, v):
        a = x * 2.0
        fn(a, x > 0.3, v)
        return a.sum()
    x, v = X.astype(np.float32), Y
    with pytest.raises(TypeError, match="Cannot cast"):
        f(x, v)
    with pytest.raises(CannotDifferentiate, match="no array of float64 into one of float32"):
        grad(lambda x: f(x, np.left_shift(1, np.argsort(0.5)) * 0.5))(x)
    with pytest.raises(CannotDifferentiate, match="no array of float64 into one of float32"):
        grad(f)(x, v)
    for values in (v.astype(np.float32), v):
        given = x if values is not v else X
        bar = grad(f)(given, values)
        assert bar.dtype == given.dtype
        assert np.array_equal(bar, [2.0, 0.0, 0.0])


def asked_for_the_dtype(x):
    s = 0.0
    for v in x:
        s = s + v
    return np.sum(x) * np.array([s]).itemsize


def asked_after_a_branch(x):
    s = 1.0
    if x[0] > 0.0:
        s = x[1]
    return np.sum(x * np.ones(3, (s * x).dtype))


def asked_of_whole_numbers(x):
    a = np.arange(3) if x[0] > 0.0 else x * 1.0
    return np.sum(x) * (a.dtype == float)


@pytest.mark.parametrize("f", [asked_for_the_dtype, asked_after_a_branch, asked_of_whole_numbers], ids=lambda f: f.__name__)
def test_a_dtype_that_the_run_decides(f):
    with pytest.raises(CannotDifferentiate, match="the dtype of this is not known"):
        grad(f)(X.astype(np.float32))
    assert value_and_grad(asked_for_the_dtype)(X)[0] == asked_for_the_dtype(X)


def whole_in_one_arm(x):
    a = x * 1.0
    if x[0] > 0.0:
        a = np.zeros(3, int)
    a[1:] = x[1:] * 4.0
    return np.sum(a)


def whole_after_a_loop(x):
    held = {"a": x * 1.0}
    while True:
        held["a"] = np.arange(0.5, dtype=np.uint8)
        if x[0] > 0.0:
            break
    held["a"].flat[:] = x * 4.0
    return np.sum(held["a"])


def whole_at_first(x):
    a = np.zeros(3, int)
    for i in range(3):
        a[i] = x[i] * 4.0
        a = a * 0.5
    return np.sum(a)


def whole_in_a_copy(x):
    a = (np.arange(3) if x[0] > 0.0 else x).copy()
    np.multiply(x, 4.0, out=a, where=x > 0.0)
    return np.sum(a)


@pytest.mark.parametrize("f", [whole_in_one_arm, whole_after_a_loop, whole_at_first, whole_in_a_copy], ids=lambda f: f.__name__)
def test_floats_into_what_may_be_of_whole_numbers(f):
    with pytest.raises(CannotDifferentiate, match="may be an array of whole numbers|cannot be written"):
        grad(f, check="off")(X)


def made_of_floats(x):
    a = np.zeros(3, int)
    for i in range(2):
        a = a + x * i
    a[0] = x[1]
    return np.sum(a * x)


def test_floats_into_what_is_made_of_floats():
    slope = grad(made_of_floats, check="off")(X)
    assert np.allclose(slope, [(made_of_floats(X + e) - made_of_floats(X - e)) / 2e-6 for e in 1e-6 * np.eye(3)])


@pytest.mark.parametrize("f", [lambda x: x * math.trunc(x), lambda x: vjp(lambda z: np.sum(np.float64(0.5) * z), X)[1](x)[0][0]],
                         ids=["trunc", "cotangent"])
def test_what_numpy_does_not_do_in_single_precision(f):
    with pytest.raises(TypeError):
        f(np.float32(1.5))
    with pytest.raises(CannotDifferentiate):
        grad(f, check="off")(np.float32(1.5))


def test_a_read_behind_an_ellipsis_that_is_not_needed():
    def f(x):
        m = np.outer(x, x)
        for i in range(4):
            m[0, ..., i]
        return np.sum(x)
    for backend in ("numpy", "numba"):
        with pytest.raises(IndexError):
            grad(f, check="off", backend=backend)(X)


@pytest.mark.parametrize("tangent", [0.3, 0.7])
def test_a_tangent_of_python_has_the_digits_of_what_it_belongs_to(tangent):
    def f(x, p):
        w = np.float32(x[0])
        return jvp(scaled, (x[1], w), (x[2], 0.3))[1] + jvp(scaled, (x[2], w), (x[1], p))[1] * 2.0
    x = np.array([50.3, 51.7, 52.9])
    value, _ = value_and_grad(f, (0, 1), check="off")(x, tangent)
    assert np.isclose(value, f(x, tangent), rtol=1e-15)
