"""What may raise is kept, though its value is not needed: the gradient raises where the function would.

What cannot raise for the kinds that are known goes: operands whose lengths are the same, an index within a
known length, a division by a number that is not zero.

>>> import operator
>>> from ad_compiler.kinds import Num, Sym
>>> x, y = Value("x", Num("float64", (Sym("n", True),))), Value("y", Num("float64", (Sym("m", True),)))
>>> [may_fail(Op(operator.add, args, {}, [Value("", x.kind)]), {}) for args in ((x, x), (x, y))]
[False, True]
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ad_compiler.analyse.chains import region_kind
from ad_compiler.indices import COLON, parts_of
from ad_compiler.ir import Arg, Block, Const, Func, Loop, Op, Stmt, Value, blocks_of, values_in, walk
from ad_compiler.kinds import Dim, Num, Obj, Seq, Shape, Sym
from ad_compiler.ops import (
    is_elementwise,
    is_like,
    is_matrix_product,
    is_measure,
    is_overwrite,
    is_python,
    is_read,
    is_store,
    traits,
)
from ad_compiler.optimise.facts import count_uses, is_operation, num, number
from ad_compiler.passes import counts
from ad_compiler.rules.dims import times

Lengths = dict[Value, Dim | Value | None]


def index_lengths(func: Func) -> Lengths:
    """Loop indices that run from 0, or above, to a length: index → that length, None where it has no name.

    Of a list whose length is known to the run alone: the list.
    """
    found: Lengths = {}
    stmts = walk(func.body)
    loops = [stmt for stmt in stmts if type(stmt) is Loop]
    if not loops:
        return found
    lists = {op.result: op.args[0] for op in filter(is_measure, stmts) if seq(op.args[0]) is not None}
    for loop in loops:
        if loop.index is not None and number(loop.step) == 1 and (number(loop.start) or 0) >= 0 \
                and isinstance(loop.start, Const):
            kind = num(loop.stop)
            if kind is not None and kind.length is not None:
                found[loop.index] = kind.length
            else:
                found[loop.index] = loop.stop.value if isinstance(loop.stop, Const) else lists.get(loop.stop)
    return found


def may_fail(op: Op, lengths: Lengths) -> bool:
    """Could an op of the forward sweep raise for values that a program can meet?"""
    if op.reverse or op.derived or not op.results:
        return False
    if traits(op).divides and len(op.results) == 1:
        result = num(op.result)
        if result is not None and result.form == "py":
            return not number(op.args[1])
    if traits(op).shifts:
        return not (number(op.args[1]) or 0) >= 0 if isinstance(op.args[1], Const) else True
    if len(op.args) == 1 and is_python(op) and asks_truth(op):
        return True
    if has_pole(op):
        return not number(op.args[0])
    if is_read(op):
        return not _within(op, lengths)
    if traits(op).order == "reshape" and traits(op).view in ("laid out", "shape"):
        return not _is_laid_out(op)
    if traits(op).view == "stretched" and not is_like(op):
        return not _is_stretched(op)
    if traits(op).joins:
        return _is_unequal(op)
    if traits(op).makes == "array":
        return _is_ragged(op.args[0]) or _is_too_large(op.args[0], num(op.result))
    if traits(op).makes == "full" and len(op.args) > 1 and _is_too_large(op.args[1], num(op.result)):
        return True
    if _is_whole_power(op) and _may_be_negative(op.args[1]):
        return True
    if traits(op).meets is not None:
        return _do_not_meet(op)
    if is_store(op) and (_does_not_fit(op) or is_overwrite(op) and _is_too_large(op.args[2], num(op.result))):
        return True
    if is_overwrite(op) and not any(values_in(op.args[1])):
        return not _within(op, lengths) or any(isinstance(p, list) for p in parts_of(op.args[1]))
    if is_matrix_product(op):
        left, right = (k.shape if k is not None and k.shape else () for k in map(num, op.args[:2]))
        return bool(left and right) and left[-1] != right[-2:][0]
    if is_elementwise(op):
        shapes = [k.shape for k in map(num, op.args) if k is not None and k.shape]
        return len(shapes) > 1 and _mismatch(shapes)
    return False


def _is_whole_power(op: Op) -> bool:
    """Is it a power of NumPy's whole numbers, which raises where the exponent is negative?"""
    result = num(op.result) if traits(op).power and len(op.args) == 2 else None
    return result is not None and result.form != "py" and result.dtype.startswith("int")


def _may_be_negative(exponent: Arg) -> bool:
    """Is a whole number, or one of an array, not known to be 0 or more?"""
    if isinstance(exponent, Const) and isinstance(exponent.value, (bool, int, np.bool_, np.integer)):
        return int(exponent.value) < 0
    kind = num(exponent)
    counted = kind is not None and isinstance(kind.length, Sym) and isinstance(kind.length.key, str)
    return kind is not None and kind.dtype.startswith("int") and not counted


def _do_not_meet(op: Op) -> bool:
    """Is it not certain that the lengths of operands are those that they must be?"""
    asked = traits(op).meets
    assert asked is not None
    pairs = asked(*map(_kind, op.args), **{name: _kind(arg) for name, arg in op.kwargs.items()})
    return any(len(set(dims) - ({1} if stretched else set())) > 1 for dims, stretched in pairs)


def _kind(arg: Arg) -> Any:
    """What a rule is told of an operand: its kind, or what it is."""
    if isinstance(arg, (list, tuple)):
        return type(arg)(map(_kind, arg))
    return arg.kind if isinstance(arg, Value) else arg.value if isinstance(arg, Const) else arg


def seq(arg: Any) -> Seq | None:
    """The kind of a list whose length is known to the run alone."""
    return arg.kind if isinstance(arg, Value) and isinstance(arg.kind, Seq) else None


def asks_truth(op: Op) -> bool:
    """Is it the truth of an array, which one of several elements does not have?"""
    of, result = num(op.args[0]), num(op.result)
    return of is not None and bool(of.shape) and result is not None and (result.form, result.dtype) == ("py", "bool")


def has_pole(op: Op) -> bool:
    """Is it a negative power of Python's numbers, which raises at 0?"""
    if not traits(op).power or len(op.args) != 2 or len(op.results) != 1:
        return False
    result, exponent = num(op.result), number(op.args[1])
    return result is not None and result.form == "py" and isinstance(exponent, (int, float)) and exponent < 0


def _does_not_fit(store: Op) -> bool:
    """Is it not certain that what is stored has the shape of the place?"""
    place, value = region_kind(store), num(store.args[2])
    if not isinstance(place, Num) or place.shape is None or value is None or value.shape is None:
        return False
    return len(value.shape) > len(place.shape) or any(
        own not in (1, dim) for own, dim in zip(value.shape[::-1], place.shape[::-1], strict=False))


def _mismatch(shapes: list[tuple[Dim, ...]]) -> bool:
    """Is it not certain that these shapes broadcast together?"""
    rank = max(map(len, shapes))
    for axis in range(1, rank + 1):
        dims = {s[-axis] for s in shapes if len(s) >= axis} - {1}
        if len(dims) > 1:
            return True
    return False


def _within(op: Op, lengths: Lengths) -> bool:
    """Is every integer of an index known to be inside its axis?"""
    of = num(op.args[0])
    listed = seq(op.args[0])
    if listed is not None:      # a part of it cannot fail, nor what its own loop reads
        length = lengths.get(op.args[1])
        return num(op.args[1]) is None or length is op.args[0] or length is not None and length == listed.length
    if isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Shape):
        return num(op.args[1]) is None or isinstance(op.args[1], Const)
    if of is None or of.shape is None:
        return not isinstance(op.args[0], Value) or not isinstance(op.args[0].kind, Obj)
    parts = list(parts_of(op.args[1]))
    dots = next((at for at, p in enumerate(parts) if isinstance(p, Const) and p.value is Ellipsis), None)
    if dots is not None:
        parts[dots:dots + 1] = [COLON] * (len(of.shape) - sum(map(_axes, parts)))
    axis = 0
    for part in parts:
        if isinstance(part, Const) and part.value is None:
            continue
        kind = num(part) if isinstance(part, (Value, Const)) else None
        if is_read(op) and (isinstance(part, list) or kind is not None and kind.shape != ()):
            rank = _mask_fits(kind, of.shape[axis:])
            if not rank:
                return False
            axis += rank
            continue
        whole = kind is not None and kind.shape == () and kind.dtype != "bool"
        if whole and (axis >= len(of.shape) or not _inside(part, of.shape[axis], lengths)):
            return False
        axis += 1
    return axis <= len(of.shape)


def _axes(part: Arg) -> int:
    """Of how many axes is this part of an index?"""
    if isinstance(part, Const) and (part.value is None or part.value is Ellipsis):
        return 0
    kind = num(part) if isinstance(part, (Value, Const)) else None
    return len(kind.shape) if kind is not None and kind.dtype == "bool" and kind.shape else 1


def _mask_fits(mask: Num | None, dims: tuple[Dim, ...]) -> int:
    """Of how many axes a mask is that is as long as what it picks from; 0 where that is not known."""
    if mask is None or mask.dtype != "bool" or mask.shape is None or len(mask.shape) > len(dims):
        return 0
    return len(mask.shape) if all(a == b for a, b in zip(mask.shape, dims, strict=False)) else 0


def _is_laid_out(op: Op) -> bool:
    """Is it certain that an array has as many elements as the shape that it is to have?"""
    of, result = num(op.args[0]), num(op.result)
    if of is None or result is None or of.shape is None or result.shape is None:
        return of is None
    if any(number(n) == -1 for n in parts_of(op.args[1] if len(op.args) > 1 else Const(0))):
        return len(result.shape) - result.shape.count(1) <= 1
    return times(*of.shape) == times(*result.shape)


def _is_stretched(op: Op) -> bool:
    """Is it certain that an array can be stretched to the shape that it is to have?"""
    of, result = num(op.args[0]), num(op.result)
    if of is None or result is None or of.shape is None or result.shape is None:
        return True
    return all(own in (1, dim) for own, dim in zip(of.shape[::-1], result.shape[::-1], strict=False))


def _is_unequal(op: Op) -> bool:
    """May the arrays that are joined differ in an axis that they must have in common?"""
    how, axis = traits(op).joins, number(op.kwargs.get("axis", op.args[1] if len(op.args) > 1 else Const(0)))
    kinds = list(map(num, op.args[0])) if isinstance(op.args[0], (list, tuple)) else []
    shapes = [k.shape for k in kinds if k is not None and k.shape is not None]
    if len(shapes) < max(2, len(kinds)) or how == "along an axis" and axis is None:
        return False
    rank = len(shapes[0])
    free = None if how == "as they are" or how == "rows" and rank < 2 or not rank else (axis or 0) % rank
    return any(at != free and len(set(dims)) > 1 for at, dims in enumerate(zip(*shapes, strict=False)))


def _is_too_large(items: Arg, into: Num | None) -> bool:
    """Is a whole number of Python's among these beyond the dtype that it is to have?"""
    if into is None or not into.dtype.startswith(("int", "uint")):
        return False
    if isinstance(items, (list, tuple)):
        return any(_is_too_large(item, into) for item in items)
    known, limits = items.value if isinstance(items, Const) else 0, np.iinfo(into.dtype)
    return type(known) is int and not limits.min <= known <= limits.max


def _is_ragged(items: Arg) -> bool:
    """May the items of a list that becomes an array differ in shape?"""
    return isinstance(items, (list, tuple)) and (any(map(_is_ragged, items)) or len(set(map(_shape, items))) > 1)


def _shape(item: Arg) -> tuple[Dim, ...]:
    """The shape of a number, an array or a list that is not ragged."""
    if isinstance(item, (list, tuple)):
        return (len(item), *(_shape(item[0]) if item else ()))
    kind = num(item)
    return kind.shape or () if kind is not None else ()


def _inside(part: Value | Const, dim: Dim, lengths: Lengths) -> bool:
    if isinstance(part, Const):
        shortest = dim if isinstance(dim, int) else 2 if dim.not_one else 0
        return isinstance(part.value, (int, np.integer)) and -shortest <= int(part.value) < shortest
    length = lengths.get(part)
    if length is None:
        return False
    if isinstance(length, int) and isinstance(dim, int):
        return length <= dim
    return length == dim or isinstance(length, Sym) and isinstance(length.key, tuple) and length.key[0] == "minus" \
        and length.key[1] == dim


@counts
def check_shapes(func: Func) -> Func:
    """An operation kept only because its shapes may not fit asks for the shapes alone, and not twice."""
    while _check(func):
        func.edits += 1
    return func


def _check(func: Func) -> bool:
    uses = count_uses(func.body)
    stmts = walk(func.body)
    if not any(_has_only_shapes(stmt, uses) for stmt in stmts):
        return False
    makers = {v: stmt for stmt in stmts if isinstance(stmt, Op) for v in stmt.results}
    certain: set[frozenset[Any]] = set()
    for stmt in func.body.ops:
        if isinstance(stmt, Op) and any(uses[r] for r in stmt.results) and is_elementwise(stmt):
            certain |= _pairs([a.kind.shape for a in _arrays(stmt)])        # type: ignore[union-attr]
    return _check_block(func.body, uses, makers, certain)


def _has_only_shapes(stmt: Stmt, uses: Counter[Value]) -> bool:
    """Does nothing read what this makes of several arrays, element by element?"""
    return isinstance(stmt, Op) and not stmt.reverse and is_elementwise(stmt) and len(stmt.results) == 1 \
        and not uses[stmt.result] and not stmt.effect and len(_arrays(stmt)) > 1 \
        and not (_is_whole_power(stmt) and _may_be_negative(stmt.args[1]))


def _check_block(block: Block, uses: Counter[Value], makers: dict[Value, Op], certain: set[frozenset[Any]]) -> bool:
    out: list[Stmt] = []
    changed = False
    for stmt in block.ops:
        if not isinstance(stmt, Op):
            for inner in blocks_of(stmt):
                changed = _check_block(inner, uses, makers, set(certain)) or changed
        if not isinstance(stmt, Op) or not _has_only_shapes(stmt, uses):
            out.append(stmt)
            continue
        changed = True
        pairs = _pairs([a.kind.shape for a in _arrays(stmt)])       # type: ignore[union-attr]
        if not pairs <= certain:
            certain |= pairs
            shapes = []
            for array in _arrays(stmt):
                source = _of_same_shape(array, makers)
                kind = source.kind
                assert isinstance(kind, Num)
                assert kind.shape is not None
                shapes.append(Value("", Shape(kind.shape)))
                out.append(Op(getattr, (source, Const("shape")), {}, [shapes[-1]], stmt.origin))
            out.append(Op(np.broadcast_shapes, tuple(shapes), {}, [], stmt.origin, effect=True))
    block.ops = out
    return changed


def _arrays(op: Op) -> list[Value]:
    return [a for a in op.args if isinstance(a, Value) and isinstance(a.kind, Num) and a.kind.shape]


def _pairs(shapes: list[Any]) -> set[frozenset[Any]]:
    return {frozenset((a, b)) for at, a in enumerate(shapes) for b in shapes[:at] if a != b}


def _of_same_shape(value: Value, makers: dict[Value, Op]) -> Value:
    """What a value was made from, as far back as the shape is the same: so it need not be computed."""
    made = makers.get(value)
    if made is not None and is_operation(made):
        for arg in _arrays(made):
            if isinstance(arg.kind, Num) and isinstance(value.kind, Num) and arg.kind.shape == value.kind.shape:
                return _of_same_shape(arg, makers)
    return value
