"""Random small programs of integers, truth values and single precision beside what is differentiated.

    python -m tests.numerics.random_integers 0 300 [--compiled]

Each makes a few numbers and arrays of two operands of any dtypes, by operators, reductions and comparisons as NumPy and
Python have them (NEP 50), and uses them with a real array: the value and the gradient must be those of NumPy, or refused.
"""

import argparse
import contextlib
import linecache
import random
import sys
from collections import Counter
from typing import Any

import numpy as np

from tests.numerics.dtypes import KINDS, Program, operand, reason, verdict

DTYPES = ("bool", "int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64")
OPERATORS = ("+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "<", "<=", "==", "!=", ">", "/", "**")
REDUCTIONS = ("np.sum", "np.mean", "np.prod", "np.max", "np.min", "np.any", "np.all", "np.count_nonzero", "np.median",
              "np.cumsum", "np.sort", "np.abs", "np.sign", "np.square", "np.diff", "np.argmax", "np.cumprod", "np.ravel")
PLAIN = ("abs", "float", "int", "bool", "round", "-", "~", "+", "not ")
NUMBERS = ("2", "-1", "3", "0", "1", "200", "-7", "0.5", "2.0", "True", "2 ** -1", "-2 ** 2", "7 // -2", "-7 % 3", "1 << 3")
USES = ("x * {c}", "x + {c}", "{c} - x", "x / (1.5 + {c} * {c})", "np.abs(x) ** {c}", "x ** {c}", "np.where({c}, x, 2.0 * x)",
        "np.where({c} > 1, x * x, x)", "np.maximum(x, {c})", "np.minimum({c}, x)", "x * -{c}", "{c} * x - {c} * x * x",
        "np.clip(x, {c}, 3)", "x * ({c} < x)", "np.sqrt(x * x + {c} * {c})", "np.copysign(x, {c})", "x * ({c} + {c})",
        "np.fmod(x, 1 + abs({c}))", "np.exp(x - np.abs({c}))", "x * divmod({c}, 3)[1]", "x.astype({c}.dtype) * 1.0 + x")


def written(seed: int) -> tuple[str, tuple[Any, ...], str]:
    """The text of a program, its operands, and the dtype of what is differentiated."""
    rng = random.Random(seed)
    forms = ("array", "array", "0-d", "scalar", "python")
    operands = tuple(operand(rng.choice(DTYPES), rng.choice(forms), second=at > 0) for at in range(2))
    names, lines = ["a", "b"], []

    def some() -> str:
        return rng.choice(names) if rng.random() < 0.75 else f"({rng.choice(NUMBERS)})"
    for at in range(rng.randint(1, 4)):
        kind = rng.random()
        if kind < 0.6:
            made = f"{some()} {rng.choice(OPERATORS)} {some()}"
        elif kind < 0.85:
            made = f"{rng.choice(REDUCTIONS)}({rng.choice(names)})"
        else:
            made = f"{rng.choice(PLAIN)}({rng.choice(names)})"
        name = f"c{at}"
        lines.append(f"    {name} = {made}\n")
        names.append(name)
    used = [rng.choice(USES).format(c=rng.choice(names[-3:])) for _ in range(rng.randint(1, 2))]
    text = f"def f(x, a, b):\n{''.join(lines)}    return " + " + ".join(f"np.sum({use})" for use in used) + "\n"
    return text, operands, rng.choice(("float64", "float64", "float32"))


def program(seed: int) -> Program:
    """One of them."""
    text, operands, real = written(seed)
    name = f"<integers {seed}>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)
    return Program(str(seed), space["f"], operands, real)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--compiled", action="store_true", help="have Numba compile its texts")
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with contextlib.ExitStack() as stack:
        if not asked.compiled:
            from tests.numba.strict.interpreter import interpreted
            stack.enter_context(interpreted())
        for seed in range(asked.first, asked.end):
            for backend in ("numpy", "numba"):
                found = verdict(program(seed), backend)
                kind, _, why = found.partition(": ")
                counts[kind if kind in KINDS else "wrong"] += 1
                if kind == "refused":
                    reasons[reason(why)] += 1
                elif kind not in KINDS:
                    text, operands, real = written(seed)
                    print(f"seed {seed}, {backend}, {real}, {operands}: {found}\n{text}", flush=True)
    print(f"{asked.end - asked.first} programs: " + ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))
    for why, count in reasons.most_common(20):
        print(f"{count:7} refused: {why}")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
