"""Objects of classes: known when the function is compiled, made in it, or not known at all.

>>> Point = type("Point", (), {})
>>> Object(Point, {}).word()
'Point'
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from types import FunctionType, MemberDescriptorType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Const, Record, Value
from ad_compiler.kinds import Obj
from ad_compiler.read.library.told import is_told, stands_for
from ad_compiler.read.values.atoms import RunTime
from ad_compiler.read.values.base import (
    STANDS_FOR,
    Abstract,
    Counted,
    Thing,
    protocol,
    python_value,
    same_structure,
    to_arg,
)
from ad_compiler.read.values.containers import flatten_all
from ad_compiler.read.values.memories import Box, Memory
from ad_compiler.runtime import maker_of, takes_its_fields
from ad_compiler.watch import Itself

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


COPIES_ITSELF = ("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")
"""Methods by which a class says how it is copied."""


class OfClass(Memory):
    """An object of a class `cls`, whose attributes are held apart."""

    __slots__ = ("cls",)
    cls: type

    def word(self) -> str:
        return self.cls.__name__

    def truth(self, lifter: Lifter) -> Abstract:
        return lifter.classes.truth_of_object(self)

    def set_item(self, lifter: Lifter, index: Abstract, thing: Abstract) -> None:
        if not lifter.operators.store_in_object(self, index, thing):
            super().set_item(lifter, index, thing)

    def set_attr(self, lifter: Lifter, name: str, thing: Abstract, plain: bool) -> None:
        lifter.stores.set_attribute_of_object(self, name, thing, plain)

    def next_item(self, lifter: Lifter, default: list[Abstract], named: Any = None) -> Abstract:
        method = lifter.operators.special(self, "__next__")
        if method is None:
            return NotImplemented if isinstance(self, Instance) else super().next_item(lifter, default, named)
        if default:
            raise Refused(f"what `next` gives of a {self.word()} that has ended is not known here", "write a generator")
        found: Abstract = lifter.calls.call(Const(method), [self], {})
        return found

    @property
    def attributes(self) -> dict[str, Abstract]:
        """What its attributes are, as far as they are known."""
        return self.known()

    def pairs(self, lifter: Lifter) -> dict[Any, Abstract]:
        if python_value(self.has_attr(lifter, "keys")) is not True:
            return super().pairs(lifter)
        keys = lifter.iteration.iterate_now(lifter.calls.call(lifter.attributes.attribute(self, "keys"), [], {}))
        return {lifter.expressions.key(key, "the key of a dict"): lifter.expressions.item(self, key) for key in keys}


class Instance(OfClass):
    """An object known when the function is compiled; its attributes are read when the program runs.

    `sample` is the object seen at compile time, `get` reads it again for given call arguments.  `parts` are
    the attributes that were read, `content` those that were written.
    """

    __slots__ = ("get", "parts", "sample", "value")

    def __init__(self, value: Value, sample: Any, get: Callable[[Any], Any]) -> None:
        super().__init__({})
        self.value, self.sample, self.get, self.cls = value, sample, get, type(sample)
        self.parts: dict[str, Abstract] = {}

    @property
    def attributes(self) -> dict[str, Abstract]:
        return {**self.parts, **self.known()}

    def type_of(self, mixed: Any = ()) -> type:
        return self.cls

    def to_arg(self) -> Arg:
        if self.content:
            raise Refused(f"a {self.word()} whose attributes are set here is handed on", "hand on what is in it")
        return self.value

    def to_kind(self) -> Any:
        return Obj(self.word())

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        found = lifter.operators.item_of_object(self, index)
        return looked_up(lifter, self, index) if found is None else found

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return lifter.world.attribute_of_instance(self, name)

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        if name in self.known():
            return Const(True)
        raw = lifter.asks.of_class(self.cls, name)
        if isinstance(raw, property) or isinstance(lifter.asks.of_class(type(raw), "__get__"), FunctionType):
            return can_be_read(lifter, self, name)        # its code is read, not run
        return lifter.asks.has_outside(self.sample, self.get, name)

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        raw = lifter.asks.of_class(self.cls, "__call__")
        if not isinstance(raw, FunctionType):
            return lifter.opaque_calls.opaque(self.value, f"{self.word()} object", args, kwargs)
        return lifter.calls.call(Const(raw), [self, *args], kwargs)

    def is_callable(self, lifter: Lifter) -> Const | Value:
        return Const(lifter.asks.of_class(self.cls, "__call__") is not None)

    def held(self) -> Iterable[Abstract]:
        return list(self.attributes.values())

    def values(self) -> list[Value]:
        return [self.value, *(value for part in self.held() for value in protocol(part).values())]


class Object(OfClass, Box):
    """An object that the function makes: its class, and its attributes.

    `node`, where its class was registered: the attributes that are its children, and what puts it together again.
    """

    __slots__ = ("node",)

    def __init__(self, cls: type, attributes: dict[str, Abstract],
                 node: tuple[tuple[str, ...], Callable[..., Any]] | None = None) -> None:
        super().__init__(attributes)
        self.cls, self.node = cls, node

    @property
    def children(self) -> list[str]:
        """The attributes that can be differentiated."""
        return list(self.attributes) if self.node is None else list(self.node[0])

    def type_of(self, mixed: Any = ()) -> type:
        return stands_for(self.cls)

    def flatten(self) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
        names, others = self.children, dict(self.attributes)
        atoms, build = flatten_all(others[name] for name in names)
        return atoms, lambda new: Object(self.cls, {**others, **dict(zip(names, build(new), strict=True))}, self.node)

    def same_structure(self, other: Any) -> bool:
        return (self.cls is other.cls and list(self.attributes) == list(other.attributes)
                and all(map(same_structure, self.attributes.values(), other.attributes.values())))

    def to_arg(self) -> Arg:
        plain = stands_for(self.cls) is SimpleNamespace
        if is_told(self.cls) and not plain:
            raise Refused(f"a {self.word()} that is made here cannot be handed on", "hand on what is in it")
        names = tuple(self.children)
        parts = tuple(to_arg(self.attributes[name]) for name in names)
        if self.node is not None:
            return Record(self.node[1], (), parts)
        if plain:
            return Record(SimpleNamespace, names, parts)
        return Record(self.cls if takes_its_fields(self.cls) else maker_of(self.cls), names, parts)

    def to_kind(self) -> Any:
        raise Refused(f"a {self.word()} where a number or an array is expected",
                      "operators of classes are not read: call a method")

    def fresh(self, lifter: Lifter) -> Abstract:
        old = self.attributes
        new = {name: lifter.memory.fresh(item) for name, item in old.items()}
        return self if all(new[name] is item for name, item in old.items()) else Object(self.cls, new, self.node)

    def detached(self, lifter: Lifter) -> Abstract:
        parts = {name: lifter.memory.detached(item) for name, item in self.attributes.items()}
        return Object(self.cls, parts, self.node)

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        found = lifter.operators.item_of_object(self, index)
        return super().get_item(lifter, index) if found is None else found

    def del_item(self, lifter: Lifter, index: Abstract) -> None:
        if not lifter.operators.delete_in_object(self, index):
            super().del_item(lifter, index)

    def del_attr(self, lifter: Lifter, name: str) -> None:
        lifter.stores.delete_attribute_of_object(self, name)

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        return lifter.classes.attribute_of_object(self, name)

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        raw = lifter.asks.of_class(self.cls, name)
        if name == "__dict__":
            return Const(bool(self.cls.__dictoffset__))
        if name in self.attributes or isinstance(raw, MemberDescriptorType):       # a slot, which may be empty
            return Const(name in self.attributes)
        plain = isinstance(raw, (FunctionType, staticmethod, classmethod)) or not hasattr(type(raw), "__get__")
        if not plain:
            return can_be_read(lifter, self, name)
        return lifter.asks.has_outside(self.cls, Itself(self.cls), name)

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        method = lifter.asks.of_class(self.cls, "__call__")
        if not isinstance(method, FunctionType):
            return lifter.raises(TypeError, f"'{self.word()}' object is not callable")
        return lifter.calls.call(Const(method), [self, *args], kwargs)

    def another(self) -> Object:
        return Object(self.cls, {})

    def is_like(self, other: Any) -> bool:
        return super().is_like(other) and self.cls is other.cls

    def copied(self, lifter: Lifter, inside: Callable[[Abstract], Abstract]) -> Abstract:
        if self.node is not None or any(
                lifter.asks.of_class(self.cls, name) is not vars(object).get(name) for name in COPIES_ITSELF):
            return NotImplemented
        return Object(self.cls, {name: inside(item) for name, item in self.attributes.items()})


class Opaque(RunTime):
    """An object of which nothing is known before the program runs."""

    __slots__ = ()

    def length(self, lifter: Lifter) -> Abstract:
        raise self.not_gone_through()

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        return looked_up(lifter, self.of, index)

    def in_place(self, lifter: Lifter, fn: Callable[..., Any], right: Abstract) -> Abstract:
        if lifter.memory.cell_of(self.of) is not None:
            raise Refused("it is not known here whether this is an array of another name: it cannot be told what is "
                          "written", "write `x = x + …` for a new array")
        return super().in_place(lifter, fn, right)

    def unpack(self, lifter: Lifter, count: int | None) -> list[Abstract]:
        return lifter.iteration.iterate_now(self.of)

    def counted(self, lifter: Lifter) -> Counted:
        return Thing.counted(self, lifter)

    def has_attr(self, lifter: Lifter, name: str) -> Const | Value:
        return lifter.opaque_calls.later(hasattr, self.of, Const(name))

    def call(self, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.opaque_calls.opaque(self.of, self.of.hint or "this object", args, kwargs)

    def is_callable(self, lifter: Lifter) -> Const | Value:
        return lifter.opaque_calls.later(callable, self.of)


def can_be_read(lifter: Lifter, thing: Thing, name: str) -> Const:
    """An attribute that code of the user's makes is there, if that does not raise."""
    lifter.attributes.attribute(thing, name)
    if lifter.diverged:
        raise Refused(f"it is not known here whether `{name}` of a {thing.word()} raises AttributeError")
    return Const(True)


def looked_up(lifter: Lifter, thing: Abstract, index: Abstract) -> Abstract:
    """`thing[index]` as Python itself does it, when the program runs."""
    owner, at = (to_arg(lifter.memory.fresh(part)) for part in (thing, index))
    (found,) = lifter.emit(operator.getitem, (owner, at), {}, [Obj("object")])
    lifter.memory.tie(found, [thing])
    return found


STANDS_FOR[Obj] = Opaque
