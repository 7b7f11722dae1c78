r"""Which names statements bind: what a branch or loop may change.

>>> assigned_names(gast.parse("a[0] = b = 1\nfor i in c: d += 1").body)
['a', 'b', 'i', 'd']
>>> bound_names(gast.parse("a[0] = b = 1").body)
['b']
"""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.read.syntax.patterns import names_bound
from ad_compiler.read.syntax.tree import children, nodes


def assigned_names(body: list[Any]) -> list[str]:
    """Names that statements bind or store into, in source order; nested functions are not entered."""
    return list(_names(body))


def bound_names(body: list[Any]) -> list[str]:
    """Names that statements bind to something, an augmented assignment included; not those stored into."""
    return [name for name, bound in _names(body).items() if bound]


def _names(body: list[Any]) -> dict[str, bool]:
    """`assigned_names`, and whether each is bound."""
    names: dict[str, bool] = {}
    for node in body:
        _note_names(node, names)
    return names


def _note_names(node: Any, names: dict[str, bool]) -> None:
    if isinstance(node, gast.Name):
        if isinstance(node.ctx, (gast.Store, gast.Param)):
            names[node.id] = True
        return
    if isinstance(node, (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)):
        for inner in nodes(node):
            if isinstance(inner, gast.NamedExpr):
                names[inner.target.id] = True
        return
    if isinstance(node, gast.FunctionDef):
        names[node.name] = True
        return
    if isinstance(node, (gast.Import, gast.ImportFrom)):
        names.update({(alias.asname or alias.name).split(".")[0]: True for alias in node.names})
    if isinstance(node, gast.match_case):
        names.update(dict.fromkeys(names_bound(node.pattern), True))
    if isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Store) and isinstance(node.value, gast.Name):
        names.setdefault(node.value.id, False)
    for child in children(node):
        _note_names(child, names)


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
    return frozenset([*names, *parameters_of(node)])


def parameters_of(node: Any) -> list[str]:
    """The names of a function's parameters."""
    spec = node.args
    more = [p for p in (spec.vararg, spec.kwarg) if p is not None]
    return [p.id for p in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *more)]
