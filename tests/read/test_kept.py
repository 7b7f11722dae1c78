"""What is kept somewhere goes on from there: iterators in containers, methods got from a list outside."""

import functools
import math
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad

NAMES = globals()
ITEMS, TABLE, GRID, LAST = [1.0], {"a": 1.0}, np.ones(3), deque([1.0])
push, put, filled, grown, counted, total = (
    ITEMS.append, ITEMS.__setitem__, GRID.fill, TABLE.update, LAST.__len__, GRID.sum)
HANDLERS, once_more = {"push": ITEMS.append}, functools.partial(ITEMS.append)
STEP = 1e-6


def cleared():
    ITEMS[:], GRID[:] = [1.0], 1.0
    TABLE.clear()
    TABLE["a"] = NODE.k = 1.0


class Source:
    def __init__(self, items):
        self.items = iter(items)

    def take(self):
        return next(self.items)


@dataclass
class Held:
    items: object


class Node:
    def __init__(self):
        self.k = 1.0


NODE = Node()
of_node, set_in_node = vars(NODE), NODE.__setattr__


def three(x):
    return iter([x, 2.0 * x, 3.0 * x])


def two_of(found, other):
    return next(found) * 10.0 + next(other)


def by_itself(x):
    source = Source([x, 2.0 * x])
    return source.take() * 10.0 + source.take()


def field(x):
    held = Held(three(x))
    return two_of(held.items, held.items)


def stored(x):
    held, table, items = SimpleNamespace(), {}, [None]
    held.it, table["it"], items[0] = three(x), three(x), three(x)
    return two_of(held.it, held.it) + two_of(table["it"], table["it"]) + two_of(items[0], items[0])


def grew(x):
    items, table = [], {"it": three(x)}
    items.append(three(x))
    items.extend(items)
    table.update(other=table["it"])
    return two_of(items[0], items[1]) + two_of(table["it"], table["other"])


def several_names(x):
    one = other = three(x)
    return next(one) * 10.0 + next(other)


def by_a_default(x):
    def take(it=three(x)):      # noqa: B008  (that is what is looked at)
        return next(it)
    return take() * 10.0 + take()


def by_a_partial(x):
    take = functools.partial(next, three(x))
    return take() * 10.0 + take()


def given_as_many(x):
    def first_two(*its, **named):
        return next(its[0]) * 10.0 + next(its[0]) + next(named["it"]) * 100.0 + next(named["it"])
    return first_two(three(x), it=three(x))


def gone_through_after_one(x):
    held = SimpleNamespace(it=three(x))
    first = next(held.it)
    return first * sum(held.it)


def appended(x):
    push(x)
    once_more(x * x)
    HANDLERS["push"](3.0)
    return sum(ITEMS) * len(ITEMS)


def updated(x):
    grown(b=x)
    return sum(TABLE.values()) * len(TABLE)


def set_by_its_name(x):
    node = SimpleNamespace(k=x)
    node.__setattr__("k", x * x)
    setter = node.__setattr__
    setter("m", x)
    return node.k * node.m


def set_outside(x):
    NODE.__setattr__("k", x)
    return NODE.k * x


def set_by_another_name(x):
    set_in_node("k", x)
    return NODE.k * x


def filled_up(x):
    filled(x)
    return GRID[1] * total()


@pytest.mark.parametrize("f", [
    by_itself, field, stored, grew, several_names, by_a_default, by_a_partial, given_as_many, gone_through_after_one,
    appended, updated, filled_up,
    set_by_its_name, set_outside, set_by_another_name])
def test_as_python(f):
    slope = value_and_grad(f, check="off")(2.5)
    for at, x in enumerate((2.5, 2.5 + STEP, 2.5 - STEP)):
        cleared()
        if not at:
            assert slope[0] == f(x)
        elif at == 1:
            up = f(x)
        else:
            assert math.isclose(slope[1], (up - f(x)) / (2.0 * STEP), rel_tol=1e-6)
    cleared()


def gone_through_twice(x):
    held = SimpleNamespace(it=three(x))
    return sum(held.it) + sum(held.it)


def by_an_assignment_inside(x):
    total = 0.0
    for a, b in zip(it := three(x), it, strict=False):
        total += a * b
    return total


def put_in(x):
    put(0, x)
    return ITEMS[0] * x


def length_of_what_grows(x):
    LAST.append(x)
    return x * counted()


def compared_by_object(x):
    node = Source([x])
    return x if node.__eq__(node) is True else 2.0 * x


def set_in_a_class(x):
    type.__setattr__(Held, "k", x)
    return Held.k * x


def into_its_dict(x):
    of_node["k"] = x
    return NODE.k * x


def out_of_its_dict(x):
    NODE.k = x
    return of_node["k"] * x


def names_of_the_module(x):
    return x * len(NAMES)


@pytest.mark.parametrize(("f", "message"), [
    (put_in, "`__setitem__`"), (length_of_what_grows, "`__len__`"), (compared_by_object, "`__eq__`"),
    (set_in_a_class, "`__setattr__`"), (into_its_dict, "is not known"), (out_of_its_dict, "is not known"),
    (names_of_the_module, "holds itself")])
def test_what_cannot_be_read_is_refused(f, message):
    with pytest.raises(CannotDifferentiate, match=message):
        value_and_grad(f, check="off")(2.0)


@pytest.mark.parametrize("f", [gone_through_twice, by_an_assignment_inside])
def test_consumed_already(f):
    with pytest.raises(CannotDifferentiate, match="is an iterator, and consumed already"):
        value_and_grad(f, check="off")(2.0)


def holder(y):
    return y


holder.k = 3.0
OF_HOLDER = vars(holder)


def stored_by_the_dict(x):
    OF_HOLDER["k"] = x
    return holder.k * x


def stored_between(x):
    before = holder.k
    OF_HOLDER["k"] = x
    return holder.k * x * before


@pytest.mark.parametrize("f", [stored_by_the_dict, stored_between], ids=lambda f: f.__name__)
def test_the_dict_of_a_function_is_another_name_of_its_attributes(f):
    with pytest.raises(CannotDifferentiate, match="is met under another name"):
        value_and_grad(f, check="off")(2.0)
    assert holder.k == 3.0 and value_and_grad(lambda x: holder.k * x, check="off")(2.0) == (6.0, 3.0)
