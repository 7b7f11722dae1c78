"""Where a Jacobian has entries: found by probing, in parts that are halved again and again.

A direction that moves some columns at random shows in which rows these have entries: but for a chance of zero a sum of
entries times random numbers is zero where they all are.  Parts of the columns that no row has entries of both of can
share a direction; so each level costs as many directions as their colouring needs, a few times.  What is banded takes a
multiple of its bandwidth times log n directions, never more than about n and a half.  Griewank and Mitev: "Detecting
Jacobian sparsity patterns by Bayesian probing", Math. Program. 93 (2002), in a form that asks a part at a time.

>>> a = np.array([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]])
>>> found = entries([lambda count, rows: [(0, count, rows(0, count) @ a.T)]], a.shape, np.dtype(float))
>>> [each.tolist() for each in found]
[[0, 0, 1], [0, 1, 3], []]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ad_compiler.matrices.colouring import colours

Ints = np.ndarray[Any, Any]
Matrix = np.ndarray[Any, Any]
Sweeps = Callable[[int, Callable[[int, int], Matrix]], Iterable[tuple[int, int, Matrix]]]
"""So many directions, and what gives those from one to another: the products, from which to which they are."""

PARTS = 4
"""A part is cut into so many: the directions of log n levels, beside the time that a level takes."""


class TooMany(Exception):
    """More directions are needed than may be taken."""


def random_directions(shape: Any, dtype: Any, rng: np.random.Generator) -> Matrix:
    """Numbers of size 1 to 2 and any sign."""
    drawn: Matrix = rng.uniform(1.0, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    return drawn.astype(dtype)


def entries(points: Sequence[Sweeps], shape: tuple[int, int], dtype: np.dtype[Any], most: int | None = None,
            seed: int = 0) -> tuple[Ints, Ints, Ints]:
    """Rows and columns of the entries that are not zero at one of the points; and the rows of which that is not known.

    Where what is found in a row is not finite at a point, the others say what is there; those rows are not known where
    it is so at all of them.  Raises `TooMany` where more than `most` directions are needed.
    """
    out, into = shape
    if not out or not into:
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0, int)
    rng, spent = np.random.default_rng(seed), 0
    width = PARTS ** max(1, int(np.ceil(np.log(into) / np.log(PARTS) - 1e-9)))
    rows, parts = np.arange(out), np.zeros(out, int)
    finite = np.ones((len(points), out), bool)
    unknown: Ints | None = None
    while width > 1:
        count = -(-into // width)
        colour = colours(rows, parts, count)
        many = int(colour.max()) + 1
        spent += many * PARTS
        if most is not None and spent > most:
            raise TooMany
        level = _Level(colour, np.bincount(parts, minlength=count) > 0, width, random_directions(into, dtype, rng))
        hit = np.zeros((len(rows), PARTS), bool)
        order = np.argsort(colour[parts], kind="stable")
        starts = np.searchsorted(colour[parts][order], np.arange(many + 1))
        for sweeps, fine in zip(points, finite, strict=True):
            for begin, end, products in sweeps(many * PARTS, level.rows):
                if unknown is None:             # at the first level, where all columns are moved
                    fine &= np.isfinite(products).all(axis=0)
                for direction in range(begin, end):
                    which, piece = divmod(direction, PARTS)
                    mine = order[starts[which]:starts[which + 1]]
                    hit[mine, piece] |= (products[direction - begin][rows[mine]] != 0) & fine[rows[mine]]
        if unknown is None:
            unknown = np.flatnonzero(~finite.any(axis=0))
        pair, child = np.nonzero(hit)
        rows, parts, width = rows[pair], parts[pair] * PARTS + child, width // PARTS
        inside = parts * width < into
        rows, parts = rows[inside], parts[inside]
    order = np.lexsort((parts, rows))
    assert unknown is not None      # there was a first level
    return rows[order], parts[order], unknown


class _Level:
    """The directions of one level: for each colour of the parts, and each part of a part."""

    def __init__(self, colour: Ints, alive: Ints, width: int, numbers: Matrix) -> None:
        columns = np.arange(len(numbers))
        self.columns = columns[alive[columns // width]]
        self.at = colour[self.columns // width] * PARTS + self.columns % width // (width // PARTS)
        self.numbers = numbers

    def rows(self, start: int, stop: int) -> Matrix:
        made = np.zeros((stop - start, len(self.numbers)), self.numbers.dtype)
        here = (self.at >= start) & (self.at < stop)
        made[self.at[here] - start, self.columns[here]] = self.numbers[self.columns[here]]
        return made
