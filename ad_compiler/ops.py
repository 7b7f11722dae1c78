"""What passes ask of an op: what the function that it calls promises.

>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import INT, Num
>>> x, i = Value("x", Num("float64", (3,))), Value("i", INT)
>>> read, total = Op(operator.getitem, (x, i)), Op(operator.add, (i, i))
>>> is_read(read), is_sum(read), is_sum(total), is_known(Op(open, (x,)))
(True, False, True, False)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeGuard

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.ir import Const, Op, Value
from ad_compiler.kinds import Shape
from ad_compiler.rules import registry
from ad_compiler.rules.traits import FREE, Function, Traits, all_traits, traits_of

Test = Callable[[object], TypeGuard[Op]]


def _having(trait: str, *values: Any) -> Test:
    """Is something an op whose function has one of these values of a trait?"""
    ask = operator.attrgetter(trait)

    def test(stmt: object) -> TypeGuard[Op]:
        return type(stmt) is Op and ask(traits_of(stmt.fn)) in values
    return test


# -- what is read and written ----------------------------------------------------------------------------

is_read = _having("access", "read")                     # a[index], of an array, a list or a shape
is_overwrite = _having("access", "write")               # a[index] = v
is_increment = _having("access", "add")                 # a[index] += v; an element named twice is added to twice
is_store = _having("access", "write", "add")
is_access = _having("access", "read", "write", "add")
is_zeros = _having("makes", "zeros")
is_ones = _having("makes", "ones")
is_empty = _having("makes", "empty")                    # to be written into before it is read
makes_copy = _having("makes", "copy")
makes_list = _having("list", "makes", "writes")         # a list of its own, or the one that it writes into
writes_list = _having("list", "writes")                 # it may change the list that it is given
is_stretched = _having("view", "stretched")             # elements lie on top of each other: not to be written into
is_transpose = _having("order", "transpose")


def asks_attribute(stmt: object, *names: str) -> TypeGuard[Op]:
    """Is this `x.name`, with one of these names where any are given?"""
    return type(stmt) is Op and traits_of(stmt.fn).access == "attribute" \
        and (not names or isinstance(stmt.args[1], Const) and stmt.args[1].value in names)


def is_length(stmt: object) -> TypeGuard[Op]:
    """Is this the length of an axis, `x.shape[i]`?"""
    return is_read(stmt) and isinstance(stmt.args[0], Value) and isinstance(stmt.args[0].kind, Shape)


def is_maker(op: Op) -> bool:
    """Is this called for new memory, into which something may be written later?"""
    return traits_of(op.fn).makes not in ("", "range")


def is_like(op: Op) -> bool:
    """Is an argument asked for its shape alone?"""
    return traits_of(op.fn).like is not None


def is_measure(op: Op) -> bool:
    """Is the result a shape, a length or a number of elements?"""
    found = traits_of(op.fn)
    return found.like is not None and found.cost == FREE and not found.view


# -- arithmetic ------------------------------------------------------------------------------------------

is_elementwise = _having("elementwise", True)           # each element comes from the elements at its place
is_addition = _having("signs", (1, 1))                  # x + y
is_difference = _having("signs", (1, -1))               # x - y
is_sum = _having("signs", (1, 1), (1, -1))              # either
is_negation = _having("signs", (-1,))                   # -x
is_product = _having("powers", (1, 1))                  # x * y, element by element
is_quotient = _having("powers", (1, -1))                # x / y
is_outer = _having("outer", True)
is_matrix_product = _having("matrices", True)


def accumulates(stmt: object) -> TypeGuard[Op]:
    """Does this add to its first operand, or at some index of it?"""
    return is_sum(stmt) or is_increment(stmt)


def is_reduction(stmt: object) -> TypeGuard[Op]:
    """Is an array gone through element by element, from a number on?"""
    return type(stmt) is Op and traits_of(stmt.fn).reduction is not None


def reduction(op: Op) -> tuple[float, Function]:
    """Where a reduction begins, and what it does with the next element."""
    found = traits_of(op.fn).reduction
    assert found is not None
    return found


def is_total(stmt: object) -> TypeGuard[Op]:
    """Are elements added up, as by `np.sum`?"""
    return is_reduction(stmt) and reduction(stmt)[1] is operator.add


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


def has_effect(op: Op) -> bool:
    """Can it be seen from outside: a print, an error that the user raises?"""
    return op.effect or traits_of(op.fn).effect
