"""What is called: functions defined inside the one that is read, bound methods, one function or another.

>>> from ad_compiler.read.abstract import Const
>>> Bound(Const(max), [Const(1)]).word(), Bound(Const(max), [], partial=True).type_of()
('method', <class 'functools.partial'>)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.read.values.base import Abstract, Thing, protocol
from ad_compiler.read.values.memories import stored

if TYPE_CHECKING:
    import gast

    from ad_compiler.read.lift import Lifter
    from ad_compiler.read.names.scopes import Scope
    from ad_compiler.read.parse import Source
    from ad_compiler.read.values.instances import OfClass


class Function(Thing):
    """What is called: it is true, and has no items."""

    __slots__ = ()

    def truth(self, lifter: Lifter) -> Abstract:
        return Const(True)

    def is_callable(self, lifter: Lifter) -> Const | Value:
        return Const(True)

    def not_iterable(self) -> str | None:
        return "function"


class Closure(Function):
    """A function defined inside the function that is read: a nested `def` or a lambda."""

    def __init__(self, node: gast.FunctionDef | gast.Lambda, source: Source, scope: Scope, defaults: list[Abstract],
                 kw_defaults: dict[str, Abstract], no_grad: bool = False) -> None:
        self.node, self.source, self.scope, self.defaults, self.kw_defaults = node, source, scope, defaults, kw_defaults
        self.no_grad = no_grad

    def word(self) -> str:
        return "function"

    def type_of(self, mixed: Any = ()) -> type:
        return FunctionType

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.calls.inline(self, args, kwargs)


class Bound(Function):
    """A function with its first arguments given: a bound method, or a `functools.partial`."""

    def __init__(self, fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract] | None = None,
                 partial: bool = False) -> None:
        self.fn, self.args, self.partial = fn, stored(args), partial
        self.kwargs = {} if kwargs is None else stored(kwargs)

    def word(self) -> str:
        return "method"

    def type_of(self, mixed: Any = ()) -> type:
        if not isinstance(self.fn, Closure | Const):
            return super().type_of(mixed)
        return functools.partial if self.partial else MethodType

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        return refuse_attr(self, name)

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.calls.call(self.fn, [*self.args, *args], {**self.kwargs, **kwargs})


class Method(Function):
    """A method of a number or array, named but not called yet."""

    def __init__(self, fn: Callable[..., Any], owner: Value, name: str) -> None:
        self.fn, self.owner, self.name = fn, owner, name

    def type_of(self, mixed: Any = ()) -> type:
        return BuiltinFunctionType

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.calls.call_method(self, args, kwargs)

    def held(self) -> Iterable[Abstract]:
        return [self.owner]

    def values(self) -> list[Value]:
        return [self.owner]


OF_OBJECT = object.__init__, object.__setattr__
"""Methods of `object` that are read."""


class Super(Thing):
    """`super()`: an object whose methods are looked up in the classes behind one."""

    def __init__(self, owner: OfClass, after: type) -> None:
        self.owner, self.after = owner, after

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        cls = self.owner.type_of()
        found = lifter.asks.of_class(cls, name, self.after)
        if isinstance(found, (property, staticmethod, classmethod)):
            return lifter.classes.got_by_python(found, self.owner, cls, name)
        if not isinstance(found, FunctionType) and found not in OF_OBJECT:
            raise Refused(f"`super().{name}` is not a method that can be read")
        return Bound(Const(found), [self.owner])

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        return refuse_attr(self, name)


class Choice(Function):
    """One of two functions, chosen when the program runs."""

    def __init__(self, test: Value, then: Abstract, orelse: Abstract) -> None:
        self.test, self.then, self.orelse = test, then, orelse

    def type_of(self, mixed: Any = ()) -> type:
        either = {protocol(self.then).type_of(), protocol(self.orelse).type_of()}
        return either.pop() if len(either) == 1 else super().type_of(mixed)

    def not_iterable(self) -> str | None:
        return None

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.branches.choose(self.test, lambda: lifter.calls.call(self.then, args, kwargs),
                             lambda: lifter.calls.call(self.orelse, args, kwargs))


def refuse_attr(thing: Thing, name: str) -> Const:
    """Of a bound function, or `super()`, it is not told what it has."""
    raise Refused(f"it is not known here whether this {thing.word()} has `{name}`")
