"""The two pieces that set the standard, from the form that the passes before printing leave."""

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Op
from tests.emit.build import FLOAT, INT, MATRIX, ROW, Block, Const, Func, Loop, Value, emit, line, lines, operator, part


def mlp():
    params = w1, b1, w2, x, y = [Value(n, ROW if n == "b1" else MATRIX) for n in ("w1", "b1", "w2", "x", "y")]
    b = Block()
    two, three, five = line(2, "h = np.tanh(x @ w1 + b1)"), line(3, "p = h @ w2"), line(5, "return np.sum(r * r)")
    m = b.emit(operator.matmul, x, w1, kind=MATRIX, origin=two)
    u = b.emit(operator.add, m, b1, kind=MATRIX, origin=two)
    h = b.emit(np.tanh, u, kind=MATRIX, hint="h", origin=two)
    p = b.emit(operator.matmul, h, w2, kind=MATRIX, hint="p", origin=three)
    r = b.emit(operator.sub, p, y, kind=MATRIX, hint="r", origin=line(4, "r = p - y"))

    def back(fn, *args, hint="", origin, kind=MATRIX, **more):
        return b.emit(fn, *args, kind=kind, hint=hint, origin=origin, reverse=True, **more)
    r_bar = back(operator.mul, Const(2.0), r, hint="r_bar", origin=five)
    h_t = back(np.transpose, h, origin=three, spelling="attr")
    w2_bar = back(operator.matmul, h_t, r_bar, hint="w2_bar", origin=three)
    w2_t = back(np.transpose, w2, origin=three, spelling="attr")
    h_bar = back(operator.matmul, r_bar, w2_t, hint="h_bar", origin=three)
    hh = back(operator.mul, h, h, origin=two)
    slope = back(operator.sub, Const(1.0), hh, origin=two)
    u_bar = back(operator.mul, h_bar, slope, hint="u_bar", origin=two)
    x_t = back(np.transpose, x, origin=two, spelling="attr")
    w1_bar = back(operator.matmul, x_t, u_bar, hint="w1_bar", origin=two)
    b1_bar = back(np.sum, u_bar, hint="b1_bar", origin=two, kind=ROW, kwargs={"axis": Const(0)}, spelling="method")
    b.results = [(w1_bar, b1_bar, w2_bar)]
    return Func("mlp_grad", params, b)


MLP = lines("""
    def mlp_grad(w1, b1, w2, x, y):
        h = np.tanh(x @ w1 + b1)
        r = h @ w2 - y
        # -- reverse sweep --
        r_bar = 2.0 * r                         # line 5: return np.sum(r * r)
        w2_bar = h.T @ r_bar                    # line 3: p = h @ w2
        h_bar = r_bar @ w2.T
        u_bar = h_bar * (1.0 - h * h)           # line 2: h = np.tanh(x @ w1 + b1)
        w1_bar = x.T @ u_bar
        b1_bar = u_bar.sum(axis=0)
        return w1_bar, b1_bar, w2_bar
""")


def test_a_perceptron():
    emitted = emit(mlp())
    assert emitted.text == MLP
    assert emitted.imports == ["import numpy as np"]
    rng = np.random.default_rng(0)
    w1, b1, w2, x, y = args = [rng.normal(size=s) for s in ((3, 4), 4, (4, 2), (5, 3), (5, 2))]
    h = np.tanh(x @ w1 + b1)
    r_bar = 2 * (h @ w2 - y)
    u_bar = (r_bar @ w2.T) * (1 - h * h)
    for got, want in zip(emitted.function(*args), (x.T @ u_bar, u_bar.sum(0), h.T @ r_bar), strict=True):
        np.testing.assert_allclose(got, want)


def test_the_text_is_the_same_each_time():
    assert {emit(mlp()).text for _ in range(3)} == {MLP}


def test_the_text_stands_alone_as_a_file():
    emitted = emit(mlp())
    space = {}
    exec("\n".join([*emitted.imports, emitted.text]), space)
    assert callable(space["mlp_grad"])


def stencil():
    a, n = Value("a", ROW), Value("n", INT)
    b = Block()
    three, four = line(3, "a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])"), line(4, "return np.sum(a * a)")
    copied = b.emit(np.copy, a, kind=ROW, hint="a", spelling="method")
    inner, param = Block(), Value("a", ROW)
    inner.params = [param]
    index = [part(None, -2), part(1, -1), part(2)]

    def at(block, array, place, **more):
        return block.emit(operator.getitem, array, index[place], kind=ROW, **more)
    left, mid, right = (at(inner, param, i, origin=three) for i in range(3))
    twice = inner.emit(operator.mul, Const(2.0), mid, kind=ROW, origin=three)
    total = inner.emit(operator.add, inner.emit(operator.add, left, twice, kind=ROW), right, kind=ROW)
    new = inner.emit(operator.mul, Const(0.25), total, kind=ROW, origin=three)
    inner.results = [inner.emit(runtime.index_set, param, index[1], new, kind=ROW, hint="a", inplace=True)]
    after = Value("a", ROW)
    forward = Loop([copied], inner, [after], Value("t", INT), stop=n)
    b.ops.append(forward)
    a_bar = b.emit(operator.mul, Const(2.0), after, kind=ROW, hint="a_bar", origin=four, reverse=True)
    body, bar = Block(), Value("a_bar", ROW)
    body.params = [bar]
    how = {"origin": three, "reverse": True}
    s_bar = body.emit(operator.mul, Const(0.25), at(body, bar, 1, **how), kind=ROW, hint="s_bar", **how)
    bar_2 = body.emit(runtime.index_set, bar, index[1], body.emit(operator.mul, Const(2.0), s_bar, kind=ROW, **how),
                      kind=ROW, hint="a_bar", inplace=True, **how)
    bar_3 = body.emit(runtime.index_add, bar_2, index[0], s_bar, kind=ROW, hint="a_bar", inplace=True, **how)
    body.results = [body.emit(runtime.index_add, bar_3, index[2], s_bar, kind=ROW, hint="a_bar", inplace=True, **how)]
    out = Value("a_bar", ROW)
    b.ops.append(Loop([a_bar], body, [out], Value("t", INT), stop=n, reverse=True, mirror=forward, backward=True))
    b.results = [out]
    return Func("stencil_grad", [a, n], b,
                notes={a: "stencil writes into a; the caller's array stays as it was"})


def test_a_stencil():
    emitted = emit(stencil())
    assert emitted.text == lines("""
        def stencil_grad(a, n):
            a = a.copy()                            # stencil writes into a; the caller's array stays as it was
            for t in range(n):
                a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
            # -- reverse sweep --
            a_bar = 2.0 * a                         # line 4: return np.sum(a * a)
            for t in range(n - 1, -1, -1):
                s_bar = 0.25 * a_bar[1:-1]          # line 3: a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
                a_bar[1:-1] = 2.0 * s_bar
                a_bar[:-2] += s_bar
                a_bar[2:] += s_bar
            return a_bar
    """)
    a = np.random.default_rng(0).normal(size=7)
    kept, got = a.copy(), emitted.function(a, 3)
    np.testing.assert_array_equal(a, kept)

    def value(a):
        a = a.copy()
        for _ in range(3):
            a[1:-1] = 0.25 * (a[:-2] + 2.0 * a[1:-1] + a[2:])
        return np.sum(a * a)
    want = [(value(a + d) - value(a - d)) / 2e-6 for d in 1e-6 * np.eye(7)]
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_lines_of_other_functions_say_whose_they_are():
    x, b = Value("x", FLOAT), Block()
    y = b.emit(operator.mul, x, x, kind=FLOAT, hint="x_bar", origin=line(2, "return x", "g"), reverse=True)
    b.results = [b.emit(operator.mul, y, x, kind=FLOAT, hint="x_bar", origin=line(2, "return g(x)"), reverse=True)]
    assert emit(Func("f_grad", [x], b), main="f").text == lines("""
        def f_grad(x):
            # -- reverse sweep --
            x_bar = x * x                           # g line 2: return x
            x_bar = x_bar * x                       # line 2: return g(x)
            return x_bar
    """)


def test_a_long_line_has_its_remark_after_two_spaces():
    x, b = Value("a_name_that_goes_on_and_on", FLOAT), Block()
    b.results = [b.emit(operator.mul, x, x, kind=FLOAT, hint="y_bar", origin=line(2, "y"), reverse=True)]
    assert "    y_bar = a_name_that_goes_on_and_on * a_name_that_goes_on_and_on  # line 2: y\n" in \
        emit(Func("f", [x], b)).text


def test_a_traceback_shows_the_text():
    import linecache
    x, b = Value("x", FLOAT), Block()
    b.results = [b.emit(operator.truediv, Const(1.0), x, kind=FLOAT)]
    emitted = emit(Func("f", [x], b))
    filename = emitted.function.__code__.co_filename
    assert filename.startswith("<ad_compiler f ")
    assert linecache.getline(filename, 2) == "    return 1.0 / x\n"
    assert isinstance(b.ops[0], Op)
