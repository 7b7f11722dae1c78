"""Comparisons: of numbers and arrays, of containers, and of objects as their classes say.

>>> from dataclasses import dataclass
>>> from ad_compiler import grad
>>> @dataclass
... class Mode:
...     name: str
>>> def f(x, mode):
...     return x * x if mode == Mode("square") else x
>>> grad(f)(3.0, Mode("square")), grad(f)(3.0, Mode("line"))
(6.0, 1.0)
"""

from __future__ import annotations

import enum
import functools
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import BOOL, Kind, Num, Obj, Shape
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    Closure,
    Collection,
    Dict,
    Instance,
    List,
    Poison,
    Range,
    Tuple,
    View,
    describe,
    kind_of,
    protocol,
    python_value,
    report,
    to_arg,
    type_of,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.opaque import is_library
from ad_compiler.read.expressions.operator_methods import COMPARISONS, OPERATORS, class_of
from ad_compiler.read.expressions.questions import is_one
from ad_compiler.read.values.base import known_answer
from ad_compiler.watch import in_class


class Comparisons(Reader):
    """Reads comparisons."""

    def expr_Compare(self, node: Any) -> Abstract:
        left = self.lifter.expressions.read(node.left)
        return self._compare(left, node.ops, node.comparators)

    def _compare(self, left: Abstract, ops: list[Any], nodes: list[Any]) -> Abstract:
        right = self.lifter.expressions.read(nodes[0])
        test = self.compare_two(ops[0], left, right)
        if len(ops) == 1 or isinstance(test, Poison):
            return test
        if isinstance(test, Const):
            return self._compare(right, ops[1:], nodes[1:]) if test.value else test
        return self.lifter.branches.choose(test, lambda: self._compare(right, ops[1:], nodes[1:]), lambda: test)

    def compare_two(self, op: Any, left: Abstract, right: Abstract) -> Abstract:
        """One comparison."""
        if isinstance(left, Poison) or isinstance(right, Poison):
            report(left)
            report(right)
            return left if isinstance(left, Poison) else right
        if isinstance(op, (gast.Is, gast.IsNot)):
            return self._said(op, is_one(self.lifter, left, right))
        if isinstance(op, (gast.In, gast.NotIn)):
            return self._said(op, self._holds(right, left))
        found = self._compare_objects(op, left, right)
        if found is None and not isinstance(left, Value) and not isinstance(right, Value):
            found = self._compare_known(op, left, right)
        if found is not None:
            return found
        sides = (left, right)
        if any(map(is_unread_array, sides)):
            return self._compare_later(op, left, right, Obj("ndarray"))
        equality = isinstance(op, (gast.Eq, gast.NotEq))
        if any(map(is_container, sides)) and not any(map(is_array, sides)):
            return self._said(op, self._equal_containers(left, right)) if equality else self._ordered(op, left, right)
        if equality and any(map(is_alone, sides)):
            return self._compare_alone(op, left, right)
        return self.lifter.apply(OPERATORS[type(op)], list(map(self.lifter.expressions.as_array, sides)))

    def _said(self, op: Any, found: Abstract) -> Abstract:
        """What was found of `==`, `is` or `in`; the opposite for `!=`, `is not`, `not in`."""
        return found if isinstance(op, (gast.Eq, gast.Is, gast.In)) else self.lifter.expressions.negated(found)

    def _compare_later(self, op: Any, left: Abstract, right: Abstract, kind: Kind = BOOL) -> Abstract:
        """A comparison that the run makes."""
        return self.lifter.emit(OPERATORS[type(op)], (to_arg(left), to_arg(right)), {}, [kind])[0]

    def _compare_known(self, op: Any, left: Abstract, right: Abstract) -> Abstract | None:
        """What Python itself says, where both are known."""
        self.lifter.asks.ask_methods((left, right), *COMPARISONS[type(op)], "__eq__")
        sides = [protocol(side).known_set() for side in (left, right)]
        if sides[0] is not None and sides[1] is not None:
            return Const(OPERATORS[type(op)](*sides))
        known = [python_value(side) for side in (left, right)]
        return None if NOT_KNOWN in map(type_or_it, known) else known_answer(OPERATORS[type(op)], *known)

    def _compare_alone(self, op: Any, left: Abstract, right: Abstract) -> Abstract:
        """`==` or `!=` where one of the two is equal to itself alone."""
        numbers = [side for side in (left, right) if is_array(side)]
        if numbers and kind_of(numbers[0]).form == "np":    # type: ignore[union-attr]
            return Const(isinstance(op, gast.NotEq))
        if numbers:     # no number is equal to None, or to text
            return self.lifter.apply(OPERATORS[type(op)], [numbers[0], Const(np.nan)])
        if any(isinstance(side, Instance) or isinstance(side, Value) and isinstance(side.kind, Obj)
               for side in (left, right)):
            return self._compare_later(op, left, right)
        return self._said(op, is_one(self.lifter, left, right))

    def _holds(self, container: Abstract, item: Abstract) -> Abstract:
        """`item in container`."""
        held = self.lifter.operators.contains(container, item)
        return protocol(container).contains(self.lifter, item) if held is None else held

    def any_equal(self, item: Abstract, others: list[Abstract]) -> Abstract:
        """Is an item one of these, or equal to one?  Looked at one by one, as Python does."""
        for at, other in enumerate(others):
            if other is item:
                return Const(True)
            same = self.lifter.expressions.truth_of(self.compare_two(gast.Eq(), other, item))
            if isinstance(same, Value):
                rest = functools.partial(self.any_equal, item, others[at + 1:])
                return self.lifter.branches.choose(same, lambda: Const(True), rest) if at + 1 < len(others) else same
            if not isinstance(same, Const) or same.value:
                return same
        return Const(False)

    def _equal_containers(self, left: Abstract, right: Abstract) -> Abstract:
        """`==` where one of the two is a tuple, list, dict or the like: Python compares the types too."""
        items_of = self.lifter.statements.items_of
        left, right = (Tuple(items_of(side)) if isinstance(side, Value) and isinstance(side.kind, Shape) else side
                       for side in (left, right))
        a, b = (base_of(type_of(side, self.lifter.numbers.mixed)) for side in (left, right))
        if isinstance(left, View) or isinstance(right, View):
            return self._equal_views(left, right)
        if a is not b:
            if isinstance(left, Value) and isinstance(left.kind, Obj) or isinstance(right, Value) and \
                    isinstance(right.kind, Obj):
                raise Refused("it is not known here whether these are equal", "compare their items")
            return Const(False)
        if isinstance(left, Dict) and isinstance(right, Dict):
            if set(left.items) != set(right.items):
                return Const(False)
            return self._all_equal(list(left.items.values()), [right.items[key] for key in left.items])
        if a in (tuple, list):
            return self._all_equal(self.lifter.iteration.iterate_now(left), self.lifter.iteration.iterate_now(right))
        raise Refused(f"it is not known here whether this {describe(left)} equals a {describe(right)}",
                      "compare their items")

    def _ordered(self, op: Any, left: Abstract, right: Abstract) -> Abstract:
        """`<` and its like of two tuples, or two lists: the first items that differ decide."""
        if not any(isinstance(left, cls) and isinstance(right, cls) for cls in (Tuple, List)):
            raise Refused(f"the order of a {describe(left)} and a {describe(right)} is not known",
                          "compare their items")
        return self._first_that_differs(op, list(left.items), list(right.items))

    def _first_that_differs(self, op: Any, left: list[Abstract], right: list[Abstract]) -> Abstract:
        for at, (a, b) in enumerate(zip(left, right, strict=False)):
            if a is b:
                continue
            same = self.lifter.expressions.truth_of(self.compare_two(gast.Eq(), a, b))
            if isinstance(same, Value):
                rest = functools.partial(self._first_that_differs, op, left[at + 1:], right[at + 1:])
                return self.lifter.branches.choose(same, rest, functools.partial(self.compare_two, op, a, b))
            if not isinstance(same, Const) or not same.value:
                return self.compare_two(op, a, b)
        return Const(bool(OPERATORS[type(op)](len(left), len(right))))

    def _equal_views(self, left: Abstract, right: Abstract) -> Abstract:
        """Keys and items of dicts are compared as sets."""
        if isinstance(left, View) and isinstance(right, View) and left.part == right.part != "values":
            if left.part == "keys":
                return Const(set(left.of.items) == set(right.of.items))
            return self._equal_containers(left.of, right.of)
        raise Refused(f"it is not known here whether this {describe(left)} equals a {describe(right)}",
                      "compare lists of what is in them")

    def _all_equal(self, left: list[Abstract], right: list[Abstract]) -> Abstract:
        """Are the items of two sequences equal, looked at one by one?"""
        if len(left) != len(right):
            return Const(False)
        for at, (a, b) in enumerate(zip(left, right, strict=True)):
            if a is b:      # Python asks first whether they are the same, and NaN is
                continue
            same = self.lifter.expressions.truth_of(self.compare_two(gast.Eq(), a, b))
            if isinstance(same, Value):
                rest = functools.partial(self._all_equal, left[at + 1:], right[at + 1:])
                return self.lifter.branches.choose(same, rest, lambda: Const(False))
            if not isinstance(same, Const) or not same.value:
                return same
        return Const(True)

    def _compare_objects(self, op: Any, left: Abstract, right: Abstract) -> Abstract | None:
        """One comparison; None where neither is an object."""
        if class_of(left) is None and class_of(right) is None or type(op) not in COMPARISONS:
            return None
        here, there = COMPARISONS[type(op)]
        a, b = class_of(left), class_of(right)
        names = ("__eq__", "__eq__") if isinstance(op, (gast.Eq, gast.NotEq)) else (here, there)
        if any(isinstance(side, Instance) and compares_in_library(side.cls, name)
               for side, name in zip((left, right), names, strict=True)):       # it may decline: Python asks the other
            return self._compare_later(op, left, right)
        ways = [(left, here, right), (right, there, left)]
        if a is not None and b is not None and a is not b and issubclass(b, a):
            ways.reverse()
        if b is not None:
            self.lifter.operators.yields_to_object(left, b)
        if isinstance(op, (gast.Eq, gast.NotEq)):
            operators = self.lifter.operators
            found = operators.first_of([way for way in ways if not operators.is_made(way[0], way[1])])
            if found is not None:
                return found
            return self._said(op, self._equal(left, right, ways))
        return self.lifter.operators.first_of(ways) or self.lifter.operators.undefined("this comparison", left, right)

    def _equal(self, left: Abstract, right: Abstract, ways: list[tuple[Abstract, str, Abstract]]) -> Abstract:
        """What `==` is of objects whose classes do not say more: of `__eq__`, of fields, of identity."""
        operators = self.lifter.operators
        found = operators.first_of(
            [(one, "__eq__", other) for one, _, other in ways if not operators.is_made(one, "__eq__")])
        if found is not None:
            return self.lifter.expressions.truth_of(found)
        a, b = class_of(left), class_of(right)
        if a is b and a is not None and self.lifter.operators.is_made(left, "__eq__"):
            fields = [f.name for f in self.lifter.classes.fields_of(a) if f.compare]
            sides = [Tuple([self.lifter.attributes.attribute(side, name) for name in fields]) for side in (left, right)]
            return self.compare_two(gast.Eq(), *sides)
        for cls in (a, b):
            if cls is not None and compares_unread(self.lifter.asks.of_class(cls, "__eq__")):
                raise Refused(f"how a {cls.__name__} compares itself cannot be read", "compare what is in it")
        return is_one(self.lifter, left, right)


def compares_in_library(cls: type, name: str) -> bool:
    """Is this comparison of a class one of Python's library, and not that of any object?"""
    own = in_class(cls, name)
    return own is not getattr(object, name) and (is_library(own) if isinstance(own, FunctionType) else callable(own))


def compares_unread(own: Any) -> bool:
    """Is this an `__eq__` that is not Python source, as that of a list is, and not that of identity either?"""
    return own is not object.__eq__ and not isinstance(own, FunctionType)


def type_or_it(value: Any) -> Any:
    """Something whose comparison has one answer."""
    return value if value is NOT_KNOWN else type(value)


def is_container(thing: Abstract) -> bool:
    """A tuple, list, dict, view or range, or a constant that is one."""
    if isinstance(thing, Const):
        return isinstance(thing.value, (tuple, list, dict, set, frozenset, range))
    return isinstance(thing, (Collection, Range)) or \
        isinstance(thing, Value) and isinstance(thing.kind, Shape)


def is_array(thing: Abstract) -> bool:
    """An array, or a NumPy scalar, whose comparison with something is NumPy's."""
    if isinstance(thing, Const):
        return isinstance(thing.value, (np.ndarray, np.generic))
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.form != "py"


def is_unread_array(thing: Abstract) -> bool:
    """An array of text or of objects, which is not read: what it is compared with is looked for in it."""
    return isinstance(thing, Instance) and isinstance(thing.sample, (np.ndarray, np.generic))


def is_alone(thing: Abstract) -> bool:
    """Something that is equal to itself alone: a function, a class, None."""
    if isinstance(thing, Const):
        if isinstance(thing.value, enum.Enum):      # else it is a number, or its class says what it is equal to
            return type(thing.value).__eq__ is object.__eq__
        return thing.value is None or thing.value is Ellipsis or isinstance(
            thing.value, (str, bytes, type, FunctionType, ModuleType, BuiltinFunctionType))
    return isinstance(thing, Closure)


def base_of(cls: type) -> type:
    """The type of Python's whose comparison a class has."""
    return next((base for base in (tuple, list, dict) if issubclass(cls, base)), cls)
