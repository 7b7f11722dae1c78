"""The line-by-line adjoint of the two gallery pieces comes out as an expert writes it."""

import operator

import numpy as np
import pytest

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler import runtime
from ad_compiler.check import verify
from ad_compiler.ir import Block, Const, Func, Loop, Op, Origin, Slice, Value, show, walk
from ad_compiler.kinds import INT, Num, Sym
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.cse import share_common
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.inplace import update_in_place
from ad_compiler.optimise.schedule import schedule
from ad_compiler.optimise.simplify import simplify
from tests.optimise.interp import run

PASSES = (simplify, drop_dead, drop_invariant_carried, share_common, simplify, drop_dead, schedule, update_in_place)
N, D, H, K = (Sym(letter, True) for letter in "ndhk")
NONE = Const(None)


def array(*dims, dtype="float64"):
    return Num(dtype, dims)


def mlp():
    """`r = np.tanh(x @ w1 + b1) @ w2 - y; return np.sum(r * r)` and its adjoint, line by line."""
    w1, b1, w2, x, y = params = [Value(h, k) for h, k in [
        ("w1", array(D, H)), ("b1", array(H)), ("w2", array(H, K)), ("x", array(N, D)), ("y", array(N, K))]]
    block, lines = Block(), {line: Origin("f.py", line, line, "", "mlp") for line in range(2, 6)}

    def op(line, hint, fn, *args, kind, reverse=False, spelling=""):
        return block.emit(fn, *args, kind=kind, hint=hint, origin=lines[line], reverse=reverse, spelling=spelling)

    def back(line, hint, fn, *args, kind, spelling=""):
        return op(line, hint, fn, *args, kind=kind, reverse=True, spelling=spelling)
    nh, nk = array(N, H), array(N, K)
    u = op(2, "", operator.add, op(2, "", operator.matmul, x, w1, kind=nh), b1, kind=nh)
    h = op(2, "h", np.tanh, u, kind=nh)
    p = op(3, "p", operator.matmul, h, w2, kind=nk)
    r = op(4, "r", operator.sub, p, y, kind=nk)
    q = op(5, "", operator.mul, r, r, kind=nk)
    op(5, "", np.sum, q, kind=Num("float64", (), "np"))

    def fit(line, g, like):
        summed = back(line, "", runtime.unbroadcast, g, like, kind=like.kind)
        return back(line, "", runtime.cast_like, summed, like, kind=like.kind)
    q_bar = back(5, "q_bar", runtime.broadcast_like, Const(1.0), q, kind=nk)
    r_bar = fit(5, back(5, "", operator.mul, q_bar, r, kind=nk), r)
    r_bar = back(5, "r_bar", operator.add, r_bar, fit(5, back(5, "", operator.mul, q_bar, r, kind=nk), r), kind=nk)
    p_bar = fit(4, r_bar, p)
    h_bar = back(3, "h_bar", operator.matmul, p_bar, back(3, "", np.transpose, w2, kind=array(K, H), spelling="attr"),
                 kind=nh)
    w2_bar = back(3, "w2_bar", operator.matmul, back(3, "", np.transpose, h, kind=array(H, N), spelling="attr"), p_bar,
                  kind=w2.kind)
    slope = back(2, "", operator.sub, Const(1), back(2, "", operator.mul, h, h, kind=nh), kind=nh)
    u_bar = fit(2, back(2, "", operator.mul, h_bar, slope, kind=nh), u)
    u_bar.hint = "u_bar"
    b1_bar = fit(2, u_bar, b1)
    b1_bar.hint = "b1_bar"
    w1_bar = back(2, "w1_bar", operator.matmul, back(2, "", np.transpose, x, kind=array(D, N), spelling="attr"), u_bar,
                  kind=w1.kind)
    block.results = [(w1_bar, b1_bar, w2_bar)]
    return Func("mlp_grad", params, block)


def test_mlp():
    func = mlp()
    rng = np.random.default_rng(0)
    args = [rng.normal(size=shape) for shape in [(3, 4), (4,), (4, 2), (5, 3), (5, 2)]]
    wanted = run(func, *args)
    for step in PASSES:
        func = step(func)
        verify(func)
    assert show(func) == """\
def mlp_grad(w1, b1, w2, x, y):
    t = matmul(x, w1)
    t_2 = add(t, b1)
    h = tanh(t_2)
    p = matmul(h, w2)
    r = sub(p, y)
    r_bar = mul(2.0, r)
    t_3 = transpose(h)
    w2_bar = matmul(t_3, r_bar)
    t_4 = transpose(w2)
    h_bar = matmul(r_bar, t_4)
    t_5 = mul(h, h)
    t_6 = sub(1.0, t_5)
    u_bar = mul(h_bar, t_6)
    t_7 = transpose(x)
    w1_bar = matmul(t_7, u_bar)
    b1_bar = sum(u_bar, axis=0)
    return (w1_bar, b1_bar, w2_bar)"""
    for new, old in zip(run(func, *args), wanted, strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-12)


INNER, LEFT, RIGHT = (Slice(*(Const(part) for part in parts)) for parts in [
    (1, -1, None), (None, -2, None), (2, None, None)])


def stencil():
    """`for t in range(n): a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])`, then `sum(a * a)`."""
    whole, part = array(N), array(Sym("n - 2", True))
    a, n = Value("a", whole), Value("n", INT)
    body, carried = Block([Value("a", whole)]), Value("a", whole)
    (p,) = body.params

    def op(to, hint, fn, *args, kind=part, reverse=False):
        return to.emit(fn, *args, kind=kind, hint=hint, reverse=reverse)
    total = op(body, "", operator.mul, Const(2.0), op(body, "", operator.getitem, p, INNER))
    total = op(body, "", operator.add, op(body, "", operator.getitem, p, LEFT), total)
    total = op(body, "", operator.add, total, op(body, "", operator.getitem, p, RIGHT))
    total = op(body, "", operator.mul, Const(0.25), total)
    body.results = [op(body, "a", runtime.index_set, p, INNER, total, kind=whole)]
    block = Block()
    block.ops.append(Loop([a], body, [carried], Value("t", INT), stop=n))
    back = Block([Value("a_bar", whole)])
    (bar,) = back.params
    s_bar = op(back, "s_bar", operator.mul, Const(0.25), op(back, "", operator.getitem, bar, INNER, reverse=True),
               reverse=True)
    bar = op(back, "a_bar", runtime.index_set, bar, INNER, Const(0.0), kind=whole, reverse=True)
    bar = op(back, "a_bar", runtime.index_add, bar, RIGHT, s_bar, kind=whole, reverse=True)
    twice = op(back, "", operator.mul, s_bar, Const(2), reverse=True)
    bar = op(back, "a_bar", runtime.index_add, bar, INNER, twice, kind=whole, reverse=True)
    back.results = [op(back, "a_bar", runtime.index_add, bar, LEFT, s_bar, kind=whole, reverse=True)]
    halves = [op(block, "", operator.mul, carried, Const(1.0), kind=whole, reverse=True) for _ in range(2)]
    first = op(block, "a_bar", operator.add, *halves, kind=whole, reverse=True)
    out = Value("a_bar", whole)
    block.ops.append(Loop([first], back, [out], Value("t", INT), stop=n, reverse=True, backward=True))
    block.results = [out]
    return Func("stencil_grad", [a, n], block)


def test_stencil():
    func = stencil()
    a = np.random.default_rng(0).normal(size=9)
    wanted, before = run(func, a, 4), a.copy()
    for step in PASSES:
        func = step(func)
        verify(func)
    assert show(func) == """\
def stencil_grad(a, n):
    a_2 = copy(a)
    for t in 0, n, 1 [a_3 = a_2]: -> a_4
        t_2 = getitem(a_3, 1:-1:)
        t_3 = mul(2.0, t_2)
        t_4 = getitem(a_3, :-2:)
        t_5 = add(t_4, t_3)
        t_6 = getitem(a_3, 2::)
        t_7 = add(t_5, t_6)
        t_8 = mul(0.25, t_7)
        a_5 = index_set(a_3, 1:-1:, t_8)
        hand on a_5
    a_bar = mul(2.0, a_4)
    for t_9 in 0, n, 1 [a_bar_2 = a_bar]: -> a_bar_3
        t_10 = getitem(a_bar_2, 1:-1:)
        s_bar = mul(0.25, t_10)
        t_11 = mul(2.0, s_bar)
        a_bar_4 = index_set(a_bar_2, 1:-1:, t_11)
        a_bar_5 = index_add(a_bar_4, 2::, s_bar)
        a_bar_6 = index_add(a_bar_5, :-2:, s_bar)
        hand on a_bar_6
    return a_bar_3"""
    stores = [op for op in walk(func.body) if isinstance(op, Op) and op.fn in (runtime.index_set, runtime.index_add)]
    assert len(stores) == 4
    assert all(op.inplace for op in stores)
    assert list(func.notes.values()) == ["stencil_grad writes into a; the caller's array stays as it was"]
    np.testing.assert_allclose(run(func, a, 4), wanted, rtol=1e-12)
    assert np.array_equal(a, before)


@pytest.mark.parametrize("make", [mlp, stencil])
def test_passes_settle(make):
    """A second round changes nothing."""
    func = make()
    for step in PASSES[:-1]:
        func = step(func)
    once = show(func)
    for step in PASSES[:-1]:
        func = step(func)
    assert show(func) == once
