"""`with` and `try … finally`: entered and left once, in the forward sweep; gradients against finite differences."""

import contextlib
import io
import threading
import warnings

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, no_grad, value_and_grad
from ad_compiler.testing import check_grads

X = np.array([0.4, 1.1, 2.3, -0.7])
LOCK = threading.Lock()
LOG = io.StringIO()
note = LOG.write        # a call that is not read, and has an effect


def noted_down():
    """What was written down since this was asked last."""
    found = LOG.getvalue()
    LOG.seek(0)
    LOG.truncate()
    return found


class Noted:
    """A manager that writes down when it is entered and left."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        note(f"enter {self.name}")
        return 3.0

    def __exit__(self, *exception):
        note(f"leave {self.name}")


class Depth:
    """A manager that counts, and holds what is to be scaled with."""

    def __init__(self, scale):
        self.scale, self.depth = scale, 0

    def __enter__(self):
        self.depth += 1
        return self

    def __exit__(self, kind, error, trace):
        self.depth -= 1


@contextlib.contextmanager
def noted(name):
    note(f"enter {name}")
    try:
        yield 2.0
    finally:
        note(f"leave {name}")


def in_errstate(x):
    with np.errstate(over="ignore"):
        y = np.exp(x)
        y[0] *= 2
    return np.sum(y * y)


def nested_managers(x):
    with LOCK, np.errstate(all="ignore"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            s = 0.0
            for i in range(len(x)):
                s = s * x[i] + np.sin(s) + x[i] ** 2
    return s


def leaves_early(x):
    t = 0
    with LOCK:
        for v in x:
            if v > 2.0:
                return t * v
            t = t + v * v
        t = t * 2
    return t


def inside_a_loop(x):
    y = x.copy()
    for i in range(4):
        with np.errstate(all="ignore"):
            if i == 1:
                continue
            if i == 3:
                break
            y[i] = y[i - 1] * y[i]
            y = y * np.sin(y)
    return np.sum(y)


def loop_inside(x):
    a = x.copy()
    with np.errstate(all="ignore"):
        for i in range(1, len(a)):
            a[i] = a[i] * a[i - 1]
        b = a[1:]
        b *= 2.0
    a[0] = b[0] * a[0]
    return np.sum(a * a)


def zero_trips(x):
    s = x[0]
    with np.errstate(all="ignore"):
        for i in range(0):
            s = s * x[i]
        t = s * s
    return t


def in_an_arm(x):
    y = x * 2
    if x[0] > 0:
        with np.errstate(all="ignore"):
            y = np.sin(y)
            y[1:] = y[:-1] * y[1:]
    else:
        try:
            y = y * y
        finally:
            y[0] = 1.0
    return np.sum(y * y)


def try_finally(x):
    a = x.copy()
    try:
        a[1:] *= a[:-1]
        a = np.sin(a)
    finally:
        a[0] = a[1] * 2
    return np.sum(a * a)


def try_returns(x):
    a = x * 1.0
    try:
        if a[0] > 100:
            return np.sum(a)
        a *= x
        return np.sum(np.sin(a))
    finally:
        a[:] = 0.0


def own_manager(x):
    with Depth(2.0) as d:
        y = x * d.scale * d.depth
    return np.sum(y * y) * (1 + d.depth)


def active_manager(x):
    with Depth(x[0]) as d:
        with Depth(x[1] * d.scale) as e:
            y = x * e.scale + d.depth
        z = y * d.scale
    return np.sum(z * z)


def with_no_grad(x):
    with np.errstate(all="ignore"), no_grad:
        s = np.sum(x)
    with no_grad, np.errstate(all="ignore"):
        t = np.max(x)
    return np.sum(x * x) * s * t


def inner_grad(x):
    with np.errstate(all="ignore"):
        g = grad(lambda y: np.sum(np.sin(y) * y))(x)
    return np.sum(g * g)


def null_manager(x):
    with contextlib.nullcontext():
        y = x ** 3
    return y[0] * y[-1]


CASES = [in_errstate, nested_managers, leaves_early, inside_a_loop, loop_inside, zero_trips, in_an_arm, try_finally,
         try_returns, own_manager, active_manager, inner_grad, null_manager]


@pytest.mark.parametrize("fn", CASES, ids=lambda fn: fn.__name__)
def test_gradients(fn):
    x = X.copy()
    value, _ = value_and_grad(fn)(x)
    assert np.isclose(value, fn(X), rtol=1e-14, atol=0.0)
    assert np.array_equal(x, X)
    check_grads(fn, (X,), order=2)
    check_grads(fn, (-X,), order=2)


def test_no_grad_beside_a_manager():
    s, t = np.sum(X), np.max(X)
    np.testing.assert_allclose(grad(with_no_grad)(X), 2 * X * s * t)


def test_text_of_a_region():
    g = grad(in_errstate)
    g(X)
    assert g.source.count('with np.errstate(over="ignore"):\n        y = np.exp(x)\n') == 1
    forward, reverse = g.source.split("# -- reverse sweep --")
    assert "with" in forward and "with" not in reverse


@pytest.mark.parametrize("manager", [Noted, noted], ids=["class", "generator"])
def test_entered_and_left_once(manager):
    def f(x):
        with manager("a"):
            y = x * x
            note("body")
        note("after")
        return np.sum(y)
    noted_down()
    f(X)
    expected = noted_down()
    g = grad(f)
    np.testing.assert_allclose(g(X), 2 * X)
    first = noted_down()
    g(X)
    assert first == expected == noted_down() != ""


def test_left_once_where_the_function_raises():
    def f(x):
        with np.errstate(all="ignore"), LOCK:
            if x[0] > 0:
                raise ValueError("too large")
            y = x * x
        return np.sum(y)
    x = X.copy()
    g = grad(f)
    for _ in range(2):
        with pytest.raises(ValueError, match="too large"):
            g(x)
        assert not LOCK.locked()
    np.testing.assert_allclose(g(-X), -2 * X)
    assert not LOCK.locked()
    assert np.array_equal(x, X)


def test_finally_is_shown_once(capsys):
    def f(x):
        n = len(x)
        try:
            y = x * x
            if y[0] > 1.0:
                raise ValueError("large")
        finally:
            print("done", n)
        return np.sum(y)
    g = grad(f)
    np.testing.assert_allclose(g(X), 2 * X)
    assert capsys.readouterr().out == "done 4\n"
    with pytest.raises(ValueError, match="large"):
        g(X + 2.0)
    assert capsys.readouterr().out == "done 4\n"


def test_a_file(tmp_path):
    path = tmp_path / "log.txt"

    def f(x):
        with open(path, "a") as file:
            y = np.sin(x) * x
            file.write("step\n")
        return np.sum(y)
    np.testing.assert_allclose(grad(f)(X), np.cos(X) * X + np.sin(X))
    assert path.read_text() == "step\n"


def test_a_manager_that_holds_back():
    def f(x):
        y = x
        with contextlib.suppress(ValueError):
            if x[0] > 0:
                raise ValueError
            y = x * x
        return np.sum(y)
    g = grad(f)
    with pytest.raises((RuntimeError, CannotDifferentiate), match="held an exception back"):
        g(X)


def refused(fn, message):
    with pytest.raises(CannotDifferentiate, match=message):
        grad(fn)(X)


def test_refusals():
    class Holds:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            return True

    class Looks:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            print("left with", kind)

    def holds_back(x):
        with Holds():
            y = x * x
        return np.sum(y)

    def looks(x):
        with Looks():
            y = x * x
        return np.sum(y)

    def shows_what_is_made_inside(x):
        try:
            y = x * x
        finally:
            print(y)
        return np.sum(y)

    def shows_and_writes(x):
        y = x * 1.0
        try:
            z = x * x
        finally:
            print("done")
            y[0] = 0.0
        return np.sum(y * z)

    def binds_and_shows(x):
        try:
            y = x * x
        finally:
            n = 3
            print("done")
        return np.sum(y) * n

    def leaves_in_finally(x):
        for v in x:
            try:
                y = v * v
            finally:
                break
        return y

    def catches(x):
        try:
            return np.sum(x)
        except ValueError:
            return 0.0

    def number_as_manager(x):
        with x:
            return np.sum(x)
    refused(holds_back, "may hold an exception back")
    refused(looks, "looks at the exception")
    refused(shows_what_is_made_inside, "shows `y`, which is set inside")
    refused(shows_and_writes, "shows something, and writes")
    refused(binds_and_shows, "`n` is bound where something is shown")
    refused(leaves_in_finally, "`finally` leaves the function or a loop")
    refused(catches, "`except` is not supported")
    refused(number_as_manager, "no context manager")


def written_through_the_view(x):
    a = x * 1.0
    with no_grad():
        v = a[1:3]
    v[0] = x[0] * 2.0
    return np.sum(v)


def written_beside_the_view(x):
    with no_grad():
        v = x[1:3]
    x[1] = x[0] * 2.0
    return np.sum(v)


def written_in_a_loop(x):
    a = x * 1.0
    with no_grad():
        v = a[1:3]
    s = 0.0
    for i in range(3):
        s = s + np.sum(v)
        a[i] = x[i] * 2.0
    return s


@pytest.mark.parametrize("fn", [written_through_the_view, written_beside_the_view, written_in_a_loop],
                         ids=lambda fn: fn.__name__)
def test_a_view_taken_under_no_grad_of_what_is_written_later(fn):
    with pytest.raises(CannotDifferentiate, match="`v` is a view that was taken under `no_grad`"):
        grad(fn)(X)
