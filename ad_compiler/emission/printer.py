"""Text by astor, one statement at a time, with remarks at the end of lines.

Nothing else in the package knows of astor.

>>> import ast
>>> expression(ast.parse("-(x**2)*a[1:-1, ::2].T@(1.0-h)", mode="eval").body)
'-x ** 2 * a[1:-1, ::2].T @ (1.0 - h)'
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

import gast

with warnings.catch_warnings():     # astor asks `ast` for classes that are deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor.code_gen import SourceGenerator, set_precedence
    from astor.op_util import Precedence
    from astor.string_repr import pretty_string

COLUMN = 44


class Generator(SourceGenerator):  # type: ignore[misc]
    """astor's generator, with one handler for constants on every Python."""

    def visit_Constant(self, node: ast.Constant) -> None:
        """A literal.  Negative numbers bind as a minus sign does."""
        value = node.value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and repr(value).startswith("-"):
            with self.delimit(node, ast.USub()):
                self.write(repr(value))
            return
        self.write("..." if value is Ellipsis else repr(value))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """`-x`; a constant after the sign needs no brackets."""
        with self.delimit(node, node.op) as delimiters:
            set_precedence(delimiters.p, node.operand)
            symbol = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not "}[type(node.op)]
            self.write(symbol, node.operand)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`a[i, j]`, without brackets round the index."""
        set_precedence(Precedence.Comma - 1 if hasattr(Precedence, "Comma") else node, node.slice)
        self.write(node.value, "[")
        if isinstance(node.slice, ast.Tuple) and node.slice.elts:
            for at, item in enumerate(node.slice.elts):
                set_precedence(Precedence.Comma, item)
                self.write(", " if at else "", item)
            self.write("," if len(node.slice.elts) == 1 else "")
        else:
            self.write(node.slice)
        self.write("]")


def _to_source(node: ast.AST) -> str:
    generator = Generator(" " * 4, False, pretty_string)
    generator.visit(node)
    generator.result.append("\n")
    if set(generator.result[0]) == {"\n"}:
        generator.result[0] = ""
    return "".join(str(s) for s in generator.result).strip("\n")


def expression(node: Any) -> str:
    """Text of an expression."""
    return _to_source(ast.fix_missing_locations(ast.Expr(node)))


def function(node: gast.FunctionDef) -> str:
    """Text of a function; a statement's `remark` stands at the end of its first line, `above` before it."""
    args = ", ".join(a.id for a in node.args.args)
    lines = [f"def {node.name}({args}):"]
    _body(node.body, "    ", lines)
    return "\n".join(lines) + "\n"


def _body(body: list[Any], pad: str, lines: list[str]) -> None:
    for stmt in body or [gast.Pass()]:
        _statement(stmt, pad, lines)


def _statement(stmt: Any, pad: str, lines: list[str], word: str = "") -> None:
    above = getattr(stmt, "above", None)
    if above:
        lines.append(f"{pad}# {above}")
    if isinstance(stmt, gast.If):
        lines.append(_remarked(f"{pad}{word or 'if'} {_text(stmt.test)}:", stmt))
        _body(stmt.body, pad + "    ", lines)
        if len(stmt.orelse) == 1 and isinstance(stmt.orelse[0], gast.If):
            _statement(stmt.orelse[0], pad, lines, "elif")
        elif stmt.orelse:
            lines.append(f"{pad}else:")
            _body(stmt.orelse, pad + "    ", lines)
        return
    if isinstance(stmt, gast.For):
        lines.append(_remarked(f"{pad}for {_text(stmt.target)} in {_text(stmt.iter)}:", stmt))
        _body(stmt.body, pad + "    ", lines)
        return
    if isinstance(stmt, gast.While):
        lines.append(_remarked(f"{pad}while {_text(stmt.test)}:", stmt))
        _body(stmt.body, pad + "    ", lines)
        return
    text = _to_source(ast.fix_missing_locations(gast.gast_to_ast(stmt)))
    first, *rest = text.split("\n")
    lines.append(_remarked(pad + first, stmt))
    lines += [pad + line for line in rest]


def _text(node: Any) -> str:
    return expression(gast.gast_to_ast(node))


def _remarked(line: str, stmt: Any) -> str:
    remark = getattr(stmt, "remark", None)
    return f"{line:<{COLUMN - 2}}  # {remark}" if remark else line

