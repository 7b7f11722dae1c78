"""NumPy's reductions: each by operands and memory, axes, `keepdims`, `where`, `initial`, `dtype`, `out`, and as methods."""

from collections.abc import Iterator

from tests.semantics.arrays import Program
from tests.semantics.numpy_functions import OPERANDS

REDUCED = "sum prod mean max min var std any all argmax argmin count_nonzero amax amin median ptp average nansum nanmean".split()
METHODS = set("sum prod mean max min var std any all argmax argmin".split())

AXES = {
    "M(2, 3)": ("0", "1", "-1", "-2", "None", "(0,)", "(0, 1)", "(1, 0)", "(-1, 0)", "()", "2", "(0, 0)", "0.0"),
    "M(2, 2, 3)": ("0", "1", "-1", "(0, 2)", "(-1, 0)", "(0, 1, 2)", "None"),
    "M(3)": ("0", "-1", "(0,)", "1"),
    "M(2, 0)": ("0", "1", "None"),
    "M(1, 3)": ("0", "(0, 1)"),
    "array(0.7)": ("None", "()", "0", "-1"),
}

FORMS = {
    "positional": "np.{f}(x, 1)", "keepdims": "np.{f}(x, axis=1, keepdims=True)", "all kept": "np.{f}(x, keepdims=True)",
    "where": "np.{f}(x, where=np.array([True, False, True]))", "where, axis": "np.{f}(x, axis=0, where=[True, False, True])",
    "where matrix": "np.{f}(x, axis=1, where=np.arange(6).reshape(2, 3) % 2 == 0)", "initial": "np.{f}(x, initial=0.5)",
    "initial and where": "np.{f}(x, axis=1, initial=0.75, where=np.array([True, False, True]))",
    "float32": "np.{f}(x, dtype=np.float32)", "float64": "np.{f}(x, axis=0, dtype=np.float64)", "ddof": "np.{f}(x, ddof=1)",
    "ddof, axis": "np.{f}(x, axis=1, ddof=1, keepdims=True)", "out": "np.{f}(x, axis=0, out=np.zeros(3))",
    "out positional": "np.{f}(x, 0, None, np.zeros(3))", "of a square": "np.{f}(x * x, axis=-1)",
    "minus it": "x - np.{f}(x, axis=1, keepdims=True)", "nested": "np.{f}(np.{f}(x, axis=0))",
    "axis known": "np.{f}(x, axis=x.ndim - 1)", "of a list": "np.{f}([x[0, 0], x[1, 1], 1.0])",
    "of rows": "np.{f}([x[0], x[1]], axis=0)", "of a generator": "np.{f}(np.array([v for v in x[0]]))",
}
METHOD_FORMS = ("x.{f}()", "x.{f}(0)", "x.{f}(axis=-1)", "x.{f}(axis=1, keepdims=True)", "x.T.{f}(axis=0)", "x[0].{f}()",
                "x.{f}(axis=(0, 1))", "(x > 0.5).{f}()", "x.{f}(0, None)")

UFUNCS = "add multiply maximum minimum logaddexp fmax fmin logical_or hypot".split()
UFUNC_FORMS = ("np.{f}.reduce(x)", "np.{f}.reduce(x, axis=1)", "np.{f}.reduce(x, axis=-1, keepdims=True)", "np.{f}.reduce(x, axis=None)",
               "np.{f}.reduce(x, axis=(0, 1))", "np.{f}.reduce(x[0], initial=0.5)", "np.{f}.accumulate(x)",
               "np.{f}.accumulate(x, axis=1)", "np.{f}.reduceat(x[0], [0, 2])", "np.{f}.outer(x[0], x[1])",
               "np.{f}.reduce(x, where=np.array([True, False, True]), initial=0.25)", "np.{f}.reduce(x, 0, np.float64)")


def reductions() -> Iterator[Program]:
    for f in REDUCED:
        for operand, made in OPERANDS.items():
            yield Program(f"np.{f} of {operand}", f"x={made}", f"return np.{f}(x)")
        for made, axes in AXES.items():
            for axis in axes:
                yield Program(f"np.{f} of {made}, axis={axis}", f"x={made}", f"return np.{f}(x, axis={axis})")
        for form, call in FORMS.items():
            for operand in ("2-d", "transposed"):
                yield Program(f"np.{f} {form}, {operand}", f"x={OPERANDS[operand]}", f"return {call.format(f=f)}")
        for call in METHOD_FORMS if f in METHODS else ():
            yield Program(call.format(f=f), "x=M(2, 3)", f"return {call.format(f=f)}")
    for f in UFUNCS:
        for call in UFUNC_FORMS:
            yield Program(call.format(f=f), "x=M(2, 3)", f"return {call.format(f=f)}")


REDUCTIONS = {program.name: program for program in reductions()}
