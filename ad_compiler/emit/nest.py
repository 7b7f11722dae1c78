"""What is printed inside its one consumer, and what gets a statement of its own.

A value that one statement reads, and that neither the user nor the adjoint named, is printed there, unless
what it reads is overwritten in between or something that can be seen happens.  Names of the user's are kept
where the text is all there is (a primal); beside a reverse sweep, `p = h @ w2` is printed inside
`r = p - y` where nothing else reads `p`.
"""

from __future__ import annotations

from typing import Any

from ad_compiler import runtime
from ad_compiler.emit.survey import Survey, Use, is_free, is_number, is_soft
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Block,
    Branch,
    Const,
    Func,
    Op,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    operands,
    values_in,
)
from ad_compiler.kinds import Seq
from ad_compiler.ops import is_comparison, is_read

WIDEST = 96
"""Characters of an expression, roughly."""
SHORT = 60
"""Characters of an expression that takes in a value with a name."""
MOST_OPERATORS = 6
"""Operators of such an expression."""
MOST_IN_REVERSE = 10
"""Operators of an expression in the reverse sweep, where no user broke the line."""
LARGEST_ARM = 6
DEEPEST_ARMS = 3

NESTED_WITHIN = {"op", "cond", "bound", "return", "while", "leave"}

Place = tuple[Block, int]
"""A statement of a block, or its end."""


class Nesting:
    """`nested[v]`: the statement whose expression is printed where `v` is read.

    `again`: values handed on that are printed in the assignment itself, as in `a, b = b, a + b`.
    """

    def __init__(self, func: Func, again: set[Value] | None = None) -> None:
        self.survey = Survey(func)
        self.uses = self.survey.uses
        self.again = again or set()
        self.nested: dict[Value, Op | Branch] = {}
        self.place: dict[Stmt, Place] = {}
        self.size: dict[Place, list[int]] = {}
        self.inline: set[Block] = set()
        self._widths: dict[Stmt, int] = {}
        self._block(func.body)
        if not self.survey.primal:
            self._absorb(func.body)

    # -- what others ask -----------------------------------------------------------------------------

    def reads(self, arg: Arg) -> list[Value]:
        """The named values that an argument reads when it is printed."""
        return self._all_read(values_in(arg))

    def _all_read(self, values: list[Value]) -> list[Value]:
        found: list[Value] = []
        for value in values:
            if value in self.nested:
                found += self.reads_of(self.nested[value])
            else:
                found.append(value)
        return found

    def reads_of(self, stmt: Op | Branch) -> list[Value]:
        """The same for the expression of a statement."""
        if isinstance(stmt, Op):
            return self._all_read(operands(stmt))
        return self.reads((stmt.cond, stmt.then.results, stmt.orelse.results))

    # -- blocks, last statement first ----------------------------------------------------------------

    def _block(self, block: Block) -> None:
        for at in range(len(block.ops) - 1, -1, -1):
            stmt = block.ops[at]
            if isinstance(stmt, Op) or isinstance(stmt, Branch) and self._as_expression(stmt):
                self._consider(stmt, block, at)
                continue
            for inner in reversed(blocks_of(stmt)):
                self._block(inner)

    def _as_expression(self, branch: Branch) -> bool:
        """Nest both arms, so that the branch is `a if c else b`; undone where that does not work out."""
        if not self._may_be_expression(branch, DEEPEST_ARMS) or branch in self.survey.pushed and \
                branch.results[0].hint == "value":
            return False
        if self.survey.pushed.get(branch) == "leave":
            return False
        before = dict(self.nested), dict(self.place), {place: list(size) for place, size in self.size.items()}
        for arm in (branch.then, branch.orelse):
            self.inline.add(arm)
            self._block(arm)
            if any(r not in self.nested for stmt in arm.ops for r in stmt.results):
                self.nested, self.place, self.size = before
                self.inline -= {branch.then, branch.orelse}
                return False
        return True

    def is_expression(self, branch: Branch) -> bool:
        """Is a branch printed as `a if c else b`?"""
        return branch.then in self.inline

    def _may_be_expression(self, branch: Branch, depth: int) -> bool:
        if branch.way != "if" or len(branch.results) != 1 or depth == 0:
            return False
        handed = [branch.then.results[0], branch.orelse.results[0]]
        result = branch.results[0]
        named = not is_soft(result) and any(isinstance(a, Value) and a.hint == result.hint for a in handed)
        if named or any(atom is UNDEFINED for atom in handed):
            return False
        return all(len(arm.ops) <= LARGEST_ARM and all(
            isinstance(s, Op) and not s.inplace and len(s.results) == 1 and is_soft(s.result)
            or isinstance(s, Branch) and self._may_be_expression(s, depth - 1) for s in arm.ops)
            for arm in (branch.then, branch.orelse))

    # -- one value -----------------------------------------------------------------------------------

    def _consider(self, stmt: Op | Branch, block: Block, at: int) -> None:
        if len(stmt.results) != 1 or isinstance(stmt, Op) and (stmt.inplace or stmt.fn is runtime.unpack):
            return
        value = stmt.results[0]
        uses = self.uses.get(value, [])
        if isinstance(stmt, Op) and is_soft(value) and self._twice(stmt, uses, block):
            self.nested[value] = stmt
            return
        if len(uses) == 2 and self._is_choice(value, uses):
            uses = uses[:1]
        if len(uses) != 1 or not is_soft(value) and value not in self.again:
            return
        place = self._place(uses[0], block, value)
        if place is None or not self._fits(stmt, place) or self._blocked(stmt, block, at, place):
            return
        self._nest(value, stmt, place)

    def _nest(self, value: Value, stmt: Op | Branch, place: Place) -> None:
        self.nested[value], self.place[stmt] = stmt, place
        for i, extra in enumerate((1, self._width(stmt))):
            self.size[place][i] += extra

    def _twice(self, op: Op, uses: list[Use], block: Block) -> bool:
        """May this be printed wherever it is read, because it costs nothing?"""
        if op.fn is runtime.identity:
            return all(use.how != "target" for use in uses) and isinstance(op.args[0], Value)
        for use in uses:
            if use.how in ("target", "trail") or self.survey.repeats(use, block):
                return False
        if is_free(op):
            base = self._base(op)
            if any(use.how == "target" for use in self.uses[base]):
                return False
            return len(uses) == 1 or base not in self.survey.rebound and \
                all(use.how not in ("hand", "init") for use in uses)
        params = self.survey.func.params
        return is_comparison(op) and 1 < len(uses) <= 2 and all(use.how == "cond" for use in uses) and all(
            is_number(arg) and (not isinstance(arg, Value) or arg in params or arg in self.survey.late)
            for arg in op.args)

    def _base(self, op: Op) -> Value:
        """The value whose shape this is."""
        value = values_in(op.args)[0]
        while value in self.survey.shapes:
            value = values_in(self.survey.shapes[value].args)[0]
        return value

    def _is_choice(self, value: Value, uses: list[Use]) -> bool:
        """Is this the left side of `a and b`, read as the test and handed on by an arm?"""
        first = uses[0]
        branch = first.block.ops[first.at] if first.how == "cond" else None
        return isinstance(branch, Branch) and self.is_expression(branch) and \
            choice(branch) is not None and uses[1].block in (branch.then, branch.orelse)

    def _place(self, use: Use, block: Block, value: Value) -> Place | None:
        """The statement in whose text a value would stand."""
        if use.block is not block:
            return None
        if use.how == "hand" and (block in self.inline or value in self.again) or use.how in NESTED_WITHIN:
            stmt = block.ops[use.at] if use.at < len(block.ops) else None
            if isinstance(stmt, Op) and len(stmt.results) == 1 and stmt.result in self.nested or \
                    isinstance(stmt, Branch) and len(stmt.results) == 1 and stmt.results[0] in self.nested:
                return self.place.get(stmt)
            place = (block, use.at + (use.how == "leave"))
            if use.how == "leave" and self._touches(value, block):
                return None
            if place not in self.size:
                self.size[place] = [0 if stmt is None else 1, 0 if not isinstance(stmt, Op) else self._width(stmt)]
            return place
        if use.how == "init" and value in self.again:
            self.size.setdefault((block, use.at), [1, 0])
            return block, use.at
        return None

    def _touches(self, value: Value, block: Block) -> bool:
        """Would the text of a value read what the loop carries, which is set before the test of a `break`?"""
        maker = self.survey.makers.get(value)
        if maker is None or self.survey.home[value] is not block:
            return value in block.params
        if isinstance(maker, Op) and maker.inplace:
            return any(self._touches(v, block) for v in values_in(maker.args[0]))
        return is_soft(value) and any(self._touches(v, block) for v in operands(maker))

    def _width(self, stmt: Stmt) -> int:
        found = self._widths.get(stmt)
        if found is None:
            found = self._widths[stmt] = width(stmt)
        return found

    def _fits(self, stmt: Stmt, place: Place) -> bool:
        count, chars = self.size[place]
        if chars + self._width(stmt) > WIDEST:
            return False
        return not stmt.reverse or count < MOST_IN_REVERSE

    def _blocked(self, stmt: Op | Branch, block: Block, at: int, place: Place) -> bool:
        """Does something happen in between that this must not be moved across?"""
        effect, _ = self.survey.seen(stmt)
        target = block.ops[place[1]] if place[1] < len(block.ops) else None
        if effect and isinstance(target, Op) and target.inplace:
            return True
        between = block.ops[at + 1:place[1]]
        if not between:
            return False
        read = self.survey.read_by(stmt)
        path = self._path(stmt, place)
        later: list[Stmt] = []
        for other in between:
            other_effect, written = self.survey.seen(other)
            inside = bool(other.results) and self.nested.keys() >= {*other.results}
            if inside:
                if self.place.get(other) == place:
                    if other_effect and other not in path:
                        return True
                    later.append(other)
                elif other_effect:
                    return True
                continue
            if effect or other_effect or written & read:
                return True
        if effect and later:
            order = self._order(target, block, stmt)
            return any(order.index(other) < order.index(stmt) for other in later)
        return False

    def _path(self, stmt: Stmt, place: Place) -> set[Stmt]:
        """The nested statements around a statement, up to the one that is printed."""
        found: set[Stmt] = set()
        while stmt.results and stmt not in found:
            found.add(stmt)
            use = next(iter(self.uses.get(stmt.results[0], [])), None)
            if use is None or use.block is not place[0] or use.at >= min(place[1], len(use.block.ops)):
                break
            stmt = use.block.ops[use.at]
        return found

    def _order(self, target: Stmt | None, block: Block, new: Op | Branch) -> list[Stmt]:
        """The order in which nested statements are evaluated, `new` among them."""
        order: list[Stmt] = []

        def visit(arg: Arg) -> None:
            for value in values_in(arg):
                stmt = new if value in new.results else self.nested.get(value)
                if stmt is not None and stmt not in order:
                    visit((stmt.args, stmt.kwargs) if isinstance(stmt, Op) else stmt.cond)
                    order.append(stmt)

        visit(list(block_outputs(block)) if target is None else list(operands(target)))
        return order if new in order else [new, *order]

    # -- names that the text can do without ----------------------------------------------------------

    def _absorb(self, block: Block) -> None:
        """Print a named value inside the next statement, where that alone reads it and stays short."""
        for at, stmt in enumerate(block.ops):
            for inner in blocks_of(stmt):
                if inner not in self.inline:
                    self._absorb(inner)
            if isinstance(stmt, Op) and len(stmt.results) == 1 and stmt.result not in self.nested:
                self._absorb_one(stmt, block, at)

    def _absorb_one(self, op: Op, block: Block, at: int) -> None:
        value, uses = op.result, self.uses.get(op.result, [])
        if len(uses) != 1 or uses[0].how != "op" or uses[0].block is not block or op.inplace or \
                op.fn is runtime.unpack or self.survey.seen(op)[0]:
            return
        place = self._place(uses[0], block, value)
        if place is None or place[1] >= len(block.ops):
            return
        target = block.ops[place[1]]
        stored = isinstance(target, Op) and target.inplace and target.args[-1] is value
        if value.hint.endswith("_bar") and not stored:
            return
        if not isinstance(target, Op) or target.reverse != op.reverse or target.effect:
            return
        entry = is_read(op) and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Seq)
        between = [s for s in block.ops[at + 1:place[1]] if not all(r in self.nested for r in s.results)]
        if between and not entry or self._blocked(op, block, at, place):
            return
        count, chars = self._whole(target)
        own_count, own_chars = self._whole(op)
        if count + own_count <= MOST_OPERATORS and chars + own_chars <= SHORT:
            self._nest(value, op, place)

    def _whole(self, stmt: Op | Branch) -> tuple[int, int]:
        """Operators and characters of a statement with what is printed inside it."""
        count, chars = 1, self._width(stmt)
        for value in operands(stmt):
            if value in self.nested:
                more = self._whole(self.nested[value])
                count, chars = count + more[0], chars + more[1]
        return count, chars


def choice(branch: Branch) -> str | None:
    """Is a branch `c and b` (its test where that is false), or `c or b`?"""
    if branch.orelse.results == [branch.cond]:
        return "and"
    return "or" if branch.then.results == [branch.cond] else None


def width(stmt: Stmt) -> int:
    """Characters of a statement's expression, roughly, without what is printed inside it."""
    if isinstance(stmt, Branch):
        return 14 + sum(width(s) for arm in (stmt.then, stmt.orelse) for s in arm.ops)
    if not isinstance(stmt, Op):
        return 0
    name = getattr(stmt.fn, "__name__", "call")
    module = getattr(stmt.fn, "__module__", "") or ""
    total = 3 if module == "_operator" else 4 if stmt.spelling == "attr" else len(name) + 5
    for arg in stmt.args:
        total += _width(arg)
    for key, arg in stmt.kwargs.items():
        total += len(key) + 3 + _width(arg)
    return total


def _width(arg: Any) -> int:
    if isinstance(arg, Value):
        return len(arg.hint) or 1
    if isinstance(arg, Const):
        return len(arg.text) if arg.text is not None else min(len(str(arg.value)), 12)
    return sum(_width(v) + 2 for v in values_in(arg)) + 2

