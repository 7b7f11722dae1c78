"""`s = 0` before `s = s + row`: a number that becomes an array in the first iteration.

It begins as an array of that number, where the shape is known before the loop and the loop runs at least
once; so it has one kind, and no shape has to be asked for at run time.

>>> from ad_compiler.ir import Block, Func, Value, show
>>> from ad_compiler.read.lift import Lifter
>>> row, lifter = Value("row", Num("float64", (Sym("n", True),))), Lifter(Block(), watching=False)
>>> lifter.memory.note_lengths(row)
>>> lifter.widening.can_widen(Const(0), Num("int64", (), "py"), row.kind)
True
>>> once = (Const(0), Const(1), Const(1))
>>> lifter.block.results = [lifter.widening.widened(Const(0), row.kind, once)]
>>> print(show(Func("f", [row], lifter.block)))
def f(row):
    t = getattr(row, 'shape')
    t_2 = getitem(t, 0)
    t_3 = zeros(t_2)
    return t_3
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Atom, Const
from ad_compiler.kinds import Dim, Kind, Num, Sym, join
from ad_compiler.read.abstract import Tuple, is_number, kind_of
from ad_compiler.read.base import Reader
from ad_compiler.read.memory.lengths import lengths

COMPOUND = ("minus", "plus", "times", "over", "min", "slice", "shorter", "broadcast", "join")
"""First words of the keys of lengths that are made of others."""


class Widening(Reader):
    """Widens numbers that become arrays."""

    def can_widen(self, init: Atom, param: Kind, found: Kind) -> bool:
        """Is a known number carried into a loop that makes it an array of a shape known outside?"""
        return (isinstance(init, Const) and is_number(init) and isinstance(param, Num) and param.shape == ()
                and isinstance(found, Num) and found.form == "array" and bool(found.shape) and found.real
                and all(self._known(dim) for dim in found.shape or ()))

    def _known(self, dim: Dim) -> bool:
        if isinstance(dim, int) or dim in self.lifter.memory.lengths:
            return True
        return isinstance(dim.key, tuple) and dim.key[0] == "minus" and self._known(dim.key[1])

    def widened(self, init: Atom, kind: Kind, bounds: Any) -> Atom:
        """The initial value as an array, where the loop was found to need one."""
        if not isinstance(init, Const) or not is_number(init) or not isinstance(kind, Num) or not kind.shape:
            return init
        self._check_runs(bounds)
        lengths = [self._length(dim) for dim in kind.shape]
        shape = lengths[0] if len(lengths) == 1 else Tuple(list(lengths))
        more = {} if kind.dtype == "float64" else {"dtype": Const(np.dtype(kind.dtype))}
        if init.value == 0:
            value = self.lifter.apply(np.zeros, [shape], more)
        else:
            value = self.lifter.apply(np.full, [shape, Const(float(init.value))], more)
        value.kind = kind
        return value

    def _length(self, dim: Dim) -> Atom:
        if isinstance(dim, int):
            return Const(dim)
        if dim in self.lifter.memory.lengths:
            value, axis = self.lifter.memory.lengths[dim]
            return self.lifter.expressions.item(self.lifter.attributes.attribute(value, "shape"), Const(axis))
        return self.lifter.apply(operator.sub, [self._length(dim.key[1]), Const(dim.key[2])])

    def _check_runs(self, bounds: Any) -> None:
        """A loop that may run zero times would leave the number as it was: it must run."""
        if bounds is not None:
            start, stop, step = bounds
            known = [isinstance(b, Const) for b in bounds]
            if all(known) and range(start.value, stop.value, step.value):
                return
            kind = kind_of(stop)
            if known[0] and known[2] and start.value == 0 and step.value == 1 and isinstance(kind, Num) \
                    and isinstance(kind.length, Sym) and kind.length.not_one:
                return      # axes of length 0 and 1 are kinds of their own, so this one is longer
            runs = self.lifter.apply(operator.ne, [start, stop])
            message = Const("this loop must run: it makes an array of a number")
            self.lifter.emit(runtime.assert_, (runs, message), {}, [], effect=True)

    def join_carried(self, old: Kind, new: Kind, key: Any) -> Kind | None:
        """The kind of what a loop carries: lengths that differ become one that is not known."""
        joined = join(old, new)
        if not isinstance(joined, Num) or joined.shape is None or not isinstance(old, Num) or not isinstance(new, Num):
            return joined
        assert old.shape is not None
        assert new.shape is not None
        dims: list[Dim] = []
        for i, (a, b) in enumerate(zip(old.shape, new.shape, strict=True)):
            if a != b:
                given = {d for d in (a, b) if isinstance(d, Sym)}
                a = Sym(("carried", *key, i), len(given) == 2 and all(d.not_one for d in given))
                lengths().joined.setdefault(a, set()).update(given - {a})
            dims.append(a)
        return replace(joined, shape=tuple(dims), length=None)


def at_the_end(kind: Any, before: frozenset[Sym]) -> Any:
    """The kind of what a loop leaves: lengths that are none of what was before it are those of its last iteration."""
    if not isinstance(kind, Num) or kind.shape is None:
        return kind
    return replace(kind, shape=tuple(_last(dim, before) for dim in kind.shape))


def _last(dim: Dim, before: frozenset[Sym]) -> Dim:
    if not isinstance(dim, Sym) or _stays(dim, before):
        return dim
    last = Sym(("last", dim), dim.not_one)
    lengths().joined.setdefault(last, set()).add(dim)
    return last


def _stays(dim: Any, before: frozenset[Sym]) -> bool:
    """Is a length made of such as there are before the loop?"""
    if not isinstance(dim, Sym) or dim in before or isinstance(dim.key, str):
        return True
    if not isinstance(dim.key, tuple) or dim.key[0] not in COMPOUND:
        return False
    return all(_stays(part, before) for inner in dim.key for part in (inner if isinstance(inner, tuple) else (inner,)))
