"""What a derivative returns: in the kind of the argument, and in memory of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.bound import Bound
from ad_compiler.indices import gathers
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Value,
    blocks_of,
    definitions,
    map_values,
    operands,
    values_in,
    walk,
)
from ad_compiler.kinds import FLOAT, Num, Obj, Seq
from ad_compiler.ops import (
    asks_attribute,
    is_known,
    is_like,
    is_read,
    is_store,
    is_stretched,
    meets_single,
    traits,
    values_met,
)


def all_python(block: Block) -> bool:
    """Are all numbers in a block Python's?  Then so is every cotangent."""
    values: set[Value] = set()
    for stmt in walk(block):
        values.update(operands(stmt), definitions(stmt), *[inner.params for inner in blocks_of(stmt)])
    return all(map(_is_python, values))


def _is_python(value: Value) -> bool:
    kind = value.kind
    while isinstance(kind, Seq):
        kind = kind.elem
    return not isinstance(kind, Num) or kind.form == "py"


def _spread(block: Block, hands_on: Callable[[Atom, Value, set[Value]], bool],
            makes: Callable[[Op, set[Value]], bool]) -> set[Value]:
    """The values that are so because of what made them, or may be so because one of what they are joined of is."""
    found: set[Value] = set()
    stmts = list(walk(block))
    while True:
        before = len(found)
        for stmt in stmts:
            if isinstance(stmt, Branch):
                found.update(v for v in stmt.results if any(hands_on(a, v, found) for a in sources(stmt, v)))
            elif isinstance(stmt, Loop):
                carried = zip(stmt.body.params, stmt.results, stmt.inits, stmt.body.results, strict=True)
                for param, result, *met in carried:
                    if any(hands_on(a, param, found) for a in met):
                        found.update((param, result))
            elif makes(stmt, found):
                found.update(stmt.results)
        if len(found) == before:
            return found


def may_be_python(block: Block) -> set[Value]:
    """What may be a Python number when it runs, whatever its kind says: a branch or a loop hands on constants too."""
    def is_python(atom: Atom, found: set[Value]) -> bool:
        if isinstance(atom, Const):
            return not isinstance(atom.value, (np.generic, np.ndarray))
        return atom in found or isinstance(atom.kind, Num) and atom.kind.form == "py"

    def makes(op: Op, found: set[Value]) -> bool:
        like = traits(op).like      # a constant in that type may be left as it is
        met = [a for at, a in enumerate(op.args) if isinstance(a, (Const, Value)) and at != like]
        return getattr(op.fn, "__module__", "") in ("_operator", runtime.__name__) and (
            all(is_python(a, found) for a in met) or any(isinstance(a, Value) and isinstance(a.kind, Seq) for a in met))
    return _spread(block, lambda atom, to, found: is_python(atom, found), makes)


def may_be_wider(block: Block) -> set[Value]:
    """What may be of double precision when it runs, whatever its kind says: `np.where` of Python's numbers is."""
    def wide(atom: Atom, to: Value, found: set[Value]) -> bool:
        if not isinstance(atom, Value) or atom in found:
            return atom in found
        of, kind = atom.kind, to.kind       # what is handed on keeps the dtype that it has
        return isinstance(of, Num) and isinstance(kind, Num) and of.real and kind.real and of.form != "py" \
            and np.dtype(of.dtype).itemsize > np.dtype(kind.dtype).itemsize

    def makes(op: Op, found: set[Value]) -> bool:
        if is_store(op) or traits(op).casts:
            return False
        if any(v in found for v in values_in(op.args)):
            return True
        kinds = [FLOAT if isinstance(a, Const) else a.kind for a in op.args if isinstance(a, (Const, Value))]
        real = [k for k in kinds if not isinstance(k, Num) or k.real]
        of_numpy = getattr(op.fn, "__module__", "") != "_operator" or any(
            isinstance(k, Num) and k.form != "py" for k in kinds)       # `1.0 * (x > 0.0)`
        return of_numpy and bool(real) and all(isinstance(k, Num) and k.form == "py" for k in real)
    return _spread(block, wide, makes)


def may_be_narrower(block: Block, python: set[Value]) -> set[Value]:
    """What may be of single precision when it runs, whatever its kind says.

    A loop or branch that hands on Python's number, or one of single precision, is said to give one of double precision;
    so is what is made of that.
    """
    def claims(value: Value) -> bool:
        return isinstance(value.kind, Num) and value.kind.dtype == "float64" and value.kind.form != "py"

    def narrow(atom: Atom, to: Value, found: set[Value]) -> bool:
        if not isinstance(atom, Value) or atom in found:
            return atom in found
        return claims(to) and isinstance(atom.kind, Num) and atom.kind.real and atom.kind.dtype != "float64"

    def makes(op: Op, found: set[Value]) -> bool:
        given = [v for at, a in enumerate(op.args) if at != traits(op).like for v in values_in(a)]
        return any(map(claims, op.results)) and (not is_known(op) or not (
            is_store(op) or traits(op).casts or traits(op).comparison) and any(
                v in found or v in python and claims(v) for v in given))
    return _spread(block, narrow, makes)


def may_be_anything(block: Block) -> set[Value]:
    """What may be of any dtype when it runs: it is made of something of which nothing is known."""
    def unknown(value: Value) -> bool:
        return isinstance(value.kind, Num) and value.kind.shape is None

    def of_object(op: Op) -> bool:
        return is_known(op) and not traits(op).access and any(isinstance(v.kind, Obj) for v in operands(op))

    def makes(op: Op, found: set[Value]) -> bool:
        if of_object(op):
            return True
        read = [arg for at, arg in enumerate(op.args) if at != traits(op).like]     # of that the shape counts alone
        return not (is_store(op) or traits(op).casts or traits(op).comparison) and any(
            unknown(v) or v in found for v in (*values_in(read), *op.results))
    return _spread(block, lambda atom, to, found: atom in found, makes)


def _meets_anything(values: Iterable[Value]) -> bool:
    """Is there an object, or something of unknown rank?"""
    return any(type(kind) is Obj or type(kind) is Num and kind.shape is None for kind in [v.kind for v in values])


class Projection:
    """Gives what a block computes the kinds of the arguments; what is asked of the block is asked once."""

    def __init__(self, block: Block) -> None:
        self.block = block

    values = cached_property(lambda self: values_met(walk(self.block)))
    python = cached_property(lambda self: all_python(self.block))
    perhaps_python = cached_property(lambda self: may_be_python(self.block))
    perhaps_wider = cached_property(lambda self: may_be_wider(self.block))
    perhaps_narrower = cached_property(lambda self: may_be_narrower(self.block, self.perhaps_python)
                                       if meets_single(self.values) else set())
    perhaps_anything = cached_property(lambda self: may_be_anything(self.block)
                                       if _meets_anything(self.values) else set())

    def project(self, atom: Atom, like: Atom) -> Atom:
        """A gradient as the same kind of object as its argument: a float, a NumPy scalar, an array."""
        block, kind = self.block, like.kind if isinstance(like, Value) else None
        if not isinstance(kind, Num) or kind.form == "any":
            return block.emit(runtime.as_real, atom, Const(None), kind=atom.kind, hint=_hint(atom), reverse=True) if \
                isinstance(atom, Value) and atom in self.perhaps_anything else atom
        if kind.form == "py":
            if isinstance(atom, Const):
                return Const(float(atom.value))
            made = next((stmt for stmt in reversed(block.ops) if atom in stmt.results), None)
            of = made.args[0] if isinstance(made, Op) and made.fn is float else atom        # made one once
            return atom if self.python else _emit(block, float, of, kind)
        if isinstance(atom, Value) and atom in self.perhaps_anything:
            return block.emit(runtime.as_real, atom, Const(np.dtype(kind.dtype)), kind=kind, hint=_hint(atom),
                              reverse=True)
        same = isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.dtype == kind.dtype and (
            atom not in (self.perhaps_narrower if kind.dtype == "float64" else self.perhaps_wider))
        if kind.form == "np":
            if same and isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.form == "np" \
                    and atom not in self.perhaps_python:
                return atom
            return _emit(block, np.dtype(kind.dtype).type, atom, kind)
        if kind.shape == ():
            value = block.emit(np.array, atom, kind=kind, hint=_hint(atom), reverse=True)
            return value if same and kind.dtype == "float64" else _cast(block, value, kind)
        if isinstance(atom, Const):
            return block.emit(np.zeros_like, like, kind=kind, reverse=True)
        return atom if same else _cast(block, atom, kind)

    def as_made(self, atom: Atom, like: Atom) -> Atom:
        """A tangent as the same kind of object as what it belongs to, which may be of this precision or of that."""
        if not isinstance(like, Value) or like not in self.perhaps_narrower:
            return self.project(atom, like)
        return self.block.emit(runtime.cast_like, atom, like, kind=like.kind, hint=_hint(atom), reverse=True)


def _emit(block: Block, fn: type, atom: Atom, kind: Num) -> Value:
    return block.emit(fn, atom, kind=kind, reverse=True)


def _cast(block: Block, atom: Atom, kind: Num) -> Value:
    return block.emit(runtime.astype, atom, Const(np.dtype(kind.dtype)), kind=kind, hint=_hint(atom),
                      spelling="method", reverse=True)


def _hint(atom: Atom) -> str:
    return atom.hint if isinstance(atom, Value) else ""


def own_results(func: Func) -> Func:
    """Copy a returned gradient that may share memory with an argument, a global, the value or another gradient."""
    owner = _Owner(func)
    func.body.results = [owner.at(result, func.gradients) for result in func.body.results]
    return func


class _Owner:
    """Which results stand in memory of their own; a copy of the others."""

    def __init__(self, func: Func) -> None:
        self.body = func.body
        self.stmts = walk(func.body)
        self.made_by = {made: stmt for stmt in self.stmts for made in stmt.results}
        self.taken: set[Value] = set()

    def owned(self, value: Value) -> bool:
        if value in self.taken:
            return False
        op = self.made_by.get(value)
        if isinstance(op, (Branch, Loop)):
            return all(not isinstance(s, Value) or isinstance(self.made_by.get(s), Op) and self.owned(s)
                       for s in sources(op, value))
        if op is None or op.effect or asks_attribute(op):       # it may be an array that an object holds
            return False
        if traits(op).passes:
            return isinstance(op.args[0], Value) and self.owned(op.args[0])
        return not traits(op).view or is_read(op) and gathers(op.args[1], certain=True)

    def settle(self, value: Value) -> Value:
        kind = value.kind
        if not isinstance(kind, Num) or not kind.is_array:
            return value
        op = self.made_by.get(value)
        if self.owned(value):
            self.taken.add(value)
            while isinstance(op, Op) and traits(op).passes:     # it may be that
                self.taken.add(op.args[0])
                op = self.made_by.get(op.args[0])
            return value
        origin = op.origin if isinstance(op, Op) else None
        backward = any(stmt.reverse for stmt in self.stmts)
        if is_stretched(op) and is_like(op):
            scalar = op.args[0]
            flat = isinstance(scalar, Const) or isinstance(scalar.kind, Num) and not scalar.kind.is_array
            if flat and isinstance(op.args[1], Value):
                return self.body.emit(np.full_like, op.args[1], scalar, kind=kind, hint=value.hint, reverse=backward,
                                      origin=origin)
        fn, spelling = (runtime.copy_if_bound, "") if Bound(self.body).may_be_unbound(value) else (np.copy, "method")
        return self.body.emit(fn, value, kind=kind, hint=value.hint, spelling=spelling, reverse=backward, origin=origin)

    def at(self, arg: Arg, path: tuple[int, ...]) -> Arg:
        """The gradients, which stand at `path`; what stands beside them shares its memory with nothing here."""
        if not path:
            return map_values(arg, self.settle)
        for place, part in enumerate(arg):
            if place != path[0]:
                self.taken.update(values_in(part))
        return tuple([self.at(part, path[1:]) if place == path[0] else part for place, part in enumerate(arg)])


def sources(stmt: Branch | Loop, value: Value) -> list[Atom]:
    """What a result of a branch or loop may be."""
    place = stmt.results.index(value)
    if isinstance(stmt, Branch):
        return [stmt.then.results[place], stmt.orelse.results[place]]
    handed = stmt.body.results[place]
    return [stmt.inits[place]] if handed is stmt.body.params[place] else [stmt.inits[place], handed]
