"""`custom_root` and `custom_fixed_point`: solutions of equations beside differences of the solvers themselves."""

import numpy as np
import pytest
import scipy.optimize

from ad_compiler import (
    CannotDifferentiate,
    CompilerFault,
    RuleFault,
    custom_fixed_point,
    custom_root,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
    vmap,
)
from tests.fd import check_against_differences
from tests.tangent.base import check_jvp

B = np.array([1.0, -2.0, 0.5])
W = np.array([[3.0, 0.2, 0.1], [0.3, 2.0, -0.2], [0.0, 0.4, 4.0]])
A = np.array([[1.0, 0.5], [0.2, 3.0]])


def found(equation, x0, *args):
    """A root, by SciPy, to rounding."""
    result = scipy.optimize.root(lambda x: np.ravel(equation(x.reshape(np.shape(x0)), *args)), np.ravel(x0), tol=1e-14)
    x = result.x
    for _ in range(3):      # Newton's steps, by differences
        slope = np.stack([(np.ravel(equation((x + e).reshape(np.shape(x0)), *args))
                           - np.ravel(equation((x - e).reshape(np.shape(x0)), *args))) / 2e-4
                          for e in 1e-4 * np.eye(x.size)], axis=1)
        x = x - np.linalg.solve(slope, np.ravel(equation(x.reshape(np.shape(x0)), *args)))
    return x.reshape(np.shape(x0))


def cubic(x, a):
    return x ** 3 + x - a


@custom_root(cubic)
def cubic_root(x, a):
    for _ in range(100):
        x = x - cubic(x, a) / (3.0 * x ** 2 + 1.0)
    return x


def cosine(x, a):
    return np.cos(x) - a * x


@custom_root(cosine)
def bracketed(x0, a):
    return scipy.optimize.brentq(cosine, 0.0, 2.0, args=(a,), xtol=1e-15, rtol=1e-15)


def system(x, w, b):
    return w @ x + 0.1 * x ** 3 - b


@custom_root(system)
def solution(x0, w, b, tol=1e-14):
    return found(system, x0, w, b)


def square(x, a):
    return x @ x @ x + 2.0 * x - a


@custom_root(square)
def matrix_root(x0, a):
    return found(square, x0, a)


def of_params(x, p, n=3):
    return p["w"] @ x + x ** n - p["b"][0]


@custom_root(of_params)
def from_params(x0, p, n=3):
    return found(of_params, x0, p, n)


def looped(x, a):
    s = x * 1.0
    for i in range(len(a)):
        if a[i] > 0.0:
            s = s + np.sin(x * a[i]) * 0.1
        else:
            s = s + 0.05 * x * a[i] ** 2
    return s - 1.0


@custom_root(looped)
def looped_root(x0, a):
    return scipy.optimize.brentq(looped, -5.0, 5.0, args=(a,), xtol=1e-15, rtol=1e-15)


def contraction(x, a):
    return 0.3 * np.tanh(a * x) + 0.5


@custom_fixed_point(contraction)
def iterated(x, a):
    for _ in range(100):
        x = contraction(x, a)
    return x


def identity(x, a):
    return x - a


@custom_root(identity)
def identical(x0, a):
    return a * 1.0


@custom_root(lambda x, *args: x - args[0] * args[1])
def any_number(x0, *args):
    return args[0] * args[1]


def energy(x, a):
    return np.sum(x ** 4) / 4.0 + np.sum((x - a) ** 2) / 2.0


@custom_root(grad(energy))
def lowest(x0, a):
    return found(grad(energy), x0, a)


ALL = {
    "a loop": (lambda a: cubic_root(1.0, a) ** 2, (10.0,)),
    "brentq": (lambda a: bracketed(0.5, a) * a, (1.3,)),
    "root, the matrix": (lambda w: np.sum(solution(np.zeros(3), w, B) ** 2), (W,)),
    "root, both": (lambda w, b: np.sum(solution(np.zeros(3), w, b) ** 2), (W, B)),
    "by keyword": (lambda b: np.sum(solution(np.zeros(3), b=b, w=W, tol=1e-14) ** 2), (B,)),
    "a matrix": (lambda a: np.sum(matrix_root(np.eye(2), a) ** 2), (A,)),
    "containers": (lambda w, b: np.sum(from_params(np.zeros(2), {"w": w, "b": [b, 0.0]}) ** 2), (A, B[:2])),
    "an integer": (lambda w, n: np.sum(from_params(np.zeros(2), {"w": w, "b": [B[:2], 0.0]}, n) ** 2), (A, 5)),
    "a loop and branches in the equation": (lambda a: looped_root(0.0, a) ** 2, (B,)),
    "a fixed point": (lambda a: iterated(0.5, a) ** 2, (0.7,)),
    "a fixed point, an array": (lambda a: np.sum(iterated(np.zeros(3), a) * B), (B,)),
    "length 1": (lambda a: np.sum(iterated(np.zeros(1), a) ** 2), (B[:1],)),
    "length 0": (lambda a: np.sum(identical(np.zeros(0), a)), (np.zeros(0),)),
    "0-d": (lambda a: identical(np.array(1.0), a) ** 2, (np.array(1.3),)),
    "single": (lambda a: np.sum(identical(np.zeros(3, np.float32), a) ** 2), (B.astype(np.float32),)),
    "from an integer": (lambda a: cubic_root(1, a) ** 2, (10.0,)),
    "from integers": (lambda a: np.sum(identical(np.zeros(3, int), a) ** 2), (B,)),
    "any number": (lambda a, b: any_number(0.0, a, b) ** 2, (1.3, 0.7)),
    "the same twice": (lambda a: any_number(0.0, a, a) ** 2, (1.3,)),
    "the initial guess too": (lambda a: cubic_root(a, a) ** 2, (1.3,)),
    "each in a loop": (lambda a: sum(bracketed(0.5, a[i]) * i for i in range(3)), (np.abs(B),)),
    "a minimum": (lambda a: np.sum(lowest(np.zeros(3), a) ** 2), (B,)),
    "one in the other": (lambda a: bracketed(0.5, cubic_root(1.0, a)), (3.0,)),
}
EACH = pytest.mark.parametrize(("f", "args"), ALL.values(), ids=ALL)
SMALL = [name for name in ALL if name not in ("length 0", "0-d", "single", "root, the matrix", "a minimum")]


@EACH
def test_backwards(f, args):
    numbers = tuple(n for n, x in enumerate(args) if not isinstance(x, int))
    check_against_differences(f, args, numbers)


@EACH
def test_forwards(f, args):
    check_jvp(f, args)


@pytest.mark.parametrize("name", SMALL)
def test_second_order(name):
    f, args = ALL[name]
    check_jvp(grad(f), args)

    def sloped(*args):
        gradient = grad(f)(*args)
        return np.sum(gradient * np.cos(np.arange(1.0, 1.0 + np.size(gradient))).reshape(np.shape(gradient)))
    check_against_differences(sloped, args)


def test_third_order():
    first, second, third = (lambda a: bracketed(0.5, a)), grad(lambda a: bracketed(0.5, a)), grad(grad(
        lambda a: bracketed(0.5, a)))
    assert grad(first)(1.3) == pytest.approx((first(1.3 + 1e-5) - first(1.3 - 1e-5)) / 2e-5)
    assert grad(third)(1.3) == pytest.approx((third(1.3 + 1e-5) - third(1.3 - 1e-5)) / 2e-5)
    assert jvp(grad(second), (1.3,), (2.0,))[1] == pytest.approx(2.0 * grad(third)(1.3))


def test_jacobians_and_vjp():
    def f(b):
        return solution(np.zeros(3), W, b)
    x = f(B)
    want = np.linalg.inv(W + np.diag(0.3 * x ** 2))
    for jac in (jacfwd, jacrev):
        np.testing.assert_allclose(jac(f)(B), want, rtol=1e-10, atol=1e-14)
    out, pullback = vjp(f, B)
    np.testing.assert_allclose(out, x)
    np.testing.assert_allclose(pullback(B)[0], want.T @ B)
    np.testing.assert_allclose(jacfwd(solution, 0)(np.ones(3), W, B), np.zeros((3, 3)))
    np.testing.assert_allclose(grad(cubic_root, (0, 1))(1.0, 10.0), (0.0, 1.0 / 13.0))


@pytest.mark.parametrize("name", ["a loop", "containers", "a loop and branches in the equation", "a fixed point, an array"])
def test_in_a_batch(name):
    f, (x, *rest) = ALL[name]
    xs, axes = np.stack([x, x * 1.2, x * 0.8]), (0, *[None] * len(rest))
    for one in (f, grad(f), *([hessian(f)] if np.ndim(x) < 2 else [])):
        np.testing.assert_allclose(vmap(one, axes)(xs, *rest), np.stack([one(x, *rest) for x in xs]), rtol=1e-9, atol=1e-12)
    batch = vmap(f, axes)
    np.testing.assert_allclose(grad(lambda xs, *rest: np.sum(batch(xs, *rest)))(xs, *rest),
                               np.stack([grad(f)(x, *rest) for x in xs]), rtol=1e-9, atol=1e-12)


def test_integers_that_differ_between_samples():
    def f(w, n):
        return np.sum(from_params(np.zeros(2), {"w": w, "b": [B[:2], 0.0]}, n) ** 2)
    ns = np.array([3, 5, 3])
    want = np.stack([grad(f)(A, int(n)) for n in ns])
    np.testing.assert_allclose(vmap(grad(f), (None, 0))(A, ns), want)
    np.testing.assert_allclose(grad(lambda w: np.sum(vmap(f, (None, 0))(w, ns)))(A), np.sum(want, axis=0))


def test_value_aux_and_what_is_held():
    def f(a):
        x = cubic_root(1.0, a)
        return x * x, x
    (value, aux), bar = value_and_grad(f, has_aux=True)(10.0)
    assert (value, aux) == (pytest.approx(4.0), pytest.approx(2.0))
    assert bar == pytest.approx(4.0 / 13.0)

    def held(a):
        with no_grad():
            x = cubic_root(1.0, a)
        return x * a
    assert grad(held)(10.0) == pytest.approx(2.0)


class Model:
    def __init__(self, gain):
        self.gain = gain

    def balance(self, x, a):
        return self.gain * x + x ** 3 - a

    @custom_root(balance, argnum=1)
    def solve(self, x0, a):
        return scipy.optimize.brentq(lambda x: self.balance(x, a), -10.0, 10.0, xtol=1e-15, rtol=1e-15)

    def loss(self, a):
        return self.solve(0.0, a) ** 2


def test_a_method():
    model = Model(2.0)
    check_against_differences(model.loss, (1.0,))
    check_jvp(lambda a: model.solve(0.0, a), (1.0,))
    loss = grad(model.loss)
    for gain in (2.0, 3.0):
        model.gain = gain
        x = model.solve(0.0, 1.0)
        assert loss(1.0) == pytest.approx(2.0 * x / (gain + 3.0 * x ** 2))


STIFFNESS = np.array([1.0, 2.0, 3.0])


def spring(x, a):
    return STIFFNESS * x + x ** 3 - a


@custom_root(spring)
def stretched(x0, a):
    return found(spring, x0, a)


def test_what_the_equation_reads_is_what_it_is_now(monkeypatch):
    f = grad(lambda a: np.sum(stretched(np.zeros(3), a)))
    for stiffness in (STIFFNESS, np.array([5.0, 2.0, 3.0]), np.full(3, 0.5)):
        monkeypatch.setitem(globals(), "STIFFNESS", stiffness)
        x = stretched(np.zeros(3), B)
        np.testing.assert_allclose(f(B), 1.0 / (stiffness + 3.0 * x ** 2))
    stiffness[1] = 7.0
    x = stretched(np.zeros(3), B)
    np.testing.assert_allclose(f(B), 1.0 / (stiffness + 3.0 * x ** 2))


def made(factor):
    def equation(x, a):
        return factor * x - a

    @custom_root(equation)
    def solve(x0, a):
        return a / factor
    return solve


def test_closures():
    half, third = made(2.0), made(3.0)
    assert grad(lambda a: half(0.0, a) + third(0.0, a))(1.0) == pytest.approx(0.5 + 1.0 / 3.0)


def test_what_is_stored_later_does_not_change_what_it_was_given():
    def f(a):
        b = a * 2.0
        x = iterated(np.zeros(3), b)
        b[0] = 9.0
        x[1] = 0.0
        return np.sum(x * b)
    check_against_differences(f, (B,))


# -- the user's own linear solver ------------------------------------------------------------------------


CALLS = []


def least_squares(a, b):
    CALLS.append((a.shape, b.shape))
    return np.linalg.lstsq(a, b, rcond=None)[0]


@custom_root(system, solve=least_squares)
def by_least_squares(x0, w, b):
    return found(system, x0, w, b)


@custom_root(square, solve=least_squares)
def matrix_by_least_squares(x0, a):
    return found(square, x0, a)


OWN = {
    "a vector": (lambda w, b: np.sum(by_least_squares(np.zeros(3), w, b) ** 2), (W, B)),
    "a matrix": (lambda a: np.sum(matrix_by_least_squares(np.eye(2), a) ** 2), (A,)),
}


@pytest.mark.parametrize(("f", "args"), OWN.values(), ids=OWN)
def test_its_own_linear_solver(f, args):
    CALLS.clear()
    n = args[-1].size
    check_against_differences(f, args, tuple(range(len(args))))
    assert set(CALLS) == {((n, n), (n,))}
    check_jvp(f, args)
    check_jvp(grad(f, len(args) - 1), args)
    check_against_differences(lambda *args: np.sum(np.sin(grad(f, len(args) - 1)(*args))), args, len(args) - 1)
    xs = np.stack([args[-1], 1.1 * args[-1]])
    one = grad(lambda x: f(*args[:-1], x))
    np.testing.assert_allclose(vmap(one)(xs), np.stack([one(x) for x in xs]))


def test_what_a_linear_solver_gives_must_fit():
    @custom_root(system, solve=lambda a, b: b[1:])
    def f(x0, w, b):
        return found(system, x0, w, b)
    with pytest.raises(RuleFault, match=r"gives shape \(2,\) for a matrix of shape \(3, 3\) and a vector of shape \(3,\)"):
        grad(lambda b: np.sum(f(np.zeros(3), W, b)))(B)


# -- errors ----------------------------------------------------------------------------------------------


def singular(x, a):
    return np.array([x[0] + x[1] - a, x[0] + x[1] - a])


@custom_root(singular)
def of_singular(x0, a):
    return np.array([a / 2.0, a / 2.0])


def test_a_singular_equation():
    for asked in (lambda: grad(lambda a: np.sum(of_singular(np.zeros(2), a)))(2.0),
                  lambda: jvp(lambda a: of_singular(np.zeros(2), a), (2.0,), (1.0,))):
        with pytest.raises(np.linalg.LinAlgError, match="Singular"):
            asked()

    @custom_root(lambda x, a: (x - a) ** 2)
    def twice(x0, a):
        return a
    with pytest.raises(ZeroDivisionError):
        grad(lambda a: twice(0.0, a) * 1.0)(2.0)


def test_what_is_no_solution_is_found_at_the_first_call():
    @custom_root(cosine)
    def wrong(x0, a):
        return x0 * a
    with pytest.raises(CompilerFault, match=r"not that of the function[\s\S]*`wrong` returned may not solve its equation"):
        grad(lambda a: wrong(0.5, a) ** 2)(1.3)


def test_what_is_solved_loosely_is_no_fault():
    @custom_root(cosine)
    def loose(x0, a):
        return scipy.optimize.brentq(cosine, 0.0, 2.0, args=(a,), xtol=1e-4)
    assert grad(lambda a: loose(0.5, a))(1.3) == pytest.approx(grad(lambda a: bracketed(0.5, a))(1.3), rel=1e-4)


def test_shape_and_dtype_of_the_solution():
    for x0 in (np.zeros(2), np.zeros(3, np.float32)):
        with pytest.raises(RuleFault, match=r"`identical` returns float64 of shape \(3,\) from an initial guess of"):
            grad(lambda a: np.sum(identical(x0, a)), check="off")(B)


def test_structures_are_refused():
    with pytest.raises(CannotDifferentiate, match=r"initial guess of `identical` is a tuple: a root is one number or array"):
        grad(lambda a: np.sum(identical((1.0, 2.0), a)))(B)


def test_an_equation_of_another_shape():
    @custom_root(lambda x, a: np.sum(x - a))
    def f(x0, a):
        return a * 1.0

    @custom_root(lambda x, a: (x - a)[1:])
    def g(x0, a):
        return a * 1.0
    with pytest.raises(CannotDifferentiate, match="the equation of `f`, gives a residual of 0 axes for an array of 1"):
        grad(lambda a: np.sum(f(np.zeros(3), a)))(B)
    with pytest.raises(CannotDifferentiate, match="the equation of `g`, gives a residual of other lengths"):
        grad(lambda a: np.sum(g(np.zeros(3), a)))(B)


def test_an_equation_that_is_not_read():
    @custom_root(lambda x, a: eval("x - a"))
    def f(x0, a):
        return a * 1.0
    np.testing.assert_array_equal(vmap(lambda a: f(0.0, a))(B), B)      # it is needed for a derivative alone
    with pytest.raises(CannotDifferentiate, match="the equation of `f`"):
        grad(lambda a: f(0.0, a) * 2.0)(1.0)


def test_parameters():
    with pytest.raises(TypeError, match="`cubic` takes `a`, which is no parameter of `f`"):
        @custom_root(cubic)
        def f(x0, b): ...
    with pytest.raises(TypeError, match="`f` has no argument 1, which the initial guess would be"):
        @custom_root(cubic, argnum=1)
        def f(x0): ...
    with pytest.raises(TypeError, match="custom_root needs a function of the solution, not int"):
        custom_root(3)(cubic)
    with pytest.raises(TypeError, match="custom_fixed_point needs a function, not int"):
        custom_fixed_point(cubic)(3)
    with pytest.raises(TypeError, match="argnum must be the position of an argument, not -1"):
        custom_root(cubic, argnum=-1)(cubic)
    with pytest.raises(TypeError, match="solve must be a function of a matrix and a vector, not int"):
        custom_root(cubic, solve=3)(cubic)


def test_inside_a_function_that_is_read():
    def f(a):
        return custom_root(cubic)(bracketed)(1.0, a)
    with pytest.raises(CannotDifferentiate, match="custom_root is used inside a function that is read"):
        grad(f)(2.0)


def test_numba_says_what_it_cannot_compile():
    pytest.importorskip("numba")
    with pytest.raises(CannotDifferentiate, match="`cubic_root` is a custom_root, which Numba cannot call"):
        grad(lambda a: cubic_root(1.0, a) * a, backend="numba")(2.0)


def test_the_text():
    def loss(w, b):
        return np.sum(solution(np.zeros(3), w, b) ** 2)
    text = grad(loss, (0, 1)).source_for(W, B)
    assert text.count("np.linalg.solve") == 1
    assert "np.outer" in text
