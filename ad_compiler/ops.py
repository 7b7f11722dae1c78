"""What passes ask of an op: what the function that it calls promises.

>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import INT, Num
>>> x, i = Value("x", Num("float64", (3,))), Value("i", INT)
>>> read, total = Op(operator.getitem, (x, i)), Op(operator.add, (i, i))
>>> is_read(read), is_sum(read), is_sum(total), is_known(Op(open, (x,)))
(True, False, True, False)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import TypeGuard

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.ir import Arg, Const, Op, Stmt, Value, definitions, operands
from ad_compiler.kinds import Num, Seq, Shape
from ad_compiler.rules import registry
from ad_compiler.rules.traits import FREE, Function, Traits, all_traits, functions, traits_of

Test = Callable[[object], TypeGuard[Op]]


def known_for(test: Callable[[Traits], bool]) -> Test:
    """Is something an op whose function is known for this?"""
    fns = functions(test)

    def ask(stmt: object) -> TypeGuard[Op]:
        return type(stmt) is Op and stmt.fn in fns
    return ask


# -- what is read and written ----------------------------------------------------------------------------

is_read = known_for(lambda of: of.access == "read")               # a[index], of an array, a list or a shape
is_overwrite = known_for(lambda of: of.access == "write")         # a[index] = v
is_increment = known_for(lambda of: of.access == "add")           # a[index] += v; what is named twice gains twice
is_store = known_for(lambda of: of.access in ("write", "add"))    # either
is_access = known_for(lambda of: of.access in ("read", "write", "add"))
is_attribute = known_for(lambda of: of.access == "attribute")
is_zeros = known_for(lambda of: of.makes == "zeros")
is_full = known_for(lambda of: of.makes == "full")
is_ones = known_for(lambda of: of.makes == "ones")
is_empty = known_for(lambda of: of.makes == "empty")              # to be written into before it is read
is_maker = known_for(lambda of: of.makes not in ("", "range"))    # new memory, to be written into later
makes_memory = known_for(lambda of: of.makes not in ("", "range") or of.list in ("makes", "writes"))    # or a list
is_like = known_for(lambda of: of.like is not None)               # an argument is asked for its shape alone
is_measure = known_for(lambda of: of.like is not None and of.cost == FREE and not of.view)  # a shape, a length
is_free = known_for(lambda of: of.cost == FREE or of.view != "")    # costs no more than to read what is kept
may_pass = known_for(lambda of: of.view != "" or of.passes)         # the result may be the argument, or a view of it
makes_copy = known_for(lambda of: of.makes == "copy")
makes_list = known_for(lambda of: of.list in ("makes", "writes"))  # a list of its own, or the one that it changes
writes_list = known_for(lambda of: of.list == "writes")           # it may change the list that it is given
is_argument = known_for(lambda of: of.view == "argument")         # the result is the argument itself
is_same = known_for(lambda of: of.view in ("same", "argument"))   # it is, or is where that is an array
is_stretched = known_for(lambda of: of.view == "stretched")       # elements lie on top of each other
is_transpose = known_for(lambda of: of.order == "transpose")


def asks_attribute(stmt: object, *names: str) -> TypeGuard[Op]:
    """Is this `x.name`, with one of these names where any are given?"""
    return is_attribute(stmt) and (not names or isinstance(stmt.args[1], Const) and stmt.args[1].value in names)


def is_length(stmt: object) -> TypeGuard[Op]:
    """Is this the length of an axis, `x.shape[i]`?"""
    return is_read(stmt) and isinstance(stmt.args[0], Value) and isinstance(stmt.args[0].kind, Shape)


# -- arithmetic ------------------------------------------------------------------------------------------

is_elementwise = known_for(lambda of: of.elementwise)             # each element comes from those at its place
is_addition = known_for(lambda of: of.signs == (1, 1))            # x + y
is_difference = known_for(lambda of: of.signs == (1, -1))         # x - y
is_sum = known_for(lambda of: of.signs in ((1, 1), (1, -1)))      # either
accumulates = known_for(lambda of: of.signs in ((1, 1), (1, -1)) or of.access == "add")
is_negation = known_for(lambda of: of.signs == (-1,))             # -x
is_product = known_for(lambda of: of.powers == (1, 1))            # x * y, element by element
commutes = known_for(lambda of: of.commutes)
is_comparison = known_for(lambda of: of.comparison)
is_quotient = known_for(lambda of: of.powers == (1, -1))          # x / y
is_power = known_for(lambda of: of.power)                         # x ** y
is_outer = known_for(lambda of: of.outer)
is_reduction = known_for(lambda of: of.reduction is not None)     # an array is gone through, from a number on
is_total = known_for(lambda of: of.reduction is not None and of.reduction[1] is operator.add)  # elements are added up
is_matrix_product = known_for(lambda of: of.matrices)


def reduction(op: Op) -> tuple[float, Function]:
    """Where a reduction begins, and what it does with the next element."""
    found = traits_of(op.fn).reduction
    assert found is not None
    return found


def is_operator(op: Op) -> bool:
    """Is it an operator, as Python writes them, of numbers?"""
    found = traits_of(op.fn)
    return found.elementwise and found.written.count("{}") == len(op.args)


# -- all else --------------------------------------------------------------------------------------------


def traits(op: Op) -> Traits:
    """What is known of the function that an op calls."""
    return traits_of(op.fn)


def written() -> dict[Function, str]:
    """What Python writes otherwise than as a call, and how."""
    return {fn: known.written for fn, known in all_traits().items() if known.written}


def is_python(op: Op) -> bool:
    """Is it an operator or a builtin, which makes numbers of Python's of such?"""
    return getattr(op.fn, "__module__", "") in ("_operator", "builtins")


def may_be_complex(stmt: Stmt) -> TypeGuard[Op]:
    """Is it a power of Python's numbers, with an exponent that may have a fraction?"""
    if not is_power(stmt) or not is_python(stmt) or len(stmt.args) != 2:
        return False
    base, at, kind = *stmt.args, stmt.results[0].kind
    if not isinstance(kind, Num) or kind.form != "py" or not kind.real or not isinstance(base, (Value, Const)):
        return False
    if isinstance(base, Const) and isinstance(base.value, complex):
        return False
    if isinstance(base, Value) and isinstance(base.kind, Num) and base.kind.dtype.startswith("complex"):
        return False
    if isinstance(at, Const):
        return isinstance(at.value, float) and not at.value.is_integer()
    return isinstance(at, Value) and isinstance(at.kind, Num) and at.kind.real


def is_known(op: Op) -> bool:
    """Has its function a kind and a derivative?"""
    return registry.lookup(op.fn) is not None


def is_constant(op: Op) -> bool:
    """Is its derivative zero wherever there is one?"""
    rule = registry.lookup(op.fn)
    return rule is not None and rule.constant


def has_partials(op: Op) -> bool:
    """Is its derivative given by partial derivatives alone?"""
    rule = registry.lookup(op.fn)
    return rule is not None and bool(rule.partials)


raises = known_for(lambda of: of.raises == "value")
is_seen = known_for(lambda of: of.effect)


def has_effect(op: Op) -> bool:
    """Can it be seen from outside: a print, an error that the user raises?"""
    return op.effect or is_seen(op)


def names_infinity(arg: Arg) -> bool:
    """Is this a number that is infinite, or a list with one?"""
    if isinstance(arg, (tuple, list)):
        return any(map(names_infinity, arg))
    return isinstance(arg, Const) and isinstance(arg.value, float) and math.isinf(arg.value)


def works_on_numbers(op: Op) -> bool:
    """Does a function work on numbers of Python's, and raise where it is infinite, but for operands that are?"""
    kind = op.results[0].kind
    return isinstance(kind, Num) and kind.form == "py"


def values_met(stmts: list[Stmt]) -> set[Value]:
    """What statements read and make."""
    return set().union(*map(operands, stmts), *map(definitions, stmts))


def numpys(values: Iterable[Value]) -> Iterator[Num]:
    """The kinds of NumPy's real numbers and arrays among values."""
    for value in values:
        kind = value.kind.elem if type(value.kind) is Seq else value.kind
        if type(kind) is Num and kind.form != "py" and kind.real:
            yield kind


def meets_single(values: Iterable[Value]) -> bool:
    """Is there a number or array of NumPy's that is not of double precision: does it matter which float is Python's?"""
    return any(kind.dtype != "float64" for kind in numpys(values))
