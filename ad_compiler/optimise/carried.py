"""What a loop carries and never changes is not carried; what it carries twice is carried once.

>>> from ad_compiler.ir import Block, Const, Func, Loop, Value, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> import operator
>>> x, s, w, n = Value("x", FLOAT), Value("s", FLOAT), Value("w", FLOAT), Value("n", INT)
>>> body = Block([s, w])
>>> body.results = [body.emit(operator.add, s, w, kind=FLOAT), w]
>>> s_out, w_out = Value("s", FLOAT), Value("w", FLOAT)
>>> loop = Loop([Const(0.0), x], body, [s_out, w_out], Value("i", INT), stop=n)
>>> func = Func("f", [x, n], Block([], [loop], [(s_out, w_out)]))
>>> print(show(drop_invariant_carried(func)))
def f(x, n):
    for i in 0, n, 1 [s = 0.0]: -> s_2
        t = add(s, x)
        hand on t
    return (s_2, x)
"""

from __future__ import annotations

from collections.abc import Hashable

from ad_compiler.indices import const_key, same_arg
from ad_compiler.ir import UNDEFINED, Atom, Block, Const, Func, Loop, Op, Value, blocks_of
from ad_compiler.optimise.dce import keep_columns
from ad_compiler.optimise.facts import replace_values
from ad_compiler.passes import counts


@counts
def drop_invariant_carried(func: Func) -> Func:
    """Replace a carried value that is always its init, or always another carried value, by that one."""
    while True:
        mapping: dict[Value, Atom] = {}
        _visit(func.body, mapping)
        if not mapping:
            return func
        replace_values(func, mapping)
        func.edits += 1


def _visit(block: Block, mapping: dict[Value, Atom]) -> None:
    for stmt in block.ops:
        if type(stmt) is not Op:
            for inner in blocks_of(stmt):
                _visit(inner, mapping)
            if isinstance(stmt, Loop):
                _tidy(stmt, mapping)


def _tidy(loop: Loop, mapping: dict[Value, Atom]) -> None:
    def now(atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in mapping:
            atom = mapping[atom]
        return atom

    kept: list[int] = []
    twins: dict[Hashable, int] = {}
    for at, (init, param, result) in enumerate(zip(loop.inits, loop.body.params, loop.results, strict=True)):
        init, handed = now(init), now(loop.body.results[at])
        if init is not UNDEFINED and (handed is param or same_arg(handed, init)):
            mapping[param] = mapping[result] = init
            continue
        twin = twins.setdefault((_key(init), _key(handed)), at)
        if twin != at and loop.body.params[twin].kind == param.kind:
            mapping[param], mapping[result] = loop.body.params[twin], loop.results[twin]
            continue
        kept.append(at)
    if len(kept) < len(loop.results):
        keep_columns(loop, kept)


def _key(atom: Atom) -> Hashable:
    return const_key(atom) if isinstance(atom, Const) else atom
