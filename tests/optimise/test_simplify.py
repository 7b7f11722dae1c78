import math
import operator

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.ir import Block, Branch, Const, Value
from ad_compiler.kinds import BOOL, FLOAT, INT, Num, Seq, Shape
from ad_compiler.optimise.fold import fold
from tests.optimise.build import FROM_1, MATRIX, NUMPY, ROW, SINGLE, VECTOR, Code, simple, value

X, Y, S, T = value("x", VECTOR), value("y", VECTOR), value("s", FLOAT), value("c", NUMPY)
WHOLE = value("k", INT)


def of(fn, *args, reverse=True, kind=None, params=(X, Y, S, T, WHOLE)):
    """The text of `fn(*args)` simplified."""
    code = Code(*params, reverse=reverse)
    return simple(code.func(code(fn, *args, kind=kind)))


@pytest.mark.parametrize(("fn", "args", "text"), [
    (operator.mul, (X, Const(1.0)), "return x"),
    (operator.mul, (Const(1), X), "return x"),
    (operator.truediv, (X, Const(1.0)), "return x"),
    (operator.sub, (X, Const(0)), "return x"),
    (operator.add, (X, Const(0.0)), "return x"),
    (operator.pow, (X, Const(1)), "return x"),
    (operator.mul, (X, Const(-1.0)), "t = neg(x)\nreturn t"),
    (operator.mul, (X, Const(2.0)), "t = mul(2.0, x)\nreturn t"),
    (operator.mul, (Const(2), X), "t = mul(2.0, x)\nreturn t"),
    (operator.sub, (Const(1), X), "t = sub(1.0, x)\nreturn t"),
    (operator.add, (X, X), "t = mul(2.0, x)\nreturn t"),
    (operator.sub, (Const(0.0), X), "t = neg(x)\nreturn t"),
    (operator.pow, (S, Const(0)), "return 1.0"),
    (runtime.broadcast_like, (X, Y), "return x"),
    (runtime.unbroadcast, (X, Y), "return x"),
    (runtime.cast_like, (X, Y), "return x"),
    (runtime.zeros_like, (X,), "t = zeros_like(x)\nreturn t"),
    (runtime.identity, (X,), "return x"),
])
def test_one_op(fn, args, text):
    assert of(fn, *args) == text


@pytest.mark.parametrize(("fn", "args"), [
    (operator.mul, (Const(0.0), X)),        # 0 * inf is not 0
    (operator.mul, (Const(2.0), X)),
    (operator.pow, (X, Const(2))),
    (operator.pow, (X, Const(0))),          # an array of ones
    (operator.truediv, (X, X)),
    (operator.sub, (X, X)),
])
def test_stays(fn, args):
    assert fn.__name__ in of(fn, *args)


def test_forward_arrays_are_the_users_text():
    for fn, args in [(operator.mul, (X, Const(1.0))), (operator.mul, (X, Const(2))), (operator.add, (X, X)),
                     (operator.add, (S, Const(0.0)))]:
        assert fn.__name__ in of(fn, *args, reverse=False)
    assert of(operator.mul, S, Const(1), reverse=False) == "return s"


def test_dtype_and_form_are_kept():
    single, number = value("x", SINGLE), value("k", INT)
    double = Num("float64", SINGLE.shape)
    code = Code(single)
    assert "mul" in simple(code.func(code(operator.mul, single, Const(np.float64(1.0)), kind=double)))
    code = Code(number)
    assert "mul" in simple(code.func(code(operator.mul, number, Const(1.0), kind=FLOAT)))
    zero_d = value("z", Num("float64", ()))
    code = Code(zero_d)     # an array without axes becomes a NumPy scalar
    assert "mul" in simple(code.func(code(operator.mul, zero_d, Const(1.0), kind=NUMPY)))
    code = Code(single)
    assert simple(code.func(code(operator.mul, single, Const(1.0)))) == "return x"
    shifted = value("y", Num("float64", (1,)))
    code = Code(X, shifted)     # stretched by the other operand, though that is all ones
    ones = code(np.ones_like, X)
    assert "mul" in simple(code.func(code(operator.mul, shifted, ones, kind=VECTOR)))


def test_signs():
    code = Code(X, Y)
    minus = code(operator.neg, Y)
    assert simple(code.func(code(operator.add, X, minus))) == "t = sub(x, y)\nreturn t"
    code = Code(X, Y)
    minus = code(operator.neg, Y)
    assert simple(code.func(code(operator.sub, X, minus))) == "t = add(x, y)\nreturn t"
    code = Code(X, Y)
    minus = code(operator.mul, code(operator.neg, X), Y)
    assert simple(code.func(code(operator.add, X, minus))) == "t = mul(x, y)\nt_2 = sub(x, t)\nreturn t_2"
    code = Code(X, Y)
    assert simple(code.func(code(operator.neg, code(operator.neg, X)))) == "return x"
    code = Code(X, Y)
    scaled = code(operator.mul, Const(-3.0), Y)
    assert simple(code.func(code(operator.add, X, scaled))) == "t = mul(3.0, y)\nt_2 = sub(x, t)\nreturn t_2"
    code = Code(X, Y)
    both = code(operator.mul, code(operator.neg, X), code(operator.neg, Y))
    assert simple(code.func(both)) == "t = mul(x, y)\nreturn t"
    code = Code(X, Y)
    assert simple(code.func(code(operator.neg, code(operator.sub, X, Y)))) == "t = sub(y, x)\nreturn t"


def test_products_are_grouped():
    code = Code(X, S, T)
    inner = code(operator.mul, Const(3.0), X)
    assert simple(code.func(code(operator.mul, inner, Const(2)))) == "t = mul(6.0, x)\nreturn t"
    code = Code(X, S, T)
    inner = code(operator.mul, X, S)
    outer = code(operator.mul, inner, T, kind=VECTOR)
    assert simple(code.func(outer)) == "t = mul(s, c)\nt_2 = mul(t, x)\nreturn t_2"
    code = Code(X, Y)
    inverse = code(operator.truediv, Const(1), X)
    assert simple(code.func(code(operator.mul, Y, inverse))) == "t = truediv(y, x)\nreturn t"
    code = Code(X)
    huge = code(operator.mul, Const(1e200), X)
    assert simple(code.func(code(operator.mul, Const(1e200), huge))).count("mul") == 2


def test_a_shared_product_is_not_computed_again():
    code = Code(X)
    inner = code(operator.mul, Const(3.0), X, hint="s_bar")
    text = simple(code.func(inner, code(operator.mul, Const(2.0), inner)))
    assert text == "s_bar = mul(3.0, x)\nt = mul(2.0, s_bar)\nreturn (s_bar, t)"


def test_nothing_is_read_after_a_store_into_it():
    """`y - (-x[1:])` is `y + x[1:]`, but x is stored into in between."""
    code = Code(X, Y)
    mine = code(np.copy, X)
    minus = code(operator.neg, code(operator.getitem, mine, FROM_1))
    stored = code(runtime.index_set, mine, FROM_1, Const(0.0))
    text = simple(code.func(stored, code(operator.sub, minus, code(operator.neg, minus))))
    assert "neg" in text


def test_sums_of_zero():
    code = Code(X, Y)
    zero = code(runtime.zeros_like, X)
    assert simple(code.func(code(operator.add, zero, Y))) == "return y"
    matrix = value("m", MATRIX)
    code = Code(matrix, Y)      # the zeros stretch
    zero = code(runtime.zeros_like, matrix)
    assert "add" in simple(code.func(code(operator.add, zero, Y, kind=MATRIX)))
    code = Code(S)
    assert simple(code.func(code(runtime.zeros_like, S))) == "return 0.0"


def test_stretched_operands():
    code = Code(X, S)
    wide = code(runtime.broadcast_like, S, X, kind=VECTOR)
    assert simple(code.func(code(operator.mul, wide, X))) == "t = mul(s, x)\nreturn t"
    code = Code(X, S)       # two stretched: one must stay so
    wide = [code(runtime.broadcast_like, S, X, kind=VECTOR) for _ in range(2)]
    assert simple(code.func(code(operator.mul, *wide))).count("broadcast_like") == 1
    code = Code(X, S)       # done to the number, then stretched
    wide = code(runtime.broadcast_like, S, X, kind=VECTOR)
    text = simple(code.func(code(operator.neg, wide)))
    assert text == "t = neg(s)\nt_2 = broadcast_like(t, x)\nreturn t_2"
    code = Code(X, S)
    wide = code(runtime.broadcast_like, S, X, kind=VECTOR)
    text = simple(code.func(code(runtime.index_add, Y, FROM_1, wide)))
    assert text == "t = index_add(y, 1::, s)\nreturn t"
    code = Code(X, Y, S)
    wide = code(runtime.broadcast_like, S, X, kind=VECTOR)
    mask = code(operator.gt, X, Const(0.0), kind=Num("bool", VECTOR.shape))
    assert "broadcast" not in simple(code.func(code(np.where, mask, wide, Const(0.0), kind=VECTOR)))


def test_sums_over_stretched_axes():
    matrix, row = value("g", MATRIX), value("b", ROW)
    code = Code(matrix, X)
    assert simple(code.func(code(runtime.unbroadcast, matrix, X, kind=VECTOR))) == "t = sum(g, axis=0)\nreturn t"
    code = Code(matrix, row)
    text = simple(code.func(code(runtime.unbroadcast, matrix, row, kind=ROW)))
    assert text == "t = sum(g, axis=0, keepdims=True)\nreturn t"
    code = Code(matrix, S)
    summed = code(runtime.unbroadcast, matrix, S, kind=NUMPY)
    text = simple(code.func(code(runtime.cast_like, summed, S, kind=FLOAT)))
    assert text == "t = sum(g)\nt_2 = float(t)\nreturn t_2"
    cube = value("g", Num("float64", (4, 5, *VECTOR.shape)))
    code = Code(cube, row)
    func = code.func(code(runtime.unbroadcast, cube, row, kind=ROW))
    assert simple(func) == "t = sum(g, axis=0)\nt_2 = sum(t, axis=0, keepdims=True)\nreturn t_2"


def test_casts():
    single = value("x", SINGLE)
    code = Code(X, single)
    text = simple(code.func(code(runtime.cast_like, X, single, kind=SINGLE)))
    assert text.startswith("t = astype(x,")
    code = Code(T)
    assert simple(code.func(code(runtime.cast_like, Const(1.0), T, kind=NUMPY))) == "return 1.0"
    code = Code(T, single)      # a NumPy scalar would make float32 into float64
    assert "cast_like" in simple(code.func(code(runtime.cast_like, Const(1.0), T, kind=NUMPY)))


def test_shapes():
    x = value("x", Num("float64", (3, *VECTOR.shape)))
    code = Code(x, reverse=False)
    shape = code(getattr, x, Const("shape"), kind=Shape(x.kind.shape))
    ends = [code(operator.getitem, shape, Const(at), kind=INT) for at in (0, 1)]
    assert simple(code.func(*ends)) == "t = getattr(x, 'shape')\nt_2 = getitem(t, 1)\nreturn (3, t_2)"
    code = Code(x)
    turned = code(np.transpose, x, kind=Num("float64", x.kind.shape[::-1]))
    assert simple(code.func(code(np.transpose, turned, kind=x.kind))) == "return x"


@pytest.mark.parametrize(("fn", "args", "value_", "text"), [
    (operator.sub, (Const(6, "n"), Const(1)), 5, "n - 1"),
    (operator.mul, (Const(2), Const(5, "n - 1")), 10, "2 * (n - 1)"),
    (operator.mul, (Const(2.0), Const(3.0)), 6.0, None),
    (operator.neg, (Const(2, "k"),), -2, "-k"),
    (operator.lt, (Const(2), Const(3, "k")), True, None),
])
def test_known_numbers(fn, args, value_, text):
    code = Code()
    code(fn, *args, kind=FLOAT)
    found = fold(code.block.ops[0])
    assert (found.value, found.text, type(found.value)) == (value_, text, type(value_))


@pytest.mark.parametrize(("fn", "args"), [
    (operator.pow, (Const(-1.0), Const(0.5))), (operator.pow, (Const(10.0), Const(400))),
    (math.sqrt, (Const(2.0),)), (operator.add, (Const("a"), Const("b"))),
])
def test_left_to_the_program(fn, args):
    code = Code()
    code(fn, *args, kind=FLOAT)
    assert fold(code.block.ops[0]) is None


def test_a_derivative_over_zero_is_that_of_numpy():
    code = Code()
    code(operator.truediv, Const(1.0), Const(0.0), kind=FLOAT)
    op = code.block.ops[0]
    assert fold(op).value == math.inf
    op.reverse = False
    assert fold(op) is None


def branch(code, cond, then, orelse, kind=FLOAT):
    result = Value("z", kind)
    code.block.ops.append(Branch(cond, Block(results=[then]), Block(results=[orelse]), [result]))
    return result


def test_branches_that_are_decided():
    code = Code(X, Y)
    assert simple(code.func(branch(code, Const(True), X, Y, VECTOR))) == "return x"
    c = value("c", BOOL)
    code = Code(X, Y, c)
    assert simple(code.func(branch(code, c, X, X, VECTOR))) == "return x"
    code = Code(c)
    assert simple(code.func(branch(code, c, Const(0.0), Const(0.0)))) == "return 0.0"
    code = Code(c)      # not the same number
    assert "if" in simple(code.func(branch(code, c, Const(0.0), Const(-0.0))))
    code = Code(X)
    result = branch(code, Const(False), X, X, VECTOR)
    arm = code.block.ops[0].orelse
    arm.results = [arm.emit(np.tanh, X, kind=VECTOR)]
    assert simple(code.func(result)) == "z = tanh(x)\nreturn z"


def test_loops_that_never_run():
    body = Code(value("p", VECTOR))
    code = Code(X)
    loop = code.loop({X: body(np.tanh, body.params[0])}, body, Const(0), trips=Value("trips", INT))
    assert simple(code.func(loop.results[0], loop.trips)) == "return (x, 0)"
    body = Code(value("p", VECTOR))
    code = Code(X)
    loop = code.loop({X: body(np.tanh, body.params[0])}, body, Const(0))
    loop.trails.append((body.params[0], Value("p_trail", Seq(VECTOR))))
    assert "for" in simple(code.func(loop.trails[0][1]))
    body = Code(value("p", VECTOR))
    code = Code(X)
    loop = code.loop({X: body(np.tanh, body.params[0])}, body, leave=Const(False))
    assert simple(code.func(loop.results[0])).endswith("return p_2")
    assert loop.leave is None


def test_names_do_not_wander_into_the_forward_sweep():
    code = Code(X)
    forward = code(np.tanh, X, reverse=False)
    result = code(operator.mul, Const(1.0), forward, hint="x_bar")
    assert simple(code.func(result)) == "t = tanh(x)\nreturn t"


def test_a_number_everywhere_is_that_in_any_shape():
    matrix = value("y", MATRIX)
    column = Num("float64", (MATRIX.shape[0], 1))
    code = Code(matrix, S, value("ls", Num("float64", MATRIX.shape[:1])))
    wide = code(runtime.broadcast_like, S, code.params[2], kind=code.params[2].kind)
    wide = code(np.expand_dims, wide, Const(1), kind=column)
    assert simple(code.func(code(operator.mul, wide, matrix, kind=MATRIX))) == "t = mul(s, y)\nreturn t"


def test_made_up_names_give_way():
    code = Code(X, Y)
    product = code(operator.mul, X, Y, hint="~p_bar")
    result = code(operator.mul, Const(1.0), product, hint="x_bar")
    assert simple(code.func(result)) == "x_bar = mul(x, y)\nreturn x_bar"
