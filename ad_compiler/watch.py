"""What a derivative depends on outside of its function's text: how to read it again, and what it was.

The ways to read are objects, not closures: a derivative that is kept on disk takes them along.

>>> import operator
>>> world = {"K": 25}
>>> watch = Watch(Name(world, "K"), 25, True)
>>> world["K"] = 26
>>> watch.get(()), watch.seen
(26, 25)
>>> Name(world, "len", True)(()) is len, Part(operator.itemgetter(0), operator.getitem, "a")(({"a": 3},))
(True, 3)

An object that stays the same one may still become of another kind:

>>> array = np.ones(3)
>>> watch = Watch(Itself(array), array, False)
>>> before, array.shape = watch.same(array), (3, 1)
>>> before, watch.same(array)
(True, False)
"""

from __future__ import annotations

import builtins
import enum
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np

from ad_compiler.ir import Value

Get = Callable[[Any], Any]
"""Reads something, given the arguments of a call."""


class Watch:
    """Something outside the function that its derivative depends on.

    It is *exact* where the object itself was compiled in (a function, an integer), else its kind was.  `value` stands
    for it in the derivative, `where` tells the cache where it lives.
    """

    def __init__(self, get: Get, seen: Any, exact: bool, value: Value | None = None,
                 where: tuple[dict[str, Any], str] | None = None) -> None:
        self.get, self.exact, self.value, self.where = get, exact, value, where
        self.kind: Any = None       # what the cache tells of it
        self.note(seen)

    def note(self, seen: Any) -> None:
        """Take it that the world looks so."""
        self.form = None if self.exact else form_of(seen)
        self.seen = seen

    def same(self, now: Any) -> bool:
        """Is this the object that was seen, and still of that kind?"""
        return now is self.seen and (self.form is None or form_of(now) == self.form)


MUTABLE_CLASS = 1 << 9
"""The flag of a class that Python made: its objects may be given another one."""


def form_of(obj: Any) -> Any:
    """What an object may become without being another one: an array's shape and dtype, the class of an object."""
    if isinstance(obj, np.ndarray):
        return obj.shape, obj.dtype
    return type(obj) if type(obj).__flags__ & MUTABLE_CLASS else None


ABSENT = object()
"""What stands under a name where nothing does."""


def constant_like(obj: Any) -> bool:
    """Objects that are compiled in: they decide the structure of the program."""
    return obj is None or obj is NotImplemented or isinstance(
        obj, (bool, int, str, bytes, type, slice, type(Ellipsis), enum.Enum))


class Name:
    """A global, or a builtin in its place; what stands in a module."""

    def __init__(self, world: dict[str, Any], name: str, builtin: bool = False) -> None:
        self.world, self.name, self.builtin = world, name, builtin

    def __call__(self, args: Any) -> Any:
        found = self.world.get(self.name, ABSENT)
        return vars(builtins).get(self.name, ABSENT) if found is ABSENT and self.builtin else found


class Itself:
    """An object that the function holds: that of a method."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj

    def __call__(self, args: Any) -> Any:
        return self.obj


class Default:
    """The default of a parameter, by its place among the defaults or by its name."""

    def __init__(self, function: FunctionType, at: int | str) -> None:
        self.function, self.at = function, at

    def __call__(self, args: Any) -> Any:
        if isinstance(self.at, int):
            return (self.function.__defaults__ or ())[self.at]
        return (self.function.__kwdefaults__ or {})[self.at]


class Filled:
    """What a method that `dataclass` made calls for the value of a field."""

    def __init__(self, made: FunctionType, name: str) -> None:
        self.made, self.name = made, name

    def __call__(self, args: Any) -> Any:
        for cell, held in zip(self.made.__code__.co_freevars, self.made.__closure__ or (), strict=False):
            if cell in (f"_dflt_{self.name}", f"__dataclass_dflt_{self.name}__"):
                return held.cell_contents
        raise LookupError(self.name)


class Part:
    """An item (`operator.getitem`) or an attribute (`getattr`) of something."""

    def __init__(self, of: Get, fn: Callable[[Any, Any], Any], key: Any) -> None:
        self.of, self.fn, self.key = of, fn, key

    def __call__(self, args: Any) -> Any:
        return self.fn(self.of(args), self.key)


class Has:
    """Has something an attribute?"""

    def __init__(self, of: Get, name: str) -> None:
        self.of, self.name = of, name

    def __call__(self, args: Any) -> bool:
        return hasattr(self.of(args), self.name)


class Holds:
    """Does a list have so many items, a dict these keys in this order, an object these attributes?"""

    def __init__(self, of: Get, seen: int | list[Any]) -> None:
        self.of, self.seen = of, seen

    def __call__(self, args: Any) -> bool:
        now = self.of(args)
        if isinstance(self.seen, int):
            return len(now) == self.seen
        return list(now if isinstance(now, dict) else vars(now)) == self.seen


class HasOwn:
    """Has an object itself an attribute, not only its class?"""

    def __init__(self, of: Get, name: str) -> None:
        self.of, self.name = of, name

    def __call__(self, args: Any) -> bool:
        return self.name in own_dict(self.of(args))


def own_dict(obj: Any) -> Mapping[str, Any]:
    """What an object holds itself; its own `__getattr__`, which may give anything under any name, is not asked."""
    try:
        found: Mapping[str, Any] = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return {}
    return found


class Made:
    """Are functions made of the code and the defaults that were read?"""

    def __init__(self, functions: tuple[FunctionType, ...]) -> None:
        self.functions = functions
        self.parts = tuple((f, f.__code__, f.__defaults__) for f in functions)

    def __call__(self, args: Any) -> bool:
        for function, code, defaults in self.parts:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                return False
        return True

    def __reduce__(self) -> Any:
        return Made, (self.functions,)


def in_class(cls: type, name: str, after: type | None = None) -> Any:
    """What stands in a class under a name, or in one that it inherits from; None where nothing does.

    `after`: only in those that come after this one, as for `super()`.
    """
    for base in bases_after(cls, after):
        if name in base.__dict__:
            return base.__dict__[name]
    return None


def bases_after(cls: type, after: type | None) -> tuple[type, ...]:
    """The classes in which an attribute is looked for, in order."""
    order = cls.__mro__
    return order if after is None else order[order.index(after) + 1:] if after in order else ()


class OfClass:
    """What stands in a class under a name, or in one that it inherits from."""

    def __init__(self, cls: type, name: str, after: type | None = None) -> None:
        self.cls, self.name, self.after = cls, name, after

    def __call__(self, args: Any) -> Any:
        return in_class(self.cls, self.name, self.after)


class Answer:
    """What a question of Python's says of things that are read anew: `isinstance`, `issubclass`."""

    def __init__(self, fn: Callable[..., Any], things: tuple[Get, ...]) -> None:
        self.fn, self.things = fn, things

    def __call__(self, args: Any) -> Any:
        return self.fn(*(get(args) for get in self.things))


NUMBERS = (np.ndarray, np.generic, float, int, str, bytes)
MAY_BE_OWN = frozenset({
    "__module__", "__doc__", "__dict__", "__weakref__", "__init__", "__new__", "__slots__", "__array_finalize__",
    "__repr__", "__str__", "__format__", "__reduce__", "__reduce_ex__", "__setstate__", "__getstate__",
    "__getnewargs__", "__annotations__", "__init_subclass__", "__class_getitem__", "__parameters__", "__orig_bases__",
    "__qualname__", "__static_attributes__", "__firstlineno__", "__copy__", "__deepcopy__",
    "__sizeof__", "__set_name__", "__slotnames__"})
"""What a kind of number may say of itself without computing in another way."""


SCALARS = frozenset(thing for thing in vars(np).values() if isinstance(thing, type) and issubclass(thing, np.generic))
"""NumPy's own kinds of number."""


class OwnWay:
    """Does a class of numbers or arrays compute in a way of its own, so that no rule holds for it?"""

    def __init__(self, cls: type) -> None:
        self.cls = cls

    def __call__(self, args: Any) -> bool:
        if self.cls in (np.ndarray, np.memmap, float, int):
            return False
        base: Any = next(number for number in NUMBERS if issubclass(self.cls, number))
        own = {name for cls in self.cls.__mro__ if not issubclass(base, cls) and cls.__module__ not in (
            "enum", "builtins", "abc", "typing") and cls not in SCALARS for name in vars(cls)}
        own.difference_update(getattr(self.cls, "__members__", ()))
        return any(name not in MAY_BE_OWN and (hasattr(base, name) or name[:2] == "__" == name[-2:]) for name in own)


class One:
    """Are two things one object?"""

    def __init__(self, a: Get, b: Get) -> None:
        self.a, self.b = a, b

    def __call__(self, args: Any) -> bool:
        return self.a(args) is self.b(args)


class Same:
    """Are several pairs of things one object each?"""

    def __init__(self, pairs: tuple[tuple[Get, Get], ...]) -> None:
        self.pairs = pairs

    def __call__(self, args: Any) -> bool:
        return all(a(args) is b(args) for a, b in self.pairs)


def is_argument(get: Get) -> bool:
    """Is this the way to an argument of the call, or to a part of one?"""
    while isinstance(get, Part):
        get = get.of
    return isinstance(get, operator.itemgetter)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a length comes from: how to read the object, and which axis, None for an integer itself; and how much
    less it is than that.
    """

    size: int
    get: Get
    axis: int | None
    less: int = 0

    def now(self, args: Any) -> Any:
        """The length, for these arguments."""
        obj = self.get(args)
        return (obj if self.axis is None else obj.shape[self.axis]) - self.less


class Enough:
    """Is a length at least so much?"""

    def __init__(self, source: Source, bound: int) -> None:
        self.source, self.bound = source, bound

    def __call__(self, args: Any) -> bool:
        return bool(self.source.now(args) >= self.bound)


class Exactly:
    """Is a length this number?"""

    def __init__(self, source: Source, number: int) -> None:
        self.source, self.number = source, number

    def __call__(self, args: Any) -> bool:
        return bool(self.source.now(args) == self.number)


class Equal:
    """Are two lengths the same?"""

    def __init__(self, a: Source, b: Source) -> None:
        self.a, self.b = a, b

    def __call__(self, args: Any) -> bool:
        return bool(self.a.now(args) == self.b.now(args))


class Compact:
    """Does an array lie in memory in C order?"""

    def __init__(self, array: Get) -> None:
        self.array = array

    def __call__(self, args: Any) -> bool:
        return bool(self.array(args).flags.c_contiguous)


class Writeable:
    """May an array be written into?"""

    def __init__(self, array: Get) -> None:
        self.array = array

    def __call__(self, args: Any) -> bool:
        return bool(self.array(args).flags.writeable)


class LeftOpen:
    """Is there a length in a shape, which is this argument, that NumPy is to count?"""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self, args: Any) -> bool:
        return -1 in args[self.at]


class Sharing:
    """Which pairs of arrays and containers are one, or may overlap?"""

    def __init__(self, pairs: tuple[tuple[Get, Get], ...]) -> None:
        self.pairs = pairs

    def __call__(self, args: Any) -> str:
        return "".join(sharing(one(args), other(args)) for one, other in self.pairs)


def sharing(a: Any, b: Any) -> str:
    """Are two arguments one array or container, or may they overlap?"""
    if a is b or type(a) is dict and own_dict(b) is a or type(b) is dict and own_dict(a) is b:
        return "s"
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return "-"
    return "o" if np.may_share_memory(a, b) else "-"
