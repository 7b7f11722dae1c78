"""`range` as a sequence: its bounds, items, parts, what is in it, and what it equals.

>>> from ad_compiler import grad
>>> def f(x, n):
...     places = range(1, n, 2)
...     return x * places[-1] * places.stop if 3 in places else x
>>> grad(f)(1.0, 6), grad(f)(1.0, 3)
(30.0, 1.0)
"""

from __future__ import annotations

import operator
from typing import Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const
from ad_compiler.read.abstract import NOT_KNOWN, Abstract, Range, python_value


def in_range(lifter: Any, thing: Range, item: Abstract) -> Abstract:
    """`item in thing`, which is a question about numbers alone."""
    known, value = thing.whole(lifter), python_value(item)
    if value is not NOT_KNOWN:
        return lifter.asked(operator.contains, known, value)
    if len(known) > LONGEST:
        raise Refused("`in` of a long range needs an item that is known", "compare with its bounds")
    return lifter.any_equal(item, [Const(each) for each in known])


LONGEST = 50
