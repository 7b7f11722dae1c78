"""Places: in which memory an array stands, and through which views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from ad_compiler.indices import same_arg
from ad_compiler.ir import Arg, Atom, Value
from ad_compiler.kinds import Kind, Num
from ad_compiler.read.abstract import Memory


class Step:
    """One view: `fn(base, *args, **kwargs)`; `stopped`: taken under `no_grad`, then."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Arg, ...], kwargs: dict[str, Arg], kind: Kind,
                 spelling: str = "", stopped: int | None = None) -> None:
        self.fn, self.args, self.kwargs, self.kind, self.spelling = fn, args, kwargs, kind, spelling
        self.stopped = stopped


class Place(NamedTuple):
    """Where an array stands: the views `chain` of what `cell` holds; `base` is what it held when last read."""

    cell: Memory
    chain: tuple[Step, ...]
    base: Atom | None


class Foreign:
    """What the caller, or the world, can see and one can write into: how to read it, and what it was when compiled."""

    def __init__(self, get: Callable[[Any], Any], sample: Any, cell: Memory, value: Value) -> None:
        self.get, self.sample, self.cell, self.value = get, sample, cell, value


def without_length(kind: Kind) -> Kind:
    """A joined or carried integer is no longer known to be a certain length."""
    return replace(kind, length=None) if isinstance(kind, Num) and kind.length is not None else kind


def holds_memory(kind: Kind) -> bool:
    """Is this, or may it be, an array, as opposed to a number?"""
    return isinstance(kind, Num) and (kind.form in ("array", "any") or kind.is_array)


def link(a: Memory, b: Memory) -> None:
    """Two memories may be the same, or overlap."""
    if a is not b:
        a.near.add(b)
        b.near.add(a)


def related(a: Memory, b: Memory) -> bool:
    """May these be the same memory?"""
    return a is b or b in a.near


def same_chain(a: tuple[Step, ...], b: tuple[Step, ...]) -> bool:
    """Do two chains of views lead to the same part?"""
    return len(a) == len(b) and all(
        x.fn is y.fn and (x.stopped is None) is (y.stopped is None) and same_arg(x.args, y.args)
        and list(x.kwargs) == list(y.kwargs) and all(same_arg(v, y.kwargs[k]) for k, v in x.kwargs.items())
        for x, y in zip(a, b, strict=True))
