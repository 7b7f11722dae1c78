"""What a rule of simplification is given, and what it may answer.

A rule looks at one op and returns None, an atom that the result equals, or a `Call` to be made instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ad_compiler.ir import Arg, Atom, Const, Op, Stmt, Value
from ad_compiler.kinds import NotStatic, Num
from ad_compiler.optimise.facts import kind
from ad_compiler.rules import registry


@dataclass(frozen=True, slots=True)
class Call:
    """Another way to compute the same."""

    fn: Callable[..., Any]
    args: tuple[Arg, ...]
    kwargs: dict[str, Arg] = field(default_factory=dict)
    spelling: str = ""


Answer = Atom | Call | None


class Context:
    """How operands are made and used, and a place for ops that a rule adds in front.

    `one_precision`: all arrays of floats in the function have one dtype, so that a NumPy scalar may become
    a Python number without a change of any result's dtype.
    """

    def __init__(self, uses: Counter[Value], one_precision: bool) -> None:
        self.uses, self.one_precision = uses, one_precision
        self.makers: dict[Value, Op] = {}
        self.out: list[Stmt] = []

    def maker(self, atom: Arg, *fns: Callable[..., Any]) -> Op | None:
        """The op that makes an atom, if it calls one of `fns`."""
        op = self.makers.get(atom) if isinstance(atom, Value) else None
        return op if op is not None and op.fn in fns else None

    def once(self, atom: Arg) -> bool:
        """Is this value read in one place only?"""
        return isinstance(atom, Value) and self.uses[atom] <= 1

    def emit(self, like: Op, fn: Callable[..., Any], args: tuple[Arg, ...], found: Num,
             kwargs: dict[str, Arg] | None = None, spelling: str = "") -> Value:
        """A new op in front of `like`."""
        value = Value("", found)
        op = Op(fn, args, dict(kwargs or {}), [value], like.origin, spelling, like.stopped, reverse=like.reverse)
        self.out.append(op)
        self.makers[value] = op
        return value


def arithmetic(fn: Callable[..., Any], *args: Arg) -> Num | None:
    """The kind that an operator gives for its operands, if that can be told."""
    rule = registry.lookup(fn)
    find = registry.arithmetic_kind if rule is None else rule.kind
    try:
        found = find(*(kind(a) if isinstance(a, Value) else a.value for a in args if isinstance(a, (Value, Const))))
    except (NotStatic, ValueError, TypeError):
        return None
    return found if isinstance(found, Num) else None
