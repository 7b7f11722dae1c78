"""Makes a program smaller while what is wrong with it stays.

>>> print(smaller("a = x * 2\\nif x:\\n    b = 3 + f(c * d)", lambda text: "d" in text))
b = d
"""

from __future__ import annotations

import ast
import copy
import warnings
from collections.abc import Callable, Iterator


def lists_of(tree: ast.AST) -> list[tuple[ast.AST, str, int]]:
    """Every place of a statement, the outermost first."""
    return [(node, field, at) for node in ast.walk(tree) for field in ("body", "orelse", "finalbody")
            if isinstance(getattr(node, field, None), list) for at in reversed(range(len(getattr(node, field))))]


def without_statement(tree: ast.Module, number: int) -> Iterator[ast.Module]:
    """A statement less, or what it holds in its stead."""
    node, field, at = lists_of(tree)[number]
    one = getattr(node, field)[at]
    inner = [*getattr(one, "body", []), *getattr(one, "orelse", []), *getattr(one, "finalbody", [])]
    options: list[list[ast.stmt]] = [[]]
    if inner and not isinstance(one, (ast.FunctionDef, ast.ClassDef)):
        options.append(inner)
    for instead in options:
        anew = copy.deepcopy(tree)
        node, field, at = lists_of(anew)[number]
        place = getattr(node, field)
        place[at:at + 1] = copy.deepcopy(instead)
        if not place and field == "body":
            if isinstance(node, ast.Module):
                continue
            place.append(ast.Pass())
        yield anew


class Replace(ast.NodeTransformer):
    """Puts another expression for one of many."""

    def __init__(self, number: int, choice: int) -> None:
        self.left, self.choice, self.done = number, choice, False

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            self.left -= 1
            if self.left == -1:
                parts = [one for one in ast.walk(node) if isinstance(one, ast.expr) and one is not node
                         and not isinstance(one, (ast.Slice, ast.Starred, ast.Constant))]
                plain = [ast.Constant(0.5), ast.Name("x", ast.Load()), ast.Name("p", ast.Load()), *parts[:12]]
                if isinstance(node, ast.Name):
                    plain = plain[:1]
                if not isinstance(node, (ast.Constant, ast.Slice, ast.Starred)) and self.choice < len(plain):
                    self.done = True
                    return plain[self.choice]
                return node
        return self.generic_visit(node)


def expressions(tree: ast.Module) -> list[ast.expr]:
    """What `Replace` counts."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.expr)]


def with_less(tree: ast.Module, number: int) -> Iterator[ast.Module]:
    """A part of an expression for the whole."""
    for choice in range(15):
        change = Replace(number, choice)
        anew = change.visit(copy.deepcopy(tree))
        if not change.done:
            break
        yield anew


def smaller(text: str, still: Callable[[str], bool], most: int = 3000) -> str:
    """The smallest text found of which `still` holds, after `most` trials at the latest."""
    text, tries, before = ast.unparse(ast.parse(text)), 0, ""
    seen: set[str] = set()
    while text != before and tries < most:
        before = text
        for steps, places in ((without_statement, lists_of), (with_less, expressions)):
            number, tree = 0, ast.parse(text)
            while number < len(places(tree)) and tries < most:
                for anew in steps(tree, number):
                    shorter = ast.unparse(ast.fix_missing_locations(anew))
                    if len(shorter) < len(text) and shorter not in seen:
                        seen.add(shorter)
                        tries += 1
                        if parses(shorter) and still(shorter):
                            text, tree = shorter, ast.parse(shorter)
                            break
                else:
                    number += 1
    return text


def parses(text: str) -> bool:
    """Is it Python?"""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # SyntaxWarning, of what is no program
            compile(text, "<smaller>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True
