"""`range` as a sequence: its bounds, items, parts, what is in it.

>>> from ad_compiler import grad
>>> def f(x, n):
...     places = range(1, n, 2)
...     return x * places[-1] * places.stop if 3 in places else x
>>> grad(f)(1.0, 6), grad(f)(1.0, 3)
(30.0, 1.0)
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.ir import Arg, Atom, Const, Record, Value
from ad_compiler.read.calls.special import Special
from ad_compiler.read.values.base import NOT_KNOWN, Abstract, Counted, Thing, python_value, to_arg

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

LONGEST_UNROLLED, LONGEST_COMPARED = 400, 50


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

    def known(self) -> range | None:
        """The range itself, where its bounds are integers that are known."""
        bounds = [python_value(bound) for bound in self.bounds]
        return range(*bounds) if all(isinstance(bound, int) for bound in bounds) and bounds[2] != 0 else None

    def truth(self, lifter: Lifter) -> Abstract:
        return lifter.expressions.truth_of(self.length(lifter))

    def length(self, lifter: Lifter) -> Abstract:
        known = self.known()
        if known is not None:
            return Const(len(known))
        if python_value(self.step) != 1:
            raise Refused("the length of a range with this step is not supported here")
        return self.stop if python_value(self.start) == 0 else lifter.apply(operator.sub, [self.stop, self.start])

    def len(self, lifter: Lifter) -> Abstract:      # its length is below zero where the stop lies before the start
        return lifter.calls.call(Const(max), [self.length(lifter), Const(0)], {})

    def contains(self, lifter: Lifter, item: Abstract) -> Abstract:
        """A question about numbers alone."""
        known, value = self.whole(lifter), python_value(item)
        if value is not NOT_KNOWN:
            return lifter.asked(operator.contains, known, value)
        if len(known) > LONGEST_COMPARED:
            raise Refused("`in` of a long range needs an item that is known", "compare with its bounds")
        return lifter.comparisons.any_equal(item, [Const(each) for each in known])

    def get_item(self, lifter: Lifter, index: Abstract) -> Abstract:
        """A number or a range."""
        at = python_value(index)
        if at is NOT_KNOWN:
            raise Refused("a range has an index here that is known only when the program runs",
                          "compute its item: start + i * step")
        found = lifter.asked(operator.getitem, self.whole(lifter), at)
        if isinstance(found, Const) and isinstance(found.value, range):
            return Range(*(Const(bound) for bound in (found.value.start, found.value.stop, found.value.step)))
        return found

    def whole(self, lifter: Lifter) -> range:
        """The range itself; refused where that is known only when the program runs."""
        return range(*(lifter.expressions.static(bound, "a bound of this range") for bound in self.bounds))

    def iterate(self, lifter: Lifter, unroll: bool = False) -> list[Abstract] | None:
        return self.unrolled(lifter) if unroll or self.known() == range(0) else None

    def unrolled(self, lifter: Lifter) -> list[Abstract] | None:
        known = self.known()
        return None if known is None or len(known) > LONGEST_UNROLLED else [Const(i) for i in known]

    def counted(self, lifter: Lifter) -> Counted:
        if not all(isinstance(bound, (Value, Const)) for bound in self.bounds):
            raise Refused("the bounds of a range must be integers")
        return *self.bounds, lambda i: i

    def item_at(self, lifter: Lifter, i: Atom) -> Abstract:
        if python_value(self.step) != 1:
            scaled = lifter.apply(operator.mul, [i, self.step])
            return lifter.apply(operator.add, [self.start, scaled])
        return i if python_value(self.start) == 0 else lifter.apply(operator.add, [self.start, i])

    def rest(self, lifter: Lifter) -> Abstract:
        first: Any = lifter.apply(operator.add, [self.start, self.step])
        return Range(first, self.stop, self.step)

    def get_attr(self, lifter: Lifter, name: str) -> Abstract:
        if name in ("start", "stop", "step"):
            return getattr(self, name)
        if name in ("index", "count"):
            method = getattr(range, name)
            return Const(Special(lambda li, args, kw: li.asked(method, self.whole(li), *(
                li.expressions.static(arg, "an item") for arg in args)), signature=None))
        return super().get_attr(lifter, name)
