"""A normalised function behaves as the function: by example, and for random control flow by its trace."""

from __future__ import annotations

import contextlib
import itertools
import textwrap

import gast
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ad_compiler.read.parse import Source
from ad_compiler.read.syntax.normalise import check_supported, normalise, show


class Stop(Exception):
    """A generated program has run long enough."""


class _NoGrad(contextlib.ContextDecorator):
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __call__(self):
        return self


def read(text):
    return gast.parse(textwrap.dedent(text)).body[0]


def assert_normal(node):
    """One return, last; no break or continue; every loop says how it is left."""
    def statements(body):
        for stmt in body:
            yield stmt
            for field in ("body", "orelse", "finalbody"):
                if not isinstance(stmt, (gast.FunctionDef, gast.ClassDef)):
                    yield from statements(getattr(stmt, field, []))

    inside = list(statements(node.body))
    assert [s for s in inside if isinstance(s, gast.Return)] == [node.body[-1]]
    assert not any(isinstance(s, (gast.Break, gast.Continue)) for s in inside)
    for stmt in inside:
        if isinstance(stmt, (gast.For, gast.While)):
            assert not stmt.orelse
            assert stmt.leave is None or stmt.leave in node.synthetic
            first = stmt.body[0]
            if stmt.leave is not None:
                assert isinstance(first, gast.Assign)
                assert first.targets[0].id == stmt.leave
                assert first.value.value is False
        if len(getattr(stmt, "body", [])) > 1:
            assert not any(isinstance(s, gast.Pass) for s in stmt.body)
    for inner in gast.walk(node):
        if "lineno" in inner._attributes:
            assert inner.lineno >= node.lineno
            assert inner.col_offset >= 0
            assert inner.end_lineno >= inner.lineno


def compiled(text, name, world):
    namespace = dict(world)
    exec(compile(text, "<test>", "exec"), namespace)
    return namespace[name]


def outcome(func, *args):
    try:
        return "value", func(*args)
    except (Stop, ArithmeticError, ValueError, AssertionError, TypeError, IndexError) as error:
        return "raised", type(error), str(error)


PROGRAMS = """
def plain(a, b, n):
    return a + b

def falls_off(a, b, n):
    c = a

def only_doc(a, b, n):
    "Nothing else."

def doc_and_pass(a, b, n):
    "Doc."
    pass

def bare_return(a, b, n):
    if a:
        return
    b = n
    return

def early(a, b, n):
    if a > b:
        return a
    return b

def early_without_value(a, b, n):
    if a > b:
        return a

def ladder(a, b, n):
    if a == 0:
        return 1
    if a == 1:
        return 2
    if b == 0:
        c = 3
    if b == 1:
        return 4
    return a + b

def elifs(a, b, n):
    if a == 0:
        return 1
    elif a == 1:
        c = 2
    elif b == 0:
        return 3
    else:
        c = 4
    return c + n

def return_in_else(a, b, n):
    if a > b:
        c = a
    else:
        return b
    c = c + 1
    return c * 2

def may_exit(a, b, n):
    c = 0
    if a > 0:
        c = c + 1
        if b > 0:
            return c
        c = c + 2
    c = c + 4
    return c

def may_exit_twice(a, b, n):
    c = 0
    if a > 0:
        if b > 0:
            return c + 1
    if n > 1:
        if b == 0:
            return c + 2
        c = 8
    else:
        if a == 0:
            return c + 3
    c = c + 16
    return c

def dead_code(a, b, n):
    return a
    return b

def dead_code_in_arms(a, b, n):
    if a:
        return 1
        b = 5
    else:
        return b
        a = 5
    return 7

def raises(a, b, n):
    if a > 1:
        raise ValueError("large")
    if b > 1:
        return b
    return a

def raise_in_the_middle(a, b, n):
    if a > 1:
        raise ValueError("large")
    elif a == 1:
        return 5
    else:
        c = 3
    return b + c

def always_raises(a, b, n):
    raise ValueError("always")

def assert_false(a, b, n):
    if a == 0:
        return 1
    elif a == 1:
        return 2
    assert False, "never"

def for_break(a, b, n):
    c = 0
    for i in range(n):
        if i == a:
            break
        c = c + i
    return c

def for_continue(a, b, n):
    c = 0
    for i in range(n):
        if i == a:
            continue
        c = c + i
    return c

def for_both(a, b, n):
    c = 0
    for i in range(n):
        if i == a:
            continue
        if i == b:
            break
        c = c + i
    return c

def continue_maybe(a, b, n):
    c = 0
    for i in range(n):
        if i > a:
            c = c + 1
            if i > b:
                continue
            c = c + 10
        c = c + 100
    return c

def break_or_continue_maybe(a, b, n):
    c = 0
    for i in range(n):
        if i >= a:
            c = c + 1
            if i == b:
                continue
            if i > b:
                break
            c = c + 10
        c = c + 100
    return c

def all_three_maybe(a, b, n):
    c = 0
    for i in range(n + 2):
        if i >= a:
            c = c + 1
            if i == b:
                continue
            elif i > b + 1:
                return c
            if i > b:
                break
            c = c + 10
        c = c + 100
        if c == 212:
            continue
        c = c + 1000
    c = c + 10000
    return c

def for_else(a, b, n):
    for i in range(n):
        if i == a:
            c = i
            break
    else:
        c = -1
    return c

def for_else_without_break(a, b, n):
    c = 0
    for i in range(n):
        c = c + i
    else:
        c = c + 100
    return c

def for_else_return(a, b, n):
    for i in range(n):
        if i == a:
            return i
    else:
        return -1

def for_else_all(a, b, n):
    c = 0
    for i in range(n):
        if i == a:
            break
        if i == b:
            return 50 + c
        c = c + 1
    else:
        if n > 2:
            return 60 + c
        c = c + 10
    return c

def else_breaks_outer(a, b, n):
    c = 0
    for i in range(n):
        for j in range(i):
            if j == a:
                break
            c = c + 1
        else:
            if i == b:
                break
            c = c + 10
            continue
        c = c + 100
    return c

def return_in_loop(a, b, n):
    for i in range(n):
        if i * i > a:
            return i
    return -1

def return_in_nested_loops(a, b, n):
    c = 0
    for i in range(n):
        for j in range(n):
            if i * j == a + 1:
                return c
            c = c + 1
        c = c + 10
    return c + 100

def return_and_break_in_nested_loops(a, b, n):
    c = 0
    for i in range(n):
        for j in range(n):
            if i * j == a + 1:
                return c
            if j == b:
                break
            c = c + 1
        if c > 5:
            break
        c = c + 10
    return c + 100

def three_deep(a, b, n):
    c = 0
    for i in range(n):
        for j in range(n):
            for k in range(n):
                if i + j + k == a + b:
                    return 1000 + c
                if k > j:
                    break
                c = c + 1
            if c > 30:
                break
        else:
            continue
        c = c + 50
    return c

def for_return_at_once(a, b, n):
    for i in range(n):
        return i + a

def two_loops_with_returns(a, b, n):
    for i in range(n):
        if i == a:
            return i
    for j in range(n):
        if j == b:
            return 10 + j
    return 100

def newton(a, b, n):
    x = a + 1.0
    while True:
        new = 0.5 * (x + (a + 1.0) / x)
        if abs(new - x) < 1e-12:
            break
        x = new
    return x

def while_return(a, b, n):
    while True:
        a = a + 1
        if a > b:
            return a * n

def while_true_nested_return(a, b, n):
    while True:
        while True:
            a = a + 1
            if a > b:
                return a * n
            if a > 1:
                break
        b = b - 1

def while_else(a, b, n):
    while a < n:
        a = a + 1
        if a == b:
            break
    else:
        a = a + 100
    return a

def while_true_else(a, b, n):
    while 1:
        a = a + 1
        if a > n:
            break
    else:
        a = 1000
    return a

def while_false(a, b, n):
    while False:
        return 1
    else:
        b = b + 1
    return b

def while_continue(a, b, n):
    c = 0
    while a < n:
        a = a + 1
        if a == b:
            continue
        c = c + a
    return c

def walrus(a, b, n):
    c = 0
    while (d := n - c) > a:
        c = c + 1
    return c * 10 + d

def walrus_break(a, b, n):
    c = 0
    while (d := n - c) > a:
        if d == b:
            break
        if d == 3:
            c = c + 1
            continue
        c = c + 1
    return c * 10 + d

def walrus_else(a, b, n):
    c = 0
    while (d := n - c) > a:
        c = c + 1
        if c > b:
            break
    else:
        c = c + 100
    return c * 10 + d

def walrus_else_return(a, b, n):
    c = 0
    while (d := n - c) > a:
        c = c + 1
        if c > b:
            break
        if c == 2:
            return -1
    else:
        c = c + 100
    return c * 10 + d

def walrus_else_without_break(a, b, n):
    c = 0
    while (d := n - c) > a:
        c = c + 1
    else:
        c = c + 100
    return c * 10 + d

def walrus_in_lambda(a, b, n):
    while (lambda: (y := a) < n)():
        a = a + 1
    return a

def with_return(a, b, n):
    with no_grad:
        if a > 0:
            return a
        b = b + 1
    return b

def with_break(a, b, n):
    c = 0
    for i in range(n):
        with no_grad():
            if i == a:
                break
            if i == b:
                continue
            c = c + 1
        c = c + 10
    return c

def with_always_returns(a, b, n):
    with no_grad:
        c = a
        return c
    return b

def loop_in_with(a, b, n):
    c = 0
    with no_grad:
        for i in range(n):
            if i == a:
                break
            c = c + i
    return c

def names_taken(_ret, _returned, _left):
    _skip = 0
    for i in range(_left):
        if i == _ret:
            return i
        if i > _ret:
            _skip = _skip + 1
            if i == _returned:
                continue
            if _skip == 2:
                break
        _skip = _skip + 100
    return _skip + _left

def nested_function(a, b, n):
    def inner(x):
        for k in range(4):
            if k == x:
                return k
            if k == b:
                break
        return 10
    if a == 1:
        return inner(a)
    return inner(b) + 1

def comprehension(a, b, n):
    c = [i if i > a else -i for i in range(n) if i != b]
    for i in c:
        if i < 0:
            continue
        return i
    return sum(c)

def loop_variable_after(a, b, n):
    i = -1
    for i in range(n):
        if i == a:
            break
    return i

def break_last(a, b, n):
    c = 0
    for i in range(n):
        c = c + i
        if c > a:
            break
    return c

def empty_arms(a, b, n):
    c = 0
    for i in range(n):
        if i == a:
            pass
        elif i == b:
            continue
        else:
            pass
    return c

def break_at_once(a, b, n):
    for i in range(n):
        break
    while a < b:
        break
    return i if n else a

def return_after_break_in_if(a, b, n):
    if a:
        for i in range(n):
            if i == b:
                break
        else:
            return -1
        return i
    return b

def loop_inside_may_arm(a, b, n):
    c = 0
    if a > 0:
        for i in range(n):
            if i == b:
                return i
            c = c + 1
    if b > 0:
        for i in range(n):
            if i == a:
                return 10 + c
            c = c + 1
    return 20 + c

def continue_last(a, b, n):
    c = 0
    for i in range(n):
        if i > a:
            c = c + 1
            if i == b:
                break
        continue
    for i in range(n):
        if i > a:
            if i > b:
                if i == b + 1:
                    continue
                c = c + 1
            continue
        c = c + 10
    return c

def ladder_in_loop(a, b, n):
    c = 0
    for i in range(n):
        if i == 0:
            if a:
                continue
        elif i == 1:
            if b:
                break
        else:
            if c > 3:
                return c
        c = c + 2
    return -c

lam = lambda a, b, n: a if b else n
"""

FUNCTIONS = [n for n in gast.parse(PROGRAMS).body if isinstance(n, gast.FunctionDef)]
WORLD = {"no_grad": _NoGrad(), "abs": abs, "range": range, "sum": sum, "ValueError": ValueError}


@pytest.mark.parametrize("node", FUNCTIONS, ids=lambda node: node.name)
def test_behaves_as_before(node):
    before = gast.dump(node, include_attributes=True)
    plain = normalise(node)
    assert gast.dump(node, include_attributes=True) == before
    assert_normal(plain)
    original = compiled(PROGRAMS, node.name, WORLD)
    rewritten = compiled(show(plain), node.name, WORLD)
    for args in itertools.product(range(4), range(4), range(5)):
        assert outcome(rewritten, *args) == outcome(original, *args), args


def test_there_are_enough_functions():
    assert len(FUNCTIONS) >= 40


# -- the shape of the simple cases -------------------------------------------------------------------

SHAPES = {
    "one return": ("""
        def f(x):
            "Doc."
            y = x * x
            return y
        """, """
        def f(x):
            y = x * x
            return y
        """),
    "no return": ("""
        def f(x):
            pass
        """, """
        def f(x):
            return None
        """),
    "early return": ("""
        def f(x):
            if x < 0:
                return 0.0
            y = x * x
            return y
        """, """
        def f(x):
            if x < 0:
                _ret = 0.0
            else:
                y = x * x
                _ret = y
            return _ret
        """),
    "a raising arm moves nothing": ("""
        def f(x):
            if x < 0:
                raise ValueError
            return x
        """, """
        def f(x):
            if x < 0:
                raise ValueError
            return x
        """),
    "nested return": ("""
        def f(x):
            if x < 0:
                if x < -1:
                    return 0.0
            return x
        """, """
        def f(x):
            _returned = False
            if x < 0:
                if x < -1:
                    _ret = 0.0
                    _returned = True
            if not _returned:
                _ret = x
            return _ret
        """),
    "continue": ("""
        def f(x):
            for i in range(3):
                if i == 1:
                    continue
                x = x + i
            return x
        """, """
        def f(x):
            for i in range(3):
                if i == 1:
                    pass
                else:
                    x = x + i
            return x
        """),
    "break": ("""
        def f(x):
            for i in range(3):
                if i == 1:
                    break
                x = x + i
            return x
        """, """
        def f(x):
            for i in range(3):
                _left = False
                if i == 1:
                    _left = True
                else:
                    x = x + i
                if _left:
                    break
            return x
        """),
    "return from loops": ("""
        def f(x):
            for i in range(3):
                for j in range(3):
                    if x:
                        return i
                x = x + 1
            return x
        """, """
        def f(x):
            _returned = False
            for i in range(3):
                _returned = False
                for j in range(3):
                    _returned = False
                    if x:
                        _ret = i
                        _returned = True
                    if _returned:
                        break
                if not _returned:
                    x = x + 1
                if _returned:
                    break
            if not _returned:
                _ret = x
            return _ret
        """),
    "for else": ("""
        def f(x):
            for i in range(3):
                if i == x:
                    break
            else:
                x = 0
            return x
        """, """
        def f(x):
            _left = False
            for i in range(3):
                _left = False
                if i == x:
                    _left = True
                if _left:
                    break
            if not _left:
                x = 0
            return x
        """),
    "walrus": ("""
        def f(x):
            while (y := x - 1) > 0:
                x = y / 2
            return y
        """, """
        def f(x):
            while True:
                _left = False
                if (y := (x - 1)) > 0:
                    x = y / 2
                else:
                    _left = True
                if _left:
                    break
            return y
        """),
    "an endless loop is left by return alone": ("""
        def f(x):
            while True:
                x = x * 2
                if x > 9:
                    return x
        """, """
        def f(x):
            while True:
                _returned = False
                x = x * 2
                if x > 9:
                    _ret = x
                    _returned = True
                if _returned:
                    break
            return _ret
        """),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name):
    before, after = SHAPES[name]
    assert show(normalise(read(before))) == textwrap.dedent(after).strip()


def test_lambda():
    node = gast.parse("f = lambda x, y=2: x * y").body[0].value
    plain = normalise(node)
    assert isinstance(plain, gast.FunctionDef)
    assert plain.name == "<lambda>"
    assert plain.synthetic == set()
    assert [type(s) for s in plain.body] == [gast.Return]
    assert (plain.lineno, plain.col_offset) == (1, 4)
    assert [a.id for a in plain.args.args] == ["x", "y"]


def test_synthetic_names_avoid_those_in_use():
    plain = normalise(read("""
        def f(x):
            def g():
                return _ret, _ret_2
            if x:
                return 1
            return g()
        """))
    assert plain.synthetic == {"_ret_3"}


def test_places_are_those_of_the_statements_that_things_come_from():
    plain = normalise(read("""
        def f(x):
            for i in range(3):
                if x:
                    break
                x = x + 1
            return x
        """))
    loop = plain.body[0]
    assert loop.body[0].lineno == loop.lineno == 3
    assert loop.body[1].body[0].lineno == 5
    assert loop.body[1].body[0].value.lineno == 5


def test_a_sum_of_many_terms_and_many_statements():
    terms = " + ".join(["x"] * 150)
    lines = "\n    ".join(["x = x + 1"] * 3000)
    node = gast.parse(f"def f(x):\n    y = {terms}\n    {lines}\n    return y").body[0]
    assert len(normalise(node).body) == 3002


# -- random control flow -----------------------------------------------------------------------------

def indented(lines):
    return ["    " + line for line in lines]


@st.composite
def blocks(draw, depth, in_loop):
    out = []
    for _ in range(draw(st.integers(1, 3))):
        out += draw(statements(depth, in_loop))
    return out


@st.composite
def statements(draw, depth, in_loop):
    simple = ["mark", "mark", "return", "raise", "pass", "assert"] + ["break", "continue"] * 2 * in_loop
    nested = ["if", "if", "if", "ifelse", "ifelse", "for", "while", "endless", "walrus", "with", "try"]
    what = draw(st.sampled_from(simple + nested * 2 if depth else simple))
    number = draw(st.integers(0, 10 ** 6))
    if what in ("mark", "return"):
        return [f"mark({number})" if what == "mark" else f"return mark({number})"]
    if what in ("pass", "break", "continue"):
        return [what]
    if what == "raise":
        return [f"raise ValueError({number})"]
    if what == "assert":
        return ["assert False"]
    inner = indented(draw(blocks(depth - 1, in_loop)))
    if what == "with":
        return ["with no_grad:", *inner]
    if what == "try":
        return ["try:", *inner, "finally:", f"    mark({number})"]
    if what == "if":
        return ["if test():", *inner]
    if what == "ifelse":
        return ["if test():", *inner, "else:", *indented(draw(blocks(depth - 1, in_loop)))]
    inner = indented(draw(blocks(depth - 1, True)))
    head = {"for": f"for i in range({number % 4}):", "while": "while test():", "endless": "while True:",
            "walrus": "while (w := test()):"}[what]
    out = [head, "    test()", *inner]
    if draw(st.booleans()):
        out += ["else:", *indented(draw(blocks(depth - 1, in_loop)))]
    return out


class Traced:
    """A generated program; a run of it gives everything that it does, in order."""

    def __init__(self, text):
        self.func = compiled(text, "f", {"mark": self.mark, "test": self.test, "no_grad": _NoGrad()})

    def mark(self, number):
        self.trace.append(number)
        return number

    def test(self):
        bit = next(self.bits, None)
        if bit is None:
            raise Stop
        self.trace.append(bit)
        return bit

    def run(self, bits):
        self.trace, self.bits = [], iter(bits)
        return outcome(self.func), self.trace


SUPPLIES = [[bool(n >> k & 1) for k in range(6)] * 5 for n in range(64)]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks(3, False))
def test_random_control_flow(body):
    text = "\n".join(["def f():", *indented(body)])
    plain = normalise(gast.parse(text).body[0])
    assert_normal(plain)
    before, after = Traced(text), Traced(show(plain))
    for bits in SUPPLIES:
        assert after.run(bits) == before.run(bits), text + "\n\n" + show(plain)


# -- what is refused ---------------------------------------------------------------------------------

REFUSED = {
    "try:\n    y = x\nexcept ValueError:\n    y = 0": "`except`",
    "try:\n    y = x\nexcept* ValueError:\n    y = 0": "`except`",
    "for i in x:\n    try:\n        y = x\n    finally:\n        break": "`finally`",
    "global z": "`global`",
    "class A:\n    import math": "class",
    "async def g():\n    return x": "asynchronous",
}


def refusals_of(body):
    text = "def f(x):\n" + textwrap.indent(body, "    ")
    node = gast.parse(text).body[0]
    source = Source(node, "file.py", 1, text.splitlines(), "f")
    normalise(node)     # must not fail where something is refused
    return check_supported(node, source)


@pytest.mark.parametrize("body", REFUSED)
def test_refused(body):
    (refusal,) = refusals_of(body)
    assert REFUSED[body] in refusal.message
    assert refusal.remedy
    assert refusal.file == "file.py"
    assert refusal.line >= 2
    assert refusal.text


def test_async_constructs_are_refused():
    text = "async def f(x):\n    async with x:\n        await x\n    async for i in x:\n        [i async for i in x]"
    node = gast.parse(text).body[0]
    found = check_supported(node, Source(node, "file.py", 1, text.splitlines(), "f"))
    assert [r.line for r in found] == [2, 3, 4, 5]


def test_all_are_reported_in_line_order():
    found = refusals_of("import a\ntry:\n    global x\nexcept E:\n    yield 1\nglobal z\nreturn x")
    assert [r.line for r in found] == [3, 4, 7]


@pytest.mark.parametrize("body", [
    "with no_grad:\n    y = x",
    "with no_grad():\n    y = x",
    "with open(x) as f:\n    y = x",
    "try:\n    y = x\nfinally:\n    for i in x:\n        break",
    "with ad_compiler.no_grad():\n    y = x",
    "def g():\n    nonlocal x\n    import math\n    yield 1",
    "nonlocal x\nx = 1",
    "g = lambda: (yield)",
    "y = f(*x, **x)",
    "y = {1, 2}",
    "x[::2] = 1\nx.y = 2",
    "y = [i for i in x if i]",
])
def test_not_refused(body):
    assert refusals_of(body) == []
