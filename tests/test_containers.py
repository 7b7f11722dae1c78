"""Lists, dicts and objects under several names: programs drawn at random, and the ones that were wrong once.

`python -m tests.test_containers FIRST LAST` tries other seeds, and prints how many are right, refused and wrong.
"""

import collections
import importlib.util
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad

X = np.array([0.7, 1.3, 0.95])
KINDS = {
    "list": ("[{}, {}]", "{}[0]", "{}[1]"),
    "dict": ("{{'p': {}, 'q': {}}}", "{}['p']", "{}['q']"),
    "object": ("Box({}, {})", "{}.p", "{}.q"),
    "nested": ("[[{}], [{}]]", "{}[0][0]", "{}[1][0]"),
    "arrays": ("[{} * x, {} * x]", "{}[0]", "{}[1]"),
}
HEAD = """import numpy as np


class Box:
    def __init__(self, p, q):
        self.p, self.q = p, q


def touch(s, t):
    {0} = {3} * 2.0
    {2} = {2} + {1}


def f(x):
"""


class Draw:
    """Draws one program."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.kind = self.rng.choice(list(KINDS))
        self.make, *self.fields = KINDS[self.kind]
        self.names = ["a", "b", "c"][:self.rng.randint(2, 3)]

    def number(self):
        return self.rng.choice(["x[0]", "x[1]", "x[2]", "1.5"])

    def new(self):
        return self.make.format(self.number(), self.number())

    def field(self, name):
        return self.rng.choice(self.fields).format(name)

    def text(self):
        lines = []
        for i, name in enumerate(self.names):
            shared = i and self.rng.random() < 0.35
            lines.append(f"{name} = {self.rng.choice(self.names[:i]) if shared else self.new()}")
        for _ in range(self.rng.randint(3, 6)):
            lines += self.statement(2, loop=False)
        each = [f"np.sum({f.format(name)}) * {i + 1}.0"
                for i, (name, f) in enumerate((name, f) for name in self.names for f in self.fields)]
        first, second = self.fields
        head = HEAD.format(first.format("s"), first.format("s"), second.format("t"), second.format("t"))
        return head + "".join(f"    {line}\n" for line in [*lines, f"return {' + '.join(each)}"])

    def statement(self, depth, loop):
        rng, n, m = self.rng, self.rng.choice(self.names), self.rng.choice(self.names)
        what = rng.random()
        if what < 0.35:
            return [f"{self.field(n)} = {self.field(m)} * {self.number()} + {rng.choice(['0.1', self.field(m)])}"]
        if what < 0.45:
            return [f"{self.field(n)} {rng.choice(['+=', '*='])} {self.number()}"]
        if what < 0.57:
            return [f"{n} = {m}"]
        if what < 0.65:
            return [f"{n} = {self.new()}"]
        if what < 0.71:
            return [f"{n}, {m} = {m}, {n}"]
        if what < 0.76 and self.kind == "nested":
            return [f"{n}[{rng.randint(0, 1)}] = {m}[{rng.randint(0, 1)}]"]
        if what < 0.78:
            return [f"touch({n}, {m})"]
        if depth == 0:
            return [f"{self.field(n)} = np.sin({self.field(m)})"]
        if what < 0.9:
            test = rng.choice([f"x[{rng.randint(0, 2)}] > 0.9", "i == 1" if loop else "x[0] > 5.0"])
            other = ["else:", *self.body(depth, loop, 1)] if rng.random() < 0.5 else []
            return [f"if {test}:", *self.body(depth, loop, 2), *other]
        trips = rng.choice(["range(2)", "range(3)", "range(len(x))", "range(0)"])
        return [f"for i in {trips}:", *self.body(depth, True, 3)]

    def body(self, depth, loop, most):
        return [f"    {line}" for _ in range(self.rng.randint(1, most)) for line in self.statement(depth - 1, loop)]


def loaded(text, folder, name):
    path = Path(folder) / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def verdict(f):
    """ "right", "refused", or what is wrong."""
    wanted = f(X.copy())
    try:
        value, found = value_and_grad(f)(X)
    except CannotDifferentiate:
        return "refused"
    steps = [1e-6 * np.eye(3)[i] for i in range(3)]
    slopes = np.array([(f(X + h) - f(X - h)) / 2e-6 for h in steps])
    if value != wanted:
        return f"the value is {value}, not {wanted}"
    scale = 1.0 + np.max(np.abs(slopes))
    if scale > 1e8:
        return "right"      # too large for differences
    return "right" if np.allclose(found, slopes, rtol=1e-3, atol=1e-4 * scale) else f"{found}, not {slopes}"


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_drawn_programs(first, tmp_path):
    counts = collections.Counter()
    for seed in range(first, first + 20):
        text = Draw(seed).text()
        found = verdict(loaded(text, tmp_path, f"drawn_{seed}"))
        assert found in ("right", "refused"), f"seed {seed}: {found}\n{text}"
        counts[found] += 1
    assert counts["right"] >= 10


class Box:
    def __init__(self, v):
        self.v = v


def rebound_after_an_iteration(x):
    a = [x[0], x[1]]
    b = a
    for _ in range(2):
        b[0] = b[0] * x[2]
        b = [x[2], x[0]]
    return a[0] * a[1]


def one_object_becomes_the_other(x):
    a, b = Box(x[0]), Box(x[1])
    for _ in range(3):
        a.v = a.v * x[2]
        a = b
    return a.v * b.v


def dict_exchanged_in_an_arm(x):
    a = {"k": x[0]}
    b = a
    for i in range(3):
        if i == 1:
            b = {"k": x[1]}
        b["k"] = b["k"] * x[2]
    return a["k"] * b["k"]


def third_name_in_a_loop(x):
    a = Box(x[0])
    b = a
    for _ in range(3):
        c = a
        c.v = c.v * x[1]
        a = b
    return a.v * b.v * c.v


def rows_of_a_list(x):
    rows = [[x[0]], [x[1]]]
    r = rows[0]
    for _ in range(2):
        r[0] = r[0] * x[2]
        r = rows[1]
    return rows[0][0] * rows[1][0] * r[0]


def a_dict_filled_in_a_loop(x):
    s = 0.0
    for i in range(3):
        d = {}
        d["a"] = x[i] * 2.0
        d["b"] = d["a"] * x[i]
        s += d["b"]
    return s


@pytest.mark.parametrize("f", [rebound_after_an_iteration, one_object_becomes_the_other, dict_exchanged_in_an_arm,
                               third_name_in_a_loop, rows_of_a_list, a_dict_filled_in_a_loop], ids=lambda f: f.__name__)
def test_never_wrong(f):
    assert verdict(f) in ("right", "refused")


def test_one_container_passed_twice():
    def through_a_list(p, q):
        p[0] = p[0] * 2.0
        return p[0] * q[0]

    def through_a_dict(p, q):
        p["w"] = p["w"] * 2.0
        return p["w"] * q["w"]
    for f, one, other in ((through_a_list, [3.0, 1.0], [5.0, 1.0]), (through_a_dict, {"w": 3.0}, {"w": 5.0})):
        g = grad(f)
        assert g(one, other) is not None
        with pytest.raises(CannotDifferentiate, match="may be the same"):
            g(one, one)
        with pytest.raises(CannotDifferentiate, match="may be the same"):
            grad(f)(one, one)
        assert g(one, other) is not None


if __name__ == "__main__":
    results = collections.Counter()
    with tempfile.TemporaryDirectory() as where:
        for number in range(int(sys.argv[1]), int(sys.argv[2])):
            result = verdict(loaded(Draw(number).text(), where, f"drawn_{number}"))
            results[result if result in ("right", "refused") else "wrong"] += 1
            if result not in ("right", "refused"):
                print(f"seed {number}: {result}")
    print(dict(results))
