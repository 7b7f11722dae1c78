"""`range`.

>>> from ad_compiler.read.abstract import Const
>>> Range(Const(0), Const(3), Const(1)).python_value()
range(0, 3)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.ir import Arg, Atom, Record
from ad_compiler.read.values.base import NOT_KNOWN, Thing, python_value, to_arg


class Range(Thing):
    """`range(start, stop, step)`."""

    def __init__(self, start: Atom, stop: Atom, step: Atom) -> None:
        self.start, self.stop, self.step = start, stop, step

    @property
    def bounds(self) -> tuple[Atom, Atom, Atom]:
        """What it is made of."""
        return self.start, self.stop, self.step

    def type_of(self, mixed: Any = ()) -> type:
        return range

    def python_value(self) -> Any:
        bounds = [python_value(bound) for bound in self.bounds]
        return range(*bounds) if all(isinstance(bound, (int, np.integer)) for bound in bounds) else NOT_KNOWN

    def to_arg(self) -> Arg:
        return Record(range, (), tuple(map(to_arg, self.bounds)))
