"""Array programs drawn at random, NumPy's dialect beside Numba's: views, flips, stencils, loops, sums, products.

    python -m tests.numba.random_programs 0 100

compares those of seeds 0 to 99, prints what differs, and counts; with `differences` as a last word, NumPy's dialect
is compared with differences instead.  Exit status 1 where anything differs.
"""

import linecache
import random
import sys
from collections import Counter
from typing import Any

import numpy as np

from ad_compiler import CannotDifferentiate, value_and_grad

FINE = {"equal", "refused", "rough"}


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

    def store(self) -> str:
        """A store through a slice, an index, a mask or an array of positions."""
        t, u = self.draw.choice("abc"), self.draw.choice("abc")
        u = u if (t == "c") == (u == "c") else t
        to, of = self.draw.choice([("1:", ":-1"), (":-1", "1:"), ("2:", ":-2"), ("::-1", ":"), ("::2", "::2"),
                                   ("-2::-1", "1:"), ("1:-1", "2:"), ("1:{n} // 2", "1:{n} // 2"), (":1", "-1:")])
        to, of = to.format(n=f"len({t})"), of.format(n=f"len({t})")
        op = self.draw.choice(["=", "+=", "*=", "-="])
        value = self.draw.choice(["0.5 * {}", "np.tanh({})", "{} * s", "{}"])
        return self.draw.choice([
            lambda: f"{t}[{to}] {op} " + value.format(f"{u}[{of}]"),
            lambda: f"{t}[{to}] {op} " + value.format(f"{u}[{of}] * {t}[{to}]"),
            lambda: f"a[{to}, {of}] {op} " + value.format(f"b[{of}, {to}].T"),
            lambda: f"{t}[places] {op} " + value.format(u),
            lambda: f"np.add.at({t}, places, {value.format(u)})",
            lambda: f"{t}[{u} > 0.1] {op} {self.draw.choice(['0.3', 's'])}",
            lambda: f"np.multiply({t}, {u}, out={t})",
            lambda: f"{t}[{self.draw.choice(['0', '-1'])}] {op} " + value.format(f"{u}[1]"),
            lambda: f"a[:, {self.draw.choice(['0', '-1'])}] {op} " + value.format("c"),
        ])()

    def elements(self) -> list[str]:
        """A loop over elements, left early or not."""
        far, bounds = self.draw.choice([("i - 1", "1, n"), ("i + 1", "n - 2, -1, -1"), ("n - 1 - i", "n"), ("i - 2", "2, n, 2")])
        read = [f"c[{far}]", "c[i]", f"a[i, {far}]", "b[0, i]", "s"]
        one, two = self.draw.sample(read, 2)
        form = self.draw.choice(["{} * {}", "np.sin({} + 0.5 * {})", "max({}, 0.3 * {})", "({} if {} > 0.1 else 0.4)"])
        value = form.format(one, two)
        body = [self.draw.choice([f"c[i] = 0.5 * {value}", f"a[i, {far}] += 0.3 * {value}", f"s += 0.2 * {value}"])]
        if self.draw.random() < 0.5:
            body.insert(self.draw.randrange(2), f"if {one} > 0.4: {self.draw.choice(['break', 'continue'])}")
        return [f"for i in range({bounds}):", *(f"    {line}" for line in body)]

    def block(self, depth: int) -> list[str]:
        """A statement, or one that holds others."""
        kind = self.draw.random()
        if kind < 0.35 or depth > 2:
            return [self.statement()]
        if kind < 0.65:
            return [self.store()]
        if kind < 0.75:
            return self.elements()
        if kind < 0.82:
            return [self.draw.choice(["a, b = b, a", "a = b", "u = a[1]", "a, b = 0.5 * b, a"])]
        inside = [line for _ in range(self.draw.randrange(1, 4)) for line in self.block(depth + 1)]
        if self.draw.random() < 0.3:
            inside = ["p = np.cos(a) * c", *inside, "s = s + 0.1 * np.sum(p * p)"]
        head = self.draw.choice(["for _ in range(2):", "for _ in range(0):", "for _ in range(k):", "if s > 0.3:",
                                 "if np.sum(c) > 0.2:"])
        return [head, *(f"    {line}" for line in inside)]

    def program(self) -> str:
        """A function `f(x, y, w, places, k)` of two matrices and a vector, which it may write into."""
        lines = ["def f(x, y, w, places, k):", self.draw.choice(["    a, b, c = x * 1.0, y * 1.0, w * 1.0", "    a, b, c = x, y, w"]),
                 "    s, n = np.sum(c) * 0.1, len(c)"]
        lines += [f"    {line}" for _ in range(self.draw.randrange(2, 6)) for line in self.block(0)]
        return "\n".join([*lines, "    return s + np.sum(a * b) + np.sum(c)", ""])


def written(seed: int) -> tuple[str, Any]:
    """A program, and the function that it is."""
    text, name = Writer(seed).program(), f"<random program {seed}>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)        # noqa: S102
    return text, space["f"]


def arguments(seed: int, n: int) -> list[Any]:
    """Matrices of n rows, a vector, positions with repeats, a count."""
    rng = np.random.default_rng(seed)
    return [*(rng.normal(size=size) * 0.5 for size in ((n, n), (n, n), n)), rng.integers(0, n, n), seed % 3]


def against_differences(seed: int) -> tuple[str, str]:
    """"equal", "refused", "rough" (no derivative there) or what is wrong, and the program."""
    text, f = written(seed)
    derivative = value_and_grad(f, (0, 1, 2))
    word = "rough"
    for n in (4, 3):
        args = arguments(seed, n)
        try:
            value, bars = derivative(*args)
        except CannotDifferentiate:
            return "refused", text
        if any(not np.array_equal(now, before) for now, before in zip(args, arguments(seed, n), strict=True)):
            return "arguments have changed", text
        ways = [np.random.default_rng(seed + 1).normal(size=np.shape(x)) for x in args[:3]]

        def at(t: float, n: int = n, ways: Any = ways) -> float:
            fresh = arguments(seed, n)
            return float(f(*(x + t * d for x, d in zip(fresh, ways, strict=False)), *fresh[3:]))
        slopes = [(8.0 * (at(h) - at(-h)) - at(2.0 * h) + at(-2.0 * h)) / (12.0 * h) for h in (1e-4, 2e-5)]
        bend = abs(at(2e-5) - 2.0 * at(0.0) + at(-2e-5)) / 2e-5
        if not abs(slopes[0] - slopes[1]) + 1e-3 * bend <= 1e-6 * (1.0 + abs(slopes[1])):
            continue
        found = sum(float(np.sum(bar * d)) for bar, d in zip(bars, ways, strict=True))
        if not np.isclose(value, at(0.0), rtol=1e-10) or not np.isclose(found, slopes[1], rtol=1e-5, atol=1e-5):
            return f"apart: {found}, differences say {slopes[1]}", text
        word = "equal"
    return word, text


def compare(seed: int) -> tuple[str, str]:
    """"equal", "refused" or "apart", and the program: both dialects, of two lengths."""
    text, f = written(seed)
    plain, compiled = value_and_grad(f, (0, 1, 2)), value_and_grad(f, (0, 1, 2), backend="numba")
    for n in (4, 6):
        try:
            want, got = plain(*arguments(seed, n)), compiled(*arguments(seed, n))
        except CannotDifferentiate:
            return "refused", text
        if not np.allclose(got[0], want[0], rtol=1e-9, atol=1e-10) or not all(
                np.allclose(a, b, rtol=1e-8, atol=1e-9) for a, b in zip(got[1], want[1], strict=True)):
            return "apart", text
    return "equal", text


def main() -> int:
    """The command."""
    first, last = map(int, sys.argv[1:3])
    counts: Counter[str] = Counter()
    for seed in range(first, last):
        word, text = (against_differences if sys.argv[3:] else compare)(seed)
        counts[word.partition(":")[0]] += 1
        if word not in FINE:
            print(f"seed {seed}: {word}\n{text}", flush=True)
    print(", ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 0 if counts.keys() <= FINE else 1


if __name__ == "__main__":
    sys.exit(main())
