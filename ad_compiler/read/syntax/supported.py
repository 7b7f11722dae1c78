"""What a function may not hold yet: one refusal for each construct, with what to write instead.

>>> from ad_compiler.read.parse import source_of
>>> def total(x):
...     global count
...     count = len(x)
...     return sum(x)
>>> source = source_of(total)
>>> for refusal in check_supported(source.node, source):
...     print(refusal)  # doctest: +ELLIPSIS
<doctest ...>:2: `global` is not supported yet
    global count
    ^
  pass it as an argument and return its new value
"""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.errors import Refusal
from ad_compiler.read.parse import Source
from ad_compiler.read.syntax.completions import EXITS, ways
from ad_compiler.read.syntax.tree import children, types_in

_ASYNC = ("asynchronous code is not supported", "write it as a plain function")
_TRY = ("`except` is not supported yet", "test for the condition with `if`, or put the `try` around the call")
_LEAVES = ("`finally` leaves the function or a loop, and may hold an exception back", "leave after the `try`")
_OUTER = ("is not supported yet", "pass it as an argument and return its new value")

UNSUPPORTED: dict[type, tuple[str, str]] = {
    gast.Try: _TRY,
    gast.TryStar: _TRY,
    gast.Await: _ASYNC,
    gast.AsyncFor: _ASYNC,
    gast.AsyncWith: _ASYNC,
    gast.AsyncFunctionDef: _ASYNC,
    gast.Global: ("`global` " + _OUTER[0], _OUTER[1]),
    gast.ClassDef: ("a class inside a function is not supported yet", "define it outside the function"),
    gast.TypeAlias: ("a type alias inside a function is not supported yet", "define it outside the function"),
}

LOOKED_AT = frozenset({*UNSUPPORTED, gast.comprehension})
"""What may be refused."""


def check_supported(node: gast.FunctionDef | gast.Lambda, source: Source) -> list[Refusal]:
    """One refusal for each construct of a function that is not supported yet, in line order.

    Functions defined inside it are checked when they are read themselves.
    """
    if types_in(node).isdisjoint(LOOKED_AT):
        return []
    refusals = []
    stack: list[Any] = list(node.body) if isinstance(node.body, list) else [node.body]
    while stack:
        inner = stack.pop()
        if isinstance(inner, gast.comprehension) and inner.is_async:
            refusals.append(source.refusal(inner.target, *_ASYNC))
        elif isinstance(inner, gast.Try) and not inner.handlers:
            if ways(inner.finalbody) & EXITS:
                refusals.append(source.refusal(inner, *_LEAVES))
        elif type(inner) in UNSUPPORTED:
            refusals.append(source.refusal(inner, *UNSUPPORTED[type(inner)]))
        if isinstance(inner, (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)):
            stack += [part for part in (*getattr(inner, "decorator_list", ()), *inner.args.defaults,
                                        *inner.args.kw_defaults) if part is not None]
        elif not isinstance(inner, gast.ClassDef):
            stack += children(inner)
    return sorted(refusals, key=lambda r: (r.line, r.column))

