"""`register_rule`: derivatives of functions of others, with source and without, and what is compiled after that."""

import ctypes
import ctypes.util
import functools
import math
import pickle

import numpy as np
import pytest
import scipy.linalg
import scipy.special

from ad_compiler import CannotDifferentiate, RuleFault, grad, hessian, jacobian, jvp, register_rule, vmap
from ad_compiler.rules import registry, traits
from ad_compiler.spec import GradSpec
from ad_compiler.store import key_of
from tests.fd import check_against_differences
from tests.tangent.base import check_jvp

X = np.array([0.3, -1.2, 0.7])


@pytest.fixture(autouse=True)
def rules_of_this_test(monkeypatch):
    """What a test registers is forgotten after it."""
    for name in ("_RULES", "_UNHASHABLE", "REGISTERED"):
        monkeypatch.setattr(registry, name, getattr(registry, name).copy())
    yield
    for fn in (scipy.special.erf, scipy.special.gamma, scipy.special.psi, scipy.special.betainc):
        traits.declare(fn, elementwise=False, element=None)


def erf_rule():
    @register_rule(scipy.special.erf)
    def erf_vjp(x, *, out, out_bar):
        return 2.0 / np.sqrt(np.pi) * np.exp(-x * x) * out_bar


def with_erf(x):
    return np.sum(scipy.special.erf(x) * X[:len(x)] if len(x) > 1 else scipy.special.erf(x))


def test_a_ufunc():
    erf_rule()
    for x in (X, X.astype(np.float32), np.ones(1), np.zeros(0)):
        check_against_differences(with_erf, (x,))
        check_jvp(with_erf, (x,))
    check_against_differences(lambda x: scipy.special.erf(x) * x, (0.3,))
    check_against_differences(scipy.special.erf, (0.3,))
    check_jvp(grad(with_erf), (X,))
    np.testing.assert_allclose(jacobian(scipy.special.erf)(X), np.diag(grad(lambda x: np.sum(scipy.special.erf(x)))(X)))


def test_a_ufunc_needs_no_loop_over_a_batch():
    erf_rule()
    xs = np.stack([X, 2.0 * X])
    np.testing.assert_allclose(vmap(scipy.special.erf)(xs), scipy.special.erf(xs))
    np.testing.assert_allclose(vmap(grad(with_erf))(xs), np.stack([grad(with_erf)(x) for x in xs]))
    np.testing.assert_allclose(vmap(hessian(with_erf))(xs), np.stack([hessian(with_erf)(x) for x in xs]))
    assert "for" not in vmap(grad(with_erf)).source_for(xs)


def test_a_ufunc_broadcasts():
    @register_rule(scipy.special.betainc)
    def betainc_vjp(a, b, x, *, out, out_bar):
        one = x ** (a - 1.0) * (1.0 - x) ** (b - 1.0) / scipy.special.beta(a, b)
        return None, None, np.sum(out_bar * one) * np.ones_like(x) if x.ndim == 0 else out_bar * one
    check_against_differences(lambda x: np.sum(scipy.special.betainc(2.0, np.array([1.0, 2.0, 3.0]), x)), (np.abs(X) / 2.0,))


@pytest.mark.parametrize("shapes", [((), (4, 3)), ((4, 3), ()), ((3,), (4, 3)), ((4, 1), (3,)), ((1,), (3,)), ((1, 1), (3,)),
                                    ((0, 3), (3,)), ((1,), (1,)), ((4, 3), (4, 3))])
@pytest.mark.parametrize("read", [True, False])
def test_what_was_broadcast_is_summed(shapes, read):
    """A cotangent in the shape of the result was refused, where an argument had fewer axes."""
    one = {"one": 1.0}.get

    if read:
        @register_rule(scipy.special.xlogy)
        def xlogy_vjp(x, y, *, out, out_bar):
            return out_bar * np.log(y), out_bar * x / y
    else:
        @register_rule(scipy.special.xlogy)
        def xlogy_vjp(x, y, *, out, out_bar):
            return one("one") * out_bar * np.log(y), out_bar * x / y

    def f(x, y):
        z = scipy.special.xlogy(x, y)
        return np.sum(z * np.cos(np.arange(np.size(z))).reshape(np.shape(z)))
    x, y = (0.3 + np.abs(np.sin(np.arange(np.prod(shape, dtype=int)).reshape(shape))) for shape in shapes)
    x, y = (float(a) if np.ndim(a) == 0 else a for a in (x, y))
    check_against_differences(f, (x, y), (0, 1))
    if read:
        check_jvp(f, (x, y))
        check_against_differences(lambda y: np.sum(grad(f, 1)(x, y) * y), (y,))


def test_integers():
    erf_rule()
    n = np.arange(3)
    check_against_differences(lambda x: np.sum(scipy.special.erf(n) * x), (X,))


def test_a_tangent_alone():
    register_rule(scipy.special.psi, jvp=lambda x, *, out, x_dot: scipy.special.polygamma(1, x) * x_dot)
    register_rule(scipy.special.gamma, jvp=lambda x, *, out, x_dot: out * scipy.special.psi(x) * x_dot)

    def f(x):
        return np.sum(scipy.special.gamma(x) * x)
    x = np.abs(X) + 1.0
    check_against_differences(f, (x,))
    check_jvp(f, (x,))
    check_jvp(grad(f), (x,))


def test_both():
    def f_jvp(x, *, out, x_dot):
        return 5.0 * x_dot

    def f(x):
        return x * 1.0

    @register_rule(f, jvp=f_jvp)
    def f_vjp(x, *, out, out_bar):
        return 2.0 * out_bar
    assert (grad(f)(3.0), jvp(f, (3.0,), (1.0,))[1]) == (2.0, 5.0)


def test_after_a_refusal_it_works():
    f = grad(lambda x: np.sum(scipy.special.erf(x) * X))
    with pytest.raises(CannotDifferentiate, match="`erf` has no derivative rule"):
        f(X)
    erf_rule()
    np.testing.assert_allclose(f(X), 2.0 / np.sqrt(np.pi) * np.exp(-X * X) * X)


def helper(x):
    return x * x


def uses_helper(x):
    return np.sum(helper(x))


def test_what_was_compiled_before_is_not_used_again():
    gradient, batch = grad(uses_helper), vmap(grad(uses_helper))
    xs = np.stack([X, X])
    np.testing.assert_allclose(gradient(X), 2.0 * X)
    np.testing.assert_allclose(gradient(X), 2.0 * X)        # the short way
    np.testing.assert_allclose(batch(xs), 2.0 * xs)
    assert jvp(uses_helper, (X,), (X,))[1] == pytest.approx(2.0 * X @ X)

    @register_rule(helper)
    def helper_vjp(x, *, out, out_bar):
        return 7.0 * out_bar
    np.testing.assert_allclose(gradient(X), np.full(3, 7.0))
    np.testing.assert_allclose(batch(xs), np.full((2, 3), 7.0))
    assert jvp(uses_helper, (X,), (X,))[1] == pytest.approx(7.0 * np.sum(X))
    np.testing.assert_allclose(pickle.loads(pickle.dumps(gradient))(X), np.full(3, 7.0))


def test_what_is_kept_on_disk_is_told_by_it(monkeypatch):
    monkeypatch.setenv("AD_COMPILER_STORE", "1")
    before = key_of(GradSpec(uses_helper, backend="numba"), (float,))
    register_rule(helper)(lambda x, *, out, out_bar: out_bar)
    after = key_of(GradSpec(uses_helper, backend="numba"), (float,))
    assert before is not None and after is not None and before != after


def c_function():
    f = ctypes.CDLL(ctypes.util.find_library("m")).j0
    f.argtypes, f.restype = [ctypes.c_double], ctypes.c_double
    return f


def test_a_function_of_c():
    j0 = c_function()

    def f(x):
        return j0(x) * x
    with pytest.raises(CannotDifferentiate):
        grad(f)(1.0)

    @register_rule(j0, kind="number")
    def j0_vjp(x, *, out, out_bar):
        return -out_bar * scipy.special.j1(x)
    check_against_differences(f, (1.0,))
    check_against_differences(lambda x: sum(j0(x[i]) for i in range(3)), (X,))
    np.testing.assert_allclose(vmap(f)(X), [f(x) for x in X])
    np.testing.assert_allclose(vmap(grad(f))(X), [grad(f)(x) for x in X])
    with pytest.raises(ValueError, match="`j0` has a rule already"):
        register_rule(j0)


def test_a_builtin_method():
    values = {"a": 2.0}

    @register_rule(values.get, kind="default")
    def get_vjp(key, default, *, out, out_bar):
        return None, out_bar
    get = values.get
    assert grad(lambda x: get("b", x) * x)(3.0) == 6.0


def test_somebody_elses_options():
    @register_rule(scipy.linalg.solve_triangular, kind="b")
    def solve_triangular_vjp(a, b, *, out, out_bar):
        s = scipy.linalg.solve_triangular(a.T, out_bar, lower=True)
        return -np.triu(np.outer(s, out)), s
    a = np.triu(np.arange(9.0).reshape(3, 3) + 1.0)
    check_against_differences(lambda a, b: np.sum(scipy.linalg.solve_triangular(np.triu(a), b) ** 2), (a, X), (0, 1))
    with pytest.raises(CannotDifferentiate, match="unexpected keyword argument 'lower'"):
        grad(lambda b: np.sum(scipy.linalg.solve_triangular(a, b, lower=True)))(X)


def test_a_kind_that_is_not_known():
    @register_rule(scipy.linalg.expm)
    def expm_vjp(A, *, out, out_bar):
        return out_bar
    with pytest.raises(CannotDifferentiate, match=r"`expm` cannot be read[\s\S]*kind=\"x\""):
        grad(lambda a: np.sum(scipy.linalg.expm(a)))(np.eye(2))


def test_a_kind_that_is_said_wrongly():
    @register_rule(scipy.linalg.det, kind="a")
    def det_vjp(a, *, out, out_bar):
        return out_bar
    with pytest.raises(RuleFault, match="`det` returns float64 of shape"):
        grad(lambda a: np.sum(scipy.linalg.det(a)))(np.eye(2))


def test_what_is_in_the_way():
    erf_rule()
    for fn in (np.sin, len, math.exp, np.copyto, np.add.reduce, scipy.special.erf):
        with pytest.raises(ValueError, match="has a rule already"):
            register_rule(fn)
    with pytest.raises(TypeError, match="register_rule needs a function, not a class"):
        register_rule(int)
    with pytest.raises(TypeError, match="register_rule needs a function, not int"):
        register_rule(3)
    for fn in (Scaled(2.0).run, functools.partial(two, 2.0)):
        with pytest.raises(TypeError, match="called with arguments of its own: register the function itself"):
            register_rule(fn)
    with pytest.raises(TypeError, match="`sici` gives 2 results"):
        register_rule(scipy.special.sici)
    with pytest.raises(ValueError, match="`grad` has a rule already"):
        register_rule(grad)


class Scaled:
    def __init__(self, gain):
        self.gain = gain

    def run(self, x):
        return self.gain * x

    def __call__(self, x):
        return np.sin(x) * self.gain


def test_methods_and_objects():
    scaled = Scaled(2.0)
    register_rule(Scaled.run, kind="x")(lambda self, x, *, out, out_bar: (None, 5.0 * self.gain * out_bar))
    assert grad(lambda x: scaled.run(x) * 1.0)(3.0) == 10.0
    register_rule(scaled, kind="x", jvp=lambda x, *, out, x_dot: 7.0 * x_dot)
    assert grad(lambda x: scaled(x) * 1.0)(3.0) == jvp(lambda x: scaled(x), (3.0,), (1.0,))[1] == 7.0


def two(x, y, z=1.0):
    return x * y * z


def test_parameters():
    with pytest.raises(TypeError, match=r"`one` takes \(x\), `two` \(x, y, z\)"):
        @register_rule(two)
        def one(x, *, out, out_bar): ...
    with pytest.raises(TypeError, match=r"`one` takes \(y, x\)"):
        @register_rule(two)
        def one(y, x, *, out, out_bar): ...
    with pytest.raises(TypeError, match="must take `out_bar` by keyword"):
        @register_rule(two)
        def one(x, y, *, out): ...
    with pytest.raises(TypeError, match="kind must be 'number' or a parameter of `two`, not 'w'"):
        @register_rule(two, kind="w")
        def one(x, y, *, out, out_bar): ...

    @register_rule(two)
    def both(x, y, *, out, out_bar):
        return out_bar * y, out_bar * x
    assert grad(two)(2.0, 3.0) == 3.0
    with pytest.raises(CannotDifferentiate, match="too many positional arguments"):
        grad(lambda x: two(x, 2.0, 3.0))(2.0)


def test_a_second_decorator_is_one_too_many():
    one, other = register_rule(two), register_rule(two)
    one(lambda x, y, *, out, out_bar: (out_bar * y, out_bar * x))
    with pytest.raises(ValueError, match="`two` has a rule already"):
        other(lambda x, y, *, out, out_bar: (out_bar * y, out_bar * x))
    with pytest.raises(ValueError, match="`two` has a rule already"):
        one(lambda x, y, *, out, out_bar: (out_bar * y, out_bar * x))


def test_a_function_that_calls_itself():
    def power(x, n):
        return x if n == 1 else x * power(x, n - 1)

    @register_rule(power, kind="x")
    def power_vjp(x, n, *, out, out_bar):
        return out_bar * n * out / x, None
    check_against_differences(lambda x: power(x, 3) * 2.0, (1.3,))


def test_numba_says_what_it_cannot_compile():
    pytest.importorskip("numba")
    erf_rule()
    with pytest.raises(CannotDifferentiate, match="`erf` has a rule of yours, which Numba cannot call"):
        grad(with_erf, backend="numba")(X)
