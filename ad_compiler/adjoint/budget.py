"""A budget for memory: loops of which much would be kept share it; each keeps as many states as it has room for.

>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import INT, Sym
>>> u = Value("u", Num("float64", (Sym("m", True),)))
>>> n, v, bar = Value("n", INT), Value("u", u.kind), Value("u_bar", u.kind)
>>> forward, reverse = Block([v]), Block([bar])
>>> forward.results = [forward.emit(np.sin, v, hint="u", kind=u.kind)]
>>> reverse.results = [reverse.emit(np.multiply, bar, v, hint="u_bar", kind=u.kind)]
>>> first = Loop([u], forward, [Value("u", u.kind)], Value("i", INT), stop=n)
>>> second = Loop([u], reverse, [Value("u_bar", u.kind)], Value("i", INT), stop=n, reverse=True, mirror=first)
>>> func = Func("f", [u, n], Block([], [first, second], list(second.results)))
>>> share_out(func.body, 1_000_000)
>>> for line in show(func).splitlines()[1:6]:
...     print(line)
    t = size(u)
    t_2 = mul(8, t)
    t_3 = add(128, t_2)
    snapshots = floordiv(1000000, t_3)
    for i in 0, n, 1 [u_2 = u]: -> u_3 snapshots snapshots
"""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler.adjoint.snapshots import holder_of, needed
from ad_compiler.ir import Atom, Block, Const, Loop, Value, blocks_of
from ad_compiler.kinds import Num
from ad_compiler.read.abstract import Abstract
from ad_compiler.read.lift import Lifter

ENTRY = 128
"""Bytes for an entry of a list and the object in it, beside the elements of an array."""


def share_out(block: Block, memory: int) -> None:
    """Let the outermost loops that have a reverse keep snapshots, all together of so many bytes."""
    found = [(reverse.mirror, reverse) for reverse in outermost(block)]
    sharing = [(loop, state) for loop, reverse in found if loop is not None and loop.snapshots is None
               for state, stmts in [needed(loop, reverse)] if stmts]
    for loop, state in sharing:
        around, lifter = holder_of(block, loop), Lifter(Block(), watching=False)
        lifter.fixed_origin = loop.origin
        inits = [init for init, param in zip(loop.inits, loop.body.params, strict=True) if param in state]
        room: Abstract = Const(ENTRY * max(1, len(inits)))
        for init in inits:
            room = lifter.apply(operator.add, [room, bytes_of(lifter, init)])
        loop.snapshots = lifter.apply(operator.floordiv, [Const(memory // len(sharing)), room])     # one is always kept
        if isinstance(loop.snapshots, Value):
            loop.snapshots.hint = "snapshots"
        at = next(i for i, s in enumerate(around.ops) if s is loop)
        around.ops[at:at] = lifter.block.ops


def outermost(block: Block) -> list[Loop]:
    """The loops that are the reverse of another, but for those inside them."""
    found: list[Loop] = []
    for stmt in block.ops:
        if isinstance(stmt, Loop) and stmt.mirror is not None:
            found.append(stmt)
        else:
            found += [loop for inner in blocks_of(stmt) for loop in outermost(inner)]
    return found


def bytes_of(lifter: Lifter, atom: Atom) -> Abstract:
    """How much room the elements of an array take."""
    if not isinstance(atom, Value) or not isinstance(atom.kind, Num) or not atom.kind.is_array:
        return Const(0)
    size = lifter.calls.call(Const(np.size), [atom], {})
    return lifter.apply(operator.mul, [Const(np.dtype(atom.kind.dtype).itemsize), size])
