"""An index that is never negative is made unsigned, where the compiler cannot see that for itself.

Numba counts a negative index from the end, as NumPy does, and asks at each element unless it knows the sign.  It
knows that of `i` and `i + 1`; it does not know that of `n - 1 - i`, `b * (b + 1) // 2` or `i % 3`.

>>> from ad_compiler.ir import Loop, show
>>> from ad_compiler.kinds import FLOAT, Sym
>>> x, n, i, body = Value("x", Num("float64", (Sym("x.0"),))), Value("n", INT), Value("i", INT), Block()
>>> k = body.emit(operator.sub, body.emit(operator.sub, n, i, kind=INT), Const(1), kind=INT)
>>> v = body.emit(operator.getitem, x, k, kind=FLOAT, hint="v")
>>> loop = Loop([], body, [], i, stop=n)
>>> print(show(unsigned_indices(Func("f", [x, n], Block([], [loop], [])))))      # doctest: +NORMALIZE_WHITESPACE
def f(x, n):
    for i in 0, n, 1 []: ->
        t = sub(n, i)
        t_2 = sub(t, 1)
        t_3 = uint64(t_2)
        v = getitem(x, t_3)
"""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler.analyse.affine import Prover, loops_of
from ad_compiler.analyse.chains import Chains
from ad_compiler.analyse.points import places
from ad_compiler.indices import is_integer
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Stmt, Value, blocks_of
from ad_compiler.kinds import INT, Num
from ad_compiler.ops import is_access, is_addition, is_difference, is_product, is_sum, traits


def unsigned_indices(func: Func) -> Func:
    """Make them so where they are used."""
    _Indices(Chains(func)).block(func.body)
    return func


class _Indices:
    """Works on one function."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains

    def block(self, block: Block) -> None:
        """Go through a block; an index that is used twice in it is made unsigned once."""
        known: dict[Value, Value] = {}
        ops: list[Stmt] = []
        for stmt in block.ops:
            for inner in blocks_of(stmt):
                self.block(inner)
            if is_access(stmt):
                self._op(stmt, known, ops)
            ops.append(stmt)
        block.ops = ops

    def _op(self, op: Op, known: dict[Value, Value], ops: list[Stmt]) -> None:
        array, index = op.args[0], op.args[1]
        if not isinstance(array, Value) or not isinstance(array.kind, Num) or not array.kind.shape:
            return

        def unsigned(part: Arg) -> Arg:
            if not isinstance(part, Value):
                return part
            if part not in known and self._is_obscure(part) and self._is_never_negative(part, op, array):
                known[part] = Value("", INT)
                ops.append(Op(np.uint64, (part,), {}, [known[part]], op.origin, reverse=op.reverse))
            return known.get(part, part)

        parts = tuple(map(unsigned, index)) if isinstance(index, tuple) else unsigned(index)
        op.args = (array, parts, *op.args[2:])

    def _is_obscure(self, atom: Atom) -> bool:
        """Is this a number whose sign the compiler does not see?"""
        op = self.chains.maker.get(atom) if isinstance(atom, Value) else None
        if not isinstance(op, Op) or len(op.args) != 2 or not is_integer(atom):
            return False
        left, right = op.args[0], op.args[-1]
        if is_product(op):
            return not isinstance(left, Const) and not isinstance(right, Const)
        return traits(op).divides or is_difference(op) and isinstance(right, Value) \
            or is_sum(op) and (self._is_obscure(left) or self._is_obscure(right))

    def _is_never_negative(self, part: Value, op: Op, array: Value) -> bool:
        around = loops_of(self.chains.place[op])
        prover = Prover(self.chains, around, len(around), array)
        if self._at_least(part, 0, prover):
            return True
        counted = [loop for loop in around if loop.index is not None]
        found = places(part, counted, self.chains) if len(counted) == len(around) else None
        return found is not None and min(found[0], default=0) >= 0

    def _at_least(self, atom: Arg, least: int, prover: Prover) -> bool:
        """Is a number 0, or 1, or above?"""
        if not isinstance(atom, (Value, Const)):
            return False
        form = prover.form(atom, "")
        if form is not None and prover.at_least(form, least):
            return True
        op = self.chains.maker.get(atom) if isinstance(atom, Value) else None
        if not isinstance(op, Op) or len(op.args) != 2 or not is_integer(atom):
            return False
        left, right = op.args
        if op.fn is operator.mod:
            return not least and self._at_least(right, 1, prover)
        if op.fn is operator.floordiv:
            return not least and self._at_least(left, 0, prover) and self._at_least(right, 1, prover)
        if is_addition(op):
            return self._at_least(left, least, prover) and self._at_least(right, 0, prover)
        return is_product(op) and self._at_least(left, least, prover) and self._at_least(right, least, prover)
