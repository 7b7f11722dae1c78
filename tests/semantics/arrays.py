"""Programs of arrays, and what is made of each: value, dtype, shape and slope beside NumPy's, or why there are none.

>>> judged(Program("an outer product", "x=M(2), y=M(3)", "return x[:, None] * y"))
('right', '')
"""

import copy
import textwrap
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad
from tests import fd
from tests.numba.drawn import function_of

STEP, COARSE = 1e-4, 1e-2       # of differences; in single precision
SIDE = 1e-6                     # of differences of one side
WEIGHT = 0.75                   # of a number that a program gives

FINER = 1.0, 0.05, 0.01

UNTOLD, ERROR = "untold", "error"
RIGHT = "right", "rounding"
FINE = *RIGHT, "refused", UNTOLD, ERROR


@dataclass(frozen=True)
class Program:
    """Arguments as text, the body of a function of them, and what its gradient is where differences do not tell.

    `expected` is empty, `kink` (any slope between those of both sides), `any` (only the value counts), or the gradients.
    """

    name: str
    arguments: str
    text: str
    expected: str = ""

    @cached_property
    def values(self) -> dict[str, Any]:
        rng = np.random.default_rng(7)

        def drawn(*shape: int) -> Any:
            return positive(*shape) * np.where(rng.random(shape) < 0.3, -1.0, 1.0)

        def positive(*shape: int) -> Any:
            return rng.uniform(0.2, 1.8, shape)

        def within(*shape: int) -> Any:
            return rng.uniform(0.1, 0.9, shape)

        def whole(*shape: int) -> Any:
            return rng.integers(1, 5, shape)

        def read_only(x: Any) -> Any:
            x.flags.writeable = False
            return x
        made = {"M": drawn, "P": positive, "U": within, "N": whole, "read_only": read_only}
        return dict(eval(f"dict({self.arguments})", {**vars(np), "np": np, **made}))        # noqa: S307

    @cached_property
    def body(self) -> str:
        return textwrap.dedent(self.text).strip("\n")

    def function(self, weights: Any = None) -> Any:
        """The function; with weights, the sum of what it gives times these, and what it gives."""
        names = ", ".join(self.values)
        text = f"def f({names}):\n{textwrap.indent(self.body, '    ')}\n"
        if weights is not None:
            parts = weights if isinstance(weights, tuple) else ()
            total = " + ".join(f"np.sum(out[{at}] * weights[{at}])" for at in range(len(parts))) or "0.0"
            total = total if isinstance(weights, tuple) else "np.sum(out * weights)"
            text = f"{text.replace('def f', 'def program')}\ndef f({names}, weights):\n    out = program({names})\n"
            text += f"    return {total}, out\n"
        return function_of(text, f"<{self.name}>")


def weights_of(out: Any) -> Any:
    """As many numbers, no two alike."""
    if isinstance(out, (tuple, list)):
        return tuple(map(weights_of, out))
    if not np.ndim(out):
        return WEIGHT
    return np.cos(np.arange(1.0, np.size(out) + 1.0)).reshape(np.shape(out))


def layout(thing: Any) -> Any:
    """A copy that lies in memory as the thing does: views of views, broadcast and read-only arrays too."""
    if not isinstance(thing, np.ndarray) or thing.base is None:
        return copy.deepcopy(thing)
    base = thing.base
    if not isinstance(base, np.ndarray):
        return copy.deepcopy(thing)
    while isinstance(base.base, np.ndarray):
        base = base.base
    offset = thing.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    made = np.ndarray(thing.shape, thing.dtype, base.copy(order="K"), offset, thing.strides)
    made.flags.writeable = thing.flags.writeable
    return made


def nearly(got: Any, right: Any, loose: bool) -> str:
    """Nothing where these are the same; `rounding` where they are to rounding; else what is different.

    `loose`: a Python number may stand for a NumPy one, as with Numba.
    """
    if isinstance(right, (tuple, list)):
        if type(got) is not type(right) or len(got) != len(right):
            return f"{got!r} is not {right!r}"
        found = [nearly(a, b, loose) for a, b in zip(got, right, strict=True)]
        return next((word for word in found if word not in ("", "rounding")), "rounding" if any(found) else "")
    if type(got) is not type(right) and not (loose and not np.ndim(right) and not isinstance(got, np.ndarray)):
        return f"a {type(got).__name__}, not a {type(right).__name__}"
    a, b = np.asarray(got), np.asarray(right)
    if a.shape != b.shape or a.dtype != b.dtype and not (loose and not b.ndim):
        return f"{a.dtype} {a.shape}, not {b.dtype} {b.shape}"
    if b.dtype.kind not in "fiub" or a.tobytes() == b.tobytes():
        return "" if fd.same(got, right) or b.dtype.kind in "fiub" else f"{got!r} is not {right!r}"
    close = 1e-5 if b.dtype == np.float32 else 1e-12
    if b.dtype.kind == "f" and np.allclose(a, b, close, close, equal_nan=True):
        return "rounding"
    return "" if np.array_equal(a, b, equal_nan=b.dtype.kind == "f") else f"{got!r} is not {right!r}"


def sides(f: Any, args: tuple[Any, ...], numbers: tuple[int, ...], direction: list[Any]) -> tuple[float, float]:
    """The slopes of both sides along a direction, the lesser first."""
    def at(t: float) -> float:
        return float(f(*fd.moved(args, numbers, [t * d for d in direction])))
    here = at(0.0)
    low, high = sorted(((at(SIDE) - here) / SIDE, (here - at(-SIDE)) / SIDE))
    return low, high


def wrong_slope(program: Program, f: Any, args: tuple[Any, ...], numbers: tuple[int, ...], gradient: tuple[Any, ...]) -> str:
    """What is wrong with a gradient, or nothing."""
    for got, at in zip(gradient, numbers, strict=True):
        try:
            fd.assert_kind(got, args[at])
        except AssertionError as error:
            return str(error)
    xs = [args[at] for at in numbers]
    if program.expected == "any":
        return ""
    if program.expected not in ("", "kink"):
        right = eval(f"({program.expected},)", {"np": np})      # noqa: S307
        right = right if len(numbers) > 1 else right[:1]
        close = all(np.allclose(a, np.multiply(b, WEIGHT), 1e-7, 1e-9) for a, b in zip(gradient, right, strict=True))
        return "" if close else f"{gradient} is not {right}"
    single = "float32" in program.arguments + program.text
    rtol = 2e-3 if single else 1e-6
    scale = max([1.0, *(float(np.max(np.abs(g))) for g in gradient if np.size(g))])
    for direction in fd.directions(xs):
        got = sum(float(np.sum(np.asarray(g, np.float64) * d)) for g, d in zip(gradient, direction, strict=True))
        if program.expected == "kink":
            low, high = sides(f, args, numbers, direction)
            if not low - 1e-4 * scale <= got <= high + 1e-4 * scale:
                return f"{got} along {direction} is not between {low} and {high}"
            continue
        wanted = [fd.slope(f, args, {}, numbers, direction, (COARSE if single else STEP) * part) for part in FINER]
        if any(abs(got - want) <= rtol * scale for want in wanted):
            continue
        if not np.ptp(wanted) <= 0.1 * abs(wanted[0]) + 1e-3:
            return UNTOLD
        return f"{got} along {direction}, differences say {wanted}: {gradient}"
    return ""


def judged(program: Program, **options: Any) -> tuple[str, str]:
    """One word, and more about it: right, rounding (the value, in its last bits), refused, error, untold, wrong, crash.

    An error is what is refused where NumPy raises; untold is a slope where the function jumps, or is not finite: steps of several sizes give different differences.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judgement(program, options)


def judgement(program: Program, options: dict[str, Any]) -> tuple[str, str]:
    given = tuple(program.values.values())
    fresh = lambda: tuple(map(layout, given))     # noqa: E731
    try:
        right: Any = program.function()(*fresh())
    except Exception as error:  # noqa: BLE001  (whatever it is, the derivative has to raise it too)
        right = type(error)
    raises = isinstance(right, type)
    weights = WEIGHT if raises else weights_of(right)
    f = program.function(weights)
    numbers = tuple(at for at, x in enumerate(given) if np.asarray(x).dtype.kind == "f" and not isinstance(x, (list, tuple)))
    derivative = value_and_grad(f, argnums=numbers or (len(given),), has_aux=True, check="off", **options)
    args = fresh()
    try:
        (_, out), gradient = derivative(*args, weights)
        again = derivative(*args, weights)
    except CannotDifferentiate as error:
        return (ERROR, "") if raises else ("refused", error.refusals[0].message)
    except Exception as error:      # noqa: BLE001
        return ("right", "") if type(error) is right else ("crash", f"{type(error).__name__}: {error}; {right}")
    if raises:
        return "wrong", f"{out!r} where NumPy raises {right.__name__}"
    if not all(map(fd.same, args, given)):
        return "wrong", f"arguments were changed: {args}"
    if not fd.same(again, ((_, out), gradient)):
        return "wrong", f"a second call gives {again}, the first {out}, {gradient}"
    found = nearly(out, right, "backend" in options)
    if found not in ("", "rounding"):
        return "wrong", found
    found = found or "right"
    bad = wrong_slope(program, lambda *xs: f(*xs, weights)[0], given, numbers, gradient) if numbers else ""
    if bad == UNTOLD:
        return UNTOLD, ""
    return ("wrong", bad) if bad else (found, "")
