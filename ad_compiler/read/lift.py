r"""Lift: from gast to the intermediate form, with kinds, in one abstract interpretation.

Names are bound to abstracts (`read.abstract`); what is known now is computed now, what runs becomes an `Op`.
Calls of the user's own functions are read in place.  Ops are in this file, the rest in its neighbours.

>>> import gast
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.read.parse import Source
>>> text = "y = x * (1 + 2)\nif y > 4.0:\n    y = -y\ny = y * x"
>>> x, lifter = Value("x", FLOAT), Lifter(Block())
>>> scope = Scope(Source(None, "f.py", 1, text.splitlines(), "f"), {"x": x})
>>> lifter.frames.append(Frame(scope, None))
>>> lifter.statements(gast.parse(text).body)
>>> lifter.block.results = [scope.names["y"]]
>>> print(show(Func("f", [x], lifter.block)))
def f(x):
    y = mul(x, 3)
    ~took_L2 = gt(y, 4.0)
    if ~took_L2: -> y_2
        y_3 = neg(y)
        hand on y_3
    else:
        hand on y
    y_4 = mul(y_2, x)
    return y_4
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Block, Const, Op, Origin, Value, operands, values_in
from ad_compiler.kinds import Kind, ListForArray, NotStatic, Num, Obj, Sym
from ad_compiler.ops import makes_copy
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    List,
    Memory,
    Poison,
    Tuple,
    python_value,
    report,
    to_arg,
    to_kind,
)
from ad_compiler.read.asks import Asks
from ad_compiler.read.attributes import Attributes
from ad_compiler.read.calls import Calls
from ad_compiler.read.classes import Classes
from ad_compiler.read.comparisons import Comparisons
from ad_compiler.read.control import Control
from ad_compiler.read.expressions import Expressions
from ad_compiler.read.frame import Frame, Scope
from ad_compiler.read.generators import Generators
from ad_compiler.read.lists import Lists
from ad_compiler.read.memory import Foreign, Memories, Place, Step, holds_memory
from ad_compiler.read.opaque_calls import OpaqueCalls
from ad_compiler.read.questions import ANY_NUMBER
from ad_compiler.read.regions import Regions
from ad_compiler.read.signals import Specialise
from ad_compiler.read.statements import Statements
from ad_compiler.read.steps import Steps
from ad_compiler.read.stores import Stores
from ad_compiler.read.strings import Strings
from ad_compiler.read.variables import Variables
from ad_compiler.read.views import keeps_compact, relation
from ad_compiler.read.world import World
from ad_compiler.rules import registry
from ad_compiler.rules.traits import traits_of
from ad_compiler.watch import Answer, Compact, Itself, Watch

UNKNOWN_NUMBER = Num("float64", None, "any")
FOLDED = (bool, int, complex, str, tuple, type, type(None), range, np.dtype)


class Lifter(Asks, Statements, Regions, Generators, Comparisons, Stores, Lists, Classes, Calls, OpaqueCalls, Control,
             Steps, Expressions, Attributes, Strings, Memories, Variables, World):
    """Reads functions into `self.block`.

    `watching` is off while rules are read: what they refer to does not change.
    """

    def __init__(self, block: Block, *, watching: bool = True, reverse: bool = False,
                 collector: Collector | None = None, pairs: Any = None) -> None:
        self.block = block
        self.prelude: list[Op] = []
        self.frames: list[Frame] = []
        self.origin: Origin | None = None
        self.fixed_origin: Origin | None = None
        self.stopped, self.ends = 0, ""
        self.reverse = reverse
        self.watching = watching
        self.watches: list[Watch] = []
        self.watched: set[Any] = set()
        self.functions: dict[FunctionType, None] = {}
        self.refs: dict[Value, Callable[[], Any]] = {}
        self.world_cache: dict[tuple[int, str], Abstract] = {}
        self.places: dict[Value, Place] = {}
        self.journal: list[tuple[Memory, Any]] = []
        self.foreign: list[Foreign] = []
        self.foreign_written: dict[Memory, Foreign] = {}
        self.specialisable: set[Value] = set()
        self.derived: dict[Value, frozenset[Any]] = {}
        self.diverged = False
        self.collector = collector or Collector()
        self.unroll: set[Any] = set()
        self.listed: set[Any] = set()
        self.spliced: dict[Any, Any] = {}
        self.pairs = pairs
        self.arms = 0
        self.mixed: dict[Value, frozenset[type]] = {}
        self.chosen: dict[Value, Any] = {}
        self.maybe_unbound: set[Value] = set()
        self.checked: set[tuple[Value, Block]] = set()
        self.emitted = self.emitted_before = 0
        self.applied = 0
        self.refused_lines: set[tuple[str, int]] = set()
        self.lengths: dict[Sym, tuple[Value, int]] = {}
        self.frozen_blocks = self.stops = self.nested = False
        self.own_rules: set[str] = set()
        self.solvers: set[str] = set()
        self.dispatchers: list[Any] = []
        self.outside_given: list[str] = []

    # -- emitting ------------------------------------------------------------------------------------

    def emit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], kinds: list[Kind],
             *, spelling: str = "", effect: bool = False) -> list[Value]:
        """Append an op and return its results."""
        results = [Value("", kind) for kind in kinds]
        self.emitted += 1
        origin = self.fixed_origin or (self.origin if self.watching else None)
        self.block.ops.append(Op(fn, args, kwargs, results, origin, spelling, stopped=self.stopped > 0, effect=effect,
                                 reverse=self.reverse))
        return results

    def apply(self, fn: Callable[..., Any], args: list[Abstract], kwargs: dict[str, Abstract] | None = None,
              *, spelling: str = "", name: str = "") -> Abstract:
        """A call of a function that has a rule: computed now where all is known, else emitted."""
        kwargs = kwargs or {}
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Poison):
                report(thing)
                return thing
        args = [a if isinstance(a, Const) else self.fresh(a) for a in args]
        kwargs = {k: self.fresh(v) for k, v in kwargs.items()}
        folded = self._fold(fn, args, kwargs)
        if folded is not NOT_KNOWN:
            return folded
        args = [self._number_of(a) if isinstance(a, Const) and fn is not operator.is_ else a for a in args]
        rule = registry.lookup(fn)
        name = name or getattr(fn, "__name__", "") or str(fn)
        if rule is None:
            raise Refused(f"`{name}` has no derivative rule", "give it one with custom_vjp, or put it in no_grad")
        try:
            kinds = self._result_kinds(rule, name, args, kwargs)
        except NotStatic as error:
            if not isinstance(error, ListForArray):
                raise
            args = [self.apply(np.array, [a]) if isinstance(a, List) else a for a in args]
            kinds = self._result_kinds(rule, name, args, kwargs)
        if isinstance(kinds, Poison):
            return kinds
        several = isinstance(kinds, tuple)
        for kind in kinds if several else (kinds,):
            if isinstance(kind, Num) and kind.dtype == "object":
                raise Refused(f"`{name}` makes an array of objects, in which nothing can be followed",
                              "use a list, or an array of numbers")
        results = self.emit_call(rule, tuple([to_arg(a) for a in args]), {k: to_arg(v) for k, v in kwargs.items()},
                                 list(kinds) if several else [kinds], spelling)
        return Tuple(list(results), type(kinds) if hasattr(kinds, "_fields") else None) if several else results[0]

    def emit_call(self, rule: registry.Rule, args: tuple[Any, ...], kwargs: dict[str, Any], kinds: list[Kind],
                  spelling: str = "") -> list[Value]:
        """A call of a function that has a rule, of which the results' kinds are known."""
        results = self.emit(rule.fn, args, kwargs, kinds, spelling=spelling, effect=rule.traits.effect)
        self.applied += 1
        if rule.own:
            self.own_rules.add(getattr(rule.fn, "__name__", str(rule.fn)))
        last = self.block.ops[-1]
        assert isinstance(last, Op)
        read = values_in(args) if kwargs else operands(last)
        bases = frozenset(base for v in read for base in self.derived.get(v, ())) if self.derived else None
        for result in results:
            if self.mixed and any(v in self.mixed for v in read) and may_be_mixed(rule.fn, read, result, self.mixed):
                self.mixed[result] = ANY_NUMBER
            if holds_memory(result.kind):
                self._find_place(last, rule, read, result)
            if bases and isinstance(result.kind, Num) and result.kind.dtype in ("int64", "bool"):
                self.derived[result] = bases
        return results

    def _find_place(self, op: Op, rule: registry.Rule, read: list[Value], result: Value) -> None:
        """Where the array that an op makes stands: in new memory, or in that of its argument."""
        known = rule.traits
        if not known.view or not read:
            plain = known.compact or op.spelling == "method" and makes_copy(op)
            flat = isinstance(result.kind, Num) and result.kind.ndim == 1
            layouts = [self.layout(v) for v in read] if rule.partials and not flat else [None]
            self.own(result, True if plain or flat else None if None in layouts else frozenset().union(*layouts))
            return
        base = op.args[0]
        cells = [cell for cell in map(self.cell_of, read) if cell is not None]
        found = "maybe"
        if isinstance(base, Value) and (holds_memory(base.kind) or base in self.places):
            self.place_of(base)
            asks = known.view in ("laid out", "compact")
            found = relation(op.fn, op.args, op.kwargs, base.kind, result.kind, asks and self.is_compact(base))
        if found == "copy":
            self.own(result, isinstance(result.kind, Num) and result.kind.ndim == 1)
        elif found == "view":
            place = self.places[base]
            step = Step(op.fn, op.args[1:], op.kwargs, result.kind, op.spelling, self.stopped > 0)
            self.places[result] = Place(place.cell, (*place.chain, step), place.cell.content)
        else:
            self.own(result, False, cells)

    def layout(self, value: Value) -> frozenset[Foreign] | None:
        """The arrays of the caller that must lie in C order for this one to do so; None where it is not known."""
        place = self.places.get(value)
        if place is None:
            return None if holds_memory(value.kind) else frozenset()
        found: frozenset[Foreign] | None = getattr(place.cell, "compact", None)
        return found if all(keeps_compact(step, None) for step in place.chain) else None

    def is_compact(self, value: Value) -> bool:
        """Is an array known to lie in memory in C order, without gaps?  That of the caller's arrays is watched."""
        found = self.layout(value)
        for foreign in sorted(found or (), key=lambda f: f.cell.born):
            self.watches.append(Watch(Compact(foreign.get), True, True))
        return found is not None

    def _fold(self, fn: Callable[..., Any], args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
        for arg in args:
            if isinstance(arg, Value):      # the usual case, at once
                return NOT_KNOWN
        known = [python_value(a) for a in args]
        named = {k: python_value(v) for k, v in kwargs.items()}
        if any(v is NOT_KNOWN for v in (*known, *named.values())) or traits_of(fn).compact:
            return NOT_KNOWN
        if traits_of(fn).effect or getattr(fn, "__module__", "").startswith("ad_compiler"):
            return NOT_KNOWN
        try:
            value = fn(*known, **named)
        except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
            if traits_of(fn).shifts and self.watching:
                return self.raises(type(error), str(error))     # what Numba makes of it is no error
            return NOT_KNOWN        # raised again, in its place, when the program runs
        if any(isinstance(v, type) and type(v) is not type for v in known):      # a metaclass says it: `len` of an Enum
            self.ask(Answer(fn, tuple(map(Itself, known))))
        if isinstance(value, float) and all(isinstance(v, int) for v in known) and fn in (operator.pow, pow):
            return Const(value)     # `2 ** -1` is a float, though both are integers
        return Const(value) if isinstance(value, FOLDED) and not isinstance(value, np.generic) else NOT_KNOWN

    def _result_kinds(self, rule: registry.Rule, name: str, args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
        if not kwargs and len(args) in rule.positions:      # the usual case, at once
            try:
                return rule.kind(*map(to_kind, args))
            except (NotStatic, ValueError, IndexError, TypeError):
                pass        # said below
        try:
            bound = rule.signature.bind(*map(to_kind, args), **{k: to_kind(v) for k, v in kwargs.items()})
        except TypeError as error:
            raise Refused(f"`{name}`: {error}", "this form of the call is not supported") from None
        for attempt in range(2):
            try:
                return rule.kind(*bound.args, **bound.kwargs)
            except ListForArray:
                if attempt or not any(isinstance(a, List) for a in args) or rule.fn is np.array:
                    raise Refused(f"`{name}`: a list where an array is expected", "write np.array([...])") from None
                raise
            except NotStatic as error:
                wanted = {base for v in values_in([to_arg(a) for a in (*args, *kwargs.values())])
                          for base in self.derived.get(v, ()) if isinstance(base, Value)}
                if wanted:
                    raise Specialise(wanted) from None
                if attempt or not any(isinstance(k, Obj) for k in (*bound.args, *bound.kwargs.values())):
                    raise Refused(f"`{name}`: {error}", "make it a literal or an argument of the function") from None
                bound = rule.signature.bind(
                    *(UNKNOWN_NUMBER if isinstance(k, Obj) else k for k in bound.args),
                    **{n: UNKNOWN_NUMBER if isinstance(k, Obj) else k for n, k in bound.kwargs.items()})
            except (ValueError, IndexError, TypeError) as error:
                if isinstance(error, IndexError) and rule.traits.access == "read":
                    return self.fails(error, str(error), f"`{name}`: {error}")
                raise Refused(f"`{name}`: {error}") from None
        raise AssertionError("unreachable")

    def _number_of(self, known: Const) -> Const:
        """The plain number that a member of an `IntEnum` is, where its class computes as numbers do."""
        value = known.value
        if not isinstance(value, enum.Enum) or not isinstance(value, (int, float)):
            return known
        self.ask_number(value, f"{type(value).__name__}.{value.name}")
        return Const(int.__int__(value) if isinstance(value, int) else float.__float__(value))

    @property
    def scope(self) -> Scope:
        return self.frames[-1].scope


def may_be_mixed(fn: Any, read: list[Value], result: Value, mixed: Any) -> bool:
    """May a number be of several types, for an operand may be?  Not where another operand or the function decides."""
    kind = result.kind
    if not isinstance(kind, Num) or kind.is_array or kind.dtype == "bool" or getattr(fn, "__module__", "") == "math" \
            or fn in (float, int, bool, len):
        return False
    return not any(v not in mixed and isinstance(v.kind, Num) and (v.kind.dtype, v.kind.form) == (kind.dtype, kind.form)
                   for v in read) or fn in (min, max, np.maximum, np.minimum)
