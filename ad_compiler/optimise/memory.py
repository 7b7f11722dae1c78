"""Which memory a value may stand in, and whether an op may write into that of its first argument.

A memory is named by the value that it was made for.  Where a loop comes round again, what its body made in
an earlier iteration is told apart from what it makes in this one.

>>> import numpy as np
>>> import operator
>>> from ad_compiler.ir import Block, Const, Slice
>>> from ad_compiler.kinds import Sym
>>> a, block = Value("a", Num("float64", (Sym("n"),))), Block()
>>> b = block.emit(np.copy, a, kind=a.kind, hint="b")
>>> c = block.emit(operator.getitem, b, Slice(Const(1), Const(None), Const(None)), kind=a.kind, hint="c")
>>> memory = Memory(Func("f", [a], block), set())
>>> memory.whole == {b}, [root.value.hint for root in memory.roots[c]]
(True, ['b'])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ad_compiler import runtime
from ad_compiler.indices import gathers
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Atom,
    Branch,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    definitions,
    free_values,
    operands,
    values_in,
)
from ad_compiler.kinds import Num, Obj, Seq, Shape
from ad_compiler.ops import is_known, is_maker, is_read, makes_list, may_pass, traits, writes_list


class Root(NamedTuple):
    """The memory made for `value`; `old`: in an earlier iteration of a loop around it."""

    value: Value
    old: bool


class Buffers:
    """Values of a loop that stand in memories apart from each other, and all that these may be."""

    def __init__(self, members: frozenset[Value], behind: frozenset[Root] = frozenset()) -> None:
        self.members, self.behind = members, behind


Roots = frozenset[Root]
NONE: Roots = frozenset()


def holds_memory(value: Value) -> bool:
    """Is this something that can be written into, unlike a number or a shape?"""
    kind = value.kind
    if type(kind) is Num:
        return not (kind.shape == () and kind.form in ("py", "np"))
    return not isinstance(kind, Shape) and not (isinstance(kind, Obj) and kind.type == "str")


class Followed(NamedTuple):
    """What was known before a loop was followed, of what it reads, and what had escaped behind it."""

    reads: list[Value]
    known: list[object]
    escaped: Roots


class Memory:
    """`roots` of each value, and the values that are `whole`: all of a buffer that this function made.

    `taking` are the ops whose result takes over the memory of their first argument.  `blocking`: what is
    still read, of those that are misplaced for no other reason.  `swaps`: tell buffers apart that a loop swaps.
    Not `follow`: whoever makes it calls `follow` for the statements of the function, in their order.
    """

    def __init__(self, func: Func, taking: set[Op], swaps: bool = True, *, follow: bool = True) -> None:
        self.func, self.taking, self.swaps = func, taking, swaps
        self.roots: dict[Value, Roots] = {v: frozenset({Root(v, False)}) for v in (*func.params, *func.refs)}
        self.whole: set[Value] = set()
        self.escaped: Roots = NONE
        self.exposed: dict[Op, Roots] = {}
        self.blocking: dict[Op, list[Value]] = {}
        self.loops: list[Loop] = []
        self.around: dict[Value, tuple[Loop, ...]] = {}
        self.buffers: dict[Value, Buffers] = {}
        self.reached: dict[Root, Roots] = {}        # by `reach`; emptied where a loop has changed what it depends on
        self.followed: dict[Loop, Followed] = {}
        if follow:
            self.follow(func.body.ops)

    def of(self, atom: Arg) -> Roots:
        """Every memory that an argument may stand in."""
        if isinstance(atom, Value):
            return self.roots.get(atom, NONE)
        return NONE.union(*[self.roots.get(v, NONE) for v in values_in(atom)])

    # -- forwards: who stands where ------------------------------------------------------------------

    def _set(self, value: Value, roots: Roots, whole: bool) -> None:
        holds = holds_memory(value)
        self.roots[value] = roots if holds else NONE
        (self.whole.add if whole and holds else self.whole.discard)(value)

    def _is_whole(self, atom: Atom) -> bool:
        return atom is UNDEFINED or atom in self.whole

    def follow(self, stmts: Iterable[Stmt]) -> None:
        """Take in statements, all before them being known."""
        for stmt in stmts:
            if isinstance(stmt, Op):
                self._op(stmt)
            elif isinstance(stmt, Branch):
                self.follow(stmt.then.ops)
                self.follow(stmt.orelse.ops)
                for result, *sides in zip(stmt.results, stmt.then.results, stmt.orelse.results, strict=True):
                    self._set(result, self.of(sides), all(map(self._is_whole, sides)))
            else:
                self._loop_once(stmt)

    def forget(self, stmts: Iterable[Stmt]) -> None:
        """Drop what is known of what statements define, for them to be followed again."""
        self.reached.clear()
        for stmt in stmts:
            for value in definitions(stmt):
                self.buffers.pop(value, None)
            if isinstance(stmt, Loop):
                self.followed.pop(stmt, None)
            for inner in blocks_of(stmt):
                for value in inner.params:
                    self.buffers.pop(value, None)
                self.forget(inner.ops)

    def _op(self, op: Op) -> None:
        if op in self.taking:
            self.exposed[op] = self.escaped
        if op.effect and op.fn not in (runtime.raise_, runtime.assert_) and not is_known(op):
            self.escaped |= self.of(operands(op))       # whoever was given it may have kept it
        for result in op.results:
            if not holds_memory(result):
                self.roots[result] = NONE
                continue
            self.around[result] = tuple(self.loops)
            if result is not op.results[0]:         # what is taken out of a list is no part of the list itself
                self._set(result, self._items(op) if writes_list(op) and isinstance(result.kind, Num) else
                          self.of(operands(op)), False)
            elif op in self.taking:
                held = self.of(op.args[1:]) if writes_list(op) and traits(op).holds else NONE
                self._set(result, self.of(op.args[0]) | held, self._is_whole(op.args[0]))
            elif makes_list(op):        # a list holds what is put into it; sums and zeros are made anew
                held = self.of(operands(op)) if traits(op).holds else NONE
                if not isinstance(result.kind, Seq) or not isinstance(result.kind.elem, Seq):
                    held = frozenset(root for root in held if not is_list(root.value))      # what is in them may be
                self._set(result, frozenset({Root(result, False)}) | held, True)
            elif is_read(op) and isinstance(result.kind, Num) and is_list(op.args[0]):
                self._set(result, self._items(op), False)
            elif makes(op) and (isinstance(result.kind, Num) or makes_list(op)):
                self._set(result, frozenset({Root(result, False)}), True)
            else:
                self._set(result, self.of(operands(op)), False)

    def _items(self, op: Op) -> Roots:
        """What the items of a list stand in."""
        return frozenset(root for root in self.of(op.args[0]) if not is_list(root.value))

    def _loop_once(self, loop: Loop) -> None:
        """Follow a loop, unless it was with the same before: loops around it go round until nothing changes."""
        last = self.followed.get(loop)
        reads = last.reads if last else [*operands(loop), *(v for b in blocks_of(loop) for v in free_values(b, loop))]
        known = self._known(reads)
        if last and last.known == known:
            self.escaped = last.escaped
            return
        self._loop(loop)
        self.followed[loop] = Followed(reads, known, self.escaped)

    def _known(self, reads: list[Value]) -> list[object]:
        """All that what a loop does depends on: where these stand, the buffers behind that, and what has escaped."""
        roots = [self.roots.get(value, NONE) for value in reads]
        behind: dict[Value, tuple[frozenset[Value], Roots]] = {}
        todo = [root.value for some in roots for root in some] if self.buffers else []
        while todo:
            value = todo.pop()
            group = self.buffers.get(value)
            if group is not None and value not in behind:
                behind[value] = group.members, group.behind
                todo += (root.value for root in group.behind)
        return [roots, [value in self.whole for value in reads], behind, self.escaped]

    def _loop(self, loop: Loop) -> None:
        body = loop.body
        self._iterate(loop, [])
        mixed = [i for i, p in enumerate(body.params) if isinstance(p.kind, Num) and holds_memory(p) and any(
            q is not p and self.meet(self.roots[p], self.roots[q]) for q in body.params)]
        apart = [i for i in mixed if not any(self.meet(self.of(loop.inits[i]), self.of(loop.inits[j]))
                                             for j in mixed if j != i)] if self.swaps else []
        if len(apart) > 1 and not self._iterate(loop, apart):
            apart = []
            self._iterate(loop, apart)
        group = Buffers(frozenset(loop.results[i] for i in apart))
        for i, (result, param, handed) in enumerate(zip(loop.results, body.params, body.results, strict=True)):
            found = self.roots[param] | self.of(handed)
            if i in apart:
                group.behind |= found | self._aged(self.of(handed), loop)
                self.buffers[result] = group
                self.around[result] = tuple(self.loops)
                found = frozenset({Root(result, False)})
            self._set(result, found, self._is_whole(param))
        for inner, trail in loop.trails:
            held = self.of(inner) | self._aged(self.of(inner), loop)
            self._set(trail, held | {Root(trail, False)}, True)
        self.reached.clear()

    def _iterate(self, loop: Loop, apart: list[int]) -> bool:
        """Follow memory round a loop; False where the buffers that were to stay `apart` do not.

        Buffers that are swapped stay as many: what a parameter stands in is one of them, and no other
        parameter stands in it.
        """
        body = loop.body
        group = Buffers(frozenset(body.params[i] for i in apart))
        for i, (param, init) in enumerate(zip(body.params, loop.inits, strict=True)):
            self.buffers.pop(param, None)
            self._set(param, self.of(init), self._is_whole(init))
            if i in apart:
                group.behind |= self.roots[param]
                self.buffers[param], self.around[param] = group, (*self.loops, loop)
                self.roots[param] = frozenset({Root(param, False)})
        self.loops.append(loop)
        before = self.escaped
        while True:
            known = self.escaped
            if loop.cond is not None:
                self.follow(loop.cond.ops)
            self.follow(body.ops)
            settled = True
            for i, (param, handed) in enumerate(zip(body.params, body.results, strict=True)):
                roots, whole, behind = self.roots[param], param in self.whole, group.behind
                found = self.of(handed)
                if i in apart:
                    group.behind |= self._aged(frozenset(r for r in found if r.value not in group.members), loop)
                    self._set(param, roots, whole and self._is_whole(handed))
                else:
                    self._set(param, roots | self._aged(found, loop), whole and self._is_whole(handed))
                settled = settled and (roots, whole, behind) == (self.roots[param], param in self.whole, group.behind)
            escaped = before | self._aged(self.escaped, loop)
            if settled and escaped <= known:
                break
            self.escaped = escaped
        self.loops.pop()
        self.reached.clear()
        handed_on = [self.of(body.results[i]) for i in apart]
        return not any(self.meet(a, b) for at, a in enumerate(handed_on) for b in handed_on[:at])

    def _aged(self, roots: Roots, loop: Loop) -> Roots:
        if not roots:       # of a number
            return roots
        aged = set[Root]()
        for v, old in roots:
            aged.add(Root(v, old or loop in self.around.get(v, ())))
            if v in loop.body.params and v in self.buffers:     # in another iteration, any of the buffers
                aged.update(Root(member, False) for member in self.buffers[v].members)
                aged |= self.buffers[v].behind
        return frozenset(aged)

    # -- do memories meet? ---------------------------------------------------------------------------

    def meet(self, a: Roots, b: Roots) -> bool:
        """May something in the one memory stand in the other?"""
        if not a.isdisjoint(b):
            return True
        if not self.buffers:
            return False
        return any(self._meet_one(x, y) for x in a for y in b)

    def _meet_one(self, x: Root, y: Root) -> bool:
        mine, theirs = self.buffers.get(x.value), self.buffers.get(y.value)
        if mine is None and theirs is None or mine is theirs and not x.old and not y.old:
            return False
        return not self.reach(x).isdisjoint(self.reach(y))

    def reach(self, root: Root) -> Roots:
        """A memory, and what may stand behind it where it is a buffer of a loop."""
        if root in self.reached:
            return self.reached[root]
        found, todo = {root}, [root]
        while todo:
            one = todo.pop()
            group = self.buffers.get(one.value)
            for behind in () if group is None else group.behind:
                for then in self._as_old(behind, one) if one.old else (behind,):
                    if then not in found:
                        found.add(then)
                        todo.append(then)
        self.reached[root] = reached = frozenset(found)
        return reached

    def _as_old(self, behind: Root, buffer: Root) -> tuple[Root, ...]:
        """What stood behind a buffer in an earlier iteration: what the body made was made in that iteration."""
        loops, made = self.around.get(buffer.value, ()), self.around.get(behind.value, ())
        aged = Root(behind.value, True)
        if all(loop in made for loop in loops):
            return (aged,)
        return (behind, aged) if any(loop in made for loop in loops) else (behind,)

    def all_of(self, arg: Arg) -> Roots:
        """`of`, with all that may stand behind."""
        roots = self.of(arg)
        return roots.union(*(self.reach(root) for root in roots)) if self.buffers else roots

    # -- backwards: who is still read ----------------------------------------------------------------

    def misplaced(self) -> list[Op]:
        """The ops of `taking` that may not write into their first argument, in the order of the program."""
        return self.misplaced_in(self.func.body.ops, set(values_in(self.func.body.results)))

    def misplaced_in(self, stmts: list[Stmt], live: set[Value]) -> list[Op]:
        """The same of statements of the function, where `live` is read after them."""
        found: list[Op] = []
        self._read_later(stmts, live.copy(), NONE, found)
        return found[::-1]

    def _read_later(self, stmts: list[Stmt], live: set[Value], kept: Roots, found: list[Op]) -> None:
        """Walk statements backwards; `live` is read after them, `kept` was put on trails before."""
        for stmt in reversed(stmts):
            live.difference_update(definitions(stmt))
            if isinstance(stmt, Op):
                if stmt in self.taking and not self._may_take(stmt, live, kept):
                    found.append(stmt)
            elif isinstance(stmt, Branch):
                after = live.copy()
                for arm in (stmt.orelse, stmt.then):
                    inner = after | set(block_outputs(arm))
                    self._read_later(arm.ops, inner, kept, found)
                    live |= inner
                    if stmt.way != "if":        # the end of a region comes after what is in it
                        after = live.copy()
            else:
                self._read_in_loop(stmt, live, kept, found)
            live.update(operands(stmt))

    def _read_in_loop(self, loop: Loop, live: set[Value], kept: Roots, found: list[Op]) -> None:
        for inner in blocks_of(loop):
            live.update(free_values(inner, loop))
        trails = kept.union(*(self._aged(self.of(inner), loop) for inner, _ in loop.trails))
        if loop.cond is not None:
            found += [op for op in reversed(loop.cond.ops) if isinstance(op, Op) and op in self.taking]
        self._read_later(loop.body.ops, live | set(block_outputs(loop.body, loop)), trails, found)

    def _may_take(self, op: Op, live: set[Value], kept: Roots) -> bool:
        taken = op.args[0]
        if not isinstance(taken, Value) or taken in live:
            return False
        if not holds_memory(taken):
            return taken not in self.func.params
        mine = self.roots[taken]
        if writes_list(op):        # no array changes: only who sees the list itself matters
            mine = frozenset(root for root in mine if is_list(root.value))
        if taken not in self.whole or self.meet(mine, kept) or self.meet(mine, self.exposed[op]):
            return False
        roots = self.roots.get
        self.blocking[op] = [v for v in live if self.meet(mine, roots(v, NONE))] if self.buffers else \
            [v for v in live if not mine.isdisjoint(roots(v, NONE))]
        return not self.blocking[op]


def is_list(atom: Arg) -> bool:
    """Is this a run-time list?"""
    return isinstance(atom, Value) and isinstance(atom.kind, Seq)


def makes(op: Op) -> bool:
    """Is the result sure to stand in memory of its own?"""
    if is_read(op):
        return gathers(op.args[1], certain=True)
    return not may_pass(op) and (is_known(op) or is_maker(op) or makes_list(op))


def is_view(op: Op) -> bool:
    """May the result stand in the memory of an argument?"""
    return not makes(op)
