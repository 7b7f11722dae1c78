"""Python's documentation, page by page: each snippet with each value in its places, as programs that return what it gives.

>>> forms("{M}[0] + x")[:3]
['x[0] + x', '2[0] + x', '(-3)[0] + x']
>>> measured([2.5, "ab"])
"x * len(r) + 1.0 * (r[0] + x) + 2.0 * (x * len(r[1]) + (x if r[1] == 'ab' else 2.0 * x))"
"""

import ast
import itertools
import math
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.semantics.pages import builtins_crossed, choices_crossed, language_crossed, libraries_crossed, types_crossed
from tests.semantics.pages.pools import pool

PAGES = {"builtins": builtins_crossed.PAGE, "types": types_crossed.PAGE, "libraries": libraries_crossed.PAGE,
         "language": language_crossed.PAGE, "choices": choices_crossed.PAGE}
MOST = 16
"""So many programs of one snippet, each value of each place in one at least."""
GIVEN = {"l": [1.5, -2.0, 0.25], "d": {"a": 1.5, "b": 2.0}, "n": 3, "s": "cab", "t": (1.5, 2, "k"),
         "a": np.array([1.5, -2.0, 0.25])}
"""Arguments that are not differentiated; what is done to them is seen."""
HEAD = {"v": "v = [x, -2.0 * x, 0.5]", "m": "m = {'a': x, 'b': 2.0 * x}", "b": "b = np.array([x, -2.0 * x, 0.5])"}


def forms(snippet: str) -> list[str]:
    """A snippet with values in its places, `{N}`: few of all the ways, but each value."""
    letters = re.findall(r"\{([A-Z])\}", snippet)
    pools = [pool(letter) for letter in letters]
    ways = math.prod(map(len, pools))
    if ways <= MOST:
        rows = list(itertools.product(*pools))
    else:
        count = max(MOST, *map(len, pools))
        rows = [tuple(p[(at * (1 + 2 * place) + at // len(p)) % len(p)] for place, p in enumerate(pools))
                for at in range(count)]
    return list(dict.fromkeys(filled(snippet, row) for row in rows))


def filled(snippet: str, row: tuple[str, ...]) -> str:
    """Values in the places; with brackets where they would fall apart."""
    values = iter(row)

    def put(match: re.Match[str]) -> str:
        value = next(values)
        before, after = snippet[:match.start()][-1:], snippet[match.end():][:1]
        alone = (before in ("", "(", "[", "\n") or snippet[:match.start()].endswith((", ", "= ", ": ", "in ", "; ", "f"))) \
            and after in ("", ")", "]", ",", ":", ";", "\n")
        atom = alone or re.fullmatch(r"\w+(\(.*\)|\[.*\])?|'[^']*'|[\[{(].*[\])}]|\*\*|//|\W", value)
        return value if atom else f"({value})"
    return re.sub(r"\{[A-Z]\}", put, snippet)


def programs() -> Iterator[tuple[str, str]]:
    """All of them, each with its name."""
    seen = set()
    for page, text in PAGES.items():
        snippets = text.strip("\n").split("\n\n") if "\n\n" in text else text.strip("\n").split("\n")
        for at, snippet in enumerate(snippets):
            for number, form in enumerate(forms(snippet)):
                if form not in seen and is_python(form):
                    seen.add(form)
                    yield f"{page} {at}.{number}", form


def is_python(text: str) -> bool:
    """Can this be parsed?"""
    try:
        return isinstance(ast.parse(text).body[-1], ast.Expr)
    except SyntaxError:
        return False


def split(text: str) -> tuple[list[str], str]:
    """The statements, and the expression that they end with."""
    last = ast.parse(text).body[-1]
    lines = text.split("\n")
    row, column = last.lineno - 1, len(lines[last.lineno - 1].encode()[:last.col_offset].decode())
    before = [*lines[:row], lines[row][:column].rstrip().removesuffix(";")]
    return [line for line in before if line.strip()], "\n".join([lines[row][column:], *lines[row + 1:]])


def text_of(body: list[str]) -> tuple[str, list[str]]:
    """The function around a body, and its arguments after `x`."""
    names = {node.id for node in ast.walk(parsed(body)) if isinstance(node, ast.Name)}
    takes = [name for name in GIVEN if name in names]
    lines = [*(line for name, line in HEAD.items() if name in names), *body]
    return f"def f({', '.join(['x', *takes])}):\n" + textwrap.indent("\n".join(lines), "    ") + "\n", takes


def parsed(body: list[str]) -> ast.Module:
    """A body with `return`."""
    return ast.parse("def f():\n" + textwrap.indent("\n".join(body), "    "))


def is_opened(found: Any) -> bool:
    """Is it to be made a list before it is looked at?"""
    return not isinstance(found, (str, bytes, list, tuple, dict, set, frozenset, np.ndarray, type)) \
        and hasattr(found, "__iter__")


def measured(found: Any) -> str:
    """The text of a number that depends on all of `r`, which is like this."""
    return measure("r", found)


def measure(name: str, found: Any, depth: int = 0) -> str:
    """The text of a number that says what a thing is, of which the type is known."""
    if found is None or isinstance(found, type):
        return f"(x if {name} is {'None' if found is None else getattr(found, '__name__', 'None')} else 2.0 * x)"
    if isinstance(found, bool):
        return f"x * (2.0 if {name} else 3.0)"
    if isinstance(found, int):
        return f"x * {name}"
    if isinstance(found, (float, np.floating, np.integer)):
        return f"({name} + x)"
    if isinstance(found, str):
        return f"(x * len({name}) + (x if {name} == {found!r} else 2.0 * x))"
    if isinstance(found, (list, tuple)) and depth < 3:
        parts = [f"{at + 1.0} * {measure(f'{name}[{at}]', item, depth + 1)}" for at, item in enumerate(found[:3])]
        return " + ".join([f"x * len({name})", *parts]) if depth == 0 else f"({' + '.join([f'x * len({name})', *parts])})"
    if isinstance(found, dict) and depth < 3:
        parts = [measure(f"{name}[{key!r}]", item, depth + 1) for key, item in list(found.items())[:3] if plain(key)]
        return f"({' + '.join([f'x * len({name})', *parts])})"
    if isinstance(found, (set, frozenset)):
        tests = [f"(x if {item!r} in {name} else 2.0 * x)" for item in sorted(found, key=str)[:3] if plain(item)]
        return f"({' + '.join([f'x * len({name})', *tests])})"
    if isinstance(found, np.ndarray):
        return f"np.sum({name} * {name} * x)"
    return "x"


def plain(item: Any) -> bool:
    """Has it a literal?"""
    return isinstance(item, (bool, int, float, str, type(None), tuple)) and item == item and "inf" not in repr(item)
