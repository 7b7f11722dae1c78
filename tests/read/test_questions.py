"""What a program asks of a thing is known, left to the run, or refused: never guessed."""

import functools
import queue
import random
import types

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from ad_compiler.ir import Value
from ad_compiler.kinds import FLOAT, Num
from ad_compiler.read.abstract import Tuple, type_of
from ad_compiler.read.calls.signatures import bound

ANY = Num("float64", None, "any")


def test_a_type_is_known_or_refused():
    assert type_of(Value("x", FLOAT)) is float
    assert type_of(Tuple([])) is tuple
    for thing, mixed in ((Value("x", ANY), ()), (value := Value("x", FLOAT), {value: {int, float}})):
        with pytest.raises(Exception, match="of which type"):
            type_of(thing, mixed)


@pytest.mark.parametrize("f", [
    lambda x, n: x if isinstance(2 ** n, int) else 2.0 * x, lambda x, n: x if type(pow(2, n) * 3) is int else 2.0 * x,
    lambda x, n: x if hasattr(2 ** n, "hex") else 2.0 * x])
def test_a_power_of_whole_numbers_may_be_a_float(f):
    for n in (2, -2):
        with pytest.raises(CannotDifferentiate, match="it is not known here"):
            value_and_grad(f, check="off")(3.0, n)
    repeated = value_and_grad(lambda x, n: sum([x] * 2 ** n) * (1.0 if isinstance(n ** 2, int) else 2.0), check="off")
    assert repeated(3.0, 2) == (12.0, 4.0)


def test_calls_of_builtins_are_bound_as_python_binds_them():
    assert bound(enumerate, [], {"iterable": 1, "start": 2}) == ([1, 2], {})
    assert bound(zip, [1, 2], {"strict": True}) == ([1, 2], {"strict": True})
    for fn, args, kwargs in ((len, [], {}), (sum, [], {"iterable": 1}), (zip, [], {"strictly": 1}), (hasattr, [1], {})):
        with pytest.raises(TypeError, match=fn.__name__):
            bound(fn, args, kwargs)


class Layer:
    gain, taps = 2.0, [1.0]

    def __init__(self, w):
        self.w = w

    def act(self, x):
        return x * self.w


def replaced(owner, name, value):
    """Another value under a name, until it is called again."""
    before = owner[name] if isinstance(owner, dict) else getattr(owner, name)
    put = owner.__setitem__ if isinstance(owner, dict) else functools.partial(setattr, owner)
    put(name, value)
    return functools.partial(put, name, before)


WORLD = types.SimpleNamespace(layer=Layer(3.0), taps=[1.0, 2.0], table={"a": 1.0}, mode="a", partial=functools.partial(
    lambda x, k: x * k, k=2.0))


def helper(x, k=2.0):
    return x * k


CHANGES = {
    "an attribute of a class": (lambda x: x * Layer.gain, lambda: replaced(Layer, "gain", 5.0)),
    "a list of a class": (lambda x: x * sum(Layer.taps), lambda: replaced(Layer, "taps", [1.0, 2.0])),
    "a method": (lambda x: WORLD.layer.act(x), lambda: replaced(Layer, "act", lambda self, x: x * 9.0)),
    "a method of what is made": (lambda x: Layer(2.0).act(x), lambda: replaced(Layer, "act", lambda self, x: x * 9.0)),
    "an attribute that appears": (lambda x: x * (2.0 if hasattr(WORLD, "z") else 3.0), lambda: appeared(WORLD, "z")),
    "one of a class": (lambda x: x * (2.0 if hasattr(Layer(x), "z") else 3.0), lambda: appeared(Layer, "z")),
    "the length of a list": (lambda x: x * sum(WORLD.taps), lambda: grown(WORLD.taps, 3.0)),
    "the keys of a dict": (lambda x: x * len(WORLD.table), lambda: added(WORLD.table, "b")),
    "a string": (lambda x: x if WORLD.mode == "a" else 2.0 * x, lambda: replaced(WORLD, "mode", "b")),
    "a keyword of a partial": (lambda x: WORLD.partial(x), lambda: replaced(WORLD.partial.keywords, "k", 7.0)),
    "defaults": (lambda x: helper(x), lambda: replaced(helper, "__defaults__", (6.0,))),
    "code": (lambda x: helper(x), lambda: replaced(helper, "__code__", (lambda x, k=2.0: x + k).__code__)),
}


def appeared(owner, name):
    setattr(owner, name, 1.0)
    return functools.partial(delattr, owner, name)


def grown(items, item):
    items.append(item)
    return items.pop


def added(table, key):
    table[key] = 1.0
    return functools.partial(table.pop, key)


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_asked_is_watched(what):
    f, change = CHANGES[what]
    g = value_and_grad(f, check="off")
    before = f(1.5)
    assert g(1.5)[0] == before
    assert g(1.5)[0] == before
    back = change()
    try:
        assert g(1.5)[0] == f(1.5) != before
    finally:
        back()
    assert g(1.5)[0] == before
    assert g.cache_info().misses <= 2      # a number is taken over


def test_one_object_that_is_reached_in_two_ways():
    weights = [1.0]
    table = {"weights": weights}

    def f(x, given):
        given.append(x)
        weights.append(2.0 * x)
        return sum(table["weights"])
    assert value_and_grad(f, check="off")(3.0, weights) == (10.0, 3.0)
    assert value_and_grad(f, check="off")(3.0, [1.0]) == (7.0, 2.0)
    assert weights == [1.0]


def test_arrays_that_are_one():
    def f(x, a, b):
        return x * (2.0 if a is b else 3.0)
    a = np.ones(2)
    g = grad(f, check="off")
    assert [g(1.0, a, a), g(1.0, a, a.copy()), g(1.0, a, a)] == [2.0, 3.0, 2.0]


def test_what_an_unread_object_holds_is_active():
    def kept(x):
        last = queue.SimpleQueue()
        last.put(x)
        return last.get() * x

    def text(x):
        return float(str(x)) * x

    def logged(x):
        last = queue.SimpleQueue()
        last.put(x)
        return x * x
    for f in (kept, text):
        with pytest.raises(CannotDifferentiate, match="no derivative rule"):
            grad(f)(2.0)
    assert grad(logged)(2.0) == 4.0


def test_a_list_given_to_what_may_write_into_it():
    def f(x):
        heap = [3, 1, 2]
        random.shuffle(heap)
        return x * heap[0]
    with pytest.raises(CannotDifferentiate, match="`shuffle` may change"):
        grad(f)(2.0)


def test_a_view_shows_what_is_there():
    def f(x):
        d = {"a": x}
        seen = d.values()
        d["b"] = 2.0 * x
        return sum(seen) * len(seen)
    assert grad(f)(1.0) == 6.0


def test_as_many_items_as_names():
    def f(x):
        a, b = x
        return a * b
    g = grad(f)
    assert g(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]
    with pytest.raises(ValueError, match="unpack"):
        g(np.ones(3))


def test_parameters_are_those_of_the_wrapper():
    def tuned(function):
        @functools.wraps(function)
        def wrapper(x, rate=10.0):
            return function(x, rate)
        return wrapper

    @tuned
    def loss(x, rate=2.0):
        return x * x * rate
    assert grad(loss)(3.0) == 60.0


class Counted:
    """It counts how often it is asked for its hash."""

    def __init__(self):
        self.asked = 0

    def __hash__(self):
        self.asked += 1
        return 1

    def __call__(self, x):
        return 3.0 * x


COUNTED = Counted()


def test_a_hash_of_the_users_own_is_not_asked():
    assert grad(lambda x: COUNTED(x) * (1.0 + COUNTED.asked))(2.0) == 3.0
    assert COUNTED.asked == 0
