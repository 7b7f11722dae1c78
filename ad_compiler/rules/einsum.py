"""`np.einsum`: the cotangent of an operand is another `einsum`, whose subscripts are made from the first."""

from __future__ import annotations

from dataclasses import replace
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
def adjoint_subscripts(subscripts: str, at: int) -> tuple[str, bool, tuple[int, ...], tuple[int, ...]]:
    """Subscripts that give the cotangent of operand `at`, from the result's cotangent and the other operands.

    Then, whether the cotangent is a number, which is left out: it need not go through the sum.  Then the axes that only
    the operand has (it was summed along them), and those along which a letter is repeated (its diagonal was taken).

    >>> adjoint_subscripts("ij,jk->ik", 0), adjoint_subscripts("ii->i", 0), adjoint_subscripts("ij->", 0)
    (('ik,jk->ij', False, (), ()), ('i,ai->ia', False, (), (0,)), ('i,j->ij', True, (0, 1), ()))
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
    number = not result and len(inputs) > 1
    axes = tuple(map(terms[at].index, alone)), tuple(map(terms[at].index, pairs[1::2]))
    return ",".join(inputs[number:]) + "->" + own, number, *axes


def einsum_kind(subscripts: Any, *operands: Any, optimize: Any = False) -> Num:
    """An axis for each letter of the result."""
    terms, result = split_subscripts(subscripts)
    kinds = [num(x) for x in operands]
    if len(terms) != len(kinds):
        raise ValueError(f"einsum has subscripts for {len(terms)} operands, {len(kinds)} are given")
    lengths: dict[str, Dim] = {}
    dtype = result_dtype(*(replace(k, form="array") for k in kinds))       # of a number of Python's it makes an array
    for term, kind in zip(terms, kinds, strict=True):
        if kind.shape is None:
            raise NotStatic("np.einsum of an array whose rank is not known")
        if len(kind.shape) != len(term):
            raise ValueError(f"einsum: the subscripts `{term}` are for {len(term)} axes, not {len(kind.shape)}")
        for letter, dim in zip(term, kind.shape, strict=True):
            merged = broadcast(Num(dtype, (lengths.get(letter, 1),)), Num(dtype, (dim,)))
            lengths[letter] = (merged or (dim,))[0]
    return number(dtype, tuple(lengths[c] for c in result))


def lengths_met(subscripts: Any, *operands: Any, **_: Any) -> list[tuple[list[Dim], bool]]:
    """The lengths that go by one letter; of one operand, they are all the same."""
    lengths: dict[str, list[Dim]] = {}
    alone: list[tuple[list[Dim], bool]] = []
    for term, x in zip(split_subscripts(subscripts)[0], operands, strict=True):
        shape = num(x).shape or ()
        for letter, dim in zip(term, shape, strict=True):
            lengths.setdefault(letter, []).append(dim)
        alone += [([dim for at, dim in zip(term, shape, strict=True) if at == letter], False)
                  for letter in set(term) if term.count(letter) > 1]
    return [*alone, *((dims, True) for dims in lengths.values())]


def contracted(spec: str, operands: Array, optimize: Any) -> Array:
    """`np.einsum`, in the order that it finds best where the function asks for that."""
    return np.einsum(spec, *operands, optimize=True) if optimize else np.einsum(spec, *operands)


def cotangent(subscripts: str, operands: Array, at: int, optimize: Any, out_bar: Array) -> Array:
    """The cotangent of one operand."""
    x = operands[at]
    spec, number, alone, repeated = adjoint_subscripts(subscripts, at)
    rest = [y for i, y in enumerate(operands) if i != at]
    ones = [np.ones(x.shape[axis], dtype=x.dtype) for axis in alone]
    eyes = [np.eye(x.shape[axis], dtype=x.dtype) for axis in repeated]
    others = [*rest, *ones, *eyes]
    if number and others[0].dtype.kind in "biu":        # small whole numbers would wrap
        others = [others[0].astype(x.dtype), *others[1:]]
    return unbroadcast(out_bar * contracted(spec, others, optimize) if number
                       else contracted(spec, [out_bar, *others], optimize), x)


@rule(np.einsum, kind=einsum_kind, multilinear=range(1, 64), passes=True, meets=lengths_met)
def einsum(subscripts: str, *operands: Array, optimize: Any = False, out: Array, out_bar: Array) -> Array:
    return (None, *[cotangent(subscripts, operands, i, optimize, out_bar) for i in range(len(operands))])
