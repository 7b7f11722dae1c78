"""What is known of numbers beside their kinds: of which types they may be, and what an integer is made of."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Block, Const, Value, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import meets_single, values_met
from ad_compiler.read.abstract import kind_of
from ad_compiler.read.base import Reader
from ad_compiler.read.expressions.questions import ANY_NUMBER
from ad_compiler.rules.traits import traits_of

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


POWERS = operator.pow, pow


class Numbers(Reader):
    """Keeps what is known of numbers."""

    def __init__(self, lifter: Lifter) -> None:
        super().__init__(lifter)
        self.derived: dict[Value, frozenset[Any]] = {}      # the arguments and loops that an integer is made of
        self.mixed: dict[Value, frozenset[type]] = {}       # those that may be of several types: int or float
        self.chosen: dict[Value, Any] = {}      # those whose type the arm of a branch decides: the test, the types
        self.widened: list[tuple[bool, Block]] = []     # where the run may narrow what kinds say: surely, the block
        self.roots = False      # has a power of Python's been met that may be complex?
        self.typed = False      # was the type of a float of Python's told before?
        self.whole: set[Value] = set()      # arrays said to be of floats that may be of whole numbers in the run

    def may_be_whole(self, atom: Any, kind: Any) -> bool:
        """Is this an array of whole numbers, or perhaps one, that becomes part of one of floats?"""
        of = kind_of(atom)
        return isinstance(kind, Num) and kind.real and kind.is_array and (
            atom in self.whole if isinstance(atom, Value) and isinstance(of, Num) and of.real else
            isinstance(of, Num) and of.is_array and not of.real)

    def check_store(self, content: Any, value: Any) -> None:
        """Refuse to store floats into what may be of whole numbers: they are cut, or NumPy raises."""
        kind = kind_of(value) if isinstance(value, (Value, Const)) else None
        if self.whole and isinstance(content, Value) and content in self.whole and not (
                isinstance(kind, Num) and not kind.real):
            raise Refused("this may be an array of whole numbers when it runs, which cuts what is stored",
                          "make it one of floats wherever it comes from, `.astype(float)`")

    def join(self, block: Block, kind: Any, *kinds: Any) -> None:
        """A branch or a loop gives a value of this kind, which is of one of `kinds` when it runs."""
        if isinstance(kind, Num) and kind.real and kind.form != "py":
            surely = any(one.real and one.dtype != kind.dtype for one in kinds if isinstance(one, Num))
            if surely or any(one.form == "py" for one in kinds if isinstance(one, Num)):
                self.widened.append((surely, block))

    def is_widened(self) -> bool:
        """May a number said to be of double precision be of single precision, for a branch or a loop gives it?"""
        return any(surely or meets_single(values_met(walk(block))) for surely, block in self.widened)

    def dtype(self, value: Value) -> np.dtype[Any]:
        """The dtype of a number or array of NumPy's; an error where it is not known before the program runs."""
        kind = value.kind
        assert isinstance(kind, Num)
        place = self.lifter.memory.places.get(value)
        given = place is not None and place.cell.foreign is not None
        if value in self.mixed or value in self.whole or kind.real and not given and self.is_widened():
            raise Refused("the dtype of this is not known before the program runs: it may come of numbers of several",
                          "name the dtype, or begin with a number of it: `np.float32(0.0)`")
        if self.roots and not given and kind.dtype == "float64":
            self.lifter.emit(runtime.check_number, (self.lifter.memory.current(value),), {}, [], effect=True)
        return np.dtype(kind.dtype)

    def note(self, fn: Callable[..., Any], args: tuple[Any, ...], read: list[Value], results: list[Value]) -> None:
        """What `fn` makes of values is known as far as they are."""
        if fn in POWERS and len(args) == 2 and isinstance(args[1], Value) and is_whole_of_python(args[1]) \
                and is_whole_of_python(results[0]):
            self.mixed[results[0]] = frozenset({int, float})        # of a negative exponent it is a float
        elif self.mixed and any(v in self.mixed for v in read):
            for result in results:
                if may_be_mixed(fn, read, result, self.mixed):
                    self.mixed[result] = ANY_NUMBER
        if self.whole and not self.whole.isdisjoint(read) and not traits_of(fn).casts:
            of_floats = {v for v in (*read, *results) if isinstance(v.kind, Num) and v.kind.is_array and v.kind.real}
            if of_floats.intersection(read) <= self.whole:
                self.whole.update(of_floats.intersection(results))
        bases = frozenset(base for v in read for base in self.derived.get(v, ())) if self.derived else None
        if bases:
            for result in results:
                if isinstance(result.kind, Num) and result.kind.dtype in ("int64", "bool"):
                    self.derived[result] = bases


def is_whole_of_python(value: Value) -> bool:
    """An int, which the run decides."""
    return isinstance(value.kind, Num) and value.kind.form == "py" and value.kind.dtype == "int64"


def may_be_mixed(fn: Any, read: list[Value], result: Value, mixed: Any) -> bool:
    """May a number be of several types, for an operand may be?  Not where another operand or the function decides."""
    kind = result.kind
    if not isinstance(kind, Num) or kind.is_array or kind.dtype == "bool" or getattr(fn, "__module__", "") == "math" \
            or fn in (float, int, bool, len):
        return False
    return not any(v not in mixed and isinstance(v.kind, Num) and (v.kind.dtype, v.kind.form) == (kind.dtype, kind.form)
                   for v in read) or fn in (min, max, np.maximum, np.minimum)
