"""Python numbers that are known are computed now.

>>> from ad_compiler.ir import Const, Value
>>> from ad_compiler.kinds import INT
>>> fold(Op(operator.sub, (Const(6, "n"), Const(1)), {}, [Value("", INT)]))
Const(value=5, text='n - 1')
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ad_compiler.ir import Const, Op, Value
from ad_compiler.optimise.facts import PLAIN, number

BINARY: dict[Callable[..., Any], str] = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/", operator.floordiv: "//",
    operator.mod: "%", operator.pow: "**", operator.eq: "==", operator.ne: "!=", operator.lt: "<",
    operator.le: "<=", operator.gt: ">", operator.ge: ">=",
}
UNARY: dict[Callable[..., Any], str] = {
    operator.neg: "-", operator.pos: "+", operator.not_: "not ", operator.abs: "",
}


def fold(op: Op) -> Const | None:
    """The result of an operator whose operands are known Python numbers.

    In the forward sweep a float stays as the user wrote it.
    """
    for arg in op.args:
        if type(arg) is Value:      # the usual case, at once
            return None
    if op.kwargs or op.effect or not (op.fn in BINARY and len(op.args) == 2 or op.fn in UNARY and len(op.args) == 1):
        return None
    values = [number(a) for a in op.args]
    if any(v is None for v in values):
        return None
    try:
        value = op.fn(*values)
    except (ArithmeticError, ValueError):
        return None         # raised in its place, when the program runs
    if type(value) not in PLAIN or type(value) is float and not op.reverse:
        return None
    return Const(value, _text(op) if type(value) is not bool else None)


def _text(op: Op) -> str | None:
    """The sum as it would be written, where an operand has a name."""
    if all(a.text is None for a in op.args):
        return None
    if op.fn is operator.abs:
        return f"abs({op.args[0].text})"
    words = [_word(a) for a in op.args]
    return f"{UNARY[op.fn]}{words[0]}" if len(words) == 1 else f"{words[0]} {BINARY[op.fn]} {words[1]}"


def _word(const: Const) -> str:
    if const.text is None:
        return repr(const.value) if const.value >= 0 else f"({const.value!r})"
    return const.text if const.text.replace(".", "").isidentifier() else f"({const.text})"
