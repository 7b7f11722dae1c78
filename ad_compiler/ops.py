"""What passes ask of an op: what its function is known to promise.

>>> import operator
>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import FLOAT, Num
>>> x = Value("x", Num("float64", (3,)))
>>> has_effect(Op(operator.getitem, (x, Value("i", FLOAT)))), is_known(Op(len, (x,))), is_known(Op(open, (x,)))
(False, True, False)
"""

from __future__ import annotations

import operator
from typing import TypeGuard

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.ir import Const, Op, Stmt, Value
from ad_compiler.kinds import Shape
from ad_compiler.rules import registry
from ad_compiler.rules.traits import FREE, Function, Traits, all_traits, traits_of

STORED = ("write", "add")


def written() -> dict[Function, str]:
    """What Python writes otherwise than as a call, and how."""
    return {fn: known.written for fn, known in all_traits().items() if known.written}


def traits(op: Op) -> Traits:
    """What is known of the function that an op calls."""
    return traits_of(op.fn)


def is_known(op: Op) -> bool:
    """Has its function a kind and a derivative?"""
    return registry.lookup(op.fn) is not None


def is_constant(op: Op) -> bool:
    """Is its derivative zero wherever there is one?"""
    rule = registry.lookup(op.fn)
    return rule is not None and rule.constant


def is_read(stmt: object) -> TypeGuard[Op]:
    """Is this `a[index]`, of an array, a list or a shape?"""
    return type(stmt) is Op and traits_of(stmt.fn).access == "read"


def is_overwrite(stmt: object) -> TypeGuard[Op]:
    """Is this `a[index] = v`?"""
    return type(stmt) is Op and traits_of(stmt.fn).access == "write"


def is_increment(stmt: object) -> TypeGuard[Op]:
    """Is this `a[index] += v`, an element that is named twice being added to twice?"""
    return type(stmt) is Op and traits_of(stmt.fn).access == "add"


def is_store(stmt: object) -> TypeGuard[Op]:
    """Is this either?"""
    return type(stmt) is Op and traits_of(stmt.fn).access in STORED


def is_access(stmt: object) -> TypeGuard[Op]:
    """Is this a store, or what reads at an index?"""
    return is_read(stmt) or is_store(stmt)


def is_length(stmt: object) -> TypeGuard[Op]:
    """Is this the length of an axis, `x.shape[i]`?"""
    return is_read(stmt) and isinstance(stmt.args[0], Value) and isinstance(stmt.args[0].kind, Shape)


def asks_attribute(stmt: Stmt | None, *names: str) -> TypeGuard[Op]:
    """Is this `x.name`, with one of these names where any are given?"""
    return type(stmt) is Op and traits_of(stmt.fn).access == "attribute" \
        and (not names or isinstance(stmt.args[1], Const) and stmt.args[1].value in names)


def is_maker(stmt: object) -> TypeGuard[Op]:
    """Is this called for new memory, into which something may be written later?"""
    return type(stmt) is Op and traits_of(stmt.fn).makes not in ("", "range")


def is_zeros(stmt: object) -> TypeGuard[Op]:
    """Is the result full of zeros?"""
    return type(stmt) is Op and traits_of(stmt.fn).makes == "zeros"


def is_ones(stmt: object) -> TypeGuard[Op]:
    """Is the result full of ones?"""
    return type(stmt) is Op and traits_of(stmt.fn).makes == "ones"


def is_empty(stmt: object) -> TypeGuard[Op]:
    """Is the result to be written into, before it is read?"""
    return type(stmt) is Op and traits_of(stmt.fn).makes == "empty"


def makes_copy(stmt: object) -> TypeGuard[Op]:
    """Is this a copy of an array, or of a number as an array?"""
    return type(stmt) is Op and traits_of(stmt.fn).makes == "copy"


def is_like(op: Op) -> bool:
    """Is an argument asked for its shape alone?"""
    return traits_of(op.fn).like is not None


def is_measure(op: Op) -> bool:
    """Is the result a shape, a length or a number of elements?"""
    found = traits_of(op.fn)
    return found.like is not None and found.cost == FREE and not found.view


def makes_list(op: Op) -> bool:
    """Is the result a list of its own, or the one that is written into?"""
    return traits_of(op.fn).list != ""


def writes_list(op: Op) -> bool:
    """May this change the list that it is given?"""
    return traits_of(op.fn).list == "writes"


def is_reduction(stmt: object) -> TypeGuard[Op]:
    """Is an array gone through element by element, from a number on?"""
    return type(stmt) is Op and traits_of(stmt.fn).reduction is not None


def reduction(op: Op) -> tuple[float, Function]:
    """Where a reduction begins, and what it does with the next element."""
    found = traits_of(op.fn).reduction
    assert found is not None
    return found


def is_total(stmt: object) -> TypeGuard[Op]:
    """Are elements added up?"""
    return is_reduction(stmt) and reduction(stmt)[1] is operator.add


def is_stretched(op: Op) -> bool:
    """Do elements of the result lie on top of each other, so that there is no memory to write into?"""
    return traits_of(op.fn).view == "stretched"


def is_product(stmt: object) -> TypeGuard[Op]:
    """Is this `x * y`, element by element?"""
    return type(stmt) is Op and traits_of(stmt.fn).powers == (1, 1)


def is_quotient(stmt: object) -> TypeGuard[Op]:
    """Is this `x / y`?"""
    return type(stmt) is Op and traits_of(stmt.fn).powers == (1, -1)


def is_addition(stmt: object) -> TypeGuard[Op]:
    """Is this `x + y`?"""
    return type(stmt) is Op and traits_of(stmt.fn).signs == (1, 1)


def is_sum(stmt: object) -> TypeGuard[Op]:
    """Is this `x + y` or `x - y`?"""
    return type(stmt) is Op and traits_of(stmt.fn).signs in ((1, 1), (1, -1))


def is_difference(stmt: object) -> TypeGuard[Op]:
    """Is this `x - y`?"""
    return type(stmt) is Op and traits_of(stmt.fn).signs == (1, -1)


def accumulates(stmt: object) -> TypeGuard[Op]:
    """Does this add to its first operand, or at some index of it?"""
    return is_sum(stmt) or is_increment(stmt)


def is_operator(op: Op) -> bool:
    """Is it an operator, as Python writes them, of numbers?"""
    found = traits_of(op.fn)
    return found.elementwise and found.written.count("{}") == len(op.args)


def is_python(op: Op) -> bool:
    """Is it an operator or a builtin, which makes numbers of Python's of such?"""
    return getattr(op.fn, "__module__", "") in ("_operator", "builtins")


def is_negation(stmt: object) -> TypeGuard[Op]:
    """Is this `-x`?"""
    return type(stmt) is Op and traits_of(stmt.fn).signs == (-1,)


def is_transpose(stmt: object) -> TypeGuard[Op]:
    """Are axes put into another order, by `np.transpose`?"""
    return type(stmt) is Op and traits_of(stmt.fn).order == "transpose"


def is_outer(stmt: object) -> TypeGuard[Op]:
    """Is this each element of the one operand with each of the other?"""
    return type(stmt) is Op and traits_of(stmt.fn).outer


def is_elementwise(op: Op) -> bool:
    """Does each element of the result come from the elements at its place?"""
    return traits_of(op.fn).elementwise


def is_matrix_product(stmt: object) -> TypeGuard[Op]:
    """Is this a product of matrices and vectors?"""
    return type(stmt) is Op and traits_of(stmt.fn).matrices


def has_partials(op: Op) -> bool:
    """Is its derivative given by partial derivatives alone?"""
    rule = registry.lookup(op.fn)
    return rule is not None and bool(rule.partials)


def has_effect(op: Op) -> bool:
    """Can it be seen from outside: a print, an error that the user raises?"""
    return op.effect or traits_of(op.fn).effect
