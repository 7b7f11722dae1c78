"""Ops as expressions of Python.

>>> import operator
>>> from ad_compiler.emit.printer import expression
>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import FLOAT
>>> x = Value("x", FLOAT)
>>> writer = Expressions(World(set()), lambda value: value.hint, {})
>>> expression(writer.op(Op(operator.pow, (x, Const(-2)))))
'x ** -2'
"""

from __future__ import annotations

import ast
import builtins
import functools
import keyword
from collections.abc import Callable
from types import MethodDescriptorType
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.emit.nest import choice
from ad_compiler.emit.spelling import World, attribute
from ad_compiler.emit.survey import is_number
from ad_compiler.indices import parts_of
from ad_compiler.ir import Arg, Branch, Const, Op, Record, Slice, Value
from ad_compiler.kinds import Num
from ad_compiler.ops import traits
from ad_compiler.read.calls.opaque import call_object
from ad_compiler.read.calls.recursion import Callee
from ad_compiler.rules import registry

OPPOSITE: dict[Any, Any] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
LOAD = ast.Load()
HOLES = ("_0", "_1", "_2")


class Expressions:
    """Turns arguments and ops into ast."""

    def __init__(self, world: World, name: Callable[[Value], str], nested: dict[Value, Op | Branch]) -> None:
        self.world, self.name, self.nested = world, name, nested

    def arg(self, arg: Arg) -> Any:
        """An argument as an expression."""
        if isinstance(arg, Value):
            return self.statement(self.nested[arg]) if arg in self.nested else variable(self.name(arg))
        if isinstance(arg, Const):
            return self.const(arg)
        if isinstance(arg, Slice) or isinstance(arg, tuple) and any(isinstance(a, Slice) for a in arg):
            return ast.Subscript(attribute(self.world.module("numpy"), "s_"), self.index(arg), LOAD)
        if isinstance(arg, Record):
            items = [self.arg(item) for item in arg.items]
            named = [ast.keyword(name, item) for name, item in zip(arg.names, items, strict=bool(arg.names))]
            return ast.Call(self.world.function(arg.cls), [] if named else items, named)
        if isinstance(arg, tuple) and hasattr(arg, "_fields"):
            return ast.Call(self.world.function(type(arg)), [self.arg(a) for a in arg], [])
        if isinstance(arg, tuple):
            return ast.Tuple([self.arg(a) for a in arg], LOAD)
        if isinstance(arg, list):
            return ast.List([self.arg(a) for a in arg], LOAD)
        if isinstance(arg, dict):
            return ast.Dict([self.world.constant(k) for k in arg], [self.arg(v) for v in arg.values()])
        return self.world.constant(arg)

    def const(self, const: Const) -> Any:
        """A known value, by the name that the user has for it where there is one."""
        if const.text is not None:
            node = ast.parse(const.text, mode="eval").body
            if all(self.world.has(n.id) for n in ast.walk(node) if isinstance(n, ast.Name)):
                return node
        return self.world.constant(const.value)

    def statement(self, stmt: Op | Branch) -> Any:
        """An op, or a branch that is an expression."""
        if isinstance(stmt, Op):
            return self.op(stmt)
        kind = choice(stmt)
        if kind is not None:
            other = stmt.then if kind == "and" else stmt.orelse
            join = ast.And() if kind == "and" else ast.Or()
            left, right = self.arg(stmt.cond), self.arg(other.results[0])
            if isinstance(right, ast.BoolOp) and type(right.op) is type(join):
                return ast.BoolOp(join, [left, *right.values])
            return ast.BoolOp(join, [left, right])
        return ast.IfExp(self.arg(stmt.cond), self.arg(stmt.then.results[0]), self.arg(stmt.orelse.results[0]))

    def op(self, op: Op) -> Any:
        """An op as an expression."""
        fn, args, written = op.fn, op.args, traits(op).written
        if written and not op.kwargs and len(args) == max(written.count("{"), 1):
            node = self._filled(template(written), args)
            turns = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
            return negated(node.operand, is_plain(args[0])) if turns and isinstance(node.operand, ast.Compare) else node
        if fn is getattr and len(args) == 2 and isinstance(args[1], Const) and is_name(str(args[1].value)):
            return ast.Attribute(self.arg(args[0]), args[1].value, LOAD)
        if fn is runtime.make_list:
            return self.arg(list(args[0]))
        if fn is runtime.zero_numbers:
            return ast.BinOp(ast.List([ast.Constant(0.0)], LOAD), ast.Mult(), self.arg(args[0]))
        if fn is call_object:
            return self._call(None, self.arg(args[0]), args[1:], op.kwargs)
        return self._method(op) or self._function(op)

    def _filled(self, node: Any, args: tuple[Arg, ...]) -> Any:
        """A template with arguments in its holes."""
        if type(node) is ast.Name:
            known = node.id not in HOLES
            return self.world.function(getattr(builtins, node.id)) if known else self.arg(args[HOLES.index(node.id)])
        if type(node) is ast.BinOp:     # most are: this alone, without asking for its fields
            return ast.BinOp(self._filled(node.left, args), node.op, self._filled(node.right, args))
        if isinstance(node, list):
            return [self._filled(part, args) for part in node]
        if isinstance(node, ast.Subscript):
            return ast.Subscript(self._filled(node.value, args), self.index(args[1]), LOAD)
        if not isinstance(node, ast.expr):
            return node
        return type(node)(*[self._filled(part, args) for _, part in ast.iter_fields(node)])

    def _method(self, op: Op) -> Any:
        """`x.sum(axis=0)`, `x.T`; None where it is no such call."""
        fn, args = op.fn, op.args
        if not args or isinstance(args[0], (list, dict, tuple)):
            return None
        if isinstance(fn, MethodDescriptorType):
            return self._call(fn, ast.Attribute(self.arg(args[0]), fn.__name__, LOAD), args[1:], op.kwargs)
        form = args[0].kind.form if isinstance(args[0], Value) and isinstance(args[0].kind, Num) else ""
        asked = op.spelling == "method" or op.spelling == "attr" and not op.reverse
        if not isinstance(args[0], Value) or form == "py" or form == "np" and not asked:
            return None     # a scalar may be Python's when it runs, where a branch or a loop hands it on
        if (op.spelling == "attr" or fn is np.transpose) and len(args) == 1 and not op.kwargs:
            name = named(registry.ATTRIBUTES, fn)
            return None if name is None else ast.Attribute(self.arg(args[0]), name, LOAD)
        always = getattr(fn, "__module__", "") == runtime.__name__      # of the runtime's functions, some are methods
        name = named(registry.METHODS, fn) if always or op.spelling == "method" else None
        if name is None:
            return None
        rest = args[1:]
        if name in ("reshape", "transpose") and len(rest) == 1 and type(rest[0]) is tuple and rest[0]:
            rest = rest[0]
        return self._call(fn, ast.Attribute(self.arg(args[0]), name, LOAD), rest, op.kwargs)

    def _function(self, op: Op) -> Any:
        if isinstance(op.fn, Callee):       # defined beside this function
            return self._call(None, variable(op.fn.__name__), op.args, op.kwargs)
        return self._call(op.fn, self.world.function(op.fn), op.args, op.kwargs)

    def _call(self, fn: Any, target: Any, args: tuple[Arg, ...], kwargs: dict[str, Arg]) -> Any:
        """A call; `fn`: the function, where it is known."""
        def given(arg: Arg) -> Any:
            short = isinstance(arg, Const) and isinstance(arg.value, np.dtype) and arg.text is None and takes_types(fn)
            return self.world.dtype(arg.value) if short else self.arg(arg)
        return ast.Call(target, [given(a) for a in args], [ast.keyword(k, given(v)) for k, v in kwargs.items()])

    # -- indices -------------------------------------------------------------------------------------

    def index(self, arg: Arg) -> Any:
        """What stands in square brackets."""
        if isinstance(arg, tuple) and len(arg) == 1 and not isinstance(arg[0], tuple):
            arg = arg[0]
        if isinstance(arg, Const) and arg.text is None and isinstance(arg.value, tuple):
            arg = tuple(Const(v) for v in arg.value)
        if isinstance(arg, tuple):
            return ast.Tuple([self._index_part(a) for a in arg], LOAD)
        return self._index_part(arg)

    def _index_part(self, arg: Arg) -> Any:
        if isinstance(arg, Const) and isinstance(arg.value, slice):
            arg = Slice(Const(arg.value.start), Const(arg.value.stop), Const(arg.value.step))
        if isinstance(arg, Slice):
            parts = [None if isinstance(p, Const) and p.value is None else self.arg(p)
                     for p in (arg.start, arg.stop, arg.step)]
            return ast.Slice(*parts)
        return self.arg(arg)


@functools.cache
def template(written: str) -> Any:
    """How a function is written, with names where its arguments stand."""
    return ast.parse(written.format(*HOLES), mode="eval").body


@functools.cache
def takes_types(fn: Any) -> bool:
    """Does a function make a dtype of a type that it is given, as NumPy's do?"""
    if isinstance(fn, MethodDescriptorType):
        return fn.__objclass__ in (np.ndarray, np.generic)
    module = (getattr(fn, "__module__", None) or "").partition(".")[0]
    return module == "numpy" or module == "ad_compiler" and "dtype" in fn.__code__.co_varnames


def named(table: dict[str, Any], fn: Any) -> str | None:
    """The first name of a function in a table."""
    return next((name for name, found in table.items() if found is fn), None)


def variable(name: str, store: bool = False) -> Any:
    """A name to read, or to assign to."""
    return ast.Name(name, ast.Store() if store else ast.Load())


def is_plain(arg: Arg) -> bool:
    """Is this a truth value of the language's own, whose opposite is what `!=` gives?"""
    return isinstance(arg, Value) and is_number(arg)


def negated(node: Any, plain: bool = True) -> Any:
    """The test `not node`; the opposite comparison where there is one (of `<` there is none: NaN)."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if plain and isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPPOSITE:
        return ast.Compare(node.left, [OPPOSITE[type(node.ops[0])]()], node.comparators)
    return ast.UnaryOp(ast.Not(), node)


def is_basic(index: Arg) -> bool:
    """Does an index name no element twice: is it made of integers and slices, or of one mask?"""
    parts = parts_of(index)
    return all(map(_basic_part, parts)) and sum(map(_is_mask, parts)) <= 1


def _is_mask(part: Arg) -> bool:
    kind = part.kind if isinstance(part, Value) else None
    known = part.value if isinstance(part, Const) else None
    return isinstance(kind, Num) and kind.dtype == "bool" or isinstance(known, np.ndarray) and known.dtype == bool


def _basic_part(part: Arg) -> bool:
    if isinstance(part, Slice):
        return True
    if isinstance(part, Const):
        value = part.value
        if isinstance(value, tuple):
            return all(_basic_part(Const(v)) and not _is_mask(Const(v)) for v in value)
        plain = value is None or value is Ellipsis or isinstance(value, (int, np.integer, slice))
        return plain and not isinstance(value, bool) or _is_mask(part)
    if isinstance(part, Value) and isinstance(part.kind, Num):
        if part.kind.dtype == "bool":
            return part.kind.form == "array" and bool(part.kind.shape)
        return part.kind.shape == () and part.kind.form in ("py", "np")
    return False


def is_name(text: str) -> bool:
    """May this stand after a dot?"""
    return text.isidentifier() and not keyword.iskeyword(text)
