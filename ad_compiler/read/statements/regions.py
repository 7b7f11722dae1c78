"""`with` and `try … finally`: regions, which are entered and left once, in the forward sweep.

A region's statements are read in place, into a block of their own; what they define is handed on afterwards.

>>> import contextlib
>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(x):
...     with np.errstate(over="ignore"):
...         y = np.exp(x)
...     return y * y
>>> g = grad(f)
>>> g(0.0)
2.0
>>> print(g.source, end="")     # doctest: +NORMALIZE_WHITESPACE
def f_grad(x):
    with np.errstate(over="ignore"):
        y = np.exp(x)
    # -- reverse sweep --
    y_bar = 2.0 * y             # line 4: return y * y
    x_bar = y_bar * y           # line 3: y = np.exp(x)
    return float(x_bar)
"""

from __future__ import annotations

import contextlib
import io
import threading
import warnings
from collections.abc import Callable
from types import FunctionType
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import (
    UNDEFINED,
    Block,
    Branch,
    Const,
    Loop,
    Op,
    Value,
    block_outputs,
    blocks_of,
    definitions,
    operands,
    substitute,
    walk,
)
from ad_compiler.kinds import Obj
from ad_compiler.read.abstract import Abstract, Instance, Manager, Object, OfClass, Poison, to_arg
from ad_compiler.read.base import Reader
from ad_compiler.read.syntax.bindings import touched_names

PUT_BACK: tuple[Any, ...] = (np.errstate, np.printoptions, warnings.catch_warnings, contextlib.nullcontext)
"""Managers that leave everything as it was: what is in their region may be done once more."""

LET_PASS: tuple[Any, ...] = (*PUT_BACK, contextlib.closing, contextlib.redirect_stdout, contextlib.redirect_stderr,
                             open, io.IOBase, threading.Lock, threading.RLock, type(threading.Lock()),
                             type(threading.RLock()))
"""Managers, and what makes them, that let every exception pass."""


class Regions(Reader):
    """Reads `with` and `try`."""

    def stmt_With(self, node: Any) -> None:
        self._enter_all(node.items, node.body)

    def _enter_all(self, items: list[Any], body: list[Any]) -> None:
        """`with a, b: body` is `with a: with b: body`."""
        if not items:
            self.lifter.statements.read(body)
            return
        item, rest = items[0], items[1:]
        if self.lifter.calls.is_no_grad(item.context_expr):
            if item.optional_vars is not None:
                raise Refused("`no_grad` gives nothing that could have a name", "write `with no_grad:`")
            self.lifter.frozen_blocks = True
            with self.lifter.no_grad():
                self._enter_all(rest, body)
            return
        manager = self.lifter.expressions.read(item.context_expr)
        if isinstance(manager, Poison):
            raise Refused(manager.message, manager.remedy)
        if isinstance(manager, Manager):
            inner = [gast.copy_location(gast.With(rest, body), body[0])] if rest else body
            self.lifter.generators.enter_generator(manager, item, inner)
            return

        def inside(given: Abstract) -> None:
            if item.optional_vars is not None:
                self.lifter.statements.assign(item.optional_vars, given)
            self._enter_all(rest, body)
        cls = manager.cls if isinstance(manager, OfClass) else type(None)
        enter, leave = (self.lifter.asks.of_class(cls, name) for name in ("__enter__", "__exit__"))
        if isinstance(enter, FunctionType) and isinstance(leave, FunctionType) and not isinstance(manager, Value) \
                and cls not in LET_PASS:
            self._own_manager(manager, enter, leave, inside)
        elif isinstance(manager, Object):
            raise Refused(f"a {cls.__name__} is no context manager that can be read")
        elif isinstance(manager, (Value, Instance, Const)):
            self._manager(manager, inside, bound=item.optional_vars is not None)
        else:
            raise Refused("this context manager is not supported", "open it around the call of the function")

    def _manager(self, manager: Any, inside: Callable[[Abstract], None], bound: bool) -> None:
        """A manager that is not read."""
        atom = to_arg(manager)
        if isinstance(atom, Value) and not isinstance(atom.kind, Obj):
            raise Refused("a number or array is no context manager")
        if not self._lets_pass(manager):
            (atom,) = self.lifter.emit(runtime.propagating, (atom,), {}, [Obj("context manager")], effect=True)
        given = Value("", Obj("what a context manager gives")) if bound else None
        if given is not None:
            self.lifter.memory.tie(given, [manager])
        self._region(Branch(atom, Block([given] if given is not None else []), Block(), [], self.lifter.origin,
                            self.lifter.reverse, way="with"), lambda: inside(Const(None) if given is None else given))

    def _lets_pass(self, manager: Any) -> bool:
        """Is it known that no exception is held back?"""
        if isinstance(manager, Instance):
            return isinstance(manager.sample, tuple(t for t in LET_PASS if isinstance(t, type)))
        made = next((s for s in reversed(self.lifter.block.ops) if isinstance(s, Op) and manager in s.results), None)
        return made is not None and made.fn in LET_PASS

    def _own_manager(self, manager: Abstract, enter: FunctionType, leave: FunctionType,
                     inside: Callable[[Abstract], None]) -> None:
        """A manager of the user's own class: its methods are read."""
        given = self.lifter.calls.call(Const(enter), [manager], {})

        def finish() -> None:
            held = self.lifter.calls.call(Const(leave), [manager, Const(None), Const(None), Const(None)], {})
            if not isinstance(held, Const) or held.value:
                raise Refused(f"`{leave.__qualname__}` may hold an exception back", "let it return nothing")
        looks = leave.__code__.co_argcount > 1 and any(
            name in leave.__code__.co_varnames[1:leave.__code__.co_argcount] for name in _names_read(leave))
        self._guarded(lambda: inside(given), finish, f"`{leave.__qualname__}` shows something and looks at the "
                      "exception" if looks else "")

    def stmt_Try(self, node: Any) -> None:
        if node.handlers or node.orelse:
            raise Refused("`except` is not supported", "test for the condition with `if`")
        read = self.lifter.statements.read
        self._guarded(lambda: read(node.body), lambda: read(node.finalbody), "",
                      [name for stmt in node.finalbody for name in touched_names(stmt)])

    def _guarded(self, inside: Callable[[], None], finish: Callable[[], None], forbidden: str,
                 bound: list[str] | None = None) -> None:
        """`try: inside() finally: finish()`.

        An exception leaves the gradient call, and takes with it all that the call made; so the end has to be
        reached on that way only where it can be seen from outside.
        """
        branch = Branch(Const(True), Block(), Block(), [], self.lifter.origin, self.lifter.reverse, way="try")
        self._region(branch, inside)
        diverged, outer, size = self.lifter.diverged, self.lifter.block, len(self.lifter.memory.journal)
        self.lifter.block, self.lifter.diverged = branch.orelse, False
        try:
            finish()
        finally:
            self.lifter.block, self.lifter.diverged = outer, diverged or self.lifter.diverged
        at = len(outer.ops) - 1
        if not any(isinstance(s, Op) and s.effect or isinstance(s, Branch) and s.way != "if"
                   for s in walk(branch.orelse)):
            outer.ops[at:] = [*branch.then.ops, *branch.orelse.ops]
            return
        if forbidden:
            raise Refused(forbidden, "show it after the `with`")
        if self.lifter.memory.written_since(size):
            raise Refused("the end of this `try` or `with` shows something, and writes into memory",
                          "do one of the two after it")
        inner = {v for stmt in branch.then.ops for v in definitions(stmt)}
        late = next((v for stmt in branch.orelse.ops for v in reads(stmt) if v in inner), None)
        if late is not None:
            name = f"`{late.hint}`" if late.hint else "something"
            raise Refused(f"the end of this `try` or `with` shows {name}, which is set inside it",
                          "show what was there before, or show it after")
        for name in bound or ():
            self.scope.names[name] = Poison(f"`{name}` is bound where something is shown at the end of a `try`",
                                            "bind it after the `try`")

    def once_more(self, inside: Callable[[], Abstract]) -> Abstract:
        """What `inside` reads is not kept for the reverse sweep, which does it again."""
        found: list[Abstract] = []
        region = Branch(Const(True), Block(), Block(), [], self.lifter.origin, self.lifter.reverse, way="checkpoint")
        self._region(region, lambda: found.append(inside()))
        return found[0]

    def _region(self, branch: Branch, inside: Callable[[], None]) -> None:
        """Read statements into a region, where it stands."""
        outer = self.lifter.block
        outer.ops.append(branch)
        self.lifter.block = branch.then
        try:
            inside()
        finally:
            self.lifter.block = outer


def _names_read(fn: FunctionType) -> set[str]:
    """The local names that a function reads."""
    import dis
    return {str(i.argval) for i in dis.get_instructions(fn) if i.opname.startswith("LOAD_FAST")}


def reads(stmt: Any) -> list[Value]:
    """What a statement reads, and the statements in it."""
    found = list(operands(stmt))
    for block in blocks_of(stmt):
        found += [v for inner in block.ops for v in reads(inner)] + list(block_outputs(block, stmt))
    return found


def hand_on(block: Block) -> None:
    """Let each region hand on what it defines; what nothing reads is dropped later, as dead code."""
    regions = [stmt for stmt in walk(block) if isinstance(stmt, Branch) and stmt.way != "if"]
    for region in reversed(regions):
        handed = list(region.then.results)
        defined = [*region.then.params, *(v for stmt in region.then.ops for v in definitions(stmt))]
        new: dict[Value, Any] = {v: Value(v.hint, v.kind) for v in defined if v not in handed}
        substitute(region.then, new)
        rename(region.then, new)
        region.results += list(new)
        region.then.results = [*handed, *new.values()]
        region.orelse.results += [UNDEFINED] * len(new)


def rename(block: Block, new: dict[Value, Any]) -> None:
    """Let the statements of a block define other values."""
    block.params = [new.get(v, v) for v in block.params]
    for stmt in block.ops:
        stmt.results = [new.get(v, v) for v in stmt.results]
        if isinstance(stmt, Loop):
            stmt.trails = [(inner, new.get(trail, trail)) for inner, trail in stmt.trails]
            stmt.trips = None if stmt.trips is None else new.get(stmt.trips, stmt.trips)
