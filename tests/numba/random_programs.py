"""Array programs drawn at random, NumPy's dialect beside Numba's: views, flips, stencils, loops, sums, products.

    python -m tests.numba.random_programs 0 100

compares those of seeds 0 to 99, prints what differs, and counts.  Exit status 1 where anything does.
"""

import linecache
import random
import sys
from collections import Counter
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)     # noqa: S311

    def view(self, name: str) -> str:
        """An array, or another way to look at it."""
        return self.draw.choice([name, name, f"{name}.T", f"{name}[::-1]", f"np.roll({name}, 1, axis=0)",
                                 f"np.flip({name}, 1)"])

    def expression(self, depth: int = 0) -> str:
        """An array of two axes."""
        kind = self.draw.randrange(8)
        if depth > 2 or kind < 2:
            return self.view(self.draw.choice("ab"))
        inner = self.expression(depth + 1)
        forms = ["np.sin({})", "({} * {other})", "({} + 0.3 * {other})", "({} - c)", "({} * c[:, None])", "np.tanh({})"]
        return forms[kind - 2].format(inner, other=self.expression(depth + 1) if kind in (3, 4) else "")

    def statement(self) -> str:
        """A statement that changes one of the arrays, or adds to the sum."""
        t, u, v = (self.draw.choice("ab") for _ in range(3))
        return self.draw.choice([
            lambda: f"{t} = 0.5 * {self.expression()}",
            lambda: f"{t}[1:] = 0.3 * {u}[:-1]",
            lambda: f"{t}[:, :-1] += 0.2 * {u}[:, 1:]",
            lambda: f"s = s + np.sum({self.expression()})",
            lambda: f"c = c * 0.5 + ({self.expression()}).sum(axis={self.draw.randrange(2)}) * 0.2",
            lambda: f"{t} = {t} + 0.2 * ({self.expression()})",
            lambda: f"{t}[1:-1, 1:-1] = 0.2 * ({t}[:-2, 1:-1] + {t}[2:, 1:-1] + {t}[1:-1, :-2] + {t}[1:-1, 2:])",
            lambda: f"{t} = np.tanh({u} @ {self.view(v)} * 0.3)",
            lambda: f"s = s + np.sum({t}.max(axis=1) * c)",
        ])()

    def program(self) -> str:
        """A function `f(x, y, w)` of two matrices and a vector."""
        lines = ["def f(x, y, w):", "    a, b, c, s = x * 1.0, y * 1.0, w * 1.0, 0.0"]
        for _ in range(self.draw.randrange(2, 6)):
            if self.draw.random() < 0.3:
                lines.append(f"    for _ in range({self.draw.choice([0, 1, 3])}):")
                lines += [f"        {self.statement()}" for _ in range(self.draw.randrange(1, 3))]
            else:
                lines.append(f"    {self.statement()}")
        return "\n".join([*lines, "    return s + np.sum(a * b) + np.sum(c)", ""])


def compare(seed: int) -> tuple[str, str]:
    """"equal", "refused" or "apart", and the program."""
    text, name = Writer(seed).program(), f"<random program {seed}>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)        # noqa: S102
    rng = np.random.default_rng(seed)
    args = [rng.normal(size=size) * 0.5 for size in ((4, 4), (4, 4), 4)]
    try:
        want = value_and_grad(space["f"], (0, 1, 2))(*args)
        got = value_and_grad(space["f"], (0, 1, 2), backend="numba")(*args)
    except CannotDifferentiate:
        return "refused", text
    fine = np.allclose(got[0], want[0], rtol=1e-9, atol=1e-10) and all(
        np.allclose(a, b, rtol=1e-8, atol=1e-9) for a, b in zip(got[1], want[1], strict=True))
    return "equal" if fine else "apart", text


def main() -> int:
    """The command."""
    first, last = map(int, sys.argv[1:3])
    counts: Counter[str] = Counter()
    for seed in range(first, last):
        word, text = compare(seed)
        counts[word] += 1
        if word == "apart":
            print(f"seed {seed}:\n{text}", flush=True)
    print(", ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if counts["apart"] else 0


if __name__ == "__main__":
    sys.exit(main())
