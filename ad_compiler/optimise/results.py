"""What a derivative returns: in the kind of the argument, and in memory of its own."""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler import runtime
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
from ad_compiler.kinds import Num, Seq
from ad_compiler.rules import registry


def all_python(block: Block) -> bool:
    """Are all numbers in a block Python's?  Then so is every cotangent."""
    def python(value: Value) -> bool:
        kind = value.kind
        while isinstance(kind, Seq):
            kind = kind.elem
        return not isinstance(kind, Num) or kind.form == "py"

    return all(map(python, (v for stmt in walk(block) for v in (
        *operands(stmt), *definitions(stmt), *(p for inner in blocks_of(stmt) for p in inner.params)))))


def may_be_python(block: Block) -> set[Value]:
    """What may be a Python number when it runs, whatever its kind says: a branch or a loop hands on constants too."""
    def python(atom: Arg) -> bool:
        return isinstance(atom, Const) and not isinstance(atom.value, (np.generic, np.ndarray)) or \
            isinstance(atom, Value) and (atom in unsure or isinstance(atom.kind, Num) and atom.kind.form == "py")

    unsure: set[Value] = set()
    stmts = list(walk(block))
    while True:
        before = len(unsure)
        for stmt in stmts:
            if isinstance(stmt, Branch):
                unsure.update(v for v in stmt.results if any(map(python, sources(stmt, v))))
            elif isinstance(stmt, Loop):
                carried = zip(stmt.body.params, stmt.results, stmt.inits, stmt.body.results, strict=True)
                for param, result, first, again in carried:
                    if python(first) or python(again):
                        unsure.update((param, result))
            elif getattr(stmt.fn, "__module__", "") in ("_operator", runtime.__name__):
                met = [a for a in stmt.args if isinstance(a, (Const, Value))]
                if all(map(python, met)) or any(isinstance(a, Value) and isinstance(a.kind, Seq) for a in met):
                    unsure.update(stmt.results)
        if len(unsure) == before:
            return unsure


def project(block: Block, atom: Atom, like: Atom, python: bool = False) -> Atom:
    """A gradient as the same kind of object as its argument: a float, a NumPy scalar, an array."""
    kind = like.kind if isinstance(like, Value) else None
    if not isinstance(kind, Num) or kind.form == "any":
        return atom
    if kind.form == "py":
        if isinstance(atom, Const):
            return Const(float(atom.value))
        return atom if python else _emit(block, float, atom, kind)
    same = isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.dtype == kind.dtype
    if kind.form == "np":
        if same and isinstance(atom, Value) and isinstance(atom.kind, Num) and atom.kind.form == "np" \
                and atom not in may_be_python(block):
            return atom
        return _emit(block, np.dtype(kind.dtype).type, atom, kind)
    if kind.shape == ():
        value = block.emit(np.array, atom, kind=kind, hint=_hint(atom), reverse=True)
        return value if same else _cast(block, value, kind)
    if isinstance(atom, Const):
        return block.emit(np.zeros_like, like, kind=kind, reverse=True)
    return atom if same else _cast(block, atom, kind)


def _emit(block: Block, fn: type, atom: Atom, kind: Num) -> Value:
    return block.emit(fn, atom, kind=kind, reverse=True)


def _cast(block: Block, atom: Atom, kind: Num) -> Value:
    return block.emit(runtime.astype, atom, Const(np.dtype(kind.dtype)), kind=kind, hint=_hint(atom),
                      spelling="method", reverse=True)


def _hint(atom: Atom) -> str:
    return atom.hint if isinstance(atom, Value) else ""


def own_results(func: Func) -> Func:
    """Copy a returned gradient that may share memory with an argument, a global, the value or another gradient."""
    makers = {v: stmt for stmt in walk(func.body) if isinstance(stmt, Op) for v in stmt.results}
    joined = {v: stmt for stmt in walk(func.body) if isinstance(stmt, (Branch, Loop)) for v in stmt.results}
    taken: set[Value] = set()

    def owned(value: Value) -> bool:
        if value in taken:
            return False
        stmt = joined.get(value)
        if stmt is not None:
            return all(not isinstance(s, Value) or s in makers and owned(s) for s in sources(stmt, value))
        op = makers.get(value)
        if op is None or op.fn in (runtime.broadcast_like, np.broadcast_to, operator.getitem):
            return False
        rule = registry.lookup(op.fn)
        return not (rule is not None and rule.view)

    def settle(value: Value) -> Value:
        kind = value.kind
        if not isinstance(kind, Num) or not kind.is_array:
            return value
        if owned(value):
            taken.add(value)
            return value
        op = makers.get(value)
        origin = op.origin if op is not None else None
        if op is not None and op.fn is runtime.broadcast_like:
            scalar = op.args[0]
            flat = isinstance(scalar, Const) or isinstance(scalar.kind, Num) and not scalar.kind.is_array
            if flat and isinstance(op.args[1], Value):
                return func.body.emit(np.full_like, op.args[1], scalar, kind=kind, hint=value.hint, reverse=True,
                                      origin=origin)
        return func.body.emit(np.copy, value, kind=kind, hint=value.hint, spelling="method", reverse=True,
                              origin=origin)

    def at(arg: Arg, path: tuple[int, ...]) -> Arg:
        """The gradients, which stand at `path`; what stands beside them shares its memory with nothing here."""
        if not path:
            return map_values(arg, settle)
        for place, part in enumerate(arg):
            if place != path[0]:
                taken.update(values_in(part))
        return tuple(at(part, path[1:]) if place == path[0] else part for place, part in enumerate(arg))

    func.body.results = [at(result, func.gradients) for result in func.body.results]
    return func


def sources(stmt: Branch | Loop, value: Value) -> list[Atom]:
    """What a result of a branch or loop may be."""
    place = stmt.results.index(value)
    if isinstance(stmt, Branch):
        return [stmt.then.results[place], stmt.orelse.results[place]]
    handed = stmt.body.results[place]
    return [stmt.inits[place]] if handed is stmt.body.params[place] else [stmt.inits[place], handed]
