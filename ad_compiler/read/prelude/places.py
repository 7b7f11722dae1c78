"""Places in lists of known length, in the order of `itertools`: known before the program runs.

>>> combinations_in(3, 2)
[(0, 1), (0, 2), (1, 2)]
"""

from __future__ import annotations

import itertools

Places = list[tuple[int, ...]]


def combinations_in(size: int, r: int) -> Places:
    """Of so many places so many, in order."""
    return list(itertools.combinations(range(size), r))


def repeated_combinations_in(size: int, r: int) -> Places:
    """The same, each as often as one likes."""
    return list(itertools.combinations_with_replacement(range(size), r))


def permutations_in(size: int, r: int | None) -> Places:
    """Of so many places so many, in every order."""
    return list(itertools.permutations(range(size), r))


def products_of(sizes: list[int]) -> Places:
    """A place in each of lists of these lengths."""
    return list(itertools.product(*map(range, sizes)))
