"""Where NaN must not come from: a cotangent or a tangent that is exactly 0, beside a slope that is infinite.

    python -m tests.numerics.nans [NAME ...] [--compiled] [--beside]

For each construct the gradient in both dialects and in forward mode, and where a second derivative is given the Hessian,
beside what the mathematics says; with `--beside`, the gradients of other tools too, where they are installed.  Texts for Numba are run by Python unless they are to be compiled.  Exit status 1 where
anything is wrong.
"""

import argparse
import contextlib
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import CannotDifferentiate, grad, hessian, jacfwd, value_and_grad
from tests.numerics import peers

INF = math.inf


class Row(NamedTuple):
    """A function of one argument, where it is asked, its slope there, and its second derivatives, where they are told."""

    name: str
    func: Callable[[Any], Any]
    x: Any
    slope: Any
    second: Any = None
    forward: bool = True


def a(*items: Any) -> Any:
    return np.array(items, float)


TABLE = a(INF, 1.0, INF)
MASK = np.array([True, False])


def soft_minimum(x):
    t = np.full(3, np.inf)
    t[1] = x
    m = np.min(t)
    return m - 0.7 * np.log(np.sum(np.exp(-(t - m) / 0.7)))


def soft_minimum_width(g):
    t = np.full(3, np.inf)
    t[1] = 1.3
    m = np.min(t)
    return m - g * np.log(np.sum(np.exp(-(t - m) / g)))


def truncated(p):
    v, s = p[0], 0.0
    for dw in (-3.0, 0.5, 1.0):
        w = np.maximum(v, 0.0)
        s = s + np.sqrt(w) * dw
        v = v + p[1] * (0.2 - w) * 0.5 + 0.4 * np.sqrt(w) * dw
    return s


def overwritten(x):
    d = np.sqrt(x)
    d[0] = 1.0
    return np.sum(d)


def masked_store(x):
    r = np.sqrt(x)
    r[r > 0.0] = 1.0 / r[r > 0.0]
    return np.sum(r)


def rotation(r):
    th = np.sqrt(r @ r)
    return np.sum(r) if th < 1e-8 else np.sum(np.sin(th) * r / th)


def arm(x):
    y = math.log(x) if x > 0.0 else x
    return y * 2.0


def pairs(x):
    d = x[:, None] - x
    return np.sum(np.sqrt(d * d))


def safe_divide(x):
    return np.sum(np.divide(1.0, x, out=np.zeros_like(x), where=x != 0.0))


def kept_root(x):
    return np.sum(np.sqrt(x, out=np.zeros_like(x), where=x > 0.0))


def loop_of_roots(x):
    s = 0.0
    for v in x:
        s += np.sqrt(np.maximum(v, 0.0))
    return s


def guarded_variance(x):
    spread = np.var(x[:1], ddof=1)
    return np.sum(x * x) if np.isnan(spread) else spread


def logistic_loss(z):
    p = 1.0 / (1.0 + np.exp(-z))
    return np.sum(p * p)


ROWS = (
    # what is cut off
    Row("root of maximum", lambda x: np.sum(np.sqrt(np.maximum(x, 0.0))), a(-1, 4), a(0, 0.25), a([0, 0], [0, -1 / 32])),
    Row("root of maximum, turned", lambda x: np.sum(np.sqrt(np.maximum(0.0, x))), a(-1, 4), a(0, 0.25)),
    Row("root of clip", lambda x: np.sum(np.sqrt(np.clip(x, 0.0, 9.0))), a(-1, 4), a(0, 0.25)),
    Row("power of maximum", lambda x: np.sum(np.maximum(x, 0.0) ** 0.5), a(-1, 4), a(0, 0.25)),
    Row("small power of maximum", lambda x: np.sum(np.maximum(x, 0.0) ** 0.25), a(-1, 1), a(0, 0.25)),
    Row("cube root of maximum", lambda x: np.sum(np.cbrt(np.maximum(x, 0.0))), a(-1, 8), a(0, 1 / 12)),
    Row("arccos of clip", lambda x: np.sum(np.arccos(np.clip(x, -1.0, 1.0))), a(1.5, 0), a(0, -1)),
    Row("arcsin of clip", lambda x: np.sum(np.arcsin(np.clip(x, -1.0, 1.0))), a(-1.5, 0), a(0, 1)),
    Row("arccosh of maximum", lambda x: np.sum(np.arccosh(np.maximum(x, 1.0))), a(0, 2), a(0, 1 / 3 ** 0.5)),
    Row("scalar root of max", lambda x: math.sqrt(max(x, 0.0)), -1.0, 0.0),
    Row("scalar power of max", lambda x: max(x, 0.0) ** 0.5, -1.0, 0.0),
    Row("scalar power of max, turned", lambda x: max(0.0, x) ** 0.25, -1.0, 0.0),
    Row("scalar arccos of min", lambda x: math.acos(min(x, 0.5)), 2.0, 0.0),
    Row("reciprocal of maximum", lambda x: np.sum(np.where(x > 0.0, 1.0 / np.maximum(x, 0.0), 0.0)), a(-1, 2), a(0, -0.25)),
    # arms that are not taken
    Row("where, root", lambda x: np.sum(np.where(x > 0.0, np.sqrt(x), 0.0)), a(0, 4), a(0, 0.25), a([0, 0], [0, -1 / 32])),
    Row("where, root of negative", lambda x: np.sum(np.where(x > 0.0, np.sqrt(np.abs(x)), x)), a(0, 4), a(1, 0.25)),
    Row("where, logarithm", lambda x: np.sum(np.where(x > 0.0, np.log(x), 0.0)), a(0, 4), a(0, 0.25), a([0, 0], [0, -1 / 16])),
    Row("where, quotient", lambda x: np.sum(np.where(x != 0.0, 1.0 / x, 0.0)), a(0, 2), a(0, -0.25), a([0, 0], [0, 0.25])),
    Row("where, quotient of x", lambda x: np.sum(np.where(x != 0.0, np.sin(x) / x, 1.0)), a(0, math.pi), a(0, -1 / math.pi)),
    Row("where, reciprocal", lambda x: np.sum(np.where(x != 0.0, np.reciprocal(x), 0.0)), a(0, 2), a(0, -0.25)),
    Row("where, negative power", lambda x: np.sum(np.where(x > 0.0, x ** -1.5, 0.0)), a(0, 1), a(0, -1.5)),
    Row("where, overflow of exp", lambda x: np.sum(np.where(x < 1.0, np.exp(x), x)), a(0, 800), a(1, 1)),
    Row("where, overflow of cosh", lambda x: np.sum(np.where(x < 1.0, np.cosh(x), x)), a(0, 800), a(0, 1)),
    Row("where, overflow of expm1", lambda x: np.sum(np.where(x < 1.0, np.expm1(x), x)), a(0, 800), a(1, 1)),
    Row("where, log1p", lambda x: np.sum(np.where(x > -1.0, np.log1p(x), x)), a(-1, 0), a(1, 1)),
    Row("where, arctanh", lambda x: np.sum(np.where(x < 1.0, np.arctanh(x), x)), a(1, 0), a(1, 1)),
    Row("where, log of exp", lambda x: np.sum(np.where(x < 1.0, np.log(1.0 + np.exp(x)), x)), a(0, 800), a(0.5, 1)),
    Row("where, product", lambda x: np.sum(np.where(x > 0.0, x * (1.0 / x), 0.0)), a(0, 2), a(0, 0)),
    Row("mask times root", lambda x: np.sum(np.sqrt(x * (x > 0.0))), a(-1, 4), a(0, 0.25)),
    Row("branch", arm, -1.0, 2.0),
    Row("branch around a norm", rotation, a(0, 0), a(1, 1)),
    # elements that nothing reads
    Row("slice", lambda x: np.sum(np.sqrt(x)[1:]), a(0, 4), a(0, 0.25), a([0, 0], [0, -1 / 32])),
    Row("mask", lambda x: np.sum(np.sqrt(x)[MASK[::-1]]), a(0, 4), a(0, 0.25)),
    Row("index array", lambda x: np.sum(np.log(x)[[1, 1]]), a(0, 4), a(0, 0.5)),
    Row("element", lambda x: np.log(x)[1], a(0, 4), a(0, 0.25)),
    Row("take", lambda x: np.sum(np.take(1.0 / x, [1])), a(0, 2), a(0, -0.25)),
    Row("overwritten", overwritten, a(0, 4), a(0, 0.25)),
    Row("stored by a mask", masked_store, a(0, 4), a(INF, -1 / 16)),
    Row("triangle", lambda x: np.sum(np.triu(np.sqrt(x), 1)), np.array([[0.0, 4.0], [0.0, 0.0]]), a([0, 0.25], [0, 0])),
    Row("largest", lambda x: np.max(np.sqrt(x)), a(0, 4), a(0, 0.25)),
    Row("larger of two", lambda x: np.sum(np.maximum(np.sqrt(x), 1.0)), a(0, 4), a(0, 0.25)),
    Row("clip of a root", lambda x: np.sum(np.clip(np.sqrt(x), 1.0, 9.0)), a(0, 4), a(0, 0.25)),
    Row("times zero", lambda x: np.sum(np.sqrt(x) * a(0, 1)), a(0, 4), a(0, 0.25), a([0, 0], [0, -1 / 32])),
    Row("times itself less itself", lambda x: np.sum(np.sqrt(x) * (x > 1.0)), a(0, 4), a(0, 0.25)),
    # what NumPy does not compute
    Row("where= of a root", kept_root, a(0, 4), a(0, 0.25)),
    Row("where= of a quotient", safe_divide, a(0, 2), a(0, -0.25)),
    # what saturates
    Row("logistic function, far out", lambda x: np.sum(1.0 / (1.0 + np.exp(-x))), a(-800, 0), a(0, 0.25)),
    Row("loss of a logistic function", logistic_loss, a(-800, 0), a(0, 0.25)),
    Row("exp of a logarithm", lambda x: np.sum(np.exp(np.log(x * a(1, 0)))), a(1, 2), a(1, 0)),
    Row("exp of minus a quotient", lambda x: np.sum(np.exp(-1.0 / x)), a(0, 1), a(0, math.exp(-1))),
    Row("tanh of a quotient", lambda x: np.sum(np.tanh(1.0 / x)), a(0, 1), a(0, math.tanh(1) ** 2 - 1)),
    Row("where, exp of minus a quotient", lambda x: np.sum(np.where(x > 0.0, np.exp(-1.0 / x), 0.0)), a(0, 1),
        a(0, math.exp(-1))),
    Row("soft minimum", soft_minimum, 1.3, 1.0),
    Row("width of a soft minimum", soft_minimum_width, 0.7, 0.0),
    Row("exp of -inf", lambda g: math.exp(-math.inf / g), 0.7, 0.0),
    Row("log of a sum with inf", lambda x: np.log(np.sum(np.exp(-(TABLE + x)))), 0.5, -1.0),
    Row("full truncation", truncated, a(0.1, 1.5), a(-3 * 0.5 / 0.1 ** 0.5, 0)),
    Row("loop of roots", loop_of_roots, a(-1, 4), a(0, 0.25)),
    # squares are flat at 0
    Row("root of a square", lambda x: np.sum(np.sqrt(x * x)), a(0, -2), a(0, -1)),
    Row("root of squares", lambda x: np.sqrt(np.sum(x ** 2)), a(0, 0), a(0, 0)),
    Row("root of a product of vectors", lambda x: np.sqrt(x @ x), a(0, 0), a(0, 0)),
    Row("scalar root of squares", lambda x: math.sqrt(x * x), 0.0, 0.0),
    Row("norm", lambda x: np.linalg.norm(x), a(0, 0), a(0, 0)),
    Row("norms of rows", lambda x: np.sum(np.linalg.norm(x, axis=1)), np.array([[0.0, 0.0], [3.0, 4.0]]), a([0, 0], [0.6, 0.8])),
    Row("hypotenuse", lambda x: np.hypot(x, 0.0), 0.0, 0.0),
    Row("standard deviation", lambda x: np.std(x), a(1, 1), a(0, 0)),
    Row("root of the variance", lambda x: np.sqrt(np.var(x)), a(1, 1), a(0, 0)),
    Row("distances of pairs", pairs, a(1, 3), a(-2, 2)),
    Row("root of an absolute value", lambda x: np.sum(np.sqrt(np.abs(x))), a(0, 4), a(0, 0.25)),
    Row("square of an absolute value", lambda x: np.abs(x) ** 2, 0.0, 0.0, 2.0),
    Row("square of a norm", lambda x: np.linalg.norm(x) ** 2, a(0, 0), a(0, 0), 2.0 * np.eye(2)),
    Row("square of a hypotenuse", lambda x: np.hypot(x, 0.0) ** 2, 0.0, 0.0, 2.0),
    Row("square of a root of a square", lambda x: np.sqrt(x * x) ** 2, 0.0, 0.0, 2.0),
    # no inverse, no degree of freedom
    Row("determinant", lambda x: np.linalg.det(x), np.array([[1.0, 2.0], [2.0, 4.0]]), a([4, -2], [-2, 1])),
    Row("determinant of zeros", lambda x: np.linalg.det(x), np.zeros((2, 2)), np.zeros((2, 2))),
    Row("variance of one", guarded_variance, a(0.7, 2), a(1.4, 4)),
    Row("product with zeros", lambda x: np.prod(x), a(0, 2, 3), a(6, 0, 0), a([0, 3, 2], [3, 0, 0], [2, 0, 0])),
    # ties
    Row("tie, number second", lambda x: np.maximum(x, 0.0) - np.maximum(0.0, x), 0.0, 0.0),
    Row("tie of two", lambda x: np.maximum(x[0], x[1]) * np.minimum(x[0], x[1]), a(3, 3), a(3, 3)),
    Row("largest and least of equals", lambda x: np.max(x) + np.min(x), a(1, 1), a(1, 1)),
    Row("scalar tie", lambda x: max(x, 0.0) - max(0.0, x), 0.0, 0.0),
    # a NaN, an infinite slope of the function itself stays
    Row("root at 0", lambda x: np.sum(np.sqrt(x)), a(0, 4), a(INF, 0.25)),
    Row("logarithm at 0", lambda x: np.sum(np.log(x)), a(0, 4), a(INF, 0.25)),
    Row("root of a negative number", lambda x: np.sum(np.sqrt(x)), a(-1, 4), a(math.nan, 0.25)),
)


def agrees(got: Any, want: Any) -> bool:
    """Are two results the same to rounding, NaN and infinities included?"""
    want = np.asarray(want, float)
    return np.shape(got) == want.shape and bool(np.allclose(got, want, rtol=1e-7, atol=1e-9, equal_nan=True))


def ways(row: Row) -> Iterator[tuple[str, Callable[[], Any], Any]]:
    """What is asked of a row: how, a call, and the result that is right."""
    yield "numpy", lambda: grad(row.func, check="off")(row.x), row.slope
    yield "numba", lambda: grad(row.func, check="off", backend="numba")(row.x), row.slope
    if row.forward:
        yield "forward", lambda: jacfwd(row.func, check="off")(row.x), row.slope
    if row.second is not None:
        yield "second", lambda: hessian(row.func, check="off")(row.x), row.second
        yield "second, reverse", lambda: second(row), np.sum(np.asarray(row.second), axis=-1) \
            if np.ndim(row.second) else row.second


def second(row: Row) -> Any:
    """The gradient of the sum of the gradient."""
    slope = grad(row.func, check="off")
    return grad(lambda x: np.sum(slope(x)), check="off")(row.x)


def verdict(call: Callable[[], Any], want: Any) -> str:
    """"right", "refused", or what is wrong."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            got = call()
        except CannotDifferentiate as error:
            return f"refused: {str(error).splitlines()[0]}"
        except Exception as error:      # noqa: BLE001  (told, and counted as wrong)
            return f"{type(error).__name__}: {error}"
    return "right" if agrees(got, want) else f"{np.asarray(got).tolist()}, not {np.asarray(want).tolist()}"


def beside(rows: list[Row]) -> int:
    """A table of the gradients: how many each tool has right, as NaN, wrong, and how many it cannot run."""
    def ours(func: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
        return value_and_grad(func, check="off")(x)     # type: ignore[no-any-return]
    tools: list[tuple[str, peers.Peer]] = [("ad_compiler", ours), *peers.found()]
    kinds = ("right", "NaN", "wrong", "not run")
    counts = {(name, smooth): dict.fromkeys(kinds, 0) for smooth in (True, False) for name, _ in tools}
    for row in rows:
        verdicts = {name: peers.verdict(ask, row.func, row.x, row.slope) for name, ask in tools}
        print(f"{row.name:36} " + "  ".join(f"{name}: {found}" for name, found in verdicts.items()))
        smooth = peers.is_smooth(row.func, row.x)
        for name, found in verdicts.items():
            counts[name, smooth][found] += 1
    for (name, smooth), of in counts.items():
        print(f"{'differentiable there' if smooth else 'at a kink or a border':24}{name:18}"
              + ", ".join(f"{count:3} {kind}" for kind, count in of.items()))
    return int(sum(of["right"] for (name, _), of in counts.items() if name == "ad_compiler") < len(rows))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of names")
    parser.add_argument("--compiled", action="store_true", help="have Numba compile its texts")
    parser.add_argument("--beside", action="store_true", help="ask other tools for the same gradients")
    asked = parser.parse_args()
    rows = [row for row in ROWS if not asked.names or any(name in row.name for name in asked.names)]
    if asked.beside:
        return beside(rows)
    total, counts = len(rows), {"right": 0, "refused": 0, "wrong": 0}
    with contextlib.ExitStack() as stack:
        if not asked.compiled:
            from tests.numba.strict.interpreter import interpreted
            stack.enter_context(interpreted())
        for at, row in enumerate(rows):
            if sys.stderr.isatty():
                print(f"\r[{'#' * (30 * at // total):<30}] {at}/{total}", end="", file=sys.stderr)
            for way, call, want in ways(row):
                found = verdict(call, want)
                kind = found.partition(":")[0] if found.startswith(("right", "refused")) else "wrong"
                counts[kind] += 1
                if kind != "right":
                    print(f"{kind}: {row.name}, {way}: {found}")
    print(f"{total} constructs: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
