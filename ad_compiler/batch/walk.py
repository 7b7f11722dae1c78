"""The statements of a function as they are for a batch: what varies between the samples has an axis for them, in front.

What does not vary stays as it is.  What has no form for a batch is done by a loop over the samples (`batch.apart`).

>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import Sym
>>> x, w, block = Value("x", Num("float64", (3,))), Value("w", Num("float64", (3,))), Block()
>>> t = block.emit(operator.mul, x, w, hint="t", kind=x.kind)
>>> block.results = [block.emit(np.sum, t, hint="y", kind=Num("float64", (), "np"))]
>>> xs, n = Value("x", Num("float64", (Sym("n", True), 3))), Value("n", INT)
>>> made = batched_block(block, {x: xs}, [w], n, Sym("n", True))
>>> print(show(Func("f", [xs, w, n], made)))
def f(x, w, n):
    t = mul(x, w)
    y = sum(t, axis=1)
    return y
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.batch.apart import Apart
from ad_compiler.batch.common import NoForm, Uneven, rank, reads
from ad_compiler.batch.control import Control
from ad_compiler.batch.facts import Facts
from ad_compiler.batch.forms import Forms
from ad_compiler.batch.late import late_reads
from ad_compiler.batch.unread import drop_unread
from ad_compiler.errors import Refused
from ad_compiler.indices import COLON
from ad_compiler.ir import Arg, Atom, Block, Const, Op, Slice, Stmt, Value, definitions, map_values, values_in
from ad_compiler.kinds import INT, Dim, Kind, NotStatic, Num, Seq, Shape
from ad_compiler.ops import (
    is_length,
    is_like,
    is_store,
    makes_list,
    traits,
)
from ad_compiler.read.lift import Lifter

__all__ = ["INT", "Walk", "batched_block"]

MOST_WALKS = 50
NONE = Const(None)


def batched_block(block: Block, given: dict[Value, Atom], others: Iterable[Value], samples: Atom, dim: Dim,
                  axes: list[int | None] | None = None, apart: frozenset[Stmt] = frozenset(),
                  one_loop: bool = False) -> Block:
    """A block for a batch: `given` are the batched values for those that it reads of one sample.

    `others`: what else is known to be the same for all samples; `samples`, `dim`: how many there are, when the program
    runs and as a length; `axes`: where the axis for the samples stands in each result; `apart`: statements to be run
    for one sample at a time, whatever they do; `one_loop`: all that varies is, as it is where lists cannot be had for
    all samples.
    """
    try:
        return _batched(block, given, list(others), samples, dim, axes, apart, one_loop)
    except Uneven:
        if one_loop:
            raise
        return _batched(block, given, list(others), samples, dim, axes, apart, one_loop=True)


def _batched(block: Block, given: dict[Value, Atom], others: list[Value], samples: Atom, dim: Dim,
             axes: list[int | None] | None, apart: frozenset[Stmt], one_loop: bool) -> Block:
    late = late_reads(block)
    if one_loop:
        facts = Facts(block, given, others, apart)
        apart |= {stmt for stmt in block.ops if not facts.varies.isdisjoint((*reads(stmt), *definitions(stmt)))}
    torn: frozenset[Value] = frozenset()
    for _ in range(MOST_WALKS):
        walk = Walk(Facts(block, given, others, apart, torn), given, samples, dim, late, one_loop)
        for value in others:
            walk.note(value)
        made = walk.whole(block, axes or [0] * len(block.results))
        if not walk.missing and not walk.torn:
            walk.lifter.collector.raise_if_any()
            return made
        if walk.missing <= apart and walk.torn <= torn:
            raise Refused("this has no form for a batch")
        apart, torn = apart | walk.missing, torn | walk.torn
    raise Refused("this cannot be batched")


class Walk(Forms, Control, Apart):
    """`env`: what stands for a value that varies.  `missing`: statements found to have no form for a batch; `torn`:
    values that a loop over the samples gives, and that no array can be made for before.
    """

    def __init__(self, facts: Facts, given: dict[Value, Atom], samples: Atom, dim: Dim, late: set[Op],
                 one_loop: bool) -> None:
        self.facts, self.samples, self.dim, self.late, self.one_loop = facts, samples, dim, late, one_loop
        self.env: dict[Value, Atom] = dict(given)
        self.missing: set[Stmt] = set()
        self.torn: set[Value] = set()
        self.lifter = Lifter(Block(), watching=False)
        self.makers: dict[Value, Op] = {}       # what made an array that is the same for all samples
        self.masks: dict[tuple[Any, int], tuple[Dim, Atom]] = {}    # how many samples each picks, by its block
        self.inverted: dict[tuple[Any, int], Any] = {}
        self.picked: dict[tuple[Any, Any, int], Any] = {}           # what they pick of a value
        self.filled: list[Op] = []      # stores that put together what arms give
        self.shapes: dict[Value, Value] = {}    # shapes of a sample, and of all
        self.indices: dict[Value, Dim] = {}     # of loops from 0 on, and where they end
        self.seen: dict[Any, list[tuple[Value, int]]] = {}
        for value in given.values():
            self.note(value)

    def whole(self, block: Block, axes: list[int | None]) -> Block:
        """The block, for the batch."""
        made = self.block(block, block.results)
        self.lifter.block, self.lifter.fixed_origin = made, None
        if not self.missing:
            made.results = [self.result(r, axis) for r, axis in zip(block.results, axes, strict=True)]
            drop_unread(made, self.filled)
        return made

    def result(self, atom: Atom, axis: int | None) -> Atom:
        """What is returned for all samples; what is the same for each of them is there for each."""
        varies = isinstance(atom, Value) and atom in self.facts.varies
        if axis is None or isinstance(atom, Const) and atom.value is None:
            if varies:
                raise Refused("out_dims is None for what differs between the samples", "give it an axis in out_dims")
            return atom
        kind = atom.kind if isinstance(atom, Value) else _kind_of_number(atom.value)
        found = self.spread(atom, kind)
        if not varies:
            found = self.apply(np.copy, found)
        if axis and rank(found) == 2:
            found = self.apply(np.transpose, found)
        elif axis:
            found = self.apply(np.moveaxis, found, Const(0), Const(axis))
        return found

    # -- values --------------------------------------------------------------------------------------

    def varies(self, arg: Arg) -> bool:
        """Does something in an argument vary?"""
        return self.facts.some_vary(arg)

    def get(self, arg: Arg) -> Arg:
        """An argument, with what stands for the values in it that vary."""
        return map_values(arg, self._now)

    def _now(self, value: Value) -> Arg:
        """What stands for a value; for the shape of a sample, its lengths."""
        if value in self.shapes:
            kind = value.kind
            assert isinstance(kind, Shape)
            whole = self.shapes[value]
            return tuple(Const(d) if isinstance(d, int) else self.apply(operator.getitem, whole, Const(i + 1))
                         for i, d in enumerate(kind.dims))
        return self.env.get(value, value)

    def kind_for(self, kind: Kind) -> Kind:
        """The kind of something for all samples."""
        if isinstance(kind, Seq):
            return Seq(self.kind_for(kind.elem), kind.length)
        if isinstance(kind, Num):
            return Num(kind.dtype, None, "any") if kind.shape is None else \
                Num(kind.dtype, (self.dim, *kind.shape), "array")
        return kind

    def apply(self, fn: Callable[..., Any], *args: Arg, **kwargs: Arg) -> Any:
        """A call of a function that has a rule."""
        return self.lifter.apply(fn, list(map(to_abstract, args)), {k: to_abstract(v) for k, v in kwargs.items()})

    def inline(self, fn: Callable[..., Any], *args: Arg, **kwargs: Arg) -> Any:
        """A function that is read, as rules are."""
        return self.lifter.memory.fresh(self.lifter.calls.inline(fn, list(map(to_abstract, args)),
                                                    {k: to_abstract(v) for k, v in kwargs.items()}))

    def lined(self, atom: Arg, ndim: int) -> Arg:
        """What stands for a value that varies, brought to so many axes for each sample."""
        missing = ndim + 1 - rank(atom)
        return atom if missing <= 0 else self.apply(operator.getitem, atom, (COLON, *[Const(None)] * missing))

    def spread(self, atom: Atom, kind: Kind) -> Atom:
        """Something that is the same for all samples, for each of them; of something else, what stands for it."""
        if isinstance(atom, Value) and atom in self.facts.varies:
            return self.env[atom]
        if isinstance(kind, Seq):
            return self._spread_list(atom, kind)
        if not isinstance(kind, Num) or kind.shape is None:
            raise NoForm
        maker = self.makers.get(atom) if isinstance(atom, Value) else None
        if maker is not None and traits(maker).if_bound:        # of what was never bound it has no shape to ask for
            each: Atom = self.apply(np.repeat, self.apply(np.expand_dims, atom, Const(0)), self.samples, axis=Const(0))
            return each
        if maker is not None and traits(maker).makes != "zeros":
            maker = None
        dims = self._asked_lengths(maker) if maker is not None else \
            [self.length(atom, axis, d) for axis, d in enumerate(kind.shape)]
        shape: Arg = (self.samples, *dims) if dims else self.samples
        dtype = {} if kind.dtype == "float64" else {"dtype": Const(np.dtype(kind.dtype))}
        zero = isinstance(atom, Const) and isinstance(atom.value, (int, float)) and atom.value == 0 \
            and not (isinstance(atom.value, float) and np.signbit(atom.value))
        if zero or maker is not None:
            found = self.apply(np.zeros, shape, **dtype)
        elif isinstance(atom, Const) and atom.value == 1:
            found = self.apply(np.ones, shape, **dtype)
        elif isinstance(atom, Const):
            found = self.apply(np.full, shape, atom, **(dtype if not isinstance(atom.value, float) else {}))
        else:
            found = self.apply(np.broadcast_to, atom, shape if isinstance(shape, tuple) else (shape,))
        whole: Atom = self.cast(found, kind.dtype)
        return whole

    def _asked_lengths(self, maker: Op) -> list[Arg]:
        """The lengths that an array of zeros was asked for with."""
        asked = maker.args[0]
        if not is_like(maker):
            return list(asked) if isinstance(asked, tuple) else [asked]
        while is_store(self.makers.get(asked)):     # what was stored into is as long, and is there already
            asked = self.makers[asked].args[0]
        kind = asked.kind
        return [self.length(asked, axis, d) for axis, d in enumerate(kind.shape)]

    def _spread_list(self, atom: Atom, kind: Seq) -> Atom:
        maker = self.makers.get(atom) if isinstance(atom, Value) else None
        if maker is None or not makes_list(maker) or not maker.args or not isinstance(maker.args[0], list):
            raise NoForm
        made = [self.spread(item, kind.elem) for item in maker.args[0]]
        (found,) = self.lifter.emit(runtime.make_list, (made,), {}, [self.kind_for(kind)])
        return found

    def length(self, atom: Arg, axis: int, dim: Dim) -> Arg:
        """A length that is the same for all samples, as the program has it."""
        if isinstance(dim, int):
            return Const(dim)
        if isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.shape is not None \
                and axis < len(atom.kind.shape):
            return self.apply(operator.getitem, self.shape_of(atom), Const(axis))
        return self.known_length(dim)

    def known_length(self, dim: Dim) -> Arg:
        """A length, read from something that has it; raises `NoForm` where nothing is known to."""
        if isinstance(dim, int):
            return Const(dim)
        for value, axis in self.seen.get(dim, ()):
            return value if axis < 0 else self.apply(operator.getitem, self.shape_of(value), Const(axis))
        raise NoForm

    def shape_of(self, array: Arg) -> Any:
        """The shape of an array."""
        return self.lifter.apply(np.shape, [array], spelling="attr" if rank(array) else "")

    def note(self, value: Atom) -> None:
        """Lengths can be read from this from now on."""
        kind = value.kind if isinstance(value, Value) else None
        if isinstance(value, Value) and isinstance(kind, Num):
            for axis, dim in enumerate(kind.shape or ()):
                if not isinstance(dim, int):
                    self.seen.setdefault(dim, []).append((value, axis))

    def cast(self, atom: Any, dtype: str) -> Any:
        """In this dtype."""
        if isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.dtype != dtype:
            return self.lifter.apply(runtime.astype, [atom, Const(np.dtype(dtype))], spelling="method")
        return atom

    # -- statements ----------------------------------------------------------------------------------

    def block(self, block: Block, results: list[Arg]) -> Block:
        """The statements of a block, in a block of their own that hands on nothing yet."""
        made, outer = Block(list(block.params)), self.lifter.block
        marks = {dim: len(found) for dim, found in self.seen.items()}
        self.lifter.block = made
        try:
            self.statements(block, results)
        finally:
            self.lifter.block = outer
            self.seen = {dim: found[:marks[dim]] for dim, found in self.seen.items() if dim in marks}
        return made

    def statement(self, stmt: Stmt) -> None:
        """One statement that is not apart."""
        self.lifter.fixed_origin = stmt.origin
        self.lifter.reverse = stmt.reverse
        if isinstance(stmt, Op):
            self.lifter.stopped = int(stmt.stopped)
            self.op(stmt)
            self.lifter.stopped = 0
        else:
            self.control(stmt)

    def plain(self, stmt: Stmt) -> None:
        """A statement that does the same for every sample."""
        self.lifter.block.ops.append(stmt)
        if isinstance(stmt, Op):
            for result in stmt.results:
                self.makers[result] = stmt
                self.note(result)

    def op(self, op: Op) -> None:
        before = len(self.lifter.block.ops)
        if not self.varies((op.args, op.kwargs)):
            self.plain(self._with_lengths(op))
            return
        try:
            found = self.form(op)
            made = {r for stmt in self.lifter.block.ops[before:] if isinstance(stmt, Op) for r in stmt.results}
            for old, new in zip(op.results, found, strict=True):
                self.bind(old, new, made)
        except (NoForm, NotStatic, Refused, ValueError, TypeError, IndexError):
            del self.lifter.block.ops[before:]
            self.give_up(op)

    def _with_lengths(self, op: Op) -> Op:
        """An op that reads the shape of a sample, reading that of all."""
        if not any(v in self.shapes for v in values_in((op.args, op.kwargs))):
            return op
        if is_length(op) and isinstance(op.args[1], Const) and type(op.args[1].value) is int:
            at = op.args[1].value
            args: Arg = (self.shapes[op.args[0]], Const(at + 1 if at >= 0 else at))
            return Op(op.fn, args, {}, op.results, op.origin)
        return replace(op, args=self.get(op.args), kwargs=self.get(op.kwargs))

    def give_up(self, stmt: Stmt, inside: bool = False) -> None:
        """A statement, or something `inside` of it, has no form for a batch: what comes after it is looked at still."""
        if not inside:
            self.missing.add(stmt)
        for result in definitions(stmt):
            if result in self.facts.varies:
                self.env[result] = Value(result.hint, self.kind_for(result.kind))

    def bind(self, old: Value, new: Atom, made: set[Value]) -> None:
        """From here on this stands for a value."""
        if old not in self.facts.varies:
            if isinstance(old.kind, Shape) and isinstance(new, Value):
                self.shapes[old] = new
                new = self.lifter.emit(operator.getitem, (new, Slice(Const(1), NONE, NONE)), {}, [old.kind])[0]
            self.lifter.block.ops.append(Op(runtime.identity, (new,), {}, [old], self.lifter.fixed_origin))
            self.note(old)
            return
        kind = old.kind
        if isinstance(kind, Num):
            if kind.shape is None:
                raise NoForm
            new = self.cast(new if isinstance(new, Value) else self.spread(new, kind), kind.dtype)
            if not isinstance(new, Value) or rank(new) != len(kind.shape) + 1:
                raise NoForm
            if new in made:
                new.kind = self.kind_for(kind)
        if isinstance(new, Value) and new in made and not new.hint:
            new.hint = old.hint
        self.env[old] = new
        self.note(new)


def _kind_of_number(value: Any) -> Num:
    """The kind of a number that is known now."""
    return Num(str(np.asarray(value).dtype), ())
