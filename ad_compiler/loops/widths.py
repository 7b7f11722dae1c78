"""Whole numbers that Numba computes in another width than NumPy or Python are refused: it knows 64 bits alone.

>>> import numpy as np
>>> from ad_compiler import CannotDifferentiate, grad
>>> def f(x, n):
...     return np.sum(x * (n + n))
>>> try:
...     _ = grad(f, backend="numba")(np.ones(2), np.array([200, 1], np.uint8))
... except CannotDifferentiate as error:
...     print(str(error).splitlines()[-1].strip())
compute with astype(np.int64), or leave out backend='numba'
"""

from __future__ import annotations

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.steep import Steep
from ad_compiler.errors import CannotDifferentiate, Refusal
from ad_compiler.ir import Arg, Const, Func, Loop, Op, Stmt, Value, operands, values_in, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import (
    is_access,
    is_addition,
    is_comparison,
    is_length,
    is_measure,
    is_overwrite,
    is_power,
    is_product,
    is_quotient,
    is_sum,
    traits,
)

SAME = ("int64",)
SMALL = 1 << 32
"""What is counted is below this."""
MOST = 1 << 63


def refuse_other_widths(func: Func) -> Func:
    """Raise where a sum or product of whole numbers would be another one."""
    for stmt in walk(func.body):
        if is_power(stmt) and len(stmt.args) == 2:
            _check_power(stmt, func)
        if isinstance(stmt, Op) and len(stmt.results) == 1:
            _check(stmt)
            _check_fits(stmt, func)
        elif isinstance(stmt, Loop):
            _check_carried(stmt)
    measured: set[Value] = set()
    func.body.ops = [found for stmt in func.body.ops for found in _with_check(stmt, measured)]
    return func


def _with_check(stmt: Stmt, measured: set[Value]) -> list[Stmt]:
    """A product of Python's integers, outside of loops, is looked at when it runs; so is a sum, but of lengths."""
    kind = _whole(stmt.result) if isinstance(stmt, Op) and (is_product(stmt) or is_sum(stmt)) else None
    if isinstance(stmt, Op) and (is_length(stmt) or is_measure(stmt) or is_sum(stmt) and all(
            a in measured or _is_small(a) for a in stmt.args)):
        measured.update(stmt.results)
    if not isinstance(stmt, Op) or kind is None or kind.form != "py":
        return [stmt]
    check = runtime.check_product
    if is_sum(stmt):
        if stmt.reverse or stmt.result in measured or any(a in measured or _is_small(a) for a in stmt.args):
            return [stmt]       # no number that a program means is that near to the last one
        check = runtime.check_sum if is_addition(stmt) else runtime.check_difference
    return [Op(check, stmt.args, {}, [], stmt.origin, effect=True, reverse=stmt.reverse), stmt]


def _is_small(arg: object) -> bool:
    kind = _whole(arg)
    return isinstance(arg, Const) and bool(np.all(abs(arg.value) < SMALL)) or kind is not None and kind.dtype == "bool"


def _whole(value: object) -> Num | None:
    kind = value.kind if isinstance(value, Value) else None
    return kind if isinstance(kind, Num) and np.dtype(kind.dtype).kind in "biu" else None


def _check(op: Op) -> None:
    known, kind = traits(op), _whole(op.result)
    if not is_comparison(op) and not is_access(op) and not known.selects and not is_quotient(op) and _is_mixed(op):
        raise _refusal(op, "Numba computes with uint64 and signed numbers otherwise than NumPy",
                       "compute with astype(float)")
    if is_comparison(op) and any(isinstance(a, Const) and type(a.value) is int and not -MOST <= a.value < 2 * MOST
                                 for a in op.args):
        raise _refusal(op, "a whole number is compared here that needs more than 64 bits", "let it be a float")
    made = op.result.kind
    if known.elementwise and not known.casts and isinstance(made, Num) and made.dtype in ("float16", "float32") and all(
            _whole(a) is not None for a in op.args if isinstance(a, Value)):
        raise _refusal(op, f"NumPy computes this in {made.dtype}, Numba in float64", "compute with astype(float)")
    if kind is None or is_quotient(op):
        return
    if kind.form == "py" and kind.dtype == "int64" and (known.casts or op.fn is runtime.item) and any(
            (of := _whole(a)) is not None and of.dtype == "uint64" for a in op.args):
        raise _refusal(op, "Numba has no whole number of Python's of 64 bits without a sign",
                       "compute with astype(np.int64)")
    if kind.form != "py" and kind.dtype != "bool" and not is_comparison(op) and (known.elementwise or known.selects):
        bounds = np.iinfo(kind.dtype)
        if any(isinstance(a, Const) and type(a.value) is int and not bounds.min <= a.value <= bounds.max
               for a in op.args):
            raise _refusal(op, f"a number stands here that does not fit {kind.dtype}", "compute with astype(np.int64)")
    if isinstance(op.fn, type) and kind.form != "py" and kind.dtype not in (*SAME, "bool"):
        raise _refusal(op, f"NumPy looks at what it makes a {kind.dtype} of, Numba does not", "compute with np.int64")
    if known.shifts and kind.shape and not (
            isinstance(op.args[1], Const) and 0 <= op.args[1].value < 64):
        raise _refusal(op, "Numba does not shift by 64 bits or more", "shift by a number")
    if known.power and kind.form == "py" and isinstance(op.args[1], Value):
        raise _refusal(op, "a power of whole numbers may need more than 64 bits, or be a fraction", "write 2.0 ** k")
    if kind.form != "py" and kind.dtype not in SAME and not is_comparison(op) and not is_access(op) and any(
            isinstance(a, Value) and (of := _whole(a)) is not None and (of.dtype, of.form) == ("int64", "py")
            for a in op.args) and (known.truths or known.divides):
        raise _refusal(op, f"NumPy refuses a number that does not fit {kind.dtype}", "compute with astype(np.int64)")
    if known.wraps and not (kind.dtype == "bool" and known.truths) and kind.form != "py" and kind.dtype not in SAME:
        raise _refusal(op, f"NumPy computes this in {kind.dtype}, Numba in 64 bits", "compute with astype(np.int64)")


def _check_fits(op: Op, func: Func) -> None:
    """Numbers that are put into an array of fewer bits: NumPy raises where they do not fit, Numba cuts them."""
    into, makes = _whole(op.result), traits(op).makes
    if into is None or into.dtype in (*SAME, "bool") or not into.shape:
        return
    at = 2 if is_overwrite(op) else {"array": 0, "full": 1}.get(makes, len(op.args))
    stack: list[Arg] = list(op.args[at:at + 1])
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack += item
        elif isinstance(item, (Value, Const)) and not _fits(item, into.dtype, func):
            raise _refusal(op, f"NumPy refuses a number that does not fit {into.dtype}",
                           "let it be an array of np.int64")


def _fits(item: Value | Const, dtype: str, func: Func) -> bool:
    """Is a number certain to fit a dtype?  What stands in an array need not: NumPy cuts it, too."""
    limits = np.iinfo(dtype)
    if isinstance(item, Const):
        return type(item.value) not in (int, float) or limits.min - 1 < item.value < limits.max + 1
    kind = item.kind
    if not isinstance(kind, Num) or kind.shape != () or kind.form == "array" or kind.dtype == "bool" or (
            kind.form == "np" and np.can_cast(kind.dtype, dtype)):
        return True
    low, high = Steep(func.body, None).range(item)
    counted = kind.length is not None and limits.bits >= 32     # an index, a length
    return (low > limits.min - 1 or counted and limits.min < 0) and (high < limits.max + 1 or counted)


def _check_power(op: Op, func: Func) -> None:
    """A whole number to a negative power is 0 there; Python has a fraction, and NumPy an error."""
    base, exponent = op.args
    if not all(_whole(arg) is not None or isinstance(arg, Const) and isinstance(arg.value, int) for arg in op.args):
        return
    if _whole(op.result) is None:       # the fraction
        if isinstance(exponent, Const):
            op.args = base, Const(float(exponent.value))
        return
    kind = _whole(exponent)
    if isinstance(exponent, Const) and exponent.value < 0 or kind is not None and kind.shape != () and not (
            _is_never_negative(exponent, Steep(func.body, None))):
        raise _refusal(op, "NumPy takes no whole number to a negative power", "compute with astype(float)")


def _is_never_negative(value: Arg, steep: Steep) -> bool:
    """Is no element of this below 0, as none of `np.arange(n)` is?"""
    op = steep.makers.get(value) if isinstance(value, Value) else None
    if op is not None and traits(op).makes == "range":
        first = Const(0) if len(op.args) == 1 else op.args[0]
        return not op.kwargs and steep.range(first)[0] >= 0.0 and all(
            isinstance(step, Const) and step.value > 0 for step in op.args[2:3])
    return steep.range(value)[0] >= 0.0


def _is_mixed(op: Op) -> bool:
    """Is one operand of 64 bits without a sign, and another with one?"""
    dtypes = {kind.dtype for a in op.args if isinstance(a, Value) and (kind := _whole(a)) is not None
              and kind.form != "py"}
    return "uint64" in dtypes and any(np.dtype(dtype).kind == "i" for dtype in dtypes)


def _check_carried(loop: Loop) -> None:
    """What a loop carries may be counted up, not multiplied with itself: Python's integers grow."""
    carried = {p for p in loop.body.params if (kind := _whole(p)) is not None and kind.form == "py"}
    made: dict[Value, Op] = {v: stmt for stmt in walk(loop.body) if isinstance(stmt, Op) for v in stmt.results}

    def depends(arg: object, depth: int = 12) -> bool:
        if arg in carried:
            return True
        op = made.get(arg) if isinstance(arg, Value) and depth and _whole(arg) is not None else None
        return op is not None and not traits(op).steps and any(depends(v, depth - 1) for v in operands(op))

    begun = {p for init, p in zip(loop.inits, loop.body.params, strict=True)
             if (kind := _whole(p)) is not None and kind.form != "py" and isinstance(init, Const)}
    for op in made.values():
        if (is_sum(op) or is_product(op)) and not begun.isdisjoint(operands(op)) and any(
                (kind := _whole(v)) is not None and kind.dtype not in (*SAME, "bool") for v in operands(op)):
            what = "adds this up" if is_sum(op) else "multiplies this"
            raise _refusal(op, f"NumPy {what} in fewer bits, Numba in 64", "compute with astype(np.int64)")
    handed = set(values_in(loop.body.results))
    for op in made.values():
        kind = _whole(op.results[0])
        if kind is None or kind.form != "py" or kind.dtype != "int64" or not _leads_to(op.results[0], handed, made):
            continue
        grown = [arg for arg in op.args if depends(arg)]
        if is_product(op) and grown and not any(isinstance(a, Const) and a.value in (-1, 0, 1) for a in op.args) \
                or is_sum(op) and len(grown) > 1:
            raise _refusal(op, "this whole number may grow beyond 64 bits", "let it be a float")


def _leads_to(value: Value, handed: set[Value], made: dict[Value, Op]) -> bool:
    """Is a value handed on to the next iteration, or something made of it?"""
    reached = {value}
    for op in made.values():        # in order
        if not reached.isdisjoint(operands(op)):
            reached.update(v for v in op.results if _whole(v) is not None)
    return not reached.isdisjoint(handed)


def _refusal(op: Op, message: str, remedy: str) -> CannotDifferentiate:
    at = op.origin
    file, line, text = (at.file, at.line, at.text) if at is not None else ("", 0, "")
    return CannotDifferentiate(Refusal(message, file, line, text, 0, f"{remedy}, or leave out backend='numba'"))
