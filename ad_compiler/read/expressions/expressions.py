"""Expressions: each method reads one node and returns an abstract."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import BOOL, Num
from ad_compiler.read.abstract import (
    NOT_KNOWN,
    Abstract,
    Choice,
    Closure,
    Dict,
    Flat,
    Generator,
    List,
    OfClass,
    Poison,
    Range,
    Sequence,
    Tuple,
    describe,
    protocol,
    python_value,
    report,
)
from ad_compiler.read.base import Reader
from ad_compiler.read.expressions.matching import answer
from ad_compiler.read.expressions.operator_methods import OPERATORS
from ad_compiler.read.library.decompositions import subscripted
from ad_compiler.read.library.sets import made as set_made
from ad_compiler.read.names.scopes import Scope
from ad_compiler.read.restarts import Specialise, Unroll
from ad_compiler.read.values.iterators import ITERATORS
from ad_compiler.read.values.memories import stored
from ad_compiler.read.values.sets import operated


class Expressions(Reader):
    """Reads expressions."""

    def read(self, node: Any) -> Abstract:
        """Read an expression."""
        reader = self.lifter.reads(node)
        if reader is None:
            raise Refused(f"`{type(node).__name__}` is not supported")
        return reader(node)

    def expr_Constant(self, node: Any) -> Abstract:
        if isinstance(node.value, complex):
            raise Refused("complex numbers are not supported yet")
        return Const(node.value)

    def expr_Name(self, node: Any) -> Abstract:
        return self.lifter.world.name(node.id, getattr(getattr(node, "world", None), "scope", None))

    def expr_NamedExpr(self, node: Any) -> Abstract:
        thing = self.read(node.value)
        scope: Scope | None = self.scope
        while scope is not None and scope.comprehension:
            scope = scope.parent
        if scope is not self.scope:
            raise Refused("`:=` inside a comprehension is not supported", "use a loop")
        self.lifter.statements.assign(node.target, thing)
        return self.read(node.target) if isinstance(thing, ITERATORS) else thing

    def expr_Tuple(self, node: Any) -> Abstract:
        return Tuple(self.lifter.generators.kept(self.elements(node.elts)))

    def expr_List(self, node: Any) -> Abstract:
        return List(self.lifter.generators.kept(self.elements(node.elts)))

    def expr_Set(self, node: Any) -> Abstract:
        return set_made(self.lifter, set, [List(self.elements(node.elts))])

    def expr_Dict(self, node: Any) -> Abstract:
        items: dict[Any, Abstract] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                items.update(self.expect_dict(self.read(value)))
            else:
                known = self.key(self.read(key), "the key of a dict")
                items[known] = self.read(value)
        return Dict(items)

    def expect_dict(self, thing: Abstract) -> dict[Any, Abstract]:
        """The items of `**thing`."""
        if not isinstance(thing, (Dict, OfClass)):
            raise Refused(f"`**` needs a dict whose keys are known, not a {describe(thing)}")
        return thing.pairs(self.lifter)

    def elements(self, nodes: list[Any]) -> list[Abstract]:
        """Items of a display, with starred ones opened."""
        items: list[Abstract] = []
        for node in nodes:
            if isinstance(node, gast.Starred):
                items += self.lifter.statements.items_of(self.read(node.value))
            else:
                items.append(self.read(node))
        return items

    def static(self, thing: Abstract, what: str) -> Any:
        """The Python value of something that must be known now."""
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        value = python_value(thing)
        if value is NOT_KNOWN:
            parts = (thing.start, thing.stop, thing.step) if isinstance(thing, slice) else (thing,)
            derived = self.lifter.numbers.derived
            bases = {base for part in parts if isinstance(part, Value) for base in derived.get(part, ())}
            for base in bases:
                if not isinstance(base, Value):
                    raise Unroll(base)
            if bases:
                raise Specialise(bases)
            raise Refused(f"{what} must be known before the program runs", "make it a literal or an argument")
        return value

    def key(self, thing: Abstract, what: str) -> Any:
        """The same of a key of a dict."""
        value = self.static(thing, what)
        try:
            hash(value)
        except TypeError as error:
            raise Refused(f"this raises TypeError: {error}", "a key is a number, a text, or a tuple of them") from None
        return value

    def expr_BinOp(self, node: Any) -> Abstract:
        left = self.read(node.left)
        return self.binary(OPERATORS[type(node.op)], left, self.read(node.right))

    def binary(self, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract:
        """`left fn right`."""
        found = self.lifter.operators.operate(fn, left, right)
        if found is not None:
            return found
        if isinstance(left, Range) or isinstance(right, Range):
            raise Refused("an operator stands beside a range", "write np.arange(…), or list(range(…))")
        left, right = self.beside_array(left, right), self.beside_array(right, left)
        found = operated(fn, left, right)
        if found is NotImplemented:
            found = protocol(left).binary(self.lifter, fn, right)
        if found is NotImplemented:
            found = protocol(right).binary_right(self.lifter, fn, left)
        if found is not NotImplemented:
            return found
        if isinstance(left, Flat) and not isinstance(right, Value) or \
                isinstance(right, Flat) and not isinstance(left, Value):
            return self.lifter.raises(TypeError, "unsupported operand type: 'numpy.flatiter'")
        return self.lifter.apply(fn, [left, right])

    def beside_array(self, thing: Abstract, other: Abstract) -> Abstract:
        """An operand; a list or tuple beside an array is one."""
        kind = other.kind if isinstance(other, Value) else None
        array = isinstance(kind, Num) and kind.form == "array"
        return self.as_array(thing) if array else thing

    def as_array(self, thing: Abstract) -> Abstract:
        """A list or tuple as the array that NumPy makes of it; anything else as it is."""
        return self.lifter.apply(np.array, [thing]) if isinstance(thing, Sequence) else thing

    def how_often(self, count: Abstract) -> int:
        """How often a list or tuple is repeated."""
        times = self.static(count, "how often a list is repeated")
        if not isinstance(times, (int, np.integer)):
            raise Refused(f"a sequence is repeated as often as a whole number says, not a {describe(count)}")
        return int(times)

    def expr_UnaryOp(self, node: Any) -> Abstract:
        if isinstance(node.op, gast.Not):
            return self.negated(self.truth(node.operand))
        operand = self.read(node.operand)
        if isinstance(operand, Const) and isinstance(operand.value, float) and isinstance(node.op, gast.USub):
            return Const(-operand.value, operand.text and f"-{operand.text}")
        return self.unary(OPERATORS[type(node.op)], operand)

    def unary(self, fn: Callable[..., Any], operand: Abstract) -> Abstract:
        """`fn operand`."""
        found = self.lifter.operators.operate_alone(fn, operand)
        return self.lifter.apply(fn, [operand]) if found is None else found

    def negated(self, thing: Abstract) -> Abstract:
        """`not thing`."""
        if isinstance(thing, Const):
            return Const(not thing.value)
        return self.lifter.apply(operator.not_, [thing])

    def truth(self, node: Any) -> Abstract:
        """A condition: a known boolean, or a run-time value."""
        return self.truth_of(self._bool_op(node, self._flag_of) if isinstance(node, gast.BoolOp) else self.read(node))

    def _flag_of(self, thing: Abstract) -> Abstract:
        """The truth of a thing, which may stand beside that of another."""
        truth = self.truth_of(thing)
        opaque = isinstance(truth, Value) and not isinstance(truth.kind, Num)
        return self.negated(self.negated(truth)) if opaque else truth

    def truth_of(self, thing: Abstract) -> Abstract:
        """The truth of a thing, known now where it is."""
        return protocol(thing).truth(self.lifter)

    def truth_of_array(self, array: Value, shape: tuple[Any, ...]) -> Abstract:
        """Only an array of one element has a truth; of any other it is asked, for that raises, needed or not."""
        if all(dim == 1 for dim in shape) or not self.lifter.watching:
            return self.lifter.memory.current(array)
        return self.lifter.emit(bool, (self.lifter.memory.current(array),), {}, [BOOL], effect=True)[0]

    def only_number(self, value: Value) -> None:
        """What is told of a number or array of unknown rank does not hold for an object: the run looks at it.

        Nor does what is told of a number of Python's that comes of a power, and may be complex.
        """
        kind = value.kind
        if not self.lifter.watching or not isinstance(kind, Num):
            return
        numbers, python = self.lifter.numbers, kind.form == "py" and kind.real
        numbers.typed = numbers.typed or python
        if kind.form == "any" and kind.shape is None or python and numbers.roots:
            self.lifter.emit(runtime.check_number, (self.lifter.memory.current(value),), {}, [], effect=True)

    def expr_BoolOp(self, node: Any) -> Abstract:
        return self._bool_op(node, lambda thing: thing)

    def _bool_op(self, node: Any, wanted: Callable[[Abstract], Abstract]) -> Abstract:
        """`and`, `or`: what is wanted of the operand that decides, itself or its truth."""
        is_and = isinstance(node.op, gast.And)
        left = self.read(node.values[0])
        for at, _ in enumerate(node.values[1:], 1):
            truth = self.truth_of(left)
            if isinstance(truth, Const):
                if bool(truth.value) is not is_and:
                    return left
                left = self.read(node.values[at])
                continue
            rest = node.values[at] if at == len(node.values) - 1 else gast.BoolOp(node.op, node.values[at:])
            value = left

            def other(rest: Any = rest) -> Abstract:
                return self._bool_op(rest, wanted) if isinstance(rest, gast.BoolOp) else wanted(self.read(rest))

            def same(value: Abstract = value) -> Abstract:
                return wanted(value)
            return self.lifter.branches.choose(truth, *((other, same) if is_and else (same, other)))
        return left

    def expr_IfExp(self, node: Any) -> Abstract:
        test = self.truth(node.test)
        if isinstance(test, Const):
            return self.read(node.body if test.value else node.orelse)
        return self.lifter.branches.choose(test, lambda: self.read(node.body), lambda: self.read(node.orelse))

    def expr_Subscript(self, node: Any) -> Abstract:
        thing = self.read(node.value)
        index = self.index(node.slice)
        return self.item(thing, index)

    def item(self, thing: Abstract, index: Abstract) -> Abstract:
        """`thing[index]`."""
        found = self._picked(thing, index)
        report(found)
        return found

    def _picked(self, thing: Abstract, index: Abstract) -> Abstract:
        if isinstance(thing, Poison) or isinstance(index, Poison):
            report(thing)
            report(index)
            return thing if isinstance(thing, Poison) else index
        if isinstance(index, Choice):
            return self.lifter.branches.choose(index.test, lambda: self.item(thing, index.then),
                                               lambda: self.item(thing, index.orelse))
        found = subscripted(self.lifter, thing, index)
        return protocol(thing).get_item(self.lifter, index) if found is None else found

    def index(self, node: Any) -> Abstract:
        """What stands in square brackets; slices become Python `slice` objects of abstracts."""
        if isinstance(node, gast.Slice):
            return slice(*(Const(None) if part is None else self.read(part)
                           for part in (node.lower, node.upper, node.step)))
        if isinstance(node, gast.Tuple):
            parts: list[Abstract] = []
            for item in node.elts:
                if isinstance(item, gast.Starred):
                    parts += self.lifter.statements.items_of(self.read(item.value))
                else:
                    parts.append(self.index(item))
            return Tuple(parts)
        return self.read(node)

    def expr_Slice(self, node: Any) -> Abstract:
        return self.index(node)

    def expr_Lambda(self, node: Any) -> Abstract:
        return self.closure(node)

    def closure(self, node: Any) -> Closure:
        """A nested function; its defaults are evaluated here."""
        if isinstance(node, gast.FunctionDef) and any(not self.lifter.calls.is_no_grad(d) for d in node.decorator_list):
            raise Refused("a decorator inside a differentiated function is not supported", "call it explicitly")
        names = [a.id for a in node.args.kwonlyargs]
        kw = stored({n: self.read(d) for n, d in zip(names, node.args.kw_defaults, strict=True) if d is not None})
        defaults = stored([self.read(d) for d in node.args.defaults])
        stopped = isinstance(node, gast.FunctionDef) and bool(node.decorator_list)
        return Closure(node, self.scope.source, self.scope, defaults, kw, stopped)

    def expr_Matches(self, node: Any) -> Abstract:
        return answer(self.lifter, node)

    def expr_ListComp(self, node: Any) -> Abstract:
        later = Generator(node, self.scope)
        items = self.lifter.iteration.iterate_if_short(later, unroll=True)
        return self.lifter.iteration.list_loop(later) if items is None else List(items)

    def expr_DictComp(self, node: Any) -> Abstract:
        pair = gast.GeneratorExp(gast.Tuple([node.key, node.value], gast.Load()), node.generators)
        pairs = self.lifter.iteration.iterate_now(Generator(gast.copy_location(pair, node), self.scope))
        return Dict({self.key(p.items[0], "the key of a dict"): p.items[1] for p in pairs})

    def expr_SetComp(self, node: Any) -> Abstract:
        items = self.lifter.iteration.iterate_now(Generator(node, self.scope))
        return set_made(self.lifter, set, [List(items)])
