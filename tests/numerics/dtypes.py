"""The dtype table: operators and functions over pairs of dtypes, forms and dialects: right, refused, never wrong.

    python -m tests.numerics.dtypes [--compiled] [--shard 0/8] [NAME ...]

Each program multiplies what is differentiated with what a function makes of a pair of constants or arguments of all
dtypes: the value and the gradient must be those that NumPy gives, in the dtype of the argument.  Texts for Numba are run
by Python, which has integers of 64 bits alone there, unless they are to be compiled.  Exit status 1 where one is wrong.
"""

import argparse
import contextlib
import operator
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad

DTYPES = ("bool", "int8", "uint8", "int16", "uint32", "int64", "uint64", "float16", "float32", "float64")
FORMS = ("array", "0-d", "scalar", "python")

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "<<": operator.lshift, ">>": operator.rshift, "<": operator.lt, "==": operator.eq,
    "maximum": np.maximum, "minimum": np.minimum, "hypot": np.hypot, "arctan2": np.arctan2, "copysign": np.copysign,
    "logaddexp": np.logaddexp, "fmod": np.fmod, "where": lambda a, b: np.where(a > b, a, b),
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "negative": operator.neg, "invert": operator.invert, "abs": abs, "square": np.square, "sqrt": np.sqrt, "exp": np.exp,
    "sign": np.sign, "sum": np.sum, "cumsum": lambda a: np.cumsum(a)[-1], "mean": np.mean, "prod": np.prod,
    "float": lambda a: 1.0 * a, "reciprocal": np.reciprocal, "sin": np.sin, "max": np.max, "square by *": lambda a: a * a,
}
ACTIVE: dict[str, Callable[[Any, Any], Any]] = {
    "times": lambda x, c: x * c, "plus": lambda x, c: (x + c) * x, "less": lambda x, c: (c - x) * x,
    "over": lambda x, c: x / (c + 1.5), "to the power": lambda x, c: np.abs(x) ** c, "base": lambda x, c: (c + 2) ** x,
    "arctan2": lambda x, c: np.arctan2(x, c), "hypot": lambda x, c: np.hypot(x, c),
    "maximum": lambda x, c: np.maximum(x, c), "minimum": lambda x, c: np.minimum(c, x),
    "logaddexp": lambda x, c: np.logaddexp(x, c), "copysign": lambda x, c: np.copysign(x, c),
    "clip": lambda x, c: np.clip(x, c, c + 1), "where": lambda x, c: np.where(c > 0, x, 2.0 * x),
    "fmod": lambda x, c: np.fmod(x, c + 2), "two products": lambda x, c: c * x + (c + c) * x,
    "difference": lambda x, c: c * x - c * x * x, "negated": lambda x, c: x * -c, "negated sum": lambda x, c: -(c * x) - c * x,
}


class Program(NamedTuple):
    """A function of a real array and operands, and the operands."""

    name: str
    func: Callable[..., Any]
    operands: tuple[Any, ...]
    real: str


def operand(dtype: str, form: str, second: bool = False) -> Any:
    """A number or an array of a dtype, with its largest and its least in it."""
    kind = np.dtype(dtype)
    if kind.kind == "b":
        items = [True, False, True] if not second else [True, True, False]
    elif kind.kind in "iu":
        items = [np.iinfo(kind).max, 3, np.iinfo(kind).min] if not second else [2, 3, 1]
    else:
        items = [0.7, -1.3, 2.0] if not second else [1.5, 2.5, 0.5]
    array = np.array(items, kind)
    if form == "array":
        return array
    return {"0-d": np.array(array[0]), "scalar": array[0], "python": array[0].item()}[form]


def with_constant(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A program that uses what a function makes of operands as a constant."""
    def program(x, *operands):
        c = fn(*operands)
        return np.sum(x * c) + np.sum(c * x * x)
    return program


def with_active(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A program in which the function is differentiated."""
    def program(x, c):
        return np.sum(fn(x, c))
    return program


def programs() -> Iterator[Program]:
    """All of them."""
    for name, fn in UNARY.items():
        for dtype in DTYPES:
            for form in FORMS:
                yield Program(f"{name} {dtype} {form}", with_constant(fn), (operand(dtype, form),), "float64")
    for name, fn in BINARY.items():
        for one in DTYPES:
            for other in DTYPES:
                for form in FORMS[:2] if one != other else FORMS:
                    operands = operand(one, form), operand(other, "array" if form == "python" else form, second=True)
                    yield Program(f"{name} {one} {other} {form}", with_constant(fn), operands, "float64")
    for name, fn in ACTIVE.items():
        for dtype in DTYPES:
            for form in FORMS:
                for real in ("float64", "float32"):
                    yield Program(f"{name} x {real} {dtype} {form}", with_active(fn), (operand(dtype, form),), real)


def differences(func: Callable[..., Any], x: Any, operands: tuple[Any, ...]) -> Any:
    """The slope in each element; in double precision, whatever that of `x`."""
    steps = 2e-6 * np.eye(len(x))
    wide = x.astype(float)
    return np.array([(float(func(wide + d, *operands)) - float(func(wide - d, *operands))) / 4e-6 for d in steps])


def verdict(program: Program, backend: str) -> str:
    """"right", "refused", "raises" as the function does, or what is wrong."""
    x = np.array([0.7, -0.4, 1.9], program.real)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            want = program.func(x, *program.operands)
            slope = differences(program.func, x, program.operands)
        except Exception as error:      # noqa: BLE001  (then the derivative has to raise, or to be refused)
            want, slope = error, None
        try:
            value, got = value_and_grad(program.func, check="off", backend=backend)(x, *program.operands)
        except CannotDifferentiate:
            return "refused"
        except Exception as error:      # noqa: BLE001  (right where the function raises too)
            return "raises" if isinstance(want, Exception) else f"{type(error).__name__}: {error}"
    if isinstance(want, Exception):
        return f"{got.tolist()} where NumPy raises {type(want).__name__}"
    if got.dtype != x.dtype or got.shape != x.shape:
        return f"{got.dtype} of shape {got.shape}"
    if not np.all(np.isfinite(slope)):
        return "right"      # differences are no measure
    half = program.real == "float32" or any(np.asarray(c).dtype == "float16" for c in program.operands)
    scale = float(np.max(np.abs(slope)))
    noise = abs(float(want)) * 1e-9 + (2e-3 if half else 1e-5) * scale + 1e-6
    if not np.allclose(value, want, rtol=2e-3 if half else 1e-9, equal_nan=True):
        return f"the value is {value!r}, not {want!r}"
    if not np.all(np.abs(got - slope) <= noise):
        return f"{got.tolist()}, not {slope.tolist()}"
    return "right"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of names")
    parser.add_argument("--shard", default="0/1", help="one part of so many")
    parser.add_argument("--compiled", action="store_true", help="have Numba compile its texts")
    parser.add_argument("--dialect", choices=("numpy", "numba"), help="one alone")
    asked = parser.parse_args()
    part, parts = map(int, asked.shard.split("/"))
    chosen = [p for p in programs() if not asked.names or p.name.startswith(tuple(asked.names))][part::parts]
    counts: Counter[str] = Counter()
    with contextlib.ExitStack() as stack:
        if not asked.compiled:
            from tests.numba.strict.interpreter import interpreted
            stack.enter_context(interpreted())
        for at, program in enumerate(chosen):
            if sys.stderr.isatty() and at % 10 == 0:
                print(f"\r[{'#' * (30 * at // len(chosen)):<30}] {at}/{len(chosen)}", end="", file=sys.stderr)
            for backend in (asked.dialect,) if asked.dialect else ("numpy", "numba"):
                found = verdict(program, backend)
                counts[found if found in ("right", "refused", "raises") else "wrong"] += 1
                if found not in ("right", "refused", "raises"):
                    print(f"wrong: {program.name}, {backend}: {found}")
    print(f"{len(chosen)} programs: " + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
