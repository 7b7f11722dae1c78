"""What is read one after the other, as Python asks for it, and what is known by two names: against Python itself."""

import copy
import math
import operator
from collections import Counter, OrderedDict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad

TABLE, OTHER = np.array([1.0, 2.0]), {"v": 1.0}
VIEW = TABLE[:1]
STEP = 1e-6


class Pair(NamedTuple):
    a: float
    b: float = 2.0


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Unsure:
    def __bool__(self):
        return 3    # noqa: PLE0304


class Model:
    def __init__(self):
        self.v = 1.0


MODEL = Model()


def noted(log, v):
    log.append(v)
    return v


def zip_stops_the_others(x):
    log = []
    total = sum(a * b for a, b in zip(map(lambda v: noted(log, v), [1.0, 2.0, 3.0]), [x], strict=False))
    return total + x * len(log)


def zip_and_its_body(x):
    log = []
    for a, _ in zip((noted(log, v * x) for v in (1.0, 2.0)), (1, 2, 3), strict=False):
        log.append(10.0 * a)
    return sum(i * v for i, v in enumerate(log))


def zip_of_a_filter(x):
    items = [x, -x, 3.0 * x]
    total = 0.0
    for a, i in zip((v * k for v in items for k in (1.0, 2.0) if k), range(9), strict=False):
        items[-1] = 0.5 * a
        total += a * i
    return total


def zip_left_before_it_ends(x):
    total = 0.0
    for a, b in zip([x, 2.0 * x, 3.0 * x], [1.0, 2.0], strict=True):
        total += a * b
        break
    return total + next(zip([x, x], (1.0,), strict=True))[0]


def zip_left_when_the_run_says_so(x):
    log, total = [], 0.0
    for a, b in zip((noted(log, v * x) for v in (1.0, 2.0, 3.0)), [1.0, 2.0, 3.0], strict=False):
        total += a * b
        if total > 6.0:
            break
    return total + sum(log)


def zip_of_what_changes(x):
    items, total = [x, 2.0 * x], 0.0
    for i, e in zip(range(2), items, strict=True):
        items[0], items[1] = items[1], items[0]
        total += e * (i + 1)
    return total


def reversed_of_what_grew(x):
    items = [x]
    backwards = reversed(items)
    items.append(3.0 * x)
    return sum(backwards)


def reversed_of_what_shrank(x):
    items = [x, 2.0 * x, 3.0 * x]
    backwards = reversed(items)
    del items[1:]
    return sum(backwards) + len(items) * x


def reversed_of_a_long_list(x):
    items = []
    for i in range(int(x)):
        items.append(x * i)
    backwards = reversed(items)
    items.append(100.0 * x)
    total = 0.0
    for e in backwards:
        total = 0.5 * total + e
    return total


def ordered(x):
    one, other = OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)
    return x * (2.0 if one == other else 3.0) * (5.0 if one == {"b": 2, "a": 1} else 7.0) + one.popitem(last=False)[1]


def counted(x):
    return x * (2.0 if Counter(a=1, b=0) == Counter(a=1) else 3.0) * (5.0 if Counter("ab") == {"a": 1} else 7.0)


def queues(x):
    return x * (2.0 if deque([1, x]) == deque([1, x]) else 3.0) * (5.0 if deque([1]) == [1] else 7.0)


def defaults_of_a_named_tuple(x):
    return sum(Pair(x)) * Pair(b=x, a=1.0).b


def taken_out_by_operator(x):
    items = [x, 2.0 * x, 5.0]
    operator.delitem(items, 1)
    return sum(items) * len(items)


@pytest.mark.parametrize("f", [
    zip_stops_the_others, zip_and_its_body, zip_of_a_filter, zip_left_before_it_ends, zip_left_when_the_run_says_so,
    zip_of_what_changes, reversed_of_what_grew,
    reversed_of_what_shrank, reversed_of_a_long_list, ordered, counted, queues, defaults_of_a_named_tuple,
    taken_out_by_operator])
def test_as_python(f):
    value, slope = value_and_grad(f, check="off")(2.5)
    assert value == f(2.5)
    assert math.isclose(slope, (f(2.5 + STEP) - f(2.5 - STEP)) / (2.0 * STEP), rel_tol=1e-6)


def view_of_what_was_written(x):
    TABLE[0] = x
    return VIEW[0] * x


def argument_that_is_outside_too(x, model=MODEL):
    model.v = x * x
    return MODEL.v * x


def deleted_by_object(x):
    model = Model()
    object.__delattr__(model, "v")
    return x * hasattr(model, "v")


@pytest.mark.parametrize(("f", "args"), [
    (view_of_what_was_written, ()), (argument_that_is_outside_too, (MODEL,)), (deleted_by_object, ())])
def test_refused(f, args):
    with pytest.raises(CannotDifferentiate):
        value_and_grad(f, check="off")(2.0, *args)


def no_such_slot(x):
    made = Slots(x)
    made.c = x
    return made.c


def truth_that_is_none(x):
    return x if Unsure() else 2.0 * x


def key_without_a_hash(x):
    return x * len({[1]: 2})


def nothing_to_go_through(x):
    return max(x)


@pytest.mark.parametrize(("f", "error"), [
    (no_such_slot, "has no attribute 'c'"), (truth_that_is_none, "should return bool, returned int"),
    (key_without_a_hash, "unhashable type: 'list'"), (nothing_to_go_through, "'float' object is not iterable")])
def test_raises_in_python(f, error):
    with pytest.raises((AttributeError, TypeError), match=error):
        f(2.0)
    with pytest.raises((AttributeError, TypeError), match=error):
        value_and_grad(f, check="off")(2.0)


class Metres(float):
    unit = "m"


LENGTH = Metres(2.0)


def type_of_a_kind_of_float(x, v=LENGTH):
    return x * (2.0 if type(v) is float else 3.0) * (5.0 if isinstance(v, Metres) else 7.0) * (v + 1.0)




def compared_by_a_library(x, v):
    return x * (2.0 if v == "a" else 3.0) * (5.0 if v == b"a" else 7.0) * (11.0 if v != Path("a") else 13.0)


@pytest.mark.parametrize("v", [Path("a"), Path("b"), "a", bytearray(b"a"), Fraction(1), Decimal(1), deque("a"), None])
def test_library_compares(v):
    assert value_and_grad(compared_by_a_library, check="off")(1.0, v)[1] == compared_by_a_library(1.0, v)


@pytest.mark.parametrize("v", [LENGTH, 2.0, np.float64(2.0), 2])
def test_kinds_of_float(v):
    copy.deepcopy(v)        # which leaves something in its class
    gradient = value_and_grad(type_of_a_kind_of_float, check="off")
    assert gradient(2.0, v) == (type_of_a_kind_of_float(2.0, v), type_of_a_kind_of_float(1.0, v))
    assert gradient(LENGTH, 1.0)[1] == type_of_a_kind_of_float(1.0, 1.0)


def appended_on_the_left(x):
    last = deque(maxlen=3)
    for e in x:
        last.appendleft(e)
    return sum(last)


def steps(log, x):
    log.append(1)
    yield 0.0 * x
    log.append(2)
    yield x
    log.append(3)
    yield -x


class Steps:
    def __init__(self, x):
        self.x, self.log = x, []

    def __iter__(self):
        yield from steps(self.log, self.x)


class Doubled:
    def __init__(self, x):
        self.x = x

    def __next__(self):
        self.x = self.x * 2.0
        return self.x


OUTSIDE = Doubled(1.0)


def any_and_all_of_a_generator_function(x):
    log, own = [], Steps(x)
    found = any(steps(log, x)), all(steps(log, x)), any(v > 0.0 for v in steps(log, x)), any(own)
    return x * len(log) * (1.0 + sum(found)) + len(own.log) * x * x


def next_of_an_object(x):
    doubled = Doubled(x)
    return next(doubled) * next(doubled) + doubled.x


def next_of_an_object_outside(x):
    OUTSIDE.x = x
    return next(OUTSIDE) * OUTSIDE.x


@pytest.mark.parametrize("f", [any_and_all_of_a_generator_function, next_of_an_object, next_of_an_object_outside])
def test_nothing_more_is_done_than_python_does(f):
    test_as_python(f)


def left_early(x, y):
    for a, b in zip(x, y, strict=True):
        if a * b > 1.0:
            break
    return np.sum(x) * a


def asked_for_any(x, y):
    return x[0] * (2.0 if any(a < b for a, b in zip(x, y, strict=True)) else 3.0)


def never_gone_through(x, y):
    pairs = zip(x, y, strict=True)
    return x[0] * (2.0 if pairs else 3.0)


def all_of_it(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


def test_lengths_are_compared_at_the_end():
    x = np.array([2.0, 3.0])
    for f in (left_early, asked_for_any):
        with pytest.raises(CannotDifferentiate, match="may be left before"):
            value_and_grad(f, check="off")(x, x)
    longer = np.ones(3)
    assert value_and_grad(never_gone_through, check="off")(x, longer)[0] == never_gone_through(x, longer)
    gradient = value_and_grad(all_of_it, check="off")
    assert gradient(x, x)[1].tolist() == x.tolist()
    with pytest.raises(ValueError, match=r"zip\(\) argument"):
        gradient(x, longer)


def test_what_the_prelude_refuses_is_said_of_the_line_of_the_user():
    with pytest.raises(CannotDifferentiate, match=r"last\.appendleft\(e\)"):
        value_and_grad(appended_on_the_left)(np.ones(3))
