"""In the reverse sweep, what reads an array is computed before the array is stored into.

Then the store needs no copy; and zeros stored where a sum follows are the sum.

>>> from ad_compiler import runtime
>>> import operator
>>> from ad_compiler.ir import Const, Slice, show
>>> from ad_compiler.kinds import Num, Sym
>>> bar, block, inner = Value("a_bar", Num("float64", (Sym("n"),))), Block(), Slice(*map(Const, (1, -1, None)))
>>> def call(fn, *args, hint=""):
...     return block.emit(fn, *args, kind=bar.kind, hint=hint, reverse=True)
>>> taken = call(operator.getitem, bar, inner)
>>> zeroed = call(runtime.index_set, bar, inner, Const(0.0), hint="a_bar")
>>> s_bar = call(operator.mul, Const(0.25), taken, hint="s_bar")
>>> stored = call(runtime.index_add, zeroed, Const(0), Const(1.0), hint="a_bar")
>>> block.results = [call(runtime.index_add, stored, inner, s_bar, hint="a_bar")]
>>> print(show(read_first(Func("f", [bar], block))))
def f(a_bar):
    t = getitem(a_bar, 1:-1:)
    s_bar = mul(0.25, t)
    a_bar_2 = index_set(a_bar, 1:-1:, s_bar)
    a_bar_3 = index_add(a_bar_2, 0, 1.0)
    return a_bar_3
"""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush

from ad_compiler.indices import gathers, same_arg
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Const,
    Func,
    Op,
    Stmt,
    Value,
    blocks_in,
    blocks_of,
    definitions,
    free_values,
    operands,
    substitute,
    values_in,
    walk,
)
from ad_compiler.ops import is_increment, is_overwrite, is_read, is_store, makes_list
from ad_compiler.optimise.facts import count_uses, may_repeat, number, replace_values
from ad_compiler.optimise.memory import holds_memory, is_view


def read_first(func: Func) -> Func:
    """Move pure ops of the reverse sweep in front of the stores into what they read."""
    mapping: dict[Value, Atom] = {}
    blocks = [block for block in (func.body, *blocks_in(walk(func.body)))
              if any(store.reverse for store in filter(is_store, block.ops))]
    uses = count_uses(func.body) if blocks else Counter[Value]()
    for block in blocks:
        _Order(block).run()
        _merge(block, uses, mapping)
    replace_values(func, mapping)
    return func


def _is_store(stmt: Stmt) -> bool:
    return is_store(stmt) and stmt.reverse


class _Order:
    """Moves what reads an array in front of the stores into it, in a block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.place = {stmt: at for at, stmt in enumerate(block.ops)}
        self.makers: dict[Value, Op] = {}
        self.readers: dict[Value, list[Op]] = {}
        for stmt in block.ops:
            if isinstance(stmt, Op):
                self.makers.update(dict.fromkeys(stmt.results, stmt))
                for value in operands(stmt):
                    self.readers.setdefault(value, []).append(stmt)

    def run(self) -> None:
        """All of it."""
        for store in [stmt for stmt in self.block.ops if _is_store(stmt)]:
            assert isinstance(store, Op)
            self.before(store)

    def before(self, store: Op) -> None:
        """Move what comes after a store and reads what stood there."""
        ops, start = self.block.ops, self.place[store]
        self.start, self.known = start, {store}
        self.todo: list[int] = []
        for value in _sources(store.args[0], self.makers):
            self.meet(value)
        while self.todo:
            at = heappop(self.todo)
            op = ops[at]
            assert isinstance(op, Op)
            if is_view(op) and any(map(holds_memory, op.results)):
                for result in op.results:
                    self.meet(result)
            elif _hoist(self.block, op, store):
                self.place.update({stmt: number for number, stmt in enumerate(ops[start:at + 1], start)})

    def meet(self, value: Value) -> None:
        """A value stands in the array: of what reads it, what comes after the store is to be moved."""
        for op in self.readers.get(value, ()):
            if op in self.known:
                continue
            if self.place[op] > self.start:
                self.known.add(op)
                heappush(self.todo, self.place[op])
            elif op.args and _is_of(op.args[0], {value}) and is_view(op):
                self.known.add(op)
                for result in filter(holds_memory, op.results):
                    self.meet(result)


def _sources(array: Arg, makers: dict[Value, Op]) -> list[Value]:
    """An array, and what it is a view of."""
    found = [array] if isinstance(array, Value) else []
    for value in found:     # it grows as it is gone through
        maker = makers.get(value)
        if maker is not None and maker.args and is_view(maker):
            found += [v for v in values_in(maker.args[0]) if holds_memory(v) and v not in found]
    return found


def _standing_in(ops: list[Stmt], array: Arg) -> set[Value]:
    """An array and its views, made by ops of this block."""
    seen = {array} if isinstance(array, Value) else set()
    for stmt in reversed(ops):      # what it is a view of itself
        if isinstance(stmt, Op) and stmt.args and not seen.isdisjoint(stmt.results) and is_view(stmt):
            seen.update(v for v in values_in(stmt.args[0]) if holds_memory(v))
    for stmt in ops:
        if isinstance(stmt, Op) and stmt.args and _is_of(stmt.args[0], seen) and is_view(stmt):
            seen.update(v for v in stmt.results if holds_memory(v))
    return seen


def _is_of(arg: Arg, seen: set[Value]) -> bool:
    return arg in seen if isinstance(arg, Value) else not isinstance(arg, Const) and not seen.isdisjoint(values_in(arg))


def _hoist(block: Block, op: Op, before: Op) -> bool:
    """Move an op, and what it needs, in front of another of its block, if all of that is pure."""
    start, end = block.ops.index(before), block.ops.index(op)
    needed, moving = {op}, set[Value]()
    moving.update(operands(op))
    if not _movable(op):
        return False
    for stmt in reversed(block.ops[start:end]):
        made = set(definitions(stmt))
        if made.isdisjoint(moving):
            continue
        if not isinstance(stmt, Op) or not (_movable(stmt) or _restores(block.ops[start:end], stmt, before)):
            return False
        needed.add(stmt)
        moving.update(operands(stmt))
    moved = [stmt for stmt in block.ops[start:end + 1] if stmt in needed]
    kept = [stmt for stmt in block.ops[start:end + 1] if stmt not in needed]
    block.ops[start:end + 1] = [*moved, *kept]
    return True


def _restores(ops: list[Stmt], op: Op, before: Op) -> bool:
    """Does this put into another array what stood there, with nothing in between that reads the array as it is?"""
    if not is_overwrite(op) or not op.reverse or op is before:
        return False
    seen = _standing_in(ops, op.args[0])
    return not any(stmt is not op and not seen.isdisjoint(read_in(stmt)) for stmt in ops[:ops.index(op)])


def read_in(stmt: Stmt) -> set[Value]:
    """What a statement reads, what its blocks read included."""
    return {*operands(stmt), *(v for inner in blocks_of(stmt) for v in free_values(inner, stmt))}


def _movable(op: Op) -> bool:
    return op.reverse and not op.effect and not is_store(op) and not makes_list(op)


def _merge(block: Block, uses: Counter[Value], mapping: dict[Value, Atom]) -> None:
    """`a[i] = 0.0`, sums elsewhere, `a[i] += v` is `a[i] = v` and the sums."""
    makers: dict[Value, Op] = {}
    for stmt in list(block.ops):
        if not isinstance(stmt, Op):
            continue
        if is_increment(stmt) and stmt.reverse and not may_repeat(stmt):
            zeroed = _zeroed(stmt, makers, uses)
            if zeroed is not None and _available(block, stmt.args[2], zeroed):
                zeroed.args = (*zeroed.args[:2], stmt.args[2])
                mapping[stmt.result] = stmt.args[0]
                substitute(block, {stmt.result: stmt.args[0]})      # what is moved next must see it
                uses[stmt.args[0]] = uses[stmt.result]
                makers[stmt.result] = makers[stmt.args[0]]
                block.ops.remove(stmt)
                if _is_read(stmt.args[2], zeroed, makers):
                    mapping[zeroed.result] = zeroed.args[0]
                    substitute(block, {zeroed.result: zeroed.args[0]})
                    block.ops.remove(zeroed)
                continue
        makers.update(dict.fromkeys(stmt.results, stmt))


def _zeroed(op: Op, makers: dict[Value, Op], uses: Counter[Value]) -> Op | None:
    """The store of zeros that a sum adds to, if only sums lie between."""
    array = op.args[0]
    while isinstance(array, Value) and array in makers and uses[array] == 1:
        maker = makers[array]
        if is_overwrite(maker) and maker.reverse:
            return maker if number(maker.args[2]) == 0 and same_arg(maker.args[1], op.args[1]) else None
        if not is_increment(maker):
            return None
        array = maker.args[0]
    return None


def _is_read(atom: Arg, store: Op, makers: dict[Value, Op]) -> bool:
    """Is what is stored just what stands there?"""
    read = makers.get(atom) if isinstance(atom, Value) else None
    return is_read(read) and read.args[0] is store.args[0] \
        and not gathers(read.args[1]) and same_arg(read.args[1], store.args[1])


def _available(block: Block, atom: Arg, before: Op) -> bool:
    """Is an atom known before an op, or can what makes it be moved there?"""
    at = block.ops.index(before)
    maker = next((stmt for stmt in block.ops[at:] if atom in definitions(stmt)), None)
    return maker is None or isinstance(maker, Op) and _hoist(block, maker, before)
