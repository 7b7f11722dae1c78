"""Generators that are consumed where they are made: their statements are read in place of the loop.

`for t in g(x): body` becomes the statements of `g`, with `t = v; body` in place of each `yield v`.  The names
of the generator begin with a dot and a number, which no other name does.

>>> from ad_compiler import grad
>>> def powers(x, n):
...     p = x
...     for _ in range(n):
...         yield p
...         p = p * x
>>> def f(x):
...     s = 0.0
...     for p in powers(x, 3):
...         s = s + p
...     return s
>>> grad(f)(2.0)
17.0
"""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.read.names.scopes import Scope
from ad_compiler.read.parse import Source
from ad_compiler.read.syntax.bindings import local_names, parameters_of
from ad_compiler.read.syntax.made_up import assign, load, loops_around, placed, store
from ad_compiler.read.syntax.normalise import normalise
from ad_compiler.read.syntax.patterns import without_match
from ad_compiler.read.syntax.tree import children, copy_tree, kept_with, nodes, types_in

ITEM = ".item"
YIELDS = (gast.Yield, gast.YieldFrom)


class Inlined(gast.stmt):      # type: ignore[misc]
    """Statements of another function than those around them."""

    _fields = ("body",)
    _attributes = ("lineno", "col_offset")
    body: list[Any]
    source: Source


class Outside:
    """Where the names are looked up that a generator does not bind."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope


class Spliced:
    """The statements of a generator with those of its consumer in them.

    `prefix` begins the names of the generator; `world` is set anew for each time that they are read.
    """

    def __init__(self, body: list[Any], prefix: str, world: Outside) -> None:
        self.body, self.prefix, self.world = body, prefix, world


def splice(node: Any, source: Source, number: int, each: list[Any], consumer: Source, stop: str | None) -> Spliced:
    """The statements of a generator function, with `each` after each `yield`.

    `each` reads the item as the name `item_name(number)`; `stop` is the flag that says that it leaves the loop.
    """
    node = copy_tree(node)
    yields = _Yields(each, consumer, stop)
    if isinstance(node, gast.GeneratorExp):
        node = _as_function(node)
    node.body = yields.block(without_match(node.body))
    plain = normalise(node)
    prefix, world = f".{number}.", Outside(None)
    names = _Names(prefix, world)
    local = local_names(plain) | {ITEM}
    for stmt in plain.body:
        names.visit(stmt, dict.fromkeys(local), frozenset())
    whole = Inlined(plain.body[:-1])
    whole.source = source
    gast.copy_location(whole, node)
    return Spliced([whole], prefix, world)


def item_name(number: int) -> str:
    """The name of what was yielded last."""
    return f".{number}.{ITEM}"


@kept_with
def is_generator(node: Any) -> bool:
    """Does this function hold a `yield` of its own?"""
    return isinstance(node, gast.FunctionDef) and not types_in(node).isdisjoint(YIELDS) \
        and any(map(_yields, node.body))


def yields_in(stmt: Any) -> list[Any]:
    """The `yield`s of a function in a statement, those of functions inside left out."""
    found, stack = [], [stmt]
    while stack:
        inner = stack.pop()
        if isinstance(inner, YIELDS):
            found.append(inner)
        if not isinstance(inner, (gast.FunctionDef, gast.Lambda, gast.ClassDef, Inlined)):
            stack += children(inner)
    return found


def _yields(stmt: Any) -> bool:
    return bool(yields_in(stmt))


def _as_function(node: gast.GeneratorExp) -> gast.FunctionDef:
    """A generator expression as the generator function that it stands for."""
    body = loops_around(node.generators, gast.Expr(gast.Yield(node.elt)))
    spec = gast.arguments([], [], None, [], [], None, [])
    made: gast.FunctionDef = placed(gast.FunctionDef("<genexpr>", spec, [body], [], None, None, []), node)
    return made


class _Yields:
    """Puts the consumer's statements in place of each `yield`."""

    def __init__(self, each: list[Any], consumer: Source, stop: str | None) -> None:
        self.each, self.consumer, self.stop = each, consumer, stop

    def block(self, body: list[Any]) -> list[Any]:
        out: list[Any] = []
        for stmt in body:
            value = stmt.value if isinstance(stmt, gast.Expr) else None
            if isinstance(value, gast.Yield):
                out += self.one(value.value or gast.Constant(None, None), stmt)
            elif isinstance(value, gast.YieldFrom):
                loop = gast.For(store(".from"), value.value, self.one(load(".from"), stmt), [], None)
                out.append(placed(loop, stmt))
            else:
                for field in ("body", "orelse", "finalbody"):
                    if not isinstance(stmt, (gast.FunctionDef, gast.ClassDef)) and getattr(stmt, field, None):
                        setattr(stmt, field, self.block(getattr(stmt, field)))
                out.append(stmt)
        return out

    def one(self, value: Any, old: Any) -> list[Any]:
        """`item = value`, what the consumer does with it, and its way out."""
        piece = Inlined(list(self.each))
        piece.source = self.consumer
        out = [placed(assign(ITEM, value), old), placed(piece, old)]
        if self.stop is not None:
            flag = load(self.stop)
            flag.ours = True
            out.append(placed(gast.If(flag, [gast.Return(None)], []), old))
        return out


class _Names:
    """Renames what a generator binds, and says of other names where they are looked up."""

    def __init__(self, prefix: str, world: Outside) -> None:
        self.prefix, self.world = prefix, world

    def visit(self, node: Any, local: dict[str, None], inner: frozenset[str]) -> None:
        """`local` are the names of the generator, `inner` those of functions and comprehensions inside it."""
        if isinstance(node, Inlined) or getattr(node, "ours", False):
            return
        if isinstance(node, gast.Name):
            if node.id in inner:
                return
            if node.id in local:
                node.id = self.prefix + node.id
            else:
                node.world = self.world
            return
        if isinstance(node, (gast.For, gast.While)) and getattr(node, "leave", None) in local:
            node.leave = self.prefix + node.leave
        if isinstance(node, (gast.FunctionDef, gast.Lambda)):
            self._function(node, local, inner)
        elif isinstance(node, (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)):
            own = inner | {n.id for gen in node.generators for n in nodes(gen.target) if isinstance(n, gast.Name)}
            self.visit(node.generators[0].iter, local, inner)
            for at, gen in enumerate(node.generators):
                for part in (gen.target, *gen.ifs, *([gen.iter] if at else [])):
                    self.visit(part, local, own)
            for part in (node.key, node.value) if isinstance(node, gast.DictComp) else (node.elt,):
                self.visit(part, local, own)
        else:
            for child in children(node):
                self.visit(child, local, inner)

    def _function(self, node: Any, local: dict[str, None], inner: frozenset[str]) -> None:
        for part in (*node.args.defaults, *node.args.kw_defaults, *getattr(node, "decorator_list", ())):
            if part is not None:
                self.visit(part, local, inner)
        own = inner | set(parameters_of(node))
        if isinstance(node, gast.FunctionDef):
            own |= local_names(node)
            if node.name in local and node.name not in inner:
                node.name = self.prefix + node.name
        for stmt in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(stmt, local, own)
