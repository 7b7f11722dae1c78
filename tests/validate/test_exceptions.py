"""What is raised while the function is run again: by the user, by the function, by the clock."""

import _thread
import contextlib
import gc
import signal
import sys
import threading
import time

import numpy as np
import pytest

from ad_compiler import CompilerFault, grad, value_and_grad
from ad_compiler.validate import first_call
from ad_compiler.validate.deadline import Budget, OutOfTime
from ad_compiler.validate.point import Point

STEPS = 200_000


@pytest.fixture
def raised(monkeypatch):
    """`raised(error, at)`: in its run of this number the function raises it, in others it does not."""
    run, runs = Point.run, []

    def enter(error, at=1):
        def fail(*args, **kwargs):
            raise error

        def failing(self, *args, **kwargs):
            runs.append(1)
            func = self.func
            self.func = fail if len(runs) == at else func
            try:
                return run(self, *args, **kwargs)
            finally:
                self.func = func
        monkeypatch.setattr(Point, "run", failing)
    return enter


def square():
    def f(x):
        return x * x
    return f


def lock_of(g):
    return g._last.turn.locked()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupt_in_the_run_is_the_users(raised, at):
    g, before = grad(square()), sys.gettrace()
    raised(KeyboardInterrupt(), at)
    with pytest.raises(KeyboardInterrupt):
        g(3.0)
    assert not lock_of(g)
    assert first_call.INSIDE.depth == 0
    assert sys.gettrace() is before
    assert g.checked is None
    assert g(3.0) == 6.0
    assert g.checked.right


def test_an_interrupt_from_outside(monkeypatch):
    """Ctrl-C while the function goes round a loop, which the derivative leaves out."""
    running, run = threading.Event(), Point.run

    def told(self, *args, **kwargs):
        running.set()
        return run(self, *args, **kwargs)
    monkeypatch.setattr(Point, "run", told)

    def f(x, rounds):
        rest = x
        for _ in range(rounds):
            rest = rest + 1.0
        return x * x
    g = grad(f, check="full")
    g.source_for(3.0, 10)

    def interrupt():
        running.wait(20.0)
        time.sleep(0.2)
        _thread.interrupt_main()
    thread = threading.Thread(target=interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)       # of a job in the background it is ignored
    try:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            g(3.0, 10 ** 9)
        thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert g(3.0, 10) == 6.0
    assert g.checked.right
    assert not lock_of(g)


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit()], ids=lambda e: type(e).__name__)
def test_an_exit_of_the_function_itself(raised, error):
    """As any error that the derivative has not: the program goes on."""
    g = grad(square())
    raised(error)
    with pytest.raises(CompilerFault, match=type(error).__name__):
        g(3.0)
    assert not lock_of(g)


def test_an_exit_beyond_an_edge():
    def f(x):
        if x > 3.0:
            raise SystemExit("beyond")
        return x * x
    g = grad(f)
    assert g(3.0) == 6.0
    assert not g.checked.fault


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), UserWarning("as an error")], ids=lambda e: type(e).__name__)
def test_errors_that_tell_nothing_of_the_derivative(raised, error):
    g = grad(square())
    raised(error)
    assert g(3.0) == 6.0
    assert type(error).__name__ in g.checked.reason
    assert not g.checked.right


@pytest.mark.parametrize("error", [ValueError("no"), ZeroDivisionError(), OSError(), StopIteration()],
                         ids=lambda e: type(e).__name__)
def test_an_error_that_the_derivative_has_not(raised, error, checks):
    g = grad(square())
    raised(error)
    for _ in range(3):
        with pytest.raises(CompilerFault, match=type(error).__name__):
            g(3.0)
    assert len(checks) == 1
    assert not lock_of(g)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(), MemoryError()], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("check", ["off", "first", "always"])
def test_the_functions_own_error(error, check):
    def f(x):
        if x > 2.0:
            raise error
        return x * x
    g = grad(f, check=check)
    for _ in range(2):
        with pytest.raises(type(error)) as caught:
            g(3.0)
        assert caught.value is error
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    if check != "off":
        assert not g.checked or not g.checked.fault
    assert g(1.0) == 2.0


def test_endless_recursion():
    def f(x, n):
        return x if n == 0 else x * f(x, n - 1)
    g = grad(f)
    with pytest.raises(RecursionError):
        g(1.0, 10 ** 6)
    assert not lock_of(g)
    assert g(1.0, 3) == 4.0


def test_floating_point_errors_of_dead_work():
    def f(x):
        y = np.log(x * 0.0)
        return np.sum(x * x)
    with np.errstate(all="raise"):
        g = grad(f, check="off")
        assert g(np.ones(2)).tolist() == [2.0, 2.0]
        g = grad(f)
        assert g(np.ones(2)).tolist() == [2.0, 2.0]


# -- the clock ------------------------------------------------------------------------------------------


def heavy(x):
    s = 0.0
    for _ in range(STEPS):
        s = s + x
    return s


@pytest.fixture
def hurry(monkeypatch):
    """Checks of 20 ms."""
    from ad_compiler.validate import validation

    budget = validation.Budget
    monkeypatch.setattr(validation, "Budget", lambda seconds: budget(0.02))


def slow(x):
    y = 1.0 * x
    for _ in range(100):
        y = y + heavy(x)
    return y


def test_a_function_that_is_given_up(hurry):
    def f(x):
        return slow(x)
    g = value_and_grad(f)
    began = time.perf_counter()
    value, x_bar = g(2.0)
    assert value == 2.0 * x_bar
    first = time.perf_counter() - began
    assert "given up" in g.checked.reason
    assert g.checked.seconds < 0.5 * first
    assert not lock_of(g)


def test_suppressed_in_the_function(hurry):
    def f(x):
        y = 1.0 * x
        with contextlib.suppress(BaseException):
            y = heavy(x)
        return y
    value, x_bar = value_and_grad(f)(2.0)
    assert (value, x_bar) == (2.0 * STEPS, STEPS)


def test_caught_in_what_is_not_read(hurry):
    def constant(v):
        try:
            until = time.perf_counter() + 0.1
            while time.perf_counter() < until:
                pass
        except BaseException:       # noqa: BLE001  (under test)
            return 5.0
        return 1.0

    def f(x):
        return np.sum(x * np.apply_along_axis(constant, 0, np.ones(2)))
    value, x_bar = value_and_grad(f)(np.ones(2))
    assert value == 2.0


def test_caught_in_a_finally_that_goes_on_working(hurry):
    done = []

    def f(x, items):
        try:
            y = slow(x)
        finally:
            for n in range(5):
                items.append(n * 1.0)
        return y
    g = grad(f)
    g(2.0, done)
    assert done == []
    assert "given up" in g.checked.reason


def test_in_a_destructor(hurry, monkeypatch):
    unseen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: unseen.append(told.exc_type))

    class Thing:
        def __init__(self):
            self.w = 1.0

        def __del__(self):
            until = time.perf_counter() + 0.05
            while time.perf_counter() < until:
                pass

    def f(x):
        thing = Thing()
        y = x * thing.w
        del thing
        return y
    assert grad(f)(2.0) == 1.0
    assert unseen == []


def test_in_a_callback_of_the_garbage_collector(monkeypatch):
    unseen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: unseen.append(told.exc_type))

    def watch(phase, info):
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass

    def collect():
        gc.collect(0)
        return 3
    gc.callbacks.append(watch)
    try:
        with pytest.raises(OutOfTime):
            Budget(0.02).run(collect)
    finally:
        gc.callbacks.remove(watch)
    assert unseen == []


def test_what_the_garbage_collector_calls_is_no_part_of_the_way():
    def way():
        things = [[] for _ in range(3)]
        gc.collect(0)
        return len(things)

    def watch(phase, info):
        seen.append(phase)
    seen, budget = [], Budget(10.0)
    budget.trace(way)       # what is traced first tells less
    before = budget.trace(way)
    gc.callbacks.append(watch)
    try:
        assert budget.trace(way) == before
    finally:
        gc.callbacks.remove(watch)
    assert seen


def test_an_error_with_a_traceback_is_not_gone_through():
    try:
        raise ValueError("kept")
    except ValueError as error:
        kept = error

    def f(x, error):
        return x * x

    def g(x):
        return x * x if kept is not None else x
    assert grad(f)(3.0, kept) == 6.0
    assert grad(g)(3.0) == 6.0
