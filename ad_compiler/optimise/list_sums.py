"""A cotangent that a loop only adds numbers to, element by element, is a list until the loop is over.

>>> from ad_compiler import grad
>>> def f(x):
...     s = 0.0
...     for i in range(len(x) - 1):
...         if x[i] > 0.0:
...             s += x[i] * x[i + 1]
...     return s
>>> g = grad(f)
>>> g(np.array([1.0, -2.0, 3.0, 5.0]))
array([-2.,  1.,  5.,  3.])
>>> [line.partition("  #")[0].strip() for line in g.source.splitlines() if "x_bar" in line]
['x_bar = [0.0] * len(x)', 'x_bar[i] += x_list[k]', 'x_bar[k] += e', 'x_bar = np.array(x_bar)', 'return x_bar']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import is_integer
from ad_compiler.ir import Block, Branch, Const, Func, Loop, Op, Value, blocks_of
from ad_compiler.kinds import FLOAT, INT, Dim, Num, Seq, Sym
from ad_compiler.ops import is_increment, is_like, is_zeros
from ad_compiler.optimise.facts import count_uses, num, number


def trips(loop: Loop) -> Dim | None:
    """The length that a loop goes over, but for a few elements at the ends."""
    if loop.index is None or loop.leave is not None or not isinstance(loop.step, Const) or abs(loop.step.value) != 1:
        return None
    start, stop = (loop.start, loop.stop) if loop.step.value == 1 else (loop.stop, loop.start)
    kind = num(stop)
    dim = kind.length if kind is not None else None
    while isinstance(dim, Sym) and isinstance(dim.key, tuple) and dim.key[0] == "minus":
        dim = dim.key[1]
    first = number(start)
    return dim if isinstance(dim, Sym) and isinstance(first, int) and abs(first) <= 2 else None


class Sum(NamedTuple):
    """An array that begins as zeros, and to which a loop does nothing but add numbers, element by element."""

    loop: Loop
    at: int             # which of the values that the loop carries
    zeros: Op
    adds: list[Op]
    values: list[Value]     # the array's, in the loop


def sums(loop: Loop, func: Func) -> Iterator[Sum]:
    """What a loop only adds numbers to that begins as zeros."""
    length = trips(loop)
    candidates = [(at, init) for at, init in enumerate(loop.inits)
                  if isinstance(init, Value) and length is not None and _is_row(init, length)]
    if not candidates:
        return
    uses = count_uses(func.body)
    makers = {op.result: op for op in func.body.ops if isinstance(op, Op) and len(op.results) == 1}
    for at, init in candidates:
        zeros = makers.get(init) if uses[init] == 1 else None
        if not is_zeros(zeros) or zeros.kwargs:
            continue
        adds: list[Op] = []
        seen: Counter[Value] = Counter()
        end = _followed(loop.body, loop.body.params[at], adds, seen)
        seen[end] += 1
        if _length_of(zeros) is not None and end is loop.body.results[at] and all(uses[v] == seen[v] for v in seen):
            yield Sum(loop, at, zeros, adds, list(seen))


def _is_row(value: Value, length: Dim) -> bool:
    """Is this an array of one axis, as long as a loop?"""
    kind = num(value)
    return kind is not None and kind.dtype == "float64" and kind.shape is not None and len(kind.shape) == 1 \
        and kind.shape[0] == length


def _length_of(zeros: Op) -> Value | None:
    """The array that zeros are made like, or their number."""
    arg = zeros.args[0]
    return arg if isinstance(arg, Value) and isinstance(arg.kind, Num) and (
        is_like(zeros) or arg.kind.shape == ()) else None


def _followed(block: Block, value: Value, adds: list[Op], seen: Counter[Value]) -> Value:
    """The value of an array at the end of a block; what adds to it there, and how often that reads each value."""
    for stmt in block.ops:
        if isinstance(stmt, Op):
            if is_increment(stmt) and stmt.args[0] is value and is_integer(stmt.args[1]) \
                    and (kind := num(stmt.args[2])) is not None and kind.shape == ():
                adds.append(stmt)
                seen[value] += 1
                value = stmt.result
        elif isinstance(stmt, Branch):
            ends = [_followed(arm, value, adds, seen) for arm in blocks_of(stmt)]
            for result, *sides in zip(stmt.results, stmt.then.results, stmt.orelse.results, strict=True):
                if all(side is end for side, end in zip(sides, ends, strict=True)):
                    seen.update(ends)
                    value = result
                    break
        elif value in stmt.inits:
            at = stmt.inits.index(value)
            seen[value] += 1
            end = _followed(stmt.body, stmt.body.params[at], adds, seen)
            if end is not stmt.body.results[at]:
                return value
            seen[end] += 1
            value = stmt.results[at]
    return value


def as_list(found: Sum, func: Func) -> None:
    """Add to a list, and make the array of it after the loop."""
    loop, at, zeros = found.loop, found.at, found.zeros
    whole = loop.results[at]
    of = _length_of(zeros)
    assert of is not None
    kind = Seq(FLOAT, trips(loop))
    if is_like(zeros):
        size = Value("", replace(INT, length=trips(loop)))
        count = Op(len, (of,), {}, [size], zeros.origin, reverse=zeros.reverse)
        func.body.ops.insert(func.body.ops.index(zeros), count)
        of = size
    zeros.fn, zeros.args, zeros.spelling = runtime.zero_numbers, (of,), ""
    zeros.result.kind = kind
    for value in found.values:
        value.kind = kind
    for op in found.adds:
        op.fn = runtime.list_add
    items = Value(whole.hint, kind)
    loop.results[at] = items
    func.body.ops.insert(func.body.ops.index(loop) + 1, Op(np.array, (items,), {}, [whole], loop.origin,
                                                           reverse=loop.reverse))
