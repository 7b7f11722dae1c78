"""The functions that a finished program calls, of those that call themselves: written when it is known which.

A function whose backward half is called has two halves, between which something is saved; any other is itself.

>>> import operator
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Value, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, x, hint="y", kind=FLOAT)
>>> pair = Pair("square", "square", ["x"], [FLOAT], block=block, params=[x], results=[y], settled=True)
>>> func = Func("f", [], Block())
>>> func.body.results = [func.body.emit(pair.pulled, Const(3.0), Const(1.0), kind=FLOAT, hint="x_bar")]
>>> add_callees(func, [pair], ())
>>> [callee.name for callee in func.callees]
['square_fwd', 'square_bwd']
>>> print(show(func))
def f():
    t, square_saved = square_fwd(3.0)
    x_bar = square_bwd(square_saved, 1.0)
    return x_bar
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from ad_compiler.adjoint.pairs import halves
from ad_compiler.errors import Refused
from ad_compiler.indices import const_key
from ad_compiler.ir import Block, Const, Func, Op, Stmt, Value, blocks_of, operands, walk
from ad_compiler.kinds import Obj
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.passes import Pass
from ad_compiler.read.calls.recursion import Callee, Pair
from ad_compiler.read.lift import Lifter


def add_callees(func: Func, found: list[Pair], tidy: tuple[Pass, ...]) -> None:
    """Write the functions that are called in a function, and in that for later, and what those call."""
    if not found:
        return
    mains, written = [each for each in (func, func.back) if each is not None], Written(tidy, func.back is not None)
    for main in mains:
        written.follow(drop_dead(main).body)
    order = {pair: at for at, pair in enumerate(found)}
    pairs = sorted(written.made, key=lambda pair: place(pair, order))
    made = [callee for pair in pairs for callee in written.made[pair]]
    for pair in pairs:
        if not written.saves[pair]:
            (plain,) = written.made[pair]
            plain.name = pair.forward.__name__ if pair.base == func.name else pair.base
            call_plainly(pair, Callee(plain.name), [each.body for each in (*mains, *made)])
    for main in mains:
        main.callees = reached(main, made)
    for callee in [] if func.back is None else func.back.callees:
        read = {v for stmt in walk(callee.body) for v in operands(stmt)}
        ref = next((ref for ref in callee.refs if ref in read), None)
        if ref is not None:
            raise Refused(f"`{callee.name}` would read `{ref.hint}` when cotangents are pulled back: it may be another "
                          "by then", "pass it as an argument to the function that calls itself")


def reached(func: Func, made: list[Func]) -> list[Func]:
    """Those that a function calls, or that these call."""
    by_name, names, todo = {each.name: each for each in made}, set[str](), [func]
    while todo:
        called = {op.fn.__name__ for op in walk(todo.pop().body) if isinstance(op, Op) and isinstance(op.fn, Callee)}
        todo += [by_name[name] for name in called - names]
        names |= called
    return [each for each in made if each.name in names]


def place(pair: Pair, order: dict[Pair, int]) -> tuple[int, int]:
    """Functions stand in the order in which they were read, tangents behind their own."""
    depth = 0
    while pair.primal is not None:
        pair, depth = pair.primal, depth + 1
    return order[pair], depth


class Written:
    """The functions that were written so far; whether they save something for their backward half."""

    def __init__(self, tidy: tuple[Pass, ...], later: bool) -> None:
        self.tidy, self.later = tidy, later
        self.made: dict[Pair, list[Func]] = {}
        self.saves: dict[Pair, bool] = {}

    def follow(self, block: Block) -> None:
        """Write what is called in a block, and what that calls."""
        as_halves(block, {})
        wanted: dict[Pair, bool] = {}
        for stmt in walk(block):
            if isinstance(stmt, Op) and isinstance(stmt.fn, Callee) and (pair := stmt.fn.of) is not None:
                wanted[pair] = wanted.get(pair, False) or stmt.fn is pair.backward
        for pair, saves in wanted.items():
            if pair not in self.made or saves > self.saves[pair]:
                self.saves[pair] = saves
                self.made[pair] = self.write(pair, saves)
                for func in self.made[pair]:
                    self.follow(func.body)

    def write(self, pair: Pair, saves: bool) -> list[Func]:
        """A function as it is, or its two halves."""
        from ad_compiler.tangent.calls import body_of, write_tangent  # seldom needed

        if pair.primal is not None and not pair.params:
            write_tangent(pair, self.tidy)
        params, body = body_of(pair)
        if saves:
            own = replace(pair, block=body, params=params, results=list(body.results))
            return halves(own, self.tidy, self.later)
        body.results = [tuple(body.results) if len(body.results) > 1 else body.results[0]]
        return [Func(pair.base, params, body, pair.refs, bind_all=True, forward=True)]


def as_halves(block: Block, known: dict[Hashable, Value]) -> None:
    """Where cotangents are pulled back in one call, call both halves; of the first, one that there is."""
    known, stmts = dict(known), list[Stmt]()
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            as_halves(inner, known)
        pair = stmt.fn.of if isinstance(stmt, Op) and isinstance(stmt.fn, Callee) else None
        if isinstance(stmt, Op) and pair is not None and stmt.fn is not pair.backward:
            args, seeds = stmt.args[:len(pair.names)], stmt.args[len(pair.names):]
            key = pair, *[const_key(a) if isinstance(a, Const) else a for a in args]
            if stmt.fn is pair.pulled:
                if key not in known:
                    made = pair.call(Lifter(Block(), watching=False), list(args))
                    stmts.append(replace(stmt, fn=pair.forward, args=args, results=made))
                    known[key] = made[-1]
                stmt.fn, stmt.args = pair.backward, (known[key], *seeds)
            else:
                known.setdefault(key, stmt.results[-1])
        stmts.append(stmt)
    block.ops = stmts


def call_plainly(pair: Pair, plain: Callee, blocks: list[Block]) -> None:
    """Call a function that saves nothing."""
    for block in blocks:
        for stmt in walk(block):
            if isinstance(stmt, Op) and stmt.fn is pair.forward:
                stmt.fn = plain
                if isinstance(stmt.results[-1].kind, Obj):
                    stmt.results = stmt.results[:-1]
