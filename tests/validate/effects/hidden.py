"""Effects that stand where they are not looked for: in the user's code that the library calls, in what is no copy."""

import collections
import copy
import enum
import functools
import types

import numpy as np

from ad_compiler import no_grad
from tests.validate.effects.base import AGAIN, CHANGES, NOT_AGAIN, REFUSED, effect


def counted(make):
    """A trial of which the world is how often `note` was called."""
    seen = []

    def note(value=None):
        seen.append(1)
        return value
    return *make(note), lambda: len(seen)


class Noting:
    """Its special methods are counted; how they do that cannot be read (`append` of a list that is kept apart)."""

    def __init__(self, note):
        self.note = note

    def __repr__(self):
        self.note()
        return "Noting"

    def __hash__(self):
        self.note()
        return 1

    def __eq__(self, other):
        self.note()
        return True

    def __len__(self):
        self.note()
        return 2

    def __bool__(self):
        self.note()
        return True

    def __float__(self):
        self.note()
        return 2.0

    def __index__(self):
        self.note()
        return 1

    def __iter__(self):
        self.note()
        return iter([1.0, 2.0])

    def __getitem__(self, key):
        self.note()
        return 2.0

    def __contains__(self, key):
        self.note()
        return True

    def __format__(self, spec):
        self.note()
        return "Noting"

    def __array__(self, dtype=None, copy=None):
        self.note()
        return np.ones(2)

    @property
    def w(self):
        self.note()
        return 2.0


def _uses(thing):
    """Ways to have a special method called."""
    def use_str(x):
        str(thing)
        return x * x

    def use_format(x):
        f"{thing}"
        return x * x

    def use_percent(x):
        "%s" % (thing,)      # noqa: UP031  (under test)
        return x * x

    def use_hash(x):
        hash(thing)
        return x * x

    def use_eq(x): return x * x if thing == 3 else x
    def use_len(x): return x * len(thing)
    def use_bool(x): return x * x if thing else x
    def use_not(x): return x if not thing else x * x
    def use_float(x): return x * float(thing)
    def use_int(x): return x * [1.0, 2.0][thing]
    def use_iter(x): return x * sum(thing)
    def use_for(x):
        for w in thing:
            x = x * w
        return x
    def use_list(x): return x * len(list(thing))
    def use_getitem(x): return x * thing[0]
    def use_contains(x): return x * x if 3 in thing else x
    def use_array(x): return x * np.sum(np.asarray(thing))
    def use_property(x): return x * thing.w
    def use_getattr(x): return x * getattr(thing, "w")
    def use_key(x): return x * {1: 2.0, thing: 3.0}[thing]
    def use_in(x): return x * x if thing in [1, 2] else x
    def use_set(x): return x * len({thing, 1})
    def use_repr(x): return x * len(repr(thing))
    return [use for name, use in locals().items() if name.startswith("use_")]


BY_LIBRARY = {"format", "percent", "array"}

for number, use in enumerate(_uses(None)):
    def _make(number=number):
        def make(note):
            return _uses(Noting(note))[number], (3.0,)
        return counted(make)
    name = use.__name__[4:]
    fault = "the library calls a special method of the user's" if name in BY_LIBRARY else \
        "the compiler's: a set has as many items as are written" if name == "set" else ""
    effect(f"special method of a global object: {name}",
           REFUSED if name in ("int", "key") else NOT_AGAIN, fault=fault)(_make)


UNREAD = {"eval", "exec", "np.fromiter", "copy.copy", "copy.deepcopy"}

for name, call in {
    "sorted(key=)": lambda note: sorted([2.0, 1.0], key=note), "max(key=)": lambda note: max([2.0, 1.0], key=note),
    "map": lambda note: list(map(note, [1.0, 2.0])), "filter": lambda note: list(filter(note, [1.0, 2.0])),
    "reduce": lambda note: functools.reduce(lambda a, b: note(b), [1.0, 2.0]),
    "np.vectorize": lambda note: np.vectorize(note)(np.ones(2)),
    "np.apply_along_axis": lambda note: np.apply_along_axis(note, 0, np.ones(2)),
    "np.fromfunction": lambda note: np.fromfunction(note, (2,)),
    "np.fromiter": lambda note: np.fromiter((note(1.0) for _ in range(2)), float, 2),
    "np.frompyfunc": lambda note: np.frompyfunc(note, 1, 1)(np.ones(2)),
    "np.piecewise": lambda note: np.piecewise(np.ones(2), [np.ones(2) > 0.0], [note]),
    "any of a generator": lambda note: any(note(False) for _ in range(2)),
    "comprehension": lambda note: [note(1.0) for _ in range(2)],
    "eval": lambda note: eval("note(1.0)", {"note": note}),
    "exec": lambda note: exec("note(1.0)", {"note": note}),
    "defaultdict": lambda note: collections.defaultdict(note)[1],
    "iter(callable, sentinel)": lambda note: next(iter(note, 1)),
    "types.MethodType": lambda note: types.MethodType(note, 1.0)(),
    "getattr of a module": lambda note: getattr(types.SimpleNamespace(note=note), "note")(1.0),
    "copy.copy": lambda note: copy.copy(Copied(note)), "copy.deepcopy": lambda note: copy.deepcopy(Copied(note)),
}.items():
    def _make(call=call):
        def make(note):
            def f(x):
                call(note)
                return x * x
            return f, (3.0,)
        return counted(make)
    effect(f"function given to the library: {name}", REFUSED if name in UNREAD else NOT_AGAIN)(_make)


class Copied:
    """Counts how often it is copied."""

    def __init__(self, note):
        self.note = note

    def __copy__(self):
        self.note()
        return self

    def __deepcopy__(self, memo):
        self.note()
        return self


@effect("lru_cache: a function that counts", NOT_AGAIN)
def _():
    def make(note):
        @functools.lru_cache
        def table(n):
            note()
            return 2.0

        def f(x):
            return x * table(3)
        return f, (3.0,)
    return counted(make)


@effect("cache: a method of a global object", NOT_AGAIN)
def _():
    def make(note):
        class Model:
            @functools.cache
            def table(self, n):
                note()
                return 2.0
        model = Model()

        def f(x):
            return x * model.table(3)
        return f, (3.0,)
    return counted(make)


@effect("cached_property of a global object", AGAIN)
def _():
    def make(note):
        class Model:
            @functools.cached_property
            def table(self):
                note()
                return 2.0
        model = Model()

        def f(x):
            return x * model.table
        return f, (3.0,)
    return counted(make)


@effect("no_grad: a helper that counts", CHANGES)
def _():
    def make(note):
        @no_grad
        def helper(y):
            note()
            return y

        def f(x):
            return x * helper(x)
        return f, (3.0,)
    return counted(make)


@effect("argument that is no copy: a class, its attribute", NOT_AGAIN)
def _():
    class Model:
        seen = []

    def f(x, cls):
        cls.seen.append(1.0)
        return x * x
    return f, (3.0, Model), lambda: len(Model.seen)


@effect("argument that is no copy: a function, its attribute", NOT_AGAIN)
def _():
    def callback(y):
        return y
    callback.seen = []

    def f(x, callback):
        callback.seen.append(1.0)
        return callback(x) * x
    return f, (3.0, callback), lambda: len(callback.seen)


@effect("argument that is no copy: a function, its closure", CHANGES)
def _():
    seen = []

    def callback(y):
        seen.append(1.0)
        return y

    def f(x, callback):
        return callback(x) * x
    return f, (3.0, callback), lambda: len(seen)


@effect("argument that is no copy: a function, its default", CHANGES)
def _():
    def callback(y, seen=[]):
        seen.append(1.0)
        return y

    def f(x, callback):
        return callback(x) * x
    return f, (3.0, callback), lambda: len(callback.__defaults__[0])


@effect("argument that is no copy: append of a list that is an argument too", NOT_AGAIN)
def _():
    def f(x, seen, note):
        note(1.0)
        return x * x
    seen = []
    return f, (3.0, seen, seen.append), lambda: len(seen)


@effect("argument that is no copy: append of a list, inside a partial", NOT_AGAIN)
def _():
    def f(x, note):
        note()
        return x * x
    seen = []
    return f, (3.0, functools.partial(seen.append, 1.0)), lambda: len(seen)


@effect("argument that is no copy: a module", CHANGES)
def _():
    module = types.ModuleType("state")
    module.seen = []

    def f(x, module):
        module.seen.append(1.0)
        return x * x
    return f, (3.0, module), lambda: len(module.seen)


@effect("argument that is no copy: a member of an enum", NOT_AGAIN)
def _():
    class Mode(enum.Enum):
        FAST = 1
    Mode.FAST.seen = []

    def f(x, mode):
        mode.seen.append(1.0)
        return x * x
    return f, (3.0, Mode.FAST), lambda: len(Mode.FAST.seen)


@effect("argument that is no copy: __deepcopy__ gives itself", NOT_AGAIN)
def _():
    class Single:
        def __init__(self):
            self.seen = []

        def __deepcopy__(self, memo):
            return self

    def f(x, one):
        one.seen.append(1.0)
        return x * x
    one = Single()
    return f, (3.0, one), lambda: len(one.seen)


@effect("argument that is no copy: __reduce__ gives a name", NOT_AGAIN)
def _():
    def f(x, one):
        one.seen.append(1.0)
        return x * x
    SINGLE.seen = []
    return f, (3.0, SINGLE), lambda: len(SINGLE.seen)


class Named:
    """A singleton."""

    seen: list = []

    def __reduce__(self):
        return "SINGLE"


SINGLE = Named()


@effect("argument that is no copy: a mapping proxy", REFUSED)
def _():
    def f(x, proxy):
        proxy["seen"].append(1.0)
        return x * x
    inner = {"seen": []}
    return f, (3.0, types.MappingProxyType(inner)), lambda: len(inner["seen"])


@effect("bound method as argument: of an object that counts", CHANGES)
def _():
    class Meter:
        def __init__(self):
            self.total = 0.0

        def add(self, v):
            self.total += v
            return v

    def f(x, add):
        return add(2.0) * x
    meter = Meter()
    return f, (3.0, meter.add), lambda: meter.total
