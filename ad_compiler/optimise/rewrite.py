"""What a rule of simplification is given, and what it may answer.

A rule looks at one op and returns None, an atom that the result equals, or a `Call` to be made instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ad_compiler.ir import Arg, Atom, Const, Op, Stmt, Value, operands
from ad_compiler.kinds import NotStatic, Num
from ad_compiler.ops import known_for, traits
from ad_compiler.optimise.facts import alike, is_float, is_scalar, kind, num
from ad_compiler.rules import registry


class NotReal(Exception):
    """A rewrite would compute something of whole numbers or booleans, which wrap, or in another dtype."""


class Call:
    """Another way to compute the same."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Arg, ...], kwargs: dict[str, Arg] | None = None,
                 spelling: str = "") -> None:
        self.fn, self.args, self.spelling = fn, args, spelling
        self.kwargs = {} if kwargs is None else kwargs


Answer = Atom | Call | None

is_arithmetic = known_for(lambda of: bool(of.signs or of.powers))


class Context:
    """How operands are made and used, and a place for ops that a rule adds in front.

    `one_precision`: all arrays of floats in the function have one dtype, so that a NumPy scalar may become
    a Python number without a change of any result's dtype.  `overwritten` holds what is stored into.
    """

    def __init__(self, uses: Counter[Value], one_precision: Callable[[], bool],
                 overwritten: frozenset[Value] = frozenset()) -> None:
        self.uses, self.one_precision, self.overwritten = uses, one_precision, overwritten
        self.makers: dict[Value, Op] = {}
        self.out: list[Stmt] = []
        self.stores = 0
        self.stores_before: dict[Value, int] = {}

    def made(self, value: Value, op: Op) -> None:
        """Note what makes a value."""
        self.makers[value] = op
        self.stores_before[value] = self.stores

    def makes(self, atom: Arg, *fns: Callable[..., Any]) -> bool:
        """Is an atom the result of one of `fns`?"""
        op = self.makers.get(atom) if type(atom) is Value else None
        return op is not None and op.fn in fns

    def makers_of(self, args: Iterable[Arg]) -> list[Op]:
        """The ops that make these arguments."""
        return [self.makers[arg] for arg in args if type(arg) is Value and arg in self.makers]

    def maker(self, atom: Arg, *fns: Callable[..., Any]) -> Op | None:
        """The op that makes an atom, if it calls one of `fns`, and what it reads may be read here as well.

        No sum or product of whole numbers or booleans is looked through: they wrap.  Reading an array after a store
        into it would keep the store from being done in place.
        """
        op = self.makers.get(atom) if type(atom) is Value else None
        if op is None or op.fn not in fns or op.stopped or is_arithmetic(op) and not is_float(atom):
            return None
        return op if self.stores_before[atom] == self.stores or all(map(self._lasts, operands(op))) else None

    def _lasts(self, value: Value) -> bool:
        while isinstance(value, Value) and not is_scalar(value):
            if value in self.overwritten:
                return False
            op = self.makers.get(value)
            if op is None or not traits(op).view:
                break
            value = op.args[0]
        return True

    def once(self, atom: Arg) -> bool:
        """Is this value read in one place only?"""
        return type(atom) is Value and self.uses[atom] <= 1

    def emit(self, like: Op, fn: Callable[..., Any], args: tuple[Arg, ...], found: Num,
             kwargs: dict[str, Arg] | None = None, spelling: str = "") -> Value:
        """A new op in front of `like`; raises `NotReal` where it is arithmetic of anything but real numbers."""
        value = Value("", found)
        op = Op(fn, args, dict(kwargs or {}), [value], like.origin, spelling, like.stopped, reverse=like.reverse)
        if is_arithmetic(op) and (not found.real or narrows(found, like)):
            raise NotReal
        self.out.append(op)
        self.made(value, op)
        return value


def narrows(found: Num, like: Op) -> bool:
    """Is this of fewer digits than the result that it is to be part of?"""
    result = num(like.result)
    return result is not None and result.real and found.form != "py" and \
        np.result_type(found.dtype, result.dtype) != found.dtype


def agrees(found: Num, args: tuple[Arg, ...]) -> bool:
    """Is it plain that an operator gives this kind: an operand has it, and others are numbers, or like that one?"""
    like = False
    for arg in args:
        if isinstance(arg, Const):
            if type(arg.value) not in (int, float):
                return False
        elif arg.kind is found or arg.kind == found:
            like = True
        elif arg.kind.__class__ is not Num or arg.kind.shape != () or not found.is_array \
                or arg.kind.dtype != found.dtype:
            return False
    return like


def arithmetic(fn: Callable[..., Any], *args: Arg) -> Num | None:
    """The kind that an operator gives for its operands, if that can be told."""
    rule = registry.lookup(fn)
    find = registry.arithmetic_kind if rule is None else rule.kind
    try:
        found = find(*(kind(a) if isinstance(a, Value) else a.value for a in args if isinstance(a, (Value, Const))))
    except (NotStatic, ValueError, TypeError):
        return None
    return found if isinstance(found, Num) else None


def makes_result(found: Num | None, op: Op) -> bool:
    """Is this the kind of an op's result?"""
    result = num(op.result)
    if found is not None and result is not None and found.shape is None and result.shape is None:
        return found.length is not None and (found.length, found.dtype) == (result.length, result.dtype)
    return found is not None and result is not None and found.dtype == result.dtype and alike(found.shape, result.shape)
