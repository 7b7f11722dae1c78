"""What of Python's library, and of NumPy, is told in Python: `prelude/` holds what is read in its place.

What Python's library has is read in place of each call; what NumPy has where no rule takes the call.

>>> import collections
>>> told(collections.deque), stands_for(told(collections.deque)) is collections.deque
(<class 'ad_compiler.read.prelude.collections.deque'>, True)
>>> told(np.nanmax) is None, text_of(np.nanmax).__module__
(True, 'ad_compiler.read.prelude.reductions')
"""

from __future__ import annotations

import bisect
import collections
import contextlib
import heapq
import itertools
import math
import operator
import types
from types import ModuleType
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.read.prelude import (
    arranged,
    calculus,
    collections as containers,
    contexts,
    itertools as iterators,
    operators,
    order,
    pieces,
    places,
    polynomials,
    products,
    reductions,
    scalars,
    sets,
    sorting,
)

Names = tuple[tuple[Any, ModuleType, str], ...]


def named(rows: Names) -> dict[Any, Any]:
    """Each function by the text of its name; what a module does not have in this version is left out."""
    return {getattr(module, name): getattr(text, name) for module, text, names in rows for name in names.split()
            if hasattr(module, name)}


TOLD: dict[Any, Any] = {
    **named((
        (contextlib, contexts, "nullcontext"),
        (collections, containers, "deque defaultdict OrderedDict Counter ChainMap"),
        (types, containers, "SimpleNamespace"),
        (itertools, iterators, """chain starmap compress filterfalse takewhile dropwhile accumulate pairwise islice
            zip_longest combinations combinations_with_replacement permutations product"""),
        (heapq, sorting, "heappush heappop heapify heapreplace heappushpop nlargest nsmallest"),
        (bisect, sorting, "bisect_left bisect_right insort_left insort_right"),
        (operator, operators, "itemgetter"),
        (np, pieces, "broadcast vectorize"),
    )),
    itertools.chain.from_iterable: iterators.from_iterable, operator.countOf: operators.count_of,
    operator.indexOf: operators.index_of,
}
"""By class or function of the library, what is read in place of each call."""

DECOMPOSITIONS: dict[Any, Any] = {
    **named((
        (np, reductions, """sum prod max min any all mean var std nansum nanprod nancumsum nancumprod nanmean nanvar
            nanstd nanmax nanmin ptp average"""),
        (np, arranged, """reshape ravel rollaxis atleast_3d dstack block diagflat pad diff ediff1d sort argsort take
            compress extract delete insert split array_split vsplit hsplit meshgrid select piecewise array astype size
            apply_along_axis asfortranarray copy stack vstack column_stack unravel_index ravel_multi_index"""),
        (np, calculus, """trapezoid gradient polyval vander logspace cov corrcoef nan_to_num around fix divmod modf
            ldexp real imag conjugate convolve correlate clip"""),
        (np, order, """cumprod median nanmedian quantile percentile interp ndindex ndenumerate linspace
            broadcast_arrays"""),
        (np, pieces, """choose resize cumulative_sum cumulative_prod cumsum geomspace angle unwrap nanquantile
            nanpercentile fromfunction fromiter"""),
        (np, sets, "unique histogram"),
        (np, polynomials, "trim_zeros polymul polyadd polysub polyder polyint"),
        (np, products, "kron vecdot matvec vecmat"),
        (np.linalg, products, "matrix_power multi_dot norm vector_norm matrix_norm cholesky eigh eigvalsh"),
        (runtime, arranged, "flatten item astype"),
        (math, scalars, "modf hypot prod"),
    )),
    # functions of `np.linalg` that have the name of another one, and other arguments
    **{getattr(np.linalg, name): getattr(products, f"linalg_{name}")
       for name in ["matmul", "outer", "vecdot", "cross", "tensordot", "diagonal", "trace", "matrix_transpose"]
       if hasattr(np.linalg, name)},
    np.amax: reductions.max, np.amin: reductions.min,
}
"""By function of NumPy, what is read in place of a call that no rule takes."""

ELSEWHERE: dict[tuple[str, str], Any] = {
    ("numpy.fft", "fftshift"): pieces.fftshift, ("numpy.fft", "ifftshift"): pieces.ifftshift,
    ("numpy.polynomial.polynomial", "polyval"): polynomials.polyval,
    ("numpy.polynomial.chebyshev", "chebval"): polynomials.chebval,
}
"""The same by module and name, of modules that NumPy loads when they are asked for."""

SUBSCRIPTED: tuple[tuple[Any, Any], ...] = (np.r_, arranged.rows), (np.c_, arranged.columns)
"""Objects whose items are calls."""

KNOWN_NOW: set[Any] = {places.combinations_in, places.repeated_combinations_in, places.permutations_in,
                       places.products_of}
"""Helpers of the prelude that are called while it is read."""

_OF = {told: of for of, told in TOLD.items()}


def found_in(table: dict[Any, Any], obj: Any) -> Any:
    """What a table has for an object, which may have no hash; None where it has nothing."""
    try:
        return table.get(obj)
    except TypeError:
        return None


def told(obj: Any) -> Any:
    """What is read in place of a class or function; None where nothing is."""
    return found_in(TOLD, obj)


def text_of(fn: Any) -> Any:
    """What is read in place of a call of a function that no rule takes; None where nothing is."""
    if not callable(fn):
        return None
    place = getattr(fn, "__module__", None), getattr(fn, "__name__", None)
    return found_in(DECOMPOSITIONS, fn) or found_in(ELSEWHERE, place)


def is_told(cls: type) -> bool:
    """Does a class stand in the place of one of Python's library, while it is read?"""
    return cls in _OF


def stands_for(cls: type) -> type:
    """The class of the library that one of the prelude is read for; any other is itself."""
    found: type = _OF.get(cls, cls)
    return found
