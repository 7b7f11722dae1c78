import operator

import numpy as np
import pytest

from ad_compiler.ir import Block, Branch, Const, Value
from ad_compiler.kinds import BOOL, FLOAT, Num
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.cse import share_common
from tests.optimise.build import FROM_1, NUMPY, VECTOR, Code, shown, value

X, Y, S, C = value("x", VECTOR), value("y", VECTOR), value("s", FLOAT), value("c", BOOL)


def shared(first, second, **flags):
    """Is the second of two calls gone?"""
    code = Code(X, Y, S)
    a, b = code(*first, **flags), code(*second, **flags)
    return len(share_common(code.func(a, b)).body.ops) == 1


@pytest.mark.parametrize(("first", "second"), [
    ((operator.mul, X, Y), (operator.mul, Y, X)),
    ((operator.add, S, Const(1.0)), (operator.add, S, Const(1.0))),
    ((operator.getitem, X, FROM_1), (operator.getitem, X, FROM_1)),
    ((np.tanh, X), (np.tanh, X)),
])
def test_shared(first, second):
    assert shared(first, second)


@pytest.mark.parametrize(("first", "second"), [
    ((operator.sub, X, Y), (operator.sub, Y, X)),
    ((operator.mul, X, Const(1)), (operator.mul, X, Const(1.0))),
    ((operator.mul, X, Const(True)), (operator.mul, X, Const(1))),
    ((operator.mul, X, Const(0.0)), (operator.mul, X, Const(-0.0))),
    ((np.copy, X), (np.copy, X)),
    ((np.zeros_like, X), (np.zeros_like, X)),
])
def test_not_shared(first, second):
    assert not shared(first, second)


def test_buffers_and_effects_are_not_shared():
    assert not shared((np.zeros, Const(3)), (np.zeros, Const(3)), kind=Num("float64", (3,)))
    assert not shared((print, X), (print, X), effect=True)
    code = Code(X)
    a, b = code(np.tanh, X), code(np.tanh, X, stopped=True)
    assert len(share_common(code.func(a, b)).body.ops) == 2


def test_only_where_the_first_came_before():
    code = Code(X, C)
    branch = Branch(C, Block(), Block(), [value("z", VECTOR)])
    for arm in (branch.then, branch.orelse):
        arm.results = [arm.emit(np.tanh, X, kind=VECTOR)]
    code.block.ops.append(branch)
    after = code(np.tanh, X)
    assert shown(code.func(branch.results[0], after), share_common).count("tanh") == 3
    code = Code(X, C)
    before = code(np.tanh, X)
    code.block.ops.append(branch)
    assert shown(code.func(branch.results[0], before), share_common).count("tanh") == 1


def test_names():
    code = Code(X)
    a, b = code(np.tanh, X), code(np.tanh, X, hint="h")
    assert shown(code.func(a, b), share_common) == "h = tanh(x)\nreturn (h, h)"
    code = Code(X)
    a, b = code(np.tanh, X, reverse=False), code(np.tanh, X, hint="x_bar")
    assert shown(code.func(a, b), share_common) == "t = tanh(x)\nreturn (t, t)"


def test_cheap_things_are_not_kept_for_the_reverse_sweep():
    code = Code(X)
    a, b = code(operator.getitem, X, FROM_1, reverse=False), code(operator.getitem, X, FROM_1)
    assert len(share_common(code.func(a, b)).body.ops) == 2
    code = Code(X)
    a, b = code(np.tanh, X, reverse=False), code(np.tanh, X)
    assert len(share_common(code.func(a, b)).body.ops) == 1


def test_chains():
    code = Code(X)
    a, b = (code(np.exp, code(np.tanh, X)) for _ in range(2))
    assert shown(code.func(code(operator.add, a, b)), share_common).count("exp") == 1


# -- what loops carry ------------------------------------------------------------------------------------

def test_invariant_carried():
    p, q = value("p", VECTOR), value("q", VECTOR)
    body = Code(p, q)
    inner_p = value("p", VECTOR)
    inner_body = Code(inner_p)
    inner = body.loop({p: inner_p}, inner_body)
    code = Code(X, Y)
    loop = code.loop({X: inner.results[0], Y: body(operator.add, q, inner.results[0])}, body)
    text = shown(code.func(*loop.results), drop_invariant_carried)
    assert "for i_2" in text or "for i in" in text
    assert text.endswith("return (x, q_2)")
    assert "add(q, x)" in text
    assert len(loop.inits) == 1


def test_twins():
    p, q = value("p", VECTOR), value("q", VECTOR)
    body = Code(p, q)
    handed = body(operator.add, p, q)
    code = Code(X)
    loop = code.loop({X: handed}, body)
    loop.inits, loop.body.results, loop.results = [X, X], [handed, handed], [value("p", VECTOR), value("q", VECTOR)]
    text = shown(code.func(*loop.results), drop_invariant_carried)
    assert text == "for i in 0, 3, 1 [p = x]: -> p_2\n    t = add(p, p)\n    hand on t\nreturn (p_2, p_2)"


def test_constants_and_unbound():
    from ad_compiler.ir import UNDEFINED
    p, q = value("p", FLOAT), value("q", NUMPY)
    body = Code(p, q)
    code = Code(S)
    loop = code.loop({Const(0.0): Const(0.0), UNDEFINED: q}, body)
    assert shown(code.func(loop.results[0]), drop_invariant_carried).endswith("return 0.0")
    assert loop.body.params == [q]
    body = Code(value("p", FLOAT))
    loop = code.loop({Const(0.0): Const(-0.0)}, body)
    drop_invariant_carried(code.func(loop.results[0]))
    assert len(loop.inits) == 1
    assert isinstance(loop.results[0], Value)
