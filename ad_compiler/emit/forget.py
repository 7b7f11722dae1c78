"""What a checkpointed region leaves behind: names of arrays that nothing reads any more, which its end deletes.

>>> import numpy as np
>>> from ad_compiler import checkpoint, grad
>>> def f(x):
...     y = checkpoint(lambda x: np.sin(np.exp(x)))(x)
...     return np.sum(y)
>>> g = grad(f)
>>> g(np.zeros(1))
array([0.54030231])
>>> print(g.source, end="")     # doctest: +NORMALIZE_WHITESPACE
def f_grad(x):
    # -- reverse sweep --
    u = np.exp(x)   # line 2: y = checkpoint(lambda x: np.sin(np.exp(x)))(x)
    x_bar = np.cos(u) * u
    del u
    return x_bar
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from ad_compiler.emit.live import Liveness
from ad_compiler.emit.steps import Begin, Copy, Put, Region
from ad_compiler.ir import Value
from ad_compiler.kinds import Num, Seq


def forgotten(step: Region, body: list[ast.stmt], live: Liveness, name: Callable[[Value], str]) -> list[str]:
    """Names that the statements of a region bind, which hold arrays, and stand for nothing that is read after it."""
    bound: list[Value] = []
    for inner in step.body:
        if isinstance(inner, Put):
            bound += inner.results
        elif isinstance(inner, Copy):
            bound += [value for value, _ in inner.pairs if value in inner.live]
        elif isinstance(inner, Begin):
            bound.append(inner.value)
    taken = {name(value) for number, value in enumerate(live.order) if step.live >> number & 1}
    found = [name(value) for value in bound if isinstance(value.kind, (Num, Seq)) and not is_number(value)]
    printed = {node.id for stmt in body if isinstance(stmt, ast.Assign) for target in stmt.targets
               for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return [each for each in dict.fromkeys(found) if each in printed and each not in taken]


def is_number(value: Value) -> bool:
    """Is this a single number, which takes no room?"""
    return isinstance(value.kind, Num) and value.kind.shape == ()
