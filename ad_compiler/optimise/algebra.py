"""Sums, products and powers, shortened where that is exact or, in the reverse sweep, exact to rounding.

No rule changes the shape or dtype of a result, or hides a NaN: `0.0 * x` stays.  What the user wrote in the
forward sweep is left as it stands, but for what is computed on Python numbers.

>>> from ad_compiler.kinds import Num, Sym
>>> from collections import Counter
>>> r = Value("r", Num("float64", (Sym("n"),)))
>>> op = Op(operator.add, (r, r), {}, [Value("r_bar", r.kind)], reverse=True)
>>> rewrite(op, Context(Counter(), True)).args
(Const(value=2.0, text=None), <r: Num(dtype='float64', shape=(Sym(n),), form='array', length=None)>)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Arg, Atom, Const, Op, Value
from ad_compiler.ops import (
    commutes,
    is_addition,
    is_difference,
    is_negation,
    is_ones,
    is_product,
    is_quotient,
    is_sum,
    is_zeros,
    known_for,
    traits,
)
from ad_compiler.optimise.facts import is_float, is_scalar, num, number, same_kind
from ad_compiler.optimise.logistic import by_rest, by_value, may_be_cut_off
from ad_compiler.optimise.rewrite import Answer, Call, Context, arithmetic, makes_result


def rewrite(op: Op, see: Context) -> Answer:
    """A shorter way to compute an arithmetic op, or None."""
    if op.kwargs:
        return None
    known = Const in map(type, op.args)
    if not op.reverse and not known:
        return None
    if not is_float(op.result):     # `rows + 0`
        return _same(op) if op.reverse and is_sum(op) else None
    if not op.reverse:
        return _same(op) if is_scalar(op.result) else None
    return known and (_same(op) or _float_constants(op)) or RULES[op.fn](op, see)


# -- what leaves a value as it is ------------------------------------------------------------------------

def _same(op: Op) -> Atom | None:
    """`x * 1`, `x / 1`, `x - 0`, `x ** 1`; in the reverse sweep `x + 0` too, which turns -0.0 into 0.0."""
    if is_negation(op):
        return None
    a, b = op.args
    if number(a) not in (0, 1) and number(b) not in (0, 1):
        return None
    neutral = 0 if is_sum(op) else 1
    if is_addition(op) and not op.reverse:
        return None
    if number(b) == neutral and type(number(b)) is not bool and _fits(op, a):
        return a        # type: ignore[no-any-return]
    if commutes(op) and number(a) == neutral and type(number(a)) is not bool and _fits(op, b):
        return b        # type: ignore[no-any-return]
    return None


def _fits(op: Op, x: Arg) -> bool:
    """Is the result of an op with a Python number of the kind of `x`?"""
    result, operand = num(op.result), num(x)
    if same_kind(op.result, x):
        return True
    return (result is not None and operand is not None and result.shape is None and operand.shape is None
            and result.dtype == operand.dtype)


def _float_constants(op: Op) -> Call | None:
    """`2 * x` of floats is `2.0 * x`; a whole exponent stays whole."""
    def as_float(arg: Arg, other: Arg) -> Arg:
        known = number(arg)
        if type(known) is int and arg.text is None and is_float(other) and abs(known) < 2 ** 53:
            return Const(float(known))
        return arg
    if is_negation(op) or traits(op).power:
        return None
    a, b = op.args
    new = as_float(a, b), as_float(b, a)
    return None if new[0] is a and new[1] is b else Call(op.fn, new)


# -- signs -----------------------------------------------------------------------------------------------

def _positive(atom: Arg, op: Op, see: Context) -> Atom | None:
    """`x` where an atom is `-x`: a negation, or a product or quotient read here only with a part that is negated."""
    negation = see.maker(atom, operator.neg)
    if negation is not None:
        return negation.args[0] if same_kind(negation.args[0], atom) else None
    product = see.maker(atom, operator.mul, operator.truediv)
    if product is None or not product.reverse or not see.once(atom):
        return None
    a, b = product.args
    found = num(atom)
    assert found is not None
    known = number(a) if is_product(product) else None
    if known is not None and known < 0 and a.text is None:
        if known == -1 and same_kind(b, atom):
            return b        # type: ignore[no-any-return]
        return see.emit(op, operator.mul, (Const(-known), b), found)
    for at, factor in enumerate((a, b)):
        inner = _positive(factor, op, see) if see.once(factor) else None
        if inner is not None:
            return see.emit(op, product.fn, (inner, b) if at == 0 else (a, inner), found)
    return None


def _neg(op: Op, see: Context) -> Answer:
    (a,) = op.args
    inner = see.maker(a, operator.neg)
    if inner is not None and same_kind(inner.args[0], op.result):
        return inner.args[0]        # type: ignore[no-any-return]
    product = see.maker(a, operator.mul)
    if product is not None and product.reverse and see.once(a):
        known = number(product.args[0])
        if known is not None and product.args[0].text is None:
            return Call(operator.mul, (Const(-known), product.args[1]))
    difference = see.maker(a, operator.sub)
    if difference is not None and difference.reverse and see.once(a):
        return Call(operator.sub, (difference.args[1], difference.args[0]))
    positive = _positive(a, op, see)
    return _outward(op, see) if positive is None or not same_kind(positive, op.result) else positive


# -- sums ------------------------------------------------------------------------------------------------

def _add(op: Op, see: Context) -> Answer:
    a, b = op.args
    if type(a) is type(b) is Value and a is not b and not any(map(_is_term, see.makers_of(op.args))):
        return None
    for zero, other in ((a, b), (b, a)):
        if is_zeros(see.makers.get(zero)) and same_kind(op.result, other):
            return other        # type: ignore[no-any-return]
    if a is b and isinstance(a, Value):
        return Call(operator.mul, (Const(2.0), a))
    known = number(a)
    if known is not None and known < 0 and a.text is None and isinstance(b, Value):
        return Call(operator.sub, (b, Const(-known)))
    for kept, other in ((a, b), (b, a)):
        positive = _positive(other, op, see)
        if positive is not None:
            return Call(operator.sub, (kept, positive))
    return _twice(op, see) or _common(op, see) or _inward(op, see)


def _twice(op: Op, see: Context) -> Answer:
    """`p + q + p` is `2.0 * p + q`, in the reverse sweep."""
    for total, p in (op.args, op.args[::-1]):
        inner = see.maker(total, operator.add, operator.sub) if op.reverse and see.once(total) else None
        if inner is None or not isinstance(p, Value) or inner.args[0] is not p and (
                is_difference(inner) or inner.args[1] is not p):
            continue
        found = arithmetic(operator.mul, Const(2.0), p)
        if found == p.kind:
            double = see.emit(op, operator.mul, (Const(2.0), p), found)
            return Call(inner.fn, (double, inner.args[1]) if inner.args[0] is p else (inner.args[0], double))
    return None


def _sub(op: Op, see: Context) -> Answer:
    a, b = op.args
    if number(a) == 0 and same_kind(op.result, b):
        return Call(operator.neg, (b,))
    positive = _positive(b, op, see)
    if positive is not None:
        return Call(operator.add, (a, positive))
    return _common(op, see) or by_rest(op, see) or _inward(op, see)


def _common(op: Op, see: Context) -> Answer:
    """`c * u + c * v` is `c * (u + v)`, where neither product is read again."""
    a, b = (_multiple(arg, see) for arg in op.args)
    if a is None or b is None or abs(a[0]) != abs(b[0]):
        return None
    parts: list[Arg] = []
    for _, factors in (a, b):
        found = arithmetic(operator.mul, *factors) if len(factors) > 1 else num(factors[0])
        if found is None:
            return None
        parts.append(factors[0] if len(factors) == 1 else see.emit(op, operator.mul, factors, found))
    fn = op.fn if a[0] == b[0] else operator.sub if is_addition(op) else operator.add
    kind = arithmetic(fn, *parts)
    return None if kind is None else Call(operator.mul, (Const(a[0]), see.emit(op, fn, tuple(parts), kind)))


def _multiple(atom: Arg, see: Context) -> tuple[float, tuple[Arg, ...]] | None:
    """The number that a product begins with, and its other factors."""
    product = see.maker(atom, operator.mul) if see.once(atom) else None
    if product is None or not product.reverse:
        return None
    a, b = product.args
    if isinstance(a, Const):
        return None if a.text is not None or number(a) is None else (a.value, (b,))
    inner = _multiple(a, see)
    return None if inner is None or len(inner[1]) > 1 else (inner[0], (*inner[1], b))


# -- products --------------------------------------------------------------------------------------------

def _mul(op: Op, see: Context) -> Answer:
    a, b = op.args
    known, makers = number(a), see.makers_of(op.args)
    looks = bool(makers) and (_is_factor(makers[0]) or _is_factor(makers[-1]))      # there are two at most
    if known is None:
        if number(b) is not None:
            return Call(operator.mul, (b, a))
        if not looks:
            return None
    if known == -1 and _fits(op, b):
        return Call(operator.neg, (b,))
    for ones, other in ((a, b), (b, a)) if looks else ():
        if is_ones(see.makers.get(ones)) and same_kind(op.result, other):
            return other        # type: ignore[no-any-return]
    if known is not None and a.text is None:
        scaled = _scaled(known, b, see)
        if scaled is not None:
            return scaled
    signs = see.maker(a, operator.neg), see.maker(b, operator.neg)
    if signs[0] is not None and signs[1] is not None:
        return Call(operator.mul, (signs[0].args[0], signs[1].args[0]))
    for rule, about in _OF_PRODUCTS if looks else ():
        if about(makers[0]) or about(makers[-1]):
            answer = rule(op, see)
            if answer is not None:
                return answer
    return None


def _scaled(known: Any, x: Arg, see: Context) -> Call | None:
    """`c * (d * x)` is `(c * d) * x`, and `c * -x` is `-c * x`."""
    negation = see.maker(x, operator.neg)
    if negation is not None:
        return Call(operator.mul, (Const(-known), negation.args[0]))
    quotient = see.maker(x, operator.truediv)
    if quotient is not None and quotient.reverse and see.once(x) and is_scalar(quotient.args[1]) \
            and not is_scalar(quotient.args[0]):
        found = arithmetic(operator.truediv, Const(known), quotient.args[1])
        if found is not None and found.shape == ():
            share = see.emit(quotient, operator.truediv, (Const(known), quotient.args[1]), found)
            return Call(operator.mul, (share, quotient.args[0]))
    product = see.maker(x, operator.mul)
    if product is None or not see.once(x):      # read here only, so it is not the user's any more
        return None
    if number(product.args[0]) is None or product.args[0].text is not None:
        for at, factor in enumerate(product.args):
            smaller = _absorbed(known, factor, product, see)
            if smaller is not None:
                return Call(operator.mul, (smaller, product.args[1]) if at == 0 else (product.args[0], smaller))
        return None
    both = known * product.args[0].value
    if not math.isfinite(both) or both == 0.0 and known != 0 and product.args[0].value != 0:
        return None
    return Call(operator.mul, (Const(both), product.args[1]))


def _absorbed(known: Any, x: Arg, op: Op, see: Context) -> Value | None:
    """`known * x` where that is one product with a number already, under new axes maybe."""
    found = num(x)
    if found is None or not see.once(x):
        return None
    product, wider = see.maker(x, operator.mul), see.maker(x, np.expand_dims)
    if product is not None and product.reverse and number(product.args[0]) is not None and product.args[0].text is None:
        both = known * product.args[0].value
        return see.emit(op, operator.mul, (Const(both), product.args[1]), found) if math.isfinite(both) else None
    if wider is not None and wider.reverse:
        inner = _absorbed(known, wider.args[0], op, see)
        return None if inner is None else see.emit(op, np.expand_dims, (inner, *wider.args[1:]), found, wider.kwargs)
    return None


def _sign_into(op: Op, see: Context) -> Call | None:
    """`-x * (c * y)` is `(-c * x) * y`, and `-x * (-y * z)` is `x * (y * z)`."""
    for negated, product in (op.args, op.args[::-1]):
        sign, made = see.maker(negated, operator.neg), see.maker(product, operator.mul)
        if op.reverse and sign is not None and see.once(negated) and same_kind(sign.args[0], negated):
            positive = _positive(product, op, see)
            if positive is not None:
                return Call(operator.mul, (sign.args[0], positive))
        if sign is None or made is None or not (see.once(negated) and see.once(product) and made.reverse):
            continue
        known, found = number(made.args[0]), num(sign.args[0])
        if known is None or made.args[0].text is not None or found is None or not same_kind(sign.args[0], negated):
            continue
        return Call(operator.mul, (see.emit(op, operator.mul, (Const(-known), sign.args[0]), found), made.args[1]))
    return None


def _quotient(op: Op, see: Context) -> Call | None:
    """`g * (1.0 / x)` is `g / x`."""
    a, b = op.args
    for factor, inverse in ((a, b), (b, a)):
        made = see.maker(inverse, operator.truediv)
        if made is not None and made.reverse and see.once(inverse) and number(made.args[0]) == 1:
            x = made.args[1]
            if arithmetic(operator.truediv, factor, x) == num(op.result):
                return Call(operator.truediv, (factor, x))
    return None


def _scalars_first(op: Op, see: Context) -> Call | None:
    """`(c * x) * s` of an array x is `(c * s) * x`: one pass over the array less."""
    result = num(op.result)
    assert result is not None
    if not result.is_array:
        return None
    for product, scalar in (op.args, op.args[::-1]):
        made = see.maker(product, operator.mul)
        if made is None or not made.reverse or not see.once(product) or not is_scalar(scalar):
            continue
        for array, other in (made.args, made.args[::-1]):
            known = number(other) is not None and number(scalar) is not None       # left to `_scaled`
            if known or not is_scalar(other) or is_scalar(array):
                continue
            found = arithmetic(operator.mul, other, scalar)
            if found is not None and found.shape == () and (found.form == "py" or found.dtype == result.dtype):
                return Call(operator.mul, (see.emit(op, operator.mul, (other, scalar), found), array))
    return None


def _truediv(op: Op, see: Context) -> Answer:
    reciprocal = _reciprocal(op.args[0], op.args[1], see) if op.reverse else None
    if reciprocal is not None and makes_result(arithmetic(operator.mul, op.args[0], reciprocal), op):
        return Call(operator.mul, (op.args[0], reciprocal))
    return _inward(op, see) or _outward(op, see) if any(map(_is_spread, see.makers_of(op.args))) else None


def _reciprocal(product: Arg, y: Arg, see: Context, depth: int = 3) -> Value | None:
    """A factor that is `1.0 / y`: a product with it is not divided by `y`, but multiplied with it once more."""
    negation = see.maker(product, operator.neg)
    product = product if negation is None else negation.args[0]
    inverse = see.maker(product, operator.truediv)
    if inverse is not None and number(inverse.args[0]) == 1 and inverse.args[1] is y:
        return product      # type: ignore[no-any-return]
    factors = see.maker(product, operator.mul)
    if factors is None or depth == 0 or not isinstance(y, Value):
        return None
    return next((found for f in factors.args if (found := _reciprocal(f, y, see, depth - 1)) is not None), None)


def _pow(op: Op, see: Context) -> Answer:
    if number(op.args[1]) == 0 and is_scalar(op.result):
        return Const(1.0)
    return None


# -- what is stretched -----------------------------------------------------------------------------------

def _inward(op: Op, see: Context) -> Call | None:
    """An operand need not be stretched where the other operand has the full shape."""
    for at, arg in enumerate(op.args):
        small = _small(arg, see)
        if small is None:
            continue
        args = tuple(small if i == at else a for i, a in enumerate(op.args))
        if makes_result(arithmetic(op.fn, *args), op):
            return Call(op.fn, args)
    return None


def _small(atom: Arg, see: Context) -> Atom | None:
    """What is stretched to make an atom; the same number everywhere is that in any shape."""
    stretched = see.maker(atom, runtime.broadcast_like)
    if stretched is not None:
        return stretched.args[0]        # type: ignore[no-any-return]
    made = see.makers.get(atom) if isinstance(atom, Value) else None
    moved = see.maker(atom, made.fn) if made is not None and _is_spread(made) else None
    small = _small(moved.args[0], see) if moved is not None else None
    return small if small is not None and is_scalar(small) else None


def _outward(op: Op, see: Context) -> Call | None:
    """What is done to each element of something stretched is done to the small thing, then stretched."""
    for at, arg in enumerate(op.args):
        stretched = see.maker(arg, runtime.broadcast_like)
        if stretched is None or not see.once(arg):
            continue
        small, like = stretched.args
        inner, full, whole = num(small), num(op.result), num(arg)
        args = tuple(small if i == at else a for i, a in enumerate(op.args))
        found = arithmetic(op.fn, *args)
        if inner is None or full is None or whole is None or found is None or found.shape != inner.shape:
            continue
        if found.dtype == full.dtype and full.shape == whole.shape:
            return Call(runtime.broadcast_like, (see.emit(op, op.fn, args, found), like))
    return None


SPREAD = ("stretch", "expand_dims", "reshape", "transpose", "swapaxes")

_is_spread = known_for(lambda of: of.order in SPREAD)      # the elements of the operand, once or more often
_is_term = known_for(lambda of: bool(of.signs or of.powers) or of.order in SPREAD or of.makes == "zeros")
_is_factor = known_for(lambda of: of.signs == (-1,) or bool(of.powers) or of.order in SPREAD or of.makes == "ones")

_OF_PRODUCTS: tuple[tuple[Callable[[Op, Context], Answer], Callable[[Op], bool]], ...] = (
    (_sign_into, is_negation), (_quotient, is_quotient), (_inward, _is_spread), (_outward, _is_spread),
    (_scalars_first, is_product), (by_value, may_be_cut_off),
)
"""Rules of products, and what must make a factor for one to have something to say."""

RULES: dict[Callable[..., Any], Callable[[Op, Context], Answer]] = {
    operator.add: _add, operator.sub: _sub, operator.mul: _mul, operator.truediv: _truediv, operator.pow: _pow,
    operator.neg: _neg,
}
