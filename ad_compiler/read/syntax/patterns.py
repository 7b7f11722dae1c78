"""`match` becomes `if`, `elif`, `else`: each case asks whether its pattern matches, binds names, and asks its guard.

What a pattern asks stays one expression, `Matches`; `read.expressions.matching` answers it.  What the subject is, and
what a pattern captures, goes by names that no program can have.

>>> node = gast.parse('''
... match x.shape:
...     case (n,):
...         y = n
...     case (n, m) if m > n:
...         y = n * m
...     case _:
...         y = 0
... ''')
>>> (subject, chain) = without_match(node.body)
>>> ast.unparse(gast.gast_to_ast(subject)), type(chain.test).__name__, chain.test.captures
('.m1.subject = x.shape', 'Matches', ['n'])
>>> [ast.unparse(gast.gast_to_ast(stmt)) for stmt in chain.body]
['n = .m1.n', 'y = n']
>>> (second,) = chain.orelse
>>> second.test.values[0].captures, ast.unparse(gast.gast_to_ast(second.test.values[1]))
(['n', 'm'], '((n := .m1.n), (m := .m1.m), m > n)[-1]')
>>> ast.unparse(gast.gast_to_ast(second.orelse[0]))
'y = 0'
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any

import gast

from ad_compiler.read.syntax.made_up import assign, load, placed, store
from ad_compiler.read.syntax.tree import children


class Matches(ast.AST):
    """Does a subject match a pattern?  Each of its `captures` is bound to the target in the same place, if it does."""

    _attributes = ("lineno", "col_offset", "end_lineno", "end_col_offset")

    def __init__(self, subject: Any, pattern: Any, captures: list[str], targets: list[Any]) -> None:
        self.subject, self.pattern, self.captures, self.targets = subject, pattern, captures, targets


def without_match(body: list[Any], numbers: Iterator[int] | None = None) -> list[Any]:
    """Statements that do as these, and hold no `match`; functions inside stay as they are."""
    numbers = numbers or itertools.count(1)
    out: list[Any] = []
    for node in body:
        if isinstance(node, gast.Match):
            out += _chain(node, f".m{next(numbers)}.", numbers)
            continue
        if not isinstance(node, (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                if getattr(node, field, None):
                    setattr(node, field, without_match(getattr(node, field), numbers))
        out.append(node)
    return out


def names_bound(pattern: Any) -> list[str]:
    """The names that a pattern captures, in the order of the text."""
    found: dict[str, bool] = {}
    stack = [pattern]
    while stack:
        node = stack.pop()
        if isinstance(node, gast.MatchMapping) and node.rest is not None:
            stack.append(gast.MatchStar(node.rest))
        elif isinstance(node, (gast.MatchAs, gast.MatchStar)) and node.name is not None:
            found[node.name] = True
        stack += reversed(children(node))
    return list(found)


def _chain(node: Any, prefix: str, numbers: Iterator[int]) -> list[Any]:
    """One `match` as the `if` that it stands for."""
    subject = f"{prefix}subject"
    orelse: list[Any] = []
    for case in reversed(node.cases):
        body = without_match(case.body, numbers)
        if isinstance(case.pattern, gast.MatchAs) and case.pattern.pattern is None:     # a name, or `_`: it matches
            name = case.pattern.name
            bind = [] if name is None else [assign(name, load(subject))]
            orelse = bind + (body if case.guard is None else [gast.If(case.guard, body, orelse)])
        else:
            captures = names_bound(case.pattern)
            test: Any = Matches(load(subject), case.pattern, captures, [store(prefix + name) for name in captures])
            if case.guard is not None:
                bound = [gast.NamedExpr(store(name), load(prefix + name)) for name in captures]
                guard = gast.Subscript(gast.Tuple([*bound, case.guard], gast.Load()), gast.Constant(-1, None),
                                       gast.Load()) if bound else case.guard
                test = gast.BoolOp(gast.And(), [test, guard])
            orelse = [gast.If(test, [*(assign(name, load(prefix + name)) for name in captures), *body], orelse)]
        for made in orelse:
            placed(made, case.pattern)
    return [placed(assign(subject, node.subject), node), *orelse]
