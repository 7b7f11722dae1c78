"""What a derivative depends on outside of its function's text: how to read it again, and what it was.

The ways to read are objects, not closures: a derivative that is kept on disk takes them along.

>>> import operator
>>> world = {"K": 25}
>>> watch = Watch(Name(world, "K"), 25, True)
>>> world["K"] = 26
>>> watch.get(()), watch.seen
(26, 25)
>>> Name(world, "len", len)(()) is len, Part(operator.itemgetter(0), operator.getitem, "a")(({"a": 3},))
(True, 3)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
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
        self.get, self.seen, self.exact, self.value, self.where = get, seen, exact, value, where


def constant_like(obj: Any) -> bool:
    """Objects that are compiled in: they decide the structure of the program."""
    return obj is None or obj is NotImplemented or isinstance(obj, (bool, int, str, bytes, type, slice, type(Ellipsis)))


class Name:
    """A global, or a builtin in its place."""

    def __init__(self, world: dict[str, Any], name: str, builtin: Any = None) -> None:
        self.world, self.name, self.builtin = world, name, builtin

    def __call__(self, args: Any) -> Any:
        return self.world.get(self.name, self.builtin)


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


class Part:
    """An item (`operator.getitem`) or an attribute (`getattr`) of something."""

    def __init__(self, of: Get, fn: Callable[[Any, Any], Any], key: Any) -> None:
        self.of, self.fn, self.key = of, fn, key

    def __call__(self, args: Any) -> Any:
        return self.fn(self.of(args), self.key)


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


class Sharing:
    """Which pairs of arrays and containers are one, or may overlap?"""

    def __init__(self, pairs: tuple[tuple[Get, Get], ...]) -> None:
        self.pairs = pairs

    def __call__(self, args: Any) -> str:
        return "".join(sharing(one(args), other(args)) for one, other in self.pairs)


def sharing(a: Any, b: Any) -> str:
    """Are two arguments one array or container, or may they overlap?"""
    if a is b:
        return "s"
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return "-"
    return "o" if np.may_share_memory(a, b) else "-"
