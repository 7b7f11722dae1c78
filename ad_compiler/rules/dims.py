"""Lengths of axes, known or symbolic, and the arithmetic on them that shapes need.

A key is canonical: however a length was arrived at, equal keys are equal lengths.

>>> n = Sym("n", True)
>>> minus(minus(n, 1), 1), plus(n, 2), minus(plus(n, 2), 2), at_most(times(n, 3), 1)
(Sym(('minus', Sym(n), 2)), Sym(('plus', (Sym(n),), 2)), Sym(n), Sym(('min', Sym(('times', (Sym(n),), 3)), 1)))
>>> over(times(n, 6), n)
6
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from ad_compiler.kinds import Dim, Sym, may_be_one, reaches

_count = itertools.count()


def unknown() -> Sym:
    """A length that is equal to no other."""
    return Sym(("unknown", next(_count)))


def made_up() -> int:
    """A number that grows with each such length."""
    return next(_count)


def _terms(dim: Dim, word: str, unit: int) -> tuple[list[Sym], int]:
    """A length as terms and a constant, joined by `word` ("plus" or "times")."""
    if isinstance(dim, int):
        return [], dim
    if isinstance(dim.key, tuple) and dim.key[0] == word:
        return list(dim.key[1]), dim.key[2]
    return [dim], unit


def plus(*dims: Dim) -> Dim:
    """The sum of lengths."""
    terms: list[Sym] = []
    const = 0
    for dim in dims:
        more, c = _terms(dim, "plus", 0)
        terms += more
        const += c
    return _sum(terms, const)


def _sum(terms: list[Sym], const: int) -> Dim:
    if not terms:
        return const
    if len(terms) == 1 and const == 0:
        return terms[0]
    return Sym(("plus", tuple(sorted(terms, key=repr)), const), not_one=const >= 2)


def times(*dims: Dim) -> Dim:
    """The product of lengths."""
    terms: list[Sym] = []
    const = 1
    for dim in dims:
        more, c = _terms(dim, "times", 1)
        terms += more
        const *= c
    return _product(terms, const)


def _product(terms: list[Sym], const: int) -> Dim:
    if not terms or const == 0:
        return const
    if len(terms) == 1 and const == 1:
        return terms[0]
    not_one = const > 1 or any(not may_be_one(t) for t in terms)
    return Sym(("times", tuple(sorted(terms, key=repr)), const), not_one)


def over(dim: Dim, by: Dim) -> Dim:
    """`dim // by`, for a `by` that is at least 1."""
    terms, const = _terms(dim, "times", 1)
    below, divisor = _terms(by, "times", 1)
    for term in list(below):
        if term in terms:
            terms.remove(term)
            below.remove(term)
    if not below and divisor > 0 and const % divisor == 0:
        return _product(terms, const // divisor)
    if not below and not terms and divisor > 0:
        return const // divisor
    return Sym(("over", dim, by))


def minus(dim: Dim, k: int) -> Dim:
    """`max(dim - k, 0)` for k >= 0: what `x[k:]` has."""
    if k == 0:
        return dim
    if isinstance(dim, int):
        return max(dim - k, 0)
    key = dim.key
    if isinstance(key, tuple) and key[0] == "plus":
        if k <= key[2]:
            return _sum(list(key[1]), key[2] - k)
        if key[2]:
            return minus(_sum(list(key[1]), 0), k - key[2])
    if isinstance(key, tuple) and key[0] == "minus":
        return Sym(("minus", key[1], key[2] + k))
    if isinstance(key, tuple) and key[0] == "min":
        return at_most(minus(key[1], k), max(key[2] - k, 0))
    return Sym(("minus", dim, k))


def at_most(dim: Dim, k: int) -> Dim:
    """`min(dim, k)` for k >= 0: what `x[:k]` has."""
    if isinstance(dim, int):
        return min(dim, k)
    if k == 0:
        return 0
    if reaches(dim, k):
        return k
    key = dim.key
    if isinstance(key, tuple) and key[0] == "plus" and key[2] >= k:
        return k
    if isinstance(key, tuple) and key[0] == "min":
        return at_most(key[1], min(k, key[2]))
    return Sym(("min", dim, k), not_one=k >= 2 and dim.not_one)


def exact(dim: Dim) -> bool:
    """Is an integer that stands for this length equal to it?

    `n - 1` stands for the length `minus(n, 1)`, but is negative where n is 0.
    """
    return isinstance(dim, int) or not _has_minus(dim.key)


def _has_minus(key: Any) -> bool:
    if isinstance(key, Sym):
        return _has_minus(key.key)
    return isinstance(key, tuple) and (bool(key) and key[0] == "minus" or any(map(_has_minus, key)))


def same(dims: Iterable[Dim]) -> Dim:
    """One length for axes that must be equal: the one of which most is known."""
    return min(dims, key=lambda d: (not isinstance(d, int), may_be_one(d)))


def sliced(dim: Dim, start: Any, stop: Any, step: Any) -> Dim:
    """Length of `x[start:stop:step]`; each part is None, an integer, or the length that a run-time integer is.

    A part that is not known at all is an `unknown()`.
    """
    step = 1 if step is None else step
    if all(part is None or isinstance(part, int) for part in (dim, start, stop, step)):
        return len(range(*slice(start, stop, step).indices(dim)))  # type: ignore[arg-type]
    if step == -1 and start is None and stop is None:
        return dim
    if step == 1:
        start = 0 if start is None else start
        known = _unit_slice(dim, start, stop)
        if known is not None:
            return known
    if all(part is None or exact(part) for part in (start, stop, step)):
        return Sym(("slice", dim, start, stop, step))
    return unknown()


def less(a: Dim, b: Dim) -> Dim | None:
    """`b - a`, where it is known not to be negative."""
    (under, c), (over, d) = _terms(a, "plus", 0), _terms(b, "plus", 0)
    for term in under:
        if term not in over:
            return None
        over.remove(term)
    return _sum(over, d - c) if 0 <= c <= d else None


def _unit_slice(dim: Dim, start: Any, stop: Any) -> Dim | None:
    if isinstance(start, Sym) and exact(start):
        end = dim if stop is None else stop
        return less(start, end) if exact(end) and less(end, dim) is not None else None
    if isinstance(stop, Sym) and isinstance(start, int) and start >= 0:
        if exact(stop) and less(stop, dim) is not None:
            return minus(stop, start)
        # x[a:n - k]: where n < k the bound counts from the end; up to k = 2 that leaves nothing all the same
        if isinstance(stop.key, tuple) and stop.key[0] == "minus" and stop.key[1] == dim and stop.key[2] <= 2:
            return minus(stop, start)
        return None
    if not isinstance(start, int) or not (stop is None or isinstance(stop, int)):
        return None
    if start >= 0 and (stop is None or stop < 0):
        return minus(dim, start - (stop or 0))
    if stop is None:
        return at_most(dim, -start)
    if start >= 0:
        return at_most(minus(dim, start), max(stop - start, 0))
    if stop < 0:
        return at_most(minus(dim, -stop), max(stop - start, 0))
    return None


def is_some(dim: Dim) -> bool:
    """Is a length known not to be 0?  Axes of 0 and 1 elements are part of what a derivative is compiled for."""
    if isinstance(dim, int):
        return dim > 0
    if isinstance(dim.key, str):
        return dim.not_one and "." in dim.key
    if dim.key[0] == "minus":
        return is_some(dim.key[1]) and isinstance(dim.key[1], Sym) and dim.key[2] == 1
    return dim.key[0] == "times" and all(map(is_some, dim.key[1])) and dim.key[2] > 0
