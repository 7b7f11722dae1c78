"""Programs drawn at random of loops in loops, branches, breaks and whiles, their gradients beside differences.

    python -m tests.random_control 0 1000 [--backend numba] [--second] [--memory 0]

prints the programs whose gradient, value or error is not that of the function, then counts.  Exit status 1 where
there are any.  `--second`: the gradient of a sum of the gradient, beside differences of that sum.
"""

import argparse
import copy
import linecache
import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, grad, value_and_grad

LENGTHS = (4, 0, 3)
"""What `n` is, which bounds some of the loops."""

LARGEST = 1e4
"""Of larger values differences tell too little."""


class Writer:
    """Writes one program over numbers `s` `t` `p`, vectors `a` `b` `u` `v` and a matrix `m`."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)     # noqa: S311
        self.names = 0

    def fresh(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    def number(self, indices: list[str]) -> str:
        """A number."""
        of_indices = [form.format(i) for i in indices for form in ("a[{}]", "{} * 0.1")]
        return self.draw.choice(["s", "t", "p", "0.7", "a[1]", "b[2]", *of_indices, "np.sum(u)", "np.dot(u, v)",
                                 "np.sin(s)", "np.tanh(t)", "s * t", "p * s"])

    def vector(self, indices: list[str]) -> str:
        """A vector."""
        row = f"m[{self.draw.choice(indices or ['1'])}]"
        return self.draw.choice(["u", "v", "a", "b", "np.sin(u)", "u * v", "a * s", "b + t", "np.tanh(v)", "m @ u",
                                 "m.T @ v", row, f"m @ {row}", f"np.dot(m.T, {row})", f"{row} @ m", "u[::-1]"])

    def store(self, indices: list[str]) -> str:
        """A store into a vector."""
        at = self.draw.choice(indices or ["2"])
        return self.draw.choice([f"u[{at}] = {self.number(indices)}", "v[1:] += 0.3 * u[:-1]", "u *= 0.8",
                                 f"v[{at}] += {self.number(indices)}"])

    def errors(self, indices: list[str]) -> list[str]:
        """What a model is off by, squared and summed."""
        row = f"m[{self.draw.choice(indices or ['1'])}]"
        off = self.draw.choice(["m @ u - b", f"u @ m - {row}", "np.dot(m, v) + a"])
        return [f"e = {off}", "s = 0.5 * s + 0.1 * np.sum(e * e)"]

    def branch(self, depth: int, indices: list[str]) -> list[str]:
        """A branch, on numbers or on an index."""
        on_index = [form.format(i) for i in indices for form in ("{} % 2 == 0", "{} == 1")]
        lines = [f"if {self.draw.choice(['s > 0.2', 't < s', 'np.sum(u) > 0.5', *on_index])}:"]
        lines += indented(self.block(depth + 1, indices))
        if self.draw.random() < 0.6:
            lines += ["else:", *indented(self.block(depth + 1, indices))]
        return lines

    def loop(self, depth: int, indices: list[str]) -> list[str]:
        """A counted loop, which may be left, or leave out an iteration."""
        index = self.fresh("i")
        bounds = self.draw.choice(["4", "n", "1, 4", "3, -1, -1", "0", "len(a)", "n - 2"])
        body = self.block(depth + 1, [*indices, index])
        if self.draw.random() < 0.2:
            body += ["if s > 0.9:", "    break"]
        if self.draw.random() < 0.15:
            body = [f"if {index} == 2:", "    continue", *body]
        return [f"for {index} in range({bounds}):", *indented(body)]

    def while_loop(self, depth: int, indices: list[str]) -> list[str]:
        """A loop that a number may end."""
        count = self.fresh("k")
        body = [*self.block(depth + 1, indices), f"{count} += 1"]
        return [f"{count} = 0", f"while {count} < 3 and s < 2.0:", *indented(body)]

    def statement(self, depth: int, indices: list[str]) -> list[str]:
        """One statement, or one that holds others."""
        kind = self.draw.randrange(14)
        if kind >= 10 and depth < 3:
            forms: list[Callable[[int, list[str]], list[str]]] = [self.branch, self.loop, self.loop, self.while_loop]
            return forms[kind - 10](depth, indices)
        return [
            lambda: self.errors(indices),
            lambda: [f"s = 0.5 * s + 0.3 * {self.number(indices)}"],
            lambda: [f"t = np.tanh({self.number(indices)} + 0.2 * t)"],
            lambda: [f"u = 0.6 * u + 0.2 * {self.vector(indices)}"],
            lambda: [f"v = np.sin({self.vector(indices)} + 0.1 * v)"],
            lambda: [self.store(indices)],
            lambda: [self.draw.choice(["u, v = v, u", "s, t = t, s", "u = v", "v = u.copy()", "p = s * t"])],
        ][kind % 7]()

    def block(self, depth: int, indices: list[str]) -> list[str]:
        """Some statements."""
        several = self.draw.randint(1, 4 if depth < 2 else 2)
        return [line for _ in range(several) for line in self.statement(depth, indices)]

    def program(self) -> str:
        """A function `f(a, b, m, p, n)` with at least two loops."""
        lines: list[str] = []
        while sum(line.lstrip().startswith(("for", "while")) for line in lines) < 2:
            lines += self.block(0, [])
        return "\n".join(["def f(a, b, m, p, n):", *indented(["s, t = 0.3, 0.1", "u, v = a * 1.0, b * 0.5", *lines]),
                          "    return s + t * p + np.sum(u * a) + np.sum(np.cos(v))", ""])


def indented(lines: list[str]) -> list[str]:
    """One level further in."""
    return [f"    {line}" for line in lines]


def written(seed: int) -> tuple[str, Any]:
    """The text of a program, and its function."""
    text = Writer(seed).program()
    name = f"<random control {seed}>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)  # noqa: S102
    return text, space["f"]


def sum_of_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of a program along one direction, as a function of the same arguments."""
    row = np.cos(np.arange(5.0))
    square = np.outer(row, row + 0.5)

    def along(a: Any, b: Any, m: Any, p: Any, n: int) -> Any:
        a_bar, b_bar, m_bar, p_bar = grad(f, (0, 1, 2, 3))(a, b, m, p, n)
        return np.dot(a_bar, row) + np.dot(b_bar, row) + np.sum(m_bar * square) + 0.7 * p_bar
    return along


def verdict(seed: int, backend: str = "numpy", second: bool = False, memory: int | None = None) -> str:
    """"right" or "refused" of a program, or what is wrong."""
    _, f = written(seed)
    if second:
        f = sum_of_gradient(f)
    rng = np.random.default_rng(seed)
    for n in LENGTHS:
        given = (0.6 * rng.normal(size=5), 0.6 * rng.normal(size=5), 0.4 * rng.normal(size=(5, 5)), 0.4)
        try:
            value = f(*copy.deepcopy(given), n)
            if not abs(value) < LARGEST:
                continue
            got, gradient = value_and_grad(f, (0, 1, 2, 3), backend=backend, memory=memory)(*copy.deepcopy(given), n)
        except CannotDifferentiate:
            return "refused"
        if not np.isclose(got, value, rtol=1e-9):
            return f"n={n}: the value is {got!r}, not {value!r}"
        for _ in range(3):
            along = [rng.normal(size=np.shape(x)) for x in given]
            slope = sum(np.sum(g * d) for g, d in zip(gradient, along, strict=True))

            def at(step: float, given: Any = given, along: Any = along, n: int = n) -> float:
                return f(*[x + step * d for x, d in zip(copy.deepcopy(given), along, strict=True)], n)
            found = [(at(h) - at(-h)) / (2.0 * h) for h in (1e-4, 1e-5, 1e-6, 1e-7)]
            scale = abs(slope) + 1e-3
            if min(abs(d - slope) for d in found) > 1e-4 * scale:
                return f"n={n}: the slope is {slope!r}, not {found}"
    return "right"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--second", action="store_true")
    parser.add_argument("--memory", type=int, help="bytes that may be kept of loops")
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(chosen.first, chosen.end):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # of numbers that grow
            try:
                word = verdict(seed, chosen.backend, chosen.second, chosen.memory)
            except Exception as error:      # noqa: BLE001  (the function itself raises nothing)
                word = f"{type(error).__name__}: {error}"
        counts[word if word in ("right", "refused") else "wrong"] += 1
        if word not in ("right", "refused"):
            print(f"seed {seed}: {word}\n{written(seed)[0]}", flush=True)
    print(dict(counts))
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
