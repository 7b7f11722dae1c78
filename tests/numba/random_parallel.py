"""Loops drawn at random, on several threads beside NumPy's dialect: what may be shared out, and what must not.

    python -m tests.numba.random_parallel 0 100

compares those of seeds 0 to 99, prints what differs, and counts those with a loop on several threads apart.  Exit
status 1 where anything differs.
"""

import random
import sys

import numba
import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad
from ad_compiler.loops import parallel
from tests.numba.drawn import function_of, report

FINE = {"equal, shared out", "equal", "refused"}


class Writer:
    """Writes one program over matrices `x` `y`, a vector `w` and an array `at` of positions."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)     # noqa: S311

    def number(self, depth: int = 0) -> str:
        """A number, at `i` and `j`."""
        if depth > 1 or self.draw.random() < 0.5:
            return self.draw.choice(["x[i, j]", "x[i, j]", "y[i, j]", "w[j]", "w[i]", "v", "0.3", "x[j, i]", "y[i - 1, j]",
                                     "x[at[i], j]", "w[at[j]]", "b[j]", "z[i, j]", "z[i, 0]", "c[i]", "i * 0.1", "-i * 0.05",
                                     "(3 - i) * 0.02", "x[-i, j]", "abs(i - j) * 0.1", "(i // 2 - 2) * 0.1"])
        form = self.draw.choice(["np.sin({})", "({} * {})", "({} + 0.3 * {})", "np.tanh({} - {})",
                                 "({} if {} > 0.1 else 0.4)", "max({}, {})"])
        return form.format(*(self.number(depth + 1) for _ in range(form.count("{}"))))

    def inner(self) -> list[str]:
        """What is done in the inner loop."""
        value = self.number()
        lines = [self.draw.choice([
            f"s += 0.1 * {value}", f"s += 0.1 * {value}", f"v = 0.5 * v + 0.1 * {value}", f"b[j] = {value}",
            f"z[i, j] = {value}", f"z[i, j] += 0.2 * {value}", f"c[i] += 0.1 * {value}", f"c[j] += 0.1 * {value}",
            f"z[j, i] = {value}", f"z[at[i], j] += 0.1 * {value}", f"t -= 0.1 * {value}", f"z[i - 1, j] += 0.1 * {value}",
        ])]
        if self.draw.random() < 0.3:
            lines = [f"if {self.number()} > {self.draw.choice(['0.1', 'v', 'w[j]'])}:", f"    {lines[0]}"]
            if self.draw.random() < 0.4:
                lines += ["else:", f"    {self.draw.choice(['s -= 0.1 * x[i, j]', 'c[j] += 0.2 * w[j]', 'z[i, 0] = w[i]'])}"]
        return lines

    def nest(self) -> list[str]:
        """A loop, with a loop in it."""
        body = [self.draw.choice(["v = 0.1", "v = w[i]", "v = 0.2 * x[i, 0]", "b[:] = 0.0", "pass", "b = np.zeros(n)"])]
        for _ in range(self.draw.randint(1, 2)):
            bounds = self.draw.choice(["n", "n", "1, n", "i", "i + 1", "n - 1, -1, -1"])
            body += [f"for j in range({bounds}):",
                     *(f"    {line}" for _ in range(self.draw.randint(1, 3)) for line in self.inner())]
        if self.draw.random() < 0.5:
            body.append(self.draw.choice(["s += v * v", "c[i] = v", "c[i] += 0.3 * v", "s += b[0] * w[i]", "z[i] = b",
                                          "c[0] += v", "w[i] = v", "s = max(s, v)", "z[i, :] *= 0.5", "c += 0.1 * b"]))
        head = self.draw.choice(["range(n)", "range(n)", "range(n)", "prange(n)", "range(1, n)", "range(n - 1, -1, -1)",
                                 "range(-1, n - 1)", "range(0, n, 2)"])
        return [f"for i in {head}:", *(f"    {line}" for line in body)]

    def program(self) -> str:
        """A function `f(x, y, w, at)`."""
        lines = ["n, s, t, v = len(w), 0.1, 0.2, 0.0", "z, b, c = x * 0.5, np.zeros(n), np.zeros(n)", "w = w * 1.0"]
        for _ in range(self.draw.randint(1, 3)):
            lines += self.nest()
        if self.draw.random() < 0.2:
            lines = [*lines[:3], "for _ in range(2):", *(f"    {line}" for line in lines[3:])]
        return "\n".join(["def f(x, y, w, at):", *(f"    {line}" for line in lines),
                          "    return s + t * v + np.sum(z * y) + np.sum(c * w)", ""])


def compare(seed: int) -> tuple[str, str]:
    """One of `FINE`, or what is wrong; and the program."""
    text = Writer(seed).program()
    f = function_of(text, f"<random parallel {seed}>", prange=numba.prange)
    plain = value_and_grad(f, (0, 1, 2))
    shared = value_and_grad(f, (0, 1, 2), backend="numba", parallel=True)
    for n in (40, 3, 17):
        rng = np.random.default_rng(seed + n)
        x, w = rng.normal(size=(n, n)) * 0.5, rng.normal(size=n) * 0.5
        at = rng.integers(0, n, n)
        for args in ((x, rng.normal(size=(n, n)) * 0.5, w, at), (x, x, w, at)):
            try:
                value, bars = plain(*args)
                found = [shared(*args) for _ in range(3)]
            except CannotDifferentiate:
                return "refused", text
            for got in found:
                if not np.isclose(got[0], value, rtol=1e-9, atol=1e-10) or not all(
                        np.allclose(a, b, rtol=1e-8, atol=1e-9) for a, b in zip(got[1], bars, strict=True)):
                    return "apart", text
    return "equal, shared out" if "numba.prange" in shared.source else "equal", text


if __name__ == "__main__":
    parallel.LEAST = parallel.LEAST_SHARED = 0       # short loops too
    sys.exit(report(compare, FINE))
