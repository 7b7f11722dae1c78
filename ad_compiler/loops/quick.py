"""Arrays made by helpers that Numba compiles in less time than its own functions of these names.

>>> from ad_compiler import runtime
>>> import numpy as np
>>> from ad_compiler.ir import Block, Const, Func, show
>>> from ad_compiler.kinds import Num
>>> block = Block()
>>> block.results = [block.emit(np.zeros, Const(3), kind=Num("float64", (3,)))]
>>> print(show(compile_quickly(Func("f", [], block))))
def f():
    t = zeros(3)
    return t
>>> block.ops[0].fn is runtime.zeros
True
"""

from __future__ import annotations

from ad_compiler.ir import Block, Func, Op, blocks_of
from ad_compiler.loops.views import rank
from ad_compiler.ops import is_like, traits


def compile_quickly(func: Func) -> Func:
    """Call the helpers, where no order in memory is asked for, nor an array like a number."""
    _visit(func.body)
    return func


def _visit(block: Block) -> None:
    for stmt in block.ops:
        helper = traits(stmt).helper if isinstance(stmt, Op) else None
        if isinstance(stmt, Op) and helper is not None:
            like = is_like(stmt)
            if not stmt.kwargs.keys() - (() if like else {"dtype"}) \
                    and len(stmt.args) <= (1 if like else 2) and (not like or rank(stmt.args[0])):
                stmt.fn = helper
        for inner in blocks_of(stmt):
            _visit(inner)
