r"""Text from a tree: the only place that knows of astor.

astor 0.8.1 names `ast` classes that later Pythons drop and wraps long lines; the handlers that do are replaced
here.  Comments are not part of a tree: they are given by the `lineno` of the statement that they belong to.

>>> import ast
>>> tree = ast.parse("def f(x):\n    y = 1e-05 * (x[1:-1, 0]) ** (-2.0)\n    return (x, y)")
>>> tree.body[0].body[0].lineno = 1
>>> print(render(tree.body[0], comments={1: "line 2"}), end="")
def f(x):
    y = 1e-05 * x[1:-1, 0] ** -2.0          # line 2
    return x, y
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

with warnings.catch_warnings():     # astor asks `ast` for classes that are deprecated
    warnings.simplefilter("ignore")
    from astor.code_gen import SourceGenerator, set_precedence
    from astor.op_util import Precedence

COLUMN = 44
"""Where end-of-line comments start."""


def render(tree: Any, comments: dict[int, str] | None = None, above: dict[int, str] | None = None) -> str:
    """The text of a function or module.

    `comments`: by a statement's `lineno`, what stands at the end of its line; `above`: on a line before it.
    """
    return _print(tree, comments, above).lstrip("\n") + "\n"


def expression(tree: Any) -> str:
    """The text of an expression."""
    return _print(ast.Expr(tree), None, None).strip()


def _print(tree: ast.AST, comments: dict[int, str] | None, above: dict[int, str] | None) -> str:
    printer = _Printer(comments or {}, above or {})
    printer.visit(tree)
    text = "".join(printer.result)
    printer.__dict__.clear()       # it refers to itself, and would wait for the garbage collector
    return text


METHODS = {cls: f"visit_{cls.__name__}" for cls in vars(ast).values()
           if isinstance(cls, type) and issubclass(cls, ast.AST)}
"""By the class of a node, what prints it."""


class _Printer(SourceGenerator):  # type: ignore[misc]
    """astor's generator, with comments, without wrapped lines."""

    def __init__(self, comments: dict[int, str], above: dict[int, str]) -> None:
        super().__init__("    ")
        self.comments, self.above = comments, above

    def visit(self, node: ast.AST) -> None:
        """As astor does, which makes the name of the method each time."""
        getattr(self, METHODS[type(node)])(node)

    def body(self, statements: list[ast.stmt]) -> None:
        """Statements one level further in, with their comments."""
        self.indentation += 1
        for node in statements:
            key = getattr(node, "lineno", 0)
            if key in self.above:
                self.statement(node, f"# {self.above[key]}")
            self.write(node)
            if key in self.comments:
                line = "".join(self.result[-80:]).rpartition("\n")[2]
                self.write(" " * max(COLUMN - len(line), 2), f"# {self.comments[key]}")
        self.indentation -= 1

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            self.statement(decorator, "@", decorator)
        self.statement(node, f"def {node.name}(")
        self.visit_arguments(node.args)
        self.write("):")
        self.body(node.body)

    def visit_arguments(self, node: ast.arguments) -> None:
        positional = [*node.posonlyargs, *node.args]
        defaults: list[ast.expr | None] = [*[None] * (len(positional) - len(node.defaults)), *node.defaults]
        parts: list[tuple[Any, ...]] = []
        for at, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
            parts.append((arg,) if default is None else (arg, "=", default))
            if at == len(node.posonlyargs) - 1:
                parts.append(("/",))
        if node.vararg is not None or node.kwonlyargs:
            parts.append(("*",) if node.vararg is None else ("*", node.vararg))
        for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            parts.append((arg,) if default is None else (arg, "=", default))
        if node.kwarg is not None:
            parts.append(("**", node.kwarg))
        for at, part in enumerate(parts):
            set_precedence(Precedence.Comma, *(item for item in part if isinstance(item, ast.expr)))
            self.write(", " if at else "", *part)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self.delimit(node) as delimiters:
            set_precedence(delimiters.p, node.body)
            spec = node.args
            empty = not (spec.args or spec.posonlyargs or spec.vararg or spec.kwonlyargs or spec.kwarg)
            self.write("lambda" if empty else "lambda ")
            self.visit_arguments(spec)
            self.write(": ", node.body)

    def visit_Raise(self, node: ast.Raise) -> None:
        set_precedence(Precedence.Comma, node.exc, node.cause)
        self.statement(node, "raise")
        self.conditional_write(" ", node.exc)
        self.conditional_write(" from ", node.cause)

    def visit_Assert(self, node: ast.Assert) -> None:
        set_precedence(Precedence.Comma, node.test, node.msg)
        self.statement(node, "assert ", node.test)
        self.conditional_write(", ", node.msg)

    def visit_For(self, node: ast.For) -> None:
        set_precedence(Precedence.Comma, node.iter)
        set_precedence(node, node.target)
        self.statement(node, "for ", node.target, " in ", node.iter, ":")
        self.body_or_else(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) and self.indentation:
            self.statement(node, *self._docstring(node.value.value))
            return
        set_precedence(node, node.value)
        self.statement(node, node.value)

    def _docstring(self, text: str) -> list[str]:
        lines = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
        pad = "    " * self.indentation
        if lines[-1].endswith('"'):
            lines[-1] = lines[-1][:-1] + '\\"'
        inner = [f"\n{pad}{line}" if line.strip() else "\n" for line in lines[1:]]
        return ['"""', lines[0], *inner, f"\n{pad}" if inner and lines[-1].strip() else "", '"""']

    def visit_Attribute(self, node: ast.Attribute) -> None:
        number = isinstance(node.value, ast.Constant) and isinstance(node.value.value, (int, float, complex)) \
            and not isinstance(node.value.value, bool)
        self.write(*("(", node.value, ")") if number else (node.value,), ".", node.attr)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if value is Ellipsis:
            self.write("...")
        elif isinstance(value, str) and "'" not in value and '"' not in value:
            self.write(f'"{repr(value)[1:-1]}"')
        else:
            self.write(repr(value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write(ast.unparse(node))

    def visit_Dict(self, node: ast.Dict) -> None:
        set_precedence(Precedence.Comma, *node.values, *(key for key in node.keys if key is not None))
        with self.delimit("{}"):
            for at, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
                self.write(", " if at else "", *("**",) if key is None else (key, ": "), value)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        with self.delimit(node) as delimiters:
            starred = any(isinstance(item, (ast.Starred, ast.Slice)) for item in node.elts)
            delimiters.discard = bool(delimiters.discard and node.elts) or starred and delimiters.discard
            self.comma_list(node.elts, len(node.elts) == 1)
