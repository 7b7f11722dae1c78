"""From the intermediate form to steps: where names are assigned, loops left, trails kept.

What stands at the end of a loop or function is moved into the arms of a last branch where that gives the
shape that the user wrote: a `break` or a `return` inside an `if`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ad_compiler import runtime
from ad_compiler.emit.nest import Nesting
from ad_compiler.emit.steps import (
    Begin,
    Break,
    Copy,
    Count,
    For,
    Hold,
    If,
    Keep,
    Put,
    Region,
    Return,
    Step,
    While,
)
from ad_compiler.emit.survey import has_length, is_soft, reached
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    definitions,
    map_values,
)

Pairs = list[tuple[Value, Atom]]


def arrange(func: Func, nesting: Nesting) -> list[Step]:
    """The steps of a whole function."""
    return _Arranger(nesting).function(func)


class _Arranger:
    def __init__(self, nesting: Nesting) -> None:
        self.nesting, self.uses = nesting, nesting.uses
        self.pushed = nesting.survey.pushed
        self.kept: dict[Value, list[tuple[Loop, Value]]] = {}
        self.unread: set[Value] = set()

    def function(self, func: Func) -> list[Step]:
        body = func.body
        result = body.results[0] if body.results else Const(None)
        last = body.ops[-1] if body.ops else None
        if isinstance(last, Branch) and self.pushed.get(last) == "return":
            return [*self.steps(body.ops[:-1]), *self.leaving(last, [], None, result)]
        return [*self.steps(body.ops), Return(result)]

    def steps(self, stmts: Sequence[Stmt]) -> list[Step]:
        """Statements, up to one that raises."""
        out: list[Step] = []
        for stmt in reached(stmts):
            if isinstance(stmt, Op):
                out += self.put(stmt)
            elif isinstance(stmt, Loop):
                out += self.loop(stmt)
            elif stmt.way != "if":
                out += self.region(stmt)
            elif self.nesting.is_expression(stmt):
                out += self.put(stmt)
            else:
                out += self.branch(stmt)
                continue
            for value in definitions(stmt) if self.kept else ():
                out += self.entries(value)
        return out

    def put(self, stmt: Op | Branch) -> list[Step]:
        """An op: nothing where it is nested, or printed as an entry of the one trail that wants it."""
        if stmt.results and self.nesting.nested.keys() >= {*stmt.results}:
            return []
        if len(stmt.results) == 1 and self.only_kept(stmt) and len(self.kept.get(stmt.results[0], ())) == 1:
            self.nesting.nested[stmt.results[0]] = stmt
            return []
        if isinstance(stmt, Op) and stmt.inplace:
            return [Put(stmt, stmt.results)]
        read = [r for r in stmt.results if r in self.uses]
        shown = not read and not self.nesting.survey.seen(stmt)[0] and not all(map(is_soft, stmt.results))
        return [Put(stmt, stmt.results if shown else read)]

    def only_kept(self, stmt: Op | Branch) -> bool:
        """Is a result read by trails alone?"""
        value = stmt.results[0]
        uses = self.uses.get(value, [])
        if isinstance(stmt, Op) and (stmt.inplace or stmt.effect or stmt.fn is runtime.unpack) or len(uses) != 1:
            return False
        return uses[0].how == "trail" or value in self.unread

    def entries(self, value: Value) -> list[Step]:
        """What trails keep of a value."""
        return [Keep(trail, loop, value) for loop, trail in self.kept.get(value, ())]

    # -- branches ------------------------------------------------------------------------------------

    def branch(self, branch: Branch) -> list[Step]:
        """An if statement; a trail of what only one arm has is kept in that arm."""
        sunk = [at for at, r in enumerate(branch.results) if r in self.kept and
                UNDEFINED in (branch.then.results[at], branch.orelse.results[at])]
        out: list[Step] = []
        arms = []
        for arm in (branch.then, branch.orelse):
            front = self.sink(branch, arm, sunk)
            steps = [*front, *self.steps(arm.ops)]
            if not ends(steps):
                steps.append(Copy([(r, a) for r, a in zip(branch.results, arm.results, strict=True)
                                   if r not in self.unread], branch.reverse, arm=True))
            arms.append(steps)
        out.append(If(branch.cond, arms[0], arms[1], branch.reverse))
        for at, result in enumerate(branch.results):
            if at not in sunk:
                out += self.entries(result)
        return out

    def region(self, branch: Branch) -> list[Step]:
        """A `with` or a `try`."""
        body = self.steps(branch.then.ops)
        if not ends(body):
            body.append(Copy(list(zip(branch.results, branch.then.results, strict=True)), branch.reverse, arm=True))
        return [Region(branch, body, self.steps(branch.orelse.ops))]

    def sink(self, branch: Branch, arm: Block, places: list[int]) -> list[Step]:
        """Have an arm keep what trails want of some results; what stands outside of the arm, at its start."""
        front: list[Step] = []
        inside = {v for stmt in arm.ops for v in definitions(stmt)}
        for at in places:
            result, handed = branch.results[at], arm.results[at]
            if all(use.how == "trail" for use in self.uses.get(result, ())):
                self.unread.add(result)
                if isinstance(handed, Value) and len(self.uses[handed]) == 1:
                    self.unread.add(handed)
            if isinstance(handed, Value) and handed in inside:
                self.kept.setdefault(handed, []).extend(self.kept[result])
                continue
            for loop, trail in self.kept[result]:
                if handed is not UNDEFINED:
                    front.append(Keep(trail, loop, handed))
                elif not has_length(loop):
                    front.append(Keep(trail, loop, Const(None)))
        return front

    def leaving(self, branch: Branch, pairs: Pairs, leave: Atom | None, returned: Arg = None) -> list[Step]:
        """A branch at the end of a loop or function, with what comes after it in both arms."""
        places = [at for at, r in enumerate(branch.results) if r in self.kept]
        arms = []
        for arm in (branch.then, branch.orelse):
            handed = dict(zip(branch.results, arm.results, strict=True))

            def new(value: Value, handed: dict[Value, Atom] = handed) -> Atom:
                return handed.get(value, value)
            after = [(param, map_values(atom, new)) for param, atom in pairs]
            flag = None if leave is None else map_values(leave, new)
            result = map_values(returned, new)
            steps = self.sink(branch, arm, places)
            last = arm.ops[-1] if arm.ops else None
            if isinstance(last, Branch) and last in self.pushed:
                steps += [*self.steps(arm.ops[:-1]), *self.leaving(last, after, flag, result)]
            else:
                steps += self.steps(arm.ops)
                if not ends(steps):
                    steps += [Return(result)] if leave is None else self.end(after, flag, branch.reverse)
            arms.append(steps)
        return [If(branch.cond, arms[0], arms[1], branch.reverse)]

    def end(self, pairs: Pairs, flag: Atom | None, reverse: bool) -> list[Step]:
        """The end of an iteration: what is handed to the next one, and whether there is one."""
        out: list[Step] = [Copy(pairs, reverse)]
        carried = {param for param, _ in pairs}
        if isinstance(flag, Value) and any(v in carried for v in self.nesting.reads(flag)):
            out.insert(0, If(flag, [Copy(pairs, reverse), Break()], [], reverse))
        elif isinstance(flag, Value):
            out.append(If(flag, [Break()], [], reverse))
        elif flag is not None and flag.value:
            out.append(Break())
        return out

    # -- loops ---------------------------------------------------------------------------------------

    def loop(self, loop: Loop) -> list[Step]:
        """A loop with what stands before it."""
        body, reverse = loop.body, loop.reverse
        out: list[Step] = [Copy(list(zip(body.params, loop.inits, strict=True)), reverse)]
        inside = {v for stmt in body.ops for v in definitions(stmt)}
        steps: list[Step] = []
        if loop.trips is not None and loop.trips in self.uses:
            out.append(Begin(loop.trips, loop))
            steps.append(Count(loop.trips))
        for inner, trail in loop.trails:
            if trail in self.uses:
                out.append(Begin(trail, loop))
                if isinstance(inner, Value) and inner in inside:
                    self.kept.setdefault(inner, []).append((loop, trail))
                else:
                    steps.append(Keep(trail, loop, inner))
        pairs = list(zip(body.params, body.results, strict=True))
        last = body.ops[-1] if body.ops else None
        hold: list[Step] = [] if loop.index is None else [Hold([loop.index])]
        if isinstance(last, Branch) and self.pushed.get(last) == "leave" and loop.leave in last.results:
            steps += [*self.steps(body.ops[:-1]), *hold, *self.leaving(last, pairs, loop.leave)]
        else:
            steps += self.steps(body.ops)
            if not ends(steps):
                steps += [*hold, *self.end(pairs, loop.leave, reverse)]
        if loop.index is not None:
            out.append(For(loop, steps))
        else:
            assert loop.cond is not None
            out.append(While(loop, self.steps(loop.cond.ops), loop.cond.results[0], steps))
        return out


def ends(steps: list[Step]) -> bool:
    """Does nothing come after these steps?"""
    last = steps[-1] if steps else None
    if isinstance(last, Put):
        return isinstance(last.stmt, Op) and last.stmt.fn is runtime.raise_
    if isinstance(last, If):
        return ends(last.then) and ends(last.orelse)
    if isinstance(last, Region):
        return ends(last.body)
    return isinstance(last, (Break, Return))
