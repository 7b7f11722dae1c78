"""What of Python's library is told in Python: `prelude/` holds what is read in its place.

>>> import collections
>>> told(collections.deque), stands_for(told(collections.deque)) is collections.deque
(<class 'ad_compiler.read.prelude.collections.deque'>, True)
"""

from __future__ import annotations

import bisect
import collections
import contextlib
import heapq
import itertools
import operator
from typing import Any

from ad_compiler.read.prelude import (
    collections as containers,
    contexts,
    itertools as iterators,
    operators,
    places,
    sorting,
)

TOLD: dict[Any, Any] = {
    contextlib.nullcontext: contexts.nullcontext,
    **{getattr(collections, name): getattr(containers, name)
       for name in ("deque", "defaultdict", "OrderedDict", "Counter", "ChainMap")},
    **{getattr(itertools, name): getattr(iterators, name)
       for name in ("chain", "starmap", "compress", "filterfalse", "takewhile", "dropwhile", "accumulate", "pairwise",
                    "islice", "zip_longest", "combinations", "combinations_with_replacement",
                    "permutations", "product")},
    itertools.chain.from_iterable: iterators.from_iterable,
    **{getattr(heapq, name): getattr(sorting, name)
       for name in ("heappush", "heappop", "heapify", "heapreplace", "heappushpop", "nlargest", "nsmallest")},
    **{getattr(bisect, name): getattr(sorting, name)
       for name in ("bisect_left", "bisect_right", "insort_left", "insort_right")},
    operator.itemgetter: operators.itemgetter, operator.countOf: operators.count_of,
    operator.indexOf: operators.index_of,
}
"""By class or function of the library."""

KNOWN_NOW: set[Any] = {places.combinations_in, places.repeated_combinations_in, places.permutations_in,
                       places.products_of}
"""Helpers of the prelude that are called while it is read."""

_OF = {told: of for of, told in TOLD.items()}


def told(obj: Any) -> Any:
    """What is read in place of a class or function; None where nothing is."""
    try:
        return TOLD.get(obj)
    except TypeError:       # it has no hash
        return None


def is_told(cls: type) -> bool:
    """Does a class stand in the place of one of Python's library, while it is read?"""
    return cls in _OF


def stands_for(cls: type) -> type:
    """The class of the library that one of the prelude is read for; any other is itself."""
    found: type = _OF.get(cls, cls)
    return found
