"""Functions with a loop over `over(…, snapshots)`, made for `checkpointed` and for a plain loop.

>>> f = made("halved", lambda items, snapshots=None: items)
>>> f(1.0, 3, 2)
0.125
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import no_grad

MAKERS: dict[str, Callable[[Any], Any]] = {}
START = {"number": 0.7, "array": np.array([0.3, -0.4, 0.9, 1.2, 0.1])}


def made(name: str, over: Callable[..., Any]) -> Any:
    """The program, with loops over `over(items, snapshots)`."""
    return MAKERS[name](over)


def program(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    MAKERS[make.__name__] = make
    return make


@program
def halved(over):
    def f(x, n, k):
        for _ in over(range(n), k):
            x = 0.5 * x
        return x
    return f


@program
def every_second(over):
    def f(x, n, k):
        for i in over(range(2, 2 * n + 3, 2), k):
            x = x + 0.01 * i * np.sin(x)
        return x
    return f


@program
def downwards(over):
    def f(x, n, k):
        for i in over(range(n + 1, -2, -3), k):
            x = x + 0.01 * i * np.sin(x)
        return x
    return f


@program
def two_states(over):
    def f(x, n, k):
        y = 2.0 * x
        for _ in over(range(n), k):
            x, y = x + 0.1 * np.sin(y), y * 0.9 + x * x * 0.1
        return x * y
    return f


@program
def left_early(over):
    def f(x, n, k):
        for _ in over(range(n), k):
            x = x + 0.3 * np.sin(x)
            if x > 2.0:
                break
        return x * x
    return f


@program
def returned_from(over):
    def f(x, n, k):
        for _ in over(range(n), k):
            x = x + 0.3 * np.sin(x)
            if x > 2.5:
                return x * x * x
        return x * x
    return f


@program
def skipped(over):
    def f(x, n, k):
        for i in over(range(n), k):
            if i % 3 == 1:
                continue
            x = x + 0.3 * np.sin(x)
        return x * x
    return f


@program
def branched(over):
    def f(x, n, k):
        for _ in over(range(n), k):
            x = x * 0.5 if x > 1.5 else x * 1.3 + 0.1
        return x * x
    return f


@program
def appended(over):
    def f(x, n, k):
        out = []
        for _ in over(range(n), k):
            x = x + 0.3 * np.sin(x)
            out.append(x * x)
        return sum(out) + x
    return f


@program
def loop_inside(over):
    def f(x, n, k):
        for i in over(range(n), k):
            for j in range(i):
                x = x + 0.1 * np.sin(x * j)
        return x
    return f


@program
def both_loops(over):
    def f(x, n, k):
        for _ in over(range(n), k):
            for j in over(range(4), 2):
                x = x + 0.1 * np.sin(x * j)
        return x
    return f


@program
def inside_a_loop(over):
    def f(x, n, k):
        for _ in range(3):
            y = x * x
            for _ in over(range(n), k):
                x = x + 0.1 * np.sin(x * y)
            x = x * y * 0.5
        return x
    return f


@program
def while_inside(over):
    def f(x, n, k):
        for _ in over(range(n), k):
            while x > 1.0:
                x = x * 0.7
            x = x + 0.5 * np.cos(x)
        return x
    return f


@program
def bound_inside(over):
    def f(x, n, k):
        last = 0.0
        for _ in over(range(n), k):
            y = x * x
            x = x + 0.1 * np.sin(y)
            last = y
        return x + last
    return f


@program
def nothing_said(over):
    def f(x, n, k):
        for _ in over(range(n)):
            x = x + 0.3 * np.sin(x)
        return x * x
    return f


@program
def numbered(over):
    def f(x, n, k):
        for i, t in over(enumerate(range(n)), k):
            x = x + 0.03 * i * np.sin(x + t)
        return x * x
    return f


@program
def over_an_array(over):
    def f(x, n, k):
        for t in over(np.arange(1.0 * n), k):
            x = x + 0.03 * np.sin(x + t)
        return x * x
    return f


@program
def heat(over):
    def f(u, n, k):
        for t in over(range(n), k):
            u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) * np.cos(0.1 * t)
        return np.sum(u * u)
    return f


@program
def element_by_element(over):
    def f(u, n, k):
        for _ in over(range(n), k):
            for i in range(1, len(u)):
                u[i] = u[i] + 0.1 * np.sin(u[i - 1])
        return np.sum(u * u)
    return f


@program
def stored_only(over):
    def f(u, n, k):
        us, v = np.zeros((n, len(u))), u * 1.0
        for t in over(range(n), k):
            us[t] = v
            v = v + 0.1 * np.sin(v)
        return np.sum(us * us) + np.sum(v)
    return f


@program
def stored_and_read(over):
    def f(u, n, k):
        us = np.zeros((n + 1, len(u)))
        us[0] = u
        for t in over(range(n), k):
            us[t + 1] = us[t] + 0.1 * np.sin(us[t])
        return np.sum(us * us)
    return f


@program
def swapped(over):
    def f(u, n, k):
        a, b = u * 1.0, u * 2.0
        for _ in over(range(n), k):
            b[1:] = 0.5 * a[:-1] * b[1:]
            a, b = b, a
        return np.sum(a * a)
    return f


@program
def recurrent(over):
    def f(u, n, k):
        w, h = np.outer(u, u) * 0.1, u
        for _ in over(range(n), k):
            h = np.tanh(w @ h + u)
        return np.sum(h * h)
    return f


@program
def dict_of_states(over):
    def f(u, n, k):
        s = {"a": u * 1.0, "b": 0.5}
        for _ in over(range(n), k):
            s = {"a": s["a"] * s["b"] + 0.1, "b": np.tanh(s["b"] + np.sum(s["a"]))}
        return np.sum(s["a"]) * s["b"]
    return f


@program
def masked(over):
    def f(u, n, k):
        for _ in over(range(n), k):
            u[u > 0.5] *= 0.5
            u += 0.2 * np.cos(u)
        return np.sum(u * u)
    return f


@program
def seen_through_a_view(over):
    def f(u, n, k):
        v = u[1:]
        for _ in over(range(n), k):
            v *= 0.9
            u[0] += 0.1 * v[0] * u[0]
        return np.sum(u * u)
    return f


@program
def stopped(over):
    def f(u, n, k):
        for _ in over(range(n), k):
            with no_grad():
                s = np.sum(u)
            u = u + 0.1 * np.sin(u) * s
        return np.sum(u)
    return f


@program
def quiet(over):
    def f(u, n, k):
        for _ in over(range(n), k):
            with np.errstate(all="ignore"):
                v = np.log(u * u)
            u = u + 0.1 * np.sin(v)
        return np.sum(u * u)
    return f


@program
def in_an_arm(over):
    def f(u, n, k):
        if u[0] > 0.0:
            m = k + 1
            for _ in over(range(n), m):
                u = u + 0.1 * np.sin(u)
        return np.sum(u * u)
    return f


ARRAYS = ("in_an_arm", "heat", "element_by_element", "stored_only", "stored_and_read", "swapped", "recurrent", "dict_of_states",
          "masked", "seen_through_a_view", "stopped", "quiet")


def start(name: str) -> Any:
    """The argument to begin with."""
    return START["array"].copy() if name in ARRAYS else START["number"]
