"""A fractional power of a negative number of Python's is complex: it is refused when it is met.

NumPy's numbers and arrays have NaN there, and are left alone; so are bases that cannot be negative.

>>> import operator
>>> from ad_compiler.ir import Value, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> square = block.emit(operator.mul, x, x, kind=FLOAT)
>>> block.results = [block.emit(operator.pow, v, Const(0.5), kind=FLOAT) for v in (x, square)]
>>> print(show(check_powers(Func("f", [x], block))))
def f(x):
    t = mul(x, x)
    check_power(x, 0.5)!
    t_2 = pow(x, 0.5)
    t_3 = pow(t, 0.5)
    return t_2, t_3
"""

from __future__ import annotations

from ad_compiler import runtime
from ad_compiler.analyse.steep import Steep
from ad_compiler.ir import Arg, Block, Const, Func, Op, Stmt, blocks_of, walk
from ad_compiler.ops import is_power, may_be_complex


def check_powers(func: Func) -> Func:
    """Put checks before such powers, once for each base and exponent; one with a fraction will do for any other."""
    if any(map(may_be_complex, filter(is_power, walk(func.body)))):
        _block(func.body, frozenset(), Steep(func.body, None))
    return func


def _block(block: Block, checked: frozenset[tuple[Arg, ...]], steep: Steep) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _block(inner, checked, steep)
        if may_be_complex(stmt) and checked.isdisjoint((stmt.args[:1], stmt.args[:2])) \
                and steep.range(stmt.args[0])[0] < 0.0:
            ops.append(Op(runtime.check_power, stmt.args[:2], origin=stmt.origin, effect=True, reverse=stmt.reverse))
            checked |= {stmt.args[:1 if isinstance(stmt.args[1], Const) else 2]}
        ops.append(stmt)
    block.ops = ops
