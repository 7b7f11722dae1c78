"""What the reader asks of the world outside of the function: each answer is watched, by the way that it was asked.

Whatever decides what is read (a class's method, and that it has none; a module's function; what `isinstance` says)
is asked here, so that nothing of it can change unseen.

>>> from ad_compiler.ir import Block
>>> from ad_compiler.read.lift import Lifter
>>> Gain = type("Gain", (), {"__module__": "user"})
>>> lifter = Lifter(Block())
>>> lifter.asks.of_class(Gain, "__bool__") is None
True
>>> watch, Gain.__bool__ = lifter.asks.watches[-1], lambda self: False
>>> watch.same(watch.get(()))
False
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import BuiltinMethodType, FunctionType, MethodType, MethodWrapperType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.library import MADE, METHODS, NUMBERS as HELD_NUMBERS, AsMade
from ad_compiler.read.abstract import Abstract, Bound, Tuple
from ad_compiler.read.base import Reader
from ad_compiler.watch import (
    ABSENT,
    NUMBERS,
    Answer,
    Get,
    Has,
    Itself,
    Name,
    OfClass,
    OwnWay,
    Part,
    Watch,
    bases_after,
)

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

GOT_ANEW = (MethodType, MethodWrapperType, BuiltinMethodType)
"""What is made each time that it is asked for: it is told by what it is a method of."""
LIBRARY = frozenset({"numpy", "math", "scipy", "operator", "builtins", "functools"})
"""Modules of which the text says the names, and whose numbers are compiled in."""


SETTLED = ("numpy", "math", "builtins", "operator")
"""Modules that do not get attributes, nor lose them."""

IMMUTABLE_CLASS = 1 << 8
"""The flag of a class whose attributes Python lets nobody set."""

PLAIN = frozenset({np.ndarray, float, int, bool, str, bytes, np.float64, np.float32, np.int64, np.bool_})


class Asks(Reader):
    """Asks the world, and has the answers watched."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.watches: list[Watch] = []
        self.watched: set[Any] = set()                      # questions that are watched already
        self.functions: dict[FunctionType, None] = {}       # those that were read, of the user's

    def ask(self, get: Get, key: Any = None, seen: Any = ABSENT) -> Any:
        """What the world says; asked once, where there is a `key`.  `seen`: what an argument says."""
        if seen is ABSENT:
            seen = get(())
        if self.lifter.watching and (key is None or key not in self.watched):
            if key is not None:
                self.watched.add(key)
            self.watches.append(Watch(get, seen, True))
        return seen

    def of_class(self, cls: type, name: str, after: type | None = None) -> Any:
        """What stands in a class under a name, or in one that it inherits from; None where nothing does."""
        get = OfClass(cls, name, after)
        if not any(may_change(base) for base in bases_after(cls, after)):
            return get(())
        return self.ask(get, (cls, name, after))

    def ask_methods(self, things: Iterable[Any], *names: str) -> None:
        """Python itself computes with known things: by methods of their classes, which may come to be others."""
        for thing in things:
            cls = type(thing.value) if isinstance(thing, Const) else thing.cls if isinstance(thing, Tuple) else None
            if cls is not None and not cls.__flags__ & IMMUTABLE_CLASS:
                for name in names:
                    self.of_class(cls, name)

    def inside(self, raw: Any, part: str) -> Any:
        """What a descriptor holds, `fget` or `__func__`: its `__init__` may give it another one, in place."""
        return self.ask(Part(Itself(raw), getattr, part), (id(raw), part))

    def fields(self, cls: Any) -> tuple[str, ...]:
        """The names of the fields of a named tuple, which are those that it was made with."""
        fields: tuple[str, ...] = self.ask(Part(Itself(cls), getattr, "_fields"), (cls, "_fields"))
        made = next((found for base in cls.__mro__ if (found := fields_made(base)) is not None), fields)
        if fields != made:
            raise Refused(f"`{cls.__name__}._fields` are not the fields that it was made with", "make another class")
        return fields

    def as_made(self, cls: type) -> None:
        """Refuse a class of Python's library whose methods were replaced; they may come to be."""
        if cls not in MADE:
            return
        now, methods = AsMade(cls), METHODS.get(cls, ())
        if not (now(()) if methods else self.ask(now, (cls, "as made"))):
            raise Refused(f"`{cls.__name__}` is not Python's own any more: something in it was replaced", "put it back")
        for name in methods:        # which are looked at faster than the class as a whole
            self.note_function(self.of_class(cls, name))

    def class_now(self, thing: Any) -> Any:
        """The class of something that may be given another one: a class, a descriptor."""
        return self.ask(Part(Itself(thing), getattr, "__class__"), (id(thing), "__class__"))

    def of_module(self, module: ModuleType, name: str) -> Abstract:
        """`module.name`, of a library."""
        space, found = vars(module), getattr(module, name)
        if name in space and self.lifter.watching and (id(module), name) not in self.watched:
            self.ask(Name(space, name), (id(module), name))
            self.ask(Part(Itself(module), getattr, "__class__"), (id(module), "__class__"))
        if isinstance(found, float) and found == HELD_NUMBERS.get((module.__name__, name)):
            return Const(found, f"{'np' if module.__name__ == 'numpy' else module.__name__}.{name}")
        return Const(found)

    def is_subclass(self, cls: type, classes: Any) -> bool:
        """`issubclass(cls, classes)`, where `isinstance` says the same of an object of the class."""
        each = classes if isinstance(classes, tuple) else (classes,)
        for other in each:
            if isinstance(other, type) and not from_library(other):
                self.class_now(other)
            if type(other) is type or from_library(type(other)):
                continue
            if isinstance(self.of_class(type(other), "__instancecheck__"), FunctionType):
                raise Refused(f"what isinstance says of {other.__name__} is told by a metaclass", "ask for the type")
        if from_library(cls) and all(isinstance(other, type) and from_library(other) for other in each):
            return issubclass(cls, classes)
        return bool(self.ask(Answer(issubclass, (Itself(cls), Itself(classes))), (cls, tuple(map(id, each)))))

    def ask_number(self, obj: Any, name: str) -> None:
        """Refuse a number or array whose class computes in its own way; it may come to do so."""
        cls = type(obj)
        if cls in PLAIN or not issubclass(cls, NUMBERS):
            return
        if issubclass(cls, np.ndarray) and obj.dtype.kind not in "fiubc":
            return
        get = OwnWay(cls)
        if get(()) if from_library(cls) else self.ask(get, (cls, "numbers")):
            raise Refused(f"`{name}` is a {cls.__name__}, which computes in its own way",
                          "give it as a plain array, `np.asarray(…)`" if isinstance(obj, np.ndarray) else
                          "give it as plain text, `str(…)`" if isinstance(obj, (str, bytes)) else
                          "give it as a plain number, `float(…)`")

    def has_outside(self, obj: Any, get: Any, name: str) -> Const:
        """Whether an object of the world has an attribute; it may get one, or lose it."""
        try:
            seen = hasattr(obj, name)
        except Exception as error:  # noqa: BLE001  (of the user's own `__getattr__`, whichever it is)
            raise Refused(f"a {type(obj).__name__} raises {type(error).__name__} when it is asked for `{name}`"
                          ) from None
        settled = isinstance(obj, ModuleType) and obj.__name__.split(".")[0] in SETTLED
        if self.lifter.watching and not settled:
            self.watches.append(Watch(Has(get, name), seen, True))
        return Const(seen)

    def note_function(self, fn: FunctionType) -> None:
        """The code and the defaults of this function are part of what is read."""
        if self.lifter.watching:
            self.functions.setdefault(fn)

    def bound_method(self, found: MethodType, obj: Any, name: str) -> Abstract:
        """A method that is got from a class."""
        raw = self.of_class(obj, name) if isinstance(obj, type) and not hasattr(obj, "_fields") else None
        if isinstance(raw, classmethod) and isinstance(self.inside(raw, "__func__"), FunctionType):
            return Bound(Const(found.__func__), [Const(obj)])
        return self.method(found, Part(Itself(obj), getattr, name), obj, name)

    def method(self, found: MethodType, get: Get, owner: Any, name: str) -> Const:
        """A method that is got from an object: the same each time, or one made anew of the same function and object."""
        if getattr(owner, name) is found:
            self.ask(get, (id(owner), name), found)
        else:
            for part in ("__func__", "__self__"):
                self.ask(Part(get, getattr, part), (id(owner), name, part), getattr(found, part))
        return Const(found)


def may_change(cls: type) -> bool:
    """May a class be given other methods?  Of NumPy's and our own it is not expected."""
    home = cls.__module__.partition(".")[0]
    return not cls.__flags__ & IMMUTABLE_CLASS and home not in ("numpy", "scipy", "ad_compiler")


def fields_made(cls: type) -> tuple[str, ...] | None:
    """The fields that `namedtuple` has made a class with; None where it has made none."""
    new: Any = getattr(cls.__dict__.get("__new__"), "__func__", None)
    return new.__code__.co_varnames[1:new.__code__.co_argcount] if made_by_named_tuple(new) else None


def made_by_named_tuple(method: Any) -> bool:
    """Is this the `__new__` that Python has written for a named tuple?"""
    home = method.__globals__.get("__name__") if isinstance(method, FunctionType) else None
    return isinstance(home, str) and home.startswith("namedtuple_")


def from_library(cls: type) -> bool:
    """Does a class belong to Python or NumPy?"""
    if cls.__module__ == "builtins":
        return True
    module = cls.__module__.split(".")[0]
    return module in sys.stdlib_module_names and module != "__main__" or module in ("numpy", "scipy", "ad_compiler")
