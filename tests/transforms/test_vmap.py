"""`vmap` as it is called: axes, containers, errors, and transforms of transforms."""

import functools
import pickle

import numpy as np
import pytest

from ad_compiler import BatchError, CannotDifferentiate, grad, value_and_grad, vmap
from tests.batch.against import check_vmap


def product(x, y):
    return x * y


def cubes(x):
    return np.sum(x ** 3)


def log_or_square(x):
    if x > 0:
        return np.log(x)
    return -x * x


X = np.arange(6.0).reshape(3, 2)


# -- where the samples stand -------------------------------------------------------------------------------


@pytest.mark.parametrize(("in_dims", "out_dims"), [(0, 0), (1, 1), (-1, 0), (-2, -1), (0, 1)])
def test_axes(in_dims, out_dims):
    x = np.arange(6.0).reshape(2, 3)
    got = vmap(lambda v: v * 2.0, in_dims=in_dims, out_dims=out_dims)(x)
    rows = [2.0 * v for v in np.moveaxis(x, in_dims, 0)]
    np.testing.assert_array_equal(got, np.stack(rows, out_dims))


def test_containers_in_and_out():
    def f(d, pair):
        return {"sum": d["a"].sum() + pair[1], "both": (d["b"], 1.0)}

    d = {"a": np.ones((3, 2)), "b": np.arange(6.0).reshape(2, 3)}
    got = vmap(f, in_dims=({"a": 0, "b": 1}, (None, 0)), out_dims={"sum": 0, "both": (1, 0)})(d, (7.0, np.arange(3.0)))
    np.testing.assert_array_equal(got["sum"], [2.0, 3.0, 4.0])
    np.testing.assert_array_equal(got["both"][0], d["b"])
    np.testing.assert_array_equal(got["both"][1], [1.0, 1.0, 1.0])


def test_one_number_for_all_of_a_container():
    got = vmap(lambda d: d["a"].sum() + d["b"])({"a": X, "b": np.ones(3)})
    np.testing.assert_array_equal(got, X.sum(axis=1) + 1.0)


def test_what_is_the_same_for_all_samples_is_there_for_each():
    two, x, same = vmap(lambda x, w: (2.0, x, w), in_dims=(0, None))(np.ones(3), X)
    np.testing.assert_array_equal(two, [2.0, 2.0, 2.0])
    assert same.shape == (3, 3, 2)
    same[0] = 9.0
    assert X[0, 0] == 0.0
    assert x.flags.writeable


def test_out_dims_none_is_for_what_does_not_vary():
    x, w = vmap(lambda x, w: (x, w + 1.0), in_dims=(0, None), out_dims=(0, None))(np.ones(3), 4.0)
    assert (x.shape, w) == ((3,), 5.0)
    with pytest.raises(CannotDifferentiate, match="out_dims is None"):
        vmap(lambda x: x, out_dims=None)(np.ones(3))


def test_an_argument_that_is_returned_is_copied():
    x = np.ones(3)
    got = vmap(lambda v: v)(x)
    assert got is not x
    assert not np.may_share_memory(got, x)
    view = vmap(lambda v: v[1:])(X)
    assert not np.may_share_memory(view, X)


def test_keywords_and_defaults_are_the_same_for_all_samples():
    np.testing.assert_array_equal(vmap(lambda x, *, k=2.0: x * k)(np.ones(3), k=5.0), [5.0, 5.0, 5.0])
    np.testing.assert_array_equal(vmap(lambda x, k=2.0: x * k)(np.ones(3)), [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(vmap(lambda *xs: xs[0] * xs[1])(np.ones(3), np.arange(3.0)), [0.0, 1.0, 2.0])


class Scaled:
    def __init__(self, w):
        self.w = w

    def times(self, x):
        return self.w * x

    @vmap
    def all_times(self, x):
        return self.w * x


def test_methods_decorators_and_partial():
    assert vmap(Scaled(3.0).times)(np.ones(2)).tolist() == [3.0, 3.0]
    assert Scaled(4.0).all_times(np.ones(2)).tolist() == [4.0, 4.0]
    assert vmap(functools.partial(product, 3.0))(np.ones(2)).tolist() == [3.0, 3.0]

    @vmap(in_dims=(0, None))
    def added(x, y):
        return x + y

    assert added(np.ones(2), 3.0).tolist() == [4.0, 4.0]
    assert repr(added) == "<vmap of added>"


def test_functions_of_numpy_and_pickles():
    assert vmap(np.linalg.det)(np.array([np.eye(2), 2.0 * np.eye(2)])).tolist() == [1.0, 4.0]
    again = pickle.loads(pickle.dumps(vmap(cubes)))     # noqa: S301
    np.testing.assert_array_equal(again(X), (X ** 3).sum(axis=1))
    assert vmap(cubes) is vmap(cubes)


def test_names():
    assert vmap(cubes).source_for(X).startswith("def cubes_vmap(x):")
    assert vmap(grad(cubes)).source_for(X).startswith("def cubes_grad_vmap(x):")
    assert vmap(vmap(product)).source_for(X, X).startswith("def product_vmap_vmap(x, y):")


# -- errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "says"), [
    (lambda: vmap(product)(np.ones(3), np.ones(4)), "`x` has 3, `y` has 4"),
    (lambda: vmap(product)(np.ones(3), np.ones(1)), "`x` has 3, `y` has 1"),
    (lambda: vmap(product)(np.ones(3), 2.0), "in_dim=0 for `y`, which is no array but a number"),
    (lambda: vmap(product, in_dims=(None, None))(1.0, 2.0), "no argument with an axis"),
    (lambda: vmap(product, in_dims=None)(1.0, 2.0), "no argument with an axis"),
    (lambda: vmap(product, in_dims=(1, None))(np.ones(3), 2.0), r"which has 1 axis: it must be within \[-1, 1\)"),
    (lambda: vmap(product, in_dims=(0,))(np.ones(3), 2.0), "in_dims does not fit"),
    (lambda: vmap(product, in_dims=((0, 0), None))(np.ones(3), 2.0), "in_dims does not fit"),
    (lambda: vmap(product, in_dims=(0.5, None))(np.ones(3), 2.0), "integers and None"),
    (lambda: vmap(cubes, out_dims=1)(X), "axis 1 is out of range"),
    (lambda: vmap(cubes, out_dims=(0, 0))(X), "out_dims does not fit"),
])
def test_arguments_that_do_not_fit(call, says):
    with pytest.raises(ValueError, match=says) as caught:
        call()
    assert isinstance(caught.value, BatchError)
    assert "vmap(" in str(caught.value)


def test_other_lengths_are_noticed_in_a_later_call():
    mapped = vmap(product)
    mapped(np.ones(3), np.ones(3))
    mapped(np.ones(4), np.ones(4))
    with pytest.raises(BatchError, match="`x` has 3, `y` has 4"):
        mapped(np.ones(3), np.ones(4))


def test_options():
    with pytest.raises(ValueError, match="chunk_size"):
        vmap(cubes, chunk_size=0)
    with pytest.raises(ValueError, match="randomness"):
        vmap(cubes, randomness="some")
    with pytest.raises(ValueError, match="backend"):
        vmap(cubes, backend="fortran")


def test_what_a_batch_cannot_return():
    with pytest.raises(CannotDifferentiate, match="returns a None"):
        vmap(lambda x: None)(np.ones(3))
    with pytest.raises(CannotDifferentiate, match="returns a str"):
        vmap(lambda x: "a")(np.ones(3))


# -- random numbers ----------------------------------------------------------------------------------------


def noisy(x, rng):
    return x + rng.normal()


def test_randomness():
    with pytest.raises(CannotDifferentiate, match="the same for all samples, or others for each"):
        vmap(noisy, in_dims=(0, None))(np.zeros(3), np.random.default_rng(0))
    same = vmap(noisy, in_dims=(0, None), randomness="same")(np.zeros(3), np.random.default_rng(0))
    assert len(set(same)) == 1
    different = vmap(noisy, in_dims=(0, None), randomness="different")(np.zeros(3), np.random.default_rng(0))
    np.testing.assert_array_equal(different, np.random.default_rng(0).normal(size=3))


# -- so many at a time, and Numba ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_chunks(size):
    def f(x, y):
        return {"p": x * y, "q": (x.sum(), 2.0)}

    x, y = np.arange(14.0).reshape(2, 7), np.ones(2)
    options = {"in_dims": (1, None), "out_dims": {"p": -1, "q": 0}}
    got, wanted = vmap(f, chunk_size=size, **options)(x, y), vmap(f, **options)(x, y)
    np.testing.assert_array_equal(got["p"], wanted["p"])
    for one, other in zip(got["q"], wanted["q"], strict=True):
        np.testing.assert_array_equal(one, other)


def test_errors_are_the_same_in_chunks():
    with pytest.raises(BatchError, match="`x` has 3, `y` has 4"):
        vmap(product, chunk_size=2)(np.ones(3), np.ones(4))


@pytest.mark.parametrize("func", [log_or_square, grad(log_or_square)])
def test_numba(func):
    pytest.importorskip("numba")
    check_vmap(func, (np.array([-1.0, 0.5, 2.0]),), (0,), 3, backend="numba")


# -- transforms of transforms ----------------------------------------------------------------------------


def test_vmap_of_vmap():
    outer = vmap(vmap(product, (None, 0)), (0, None))
    np.testing.assert_array_equal(outer(np.arange(3.0), np.arange(4.0)), np.outer(np.arange(3.0), np.arange(4.0)))


def test_gradients_of_each_sample():
    np.testing.assert_allclose(vmap(grad(cubes))(X), 3.0 * X ** 2)
    value, gradient = vmap(value_and_grad(cubes))(X)
    np.testing.assert_allclose(value, (X ** 3).sum(axis=1))
    np.testing.assert_allclose(gradient, 3.0 * X ** 2)


def test_has_aux():
    def f(x):
        return np.sum(x * x), {"first": x[0]}

    gradient, aux = vmap(grad(f, has_aux=True))(X)
    np.testing.assert_allclose(gradient, 2.0 * X)
    np.testing.assert_array_equal(aux["first"], X[:, 0])


def test_gradient_of_a_batch():
    np.testing.assert_allclose(grad(lambda x: np.sum(vmap(cubes)(x) * np.arange(3.0)))(X),
                               3.0 * X ** 2 * np.arange(3.0)[:, None])
    np.testing.assert_allclose(grad(lambda x: np.sum(vmap(grad(cubes))(x)))(X), 6.0 * X)


def test_hessians():
    def row(x, i):
        return grad(cubes)(x)[i]

    def hessian(x):
        return vmap(lambda i: grad(row)(x, i))(np.arange(2))

    np.testing.assert_allclose(vmap(hessian)(X), [np.diag(6.0 * x) for x in X])


def test_no_nan_from_the_arm_that_is_not_taken():
    """Nor a warning: warnings are errors here."""
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_allclose(vmap(log_or_square)(x), [-1.0, 0.0, np.log(2.0)])
    np.testing.assert_allclose(vmap(grad(log_or_square))(x), [2.0, 0.0, 0.5])
    np.testing.assert_allclose(grad(lambda x: np.sum(vmap(log_or_square)(x)))(x), [2.0, 0.0, 0.5])


def test_a_length_that_one_arm_of_a_branch_computes():
    """It is saved for the reverse sweep: the samples that take the other arm have no other length."""
    def f(a, b, c):
        s = np.sum(c)
        if s > 0.2:
            if s > 0.3:
                a[1:len(a) // 2] += b[1:len(a) // 2]
            s = s + np.sum(np.tanh(a))
        return s
    a, c = np.linspace(0.1, 1.0, 24).reshape(6, 4), np.array([[0.0, 0.0], [1.0, 1.0], [0.2, 0.05]])
    got = vmap(grad(f, (0, 1)), in_dims=(None, None, 0))(a, a.copy(), c)
    for sample, each in enumerate(c):
        for one, other in zip(got, grad(f, (0, 1))(a, a.copy(), each), strict=True):
            np.testing.assert_allclose(one[sample], other)


RATES = [-0.3, 0.2]


def turned(x):
    return np.sum(np.array([g for g in x][::-1]) * x)


def rows_of_a_part(x):
    rows = [np.sin(row) for row in x.reshape(2, 2)]
    later = np.stack(rows[1:])
    return np.sum(later * later) + rows[0][1]


def filled(x):
    rows = [x, x * 2.0, x * x]
    rows[1:] = [x[::-1], rows[0] * 3.0]
    return np.sum(np.array(rows[::-1])[1:] * np.array(rows[:2]))


def in_lists_of_lists(x):
    rows = [[g * h for g in x] for h in x]
    return np.sum(np.array(rows[::-1])[0] * x)


def in_one_arm(x):
    m = b = x.reshape(2, 2) * 2.0
    if RATES[0] > 0.0:
        m = np.sin(m)
        b[1] = np.ravel(m)[::2][:2] * x[1]
    return np.sum(b * b)


def in_no_round(x):
    m = b = x.reshape(2, 2) * 2.0
    for i in range(len(RATES)):
        m = np.sin(m) * x[i]
    for _ in range(len(RATES) - 2):
        b = b + np.ravel(m)[::2][:2]
    return np.sum(b * b) + m[0, 0]


@pytest.mark.parametrize("rates", [[-0.3, 0.2], [0.3, 0.2], [0.3, 0.1, 0.2]], ids=str)
@pytest.mark.parametrize("f", [turned, rows_of_a_part, filled, in_lists_of_lists, in_one_arm, in_no_round], ids=lambda f: f.__name__)
def test_gradients_of_lists_and_of_what_may_be_unbound(f, rates, monkeypatch):
    """There may be as many samples as rows, and as items."""
    monkeypatch.setitem(globals(), "RATES", rates)
    x = np.linspace(-1.0, 2.0, 8).reshape(2, 4)
    for batch in (x, x[:1], np.concatenate([x, -x])):
        got = vmap(grad(f))(batch)
        for bars, sample in zip(got, batch, strict=True):
            steps = 1e-5 * np.eye(4)
            want = [(f(sample + step) - f(sample - step)) / 2e-5 for step in steps]
            np.testing.assert_allclose(bars, want, atol=1e-7)
        np.testing.assert_allclose(grad(lambda x: np.sum(vmap(f)(x)))(batch), got, atol=1e-12)
        np.testing.assert_allclose(vmap(f)(batch), [f(sample) for sample in batch], atol=1e-12)


def test_what_is_no_batch_raises_in_its_place():
    """Python comes to what stands before it first."""
    def f(x):
        z = int([x[0]]) if x[0] > 0.0 else 1.0
        return np.sum(vmap(product, (0, None))(np.squeeze(x[None]), 2.0)) * z
    for x, error in ((np.ones(1), TypeError), (-np.ones(1), BatchError)):
        for call in (f, value_and_grad(f, check="off")):
            with pytest.raises(error):
                call(x)
