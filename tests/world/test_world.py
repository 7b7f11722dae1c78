"""A sample of the programs whose world changes between two calls, another one each day; more with `--whole`."""

import collections
import dataclasses
import datetime as dt
import math
import os
import subprocess
import sys
import threading
import types
from collections import deque
from fractions import Fraction

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, jvp, value_and_grad, vmap
from tests.world import memory
from tests.world.programs import BY_HAND, PLACES, SCENES, THINGS, calls, drawn, fresh, judged, like, shown, written

SAMPLE = 60


def seeds(request):
    if request.config.getoption("--whole"):
        return range(2000)
    return range(first := dt.datetime.now(dt.UTC).toordinal() % 1000 * SAMPLE, first + SAMPLE)


def test_right_or_refused(request):
    verdicts = {seed: judged(drawn(seed)) for seed in seeds(request)}
    assert not {f"seed {seed}: {word}\n{more}" for seed, (word, more) in verdicts.items()
                if word not in ("right", "refused", "impossible")}
    assert sum(word == "right" for word, _ in verdicts.values()) > len(verdicts) / 3        # a refusal is no answer


def test_scenes_written_by_hand(request):
    every = [(name, change) for name, scene in BY_HAND.items() for change in scene.changes]
    parts = 1 if request.config.getoption("--whole") else 40
    chosen = every[dt.datetime.now(dt.UTC).toordinal() % parts::parts]
    verdicts = {each: judged(written(*each)) for each in chosen}
    assert not {f"{name}: {change}: {word}\n{more}" for (name, change), (word, more) in verdicts.items()
                if word not in ("right", "refused", "impossible")}
    assert sum(word == "right" for word, _ in verdicts.values()) > len(verdicts) / 3


def test_changes_that_make_a_difference():
    pairs = [calls(drawn(seed))[:2] for seed in range(20)]
    assert sum(not like(first, second) for first, second in pairs) > 5


def test_a_fresh_process_gives_what_a_fresh_derivative_gives():
    """Once, for a few: the command then compares within one process."""
    chosen = [seed for seed in range(60) if drawn(seed).asked != "jvp"][:12]
    text = ("import sys\nfrom tests.world.programs import drawn, fresh, shown\n"
            f"for seed in {chosen}:\n    print(shown(fresh(drawn(seed))))\n")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.splitlines() == [shown(fresh(drawn(seed))) for seed in chosen]


def test_memory(request):
    parts = 1 if request.config.getoption("--whole") else 50
    chosen = memory.part_of(dt.datetime.now(dt.UTC).toordinal() % parts, parts)
    found = {(each[0], what): wrong for each in chosen for what, wrong in memory.judged(*each)}
    assert not {where: wrong for where, wrong in found.items() if wrong}
    assert sum(wrong == [] for wrong in found.values()) > len(found) / 2


@pytest.mark.parametrize("table", [PLACES, THINGS, SCENES])
def test_tables_are_whole(table):
    assert len(table) > 25


CHANGE, CALLS = [2.0, 3.0, 5.0], 4000
GAIN = 2.0


def gained(x):
    return GAIN * x * x + np.sin(GAIN * x) * GAIN


def test_threads_while_the_world_changes():
    """Each call has one value of what changes, whichever: value and slope belong together."""
    right = [(gain * 4.0 + np.sin(gain * 2.0) * gain, gain * 4.0 + np.cos(gain * 2.0) * gain * gain) for gain in CHANGE]
    derivative, found, ended = value_and_grad(gained, check="off"), [], threading.Event()

    def call():
        found.extend(derivative(2.0) for _ in range(CALLS))

    def change():
        while not ended.is_set():
            for gain in CHANGE:
                globals()["GAIN"] = gain
    before = sys.getswitchinterval()
    changing, calling = threading.Thread(target=change), [threading.Thread(target=call) for _ in range(2)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in (changing, *calling):
            thread.start()
        for thread in calling:
            thread.join(60)
    finally:
        ended.set()
        changing.join(60)
        sys.setswitchinterval(before)
    assert len(found) == 2 * CALLS
    assert not [pair for pair in found if not any(np.allclose(pair, each, 1e-12) for each in right)]


def test_numbers_that_are_read_when_the_program_runs():
    """Out of what the reader knows nothing of: plain numbers are right, of other classes no rule may hold."""
    class Own(float):
        def __mul__(self, other):
            return float(self) * other * other
        __rmul__ = __mul__
    queue = deque([2.0])

    def f(x):
        return queue[0] * x * x

    def summed(x):
        return np.sum(queue[0] * x)
    plain, tangent, batch = value_and_grad(f, check="off"), lambda x: jvp(f, (x,), (1.0,)), vmap(value_and_grad(f, check="off"))
    for number in (2.0, 3, True, np.float32(0.5), np.array(2.5)):
        queue[0] = number
        wanted = float(number) * 1.5 ** 2, float(number) * 3.0
        assert plain(1.5) == wanted == tangent(1.5)
        assert np.allclose(batch(np.array([1.5, 1.5])), np.array([[w, w] for w in wanted]))
    for number in (Own(3.0), 1.0 + 1.0j, np.complex128(2.0), np.array(2.0, object), Fraction(1, 2)):
        queue[0] = number
        for call in (plain, tangent, lambda x: batch(np.array([x, x]))):
            with pytest.raises(CannotDifferentiate, match="of its own|in its own way|complex|object"):
                call(1.5)
    queue[0] = np.array([2.0, 3.0])
    with pytest.raises(CannotDifferentiate, match=r"an array of shape \(2,\) is returned"):
        plain(1.5)
    assert grad(summed, check="off")(1.5) == 5.0


class Linear:
    def __init__(self, w):
        self.w = w

    def act(self, y):
        return self.w * y


class Square(Linear):
    def act(self, y):
        return self.w * y * y


@dataclasses.dataclass
class Layer:
    act: object


def of_object(x, o):
    return o.act.act(x)


@pytest.mark.parametrize(("call", "wrapped"), [
    (of_object, lambda o: (o,)), (lambda x, v: of_object(x, v[0]), lambda o: ([o],)),
    (lambda x, v: of_object(x, v[0]), lambda o: ((o,),)), (lambda x, d: of_object(x, d["a"]), lambda o: ({"a": o},)),
    (lambda x, v: of_object(x, v[0]["a"][0]), lambda o: ([{"a": (o,)}],)), (lambda x, *more: of_object(x, *more), lambda o: (o,)),
])
def test_attributes_of_objects_in_containers_that_are_arguments(call, wrapped):
    """The key of a call has the type of such an object alone."""
    layer = Layer(Linear(2.0))
    derivative = value_and_grad(call, check="off")
    assert derivative(1.5, *wrapped(layer)) == (3.0, 2.0)
    layer.act = Square(2.0)
    assert derivative(1.5, *wrapped(layer)) == (4.5, 6.0)
    assert derivative(1.5, *wrapped(Layer(Linear(3.0)))) == (4.5, 3.0)
    layer.extra = 1.0
    assert derivative(1.5, *wrapped(layer)) == (4.5, 6.0)


class Held:
    """Something that holds a function."""


def held():
    return held.K


@pytest.mark.parametrize("place", [Held, Held(), held, types.ModuleType("held")], ids=["class", "object", "function",
                                                                                         "module"])
@pytest.mark.parametrize("before", [math.sin, abs, np.sin, (1.5).__mul__])
def test_functions_of_python_that_are_attributes(place, before):
    place.K = before

    def f(x):
        k = place.K
        return place.K(2.0) * k(3.0) * x
    derivative = value_and_grad(f, check="off")
    for function in (before, math.exp, np.tanh, abs):
        place.K = function
        slope = function(2.0) * function(3.0)
        assert derivative(1.25) == pytest.approx((1.25 * slope, slope))


class Elsewhere(types.ModuleType):
    """A module that has another function under one of its names."""

    def __getattribute__(self, name):
        return EXP if name == "sin" else super().__getattribute__(name)


EXP = np.exp


@pytest.mark.parametrize(("module", "f"), [
    (np, lambda x: np.sum(np.sin(x))), (math, lambda x: math.sin(x[0])),
    (np.linalg, lambda x: np.linalg.norm(x + 2.0))], ids=["numpy", "math", "linalg"])
def test_a_module_of_a_library_that_is_given_another_class(module, f):
    x, derivative = np.array([0.3, 0.7]), grad(f, check="off")
    before = derivative(x)
    try:
        module.__class__ = Elsewhere
        with pytest.raises(CannotDifferentiate, match=f"the module `{module.__name__}` was given another class"):
            derivative(x)
    finally:
        module.__class__ = types.ModuleType
    assert np.array_equal(derivative(x), before)
WORKSPACE = np.array([1.0, 2.0, 3.0])


def fills_first(x, b, trips):
    for _ in range(trips):
        b[:1] = x * x
    return np.sum(WORKSPACE) * x + np.sum(b)


@pytest.mark.parametrize("part", [np.s_[::-1], np.s_[1:], np.s_[:1], np.s_[:], np.s_[::2]])
@pytest.mark.parametrize("trips", [0, 1, 2])
def test_world_that_an_argument_overlaps_is_read_after_it_was_written(part, trips):
    derivative, before = value_and_grad(fills_first, check="off"), WORKSPACE.copy()
    apart = derivative(1.5, np.ones(2), trips)
    assert apart == pytest.approx((9.0 + (3.25 if trips else 2.0), 6.0 + (3.0 if trips else 0.0)))
    with pytest.raises(CannotDifferentiate, match="may be the same"):
        derivative(1.5, WORKSPACE[part], trips)
    assert np.array_equal(WORKSPACE, before)
    assert derivative(1.5, WORKSPACE[:0], trips)[1] == 6.0
    assert derivative(1.5, np.ones(2), trips) == apart


HELD = Linear(2.0)


def test_objects_of_the_world_that_are_arguments_too():
    def f(x, o):
        o.w = x * x
        return HELD.w * x
    derivative = value_and_grad(f, check="off")
    apart = derivative(1.5, Linear(5.0))
    assert apart == (3.0, 2.0)
    with pytest.raises(CannotDifferentiate, match="may be the same"):
        derivative(1.5, HELD)
    assert derivative(1.5, Linear(5.0)) == apart


HALF = Fraction(1, 2)


def halved(x):
    return float(HALF) * x


def test_classes_of_the_library_may_be_patched(monkeypatch):
    derivative = value_and_grad(halved, check="off")
    assert derivative(3.0) == (1.5, 0.5)
    monkeypatch.setattr(Fraction, "__float__", lambda self: 4.0, raising=False)
    assert derivative(3.0) == (12.0, 4.0)
    monkeypatch.undo()
    assert derivative(3.0) == (1.5, 0.5)


class Tripled(collections.namedtuple("Tripled", "a b")):
    __slots__ = ()

    def __new__(cls, a, b=2.0):
        return super().__new__(cls, a * 3.0, b)


class Noted(collections.namedtuple("Noted", "a b")):    # noqa: SLOT002  (it has more)
    def __init__(self, a, b):
        self.a_twice = 2.0 * a


Plain = collections.namedtuple("Plain", "a b", defaults=(4.0,))


def test_named_tuples_that_are_made_in_their_own_way(monkeypatch):
    for cls in (Tripled, Noted):
        with pytest.raises(CannotDifferentiate, match="made in its own way"):
            grad(lambda x, cls=cls: cls(x, 2.0).a * x, check="off")(1.5)
    derivative = value_and_grad(lambda x: Plain(x).a * Plain(x).b, check="off")
    assert derivative(1.5) == (6.0, 4.0)
    monkeypatch.setattr(Plain, "__new__", lambda cls, a: tuple.__new__(cls, (a, a)))
    with pytest.raises(CannotDifferentiate, match="made in its own way"):
        derivative(1.5)
