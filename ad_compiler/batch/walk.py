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

import inspect
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.batch.apart import Apart
from ad_compiler.batch.common import NoForm, rank, rank_of
from ad_compiler.batch.control import Control
from ad_compiler.batch.facts import Facts
from ad_compiler.batch.indexing import Indexing
from ad_compiler.errors import Refused
from ad_compiler.indices import COLON
from ad_compiler.ir import Arg, Atom, Block, Const, Op, Stmt, Value, definitions, map_values
from ad_compiler.kinds import INT, Dim, Kind, NotStatic, Num, Seq
from ad_compiler.ops import asks_attribute, has_effect, is_access, is_like, is_maker, is_python, traits
from ad_compiler.read.abstract import Abstract, Tuple, flatten
from ad_compiler.read.lift import Lifter
from ad_compiler.rules import registry
from ad_compiler.rules.batched import rows
from ad_compiler.rules.traits import Traits

__all__ = ["INT", "Walk", "batched_block"]

MOST_WALKS = 50


def batched_block(block: Block, given: dict[Value, Atom], others: Iterable[Value], samples: Atom, dim: Dim,
                  axes: list[int | None] | None = None, apart: frozenset[Stmt] = frozenset()) -> Block:
    """A block for a batch: `given` are the batched values for those that it reads of one sample.

    `others`: what else is known to be the same for all samples; `samples`, `dim`: how many there are, when the program
    runs and as a length; `axes`: where the axis for the samples stands in each result; `apart`: statements to be run
    for one sample at a time, whatever they do.
    """
    for _ in range(MOST_WALKS):
        facts = Facts(block, given, others, apart)
        walk = Walk(facts, given, samples, dim)
        made = walk.whole(block, axes or [0] * len(block.results))
        if not walk.missing:
            walk.lifter.collector.raise_if_any()
            return made
        if walk.missing <= apart:
            raise Refused("this has no form for a batch")
        apart |= walk.missing
    raise Refused("this cannot be batched")


class Walk(Control, Apart, Indexing):
    """`env`: what stands for a value that varies.  `missing`: statements found to have no form for a batch."""

    def __init__(self, facts: Facts, given: dict[Value, Atom], samples: Atom, dim: Dim) -> None:
        self.facts, self.samples, self.dim = facts, samples, dim
        self.env: dict[Value, Atom] = dict(given)
        self.missing: set[Stmt] = set()
        self.lifter = Lifter(Block(), watching=False)
        self.makers: dict[Value, Op] = {}       # what made an array that is the same for all samples
        self.seen: dict[Any, list[tuple[Value, int]]] = {}
        for value in given.values():
            self.note(value)

    def whole(self, block: Block, axes: list[int | None]) -> Block:
        """The block, for the batch."""
        made = self.block(block, block.results)
        self.lifter.block, self.lifter.fixed_origin = made, None
        if not self.missing:
            made.results = [self.result(r, axis) for r, axis in zip(block.results, axes, strict=True)]
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
        if axis == 0:
            return found
        return self.apply(np.transpose, found) if rank(found) == 2 else self.apply(np.moveaxis, found, Const(0),
                                                                                   Const(axis))

    # -- values --------------------------------------------------------------------------------------

    def varies(self, arg: Arg) -> bool:
        """Does something in an argument vary?"""
        return self.facts.some_vary(arg)

    def get(self, arg: Arg) -> Arg:
        """An argument, with what stands for the values in it that vary."""
        return map_values(arg, lambda v: self.env.get(v, v)) if self.varies(arg) else arg

    def kind_for(self, kind: Kind) -> Kind:
        """The kind of something for all samples."""
        if isinstance(kind, Seq):
            return Seq(self.kind_for(kind.elem), kind.length)
        if isinstance(kind, Num) and kind.shape is not None:
            return Num(kind.dtype, (self.dim, *kind.shape), "array")
        return kind

    def apply(self, fn: Callable[..., Any], *args: Arg, **kwargs: Arg) -> Any:
        """A call of a function that has a rule."""
        return self.lifter.apply(fn, list(map(to_abstract, args)), {k: to_abstract(v) for k, v in kwargs.items()})

    def inline(self, fn: Callable[..., Any], *args: Arg, **kwargs: Arg) -> Any:
        """A function that is read, as rules are."""
        return self.lifter.inline(fn, list(map(to_abstract, args)), {k: to_abstract(v) for k, v in kwargs.items()})

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
        dims = [self.length(atom, axis, d) for axis, d in enumerate(kind.shape)]
        shape: Arg = (self.samples, *dims) if dims else self.samples
        maker = self.makers.get(atom) if isinstance(atom, Value) else None
        dtype = {} if kind.dtype == "float64" else {"dtype": Const(np.dtype(kind.dtype))}
        zero = isinstance(atom, Const) and isinstance(atom.value, (int, float)) and atom.value == 0 \
            and not (isinstance(atom.value, float) and np.signbit(atom.value))
        if zero or maker is not None and traits(maker).makes == "zeros":
            found = self.apply(np.zeros, shape, **dtype)
        elif isinstance(atom, Const):
            found = self.apply(np.full, shape, atom, **({"dtype": Const(np.dtype(kind.dtype))}))
        else:
            found = self.apply(np.broadcast_to, atom, shape if isinstance(shape, tuple) else (shape,))
        return self.cast(found, kind.dtype)

    def _spread_list(self, atom: Atom, kind: Seq) -> Atom:
        maker = self.makers.get(atom) if isinstance(atom, Value) else None
        if maker is None or maker.fn is not runtime.make_list or not isinstance(maker.args[0], list):
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
            return self.apply(operator.getitem, self.apply(np.shape, atom), Const(axis))
        return self.known_length(dim)

    def known_length(self, dim: Dim) -> Arg:
        """A length, read from something that has it; raises `NoForm` where nothing is known to."""
        if isinstance(dim, int):
            return Const(dim)
        for value, axis in self.seen.get(dim, ()):
            return value if axis < 0 else self.apply(operator.getitem, self.apply(np.shape, value), Const(axis))
        raise NoForm

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
        if not self.varies((op.args, op.kwargs)):
            self.plain(op)
            return
        before = len(self.lifter.block.ops)
        try:
            found = self._form(op)
            made = {r for stmt in self.lifter.block.ops[before:] if isinstance(stmt, Op) for r in stmt.results}
            for old, new in zip(op.results, found, strict=True):
                self.bind(old, new, made)
        except (NoForm, NotStatic, Refused, ValueError, TypeError, IndexError):
            del self.lifter.block.ops[before:]
            self.give_up(op)

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
            self.lifter.block.ops.append(Op(runtime.identity, (new,), {}, [old], self.lifter.fixed_origin))
            self.note(old)
            return
        kind = old.kind
        if isinstance(kind, Num):
            if kind.shape is None:
                raise NoForm
            if not isinstance(new, Value):
                new = self.spread(new, kind)
            new = self.cast(new, kind.dtype)
            if not isinstance(new.kind, Num) or rank(new) != len(kind.shape) + 1:
                raise NoForm
            if new in made:
                new.kind = self.kind_for(kind)
        if isinstance(new, Value) and new in made and not new.hint:
            new.hint = old.hint
        self.env[old] = new
        self.note(new)

    # -- forms ---------------------------------------------------------------------------------------

    def _form(self, op: Op) -> list[Atom]:
        known, rule = traits(op), registry.lookup(op.fn)
        if op.fn is runtime.assert_ and not self.varies(op.args[1:]):
            self.lifter.block.ops.append(Op(op.fn, (self.apply(np.all, self.get(op.args[0])), *op.args[1:]), {}, [],
                                            op.origin, effect=True))
            return []
        if asks_attribute(op, "dtype", "ndim"):
            kind = op.args[0].kind
            return [Const(np.dtype(kind.dtype) if op.args[1].value == "dtype" else len(kind.shape))]
        if has_effect(op):
            raise NoForm
        if is_access(op):
            return [self.access(op)]
        if known.list:
            return self._list(op)
        if rule is not None and rule.batch is not None:
            return self._written(op, rule)
        if known.casts:
            return [self._cast(op)]
        if known.elementwise and (rule is not None):
            return [self._elementwise(op, known)]
        if known.stacks:
            return self._results(self._stacked(op, op.fn))
        if known.axes:
            return self._results(self._along(op, known))
        if is_like(op) and is_maker(op) and list(map(self.varies, op.args)) == [True] + [False] * (len(op.args) - 1) \
                or known.view in ("argument", "same") or known.if_bound:
            return self._results(self.lifter.apply(op.fn, [to_abstract(self.get(a)) for a in op.args],
                                                   {k: to_abstract(v) for k, v in op.kwargs.items()}))
        raise NoForm

    def _results(self, thing: Abstract) -> list[Atom]:
        return flatten(thing)[0] if isinstance(thing, (Tuple, Value, Const)) else []

    def _list(self, op: Op) -> list[Atom]:
        """Lists hold for each place what is there for every sample."""
        args: list[Arg] = []
        for arg in op.args:
            if isinstance(arg, list):
                kind = op.result.kind
                assert isinstance(kind, Seq)
                args.append([self.spread(item, kind.elem) for item in arg])
            elif isinstance(arg, Value) and isinstance(arg.kind, Seq):
                args.append(self.spread(arg, arg.kind))
            elif isinstance(arg, Value) and isinstance(arg.kind, Num) and arg.kind.dtype.startswith("int") \
                    and arg.kind.shape == () and arg in self.facts.varies:
                raise NoForm        # for each sample another place
            elif arg is op.args[-1] and len(op.args) > 1 and isinstance(op.results[0].kind, Seq):
                args.append(self.spread(arg, op.results[0].kind.elem))
            else:
                args.append(arg)
        return list(self.lifter.emit(op.fn, tuple(args), dict(op.kwargs), [self.kind_for(r.kind) for r in op.results]))

    def _written(self, op: Op, rule: registry.Rule) -> list[Atom]:
        args, kwargs = rule.bind(list(op.args), dict(op.kwargs))
        if self.varies(kwargs):
            raise NoForm
        given = [self._items(a) if isinstance(a, (list, tuple)) and self.varies(a) else self.get(a) for a in args]
        assert rule.batch is not None
        found = self.inline(rule.batch, *given, **kwargs, varies=tuple(Const(self.varies(a)) for a in args),
                            samples=self.samples)
        if isinstance(found, Const) and found.value is None:
            raise NoForm
        return self._results(found)

    def _items(self, arg: Arg) -> Arg:
        """A list or tuple whose numbers and arrays all have the axis for the samples."""
        if isinstance(arg, (list, tuple)):
            return type(arg)(map(self._items, arg))
        if isinstance(arg, Value):
            return self.spread(arg, arg.kind)
        if isinstance(arg, Const) and isinstance(arg.value, (int, float)):
            return self.spread(arg, Num("float64" if isinstance(arg.value, float) else "int64", ()))
        raise NoForm

    def _cast(self, op: Op) -> Atom:
        """Another type is another dtype; a whole number of what is none may raise."""
        (of, to) = (op.args[0].kind, op.result.kind) if isinstance(op.args[0], Value) else (None, None)
        if not isinstance(of, Num) or not isinstance(to, Num) or self.varies(op.args[1:]) and not is_like(op):
            raise NoForm
        if traits(op).raises == "value" and of.dtype.startswith("float") and to.dtype.startswith("int"):
            raise NoForm
        found = self.get(op.args[0]) if op.args[0] in self.facts.varies else self.spread(op.args[0], to)
        if to.shape == () and of.shape != ():
            raise NoForm
        return found if to.dtype != "bool" or of.dtype == "bool" else self.apply(np.not_equal, found, Const(0))

    def _elementwise(self, op: Op, known: Traits) -> Atom:
        fn = known.arrays or op.fn
        kind = op.result.kind
        if not isinstance(kind, Num) or not known.arrays and (known.raises == "value" or not _takes_arrays(op)):
            raise NoForm
        return self._results(self._stacked(op, fn))[0]

    def _stacked(self, op: Op, fn: Callable[..., Any]) -> Abstract:
        """Operands brought to as many axes: those of the samples then meet."""
        if self.varies(op.kwargs) or any(isinstance(a, (list, tuple)) and self.varies(a) for a in op.args):
            raise NoForm
        ranks = [rank_of(a) for a in op.args]
        if None in ranks:
            raise NoForm
        most = max(r for r in ranks if r is not None)
        kind = op.results[0].kind
        whole = isinstance(kind, Num) and not kind.dtype.startswith("bool")
        args = []
        for arg in op.args:
            if self.varies(arg):
                found = self.get(arg)
                if whole and arg.kind.dtype == "bool" and arg.kind.form == "py":
                    found = self.cast(found, "int64")       # Python's booleans are numbers
                arg = self.lined(found, most)
            args.append(to_abstract(arg))
        return self.lifter.apply(fn, args, {k: to_abstract(v) for k, v in op.kwargs.items()}, spelling=op.spelling)

    def _along(self, op: Op, known: Traits) -> Abstract:
        """An axis of the operand is the next one of the batch."""
        rule = registry.lookup(op.fn)
        if rule is None or not op.args or not self.varies(op.args[0]) or self.varies((op.args[1:], op.kwargs)):
            raise NoForm
        names = [p.name for p in rule.signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
        at = names.index("axis")
        default = rule.signature.parameters["axis"].default
        axis = op.kwargs.get("axis", op.args[at] if at < len(op.args) else
                             Const(None if default is inspect.Parameter.empty else default))
        x, (each,) = self.get(op.args[0]), (rank_of(op.args[0]),)
        if each is None:
            raise NoForm
        if isinstance(axis, Const) and axis.value is None or each == 0:
            keep = op.kwargs.get("keepdims", Const(False))
            if known.axes == "one" and each > 1 and not (isinstance(keep, Const) and not keep.value):
                raise NoForm
            if each > 1 and known.axes == "many":
                axis = tuple(Const(i + 1) for i in range(each))
            else:
                x, axis = self.inline(rows, x, self.samples), Const(1)
        else:
            axis = _moved(axis)
        args, kwargs = [x, *op.args[1:]], dict(op.kwargs)
        if at < len(args) and "axis" not in kwargs:
            args[at] = axis
        else:
            kwargs["axis"] = axis
        return self.lifter.apply(op.fn, list(map(to_abstract, args)), {k: to_abstract(v) for k, v in kwargs.items()},
                                 spelling=op.spelling)


def _kind_of_number(value: Any) -> Num:
    """The kind of a number that is known now."""
    return Num(str(np.asarray(value).dtype), ())


def _moved(axis: Arg) -> Arg:
    """An axis of a sample, as one of the batch."""
    if isinstance(axis, tuple):
        return tuple(map(_moved, axis))
    if not isinstance(axis, Const) or not isinstance(axis.value, (int, tuple)):
        raise NoForm
    if isinstance(axis.value, tuple):
        return tuple(_moved(Const(a)) for a in axis.value)
    return Const(axis.value + 1 if axis.value >= 0 else axis.value)


def _takes_arrays(op: Op) -> bool:
    """Does a function do for each number of an array what it does for one?"""
    return isinstance(op.fn, np.ufunc) or is_python(op) or getattr(op.fn, "__module__", "").startswith("numpy")
