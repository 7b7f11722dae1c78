"""What belongs to the process is as it was after a check: tracing, profiling, monitoring, warnings, floating errors."""

import contextlib
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad

LATER = pytest.mark.skipif(sys.version_info < (3, 12), reason="there is no sys.monitoring")


def loop():
    def f(x):
        for _ in range(300):
            x = x + 0.0
        return x * x
    return f


def logarithm():
    def f(x):
        return np.sum(np.log(x) * x)
    return f


# -- tracing --------------------------------------------------------------------------------------------


def given_up():
    def f(x):
        for _ in range(3_000_000):
            x = x + 0.0
        return x * x
    return f


def fails():
    def f(x):
        if x > 1.0:
            raise ValueError("no")
        return x * x
    return f


@pytest.mark.parametrize("make", [loop, given_up, fails])
def test_a_trace_function_is_put_back(make):
    def trace(frame, event, arg):
        return trace
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with contextlib.suppress(ValueError):
            grad(make())(2.0)
        found = sys.gettrace()
    finally:
        sys.settrace(before)
    assert found is trace


def test_a_tracer_sees_the_rest_of_the_program():
    """As a debugger and coverage do: lines after a check are seen, in frames that it has traced before."""
    lines = []

    def trace(frame, event, arg):
        if frame.f_code is program.__code__ and event == "line":
            lines.append(frame.f_lineno - program.__code__.co_firstlineno)
        return trace

    def program():
        g = grad(loop())
        g(2.0)
        a = 1
        return a
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        program()
    finally:
        sys.settrace(before)
    assert lines == [1, 2, 3, 4]


def test_a_profile_function_is_left_alone():
    def profile(frame, event, arg):
        return None
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        grad(loop())(2.0)
        found = sys.getprofile()
    finally:
        sys.setprofile(before)
    assert found is profile


def test_other_threads_keep_their_trace_function():
    found, go, done = [], threading.Event(), threading.Event()

    def trace(frame, event, arg):
        return trace

    def other():
        sys.settrace(trace)
        go.set()
        done.wait(20.0)
        found.append(sys.gettrace())
        sys.settrace(None)
    thread = threading.Thread(target=other)
    thread.start()
    go.wait(20.0)
    grad(loop())(2.0)
    done.set()
    thread.join()
    assert found == [trace]


MONITORING = """
import sys

taken = [int(n) for n in sys.argv[1].split(",") if n]
for n in taken:
    sys.monitoring.use_tool_id(n, "other")

from ad_compiler import grad

seen = []
if 3 in taken:
    sys.monitoring.register_callback(3, sys.monitoring.events.PY_START, lambda code, at: seen.append(code.co_name))
    sys.monitoring.set_events(3, sys.monitoring.events.PY_START)


def f(x):
    for _ in range(300):
        x = x + 0.0
    return x * x


def slow(x):
    for _ in range(3_000_000):
        x = x + 0.0
    return x * x


for each, word in (f, "agrees"), (slow, "given up"):
    g = grad(each)
    assert g(2.0) == 4.0
    assert word in str(g.checked), g.checked
    before, after = seen.count(each.__name__), each(2.0)
    assert seen.count(each.__name__) == before + (3 in taken)
for n in range(6):
    name = sys.monitoring.get_tool(n)
    assert (name == "other") == (n in taken), (n, name)
    assert name in (None, "other") or sys.monitoring.get_events(n) == 0
if sys.argv[2]:
    sys.monitoring.free_tool_id(int(sys.argv[2]))
    g = grad(lambda x: x * x)
    assert g(2.0) == 4.0
    assert g.checked.right
"""


@LATER
@pytest.mark.parametrize(("taken", "freed"), [
    ("", ""), ("3", ""), ("4", ""), ("3,4", ""), ("0,1,2,3,4,5", ""), ("", "4")])
def test_numbers_of_tools(taken, freed, tmp_path):
    path = tmp_path / "child.py"
    path.write_text(MONITORING)
    done = subprocess.run([sys.executable, path, taken, freed], capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])})
    assert done.returncode == 0, done.stderr


# -- floating errors and warnings -----------------------------------------------------------------------


@pytest.mark.parametrize("make", [loop, logarithm, given_up, fails])
def test_floating_errors_and_filters_are_put_back(make):
    with np.errstate(divide="print", over="raise", invalid="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="something")
        state, filters, show = np.geterr(), list(warnings.filters), warnings.showwarning
        with contextlib.suppress(ValueError):
            grad(make())(2.0)
        assert np.geterr() == state
        assert list(warnings.filters) == filters
        assert warnings.showwarning is show


def test_the_users_floating_error_function_is_not_called():
    called = []
    before = np.seterrcall(lambda kind, flag: called.append(kind))
    try:
        with np.errstate(all="call"):
            value_and_grad(logarithm(), check="off")(np.array([-1.0, 2.0]))
            without = len(called)
            called.clear()
            value_and_grad(logarithm())(np.array([-1.0, 2.0]))
    finally:
        np.seterrcall(before)
    assert len(called) == without > 0


def shown(check, action, calls=3):
    """For each call, the warnings that are shown, and errors."""
    g, told = value_and_grad(logarithm(), check=check), []
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter(action)
        for _ in range(calls):
            now = []
            warnings.showwarning = lambda message, *rest: now.append(str(message))
            try:
                g(np.array([-1.0, 2.0]))
            except RuntimeWarning as error:
                now.append(f"error: {error}")
            told.append(now)
    return told


@pytest.mark.parametrize("action", ["error", "always", "ignore", "default", "once"])
@pytest.mark.parametrize("check", ["first", "always"])
def test_warnings_are_shown_as_without(check, action):
    if action == "once":
        warnings.onceregistry.clear()
    without = shown("off", action)
    if action == "once":
        warnings.onceregistry.clear()
    assert shown(check, action) == without


def test_what_was_shown_once_is_not_shown_again():
    def warn():
        warnings.warn("once", UserWarning, stacklevel=1)
    grad(loop())(2.0)
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("default")
        seen = []
        warnings.showwarning = lambda message, *rest: seen.append(str(message))
        g = grad(loop())
        g.source_for(2.0)
        warn()
        g(2.0)
        warn()
    assert seen == ["once"]


def test_with_other_threads_warnings_are_shown_once():
    """Filters are left alone there."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        for action in ("error", "always", "default"):
            assert shown("first", action) == shown("off", action)
    finally:
        stop.set()
        thread.join()


def test_a_warning_of_the_function_itself_is_shown_once():
    def f(x):
        warnings.warn("seen", UserWarning, stacklevel=1)
        return x * x
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        g = grad(f)
        g(3.0)
        assert len(seen) == 1
        g(3.0)
        assert len(seen) == 2


def test_a_warning_that_was_held_back_is_shown_later():
    """Where the check runs the function it must not count as shown."""
    def f(x):
        warnings.warn("seen", UserWarning, stacklevel=1)
        return x * x
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("default")
        seen = []
        warnings.showwarning = lambda message, *rest: seen.append(str(message))
        grad(f)(3.0)
        seen.clear()
        f(3.0)
    assert seen == ["seen"]


def test_a_warning_of_the_function_itself_is_shown_once_beside_other_threads():
    def f(x):
        warnings.warn("seen", UserWarning, stacklevel=1)
        return x * x
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            grad(f)(3.0)
    finally:
        stop.set()
        thread.join()
    assert len(seen) == 1


@pytest.mark.parametrize("mode", ["first", "always"])
def test_a_function_that_warns_at_moved_points_alone(mode):
    """Of points that the user did not ask for nothing is shown."""
    def f(x):
        return np.sum(np.sqrt(1.0 - x))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        grad(f, check=mode)(np.full(3, 1.0 - 1e-12))
    assert not seen


def test_time_is_told():
    g = grad(loop())
    began = time.perf_counter()
    g(2.0)
    assert 0.0 < g.checked.seconds < time.perf_counter() - began
    assert g.checked.runs >= 5
