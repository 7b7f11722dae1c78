"""A loop around loops whose iterations only add up counts up, as the loop that it undoes does.

Its text is the user's own, and the memory that it goes through is gone through in order.  Innermost loops are left as
they are: turned round, they are unrolled further than does them good.

>>> import operator
>>> from ad_compiler.ir import Block, Const, Value
>>> from ad_compiler.kinds import FLOAT, INT
>>> i, j, s, t = Value("i", INT), Value("j", INT), Value("s", FLOAT), Value("t", FLOAT)
>>> inner = Block([t])
>>> inner.results = [inner.emit(operator.add, t, j, kind=FLOAT)]
>>> after = Value("t", FLOAT)
>>> body = Block([s], [Loop([s], inner, [after], j, stop=i, backward=True)], [after])
>>> loop = Loop([Const(0.0)], body, [Value("s", FLOAT)], i, stop=Const(3), backward=True)
>>> func = count_up(Func("f", [], Block([], [loop], list(loop.results))))
>>> loop.backward, body.ops[0].backward
(False, True)
"""

from __future__ import annotations

from ad_compiler.ir import Func, Loop, walk
from ad_compiler.optimise.fuse import adds_up


def count_up(func: Func) -> Func:
    """Turn such loops round."""
    for loop in walk(func.body):
        if isinstance(loop, Loop) and loop.backward and not loop.trails and loop.leave is None and loop.trips is None \
                and any(isinstance(inner, Loop) for inner in walk(loop.body)) \
                and adds_up(loop.body, dict(zip(loop.body.params, loop.body.results, strict=True))):
            loop.backward = False
    return func
