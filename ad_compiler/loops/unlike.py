"""What Numba computes otherwise than NumPy or Python is refused.

>>> import numpy as np
>>> from ad_compiler.kinds import FLOAT
>>> try:
...     unlike(Op(np.partition, (Value("x", FLOAT), Const(2)), {}, [Value("", FLOAT)]), None)
... except CannotDifferentiate as error:
...     print(error.refusals[0].message)
Numba puts what `partition` gives into another order than NumPy
"""

from __future__ import annotations

import math

from ad_compiler.errors import CannotDifferentiate, Refusal
from ad_compiler.indices import is_integer
from ad_compiler.ir import Arg, Const, Op, Value
from ad_compiler.kinds import Num, Obj
from ad_compiler.loops.writer import Writer
from ad_compiler.optimise.facts import kind as kind_of, num


def unlike(op: Op, write: Writer | None) -> bool:
    """What NumPy leaves open, Numba decides otherwise."""
    raise refused(op, f"Numba puts what `{op.fn.__name__}` gives into another order than NumPy", "sort")


def text_of(op: Op, write: Writer) -> bool:
    """Text of what Numba does not write as Python does: floats, None; and of NumPy's numbers what tells their type."""
    kind = kind_of(op.args[0]) if op.args and isinstance(op.args[0], (Value, Const)) else None
    if isinstance(kind, Num) and (kind.shape != () or kind.dtype.startswith(("float", "complex"))
                                  or kind.form != "py" and op.fn is repr) \
            or kind is not None and not isinstance(kind, Num) and kind != Obj("str"):
        raise refused(op, "Numba writes this as text in another way than Python", "keep text out of the function")
    return False


def of_whole(op: Op, write: Writer) -> bool:
    """Numba cuts off floats where Python's take whole numbers alone."""
    if not all(is_integer(arg) or _is_truth(arg) for arg in (op.args[1:] if op.fn is math.ldexp else op.args)):
        raise refused(op, f"math.{op.fn.__name__} takes whole numbers", "make it one by int()")
    return False


def _is_truth(arg: Arg) -> bool:
    kind = num(arg)
    return kind is not None and (kind.dtype, kind.shape) == ("bool", ())


def refused(op: Op, message: str, remedy: str) -> CannotDifferentiate:
    at = op.origin
    file, line, text = (at.file, at.line, at.text) if at is not None else ("", 0, "")
    return CannotDifferentiate(Refusal(message, file, line, text, 0, f"leave out backend='numba', or {remedy}"))
