"""Right programs of objects, state, views, random numbers: a second run on copies must give the same, or not be made."""

import collections
import dataclasses
import functools
import threading
import weakref
from typing import Any

import numpy as np

from ad_compiler import grad, no_grad, register_node, stop_gradient
from tests.validate.base import Case, named, registry

CASES, case = registry()
X = np.array([0.3, 0.7, 1.3])
M = np.arange(12.0).reshape(3, 4) + 0.5
W = np.array([1.0, 2.0, 3.0])
BASE = np.arange(6.0) + 0.5
LOCKED = X.copy()
LOCKED.setflags(write=False)
BUFFER = np.zeros(3)
SHARED = [1.0, 2.0]


class Plain:
    """An object without anything of its own."""

    def __init__(self):
        self.scale, self.calls, self.log = 2.0, 0, []
        self.w = W.copy()

    def loss(self, x):
        return np.sum(self.w * x * x)

    def counted(self, x):
        self.calls += 1
        return self.calls * np.sum(self.w * x * x)

    def __call__(self, x):
        return np.sum(self.w * x ** 3)

    @classmethod
    def of_the_class(cls, x):
        return np.sum(x * x)

    @staticmethod
    def of_nobody(x):
        return np.sum(x * x)


class Slots:
    __slots__ = ("scale",)

    def __init__(self):
        self.scale = 2.0


class CopiesToItself(Plain):
    def __deepcopy__(self, memo):
        return self


class NoCopies(Plain):
    def __deepcopy__(self, memo):
        raise RuntimeError("no copies")


class CopiesToAnother(Plain):
    def __deepcopy__(self, memo):
        new = CopiesToAnother()
        new.scale = 1.0
        return new


class LeavesOut(Plain):
    def __getstate__(self):
        return {"scale": self.scale, "w": None}


class Locked(Plain):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class Knows(Plain):
    def __init__(self):
        super().__init__()
        self.me, self.ring = weakref.ref(self), [self]


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: Any
    b: float
    name: str = "n"


@dataclasses.dataclass
class Derived:
    a: Any
    b: float
    total: float = dataclasses.field(init=False)

    def __post_init__(self):
        self.total = float(np.sum(self.a))


class Node:
    def __init__(self, a, b):
        self.a, self.b = a, b


register_node(Node, lambda n: ((n.a,), n.b), lambda b, parts: Node(*parts, b))
Pair = collections.namedtuple("Pair", "a b")


def three(a, x, b):
    return a * np.sum(x * x) * b


def doubled(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        return 2.0 * f(*args, **kwargs)
    return inner


def closure():
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(x * x) * len(calls)
    return counted


CASES += [Case(name, func, args) for name, (func, *args) in {
    "nothing": (lambda x, w: np.sum(x * x) if w is None else np.sum(x), X, None),
    "slots": (lambda x, s: s.scale * np.sum(x * x), X, Slots()),
    "a copy of itself": (lambda x, s: s.scale * np.sum(x * x), X, CopiesToItself()),
    "no copies": (lambda x, s: s.scale * np.sum(x * x), X, NoCopies()),
    "a copy that is another": (lambda x, s: s.scale * np.sum(x * x), X, CopiesToAnother()),
    "a copy without its array": (lambda x, s: np.sum(x * x) if s.w is None else np.sum(x * x * s.w), X, LeavesOut()),
    "a lock": (lambda x, s: s.scale * np.sum(x * x), X, Locked()),
    "a weak reference": (lambda x, s: s.me().scale * np.sum(x * x), X, Knows()),
    "a ring": (lambda x, s: s.ring[0].scale * np.sum(x * x), X, Knows()),
    "a frozen dataclass": (lambda p: np.sum(p.a ** 2) * p.b, Frozen(X, 2.0)),
    "a dataclass with a derived field": (lambda p: np.sum(p.a ** 2) * p.b + p.total, Derived(X, 2.0)),
    "a named tuple": (lambda p: np.sum(p.a ** 2) * p.b, Pair(X, 2.0)),
    "a registered node": (lambda p: np.sum(p.a ** 2) * p.b, Node(X, 3)),
    "nodes in lists in dicts": (lambda p: np.sum(p["n"][0].a ** 2) * p["b"], {"n": [Node(X, 3)], "b": 2.0}),
    "odd keys": (lambda p: p["a"] * p[3] * p[None] * p[1, 2], {"a": 1.0, 3: 2.0, None: 3.0, (1, 2): 4.0}),
    "one list twice": (lambda p: p[0][0] * p[1][1], [SHARED, SHARED]),
    "one array twice": (lambda p: np.sum(p[0] * p[1]), [X, X]),
    "views of one array": (lambda p: np.sum(p["a"] * p["b"]), {"a": X, "b": X[::-1]}),
    "an argument that is a global": (lambda x: np.sum(x * x * W), W),
    "a view of a global": (lambda x: np.sum(x * W), W[:]),
    "read-only": (lambda x: np.sum(x * x), LOCKED),
    "broadcast": (lambda x: np.sum(x * np.arange(6.0).reshape(2, 3)), np.broadcast_to([[1.0], [2.0]], (2, 3))),
    "transposed": (lambda x: np.sum(x ** 2 * np.arange(12.0).reshape(4, 3)), M.T),
    "strided": (lambda x: np.sum(x ** 2 * np.arange(8.0).reshape(2, 4)), M[::2, ::-1]),
    "windows": (lambda x: np.sum(x ** 2 * np.arange(12.0).reshape(4, 3)), np.lib.stride_tricks.sliding_window_view(BASE, 3)),
    "a method": (Plain().loss, X),
    "a method that counts": (Plain().counted, X),
    "a method of the class": (Plain.of_the_class, X),
    "a static method": (Plain.of_nobody, X),
    "an object that is called": (Plain(), X),
    "a partial": (functools.partial(three, 2.0, b=3.0), X),
    "a closure that counts": (closure(), X),
    "a function as an argument": (lambda x, f: np.sum(f(x)), X, lambda v: v * v),
    "a method as an argument": (lambda x, f: f(x), X, Plain().loss),
    "one that counts": (lambda x, f: f(x), X, Plain().counted),
    "a class as an argument": (lambda x, c: c().loss(x), X, Plain),
    "a default": (lambda x, w=W: np.sum(w * x ** 2), X),
    "a default that grows": (lambda x, seen=[]: (seen.append(1.0), np.sum(x * x) * len(seen))[1], X),
    "a generator of numbers": (lambda x, r: np.sum(x * r.normal(size=3)), X, np.random.default_rng(0)),
    "one made inside": (lambda x: np.sum(x * np.random.default_rng(3).normal(size=3)), X),
    "one without a seed": (lambda x: np.sum(x * np.random.default_rng().normal(size=3)), X),
    "the one of NumPy": (lambda x: np.sum(x * np.random.normal(size=3)), X),
    "a derivative inside": (lambda x: np.sum(grad(lambda y: np.sum(y ** 3))(x)), X),
    "held still": (lambda x: np.sum(x * stop_gradient(x)), X),
}.items()]

CASES += [Case(f"aux: {name}", func, args, 0, True) for name, (func, *args) in {
    "NaN": (lambda x: (np.sum(x * x), {"nan": float("nan"), "a": x * 2.0}), X),
    "the argument": (lambda x: (np.sum(x * x), x), X),
    "a view": (lambda x: (np.sum(x * x), x[::-1]), X),
    "an object": (lambda x, o: (np.sum(x * x), o), X, Plain()),
    "where it stands": (lambda x, o: (np.sum(x * x), {"o": str(o)}), X, Plain()),
    "its id": (lambda x, o: (np.sum(x * x), id(o)), X, Plain()),
    "an order of ties": (lambda x: (np.sum(x * x), np.argsort(x)), np.ones(200)),
    "what is left": (lambda x: (np.sum(x * x), np.sum(x * 1e16) - 1e16 * np.sum(x)), X),
    "the largest error": (lambda x: (np.sum(x * x), int(np.argmax(np.abs(x @ np.linalg.inv(x) - np.eye(3))))), M[:, :3] + np.eye(3)),
}.items()]

CASES += named({
    "overlapping": (lambda x, y: np.sum(x * y), BASE[:4], BASE[2:]),
    "the same": (lambda x, y: np.sum(x * y), X, X),
    "several arguments": (lambda *xs: np.sum(xs[0] * xs[2]) * xs[1], X, 2.0, X),
})


@case(X, [])
def appends(x, log):
    log.append(1.0)
    return np.sum(x * x) * len(log)


@case(X, {})
def enters(x, seen):
    seen["n"] = seen.get("n", 0) + 1
    return np.sum(x * x) * seen["n"]


@case([1.0, 2.0, 3.0])
def takes_away(x):
    last = x.pop()
    return last * x[0]


@case(X, np.zeros(3))
def adds_to_a_buffer(x, buffer):
    buffer += x * x
    return np.sum(buffer * buffer)


@case(X)
def writes_into_a_global(x):
    BUFFER[...] = x
    return np.sum(BUFFER * BUFFER)


@case(X, Plain())
def keeps_a_history(x, model):
    model.log.append(np.sum(x))
    return np.sum(x * x) * len(model.log)


@case([[1.0, 2.0], [3.0]])
def writes_into_a_list(p):
    p[0][0] = p[0][0] * 3.0
    return p[0][0] * p[1][0]


@case(X)
@doubled
def decorated(x):
    return np.sum(x * x)


@case(X, power=3)
def keyword_only(x, *, power):
    return np.sum(x ** power)


@case(X, a=2.0, b=W)
def any_keywords(x, **keywords):
    return np.sum(x * keywords["b"]) * keywords["a"]


@case(X)
def without_a_gradient(x):
    with no_grad():
        w = np.exp(x)
    return np.sum(x * w)


@case(X)
def a_branch_that_is_held(x):
    s = stop_gradient(np.sum(x))
    return np.sum(x) * s if s > 1.0 else s


@case(np.array([0.5, 702.7]))
def raises_nearby(x):
    with np.errstate(over="raise"):
        return np.sum(np.exp(x * 1.01) * 1e-300)


@case(2.0)
def ends_here(x):
    if x < 2.0:
        raise ValueError("below two")
    return np.sqrt(x - 1.0)
