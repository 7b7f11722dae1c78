"""What passes ask of an op: what its function is known to promise.

>>> import operator
>>> from ad_compiler.ir import Value
>>> from ad_compiler.kinds import FLOAT, Num
>>> x = Value("x", Num("float64", (3,)))
>>> has_effect(Op(operator.getitem, (x, Value("i", FLOAT)))), is_known(Op(len, (x,))), is_known(Op(open, (x,)))
(False, True, False)
"""

from __future__ import annotations

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.ir import Op
from ad_compiler.rules import registry
from ad_compiler.rules.traits import Traits, traits_of


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


def has_effect(op: Op) -> bool:
    """Can it be seen from outside: a print, an error that the user raises?"""
    return op.effect or traits_of(op.fn).effect
