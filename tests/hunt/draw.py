"""Draws a program: a module with classes, helpers, a world around them, and a function `f`.

>>> "def f(x, y, m, p, q, k):" in drawn(3), drawn(3) == drawn(3)
(True, True)
"""

from __future__ import annotations

import ast
import contextlib
import random
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from tests.hunt import expressions, further, grammar, iteration, numbers, state, views
from tests.hunt.grammar import forms
from tests.hunt.world import CHANGES, FIXED, HEAD, HELPERS, WORLD

LETTERS = {"S": "s", "V": "u", "M": "mat", "I": "i", "J": "j", "E": "at", "N": "nums", "L": "rows", "D": "table", "O": "ob",
           "F": "fn", "G": "gn", "P": "pair", "Q": "rec", "Y": "gen",
           "X": "data", "W": "obs", "A": "bare", "U": "small", "C": "fns", "T": "tally", "K": "layer", "Z": "tree"}
DERIVED = {"L": [("V", "{}[0]", True), ("V", "{}[-1]", True)], "D": [("V", "{}['a']", True), ("V", "{}['b']", True)],
           "M": [("V", "{}[0]", False), ("V", "{}[1]", False), ("V", "{}[:, 1]", False), ("V", "{}.T[0]", False)],
           "O": [("V", "{}.w", True), ("S", "{}.s", True), ("N", "{}.log", False)],
           "P": [("V", "{}[0]", False), ("S", "{}[1]", False)],
           "Q": [("V", "{}.a", True), ("S", "{}.b", True)],
           "X": [("V", "{}[0]['w']", True), ("V", "{}[1]['w']", True), ("S", "{}[0]['b']", True)],
           "W": [("V", "{}[0].w", True), ("S", "{}[1].s", True)],
           "T": [("V", "{}.w", True), ("S", "{}.s", True), ("N", "{}.seen", False)],
           "K": [("V", "{}.w", True), ("S", "{}.rate", True), ("N", "{}.log", False)],
           "Z": [("V", "{}['w'][0]", True), ("V", "{}['w'][-1]", True), ("S", "{}['b'][1]['c']", True)]}
"""The places in a place: what they hold, how they are written, may they be bound to something else."""

FALLBACK = {"N": "[0.3, p]", "L": "[x, y]", "D": "{'a': x, 'b': y}", "E": "np.arange(len(x))", "J": "0", "I": "2"}
HOLE = re.compile(r"<(new|[A-Za-z0-9])([!?=~]?)>")
WRITES = re.compile(r"touched|out=|keep|note|outward|rows? \*=|shifted|filled|raised")
"""What no block under `no_grad` holds."""
PLAIN = ("()", "(,", " )", " ,", "[,", "[]", " ]", "")
"""What stands on both sides of an expression that needs no parentheses."""
DEEPEST = 3


class Place(NamedTuple):
    """A place that holds something."""

    kind: str
    text: str
    bindable: bool


def together(*tables: dict[str, str]) -> dict[str, list[str]]:
    """The forms of several tables, by kind."""
    found: dict[str, list[str]] = {}
    for table in tables:
        for kind, each in table.items():
            found.setdefault(kind, []).extend(forms(each))
    return found


FORMS = together(*(part.EXPRESSIONS for part in (expressions, numbers, views, iteration, state, further)))
OF_OBJECTS = {kind: [*grammar.OF_OBJECTS.get(kind, []), *state.OF_OBJECTS.get(kind, [])] for kind in "svfg"}
LEAVES = {kind: [form for form in each if not re.search(r"<[a-z]", form)] for kind, each in FORMS.items()}
STATEMENTS = [(5, forms(grammar.ASSIGN)), (5, forms(grammar.STORES)), (2, forms(grammar.CONTAINERS)),
              (2, forms(numbers.SIMPLE)), (3, forms(views.STORES)), (2, forms(iteration.SIMPLE)), (3, forms(state.SIMPLE)),
              (2, forms(further.SIMPLE))]
COMPOUND = [(6, forms(grammar.COMPOUND)), (1, forms(views.COMPOUND)), (3, forms(iteration.COMPOUND)), (1, forms(state.COMPOUND)),
            (2, forms(further.COMPOUND))]
SHORT = {"j": ["0", "-1", "(<i>) % len(x)"]}
"""What is drawn where a vector may have one element.  Of the others some have no other: they raise there."""


class Writer:
    """Draws one program."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)     # noqa: S311
        self.names = 0
        self.places: list[Place] = []
        self.returns = "s"
        self.in_loop = False
        self.classes: list[str] = []
        self.room = 0
        self.pure = False       # nothing is to be written
        self.length = self.draw.choice([4] * 7 + [3] * 5 + [2, 1])

    # -- places ---------------------------------------------------------------------------------------------

    def add(self, kind: str, text: str, bindable: bool = True) -> None:
        """Know a place, and the places in it."""
        self.places.append(Place(kind, text, bindable))
        for inner, form, may in DERIVED.get(kind, []):
            if self.length > 1 or kind != "M" or "1" not in form:
                self.add(inner, form.format(text), may)

    def place(self, kind: str, how: str = "") -> str | None:
        """One of the places; later ones more often."""
        there = [one for one in self.places if one.kind == kind and (
            one.bindable or not how or how == "~" and not one.text.isidentifier())]
        if not there:
            return None
        return self.draw.choice(there[len(there) // 2:] + there).text

    def fresh(self, kind: str) -> str:
        self.names += 1
        return f"{LETTERS[kind]}{self.names}"

    @contextlib.contextmanager
    def scope(self, function: bool = False) -> Iterator[None]:
        """What becomes known inside is forgotten; in a function, names of outside are not bound anew."""
        before, loop = self.places, self.in_loop
        self.places = list(before)
        if function:
            self.places = [one._replace(bindable=one.bindable and not one.text.isidentifier()) for one in before]
            self.in_loop = False
        yield
        self.places, self.in_loop = before, loop

    # -- expressions ----------------------------------------------------------------------------------------

    def expression(self, kind: str, depth: int) -> str:
        """An expression of a kind."""
        if kind == "R":
            kind = self.returns
        special = OF_OBJECTS.get(kind, [])
        if kind in "sv" and not self.pure and depth < DEEPEST and self.draw.random() < 0.2:
            other = OF_OBJECTS["f" if kind == "s" else "g"]
            form = self.draw.choice([*special, *other * 4])
            found = self.filled(form, depth)
            if found is not None:
                return found
        while True:
            leaf = depth >= DEEPEST or self.draw.random() < 0.25
            form = self.draw.choice((LEAVES[kind] if leaf else None) or FORMS[kind])
            if self.length < 3:
                form = self.draw.choice(SHORT.get(kind, [form]))
            found = None if self.pure and WRITES.search(form) else self.filled(form, depth)
            if found is not None:
                return found

    def filled(self, form: str, depth: int) -> str | None:
        """A form of an expression with its holes filled; None where a place is missing."""
        names: list[str] = []
        with self.scope():
            if " z" in form and "<1>" not in form:
                self.places.append(Place("S", "z", False))
            missing = False

            def fill(hole: re.Match[str]) -> str:
                nonlocal missing
                kind, how = hole[1], hole[2]
                if kind.isdigit():
                    return names[int(kind) - 1] if len(names) >= int(kind) else ""
                if kind.islower() or kind == "R":
                    inner = self.expression(kind, depth + 1)
                    beside = form[hole.start() - 1:hole.start()] + form[hole.end():hole.end() + 1]
                    return inner if beside in PLAIN or re.fullmatch(r"[A-Za-z_][\w.]*", inner) else f"({inner})"
                if how == "?":
                    names.append(self.fresh(kind))
                    return names[-1]
                text = self.place(kind, how) or FALLBACK.get(kind)
                missing = missing or text is None
                names.append(text or "")
                return names[-1]
            text = HOLE.sub(fill, form)
        return None if missing else text

    # -- statements -----------------------------------------------------------------------------------------

    def statement(self, depth: int) -> str:
        """A statement."""
        self.room -= 1
        while True:
            tables = [*STATEMENTS, *(COMPOUND if depth < 2 and self.room > 0 else [])]
            form = self.draw.choice(self.draw.choices([each for _, each in tables], [weight for weight, _ in tables])[0])
            self.pure = "with no_grad" in form
            text = self.stated(form, depth)
            if self.pure and text is not None and WRITES.search(text):
                text = None
            self.pure = False
            if text is not None:
                return text

    def stated(self, form: str, depth: int) -> str | None:
        """A form of a statement, filled; None where a place is missing."""
        names: list[str] = []
        after: list[tuple[str, str]] = []
        lines: list[str] = []
        function = False
        with contextlib.ExitStack() as stack:
            for line in form.split("\n"):
                head = line.lstrip()
                indent = line[:len(line) - len(head)]
                if head.startswith("def "):
                    stack.enter_context(self.scope(function=True))
                    function = True
                    self.places.append(Place("V" if "(a)" in line else "S", "a" if "(a)" in line else "z", True))
                elif function and not indent:
                    stack.pop_all().close()
                    function = False
                if head == "<B>":
                    lines.append(textwrap.indent(self.block(depth + 1), indent))
                    continue
                news: list[tuple[str, str, str]] = []
                text = self.line(head, names, news, depth)
                if text is None:
                    return None
                lines.append(indent + text)
                if news and any(how == "?" for _, _, how in news) and not function:
                    stack.enter_context(self.scope())
                if head.startswith(("for ", "while ")):
                    self.in_loop = True
                for kind, name, how in news:
                    self.add(kind, name)
                    if how == "!":
                        after.append((kind, name))
        for kind, name in after:
            if Place(kind, name, True) not in self.places:
                self.add(kind, name)
        return "\n".join(lines)

    def line(self, head: str, names: list[str], news: list[tuple[str, str, str]], depth: int) -> str | None:
        """One line of a statement; notes the names that it makes."""
        missing = False

        def fill(hole: re.Match[str]) -> str:
            nonlocal missing
            kind, how = hole[1], hole[2]
            if kind.isdigit():
                return names[int(kind) - 1]
            if kind == "new":
                if not self.classes:
                    missing = True
                    return ""
                return f"{self.draw.choice(self.classes)}({self.expression('v', 1)}, {self.expression('s', 1)})"
            if kind.islower() or kind == "R":
                return self.expression(kind, 1)
            if how in ("!", "?"):
                names.append(self.fresh(kind))
                news.append((kind, names[-1], how))
                return names[-1]
            text = self.place(kind, how)
            missing = missing or text is None
            names.append(text or "")
            return names[-1]
        text = HOLE.sub(fill, head)
        return None if missing else text

    def block(self, depth: int) -> str:
        """Some statements, of which the names are forgotten."""
        with self.scope():
            return "\n".join(self.statement(depth) for _ in range(self.draw.choice([1, 1, 2, 2, 3])))

    # -- functions, classes ---------------------------------------------------------------------------------

    def function(self, name: str, params: list[tuple[str, str]], returns: str, statements: int, last: str = "") -> str:
        """A function with parameters of these kinds."""
        before, self.returns = self.returns, returns
        with self.scope(function=True):
            for kind, param in params:
                self.add(kind, param.partition("=")[0])
            lines = [self.statement(1) for _ in range(statements)]
            value = last or self.place(returns.upper()) or ""
            if self.draw.random() < 0.6 or not value:
                value = self.expression(returns, 1)
        self.returns = before
        body = textwrap.indent("\n".join([*lines, f"return {value}"]), "    ")
        return f"def {name}({', '.join(param for _, param in params)}):\n{body}\n"

    def one_class(self, name: str) -> str:
        """A class with state."""
        keep = self.draw.choice(["w", "w", "w * 1.0", "np.array(w)"])
        me = [("O", "self")]
        methods = [
            f"def __init__(self, w, s):\n    self.w, self.s, self.log = {keep}, s, [s]\n",
            self.function("act", [*me, ("V", "a"), ("S", "z")], "v", self.draw.choice([1, 2, 3])),
            self.function("bump", [*me, ("S", "z=0.3")], "s", self.draw.choice([1, 2])),
            self.function("__call__", [*me, ("S", "z")], "s", self.draw.choice([0, 1])),
            "@property\n" + self.function("half", me, "s", 0),
            "@half.setter\ndef half(self, z):\n    self.s = 2.0 * z\n",
            "@property\ndef turned(self):\n    return self.w[::-1]\n",
            f"def view(self):\n    return self.w{self.draw.choice(['', '[:]', '[::-1]', ' * self.s'])}\n",
            "def scale(self, z):\n    self.w *= z\n    self.s = self.s * z\n",
            "def __getitem__(self, j):\n    return self.w[j]\n",
            "def __setitem__(self, j, z):\n    self.w[j] = z\n",
            "def __len__(self):\n    return len(self.w)\n",
            "def __gt__(self, z):\n    return self.s > z\n",
            f"def __mul__(self, z):\n    return {name}(self.w * z, self.s)\n",
            f"def __add__(self, z):\n    return {name}(self.w, self.s + z)\n",
            "def __imul__(self, z):\n    self.w *= z\n    return self\n",
        ]
        return f"class {name}:\n" + textwrap.indent("\n".join(methods), "    ")

    def program(self) -> str:
        """The module."""
        parts = []
        self.room = 3
        args = [("V", "x"), ("V", "y"), ("M", "m"), ("S", "p"), ("I", "k")]
        world = [("V", "WEIGHT"), ("S", "GAIN"), ("N", "TABLE")]
        if self.draw.random() < 0.45:
            self.places += [Place("V", "a", True), Place("V", "WEIGHT", False)]
            text = self.one_class("Model")
            self.places = []
            parts.append(text)
            self.classes.append("Model")
            if self.draw.random() < 0.4:
                self.classes.append("Child")
                parts.append("class Child(Model):\n    def act(self, a, z):\n"
                             "        return super().act(a, z) * 0.5 + self.w\n")
        for number in range(self.draw.choice([0, 0, 1, 1, 2])):
            name, returns = f"h{number}", self.draw.choice("sv")
            self.places = [Place("V", "WEIGHT", False)]
            params = [("V", "x"), ("S", "p"), ("M", "m"), ("V", "y"), ("I", "k=1")]
            text = self.function(name, params, returns, self.draw.choice([1, 2, 3]))
            parts.append(text)
        self.places, self.room = [], 5
        for number in range(sum(part.startswith("def h") for part in parts)):
            returns = "s"
            self.places.append(Place("H", f"h{number}", False))
        for kind, name in world:
            self.add(kind, name, False)
        for kind, name in [*args, ("D", "q")]:
            self.add(kind, name)
        lines = [self.statement(0) for _ in range(self.draw.choice([3, 4, 5, 6, 7, 8]))]
        for number in range(sum(part.startswith("def h") for part in parts)):
            at = self.draw.randrange(len(lines) + 1)
            first, matrix = self.draw.choice(["x", "x * 1.0", "y"]), f"m{self.draw.choice(['', ' * 1.0', '.T'])}"
            given = self.draw.choice([f"{first}, p, {matrix}, y", f"{first}, p, m={matrix}, y=y", f"*({first}, p, {matrix}, y)",
                                      f"{first}, *[p, {matrix}], y=y[::-1]", f"{first}, y=y, **{{'p': p, 'm': {matrix}}}"])
            lines.insert(at, f"r{number} = h{number}({given})")
        top = {one.text: one.kind for one in self.places if one.bindable and one.text.isidentifier()}
        sums = {"S": "{}", "V": "np.sum({})", "M": "np.sum({} * {})", "N": "sum({})", "I": "{} * 0.1",
                "L": "sum(r.sum() for r in {})", "D": "sum(r.sum() for r in {}.values())", "E": "np.sum({}) * 0.1",
                "O": "np.sum({}.w) * {}.s", "P": "np.sum({}[0]) + {}[1]",
                "X": "sum(np.sum(item['w']) * item['b'] for item in {})",
                "W": "sum(np.sum(item.w) * item.s for item in {})", "Q": "np.sum({}.a) + {}.b", "A": "{} * 1.0",
                "U": "np.sum({}) * 0.01", "C": "sum(fn(0.3) for fn in {})", "T": "np.sum({}.w) * {}.s + sum({}.seen)",
                "K": "np.sum({}.w) * {}.rate + sum({}.log)", "Z": "sum(r.sum() for r in {}['w']) + {}['b'][0]"}
        terms = [sums[kind].format(*[name] * 3) for name, kind in top.items() if kind in sums]
        terms += [f"np.sum(r{number})" for number in range(sum(part.startswith("def h") for part in parts))]
        keep = self.draw.random()
        terms = [term for term in terms if self.draw.random() < (1.0 if keep < 0.5 else 0.6)] or ["np.sum(x)"]
        body = textwrap.indent("\n".join([*lines, f"return {' + '.join(terms)}"]), "    ")
        parts.append(f"def f(x, y, m, p, q, k):\n{body}\n")
        change = self.draw.sample(CHANGES, self.draw.choice([1, 1, 2]))
        assigned = [one.split()[0] for one in change if re.match(r"[A-Za-z]+ =", one)]
        parts.append("def change():\n" + textwrap.indent("\n".join(
            [*([f"global {', '.join(dict.fromkeys(assigned))}"] if assigned else []), *change]), "    ") + "\n")
        set_up = WORLD.format(length=self.length, switch=self.draw.random() < 0.5,
                              mode=self.draw.choice(["'a'", "'b'"]))
        return HEAD + "\n" + "\n\n".join([FIXED, HELPERS, further.HELPERS, set_up, *parts])


def drawn(seed: int) -> str:
    """The text of a program; where it is no Python, of the next."""
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")     # SyntaxWarning, of what would raise
                text = ast.unparse(ast.parse(Writer(seed).program()))
                compile(text, "<drawn>", "exec")
        except SyntaxError:     # as of `:=` in what a comprehension goes through
            seed += 10**9
        else:
            return text
