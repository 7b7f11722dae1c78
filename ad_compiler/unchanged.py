"""Asked by compiled code, which cannot read it: is the world what a derivative was compiled for?

Compiled code compares words of memory, which takes it a nanosecond: the version of a dict of globals, which Python
counts up with each change of it, the code and the defaults of a function.  Where one is another, or where there is more
to ask, it calls.

>>> from ad_compiler.watch import Name, Watch
>>> world = {"K": 2}
>>> asks = Unchanged([Watch(Name(world, "K"), 2, True)])
>>> first = asks()
>>> world["K"] = 3
>>> first, asks()
(True, False)
"""

from __future__ import annotations

import builtins
import ctypes
import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ad_compiler import store
from ad_compiler.cache import Entry
from ad_compiler.guard import written_out
from ad_compiler.jit.files import package_state
from ad_compiler.watch import Made, Name, Watch

WORD = ctypes.sizeof(ctypes.c_void_p)


class Unchanged:
    """Is what these watches tell as it was seen?  They ask nothing of the arguments of a call.

    `kept`: can it be pickled?  Another process that finds something else than this one, or not all, is told no.
    `table`: how many words tell it, or -1; the address of each, and what stands there.
    """

    def __init__(self, watches: list[Watch]) -> None:
        mine = [Watch(w.get, w.seen, w.exact, None, w.where) for w in watches]
        told = store.dumps(mine)
        self.told = None if told is None else (package_state(), told)
        placed = [(w.where[0], w.where[1], w) for w in mine if w.where is not None]
        nothing: Any = None     # is compiled: of an entry, its watches alone are asked
        self.entry = Entry(nothing, nothing, placed, [w for w in mine if w.where is None])
        self.quick = _written_out(self.entry)
        self.table = self._table()
        self()

    def _table(self) -> Any:
        """What is compared: nothing yet, of dicts."""
        worlds = {id(world): world for world, *_ in self.entry.watches}
        addresses = [_version_at(world) for world in worlds.values()]
        for watch in self.entry.other:
            if isinstance(watch.get, Name):
                addresses.append(_version_at(watch.get.world))
                if watch.get.builtin:       # it is found there, or may come to stand there
                    addresses.append(_version_at(vars(builtins)))
            elif isinstance(watch.get, Made):
                addresses += [at for function in watch.get.functions for at in _parts_at(function)]
            else:
                addresses.append(None)
        known = [at for at in addresses if at is not None]
        by_form = [watch for watch in (*self.entry.other, *(w for *_, w in self.entry.watches)) if not watch.exact]
        if len(known) < len(addresses) or by_form:      # an array's shape changes, and no dict does
            return np.array([-1], np.int64)
        return np.array([len(known), *(word for at in known for word in (at, 0))], np.int64)

    @property
    def kept(self) -> bool:
        return self.told is not None

    def address(self) -> int:
        """Where the table lies in memory."""
        return int(self.table.ctypes.data)

    def __call__(self) -> bool:
        seen = [_word(at) for at in self.table[1::2].tolist()]      # before it is asked: another thread may change it
        if not self.quick() and not self.entry.current(()):
            return False
        self.table[2::2] = seen
        return True

    def __reduce__(self) -> Any:
        return found_again, self.told


class Changed:
    """Asked in the place of what cannot be found again."""

    table = np.array([-1], np.int64)

    def __call__(self) -> bool:
        return False

    def address(self) -> int:
        """Where the table lies in memory."""
        return int(self.table.ctypes.data)


def found_again(state: str, told: bytes) -> Unchanged | Changed:
    """What another process has kept."""
    try:
        return Unchanged(store.loads(told)) if state == package_state() else Changed()
    except store.UNREADABLE:
        return Changed()


def _written_out(entry: Entry) -> Callable[[], bool]:
    """A function that asks whether all are the very objects that were seen."""
    space: dict[str, Any] = {"type_": type, "len_": len,
                             "errors_": (AttributeError, LookupError, TypeError, ValueError)}
    checks, _ = written_out(entry, [], space)
    exec("def quick():\n    try:\n        return (" + "\n                and ".join(checks or ["True"])    # noqa: S102
         + ")\n    except errors_:\n        return False\n", space)
    quick: Callable[[], bool] = space["quick"]
    return quick


# -- words of memory -----------------------------------------------------------------------------------


def _word(at: int) -> int:
    return ctypes.c_int64.from_address(at).value


def _words(obj: Any) -> list[int]:
    """The memory of an object."""
    return [_word(id(obj) + WORD * n) for n in range(type(obj).__basicsize__ // WORD)]


VERSIONED = sys.implementation.name == "cpython" and sys.version_info < (3, 14)
"""Does each change of a dict give it another version?  PEP 509 says so; PEP 699 takes it back for 3.14."""


@functools.cache
def _version_offset() -> int | None:
    """Where in a dict its version stands: behind the object's head and the count of items, as it must be seen to.

    None where this Python counts none.
    """
    if not VERSIONED:
        return None
    probe: dict[str, int] = {"a": 1, "b": 2}
    found = None
    changes: list[Callable[[], Any]] = [
        lambda: probe.__setitem__("a", 3), lambda: probe.__setitem__("c", 4), lambda: probe.pop("c"),
        lambda: probe.update(b=5), lambda: probe.setdefault("d", 6), lambda: exec("global a\na = 7", probe)]    # noqa: S102
    for change in changes:
        before = _words(probe)
        change()
        differ = {at for at, (old, new) in enumerate(zip(before, _words(probe), strict=True)) if old < new}
        found = differ if found is None else found & differ
    place = object.__basicsize__ + ctypes.sizeof(ctypes.c_ssize_t)
    return place if found == {place // WORD} else None


def _version_at(world: dict[str, Any]) -> int | None:
    """The address of a dict's version."""
    offset = _version_offset()
    return None if offset is None or type(world) is not dict else id(world) + offset


@functools.cache
def _parts_offsets() -> tuple[int, int] | None:
    """Where in a function its code and its defaults stand."""
    def probe(a: float = 0.125) -> float:
        return a

    words = _words(probe)
    parts = id(probe.__code__), id(probe.__defaults__)
    if any(words.count(part) != 1 for part in parts):
        return None
    code, defaults = (words.index(part) * WORD for part in parts)
    return code, defaults


def _parts_at(function: Any) -> Iterator[int | None]:
    """The addresses of a function's code and defaults."""
    offsets = _parts_offsets()
    yield from (None,) if offsets is None else (id(function) + offset for offset in offsets)
