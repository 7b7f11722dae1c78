"""Room for stores: arrays are copied until every store may write where it is to.

The function is gone through once.  Whether a store may write depends on what stands before it and on what is read
after it, and a copy made for it changes neither for the statements before: those are settled.

>>> import operator
>>> import numpy as np
>>> from ad_compiler import runtime
>>> from ad_compiler.ir import Const, show
>>> from ad_compiler.kinds import Num, Sym
>>> a, block = Value("a", Num("float64", (Sym("n"),))), Block()
>>> b = block.emit(np.copy, a, kind=a.kind, hint="b")
>>> c = block.emit(runtime.index_set, b, Const(0), Const(1.0), kind=a.kind, hint="c")
>>> block.results = [block.emit(operator.add, b, c, kind=a.kind)]
>>> func = Func("f", [a], block)
>>> copies, _ = make_room(func, {block.ops[1]})
>>> print(show(func))
def f(a):
    b = copy(a)
    b_2 = copy(b)
    c = index_set(b_2, 0, 1.0)
    t = add(b, c)
    return t
"""

from __future__ import annotations

from ad_compiler.errors import InvalidIR
from ad_compiler.ir import Block, Func, Op, Stmt, Value, blocks_of, definitions, free_values, operands, values_in, walk
from ad_compiler.optimise.copies import Copies
from ad_compiler.optimise.memory import Memory, Roots


def make_room(func: Func, stores: set[Op]) -> tuple[set[Op], bool]:
    """Copy arrays until every store may write; the copies, and whether swapped buffers were told apart."""
    if not stores:
        return set(), True
    room = _Room(func, stores)
    while not room.run():       # loops swap what cannot be told apart
        room.swaps = False
    return room.placed, room.swaps


class _Room:
    def __init__(self, func: Func, stores: set[Op]) -> None:
        self.func, self.stores = func, stores
        self.swaps = True
        self.placed: set[Op] = set()
        self.asked: set[Op] = set()
        self.copies = Copies(func)

    def run(self) -> bool:
        """Go through the function; False where that has to be done again, with swapped buffers taken for one."""
        ops = self.func.body.ops
        self.memory = Memory(self.func, self.stores, self.swaps, follow=False)
        self.live = live_after(self.func.body, self.stores)
        self.escaped: dict[Stmt, Roots] = {}
        at = 0
        while at < len(ops):
            top = ops[at]
            self.escaped[top] = self.memory.escaped
            if top not in self.live:
                self.memory.follow([top])
                at += 1
                continue
            settled: dict[Op, int] = {}
            while wrong := self.wrong(at, top):
                op = wrong[0]
                if op not in self.asked:
                    self.asked.add(op)
                    block, views = self.copies.copy_views(op, top, self.memory.blocking.get(op, []))
                    self.placed.update(views.values())
                    if views and block is self.func.body:
                        at = self.back(views)
                        break
                    if views:
                        continue
                count = settled[op] = settled.get(op, 0) + 1
                if count > 2 and self.swaps:
                    return False
                if count > 2:
                    raise InvalidIR(f"{self.func.name}: no copy makes room for {op.fn.__name__}")
                self.copy_for(op, at, top, innermost=count == 2)
            else:
                at = ops.index(top, at) + 1
        return True

    def wrong(self, at: int, top: Stmt) -> list[Op]:
        """The stores in a statement that may not write; the copies before it begin at number `at`."""
        ops = self.func.body.ops
        stmts = ops[at:ops.index(top, at) + 1]
        self.memory.forget(stmts)
        self.memory.escaped = self.escaped[top]
        self.memory.follow(stmts)
        return self.memory.misplaced_in(stmts, self.live[top])

    def copy_for(self, op: Op, at: int, top: Stmt, innermost: bool) -> None:
        """Copy in the outermost place that does; right before the store is sure to, whatever is copied later."""
        *outer, here = reversed(self.copies.spots(op, top, self.memory.whole))
        for spot in () if innermost else outer:
            copies, undo = spot.apply()
            if op not in self.wrong(at, top):
                break
            undo()
        else:
            copies, _ = here.apply()
        self.placed.update(copies)
        for source in (copy.args[0] for copy in copies):
            if source in self.func.params:
                name = op.origin.func if op.origin is not None else self.func.name
                self.func.notes[source] = f"{name} writes into {source.hint}; the caller's array stays as it was"

    def back(self, views: dict[Value, Op]) -> int:
        """Views of the function itself have been copied: go on from the first copy."""
        ops = self.func.body.ops
        for live in self.live.values():
            for view in views.keys() & live:
                live.remove(view)
                live.add(views[view].result)
        at = min(map(ops.index, views.values()))
        self.memory.escaped = self.escaped[ops[at - 1]]
        self.memory.forget(ops[at - 1:])
        return at - 1


def live_after(body: Block, stores: set[Op]) -> dict[Stmt, set[Value]]:
    """What is read after each statement of a block that has a store in it."""
    after: dict[Stmt, set[Value]] = {}
    live = set(values_in(body.results))
    for stmt in reversed(body.ops):
        inner = blocks_of(stmt)
        if stmt in stores or any(not stores.isdisjoint(walk(block)) for block in inner):
            after[stmt] = live.copy()
        live.difference_update(definitions(stmt))
        for block in inner:
            live.update(free_values(block, stmt))
        live.update(operands(stmt))
    return after
