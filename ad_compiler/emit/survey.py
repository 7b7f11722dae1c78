"""What nesting asks of a function: who reads a value and where, what a statement does that could be seen.

>>> import operator
>>> from ad_compiler.ir import Block, Func, Value
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, x, kind=FLOAT)
>>> block.results = [y]
>>> survey = Survey(Func("square", [x], block))
>>> [use.how for use in survey.uses[x]], [(use.how, use.at) for use in survey.uses[y]]
(['op', 'op'], [('return', 1)])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ad_compiler import runtime
from ad_compiler.indices import takes_all
from ad_compiler.ir import (
    Arg,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_definitions,
    blocks_of,
    definitions,
    free_values,
    operands,
    values_in,
)
from ad_compiler.kinds import Num
from ad_compiler.ops import asks_attribute, has_effect, is_length, is_measure
from ad_compiler.optimise.memory import Memory, holds_memory

Memories = frozenset[Value]


class Use(NamedTuple):
    """One reading of a value: in which block, at which of its statements (its length: by what it hands on).

    `how`: "op", "target" (overwritten in place), "cond", "bound", "init", "hand", "return", "while" (a loop's
    test), "leave" or "trail".
    """

    how: str
    block: Block
    at: int


def is_soft(value: Value) -> bool:
    """Without a name, or with one that the compiler made up: nothing is lost where it is not printed."""
    return not value.hint or value.hint.startswith("~")


def is_over_all(op: Op) -> bool:
    """Is this a product that may be computed over the whole of another array?"""
    return op.spelling == "out" and takes_all(op.args[1])


def is_free(op: Op) -> bool:
    """Costs nothing to print twice, and gives the same whenever it is asked: a shape, a length."""
    if asks_attribute(op, "shape", "ndim", "size", "dtype"):
        return True
    if is_length(op):
        return isinstance(op.args[1], Const)
    return is_measure(op) and len(op.args) == 1 and not op.kwargs \
        and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Num)


def is_number(value: Arg) -> bool:
    """A constant, or a Python number or NumPy scalar, which nothing can overwrite."""
    if isinstance(value, Value):
        return isinstance(value.kind, Num) and value.kind.shape == () and value.kind.form in ("py", "np")
    return isinstance(value, Const)


def ends_early(branch: Branch, wanted: set[Value]) -> bool:
    """Does an arm hand on a constant True for one of these results: is there a `break` in it?"""
    for at, result in enumerate(branch.results):
        if result not in wanted:
            continue
        for arm in (branch.then, branch.orelse):
            handed = arm.results[at]
            if isinstance(handed, Const) and handed.value is True:
                return True
            last = arm.ops[-1] if arm.ops else None
            if isinstance(last, Branch) and handed in last.results and ends_early(last, {handed}):
                return True
    return False


def reached(stmts: Sequence[Stmt]) -> Sequence[Stmt]:
    """Statements, up to one that raises: what stands behind it is not printed, and has no names."""
    for at, stmt in enumerate(stmts):
        if isinstance(stmt, Op) and stmt.fn is runtime.raise_:
            return stmts[:at + 1]
    return stmts


def printed(block: Block, found: list[Stmt]) -> list[Stmt]:
    """Every statement that is printed, outer before inner, behind those that were found."""
    for stmt in reached(block.ops):
        found.append(stmt)
        if type(stmt) is not Op:
            for inner in blocks_of(stmt):
                printed(inner, found)
    return found


class Survey:
    """Facts of one function."""

    def __init__(self, func: Func) -> None:
        self.func, self.stmts = func, printed(func.body, [])
        self.primal = not any(stmt.reverse for stmt in self.stmts)
        self.uses: dict[Value, list[Use]] = {}
        self.home: dict[Value, Block] = {}
        self.paths: dict[Block, tuple[Block, ...]] = {}
        self.repeated: set[Block] = set()
        self.pushed: dict[Branch, str] = {}
        self.late: set[Value] = set()
        self.makers: dict[Value, Stmt] = {}
        self.shapes: dict[Value, Op] = {}
        self.rebound = rebound([*func.params, *(value for stmt in self.stmts for value in definitions(stmt))])
        inplace = {stmt for stmt in self.stmts if isinstance(stmt, Op) and stmt.inplace}
        self.memory = Memory(func, inplace) if any(holds_memory(op.results[0]) for op in inplace) else None
        self._seen: dict[Stmt, tuple[bool, Memories]] = {}
        self._push_return()
        self._block(func.body, None, ())

    # -- uses ----------------------------------------------------------------------------------------

    def _push_return(self) -> None:
        """The last branch of a function holds `return`s where its result has no other name."""
        body = self.func.body
        if self.primal and body.ops and isinstance(body.ops[-1], Branch):
            self._push(body.ops[-1], set(values_in(body.results)), "return")

    def _push(self, branch: Branch, wanted: set[Value], how: str) -> None:
        found = [at for at, result in enumerate(branch.results) if result in wanted]
        if branch.way != "if" or not found or how == "return" and not all(
                is_soft(r) or r.hint == "value" for r in branch.results):
            return
        if how == "leave" and not ends_early(branch, wanted):
            return
        self.pushed[branch] = how
        for arm in (branch.then, branch.orelse):
            last = arm.ops[-1] if arm.ops else None
            if isinstance(last, Branch):
                self._push(last, {v for at in found for v in values_in(arm.results[at])}, how)

    def _block(self, block: Block, owner: Stmt | None, path: tuple[Block, ...]) -> None:
        path = self.paths[block] = (*path, block)
        if isinstance(owner, Loop):
            self.repeated.add(block)
        for value in block_definitions(block, owner):
            self.home[value] = block
        for at, stmt in enumerate(block.ops):
            for value in definitions(stmt):
                self.home[value], self.makers[value] = block, stmt
            self._uses_of(stmt, block, at)
            for inner in blocks_of(stmt):
                self._block(inner, stmt, path)
        self._outputs(block, owner)

    def _add(self, arg: Arg, how: str, block: Block, at: int) -> None:
        self._add_all(values_in(arg), how, block, at)

    def _add_all(self, values: list[Value], how: str, block: Block, at: int) -> None:
        if values:
            use = Use(how, block, at)
            for value in values:
                self.uses.setdefault(value, []).append(use)

    def _uses_of(self, stmt: Stmt, block: Block, at: int) -> None:
        if stmt.reverse:
            self.late.update(operands(stmt))
        if isinstance(stmt, Op):
            if is_free(stmt):
                self.shapes[stmt.result] = stmt
            if stmt.inplace:
                self._add(stmt.args[0], "target", block, at)
                self._add((stmt.args[1:], stmt.kwargs), "op", block, at)
            else:
                self._add_all(operands(stmt), "op", block, at)
        elif isinstance(stmt, Branch):
            self._add(stmt.cond, "cond", block, at)
        else:
            self._add(stmt.inits, "init", block, at)
            if stmt.index is not None:
                again = bool(stmt.trails) and has_length(stmt)
                self._add((stmt.start, stmt.stop, stmt.step) * (1 + again), "bound", block, at)
            last = stmt.body.ops[-1] if stmt.body.ops else None
            if isinstance(last, Branch) and isinstance(stmt.leave, Value):
                self._push(last, {stmt.leave}, "leave")

    def _outputs(self, block: Block, owner: Stmt | None) -> None:
        end = len(block.ops)
        last = block.ops[-1] if block.ops else None
        shared = isinstance(last, Branch) and last in self.pushed
        how = "hand"
        if owner is None or isinstance(owner, Branch) and self.pushed.get(owner) == "return":
            how = "hand" if shared else "return"
            self.late.update(values_in(block.results))
        elif isinstance(owner, Loop) and block is owner.cond:
            how = "while"
        self._add(block.results, how, block, end)
        if isinstance(owner, Loop) and block is owner.body:
            self._add(owner.leave, "hand" if shared else "leave", block, end)
            for inner, _ in owner.trails:
                self._add(inner, "trail", block, end)

    def repeats(self, use: Use, home: Block) -> bool:
        """Does a loop that stands in `home` come round to this reading again and again?"""
        return not self.repeated.isdisjoint(self.paths[use.block][len(self.paths[home]):])

    # -- what can be seen of a statement -------------------------------------------------------------

    def seen(self, stmt: Stmt) -> tuple[bool, Memories]:
        """Whether a statement has an effect, and the memories that it overwrites."""
        if stmt not in self._seen:
            if isinstance(stmt, Op):
                written = self.memories(stmt.args[0]) if stmt.inplace else frozenset()
                if stmt.inplace:
                    written |= frozenset(values_in(stmt.args[0]))
                self._seen[stmt] = has_effect(stmt), written
            else:
                parts = [self.seen(s) for block in blocks_of(stmt) for s in block.ops]
                region = isinstance(stmt, Branch) and stmt.way != "if"
                self._seen[stmt] = region or any(p[0] for p in parts), frozenset().union(*(p[1] for p in parts))
        return self._seen[stmt]

    def memories(self, arg: Arg) -> Memories:
        """The memories that an argument may stand in."""
        if self.memory is None:
            return frozenset()
        return frozenset(root.value for root in self.memory.all_of(arg))

    def read_by(self, stmt: Stmt) -> Memories:
        """What a statement reads: memories, and the values themselves."""
        read = list(operands(stmt)) + [v for block in blocks_of(stmt) for v in free_values(block, stmt)]
        return self.memories(read) | frozenset(read)


def rebound(every: list[Value]) -> set[Value]:
    """Values whose name the user gave to another value as well."""
    named: dict[str, list[Value]] = {}
    for value in every:
        if not is_soft(value):
            named.setdefault(value.hint, []).append(value)
    return {value for values in named.values() if len(values) > 1 for value in values}


def has_length(loop: Loop) -> bool:
    """Do the loop's trails have their full length from the start, an entry for each index?"""
    if loop.index is None or loop.leave is not None or loop.grows:
        return False
    return loop.backward or is_const(loop.start, 0) and is_const(loop.step, 1)


def is_const(atom: Arg, value: int) -> bool:
    """Is an atom this integer?"""
    return isinstance(atom, Const) and type(atom.value) is int and atom.value == value
