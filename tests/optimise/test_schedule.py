import operator

from ad_compiler import runtime
from ad_compiler.ir import Const, Origin
from ad_compiler.kinds import FLOAT
from ad_compiler.optimise.schedule import schedule
from tests.optimise.build import VECTOR, Code, value

G, A = value("g", FLOAT), value("a", VECTOR)


def order(code, *results):
    """The names in the order in which they are made."""
    return [op.result.hint or "." for op in schedule(code.func(*results)).body.ops]


def at(line):
    return {"origin": Origin("f.py", line, line, "", "f")}


def test_returned_first_in_their_order():
    code = Code(G)
    h, b, a = (code(operator.mul, G, Const(float(i)), hint=hint) for i, hint in enumerate(["h", "b", "a"]))
    assert order(code, a, b, code(operator.neg, h, hint="z")) == ["a", "b", "h", "z"]


def test_what_is_read_comes_before():
    code = Code(G)
    first = code(operator.mul, G, Const(1.0), hint="x")
    other = code(operator.mul, G, Const(2.0), hint="y")
    returned = code(operator.add, first, other, hint="z")
    assert order(code, returned) == ["x", "y", "z"]


def test_lines_keep_their_order():
    code = Code(G)
    h = code(operator.mul, G, Const(1.0), hint="h", **at(3))
    w = code(operator.mul, G, Const(2.0), hint="w", **at(2))
    assert order(code, w, code(operator.neg, h, hint="z", **at(2))) == ["h", "w", "z"]


def test_forward_ops_and_effects_stay():
    code = Code(G)
    h = code(operator.mul, G, Const(1.0), hint="h", reverse=False)
    w = code(operator.mul, G, Const(2.0), hint="w", reverse=False)
    assert order(code, w, h) == ["h", "w"]
    code = Code(G)
    h = code(operator.mul, G, Const(1.0), hint="h")
    code(print, G, hint="shown", effect=True)
    assert order(code, code(operator.mul, G, Const(2.0), hint="w"), h) == ["h", "shown", "w"]


def test_unnamed_parts_stay_with_their_reader():
    code = Code(G)
    part = code(operator.mul, G, Const(1.0))
    h = code(operator.neg, G, hint="h")
    assert order(code, code(operator.add, part, h, hint="w"), h) == ["h", ".", "w"]


def test_reads_stay_before_a_store():
    code = Code(A)
    part = code(operator.getitem, A, Const(0), kind=FLOAT, hint="old")
    stored = code(runtime.index_set, A, Const(0), Const(0.0), hint="a_bar")
    assert order(code, stored, code(operator.mul, part, part, hint="z")) == ["old", "a_bar", "z"]


def test_many():
    code = Code(G)
    made = [code(operator.mul, G, Const(float(i)), hint=f"h{i}") for i in range(2000)]
    assert order(code, *made[::-1]) == [f"h{i}" for i in range(2000)][::-1]
