"""Loops whose iterations are independent are run on several threads, with `parallel=True`.

An iteration may write into an array where no other reads or writes: at its own index.  A number that every iteration
adds to once is summed by `numba.prange`.  Where iterations add to whole arrays, they are dealt out in shares, each
share has an array of its own, and these are added up afterwards: in the same order, however many threads there are.

>>> import operator
>>> from ad_compiler.ir import Block, Func, Loop, Value, show
>>> from ad_compiler.kinds import FLOAT, INT, Num
>>> def row(count):
...     i, j, w, inner = Value("i", INT), Value("j", INT), Value("w_bar", Num("float64", (3,))), Block()
...     v, u = Value("w_bar", w.kind), Value("w_bar", w.kind)
...     inner.params, inner.results = [u], [inner.emit(runtime.index_add, u, j, Const(1.0), kind=w.kind, hint="w_bar")]
...     loop = Loop([v], inner, [Value("w_bar", w.kind)], j, stop=Const(3))
...     whole = Loop([w], Block([v], [loop], list(loop.results)), [Value("w_bar", w.kind)], i, stop=count)
...     return Func("f", [w, count], Block([], [whole], list(whole.results)))
>>> print(show(run_in_parallel(row(Value("n", INT)))))
def f(w_bar, n):
    w_bar_parts = empty((16, 3))
    for p in 0, 16, 1 [w_bar_parts_2 = w_bar_parts]: -> w_bar_parts_3 independent
        t = mul(p, n)
        t_2 = floordiv(t, 16)
        t_3 = add(p, 1)
        t_4 = mul(t_3, n)
        t_5 = floordiv(t_4, 16)
        w_bar_2 = zeros(3)
        for i in t_2, t_5, 1 [w_bar_3 = w_bar_2]: -> w_bar_4
            for j in 0, 3, 1 [w_bar_5 = w_bar_3]: -> w_bar_6
                w_bar_7 = index_add(w_bar_5, j, 1.0)
                hand on w_bar_7
            hand on w_bar_6
        w_bar_parts_4 = index_set(w_bar_parts_2, p, w_bar_4)
        hand on w_bar_parts_4
    t_6 = sum(w_bar_parts_3, axis=0)
    w_bar_8 = add(w_bar, t_6)
    return w_bar_8

To start threads takes longer than a thousand additions.  So a loop inside a loop that is not shared out is left as it
is, unless there are loops in it; and an array that grows with the loop is not added to in shares.
"""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_of,
    definitions,
    operands,
    values_in,
    walk,
)
from ad_compiler.kinds import INT, Num, Shape
from ad_compiler.loops.apart import is_apart, is_basic
from ad_compiler.loops.views import dtype_argument
from ad_compiler.ops import (
    accumulates,
    asks_attribute,
    has_effect,
    is_constant,
    is_elementwise,
    is_increment,
    is_like,
    is_maker,
    is_matrix_product,
    is_read,
    is_store,
    is_zeros,
    traits,
)
from ad_compiler.optimise.fuse import adds_up

LEAST = 2_000
"""So many iterations are worth starting threads for, where their number is known."""

LEAST_SHARED = 4
"""So many iterations a share has at the least, where their number is known: it begins with an array of zeros."""

SHARES = 16
"""Into so many parts a loop is dealt out that adds to arrays."""

SHARED, SUMMED, COLLECTED = "shared", "summed", "collected"
"""What is carried: written apart, or not at all; a number added to once; what each share adds up for itself."""


def run_in_parallel(func: Func) -> Func:
    """Mark the loops that may run on several threads, and give each share of them sums of its own.

    Nothing is marked where operations on whole arrays are left, or a name may stand for arrays of several lengths.
    Where anything is parallel Numba finds out which lengths are equal, and is wrong of axes that are stretched and of
    what loops carry: it would raise `AssertionError`.  And BLAS makes products with threads of its own, which get in
    the way of Numba's: a network took four times as long.
    """
    if not any(_meets_arrays(stmt) or _lengths_vary(stmt) for stmt in walk(func.body)):
        _visit(func.body, inside=False)
    return func


def _meets_arrays(stmt: Stmt) -> bool:
    """Is this an operation on several arrays, element by element, a product of them, or a store of one in another?"""
    if not isinstance(stmt, Op):
        return False
    if is_store(stmt):
        met = [stmt.args[0], stmt.args[2]]
    else:
        met = operands(stmt) if works_on_numbers(stmt) or is_matrix_product(stmt) else []
    return sum(isinstance(v, Value) and isinstance(v.kind, Num) and v.kind.is_array for v in met) > 1


def works_on_numbers(op: Op) -> bool:
    """Does this give one number for each?  Indices and divisors are checked before, so that Numba raises nothing."""
    return is_elementwise(op) or traits(op).casts


def _lengths_vary(stmt: Stmt) -> bool:
    """Is an array carried, or handed on by a branch, whose shape is not known to be that of the one before it?"""
    if isinstance(stmt, Op):
        return False
    ways: list[Any] = [stmt.inits, stmt.body.params, stmt.body.results] if isinstance(stmt, Loop) else \
        [stmt.then.results, stmt.orelse.results] if stmt.way == "if" else []
    for result, *others in zip(stmt.results, *ways, strict=True):
        kinds = [atom.kind for atom in (result, *others) if isinstance(atom, Value)]
        shapes = {kind.shape if isinstance(kind, Num) else () for kind in kinds}
        if len(shapes) > 1 or None in shapes:
            return True
    return False


def _visit(block: Block, *, inside: bool) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        ways = None
        if isinstance(stmt, Loop) and (not inside or _has_loops(stmt)) and _work(stmt) >= LEAST:
            ways = _ways(stmt)
        if isinstance(stmt, Loop) and ways is not None:
            stmt.backward = False
            if COLLECTED in ways:
                ops += _shared_out(stmt, ways, {v: op for op in ops if isinstance(op, Op) for v in op.results})
                continue
            stmt.independent = True
        else:
            for inner in blocks_of(stmt):
                _visit(inner, inside=inside or isinstance(stmt, Loop))
        ops.append(stmt)
    block.ops = ops


def _work(loop: Loop) -> float:
    """How many iterations are done, those of loops inside counted: infinite where that is not known."""
    trips = _trips(loop)
    most = max([_work(inner) for inner in walk(loop.body) if isinstance(inner, Loop)], default=1)
    return trips * most if trips and most else 0


def _trips(loop: Loop) -> float:
    bounds = [bound.value for bound in (loop.start, loop.stop, loop.step) if isinstance(bound, Const)]
    return len(range(*bounds)) if len(bounds) == 3 and loop.index is not None else math.inf


def _is_zero(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.value == 0


def _has_loops(loop: Loop) -> bool:
    return any(isinstance(stmt, Loop) for stmt in walk(loop.body))


# -- may it be? --------------------------------------------------------------------------------------


def _ways(loop: Loop) -> list[str] | None:
    """How each carried value is dealt with; None where iterations depend on one another."""
    if loop.index is None or loop.leave is not None or loop.trails or loop.trips is not None \
            or not isinstance(loop.step, Const) or loop.step.value != 1 or not all(map(_is_quiet, walk(loop.body))):
        return None
    ways = [_way(loop, at) for at in range(len(loop.inits))]
    return None if None in ways else ways       # type: ignore[return-value]


def _way(loop: Loop, at: int) -> str | None:
    param, handed = loop.body.params[at], loop.body.results[at]
    if param is handed:
        return SHARED
    kind = param.kind
    if not isinstance(kind, Num) or kind.shape is None:
        return None
    if kind.shape and is_apart(loop, at):
        return SHARED
    if not kind.real and not kind.dtype.startswith("int") or not adds_up(loop.body, {param: handed}):
        return None
    sums = _sums(loop.body, param)
    if not kind.shape:
        return SUMMED if [op.fn for op in sums] == [operator.add] else COLLECTED
    pays = _has_loops(loop) and _trips(loop) >= LEAST_SHARED * SHARES and _places_of(sums).isdisjoint(_made_of(loop))
    return COLLECTED if pays else None


def _is_quiet(stmt: Stmt) -> bool:
    """May this be done in any order, and does it raise nothing?  Numba loses what is raised in another thread."""
    if not isinstance(stmt, Op):
        return all(isinstance(value.kind, Num) for value in definitions(stmt))
    if stmt.effect:
        return False
    if asks_attribute(stmt) or is_maker(stmt):
        return True
    if is_read(stmt):
        source = stmt.args[0]
        return isinstance(source, Value) and (isinstance(source.kind, Shape) or is_basic(stmt.args[1]))
    if is_store(stmt):
        return is_basic(stmt.args[1]) and _is_number(stmt.args[2])
    known = works_on_numbers(stmt) or is_constant(stmt) and not traits(stmt).raises and not has_effect(stmt)
    return known and stmt.fn is not math.fmod and all(map(_is_number, (*stmt.results, *operands(stmt))))


def _is_number(atom: Arg) -> bool:
    return isinstance(atom, Const) or isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.shape == ()


def _sums(block: Block, value: Value) -> list[Op]:
    """The ops that add to a value, in the blocks inside too."""
    found: list[Op] = []
    names = {value}
    for stmt in walk(block):        # outer before inner: a loop before what it carries
        if accumulates(stmt) and stmt.args[0] in names:
            found.append(stmt)
            names.update(stmt.results)
        elif isinstance(stmt, Loop):
            pairs = zip(stmt.inits, stmt.body.params, stmt.results, strict=True)
            names.update(v for init, *inside in pairs if init in names for v in inside)
        elif not isinstance(stmt, Op):
            names.update(stmt.results)      # what an arm hands on, at the least
    return found


def _places_of(sums: list[Op]) -> set[Value]:
    return {v for op in sums if is_increment(op) for v in values_in(op.args[1])}


def _made_of(loop: Loop) -> set[Value]:
    """What is computed from the index of a loop, or read at it."""
    assert loop.index is not None
    found = {loop.index}
    for stmt in walk(loop.body):
        if isinstance(stmt, Op) and not found.isdisjoint(operands(stmt)):
            found.update(stmt.results)
    return found


# -- what each share has -----------------------------------------------------------------------------


def _shared_out(loop: Loop, ways: list[str], makers: dict[Value, Op]) -> list[Stmt]:
    """The loop over the shares, in which `loop` goes through one, and what stands before and after it."""
    shares = _Shares(loop)
    for at, way in enumerate(ways):
        if way == SHARED:
            shares.hand_through(at)
        else:
            shares.add_up(at, makers)
    return [*shares.before.ops, shares.around, *shares.after.ops]


class _Shares:
    """A loop that is dealt out."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.flags: dict[str, Any] = {"origin": loop.origin, "reverse": loop.reverse}
        self.before, self.body, self.after = Block(), Block(), Block()
        self.share = Value("p", INT)
        first, past = loop.start, loop.stop
        count = past if _is_zero(first) else self.before.emit(operator.sub, past, first, kind=INT)
        loop.start = self._bound(self.share, count, first)
        loop.stop = self._bound(self.body.emit(operator.add, self.share, Const(1), kind=INT), count, first)
        self.body.ops.append(loop)
        self.around = Loop([], self.body, [], self.share, stop=Const(SHARES), origin=loop.origin, reverse=loop.reverse,
                           independent=True)

    def _bound(self, share: Value, count: Atom, first: Atom) -> Value:
        """Where a share begins: `share * count // SHARES`, from the first iteration on."""
        product = self.body.emit(operator.mul, share, count, kind=INT)
        place = self.body.emit(operator.floordiv, product, Const(SHARES), kind=INT)
        return place if _is_zero(first) else self.body.emit(operator.add, first, place, kind=INT)

    def _carry(self, init: Atom, handed: Value, result: Value) -> Value:
        """Have the loop over the shares carry one more; the answer stands for it in an iteration."""
        param = Value(handed.hint, handed.kind)
        self.around.inits.append(init)
        self.body.params.append(param)
        self.body.results.append(handed)
        self.around.results.append(result)
        return param

    def _own_result(self, at: int) -> Value:
        result = self.loop.results[at]
        self.loop.results[at] = Value(result.hint, result.kind)
        return self.loop.results[at]

    def hand_through(self, at: int) -> None:
        """An array that iterations write apart."""
        result = self.loop.results[at]
        self.loop.inits[at] = self._carry(self.loop.inits[at], self._own_result(at), result)

    def add_up(self, at: int, makers: dict[Value, Op]) -> None:
        """A sum: each share begins at zero, what they come to is added up."""
        param, init, result = self.loop.body.params[at], self.loop.inits[at], self.loop.results[at]
        kind = param.kind
        assert isinstance(kind, Num)
        dtype = dtype_argument(kind)
        lengths = self._lengths(init, kind, makers)
        hint = "sum" if param.hint.startswith("~") else param.hint or "sum"
        whole = Num(kind.dtype, (SHARES, *(kind.shape or ())))
        parts = self.before.emit(np.empty, (Const(SHARES), *lengths) if lengths else Const(SHARES), kind=whole,
                                 hint=f"{hint}_parts", kwargs=dtype, **self.flags)
        own, start = self._own_result(at), Value(param.hint, kind)
        if lengths:
            shape = lengths[0] if len(lengths) == 1 else tuple(lengths)
            zeros = Op(np.zeros, (shape,), dict(dtype), [start], **self.flags)
            self.body.ops.insert(self.body.ops.index(self.loop), zeros)
        self.loop.inits[at] = start if lengths else Const(0.0 if kind.real else 0)
        full, stored = Value(parts.hint, whole), Value(parts.hint, whole)
        given = self._carry(parts, stored, full)
        self.body.ops.append(Op(runtime.index_set, (given, self.share, own), {}, [stored], **self.flags))
        axis: dict[str, Arg] = {"axis": Const(0)} if lengths else {}
        if _starts_at_zero(init, makers):
            self.after.ops.append(Op(np.sum, (full,), axis, [result], **self.flags))
            return
        total = self.after.emit(np.sum, full, kind=replace(kind, form="array" if axis else "np"), kwargs=axis,
                                **self.flags)
        added = any(op.reverse for op in _sums(self.loop.body, param))
        self.after.ops.append(Op(operator.add, (init, total), {}, [result], self.loop.origin, reverse=added))

    def _lengths(self, init: Atom, kind: Num, makers: dict[Value, Op]) -> list[Atom]:
        """The lengths of an array that is added to."""
        maker = makers.get(init) if isinstance(init, Value) else None
        if is_zeros(maker) and not is_like(maker) and len(maker.args) == 1:
            given = maker.args[0]
            return list(given) if isinstance(given, tuple) else [given]
        if is_zeros(maker) and is_like(maker):
            init = maker.args[0]
        lengths: list[Atom] = []
        for axis, length in enumerate(kind.shape or ()):
            if isinstance(length, int):
                lengths.append(Const(length))
                continue
            shape = self.before.emit(getattr, init, Const("shape"), kind=Shape(kind.shape or ()))
            lengths.append(self.before.emit(operator.getitem, shape, Const(axis), kind=replace(INT, length=length)))
        return lengths


def _starts_at_zero(init: Atom, makers: dict[Value, Op]) -> bool:
    if isinstance(init, Const):
        return bool(init.value == 0)
    return is_zeros(makers.get(init))
