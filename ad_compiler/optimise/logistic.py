"""The slope of a logistic function by its value: `g * g * e` is `g * (1.0 - g)` where `g = 1.0 / (1.0 + e)`.

Of arrays: so the exponential, which may overflow, and what cuts it off there, need not be kept.  What is left of 1 is
as exact as the value, of which the rest of the function is made.

>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(x):
...     return np.sum(1.0 / (1.0 + np.exp(-x)))
>>> g = grad(f)
>>> g(np.array([0.0, 700.0]))
array([0.25, 0.  ])
>>> print(g.source.splitlines()[-2].partition("  #")[0].strip())
x_bar = q * (1.0 - q)
"""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler.ir import Arg, Atom, Const, Op, Value
from ad_compiler.ops import known_for
from ad_compiler.optimise.facts import is_float, num, number, same_kind
from ad_compiler.optimise.rewrite import Call, Context, arithmetic, makes_result

is_exponential = known_for(lambda of: of.overflows and of.touches_zero)
may_be_cut_off = known_for(lambda of: of.selects)


def by_value(op: Op, see: Context) -> Atom | None:
    """A product with an exponential that is cut off where it overflows, and the inverse of one more than that."""
    for product, cut in (op.args, op.args[::-1]):
        least = see.maker(cut, np.minimum)
        if least is None:
            continue
        e, kind = least.args[0], num(op.result)
        if isinstance(e, Value) and is_exponential(see.makers.get(e)) and same_kind(product, op.result) \
                and kind is not None and number(least.args[1]) == float(np.finfo(kind.dtype).max):
            found = _with_rest(product, e, op, see)
            if found is not None:
                return found
    return None


def by_rest(op: Op, see: Context) -> Call | None:
    """`x - x * e` is `x * (1.0 - e)`, in a derivative, where `e` is a row and `x` has many."""
    x, b = op.args
    product = see.maker(b, operator.mul) if (op.reverse or op.derived) and see.once(b) else None
    if product is None or x not in product.args or not is_float(x):
        return None
    e = product.args[1 if product.args[0] is x else 0]
    found = arithmetic(operator.sub, Const(1.0), e)
    if found is None or not isinstance(e, Value) or same_kind(x, e) \
            or not makes_result(arithmetic(operator.mul, x, e), op):
        return None
    return Call(operator.mul, (x, see.emit(op, operator.sub, (Const(1.0), e), found)))


def _with_rest(product: Arg, e: Arg, op: Op, see: Context) -> Atom | None:
    """A product in which a factor `g` has become `1.0 - g`; `bar * g * g` becomes `bar * (g * (1.0 - g))`."""
    if _is_inverse(product, e, see):
        found = num(product)
        assert found is not None
        return see.emit(op, operator.sub, (Const(1.0), product), found)
    made, found = _only_here(product, see), num(product)
    if made is None or found is None:
        return None
    for at in (1, 0):
        factor, other = made.args[at], made.args[1 - at]
        rest = _with_rest(factor, e, op, see)
        if rest is None:
            continue
        again, kind = _only_here(other, see), num(factor)
        if again is not None and kind is not None and factor in again.args and same_kind(factor, rest):
            slope = see.emit(op, operator.mul, (factor, rest), kind)
            bar = again.args[1 - again.args.index(factor)]
            return see.emit(op, operator.mul, (bar, slope), found)
        return see.emit(op, operator.mul, (other, rest) if at else (rest, other), found)
    return None


def _only_here(product: Arg, see: Context) -> Op | None:
    """The product of a derivative that an atom is, where nothing else reads it."""
    made = see.maker(product, operator.mul)
    return made if made is not None and made.reverse and see.once(product) else None


def _is_inverse(g: Arg, e: Arg, see: Context) -> bool:
    """Is this `1.0 / (1.0 + e)`?"""
    quotient = see.maker(g, operator.truediv, np.true_divide, np.reciprocal)
    if quotient is None or len(quotient.args) == 2 and number(quotient.args[0]) != 1 or not same_kind(g, e):
        return False
    more = see.maker(quotient.args[-1], operator.add, np.add)
    return more is not None and any(number(one) == 1 and other is e for one, other in (more.args, more.args[::-1]))
