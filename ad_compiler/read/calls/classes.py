"""Objects of the user's classes: made in the function, or dataclasses that are arguments."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable
from types import FunctionType, MemberDescriptorType, MethodDescriptorType, WrapperDescriptorType
from typing import Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refusal, Refused
from ad_compiler.ir import Const, Origin, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Container,
    Dict,
    Namespace,
    Object,
    OfClass,
    Poison,
    Tuple,
    type_of,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.special import Special
from ad_compiler.read.names.asks import from_library
from ad_compiler.read.values.callables import OF_OBJECT
from ad_compiler.read.values.memories import stored
from ad_compiler.watch import Default, Filled, Holds, Itself, Part

FACTORY = vars(dataclasses)["_HAS_DEFAULT_FACTORY"]
"""The default of a parameter for which a function makes the value."""

FIELD = type(inspect.getattr_static(Origin, "line"))
"""What stands in the class of a named tuple under the name of a field."""


class Classes(Reader):
    """Makes objects, and reads what their classes say."""

    def construct(self, cls: type, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """`cls(*args, **kwargs)`, or NotImplemented where that cannot be read."""
        if not self.plain(cls):
            return NotImplemented
        new = Object(cls, {})
        init = self.written_init(cls)
        if dataclasses.is_dataclass(cls) and not isinstance(init, FunctionType):
            made = self.lifter.asks.of_class(cls, "__init__")
            self._fill(new, made, args, kwargs)
            if made_by_dataclass(made) and "__post_init__" in made.__code__.co_names:
                self.lifter.calls.call(Const(self.lifter.asks.of_class(cls, "__post_init__")), [new], {})
            return new
        if isinstance(init, FunctionType):
            given = self.lifter.calls.call(Const(init), [new, *args], kwargs)
            if isinstance(given, Const) and given.value is not None:
                of = type(given.value).__name__
                return self.lifter.raises(TypeError, f"__init__() should return None, not '{of}'")
        elif args or kwargs:
            raise Refused(f"{cls.__name__} takes no arguments")
        return new

    def plain(self, cls: type) -> bool:
        """Is this a class of Python's own kind?  What it may be given that makes it another is watched."""
        if not is_plain(cls):
            return False
        for name in ("__new__", "__getattr__", "__getattribute__"):
            self.lifter.asks.of_class(cls, name)
        return True

    def written_init(self, cls: type) -> Any:
        """The `__init__` that stands in a class, or in one that it inherits from; None where `dataclass` made it."""
        init = self.lifter.asks.of_class(cls, "__init__")
        if not made_by_dataclass(init):
            return init if init is not object.__init__ else None
        self.lifter.asks.note_function(init)
        return None

    def fields_of(self, cls: Any) -> tuple[dataclasses.Field[Any], ...]:
        """`dataclasses.fields(cls)`: one may be put there, or taken away."""
        count = len(cls.__dataclass_fields__)
        get = Part(Itself(cls), getattr, "__dataclass_fields__")
        self.lifter.asks.ask(Holds(get, count), (cls, "__dataclass_fields__"))
        return dataclasses.fields(cls)

    def _fill(self, new: Object, made: FunctionType, args: list[Abstract], kwargs: dict[str, Abstract]) -> None:
        fields, defaults = [f for f in self.fields_of(new.cls) if f.init], places_of_defaults(made)
        given = dict(zip((f.name for f in fields if not f.kw_only), args, strict=False))
        if len(args) > len(given) or set(given) & set(kwargs) or set(kwargs) - {f.name for f in fields}:
            raise Refused(f"{new.cls.__name__} takes the fields {', '.join(f.name for f in fields)}")
        given.update(kwargs)
        for field in self.fields_of(new.cls):
            if field.name in given:
                thing = given[field.name]
            elif field.name in defaults and (default := Default(made, defaults[field.name]))(()) is not FACTORY:
                thing = self.lifter.calls.known(default(()), default, field.name)
            elif field.name in defaults or not field.init and field.default_factory is not dataclasses.MISSING:
                thing = self.lifter.calls.call(Const(self.lifter.asks.ask(Filled(made, field.name))), [], {})
            elif not field.init and field.default is not dataclasses.MISSING:
                thing = self.lifter.world.attribute_of_constant(new.cls, field.name)
            elif not field.init:
                continue
            else:
                raise Refused(f"{new.cls.__name__} needs `{field.name}`")
            new.content |= stored({field.name: thing})

    def attribute_of_object(self, thing: Object, name: str) -> Abstract:
        """`obj.name`: data, then properties and methods of the class."""
        if name == "__class__":
            return Const(thing.cls)
        if name == "__dict__" and thing.cls.__dictoffset__:
            of_class = self.lifter.asks.of_class
            if any(isinstance(of_class(thing.cls, held), MemberDescriptorType) for held in thing.attributes):
                raise Refused("some attributes of this object have slots, and are not in its `__dict__`",
                              "ask for them by name")
            return Namespace(thing)
        raw = self.lifter.asks.of_class(thing.cls, name)
        if name in thing.attributes and not sets_itself(raw):
            return thing.attributes[name]
        self.ask_descriptor(raw)
        if is_descriptor(raw):
            return self.got(raw, thing, thing.cls, name)
        if isinstance(raw, (property, staticmethod, classmethod)):
            return self.got_by_python(raw, thing, thing.cls, name)
        if isinstance(raw, (WrapperDescriptorType, MethodDescriptorType)) and raw not in OF_OBJECT:
            raise Refused(f"`{name}` of {thing.cls.__name__} is one of Python's own, which is not read")
        if isinstance(raw, (FunctionType, WrapperDescriptorType, MethodDescriptorType)):
            return Bound(Const(raw), [thing])
        if raw is None or isinstance(raw, MemberDescriptorType):
            raise Refused(f"{thing.cls.__name__} has no attribute `{name}` here")
        return self.lifter.world.attribute_of_constant(thing.cls, name)

    def attribute_of_named(self, thing: Tuple, name: str) -> Abstract | None:
        """Of a named tuple: fields, properties, `_replace`, `_asdict`, methods; None where any tuple may have it."""
        cls: Any = thing.cls
        raw = self.lifter.asks.of_class(cls, name)
        fields = self.lifter.asks.fields(cls)
        if isinstance(raw, property):
            return self.got_by_python(raw, thing, cls, name)
        if type(raw) is FIELD:
            return thing.items[raw.__reduce__()[1][0]]
        if name in fields:
            raise Refused(f"`{name}` of a {cls.__name__} is not its field any more", "read it by its place")
        if name == "_fields":
            return Tuple([Const(field) for field in fields])
        if name == "_asdict" and self.of_every_named(cls, name):
            return Const(Special(lambda li, args, kw: Dict(dict(zip(fields, thing.items, strict=True)))))
        if name == "_replace" and self.of_every_named(cls, name) and self.of_every_named(cls, "_make"):
            def replaced(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
                if args or set(kwargs) - set(fields):
                    raise Refused(f"{cls.__name__} has the fields {', '.join(fields)}")
                return Tuple([kwargs.get(field, item) for field, item in zip(fields, thing.items, strict=True)], cls)
            return Const(Special(replaced))
        return Bound(Const(raw), [thing]) if isinstance(raw, FunctionType) else None

    def of_every_named(self, cls: type, name: str) -> bool:
        """Is this method the one that every named tuple has?"""
        raw = self.lifter.asks.of_class(cls, name)
        method, known = getattr(raw, "__func__", raw), getattr(Origin, name)
        if isinstance(method, FunctionType):
            self.lifter.asks.note_function(method)
        return getattr(method, "__code__", None) is known.__code__

    def ask_descriptor(self, raw: Any) -> None:
        """Its class says whether what stands in a class is a descriptor."""
        if not from_library(type(raw)):
            self.lifter.asks.class_now(raw)
        for name in ("__get__", "__set__"):
            self.lifter.asks.of_class(type(raw), name)

    def got_by_python(self, raw: property | staticmethod[Any, Any] | classmethod[Any, Any, Any], thing: Abstract,
                      cls: type, name: str) -> Abstract:
        """What a property gives for an object, a static method, or one of the class."""
        if isinstance(raw, property):
            get = self.lifter.asks.inside(raw, "fget")
            if get is None:
                raise Refused(f"property `{name}` of {cls.__name__} has no getter")
            return self.lifter.calls.call(Const(get), [thing], {})
        function = self.lifter.asks.inside(raw, "__func__")
        return Const(function) if isinstance(raw, staticmethod) else Bound(Const(function), [Const(cls)])

    def got(self, raw: Any, thing: Abstract, cls: type, name: str) -> Abstract:
        """What a descriptor of the user's, or a cached property, gives for an object."""
        if isinstance(raw, functools.cached_property):
            self.lifter.asks.as_made(functools.cached_property)
            value = self.lifter.calls.call(Const(self.lifter.asks.inside(raw, "func")), [thing], {})
            self.lifter.stores.store_attribute(thing, name, value, plain=True)
            return value
        get = self.lifter.asks.of_class(type(raw), "__get__")
        return self.lifter.calls.call(Const(get), [Const(raw), thing, Const(cls)], {})

    def truth_of_object(self, thing: OfClass) -> Abstract:
        """`bool(obj)`: what `__bool__` or `__len__` says, else True."""
        cls = thing.cls
        for name in ("__bool__", "__len__"):
            raw = self.lifter.asks.of_class(cls, name)
            if isinstance(raw, FunctionType):
                said = self.lifter.calls.call(Const(raw), [thing], {})
                of = bool if isinstance(said, Poison) else type_of(said, self.lifter.numbers.mixed)
                if name == "__bool__" and of is not bool:
                    return self.lifter.raises(TypeError, f"__bool__ should return bool, returned {of.__name__}")
                return self.lifter.expressions.truth_of(said)
            if raw is not None:
                raise Refused(f"it is not known here whether this {cls.__name__} is true", "ask for what is in it")
        return Const(True)

    def replaced(self, thing: Abstract, changes: dict[str, Abstract]) -> Abstract:
        """`dataclasses.replace(thing, **changes)`."""
        if not isinstance(thing, Object):
            return NotImplemented
        fields = {f.name: thing.attributes[f.name] for f in self.fields_of(thing.cls) if f.init}
        return self.construct(thing.cls, [], {**fields, **changes})


def is_known_number(thing: Abstract) -> bool:
    """Is this a number or array of which the type is known?"""
    if isinstance(thing, Value):
        return isinstance(thing.kind, Num) and thing.kind.form != "any"
    return isinstance(thing, Const)


def opened(lifter: Any, thing: Abstract, make: Callable[[dict[str, Abstract]], Abstract]) -> Abstract:
    """A dataclass, and those in it, as dicts or tuples of copies: `dataclasses.asdict` and `astuple`."""
    if isinstance(thing, Object) and dataclasses.is_dataclass(thing.cls):
        fields = lifter.classes.fields_of(thing.cls)
        return make({f.name: opened(lifter, thing.attributes[f.name], make) for f in fields})
    if isinstance(thing, Container):
        return thing.like([opened(lifter, item, make) for item in thing.parts()])
    if isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.form == "array":
        return lifter.apply(np.copy, [thing], spelling="method")
    return thing


NODES: dict[type, tuple[Callable[[Any], Any], Callable[..., Any]]] = {}
"""Registered classes: how to take an object apart, and how to put it together."""


def children_of(obj: Any) -> tuple[tuple[str, ...], Callable[..., Any], Any]:
    """The attributes of an object that are the children of its node, what puts it together, and its constant part."""
    flatten, unflatten = NODES[type(obj)]
    children, constant = flatten(obj)
    names: list[str] = []
    for child in children:
        found = next((name for name, item in vars(obj).items() if item is child and name not in names), None)
        if found is None:
            raise CannotDifferentiate(Refusal(
                f"a child of this {type(obj).__name__} is none of its attributes",
                remedy="let the function given to register_node return attributes as they stand"))
        names.append(found)

    def rebuilt(*new: Any) -> Any:
        return unflatten(constant, new)
    rebuilt.__name__ = f"make_{type(obj).__name__}"
    rebuilt.of, rebuilt.names = type(obj), tuple(names)     # type: ignore[attr-defined]
    return tuple(names), rebuilt, constant


def made_by_dataclass(method: Any) -> bool:
    """Has `dataclass` written this method?"""
    return isinstance(method, FunctionType) and method.__code__.co_qualname.startswith("__create_fn__")


def places_of_defaults(made: FunctionType) -> dict[str, int | str]:
    """By the name of a parameter, where its default stands."""
    names = made.__code__.co_varnames[:made.__code__.co_argcount]
    count = len(made.__defaults__ or ())
    by_place = {name: at for at, name in enumerate(names[len(names) - count:])}
    return {**by_place, **{name: name for name in made.__kwdefaults__ or ()}}


def is_descriptor(raw: Any) -> bool:
    """Does a class of the user's say what is got, or is this a cached property?"""
    own = isinstance(getattr(type(raw), "__get__", None), FunctionType) and not from_library(type(raw))
    return own or isinstance(raw, functools.cached_property)


def sets_itself(raw: Any) -> bool:
    """Is this a descriptor that decides what a store does?  A slot is none: the object holds what is stored."""
    return hasattr(type(raw), "__set__") and not isinstance(raw, MemberDescriptorType)


def is_plain(cls: type) -> bool:
    """A class of Python's own kind: no metaclass, no slots, no base of another kind, nothing that makes it anew."""
    module = cls.__module__.split(".")[0]
    if module in sys.stdlib_module_names and module != "__main__":
        return False
    own = [base for base in cls.__mro__ if base is not object]
    return (type(cls) is type and module not in ("builtins", "numpy", "scipy")
            and all(type(b) is type and "__new__" not in b.__dict__ and b.__module__ != "builtins" for b in own)
            and not any("__getattr__" in b.__dict__ or "__getattribute__" in b.__dict__ for b in own))
