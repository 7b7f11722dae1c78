"""Sums of products, and sums over an axis in the middle, by the functions that make no array on the way.

`(a * b).sum()` is `np.vdot(a, b)`, and of three axes and more `(a * b).sum(axis=1)` is
`np.einsum("ijk,ijk->ik", a, b)`: the sum to rounding, at a third of the price.  A sum of squares is taken apart, since
nothing cancels: `(a * a + b * b).sum()` is `np.vdot(a, a) + np.vdot(b, b)`; so is one of products in a derivative,
each of which is rounded already: what cancels does so no better before the sum.  A number that is known is multiplied
with the sum of products, not with each: `(3.0 * (a * b)).sum()` is `3.0 * np.vdot(a, b)`.

>>> from ad_compiler import grad
>>> import numpy as np
>>> def f(s, x):
...     return np.sum(np.sin(x) * s)
>>> g = grad(f)
>>> _ = g(2.0, np.ones((2, 3)))
>>> print(g.source.splitlines()[2].partition("  #")[0].strip())
s_bar = np.sin(x).sum()
>>> def h(s, x):
...     y = x * x
...     return np.sum(np.sin(y * s) * y)
>>> g = grad(h)
>>> _ = g(2.0, np.ones((2, 3)))
>>> "np.vdot(" in g.source
True
"""

from __future__ import annotations

import operator
from collections import Counter

import numpy as np

from ad_compiler.indices import parts_of
from ad_compiler.ir import Block, Const, Func, Op, Stmt, Value, blocks_in, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_addition, is_difference, is_product, is_sum, is_total
from ad_compiler.optimise.facts import alike, count_uses, is_square, num, number

LETTERS = "ijklmnop"
FEWEST_AXES = 3


def contract_sums(func: Func) -> Func:
    """Let sums make no array of products."""
    if any(map(is_total, walk(func.body))):
        _visit(func.body, count_uses(func.body))
    return func


def _visit(block: Block, uses: Counter[Value]) -> None:
    makers: dict[Value, Op] = {}
    gone: set[Op] = set()
    for inner in blocks_in(block.ops):
        _visit(inner, uses)
    for stmt in block.ops:
        if isinstance(stmt, Op):
            makers.update(dict.fromkeys(stmt.results, stmt))
    out: list[Stmt] = []
    for stmt in block.ops:
        if not is_total(stmt):
            out.append(stmt)
            continue
        parts = _taken_apart(stmt, makers, uses)
        for part in [p for total in parts or [stmt] for p in _scaled(total, makers, uses, gone)]:
            product = _contracted(part, makers, uses)
            if product is not None:
                gone.add(product)
            out.append(part)
        if parts:
            gone.add(makers[stmt.args[0]])
    block.ops = [s for s in out if s not in gone]


def _taken_apart(op: Op, makers: dict[Value, Op], uses: Counter[Value]) -> list[Op]:
    """The sum of a sum of squares as two sums and an addition; nothing where it is something else."""
    of = op.args[0] if len(op.args) == 1 and not op.kwargs else None
    made = makers.get(of) if isinstance(of, Value) and uses[of] == 1 else None
    if not is_sum(made) or made.kwargs:
        return []
    whole = num(of)
    sides = [makers[a] for a in made.args if isinstance(a, Value) and uses[a] == 1 and a in makers]
    sides = [side for side in sides if len(side.results) == 1]      # of a function that calls itself there are more
    if len(sides) < 2 or whole is None or whole.dtype != "float64" or not whole.shape \
            or not all(num(side.result) == whole for side in sides):
        return []
    if not (is_addition(made) and all(is_positive(side, makers) for side in sides)) and not (
            op.reverse and made.reverse and all(_is_product(side, whole, makers, uses) for side in sides)):
        return []
    parts = Block()
    totals = [parts.emit(np.sum, side.result, kind=op.result.kind, origin=op.origin, spelling=op.spelling,
                         stopped=op.stopped, reverse=op.reverse) for side in sides]
    return [*(s for s in parts.ops if isinstance(s, Op)),
            Op(operator.sub if is_difference(made) else operator.add, tuple(totals), {}, op.results, op.origin,
               stopped=op.stopped, reverse=op.reverse)]


def _is_product(op: Op, whole: Num, makers: dict[Value, Op], uses: Counter[Value]) -> bool:
    """Is this a product of two arrays of a derivative, times a number maybe?"""
    if not op.reverse or not is_product(op) or op.kwargs:
        return False
    if all(_is_like(a, whole) for a in op.args):
        return True
    return any(number(a) is not None and isinstance(b, Value) and uses[b] == 1 and b in makers
               and _is_product(makers[b], whole, makers, uses) for a, b in (op.args, op.args[::-1]))


def _scaled(op: Op, makers: dict[Value, Op], uses: Counter[Value], gone: set[Op]) -> list[Op]:
    """A sum of products that are each multiplied by one number, as their sum times that; else as it is."""
    of = op.args[0] if is_total(op) and len(op.args) == 1 and not op.kwargs else None
    made, kind = makers.get(of) if isinstance(of, Value) and uses[of] == 1 else None, num(of)
    if not is_product(made) or made.kwargs or kind is None or kind.dtype != "float64":
        return [op]
    for factor, rest in (made.args, made.args[::-1]):
        inner = makers.get(rest) if isinstance(rest, Value) and uses[rest] == 1 else None
        pair = _factors(inner) if inner is not None else None
        if number(factor) is None or pair is None or num(rest) != kind \
                or not all(isinstance(a, Value) and num(a) == kind for a in pair):
            continue
        gone.add(made)
        sums = Block()
        total = sums.emit(np.sum, rest, kind=op.result.kind, origin=op.origin, spelling=op.spelling,
                          stopped=op.stopped, reverse=op.reverse)
        return [*(s for s in sums.ops if isinstance(s, Op)),
                Op(operator.mul, (factor, total), {}, op.results, op.origin, stopped=op.stopped, reverse=op.reverse)]
    return _scaled_inside(op, made, makers, uses, gone) if op.reverse and made.reverse else [op]


def _scaled_inside(op: Op, made: Op, makers: dict[Value, Op], uses: Counter[Value], gone: set[Op]) -> list[Op]:
    """The same of `(3.0 * a) * b` in a derivative."""
    kind = num(made.result)
    assert kind is not None
    for scaled, other in (made.args, made.args[::-1]):
        inner = makers.get(scaled) if isinstance(scaled, Value) and uses[scaled] == 1 else None
        if not is_product(inner) or not inner.reverse or inner.kwargs or not isinstance(other, Value):
            continue
        for factor, array in (inner.args, inner.args[::-1]):
            if number(factor) is None or not isinstance(array, Value) or not num(array) == num(other) == kind:
                continue
            gone.update((made, inner))
            sums = Block()
            product = sums.emit(operator.mul, array, other, kind=kind, origin=op.origin, stopped=op.stopped,
                                reverse=True)
            total = sums.emit(np.sum, product, kind=op.result.kind, origin=op.origin, spelling=op.spelling,
                              stopped=op.stopped, reverse=True)
            parts = [s for s in sums.ops if isinstance(s, Op)]
            makers[product], uses[product] = parts[0], 1
            return [*parts, Op(operator.mul, (factor, total), {}, op.results, op.origin, stopped=op.stopped,
                               reverse=True)]
    return [op]


def is_positive(op: Op, makers: dict[Value, Op]) -> bool:
    """Is what an op makes nowhere negative: a square, or a positive multiple of one?"""
    if is_square(op):
        return True
    if not is_product(op):
        return False
    a, b = op.args
    if a is b:
        return True
    for one, other in ((a, b), (b, a)):
        known = number(one)
        made = makers.get(other) if isinstance(other, Value) else None
        if known is not None and known > 0 and made is not None and is_positive(made, makers):
            return True
        made = makers.get(one) if isinstance(one, Value) else None
        if is_product(made) and isinstance(other, Value) and other in made.args \
                and any((number(f) or 0) > 0 for f in made.args):
            return True
    return False


def _contracted(op: Op, makers: dict[Value, Op], uses: Counter[Value]) -> Op | None:
    """Change a sum; the product that it no longer needs."""
    of = op.args[0] if is_total(op) and len(op.args) == 1 and not set(op.kwargs) - {"axis"} else None
    kind = num(of) if isinstance(of, Value) else None
    if kind is None or not kind.shape or kind.dtype != "float64" or num(op.result) is None:
        return None
    axes = _axes(op, len(kind.shape))
    made = makers.get(of)       # type: ignore[arg-type]
    factors = _factors(made) if made is not None and uses[of] == 1 else None     # type: ignore[index]
    if factors is not None and not all(_is_like(a, kind) for a in factors):
        factors = None
    if axes is None:
        return None
    if len(axes) == len(kind.shape):
        if factors is None or any(num(a).shape != kind.shape for a in factors):     # type: ignore[union-attr]
            return None         # `vdot` looks at the number of elements alone
        op.fn, op.args, op.kwargs, op.spelling = np.vdot, factors, {}, ""
        return made
    if len(kind.shape) < FEWEST_AXES or factors is None and not {0, len(kind.shape) - 1}.isdisjoint(axes):
        return None         # the first axis and the last NumPy sums as fast
    names = LETTERS[:len(kind.shape)]
    left = "".join(name for at, name in enumerate(names) if at not in axes)
    operands = (of,) if factors is None else factors
    op.fn, op.args, op.kwargs, op.spelling = np.einsum, (
        Const(f"{','.join([names] * len(operands))}->{left}"), *operands), {}, ""
    return made if factors is not None else None


def _factors(op: Op) -> tuple[Value, ...] | None:
    """The two arrays that an op multiplies."""
    if is_square(op):
        return (op.args[0], op.args[0])
    return op.args if is_product(op) and not op.kwargs else None


def _is_like(atom: object, kind: Num) -> bool:
    """Has an operand the shape of the product?"""
    found = num(atom) if isinstance(atom, Value) else None
    return found is not None and found.dtype == kind.dtype and alike(found.shape, kind.shape)


def _axes(op: Op, count: int) -> tuple[int, ...] | None:
    """The axes that a sum goes over."""
    axis = op.kwargs.get("axis", Const(None))
    items = parts_of(axis)
    if not all(isinstance(a, Const) for a in items):
        return None
    values = [a.value for a in items]
    if values == [None]:
        return tuple(range(count))
    return tuple(v % count for v in values) if all(type(v) is int for v in values) else None
