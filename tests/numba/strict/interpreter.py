"""A text for Numba, run by Python: nothing is compiled, and what compiled code does not check is `Broken`.

Compiled code gives whatever lies in memory where an index is not within its axis, where nothing was written, where a
product is written over its own operand, where threads meet.  Here each of these raises, or is NaN.  Numbers are what
they are for Numba: integers of 64 bits, no error on division by zero.  Of what Numba cannot type only text with numbers
in it is found.

>>> f = run('''@numba.njit(error_model="numpy")
... def f(x, n):
...     y = empty(n)
...     for i in numba.prange(1, n):
...         y[i] = x[i - 1] / (i - 1)
...     return y
... ''')
>>> f(np.ones(3), 3)
array([nan, inf,  1.])
>>> f(np.ones(3), 5)
Traceback (most recent call last):
    ...
tests.numba.strict.memory.Broken: index 3 is not within an axis of length 3
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import inspect
import itertools
import linecache
import math
import os
import weakref
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any
from unittest import mock

import numpy as np

from ad_compiler import runtime, store
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.function import CompiledFunction
from ad_compiler.jit import compile as compile_
from tests.numba.strict.arithmetic import BINARY, IN_PLACE, UNARY, as_whole
from tests.numba.strict.library import NUMBA, boxed, converted, instead_of, item_of, without_subclasses
from tests.numba.strict.memory import change, get, put, reset, untyped

OPERATIONS: dict[str, Any] = {
    "_whole": as_whole, "_get": get, "_put": put, "_change": change, "_item": item_of,
    "float": converted(float), "int": converted(int), "issubclass": without_subclasses,
    **{f"_{kind.__name__}": of_both for kind, of_both in BINARY.items()},
    **{f"_in_place_{kind.__name__}": of_both for kind, of_both in IN_PLACE.items()},
    **{f"_{kind.__name__}": of_one for kind, of_one in UNARY.items()},
}


WHOLE = frozenset(f"np.{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)) - {"np.uint64"}

TOO_BIG = "int too big to convert"
"""What Numba says of a whole number of more than 64 bits."""

_numbers = itertools.count(1)


class Rewriter(ast.NodeTransformer):
    """Operators and subscripts become calls."""

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if node.attr == "format" and is_text(node.value):
            raise untyped("Numba has no `format` of text")
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func)
        if name == "check_bound":
            raise untyped("a name may not be bound here")
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "item" and not node.args:
            return called(node, "_item", node.func.value)
        return called(node, "_whole", node.func, *node.args) if name in WHOLE and len(node.args) == 1 else node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        if is_text(node.left) and isinstance(node.op, ast.Mod):
            raise untyped("Numba has no `%` of text")
        self.generic_visit(node)
        return called(node, f"_{type(node.op).__name__}", node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        return called(node, f"_{type(node.op).__name__}", node.operand) if type(node.op) in UNARY else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.generic_visit(node)
        assert isinstance(node.ctx, ast.Load), f"line {node.lineno}: a subscript in a target that is not known"
        return called(node, "_get", node.value, index_of(node.slice))

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        in_place, value = f"_in_place_{type(node.op).__name__}", self.visit(node.value)
        if isinstance(node.target, ast.Subscript):
            array, index = self.visit(node.target.value), index_of(self.visit(node.target.slice))
            name = ast.copy_location(ast.Name(in_place, ast.Load()), node)
            return ast.copy_location(ast.Expr(called(node, "_change", array, index, value, name)), node)
        assert isinstance(node.target, ast.Name)
        before = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
        return ast.copy_location(ast.Assign([node.target], called(node, in_place, before, value)), node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Subscript):
            array, index = self.visit(target.value), index_of(self.visit(target.slice))
            return ast.copy_location(ast.Expr(called(node, "_put", array, index, self.visit(node.value))), node)
        node.value = self.visit(node.value)
        if not isinstance(target, ast.Tuple) or len(node.targets) > 1:
            return node
        stores = []     # a[i], b[j] = … goes by way of names
        for at, item in enumerate(target.elts):
            if isinstance(item, ast.Subscript):
                name = f"_item_{at}"
                target.elts[at] = ast.copy_location(ast.Name(name, ast.Store()), node)
                value = ast.copy_location(ast.Name(name, ast.Load()), node)
                stores.append(self.visit_Assign(ast.copy_location(ast.Assign([item], value), node)))
        return [node, *stores]


def is_text(node: Any) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def called(at: Any, name: str, *args: Any) -> Any:
    """A call, at the place of a node."""
    call = ast.Call(ast.Name(name, ast.Load()), list(args), [])
    ast.copy_location(call, at)
    return ast.copy_location(call.func, at) and call


def index_of(node: Any) -> Any:
    """An index as an expression: slices are calls of `slice`."""
    if isinstance(node, ast.Tuple):
        node.elts = [index_of(part) for part in node.elts]
    elif isinstance(node, ast.Slice):
        nothing = ast.copy_location(ast.Constant(None), node)
        return called(node, "slice", *(part or nothing for part in (node.lower, node.upper, node.step)))
    return node


def is_compiled(node: Any) -> bool:
    return any("njit" in ast.unparse(each) for each in node.decorator_list)


def run_interpreted(text: str, space: dict[str, Any]) -> str:
    """As `run_kept`: define the functions of a text in a namespace, those for Numba as calls of the interpreter."""
    filename = f"<interpreted {next(_numbers)}>"
    linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
    tree = ast.parse(text)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    compiled = [node for node in functions if is_compiled(node)]
    run_nodes([node for node in tree.body if node not in functions], filename, space)
    inner = {name: instead_of(thing) for name, thing in space.items()} | OPERATIONS
    for node in compiled:
        node.decorator_list = []
        run_nodes([Rewriter().visit(node)], filename, inner)
        space[node.name] = entry(inner[node.name])
    run_nodes([node for node in functions if node not in compiled], filename, space)
    return filename


def run_nodes(nodes: list[Any], filename: str, space: dict[str, Any]) -> None:
    exec(compile(ast.fix_missing_locations(ast.Module(nodes, [])), filename, "exec"), space)


def entry(function: FunctionType) -> Callable[..., Any]:
    """A function as Python calls it."""
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(a, np.ndarray) and not a.dtype.isnative for a in args):
            raise CannotDifferentiate("Unsupported array dtype")
        if any(type(a) is int and not -2 ** 63 <= a < 2 ** 64 for a in args):
            raise OverflowError(TOO_BIG)
        reset()
        with np.errstate(all="ignore"):
            return boxed(function(*args, **kwargs))
    return call


def run(text: str, **names: Any) -> Callable[..., Any]:
    """The last function of a text, which knows the helpers and these names."""
    space: dict[str, Any] = {**vars(runtime), "np": np, "math": math, "numba": NUMBA, **names}
    run_interpreted(text, space)
    return space[ast.parse(text).body[-1].name]     # type: ignore[attr-defined]


@contextlib.contextmanager
def interpreted(kept: bool = False) -> Iterator[None]:
    """Derivatives for Numba that are made in this context are run by Python; `kept`: records of them are, on disk."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(compile_, "run_kept", run_interpreted))
        if kept:
            stack.enter_context(mock.patch.object(store, "run_kept", run_interpreted))
            stack.enter_context(mock.patch.object(store, "_is_of_text", is_of_text))
        else:
            stack.enter_context(mock.patch.dict(os.environ, {"AD_COMPILER_STORE": "0"}))
        forget()
        yield
    forget()


def is_of_text(thing: Any, filename: str) -> bool:
    """Is this a function of a text, or a call of one?"""
    thing = inspect.getattr_static(thing, "__wrapped__", thing)
    return isinstance(thing, FunctionType) and thing.__code__.co_filename == filename


def forget() -> None:
    """What gradient functions have compiled so far was for the other way."""
    for made in list(_made):
        made.cache_clear()


def note_all() -> weakref.WeakSet[CompiledFunction]:
    """All functions that transforms have made and will make."""
    known = weakref.WeakSet([thing for thing in gc.get_objects()
                             if issubclass(type(thing), CompiledFunction)])     # isinstance asks a proxy for its own
    init = CompiledFunction.__init__

    @functools.wraps(init)
    def noted(self: CompiledFunction, spec: Any) -> None:
        init(self, spec)
        known.add(self)
    CompiledFunction.__init__ = noted       # type: ignore[method-assign]
    return known


_made = note_all()
_running: list[Any] = []


def interpret_all(wanted: bool) -> None:
    """Whether derivatives for Numba are run by Python from here on."""
    if wanted and not _running:
        _running.append(interpreted())
        _running[0].__enter__()
    elif _running and not wanted:
        _running.pop().__exit__(None, None, None)
