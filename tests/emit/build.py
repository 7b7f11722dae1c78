"""Short ways to write the intermediate form by hand."""

import operator

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler.emit.compile import emit
from ad_compiler.ir import Block, Branch, Const, Func, Loop, Origin, Slice, Value
from ad_compiler.kinds import BOOL, FLOAT, INT, Num, Obj, Seq, Shape, Sym

ROW = Num("float64", (Sym("n"),))
MATRIX = Num("float64", (Sym("m"), Sym("n")))
NONE = Const(None)
LINES: dict[int, str] = {}


def line(number, text="", func="f"):
    return Origin(f"{func}.py", number, number, text, func)


def part(start=None, stop=None, step=None):
    """A slice of constants."""
    return Slice(Const(start), Const(stop), Const(step))


def text(name, params, block, **more):
    return emit(Func(name, params, block, **more)).text


def function(name, params, block, **more):
    return emit(Func(name, params, block, **more)).function


def lines(code):
    """An expected text, written with the indentation of the test around it."""
    rows = code.strip("\n").split("\n")
    pad = len(rows[0]) - len(rows[0].lstrip())
    return "\n".join(row[pad:] for row in rows).rstrip() + "\n"


__all__ = ["BOOL", "FLOAT", "INT", "MATRIX", "NONE", "ROW", "Block", "Branch", "Const", "Func", "Loop", "Obj", "Seq",
           "Shape", "Slice", "Value", "emit", "function", "line", "lines", "operator", "part", "text"]
