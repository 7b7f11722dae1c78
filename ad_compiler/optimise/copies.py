"""Where to copy an array that a store may not write into: before the outermost loop or branch that allows it.

>>> from ad_compiler import runtime
>>> from ad_compiler.ir import Const, show
>>> from ad_compiler.kinds import INT, Num, Sym
>>> a, p, i, n = (Value(h, k) for h, k in zip("apin", [Num("float64", (Sym("n"),))] * 2 + [INT] * 2))
>>> body = Block([p])
>>> body.results = [body.emit(runtime.index_set, p, i, Const(0.0), kind=a.kind, hint="a")]
>>> loop = Loop([a], body, [Value("a", a.kind)], i, stop=n)
>>> func = Func("f", [a, n], Block([], [loop], list(loop.results)))
>>> found = Copies(func).spots(body.ops[0], loop)
>>> [spot.source.hint for spot in found]
['p', 'a']
>>> _ = found[1].apply()
>>> print(show(func))
def f(a, n):
    a_2 = copy(a)
    for i in 0, n, 1 [p = a_2]: -> a_3
        a_4 = index_set(p, i, 0.0)
        hand on a_4
    return a_3
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace

import numpy as np

from ad_compiler.ir import (
    UNDEFINED,
    Atom,
    Block,
    Branch,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_of,
    definitions,
    substitute,
    walk,
)
from ad_compiler.kinds import Num
from ad_compiler.ops import is_store
from ad_compiler.optimise.memory import is_view

Undo = Callable[[], None]


class Spot:
    """A copy of `source`, to stand in `block` before `stmt`; `use(old, new)` makes the store use it."""

    def __init__(self, block: Block, stmt: Stmt, source: Atom, use: Callable[[Atom, Atom], None]) -> None:
        self.block, self.stmt, self.source, self.use = block, stmt, source, use

    def apply(self) -> tuple[list[Op], Undo]:
        """Put the copy in; what comes back takes it out again."""
        source = self.source
        kind = source.kind if isinstance(source, Value) else Num(
            str(np.asarray(source.value).dtype), np.shape(source.value))
        made = Value(source.hint if isinstance(source, Value) else "",
                     replace(kind, form="array") if isinstance(kind, Num) else kind)
        # of one axis `a.copy()`; `np.copy(a)` keeps the order of several in memory, and so that of sums
        spelling = "method" if isinstance(kind, Num) and kind.ndim in (0, 1) else ""
        copy = Op(np.copy, (source,), {}, [made], self.stmt.origin, spelling, reverse=self.stmt.reverse)
        self.block.ops.insert(self.block.ops.index(self.stmt), copy)
        self.use(source, made)

        def undo() -> None:
            self.block.ops.remove(copy)
            self.use(made, source)
        return [copy], undo


class Spots:
    """Copies of several arrays in one place: of the buffers that a loop swaps."""

    def __init__(self, each: list[Spot]) -> None:
        self.each = each

    @property
    def source(self) -> Atom:
        """The first that is copied."""
        return self.each[0].source

    def apply(self) -> tuple[list[Op], Undo]:
        """Put the copies in; what comes back takes them out again."""
        done = [spot.apply() for spot in self.each]

        def undo() -> None:
            for _, back in reversed(done):
                back()
        return [copy for copies, _ in done for copy in copies], undo


class Copies:
    """Finds the places.  `top` is the statement of the function itself that a store stands in."""

    def __init__(self, func: Func) -> None:
        self.func = func
        self.makers = _Makers(func)

    def spots(self, op: Op, top: Stmt, whole: Container[Value] = ()) -> list[Spot | Spots]:
        """Where the array that `op` stores into may be copied, innermost first; what is `whole` needs no copy."""
        path, makers = _path(self.func.body, [top], op), self.makers
        taken, given = op.args[0], op.result
        if not isinstance(taken, Value):
            return [Spot(path[-1][0], op, taken, _into_op(op))]
        found: list[Spot | Spots] = [Spot(path[-1][0], op, taken, _into_op(op))]
        for (outer, stmt), (inner, _) in zip(path[-2::-1], path[:0:-1], strict=True):
            if isinstance(stmt, Loop) and taken in inner.params:
                at = inner.params.index(taken)
                init = stmt.inits[at]
                if not isinstance(init, Value):
                    break
                if not makers.descends(stmt.body.results[at], given):
                    found += _swapped(outer, stmt, at, makers, whole)
                    break
                found.append(Spot(outer, stmt, init, _into_init(stmt, at)))
                taken, given = init, stmt.results[at]
            elif isinstance(stmt, Branch) and taken not in makers.inside(inner):
                other = stmt.orelse if inner is stmt.then else stmt.then
                at = next((at for at, handed in enumerate(inner.results) if makers.descends(handed, given)
                           and makers.descends(other.results[at], taken)), -1)
                if at < 0:
                    break
                found.append(Spot(outer, stmt, taken, _into_arms(stmt, at)))
                given = stmt.results[at]
            else:
                break
        return found

    def copy_views(self, op: Op, top: Stmt, blocking: list[Value]) -> tuple[Block, dict[Value, Op]]:
        """Copy the views that stand in the way of a store, right after they are made: smaller than what it stores into.

        The block that they stand in, and the copy of each; none where something else stands in the way too.
        """
        block = _path(self.func.body, [top], op)[-1][0]
        found: dict[Value, Op] = {}
        if not blocking or not all(isinstance(v.kind, Num) for v in blocking):
            return block, found
        before = {stmt: at for at, stmt in enumerate(block.ops[:block.ops.index(op)])}
        makers = {v: maker for v in blocking if isinstance(maker := self.makers.made.get(v), Op) and maker in before}
        if len(makers) < len(blocking) or not all(map(is_view, makers.values())):
            return block, found
        for view, maker in sorted(makers.items(), key=lambda item: before[item[1]]):
            assert isinstance(view.kind, Num)
            made = Value(view.hint, replace(view.kind, form="array"))
            substitute(self.func.body, {view: made})
            found[view] = Op(np.copy, (view,), {}, [made], maker.origin, "method", reverse=maker.reverse)
            block.ops.insert(block.ops.index(maker) + 1, found[view])
        return block, found


def _swapped(outer: Block, loop: Loop, at: int, makers: _Makers, whole: Container[Value]) -> list[Spot | Spots]:
    """Copies of the buffers that a loop swaps: each parameter is handed on as another one."""
    cycle = [at]
    while True:
        param = loop.body.params[cycle[-1]]
        following = next((j for j, handed in enumerate(loop.body.results) if makers.descends(handed, param)), None)
        if following is None or following == at:
            break
        if following in cycle:
            return []
        cycle.append(following)
    spots = [Spot(outer, loop, init, _into_init(loop, j)) for j in cycle
             if isinstance(init := loop.inits[j], Value) and init not in whole]
    return [Spots(spots)] if following is not None and spots else []


def _path(block: Block, stmts: list[Stmt], op: Op) -> list[tuple[Block, Stmt]]:
    """The blocks and statements around an op, outermost first; of `block` only `stmts` are looked at."""
    for stmt in stmts:
        if stmt is op:
            return [(block, stmt)]
        for inner in blocks_of(stmt):
            below = _path(inner, inner.ops, op)
            if below:
                return [(block, stmt), *below]
    return []


class _Makers:
    """What made each value, to follow one array through stores, branches and loops."""

    def __init__(self, func: Func) -> None:
        self.made = {value: stmt for stmt in walk(func.body) for value in definitions(stmt)}

    def inside(self, block: Block) -> set[Value]:
        """What a block defines at its own level."""
        return {v for stmt in block.ops for v in definitions(stmt)}

    def descends(self, atom: Atom, source: Value) -> bool:
        """Is an atom `source`, or `source` after further stores?"""
        if atom is source:
            return True
        stmt = self.made.get(atom) if isinstance(atom, Value) else None
        if isinstance(stmt, Op):
            return is_store(stmt) and self.descends(stmt.args[0], source)
        if not isinstance(atom, Value) or stmt is None or atom not in stmt.results:
            return False
        at = stmt.results.index(atom)
        if isinstance(stmt, Loop):
            return self.descends(stmt.inits[at], source)
        if isinstance(stmt, Branch):
            return all(side is not UNDEFINED and self.descends(side, source)
                       for side in (stmt.then.results[at], stmt.orelse.results[at]))
        return False


def _into_op(op: Op) -> Callable[[Atom, Atom], None]:
    def use(old: Atom, new: Atom) -> None:
        op.args = (new, *op.args[1:])
    return use


def _into_init(loop: Loop, at: int) -> Callable[[Atom, Atom], None]:
    def use(old: Atom, new: Atom) -> None:
        loop.inits[at] = new
    return use


def _into_arms(branch: Branch, at: int) -> Callable[[Atom, Atom], None]:
    """Both arms start from the copy where they store into the array, or hand it on."""
    def redirect(block: Block, old: Atom, new: Atom) -> None:
        for stmt in block.ops:
            if is_store(stmt) and stmt.args[0] is old:
                stmt.args = (new, *stmt.args[1:])
            elif isinstance(stmt, Loop):
                stmt.inits = [new if init is old else init for init in stmt.inits]
            elif isinstance(stmt, Branch):
                for arm in (stmt.then, stmt.orelse):
                    redirect(arm, old, new)
                    arm.results = [new if r is old else r for r in arm.results]

    def use(old: Atom, new: Atom) -> None:
        for arm in (branch.then, branch.orelse):
            redirect(arm, old, new)
            if arm.results[at] is old:
                arm.results[at] = new
    return use


