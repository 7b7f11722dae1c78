"""A name that a loop binds, and that an iteration may leave as it is, is what an earlier iteration has bound it to.

>>> from ad_compiler import grad
>>> def f(x):
...     for i in range(3):
...         if i < 2:
...             last = x * (i + 1)
...     return last
>>> grad(f)(5.0)
2.0
"""

from __future__ import annotations

from typing import Any

from ad_compiler.ir import UNDEFINED, Block, Loop, Op, Value, definitions, walk
from ad_compiler.ops import is_store


def keep_bound(body: Block, atom: Any, param: Value) -> None:
    """What an arm or a loop leaves unbound in one iteration is what an earlier one has bound it to."""
    makers = {result: stmt for stmt in walk(body) for result in definitions(stmt)}
    left, seen = [atom], set()
    while left:
        value = left.pop()
        stmt = makers.get(value) if isinstance(value, Value) and value not in seen else None
        if stmt is None:
            continue
        seen.add(value)
        if isinstance(stmt, Op):
            left += [stmt.args[0]] if is_store(stmt) else []
            continue
        if value not in stmt.results:
            continue
        at = stmt.results.index(value)
        if isinstance(stmt, Loop):
            stmt.inits[at] = param if stmt.inits[at] is UNDEFINED else stmt.inits[at]
            left += [stmt.inits[at], stmt.body.results[at]]
            continue
        for arm in (stmt.then, stmt.orelse):
            arm.results[at] = param if arm.results[at] is UNDEFINED else arm.results[at]
            left.append(arm.results[at])
