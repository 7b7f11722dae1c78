r"""Which names statements bind: what a branch or loop may change.

>>> assigned_names(gast.parse("a[0] = b = 1\nfor i in c: d += 1").body)
['a', 'b', 'i', 'd']
"""

from __future__ import annotations

from typing import Any

import gast


def assigned_names(body: list[Any]) -> list[str]:
    """Names that statements bind or store into, in source order; nested functions are not entered."""
    names: dict[str, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)):
            for inner in gast.walk(node):
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
        for child in gast.iter_child_nodes(node):
            visit(child)

    for node in body:
        visit(node)
    return list(names)


def touched_names(node: Any) -> list[str]:
    """Names that a statement binds, or whose object it may change: what is not known after a refused one."""
    names = assigned_names([node])
    target = node.value.func if isinstance(node, gast.Expr) and isinstance(node.value, gast.Call) else None
    for inner in [target, *gast.walk(node)]:
        stored = isinstance(inner, (gast.Attribute, gast.Subscript)) and isinstance(inner.ctx, gast.Store)
        if inner is not None and (stored or inner is target):
            while isinstance(inner, (gast.Attribute, gast.Subscript)):
                inner = inner.value
                if isinstance(inner, gast.Name):
                    names.append(inner.id)
    return names
