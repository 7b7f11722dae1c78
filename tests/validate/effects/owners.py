"""Changes of what objects, classes, functions and closures hold: the function is not run a second time."""

import functools
import threading

from tests.validate.effects.base import AGAIN, CHANGES, NOT_AGAIN, REFUSED, effect


class State:
    """An object with attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


OBJECT = State(count=0.0, seen=[])
NUMBER = 0.0
LOCK = threading.Lock()


def fresh():
    """All of it as it was at first."""
    OBJECT.__dict__.update(count=0.0, seen=[])


@effect("global object: attribute", CHANGES)
def _():
    def f(x):
        OBJECT.count += 1.0
        return x * OBJECT.count
    fresh()
    return f, (3.0,), lambda: OBJECT.count


@effect("global object: list attribute", CHANGES)
def _():
    def f(x):
        OBJECT.seen.append(1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(OBJECT.seen)


@effect("global object: setattr", CHANGES)
def _():
    def f(x):
        setattr(OBJECT, "count", OBJECT.count + 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: OBJECT.count


@effect("global object: object.__setattr__", CHANGES)
def _():
    def f(x):
        object.__setattr__(OBJECT, "count", 1.0 + OBJECT.count)
        return x * x
    fresh()
    return f, (3.0,), lambda: OBJECT.count


@effect("global object: __dict__.update", CHANGES)
def _():
    def f(x):
        OBJECT.__dict__.update(count=OBJECT.count + 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: OBJECT.count


@effect("global number: `global`", REFUSED)
def _():
    def f(x):
        global NUMBER
        NUMBER += 1.0
        return x * x
    fresh()
    return f, (3.0,), lambda: NUMBER


@effect("globals()", REFUSED)
def _():
    def f(x):
        globals()["NUMBER"] = globals()["NUMBER"] + 1.0
        return x * x
    fresh()
    globals()["NUMBER"] = 0.0
    return f, (3.0,), lambda: NUMBER


@effect("nonlocal number", REFUSED)
def _():
    count = 0.0

    def f(x):
        nonlocal count
        count += 1.0
        return x * count
    return f, (3.0,), lambda: count


@effect("closure list: append", CHANGES)
def _():
    seen = []

    def f(x):
        seen.append(1.0)
        return x * x
    return f, (3.0,), lambda: list(seen)


@effect("closure list: in a helper", CHANGES)
def _():
    seen = []

    def note(y):
        seen.append(1.0)
        return y

    def f(x):
        return note(x) * x
    return f, (3.0,), lambda: list(seen)


@effect("class attribute", REFUSED)
def _():
    class Model:
        calls = 0.0

    def f(x):
        Model.calls += 1.0
        return x * x
    return f, (3.0,), lambda: Model.calls


@effect("class attribute: through type(self)", REFUSED)
def _():
    class Model:
        calls = 0.0

        def loss(self, x):
            type(self).calls += 1.0
            return x * x
    return Model().loss, (3.0,), lambda: Model.calls


@effect("class attribute: list, through self", CHANGES)
def _():
    class Model:
        seen = []

        def loss(self, x):
            self.seen.append(1.0)
            return x * x
    return Model().loss, (3.0,), lambda: list(Model.seen)


@effect("class attribute: list, of an argument's class", NOT_AGAIN)
def _():
    class Model:
        seen = []

    def f(x, model):
        model.seen.append(1.0)
        return x * x
    return f, (3.0, Model()), lambda: list(Model.seen)


@effect("class attribute: in a classmethod", REFUSED)
def _():
    class Model:
        calls = 0.0

        @classmethod
        def count(cls):
            cls.calls += 1.0

    def f(x):
        Model.count()
        return x * x
    return f, (3.0,), lambda: Model.calls


@effect("class attribute: instances that are counted", NOT_AGAIN)
def _():
    class Made:
        made = []

        def __init__(self, w):
            self.w = w
            Made.made.append(1.0)

    def f(x):
        return Made(x).w * x
    return f, (3.0,), lambda: list(Made.made)


@effect("function attribute", REFUSED)
def _():
    def f(x):
        f.calls += 1
        return x * x
    f.calls = 0
    return f, (3.0,), lambda: f.calls


@effect("function attribute: of a helper", REFUSED)
def _():
    def helper(x):
        helper.calls += 1.0
        return x * x
    helper.calls = 0.0

    def f(x):
        return helper(x)
    return f, (3.0,), lambda: helper.calls


@effect("default argument that grows", AGAIN)
def _():
    def f(x, seen=[]):
        seen.append(1.0)
        return x * x
    return f, (3.0,), lambda: list(f.__defaults__[0])


@effect("default argument that grows: of a helper", CHANGES)
def _():
    def helper(x, seen=[]):
        seen.append(1.0)
        return x * x

    def f(x):
        return helper(x)
    return f, (3.0,), lambda: list(helper.__defaults__[0])


@effect("keyword-only default that grows", AGAIN)
def _():
    def f(x, *, seen=[]):
        seen.append(1.0)
        return x * x
    return f, (3.0,), lambda: list(f.__kwdefaults__["seen"])


@effect("callable object: counts its calls", CHANGES)
def _():
    class Loss:
        calls = 0.0

        def __call__(self, x):
            self.calls += 1.0
            return x * x
    loss = Loss()
    return loss, (3.0,), lambda: loss.calls


@effect("callable object: called by the function, counts its calls", CHANGES)
def _():
    class Scale:
        def __init__(self):
            self.calls = 0.0

        def __call__(self, x):
            self.calls += 1.0
            return 2.0 * x
    scale = Scale()

    def f(x):
        return scale(x) * x
    return f, (3.0,), lambda: scale.calls


@effect("functools.partial: of a list", CHANGES)
def _():
    def f(seen, x):
        seen.append(1.0)
        return x * x
    seen = []
    return functools.partial(f, seen), (3.0,), lambda: list(seen)


@effect("lock: with", AGAIN)
def _():
    def f(x):
        with LOCK:
            return x * x
    return f, (3.0,), LOCK.locked


@effect("lock: acquire and release", NOT_AGAIN)
def _():
    def f(x):
        LOCK.acquire()
        y = x * x
        LOCK.release()
        return y
    return f, (3.0,), LOCK.locked


@effect("lock: acquire alone", NOT_AGAIN)
def _():
    def f(x):
        LOCK.acquire(blocking=False)
        return x * x
    return f, (3.0,), LOCK.locked, lambda: LOCK.locked() and LOCK.release()
