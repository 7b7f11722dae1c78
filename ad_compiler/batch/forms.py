"""The forms of ops for a batch: written in an entry of the registry, or derived from what is known of a function.

Elementwise functions need operands of as many axes, reductions the next axis, what works on the last axes nothing.

>>> import operator
>>> from ad_compiler.batch.walk import batched_block
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import INT, Sym
>>> n, block = Sym("n", True), Block()
>>> x, w = Value("x", Num("float64", ())), Value("w", Num("float64", (3,)))
>>> block.results = [block.emit(operator.mul, x, w, hint="y", kind=w.kind)]
>>> xs, count = Value("x", Num("float64", (n,))), Value("n", INT)
>>> print(show(Func("f", [xs, w, count], batched_block(block, {x: xs}, [w], count, n))))
def f(x, w, n):
    t = getitem(x, (::, None))
    y = mul(t, w)
    return y
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.batch.common import NoForm, rank, rank_of
from ad_compiler.batch.facts import ASKED
from ad_compiler.batch.indexing import Indexing
from ad_compiler.ir import Arg, Atom, Const, Op, Value
from ad_compiler.kinds import Kind, Num, Seq, Shape
from ad_compiler.ops import asks_attribute, has_effect, is_access, is_like, is_maker, is_measure, is_python, traits
from ad_compiler.read.abstract import Abstract, Tuple, flatten
from ad_compiler.read.values.sorts import is_float
from ad_compiler.rules import registry
from ad_compiler.rules.batched import rows
from ad_compiler.rules.traits import Traits

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class Forms(Indexing):
    """The part of the walk that finds the form of an op."""

    if TYPE_CHECKING:
        lifter: Lifter
        def inline(self, fn: Callable[..., Any], *args: Arg, **kwargs: Arg) -> Any: ...
        def cast(self, atom: Any, dtype: str) -> Any: ...
        def kind_for(self, kind: Kind) -> Kind: ...
        def shape_of(self, array: Arg) -> Any: ...
        def length(self, atom: Arg, axis: int, dim: Any) -> Arg: ...

    def form(self, op: Op) -> list[Atom]:
        known, rule = traits(op), registry.lookup(op.fn)
        if op.fn is runtime.assert_ and not self.varies(op.args[1:]):
            self.lifter.block.ops.append(Op(op.fn, (self.apply(np.all, self.get(op.args[0])), *op.args[1:]), {}, [],
                                            op.origin, effect=True))
            return []
        if asks_attribute(op, *ASKED):
            return [self._asked(op.args[0], op.args[1].value)]
        if has_effect(op):
            raise NoForm
        if is_access(op):
            return [self.access(op)]
        if known.list:
            return self._list(op)
        if is_measure(op) and isinstance(op.args[0].kind, Seq):     # as many places for each sample
            return self._results(self.apply(op.fn, self.get(op.args[0])))
        if is_measure(op) and isinstance(op.result.kind, Shape):
            return [self._asked(op.args[0], "shape")]
        if op.args and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Seq) \
                and (known.makes == "array" or known.view in ("same", "compact")):
            return [self._rows_of_list(op.args[0])]
        if known.casts and not (rule is not None and rule.batch is not None and is_float(op.args[0])):
            return [self._cast(op)]
        if rule is not None and rule.batch is not None:
            return self._written(op, rule)
        if (known.elementwise or known.arrays) and rule is not None:
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

    def _rows_of_list(self, items: Value) -> Atom:
        """An array of what is in a list: the samples stand in front of its items, of which there may be none."""
        if isinstance(items.kind, Seq) and isinstance(items.kind.elem, Seq):
            raise NoForm        # they stand behind the items of lists in it
        found = self.apply(np.array, self.get(items))
        if rank(found) > 2:
            return self.apply(np.moveaxis, found, Const(0), Const(1))       # type: ignore[no-any-return]
        found = self.apply(np.reshape, found, (self.apply(len, self.get(items)), self.samples))
        return self.apply(np.transpose, found)      # type: ignore[no-any-return]

    def _asked(self, of: Value, name: str) -> Atom:
        """An attribute of an array that is the same for all samples."""
        if not isinstance(of.kind, Num) or of.kind.shape is None:
            raise NoForm
        if name == "dtype":
            return Const(np.dtype(of.kind.dtype))
        if name == "shape":
            found: Atom = self.shape_of(self.get(of))
            return found
        rule = registry.lookup(registry.ATTRIBUTES[name])
        assert rule is not None
        assert rule.batch is not None
        return self._results(self.inline(rule.batch, self.get(of), varies=(Const(True),), samples=self.samples))[0]

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
            elif op.fn is runtime.list_copy and isinstance(arg, Value) and arg in self.facts.varies:   # of an array
                args.append(self.apply(np.swapaxes, self.get(arg), Const(0), Const(1)))
            elif arg is op.args[-1] and len(op.args) > 1 and isinstance(op.results[0].kind, Seq):
                args.append(self._for_list(arg, op.results[0].kind.elem))
            else:
                args.append(arg)
        return list(self.lifter.emit(op.fn, tuple(args), dict(op.kwargs), [self.kind_for(r.kind) for r in op.results]))

    def _for_list(self, arg: Arg, elem: Kind) -> Arg:
        """What is stored into a list: an item, or an array in place of a list, for each row."""
        if not isinstance(arg, Value) or not isinstance(arg.kind, Num):
            return self.spread(arg, elem)
        if not isinstance(elem, Num) or elem.shape is None:
            raise NoForm
        if rank(arg) <= len(elem.shape):
            return self.spread(arg, elem)
        return self.apply(np.swapaxes, self.spread(arg, arg.kind), Const(0), Const(1))

    def _written(self, op: Op, rule: registry.Rule) -> list[Atom]:
        args, kwargs = rule.bind(list(op.args), dict(op.kwargs))
        if self.varies(kwargs):
            raise NoForm
        if traits(op).order == "reshape" and list(rule.signature.parameters)[1:] == ["shape"]:
            args = [args[0], self._whole_shape(args[0], args[1]), *args[2:]]
        given = [self._items(a) if isinstance(a, (list, tuple)) and self.varies(a) else self.get(a) for a in args]
        assert rule.batch is not None
        found = self.inline(rule.batch, *given, **kwargs, varies=tuple(Const(self.varies(a)) for a in args),
                            samples=self.samples)
        if isinstance(found, Const) and found.value is None:
            raise NoForm
        return self._results(found)

    def _whole_shape(self, x: Arg, shape: Arg) -> Arg:
        """The shape that is asked for, with a length in place of -1: of no samples, NumPy could not tell it."""
        asked = list(shape) if isinstance(shape, tuple) else [shape]
        at = [i for i, n in enumerate(asked) if isinstance(n, Const) and n.value == -1]
        kind = x.kind if isinstance(x, Value) else None
        if len(at) != 1 or not isinstance(kind, Num) or kind.shape is None or self.varies(shape):
            return shape
        left: Arg = Const(1)
        for axis, dim in enumerate(kind.shape):
            left = self._product(left, Const(dim) if isinstance(dim, int) else self.length(self.get(x), axis + 1, dim))
        for n in asked[:at[0]] + asked[at[0] + 1:]:
            if not isinstance(n, Const) or n.value != 1:
                left = self.apply(operator.floordiv, left, n)
        asked[at[0]] = left
        return tuple(asked) if isinstance(shape, tuple) else left

    def _product(self, a: Arg, b: Arg) -> Arg:
        return b if isinstance(a, Const) and a.value == 1 else a if isinstance(b, Const) and b.value == 1 else \
            self.apply(operator.mul, a, b)

    def _items(self, arg: Arg, inner: bool = False) -> Arg:
        """A list or tuple whose numbers and arrays all have the axis for the samples; a list in it is an array."""
        if isinstance(arg, (list, tuple)):
            items = [self._items(item, True) for item in arg]
            return self.apply(np.stack, items, axis=Const(1)) if inner and items else type(arg)(items)
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
