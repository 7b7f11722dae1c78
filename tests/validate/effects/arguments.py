"""Changes of arguments: they are made to copies."""

import bisect
import collections
import dataclasses
import functools
import heapq

import numpy as np

from tests.validate.effects.base import AGAIN, NOT_AGAIN, REFUSED, effect


class State:
    """An object with attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


@effect("array argument: element stored", AGAIN)
def _():
    def f(x, a):
        a[0] = 7.0
        return np.sum(x * a)
    x, a = np.arange(3.0), np.ones(3)
    return f, (x, a), lambda: (x.tolist(), a.tolist())


@effect("array argument: the one that is differentiated", AGAIN)
def _():
    def f(x):
        x *= 2.0
        x[1] = 3.0
        return np.sum(x * x)
    x = np.arange(3.0)
    return f, (x,), x.tolist


@effect("array argument: through a view", AGAIN)
def _():
    def f(x, a):
        row = a[1]
        row += x
        return np.sum(a * a)
    x, a = np.arange(3.0), np.ones((2, 3))
    return f, (x, a), a.tolist


@effect("array argument: one array twice", AGAIN)
def _():
    def f(x, a, b):
        a[0] = 5.0
        return np.sum(x * b)
    x, a = np.arange(3.0), np.ones(3)
    return f, (x, a, a), a.tolist


@effect("array argument: overlapping views", AGAIN)
def _():
    def f(x, a, b):
        total = np.sum(x * b)
        a[1] = 5.0
        return total + np.sum(x * a)
    x, a = np.arange(3.0), np.ones(4)
    return f, (x, a[:3], a[1:]), a.tolist


@effect("array argument: sort, fill, out=", AGAIN)
def _():
    def f(x, a, b):
        a.sort()
        b.fill(2.0)
        np.add(a, b, out=b)
        return np.sum(x * b)
    x, a, b = np.arange(3.0), np.array([3.0, 1.0, 2.0]), np.ones(3)
    return f, (x, a, b), lambda: (a.tolist(), b.tolist())


@effect("list argument: append", AGAIN)
def _():
    def f(x, seen):
        seen.append(2.0)
        return x * x * len(seen)
    seen = [1.0]
    return f, (3.0, seen), lambda: list(seen)


@effect("list argument: item, pop, extend, del", AGAIN)
def _():
    def f(x, items):
        items[0] = 5.0
        last = items.pop()
        items.extend([1.0, 2.0])
        del items[1]
        return x * last * items[0]
    items = [1.0, 2.0, 3.0]
    return f, (3.0, items), lambda: list(items)


@effect("list argument: item of a nested list", AGAIN)
def _():
    def f(x, rows):
        rows[1][0] += 1.0
        return x * rows[1][0]
    rows = [[1.0], [2.0]]
    return f, (3.0, rows), lambda: [list(row) for row in rows]


@effect("list argument: arrays in it", AGAIN)
def _():
    def f(layers):
        for w in layers:
            w *= 0.5
        return np.sum(layers[0]) * np.sum(layers[1])
    layers = [np.ones(2), np.ones(3)]
    return f, (layers,), lambda: [w.tolist() for w in layers]


@effect("dict argument: item", AGAIN)
def _():
    def f(x, table):
        table["n"] = table["n"] + 1.0
        return x * table["n"]
    table = {"n": 1.0}
    return f, (3.0, table), lambda: dict(table)


@effect("dict argument: new key, update", AGAIN)
def _():
    def f(x, table):
        table["new"] = 1.0
        table.update(other=2.0)
        return x * table["n"]
    table = {"n": 1.0}
    return f, (3.0, table), lambda: dict(table)


@effect("object argument: attribute", AGAIN)
def _():
    def f(x, state):
        state.count += 1.0
        return x * state.count
    state = State(count=0.0)
    return f, (3.0, state), lambda: state.count


@effect("object argument: list attribute", AGAIN)
def _():
    def f(x, state):
        state.seen.append(1.0)
        return x * x
    state = State(seen=[])
    return f, (3.0, state), lambda: list(state.seen)


@effect("object argument: method that changes it", AGAIN)
def _():
    class Meter:
        def __init__(self):
            self.total = 0.0

        def add(self, v):
            self.total += v

    def f(x, meter):
        meter.add(2.0)
        return x * meter.total
    meter = Meter()
    return f, (3.0, meter), lambda: meter.total


@effect("object argument: setattr", AGAIN)
def _():
    def f(x, state):
        setattr(state, "count", 5.0)
        return x * state.count
    state = State(count=0.0)
    return f, (3.0, state), lambda: state.count


@effect("object argument: object.__setattr__ of a frozen dataclass", AGAIN)
def _():
    @dataclasses.dataclass(frozen=True)
    class Frozen:
        w: float

    def f(x, thing):
        object.__setattr__(thing, "w", 5.0)
        return x * thing.w
    thing = Frozen(2.0)
    return f, (3.0, thing), lambda: thing.w


@effect("object argument: __dict__", AGAIN)
def _():
    def f(x, state):
        state.__dict__["count"] = 5.0
        return x * state.count
    state = State(count=0.0)
    return f, (3.0, state), lambda: state.count


@effect("object argument: vars()", AGAIN)
def _():
    def f(x, state):
        vars(state)["count"] = 5.0
        return x * state.count
    state = State(count=0.0)
    return f, (3.0, state), lambda: state.count


@effect("object argument: two that are one", AGAIN)
def _():
    def f(x, a, b):
        y = x * b.w
        a.w = 5.0
        return x * y
    state = State(w=2.0)
    return f, (3.0, state, state), lambda: state.w


@effect("dataclass argument: attribute", AGAIN)
def _():
    @dataclasses.dataclass
    class Params:
        w: float
        n: float = 0.0

    def f(p):
        p.n += 1.0
        return p.w * p.w
    p = Params(2.0)
    return f, (p,), lambda: (p.w, p.n)


@effect("object argument: __slots__", AGAIN)
def _():
    class Slotted:
        __slots__ = ("w",)

        def __init__(self):
            self.w = 1.0

    def f(x, thing):
        thing.w += 1.0
        return x * thing.w
    thing = Slotted()
    return f, (3.0, thing), lambda: thing.w


@effect("object argument: property with a setter", AGAIN)
def _():
    class Celsius:
        def __init__(self):
            self.kelvin = 300.0

        @property
        def degrees(self):
            return self.kelvin - 273.0

        @degrees.setter
        def degrees(self, value):
            self.kelvin = value + 273.0

    def f(x, t):
        t.degrees = 1.0
        return x * t.kelvin
    t = Celsius()
    return f, (3.0, t), lambda: t.kelvin


@effect("object argument: cached_property", AGAIN)
def _():
    done = []

    class Lazy:
        w = 2.0

        @functools.cached_property
        def square(self):
            return self.w * self.w

    def f(x, thing):
        return x * thing.square
    thing = Lazy()
    return f, (3.0, thing), lambda: (sorted(vars(thing)), len(done))


@effect("deque argument: append", AGAIN)
def _():
    def f(x, seen):
        seen.append(1.0)
        return x * len(seen)
    seen = collections.deque()
    return f, (3.0, seen), lambda: list(seen)


@effect("heap argument: heappush", AGAIN)
def _():
    def f(x, heap):
        heapq.heappush(heap, 1.0)
        return x * x
    heap = [2.0]
    return f, (3.0, heap), lambda: list(heap)


@effect("list argument: bisect.insort", REFUSED)
def _():
    def f(x, items):
        bisect.insort(items, 1.5)
        return x * len(items)
    items = [1.0, 2.0]
    return f, (3.0, items), lambda: list(items)


@effect("set argument: add", AGAIN)
def _():
    def f(x, seen):
        seen.add(len(seen))
        return x * len(seen)
    seen = {0}
    return f, (3.0, seen), lambda: sorted(seen)


@effect("bytearray argument: append", AGAIN)
def _():
    def f(x, seen):
        seen.append(1)
        return x * len(seen)
    seen = bytearray(b"")
    return f, (3.0, seen), lambda: list(seen)


@effect("integer array argument: stored", AGAIN)
def _():
    def f(x, n):
        n += 1
        return x * n[0]
    n = np.zeros(2, int)
    return f, (3.0, n), n.tolist


@effect("object array argument: stored", REFUSED)
def _():
    def f(x, n):
        n[0] = 5.0
        return x * x
    n = np.array([1.0, "two"], object)
    return f, (3.0, n), n.tolist


@effect("array of *rest: stored", AGAIN)
def _():
    def f(x, *rest):
        rest[0][0] = 6.0
        return x * rest[0][0] * rest[1][0]
    a, b = np.ones(1), np.ones(1)
    return f, (3.0, a, b), lambda: (a.tolist(), b.tolist())


@effect("self of a bound method: attribute", NOT_AGAIN)
def _():
    class Model:
        def __init__(self):
            self.calls, self.w = 0.0, 2.0

        def loss(self, x):
            self.calls += 1.0
            return self.w * x * x
    model = Model()
    return model.loss, (3.0,), lambda: model.calls


@effect("self given as an argument: attribute", AGAIN)
def _():
    class Model:
        def __init__(self):
            self.calls, self.w = 0.0, 2.0

        def loss(x, self):
            self.calls += 1.0
            return self.w * x * x
    model = Model()
    return Model.loss, (3.0, model), lambda: model.calls
