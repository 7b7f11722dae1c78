"""The cache of compiled derivatives: one for each combination of argument kinds.

The key is made of what is cheap to ask: type, dtype, rank, which axes have length 0 or 1.  Beside the key stand
the watches: globals, closure cells and attributes that the derivative was compiled for.
"""

from __future__ import annotations

import enum
import os
import threading
import warnings
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from ad_compiler.derivative import Derivative, Emitted
from ad_compiler.errors import CannotDifferentiate, CompilerFault, Refusal
from ad_compiler.kinds import kind_of_value
from ad_compiler.locks import ForkLock
from ad_compiler.spec import Spec
from ad_compiler.store import save
from ad_compiler.validate.checked import Checked
from ad_compiler.validate.fault import message_of
from ad_compiler.watch import ABSENT, Watch, constant_like

RENEWING = ForkLock()
"""Held while it is noted that data of the world has another value."""

HELD = "__ad_compiler__"
"""The attribute of a function in which what was made of it stands."""


class Held(dict[Any, Any]):
    """What was made of one function, kept for as long as the function is: `grad(f)(x)` in a loop compiles once.

    A copy of the function's attributes (`functools.wraps`) does not count, nor what was made of another body or of
    other defaults.  Nothing of it is pickled.
    """

    def __init__(self, function: FunctionType | None = None) -> None:
        self.function: Callable[[], Any] = no_function if function is None else weakref.ref(function)
        self.code: CodeType | None = None
        self.defaults: tuple[Any, ...] | None = None
        self.others: list[Any] = []
        if function is not None:
            self.code, self.defaults, self.others = parts_of(function)

    def is_of(self, function: FunctionType) -> bool:
        """Was this made of the function as it is now?"""
        if self.function() is not function or self.code is not function.__code__:
            return False
        if self.defaults is function.__defaults__ and not self.others and function.__kwdefaults__ is None:
            attributes = function.__dict__
            if len(attributes) == 1 or "__wrapped__" not in attributes and "__signature__" not in attributes:
                return True         # which is told without a list: this is asked at each call of `jvp`
        _, defaults, others = parts_of(function)
        return same_objects(self.defaults or (), defaults or ()) and same_objects(self.others, others)

    def __reduce__(self) -> Any:
        return Held, ()


def no_function() -> None:
    """What was pickled was made of none."""


def parts_of(function: FunctionType) -> tuple[CodeType, tuple[Any, ...] | None, list[Any]]:
    """What a function is made of; that may be given to it anew: code, defaults, and the rest, which most have not."""
    keywords, shown = function.__kwdefaults__ or {}, ("__signature__", "__wrapped__")
    others = [part for name in shown if name in function.__dict__ for part in (name, function.__dict__[name])]
    return function.__code__, function.__defaults__, others + [part for item in keywords.items() for part in item]


def same_objects(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Are these the same, one by one?"""
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def held_by(function: FunctionType) -> Held:
    """What was made of a function before, to be added to.

    >>> import functools
    >>> def f(x): ...
    >>> held_by(f)["grad"] = 1
    >>> held_by(f), held_by(functools.wraps(f)(lambda x: f(x)))
    ({'grad': 1}, {})
    """
    found = function.__dict__.get(HELD)
    if not isinstance(found, Held) or not found.is_of(function):
        function.__dict__[HELD] = found = Held(function)
    return found


class CacheInfo(NamedTuple):
    """As `functools.lru_cache` tells it: calls served, compilations, derivatives held."""

    hits: int
    misses: int
    currsize: int


class Patterns(dict[tuple[int, ...], Any]):
    """Shape → what of it is part of the key: the rank, and which axes have length 0 or 1."""

    def __missing__(self, shape: tuple[int, ...]) -> Any:
        if len(self) > 10_000:
            self.clear()
        pattern = tuple(min(n, 2) for n in shape) if 1 in shape or 0 in shape else len(shape)
        self[shape] = pattern
        return pattern


PATTERNS = Patterns()


def kind_key(value: Any) -> Any:
    """What a derivative is specialised on, for one argument."""
    kind = type(value)
    if kind is np.ndarray:
        return (value.dtype.num, PATTERNS[value.shape])
    if kind is float or kind is int:
        return kind
    if value is None or kind is bool or kind is str or kind is bytes:
        return (kind, value)
    if kind is tuple or kind is list:
        return (kind, *map(kind_key, value))
    if kind is dict:
        return (dict, *((key, kind_key(item)) for key, item in value.items()))
    if isinstance(value, tuple):
        return (kind, *map(kind_key, value))
    if isinstance(value, np.bool_):
        return (kind, bool(value))
    if isinstance(value, enum.Enum):
        return (kind, id(value))
    if isinstance(value, (str, bytes)) or value is Ellipsis or value is NotImplemented:
        return (kind, value)
    if isinstance(value, (np.generic, np.ndarray)):
        return (kind, value.dtype.num, value.shape)
    if isinstance(value, type) or callable(value) and not hasattr(value, "__dict__"):
        return (kind, id(value))
    return (kind, id(value)) if callable(value) else kind


@dataclass
class Entry:
    """A compiled derivative and what it was compiled for."""

    compiled: Derivative
    function: Callable[..., Any]
    watches: list[tuple[dict[str, Any], str, Watch]]
    other: list[Watch]
    keep: Any = None
    guard: Callable[..., Any] | None = None
    settled: bool = True                    # may it be called without more ado?
    compiling: float = 0.0                  # seconds that were spent on it
    stored_under: str | None = None         # its name on disk
    fault: str = ""                         # why it is never to be used again
    turns: dict[int, threading.Lock] = field(default_factory=dict)      # by process: a fork may leave one taken

    @property
    def turn(self) -> threading.Lock:
        """Held by the thread that checks it."""
        return self.turns.setdefault(os.getpid(), threading.Lock())

    def sound(self) -> Emitted:
        """What compiled functions call.  Raises `CompilerFault` where it was found to be wrong."""
        if self.fault:
            raise CompilerFault(self.fault)
        return self.compiled.emitted

    def settle(self, checked: Checked | None, spec: Spec) -> None:
        """Note what came out of a check, for other processes too; None where there was none yet."""
        known = self.compiled.checked
        if checked is not None and checked is not known:
            self.compiled.checked = checked
            if self.stored_under is not None and (known is None or checked.fault):
                save(self.stored_under, self.compiled)
        if checked is not None and checked.fault:
            self.fault = message_of(spec.name, checked)
        self.settled = not self.fault and (spec.check == "off" or spec.check == "first" and checked is not None)

    def current(self, args: tuple[Any, ...]) -> bool:
        """Does the world still look as it did?  Data that changed in value alone is taken over."""
        for world, name, watch in self.watches:
            if not watch.same(world.get(name, watch)) and not self._renew(watch, args):
                return False
        for watch in self.other:
            try:
                if not watch.same(watch.get(args)) and not self._renew(watch, args):
                    return False
            except (AttributeError, LookupError, TypeError, ValueError):
                return False
        return True

    def _renew(self, watch: Watch, args: tuple[Any, ...]) -> bool:
        with RENEWING:
            return self._renewed(watch, watch.get(args))

    def _renewed(self, watch: Watch, now: Any) -> bool:
        if watch.exact:
            if now is watch.seen:
                return True
            return constant_like(now) and type(now) is type(watch.seen) and now == watch.seen
        if told_of(now) != watch.kind:
            return False
        watch.seen = ABSENT         # until the text reads what is there now, no other thread takes the short way
        name = None if watch.value is None else self.compiled.emitted.ref_names.get(watch.value)
        if name is not None:
            self._put(name, now)
        watch.note(now)
        return True

    def _put(self, name: str, now: Any) -> None:
        """The text reads this under a name from here on; what runs in another thread goes on with what it began."""
        emitted = self.compiled.emitted
        if threading.active_count() == 1:
            emitted.namespace[name] = now
            return
        before = self.function
        emitted.renew(name, now)
        self.function = emitted.function
        space = getattr(self.guard, "__globals__", {})
        if space.get("function_") is before:
            space["function_"] = self.function


def told_of(obj: Any) -> Any:
    """What a derivative is specialised on, for something that it reads at each call."""
    try:
        key = kind_key(obj)
    except RecursionError:      # as `globals()` does
        raise CannotDifferentiate(Refusal("a list or dict that is read here holds itself",
                                          remedy="name what is wanted of it")) from None
    number = isinstance(obj, (np.ndarray, np.generic, float, int))
    return (key, kind_of_value(obj, "")) if number or key is not type(obj) else key


class Entries(dict[Any, tuple[Entry, ...]]):
    """The derivatives of one function, by the kinds of its arguments: the last ones alone, of each key the last first.

    `of`: what the function is called, where it is said once that the world changes at each call.
    """

    def __init__(self, of: str) -> None:
        self.of = of
        self.used: dict[int, tuple[Any, Entry]] = {}        # by identity, the last one at the end
        self.said = False

    def find(self, key: Any, args: tuple[Any, ...]) -> Entry | None:
        """The entry for these arguments, where there is one."""
        for entry in self.get(key, ()):
            if entry.current(args):
                if self.used.pop(id(entry), None) is not None:
                    self.used[id(entry)] = key, entry
                return entry
        return None

    def add(self, key: Any, entry: Entry) -> None:
        """Keep an entry; the one that was not used for longest goes, where there are too many."""
        self[key] = entry, *self.get(key, ())
        self.used[id(entry)] = key, entry
        if len(self.used) <= MOST_ENTRIES:
            return
        if not self.said:
            self.said = True
            warnings.warn(self._told(key), RuntimeWarning, stacklevel=6)
        first = self.used.pop(next(iter(self.used.copy())), None)   # another thread may be using it just now
        if first is None:
            return
        oldest, old = first
        left = tuple(each for each in self[oldest] if each is not old)
        if left:
            self[oldest] = left
        else:
            del self[oldest]

    def clear(self) -> None:
        """Forget all of them."""
        super().clear()
        self.used.clear()

    def _told(self, key: Any) -> str:
        alike = self[key]
        names = [name for _, name, watch in alike[0].watches
                 if any(other.where == watch.where and not _are_equal(other.seen, watch.seen)
                        for entry in alike[1:] for _, _, other in entry.watches)]
        what = "kinds of arguments" if len(alike) < MOST_ENTRIES // 2 else "states of what it reads outside"
        why = f", of which `{names[0]}` differs: make that an argument" if names else ""
        return f"the derivative of `{self.of}` was compiled for {MOST_ENTRIES} {what}{why}; the last ones are kept"


MOST_ENTRIES = 128
"""Derivatives of one function that are kept: what changes at each call would have more and more of them."""


def _are_equal(a: Any, b: Any) -> bool:
    return a is b or constant_like(a) and type(a) is type(b) and bool(a == b)


def entry_of(compiled: Derivative, args: tuple[Any, ...], keep: Any = None) -> Entry:
    """An entry for the cache."""
    watches = compiled.watches
    for watch in watches:
        watch.kind = None if watch.exact else told_of(watch.seen)
    placed = [(w.where[0], w.where[1], w) for w in watches if w.where is not None]
    return Entry(compiled, compiled.emitted.function, placed, [w for w in watches if w.where is None], keep)
