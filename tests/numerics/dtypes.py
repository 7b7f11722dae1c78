"""The dtype table: operators and functions over pairs of dtypes, forms and dialects: right, refused, never wrong.

    python -m tests.numerics.dtypes [--compiled] [--shard 0/40] [--every 10] [NAME ...]

Every function of the registry that makes numbers of one operand or two is in it.  Each program multiplies what is
differentiated with what a function makes of a pair of constants or arguments of all dtypes: the value and the gradient
must be those that NumPy gives, in the dtype of the argument.  Texts for Numba are run by Python, which has integers of
64 bits alone there, unless they are to be compiled; what is wrong so is compiled then.  Whole it is 53,000 programs in two dialects, about 20
minutes of processor time.  Exit status 1 where one is wrong.
"""

import argparse
import contextlib
import functools
import operator
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import ad_compiler.rules.load  # noqa: F401  (fills the registry)
from ad_compiler import CannotDifferentiate, value_and_grad
from ad_compiler.errors import NotForNumba
from ad_compiler.rules import registry
from tests.numba.strict.memory import Broken

DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64",
          ">i4", ">f8", "object", "complex128")
KINDS = ("right", "raises", "refused", "not finite")
FORMS = ("array", "0-d", "scalar", "python")

MAKES_SIZES = ("zeros", "ones", "empty", "full", "full_like", "zeros_like", "ones_like", "empty_like", "eye", "identity",
               "arange", "linspace", "broadcast_to", "roll", "repeat", "tile", "pad", "comb", "perm", "factorial", "lcm",
               "is_", "is_not", "contains", "take")
"""Of an operand these take a size, or count with it, or ask which object it is."""

UNARY: dict[str, Callable[[Any], Any]] = {
    "cumsum": lambda a: np.cumsum(a)[-1], "float": lambda a: 1.0 * a, "square by *": lambda a: a * a,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "<<": operator.lshift, ">>": operator.rshift, "<": operator.lt, "==": operator.eq,
    "where": lambda a, b: np.where(a > b, a, b),
}


def numbers_of(fn: Callable[..., Any], *operands: Any) -> Any:
    """What a function makes of operands; None where that is no number and no array of such."""
    try:
        with np.errstate(all="ignore"):
            found = fn(*operands)
    except Exception:       # noqa: BLE001  (it takes no such operands)
        return None
    return found if isinstance(found, (bool, int, float, complex, np.generic, np.ndarray)) else None


@functools.cache
def functions(count: int) -> dict[str, Callable[..., Any]]:
    """The functions of the registry that make numbers of so many, and those above, which go by what Python writes."""
    made: dict[str, Callable[..., Any]] = dict(UNARY if count == 1 else BINARY)
    samples: tuple[tuple[Any, ...], ...] = ((np.array([0.55, 1.3, 2.05]), np.array([1.5, 2.5, 0.5])), (0.5, 0.25), (3, 2))
    for fn in registry.all_rules():
        name, module = getattr(fn, "__name__", ""), (getattr(fn, "__module__", None) or "").removeprefix("_")
        wanted = not module.startswith("ad_compiler") and name not in MAKES_SIZES and fn not in made.values()
        two = count == 2 and isinstance(fn, np.ufunc) and fn.nin == 1       # the second is where it is stored
        if wanted and not two and any(numbers_of(fn, *of[:count]) is not None for of in samples):
            made[f"{module}.{name}"] = fn
    return made


ACTIVE: dict[str, Callable[[Any, Any], Any]] = {
    "times": lambda x, c: x * c, "plus": lambda x, c: (x + c) * x, "less": lambda x, c: (c - x) * x,
    "over": lambda x, c: x / (c + 1.5), "to the power": lambda x, c: np.abs(x) ** c, "base": lambda x, c: (c + 2) ** x,
    "arctan2": lambda x, c: np.arctan2(x, c), "hypot": lambda x, c: np.hypot(x, c),
    "maximum": lambda x, c: np.maximum(x, c), "minimum": lambda x, c: np.minimum(c, x),
    "logaddexp": lambda x, c: np.logaddexp(x, c), "copysign": lambda x, c: np.copysign(x, c),
    "clip": lambda x, c: np.clip(x, c, c + 1), "where": lambda x, c: np.where(c > 0, x, 2.0 * x),
    "fmod": lambda x, c: np.fmod(x, c + 2), "two products": lambda x, c: c * x + (c + c) * x,
    "difference": lambda x, c: c * x - c * x * x, "negated": lambda x, c: x * -c, "negated sum": lambda x, c: -(c * x) - c * x,
    "part": lambda x, c: np.ravel(c * x)[:2], "running sum": lambda x, c: np.cumsum(c * x), "lesser": lambda x, c: np.minimum(c * x, x),
}


class Program(NamedTuple):
    """A function of a real array and operands, and the operands."""

    name: str
    func: Callable[..., Any]
    operands: tuple[Any, ...]
    real: str


@functools.cache
def operand(dtype: str, form: str, second: bool = False) -> Any:
    """A number or an array of a dtype, with its largest and its least in it."""
    kind = np.dtype(dtype)
    if kind.kind in "Oc":
        items = [0.55, -1.3, 2.05] if not second else [1.5, 2.5, 0.5]
        items = [item + 0.5j for item in items] if kind.kind == "c" else items
    elif kind.kind == "b":
        items = [True, False, True] if not second else [True, True, False]
    elif kind.kind in "iu":
        most = np.iinfo(kind).max if form != "python" or kind.itemsize < 8 else 2 ** 31     # Python's own have no width
        items = [most, 3, np.iinfo(kind).min] if not second else [2, 3, 1]
    else:
        items = [0.55, -1.3, 2.05] if not second else [1.5, 2.5, 0.5]
    array = np.array(items, kind)
    if form == "array":
        return array
    first = array[0]
    return {"0-d": np.array(first, kind), "scalar": first, "python": getattr(first, "item", lambda: first)()}[form]


@functools.cache
def with_constant(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A program that uses what a function makes of operands as a constant."""
    def program(x, *operands):
        c = fn(*operands)
        return np.sum(x * c) + np.sum(c * x * x)

    def of_another_shape(x, *operands):
        return np.sum(x * x) * np.sum(1.0 * fn(*operands))
    found = [numbers_of(fn, *[np.array([3.0, 2.0, 1.0])] * count) for count in (1, 2)]
    return of_another_shape if any(np.ndim(c) > 1 for c in found if c is not None) else program


def with_active(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A program in which the function is differentiated."""
    def program(x, c):
        return np.sum(fn(x, c))
    return program


def programs() -> Iterator[Program]:
    """All of them."""
    for name, fn in functions(1).items():
        program = with_constant(fn)
        for dtype in DTYPES:
            for form in FORMS:
                yield Program(f"{name} {dtype} {form}", program, (operand(dtype, form),), "float64")
    for name, fn in functions(2).items():
        program = with_constant(fn)
        for one in DTYPES:
            for other in DTYPES:
                for form in FORMS[:2] if one != other else FORMS:
                    operands = operand(one, form), operand(other, "array" if form == "python" else form, second=True)
                    yield Program(f"{name} {one} {other} {form}", program, operands, "float64")
    for name, fn in ACTIVE.items():
        program = with_active(fn)
        for dtype in DTYPES:
            for form in FORMS:
                for real in ("float64", "float32"):
                    yield Program(f"{name} x {real} {dtype} {form}", program, (operand(dtype, form),), real)


def differences(func: Callable[..., Any], x: Any, operands: tuple[Any, ...]) -> Any:
    """The slope in each element; in double precision, whatever that of `x`."""
    steps = 2e-6 * np.eye(len(x))
    wide = x.astype(float)
    return np.array([(float(func(wide + d, *operands)) - float(func(wide - d, *operands))) / 4e-6 for d in steps])


def verdict(program: Program, backend: str) -> str:
    """"right", "raises" as the function does, "refused: …", "not finite" (Numba, where Python raises), or what is wrong."""
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
        except CannotDifferentiate as error:
            return f"refused: {error.refusals[0].message}"
        except NotForNumba as error:
            return f"refused: {error}"
        except Broken as error:
            if str(error).startswith(("a product of", "an operation on bits")):
                return "refused: Numba has no product of such matrices, and no bits of floats"     # found by its types
            return f"Broken: {error}"
        except Exception as error:      # noqa: BLE001  (right where the function raises too)
            return "raises" if isinstance(want, Exception) else f"{type(error).__name__}: {error}"
    if isinstance(want, (ArithmeticError, ValueError)) and backend == "numba" and not np.all(np.isfinite(got)):
        return "not finite"
    if isinstance(want, Exception):
        return f"{got.tolist()} where NumPy raises {type(want).__name__}"
    if got.dtype != x.dtype or got.shape != x.shape:
        return f"{got.dtype} of shape {got.shape}"
    if np.asarray(want).dtype.kind == "c":
        return f"{got.tolist()} where the function gives a complex number"
    half = program.real == "float32" or is_coarse(program)
    if not np.allclose(value, want, rtol=2e-3 if half else 1e-9, equal_nan=True):
        return f"the value is {value!r}, not {want!r}"
    if not np.all(np.isfinite(slope)):
        return "right"      # differences are no measure
    scale = float(np.max(np.abs(slope)))
    noise = abs(float(want)) * 1e-8 + (2e-3 if half else 1e-5) * scale + 1e-6
    if not np.all(np.abs(got - slope) <= noise):
        return f"{got.tolist()}, not {slope.tolist()}"
    return "right"


def is_coarse(program: Program) -> bool:
    """Is something rounded to less than double precision: an operand, or what NumPy makes of two of few bits?"""
    kinds = [np.asarray(c).dtype for c in program.operands]
    few = len(kinds) and all(kind.kind in "biu" and kind.itemsize < 4 for kind in kinds)
    return bool(few) or any(kind in (np.float16, np.float32) for kind in kinds)


def reason(found: str) -> str:
    """Why something is refused, without what differs from one program to the next."""
    return re.sub(r"`[^`]*`|\b(u?int|float|complex)\d+\b|0x\w+|\d+", "…", found.splitlines()[0])[:100]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of names")
    parser.add_argument("--shard", default="0/1", help="one part of so many")
    parser.add_argument("--every", type=int, default=1, help="of these, one of so many")
    parser.add_argument("--compiled", action="store_true", help="have Numba compile its texts")
    parser.add_argument("--dialect", choices=("numpy", "numba"), help="one alone")
    asked = parser.parse_args()
    part, parts = map(int, asked.shard.split("/"))
    chosen = [p for p in programs() if not asked.names or p.name.startswith(tuple(asked.names))][part::parts][::asked.every]
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    again: list[Program] = []
    dialects = (asked.dialect,) if asked.dialect else ("numpy", "numba")

    def ask(program: Program, backend: str, last: bool) -> None:
        found = verdict(program, backend)
        kind, _, why = found.partition(": ")
        if kind not in KINDS and not last:
            again.append(program)
            return
        counts[kind if kind in KINDS else "wrong"] += 1
        if kind == "refused":
            reasons[reason(why)] += 1
        elif kind not in KINDS:
            print(f"wrong: {program.name}, {backend}: {found}", flush=True)
    with contextlib.ExitStack() as stack:
        if not asked.compiled:
            from tests.numba.strict.interpreter import interpreted
            stack.enter_context(interpreted())
        for at, program in enumerate(chosen):
            if sys.stderr.isatty() and at % 10 == 0:
                print(f"\r[{'#' * (30 * at // len(chosen)):<30}] {at}/{len(chosen)}", end="", file=sys.stderr)
            for backend in dialects:
                ask(program, backend, asked.compiled or backend == "numpy")
    for program in again:
        ask(program, "numba", True)
    print(f"{len(chosen)} programs: " + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    for why, count in reasons.most_common():
        print(f"{count:7} refused: {why}")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
