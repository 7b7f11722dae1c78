"""All that an integer is in loops whose ranges are known now: computed, one iteration after the other.

>>> import operator
>>> from ad_compiler.ir import Block, Func
>>> from ad_compiler.kinds import INT
>>> i, j, inner = Value("i", INT), Value("j", INT), Block()
>>> square = inner.emit(operator.mul, j, j, kind=INT)
>>> loops = [Loop([], Block(), [], i, stop=Const(3)), Loop([], inner, [], j, stop=i)]
>>> loops[0].body.ops.append(loops[1])
>>> places(square, loops, Chains(Func("f", [], Block([], [loops[0]]))))
([0, 0, 1], 0)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.analyse.chains import Chains
from ad_compiler.ir import Atom, Const, Loop, Op, Value
from ad_compiler.ops import is_elementwise, is_python

MOST_POINTS = 2000
"""How many iterations are gone through."""



def places(value: Value, loops: list[Loop], chains: Chains) -> tuple[list[int], int] | None:
    """What a value is in all iterations of the innermost of `loops`, and the outermost of them that it depends on.

    None where it depends on what is not known now, or where there are too many.
    """
    numbers = {loop.index: at for at, loop in enumerate(loops)}
    first = _outermost(value, loops, numbers, chains)
    if first is None or first == len(loops):
        return None
    found: list[int] = []
    steps = 0

    def run(at: int, known: dict[Value, int]) -> bool:
        nonlocal steps
        if at == len(loops):
            found.append(_value(value, known, chains))
            return True
        loop = loops[at]
        assert loop.index is not None
        for index in range(*(_value(end, known, chains) for end in (loop.start, loop.stop, loop.step))):
            steps += 1
            if steps > MOST_POINTS or not run(at + 1, {**known, loop.index: index}):
                return False
        return True

    try:
        return (found, first) if run(first, {}) else None
    except ZeroDivisionError:
        return None


def _outermost(atom: Atom, loops: list[Loop], numbers: dict[Any, int], chains: Chains) -> int | None:
    """The first of the loops that a number, and the ranges of the loops inside it, depend on; None where they depend
    on something else.
    """
    first, todo, seen = len(loops), [atom], set()
    while todo:
        now = todo.pop()
        if isinstance(now, Const):
            if not isinstance(now.value, (int, np.integer)) or isinstance(now.value, bool):
                return None
            continue
        if now in numbers:
            if numbers[now] < first:
                for loop in loops[numbers[now]:first]:
                    todo += [loop.start, loop.stop, loop.step]
                first = numbers[now]
            continue
        op = chains.maker.get(now)
        if now in seen:
            continue
        seen.add(now)
        if not isinstance(op, Op) or not (is_elementwise(op) and is_python(op)) or op.kwargs:
            return None
        todo += op.args
    return first


def _value(atom: Atom, known: dict[Value, int], chains: Chains) -> int:
    if isinstance(atom, Const):
        return int(atom.value)
    if atom not in known:
        op = chains.maker[atom]
        assert isinstance(op, Op)
        known[atom] = op.fn(*(_value(a, known, chains) for a in op.args))
    return known[atom]
