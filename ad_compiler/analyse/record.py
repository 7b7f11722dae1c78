"""Recording: how the reverse sweep comes by the values of the forward sweep that it reads.

A value of a loop's body is computed again where that is cheap, taken from the trail of a carried value that
is kept anyway, or kept in a trail of its own.  A value of a branch's arm is handed on by the branch.  Of an
array that is stored into, `choose` decides whether what a store overwrites is kept instead.  What nothing
reads is not kept: this pass runs after the adjoint has been simplified.

>>> import numpy as np
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import FLOAT
>>> n, x, y, z = Value("n", INT), Value("x", FLOAT), Value("y", FLOAT), Value("z", FLOAT)
>>> forward, reverse = Block([y]), Block([z])
>>> new = forward.emit(np.exp, y, hint="y", kind=FLOAT)
>>> forward.results = [new]
>>> reverse.results = [reverse.emit(operator.mul, z, new, hint="z", kind=FLOAT)]
>>> first = Loop([x], forward, [Value("y", FLOAT)], Value("i", INT), stop=n)
>>> second = Loop([Const(1.0)], reverse, [Value("z", FLOAT)], Value("i", INT), stop=n, mirror=first, backward=True)
>>> print(show(record(Func("f", [x, n], Block([], [first, second], list(second.results))))))
def f(x, n):
    for i in 0, n, 1 [y = x]: -> y_3 trails y_trail of y_2
        y_2 = exp(y)
        hand on y_2
    for i_2 in 0, n, 1 [z = 1.0]: -> z_2
        y_4 = getitem(y_trail, i_2)
        z_3 = mul(z, y_4)
        hand on z_3
    return z_2
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from ad_compiler.analyse.again import DEAR, DEAREST, Again, length_of
from ad_compiler.analyse.chains import Chains, Path, is_copy
from ad_compiler.analyse.choose import Plan, choose
from ad_compiler.analyse.place import placed, reads_of
from ad_compiler.analyse.restore import Known, Restorer
from ad_compiler.ir import (
    UNDEFINED,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    free_values,
    map_values,
    operands,
    walk,
)
from ad_compiler.kinds import INT, Seq
from ad_compiler.ops import is_overwrite, is_zeros, traits


def record(func: Func, apart: int = 0) -> Func:
    """Make every value that the reverse sweep reads visible where it reads it.

    `apart`: so many results, the last ones, are handed out before the reverse sweep.
    """
    if all(type(stmt) is Op and not is_overwrite(stmt) for stmt in func.body.ops):
        return func     # all that is read is still there
    func.edits += 1
    proofs: dict[tuple[Value, Op], bool] = {}
    chains = Chains(func)

    def run(plan: Plan) -> None:
        _Recorder(func, plan, proofs, chains.copy(), apart).run()

    choose(func, chains, run)
    return func


class _Recorder(Restorer):
    def __init__(self, func: Func, plan: Plan, proofs: dict[tuple[Value, Op], bool], chains: Chains, apart: int
                 ) -> None:
        self.func, self.chosen, self.whole, self.apart = func, plan.restored, plan.kept, apart
        self.chains = chains
        self.home, self.maker, self.index_of = self.chains.home, self.chains.maker, self.chains.index_of
        self.exports: dict[tuple[Value, int], Value] = {}
        self.trails: dict[tuple[int, Value], Value] = {}
        self.levels: dict[int, tuple[list[Stmt], Known]] = {}
        self.undoing, self.starts, self.old = {}, {}, {}
        self.again = Again(self.chains, self.chosen, proofs)
        self.mirrored = {s.mirror for s in walk(func.body) if isinstance(s, Loop) and s.mirror is not None}
        self.asked = {v for stmt in func.body.ops if stmt.reverse for v in reads_of(stmt)}

    def run(self) -> None:
        self._fix(self.func.body, (), {})

    def _top(self) -> Block:
        return self.func.body

    # -- one block of the reverse sweep --------------------------------------------------------------

    def _fix(self, block: Block, path: Path, known: Known) -> None:
        """Resolve what the statements of a block read; arms are entered with what is known here."""
        known = {**known, **self.starts.pop(block, {})}
        front: list[Stmt] = []
        self.levels[id(block)] = (front, known)
        arrays = self.undoing.pop(block, [])
        handed = [u for u in arrays if u.slot is not None]
        between = self._between() if not path else []
        staged = bool(arrays or between) or bool(self.chosen) and any(
            isinstance(s, Loop) and any(s.mirror is loop for loop, _ in self.chosen)
            for s in block.ops)        # what is known differs from statement to statement
        begun: list[tuple[Stmt, Known]] = []
        passed: set[Stmt] = set()

        def undo() -> None:
            for array in arrays:
                begun.extend((made, dict(known)) for made in self._undo(array, block, passed, path, known, front))

        undo()
        owner = path[-1][0] if path else None
        if isinstance(owner, Loop) and owner.mirror is not None and block is owner.body:
            for value in self.whole:
                if self.home[value] and self.home[value][-1][0] is owner.mirror:
                    self._resolve(value, path, known, front)
        for stmt in list(block.ops):
            if not path and not stmt.reverse and isinstance(stmt, Op):
                continue        # of the forward sweep, outside of loops: all that it reads is there
            if isinstance(stmt, Loop):
                arrays += self._begin(stmt, path)
            if between and stmt.reverse:
                arrays += between
                between = []
                undo()
            if isinstance(stmt, Op) and path and (like := traits(stmt).like) is not None:
                self._shaped(stmt, like, path, known, front)
            reads = list(operands(stmt))
            if isinstance(stmt, Loop):
                reads += [v for inner in blocks_of(stmt) for v in free_values(inner, stmt)
                          if not (stmt.mirror is not None and self._inside(v, stmt.mirror))]
            renamed = False
            for value in reads:
                if value in known or self.home.get(value) and self._resolve(value, path, known, front) is not value:
                    renamed = True
            if renamed:
                _rewrite(stmt, known)
            if not isinstance(stmt, Op):
                begun.append((stmt, dict(known) if staged else known))
                passed.add(stmt)
            for array in arrays:
                if array.waits is stmt:
                    self._pass(array, known)
                    undo()
        for value in block_outputs(block, owner):
            self._resolve(value, path, known, front)
        for stmt, then in begun:
            if isinstance(stmt, Branch) and stmt.way != "if":       # what it hands on is read outside it
                then = {v: atom for v, atom in then.items() if not self._inside(v, stmt)}
            for inner in blocks_of(stmt):
                self._fix(inner, (*path, (stmt, inner)), then)
        read = len(block.results) - (0 if path else self.apart)
        block.results[:read] = map_values(block.results[:read], lambda v: known.get(v, v))
        for array in handed:
            assert array.slot is not None
            block.results[array.slot] = array.now
        if isinstance(owner, Loop) and block is owner.body:
            owner.leave = None if owner.leave is None else map_values(owner.leave, lambda v: known.get(v, v))
            owner.trails = [(map_values(v, lambda v: known.get(v, v)), t) for v, t in owner.trails]
        block.ops = placed(front, block.ops)

    def _shaped(self, op: Op, at: int, path: Path, known: Known, front: list[Stmt]) -> None:
        """Give a version of the array that is at hand to what asks for its shape alone, or an axis of that length."""
        asked = op.args[at] if len(op.args) > at else None
        if isinstance(asked, Value) and asked not in known and not self._visible(asked, path):
            like = self.again.like(asked, known, lambda v: self._visible(v, path))
            if like is not None:
                op.args = (*op.args[:at], like, *op.args[at + 1:])
            elif is_zeros(op) and not op.kwargs:
                axis = self.again.axis(asked, lambda v: self._visible(v, path))
                if axis is not None:
                    made = length_of(*axis)
                    front += made
                    self.home.update((v, path) for each in made for v in each.results)
                    op.fn, op.args = np.zeros, (made[-1].result,)

    def _inside(self, value: Value, where: Stmt) -> bool:
        return any(stmt is where for stmt, _ in self.home.get(value, ()))

    def _visible(self, value: Value, path: Path) -> bool:
        home = self.home.get(value, ())
        if len(home) > len(path):
            return False
        for h, p in zip(home, path, strict=False):
            if h[1] is not p[1] and not (isinstance(h[0], Loop) and h[0] is p[0]):
                return False
        return True

    def _resolve(self, value: Value, path: Path, known: Known, front: list[Stmt]) -> Atom:
        """An atom that is visible at `path` and has the value that `value` had in the same iteration."""
        if value in known:
            return known[value]
        if self._visible(value, path):
            return value
        home = self.home[value]
        loop = self._mirrored(home, path)
        if loop is None:
            shared = self._export_to(value, path)
            known[value] = self._resolve(shared, path, known, front) if shared is not value else value
            return known[value]
        forward = loop.mirror
        assert forward is not None
        if value in self.index_of and self.index_of[value] is forward:
            known[value] = self._index(loop, forward, path, known, front)
            return known[value]
        if value not in self.old.values():
            way = self._cheapest(value, path, known, DEAREST)
            if way is not None:
                known[value] = self._again(way[1], path, known, front)
                return known[value]
        inner = self._export_in(value, forward)
        if inner is not value and inner in known:
            known[value] = known[inner]
            return known[value]
        found = self._from_carried(inner, loop, forward, path, known, front)
        if found is None:
            trail = self._trail(inner, forward)
            at = self._position(loop, forward, front)
            found = self._read(trail, at, inner, path, known, front, loop)
        known[inner] = known[value] = found
        return found

    def _mirrored(self, home: Path, path: Path) -> Loop | None:
        """The innermost loop around `path` that undoes a loop around `home`."""
        for stmt, _ in reversed(path):
            if isinstance(stmt, Loop) and stmt.mirror is not None and any(h is stmt.mirror for h, _ in home):
                return stmt
        return None

    # -- forward values made visible -----------------------------------------------------------------

    def _export_to(self, value: Value, path: Path) -> Value:
        """Hand a value on out of the branches that it stands in."""
        home = self.home[value]
        if not home or self._visible(value, path):
            return value
        return self._export_once(value)

    def _export_in(self, value: Value, loop: Loop) -> Value:
        """Hand a value on out of branches up to the body of `loop`."""
        while self.home[value][-1][0] is not loop:
            value = self._export_once(value)
        return value

    def _export_once(self, value: Value) -> Value:
        stmt, block = self.home[value][-1]
        if not isinstance(stmt, Branch):
            raise AssertionError(f"{value} of a loop is read outside the reverse of that loop")
        key = (value, id(stmt))
        if key not in self.exports:
            for result, handed in zip(stmt.results, block.results, strict=True):
                if handed is value:
                    self.exports[key] = result
                    return result
            result = Value(value.hint, value.kind)
            stmt.results.append(result)
            stmt.then.results.append(value if block is stmt.then else UNDEFINED)
            stmt.orelse.results.append(value if block is stmt.orelse else UNDEFINED)
            self.exports[key] = result
            self.home[result], self.maker[result] = self.home[value][:-1], stmt
        return self.exports[key]

    def _trail(self, value: Value, loop: Loop) -> Value:
        key = (id(loop), value)
        if key not in self.trails:
            for inner, trail in loop.trails:
                if inner is value:
                    self.trails[key] = trail
                    return trail
            trail = Value(trail_name(value.hint), Seq(value.kind))
            loop.trails.append((value, trail))
            self.trails[key] = trail
            self.home[trail] = next(h for h in _prefixes(self.home[value]) if h[-1][0] is loop)[:-1]
            self.maker[trail] = loop
        return self.trails[key]

    def _read(self, trail: Value, at: Atom, value: Value, path: Path, known: Known, front: list[Stmt],
              loop: Loop) -> Atom:
        where = self._resolve(trail, path, known, front)
        result = Value(value.hint, value.kind)
        front.append(Op(operator.getitem, (where, at), {}, [result], reverse=True))
        self.home[result] = path
        return result

    def _from_carried(self, value: Value, loop: Loop, forward: Loop, path: Path, known: Known,
                      front: list[Stmt]) -> Atom | None:
        """What an iteration handed on is what the one after it began with, which may be kept anyway."""
        for at, handed in enumerate(forward.body.results):
            param = forward.body.params[at]
            if handed is not value or not self._wanted(param, loop):
                continue
            place = next(i for i, (stmt, _) in enumerate(path) if stmt is loop)
            outer, inside = path[:place], path[:place + 1]
            loop_front, loop_known = self.levels[id(loop.body)]
            before: list[Stmt] = []
            init = self._resolve(forward.results[at], outer, {}, before)
            if before:
                return None
            trail = self._trail(param, forward)
            carried, result = Value(value.hint, value.kind), Value(value.hint, value.kind)
            loop.inits.append(init)
            loop.body.params.append(carried)
            loop.results.append(result)
            self.home[carried] = inside
            if param not in loop_known:
                at_start = self._position(loop, forward, loop_front)
                loop_known[param] = self._read(trail, at_start, param, inside, loop_known, loop_front, loop)
            known.setdefault(param, loop_known[param])
            loop_known[value] = carried
            loop.body.results.append(loop_known[param])
            return carried
        return None

    def _wanted(self, param: Value, loop: Loop) -> bool:
        """Does the reverse loop read this value of the start of an iteration?"""
        return any(v is param for stmt in walk(loop.body) for v in operands(stmt)) or \
            any(v is param for v in block_outputs(loop.body, loop))

    def _index(self, loop: Loop, forward: Loop, path: Path, known: Known, front: list[Stmt]) -> Atom:
        """The forward index in the reverse loop, which counts iterations where the forward loop may leave."""
        assert loop.index is not None
        if forward.leave is None:
            return loop.index

        def emit(fn: Callable[..., int], *args: Atom) -> Value:
            result = Value("", INT)
            front.append(Op(fn, args, {}, [result], loop.origin, reverse=True))
            return result

        start, step = (self._resolve(bound, path, known, front) if isinstance(bound, Value) else bound
                       for bound in (forward.start, forward.step))
        if isinstance(step, Const) and step.value == -1:
            return emit(operator.sub, start, loop.index)
        one = isinstance(step, Const) and step.value == 1
        place = loop.index if one else emit(operator.mul, loop.index, step)
        return place if isinstance(start, Const) and start.value == 0 else emit(operator.add, place, start)

    def _position(self, loop: Loop, forward: Loop, front: list[Stmt]) -> Atom:
        """Number of the iteration that the reverse loop undoes, from 0."""
        assert loop.index is not None
        if forward.index is None or forward.leave is not None:
            return loop.index
        place: Atom = loop.index
        for fn, by, neutral in ((operator.sub, loop.start, 0), (operator.floordiv, loop.step, 1)):
            if isinstance(by, Const) and by.value == neutral:
                continue
            result = Value("", INT)
            front.append(Op(fn, (place, by), {}, [result], loop.origin, reverse=True))
            place = result
        return place

    # -- computing again -----------------------------------------------------------------------------

    def _cost(self, value: Value, path: Path, known: Known, left: float) -> float:
        """What it costs to have a value; much where that is more than what is `left`."""
        if value in known or self._visible(value, path):
            return 0.0
        loop = self._mirrored(self.home[value], path)
        if value in self.index_of and loop is not None and self.index_of[value] is loop.mirror:
            return 0.0
        if loop is not None and loop.mirror is not None and value in loop.mirror.body.params:
            return 0.5 if self._wanted(value, loop) else DEAR
        way = self._cheapest(value, path, known, left)
        return DEAR if way is None else way[0]

    def _cheapest(self, value: Value, path: Path, known: Known, left: float) -> tuple[float, Op] | None:
        """The op that gives a value at the least cost, if there is one for what is left."""
        found: tuple[float, Op] | None = None
        for op in self.again.ways(value, known, lambda v: v in known or self._visible(v, path)):
            total = self.again.price(op)
            for read in dict.fromkeys(operands(op)):
                if total <= left:
                    total += self._cost(read, path, known, left - total)
            if total <= left and (found is None or total < found[0]):
                found = total, op
        return found

    def _again(self, op: Op, path: Path, known: Known, front: list[Stmt]) -> Atom:
        for read in operands(op):
            known[read] = self._resolve(read, path, known, front)
        if is_copy(op):
            return known[op.args[0]]
        result = Value(op.result.hint, op.result.kind)
        front.append(Op(op.fn, map_values(op.args, lambda v: known.get(v, v)),
                        map_values(op.kwargs, lambda v: known.get(v, v)), [result], op.origin, op.spelling,
                        stopped=op.stopped, reverse=True))
        self.home[result] = path
        return result


def trail_name(hint: str) -> str:
    """`h_trail`, and `h_trails` for one in each iteration of a loop around; the emitter names the others."""
    return f"{hint}s" if hint.endswith("_trail") else f"{hint}_trail" if hint else ""


def _prefixes(path: Path) -> list[Path]:
    return [path[:n] for n in range(1, len(path) + 1)]


def _rewrite(stmt: Stmt, known: Known) -> None:
    def new(value: Value) -> Atom:
        return known.get(value, value)
    if isinstance(stmt, Op):
        stmt.args, stmt.kwargs = map_values(stmt.args, new), map_values(stmt.kwargs, new)
    elif isinstance(stmt, Branch):
        stmt.cond = map_values(stmt.cond, new)
    else:
        stmt.inits, stmt.snapshots = map_values((stmt.inits, stmt.snapshots), new)
        stmt.start, stmt.stop, stmt.step = map_values((stmt.start, stmt.stop, stmt.step), new)
