"""The printer: what it prints reads back as the tree that it was given, and has no more brackets than it needs."""

import ast
import random
import subprocess
import sys

import pytest

from ad_compiler.emit.printer import expression, render

EXPRESSIONS = [
    "x ** 2", "x ** -2", "x ** -2.0", "(-2) ** x", "(-x) ** 2", "-x ** 2", "x ** y ** z", "(x ** y) ** z", "-x", "--x",
    "-(-x)", "not not x", "~-x", "-2.0", "a[i, j]", "a[i][j]", "a[1:-1, ::2]", "a[:]", "a[::-1]", "a[..., None]",
    "a[i + 1:n - 1]", "a[(i, j), k]", "a[1:2,]", "a[()]", "a[-1]", "a[[0, 1], :]", "a[b > 0]", "(a, b)[0]", "1.0 - h * h",
    "h_bar * (1.0 - h * h)", "2.0 * (a + b)", "a - (b - c)", "a - b - c", "a / (b * c)", "a / b * c", "a @ (b @ c)",
    "a @ b @ c", "a * -b", "-(a * b)", "-a * b", "f(*args)", "f(*args, **kw)", "f(a, *b, c=1, **d)", "f((a, b))",
    "f(a if c else b)", "f(x)(y)", "f(lambda: 0)", "lambda: x", "lambda x: x + 1", "lambda x, y=1, *a, z, w=2, **k: x",
    "lambda x, /, y: x", "lambda *, x: x", "(lambda: x)()", "a if c else b", "(a if c else b) + 1", "a if b else c if d else e",
    "(a if b else c) if d else e", "a if (b if c else d) else e", "a and b or c", "a and (b or c)", "not (a and b)",
    "not a < b", "(not a) < b", "a < b < c", "(a < b) == c", "a < (b < c)", "a is not None", "a not in b", "not a in b",
    "a == b != c", "(a + b).sum(axis=0)", "(-x).T", "x.T @ y", "(a @ b).T", "(1).real", "1.5 .real", "x.shape[0]",
    "'{:.3f}'.format(x)", "'it\\'s'", '"a\\n\\"b\\""', "b'raw'", "'plain'", "''", "1e-05", "1e+300", "0.1", "1_000", "1j",
    "1 + 2j", "None", "True", "...", "()", "(a,)", "(a, b)", "((a, b), c)", "[]", "[a]", "[a, (b, c)]", "{}", "{1: a}",
    "{'k': a if b else c, (1, 2): d}", "{**a, 'b': 1}", "{a, b}", "[None] * n", "[None] * (n - 1)", "a << b | c & d ^ e",
    "a % b // c", "a + (b, c)", "x[lambda: 1]", "np.linalg.solve(a, b)[0]", "a if not b else c", "(a or b) and c",
    "x[a if b else c]", "x[a:b if c else d]", "f(a)[..., 0]", "-x[0]", "-f(x)", "(-x)[0]", "not f(x)", "(x + 1)(2)",
]

STATEMENTS = [
    "x = 1", "a, b = b, a", "(a, b), c = d", "(a,) = b", "x[0] = 1", "x[1:-1] += 2.0 * y", "x.y = z", "x @= y", "x **= y",
    "x //= y", "return", "return a, b", "return (a, b), c", "return a if b else c", "return lambda: x", "raise",
    "raise ValueError('no')", "raise a if b else c", "raise a from b", "assert a, b", "assert (a, b)", "assert a < b",
    "f(x)", "pass", "break", "continue", "for i in range(n):\n    pass", "for i, (a, b) in c:\n    break",
    "for i in a, b:\n    pass", "for x in (a if b else c):\n    pass", "while a and b:\n    x = 1",
    "while True:\n    if x:\n        break\n    y = 2", "if a:\n    x = 1\nelif b:\n    x = 2\nelse:\n    x = 3",
    "if a:\n    if b:\n        x = 1\n    else:\n        x = 2\nelse:\n    x = 3", "x = y = 1",
]



@pytest.mark.parametrize("code", EXPRESSIONS)
def test_expressions_read_back(code):
    tree = ast.parse(code, mode="eval").body
    printed = expression(ast.parse(code, mode="eval").body)
    assert ast.dump(ast.parse(printed, mode="eval").body) == ast.dump(tree)
    assert len(printed) <= len(ast.unparse(tree)) + 2 * printed.endswith(".real")


@pytest.mark.parametrize("code", STATEMENTS)
def test_statements_read_back(code):
    source = "def f(x):\n    while q:\n        " + code.replace("\n", "\n        ") + "\n"
    printed = render(ast.parse(source).body[0])
    assert ast.dump(ast.parse(printed)) == ast.dump(ast.parse(source))
    assert len(printed) <= len(ast.unparse(ast.parse(source))) + 1


def test_brackets_and_spaces_are_those_of_a_person():
    for code in ["x ** 2", "x ** -2", "-x", "a[i, j]", "a[1:-1, ::2]", "a[i + 1:n]", "h_bar * (1.0 - h * h)", "f(*args)",
                 "lambda x: x + 1", "lambda: 0", "2.0 * (a + b)", "1e-05", "f(a, b=1)", "(-x) ** 2", "x[..., None]"]:
        assert expression(ast.parse(code, mode="eval").body) == code


def test_lines_are_not_wrapped():
    code = " + ".join(f"np.sin(a_rather_long_name_{i})" for i in range(30))
    assert expression(ast.parse(code, mode="eval").body) == code


def test_docstrings():
    for doc in ["One line.", "Two\nlines.", "Two\n\n    lines.\n", 'Ends in "quotes"', "back\\slash", 'has """ in it']:
        node = ast.parse("def f():\n    pass").body[0]
        node.body.insert(0, ast.Expr(ast.Constant(doc)))
        space = {}
        exec(render(node), space)
        got, want = ([row.strip() for row in text.strip().split("\n")] for text in (space["f"].__doc__, doc))
        assert got == want


def test_remarks():
    node = ast.parse("def f(x):\n    for i in x:\n        y = i\n    return y").body[0]
    loop, back = node.body
    loop.body[0].lineno, back.lineno, loop.lineno = 71, 72, 73
    assert render(node, {71: "inner"}, {72: "-- here --"}) == (
        "def f(x):\n    for i in x:\n        y = i                               # inner\n    # -- here --\n    return y\n")


def random_expression(rng, depth):
    if depth == 0:
        return rng.choice([ast.Name(rng.choice("abc"), ast.Load()), ast.Constant(rng.choice([1, 2.5]))])

    def inner():
        return random_expression(rng, depth - 1 - rng.randrange(depth))
    roll = rng.randrange(9)
    if roll < 3:
        ops = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.Mod, ast.BitOr, ast.LShift]
        return ast.BinOp(inner(), rng.choice(ops)(), inner())
    if roll < 4:
        return ast.UnaryOp(rng.choice([ast.USub, ast.Not, ast.Invert])(), inner())
    if roll < 5:
        return ast.Compare(inner(), [rng.choice([ast.Lt, ast.Eq, ast.Is, ast.NotIn])()], [inner()])
    if roll < 6:
        return ast.BoolOp(rng.choice([ast.And, ast.Or])(), [inner(), inner()])
    if roll < 7:
        return ast.IfExp(inner(), inner(), inner())
    if roll < 8:
        return ast.Subscript(inner(), ast.Tuple([ast.Slice(inner(), None, inner()), inner()], ast.Load()), ast.Load())
    return ast.Call(ast.Attribute(inner(), "f", ast.Load()), [inner()], [ast.keyword("k", inner())])


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions_read_back(seed):
    rng = random.Random(seed)
    for _ in range(20):
        tree = random_expression(rng, 5)
        read = ast.parse(expression(tree), mode="eval").body
        assert ast.dump(read) == ast.dump(tree)


def test_importing_and_printing_warn_of_nothing():
    code = "import ast, ad_compiler.emit.printer as p; p.expression(ast.parse('f(1.5, x=\"a\")', mode='eval').body)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
