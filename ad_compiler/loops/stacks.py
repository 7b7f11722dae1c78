"""Products of stacks of matrices, one matrix after the other, each computed where it is kept.

>>> from ad_compiler.ir import Func, show
>>> a = Value("a", Num("float64", (5, 2, 2)))
>>> op = Op(np.matmul, (a, a), {}, [Value("b", a.kind)])
>>> write = Writer(op, {})
>>> product(op, write)
True
>>> write.block.results = [op.result]
>>> print(show(Func("f", [a], write.block)))
def f(a):
    t = empty((5, 2, 2))
    for t_2 in 0, 5, 1 [b = t]: -> b_2
        t_3 = getitem(a, t_2)
        t_4 = getitem(a, t_2)
        t_5 = matmul(t_3, t_4)
        b_3 = index_set(b, t_2, t_5)
        hand on b_3
    return b_2
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Arg, Block, Const, Loop, Op, Value
from ad_compiler.kinds import INT, Num, may_be_one
from ad_compiler.loops.elements import is_spread
from ad_compiler.loops.views import dtype_argument, dtype_of, rank, shape_of
from ad_compiler.loops.writer import Writer
from ad_compiler.ops import is_transpose
from ad_compiler.read.values.sorts import has_axes


def product(op: Op, write: Writer) -> bool:
    """A product of vectors, matrices or stacks of these."""
    cast = _of_one_type(op, write)
    return _of_stacks(op, write) or cast and write.last(op.fn, *op.args)


def dot(op: Op, write: Writer) -> bool:
    """A product of vectors or matrices."""
    return _of_one_type(op, write) and write.last(op.fn, *op.args)


def _of_stacks(op: Op, write: Writer) -> bool:
    """Products of stacks of matrices: one product after the other; of a matrix with one column or row, a sum."""
    a, b = op.args[:2]
    if op.fn is np.matmul and not op.kwargs and len(op.args) == 2 and rank(a) in (1, 2) and rank(b) in (1, 2):
        return write.last(operator.matmul, a, b)
    if op.kwargs or not all(isinstance(x, Value) for x in (a, b)) or rank(a) != 3 or rank(b) != 3:
        return False
    left, right, kind = a.kind.shape, b.kind.shape, op.result.kind
    if left is None or right is None or not isinstance(kind, Num) or not kind.shape:
        return False
    if left[0] != right[0]:
        if may_be_one(left[0]) or may_be_one(right[0]):
            return False
        write.check(runtime.check_same_length, write.length(a, 0), write.length(b, 0))
    if left[2] == right[1] and (left[1] == 1 or right[2] == 1):
        return _thin_product(op, write)
    origin = op.origin
    flags: dict[str, Any] = {"origin": origin, "reverse": op.reverse}
    sizes = (write.length(a, 0), write.length(a, 1), write.length(b, 2))
    start = write(np.empty, sizes, kind=kind, **dtype_argument(kind))
    place, param = Value("", INT), Value(op.result.hint, kind)
    body = Block([param])
    parts = [_matrix(x, place, body, write) for x in (a, b)]
    product = body.emit(operator.matmul, *parts, kind=Num(kind.dtype, kind.shape[1:]), **flags)
    body.results = [body.emit(runtime.index_set, param, place, product, kind=kind, hint=op.result.hint, spelling="out",
                              **flags)]
    write.block.ops.append(Loop([start], body, op.results, place, stop=sizes[0], origin=origin, reverse=op.reverse))
    return True


def _of_one_type(op: Op, write: Writer) -> bool:
    """BLAS multiplies floats of one type: the factors are made those of the product, where they are others."""
    kind, factors = op.result.kind, op.args[:2]
    if not isinstance(kind, Num) or not kind.real or op.kwargs or len(op.args) > 2 or not all(map(has_axes, factors)) \
            or all(dtype_of(x) == kind.dtype for x in factors):
        return False
    dtype = Const(np.dtype(kind.dtype).type)
    op.args = tuple(x if dtype_of(x) == kind.dtype else write(
        runtime.astype, x, dtype, kind=replace(x.kind, dtype=kind.dtype)) for x in factors)
    return True


def _thin_product(op: Op, write: Writer) -> bool:
    """Products of stacks of matrices of which one has one row, or one column: sums."""
    factors: list[Any] = list(op.args)
    at = 0 if factors[0].kind.shape[1] == 1 else 1
    of, other = factors[at].kind, factors[1 - at].kind
    turned = replace(of, shape=(of.shape[0], of.shape[2], of.shape[1]))
    factors[at] = write(np.transpose, factors[at], tuple(map(Const, (0, 2, 1))), kind=turned)
    products = write(operator.mul, *factors, kind=replace(other, dtype=op.result.kind.dtype))     # type: ignore[union-attr]
    return write.last(np.sum, products, axis=Const(1 if at == 0 else 2), keepdims=Const(True))


def _matrix(stack: Value, place: Value, body: Block, write: Writer) -> Value:
    """One matrix of a stack; of a stack that is turned, one that is turned."""
    kind = stack.kind
    assert isinstance(kind, Num)
    assert kind.shape is not None
    shape, turned, made = kind.shape[1:], False, write.makers.get(stack)
    while made is not None and _turns(made):
        stack, turned = made.args[0], not turned
        made = write.makers.get(stack)
    if not turned:
        return _part(stack, made, place, body, write)
    base = _part(stack, made, place, body, write)
    return body.emit(np.transpose, base, kind=Num(kind.dtype, shape), spelling="attr")


def _part(stack: Value, made: Op | None, place: Value, body: Block, write: Writer) -> Value:
    """A part of an array; of one that costs less to compute than to read, computed."""
    kind = Num(dtype_of(stack), shape_of(stack)[1:])
    flags: dict[str, Any] = {"origin": write.op.origin, "reverse": write.op.reverse}
    if made is None or not is_spread(made):
        return body.emit(operator.getitem, stack, place, kind=kind, **flags)
    args: list[Arg] = []
    for arg in made.args:
        own = shape_of(arg)
        if len(own) == len(shape_of(stack)):
            at = Const(0) if own[0] == 1 else place
            arg = body.emit(operator.getitem, arg, at, kind=Num(dtype_of(arg), own[1:]), **flags)
        args.append(arg)
    return body.emit(made.fn, *args, kind=kind, hint=stack.hint, **flags)


def _turns(op: Op) -> bool:
    """Does an op swap the last two of three axes?"""
    numbers = [a.value for a in op.args[1:] if isinstance(a, Const)] if not isinstance(op.args[-1], tuple) else [
        a.value for a in op.args[-1] if isinstance(a, Const)]
    if op.fn is np.swapaxes:
        return {n % 3 for n in numbers} == {1, 2} and rank(op.args[0]) == 3
    return is_transpose(op) and len(op.args) == 2 and tuple(numbers) == (0, 2, 1)
