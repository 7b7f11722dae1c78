r"""A loop of which few states are kept: its reverse goes on from the last one once more, and keeps others on the way.

Which states are kept when is the binomial schedule, which needs the fewest steps for so many snapshots: Griewank and
Walther, "Revolve", ACM TOMS 26 (2000), 19-45.  `runtime.steps_ahead` says how far to go before the next is kept.

>>> import math
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT
>>> n, x, y, z = Value("n", INT), Value("x", FLOAT), Value("y", FLOAT), Value("y_bar", FLOAT)
>>> forward, reverse = Block([y]), Block([z])
>>> forward.results = [forward.emit(math.sin, y, hint="y", kind=FLOAT)]
>>> reverse.results = [reverse.emit(operator.mul, z, reverse.emit(math.cos, y, kind=FLOAT), hint="y_bar", kind=FLOAT)]
>>> first = Loop([x], forward, [Value("y", FLOAT)], Value("i", INT), stop=n, snapshots=Const(3))
>>> second = Loop([Const(1.0)], reverse, [Value("y_bar", FLOAT)], Value("i", INT), stop=n, reverse=True, mirror=first,
...               backward=True)
>>> func = Func("f", [x, n], Block([], [first, second], list(second.results)))
>>> keep_few(func.body, print)
True
>>> print("\n".join(line[8:] for line in show(func).splitlines()[18:38]))
y_kept_7, y_6 = list_pop(y_kept_5)
at_kept_7, at_3 = list_pop(at_kept_5)
while [y_7 = y_6, at_4 = at_3, y_kept_8 = y_kept_7, at_kept_8 = at_kept_7]: -> y_8, at_5, y_kept_9, at_kept_9
    t_6 = lt(at_4, i_2)
    hand on t_6
    y_kept_10 = list_append(y_kept_8, y_7)
    at_kept_10 = list_append(at_kept_8, at_4)
    t_7 = len(at_kept_10)
    t_8 = sub(3, t_7)
    t_9 = sub(i_2, at_4)
    t_10 = steps_ahead(t_9, t_8)
    ahead_2 = add(at_4, t_10)
    for i_3 in at_4, ahead_2, 1 [y_9 = y_7]: -> y_10 snapshots 3
        y_11 = sin(y_9)
        hand on y_11
    hand on y_10, ahead_2, y_kept_10, at_kept_10
y_12 = sin(y_8)
t_11 = cos(y_8)
y_bar_3 = mul(y_bar, t_11)
hand on y_bar_3, y_kept_9, at_kept_9
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

from ad_compiler import runtime
from ad_compiler.adjoint.again import Refuse, again, defined_by, reads_in, reads_of
from ad_compiler.ir import (
    Atom,
    Block,
    Const,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_of,
    map_values,
    substitute,
    walk,
)
from ad_compiler.kinds import BOOL, INT, Seq
from ad_compiler.read.lift import Lifter


def keep_few(block: Block, refuse: Refuse) -> bool:
    """Rewrite each loop that is to keep few snapshots, and its reverse, those inside others first; were there any?"""
    found = [s for s in walk(block) if isinstance(s, Loop) and s.mirror is not None and s.mirror.snapshots is not None]
    for reverse in reversed(found):
        _Schedule(block, reverse, refuse).write()
    return bool(found)


class _Schedule:
    """A loop and its reverse, and what is written in their stead.

    `kept` are the parameters of the body that make up the state as far as the reverse needs it; beside them stands
    `at`, the number of steps done before.
    """

    def __init__(self, block: Block, reverse: Loop, refuse: Refuse) -> None:
        loop = reverse.mirror
        assert loop is not None
        assert loop.snapshots is not None
        self.loop, self.reverse, self.refuse, self.snapshots = loop, reverse, refuse, loop.snapshots
        self.around, self.back = holder_of(block, loop), holder_of(block, reverse)
        self.by_index = loop.index is not None and loop.leave is None       # so is its reverse
        self.counted = self.by_index and not loop.trails
        self.from_0 = loop.index is None or is_number(loop.start, 0) and is_number(loop.step, 1)
        self.plain = self.from_0 and not loop.backward
        self.at = Value("at", INT)
        self.kept, self.stmts = needed(loop, reverse)

    def write(self) -> None:
        """Forwards too, where the number of steps is known before; else the reverse begins with the first state."""
        loop, lifter = self.loop, self.lifter(not self.counted)
        inits: dict[Value, Atom] = {**dict(zip(loop.body.params, loop.inits, strict=True)), self.at: Const(0)}
        stacks = {}
        for like in [*self.kept, self.at] if self.kept else []:
            first = [] if self.counted else [inits[like]]       # forwards each state is put there when it is reached
            (stack,) = lifter.emit(runtime.make_list, (first,), {}, [Seq(like.kind)])
            stacks[like] = named(stack, f"{like.hint or 'state'}_kept")
        if not self.counted:
            put(self.back, self.reverse, [*lifter.block.ops, self.reverse])
        elif stacks:
            step = Step(loop.index, Block(loop.body.params, list(loop.body.ops), list(loop.body.results)))
            going, stacks = self.going(lifter, self.trips(lifter), inits, stacks, step)
            going.results[:len(loop.results)] = loop.results
            put(self.around, loop, [*lifter.block.ops, going])
        self.backwards(stacks)

    def lifter(self, reverse: bool) -> Lifter:
        made = Lifter(Block(), watching=False, reverse=reverse)
        made.fixed_origin = self.loop.origin
        return made

    def going(self, lifter: Lifter, target: Atom, inits: dict[Value, Atom], stacks: dict[Value, Value],
              step: Step) -> tuple[Loop, dict[Value, Value]]:
        """Until the state is that before step number `target`: keep it, and go on as far as the schedule says.

        Gives the loop, which hands on the state and then the stacks, and those.
        """
        params = {like: Value(like.hint, like.kind) for like in inits}
        tops = {like: Value(stack.hint, stack.kind) for like, stack in stacks.items()}
        inside, at = self.lifter(lifter.reverse), params[self.at]
        inside.block.params = [*params.values(), *tops.values()]
        grown = [named(inside.emit(runtime.list_append, (top, params[like]), {}, [top.kind])[0], top.hint)
                 for like, top in tops.items()]
        free = inside.apply(operator.sub, [self.snapshots, inside.apply(len, [grown[-1]])])
        left = inside.apply(operator.sub, [target, at])
        (steps,) = inside.emit(runtime.steps_ahead, (left, free), {}, [INT])
        stop = named(inside.apply(operator.add, [at, steps]), "ahead")
        number, inner = self.counting(step)
        carried = [param for like, param in params.items() if like is not self.at]
        on = Loop(list(carried), inner, [Value(p.hint, p.kind) for p in carried], number, at, stop,
                  origin=self.loop.origin, reverse=lifter.reverse, snapshots=self.snapshots)
        inside.block.ops.append(on)
        inside.block.results = [*on.results, stop, *grown]
        cond = Block()
        cond.results = [cond.emit(operator.lt, at, target, kind=BOOL)]
        made = Loop([*inits.values(), *stacks.values()], inside.block,
                    [Value(p.hint, p.kind) for p in inside.block.params], cond=cond, origin=self.loop.origin,
                    reverse=lifter.reverse)
        return made, dict(zip(stacks, made.results[len(inits):], strict=True))

    def counting(self, step: Step) -> tuple[Value, Block]:
        """A step for its number, counted from 0."""
        if step.number is None:
            return Value("k", INT), step.block
        if self.plain:
            return step.number, step.block
        number = Value("k", INT)
        return number, Block(step.block.params, [*self.indexed(number, step.number), *step.block.ops],
                             step.block.results)

    def indexed(self, number: Atom, index: Value) -> list[Stmt]:
        """`index = start + number * step`; in a loop that runs backward the last number is that of the start."""
        inside, value = self.lifter(False), number
        if self.loop.backward:
            value = self.mirrored(inside, number)
        block = inside.block
        if not is_number(self.loop.step, 1):
            value = block.emit(operator.mul, value, self.loop.step, kind=INT)
        return [*block.ops, Op(operator.add, (self.loop.start, value), {}, [index], self.loop.origin)]

    def trips(self, lifter: Lifter) -> Atom:
        """How many steps there are; none where this is below 0."""
        if self.from_0:
            return self.loop.stop
        if is_number(self.loop.step, 1):
            return lifter.apply(operator.sub, [self.loop.stop, self.loop.start])
        span = lifter.apply(operator.sub, [self.loop.start, self.loop.stop])
        return lifter.apply(operator.neg, [lifter.apply(operator.floordiv, [span, self.loop.step])])

    def backwards(self, stacks: dict[Value, Value]) -> None:
        """The reverse loop takes the last state, goes on from there, does one step once more, and reverses that."""
        loop, reverse, lifter = self.loop, self.reverse, self.lifter(True)
        assert reverse.index is not None
        carried = {like: Value(stack.hint, stack.kind) for like, stack in stacks.items()}
        states: dict[Value, Atom] = {}
        rest: dict[Value, Value] = {}
        for like, stack in carried.items():
            popped = lifter.emit(runtime.list_pop, (stack,), {}, [stack.kind, like.kind])
            rest[like], states[like] = named(popped[0], stack.hint), named(popped[1], like.hint)
        now: dict[Value, Atom] = {}
        if stacks:
            going, rest = self.going(lifter, self.number(lifter), states, rest, self.once_more())
            lifter.block.ops.append(going)
            now.update(zip(self.kept, going.results, strict=False))
        index: list[Stmt] = []
        if loop.index is not None and self.by_index:
            now[loop.index] = reverse.index
        elif loop.index is not None:
            here = Value(loop.index.hint, loop.index.kind)
            now[loop.index], index = here, self.indexed(reverse.index, here)
        step = again(self.stmts, now, self.refuse, reverse.body)
        substitute(reverse.body, now)
        reverse.body.ops[:0] = [*lifter.block.ops, *index, *step]
        reverse.mirror, reverse.snapshots = None, self.snapshots
        reverse.inits += stacks.values()
        reverse.body.params += carried.values()
        reverse.body.results += rest.values()
        reverse.results += [Value(v.hint, v.kind) for v in carried.values()]

    def number(self, lifter: Lifter) -> Atom:
        """The number of the step that is reversed, counted from 0."""
        number: Atom = self.reverse.index       # type: ignore[assignment]
        if self.by_index and not is_number(self.loop.start, 0):
            number = lifter.apply(operator.sub, [number, self.loop.start])
        if self.by_index and not is_number(self.loop.step, 1):
            number = lifter.apply(operator.floordiv, [number, self.loop.step])
        return self.mirrored(lifter, number) if self.loop.backward else number

    def mirrored(self, lifter: Lifter, number: Atom) -> Atom:
        """The number of a step counted from the other end."""
        last = lifter.apply(operator.sub, [self.trips(lifter), Const(1)])
        return lifter.apply(operator.sub, [last, number])

    def once_more(self) -> Step:
        """One step, with values of its own, as far as the state needs it."""
        loop, params = self.loop, [Value(p.hint, p.kind) for p in self.kept]
        now: dict[Value, Atom] = dict(zip(self.kept, params, strict=True))
        index = None
        if loop.index is not None:
            now[loop.index] = index = Value(loop.index.hint, loop.index.kind)
        handed = [new for old, new in zip(loop.body.params, loop.body.results, strict=True) if old in self.kept]
        ops = again(self.stmts, now, self.refuse, Block([], [], handed))
        return Step(index, Block(params, ops, map_values(handed, lambda v: now.get(v, v))))


class Step(NamedTuple):
    """What a loop does in one iteration: the state before it are the block's parameters, that after it its results."""

    number: Value | None
    block: Block


def needed(loop: Loop, reverse: Loop) -> tuple[list[Value], list[Stmt]]:
    """The carried values of a loop that its reverse has to have again, and the statements that it needs."""
    wanted = reads_in(reverse.body)
    stmts: set[Stmt] = set()
    while True:
        for stmt in reversed(loop.body.ops):
            if stmt not in stmts and not wanted.isdisjoint(defined_by(stmt)):
                stmts.add(stmt)
                wanted |= reads_of(stmt)
        more = {new for old, new in zip(loop.body.params, loop.body.results, strict=True)
                if old in wanted and isinstance(new, Value)} - wanted
        if not more:
            break
        wanted |= more
    return [p for p in loop.body.params if p in wanted], [s for s in loop.body.ops if s in stmts]


def holder_of(block: Block, stmt: Stmt) -> Block:
    """The block in which a statement stands."""
    return next(b for b in (block, *(b for s in walk(block) for b in blocks_of(s))) if any(s is stmt for s in b.ops))


def put(block: Block, stmt: Stmt, instead: list[Stmt]) -> None:
    """Put statements in the place of one."""
    at = next(i for i, s in enumerate(block.ops) if s is stmt)
    block.ops[at:at + 1] = instead


def named(value: Any, hint: str) -> Any:
    """A value, called so."""
    if isinstance(value, Value):
        value.hint = hint
    return value


def is_number(atom: Atom, number: int) -> bool:
    return isinstance(atom, Const) and atom.value == number
