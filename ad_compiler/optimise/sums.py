"""A sum over an axis goes into what it sums: what is large is summed before it is multiplied.

`(u_bar @ w).sum(axis=0)` is `u_bar.sum(axis=0) @ w`; a factor that is the same along the axis is taken out.

>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(means, x, scale):
...     z = (x[:, None, :] - means) * scale
...     return np.sum(np.tanh(z))
>>> g = grad(f)
>>> _ = g(np.ones((2, 3)), np.ones((4, 3)), np.ones((2, 3)))
>>> print(g.source.splitlines()[-2].split("  #")[0].strip())
means_bar = -(z_bar.sum(axis=0) * scale)
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.indices import COLON, is_colon, parts_of
from ad_compiler.ir import Arg, Block, Const, Func, Op, Stmt, Value, blocks_in, walk
from ad_compiler.ops import is_matrix_product, is_product, is_read, is_sum, is_total
from ad_compiler.optimise.cse import share_common
from ad_compiler.optimise.facts import alike, count_uses, num


def push_sums(func: Func) -> Func:
    """Rewrite sums of the reverse sweep over one axis of a product; what several of them need is computed once."""
    ops = [stmt for stmt in walk(func.body) if isinstance(stmt, Op)]
    if not any(is_total(op) and op.reverse and op.kwargs for op in ops):
        return func
    makers = {value: op for op in ops for value in op.results}
    pusher = _Pusher(makers, count_uses(func.body))
    _visit(func.body, pusher)
    return share_common(func) if pusher.pushed else func


def _visit(block: Block, pusher: _Pusher) -> None:
    ops: list[Stmt] = []
    for inner in blocks_in(block.ops):
        _visit(inner, pusher)
    for stmt in block.ops:
        ops += [stmt] if not isinstance(stmt, Op) else pusher.rewritten(stmt)
    block.ops = ops


class _Pusher:
    def __init__(self, makers: dict[Value, Op], uses: Counter[Value]) -> None:
        self.makers, self.uses = makers, uses
        self.out: list[Stmt] = []
        self.sample: Any = None
        self.pushed = False

    def rewritten(self, op: Op) -> list[Stmt]:
        """What stands for an op: itself, or ops that give the same result to rounding."""
        axis = op.kwargs.get("axis")
        if not is_total(op) or not op.reverse or len(op.args) != 1 or set(op.kwargs) != {"axis"} \
                or not isinstance(axis, Const) or type(axis.value) is not int:
            return [op]
        kind = num(op.args[0])
        if kind is None or kind.shape is None or kind.dtype != "float64" or kind.form != "array" \
                or not isinstance(op.args[0], Value):
            return [op]
        at = axis.value % len(kind.shape)
        if not self.gains(op.args[0], at):
            return [op]
        self.out, self.sample, self.pushed = [], op, True
        total = self.sum_of(op.args[0], at)
        last = self.out[-1]
        assert isinstance(last, Op)
        assert last.result is total
        last.results = op.results
        return self.out

    def gains(self, value: Arg, axis: int) -> bool:
        """Is there a product, read here alone, that need not be made in full?"""
        made = self.only(value)
        if made is None:
            return False
        if is_sum(made):
            return all(self.is_like(a, value) for a in made.args) and any(self.gains(a, axis) for a in made.args)
        return is_matrix_product(made) and self.is_rows(made, axis) or \
            is_product(made) and self.split(made, value, axis) is not None

    def only(self, value: Arg) -> Op | None:
        """The op of the reverse sweep that made a value which nothing else reads."""
        made = self.makers.get(value) if isinstance(value, Value) and self.uses[value] == 1 else None
        return made if made is not None and made.reverse and not made.stopped and len(made.args) == 2 \
            and not made.kwargs else None

    def is_like(self, a: Arg, b: Arg) -> bool:
        x, y = num(a), num(b)
        return x is not None and y is not None and alike(x.shape, y.shape) and x.dtype == y.dtype and x.form == y.form

    def is_rows(self, made: Op, axis: int) -> bool:
        """Does the axis number the rows of the left matrix alone?"""
        left, right, out = num(made.args[0]), num(made.args[1]), num(made.result)
        if left is None or right is None or out is None or not left.shape or not right.shape or not out.shape:
            return False
        return len(left.shape) == len(out.shape) >= 2 and len(right.shape) >= 2 and axis == len(out.shape) - 2 \
            and alike(left.shape[:-2], out.shape[:-2]) and left.dtype == right.dtype == "float64"

    def split(self, made: Op, value: Arg, axis: int) -> tuple[Arg, Arg] | None:
        """The factor that varies along the axis, and the one that does not."""
        whole = num(value)
        assert whole is not None
        assert whole.shape is not None
        for a, b in (made.args, made.args[::-1]):
            factor = num(b)
            if not self.is_like(a, value) or factor is None or factor.shape is None or factor.dtype != "float64" \
                    or factor.form != "array":
                continue
            at = axis - (len(whole.shape) - len(factor.shape))
            if factor.shape and (at < 0 or factor.shape[at] == 1):
                return a, b
        return None

    # -- new ops -------------------------------------------------------------------------------------

    def emit(self, fn: Any, args: tuple[Arg, ...], kind: Any, spelling: str = "", **kwargs: Arg) -> Value:
        result = Value("", kind)
        self.out.append(Op(fn, args, kwargs, [result], self.sample.origin, spelling, reverse=True))
        return result

    def sum_of(self, value: Arg, axis: int) -> Value:
        """The sum of a value over an axis, as far inside as it gains."""
        kind = num(value)
        assert kind is not None
        assert kind.shape is not None
        less = replace(kind, shape=kind.shape[:axis] + kind.shape[axis + 1:])
        made = self.only(value) if self.gains(value, axis) else None
        if made is None:
            return self.emit(np.sum, (value,), less, "method", axis=Const(axis))
        if is_sum(made):
            return self.emit(made.fn, tuple(self.sum_of(a, axis) for a in made.args), less)
        if is_product(made):
            found = self.split(made, value, axis)
            assert found is not None
            varies, factor = found
            return self.emit(operator.mul, (self.sum_of(varies, axis), self.without(factor, value, axis)), less)
        left, right = made.args
        if len(kind.shape) == 2:
            return self.emit(operator.matmul, (self.sum_of(left, 0), right), less)
        rows = num(left)
        assert rows is not None
        assert rows.shape is not None
        total = self.sum_of(left, axis)
        row = replace(rows, shape=(*rows.shape[:axis], 1, *rows.shape[axis + 1:]))
        total = self.emit(operator.getitem, (total, (*[COLON] * axis, Const(None))), row)
        out = self.emit(operator.matmul, (total, right), replace(kind, shape=(*kind.shape[:axis], 1, kind.shape[-1])))
        return self.emit(operator.getitem, (out, (*[COLON] * axis, Const(0))), less)

    def without(self, factor: Arg, value: Arg, axis: int) -> Arg:
        """A factor without the axis along which it is the same."""
        kind, whole = num(factor), num(value)
        assert kind is not None
        assert kind.shape is not None
        assert whole is not None
        assert whole.shape is not None
        at = axis - (len(whole.shape) - len(kind.shape))
        if at < 0:
            return factor
        shape = kind.shape[:at] + kind.shape[at + 1:]
        source = self.makers.get(factor) if isinstance(factor, Value) else None
        if is_read(source) and puts_in(source.args[1], at):
            return source.args[0]
        return self.emit(operator.getitem, (factor, (*[COLON] * at, Const(0))), replace(kind, shape=shape))


def puts_in(index: Arg, at: int) -> bool:
    """Is this `[:, None, :]`, which does nothing but put in an axis?"""
    parts = parts_of(index)
    return len(parts) > at and all(
        isinstance(p, Const) and p.value is None if i == at else is_colon(p) for i, p in enumerate(parts))
