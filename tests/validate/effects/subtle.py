"""Effects by ways round about: of context managers, properties, constructors, other names of what is outside."""

import contextlib
import contextvars
import dataclasses
import decimal
import queue
import uuid

import numpy as np

from tests.validate.effects.base import AGAIN, CHANGES, NOT_AGAIN, REFUSED, effect
from tests.validate.effects.hidden import counted

SHARED: list = []
NUMBERS = np.zeros(4)
QUEUE: queue.Queue = queue.Queue()
VARIABLE: contextvars.ContextVar = contextvars.ContextVar("seen", default=0)


def of_list(f, *args):
    SHARED[:] = [1.0, 2.0]
    return f, (3.0, *args), lambda: list(SHARED)


def of_array(f, *args):
    NUMBERS[:] = [3.0, 1.0, 2.0, 0.0]
    return f, (np.arange(4.0), *args), NUMBERS.tolist


@effect("global list given as argument: append", NOT_AGAIN)
def _():
    def f(x, items):
        items.append(1.0)
        return x * len(SHARED)
    return of_list(f, SHARED)


@effect("global list inside an argument: append", NOT_AGAIN)
def _():
    def f(x, table):
        table["items"].append(1.0)
        return x * len(SHARED)
    return of_list(f, {"items": SHARED})


@effect("global list given as argument: read", AGAIN)
def _():
    def f(x, items):
        return x * items[0] * SHARED[1]
    return of_list(f, SHARED)


@effect("global array given as argument: stored", NOT_AGAIN)
def _():
    def f(x, a):
        a[0] = 5.0
        return np.sum(x * a) + NUMBERS[1]
    return of_array(f, NUMBERS)


@effect("view of a global array given as argument: stored", NOT_AGAIN)
def _():
    def f(x, a):
        last = NUMBERS[3] * 1.0
        a[0] = 5.0
        return np.sum(x) * np.sum(a) + last
    return of_array(f, NUMBERS[:2])


@effect("view of a global array given as argument: stored, and the array read", REFUSED)
def _():
    def f(x, a):
        a[0] = 5.0
        return np.sum(x) * np.sum(a) + NUMBERS[3]
    return of_array(f, NUMBERS[:2])


@effect("global list: slice, *=, remove, del", CHANGES)
def _():
    def f(x):
        items = SHARED
        items[:] = [1.0, 2.0, 3.0]
        del items[0]
        return x * x
    return of_list(f)


@effect("global array: np.copyto, np.put, np.place", CHANGES)
def _():
    def f(x):
        np.copyto(NUMBERS, 1.0)
        np.put(NUMBERS, [0], 2.0)
        return np.sum(x * x)
    return of_array(f)


@effect("global array: flat, T, reshape", CHANGES)
def _():
    def f(x):
        NUMBERS.flat[0] = 5.0
        NUMBERS.T[1] = 6.0
        NUMBERS.reshape(2, 2)[1, 1] = 7.0
        return np.sum(x * x)
    return of_array(f)


@effect("global array: sort in place", CHANGES)
def _():
    def f(x):
        NUMBERS.sort()
        return np.sum(x * x)
    return of_array(f)


@effect("global array: shape set", NOT_AGAIN)
def _():
    array = np.zeros(4)

    def f(x):
        array.shape = (2, 2)
        return np.sum(x * x)
    return f, (np.arange(4.0),), lambda: array.shape


@effect("global array: setflags", REFUSED)
def _():
    def f(x):
        NUMBERS.setflags(write=False)
        return np.sum(x * x)
    return f, (np.ones(2),), lambda: NUMBERS.flags.writeable, lambda: NUMBERS.setflags(write=True)


@effect("global array: through a memoryview", REFUSED)
def _():
    view = memoryview(NUMBERS)

    def f(x):
        view[0] = 5.0
        return np.sum(x * x)
    return of_array(f)


@effect("context manager: a class that counts", NOT_AGAIN)
def _():
    def make(note):
        class Region:
            def __enter__(self):
                note()
                return self

            def __exit__(self, *error):
                note()
        region = Region()

        def f(x):
            with region:
                return x * x
        return f, (3.0,)
    return counted(make)


@effect("context manager: a generator that counts", NOT_AGAIN)
def _():
    def make(note):
        @contextlib.contextmanager
        def region():
            note()
            yield 2.0
            note()

        def f(x):
            with region() as scale:
                return x * scale
        return f, (3.0,)
    return counted(make)


@effect("finally: that counts", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            try:
                y = x * x
            finally:
                note()
            return y
        return f, (3.0,)
    return counted(make)


@effect("constructor: __post_init__ that counts", NOT_AGAIN)
def _():
    def make(note):
        @dataclasses.dataclass
        class Made:
            w: float

            def __post_init__(self):
                note()

        def f(x):
            return Made(x).w * x
        return f, (3.0,)
    return counted(make)


@effect("property: a setter that counts", NOT_AGAIN)
def _():
    def make(note):
        class Thing:
            def __init__(self):
                self.kept = 1.0

            @property
            def w(self):
                return self.kept

            @w.setter
            def w(self, value):
                note()
                self.kept = value

        def f(x):
            thing = Thing()
            thing.w = x
            return thing.w * x
        return f, (3.0,)
    return counted(make)


@effect("operator of a user's class that counts", NOT_AGAIN)
def _():
    def make(note):
        class Scale:
            def __mul__(self, other):
                note()
                return 2.0 * other
        scale = Scale()

        def f(x):
            return (scale * x) * x
        return f, (3.0,)
    return counted(make)


@effect("f-string: an expression that counts", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            f"{note(1)}"
            return x * x
        return f, (3.0,)
    return counted(make)


@effect("assert: a message that counts", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            assert note(True), "no"
            return x * x
        return f, (3.0,)
    return counted(make)


@effect("conditional expression, and, or: that count", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            y = x if note(True) else 2.0 * x
            return x * y if note(False) or note(True) else y
        return f, (3.0,)
    return counted(make)


@effect("in a branch that is taken", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            if x > 1.0:
                note()
            return x * x
        return f, (3.0,)
    return counted(make)


@effect("in a branch that is taken at moved points alone", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            if x != 3.0:
                note()
            return x * x
        return f, (3.0,)
    return counted(make)


@effect("in a recursive helper", NOT_AGAIN)
def _():
    def make(note):
        def power(x, n):
            note()
            return 1.0 if n == 0 else x * power(x, n - 1)

        def f(x, n):
            return power(x, n)
        return f, (3.0, 3)
    return counted(make)


@effect("in a generator that is gone through", NOT_AGAIN)
def _():
    def make(note):
        def numbers(n):
            for i in range(n):
                note()
                yield i * 1.0

        def f(x):
            total = 0.0
            for w in numbers(3):
                total = total + w * x
            return total
        return f, (3.0,)
    return counted(make)


@effect("in a lambda, and a nested function", NOT_AGAIN)
def _():
    def make(note):
        def f(x):
            def inner(y):
                note()
                return y * y
            return (lambda y: inner(note(y)))(x)
        return f, (3.0,)
    return counted(make)


@effect("import inside", AGAIN)
def _():
    def f(x):
        import math
        return x * math.sqrt(4.0)
    return f, (3.0,), lambda: None


@effect("argument with a finaliser", AGAIN)
def _():
    def make(note):
        class Handle:
            w = 2.0

            def __del__(self):
                note()

        def f(x, handle):
            return x * x * handle.w
        return f, (3.0, Handle())
    return counted(make)


@effect("argument that holds what has a finaliser", AGAIN)
def _():
    def make(note):
        class Handle:
            def __del__(self):
                note()

        def f(x, table):
            return x * x * table["w"]
        return f, (3.0, {"w": 2.0, "handles": [Handle()]})
    return counted(make)


@effect("global queue: put", REFUSED)
def _():
    def f(x):
        QUEUE.put_nowait(1.0)
        return x * x
    QUEUE.queue.clear()
    return f, (3.0,), QUEUE.qsize


@effect("queue as argument: put", NOT_AGAIN)
def _():
    def f(x, given):
        given.put(1.0)
        return x * x
    given: queue.SimpleQueue = queue.SimpleQueue()
    return f, (3.0, given), given.qsize


@effect("context variable: set", NOT_AGAIN)
def _():
    def f(x):
        VARIABLE.set(VARIABLE.get() + 1)
        return x * x
    VARIABLE.set(0)
    return f, (3.0,), VARIABLE.get


@effect("uuid.uuid4", NOT_AGAIN)
def _():
    def f(x):
        uuid.uuid4()
        return x * x
    return f, (3.0,), lambda: None


@effect("decimal: precision set", REFUSED)
def _():
    def f(x):
        decimal.setcontext(decimal.Context(prec=5))
        return x * x
    return f, (3.0,), lambda: decimal.getcontext().prec, lambda: decimal.setcontext(decimal.Context())


@effect("scipy: samples of a distribution", NOT_AGAIN, steady=False)
def _():
    from scipy import stats

    def f(x):
        return x * stats.norm.rvs()
    np.random.seed(0)
    return f, (3.0,), lambda: np.random.get_state()[2]
