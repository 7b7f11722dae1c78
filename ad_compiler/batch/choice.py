"""Branches that samples take each their own way.

What can be computed for all samples without harm is, and `np.where` takes of it what each sample asks for; an arm that
could raise, warn or have an infinite slope is run for its own samples alone: a mask picks them.

>>> from ad_compiler.batch.walk import batched_block
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT, INT, Sym
>>> x, block, then, orelse = Value("x", FLOAT), Block(), Block(), Block()
>>> test = block.emit(operator.gt, x, Const(0.0), hint="~took", kind=Num("bool", (), "py"))
>>> then.results = [then.emit(np.log, x, kind=FLOAT)]
>>> orelse.results = [orelse.emit(operator.neg, x, kind=FLOAT)]
>>> block.ops.append(Branch(test, then, orelse, [Value("y", FLOAT)]))
>>> block.results = [block.ops[-1].results[0]]
>>> xs, n = Value("x", Num("float64", (Sym("n", True),))), Value("n", INT)
>>> print(show(Func("f", [xs, n], batched_block(block, {x: xs}, [], n, Sym("n", True)))))
def f(x, n):
    ~took = gt(x, 0.0)
    y = neg(x)
    t = count_nonzero(~took)
    x_2 = getitem(x, ~took)
    t_2 = log(x_2)
    y_2 = index_set(y, ~took, t_2)
    return y_2
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.batch.common import NoForm, rank, reads
from ad_compiler.indices import COLON, is_integer, parts_of, same_arg
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Op,
    Slice,
    Value,
    blocks_of,
    definitions,
    values_in,
)
from ad_compiler.kinds import Dim, Kind, Num, Seq, reaches
from ad_compiler.ops import has_effect, is_access, is_free, is_increment, is_read, is_store, traits
from ad_compiler.rules.dims import unknown

if TYPE_CHECKING:
    from ad_compiler.batch.facts import Facts
    from ad_compiler.read.lift import Lifter


@dataclass
class Arm:
    """One arm as it was written: `mask` picks its samples, None where it was written for all; `now` says what stands
    there for a value that varies.
    """

    block: Block
    mask: Any
    now: dict[Value, Atom]
    own: set[Value]

    def of(self, atom: Atom) -> Atom:
        """What stands for something in the arm."""
        return self.now.get(atom, atom) if isinstance(atom, Value) else atom


class Choice:
    """The part of the walk that writes branches whose condition varies."""

    if TYPE_CHECKING:
        facts: Facts
        samples: Atom
        dim: Dim
        env: dict[Value, Atom]
        indices: dict[Value, Dim]
        masks: dict[tuple[Any, int], tuple[Dim, Atom]]
        inverted: dict[tuple[Any, int], Any]
        picked: dict[tuple[Any, Any, int], Any]
        filled: list[Op]
        lifter: Lifter
        def get(self, arg: Arg) -> Arg: ...
        def varies(self, arg: Arg) -> bool: ...
        def apply(self, fn: Any, *args: Arg, **kwargs: Arg) -> Any: ...
        def lined(self, atom: Arg, ndim: int) -> Arg: ...
        def spread(self, atom: Atom, kind: Kind) -> Atom: ...
        def cast(self, atom: Any, dtype: str) -> Any: ...
        def kind_for(self, kind: Kind) -> Kind: ...
        def known_length(self, dim: Dim) -> Arg: ...
        def statements(self, block: Block, results: list[Arg]) -> None: ...
        def note(self, value: Atom) -> None: ...

    def choice(self, branch: Branch) -> None:
        """A branch that each sample takes its own way."""
        wanted = [r for r in branch.results if r in self.facts.varies]
        test = self.get(branch.cond)
        if any(not isinstance(r.kind, Num) or r.kind.shape is None for r in wanted) or rank(test) != 1:
            raise NoForm
        if isinstance(test, Value) and test.kind.dtype != "bool":       # type: ignore[union-attr]
            test = self.apply(operator.ne, test, Const(0))
        for atom in (*branch.then.results, *branch.orelse.results):
            if isinstance(atom, Value) and atom in self.facts.loose:
                raise NoForm        # where no sample takes the arm, its loops may bind nothing
        stores = {result: store for result in wanted if (store := store_of(branch, result, self.facts)) is not None}
        left_out = {op for store in stores.values() for op in store.ops if op is not None}
        whole = self.harmless(branch.then, left_out), self.harmless(branch.orelse, left_out)
        arms: list[Any] = [None, None]
        for at in sorted((0, 1), key=lambda i: not whole[i]):       # first what is done for all samples
            block = branch.orelse if at else branch.then
            block = Block([], [op for op in block.ops if op not in left_out], block.results)
            mask = None if whole[at] else self._others(test) if at else test
            arms[at] = self._arm(block, mask, stores)
        for result in branch.results:
            at = branch.results.index(result)
            then, orelse = branch.then.results[at], branch.orelse.results[at]
            if result not in self.facts.varies:
                self.lifter.block.ops.append(Op(runtime.identity, (then,), {}, [result], branch.origin))
                continue
            self.lifter.fixed_origin = branch.origin
            if result in stores:
                found = self._stored(stores[result], arms, test)
            else:
                found = self._taken(test, (then, orelse), arms, result)
            if isinstance(found, Value) and found is not self.env.get(then) and found is not self.env.get(orelse):
                found.hint = found.hint or result.hint
            self.env[result] = found
            self.note(found)

    def _others(self, test: Any) -> Any:
        """The samples that take the other arm."""
        key = test, id(self.lifter.block)
        if key not in self.inverted:
            found = self.apply(operator.invert, test)
            if isinstance(found, Value) and isinstance(test, Value) and test.hint.startswith("~"):
                found.hint = f"~not_{test.hint[1:]}"
            self.inverted[key] = found
        return self.inverted[key]

    # -- arms ----------------------------------------------------------------------------------------

    def _arm(self, block: Block, mask: Any, stores: dict[Value, Store]) -> Arm:
        """The statements of one arm, for all samples or for those that a mask picks."""
        own = {v for stmt in block.ops for v in definitions(stmt)}
        results = [*block.results, *(op.args[2] for s in stores.values() for op in s.ops if op is not None)]
        if mask is None:
            self.statements(block, results)
            self._unname(block)
            return Arm(block, None, dict(self.env), own)
        check_maskable(block, self.facts)
        outer, samples, dim = self.env, self.samples, self.dim
        key = mask, id(self.lifter.block)
        if key not in self.masks:
            self.masks[key] = unknown(), self.apply(np.count_nonzero, mask)
        self.dim, self.samples = self.masks[key]
        self.env = Picks(self, outer, mask, self.dim)
        try:
            self.statements(block, results)
            self._unname(block)
            return Arm(block, mask, self.env, own)
        finally:
            self.env, self.samples, self.dim = outer, samples, dim

    def _unname(self, block: Block) -> None:
        """What an arm hands on needs no name of its own: the choice has it."""
        for atom in block.results:
            new = self.env.get(atom) if isinstance(atom, Value) else None
            if isinstance(new, Value) and any(atom in definitions(s) for s in block.ops) and isinstance(new.kind, Num):
                made_here = any(isinstance(s, Op) and new in s.results for s in self.lifter.block.ops)
                new.hint = "" if made_here else new.hint

    # -- what comes out ------------------------------------------------------------------------------

    def _taken(self, test: Any, atoms: tuple[Atom, Atom], arms: list[Arm], result: Value) -> Any:
        """What each sample takes."""
        kind = result.kind
        assert isinstance(kind, Num)
        assert kind.shape is not None
        if atoms[0] is atoms[1]:
            return self.spread(atoms[0], kind)
        own = [isinstance(atom, Value) and atom in arm.own for atom, arm in zip(atoms, arms, strict=True)]
        picked = [arm.mask is not None and mine for arm, mine in zip(arms, own, strict=True)]
        if not any(picked):
            return self._where(test, atoms, arms, kind)
        if all(picked):
            dims = [self.known_length(d) for d in kind.shape]
            dtype = {} if kind.dtype == "float64" else {"dtype": Const(np.dtype(kind.dtype))}
            found = self.apply(np.empty, (self.samples, *dims) if dims else self.samples, **dtype)
        else:
            other = atoms[picked.index(False)]
            found = self.apply(np.zeros, self.samples) if other is UNDEFINED and not kind.shape else \
                self.spread(UNBOUND.get(kind.dtype, Const(0)) if other is UNDEFINED else other, kind)
            found = self.cast(found, kind.dtype)
        if isinstance(found, Value) and not found.hint:
            found.hint = result.hint
        before = len(self.lifter.block.ops)
        stored = [(arm.mask, self.cast(arm.of(atom), kind.dtype))
                  for atom, arm, mine in zip(atoms, arms, picked, strict=True) if mine]
        for mask, value in stored:
            found = self.apply(runtime.index_set, found, mask, value)
            found.kind, found.hint = self.kind_for(kind), result.hint
        self.filled += [op for op in self.lifter.block.ops[before:] if isinstance(op, Op)]
        for mask, value in stored:
            if rank(value) == len(kind.shape) + 1:
                self.picked[found, mask, id(self.lifter.block)] = value
        return found

    def _where(self, test: Any, atoms: tuple[Atom, Atom], arms: list[Arm], kind: Num) -> Any:
        """A choice between two things that are there for all samples."""
        then, orelse = atoms
        assert kind.shape is not None
        if UNDEFINED in atoms:
            return self.spread(orelse if then is UNDEFINED else then, kind)
        if kind.dtype == "bool" and not kind.shape:
            if _is(orelse, False) or self._stands_for(test, orelse):
                return self.apply(operator.and_, test, self._side(then, kind))
            if _is(then, True) or self._stands_for(test, then):
                return self.apply(operator.or_, test, self._side(orelse, kind))
        ndim = len(kind.shape)
        mask = self.apply(operator.getitem, test, (COLON, *[Const(None)] * ndim)) if ndim else test
        found = self.cast(self.apply(np.where, mask, self._side(then, kind), self._side(orelse, kind)), kind.dtype)
        if rank(found) != ndim + 1:
            raise NoForm
        found.kind = self.kind_for(kind)
        return found

    def _stands_for(self, new: Any, old: Atom) -> bool:
        return isinstance(old, Value) and self.env.get(old) is new

    def _side(self, atom: Atom, kind: Num) -> Any:
        """One of two things to choose from; what is the same for all samples is stretched by the choice."""
        if isinstance(atom, Value) and atom in self.facts.varies:
            return self.lined(self.env[atom], len(kind.shape or ()))
        return atom

    def _stored(self, store: Store, arms: list[Arm], test: Any) -> Any:
        """An array into which one arm stores, or both do, at the same place."""
        op = store.ops[0] or store.ops[1]
        assert op is not None
        base, parts = self.spread(op.args[0], op.args[0].kind), parts_of(op.args[1])
        at = 0 if store.ops[0] is not None else 1
        mask, v = arms[at].mask, op.args[2]
        if None not in store.ops:
            assert store.ops[1] is not None
            other = store.ops[1].args[2]
            kind = next((a.kind for a in (v, other) if isinstance(a, Value)), Num("float64", ()))
            value = self._taken(test, (v, other), arms, Value("", kind))
        elif mask is not None:
            value = self.lined(arms[at].of(v), store.ndim) if isinstance(v, Value) and v in self.facts.varies else v
            return self.apply(op.fn, base, (mask, *parts), value)
        else:
            here = self.apply(operator.getitem, test, (COLON, *[Const(None)] * store.ndim)) if store.ndim else test
            value = self._side(v, Num("float64", (1,) * store.ndim))
            there: Any = Const(0.0) if is_increment(op) else self.apply(operator.getitem, base, (COLON, *parts))
            value = self.apply(np.where, here, *((value, there) if at == 0 else (there, value)))
        return self.apply(op.fn, base, (COLON, *parts), self.lined(value, store.ndim))

    # -- what is done for all samples --------------------------------------------------------------------

    def harmless(self, block: Block, left_out: set[Op]) -> bool:
        """Can this be computed for samples that do not ask for it: no error, no warning, no infinite slope?"""
        return all(stmt in left_out or isinstance(stmt, Op) and self._is_harmless(stmt)
                   or isinstance(stmt, Branch) and stmt.way == "if" and self.harmless(stmt.then, set())
                   and self.harmless(stmt.orelse, set()) for stmt in block.ops)

    def _is_harmless(self, op: Op) -> bool:
        if has_effect(op):
            return False
        known = traits(op)
        if known.power:
            by = op.args[1]
            return isinstance(by, Const) and type(by.value) is int and by.value >= 0
        if is_access(op) and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Num):
            shape = op.args[0].kind.shape
            return shape is not None and surely_inside(op.args[1], shape, self.indices)
        if is_read(op) and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Seq):
            return isinstance(op.args[1], Value) and op.args[1] in self.indices     # a trail
        return known.total


class Picks(dict[Value, Atom]):
    """What stands for values in an arm: of those from outside, what the mask picks of them."""

    def __init__(self, walk: Any, outer: dict[Value, Atom], mask: Any, dim: Dim) -> None:
        super().__init__()
        self.walk, self.outer, self.mask, self.dim = walk, outer, mask, dim
        self.home: Block = walk.lifter.block        # what is picked in a loop of the arm is picked before it

    def __missing__(self, value: Value) -> Atom:
        whole = self.outer[value]
        if value in self.walk.facts.loose:
            raise NoForm
        if not isinstance(whole, Value) or not isinstance(whole.kind, Num) or whole.kind.shape is None:
            raise NoForm
        key = whole, self.mask, id(self.home)
        one = self.walk.picked.get(key)
        if one is None:
            block, self.walk.lifter.block = self.walk.lifter.block, self.home
            one = self.walk.picked[key] = self.walk.apply(operator.getitem, whole, self.mask)
            self.walk.lifter.block = block
            one.kind = Num(whole.kind.dtype, (self.dim, *whole.kind.shape[1:]), "array")
            one.hint = whole.hint
        self[value] = one
        return one      # type: ignore[no-any-return]

    def __contains__(self, value: Any) -> bool:
        return super().__contains__(value) or value in self.outer

    def get(self, value: Any, default: Any = None) -> Any:
        """As `dict.get`, of the values outside too."""
        return self[value] if value in self else default      # noqa: SIM401  (it is that)


UNBOUND = {"float64": Const(0.0), "bool": Const(False)}
"""What stands where a name is not bound, which nothing reads."""


@dataclass
class Store:
    """The stores of the arms into one array, at one place; None of an arm that leaves it alone.  `ndim` axes are stored
    along.
    """

    ops: tuple[Op | None, Op | None]
    ndim: int


def store_of(branch: Branch, result: Value, facts: Facts) -> Store | None:
    """How a result is made, where it is so simple."""
    at = branch.results.index(result)
    made = [last_store(arm, arm.results[at]) for arm in (branch.then, branch.orelse)]
    found = [op for op in made if op is not None]
    if not found:
        return None
    base, index = found[0].args[:2]
    if len(found) == 1:
        other = (branch.orelse if made[0] is not None else branch.then).results[at]
        if base is not other:
            return None
    elif found[1].args[0] is not base or not same_arg(index, found[1].args[1]) or found[0].fn is not found[1].fn:
        return None
    parts = parts_of(index)
    inside = {v for arm in (branch.then, branch.orelse) for s in arm.ops for v in definitions(s)}
    plain = all(is_integer(p) or isinstance(p, Slice) for p in parts) and inside.isdisjoint(values_in((base, parts)))
    if not plain or facts.some_vary(parts) or not isinstance(base, Value) or not isinstance(base.kind, Num) \
            or base.kind.shape is None:
        return None
    return Store((made[0], made[1]), len(base.kind.shape) - sum(map(is_integer, parts)))


def last_store(arm: Block, stored: Atom) -> Op | None:
    """The store that gives what an arm hands on, where nothing else reads it."""
    for op in arm.ops:
        if isinstance(op, Op) and is_store(op) and stored in op.results:
            read = sum(stored in reads(s) for s in arm.ops) + sum(r is stored for r in arm.results)
            return op if read == 1 else None
    return None


def check_maskable(block: Block, facts: Facts) -> None:
    """Raise `NoForm` where an arm does something that must not be done where no sample asks for it."""
    for stmt in block.ops:
        if isinstance(stmt, Op):
            if has_effect(stmt) or stmt in facts.apart and not facts.some_vary((stmt.args, stmt.kwargs)):
                raise NoForm
            plain = not facts.some_vary((stmt.args, stmt.kwargs))
            if plain and not traits(stmt).total and not is_free(stmt):
                raise NoForm
        for inner in blocks_of(stmt):
            check_maskable(inner, facts)


def surely_inside(index: Arg, shape: tuple[Dim, ...], indices: dict[Value, Dim]) -> bool:
    """Does an index raise nothing: slices, and numbers that are known to be within their axes?"""
    parts = list(parts_of(index))
    if any(isinstance(p, Const) and (p.value is Ellipsis or p.value is None) for p in parts[:-1]):
        return all(isinstance(p, (Slice, Const)) and not isinstance(getattr(p, "value", None), int) for p in parts)
    for part, dim in zip(parts, shape, strict=False):
        if isinstance(part, Slice) or isinstance(part, Const) and part.value in (None, Ellipsis):
            continue
        if isinstance(part, Value) and part in indices and indices[part] == dim:
            continue
        if not isinstance(part, Const) or type(part.value) is not int:
            return False
        if not reaches(dim, part.value + 1 if part.value >= 0 else -part.value):
            return False
    return True


def _is(atom: Atom, value: bool) -> bool:
    return isinstance(atom, Const) and atom.value is value
