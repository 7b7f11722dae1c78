"""Changes of lists, dicts, arrays that stand outside of the function: it is not run a second time."""


import bisect
import collections
import functools
import heapq
import operator

import numpy as np

from tests.validate.effects.base import CHANGES, NOT_AGAIN, REFUSED, effect

LIST: list = []
DICT: dict = {}
ARRAY = np.zeros(3)
DEQUE: collections.deque = collections.deque()
HEAP: list = []
SET: set = set()
DEFAULTS: collections.defaultdict = collections.defaultdict(list)
COUNTER: collections.Counter = collections.Counter()


def fresh():
    """All of it as it was at first."""
    for each in (LIST, DICT, DEQUE, HEAP, SET, DEFAULTS, COUNTER):
        each.clear()
    ARRAY[:] = 0.0
    LIST.append(1.0)
    DICT["n"] = 1.0


@effect("global list: append", CHANGES)
def _():
    def f(x):
        LIST.append(2.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: append of what is computed", CHANGES)
def _():
    def f(x):
        y = x * x
        LIST.append(y)
        return y
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: extend", CHANGES)
def _():
    def f(x):
        LIST.extend([1.0, 2.0])
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: +=", REFUSED)
def _():
    def f(x):
        global LIST
        LIST += [1.0]
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: second name, +=", CHANGES)
def _():
    def f(x):
        mine = LIST
        mine += [1.0]
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: item", CHANGES)
def _():
    def f(x):
        LIST[0] = LIST[0] + 1.0
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: pop, insert, clear", CHANGES)
def _():
    def f(x):
        LIST.insert(0, 5.0)
        LIST.pop()
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: list.append(LIST, ...)", NOT_AGAIN)
def _():
    def f(x):
        list.append(LIST, 2.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: operator.iadd", CHANGES)
def _():
    def f(x):
        operator.iadd(LIST, [2.0])
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: operator.methodcaller", REFUSED)
def _():
    append = operator.methodcaller("append", 2.0)

    def f(x):
        append(LIST)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: functools.partial of its append", NOT_AGAIN)
def _():
    append = functools.partial(LIST.append, 2.0)

    def f(x):
        append()
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: its append under a name", NOT_AGAIN)
def _():
    append = LIST.append

    def f(x):
        append(2.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: its append as a default", NOT_AGAIN)
def _():
    def f(x, append=LIST.append):
        append(2.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: functools.reduce over it", CHANGES)
def _():
    def f(x):
        functools.reduce(lambda a, b: a.append(b) or a, [1.0, 2.0], LIST)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: list(map(LIST.append, ...))", CHANGES)
def _():
    def f(x):
        list(map(LIST.append, [1.0, 2.0]))
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global list: sort", NOT_AGAIN)
def _():
    def f(x):
        LIST.sort()
        return x * x
    fresh()
    LIST[:] = [3.0, 1.0]
    return f, (3.0,), lambda: list(LIST)


@effect("global dict: item", CHANGES)
def _():
    def f(x):
        DICT["n"] = DICT["n"] + 1.0
        return x * DICT["n"]
    fresh()
    return f, (3.0,), lambda: dict(DICT)


@effect("global dict: new key", CHANGES)
def _():
    def f(x):
        DICT["m"] = 1.0
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(DICT)


@effect("global dict: update", CHANGES)
def _():
    def f(x):
        DICT.update(k=1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(DICT)


@effect("global dict: setdefault", CHANGES)
def _():
    def f(x):
        DICT.setdefault("k", []).append(1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: str(DICT)


@effect("global dict: as a cache of values", CHANGES)
def _():
    def f(x):
        if "value" not in DICT:
            DICT["value"] = 5.0
            LIST.append(1.0)
        return x * DICT["value"]
    fresh()
    return f, (3.0,), lambda: (str(DICT), len(LIST))


@effect("global dict: operator.setitem", CHANGES)
def _():
    def f(x):
        operator.setitem(DICT, "k", 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(DICT)


@effect("global dict: dict.__setitem__(DICT, ...)", REFUSED)
def _():
    def f(x):
        dict.__setitem__(DICT, "k", DICT.get("k", 0.0) + 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(DICT)


@effect("global defaultdict: a key that is not there", NOT_AGAIN)
def _():
    def f(x):
        DEFAULTS[len(DEFAULTS)]
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(DEFAULTS)


@effect("global Counter: update", REFUSED)
def _():
    def f(x):
        COUNTER.update("a")
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(COUNTER)


@effect("global Counter: item", REFUSED)
def _():
    def f(x):
        COUNTER["a"] += 1
        return x * x
    fresh()
    return f, (3.0,), lambda: dict(COUNTER)


@effect("global array: element", CHANGES)
def _():
    def f(x):
        ARRAY[0] = ARRAY[0] + 1.0
        return np.sum(x * ARRAY)
    fresh()
    return f, (np.arange(3.0),), ARRAY.tolist


@effect("global array: +=", CHANGES)
def _():
    def f(x):
        a = ARRAY
        a += 1.0
        return np.sum(x * x)
    fresh()
    return f, (np.arange(3.0),), ARRAY.tolist


@effect("global array: through a view", CHANGES)
def _():
    def f(x):
        part = ARRAY[1:]
        part += 1.0
        return np.sum(x * x)
    fresh()
    return f, (np.arange(3.0),), ARRAY.tolist


@effect("global array: out=", CHANGES)
def _():
    def f(x):
        np.add(ARRAY, 1.0, out=ARRAY)
        return np.sum(x * x)
    fresh()
    return f, (np.arange(3.0),), ARRAY.tolist


@effect("global array: np.add.at", CHANGES)
def _():
    def f(x):
        np.add.at(ARRAY, [0, 0, 1], 1.0)
        return np.sum(x * x)
    fresh()
    return f, (np.arange(3.0),), ARRAY.tolist


@effect("global array: np.ndarray.fill(ARRAY, ...)", CHANGES)
def _():
    def f(x):
        np.ndarray.fill(ARRAY, 1.0 + ARRAY[0])
        return np.sum(x * x)
    fresh()
    return f, (np.arange(3.0),), ARRAY.tolist


@effect("global array: np.random.shuffle", REFUSED)
def _():
    def f(x):
        np.random.shuffle(ARRAY)
        return np.sum(x * x)
    fresh()
    np.random.seed(0)
    return f, (np.arange(3.0),), lambda: np.random.get_state()[2]


@effect("global deque: append", NOT_AGAIN)
def _():
    def f(x):
        DEQUE.append(1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(DEQUE)


@effect("global deque: collections.deque.append(DEQUE, ...)", REFUSED)
def _():
    def f(x):
        collections.deque.append(DEQUE, 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(DEQUE)


@effect("global heap: heappush", NOT_AGAIN)
def _():
    def f(x):
        heapq.heappush(HEAP, 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(HEAP)


@effect("global heap: the heappush written in Python", REFUSED)
def _():
    from test.support import import_helper
    python = import_helper.import_fresh_module("heapq", blocked=["_heapq"])

    def f(x):
        python.heappush(HEAP, 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(HEAP)


@effect("global list: bisect.insort", REFUSED)
def _():
    def f(x):
        bisect.insort(LIST, 1.0)
        return x * x
    fresh()
    return f, (3.0,), lambda: list(LIST)


@effect("global set: add", NOT_AGAIN)
def _():
    def f(x):
        SET.add(len(SET))
        return x * x
    fresh()
    return f, (3.0,), lambda: sorted(SET)


@effect("global set: set.add(SET, ...)", REFUSED)
def _():
    def f(x):
        set.add(SET, len(SET))
        return x * x
    fresh()
    return f, (3.0,), lambda: sorted(SET)


