"""Where a Jacobian has entries: found by probing, in parts that are halved again and again.

A direction that moves some columns at random shows in which rows these have entries: but for a chance of zero a sum of
entries times random numbers is zero where they all are.  Parts of the columns that no row has entries of both of can
share a direction; so each level costs as many directions as their colouring needs, a few times.  What is banded takes a
multiple of its bandwidth times log n directions, nothing takes more than about 4/3 n.  Griewank and Mitev: "Detecting
Jacobian sparsity patterns by Bayesian probing", Math. Program. 93 (2002), in a form that asks a part at a time.

>>> a = np.array([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]])
>>> found = entries([lambda count, rows: [(0, count, rows(0, count) @ a.T)]], a.shape, np.dtype(float))
>>> [each.tolist() for each in found]
[[0, 0, 1], [0, 1, 3], []]
"""

from __future__ import annotations

import functools
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
            seed: int = 0, *, symmetric: bool = False) -> tuple[Ints, Ints, Ints]:
    """Rows and columns of the entries that are not zero at one of the points; and the rows of which that is not known.

    Where what is found in a row is not finite at a point, the others say what is there; those rows are not known where
    it is so at all of them.  Of a symmetric matrix a few long rows are found as columns, in a direction for each.
    Raises `TooMany` where more than `most` directions are needed.
    """
    out, into = shape
    if not out or not into:
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0, int)
    rng, spent = np.random.default_rng(seed), 0
    width = PARTS ** max(1, int(np.ceil(np.log(into) / np.log(PARTS) - 1e-9)))
    rows, parts = np.arange(out), np.zeros(out, int)
    finite, moved = np.ones((len(points), out), bool), True
    long: Ints = np.zeros(0, int)
    while width > 1:
        if symmetric:
            apart = long_rows(rows, out)
            long, rest = np.concatenate([long, apart]), ~np.isin(rows, apart)
            rows, parts = rows[rest], parts[rest]
        count = -(-into // width)
        colour = colours(rows, parts, count)
        many = (int(colour.max()) + 1) * PARTS
        spent += many
        if most is not None and spent > most:
            raise TooMany
        level = _Level(colour, np.bincount(parts, minlength=count) > 0, width, random_directions(into, dtype, rng))
        hit = np.zeros((len(rows), PARTS), bool)
        order = np.argsort(colour[parts], kind="stable")
        starts = np.searchsorted(colour[parts][order], np.arange(many // PARTS + 1))
        for sweeps, fine in zip(points, finite, strict=True):
            for begin, end, products in sweeps(many, level.rows):
                if moved:       # at the first level all columns are
                    fine &= np.isfinite(products).all(axis=0)
                for direction in range(begin, end):
                    which, piece = divmod(direction, PARTS)
                    mine = order[starts[which]:starts[which + 1]]
                    hit[mine, piece] |= (products[direction - begin][rows[mine]] != 0) & fine[rows[mine]]
        pair, child = np.nonzero(hit)
        rows, parts, width, moved = rows[pair], parts[pair] * PARTS + child, width // PARTS, False
        inside = parts * width < into
        rows, parts = rows[inside], parts[inside]
    for sweeps, fine in zip(points, finite, strict=True):
        for begin, end, products in sweeps(len(long), functools.partial(_single, long, into, dtype)):
            of, row = np.nonzero((products != 0) & fine)
            column = long[begin:end][of]
            rows, parts = np.concatenate([rows, row, column]), np.concatenate([parts, column, row])
    rows, parts = np.divmod(np.unique(rows * into + parts), into)
    return rows, parts, np.flatnonzero(~finite.any(axis=0))


def long_rows(rows: Ints, count: int) -> Ints:
    """The rows that are better found as columns: a direction for each saves as many as the next longest row has parts.

    >>> long_rows(np.array([0] * 9 + [1, 2, 3, 4, 5, 6, 7, 8]), 9)
    array([0])
    """
    lengths = np.bincount(rows, minlength=count)
    order = np.argsort(-lengths, kind="stable")
    needed = np.append(lengths[order], 0) * PARTS + np.arange(count + 1)
    return order[:int(needed.argmin())]


def _single(columns: Ints, into: int, dtype: Any, start: int, stop: int) -> Matrix:
    """Directions that move one column each."""
    made = np.zeros((stop - start, into), dtype)
    made[np.arange(stop - start), columns[start:stop]] = 1.0
    return made


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
