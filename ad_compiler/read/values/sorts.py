"""Of what sort a number or array of the run is, by its kind.

>>> from ad_compiler.kinds import FLOAT, INT
>>> is_index(Value("i", INT)), is_index(Value("x", FLOAT)), is_array(Value("x", FLOAT))
(True, False, False)
"""

from __future__ import annotations

import numpy as np

from ad_compiler.ir import Value
from ad_compiler.kinds import Num
from ad_compiler.read.values.base import Abstract


def is_index(thing: Abstract) -> bool:
    """A whole number of the run, or a truth value of Python's: what may stand in the brackets behind a list."""
    kind = thing.kind if isinstance(thing, Value) else None
    return isinstance(kind, Num) and kind.shape == () and kind.form in ("py", "np") and (
        np.dtype(kind.dtype).kind in "iu" or is_truth(thing))


def is_float(thing: Abstract) -> bool:
    """A number or array of the run, of floats."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.real


def has_axes(thing: Abstract) -> bool:
    """An array of which the axes are known, so that it has one at least."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and bool(thing.kind.shape)


def is_array(thing: Abstract) -> bool:
    """An array, with axes or without."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.form == "array"


def is_scalar(thing: Abstract) -> bool:
    """A NumPy scalar of the run."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.form == "np"


def is_line(thing: Abstract) -> bool:
    """An array of one axis."""
    return isinstance(thing, Value) and isinstance(thing.kind, Num) and thing.kind.ndim == 1


def is_empty(thing: Abstract) -> bool:
    """An array of one axis, known to have length 0."""
    return is_line(thing) and thing.kind.shape[0] == 0


def is_truth(thing: Abstract) -> bool:
    """A truth value of Python's, of the run."""
    kind = thing.kind if isinstance(thing, Value) else None
    return isinstance(kind, Num) and kind.shape == () and kind.form == "py" and kind.dtype == "bool"
