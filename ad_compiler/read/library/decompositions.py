"""Calls of functions of NumPy that are told in Python: their text is read where no rule takes the call.

>>> from ad_compiler import grad
>>> def f(x):
...     return np.sum(np.nanmax(x, axis=0) ** 2)
>>> grad(f)(np.array([[1.0, np.nan], [3.0, 2.0]]))
array([[0., 0.],
       [6., 4.]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.read.abstract import Abstract, Tuple, python_value
from ad_compiler.read.library.told import SUBSCRIPTED, text_of
from ad_compiler.read.library.ufuncs import gives_floats
from ad_compiler.read.library.writers import into_out, split_out
from ad_compiler.read.prelude import arranged
from ad_compiler.rules import registry


def subscripted(lifter: Any, thing: Abstract, index: Abstract) -> Abstract | None:
    """`np.r_[index]`: of numbers and arrays alone.  None where this is another object, or another index."""
    text = next((text for obj, text in SUBSCRIPTED if isinstance(thing, Const) and thing.value is obj), None)
    parts = index.items if isinstance(index, Tuple) else [index]
    if text is None or any(isinstance(part, slice) or isinstance(python_value(part), str) for part in parts):
        return None
    return cast(Abstract, lifter.calls.inline(text, parts, {}))


def decomposed(lifter: Any, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract],
               as_it_stands: Callable[[], Abstract]) -> Abstract:
    """A call, by the rule of its function, where that takes these arguments; else by its text, where that does.

    What neither takes is refused as it was at first; a function without a rule then runs as it stands.
    """
    text = text_of(fn)
    before: list[Abstract] = []
    if isinstance(fn, np.ufunc) and "dtype" in kwargs and gives_floats(fn):
        text, before = arranged.typed, [Const(fn)]
    if text is None or any(frame.scope.func is text for frame in lifter.frames):
        return as_it_stands()       # by the text itself, it may be
    mark = lifter.control.mark()
    if registry.lookup(fn) is None:
        try:
            rest, named, out = split_out(fn, args, kwargs)
            return _inlined(lifter, text, args, kwargs) if out is None else into_out(lifter, fn, rest, named, out)
        except Refused:
            lifter.control.rewind(mark)
            return as_it_stands()
    try:
        return as_it_stands()
    except Refused as first:
        lifter.control.rewind(mark)
        try:
            return _inlined(lifter, text, [*before, *args], kwargs)
        except Refused:
            lifter.control.rewind(mark)
            raise first from None


def _inlined(lifter: Any, text: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """A text, read as a whole; `Refused` where one of its statements is."""
    before = len(lifter.collector.refusals)
    found = lifter.calls.inline(text, args, kwargs)
    if len(lifter.collector.refusals) > before:
        raise Refused(lifter.collector.refusals[before].message)
    return cast(Abstract, found)
