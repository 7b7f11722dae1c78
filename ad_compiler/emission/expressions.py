"""Ops as expressions."""

from __future__ import annotations

import operator
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.emission.naming import Names, identifier
from ad_compiler.emission.plan import Plan
from ad_compiler.emission.spelling import attributes, dotted, is_runtime, methods, name, path_of, plain_constant
from ad_compiler.ir import Arg, Const, Op, Slice, Value
from ad_compiler.kinds import Num

BINARY = {
    operator.add: gast.Add, operator.sub: gast.Sub, operator.mul: gast.Mult, operator.truediv: gast.Div,
    operator.floordiv: gast.FloorDiv, operator.mod: gast.Mod, operator.pow: gast.Pow, operator.matmul: gast.MatMult,
    operator.and_: gast.BitAnd, operator.or_: gast.BitOr, operator.xor: gast.BitXor, operator.lshift: gast.LShift,
    operator.rshift: gast.RShift,
}
UNARY = {operator.neg: gast.USub, operator.pos: gast.UAdd, operator.not_: gast.Not, operator.invert: gast.Invert}
COMPARE = {
    operator.lt: gast.Lt, operator.le: gast.LtE, operator.gt: gast.Gt, operator.ge: gast.GtE, operator.eq: gast.Eq,
    operator.ne: gast.NotEq, operator.is_: gast.Is, operator.is_not: gast.IsNot,
}


class Expressions:
    """Turns arguments and ops into gast, and gathers what the text needs from outside."""

    plan: Plan
    names: Names

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}

    def arg(self, arg: Arg) -> Any:
        """An argument as an expression."""
        if isinstance(arg, Value):
            return self.call(self.plan.nested[arg]) if arg in self.plan.nested else name(self.names[arg])
        if isinstance(arg, Const):
            return self.constant(arg)
        if isinstance(arg, Slice) or isinstance(arg, tuple) and any(isinstance(a, Slice) for a in arg):
            return gast.Subscript(dotted("np.s_"), self.index(arg), gast.Load())
        if isinstance(arg, tuple):
            items = [self.arg(a) for a in arg]
            if hasattr(arg, "_fields"):
                return gast.Call(self.function(type(arg)), items, [])
            return gast.Tuple(items, gast.Load())
        if isinstance(arg, list):
            return gast.List([self.arg(a) for a in arg], gast.Load())
        if isinstance(arg, dict):
            return gast.Dict([self.constant(Const(k)) for k in arg], [self.arg(v) for v in arg.values()])
        return self.constant(Const(arg))

    def index(self, arg: Arg) -> Any:
        """What stands in square brackets."""
        if isinstance(arg, tuple):
            return gast.Tuple([self.index(a) for a in arg], gast.Load())
        if isinstance(arg, Slice):
            none = [isinstance(p, Const) and p.value is None for p in (arg.start, arg.stop, arg.step)]
            start, stop, step = (None if n else self.arg(p)
                                 for n, p in zip(none, (arg.start, arg.stop, arg.step), strict=True))
            return gast.Slice(start, stop, step)
        return self.arg(arg)

    def constant(self, const: Const) -> Any:
        """A known value; what has no literal is bound in the namespace."""
        if const.text is not None:
            return dotted(const.text) if const.text.replace(".", "").isidentifier() else \
                gast.parse(const.text, mode="eval").body
        node = plain_constant(const.value)
        if node is not None:
            return node
        if callable(const.value):
            return self.function(const.value)
        return name(self.bind(const.value, type(const.value).__name__))

    def bind(self, obj: Any, wish: str) -> str:
        """A name in the namespace for an object."""
        base = identifier(wish)
        ident, count = base, 1
        while ident in self.bound and self.bound[ident] is not obj or ident in self.taken():
            count += 1
            ident = f"{base}_{count}"
        self.bound[ident] = obj
        return ident

    def taken(self) -> set[str]:
        """Names of values, which nothing else may have."""
        return set(self.names.names.values())

    def function(self, fn: Any) -> Any:
        """A function by its well-known path, or by a name bound to it."""
        if hasattr(fn, "back"):     # a generated function, defined beside this one
            return name(fn.__name__)
        path = path_of(fn)
        if path is not None:
            return dotted(path)
        return name(self.bind(fn, getattr(fn, "__name__", type(fn).__name__)))

    def call(self, op: Op) -> Any:
        """An op as an expression."""
        fn, args = op.fn, op.args
        if fn in BINARY:
            return gast.BinOp(self.arg(args[0]), BINARY[fn](), self.arg(args[1]))
        if fn in UNARY:
            return gast.UnaryOp(UNARY[fn](), self.arg(args[0]))
        if fn in COMPARE:
            return gast.Compare(self.arg(args[0]), [COMPARE[fn]()], [self.arg(args[1])])
        if fn is operator.contains:
            return gast.Compare(self.arg(args[1]), [gast.In()], [self.arg(args[0])])
        if fn is operator.getitem:
            return gast.Subscript(self.arg(args[0]), self.index(args[1]), gast.Load())
        if fn is getattr and isinstance(args[1], Const):
            return gast.Attribute(self.arg(args[0]), args[1].value, gast.Load())
        if fn is runtime.identity or fn is runtime.unpack:
            return self.arg(args[0])
        if fn is str.format:
            return gast.Call(gast.Attribute(self.arg(args[0]), "format", gast.Load()), [self.arg(a) for a in args[1:]], [])
        if getattr(fn, "__name__", "") == "call_object":
            return gast.Call(self.arg(args[0]), *self.arguments(args[1:], op.kwargs))
        if fn is runtime.astype:
            return gast.Call(gast.Attribute(self.arg(args[0]), "astype", gast.Load()), [self.arg(args[1])], [])
        first = args[0] if args else None
        if isinstance(first, Value) and isinstance(first.kind, Num) and first.kind.form != "py":
            if (op.spelling == "attr" or fn is np.transpose and len(args) == 1) and fn in attributes():
                return gast.Attribute(self.arg(first), attributes()[fn], gast.Load())
            if op.spelling == "method" and fn in methods():
                rest, keywords = self.arguments(args[1:], op.kwargs)
                return gast.Call(gast.Attribute(self.arg(first), methods()[fn], gast.Load()), rest, keywords)
        target = name(self.bind(fn, fn.__name__)) if is_runtime(fn) else self.function(fn)
        return gast.Call(target, *self.arguments(args, op.kwargs))

    def arguments(self, args: tuple[Arg, ...], kwargs: dict[str, Arg]) -> tuple[list[Any], list[Any]]:
        """Positional and keyword arguments."""
        return [self.arg(a) for a in args], [gast.keyword(k, self.arg(v)) for k, v in kwargs.items()]
