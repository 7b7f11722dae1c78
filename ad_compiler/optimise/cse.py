"""What is computed twice is computed once, where the first time is sure to have come before.

>>> import operator
>>> from ad_compiler.ir import Block, Func, Value, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> s = block.emit(operator.mul, x, x, kind=FLOAT)
>>> t = block.emit(operator.mul, x, x, kind=FLOAT, hint="q")
>>> block.results = [(s, block.emit(operator.add, s, t, kind=FLOAT))]
>>> print(show(share_common(Func("f", [x], block))))
def f(x):
    q = mul(x, x)
    t = add(q, q)
    return (q, t)
"""

from __future__ import annotations

from collections.abc import Hashable

from ad_compiler.indices import const_key
from ad_compiler.ir import Arg, Block, Branch, Const, Func, Op, Slice, Stmt, Value, blocks_of, operands
from ad_compiler.kinds import Num
from ad_compiler.ops import commutes, has_effect, is_constant, is_maker, makes_memory
from ad_compiler.optimise.facts import clearer, is_cheap, num, opaque, replace_values
from ad_compiler.passes import counts


@counts
def share_common(func: Func) -> Func:
    """Merge pure ops that compute the same."""
    sharer = Sharer()
    sharer.block(func.body)
    replace_values(func, dict(sharer.mapping))
    func.edits += bool(sharer.mapping)
    return func


class Sharer:
    """`mapping`: what is known to be another value."""

    def __init__(self, mapping: dict[Value, Value] | None = None) -> None:
        self.mapping = {} if mapping is None else mapping
        self.known: dict[Hashable, Op] = {}

    def block(self, block: Block) -> None:
        """What a block computes is known in the blocks inside it, and forgotten at its end."""
        added: list[Hashable] = []
        kept: list[Stmt] = []
        for stmt in block.ops:
            if not isinstance(stmt, Op):
                outside = self.known
                if isinstance(stmt, Branch) and stmt.way != "if":       # inside, the same op may act otherwise
                    self.known = {}
                for inner in blocks_of(stmt):
                    self.block(inner)
                self.known = outside
            elif may_share(stmt):
                key = self.key_of(stmt)
                if key in self.known:
                    self.merge(stmt, self.known[key])
                    continue
                self.known[key] = stmt
                added.append(key)
            kept.append(stmt)
        block.ops = kept
        for key in added:
            del self.known[key]

    def merge(self, op: Op, first: Op) -> None:
        for gone, stays in zip(op.results, first.results, strict=True):
            self.mapping[gone] = stays
            if op.reverse is first.reverse:
                stays.hint = clearer(stays.hint, gone.hint)

    def key_of(self, op: Op) -> Hashable:
        """Equal for ops that compute the same; what is cheap is not kept from one sweep to the other."""
        keys = [self.mapping.get(a, a) if type(a) is Value else self.arg_key(a) for a in op.args]
        turned = commutes(op) and len(keys) == 2 and num(op.args[0]) is not None and num(op.args[1]) is not None
        args: Hashable = frozenset(keys) if turned else tuple(keys)
        kwargs = self.arg_key(op.kwargs) if op.kwargs else None
        return op.fn, args, kwargs, op.stopped, op.reverse and is_cheap(op)

    def arg_key(self, arg: Arg) -> Hashable:
        if isinstance(arg, Value):
            return self.mapping.get(arg, arg)
        if isinstance(arg, Const):
            return const_key(arg)
        if isinstance(arg, (tuple, list)):
            return (type(arg), *map(self.arg_key, arg))
        if isinstance(arg, dict):
            return (dict, *((key, self.arg_key(item)) for key, item in sorted(arg.items(), key=repr)))
        if isinstance(arg, Slice):
            return (Slice, *map(self.arg_key, (arg.start, arg.stop, arg.step)))
        return id(arg)


def may_share(op: Op) -> bool:
    """Pure, not a fresh buffer, and of numbers, arrays and lists alone, which do not change."""
    if has_effect(op) or opaque(op) or makes_memory(op) and (is_maker(op) or not operands(op)):
        return False
    creates = is_constant(op) and not any(isinstance(v.kind, Num) for v in operands(op))
    return not (creates and any(isinstance(r.kind, Num) and r.kind.is_array for r in op.results))
