"""Which columns of a sparse matrix can share a direction: those of one colour have no row in common.

Curtis, Powell, Reid: "On the estimation of sparse Jacobian matrices", J. Inst. Maths Applics 13 (1974); as a colouring
of a graph, Coleman and Moré: "Estimation of sparse Jacobian matrices and graph coloring problems", SIAM J. Numer. Anal.
20 (1983).

>>> entries = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 2, 2, 3])     # two diagonals: rows, columns
>>> colours(*entries, 4)
array([0, 1, 0, 1])
"""

from __future__ import annotations

from typing import Any

import numpy as np

Ints = np.ndarray[Any, Any]


def colours(rows: Ints, columns: Ints, count: int) -> Ints:
    """A colour for each of so many columns, 0, 1 and so on: the least that no column before it has in one of its rows.

    In the order in which they stand, and from the longest on: the better of the two is taken.  A column without entries
    has colour 0.
    """
    heights = np.bincount(columns, minlength=count)
    longest = int(np.bincount(rows).max(initial=0)) if len(rows) else 0
    if longest == np.count_nonzero(heights):        # they all meet in one row
        found = np.zeros(count, int)
        found[heights > 0] = np.arange(longest)
        return found
    first = _greedy(rows, columns, heights, np.arange(count))
    if first.max(initial=0) + 1 <= longest:         # there are none with fewer
        return first
    second = _greedy(rows, columns, heights, np.argsort(-heights, kind="stable"))
    return second if second.max() < first.max() else first


def _greedy(rows: Ints, columns: Ints, heights: Ints, order: Ints) -> Ints:
    by_column = rows[np.argsort(columns, kind="stable")].tolist()
    ends = np.cumsum(heights).tolist()
    starts = [0, *ends[:-1]]
    taken = [0] * (int(rows.max(initial=-1)) + 1)       # the colours in each row, as bits
    found = [0] * len(heights)
    for column in order.tolist():
        mine = by_column[starts[column]:ends[column]]
        used = 0
        for row in mine:
            used |= taken[row]
        free = ~used & (used + 1)       # the lowest bit that is not set
        found[column] = free.bit_length() - 1
        for row in mine:
            taken[row] |= free
    return np.array(found, int)


def symmetric_colours(rows: Ints, columns: Ints, count: int) -> tuple[Ints, Ints]:
    """A colour for each column of a symmetric matrix, and which columns have one of their own that says their row too.

    A few long columns have directions of their own, and by symmetry their rows are known with them: for the others
    these rows do not count.  Powell and Toint: "On the estimation of sparse Hessian matrices", SIAM J. Numer. Anal. 16
    (1979).  So many are set apart that what remains needs the fewest, as its longest row says.

    >>> arrow = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 1, 2, 0, 1, 0, 2])
    >>> symmetric_colours(*arrow, 3)
    (array([0, 1, 1]), array([ True, False, False]))
    """
    lengths = np.bincount(columns, minlength=count)
    order = np.argsort(columns, kind="stable")
    by_column, ends = rows[order], np.cumsum(lengths)
    fewest, chosen, apart = int(lengths.max(initial=0)), 0, list[int]()
    while len(apart) < min(fewest, count):
        longest = int(lengths.argmax())
        apart.append(longest)
        lengths[by_column[ends[longest] - len_of(ends, longest):ends[longest]]] -= 1
        lengths[longest] = 0
        if len(apart) + int(lengths.max()) < fewest:
            fewest, chosen = len(apart) + int(lengths.max()), len(apart)
    own = np.zeros(count, bool)
    own[apart[:chosen]] = True
    rest = ~own[rows] & ~own[columns]
    found = colours(rows[rest], columns[rest], count) + chosen
    found[apart[:chosen]] = np.arange(chosen)
    return found, own


def len_of(ends: Ints, column: int) -> int:
    """How many entries a column has."""
    return int(ends[column] - (ends[column - 1] if column else 0))
