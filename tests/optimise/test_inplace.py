"""What is done in place, what is copied first, and where; every case is run as well."""

import operator

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.check import verify
from ad_compiler.ir import UNDEFINED, Block, Branch, Const, Loop, Op, Origin, Slice, Value, walk
from ad_compiler.kinds import BOOL, FLOAT, INT, Num, Seq
from ad_compiler.optimise.inplace import update_in_place
from tests.optimise.build import FROM_1, NONE, NUMPY, SINGLE, VECTOR, Code, shown, value
from tests.optimise.interp import run

A, B, S, C, N = value("a", VECTOR), value("b", VECTOR), value("s", FLOAT), value("c", BOOL), value("n", INT)


def at(code, array, index, number, fn=runtime.index_set, **flags):
    return code(fn, array, Const(index), number, hint=array.hint, **flags)


def arguments():
    return {"a": np.arange(4.0), "b": np.arange(4.0) + 10, "s": 2.0, "c": True, "n": 3}


def after(func):
    """The pass's outcome: its text, and the stores and sums that are in place; the results are as before."""
    wanted = [np.array(v) for v in flat(run(func, *(arguments()[p.hint] for p in func.params)))]
    text = shown(func, update_in_place)
    verify(func)
    args = [arguments()[p.hint] for p in func.params]
    got = flat(run(func, *args))
    for p, arg in zip(func.params, args, strict=True):
        assert np.array_equal(arg, arguments()[p.hint]), f"{p.hint} was written into"
    for new, old in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(new, old)
    return text, sum(isinstance(stmt, Op) and stmt.inplace for stmt in walk(func.body))


def flat(results):
    return list(results) if isinstance(results, (tuple, list)) else [results]


def test_owned_memory_is_written_into():
    code = Code(A)
    mine = code(operator.mul, A, Const(2.0), hint="b")
    text, count = after(code.func(at(code, at(code, mine, 0, S_), 1, S_)))
    assert ("copy" in text, count) == (False, 2)


S_ = Const(5.0)


def test_arguments_are_copied_and_a_note_says_so():
    code = Code(A)
    stored = at(code, A, 0, S_, origin=Origin("f.py", 3, 3, "", "stencil"))
    func = code.func(stored)
    text, count = after(func)
    assert text.splitlines()[0] == "a_2 = copy(a)"
    assert (text.count("copy"), count) == (1, 1)
    assert func.notes == {A: "stencil writes into a; the caller's array stays as it was"}
    assert func.body.ops[0].spelling == "method"


def test_old_content_that_is_read_later_is_kept():
    code = Code(A)
    mine = code(operator.mul, A, Const(2.0))
    stored = at(code, mine, 0, S_)
    text, _ = after(code.func(stored, mine))
    assert "copy" in text
    code = Code(A)      # a view of it
    mine = code(operator.mul, A, Const(2.0))
    view = code(operator.getitem, mine, FROM_1)
    text, _ = after(code.func(at(code, mine, 1, S_), view))
    assert "copy" in text
    code = Code(A)      # the view is read before the store alone
    mine = code(operator.mul, A, Const(2.0))
    view = code(operator.getitem, mine, FROM_1)
    doubled = code(operator.mul, view, Const(2.0))
    text, _ = after(code.func(at(code, mine, 1, S_), doubled))
    assert "copy" not in text


@pytest.mark.parametrize(("fn", "args"), [
    (runtime.unbroadcast, ()), (runtime.cast_like, ()), (np.asarray, None), (np.ravel, None), (np.flip, None),
])
def test_what_may_be_a_view_counts_as_one(fn, args):
    code = Code(A)
    mine = code(operator.mul, A, Const(2.0))
    view = code(fn, mine, *([A] if args is not None else []))
    text, _ = after(code.func(at(code, view, 1, S_), mine))
    assert "copy" in text


def test_stretched_arrays_cannot_be_written_into():
    row = value("r", Num("float64", (1,)))
    code = Code(A, B)
    wide = code(runtime.broadcast_like, code(operator.getitem, A, Slice(Const(0), Const(1), NONE), kind=row.kind), B)
    text, count = after(code.func(at(code, wide, 0, S_)))
    assert ("copy" in text, count) == (True, 1)
    code = Code(A, S)       # a number is filled in instead
    wide = code(runtime.broadcast_like, S, A, kind=VECTOR)
    text, count = after(code.func(at(code, wide, 0, S_)))
    assert ("t = full_like(a, s)" in text, "copy" in text, count) == (True, False, 1)


def test_the_view_is_copied_rather_than_the_whole():
    """A loop reads the view after the store, so the reading cannot come first."""
    body, code = Code(value("s", NUMPY)), Code(A, N)
    mine = code(operator.mul, A, Const(2.0), hint="a")
    view = code(operator.getitem, mine, FROM_1)
    stored = at(code, mine, 1, S_)
    handed = body(operator.add, body.params[0], body(np.sum, view, kind=NUMPY))
    loop = loop_of(code, [Const(1.0)], body, [handed])
    text, count = after(code.func(stored, *loop.results))
    assert ("t_2 = copy(t)" in text, "copy(a_2)" in text, count) == (True, False, 1)


def test_reading_comes_before_the_store():
    code = Code(A)
    mine = code(operator.mul, A, Const(2.0), hint="a")
    view = code(operator.getitem, mine, FROM_1)
    stored = at(code, mine, 1, S_)
    text, count = after(code.func(stored, code(operator.mul, view, Const(3.0), hint="y")))
    assert text.index("y = ") < text.index("index_set")
    assert ("copy" in text, count) == (False, 1)


def test_zeros_where_a_sum_follows():
    code = Code(A, B)
    mine = code(operator.mul, A, Const(2.0), hint="a")
    zeroed = at(code, mine, 1, Const(0.0))
    other = at(code, zeroed, 0, S_, fn=runtime.index_add)
    func = code.func(at(code, other, 1, code(operator.getitem, B, Const(2), kind=NUMPY), fn=runtime.index_add))
    text, count = after(func)
    assert (text.count("index_"), count) == (2, 2)
    code = Code(A, B)       # what is added depends on what was stored
    mine = code(operator.mul, A, Const(2.0), hint="a")
    zeroed = at(code, mine, 1, Const(0.0))
    func = code.func(at(code, zeroed, 1, code(np.sum, zeroed, kind=NUMPY), fn=runtime.index_add))
    assert after(func)[0].count("index_") == 2
    code = Code(A, B)       # an index that names an element twice
    mine = code(operator.mul, A, Const(2.0), hint="a")
    zeroed = at(code, mine, np.array([1, 1]), Const(0.0))
    func = code.func(at(code, zeroed, np.array([1, 1]), S_, fn=runtime.index_add))
    assert after(func)[0].count("index_") == 2


def loop_of(code, init, body, handed, **more):
    body.block.params, body.block.results = body.params, handed
    loop = Loop(list(init), body.block, [Value(p.hint, p.kind) for p in body.params], Value("i", INT), stop=N, **more)
    code.block.ops.append(loop)
    return loop


def test_the_copy_stands_before_the_loops():
    inner, outer, code = Code(value("a", VECTOR)), Code(value("a", VECTOR)), Code(A, N)
    handed = at(inner, inner.params[0], 0, S_, fn=runtime.index_add)
    inside = loop_of(outer, outer.params, inner, [handed])
    text, count = after(code.func(*loop_of(code, [A], outer, inside.results).results))
    assert text.splitlines()[0] == "a_2 = copy(a)"
    assert (text.count("copy"), count) == (1, 1)


def test_the_copy_stands_before_the_branch():
    code = Code(A, C)
    branch = Branch(C, Block(), Block(), [value("a", VECTOR)])
    stored = branch.then.emit(runtime.index_set, A, Const(0), S_, kind=VECTOR, hint="a")
    branch.then.results, branch.orelse.results = [stored], [A]
    code.block.ops.append(branch)
    text, count = after(code.func(at(code, branch.results[0], 1, S_)))
    assert text.splitlines()[0] == "a_2 = copy(a)"
    assert (text.count("copy"), count) == (1, 2)


def test_branch_in_a_loop():
    body, code = Code(value("a", VECTOR)), Code(A, N, C)
    branch = Branch(C, Block(), Block(), [value("a", VECTOR)])
    stored = branch.then.emit(runtime.index_add, body.params[0], Const(0), S_, kind=VECTOR, hint="a")
    branch.then.results, branch.orelse.results = [stored], [body.params[0]]
    body.block.ops.append(branch)
    text, count = after(code.func(*loop_of(code, [A], body, branch.results).results))
    assert text.splitlines()[0] == "a_2 = copy(a)"
    assert (text.count("copy"), count) == (1, 1)


def test_loop_around_a_branch_around_a_loop():
    inner, code = Code(value("a", VECTOR)), Code(A, N, C)
    handed = at(inner, inner.params[0], 0, S_, fn=runtime.index_add)
    arm = Code()
    inside = loop_of(arm, [A], inner, [handed])
    branch = Branch(C, arm.block, Block(results=[A]), [value("a", VECTOR)])
    arm.block.results = list(inside.results)
    code.block.ops.append(branch)
    text, count = after(code.func(at(code, branch.results[0], 1, S_)))
    assert text.splitlines()[0] == "a_2 = copy(a)"
    assert (text.count("copy"), count) == (1, 2)


def test_an_init_that_is_read_after_the_loop():
    body, code = Code(value("a", VECTOR)), Code(A, N)
    mine = code(operator.mul, A, Const(2.0), hint="a")
    handed = at(body, body.params[0], 0, S_, fn=runtime.index_add)
    loop = loop_of(code, [mine], body, [handed])
    text, _ = after(code.func(loop.results[0], mine))
    assert text.splitlines()[1] == "a_3 = copy(a_2)"


def test_each_iteration_starts_from_the_same_array():
    body, code = Code(value("s", NUMPY)), Code(A, N)
    mine = code(operator.mul, A, Const(2.0))
    stored = at(body, mine, 0, body.params[0])
    handed = body(np.sum, stored, kind=NUMPY)
    text, _ = after(code.func(*loop_of(code, [Const(1.0)], body, [handed]).results))
    assert "\n    t_2 = copy(t)" in text


def with_trail(inner_of):
    """A loop that stores into what it carries, and a trail of it."""
    body, code = Code(value("a", VECTOR)), Code(A, N)
    mine = code(operator.mul, A, Const(2.0), hint="a")
    handed = at(body, body.params[0], 0, Const(1.0), fn=runtime.index_add)
    trail = Value("a_trail", Seq(VECTOR))
    loop = loop_of(code, [mine], body, [handed], trails=[(inner_of(body, handed), trail)])
    return after(code.func(code(operator.getitem, trail, Const(0), kind=VECTOR), loop.results[0]))


def test_what_stands_in_a_trail_is_not_written_into():
    for inner_of in (lambda body, handed: body.params[0], lambda body, handed: handed):
        text, count = with_trail(inner_of)
        assert "\n    a_5 = copy(a_3)" in text or "\n    a_6 = copy(a_3)" in text
        assert count == 1


def test_a_fresh_array_in_a_trail():
    """Each iteration makes its own: only what is put on the trail must not change any more."""
    body, code = Code(value("a", VECTOR)), Code(A, N)
    mine = body(operator.mul, body.params[0], Const(2.0), hint="a")
    stored = at(body, mine, 0, S_)
    trail = Value("a_trail", Seq(VECTOR))
    loop = loop_of(code, [A], body, [stored], trails=[(stored, trail)])
    text, count = after(code.func(code(operator.getitem, trail, Const(0), kind=VECTOR), loop.results[0]))
    assert ("copy" in text, count) == (False, 1)


def test_one_memory_carried_twice():
    body, code = Code(value("a", VECTOR), value("b", VECTOR)), Code(A, N)
    mine = code(operator.mul, A, Const(2.0), hint="a")
    p, q = body.params
    stored = at(body, p, 0, S_, fn=runtime.index_add)
    loop = loop_of(code, [mine, mine], body, [stored, body(operator.add, q, stored)])
    text, _ = after(code.func(*loop.results))
    assert "copy" in text


def test_double_buffer():
    """A new array in each iteration, the old one read while it is filled."""
    body, code = Code(value("a", VECTOR)), Code(A, N)
    fresh = body(np.copy, body.params[0], reverse=False)
    read = body(operator.getitem, body.params[0], Const(1), kind=NUMPY)
    stored = at(body, fresh, 0, read)
    stored = at(body, stored, 2, body(operator.getitem, body.params[0], Const(3), kind=NUMPY))
    text, count = after(code.func(*loop_of(code, [A], body, [stored]).results))
    assert (text.count("copy"), count) == (1, 2)


def test_unbound_before_the_loop():
    body, code = Code(value("a", VECTOR)), Code(A, N)
    mine = body(operator.mul, A, Const(2.0))
    loop = loop_of(code, [UNDEFINED], body, [at(body, mine, 0, S_)])
    text, count = after(code.func(*loop.results))
    assert ("copy" in text, count) == (False, 1)


def test_known_arrays_are_copied():
    code = Code(S)
    table = Const(np.arange(3.0), "TABLE")
    text, count = after(code.func(code(runtime.index_set, table, Const(0), S, kind=Num("float64", (3,)))))
    assert (text.splitlines()[0], count) == ("t = copy(TABLE)", 1)
    assert table.value[0] == 0.0


def test_who_was_given_an_array_may_have_kept_it():
    kept = []

    def keep(array):
        kept.append(array)
        return ()
    code = Code(A)
    mine = code(operator.mul, A, Const(2.0))
    code.block.ops.append(Op(keep, (mine,), {}, [], effect=True))
    text, _ = after(code.func(at(code, mine, 0, S_)))
    assert "copy" in text
    assert all(np.array_equal(array, np.arange(4.0) * 2) for array in kept)


# -- sums into cotangents --------------------------------------------------------------------------------

def total(code, x_bar, c, fn=operator.add, **flags):
    return code(fn, x_bar, c, hint="x_bar", **flags)


def test_sums():
    for fn in (operator.add, operator.sub):
        code = Code(A, B)
        x_bar = code(operator.mul, A, B, hint="x_bar")
        assert after(code.func(total(code, x_bar, A, fn)))[1] == 1
    code = Code(S)
    x_bar = code(operator.mul, S, S, hint="x_bar")
    assert after(code.func(total(code, x_bar, S)))[1] == 1


def test_sums_that_stay():
    def count(make):
        code = Code(A, B, S)
        return after(code.func(*make(code)))[1]

    assert count(lambda code: [total(code, A, B)]) == 0                             # an argument
    assert count(lambda code: [total(code, code(operator.mul, A, B), B)]) == 0      # another name
    assert count(lambda code: [total(code, code(operator.getitem, A, FROM_1, hint="x_bar"), S)]) == 0     # a view

    def read_later(code):
        x_bar = code(operator.mul, A, B, hint="x_bar")
        return total(code, x_bar, B), x_bar

    def forward(code):
        x_bar = code(operator.mul, A, B, hint="x_bar", reverse=False)
        return [total(code, x_bar, B, reverse=False)]

    def stretched(code):
        x_bar = code(operator.mul, S, S, hint="x_bar")
        return [code(operator.add, x_bar, B, hint="x_bar", kind=VECTOR)]

    def narrow(code):
        x_bar = code(runtime.astype, A, Const(np.dtype("float32")), hint="x_bar", kind=SINGLE)
        return [code(operator.add, x_bar, B, hint="x_bar", kind=VECTOR)]
    for make in (read_later, forward, stretched, narrow):
        assert count(make) == 0


def test_two_cotangents_in_one_memory():
    """`y_bar` is `x_bar`; then both gain something."""
    code = Code(A, B)
    x_bar = code(operator.mul, A, B, hint="x_bar")
    first, second = total(code, x_bar, A), total(code, x_bar, B)
    assert after(code.func(first, second))[1] == 1


def test_sums_in_loops():
    body, code = Code(value("x_bar", VECTOR)), Code(A, N)
    zero = code(np.zeros_like, A, hint="x_bar")
    loop = loop_of(code, [zero], body, [total(body, body.params[0], A)])
    assert after(code.func(*loop.results))[1] == 1
    body, code = Code(value("x_bar", VECTOR)), Code(A, N)       # starts from an argument
    loop = loop_of(code, [A], body, [total(body, body.params[0], A)])
    assert after(code.func(*loop.results))[1] == 0


def test_copies_that_nobody_needs():
    code = Code(A, B)
    x_bar = code(operator.mul, A, B)
    copy = code(np.copy, x_bar, hint="x_bar", spelling="method")
    text, _ = after(code.func(copy))
    assert text == "x_bar = mul(a, b)\nreturn x_bar"
    code = Code(A, B)       # of an argument
    text, _ = after(code.func(code(np.copy, A)))
    assert "copy" in text
    code = Code(A, B)       # one array returned twice
    x_bar = code(operator.mul, A, B)
    text, _ = after(code.func(code(np.copy, x_bar), code(np.copy, x_bar)))
    assert text.count("copy") == 1
    code = Code(A, B)       # the user's own
    text, _ = after(code.func(code(np.copy, code(operator.mul, A, B), reverse=False)))
    assert "copy" in text


def test_lists_of_cotangents():
    kind = Seq(NUMPY)
    code = Code(S)
    bars = code(runtime.zero_list, [S, S], kind=kind, hint="xs_bar")
    bars = code(runtime.list_add, bars, Const(0), S, kind=kind, hint="xs_bar")
    bars = code(runtime.list_add, bars, Const(1), S, kind=kind, hint="xs_bar")
    func = code.func(code(operator.getitem, bars, Const(1), kind=NUMPY))
    assert after(func)[1] == 2
