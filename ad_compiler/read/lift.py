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
>>> lifter.statements.read(gast.parse(text).body)
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Block, Const, Op, Origin, Value, operands, values_in
from ad_compiler.kinds import Kind, ListForArray, NotStatic, Num, Obj, Seq
from ad_compiler.ops import may_be_complex
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    List,
    Poison,
    Tuple,
    python_value,
    to_arg,
    to_kind,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.calls.calls import Calls
from ad_compiler.read.calls.classes import Classes
from ad_compiler.read.calls.opaque_calls import OpaqueCalls
from ad_compiler.read.calls.recursion import Pairs
from ad_compiler.read.expressions.attributes import Attributes
from ad_compiler.read.expressions.comparisons import Comparisons
from ad_compiler.read.expressions.expressions import Expressions
from ad_compiler.read.expressions.operator_methods import Operators
from ad_compiler.read.expressions.strings import Strings
from ad_compiler.read.memory.lists import Lists
from ad_compiler.read.memory.memory import Memories
from ad_compiler.read.memory.numbers import Numbers
from ad_compiler.read.memory.places import holds_memory
from ad_compiler.read.names.asks import Asks
from ad_compiler.read.names.cells import Variables
from ad_compiler.read.names.free_variables import World
from ad_compiler.read.names.scopes import Frame, Scope
from ad_compiler.read.restarts import Specialise
from ad_compiler.read.statements.branches import Branches
from ad_compiler.read.statements.generators import Generators
from ad_compiler.read.statements.iterables import Iteration
from ad_compiler.read.statements.iterators import Steps
from ad_compiler.read.statements.loop_bindings import FirstBound
from ad_compiler.read.statements.loop_fixpoint import Loops
from ad_compiler.read.statements.loop_statements import Control
from ad_compiler.read.statements.promote_carries import Widening
from ad_compiler.read.statements.regions import Regions
from ad_compiler.read.statements.simple import Statements
from ad_compiler.read.statements.stores import Stores
from ad_compiler.read.values.base import first_lost
from ad_compiler.read.values.sorts import is_array, is_scalar
from ad_compiler.rules import registry
from ad_compiler.rules.traits import traits_of
from ad_compiler.watch import Answer, Itself

UNKNOWN_NUMBER = Num("float64", None, "any")
FOLDED = (bool, int, complex, str, tuple, type, type(None), range, np.dtype)


class Lifter:
    """Reads functions into `self.block`.

    `watching` is off while rules are read: what they refer to does not change.
    """

    def __init__(self, block: Block, *, watching: bool = True, reverse: bool = False,
                 collector: Collector | None = None, pairs: Any = None) -> None:
        self.block = block                                  # where ops are appended
        self.frames: list[Frame] = []                       # the calls that are being read
        self.origin: Origin | None = None
        self.fixed_origin: Origin | None = None
        self.stopped = 0                                    # depth of `no_grad`
        self.ends = ""                                      # the last error of Python's that is certain
        self.diverged = False                               # what follows is not reached
        self.reverse = reverse
        self.watching = watching
        self.collector = collector or Collector()
        self.pairs: Pairs | None = pairs
        self.emitted = self.applied = 0
        self.frozen_blocks = False                          # a `with no_grad` was met
        self.stops = False                                  # that, or anything else under `no_grad`
        self.nested = False                                 # a derivative was taken inside
        self.own_rules: set[str] = set()                    # functions that were met, whose rules are the user's
        self.solvers: set[str] = set()                      # functions whose derivatives are those of equations

        self.asks = Asks(self)
        self.world = World(self)
        self.variables = Variables(self)
        self.memory = Memories(self)
        self.stores = Stores(self)
        self.lists = Lists(self)
        self.numbers = Numbers(self)
        self.expressions = Expressions(self)
        self.comparisons = Comparisons(self)
        self.operators = Operators(self)
        self.attributes = Attributes(self)
        self.strings = Strings(self)
        self.calls = Calls(self)
        self.opaque_calls = OpaqueCalls(self)
        self.classes = Classes(self)
        self.statements = Statements(self)
        self.regions = Regions(self)
        self.branches = Branches(self)
        self.control = Control(self)
        self.loops = Loops(self)
        self.widening = Widening(self)
        self.first_bound = FirstBound(self)
        self.iteration = Iteration(self)
        self.steps = Steps(self)
        self.generators = Generators(self)

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
        lost = first_lost((*args, *kwargs.values()))
        if lost is not None:
            return lost
        args = [a if isinstance(a, Const) else self.memory.fresh(a) for a in args]
        kwargs = {k: self.memory.fresh(v) for k, v in kwargs.items()}
        folded = self._fold(fn, args, kwargs)
        if folded is not NOT_KNOWN:
            return folded
        for at, arg in enumerate(args):
            if type(arg) is Const and isinstance(arg.value, enum.Enum) and fn is not operator.is_:
                beside = traits_of(fn).elementwise and any(
                    isinstance(a, Value) and isinstance(a.kind, Num) and a.kind.form != "py" for a in args)
                args[at] = self._number_of(arg, beside)
        rule = registry.lookup(fn)
        name = name or getattr(fn, "__name__", "") or str(fn)
        if rule is None:
            raise Refused(f"`{name}` has no derivative rule", "give it one with custom_vjp, or put it in no_grad")
        try:
            kinds = self._result_kinds(rule, name, args, kwargs)
        except NotStatic as error:
            if not isinstance(error, ListForArray):
                raise
            of_python = getattr(fn, "__module__", "") in ("_operator", "builtins", "math")
            if of_python and not any(is_array(a) or is_scalar(a) for a in args):
                raise Refused(f"`{name}`: {error}") from None
            known = rule.traits
            args = [self.apply(np.array, [a]) if is_list(a) or isinstance(a, Tuple) and (
                known.elementwise or at in known.linear or at in known.multilinear) else a for at, a in enumerate(args)]
            try:
                kinds = self._result_kinds(rule, name, args, kwargs)
            except ListForArray:        # in a tuple, as a shape has it
                raise Refused(f"`{name}`: a list where an array is expected", "write np.array([...])") from None
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
        self.numbers.roots = self.numbers.roots or may_be_complex(last)
        for result in results:
            if holds_memory(result.kind):
                self.memory.find_place(last, rule, read, result)
        self.numbers.note(rule.fn, args, read, results)
        return results

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
            if fn is operator.truediv and isinstance(error, ZeroDivisionError) and not self.watching:
                with np.errstate(divide="ignore", invalid="ignore"):    # of a derivative: the function did not raise
                    return Const(float(np.true_divide(*known)))
            return NOT_KNOWN        # raised again, in its place, when the program runs
        if any(isinstance(v, type) and type(v) is not type for v in known):      # a metaclass says it: `len` of an Enum
            self.asks.ask(Answer(fn, tuple(map(Itself, known))))
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
                if attempt or not any(is_list(a) or isinstance(a, Tuple) for a in args) or rule.fn is np.array:
                    raise Refused(f"`{name}`: a list where an array is expected", "write np.array([...])") from None
                raise
            except NotStatic as error:
                wanted = {base for v in values_in([to_arg(a) for a in (*args, *kwargs.values())])
                          for base in self.numbers.derived.get(v, ()) if isinstance(base, Value)}
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

    def _number_of(self, known: Const, beside: bool) -> Const:
        """The plain number that a member of an `IntEnum` is, where its class computes as numbers do.

        `beside` NumPy's numbers it is an int64: Python's own alone are weak.
        """
        value = known.value
        if not isinstance(value, enum.Enum) or not isinstance(value, (int, float)):
            return known
        self.asks.ask_number(value, f"{type(value).__name__}.{value.name}")
        number = int.__int__(value) if isinstance(value, int) else float.__float__(value)
        return Const(np.asarray(number)[()] if beside else number)

    # -- errors of Python's --------------------------------------------------------------------------

    def raises(self, error: type[Exception], message: Any) -> Poison:
        """What is read raises this: Python's own error, in its place."""
        made = self.opaque_calls.opaque(Const(error), error.__name__, [Const(message)], {})
        self.emit(runtime.raise_, (to_arg(made),), {}, [], effect=True)
        self.diverged, self.ends = True, f"this raises {error.__name__}: {message}"
        return Poison(ends=self.ends)

    def fails(self, error: Exception, message: Any, refusal: str = "") -> Poison:
        """What is read raises this error of Python; where it is a rule that is read, it is refused."""
        if not self.watching:
            raise Refused(refusal or str(error)) from None
        return self.raises(type(error), message)

    def asked(self, fn: Callable[..., Any], *known: Any) -> Abstract:
        """What Python itself says of known things: a constant, or the error that it raises."""
        try:
            return Const(fn(*known))
        except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
            return self.raises(type(error), str(error.args[0] if error.args else error))

    # -- where reading stands ------------------------------------------------------------------------

    @contextmanager
    def no_grad(self) -> Iterator[None]:
        """What is emitted meanwhile is stopped."""
        self.stops = True
        self.stopped += 1
        try:
            yield
        finally:
            self.stopped -= 1

    @property
    def scope(self) -> Scope:
        return self.frames[-1].scope

    def reads(self, node: Any) -> Callable[[Any], Any] | None:
        """The method of one of the readers that reads a node."""
        found = READS.get(type(node).__name__)
        return None if found is None else found(self)

    def let_go(self) -> None:
        """Nothing more is read.  Readers and lifter refer to each other, and would wait for the garbage collector."""
        held = vars(self)
        for name in READERS:
            del held[name]


READERS = {name: type(reader) for name, reader in vars(Lifter(Block())).items() if isinstance(reader, Reader)}
"""The readers, by the lifter's names for them."""

READS = {method[5:]: operator.attrgetter(f"{name}.{method}") for name, reader in READERS.items()
         for method in vars(reader) if method.startswith(("expr_", "stmt_"))}
"""Kind of node → which reader reads it, and by which method: asked of the lifter."""


def is_list(thing: Abstract) -> bool:
    """A list, of a length that is known or not."""
    return isinstance(thing, List) or isinstance(thing, Value) and isinstance(thing.kind, Seq)
