"""What a name stands for while a function is read: a run-time value, or something known already.

A run-time number or array is an `ir.Value`; a number, string, module, class or function known now is an
`ir.Const`.  Containers, closures and iterators are held apart, so that they cost nothing in the text.

>>> flatten(Tuple([Const(1), Tuple([Const(2)])]))[0]
[Const(value=1, text=None), Const(value=2, text=None)]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import UNDEFINED, Arg, Atom, Const, Slice, Value
from ad_compiler.kinds import Kind, Num, Obj, kind_of_value

if TYPE_CHECKING:
    from ad_compiler.read.frame import Scope
    from ad_compiler.read.parse import Source


@dataclass(eq=False, slots=True)
class Tuple:
    """A tuple, or a named tuple of class `cls`, whose length is known."""

    items: list[Abstract]
    cls: type | None = None


@dataclass(eq=False, slots=True)
class List:
    """A list whose length is known."""

    items: list[Abstract]


@dataclass(eq=False, slots=True)
class Dict:
    """A dict whose keys are known."""

    items: dict[Any, Abstract]


@dataclass(eq=False, slots=True)
class Closure:
    """A function defined inside the function that is read: a nested `def` or a lambda."""

    node: gast.FunctionDef | gast.Lambda
    source: Source
    scope: Scope
    defaults: list[Abstract]
    kw_defaults: dict[str, Abstract]
    no_grad: bool = False


@dataclass(eq=False, slots=True)
class Bound:
    """A function with its first arguments given: a bound method, or a `functools.partial`."""

    fn: Abstract
    args: list[Abstract]
    kwargs: dict[str, Abstract] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Method:
    """A method of a number or array, named but not called yet."""

    fn: Callable[..., Any]
    owner: Value
    name: str


@dataclass(eq=False, slots=True)
class Instance:
    """An object known when the function is compiled; its attributes are read when the program runs.

    `sample` is the object seen at compile time, `get` reads it again for given call arguments.
    """

    value: Value
    sample: Any
    get: Callable[[Any], Any]
    attributes: dict[str, Abstract] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Super:
    """`super()`: an object whose methods are looked up in the classes behind one."""

    owner: Instance
    order: tuple[type, ...]


@dataclass(eq=False, slots=True)
class Choice:
    """One of two functions, chosen when the program runs."""

    test: Value
    then: Abstract
    orelse: Abstract


@dataclass(eq=False, slots=True)
class Range:
    """`range(start, stop, step)`."""

    start: Atom
    stop: Atom
    step: Atom


@dataclass(eq=False, slots=True)
class Zip:
    """`zip(*parts)`, or `enumerate` where the first part counts."""

    parts: list[Abstract]


@dataclass(eq=False, slots=True)
class Count:
    """The numbers that `enumerate` hands out: start, start + 1, …"""

    start: Atom


@dataclass(eq=False, slots=True)
class Reversed:
    """`reversed(of)`."""

    of: Abstract


@dataclass(eq=False, slots=True)
class Generator:
    """A generator expression, or a comprehension before it is unrolled."""

    node: Any
    scope: Scope


@dataclass(eq=False, slots=True)
class Poison:
    """Stands for something refused already, so that one fault is reported once."""

    message: str = ""
    remedy: str = ""


Abstract = Any
"""One of the classes above, a `Value`, or a `Const`."""


def flatten(thing: Abstract) -> tuple[list[Atom], Callable[[list[Atom]], Abstract]]:
    """The atoms of a structure, and a function that builds the structure from other atoms."""
    if isinstance(thing, (Value, Const)):
        return [thing], lambda atoms: atoms[0]
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
    return [], lambda atoms: thing


def same_structure(a: Abstract, b: Abstract) -> bool:
    """Do two things differ in their atoms alone?"""
    if isinstance(a, (Value, Const)) and isinstance(b, (Value, Const)):
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, (Tuple, List)):
        return (len(a.items) == len(b.items) and all(map(same_structure, a.items, b.items))
                and getattr(a, "cls", None) is getattr(b, "cls", None))
    if isinstance(a, Dict):
        return list(a.items) == list(b.items) and all(same_structure(a.items[k], b.items[k]) for k in a.items)
    return a is b


def kind_of(atom: Atom) -> Kind:
    """Kind of an atom, known value or not."""
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
        return [to_arg(item) for item in thing.items]
    if isinstance(thing, Dict):
        return {key: to_arg(item) for key, item in thing.items.items()}
    if isinstance(thing, slice):
        return Slice(*(to_arg(part) for part in (thing.start, thing.stop, thing.step)))
    if isinstance(thing, Instance):
        return thing.value
    if isinstance(thing, Poison):
        raise Refused(thing.message, thing.remedy)
    raise Refused(f"a {describe(thing)} cannot be an argument here")


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
        return [to_kind(item) for item in thing.items]
    if isinstance(thing, Dict):
        return {key: to_kind(item) for key, item in thing.items.items()}
    if isinstance(thing, slice):
        return slice(*(to_kind(part) for part in (thing.start, thing.stop, thing.step)))
    if isinstance(thing, Instance):
        return Obj(type(thing.sample).__name__)
    if isinstance(thing, Poison):
        raise Refused(thing.message, thing.remedy)
    return Obj(describe(thing))


def from_python(obj: Any) -> Abstract:
    """Something known now as an abstract: plain containers are opened, the rest is a `Const`."""
    if isinstance(obj, tuple):
        return Tuple([from_python(item) for item in obj], type(obj) if hasattr(obj, "_fields") else None)
    if type(obj) is list:
        return List([from_python(item) for item in obj])
    if type(obj) is dict:
        return Dict({key: from_python(item) for key, item in obj.items()})
    return Const(obj)


NOT_KNOWN = object()


def python_value(thing: Abstract) -> Any:
    """The Python object that a thing is, or `NOT_KNOWN` where a part is known only at run time."""
    if isinstance(thing, Const):
        return NOT_KNOWN if thing is UNDEFINED else thing.value
    if isinstance(thing, (Tuple, List)):
        items = [python_value(item) for item in thing.items]
        if any(item is NOT_KNOWN for item in items):
            return NOT_KNOWN
        if isinstance(thing, List):
            return items
        return tuple(items) if thing.cls is None else thing.cls(*items)
    if isinstance(thing, Dict):
        values = {key: python_value(item) for key, item in thing.items.items()}
        return NOT_KNOWN if any(v is NOT_KNOWN for v in values.values()) else values
    if isinstance(thing, slice):
        parts = [python_value(part) for part in (thing.start, thing.stop, thing.step)]
        return NOT_KNOWN if any(part is NOT_KNOWN for part in parts) else slice(*parts)
    return NOT_KNOWN


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
    words = {Closure: "function", Bound: "method", Generator: "generator"}
    return words.get(type(thing), type(thing).__name__.lower())
