"""Operators of the user's classes: the methods that Python calls for them, in the order in which it does.

>>> from ad_compiler import grad
>>> class Dual:
...     def __init__(self, a, b):
...         self.a, self.b = a, b
...     def __mul__(self, other):
...         if not isinstance(other, Dual):
...             return Dual(self.a * other, self.b * other)
...         return Dual(self.a * other.a, self.a * other.b + self.b * other.a)
...     __rmul__ = __mul__
>>> def f(x):
...     y = Dual(x, 1.0)
...     return (2.0 * y * y * y).b
>>> grad(f)(3.0)
36.0
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

import gast

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Num
from ad_compiler.ops import written
from ad_compiler.read.abstract import (
    Abstract,
    Instance,
    Iterator,
    Object,
    Tuple,
    describe,
    protocol,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.classes import made_by_dataclass

OPERATORS: dict[type, Callable[..., Any]] = {}
"""By the class of its node, what Python writes as an operator."""

BINARY: dict[Callable[..., Any], str] = {}
"""Those of two operands, with the name that their methods are made of."""

for _fn, _written in written().items():
    _node = gast.parse(_written.format("a", "b", "c"), mode="eval").body
    _op = _node.ops[0] if isinstance(_node, gast.Compare) else getattr(_node, "op", None)
    if _op is not None and OPERATORS.setdefault(type(_op), _fn) is _fn and isinstance(_node, gast.BinOp):
        BINARY[_fn] = _fn.__name__.strip("_")

COMPARISONS: dict[type, tuple[str, str]] = {
    gast.Eq: ("__eq__", "__eq__"), gast.NotEq: ("__ne__", "__ne__"), gast.Lt: ("__lt__", "__gt__"),
    gast.Gt: ("__gt__", "__lt__"), gast.LtE: ("__le__", "__ge__"), gast.GtE: ("__ge__", "__le__"),
}
"""By the class of its node, the methods of the left and of the right operand."""

METHODS = {f"__{kind}{name}__" for name in BINARY.values() for kind in ("", "r", "i")} | {
    "__neg__", "__pos__", "__invert__", "__abs__", "__float__", "__len__", "__lt__", "__gt__", "__le__", "__ge__",
    "__eq__", "__ne__", "__getitem__", "__iter__", "__contains__"}
"""Methods that stand for operators."""


class Operators(Reader):
    """Calls the methods of classes that operators stand for."""

    def special(self, thing: Abstract, name: str) -> FunctionType | None:
        """The method of a class of the user's for an operator."""
        cls = thing.cls if isinstance(thing, Tuple) else class_of(thing)       # a named tuple may come to have one
        found = None if cls is None else self.lifter.asks.of_class(cls, name)
        return found if isinstance(found, FunctionType) else None

    def is_made(self, thing: Abstract, name: str) -> bool:
        """Is this method of a class one that `dataclass` made?"""
        cls = class_of(thing)
        found = None if cls is None else self.lifter.asks.of_class(cls, name)
        made = made_by_dataclass(found)
        if made:
            self.lifter.asks.note_function(cast("FunctionType", found))
        return made

    def operate(self, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract | None:
        """`left fn right` where one of them is an object; None where neither is."""
        a, b, name = class_of(left), class_of(right), "divmod" if fn is divmod else BINARY.get(fn)
        if name is None or a is None and b is None:
            return None
        ways = [(left, f"__{name}__", right), (right, f"__r{name}__", left)]
        if a is b:
            del ways[1]
        elif a is not None and b is not None and issubclass(b, a) and \
                self.lifter.asks.of_class(b, ways[1][1]) is not self.lifter.asks.of_class(a, ways[1][1]):
            ways.reverse()
        if b is not None:
            self.yields_to_object(left, b)
        return self.first_of(ways) or self.undefined(f"`{operator_sign(name)}`", left, right)

    def operate_in_place(self, fn: Callable[..., Any], old: Abstract, new: Abstract) -> Abstract | None:
        """`old fn= new` of an object that has a method for just that."""
        name = BINARY.get(fn)
        return None if name is None or class_of(old) is None else self.first_of([(old, f"__i{name}__", new)])

    def operate_alone(self, fn: Any, thing: Abstract) -> Abstract | None:
        """`-thing`, `abs(thing)`, `len(thing)`, …"""
        method = self.special(thing, f"__{fn.__name__.strip('_')}__")
        return None if method is None else self.lifter.calls.call(Const(method), [thing], {})

    def first_of(self, ways: list[tuple[Abstract, str, Abstract]]) -> Abstract | None:
        """What the first method gives that does not decline."""
        for owner, name, other in ways:
            method = self.special(owner, name)
            if method is not None:
                found = self.lifter.calls.call(Const(method), [owner, other], {})
                if not (isinstance(found, Const) and found.value is NotImplemented):
                    return found
        return None

    def undefined(self, what: str, left: Abstract, right: Abstract) -> Abstract:
        raise Refused(f"{what} is not defined for a {describe(left)} and a {describe(right)}",
                      "give the class a method for it that can be read")

    def yields_to_object(self, left: Abstract, cls: type) -> None:
        """An array on the left takes the object apart, unless its class says that it does not want that."""
        array = isinstance(left, Value) and isinstance(left.kind, Num) and left.kind.shape != ()
        if array and not self.declines_arrays(cls):
            raise Refused(f"an array stands left of a {cls.__name__}: NumPy makes an array of objects of them",
                          "put the object on the left, or say `__array_ufunc__ = None` in its class")

    def declines_arrays(self, cls: type) -> bool:
        """Does a class say that NumPy is not to take its objects apart?"""
        self.lifter.asks.of_class(cls, "__array_ufunc__")
        priority = self.lifter.asks.of_class(cls, "__array_priority__") or 0
        return getattr(cls, "__array_ufunc__", 0) is None or priority > 0

    # -- containers ----------------------------------------------------------------------------------

    def item_of_object(self, thing: Abstract, index: Abstract) -> Abstract | None:
        """`thing[index]`; None where its class has no method for it."""
        method = self.special(thing, "__getitem__")
        return None if method is None else self.lifter.calls.call(Const(method), [thing, self.as_index(index)], {})

    def store_in_object(self, thing: Abstract, index: Abstract, value: Abstract) -> bool:
        """`thing[index] = value`."""
        method = self.special(thing, "__setitem__")
        if method is not None:
            self.lifter.calls.call(Const(method), [thing, self.as_index(index), value], {})
        return method is not None

    def delete_in_object(self, thing: Abstract, index: Abstract) -> bool:
        """`del thing[index]`."""
        method = self.special(thing, "__delitem__")
        if method is not None:
            self.lifter.calls.call(Const(method), [thing, self.as_index(index)], {})
        return method is not None

    def contains(self, thing: Abstract, item: Abstract) -> Abstract | None:
        """`item in thing`."""
        method = self.special(thing, "__contains__")
        if method is None:
            return None
        return self.lifter.expressions.truth_of(self.lifter.calls.call(Const(method), [thing, item], {}))

    def iterable(self, thing: Abstract) -> Abstract:
        """What an object gives to be gone through, or is left of an iterator; anything else as it is."""
        if isinstance(thing, Iterator):
            return self.lifter.generators.taken(thing, "this")
        method = self.special(thing, "__iter__")
        if method is None:
            name = protocol(thing).not_iterable() if self.lifter.watching else None
            return thing if name is None else self.lifter.raises(TypeError, f"'{name}' object is not iterable")
        found = self.lifter.calls.call(Const(method), [thing], {})
        if class_of(found) is not None:
            raise Refused(f"a {describe(thing)} hands out its items by `__next__`", "write `__iter__` as a generator")
        return found

    def as_index(self, index: Abstract) -> Abstract:
        """What a method is given for what stands in square brackets."""
        if isinstance(index, slice):
            raise Refused("a slice is given to `__getitem__` or `__setitem__` of a class", "name the method")
        return index


def class_of(thing: Abstract) -> type | None:
    """The class of an object of the user's."""
    if isinstance(thing, Object):
        return thing.cls
    if isinstance(thing, Tuple) and thing.cls is not None:      # a named tuple with operators of its own
        own = {name for base in thing.cls.__mro__ if base not in (tuple, object) for name in base.__dict__}
        return thing.cls if own & METHODS else None
    if isinstance(thing, Instance) and thing.cls.__module__ not in ("builtins", "numpy"):
        return thing.cls
    return None


def operator_sign(name: str) -> str:
    """`+` for `add`."""
    return {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
            "matmul": "@", "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "divmod": "divmod"}[name]
