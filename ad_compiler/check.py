"""The verifier of the intermediate form, run after every pass under test.

>>> from ad_compiler.ir import Block, Func, Value
>>> from ad_compiler.kinds import FLOAT
>>> verify(Func("f", [], Block(results=[Value("y", FLOAT)])))
Traceback (most recent call last):
    ...
ad_compiler.errors.InvalidIR: f: `y` is read where it is not defined: return y
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

from ad_compiler import runtime
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Slice,
    Stmt,
    Value,
    block_definitions,
    blocks_of,
    definitions,
    values_in,
    walk,
)
from ad_compiler.ir_show import render
from ad_compiler.kinds import Num, Obj, Seq, Shape


def verify(func: Func, *, recorded: bool = True) -> None:
    """Raise `InvalidIR` where the form is malformed.

    Until the reverse sweep is `recorded`, it may read values of the forward sweep wherever they stand.
    """
    _Verifier(func, recorded).run()


class _Verifier:
    """`visible` holds what is defined here, `gone` what an in-place op has taken the memory of."""

    def __init__(self, func: Func, recorded: bool) -> None:
        self.func = func
        self.defined: set[Value] = set()
        self.stmt: Stmt | None = None
        self.anywhere: set[Value] = set() if recorded else everything(func)

    def run(self) -> None:
        visible, gone = set[Value](), set[Value]()
        self.define([*self.func.params, *self.func.refs], visible)
        self.block(self.func.body, visible, gone)
        self.stmt = None
        self.read(self.func.body.results, visible, gone)

    def fail(self, what: str) -> NoReturn:
        block = Block([], [], self.func.body.results) if self.stmt is None else Block([], [self.stmt])
        try:
            line = render(Func("", [], block)).splitlines()[1].strip()
        except ValueError:          # lists that do not match cannot be shown side by side
            line = type(self.stmt).__name__
        raise InvalidIR(f"{self.func.name}: {what}: {line}")

    def define(self, values: Iterable[Value], visible: set[Value]) -> None:
        for value in values:
            if value in self.defined:
                self.fail(f"`{value.hint or 'tmp'}` is defined twice")
            if not isinstance(value.kind, (Num, Shape, Seq, Obj)):
                self.fail(f"`{value.hint or 'tmp'}` has no kind")
            self.defined.add(value)
            visible.add(value)

    def read(self, arg: Arg, visible: set[Value], gone: set[Value], *, unbound: bool = False) -> None:
        if not unbound and any(leaf is UNDEFINED for leaf in atoms(arg)):
            self.fail("a name that is not bound is read")
        for value in values_in(arg):
            if value not in visible and value not in self.anywhere:
                self.fail(f"`{value.hint or 'tmp'}` is read where it is not defined")
            if value in gone:
                self.fail(f"`{value.hint or 'tmp'}` is read after its memory was written into")

    def block(self, block: Block, visible: set[Value], gone: set[Value]) -> None:
        for stmt in block.ops:
            self.stmt = stmt
            if isinstance(stmt, Op):
                self.op(stmt, visible, gone)
            elif isinstance(stmt, Branch):
                self.branch(stmt, visible, gone)
            else:
                self.loop(stmt, visible, gone)
            self.stmt = stmt
            self.define(definitions(stmt), visible)

    def op(self, op: Op, visible: set[Value], gone: set[Value]) -> None:
        self.read((op.args, op.kwargs), visible, gone)
        if not all(isinstance(r, Value) for r in op.results):
            self.fail("a result is not a value")
        if op.inplace:
            if not op.args or not isinstance(op.args[0], Value) or len(op.results) != 1 + (op.fn is runtime.list_pop):
                self.fail("this cannot be done in place")
            kind = op.args[0].kind
            if not isinstance(kind, Num) or kind.shape != () or kind.form not in ("py", "np"):
                gone.add(op.args[0])        # a number has no memory: `+=` binds its name anew

    def branch(self, branch: Branch, visible: set[Value], gone: set[Value]) -> None:
        self.read(branch.cond, visible, gone)
        after = set(gone)
        for arm in (branch.then, branch.orelse):
            self.stmt = branch
            if len(arm.results) != len(branch.results) or len(arm.params) > (branch.way == "with"):
                self.fail("an arm does not hand on one atom for each result")
            if branch.way != "if" and any(r is not UNDEFINED for r in branch.orelse.results):
                self.fail("the end of a region hands something on")
            inner, lost = set(visible), set(gone)
            self.define(arm.params, inner)
            self.block(arm, inner, lost)
            self.stmt = branch
            self.hand_on(arm.results, inner, lost)
            after |= lost
        gone |= after & visible

    def loop(self, loop: Loop, visible: set[Value], gone: set[Value]) -> None:
        body = loop.body
        if len({len(x) for x in (loop.inits, body.params, body.results, loop.results)}) != 1:
            self.fail("inits, params and results of a loop differ in number")
        if (loop.index is None) is (loop.cond is None):
            self.fail("a loop has either an index or a condition")
        if isinstance(loop.step, Const) and loop.step.value == 0:
            self.fail("the step of a loop is 0")
        self.hand_on(loop.inits, visible, gone)
        if loop.index is not None:
            self.read((loop.start, loop.stop, loop.step), visible, gone)
        self.read([] if loop.snapshots is None else loop.snapshots, visible, gone)
        inner, lost = set(visible), set(gone)
        self.define(block_definitions(body, loop), inner)
        if loop.cond is not None:
            if len(loop.cond.results) != 1 or loop.cond.params:
                self.fail("the condition of a loop hands on one boolean")
            condition = set(inner)
            self.block(loop.cond, condition, lost)
            self.stmt = loop
            self.read(loop.cond.results, condition, lost)
        self.block(body, inner, lost)
        self.stmt = loop
        self.read(body.results, inner, lost)
        self.read([] if loop.leave is None else loop.leave, inner, lost)
        self.hand_on([value for value, _ in loop.trails], inner, lost)
        taken = {init for init, param in zip(loop.inits, body.params, strict=True)
                 if param in lost and isinstance(init, Value)}
        if (lost & visible) - gone:
            self.fail("an iteration writes into memory that the next one reads")
        gone |= taken

    def hand_on(self, handed: list[Arg], visible: set[Value], gone: set[Value]) -> None:
        if not all(isinstance(atom, (Value, Const)) for atom in handed):
            self.fail("what is handed on is not an atom")
        self.read(handed, visible, gone, unbound=True)


def everything(func: Func) -> set[Value]:
    """Every value that is defined anywhere in a function."""
    found: set[Value] = set()
    for stmt in walk(func.body):
        found.update(definitions(stmt))
        for inner in blocks_of(stmt):
            found.update(block_definitions(inner, stmt))
    return found


def atoms(arg: Arg) -> Iterator[Arg]:
    """Every atom in an argument, however deep."""
    if isinstance(arg, (tuple, list)):
        for item in arg:
            yield from atoms(item)
    elif isinstance(arg, dict):
        yield from atoms(list(arg.values()))
    elif isinstance(arg, Slice):
        yield from atoms((arg.start, arg.stop, arg.step))
    else:
        yield arg
