"""The reverse of a stencil collects instead of handing out.

`b_bar[i - 1] += g; b_bar[i] += g; b_bar[i + 1] += g` writes each place three times, one iteration waiting for the
other.  Kept in a row with zeros around it, `g` is collected instead: `b_bar[i] += g[i - 1] + g[i] + g[i + 1]`, each
place once, in any order.

>>> from ad_compiler.ir import Block, Const, show, Func
>>> x, b, n = (Value(h, Num("float64", (Sym("n"),))) for h in "xbn")
>>> n, i, param, body = Value("n", INT), Value("i", INT), Value("b", b.kind), Block()
>>> body.params, g = [param], body.emit(operator.getitem, x, i, kind=Num("float64", (), "np"), hint="g")
>>> one, two = (body.emit(operator.add, i, Const(c), kind=INT) for c in (1, 2))
>>> now = param
>>> for at in (i, one, two):
...     now = body.emit(runtime.index_add, now, at, g, kind=b.kind, hint="b", reverse=True)
>>> body.results = [now]
>>> loop = Loop([b], body, [Value("b", b.kind)], i, stop=n, reverse=True)
>>> print(show(gather_stencils(Func("f", [x, b, n], Block([], [loop], list(loop.results))))))
def f(x, b, n):
    t = max(n, 0)
    t_2 = gt(t, 0)
    t_3 = add(t, 2)
    if t_2: -> reached
        hand on t_3
    else:
        hand on 0
    t_4 = add(t, 4)
    g_row = zeros(t_4)
    for i in 0, n, 1 [g_row_2 = g_row]: -> g_row_3
        g = getitem(x, i)
        t_5 = add(i, 1)
        t_6 = add(i, 2)
        t_7 = add(i, 2)
        g_row_4 = index_set(g_row_2, t_7, g)
        hand on g_row_4
    for i_2 in 0, reached, 1 [b_2 = b]: -> b_3
        t_8 = add(i_2, 2)
        t_9 = getitem(g_row_3, t_8)
        t_10 = add(i_2, 1)
        t_11 = getitem(g_row_3, t_10)
        t_12 = add(t_9, t_11)
        t_13 = getitem(g_row_3, i_2)
        t_14 = add(t_12, t_13)
        b_4 = index_add(b_2, i_2, t_14)
        hand on b_4
    return b_3
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import parts_of, same_arg
from ad_compiler.ir import (
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
    blocks_of,
    definitions,
    operands,
    values_in,
)
from ad_compiler.kinds import BOOL, INT, Num, Sym
from ad_compiler.loops.lengths import not_negative
from ad_compiler.loops.views import shape_of
from ad_compiler.ops import is_access, is_increment, is_product, is_store, is_sum, traits
from ad_compiler.optimise.dce import keep_columns
from ad_compiler.optimise.facts import count_uses

FEWEST = 3
"""So many places that one number is added to make collecting pay."""


class Add(NamedTuple):
    """One of the sums: the op, which constant is added to each loop's index, and by what the number is scaled."""

    op: Op
    offsets: tuple[int, ...]
    scale: Const | None


class Stencil(NamedTuple):
    """The sums of one number into one array: `axes` tells which loop's index stands on which axis of it."""

    column: int
    number: Value
    adds: list[Add]
    axes: list[int]


def gather_stencils(func: Func) -> Func:
    """Let reverse nests of loops collect where they hand out."""
    uses = count_uses(func.body)
    _visit(func.body, None, set(func.params) | set(func.refs), uses)
    return func


def _visit(block: Block, owner: Loop | None, outside: set[Value], uses: Any) -> list[Stmt]:
    """Work on a block; what is to stand before the loop that it is in."""
    mine = set(outside) | set(block.params)
    ops: list[Stmt] = []
    hoisted: list[Stmt] = []
    for stmt in block.ops:
        found = _nest(stmt) if isinstance(stmt, Loop) and stmt.reverse else None
        stencil = _stencil(found, uses) if found is not None else None
        if found is not None and stencil is not None:
            before, after, early = _rewrite(found, stencil, owner, outside)
            hoisted += early
            ops += [*before, stmt, *after]
        else:
            before = []
            for inner in blocks_of(stmt):
                before += _visit(inner, stmt if isinstance(stmt, Loop) and inner is stmt.body else None, mine, uses)
            ops += [*before, stmt]
        mine.update(definitions(stmt))
    block.ops = ops
    return hoisted


def _nest(loop: Loop) -> list[Loop] | None:
    """Counted loops of step 1, each with nothing in it but the next; their bounds are known before all of them."""
    loops = [loop]
    while True:
        last = loops[-1]
        if last.index is None or last.leave is not None or last.trails or last.trips is not None \
                or not isinstance(last.step, Const) or last.step.value != 1:
            return None
        if len(last.body.ops) != 1 or not isinstance(last.body.ops[0], Loop):
            break
        loops.append(last.body.ops[0])
    inside = {v for lp in loops for v in (lp.index, *lp.body.params)}
    if any(v in inside for lp in loops for v in values_in((lp.start, lp.stop))):
        return None
    return loops if all(isinstance(op, Op) for op in loops[-1].body.ops) else None


def _stencil(loops: list[Loop], uses: Any) -> Stencil | None:
    """The sums of one number to be collected."""
    body = loops[-1].body
    makers = {v: op for op in body.ops if isinstance(op, Op) for v in op.results}
    if not all(_in_step(body, at, makers) for at in range(len(body.params))):
        return None
    for at, (param, handed) in enumerate(zip(body.params, body.results, strict=True)):
        chain: list[Op] = []
        now: Any = handed
        while now in makers and is_increment(makers[now]) and uses[now] == 1:
            chain.append(makers[now])
            now = makers[now].args[0]
        if now is not param or uses[param] != 1 or len(chain) < FEWEST or not _carried_straight(loops, at):
            continue
        found = _common(chain[::-1], loops, makers, at)
        if found is not None:
            return found
    return None


def _in_step(body: Block, at: int, makers: dict[Value, Op]) -> bool:
    """Is a carried array only added to, or read and overwritten at one and the same place?"""
    if not shape_of(body.params[at]):
        return False
    names = {body.params[at]}
    places: list[Arg] = []
    sums = True
    for op in body.ops:
        read = [v for v in operands(op) if v in names]
        if not read:
            continue
        if not is_access(op) or len(read) != 1 or op.args[0] is not read[0]:
            return False
        if is_store(op):
            names.add(op.result)
        sums &= is_increment(op)
        places.append(op.args[1])
    return sums or all(_same_place(p, places[0], makers) for p in places)


def _same_place(a: Arg, b: Arg, makers: dict[Value, Op]) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same_place(x, y, makers) for x, y in zip(a, b, strict=True))
    return a is b or _affine(a, makers) is not None and _affine(a, makers) == _affine(b, makers)


def _affine(atom: Arg, makers: dict[Value, Op]) -> tuple[Any, int] | None:
    """An integer as a value and a constant that is added to it."""
    if isinstance(atom, Const) and isinstance(atom.value, int):
        return None, atom.value
    op = makers.get(atom) if isinstance(atom, Value) else None
    if is_sum(op) and isinstance(op.args[1], Const) and isinstance(op.args[0], Value) \
            and isinstance(op.args[1].value, int):
        inner, step = _affine(op.args[0], makers), op.args[1].value * traits(op).signs[1]
        return None if inner is None else (inner[0], inner[1] + step)
    return (atom, 0) if isinstance(atom, Value) else None


def _carried_straight(loops: list[Loop], at: int) -> bool:
    """Does a carried array pass through all loops in the same place, as `at` says for the innermost?"""
    for outer, inner in zip(reversed(loops[:-1]), reversed(loops[1:]), strict=True):
        init = inner.inits[at]
        if init not in outer.body.params:
            return False
        at = outer.body.params.index(init)
        if outer.body.results[at] not in inner.results:
            return False
    return True


def _common(chain: list[Op], loops: list[Loop], makers: dict[Value, Op], column: int) -> Stencil | None:
    """Sums whose numbers are one, but for constant factors, at places that differ by constants."""
    levels = {loop.index: n for n, loop in enumerate(loops)}
    number: Value | None = None
    axes: list[int] | None = None
    adds: list[Add] = []
    for op in chain:
        term, scale = op.args[2], None
        made = makers.get(term) if isinstance(term, Value) else None
        if is_product(made) and isinstance(made.args[0], Const):
            scale, inner = made.args
            if number is not None and term is not number:
                term = inner
            else:
                scale = None
        if number is None:
            number = term if isinstance(term, Value) else None
        if number is None or term is not number:
            return None
        places = parts_of(op.args[1])
        parts = [_affine(p, makers) for p in places]
        if any(p is None or p[0] not in levels for p in parts):
            return None
        own = [levels[p[0]] for p in parts if p is not None]
        if sorted(own) != list(range(len(loops))) or axes is not None and own != axes:
            return None
        axes = own
        offsets = [0] * len(loops)
        for level, part in zip(own, parts, strict=True):
            assert part is not None
            offsets[level] = part[1]
        adds.append(Add(op, tuple(offsets), scale))
    assert number is not None
    assert axes is not None
    if not isinstance(number.kind, Num) or number.kind.shape or len({a.offsets for a in adds}) < len(adds):
        return None
    return Stencil(column, number, adds, axes)


def _rewrite(loops: list[Loop], found: Stencil, owner: Loop | None,
             outside: set[Value]) -> tuple[list[Stmt], list[Stmt], list[Stmt]]:
    """Split the nest: what stands before it, after it, and before the loop around it."""
    low = [min(a.offsets[n] for a in found.adds) for n in range(len(loops))]
    span = [max(a.offsets[n] for a in found.adds) - low[n] for n in range(len(loops))]
    bounds = values_in([(lp.start, lp.stop) for lp in loops])
    far = owner is not None and outside.issuperset(bounds)      # the row may be made before the loop around
    here, after = Block(), Block()
    origin = found.adds[0].op.origin
    counts: list[Atom] = []
    for loop in loops:
        twin = next((c for c, other in zip(counts, loops, strict=False) if same_arg(other.start, loop.start)
                     and same_arg(other.stop, loop.stop)), None)
        counts.append(_count(loop, here) if twin is None else twin)
    stops = _reached(counts, span, here)
    sizes = tuple(_plus(c, 2 * s, here) for c, s in zip(counts, span, strict=True))
    dtype = found.number.kind.dtype     # type: ignore[union-attr]
    row = Num(dtype, tuple(s.value if isinstance(s, Const) else Sym(("row", id(loops[0]), n))
                           for n, s in enumerate(sizes)))
    hint = f"{found.number.hint.removeprefix('~') or 'g'}_row"
    kwargs: dict[str, Arg] = {} if dtype == "float64" else {"dtype": Const(np.dtype(dtype).type)}
    zeros = here.emit(np.zeros, sizes if len(sizes) > 1 else sizes[0], kind=row, hint=hint, kwargs=kwargs,
                      origin=origin, reverse=True)
    start: Value = zeros
    if far:
        assert owner is not None
        start = Value(hint, row)
        owner.inits.append(zeros)
        owner.body.params.append(start)
        owner.results.append(Value(hint, row))
    array, target = loops[0].inits, _column(loops, found.column)
    base, result = array[target], loops[0].results[target]
    filled = _fill(loops, found, start, row, span)
    _drop(loops, found)
    if far:
        assert owner is not None
        owner.body.results.append(filled)
    for loop in loops:
        loop.backward = False
    _collect(loops, found, filled, base, result, (low, span, stops), after)
    return ([] if far else here.ops), after.ops, (here.ops if far else [])


def _count(loop: Loop, block: Block) -> Atom:
    if isinstance(loop.start, Const) and isinstance(loop.stop, Const):
        return Const(max(loop.stop.value - loop.start.value, 0))
    count: Atom = loop.stop
    if not isinstance(loop.start, Const) or loop.start.value != 0:
        count = block.emit(operator.sub, loop.stop, loop.start, kind=INT)
    length = count.kind.length if isinstance(count, Value) and isinstance(count.kind, Num) else None
    if length is not None and not_negative(length):
        return count
    return block.emit(max, count, Const(0), kind=INT)


def _plus(atom: Atom, more: int, block: Block) -> Atom:
    if more == 0:
        return atom
    if isinstance(atom, Const):
        return Const(atom.value + more)
    return block.emit(operator.add if more > 0 else operator.sub, atom, Const(abs(more)), kind=INT)


def _from_start(loop: Loop, more: int, block: Block) -> Atom:
    """`index - start + more`."""
    place: Atom = loop.index        # type: ignore[assignment]
    if isinstance(loop.start, Const):
        return _plus(place, more - loop.start.value, block)
    return _plus(block.emit(operator.sub, place, loop.start, kind=INT), more, block)


def _column(loops: list[Loop], at: int) -> int:
    """The column of the outermost loop that is `at` in the innermost."""
    for outer, inner in zip(reversed(loops[:-1]), reversed(loops[1:]), strict=True):
        at = outer.body.params.index(inner.inits[at])       # type: ignore[arg-type]
    return at


def _fill(loops: list[Loop], found: Stencil, start: Value, row: Num, span: list[int]) -> Value:
    """Carry the row through the loops and keep the number there; the row after them."""
    results: list[Value] = []
    now = start
    for loop in loops:
        param, result = Value(start.hint, row), Value(start.hint, row)
        loop.inits.append(now)
        loop.body.params.append(param)
        loop.results.append(result)
        results.append(result)
        now = param
    for outer, after in zip(loops[:-1], results[1:], strict=True):
        outer.body.results.append(after)
    body = loops[-1].body
    place = tuple(_from_start(lp, s, body) for lp, s in zip(loops, span, strict=True))
    first = found.adds[0].op
    body.results.append(body.emit(runtime.index_set, now, place if len(place) > 1 else place[0], found.number, kind=row,
                                  hint=start.hint, origin=first.origin, reverse=True))
    return results[0]


def _drop(loops: list[Loop], found: Stencil) -> None:
    """The nest no longer adds to the array."""
    gone = {a.op for a in found.adds}
    body = loops[-1].body
    body.ops = [op for op in body.ops if op not in gone]
    at = found.column
    for n in range(len(loops) - 1, -1, -1):
        loop, outer = loops[n], loops[n - 1] if n else None
        init = loop.inits[at]
        keep_columns(loop, [k for k in range(len(loop.results)) if k != at])
        if outer is not None:
            at = outer.body.params.index(init)      # type: ignore[arg-type]


def _collect(loops: list[Loop], found: Stencil, filled: Value, base: Atom, result: Value, reach: tuple[Any, Any, Any],
             after: Block) -> None:
    """The nest that collects: over all places that a number is added to."""
    low, span, stops = reach
    first = found.adds[0].op
    flags: dict[str, Any] = {"origin": first.origin, "reverse": True}
    block, now = after, base
    indices = [Value(lp.index.hint, INT) for lp in loops if lp.index is not None]
    chain: list[Loop] = []
    for n, stop in enumerate(stops):
        param = Value(result.hint, result.kind)
        after_it = result if n == 0 else Value(result.hint, result.kind)
        loop = Loop([now], Block([param]), [after_it], indices[n], stop=stop, origin=first.origin, reverse=True)
        block.ops.append(loop)
        chain.append(loop)
        block, now = loop.body, param
    total: Value | None = None
    number = found.number.kind
    for add in found.adds:
        place = tuple(_plus(index, span[n] - (add.offsets[n] - low[n]), block) for n, index in enumerate(indices))
        term = block.emit(operator.getitem, filled, place if len(place) > 1 else place[0], kind=number, **flags)
        if add.scale is not None:
            term = block.emit(operator.mul, add.scale, term, kind=number, **flags)
        total = term if total is None else block.emit(operator.add, total, term, kind=number, **flags)
    at: list[Atom] = []
    for level in found.axes:
        loop = loops[level]
        start = loop.start
        if isinstance(start, Const):
            at.append(_plus(indices[level], start.value + low[level], block))
        else:
            at.append(_plus(block.emit(operator.add, indices[level], start, kind=INT), low[level], block))
    assert total is not None
    stored = block.emit(runtime.index_add, now, tuple(at) if len(at) > 1 else at[0], total, kind=result.kind,
                        hint=result.hint, **flags)
    for n in range(len(chain) - 1, -1, -1):
        chain[n].body.results = [stored if n == len(chain) - 1 else chain[n + 1].results[0]]


def _reached(counts: list[Atom], span: list[int], block: Block) -> list[Atom]:
    """How many places are reached along each axis: none where nothing is handed out."""
    stops: dict[tuple[Atom, int], Atom] = {}
    for count, more in zip(counts, span, strict=True):
        if isinstance(count, Const):
            stops[count, more] = Const(count.value + more if count.value else 0)
        elif (count, more) not in stops:
            some = block.emit(operator.gt, count, Const(0), kind=BOOL)
            whole = block.emit(operator.add, count, Const(more), kind=INT) if more else count
            stops[count, more] = reached = Value("reached", INT)
            block.ops.append(Branch(some, Block([], [], [whole]), Block([], [], [Const(0)]), [reached]))
    return [stops[key] for key in zip(counts, span, strict=True)]
