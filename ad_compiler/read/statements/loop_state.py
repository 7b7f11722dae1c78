"""What a loop carries: names and memories, opened into atoms, and what is found out about them pass by pass.

>>> atoms, build = open_content([Const(1), Const(2.0)])
>>> [atom.value for atom in atoms], len(build(atoms))
([1, 2.0], 2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ad_compiler.ir import Const, Loop, Value
from ad_compiler.kinds import Kind, Num, Sym
from ad_compiler.read.abstract import (
    Abstract,
    Box,
    Memory,
    Poison,
    flatten,
    is_number,
    kind_of,
    same_structure,
)
from ad_compiler.read.statements.branches import atoms_of

Key = tuple[Any, int]
"""Names one carried atom: the name or memory that it belongs to, and its number in it."""


class Slot:
    """One atom that a loop carries."""

    def __init__(self, key: Key, init: Any, param: Value, init_cell: Memory | None = None, handed: Any = None,
                 handed_cell: Memory | None = None) -> None:
        self.key, self.init, self.param, self.init_cell, self.handed = key, init, param, init_cell, handed
        self.handed_cell = handed_cell


@dataclass(eq=False)
class Group:
    """The atoms of one name or memory, and how to build it from others."""

    owner: Any
    thing: Any
    build: Callable[[list[Any]], Any]
    slots: list[Slot]
    init_boxes: list[Memory] = field(default_factory=list)  # the lists, dicts and objects in it before the loop
    boxes: list[Memory] = field(default_factory=list)       # those that stand for them in an iteration


@dataclass(eq=False)
class Facts:
    """What is known of a loop so far; each pass adds to it."""

    carried: dict[str, Abstract]
    fixed: set[str]
    held: set[str]                          # arrays that are changed where they are
    written: dict[Memory, None]
    kinds: dict[Key, Kind] = field(default_factory=dict)
    lost: dict[str, Poison] = field(default_factory=dict)
    poisoned: dict[Memory, Poison] = field(default_factory=dict)
    grown: dict[Any, Kind] = field(default_factory=dict)
    links: set[tuple[Any, Any]] = field(default_factory=set)
    ragged: set[Key] = field(default_factory=set)       # arrays that may not lie in C order
    whole: set[Key] = field(default_factory=set)        # and that may be of whole numbers, whatever their kind says
    sealed: dict[Key, str] = field(default_factory=dict)    # and that may not be written into: what gives them
    lengths: frozenset[Sym] = frozenset()               # those of what there is before the loop
    half: set[str] = field(default_factory=set)         # names that no iteration need bind, and none before the loop
    changed: bool = False


def changes_in_place(thing: Abstract) -> bool:
    """Is `thing += …` a write?"""
    if isinstance(thing, Value):
        return isinstance(thing.kind, Num) and thing.kind.form == "array"
    return isinstance(thing, Box)


def stays_constant(thing: Abstract) -> bool:
    """A thing without numbers: a function, a string, an empty list."""
    return all(isinstance(a, Const) and not is_number(a) for a in atoms_of(thing))


def with_constants(atoms: list[Any], build: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """`build` with the constants among the atoms put back."""
    def whole(new: list[Any]) -> Any:
        given = iter(new)
        return build([a if isinstance(a, Const) and not is_number(a) else next(given) for a in atoms])
    return whole


def itself(thing: Any) -> Callable[[list[Any]], Any]:
    """Builds a thing of no atoms: the thing."""
    return lambda new: thing


def open_content(content: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The atoms of what a memory holds; containers in it stay what they are."""
    if isinstance(content, (Value, Const)):
        return [content], lambda new: new[0]
    things = list(content.values()) if isinstance(content, dict) else list(content)
    parts: list[tuple[list[Any], Any]] = [([], itself(t)) if isinstance(t, Memory) else flatten(t) for t in things]

    def build(new: list[Any]) -> Any:
        out, at = [], 0
        for atoms, make in parts:
            out.append(make(new[at:at + len(atoms)]))
            at += len(atoms)
        return dict(zip(content, out, strict=True)) if isinstance(content, dict) else out
    return [a for atoms, _ in parts for a in atoms], build


def same_content(a: Any, b: Any) -> bool:
    """Do two contents of a memory differ in their atoms alone?"""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and same_content(list(a.values()), list(b.values()))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(x is y or not isinstance(x, Memory) and same_structure(x, y)
                                        for x, y in zip(a, b, strict=True))
    return isinstance(a, (Value, Const)) and isinstance(b, (Value, Const))


def within(found: frozenset[Any] | None, given: frozenset[Any] | None) -> bool:
    """Is an array in C order wherever the one is that stands for it in the next iteration?"""
    return given is None or found is not None and found <= given


def runs(loop: Loop) -> bool:
    """Is it known that a loop runs at least once?"""
    bounds = (loop.start, loop.stop, loop.step)
    if loop.index is None:
        return loop.cond is None or isinstance(loop.cond.results[0], Const)
    if all(isinstance(b, Const) for b in bounds):
        return len(range(*(b.value for b in bounds if isinstance(b, Const)))) > 0
    kind = kind_of(loop.stop)
    return isinstance(loop.start, Const) and loop.start.value in (0, 1) and isinstance(loop.step, Const) \
        and loop.step.value == 1 and isinstance(kind, Num) and isinstance(kind.length, Sym) and kind.length.not_one
