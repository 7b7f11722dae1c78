"""A function that is called later, in place of its call inside another: its statements, once more.

Lengths are told by what it is called with: those of another reading would be taken for these.

>>> import operator
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import show
>>> t, y_bar = Value("t", Num("float64", (Sym("x.shape[0]", True),))), Value("y_bar", Num("float64", ()))
>>> block = Block()
>>> block.results = [(block.emit(operator.mul, y_bar, t, kind=t.kind),)]
>>> form = kept_form(Func("f_pullback", [t, y_bar], block))
>>> lifter, c = Lifter(Block()), Value("c", Num("float64", ()))
>>> found = called(lifter, form, (np.ones(3),), [c])
>>> print(show(Func("g", [c], Block([], lifter.block.ops, [to_arg(found)]))))
def g(c):
    t_2 = mul(c, t)
    return (t_2,)
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.adjoint.differentiate import as_inside
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.copies import copied
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Block, Const, Func, Op, Value, blocks_of, definitions, map_values, walk
from ad_compiler.kinds import Dim, Kind, Num, Seq, Shape, Sym
from ad_compiler.read.abstract import Abstract, flatten, kind_of, to_arg  # noqa: F401  (the doctest's)
from ad_compiler.read.calls.recursion import Callee
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.restarts import Again
from ad_compiler.watch import Itself, Watch

COUNT = itertools.count()


def kept_form(func: Func) -> Func:
    """A function as it is now, whatever is done to it when it is printed."""
    now: dict[Value, Atom] = {}
    params = [Value(v.hint, v.kind) for v in func.params]
    now.update(zip(func.params, params, strict=True))
    block = Block([], copied(func.body.ops, now))
    block.results = map_values(func.body.results, lambda v: now.get(v, v))
    return replace(func, params=params, body=block)


def called(lifter: Lifter, form: Func, saved: tuple[Any, ...], given: list[Atom]) -> Abstract:
    """What it returns, called inside a function that is read."""
    if any(isinstance(stmt, Op) and isinstance(stmt.fn, Callee) for stmt in walk(form.body)):
        raise Refused("this is the derivative of a function that calls itself, which no other transform reads yet",
                      "write the function as a loop, or let an integer argument decide its depth")
    first = [saved_value(lifter, x, param) for x, param in zip(saved, form.params, strict=False)]
    dims = dims_of(form.params, [*first, *given])
    now: dict[Value, Atom] = dict(zip(form.params, [*first, *given], strict=True))
    ops = copied(form.body.ops, now)
    block = Block([], ops)
    for stmt in walk(block):
        inner = [] if isinstance(stmt, Op) else [v for b in blocks_of(stmt) for v in b.params]
        for value in (*definitions(stmt), *inner):
            value.kind = with_dims(value.kind, dims)
    as_inside(block, lifter.stopped > 0, lifter.reverse)
    lifter.block.ops += ops
    (result,) = form.body.results
    atoms, build = flatten(to_abstract(map_values(result, lambda v: now.get(v, v))))
    return build(list(map(lifter.memory.in_own_memory, atoms)))


def saved_value(lifter: Lifter, x: Any, param: Value) -> Atom:
    """What was saved, as a value of the function that is read; it never changes."""
    if isinstance(x, (Value, Const)):       # it is an argument of that function
        return x
    if type(x) in (bool, int, float):
        return Const(x)
    if isinstance(x, (np.ndarray, np.generic)):
        known = lifter.calls.known(x, Itself(x), param.hint)
        assert isinstance(known, (Value, Const))
        return known
    value = Value(param.hint, with_dims(param.kind, {}))
    if lifter.watching:
        lifter.asks.watches.append(Watch(Itself(x), x, False, value))
    lifter.world.refs[value] = lambda: x
    return value


def dims_of(params: list[Value], given: list[Atom]) -> dict[Any, Dim]:
    """The lengths that parameters speak of, by those of what is given."""
    found: dict[Any, Dim] = {}
    for param, atom in zip(params, given, strict=True):
        old, new = param.kind, kind_of(atom)
        if isinstance(old, Num) and old.length is not None and isinstance(atom, Const) and isinstance(old.length, Sym):
            found.setdefault(old.length.key, atom.value)
        if not isinstance(old, Num) or not isinstance(new, Num) or not old.shape or not new.shape:
            continue
        for was, dim in zip(old.shape, new.shape, strict=True):
            if isinstance(was, Sym) and found.setdefault(was.key, dim) != dim:
                lengths().ask((found[was.key],), (dim,))
    if lengths().again:
        raise Again
    return found


def with_dims(kind: Kind, dims: dict[Any, Dim]) -> Kind:
    """A kind that speaks of other lengths; of some of its own, where they are not among these."""
    own = next(COUNT)

    def of(dim: Dim) -> Dim:
        if not isinstance(dim, Sym):
            return dim
        if dim.key not in dims:
            dims[dim.key] = Sym(("later", own, dim.key), dim.not_one)
        return dims[dim.key]
    if isinstance(kind, Num):
        return replace(kind, shape=None if kind.shape is None else tuple(map(of, kind.shape)),
                       length=None if kind.length is None else of(kind.length))
    if isinstance(kind, Shape):
        return Shape(tuple(map(of, kind.dims)))
    if isinstance(kind, Seq):
        return Seq(with_dims(kind.elem, dims), None if kind.length is None else of(kind.length))
    return kind
