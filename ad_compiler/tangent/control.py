"""The tangents of branches and loops.

An arm hands on the tangents of what it hands on; a loop carries those of what it carries.

>>> import numpy as np
>>> from ad_compiler.errors import Collector
>>> from ad_compiler.ir import Const, Func, show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.tangent.forward import Forward
>>> x, x_dot, s, body = Value("x", FLOAT), Value("x_dot", FLOAT), Value("s", FLOAT), Block()
>>> body.params, body.results = [s], [body.emit(np.multiply, s, x, hint="s", kind=FLOAT)]
>>> loop = Loop([Const(1.0)], body, [Value("s", FLOAT)], Value("i", FLOAT), stop=Const(3))
>>> block = Block([], [loop])
>>> dots = Forward(block, {x: x_dot}, Collector()).run()
>>> block.results = [dots[loop.results[0]]]
>>> print(show(Func("f", [x, x_dot], block)))
def f(x, x_dot):
    for i in 0, 3, 1 [s = 1.0, s_dot = 0.0]: -> s_2, s_dot_2
        s_3 = multiply(s, x)
        t = multiply(s_dot, x)
        t_2 = multiply(s, x_dot)
        s_dot_3 = add(t, t_2)
        hand on s_3, s_dot_3
    return s_dot_2
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ad_compiler.ir import UNDEFINED, Atom, Block, Branch, Loop, Op, Stmt, Value
from ad_compiler.kinds import Num

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class ForwardControl:
    """Part of the forward walk: structured statements."""

    if TYPE_CHECKING:
        dots: dict[Value, Atom]
        missing: dict[Value, tuple[Op, str, str]]
        active: set[Value]
        lifter: Lifter
        letters: dict[Value, str]
        python: bool

        def statements(self, stmts: list[Stmt]) -> None: ...
        def dot_of(self, atom: Any) -> Atom | None: ...
        def filled(self, atom: Atom) -> Atom: ...
        def missing_in(self, atoms: list[Any]) -> tuple[Op, str, str] | None: ...
        def demand(self, atoms: list[Atom]) -> list[Atom | None]: ...

    @contextmanager
    def inside(self, block: Block) -> Iterator[None]:
        """Write the statements of a block anew; then what is added stands at its end."""
        outer, origin, stmts = self.lifter.block, self.lifter.fixed_origin, block.ops
        block.ops = []
        self.lifter.block = block
        try:
            self.statements(stmts)
            yield
        finally:
            self.lifter.block, self.lifter.fixed_origin = outer, origin

    def tangent_value(self, of: Value) -> Value:
        """A new value that stands for the tangent of one; as a number, of Python's where all are."""
        name = of.hint or "~" + self.letters.get(of, "t")
        numpy = isinstance(of.kind, Num) and of.kind.form == "py" and not self.python
        return Value(f"{name}_dot", replace(of.kind, form="np") if numpy else of.kind)   # type: ignore[arg-type]

    def branch(self, branch: Branch) -> None:
        """Both arms; of a region, what is in it."""
        arms = (branch.then, branch.orelse) if branch.way == "if" else (branch.then,)
        wanted = [at for at, result in enumerate(branch.results) if result in self.active]
        before, found = self.dots, list[dict[Value, Atom]]()
        for arm in arms:
            self.dots = dict(before)
            with self.inside(arm):
                found.append(self.dots)
        self.dots = before
        self.lifter.block.ops.append(branch)
        for at in wanted:
            result, handed = branch.results[at], [arm.results[at] for arm in arms]
            fault = self.missing_in(handed)
            if fault is not None:
                self.missing[result] = fault
                continue
            if not any(isinstance(a, Value) and a in dots for a, dots in zip(handed, found, strict=True)):
                continue
            given = []
            for arm, dots, atom in zip(arms, found, handed, strict=True):
                self.dots = dots
                with self.inside_again(arm):
                    given.append(self.filled(atom))
            self.dots = before
            if all(dot is given[0] and dot in before.values() for dot in given):
                self.dots[result] = given[0]
                continue
            dot = self.tangent_value(result)
            branch.results.append(dot)
            for arm, one in zip(arms, given, strict=True):
                arm.results.append(one)
            if len(arms) == 1:
                branch.orelse.results.append(UNDEFINED)
            self.dots[result] = dot

    @contextmanager
    def inside_again(self, block: Block) -> Iterator[None]:
        """Add to the end of a block."""
        outer, self.lifter.block = self.lifter.block, block
        try:
            yield
        finally:
            self.lifter.block = outer

    def loop(self, loop: Loop) -> None:
        """The same iterations, which carry tangents beside."""
        body = loop.body
        self.demand([a for a, p in zip(loop.inits, body.params, strict=True) if p in self.active])
        carried = [at for at, param in enumerate(body.params) if param in self.active]
        inits = [self.filled(loop.inits[at]) for at in carried]
        params = [self.tangent_value(body.params[at]) for at in carried]
        before = self.dots
        self.dots = {**before, **dict(zip([body.params[at] for at in carried], params, strict=True))}
        kept: list[tuple[Atom, Value]] = []
        with self.inside(body):
            self.demand([body.results[at] for at in carried])
            handed = [self.filled(body.results[at]) for at in carried]
            trails = [(inner, trail) for inner, trail in loop.trails if trail in self.active]
            self.demand([inner for inner, _ in trails])
            for inner, trail in trails:
                kept.append((self.filled(inner), self.tangent_value(trail)))
        self.dots = before
        self.lifter.block.ops.append(loop)
        results = [self.tangent_value(loop.results[at]) for at in carried]
        loop.inits += inits
        body.params += params
        body.results += handed
        loop.results += results
        self.dots.update(zip([loop.results[at] for at in carried], results, strict=True))
        self.dots.update(zip([trail for _, trail in trails], [dot for _, dot in kept], strict=True))
        loop.trails += kept
