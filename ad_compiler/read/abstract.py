"""What a name stands for while a function is read: a run-time value, or something known already.

A run-time number or array is an `ir.Value`; a number, string, module, class or function known now is an
`ir.Const`.  Containers, closures and iterators are held apart, so that they cost nothing in the text.

>>> flatten(Tuple([Const(1), Tuple([Const(2)])]))[0]
[Const(value=1, text=None), Const(value=2, text=None)]
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Const, Record, Slice, Value
from ad_compiler.kinds import Kind, Num, Obj, kind_of_value
from ad_compiler.read.told import is_told, written_set
from ad_compiler.runtime import maker_of, takes_its_fields

if TYPE_CHECKING:
    from ad_compiler.read.frame import Scope
    from ad_compiler.read.parse import Source

CLOCK = itertools.count(1)
"""Ticks as memories are made and marks are set."""


class Tuple:
    """A tuple, or a named tuple of class `cls`, whose length is known."""

    def __init__(self, items: list[Abstract], cls: type | None = None) -> None:
        self.items, self.cls = items, cls


class Memory:
    """Something that can be written into: an array, a list, a dict, an object.

    `content` changes with each write; the reader keeps a journal of that (`read.memory`).  `near` are the
    memories that may be the same or overlap.  `born` tells which of two was there first.
    """

    __slots__ = ("born", "content", "foreign", "near")
    born: int
    content: Any
    near: set[Memory]
    foreign: Any                # the caller's, or the world's: what `read.memory` knows of it

    def __init__(self, content: Any, foreign: Any = None) -> None:
        self.born, self.content, self.near, self.foreign = next(CLOCK), content, set(), foreign

    def known(self) -> Any:
        """The content; an error where it is not known any more."""
        if isinstance(self.content, Poison):
            raise Refused(self.content.message, self.content.remedy)
        return self.content


class Cell(Memory):
    """The memory of an array: `content` is the value that it holds."""

    __slots__ = ("compact",)
    compact: frozenset[Any] | None      # in C order without gaps, if these arrays of the caller are; None: not known

    def __init__(self, content: Any, foreign: Any = None, compact: frozenset[Any] | None = None) -> None:
        super().__init__(content, foreign)
        self.compact = compact


class List(Memory):
    """A list: of things, or, where its length is known at run time only, one value of kind `Seq`."""

    __slots__ = ()

    @property
    def items(self) -> list[Abstract]:
        """The things in it."""
        content = self.known()
        if isinstance(content, list):
            return content
        raise Refused("the length of this list is known only when the program runs",
                      "read its items in a loop, or by an index")

    @property
    def grown(self) -> Value | None:
        """The run-time list, where the length is not known."""
        content = self.known()
        return None if isinstance(content, list) else content


class Dict(Memory):
    """A dict whose keys are known."""

    __slots__ = ()

    @property
    def items(self) -> dict[Any, Abstract]:
        """The things in it, by key."""
        return self.known()


class Set(Memory):
    """A set, or a frozen one, whose items are known: `content` is Python's own set."""

    __slots__ = ()

    @property
    def items(self) -> Any:
        """The set."""
        return self.known()


class Namespace(Dict):
    """`obj.__dict__`: the attributes of an object, as a dict in the same memory."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(of.content)

    @property
    def items(self) -> dict[Any, Abstract]:
        """The attributes, by name."""
        found: dict[Any, Abstract] = self.of.attributes
        return found


class View:
    """`d.keys()`, `d.values()`, `d.items()`: what a dict holds, as it is when it is looked at."""

    def __init__(self, of: Dict, part: str) -> None:
        self.of, self.part = of, part

    @property
    def items(self) -> list[Abstract]:
        """What it shows now."""
        if self.part == "keys":
            return [Const(key) for key in self.of.items]
        if self.part == "values":
            return list(self.of.items.values())
        return [Tuple([Const(key), item]) for key, item in self.of.items.items()]


class Closure:
    """A function defined inside the function that is read: a nested `def` or a lambda."""

    def __init__(self, node: gast.FunctionDef | gast.Lambda, source: Source, scope: Scope, defaults: list[Abstract],
                 kw_defaults: dict[str, Abstract], no_grad: bool = False) -> None:
        self.node, self.source, self.scope, self.defaults, self.kw_defaults = node, source, scope, defaults, kw_defaults
        self.no_grad = no_grad


class Bound:
    """A function with its first arguments given: a bound method, or a `functools.partial`."""

    def __init__(self, fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract] | None = None,
                 partial: bool = False) -> None:
        self.fn, self.args, self.partial = fn, args, partial
        self.kwargs = {} if kwargs is None else kwargs


class Method:
    """A method of a number or array, named but not called yet."""

    def __init__(self, fn: Callable[..., Any], owner: Value, name: str) -> None:
        self.fn, self.owner, self.name = fn, owner, name


class Flat:
    """`a.flat`: the elements of an array in order."""

    def __init__(self, owner: Value) -> None:
        self.owner = owner


class Instance(Memory):
    """An object known when the function is compiled; its attributes are read when the program runs.

    `sample` is the object seen at compile time, `get` reads it again for given call arguments.  `parts` are
    the attributes that were read, `content` those that were written.
    """

    __slots__ = ("get", "parts", "sample", "value")

    def __init__(self, value: Value, sample: Any, get: Callable[[Any], Any]) -> None:
        super().__init__({})
        self.value, self.sample, self.get = value, sample, get
        self.parts: dict[str, Abstract] = {}

    @property
    def attributes(self) -> dict[str, Abstract]:
        """What the object's attributes are, as far as they were asked for."""
        return {**self.parts, **self.known()}


class Object(Memory):
    """An object that the function makes: its class, and its attributes.

    `node`, where its class was registered: the attributes that are its children, and what puts it together again.
    """

    __slots__ = ("cls", "node")

    def __init__(self, cls: type, attributes: dict[str, Abstract],
                 node: tuple[tuple[str, ...], Callable[..., Any]] | None = None) -> None:
        super().__init__(attributes)
        self.cls, self.node = cls, node

    @property
    def children(self) -> list[str]:
        """The attributes that can be differentiated."""
        return list(self.attributes) if self.node is None else list(self.node[0])

    @property
    def attributes(self) -> dict[str, Abstract]:
        """What the attributes are."""
        return self.known()


class Super:
    """`super()`: an object whose methods are looked up in the classes behind one."""

    def __init__(self, owner: Instance | Object, after: type) -> None:
        self.owner, self.after = owner, after


class Choice:
    """One of two functions, chosen when the program runs."""

    def __init__(self, test: Value, then: Abstract, orelse: Abstract) -> None:
        self.test, self.then, self.orelse = test, then, orelse


class Range:
    """`range(start, stop, step)`."""

    def __init__(self, start: Atom, stop: Atom, step: Atom) -> None:
        self.start, self.stop, self.step = start, stop, step


class Zip:
    """`zip(*parts)`, or `enumerate` where the first part counts."""

    def __init__(self, parts: list[Abstract]) -> None:
        self.parts = parts


class Count:
    """The numbers that `enumerate` hands out: start, start + 1, …"""

    def __init__(self, start: Atom) -> None:
        self.start = start


class Reversed:
    """`reversed(of)`."""

    def __init__(self, of: Abstract) -> None:
        self.of = of


class Generator:
    """A generator expression, or a comprehension before it is unrolled."""

    def __init__(self, node: Any, scope: Scope) -> None:
        self.node, self.scope = node, scope


class Poison:
    """Stands for something refused already, so that one fault is reported once; `ends`: or for an error of Python's."""

    def __init__(self, message: str = "", remedy: str = "", ends: str = "") -> None:
        self.message, self.remedy, self.ends = message, remedy, ends


def report(thing: Abstract) -> None:
    """What is not known is an error where it is read, unless that has been reported."""
    if isinstance(thing, Poison) and thing.message:
        raise Refused(thing.message, thing.remedy)


Abstract = Any
"""One of the classes above, a `Value`, or a `Const`."""


def flatten(thing: Abstract) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
    """The atoms of a structure, and a function that builds the structure from other atoms."""
    if isinstance(thing, (Value, Const)):
        return [thing], lambda atoms: atoms[0]
    if isinstance(thing, List) and thing.grown is not None:
        return [thing.grown], lambda atoms: List(atoms[0])
    if isinstance(thing, (Tuple, List)):
        parts = [flatten(item) for item in thing.items]
        sizes = [len(p[0]) for p in parts]

        def build(atoms: list[Atom]) -> Abstract:
            items, at = [], 0
            for size, (_, make) in zip(sizes, parts, strict=True):
                items.append(make(atoms[at:at + size]))
                at += size
            return Tuple(items, thing.cls) if isinstance(thing, Tuple) else List(items)
        return [a for p in parts for a in p[0]], build
    if isinstance(thing, Dict):
        atoms, make = flatten(Tuple(list(thing.items.values())))
        keys = list(thing.items)
        return atoms, lambda new: Dict(dict(zip(keys, make(new).items, strict=True)))
    if isinstance(thing, Object):
        names, others = thing.children, dict(thing.attributes)
        atoms, make = flatten(Tuple([others[name] for name in names]))
        return atoms, lambda new: Object(thing.cls, {**others, **dict(zip(names, make(new).items, strict=True))},
                                         thing.node)
    return [], lambda atoms: thing


def is_real(atom: Atom) -> bool:
    """Is this a real number or array, something that may have a cotangent?"""
    if isinstance(atom, Const):
        return isinstance(atom.value, (float, np.floating))
    return isinstance(atom.kind, Num) and atom.kind.real


def kind_of(atom: Atom) -> Kind:
    """Kind of an atom, known value or not."""
    if isinstance(atom, Poison):
        raise Refused(atom.message, atom.remedy)
    return atom.kind if isinstance(atom, Value) else kind_of_value(atom.value, "constant")


def is_number(thing: Abstract) -> bool:
    """A known real or integer number."""
    return isinstance(thing, Const) and isinstance(thing.value, (bool, int, float, np.number, np.bool_))


def to_arg(thing: Abstract) -> Arg:
    """A thing as an argument of an `Op`."""
    if isinstance(thing, (Value, Const)):
        return thing
    if isinstance(thing, Tuple):
        items = [to_arg(item) for item in thing.items]
        return thing.cls(*items) if thing.cls is not None else tuple(items)
    if isinstance(thing, List):
        return thing.grown if thing.grown is not None else [to_arg(item) for item in thing.items]
    if isinstance(thing, Dict):
        return {key: to_arg(item) for key, item in thing.items.items()}
    if isinstance(thing, Set):
        return written_set(thing.items)
    if isinstance(thing, slice):
        return Slice(*(to_arg(part) for part in (thing.start, thing.stop, thing.step)))
    if isinstance(thing, Instance):
        if thing.content:
            raise Refused(f"a {type(thing.sample).__name__} whose attributes are set here is handed on",
                          "hand on what is in it")
        return thing.value
    if isinstance(thing, Object):
        if is_told(thing.cls):
            raise Refused(f"a {thing.cls.__name__} that is made here cannot be handed on", "hand on what is in it")
        names = tuple(thing.children)
        parts = tuple(to_arg(thing.attributes[name]) for name in names)
        if thing.node is not None:
            return Record(thing.node[1], (), parts)
        return Record(thing.cls if takes_its_fields(thing.cls) else maker_of(thing.cls), names, parts)
    if isinstance(thing, Range):
        return Record(range, (), tuple(map(to_arg, (thing.start, thing.stop, thing.step))))
    raise Refused(thing.message, thing.remedy) if isinstance(thing, Poison) else \
        Refused(f"a {describe(thing)} cannot be an argument here")


def to_kind(thing: Abstract) -> Any:
    """A thing as a kind rule sees it: kinds where the program must run, Python objects where not."""
    if isinstance(thing, Value):
        return thing.kind
    if isinstance(thing, Const):
        if isinstance(thing.value, (np.ndarray, np.floating, np.integer)):
            return kind_of_value(thing.value, f"constant {id(thing)}")
        return thing.value
    if isinstance(thing, Tuple):
        return tuple(to_kind(item) for item in thing.items)
    if isinstance(thing, List):
        return thing.grown.kind if thing.grown is not None else [to_kind(item) for item in thing.items]
    if isinstance(thing, Dict):
        return {key: to_kind(item) for key, item in thing.items.items()}
    if isinstance(thing, Set):
        return frozenset(thing.items)
    if isinstance(thing, slice):
        return slice(*(to_kind(part) for part in (thing.start, thing.stop, thing.step)))
    if isinstance(thing, Instance):
        return Obj(type(thing.sample).__name__)
    if isinstance(thing, Object):
        raise Refused(f"a {thing.cls.__name__} where a number or an array is expected",
                      "operators of classes are not read: call a method")
    if isinstance(thing, Poison):
        raise Refused(thing.message, thing.remedy)
    return Obj(describe(thing))


def describe(thing: Abstract) -> str:
    """A word for messages."""
    if isinstance(thing, Const):
        return type(thing.value).__name__
    if isinstance(thing, Value):
        if isinstance(thing.kind, Num):
            return "array" if thing.kind.shape else "number or array" if thing.kind.shape is None else "number"
        return str(getattr(thing.kind, "type", "value"))
    if isinstance(thing, Instance):
        return type(thing.sample).__name__
    if isinstance(thing, Object):
        return thing.cls.__name__
    if isinstance(thing, Set):
        return type(thing.content).__name__
    if isinstance(thing, View):
        return f"dict_{thing.part}"
    return {Closure: "function", Bound: "method"}.get(type(thing), type(thing).__name__.lower())
