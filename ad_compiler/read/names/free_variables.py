"""Names outside the function: closure cells, globals, attributes of modules and objects.

Functions, modules, integers and strings are compiled in and watched; other numbers and arrays are read at
each call.  Containers are opened into their parts, objects give their attributes.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, MethodType, MethodWrapperType, ModuleType, WrapperDescriptorType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Const, Op, Value
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Dict,
    Instance,
    Iterator,
    List,
    Namespace,
    Object,
    OfClass,
    Poison,
    Tuple,
    report,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.classes import NODES, children_of, is_descriptor, is_plain, sets_itself
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.names.asks import GOT_ANEW, LIBRARY
from ad_compiler.read.names.cells import CELL, variable_in
from ad_compiler.read.names.scopes import Scope
from ad_compiler.rules import registry
from ad_compiler.watch import Get, HasOwn, Holds, Itself, Name, One, Part, Watch, constant_like, is_argument, own_dict

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

LARGEST_OPENED = 200


class World(Reader):
    """Finds what is not local."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.prelude: list[Op] = []                         # reads the world on entry
        self.refs: dict[Value, Callable[[], Any]] = {}
        self.world_cache: dict[tuple[int, str], Abstract] = {}

    def name(self, name: str, scope: Scope | None = None) -> Abstract:
        """What a name stands for here, or in another scope."""
        scope = scope or self.scope
        cell = CELL + name
        while scope is not None:
            if cell in scope.names:
                thing = variable_in(scope.names[cell], name)
                report(thing)
                return thing
            if name in scope.names:
                thing = scope.names[name]
                if thing is UNDEFINED:
                    raise Refused(f"`{name}` may not be bound here", "bind it before the branch or loop")
                if scope.half and scope.half.get(name) is thing:
                    scope.asked.add(name)
                    self.lifter.branches.check_parts(thing, name)
                if isinstance(thing, Value):        # as most are
                    if thing in self.lifter.branches.maybe_unbound:
                        self.lifter.memory.check_bound(thing, name)
                    return thing
                report(thing)
                return self.lifter.generators.taken(thing, name) if isinstance(thing, Iterator) else thing
            if name in scope.local_names:
                raise Refused(f"`{name}` is used before it is bound")
            if scope.func is not None:
                return self.world_name(scope, name)
            scope = scope.parent
        raise Refused(f"name `{name.rpartition('.')[2]}` is not defined")

    def world_name(self, scope: Scope, name: str) -> Abstract:
        """A closure cell, a global, or a builtin."""
        key = (id(scope.func), f"name {name}")      # which an attribute of it may have too
        if key not in self.world_cache:
            try:
                obj, get, where = scope.lookup_world(name)
            except (KeyError, AttributeError):
                raise Refused(f"name `{name}` is not defined") from None
            self.world_cache[key] = self.from_world(obj, get, name, where)
        return self.world_cache[key]

    def from_world(self, obj: Any, get: Get, name: str, where: tuple[dict[str, Any], str] | None = None) -> Abstract:
        """An object of the world as an abstract."""
        if not self.lifter.watching:
            return Const(obj)
        self.lifter.asks.ask_number(obj, name)
        if constant_like(obj) or is_code(obj):
            self.lifter.asks.watches.append(Watch(get, obj, True, where=where))
            return Const(obj)
        value = Value(name, lengths().kind(obj, f"global {name}", get))
        self.lifter.asks.watches.append(Watch(get, obj, False, value, where))
        self.refs[value] = lambda: get(())
        self.lifter.memory.note_lengths(value)
        self.lifter.memory.own_foreign(value, obj, get)
        return self.open(obj, value, get)

    def open(self, obj: Any, value: Value, get: Get, size: int = LARGEST_OPENED) -> Abstract:
        """The parts of a container, each read once on entry; numbers and arrays are `value` itself."""
        if isinstance(value.kind, Num):
            return value
        before = next((other.cell for other in self.lifter.memory.foreign
                       if other.sample is obj and other.cell.born == 0
                       and isinstance(other.cell, (List, Dict, OfClass))), None)
        if isinstance(before, Instance) and is_argument(get) is not is_argument(before.foreign.get):
            before = None       # what is not read may change it: as an argument, or as part of the world
        if before is not None:      # the same, by another way
            self.lifter.asks.watches.append(Watch(One(before.foreign.get, get), True, True))
            return before
        if isinstance(obj, (list, dict)) and len(obj) <= size and type(obj) in (list, dict):
            held = Holds(get, len(obj) if isinstance(obj, list) else list(obj))
            self.lifter.asks.watches.append(Watch(held, True, True))
        plain = type(obj) in (list, tuple) and len(obj) <= size
        named = isinstance(obj, tuple) and hasattr(type(obj), "_fields")
        if plain or named:
            items = [self.part(operator.getitem, i, item, value, item_getter(get, i), size // max(1, len(obj)))
                     for i, item in enumerate(obj)]
            if isinstance(obj, list):
                return self.lifter.memory.there_before(List(items), obj, get, value)
            return Tuple(items, type(obj) if named else None)
        if type(obj) is dict and len(obj) <= size:
            return self.lifter.memory.there_before(Dict({
                key: self.part(operator.getitem, key, item, value, item_getter(get, key), size // max(1, len(obj)))
                for key, item in obj.items()}), obj, get, value)
        if type(obj) in NODES:
            names, make, constant = children_of(obj)
            self.lifter.asks.watches.append(Watch(lambda args: bool(children_of(get(args))[2] == constant), True, True))
            return self.lifter.memory.there_before(Object(type(obj), {
                key: self.part(getattr, key, item, value, attribute_getter(get, key), size)
                for key, item in vars(obj).items()}, (names, make)), obj, get, value)
        if dataclasses.is_dataclass(obj) and is_plain(type(obj)) and hasattr(obj, "__dict__") \
                and len(vars(obj)) <= size:
            self.lifter.asks.watches.append(Watch(Holds(get, list(vars(obj))), True, True))
            return self.lifter.memory.there_before(Object(type(obj), {
                key: self.part(getattr, key, item, value, attribute_getter(get, key), size // max(1, len(vars(obj))))
                for key, item in vars(obj).items()}), obj, get, value)
        return self.lifter.memory.there_before(Instance(value, obj, get), obj, get, value)

    def part(self, fn: Callable[..., Any], key: Any, obj: Any, of: Value, get: Get, size: int) -> Abstract:
        """One part of a container or object, as an op on entry to the function."""
        self.lifter.asks.ask_number(obj, f"{of.hint}.{key}")
        integer = isinstance(obj, int) and not isinstance(obj, bool)
        if constant_like(obj) and (fn is getattr or not integer) or is_code(obj):
            self.lifter.asks.watches.append(Watch(get, obj, True))
            return Const(obj)
        kind = lengths().kind(obj, f"{of.hint}.{key}", get)
        value = Value(str(key) if isinstance(key, str) else f"{of.hint}_{key}", kind)
        self.prelude.append(Op(fn, (of, Const(key)), {}, [value], self.lifter.origin))
        self.lifter.memory.note_lengths(value)
        self.lifter.memory.own_foreign(value, obj, get)
        self.specialise_watch(value, obj, get)
        return self.open(obj, value, get, size)

    def specialise_watch(self, value: Value, obj: Any, get: Get) -> None:
        """Note the kind of a part, which the key of the arguments may not state."""
        if self.lifter.watching:
            self.lifter.asks.watches.append(Watch(get, obj, False))

    def attribute_of_instance(self, thing: Instance, name: str) -> Abstract:
        """`obj.name`: methods are bound, properties read in place, data read on entry."""
        if name in thing.known():
            return thing.known()[name]
        if name in thing.parts:
            return thing.parts[name]
        cls = type(thing.sample)
        if name == "__class__":
            return Const(cls)
        if name == "__dict__" and cls.__dictoffset__ and not hasattr(cls, "__slots__"):
            self.lifter.asks.watches.append(Watch(Holds(thing.get, list(vars(thing.sample))), True, True))
            found = {key: self.attribute_of_instance(thing, key) for key in vars(thing.sample)}
            thing.parts = {**found, **thing.parts}
            return Namespace(thing)
        own_way = isinstance(self.lifter.asks.of_class(cls, "__getattribute__"), FunctionType)
        static = None if own_way else self.lifter.asks.of_class(cls, name)
        if isinstance(static, property):
            return self.lifter.classes.got_by_python(static, thing, cls, name)
        if isinstance(static, functools.cached_property) and not thing.known() and not is_argument(thing.get):
            self.gets(thing, name)      # which keeps it in the object, as a call of the function does
        held = not own_way and name in own_dict(thing.sample)
        if static is not None and cls.__dictoffset__:      # what the object has of its own goes before
            self.lifter.asks.ask(HasOwn(thing.get, name), (thing, name), held)
        self.lifter.classes.ask_descriptor(static)
        if is_descriptor(static) and (sets_itself(static) or not held):
            return self.lifter.classes.got(static, thing, cls, name)
        if not held:
            if isinstance(static, (staticmethod, classmethod)):
                return self.lifter.classes.got_by_python(static, thing, cls, name)
            if isinstance(static, (FunctionType, WrapperDescriptorType)) or has_mark(static, "__ad_transform__"):
                return Bound(Const(static), [thing])
        obj = self.gets(thing, name)
        if isinstance(obj, BuiltinFunctionType) and self.gets(thing, name) is not obj \
                or isinstance(obj, MethodType) and not isinstance(obj.__func__, FunctionType):
            # Not to be read: got from the object when the program runs.
            return self.lifter.attributes.attribute(thing.value, name)
        if isinstance(obj, MethodType):
            return Bound(self.lifter.asks.method(obj, Part(thing.get, getattr, name), thing.sample, name), [])
        get = thing.get
        thing.parts[name] = self.part(getattr, name, obj, thing.value, Part(get, getattr, name), LARGEST_OPENED)
        return thing.parts[name]

    def gets(self, thing: Instance, name: str) -> Any:
        """An attribute, as Python gets it."""
        cls = type(thing.sample)
        try:
            return getattr(thing.sample, name)
        except AttributeError:
            raise Refused(f"{cls.__name__} has no attribute `{name}`") from None
        except Exception as error:  # noqa: BLE001  (of the user's own `__getattr__`, whichever it is)
            raise Refused(f"{cls.__name__} raises {type(error).__name__} when it is asked for `{name}`") from None

    def attribute_of_constant(self, obj: Any, name: str) -> Abstract:
        """`module.name`, `Class.name`."""
        try:
            found = getattr(obj, name)
        except AttributeError:
            raise Refused(f"{getattr(obj, '__name__', obj)!r} has no attribute `{name}`") from None
        own = getattr(obj, "__dict__", None)
        if type(own) is dict and any(other.sample is own for other in self.lifter.memory.foreign):
            raise Refused(f"the dict of {getattr(obj, '__name__', obj)!r} is met under another name, too",
                          "use one of the two: a store into the one changes the other")
        own_way = self.lifter.asks.of_class(type(obj), "__getattribute__")
        if isinstance(obj, ModuleType) and not isinstance(own_way, FunctionType):
            if str(vars(obj).get("__name__")).split(".")[0] in LIBRARY:
                return self.lifter.asks.of_module(obj, name)
            key = (id(obj), name)
            if key not in self.world_cache:
                cls = self.lifter.asks.ask(Part(Itself(obj), getattr, "__class__"), (id(obj), "__class__"))
                # Else its own `__getattr__` makes it, or a property of its class.
                held = name in obj.__dict__ and cls is ModuleType
                get: Get = Name(obj.__dict__, name) if held else Part(Itself(obj), getattr, name)
                where = (obj.__dict__, name) if held else None
                self.world_cache[key] = self.from_world(found, get, name, where)
            return self.world_cache[key]
        if not self.lifter.watching or is_of_library(obj):
            return Const(found)
        if isinstance(found, MethodType):
            return self.lifter.asks.bound_method(found, obj, name)
        if isinstance(found, GOT_ANEW) and getattr(obj, name) is not found:
            return Const(found)
        key = (id(obj), name)
        if key not in self.world_cache:
            self.world_cache[key] = self.from_world(found, Part(Itself(obj), getattr, name), name)
        return self.world_cache[key]


def item_getter(get: Get, key: Any) -> Get:
    """How to read one item of what `get` reads."""
    return Part(get, operator.getitem, key)


def attribute_getter(get: Get, key: str) -> Get:
    """How to read one attribute of what `get` reads."""
    return Part(get, getattr, key)


def is_of_library(obj: Any) -> bool:
    """Does an object belong to NumPy, or to Python's modules of functions?  What it holds does not change."""
    home = getattr(obj, "__module__", None) or type(obj).__module__
    return isinstance(home, str) and home.split(".")[0] in LIBRARY and not isinstance(obj, functools.partial)


def has_mark(obj: Any, name: str) -> bool:
    """Does an object, or its class, carry a mark of ours?  It is not asked: it may raise anything, or have all."""
    return getattr_static(obj, name, None) is not None


CODE = (FunctionType, BuiltinFunctionType, MethodType, MethodWrapperType, ModuleType, type, np.ufunc, np.dtype)


def is_code(obj: Any) -> bool:
    """Functions, classes, modules and the like: compiled in."""
    if isinstance(obj, CODE):
        return True
    if has_mark(obj, "__ad_transform__") or has_mark(obj, "__ad_no_grad__"):
        return True
    if type(obj).__name__ in ("partial", "_ArrayFunctionDispatcher", "CPUDispatcher") or isinstance(obj, Poison):
        return True
    return callable(obj) and registry.lookup(obj) is not None
