"""Answers that the reader gives because nothing else matched: which of them the programs reach.

    python -m tests.semantics.defaults                      # all programs: about ten minutes
    python -m tests.semantics.defaults --share 0/20         # a twentieth of them
    python -m tests.semantics.defaults --raises iterate.py:87    # what notices, where this one raises

A question has three answers: known, left to the run, refused.  A function that ends in a constant, after others were
tried, may give a fourth, a default.  Each end that no program reaches is listed, for it is not tested; with `--all` each
that is reached too, with the first program that does: whether its answer is known there, one has to read.
"""

import argparse
import ast
import builtins
import importlib.abc
import importlib.machinery
import os
import sys
from pathlib import Path
from typing import Any

READ = Path(__file__).parents[2] / "ad_compiler" / "read"
REACHED: dict[str, str] = {}
now = {"program": "", "raises": ""}


class Default(BaseException):
    """An answer that was to raise."""


def reached(place: str) -> None:
    """An end is reached, of this file and line."""
    REACHED.setdefault(place, now["program"])
    if place == now["raises"]:
        raise Default(place)


class Marked(importlib.machinery.SourceFileLoader):
    """Loads modules of the reader with a call before each such answer."""

    def path_stats(self, path: str) -> Any:
        """No compiled module is taken."""
        raise OSError

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:
        tree = ast.parse(data)
        for body, place in ends(tree, Path(path).name):
            call = ast.Expr(ast.Call(ast.Name("__reached__", ast.Load()), [ast.Constant(place)], []))
            body.insert(len(body) - 1, call)
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True, optimize=_optimize)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of the reader; what it reads itself, the prelude, is left alone."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        found = importlib.machinery.PathFinder.find_spec(fullname, path) if fullname.startswith(
            "ad_compiler.read.") and ".prelude" not in fullname else None
        if found is not None and found.origin is not None:
            found.loader = Marked(fullname, found.origin)
        return found


def ends(tree: ast.Module, name: str) -> list[tuple[list[ast.stmt], str]]:
    """The blocks that end in such an answer, of functions that have others."""
    found = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        given = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
        for node in ast.walk(function) if len(given) > 1 else ():
            for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
                last = body[-1] if isinstance(body, list) and body else None
                if isinstance(last, ast.Return) and is_plain(last.value):
                    found.append((body, f"{name}:{last.lineno}"))
    return list({place: (body, place) for body, place in found}.values())


def is_plain(value: ast.expr | None) -> bool:
    """None, a truth, an empty container, or a `Const` of one."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Const":
        return is_plain(value.args[0])
    if isinstance(value, ast.IfExp):
        return is_plain(value.orelse)
    if isinstance(value, (ast.List, ast.Tuple)):
        return not value.elts
    return isinstance(value, ast.Dict) and not value.keys or isinstance(value, ast.Constant) or \
        isinstance(value, ast.Name) and value.id == "NotImplemented"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", default="0/1")
    parser.add_argument("--raises", default="")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    part, parts = map(int, options.share.split("/"))
    now["raises"] = options.raises
    vars(builtins)["__reached__"] = reached
    sys.meta_path.insert(0, Finder())
    from tests.semantics.__main__ import cases

    noticed = 0
    with open(os.devnull, "w") as nowhere:
        for compare, snippet in cases()[part::parts]:
            now["program"], shown, sys.stdout = snippet, sys.stdout, nowhere
            try:
                compare(snippet)
            except Default:
                noticed += 1
                shown.write(f"noticed: {snippet!r}\n")
            finally:
                sys.stdout = shown
    if options.raises:
        print(f"{noticed} programs notice")
        return 0
    places = [place for file in sorted(READ.glob("*.py")) for _, place in ends(ast.parse(file.read_text()), file.name)]
    for place in places:
        if place not in REACHED or options.all:
            print(f"{place:28} {REACHED[place]!r}" if place in REACHED else f"{place:28} not reached")
    print(f"{len(places)} answers, {sum(place in REACHED for place in places)} reached")
    return 0


if __name__ == "__main__":
    sys.exit(main())
