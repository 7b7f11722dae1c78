"""`set(…)` and `frozenset(…)`.

>>> from ad_compiler import grad
>>> def f(x):
...     seen = {1, 2}
...     seen.add(3)
...     seen -= {1}
...     return x * sum(seen)
>>> grad(f)(1.0)
5.0
"""

from __future__ import annotations

from typing import Any

from ad_compiler.read.abstract import Abstract, Set
from ad_compiler.read.calls.special import Things
from ad_compiler.read.values.sets import known_items


def made(lifter: Any, cls: type, args: Things) -> Abstract:
    """`set(…)`, `frozenset(…)`."""
    if args and isinstance(args[0], Set):
        return Set(cls(args[0].items))
    try:
        return Set(cls(known_items(lifter, args[0]) if args else ()))
    except TypeError as error:
        return lifter.raises(TypeError, str(error))
