"""Chains of matrix products, comparisons, stores and views drawn at random, NumPy's dialect beside Numba's.

    python -m tests.numba.random_chains 0 100

compares those of seeds 0 to 99, prints what differs, and counts those apart that write products over arrays that
nothing reads any more, or keep truth values in place of an array.  Exit status 1 where anything differs.
"""

import random
import sys

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.numba.drawn import function_of, report

FINE = {"equal", "equal, with memory used again", "refused"}


class Writer:
    """Writes one program over square matrices `a` `b`."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)     # noqa: S311
        self.names = ["a", "b"]

    def view(self) -> str:
        """One of the last matrices, or another way to look at it."""
        name = self.draw.choice(self.names[-4:])
        return self.draw.choice([name, name, name, f"{name}.T", f"{name}[::-1]"])

    def step(self, at: int) -> list[str]:
        """Statements that make a matrix, or change one."""
        draw, view = self.draw, self.view
        made = self.names[2:]
        kind = draw.random()
        if kind < 0.08 and made:
            name = draw.choice(made)
            place = draw.choice(["0", "-1", ":, 1 % len(a)", "1:"])
            return [f"{name} = {name} * 1.0", f"{name}[{place}] *= 0.5"]
        new = f"t{at}" if draw.random() < 0.7 or len(made) < 2 else draw.choice(made)
        if kind < 0.15:
            lines = [f"{new} = {view()} * 1.0", f"for i{at} in range(2):",
                     f"    {new} = np.maximum({new} @ {view()} * 0.4, 0.05)"]
        else:
            other = draw.choice(["0.0", "0.1", view()])
            lines = [f"{new} = " + draw.choice([
                f"0.3 * ({view()} @ {view()})", f"np.dot({view()}, {view()})", f"np.dot({view()}, {view()})",
                f"np.maximum({view()}, {other})", f"np.where({view()} > {other}, {view()}, {view()} * 0.5)",
                f"np.tanh({view()} + {view()}[0])", f"np.abs({view()}) * {view()}",
            ])]
        if new not in self.names:
            self.names.append(new)
        return lines

    def program(self) -> str:
        """A function `f(a, b)`."""
        lines = [line for at in range(self.draw.randint(4, 9)) for line in self.step(at)]
        last = [f"np.sum({name} * {name})" for name in self.draw.sample(self.names, 2)]
        lines.append(f"return {' + '.join(last)} + np.sum({self.names[-1]})")
        return "\n".join(["def f(a, b):", *(f"    {line}" for line in lines), ""])


def compare(seed: int) -> tuple[str, str]:
    """One of `FINE`, or "apart"; and the program."""
    text = Writer(seed).program()
    f = function_of(text, f"<random chain {seed}>")
    plain = value_and_grad(f, (0, 1))
    compiled = value_and_grad(f, (0, 1), backend="numba")
    for n in (3, 1, 4):
        rng = np.random.default_rng(seed + n)
        x = rng.normal(size=(n, n))
        for args in ((x, rng.normal(size=(n, n))), (x, x)):
            try:
                want, got = plain(*args), compiled(*args)
            except CannotDifferentiate:
                return "refused", text
            scale = [1.0 + np.max(np.abs(bar)) for bar in want[1]]
            if not np.isclose(got[0], want[0], rtol=1e-9) or not all(
                    np.allclose(a, b, rtol=1e-7, atol=1e-9 * by) for a, b, by in zip(got[1], want[1], scale, strict=True)):
                return "apart", text
    again = "out=" in compiled.source or "np.bool" in compiled.source
    return "equal, with memory used again" if again else "equal", text


if __name__ == "__main__":
    sys.exit(report(compare, FINE))
