"""Loops of which few states are kept, and loops under a budget: right whatever the number of steps and snapshots."""

import contextlib
import functools
import io
import tracemalloc

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, checkpointed, grad, jvp, value_and_grad, vjp, vmap
from ad_compiler.runtime import steps_ahead
from tests.checkpoints.programs import MAKERS, made, start
from tests.fd import directions, slope

TRIPS = (0, 1, 2, 7)
MOVED = [name for name in MAKERS if name != "stopped"]      # under no_grad differences are no measure


def plainly(items, snapshots=None):
    return items


@functools.cache
def differences(name, n):
    """The gradient of the plain program, by differences."""
    x = start(name)
    found = [slope(made(name, plainly), (x, n, 1), {}, (0,), along, 1e-4) for along in directions([x])]
    return np.reshape(found, np.shape(x))


def near(a, b, rtol=1e-6):
    return np.allclose(a, b, rtol=rtol, atol=rtol * (1e-3 + np.max(np.abs(b), initial=0.0)))


@pytest.mark.parametrize("name", MOVED)
def test_snapshots(name):
    g = value_and_grad(made(name, checkpointed))
    for n in TRIPS:
        for k in (1, 2, 50):
            x = start(name)
            value, x_bar = g(x, n, k)
            assert value == pytest.approx(made(name, plainly)(start(name), n, k), rel=1e-12)
            assert near(x_bar, differences(name, n)), (n, k)
            assert np.array_equal(x, start(name))


@pytest.mark.parametrize("name", MOVED)
def test_budget(name):
    for room in (0, "0.6 kB", "1MB"):
        g = grad(made(name, plainly), memory=room)
        for n in TRIPS[1:]:
            assert near(g(start(name), n, 0), differences(name, n)), (room, n)


@pytest.mark.parametrize("name", MAKERS)
def test_compositions(name):
    """Beside those of the plain loop, which have tests of their own."""
    x = start(name)
    v = np.cos(np.arange(np.size(x)) + 1.0).reshape(np.shape(x))[()]
    batch = np.stack([x, 0.5 * x, x + 0.1])

    def second(f):
        return grad(lambda x: np.sum(grad(f)(x, 5, 2) * v))(x)

    def forward(f):
        return jvp(lambda x: grad(f)(x, 5, 2), (x,), (v,))[1]

    def pulled(f):
        return vjp(lambda x: f(x, 5, 2), x)[1](2.0)[0]

    def each(f):
        return vmap(lambda x: grad(f)(x, 5, 2))(batch)

    def all_together(f):
        return grad(lambda xs: np.sum(vmap(lambda x: f(x, 5, 2))(xs)))(batch)

    def under_a_budget(f):
        return grad(lambda x: np.sum(grad(f)(x, 5, 2) * v), memory=300)(x)

    few, plain = made(name, checkpointed), made(name, plainly)
    assert np.allclose(under_a_budget(plain), second(plain), rtol=1e-9, atol=1e-11)
    for way in (second, forward, pulled, each, all_together):
        assert np.allclose(way(few), way(plain), rtol=1e-9, atol=1e-11), way.__name__


@pytest.mark.parametrize("name", ["two_states", "left_early", "appended", "inside_a_loop", "heat", "recurrent"])
def test_compiled_by_numba(name):
    pytest.importorskip("numba")
    few = grad(made(name, checkpointed), backend="numba")
    budget = grad(made(name, plainly), memory=300, backend="numba")
    for n in TRIPS:
        for g in (few, budget):
            assert near(g(start(name), n, 2), differences(name, n)), n


def drawn(x, n, rng):
    for _ in checkpointed(range(n), snapshots=2):
        x = x * rng.normal()
    return x


def test_what_may_give_something_else_is_refused():
    with pytest.raises(CannotDifferentiate, match="something else when it is done once more") as told:
        grad(drawn)(1.0, 3, np.random.default_rng(0))
    assert "x = x * rng.normal()" in str(told.value)


def shown(x, n):
    for i in checkpointed(range(n), snapshots=1):
        print(i)
        x = x * x
    return x


def test_what_is_shown_is_shown_once():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert grad(shown)(2.0, 4) == 16 * 2.0 ** 15
    assert out.getvalue().split() == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("snapshots", "error"), [(0, ValueError), (-3, ValueError), (2.0, TypeError)])
def test_bad_numbers_of_snapshots(snapshots, error):
    f = made("halved", checkpointed)
    with pytest.raises(error):
        f(1.0, 3, snapshots)
    with pytest.raises((error, CannotDifferentiate)):
        grad(f)(1.0, 3, snapshots)


@pytest.mark.parametrize("room", ["much", "3 apples", "", "-1", -1, 1.5, True])
def test_bad_budgets(room):
    with pytest.raises((ValueError, TypeError), match="memory"):
        grad(lambda x: x, memory=room)


def test_without_a_derivative_it_is_an_iterator():
    assert list(checkpointed([3, 1, 2])) == [3, 1, 2]
    assert list(checkpointed(range(3), snapshots=np.int64(2))) == [0, 1, 2]


def test_the_schedule_needs_the_fewest_steps():
    @functools.cache
    def fewest(steps, kept):
        if steps <= 1 or kept == 1:
            return steps * (steps - 1) // 2
        return min(first + fewest(steps - first, kept - 1) + fewest(first, kept) for first in range(1, steps))

    def needed(steps, kept):
        done, stack = 0, [0]
        for step in reversed(range(steps)):
            at = stack.pop()
            while at < step:
                stack.append(at)
                assert len(stack) <= kept
                further = steps_ahead(step - at, kept - len(stack))
                done, at = done + further, at + further
        return done
    for kept in range(1, 7):
        for steps in range(1, 60):
            assert needed(steps, kept) == fewest(steps, kept)


def peak(call):
    call()
    tracemalloc.start()
    call()
    try:
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_bounded():
    f, u = made("recurrent", checkpointed), np.linspace(0.0, 1.0, 100)
    few, all_of_it = grad(f, check="off"), grad(made("recurrent", plainly), check="off")
    size = u.nbytes
    assert peak(lambda: all_of_it(u, 600, 0)) > 600 * size
    assert peak(lambda: few(u, 600, 10)) < 500 * size      # w is 100 of them, and so is its gradient
    budget = grad(made("recurrent", plainly), memory=50 * size, check="off")
    assert peak(lambda: budget(u, 600, 0)) < 600 * size
    assert near(budget(u, 600, 0), all_of_it(u, 600, 0))


