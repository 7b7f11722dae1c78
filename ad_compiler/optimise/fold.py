"""Python numbers that are known are computed now.

>>> import operator
>>> from ad_compiler.ir import Const, Value
>>> from ad_compiler.kinds import INT
>>> fold(Op(operator.sub, (Const(6, "n"), Const(1)), {}, [Value("", INT)]))
Const(value=5, text='n - 1')
"""

from __future__ import annotations

import numpy as np

from ad_compiler.ir import Const, Op, Value
from ad_compiler.ops import is_operator, is_quotient, traits
from ad_compiler.optimise.facts import PLAIN, number


def fold(op: Op) -> Const | None:
    """The result of an operator whose operands are known Python numbers.

    In the forward sweep a float stays as the user wrote it.
    """
    for arg in op.args:
        if type(arg) is Value:      # the usual case, at once
            return None
    if op.kwargs or op.effect or not is_operator(op):
        return None
    values = [number(a) for a in op.args]
    if any(v is None for v in values):
        return None
    try:
        value = op.fn(*values)
    except (ArithmeticError, ValueError):
        if not (op.reverse and is_quotient(op)):
            return None         # raised in its place, when the program runs
        with np.errstate(divide="ignore", invalid="ignore"):    # the function, of NumPy's numbers, did not raise
            value = float(np.true_divide(*values))
    if type(value) not in PLAIN or type(value) is float and not op.reverse:
        return None
    return Const(value, _text(op) if type(value) is not bool else None)


def _text(op: Op) -> str | None:
    """The sum as it would be written, where an operand has a name."""
    if all(a.text is None for a in op.args):
        return None
    return traits(op).written.format(*map(_word, op.args))


def _word(const: Const) -> str:
    if const.text is None:
        return repr(const.value) if const.value >= 0 else f"({const.value!r})"
    return const.text if const.text.replace(".", "").isidentifier() else f"({const.text})"
