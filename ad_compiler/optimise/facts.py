"""What the passes ask of a statement or an atom: its kind, its price, whether it may go.

>>> from ad_compiler.ir import Const
>>> number(Const(2.0)), number(Const("two")), num(Const(2.0)).dtype
(2.0, None, 'float64')
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ad_compiler.indices import gathers, is_mask
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    map_values,
    operands,
    substitute,
    walk,
)
from ad_compiler.kinds import Dim, Kind, Num, Obj, kind_of_value, may_be_one
from ad_compiler.ops import (
    has_effect,
    has_partials,
    is_comparison,
    is_free,
    is_negation,
    is_python,
    is_quotient,
    is_read,
    is_sum,
    raises,
    traits,
)

PLAIN = (bool, int, float)


def kind(atom: Atom) -> Kind:
    """Kind of a value, or of a known object."""
    if isinstance(atom, Value):
        return atom.kind
    if isinstance(atom.value, np.ndarray):      # two known arrays share no symbolic length
        return Num(str(atom.value.dtype), atom.value.shape)
    return kind_of_value(atom.value, "constant")


def num(atom: Arg) -> Num | None:
    """Kind of an atom that is a number or an array."""
    found = atom.kind if type(atom) is Value else kind(atom) if type(atom) is Const else None
    return found if type(found) is Num else None


def same_kind(a: Arg, b: Arg) -> bool:
    """Are two atoms known to agree in dtype, shape and form?"""
    x, y = num(a), num(b)
    if x is None or y is None or (x.dtype, x.shape, x.form) != (y.dtype, y.shape, y.form):
        return False
    return x.shape is not None or x.length is not None and x.length == y.length


def alike(a: tuple[Dim, ...] | None, b: tuple[Dim, ...] | None) -> bool:
    """Are two shapes the same where they meet in one operation?  Lengths that are not 1 are equal, or it raises."""
    return a is not None and b is not None and len(a) == len(b) and all(
        x == y or not may_be_one(x) and not may_be_one(y) for x, y in zip(a, b, strict=True))


def is_scalar(atom: Arg) -> bool:
    """A Python number or a NumPy scalar: immutable, and without axes."""
    found = num(atom)
    return found is not None and found.shape == () and found.form in ("py", "np")


def is_float(atom: Arg) -> bool:
    """A real number or array that is not an integer or boolean."""
    found = atom.kind if type(atom) is Value else num(atom)
    return type(found) is Num and found.dtype[:5] == "float"


def number(atom: Arg) -> Any:
    """The Python number that an atom is known to be, or None; booleans and named constants count."""
    return atom.value if type(atom) is Const and type(atom.value) in PLAIN else None


def clearer(hint: str, other: str) -> str:
    """The better of two names: the user's own, then one that starts with `~`, made up here."""
    own = other and not other.startswith("~")
    return other if not hint or hint.startswith("~") and own else hint


def must_stay(op: Op) -> bool:
    """Would its absence be seen?  What could only raise is not missed in the reverse sweep, nor for a wrong index."""
    return has_effect(op) or raises(op) and not op.reverse


def opaque(op: Op) -> bool:
    """Does it read or make an object whose contents are not known, and may change?"""
    for values in (operands(op), op.results):
        for value in values:
            if type(value.kind) is Obj:
                return True
    return False


def may_repeat(op: Op) -> bool:
    """May this indexing name an element twice?"""
    return gathers(op.args[1]) and not is_mask(op.args[1])


def is_cheap(op: Op) -> bool:
    """Costs no more to do again than to keep: a view, a shape, the negation of a number."""
    if is_read(op):
        return not gathers(op.args[1])
    if is_negation(op):
        return is_scalar(op.args[0])
    return is_free(op)


def is_operation(op: Op) -> bool:
    """Is it elementwise arithmetic: `+`, `-`, `/`, a comparison, or a function with partial derivatives?"""
    return has_partials(op) or is_python(op) and (is_sum(op) or is_quotient(op) or is_comparison(op))


def is_square(op: Op) -> bool:
    """Is this `x ** 2`?"""
    found = traits(op)
    return found.powers == (2,) or found.power and number(op.args[1]) == 2


def count_uses(block: Block) -> Counter[Value]:
    """How often each value is read in a block, what is handed on included."""
    found: list[Value] = []
    _gather_uses(block, None, found)
    return Counter(found)


def _gather_uses(block: Block, owner: Stmt | None, found: list[Value]) -> None:
    for stmt in block.ops:
        if type(stmt) is Op:
            known = stmt.read
            found += operands(stmt) if known is None or known[0] is not stmt.args or stmt.kwargs else known[1]
            continue
        found += operands(stmt)
        for inner in blocks_of(stmt):
            _gather_uses(inner, stmt, found)
    found += block_outputs(block, owner)


def has_loops(func: Func) -> bool:
    """Is there a loop?"""
    return _holds_loop(func.body)


def _holds_loop(block: Block) -> bool:
    for stmt in block.ops:
        if type(stmt) is not Op and (type(stmt) is Loop or any(map(_holds_loop, blocks_of(stmt)))):
            return True
    return False


def replace_values(func: Func, mapping: dict[Value, Atom]) -> None:
    """Replace values throughout a function.

    A reverse loop may undo a loop that is gone; the bounds of that one are kept in step too.
    """
    if not mapping:
        return
    substitute(func.body, mapping)

    def new(value: Value) -> Arg:
        found: Arg = value
        while isinstance(found, Value) and found in mapping:
            found = mapping[found]
        return found

    for stmt in walk(func.body):
        if isinstance(stmt, Loop) and stmt.mirror is not None:
            gone = stmt.mirror
            gone.start, gone.stop, gone.step = map_values((gone.start, gone.stop, gone.step), new)
