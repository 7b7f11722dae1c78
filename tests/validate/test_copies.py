"""Arguments that are hard to copy: what shares memory, what goes round, what is large, what does not want to be copied."""

import contextlib
import gc
import multiprocessing
import queue
import threading
import tracemalloc
import types
import weakref

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from ad_compiler import CannotDifferentiate, CompilerFault, grad, value_and_grad, vjp
from tests.fd import same

BASE = np.arange(24.0).reshape(4, 6) + 1.0


class Box:
    """An object with attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def total(a):
    return np.sum(a * a * 0.1)


def weighed(x, box):
    return x * x * box.w


def written(a, b):
    a[0] = 3.0
    return np.sum(a * a) * np.sum(b[1:])


def scaled(a, b):
    a *= 2.0
    return np.sum(a * b)


def read_only(a):
    a.setflags(write=False)
    return a


def unaligned(n):
    a = np.ndarray((n,), "f8", bytearray(8 * n + 1), 1)
    a[:] = np.arange(float(n))
    return a


def structured():
    s = np.zeros(3, [("a", "f8"), ("b", "i4")])
    s["a"] = 2.0
    return s


class Sub(np.ndarray):
    """A class of the user's."""


def ring(n):
    first = last = Box(w=2.0)
    for _ in range(n - 1):
        last.next = last = Box(w=2.0, back=last)
    last.next = first
    return first


def nested(depth):
    found = [1.0]
    for _ in range(depth):
        found = [found]
    return found


def itself():
    found = [1.0]
    found.append(found)
    return found


ARRAYS = {
    "views of views": (lambda a, b: np.sum(a) * np.sum(b), lambda: (BASE[1:][:, ::2], BASE[::-1][:, 1::2].T)),
    "negative strides": (total, lambda: (BASE[::-1, ::-2],)),
    "Fortran": (total, lambda: (np.asfortranarray(BASE),)),
    "Fortran, written": (scaled, lambda: (np.asfortranarray(BASE), BASE.copy())),
    "transposed, three axes": (total, lambda: (BASE.reshape(2, 3, 4).transpose(1, 2, 0),)),
    "read-only": (total, lambda: (read_only(BASE.copy()),)),
    "broadcast": (total, lambda: (np.broadcast_to(np.arange(6.0), (4, 6)),)),
    "no elements": (total, lambda: (np.zeros((0, 3)),)),
    "no elements, written": (scaled, lambda: (np.zeros((0, 3)), np.ones((0, 3)))),
    "no axes": (lambda a: a * a, lambda: (np.array(3.0),)),
    "big-endian integers": (lambda x, n: np.sum(x * n), lambda: (np.ones(3), np.arange(3).astype(">i8"))),
    "single": (total, lambda: (BASE.astype("f4"),)),
    "half": (total, lambda: (BASE.astype("f2"),)),
    "long double": (total, lambda: (BASE.astype("g"),)),
    "fields": (lambda x, a, b: np.sum(x * a * b), lambda: (np.ones(3), structured()["a"], structured()["b"])),
    "fields of one array, one written": (lambda x, a, b: scaled(a, x) + np.sum(x), lambda: (
        np.ones(3), *(lambda s: (s["a"], s["b"]))(structured()))),
    "records": (lambda x, s: 2.0 * np.sum(x * s.a), lambda: (np.ones(3), structured().view(np.recarray))),
    "objects": (lambda x, o: x * o[0], lambda: (3.0, np.array([1.0, [2.0], "text"], object))),
    "windows": (lambda x, w: np.sum(w * x), lambda: (2.0, sliding_window_view(np.arange(10.0), 3))),
    "overlapping itself": (total, lambda: (as_strided(np.arange(10.0), (8, 3), (8, 8)),)),
    "unaligned": (total, lambda: (unaligned(5),)),
    "a subclass": (total, lambda: (BASE.view(Sub),)),
    "far apart in one memory": (lambda a, b: np.sum(a) * np.sum(b), lambda: (
        lambda big: (big[:3], big[-3:]))(np.zeros(2 ** 24))),
    "columns of one memory": (lambda a, b: np.sum(a) * np.sum(b), lambda: (
        lambda big: (big[:, 0], big[:, 1]))(np.zeros((2, 2 ** 23)))),
    "one array twice": (lambda a, b: np.sum(a * b), lambda: (BASE[0], BASE[0])),
    "one array in two containers": (lambda a, b: np.sum(a[0] * b["w"]), lambda: (
        lambda w: ([w], {"w": w}))(np.arange(3.0))),
    "one list twice": (lambda a, b: a[0] * b[0], lambda: (lambda w: (w, w))([2.0])),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name):
    func, make = ARRAYS[name]
    args, like = make(), make()
    without = value_and_grad(types.FunctionType(func.__code__, globals()), check="off")(*make())
    g = value_and_grad(types.FunctionType(func.__code__, globals()), check="full")
    assert str(g(*args)) == str(without)
    assert g.checked.right, g.checked
    for arg, was in zip(args, like, strict=True):
        if isinstance(arg, np.ndarray):
            assert arg.tolist() == was.tolist()
            assert (arg.dtype, arg.strides, arg.flags.writeable) == (was.dtype, was.strides, was.flags.writeable)
        else:
            assert same(arg, was)


@pytest.mark.parametrize("kind", ["memmap", "ndarray"])
def test_a_file_in_memory_is_not_written_into(tmp_path, kind):
    def f(x, m):
        m[0] = 9.0
        return np.sum(x * m)
    path = tmp_path / "numbers"
    mapped = np.memmap(path, "f8", "w+", shape=(5,))
    mapped[:] = np.arange(5.0)
    mapped.flush()
    before = path.read_bytes()
    g = value_and_grad(f)
    g(np.ones(5), mapped if kind == "memmap" else np.asarray(mapped))
    assert g.checked.right
    mapped.flush()
    assert path.read_bytes() == before


@pytest.mark.xfail(strict=True, raises=CompilerFault, reason="the compiler's: a store into an array that overlaps itself")
def test_a_store_into_an_array_that_overlaps_itself():
    def f(x, w):
        w[0, 1] = 5.0
        return np.sum(w * x)
    value, x_bar = value_and_grad(f)(2.0, as_strided(np.arange(10.0), (8, 3), (8, 8)))
    assert value == 2.0 * x_bar == f(2.0, as_strided(np.arange(10.0), (8, 3), (8, 8)))


class Added(np.ndarray):
    def __mul__(self, other):
        return np.add(self, other)


OTHERS = [np.ma.array([1.0, 2.0], mask=[False, True]), np.eye(2).view(np.matrix), np.ones(2).view(Added)]


@pytest.mark.parametrize("array", OTHERS, ids=lambda array: type(array).__name__)
def test_arrays_with_operators_of_their_own(array):
    """What is masked is no part of a sum, the product of matrices is another: they were taken for arrays."""
    def f(x):
        return np.sum(x * x)
    for call in (lambda: grad(f)(array), lambda: grad(lambda p: f(p["a"]))({"a": array}), lambda: vjp(f, array),
                 lambda: grad(lambda x: np.sum(x * array))(np.ones(2))):
        with pytest.raises(CannotDifferentiate, match="which computes in its own way"):
            call()
    np.testing.assert_array_equal(grad(f)(np.ones(2).view(Sub)), [2.0, 2.0])


def test_a_store_into_what_is_read_only():
    with pytest.raises(CannotDifferentiate, match="read-only"):
        value_and_grad(lambda a, b: scaled(a, b))(read_only(np.ones(3)), np.ones(3))


def test_a_gradient_that_is_a_part_of_an_argument():
    records = structured().view(np.recarray)
    _, x_bar = value_and_grad(lambda x, s: np.sum(x * s.a))(np.ones(3), records)
    assert not np.may_share_memory(x_bar, records)


# -- large ----------------------------------------------------------------------------------------------


def set_one(x, a):
    a[3] = 2.0
    return x * x * a[3]


@pytest.mark.parametrize("func", [lambda x, a: x * x * a[3], set_one], ids=["read", "written"])
def test_an_array_of_300_mb(func):
    a = np.zeros(300 * 2 ** 20 // 8)
    a[3] = 1.5
    g = value_and_grad(types.FunctionType(func.__code__, globals()))
    assert g(3.0, a) in ((13.5, 9.0), (18.0, 12.0))
    assert "256 MB" in g.checked.reason or "too long" in g.checked.reason
    assert a[3] == 1.5


def test_a_list_of_a_million():
    numbers = [0.5] * 10 ** 6
    g = value_and_grad(types.FunctionType(weighed.__code__, globals()))
    assert g(3.0, Box(w=2.0, numbers=numbers)) == (18.0, 12.0)
    assert numbers == [0.5] * 10 ** 6


def test_more_objects_than_are_copied():
    g = value_and_grad(types.FunctionType(weighed.__code__, globals()))
    assert g(3.0, Box(w=2.0, many=[[] for _ in range(600_000)])) == (18.0, 12.0)
    assert "500000 objects" in g.checked.reason


def test_seconds_that_are_told_are_not_negative():
    g = value_and_grad(types.FunctionType(weighed.__code__, globals()))
    assert g(3.0, Box(w=2.0, many=[[] for _ in range(100_000)])) == (18.0, 12.0)
    assert "given up after -" not in g.checked.reason


@pytest.mark.parametrize(("make", "word"), [
    (lambda: ring(1), "agrees"), (lambda: ring(50), "agrees"), (lambda: ring(10_000), "recursion"),
    (lambda: Box(w=2.0, deep=nested(10_000)), "recursion"), (lambda: Box(w=2.0, me=itself()), "agrees"),
], ids=["ring of one", "ring of fifty", "ring of ten thousand", "nested ten thousand deep", "a list that holds itself"])
def test_cycles_and_depth(make, word):
    g = value_and_grad(types.FunctionType(weighed.__code__, globals()), check="full")
    assert g(3.0, make()) == (18.0, 12.0)
    assert word in str(g.checked)


# -- what does not want to be copied ----------------------------------------------------------------------


class Refusing:
    """Its copy raises."""

    def __init__(self, error):
        self.error, self.w = error, 2.0

    def __deepcopy__(self, memo):
        raise self.error


class OddDict(dict):
    """Read in its own way."""

    def values(self):
        raise RuntimeError("no values")


class OddList(list):
    """Read in its own way."""

    def __iter__(self):
        raise RuntimeError("no iterating")


@pytest.mark.parametrize("make", [
    lambda: threading.Lock(), lambda: queue.Queue(), lambda: types, lambda: open(__file__), lambda: threading.current_thread(),
    lambda: (n for n in range(3)), lambda: Refusing(TypeError("no")), lambda: weakref.ref(Box), lambda: lambda: 3,
    lambda: multiprocessing.Lock(),
    *(pytest.param(lambda e=e: Refusing(e("no")), id=e.__name__) for e in (
        RuntimeError, NotImplementedError, KeyError, OSError, MemoryError, AssertionError, ZeroDivisionError)),
    pytest.param(lambda: OddDict(a=1), id="OddDict"),
    pytest.param(lambda: OddList([1]), id="OddList"),
])
def test_the_call_works_whatever_an_argument_holds(make):
    thing = make()
    g = value_and_grad(types.FunctionType(weighed.__code__, globals()))
    try:
        assert g(3.0, Box(w=2.0, thing=thing)) == (18.0, 12.0)
    finally:
        if hasattr(thing, "close"):
            thing.close()
    assert g.checked.right or "copied" in g.checked.reason or "iterator" in g.checked.reason


class Forgetful:
    """Its copy has one attribute less."""

    def __init__(self):
        self.w, self.more = 2.0, 1.0

    def __getstate__(self):
        return {"w": self.w}


class Reset:
    """Its copy is as a new one."""

    def __init__(self, w=0.0):
        self.w = w

    def __deepcopy__(self, memo):
        return Reset()


class Modes:
    """Told apart by identity."""

    FAST = Box()


@pytest.mark.parametrize(("func", "args"), [
    (lambda x, k: x * x * k.w * k.more, (3.0, Forgetful())),
    (lambda x, k: x * x * k.w, (3.0, Reset(2.0))),
    (lambda x, k: 2.0 * x * x if k.mode is Modes.FAST else x, (3.0, Box(mode=Modes.FAST))),
    (lambda x, k, names: 2.0 * x * x if id(k) == names[0] else x, (lambda k: (3.0, k, [id(k)]))(Box(w=1.0))),
], ids=["less", "reset", "identity", "id"])
def test_copies_that_are_unlike(func, args):
    assert value_and_grad(func)(*args) == (18.0, 12.0)


# -- what is left of them -------------------------------------------------------------------------------


def held(mode, func):
    """Bytes that a first call leaves behind where nothing is collected."""
    x, a = np.ones(10 ** 5), np.ones(10 ** 5)
    func = types.FunctionType(func.__code__, globals())
    g = value_and_grad(func, check=mode)
    g.source_for(x, a)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        with contextlib.suppress(ValueError):
            g(x, a)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()


def filled(x, a):
    a[0] = 1.0
    return np.sum(x * a)


def refused(x, a):
    a[0] = 1.0
    if x[0] < 5.0:
        raise ValueError("no")
    return np.sum(x * a)


@pytest.mark.parametrize("func", [filled, pytest.param(refused, marks=pytest.mark.xfail(
    strict=True, reason="the error and its frames hold each other"))])
def test_copies_are_gone_after_the_call(func):
    assert held("full", filled)     # the check is imported
    assert held("full", func) < held("off", func) + 400_000


def test_arguments_are_not_kept():
    a = np.ones(10)
    left = weakref.ref(a)
    value_and_grad(lambda x, a: np.sum(x * a))(np.ones(10), a)
    del a
    gc.collect()
    assert left() is None
