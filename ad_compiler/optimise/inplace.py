"""The last pass: pure stores and sums are done in place where nobody can tell, after a copy where one could.

A store `index_set(a, i, v)` becomes `a[i] = v` once `a` is an array of the function's own whose old content
nothing reads; where it is not, it is copied first, outside of the loops where that is enough.  A sum into a
cotangent becomes `x_bar += c`, and a copy of an array that nothing else reads is left out.

>>> from ad_compiler.ir import Block, Const, show
>>> from ad_compiler.kinds import Num, Sym
>>> a, block = Value("a", Num("float64", (Sym("n"),))), Block()
>>> b = block.emit(runtime.index_set, a, Const(0), Const(1.0), kind=a.kind, hint="a")
>>> block.results = [block.emit(runtime.index_set, b, Const(1), Const(2.0), kind=a.kind, hint="a")]
>>> func = Func("f", [a], block)
>>> print(show(func))
def f(a):
    a_2 = index_set(a, 0, 1.0)
    a_3 = index_set(a_2, 1, 2.0)
    return a_3
>>> print(show(update_in_place(func)))
def f(a):
    a_2 = copy(a)
    a_3 = index_set(a_2, 0, 1.0)
    a_4 = index_set(a_3, 1, 2.0)
    return a_4
>>> [op.inplace for op in func.body.ops], list(func.notes.values())
([False, True, True], ["f writes into a; the caller's array stays as it was"])
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.again import COMPILED
from ad_compiler.analyse.bound import Bound
from ad_compiler.analyse.choose import size
from ad_compiler.ir import Block, Const, Func, Loop, Op, Stmt, Value, blocks_in, walk
from ad_compiler.kinds import Seq
from ad_compiler.ops import (
    commutes,
    is_difference,
    is_like,
    is_product,
    is_quotient,
    is_store,
    is_stretched,
    is_sum,
    makes_copy,
    writes_list,
)
from ad_compiler.optimise.facts import alike, clearer, count_uses, is_scalar, num, replace_values
from ad_compiler.optimise.memory import Memory, Root
from ad_compiler.optimise.own_lists import own_lists
from ad_compiler.optimise.reads import read_first
from ad_compiler.optimise.room import make_room

MOST_ROUNDS = 12

LARGE = 10_000
"""From so many elements on memory is used again; an axis of unknown length counts as one of `choose.LONG`."""


def update_in_place(func: Func) -> Func:
    """Write into memory where that is legal; copy where a store would be seen."""
    read_first(func)
    stmts = walk(func.body)
    before = set(stmts)
    stores = set(filter(is_store, stmts))
    _fill(stmts, stores)
    placed, swaps = make_room(func, stores)
    uses = count_uses(func.body)
    wishes = [stmt for stmt in walk(func.body) if isinstance(stmt, Op) and stmt not in placed
              and (wanted(stmt) or reuses(stmt, uses))]
    granted = _grant(func, stores, wishes, swaps)
    copied = own_lists(func, [wish for wish in wishes if writes_list(wish) and wish not in granted])
    again = _grant(func, stores, wishes, swaps) if copied else granted
    better = len(again) > len(granted)
    granted = again if better else granted
    for each in copied:
        if not better or granted.isdisjoint(each.wishes):
            each.undo()
    for op in stores | granted:
        op.inplace = not makes_copy(op)
    _leave_out(func, set(filter(makes_copy, granted)))
    copies = [stmt for stmt in filter(makes_copy, walk(func.body)) if stmt not in before]
    bound = Bound(func.body) if copies else None
    for copy in copies:
        if bound is not None and bound.may_be_unbound(copy.args[0]):
            copy.fn, copy.spelling = runtime.copy_if_bound, ""
    return func


def wanted(op: Op) -> bool:
    """Would this op gain from writing into its first argument: a change of a list, or a sum of the reverse sweep?"""
    if writes_list(op):
        return isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Seq)
    if not op.reverse or not op.args or not isinstance(op.args[0], Value):
        return False
    if makes_copy(op):
        return len(op.args) == 1 and not op.kwargs
    a = op.args[0]
    if not is_sum(op) or not a.hint or a.hint != op.result.hint:
        return False
    if is_scalar(a) and is_scalar(op.result):
        return True
    old, new = num(a), num(op.result)
    return (old is not None and new is not None and bool(old.shape) and old.form == new.form == "array"
            and (old.shape, old.dtype) == (new.shape, new.dtype))


def reuses(op: Op, uses: Counter[Value]) -> bool:
    """Could a large array of the reverse sweep take the place of one that it is made from?  That comes first then.

    Memory that was never touched costs more than a product.  What only this op reads NumPy overwrites anyway.
    """
    found = num(op.result) if op.reverse and (is_product(op) or is_quotient(op) or is_difference(op)) else None
    if found is None or COMPILED.get() or found.form != "array" or size(found) < LARGE:
        return False
    for at, arg in enumerate(op.args):
        kind = num(arg)
        if isinstance(arg, Value) and arg.hint and uses[arg] > 1 and kind is not None and kind.form == "array" \
                and kind.dtype == found.dtype and alike(kind.shape, found.shape) and (at == 0 or commutes(op)):
            if at == 1:
                op.args = op.args[::-1]
            return True
    return False


def _fill(stmts: list[Stmt], stores: set[Op]) -> None:
    """A number stretched for a loop that may add to it, or for a store, is an array filled with that number."""
    starts = {op.args[0] for op in stores}
    starts.update(init for stmt in stmts if isinstance(stmt, Loop) for init in stmt.inits)
    for op in filter(is_stretched, stmts):
        if not is_like(op) or starts.isdisjoint(op.results):
            continue
        number, like = op.args
        found, wanted = num(like), num(op.result)
        if is_scalar(number) and found is not None and wanted is not None and found.is_array \
                and isinstance(like, Value) and found.dtype == wanted.dtype:
            one = isinstance(number, Const) and number.value == 1
            op.fn, op.args = (np.ones_like, (like,)) if one else (np.full_like, (like, number))


def _grant(func: Func, stores: set[Op], wishes: list[Op], swaps: bool) -> set[Op]:
    """As many wishes as go together.  One that is refused makes room for others: they are asked again."""
    if not wishes:
        return set()
    granted = set(wishes)
    for patience in range(len(wishes) + 1):
        memory = Memory(func, stores | granted, swaps)
        wrong = memory.misplaced()
        if not wrong or not granted:
            break
        seen: set[Root] = set()
        misplaced = granted.intersection(wrong)
        for op in wrong:
            mine = memory.of(op.args[0])
            if op in stores:        # a store is in the way of what shares its memory
                sharing = {wish for wish in granted if memory.meet(memory.of(wish.args[0]), mine)}
                granted -= sharing or misplaced or granted
            elif not memory.meet(mine, frozenset(seen)) or patience > MOST_ROUNDS:
                granted.discard(op)
                seen |= mine
    return granted


def _leave_out(func: Func, copies: set[Op]) -> None:
    """Drop copies of arrays that nothing else reads."""
    if not copies:
        return

    def sweep(block: Block) -> None:
        block.ops = [stmt for stmt in block.ops if not gone(stmt)]
        for inner in blocks_in(block.ops):
            sweep(inner)

    def gone(stmt: Stmt) -> bool:
        return isinstance(stmt, Op) and stmt in copies

    mapping = {op.result: op.args[0] for op in copies}
    for result, source in mapping.items():
        source.hint = clearer(source.hint, result.hint)
    sweep(func.body)
    replace_values(func, mapping)


