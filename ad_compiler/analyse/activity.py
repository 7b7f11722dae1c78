"""Activity: which values depend on the arguments that are differentiated.

>>> import operator
>>> from ad_compiler.ir import Block, Const, Value
>>> from ad_compiler.kinds import FLOAT
>>> x, n, block = Value("x", FLOAT), Value("n", FLOAT), Block()
>>> y = block.emit(operator.mul, x, n, hint="y", kind=FLOAT)
>>> z = block.emit(operator.mul, n, Const(2.0), hint="z", kind=FLOAT)
>>> sorted(v.hint for v in varied(block, [x]))
['x', 'y']
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ad_compiler.ir import Arg, Block, Branch, Loop, Op, Value, operands, values_in, walk
from ad_compiler.kinds import Num, Obj, Seq
from ad_compiler.ops import asks_attribute, is_attribute, is_constant, is_elementwise, is_read
from ad_compiler.read.calls.opaque import call_object, is_of_python, leaves_arguments_alone
from ad_compiler.read.library.builtins import only_shows
from ad_compiler.rules import registry


def can_vary(value: Value) -> bool:
    """Real numbers, lists of them, and results of functions that nothing is known of."""
    kind = value.kind
    while isinstance(kind, Seq):
        kind = kind.elem
    return isinstance(kind, Obj) or isinstance(kind, Num) and kind.real


def reads_shape(op: Op) -> bool:
    """`x.shape` of a number or array."""
    return asks_attribute(op) and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Num)


def varied(block: Block, wrt: Iterable[Value]) -> set[Value]:
    """Values in a block, however deep, that depend on `wrt` in a way that derivatives follow."""
    found = _Varied(block, set(wrt))
    while found.again:
        found.again = False
        found.visit(block)
    return found.active


class _Varied:
    """What is `active`, as far as is known."""

    def __init__(self, block: Block, active: set[Value]) -> None:
        self.active = active
        self.makers = {v: op for op in walk(block) if isinstance(op, Op) for v in op.results}
        self.again = True   # what holds something active from here on was read before, in a loop or under another name

    def touches(self, arg: Arg) -> bool:
        return not self.active.isdisjoint(values_in(arg))

    def mark(self, value: Value) -> bool:
        if value in self.active or not can_vary(value):
            return False
        self.active.add(value)
        return True

    def visit(self, block: Block) -> bool:
        changed = False
        for stmt in block.ops:
            if isinstance(stmt, Op):
                if self.active.isdisjoint(operands(stmt)) or stmt.stopped or is_constant(stmt) or reads_shape(stmt):
                    continue
                for result in stmt.results:
                    changed |= self.mark(result)
                if stmt.effect and may_keep(stmt):
                    for holder in held_by(stmt, self.makers):
                        kept = self.mark(holder)
                        changed |= kept
                        self.again |= kept
            elif isinstance(stmt, Branch):
                if stmt.way == "with" and stmt.cond in self.active:
                    for given in stmt.then.params:
                        changed |= self.mark(given)
                changed |= self.visit(stmt.then) | self.visit(stmt.orelse)
                for result, a, b in zip(stmt.results, stmt.then.results, stmt.orelse.results, strict=True):
                    if self.touches(a) or self.touches(b):
                        changed |= self.mark(result)
            else:
                changed |= self.loop(stmt)
        return changed

    def loop(self, loop: Loop) -> bool:
        changed, again = False, True
        while again:
            again = False
            for init, param, handed, result in zip(loop.inits, loop.body.params, loop.body.results, loop.results,
                                                   strict=True):
                if self.touches(init) or self.touches(handed):
                    again |= self.mark(param) | self.mark(result)
            again |= self.visit(loop.body)
            for inner, trail in loop.trails:
                if self.touches(inner):
                    again |= self.mark(trail)
            changed |= again
        return changed


def may_keep(op: Op) -> bool:
    """May this call put what it is given into an object that it is given, or that it is a method of?"""
    if op.fn is call_object:
        return True
    return registry.lookup(op.fn) is None and getattr(op.fn, "__module__", "") != "ad_compiler.runtime" and \
        not only_shows(op.fn) and not leaves_arguments_alone(op.fn)


def of_any_class(op: Op, makers: Mapping[Value, Op], active: Collection[Value],
                 seen: set[Value] | None = None) -> Iterator[Value]:
    """The operands that are read out of the world when the program runs: no rule may hold for what they are.

    So are those that operands are computed with, and what is made of such: an array of objects.
    """
    seen = set() if seen is None else seen
    for value in operands(op):
        if value in active or value in seen:
            continue
        made = makers.get(value)
        read = made is None or is_read(made) or is_attribute(made) or made.fn is call_object
        if isinstance(value.kind, Obj):
            if made is None or read or registry.lookup(made.fn) is None and not is_of_python(made.fn):
                yield value
        elif made is not None and not read and isinstance(value.kind, Num) and value.kind.shape is None:
            seen.add(value)
            found = list(of_any_class(made, makers, active, seen))
            yield from found if is_elementwise(made) else found and [value]


def held_by(op: Op, makers: dict[Value, Op]) -> Iterator[Value]:
    """The objects that a call is given, and those that they were got from: that of a method."""
    stack = [v for v in operands(op) if isinstance(v.kind, Obj)]
    while stack:
        value = stack.pop()
        yield value
        made = makers.get(value)
        if made is not None and (is_attribute(made) or is_read(made)):
            stack += [v for v in operands(made) if isinstance(v.kind, Obj)]
