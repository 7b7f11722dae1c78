import math
import operator

import numpy as np

from ad_compiler.ir import Block, Branch, Const, Value, show
from ad_compiler.kinds import BOOL, FLOAT, INT, Obj, Seq
from ad_compiler.optimise.dce import drop_dead
from tests.optimise.build import VECTOR, Code, shown, value

X, S, C = value("x", VECTOR), value("s", FLOAT), value("c", BOOL)


def test_effects_stay():
    code = Code(S, reverse=False)
    doubled = code(operator.mul, S, Const(2.0))
    code(operator.add, S, Const(1.0))
    code.block.ops.append(type(code.block.ops[0])(print, (doubled,), {}, [Value("", Obj())], effect=True))
    assert shown(code.func(S), drop_dead) == "t = mul(s, 2.0)\nt_2 = print(t)!\nreturn s"


def test_what_may_raise_stays_in_the_forward_sweep():
    code = Code(S, reverse=False)
    code(math.log, S)
    code(math.log, S, reverse=True)
    assert shown(code.func(S), drop_dead) == "t = log(s)\nreturn s"


def test_what_keeps_an_arm_keeps_its_branch():
    code = Code(S, C, reverse=False)
    branch = Branch(C, Block(), Block(), [value("a", FLOAT), value("b", FLOAT)])
    for arm in (branch.then, branch.orelse):
        arm.results = [arm.emit(operator.neg, S, kind=FLOAT), arm.emit(operator.add, S, Const(1.0), kind=FLOAT)]
    code.block.ops.append(branch)
    code(operator.mul, branch.results[0], S)
    text = shown(code.func(branch.results[1]), drop_dead)
    then, orelse = "    t = add(s, 1.0)\n    hand on t\n", "    t_2 = add(s, 1.0)\n    hand on t_2\n"
    assert text == f"if c: -> b\n{then}else:\n{orelse}return b"
    assert shown(code.func(S), drop_dead) == "return s"
    branch.then.emit(print, S, kind=Obj(), effect=True)
    code.block.ops.append(branch)
    assert shown(code.func(S), drop_dead) == "if c: -> \n    t = print(s)!\nelse:\n    pass\nreturn s"


def loop_of(code, **more):
    p, q = value("p", VECTOR), value("q", VECTOR)
    body = Code(p, q, reverse=False)
    new_p = body(operator.add, p, X)
    return code.loop({X: new_p, X_2: body(operator.mul, q, p)}, body, **more), body


X_2 = value("y", VECTOR)


def test_columns_of_loops():
    code = Code(X, X_2, reverse=False)
    loop, body = loop_of(code)
    loop.trails = [(body.params[1], Value("q_trail", Seq(VECTOR)))]
    loop.trips = Value("trips", INT)
    text = shown(code.func(loop.results[0]), drop_dead)
    assert text == "for i in 0, 3, 1 [p = x]: -> p_2\n    t = add(p, x)\n    hand on t\nreturn p_2"
    assert (loop.trails, loop.trips) == ([], None)


def test_trails_and_trips_keep_their_loop():
    code = Code(X, X_2, reverse=False)
    loop, body = loop_of(code)
    loop.trails = [(body.params[1], Value("q_trail", Seq(VECTOR)))]
    loop.trips = Value("trips", INT)
    assert shown(code.func(loop.trails[0][1]), drop_dead).startswith("for i in 0, 3, 1 [p = x, q = y]")
    code = Code(X, X_2, reverse=False)
    loop, _ = loop_of(code)
    loop.trips = Value("trips", INT)
    assert shown(code.func(loop.trips), drop_dead) == "for i in 0, 3, 1 []: -> \n    pass\nreturn trips"


def test_dead_loops_go_even_where_they_may_not_end():
    code = Code(X, X_2, reverse=False)
    loop, body = loop_of(code)
    loop.index, loop.cond = None, Block()
    loop.cond.results = [loop.cond.emit(operator.gt, loop.cond.emit(np.sum, body.params[0], kind=FLOAT), S, kind=BOOL)]
    func = code.func(X)
    assert shown(func, drop_dead) == "return x"
    code = Code(X, X_2, S, reverse=False)
    loop, body = loop_of(code)
    loop.index, loop.cond = None, Block()
    loop.cond.results = [loop.cond.emit(operator.gt, loop.cond.emit(np.sum, body.params[0], kind=FLOAT), S, kind=BOOL)]
    assert "[p = x, q = y]" in shown(code.func(loop.results[1]), drop_dead)


def test_a_reverse_sweep_not_recorded_yet_keeps_what_it_reads():
    code = Code(X, X_2, reverse=False)
    forward, inside = loop_of(code)
    body = Code(value("x_bar", VECTOR))
    handed = body(operator.mul, body.params[0], inside.params[1])
    back = code.loop({X: handed}, body, mirror=forward)
    text = show(drop_dead(code.func(back.results[0])))
    assert "[p = x, q = y]" in text


def test_globals_that_nothing_reads():
    kept, gone = value("k", FLOAT), value("g", FLOAT)
    code = Code(S)
    func = code.func(code(operator.mul, S, kept))
    func.refs = {kept: float, gone: float}
    assert list(drop_dead(func).refs) == [kept]
