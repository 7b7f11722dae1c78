"""A sparse matrix from a few of its products: one for each colour of its columns, or of its rows.

>>> plan = plan_of(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]), (3, 3), "fwd")
>>> plan.count, plan.rows(0, 2, np.dtype(float))
(2, array([[1., 0., 1.],
       [0., 1., 0.]]))
>>> matrix = np.array([[1.0, 0.0, 0.0], [2.0, 3.0, 0.0], [0.0, 0.0, 4.0]])
>>> plan.take([(0, 2, plan.rows(0, 2, np.dtype(float)) @ matrix.T)])
(array([1., 2., 3., 4.]), 0.0)
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from ad_compiler.matrices.colouring import colours, symmetric_colours

Ints = np.ndarray[Any, Any]
Matrix = np.ndarray[Any, Any]


MOST_LISTED = 2 ** 22
"""So many places of products are listed where there should be nothing; of more they are made out each time."""


class Plan:
    """A pattern, row by row, and how its entries are found in products.

    `mode`: products of columns ("fwd") or of rows; `colour`: of each of those; `sweep`, `place`: in which product an
    entry stands, and where; `noise`: by how much products differ from the matrix by rounding alone, as far as is known.
    """

    def __init__(self, shape: tuple[int, int], entries: tuple[Ints, Ints], mode: str, colour: Ints, sweep: Ints,
                 place: Ints) -> None:
        self.shape, self.entries, self.mode, self.colour = shape, entries, mode, colour
        self.noise: Any = 0.0
        self.count = int(colour.max(initial=-1)) + 1
        self.starts = np.searchsorted(entries[0], np.arange(shape[0] + 1))
        along, self.length = (entries, shape[0]) if mode == "fwd" else (entries[::-1], shape[1])
        self.seen = np.sort(colour[along[1]] * self.length + along[0])      # where a product may be other than zero
        self.order = np.argsort(sweep, kind="stable")
        self.places = (sweep * self.length + place)[self.order]
        self.listed = self._unseen(0, self.count) if self.count * self.length <= MOST_LISTED else None

    def _unseen(self, start: int, stop: int) -> Ints:
        """Where these products should be zero, written one after the other."""
        begin, end = start * self.length, stop * self.length
        unseen = np.ones(end - begin, bool)
        unseen[between(self.seen, begin, end) - begin] = False
        return np.flatnonzero(unseen) + begin

    def rows(self, start: int, stop: int, dtype: np.dtype[Any]) -> Matrix:
        """Directions: each moves what has its colour."""
        made = np.zeros((stop - start, len(self.colour)), dtype)
        here = np.flatnonzero((self.colour >= start) & (self.colour < stop))
        made[self.colour[here] - start, here] = 1.0
        return made

    def take(self, products: Iterable[tuple[int, int, Matrix]]) -> tuple[Matrix, float]:
        """The entries, and the greatest number where there should be none: something is missing in the pattern.

        A zero times an entry that is not finite is NaN: what stands beside such an entry does not tell.
        """
        found, stray = np.zeros(len(self.order)), 0.0
        doubtful = np.zeros(self.length, bool)
        for start, stop, some in products:
            found = found.astype(some.dtype, copy=False)
            flat, begin, end = some.ravel(), start * self.length, stop * self.length
            first, last = np.searchsorted(self.places, (begin, end))
            found[self.order[first:last]] = flat[self.places[first:last] - begin]
            others = self._unseen(start, stop) if self.listed is None else between(self.listed, begin, end)
            rest = flat[others - begin]
            finite = np.isfinite(rest)
            if not finite.all():
                doubtful[others[~finite] % self.length] = True
            stray = max(stray, float(np.abs(rest[finite]).max(initial=0.0)))
        if doubtful.any():
            doubtful[self.places[~np.isfinite(found[self.order])] % self.length] = False
        return found, np.inf if doubtful.any() else stray

    @functools.cached_property
    def transposed(self) -> Ints:
        """Where the entry on the other side of the diagonal stands, for each; of a symmetric pattern."""
        return np.lexsort(self.entries)

    def matrix(self, numbers: Matrix) -> Any:
        """As SciPy has it, in arrays of its own."""
        from scipy.sparse import csr_array

        return csr_array((numbers, self.entries[1].copy(), self.starts.copy()), shape=self.shape)


def between(numbers: Ints, start: int, stop: int) -> Ints:
    """Those of sorted numbers that are in a range."""
    first, last = np.searchsorted(numbers, (start, stop))
    return numbers[first:last]


def plan_of(rows: Ints, columns: Ints, shape: tuple[int, int], mode: str, *, symmetric: bool = False) -> Plan:
    """The plan for a pattern that is given row by row."""
    if symmetric:
        colour, own = symmetric_colours(rows, columns, shape[1])
        turned = own[rows]      # known by symmetry
        return Plan(shape, (rows, columns), mode, colour, colour[np.where(turned, rows, columns)],
                    np.where(turned, columns, rows))
    if mode == "fwd":
        colour = colours(rows, columns, shape[1])
        return Plan(shape, (rows, columns), mode, colour, colour[columns], rows)
    colour = colours(columns, rows, shape[0])
    return Plan(shape, (rows, columns), mode, colour, colour[rows], columns)


def whole_rows(rows: Ints, into: int) -> tuple[Ints, Ints]:
    """All entries of these rows."""
    return np.repeat(rows, into), np.tile(np.arange(into), len(rows))


def union(one: tuple[Ints, Ints], other: tuple[Ints, Ints], into: int) -> tuple[Ints, Ints]:
    """The entries of both patterns, row by row.

    >>> union((np.array([0, 1]), np.array([0, 1])), (np.array([0]), np.array([1])), 2)
    (array([0, 0, 1]), array([0, 1, 1]))
    """
    whole = np.union1d(one[0] * into + one[1], other[0] * into + other[1])
    return np.divmod(whole, max(into, 1))
