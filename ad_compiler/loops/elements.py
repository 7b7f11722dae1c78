"""One element of an array expression, as statements about numbers.

>>> from ad_compiler.ir import Block, Const, Func, Value, show
>>> from ad_compiler.kinds import INT, Sym
>>> x, i = Value("x", Num("float64", (Sym("n"),))), Value("i", INT)
>>> s = Op(np.sin, (x,), {}, [Value("s", x.kind)])
>>> y = Op(operator.mul, (s.result, Const(2.0)), {}, [Value("y", x.kind)])
>>> block = Block()
>>> block.results = [Elements({s.result: s, y.result: y}, [block]).at(y.result, (i,))]
>>> print(show(Func("f", [x, i], block)))
def f(x, i):
    ~e = getitem(x, i)
    s = sin(~e)
    y = mul(s, 2.0)
    return y
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container
from typing import Any

import numpy as np

from ad_compiler.ir import Arg, Atom, Block, Branch, Const, Op, Value, map_values, values_in
from ad_compiler.kinds import BOOL, INT, Dim, Num, may_be_one
from ad_compiler.loops.lengths import not_negative
from ad_compiler.loops.views import Index, broadcast_parts, dtype_of, rank, shape_of, view_of
from ad_compiler.ops import is_comparison, is_outer, is_stretched, traits
from ad_compiler.optimise.facts import is_square
from ad_compiler.rules.traits import LIGHT

FILLS = ("zeros", "ones", "full", "range")
ZERO = Const(0)


def is_map(op: Op) -> bool:
    """Is each element of the result made of the elements at its place alone, in a way that is known here?"""
    if len(op.results) != 1:
        return False
    if is_stretched(op):
        return not op.kwargs and bool(rank(op.result)) and rank(op.args[0]) is not None \
            and not may_stretch(shape_of(op.args[0]), shape_of(op.result))
    if op.kwargs or not op.args or any(rank(a) is None and not _is_dtype(op, n) for n, a in enumerate(op.args)):
        return False
    kind = op.result.kind
    if not isinstance(kind, Num) or not kind.shape or kind.dtype.startswith("complex"):
        return False
    if is_outer(op):
        return all(rank(a) == 1 for a in op.args)
    if traits(op).element is None:      # its arguments may be no operands: `np.ones(2, np.float32)`
        return False
    return not any(may_stretch(shape_of(a), kind.shape) for n, a in enumerate(op.args) if not _is_dtype(op, n))


def is_spread(op: Op) -> bool:
    """Is a cheap map made of arrays that are all smaller than it, so that it costs less to do again than to read?"""
    if traits(op).cost != LIGHT or not is_map(op) or is_stretched(op) or rank(op.result) == 1:
        return False
    whole = shape_of(op.result)
    return all(_is_smaller(shape_of(a), whole) for a in op.args)


def is_test(op: Op, virtual: dict[Value, Op]) -> bool:
    """Does a map compare arrays that there are, so that it may as well compare them again?"""
    return is_comparison(op) and is_map(op) and not any(
        isinstance(a, Value) and a in virtual and is_map(virtual[a]) for a in op.args)


def _is_smaller(own: tuple[Dim, ...], whole: tuple[Dim, ...]) -> bool:
    own = (1,) * (len(whole) - len(own)) + own
    return any(a == 1 and not may_be_one(b) for a, b in zip(own, whole, strict=True))


def may_stretch(own: tuple[Dim, ...], shape: tuple[Dim, ...]) -> bool:
    """Could an axis turn out to have length 1, and be stretched, where nobody can know it?"""
    return len(own) > len(shape) or any(a not in (1, b) and (may_be_one(a) or may_be_one(b))
                                        for a, b in zip(own, shape[len(shape) - len(own):], strict=True))


def is_fill(op: Op) -> bool:
    """Are all elements the same number, or their own place?"""
    made = traits(op).makes
    if made == "range" and (len(op.args) != 1 or op.kwargs):
        return False
    return made in FILLS and len(op.results) == 1 and bool(rank(op.result))


def _is_dtype(op: Op, at: int) -> bool:
    return traits(op).casts and at == 1


def operands_of(op: Op) -> list[tuple[Atom, tuple[Any, ...]]]:
    """What a map reads, and for what shape each is read: of an outer product each factor stands on its own."""
    shape = shape_of(op.result)
    if is_outer(op):
        return [(op.args[0], shape[:1]), (op.args[1], shape[1:])]
    if is_stretched(op):
        return [(op.args[0], shape)]
    return [(a, shape) for n, a in enumerate(op.args) if not _is_dtype(op, n)]


class Elements:
    """Writes elements of arrays into the blocks of a nest of loops, each into the outermost that has its operands.

    `virtual` are the ops whose arrays need not exist: maps, views and fills.  `here` holds what is known already: the
    element of a value at an index.  `checks` are the lengths that must be found equal before the loops.  `current` is
    what an array is called while the loops overwrite it, up to the place where they do.  `own` and `counted` are
    integers that are not negative: indices of these loops and of others; `length` gives that of an axis.
    """

    def __init__(self, virtual: dict[Value, Op], blocks: list[Block],
                 length: Callable[[Dim], Atom] = Const, counted: Container[Value] = ()) -> None:
        self.virtual, self.blocks, self.length, self.counted = virtual, blocks, length, counted
        self.own: set[Value] = set()
        self.depth: dict[Value, int] = {}
        self.here: dict[tuple[Value, Index], Atom] = {}
        self.checks: dict[tuple[Dim, Dim], None] = {}
        self.places: dict[Value, Op] = {}
        self.current: dict[Value, Atom] = {}

    def emit(self, fn: Callable[..., Any], *args: Arg, kind: Num, **more: Any) -> Value:
        """A statement, where its operands are."""
        depth = self.deepest(args)
        args = tuple(self.written(a, self.blocks[depth]) for a in args)
        value = self.blocks[depth].emit(fn, *args, kind=kind, **more)
        self.depth[value] = depth
        return value

    def place(self, fn: Callable[..., Any], *args: Atom) -> Value:
        """Arithmetic on indices, which is written where it is used: `a[i + 1]`."""
        value = Value("", INT)
        self.places[value] = Op(fn, args, {}, [value])
        self.depth[value] = self.deepest(args)
        return value

    def from_start(self, place: Atom, dim: Dim) -> Atom:
        """An index that may count from the end of an axis, as one that does not."""
        if isinstance(place, Const):
            return place if place.value >= 0 else self.place(operator.add, self.length(dim), place)
        if place in self.own or place in self.places or place in self.counted \
                or isinstance(place.kind, Num) and place.kind.length is not None and not_negative(place.kind.length):
            return place
        value = Value("", INT)
        self.depth[value] = depth = self.deepest((place,))
        block = self.blocks[depth]
        behind = block.emit(operator.lt, place, Const(0), kind=BOOL)
        end = block.emit(operator.add, place, self.length(dim), kind=INT)
        block.ops.append(Branch(behind, Block([], [], [end]), Block([], [], [place]), [value]))
        self.own.add(value)
        return value

    def written(self, arg: Arg, block: Block) -> Arg:
        """An argument with the arithmetic on its indices written out in a block."""
        def new(value: Value) -> Arg:
            op = self.places.get(value)
            return value if op is None else block.emit(op.fn, *(self.written(a, block) for a in op.args), kind=INT)
        return map_values(arg, new) if self.places else arg

    def deepest(self, args: Arg) -> int:
        """In how many of the loops an argument is known."""
        return max((self.depth.get(v, 0) for v in values_in(args)), default=0)

    def at(self, arg: Arg, index: Index) -> Atom:
        """The element of a number or array at an index of its own rank."""
        if isinstance(arg, Const) and np.ndim(arg.value) == 0:
            return arg
        if isinstance(arg, Value) and rank(arg) == 0 and isinstance(arg.kind, Num) and arg.kind.form != "array":
            return arg
        index = tuple(ZERO if isinstance(i, Const) and i.value == 0 else i for i in index)
        known = self.here.get((arg, index)) if isinstance(arg, Value) else None
        if known is not None:
            return known
        op = self.virtual.get(arg) if isinstance(arg, Value) else None
        found = self._made(op, index) if op is not None else self._read(arg, index)
        if isinstance(arg, Value):
            self.here[arg, index] = found
        return found

    def _read(self, arg: Arg, index: Index) -> Atom:
        kind = arg.kind if isinstance(arg, Value) else None
        dtype = kind.dtype if isinstance(kind, Num) else str(np.asarray(arg.value).dtype)
        hint = arg.hint if isinstance(arg, Value) and arg.hint.endswith("_bar") else ""
        at: Arg = index[0] if len(index) == 1 else tuple(index)
        now = self.current.get(arg, arg) if isinstance(arg, Value) else arg
        return self.emit(operator.getitem, now, at, kind=Num(dtype, (), "np"), hint="~e" if not hint else "")

    def _made(self, op: Op, index: Index) -> Atom:
        view = view_of(op)
        if view is not None:
            base, place = view.element(index, self)
            return self.at(base, place)
        if is_fill(op):
            return self._filled(op, index)
        if is_stretched(op):
            return self.stretched(op.args[0], shape_of(op.result), index)
        if is_outer(op):
            return self._emit(op, operator.mul, self.at(op.args[0], index[:1]), self.at(op.args[1], index[1:]))
        shape = shape_of(op.result)
        return self._scalar(op, [self.stretched(a, shape, index) for a in op.args if not _is_type(a)])

    def stretched(self, arg: Arg, shape: tuple[Dim, ...], index: Index) -> Atom:
        """The element of an operand that is stretched to a shape."""
        own = shape_of(arg)
        for dim, wanted in zip(own, shape[len(shape) - len(own):], strict=True):
            if dim not in (1, wanted):
                self.checks[dim, wanted] = None
        return self.at(arg, tuple(part(index, self) for part in broadcast_parts(own, shape)))

    def _scalar(self, op: Op, args: list[Atom]) -> Atom:
        known = traits(op)
        if known.casts:
            return self._emit(op, np.dtype(dtype_of(op.result)).type, args[0])
        if len(args) == 3:      # `np.where`
            return self._choice(op, *args)
        if is_square(op):
            return self._emit(op, operator.mul, args[0], args[0])
        of_truths = known.truths if all(map(_is_truth, args)) else None
        return self._emit(op, of_truths or known.element or op.fn, *args)

    def _choice(self, op: Op, cond: Atom, a: Atom, b: Atom) -> Atom:
        value = Value("", self._kind(op))
        branch = Branch(cond, Block([], [], [a]), Block([], [], [b]), [value], op.origin, op.reverse)
        self.depth[value] = self.deepest((cond, a, b))
        self.blocks[self.depth[value]].ops.append(branch)
        return value

    def _filled(self, op: Op, index: Index) -> Atom:
        made = traits(op).makes
        if made in ("full", "range"):
            return op.args[1] if made == "full" else index[0]
        one = made == "ones"
        dtype = dtype_of(op.result)
        return Const(float(one) if dtype.startswith("float") else bool(one) if dtype == "bool" else int(one))

    def _emit(self, op: Op, fn: Callable[..., Any], *args: Atom) -> Value:
        hint = "" if op.result.hint.startswith("~") else op.result.hint
        return self.emit(fn, *args, kind=self._kind(op), hint=hint, origin=op.origin, stopped=op.stopped,
                               reverse=op.reverse)

    def _kind(self, op: Op) -> Num:
        kind = op.result.kind
        assert isinstance(kind, Num)
        return Num(kind.dtype, (), "np")


def _is_truth(atom: Atom) -> bool:
    """Is this number true or false?"""
    if isinstance(atom, Const):
        return isinstance(atom.value, (bool, np.bool_))
    return isinstance(atom.kind, Num) and atom.kind.dtype == "bool"


def _is_type(arg: Arg) -> bool:
    return isinstance(arg, Const) and isinstance(arg.value, (type, np.dtype))
