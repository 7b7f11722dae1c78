"""Functions that Numba lacks, or has in another form, in terms of those that become loops.

>>> from ad_compiler.ir import Block, Func, Value, show
>>> from ad_compiler.kinds import Num, Sym
>>> x, block = Value("x", Num("float64", (Sym("n", True),))), Block()
>>> block.results = [block.emit(np.mean, x, kind=Num("float64", (), "np"))]
>>> print(show(spell(Func("f", [x], block))))
def f(x):
    t = sum(x)
    t_2 = getattr(x, 'shape')
    t_3 = getitem(t_2, 0)
    t_4 = truediv(t, t_3)
    return t_4
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import COLON, is_colon, is_integer, parts_of
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Slice, Stmt, Value, blocks_of, values_in
from ad_compiler.kinds import INT, Dim, Num, Seq, Shape
from ad_compiler.loops.elements import may_stretch
from ad_compiler.loops.stacks import dot, product
from ad_compiler.loops.unlike import of_whole, refused, text_of, unlike
from ad_compiler.loops.views import axes_of, dtype_of, rank, region, shape_of
from ad_compiler.loops.writer import Makers, Writer
from ad_compiler.ops import is_length, is_measure, is_product, is_sum, traits
from ad_compiler.optimise.facts import num, number


def spell(func: Func) -> Func:
    """Spell out functions throughout."""
    _visit(func.body, {})
    return func


def _visit(block: Block, makers: Makers) -> None:
    ops: list[Stmt] = []
    makers = dict(makers)
    for stmt in (part for whole in block.ops for part in _kept_apart(whole)):
        for inner in blocks_of(stmt):
            _visit(inner, makers)
        rule = _RULES.get(stmt.fn) if isinstance(stmt, Op) else None
        if isinstance(stmt, Op):
            stmt.args = tuple(map(_dtype, stmt.args))
            stmt.kwargs = {name: _dtype(arg) for name, arg in stmt.kwargs.items()}
            makers.update(dict.fromkeys(stmt.results, stmt))
        write = Writer(stmt, makers) if rule is not None and isinstance(stmt, Op) and len(stmt.results) == 1 else None
        if rule is None or write is None or not rule(write.op, write):
            ops.append(stmt)
        else:
            ops += write.block.ops
            makers.update({v: s for s in write.block.ops if isinstance(s, Op) for v in s.results})
    block.ops = ops


def _dtype(arg: Arg) -> Arg:
    """Numba knows NumPy's types as dtypes, not Python's."""
    known = isinstance(arg, Const) and isinstance(arg.value, type) and arg.value in _DTYPES
    return Const(_DTYPES[arg.value]) if known else arg


def _kept_apart(stmt: Stmt) -> tuple[Stmt, ...]:
    """What is left of a reduction over all axes, and kept as axes of length 1: a number, that fills an array."""
    if not isinstance(stmt, Op) or "keepdims" not in stmt.kwargs or not _is_float_array(stmt.args[0]):
        return (stmt,)
    said = stmt.kwargs["keepdims"]
    if not isinstance(said, Const) or not said.value:
        return (stmt,)
    axes, kind = axes_of(replace(stmt, kwargs={k: v for k, v in stmt.kwargs.items() if k != "ddof"})), stmt.result.kind
    if axes is None or not isinstance(kind, Num) or not kind.shape or len(axes) != len(kind.shape):
        return (stmt,)
    number = Value("", Num(kind.dtype, (), "np"))
    rest = {name: value for name, value in stmt.kwargs.items() if name not in ("axis", "keepdims")}
    return (replace(stmt, args=stmt.args[:1], kwargs=rest, results=[number]),
            Op(np.full, (tuple(Const(1) for _ in axes), number), {}, stmt.results, stmt.origin, reverse=stmt.reverse))


def _reduced(of: Num, axes: tuple[int, ...], keep: bool) -> Num:
    shape: tuple[Dim, ...] = tuple(1 if at in axes else dim for at, dim in enumerate(of.shape or ())
                                   if keep or at not in axes)
    return Num(of.dtype, shape, "array" if shape else "np")


def _is_float_array(value: Arg) -> bool:
    return isinstance(value, Value) and isinstance(value.kind, Num) and value.kind.real and bool(value.kind.shape)


def _mean(op: Op, write: Writer) -> bool:
    axes = axes_of(op)
    if axes is None or not _is_float_array(op.args[0]):
        return False
    of = op.args[0]
    total = write(np.sum, *op.args, kind=op.result.kind, **op.kwargs)
    return write.last(operator.truediv, total, write.count(of, axes))


def _variance(op: Op, write: Writer) -> bool:
    """The mean of squared differences from the mean, over one less where `ddof=1`."""
    ddof = op.kwargs.get("ddof", Const(0))
    plain = replace(op, kwargs={k: v for k, v in op.kwargs.items() if k != "ddof"})
    axes = axes_of(plain)
    if axes is None or not _is_float_array(op.args[0]) or not isinstance(ddof, Const):
        return False
    x = op.args[0]
    kept = _reduced(x.kind, axes, True)
    count = write.count(x, axes)
    if len(axes) == len(x.kind.shape):
        kept = _reduced(x.kind, axes, False)
        mean = write(operator.truediv, write(np.sum, x, kind=kept), count, kind=kept)
    else:
        axis: Arg = Const(axes[0]) if len(axes) == 1 else tuple(map(Const, axes))
        mean = write(operator.truediv, write(np.sum, x, kind=kept, axis=axis, keepdims=Const(True)), count, kind=kept)
    apart = write(operator.sub, x, mean, kind=x.kind)
    squares = write(operator.mul, apart, apart, kind=x.kind)
    total = write(np.sum, squares, *op.args[1:], kind=op.result.kind, **plain.kwargs)
    over: Atom = count if ddof.value == 0 else write(operator.sub, count, ddof, kind=INT)
    if op.fn is np.var:
        return write.last(operator.truediv, total, over)
    return write.last(np.sqrt, write(operator.truediv, total, over, kind=op.result.kind))


def _norm(op: Op, write: Writer) -> bool:
    """The root of the sum of squares, where no other norm is asked for."""
    x = op.args[0]
    kind = op.args[1] if len(op.args) > 1 else op.kwargs.get("ord")
    if isinstance(kind, Const) and kind.value == "fro":       # of a matrix there is no other here
        op.args, op.kwargs = op.args[:1], {name: arg for name, arg in op.kwargs.items() if name != "ord"}
    if len(op.args) > 1 or set(op.kwargs) - {"axis", "keepdims"} or not _is_float_array(x):
        return False
    if rank(x) != 1 and "axis" not in op.kwargs:
        return False
    axes = axes_of(op)
    if axes is None or len(axes) != 1:
        return False
    total = write(np.sum, write(operator.mul, x, x, kind=x.kind), kind=op.result.kind, **op.kwargs)
    return write.last(np.sqrt, total)


def _square(op: Op, write: Writer) -> bool:
    """The square of a number: Numba compiles a function of its own for powers."""
    x, by = op.args[:2]
    if not isinstance(x, Value) or number(by) != 2 or rank(x) != 0 or op.kwargs:
        return False
    return dtype_of(x).startswith("float") and dtype_of(x) == dtype_of(op.result) and write.last(operator.mul, x, x)


def _inner(op: Op, write: Writer) -> bool:
    return [rank(a) for a in op.args] == [1, 1] and not op.kwargs and write.last(np.dot, *op.args)


def _vdot(op: Op, write: Writer) -> bool:
    """Numba has it of vectors alone."""
    a, b = op.args
    if not _is_float_array(a) or not _is_float_array(b) or rank(a) == 1 or shape_of(a) != shape_of(b) or op.kwargs:
        return False
    return write.last(np.sum, write(operator.mul, a, b, kind=op.args[0].kind))


def _logarithm(op: Op, write: Writer) -> bool:
    if len(op.args) != 2:
        return False
    logs = [write(math.log, a, kind=op.result.kind) for a in op.args]
    return write.last(operator.truediv, *logs)


def _factors(op: Op, write: Writer) -> bool:
    """The product of some lengths."""
    given = op.args[0]
    if not isinstance(given, (list, tuple)) or op.kwargs or len(op.args) > 1 or len(given) < 2:
        return False
    first, *middle, last = given
    for other in middle:
        first = write(operator.mul, first, other, kind=op.result.kind)
    return write.last(operator.mul, first, last)


def _joined(op: Op, write: Writer) -> bool:
    """Numba joins the arrays of a tuple, not of a list."""
    return type(op.args[0]) is list and write.last(op.fn, tuple(op.args[0]), *op.args[1:], **op.kwargs)


def _stacked(op: Op, write: Writer) -> bool:
    """A list that grew becomes an array row by row."""
    kind = op.args[0].kind if isinstance(op.args[0], Value) else None
    if isinstance(kind, Seq) and isinstance(kind.elem, Num) and kind.elem.shape and not op.kwargs and len(op.args) == 1:
        return write.last(runtime.stack_list, op.args[0])
    if op.fn is np.array and isinstance(kind, Num) and rank(op.args[0]) and kind.dtype == dtype_of(op.result):
        return write.last(np.copy, op.args[0])
    if isinstance(op.args[0], (list, tuple)) and op.args[0] and len(op.args) == 1 and not op.kwargs:
        ranks = {rank(item) if isinstance(item, (Value, Const)) else None for item in op.args[0]}
        if op.fn is np.stack and ranks == {0}:
            return write.last(np.array, list(op.args[0]))
        if op.fn is np.array and None not in ranks and len(ranks) == 1 and ranks != {0}:
            return write.last(np.stack, tuple(op.args[0]))
    return op.fn is np.stack and _joined(op, write) or op.fn is np.array and _in_dtype(op, write)


def _in_dtype(op: Op, write: Writer) -> bool:
    """The array in another dtype, which is no view of it."""
    kind = op.args[0].kind if isinstance(op.args[0], Value) else None
    changed = isinstance(kind, Num) and bool(kind.shape) and kind.dtype != dtype_of(op.result)
    return changed and write.last(runtime.astype, op.args[0], Const(np.dtype(dtype_of(op.result))))


def _clip(op: Op, write: Writer) -> bool:
    """Numba clips arrays alone."""
    if len(op.args) != 3 or op.kwargs or rank(op.result) != 0 or not all(
            isinstance(a, Value) or number(a) is not None for a in op.args):
        return False
    return write.last(np.minimum, write(np.maximum, *op.args[:2], kind=op.result.kind), op.args[2])


def _last_written(op: Op, write: Writer) -> bool:
    """Each place is marked with the number of the element that is stored there: the last one stays."""
    shape, index = op.args
    kind = op.result.kind
    items = parts_of(index)
    arrays = [v for v in items if isinstance(v, Value) and rank(v) == 1]
    whole = [v for v in items if is_colon(v)]
    if not isinstance(shape, Value) or not isinstance(shape.kind, Shape) or not arrays or not isinstance(kind, Num) \
            or len(arrays) + len(whole) != len(items) or kind.shape is None:
        return False
    first = next(n for n, v in enumerate(items) if v in arrays)
    if any(v not in arrays for v in items[first:first + len(arrays)]):
        return False
    numbers = write(np.arange, write.length(arrays[0], 0), kind=Num("int64", arrays[0].kind.shape))   # type: ignore[union-attr]
    behind = len(kind.shape) - first - 1
    if behind:
        spread = Num("int64", (*numbers.kind.shape, *[1] * behind))       # type: ignore[union-attr, misc]
        numbers = write(np.expand_dims, numbers, tuple(Const(n + 1) for n in range(behind)), kind=spread)
    of = Num("int64", shape.kind.dims)
    fresh = write(np.empty, shape, kind=of, dtype=Const(np.int64))      # what is not marked is not read
    marks = write(runtime.index_set, fresh, index, numbers, kind=of)
    fresh.hint = marks.hint = "last"
    return write.last(operator.eq, write(operator.getitem, marks, index, kind=replace(kind, dtype="int64")), numbers)


def _reshape(op: Op, write: Writer) -> bool:
    """Numba changes the shape of what lies in one piece alone: of the rest, of a copy."""
    x, shape = op.args[0], shape_of(op.result)
    number = num(x)
    if number is not None and number.shape == () and number.form != "array" and shape and set(shape) == {1}:
        return write.last(np.full, tuple(map(Const, shape)), x)
    made = write.makers.get(x) if isinstance(x, Value) else None
    for n in values_in(op.args[1:]):
        if not op.reverse and not _is_measured(n, write.makers):
            write.check(runtime.check_given_length, n)      # -1 is not the length that a loop has then
    if not isinstance(x, Value) or rank(x) is None or made is not None and not traits(made).view:
        return bool(write.block.ops) and write.last(op.fn, *op.args, **op.kwargs)
    return write.last(op.fn, write(np.ascontiguousarray, x, kind=x.kind), *op.args[1:], **op.kwargs)


def _is_measured(n: Value, makers: Makers) -> bool:
    """Is a length made of those of arrays alone, or a shape?"""
    made = makers.get(n)
    if made is None or not isinstance(n.kind, Num):
        return not isinstance(n.kind, Num)
    return is_length(made) or is_measure(made) or bool(made.args) and (is_sum(made) or is_product(made) or traits(
        made).divides) and all(_is_measured(v, makers) for v in values_in(made.args))


def _diagonal(op: Op, write: Writer) -> bool:
    """Numba has `np.diag` alone; it copies, and no memory is shared: a diagonal is read anew after each store."""
    offset = op.args[1] if len(op.args) > 1 else op.kwargs.get("offset", Const(0))
    if rank(op.args[0]) != 2 or len(op.args) > 2 or set(op.kwargs) - {"offset"}:
        return False
    return write.last(np.diag, op.args[0], offset)


def _inverted(op: Op, write: Writer) -> bool:
    """`~` of a truth value of Python's is a whole number."""
    kind = num(op.args[0])
    return kind is not None and (kind.dtype, kind.form) == ("bool", "py") \
        and write.last(operator.sub, Const(-1), op.args[0])


def _rounded(op: Op, write: Writer) -> bool:
    """`round(x, n)` of a float of Python's goes by its decimal digits; of NumPy's, it multiplies and divides."""
    x, kind = op.args[0], num(op.args[0])
    if len(op.args) + len(op.kwargs) < 2 or kind is None or kind.form != "py":
        return False
    (digits,) = *op.args[1:], *op.kwargs.values()
    if isinstance(digits, Const) and digits.value is None:
        return write.last(op.fn, x)
    if not kind.real:
        raise refused(op, "Numba rounds a whole number to a float", "leave out the digits")
    if not is_integer(digits) or isinstance(digits, Const) and not 0 <= digits.value <= 22:
        raise refused(op, "Numba rounds to a whole number of digits, from 0 to 22", "multiply, round and divide")
    return write.last(runtime.round_decimal, x, digits)


def _number_as(op: Op, write: Writer) -> bool:
    """A number for Numba has no methods: its type is called."""
    x, kind = num(op.args[0]), num(op.result)
    if x is None or kind is None or x.shape != () or x.form != "np" or kind.dtype == "float16":
        return False
    return write.last(np.dtype(kind.dtype).type, op.args[0])


def _squeeze(op: Op, write: Writer) -> bool:
    """The only element of axes of length 1."""
    x = op.args[0]
    before, after = shape_of(x), shape_of(op.result)
    if [d for d in before if d != 1] != list(after):
        return False
    return write.last(operator.getitem, x, tuple(Const(0) if d == 1 else COLON for d in before))


def _flip(op: Op, write: Writer) -> bool:
    """Numba turns all axes, or those of a slice."""
    axis = op.args[1] if len(op.args) > 1 else op.kwargs.get("axis", Const(None))
    count = rank(op.args[0])
    if isinstance(axis, Const) and axis.value is None:
        return (len(op.args) > 1 or bool(op.kwargs)) and write.last(np.flip, op.args[0])
    axes = axes_of(Op(np.sum, (op.args[0], axis), {}, op.results))
    if axes is None or count is None:
        return False
    return write.last(operator.getitem, op.args[0], tuple(
        Slice(Const(None), Const(None), Const(-1 if at in axes else None)) for at in range(count)))


def _axes(op: Op, write: Writer) -> bool:
    """Any order of axes is one of `np.transpose`."""
    count, given = rank(op.args[0]), [_one_number(a) for a in op.args[1:]]
    if count is None or op.kwargs or len(given) != 2 or None in given:
        return False
    order = np.arange(count)
    one, other = (n % count for n in given)
    if op.fn is np.swapaxes:
        order[[one, other]] = order[[other, one]]
    else:
        order = np.insert(np.delete(order, one), other, one)
    return write.last(np.transpose, op.args[0], tuple(Const(int(n)) for n in order))


def _one_number(arg: Arg) -> Any:
    """The integer that is given, also as a tuple of one; None where it is no such thing."""
    (arg,) = arg if isinstance(arg, tuple) and len(arg) == 1 else (arg,)
    return arg.value if isinstance(arg, Const) and type(arg.value) is int else None


def _store(op: Op, write: Writer) -> bool:
    """What is stored through arrays of integers has all axes of what it overwrites, where one may be of length 1."""
    base, index, value = op.args
    items = parts_of(index)
    if not isinstance(base, Value) or not isinstance(value, Value) or not rank(value) or len(items) != rank(base):
        return False
    arrays = [n for n, item in enumerate(items)
              if isinstance(item, Value) and rank(item) == 1 and dtype_of(item).startswith("int")]
    if not arrays or any(not is_colon(item) for n, item in enumerate(items) if n not in arrays):
        return False
    shape = region(op)
    if shape is None or len(shape) < len(shape_of(value)) or not may_stretch(shape_of(value), shape):
        return False
    sizes = tuple(write.length(items[n], 0) if n == arrays[0] else write.length(base, n)
                  for n in range(len(items)) if n not in arrays[1:])
    write.checked(value, shape, sizes)
    kind = Num(dtype_of(value), shape)
    return write.last(op.fn, base, index, write(np.broadcast_to, value, sizes, kind=kind))


def _spread(op: Op, write: Writer) -> bool:
    """Numba stretches anything to an axis of length 0."""
    value, sizes = op.args[0], op.args[1] if len(op.args) > 1 else None
    shape = shape_of(op.result)
    if not isinstance(value, Value) or not rank(value) or not isinstance(sizes, tuple) or len(sizes) != len(shape) \
            or op.kwargs:
        return False
    write.checked(value, shape, sizes)
    return write.last(op.fn, *op.args)


_DTYPES: dict[type, Any] = {int: np.int64, float: np.float64, bool: np.bool_}

_RULES: dict[Any, Callable[[Op, Writer], bool]] = {
    np.mean: _mean, np.var: _variance, np.std: _variance, np.linalg.norm: _norm, np.inner: _inner, np.vdot: _vdot,
    math.log: _logarithm,
    math.prod: _factors, operator.pow: _square, np.power: _square,
    np.stack: _stacked, np.array: _stacked, np.clip: _clip, np.asarray: _in_dtype, np.asanyarray: _in_dtype,
    np.ascontiguousarray: _in_dtype,
    np.concatenate: _joined, np.vstack: _joined, np.hstack: _joined, np.column_stack: _joined,
    np.reshape: _reshape, np.ravel: _reshape, np.squeeze: _squeeze, np.matmul: product, operator.matmul: product,
    np.dot: dot,
    np.broadcast_to: _spread, runtime.last_written: _last_written, np.flip: _flip, runtime.index_set: _store,
    np.diagonal: _diagonal, runtime.astype: _number_as, operator.invert: _inverted, builtins.round: _rounded,
    builtins.str: text_of, builtins.repr: text_of, math.ldexp: of_whole, math.gcd: of_whole,
    np.partition: unlike, np.argpartition: unlike, runtime.index_add: _store, np.swapaxes: _axes, np.moveaxis: _axes,
}
