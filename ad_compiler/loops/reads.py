"""What array statements read, through which views, and where.

>>> import numpy as np
>>> import operator
>>> from ad_compiler.ir import Block
>>> from ad_compiler.kinds import Num, Sym
>>> x, block = Value("x", Num("float64", (Sym("n"), 3))), Block()
>>> t = block.emit(np.transpose, x, kind=Num("float64", (3, Sym("n"))))
>>> y = block.emit(operator.mul, t, t, kind=t.kind)
>>> cluster = Cluster(y.kind.shape, [Member(block.ops[1], "map")])
>>> found = reads_of(cluster.members[0], cluster, {t: block.ops[0]})
>>> [(value.hint, [op.fn.__name__ for op in path]) for value, path in found]
[('x', ['transpose']), ('x', ['transpose'])]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ad_compiler import runtime
from ad_compiler.ir import Arg, Op, Value, values_in
from ad_compiler.kinds import Dim, may_be_one
from ad_compiler.loops.elements import is_fill, operands_of
from ad_compiler.loops.nests import Cluster, Member
from ad_compiler.loops.views import rank, shape_of, view_of
from ad_compiler.ops import is_full

Path = tuple[Op, ...] | None


def reads_of(member: Member, cluster: Cluster, virtual: dict[Value, Op]) -> Iterator[tuple[Value, Path]]:
    """The arrays that a member reads, and through which views; None for the views where it reads at its own place."""
    op = member.op
    if member.role == "store":
        shape = cluster.dims
        yield from leaves_of(op.args[2], shape == shape_of(op.args[2]), (), virtual)
    elif member.role == "reduce":
        yield from leaves_of(op.args[0], True, (), virtual)
    else:
        for arg, shape in operands_of(op):
            yield from leaves_of(arg, shape_of(arg) == shape and shape == cluster.dims, (), virtual)


def leaves_of(arg: Arg, aligned: bool, path: tuple[Op, ...], virtual: dict[Value, Op]) -> Iterator[tuple[Value, Path]]:
    """The arrays and numbers that the elements of an argument are made of."""
    if not isinstance(arg, Value) or not rank(arg):
        if isinstance(arg, Value):
            yield arg, None
        return
    op = virtual.get(arg)
    if op is None:
        yield arg, None if aligned else path
        return
    view = view_of(op)
    if view is not None:
        yield from leaves_of(view.base, False, (*path, op), virtual)
        for value in values_in(op.args[1:]):
            here = aligned and shape_of(value) == shape_of(op.result) and 1 not in shape_of(value)
            yield value, None if here or not rank(value) else (*path, op)
    elif is_fill(op):
        for value in values_in(op.args[1:] if is_full(op) else ()):
            yield value, None
    else:
        for inner, shape in operands_of(op):
            same = aligned and shape_of(inner) == shape and len(shape) == rank(op.result)
            yield from leaves_of(inner, same, path, virtual)


def reads_of_index(store: Op, dims: tuple[Dim, ...]) -> Iterator[tuple[Value, Path]]:
    """The same for the positions of a store: along an axis of length 1 they are read outside of the loops."""
    for value in values_in(store.args[1]):
        in_step = not rank(value) or shape_of(value) == dims and 1 not in shape_of(value)
        yield value, None if in_step else (store,)


def after_check(items: Sequence[object], value: Value) -> int:
    """The first place behind the check of these positions, before which nothing may be read or written there."""
    return max((n + 1 for n, item in enumerate(items) if isinstance(item, Op)
                and item.fn is runtime.check_all_indices and value in item.args), default=0)


def same_or_sure(own: tuple[Dim, ...], shape: tuple[Dim, ...]) -> bool:
    """Are two lengths that differ certainly not 1, so that they must be found equal?"""
    return all(a in (1, b) or not may_be_one(a) and not may_be_one(b) for a, b in zip(own, shape, strict=True))
