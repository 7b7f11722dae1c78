"""Python's exits become plain data flow: one `return`, at the end, and no `break` or `continue`.

What follows an exit moves into the other arm; where that would copy code, a flag guards it.  A loop that is
left early names, in its attribute `leave`, the flag that says so at the end of each iteration.

>>> node = normalise(gast.parse('''
... def root(x):
...     if x < 0:
...         return 0.0
...     y = x
...     while True:
...         new = 0.5 * (y + x / y)
...         if abs(new - y) < 1e-9:
...             break
...         y = new
...     return y
... ''').body[0])
>>> print(show(node))
def root(x):
    if x < 0:
        _ret = 0.0
    else:
        y = x
        while True:
            _left = False
            new = 0.5 * (y + x / y)
            if abs(new - y) < 1e-09:
                _left = True
            else:
                y = new
            if _left:
                break
        _ret = y
    return _ret
"""

from __future__ import annotations

import ast
import functools
from typing import Any

import gast

from ad_compiler.read.syntax.completions import EXITS, Statements, Way, is_endless, live, ways
from ad_compiler.read.syntax.made_up import assign, load, placed
from ad_compiler.read.syntax.patterns import without_match
from ad_compiler.read.syntax.supported import check_supported
from ad_compiler.read.syntax.tree import children, copy_tree, nodes, types_in


class _Loop:
    """The loop around a statement: the flags that its exits set."""

    def __init__(self) -> None:
        self.leave: str | None = None
        self.broke: str | None = None       # a `break` that the user wrote, where `leave` says more than that
        self.skip: str | None = None


class _Around:
    """Where a statement stands: its loop, exits that must be flagged, and flags known to be False."""

    def __init__(self, loop: _Loop | None = None, flagged: Way = Way.NONE, clear: frozenset[str] = frozenset()) -> None:
        self.loop, self.flagged, self.clear = loop, flagged, clear

    def but(self, flagged: Way = Way.NONE, clear: frozenset[str] = frozenset()) -> _Around:
        return _Around(self.loop, self.flagged | flagged, self.clear | clear)


def normalise(node: gast.FunctionDef | gast.Lambda) -> gast.FunctionDef:
    """A copy of a function with one exit.

    Its attribute `synthetic` holds the names that were made up; every loop gains an attribute `leave`, the
    name of a flag, or None where only its test or its iterable ends it.  Functions inside stay as they are.
    """
    types_in(node)
    exits, node = _Exits(node), copy_tree(node)
    if isinstance(node, gast.Lambda):
        body = [placed(gast.Return(node.body), node.body)]
        node = placed(gast.FunctionDef("<lambda>", node.args, body, [], None, None, []), node)
    if gast.Match in types_in(node):
        node.body = without_match(node.body)
        del node.types
    body = live(node.body[1:] if _is_docstring(node.body[0]) else node.body)
    if Way.FALL in ways(body):
        body.append(placed(gast.Return(gast.Constant(None, None)), body[-1] if body else node))
    simple = isinstance(body[-1], gast.Return) and Way.RETURN not in ways(body[:-1])
    if simple:
        node.body = [*exits.block(body[:-1], _Around()), body[-1]]
    elif Way.RETURN not in ways(body):
        end = placed(gast.Return(gast.Constant(None, None)), body[-1])
        node.body = [*exits.block(body, _Around()), end]
    else:
        end = placed(gast.Return(load(exits.result)), _last_return(body))
        node.body = [*exits.block(body, _Around()), end]
    node.synthetic = exits.synthetic
    return node


class _Exits:
    """Rewrites the statements of one function."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.synthetic: set[str] = set()
        self._result: str | None = None
        self._returned: str | None = None

    @functools.cached_property
    def used(self) -> set[str]:
        """Names that there are already; most functions need no other."""
        return {name for inner in nodes(self.node) for name in _names(inner)}

    @property
    def result(self) -> str:
        """The variable for the value that is returned."""
        self._result = self._result or self.fresh("_ret")
        return self._result

    @property
    def returned(self) -> str:
        """The flag that says that it has been set."""
        self._returned = self._returned or self.fresh("_returned")
        return self._returned

    def fresh(self, base: str) -> str:
        name, count = base, 1
        while name in self.used:
            count += 1
            name = f"{base}_{count}"
        self.used.add(name)
        self.synthetic.add(name)
        return name

    def arm(self, body: Statements, around: _Around, old: Any) -> Statements:
        """A block that may not be empty."""
        return self.block(body, around) or [placed(gast.Pass(), old)]

    def block(self, body: Statements, around: _Around) -> Statements:
        """Statements without exits that do as these."""
        out: Statements = []
        todo = list(reversed(body))
        while todo:
            node = todo.pop()
            if isinstance(node, gast.Pass):
                continue
            exits = ways([node])
            if isinstance(node, (gast.Return, gast.Break, gast.Continue)):
                return out + self.exit(node, around)
            if isinstance(node, (gast.If, gast.With, gast.Try)) and exits & EXITS:
                return out + self.fork(node, exits, todo[::-1], around)
            if isinstance(node, (gast.If, gast.With, gast.Try)):
                node.body = self.arm(node.body, around, node)
                if isinstance(node, gast.If):
                    node.orelse = self.block(node.orelse, around)
                if isinstance(node, gast.Try):
                    node.finalbody = self.arm(node.finalbody, around, node)
            if isinstance(node, (gast.For, gast.While)):
                returns = Way.RETURN in ways(node.body)
                before, after = self.loop(node, around)
                out += [*before, node]
                if returns:
                    rest = None if after is None else after + todo[::-1]
                    return out + self.after_return(node, rest, len(out) - 1 - len(before), out, around)
                if after is None:
                    return out
                todo += reversed(after)
            else:
                out.append(node)
                if Way.FALL not in exits:
                    return out
        return out

    def exit(self, node: Any, around: _Around) -> Statements:
        """`return`, `break` and `continue` set what those who come after them read."""
        loop, out = around.loop, []
        flags: list[str | None] = []
        if isinstance(node, gast.Return):
            value = gast.Constant(None, None) if node.value is None else node.value
            out.append(placed(assign(self.result, value), node))
            if loop is not None or Way.RETURN in around.flagged:
                flags.append(self.returned)
        if loop is not None and not isinstance(node, gast.Continue):
            flags.append(loop.leave)
        if isinstance(node, gast.Break) and loop is not None and not getattr(node, "quiet", False):
            flags.append(loop.broke)
        if isinstance(node, gast.Continue) and loop is not None and Way.CONTINUE in around.flagged:
            flags.append(loop.skip)
        return out + [_set(flag, True, node) for flag in dict.fromkeys(flags) if flag is not None]

    def fork(self, node: Any, exits: Way, rest: Statements, around: _Around) -> Statements:
        """An `if`, a `with` or a `try` that holds an exit, and what follows it."""
        if isinstance(node, gast.If) and Way.FALL not in ways(node.body):
            node.orelse, rest = node.orelse + rest, []
        elif isinstance(node, gast.If) and Way.FALL not in ways(node.orelse):
            node.body, rest = node.body + rest, []
        rest = [] if Way.FALL not in exits else [s for s in rest if not isinstance(s, gast.Pass)]
        if rest and isinstance(rest[0], gast.Continue) and Way.CONTINUE not in around.flagged:
            rest = []       # the iteration ends here with or without it
        flags = self.flags(exits, around.loop) if rest else []
        inside = around.but(exits & EXITS if rest else Way.NONE, frozenset(flags))
        node.body = self.arm(node.body, inside, node)
        if isinstance(node, gast.If):
            node.orelse = self.block(node.orelse, inside)
        if isinstance(node, gast.Try):
            node.finalbody = self.arm(node.finalbody, around, node)
        out = [_set(flag, False, node) for flag in flags if flag not in around.clear]
        out.append(node)
        if rest:
            guarded = self.block(rest, around.but(clear=frozenset(flags)))
            out.append(placed(gast.If(_none_of(flags), guarded, []), node))
        return out

    def flags(self, exits: Way, loop: _Loop | None) -> list[str]:
        """The flags that tell whether one of these exits was taken."""
        flags = []
        if loop is None:
            return [self.returned]
        if exits & (Way.BREAK | Way.RETURN):
            assert loop.leave is not None
            flags.append(loop.leave)
        if Way.CONTINUE in exits:
            loop.skip = loop.skip or self.fresh("_skip")
            flags.append(loop.skip)
        return flags

    def loop(self, node: Any, around: _Around) -> tuple[Statements, Statements | None]:
        """Rewrite a loop; what goes before it, and its `else` (None where what follows is never reached)."""
        exits, ends = ways(node.body), not is_endless(node)
        orelse, node.orelse = node.orelse if ends else [], []
        walrus = isinstance(node, gast.While) and _has_walrus(node.test)
        loop, before = _Loop(), []
        if Way.BREAK in exits or walrus:
            loop.leave = self.fresh("_left")
        elif Way.RETURN in exits:
            loop.leave = self.returned
        if orelse and Way.BREAK in exits:
            flag = loop.leave
            if walrus:
                flag = loop.broke = self.fresh("_broke")
            before = [_set(flag, False, node)]
            orelse = [placed(gast.If(_none_of([flag]), orelse, []), node)]
        if walrus:      # the test binds names in each iteration: it becomes part of the body
            stop = placed(gast.Break(), node)
            stop.quiet = True
            node.body = [placed(gast.If(node.test, node.body, [stop]), node)]
            node.test = placed(gast.Constant(True, None), node)
        node.leave = loop.leave
        first = [] if loop.leave is None else [_set(loop.leave, False, node)]
        clear = frozenset() if loop.leave is None else frozenset([loop.leave])
        node.body = first + self.block(node.body, _Around(loop, clear=clear)) or [placed(gast.Pass(), node)]
        return before, orelse if ends or Way.BREAK in exits else None

    def after_return(self, node: Any, rest: Statements | None, at: int, out: Statements, around: _Around) -> Statements:
        """What follows a loop that holds a `return`; the loop around it is left as well."""
        outer = None if around.loop is None else around.loop.leave
        passed_on = [] if outer is None or outer == self.returned else [_set(outer, True, node)]
        if rest is None:
            return passed_on
        rest = self.block(rest, around.but(clear=frozenset([self.returned])))
        if not passed_on and not rest:
            return []
        if self.returned not in around.clear:
            out.insert(at, _set(self.returned, False, node))
        if passed_on:
            return [placed(gast.If(load(self.returned), passed_on, rest), node)]
        return [placed(gast.If(_none_of([self.returned]), rest, []), node)]


def show(node: gast.FunctionDef) -> str:
    """A normalised function as Python; each `leave` is shown as the `break` that it stands for."""
    node = copy_tree(node)
    for inner in nodes(node):
        if getattr(inner, "leave", None) is not None:
            inner.body.append(placed(gast.If(load(inner.leave), [gast.Break()], []), inner))
    return ast.unparse(gast.gast_to_ast(node))


def _is_docstring(node: Any) -> bool:
    return isinstance(node, gast.Expr) and isinstance(node.value, gast.Constant) and isinstance(node.value.value, str)


def _has_walrus(test: Any) -> bool:
    """Does a test bind names of the function?  Those that a lambda binds are its own."""
    stack = [test]
    while stack:
        node = stack.pop()
        if isinstance(node, gast.NamedExpr):
            return True
        stack += [] if isinstance(node, gast.Lambda) else children(node)
    return False


def _last_return(body: Statements) -> Any:
    """The last `return` in source order, functions inside left out."""
    found, stack = [], list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, gast.Return):
            found.append(node)
        elif not isinstance(node, (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)):
            stack += [child for child in children(node) if isinstance(child, gast.stmt)]
    return max(found, key=lambda node: (node.lineno, node.col_offset))


def _names(node: Any) -> list[str]:
    """Names that a node itself mentions."""
    found = []
    for field in ("id", "name", "asname", "names", "rest"):
        value = getattr(node, field, None)
        found += [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]
    return found


def _set(flag: str | None, value: bool, old: Any) -> Any:
    return placed(assign(flag, gast.Constant(value, None)), old)


def _none_of(flags: list[Any]) -> Any:
    test = load(flags[0]) if len(flags) == 1 else gast.BoolOp(gast.Or(), [load(flag) for flag in flags])
    return gast.UnaryOp(gast.Not(), test)


__all__ = ["check_supported", "normalise", "show"]
