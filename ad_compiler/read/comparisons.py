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

import dataclasses
import functools
import operator
from typing import Any

import gast

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.read.abstract import Abstract, Dict, List, Memory, Poison, Tuple, describe, is_object
from ad_compiler.read.memory import related
from ad_compiler.read.protocol import OPERATORS, Protocol, class_of, is_made

COMPARISONS: dict[type, tuple[str, str]] = {
    gast.Eq: ("__eq__", "__eq__"), gast.NotEq: ("__ne__", "__ne__"), gast.Lt: ("__lt__", "__gt__"),
    gast.Gt: ("__gt__", "__lt__"), gast.LtE: ("__le__", "__ge__"), gast.GtE: ("__ge__", "__le__"),
}


class Comparisons(Protocol):
    """Part of the lifter: comparisons."""

    def expr_Compare(self, node: Any) -> Abstract:
        left = self.expr(node.left)
        return self._compare(left, node.ops, node.comparators)

    def _compare(self, left: Abstract, ops: list[Any], nodes: list[Any]) -> Abstract:
        right = self.expr(nodes[0])
        test = self.compare_two(ops[0], left, right)
        if len(ops) == 1 or isinstance(test, Poison):
            return test
        if isinstance(test, Const):
            return self._compare(right, ops[1:], nodes[1:]) if test.value else test
        return self.choose(test, lambda: self._compare(right, ops[1:], nodes[1:]), lambda: test)

    def compare_two(self, op: Any, left: Abstract, right: Abstract) -> Abstract:
        """One comparison."""
        if isinstance(left, Poison) or isinstance(right, Poison):
            return Poison()
        if isinstance(op, (gast.Is, gast.IsNot)):
            if is_object(left) and isinstance(right, Const) or is_object(right) and isinstance(left, Const):
                # What a function that is not read has returned may be None, or anything else.
                return self.apply(operator.is_ if isinstance(op, gast.Is) else operator.is_not, [left, right])
            return Const(self._is_one(left, right) is isinstance(op, gast.Is))
        if isinstance(op, (gast.In, gast.NotIn)):
            held = self.contains(right, left)
            if held is not None:
                return held if isinstance(op, gast.In) else self.negated(held)
            if isinstance(right, Dict):
                found: Any = self.static(left, "a key") in right.items
            elif isinstance(right, (Tuple, List, Const)):
                found = self.static(left, "what is looked for") in self.static(right, "a container")
            else:
                raise Refused("`in` needs a container that is known")
            return Const(found is isinstance(op, gast.In))
        objects = self._compare_objects(op, left, right)
        if objects is not None:
            return objects
        for side in (left, right):
            if isinstance(left, (Tuple, List)) and isinstance(right, (Tuple, List)) and type(left) is not type(right) \
                    and isinstance(op, (gast.Eq, gast.NotEq)):
                return Const(isinstance(op, gast.NotEq))
            if isinstance(side, (Tuple, List)):
                parts = [self.items_of(left), self.items_of(right)]
                if not isinstance(op, (gast.Eq, gast.NotEq)):
                    raise Refused("the order of tuples is not supported")
                same = self._all_equal(*parts)
                return same if isinstance(op, gast.Eq) else self.negated(same)
        known = [isinstance(side, Const) and isinstance(side.value, float) for side in (left, right)]
        if any(known) and all(isinstance(side, Const) for side in (left, right)):
            return Const(bool(OPERATORS[type(op)](left.value, right.value)))
        return self.apply(OPERATORS[type(op)], [left, right])

    def _is_one(self, left: Abstract, right: Abstract) -> bool:
        """`left is right`, where that is known."""
        if left is right:
            return True
        if isinstance(left, Const) or isinstance(right, Const):
            return isinstance(left, Const) and isinstance(right, Const) and left.value is right.value
        known = not isinstance(left, Tuple) or not isinstance(right, Tuple)
        if isinstance(left, Memory) and isinstance(right, Memory):
            known = not related(left, right)
        elif isinstance(left, Value) and isinstance(right, Value):
            one, other = self.places.get(left), self.places.get(right)
            if one is None or other is None:
                known = (one is None) is not (other is None)
            elif one.cell is other.cell:
                if not one.chain and not other.chain:
                    return True
                known = bool(one.chain) is not bool(other.chain)
            else:
                known = not related(one.cell, other.cell)
        if not known:
            raise Refused(f"it is not known here whether this is the same {describe(left)}", "compare what is in it")
        return False

    def _all_equal(self, left: list[Abstract], right: list[Abstract]) -> Abstract:
        """Are the items of two sequences equal, looked at one by one?"""
        if len(left) != len(right):
            return Const(False)
        for at, (a, b) in enumerate(zip(left, right, strict=True)):
            if a is b:      # Python asks first whether they are the same, and NaN is
                continue
            same = self.truth_of(self.compare_two(gast.Eq(), a, b))
            if isinstance(same, Value):
                rest = functools.partial(self._all_equal, left[at + 1:], right[at + 1:])
                return self.choose(same, rest, lambda: Const(False))
            if not isinstance(same, Const) or not same.value:
                return same
        return Const(True)

    def _compare_objects(self, op: Any, left: Abstract, right: Abstract) -> Abstract | None:
        """One comparison; None where neither is an object."""
        if class_of(left) is None and class_of(right) is None or type(op) not in COMPARISONS:
            return None
        here, there = COMPARISONS[type(op)]
        a, b = class_of(left), class_of(right)
        ways = [(left, here, right), (right, there, left)]
        if a is not None and b is not None and a is not b and issubclass(b, a):
            ways.reverse()
        if b is not None:
            self.yields_to_object(left, b)
        if isinstance(op, (gast.Eq, gast.NotEq)):
            found = self.first_of([way for way in ways if not is_made(way[0], way[1])])
            if found is not None:
                return found
            same = self._equal(left, right, ways)
            return same if isinstance(op, gast.Eq) else self.negated(same)
        return self.first_of(ways) or self.undefined("this comparison", left, right)

    def _equal(self, left: Abstract, right: Abstract, ways: list[tuple[Abstract, str, Abstract]]) -> Abstract:
        """What `==` is of objects whose classes do not say more: of `__eq__`, of fields, of identity."""
        found = self.first_of([(one, "__eq__", other) for one, _, other in ways if not is_made(one, "__eq__")])
        if found is not None:
            return self.truth_of(found)
        a, b = class_of(left), class_of(right)
        if a is b and a is not None and is_made(left, "__eq__"):
            fields = [f.name for f in dataclasses.fields(a) if f.compare]
            sides = [Tuple([self.attribute(side, name) for name in fields]) for side in (left, right)]
            return self.compare_two(gast.Eq(), *sides)
        if left is right:
            return Const(True)
        if a is None or b is None:
            return Const(False)
        raise Refused(f"it is not known here whether this is the same {describe(left)}", "compare what is in it")
