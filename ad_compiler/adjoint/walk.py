"""What walks over statements share, forwards and backwards: what is active, zeros, names, refusals.

>>> import numpy as np
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(np.exp, x, kind=FLOAT)
>>> walk = Walk(block, [x], Collector())
>>> sorted(v.hint for v in walk.active), walk.letters[y], walk.zero(x)
(['', 'x'], 'e', Const(value=0.0, text=None))
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

from ad_compiler import runtime
from ad_compiler.adjoint.templates import Templates
from ad_compiler.analyse.activity import varied
from ad_compiler.analyse.bound import Bound
from ad_compiler.errors import Collector, Refusal
from ad_compiler.ir import Atom, Block, Branch, Const, Op, Value, operands, values_in, walk
from ad_compiler.kinds import Num, Obj
from ad_compiler.read.abstract import Abstract
from ad_compiler.read.lift import Lifter
from ad_compiler.read.recursion import Callee
from ad_compiler.rules import registry

REMEDY = "write it as a loop, or let an integer argument decide its depth"


class Walk:
    """A walk over the statements of `block`, of which some depend on `wrt`."""

    def __init__(self, block: Block, wrt: Iterable[Value], collector: Collector) -> None:
        self.block = block
        self.active = varied(block, wrt)
        self.collector = collector
        self.lifter = Lifter(block, watching=False, reverse=True)
        self.templates = Templates(self.lifter)
        self.letters = letters_of(block)
        self.bound = Bound(block)
        self.makers = {v: stmt for stmt in walk(block) if isinstance(stmt, Op) for v in stmt.results}

    def product(self, bar: Atom, slope: Abstract) -> Atom:
        """A cotangent or tangent times a slope, where either may be a known number."""
        if isinstance(slope, Const) and isinstance(slope.value, (int, float)):
            if slope.value == 1:
                return bar
            if slope.value == -1:
                return self.lifter.apply(operator.neg, [bar]) if isinstance(bar, Value) else Const(-bar.value)
        return self.lifter.apply(operator.mul, [bar, slope])

    def zero(self, like: Value) -> Atom:
        """A zero cotangent or tangent for a value."""
        number = isinstance(like.kind, Num) and like.kind.shape == ()
        if self.bound.may_be_unbound(like) and not number:
            (zero,) = self.lifter.emit(runtime.zeros_if_bound, (like,), {}, [like.kind])
            return zero
        return self.lifter.call(Const(runtime.zeros_like), [like], {})

    def zeros(self, like: Atom) -> Atom:
        """A zero cotangent or tangent like another one."""
        return self.zero(like) if isinstance(like, Value) else Const(0.0)

    def is_settled(self, op: Op, callee: Callee) -> bool:
        """Can a call of a function that calls itself be differentiated?  Refuses it where not."""
        pair = callee.of
        assert pair is not None
        if not all(each.settled for each in pair.reached()):
            self.add_refusal(op, f"`{pair.name}` calls itself and, in itself, a derivative of itself: "
                                 "that has no derivative", REMEDY)
        elif callee is pair.backward:
            self.add_refusal(op, f"`{pair.name}` calls itself, and shows or draws something: "
                                 "its derivative, which would do so again, has no derivative", REMEDY)
        else:
            return True
        return False

    def refuse(self, op: Op, rule: registry.Rule | None) -> None:
        """No derivative passes here, though one is asked for."""
        while True:     # an unknown object is the fault of the call that made it
            cause = next((self.makers[v] for v in operands(op) if isinstance(v.kind, Obj) and v in self.active
                          and v in self.makers), None)
            if cause is None or cause is op:
                break
            op, rule = cause, registry.lookup(cause.fn)
        name = getattr(op.fn, "__name__", str(op.fn))
        if name == "call_object":
            name = op.args[0].hint
        message = f"`{name}` has no derivative rule and its source cannot be read, but its argument is differentiated"
        if rule is not None:
            message = f"`{name}` cannot be differentiated in this form: a shape or an argument is not known"
        if op.fn is registry.call_rule:
            name = op.args[0].value.__name__
            message = f"the derivative of `{name}` reads names of its own, or has no source: it has none itself"
        self.add_refusal(op, message, "give it a derivative with custom_vjp, or stop it: `with no_grad():`", name)

    def add_refusal(self, op: Op, message: str, remedy: str, name: str = "") -> None:
        """Report a line, with the caret under `name`."""
        where = op.origin or self.lifter.fixed_origin
        text = where.text if where else ""
        self.collector.add(Refusal(message, where.file if where else "", where.line if where else 0, text,
                                   max(0, text.find(name)), remedy))


def letters_of(block: Block) -> dict[Value, str]:
    """Letters for values that the user gave no name: `u` inside tanh(u), `s` a sum, `p` a product, …"""
    letters: dict[Value, str] = {}
    made = {"add": "s", "sub": "s", "mul": "p", "truediv": "q", "matmul": "m", "dot": "m", "pow": "w",
            "getitem": "e", "neg": "n"}

    def visit(block: Block) -> None:
        for stmt in block.ops:
            if isinstance(stmt, Op):
                name = getattr(stmt.fn, "__name__", "t")
                for result in stmt.results:
                    if not result.hint:
                        letters[result] = made.get(name, name[0])
                rule = registry.lookup(stmt.fn)
                if rule is not None and rule.partials and len(stmt.args) == 1 and name not in made:
                    for value in values_in(stmt.args):
                        if not value.hint:
                            letters[value] = "u"
            elif isinstance(stmt, Branch):
                visit(stmt.then)
                visit(stmt.orelse)
            else:
                visit(stmt.body)
    visit(block)
    return letters
