"""`np.einsum`: the cotangent of an operand is another `einsum`, whose subscripts are made from the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.kinds import Dim, NotStatic, Num, broadcast, number, result_dtype
from ad_compiler.rules.common import Array, num
from ad_compiler.rules.registry import rule, static
from ad_compiler.runtime import unbroadcast


@static
def split_subscripts(subscripts: str) -> tuple[tuple[str, ...], str]:
    """The letters of each operand and of the result.

    >>> split_subscripts("ij,jk"), split_subscripts("ii")
    ((('ij', 'jk'), 'ik'), (('ii',), ''))
    """
    if not isinstance(subscripts, str):
        raise NotStatic("the subscripts of np.einsum must be a string, known before the program runs")
    if "." in subscripts:
        raise NotStatic("an ellipsis in the subscripts of np.einsum has no rule: name the axes")
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    if not arrow:
        right = "".join(c for c in sorted(set(left)) if c.isalpha() and left.count(c) == 1)
    return tuple(left.split(",")), right


@static
def adjoint_subscripts(subscripts: str, at: int) -> tuple[str, str, str]:
    """Subscripts that give the cotangent of operand `at`, from the result's cotangent and the other operands.

    Then the letters that only the operand has (it was summed along them), and pairs of letters that are one
    letter repeated (its diagonal was taken).

    >>> adjoint_subscripts("ij,jk->ik", 0), adjoint_subscripts("ii->i", 0), adjoint_subscripts("ij->", 0)
    (('ik,jk->ij', '', ''), ('i,ai->ia', '', 'ai'), (',i,j->ij', 'ij', ''))
    """
    terms, result = split_subscripts(subscripts)
    rest = [t for i, t in enumerate(terms) if i != at]
    free = iter(c for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in subscripts)
    own, pairs = "", ""
    for letter in terms[at]:
        if letter in own:
            twin = next(free)
            pairs += twin + letter
            letter = twin
        own += letter
    known = result + "".join(rest)
    alone = "".join(c for c in dict.fromkeys(terms[at]) if c not in known)
    inputs = [result, *rest, *alone, *(pairs[i:i + 2] for i in range(0, len(pairs), 2))]
    return ",".join(inputs) + "->" + own, alone, pairs


def einsum_kind(subscripts: Any, *operands: Any) -> Num:
    """An axis for each letter of the result."""
    terms, result = split_subscripts(subscripts)
    kinds = [num(x) for x in operands]
    if len(terms) != len(kinds):
        raise ValueError(f"einsum has subscripts for {len(terms)} operands, {len(kinds)} are given")
    lengths: dict[str, Dim] = {}
    dtype = result_dtype(*kinds)
    for term, kind in zip(terms, kinds, strict=True):
        if kind.shape is None:
            raise NotStatic("np.einsum of an array whose rank is not known")
        if len(kind.shape) != len(term):
            raise ValueError(f"einsum: the subscripts `{term}` are for {len(term)} axes, not {len(kind.shape)}")
        for letter, dim in zip(term, kind.shape, strict=True):
            merged = broadcast(Num(dtype, (lengths.get(letter, 1),)), Num(dtype, (dim,)))
            lengths[letter] = (merged or (dim,))[0]
    return number(dtype, tuple(lengths[c] for c in result))


def cotangent(subscripts: str, operands: Array, at: int, out_bar: Array) -> Array:
    """The cotangent of one operand."""
    x = operands[at]
    term = split_subscripts(subscripts)[0][at]
    spec, alone, pairs = adjoint_subscripts(subscripts, at)
    rest = [y for i, y in enumerate(operands) if i != at]
    ones = [np.ones(x.shape[term.index(c)], dtype=x.dtype) for c in alone]
    eyes = [np.eye(x.shape[term.index(c)], dtype=x.dtype) for c in pairs[1::2]]
    return unbroadcast(np.einsum(spec, out_bar, *rest, *ones, *eyes), x)


@rule(np.einsum, kind=einsum_kind, multilinear=range(1, 64), passes=True)
def einsum(subscripts: str, *operands: Array, out: Array, out_bar: Array) -> Array:
    return (None, *[cotangent(subscripts, operands, i, out_bar) for i in range(len(operands))])
