r"""Which names statements bind: what a branch or loop may change.

>>> assigned_names(gast.parse("a[0] = b = 1\nfor i in c: d += 1").body)
['a', 'b', 'i', 'd']
"""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.read.tree import children, nodes


def assigned_names(body: list[Any]) -> list[str]:
    """Names that statements bind or store into, in source order; nested functions are not entered."""
    names: dict[str, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)):
            for inner in nodes(node):
                if isinstance(inner, gast.NamedExpr):
                    names[inner.target.id] = None
            return
        if isinstance(node, gast.FunctionDef):
            names[node.name] = None
            return
        if isinstance(node, (gast.Import, gast.ImportFrom)):
            names.update({(alias.asname or alias.name).split(".")[0]: None for alias in node.names})
        if isinstance(node, gast.Name) and isinstance(node.ctx, (gast.Store, gast.Param)):
            names[node.id] = None
        if isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Store) and isinstance(node.value, gast.Name):
            names[node.value.id] = None
        for child in children(node):
            visit(child)

    for node in body:
        visit(node)
    return list(names)


def touched_names(node: Any) -> list[str]:
    """Names that a statement binds, or whose object it may change: what is not known after a refused one."""
    names = assigned_names([node])
    target = node.value.func if isinstance(node, gast.Expr) and isinstance(node.value, gast.Call) else None
    for inner in [target, *nodes(node)]:
        stored = isinstance(inner, (gast.Attribute, gast.Subscript)) and isinstance(inner.ctx, gast.Store)
        if inner is not None and (stored or inner is target):
            while isinstance(inner, (gast.Attribute, gast.Subscript)):
                inner = inner.value
                if isinstance(inner, gast.Name):
                    names.append(inner.id)
    return names


def bound_names(body: list[Any]) -> list[str]:
    """Names that statements bind to something, an augmented assignment included; not those stored into."""
    names, stored = assigned_names(body), set(stored_names(body))
    if stored.isdisjoint(names):
        return names
    plain = _plain_names(body)
    return [n for n in names if n not in stored or n in plain]


def _plain_names(body: list[Any]) -> set[str]:
    return {n.id for s in body for n in nodes(s)
            if isinstance(n, gast.Name) and isinstance(n.ctx, (gast.Store, gast.Param))}


def stored_names(body: list[Any]) -> list[str]:
    """Names whose array, list or dict statements store into."""
    return [n.value.id for s in body for n in nodes(s) if isinstance(n, gast.Subscript)
            and isinstance(n.ctx, gast.Store) and isinstance(n.value, gast.Name)]


def augmented_names(body: list[Any]) -> set[str]:
    """Names that augmented assignments alone bind."""
    augmented, plain = set(), set()
    for s in body:
        for n in nodes(s):
            if isinstance(n, gast.AugAssign) and isinstance(n.target, gast.Name):
                augmented.add(n.target)
            elif isinstance(n, gast.Name) and isinstance(n.ctx, (gast.Store, gast.Param)):
                plain.add(n)
    return {n.id for n in augmented} - {n.id for n in plain - augmented}


def local_names(node: gast.FunctionDef) -> frozenset[str]:
    """Names that are local to a function, hence never looked up outside."""
    names = bound_names(node.body)
    params = [a.id for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return frozenset([*names, *params])
