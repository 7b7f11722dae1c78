"""Loops over the elements of an array go over a list: Python's numbers are read and added faster than NumPy's.

An array of one axis that a loop as long as the array reads element by element becomes a list before it; a cotangent
that is only added to in the loop is a list until it is over.  This is done where all that is made of the numbers is
the same with Python's: sums, products, comparisons, functions of NumPy and `math`, but no division that could be by
zero, which Python raises for and NumPy does not.  What such a loop hands on is NumPy's number again after it; where
the function gives Python's number or NumPy's, as the data or the number of iterations have it, and nothing but a
`return` follows, it is NumPy's, which is a Python float too.

>>> from ad_compiler import value_and_grad
>>> def f(x):
...     s = 0.0
...     for i in range(len(x)):
...         s += x[i] * x[i]
...     return s
>>> g = value_and_grad(f)
>>> value, x_bar = g(np.arange(4.0))
>>> type(value).__name__, x_bar
('float64', array([0., 2., 4., 6.]))
>>> print("".join(line.partition("  #")[0].rstrip() + chr(10) for line in g.source.splitlines()[2:]), end="")
    x_bar = [0.0] * len(x)
    x_list = x.tolist()
    s = 0.0
    for i in range(len(x)):
        e = x_list[i]
        s = s + e * e
        x_bar[i] += 2.0 * e
    x_bar = np.array(x_bar)
    s = np.float64(s)
    return s, x_bar
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

import numpy as np

from ad_compiler.analyse.bound import Bound
from ad_compiler.indices import is_integer
from ad_compiler.ir import (
    UNDEFINED,
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Slice,
    Stmt,
    Value,
    blocks_of,
    definitions,
    free_values,
    operands,
    substitute,
    values_in,
    walk,
)
from ad_compiler.kinds import FLOAT, Num, Seq, Sym
from ad_compiler.ops import (
    asks_attribute,
    is_comparison,
    is_measure,
    is_python,
    is_read,
    is_store,
    meets_single,
    traits,
    values_met,
)
from ad_compiler.optimise.facts import num, number
from ad_compiler.optimise.list_sums import as_list, sums, trips


def plain_numbers(func: Func) -> Func:
    """Let the loops of a function's body go over lists, where all of them can."""
    loops = [stmt for stmt in func.body.ops if isinstance(stmt, Loop)]
    if not loops or meets_single(values_met(walk(func.body))):     # Python numbers are others beside single
        return func
    reads = [_Reads(loop) for loop in loops]
    arrays: dict[Value, Atom | None] = {}
    bound = Bound(func.body)
    for array in dict.fromkeys(array for read in reads for array in read.by_element()):
        readers = [read for read in reads if array in read.free]
        if not bound.may_be_unbound(array) and all(array not in read.otherwise for read in readers):
            whole, end = _extent(array, readers)
            if whole or end is not None:
                arrays[array] = None if whole else end
    if not arrays:
        return func
    plain = _Plain(func, loops, set(arrays))
    if not plain.settle():
        return func
    found = [one for loop in loops for one in sums(loop, func)]
    for array, end in arrays.items():
        _as_list(array, end, func, reads)
    plain.rewrite()
    for one in found:
        as_list(one, func)
    return func


# -- arrays that are read by their elements ------------------------------------------------------------


class _Reads:
    """How a loop reads what stands outside of it: `elements` are the ops that read `array[i]`, of a number `i`.

    `otherwise`: what is read in another way, but for a shape.
    """

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.free = dict.fromkeys(free_values(loop.body, loop))
        self.elements: dict[Value, list[Op]] = {}
        self.otherwise = set() if loop.cond is None else set(free_values(loop.cond))
        for stmt in walk(loop.body):
            if is_read(stmt) and is_integer(stmt.args[1]) and isinstance(stmt.args[0], Value):
                self.elements.setdefault(stmt.args[0], []).append(stmt)
            elif not (asks_attribute(stmt) or isinstance(stmt, Op) and is_measure(stmt)):
                self.otherwise.update(operands(stmt))
            for inner in blocks_of(stmt):
                self.otherwise.update(values_in(inner.results))

    def by_element(self) -> Iterator[Value]:
        """Arrays of numbers of which elements are read."""
        for value in self.free:
            kind = value.kind
            if isinstance(kind, Num) and kind.dtype == "float64" and kind.form == "array" and kind.shape is not None \
                    and len(kind.shape) == 1 and value in self.elements:
                yield value


def _extent(array: Value, readers: list[_Reads]) -> tuple[bool, Atom | None]:
    """Is an array about as long as a loop that reads it?  Else, where the loops stop that read it by their index."""
    if isinstance(array.kind, Num) and array.kind.shape and any(
            array.kind.shape[0] == trips(read.loop) for read in readers):
        return True, None
    first = readers[0].loop
    for read in readers:
        loop = read.loop
        if trips(loop) is None or not isinstance(loop.step, Const) or loop.step.value != 1 \
                or (number(loop.start) or 0) < 0 or loop.stop is not first.stop \
                or any(op.args[1] is not loop.index for op in read.elements.get(array, ())):
            return False, None
    return False, first.stop


def _runs(loop: Loop) -> bool:
    """Does a loop run at least once, over an axis of two elements or more?"""
    start, stop = (loop.start, loop.stop) if isinstance(loop.step, Const) and loop.step.value == 1 else (
        loop.stop, loop.start)
    kind, less = num(stop), number(start)
    dim = kind.length if kind is not None else None
    while isinstance(dim, Sym) and isinstance(dim.key, tuple) and dim.key[0] == "minus":
        dim, less = dim.key[1], less + dim.key[2]
    return isinstance(dim, Sym) and dim.not_one and isinstance(less, int) and less <= 1


def _as_list(array: Value, end: Atom | None, func: Func, reads: list[_Reads]) -> None:
    """Read the elements from a list, of those before `end`, made before the first loop that does."""
    dims = array.kind.shape if isinstance(array.kind, Num) else None
    items = Value(f"{array.hint}_list" if array.hint else "", Seq(FLOAT, dims[0] if dims else None))
    readers = [read for read in reads if array in read.free and array in read.elements]
    first = readers[0].loop
    before, of = Block(), array
    if end is not None:
        assert isinstance(array.kind, Num)
        kind = replace(array.kind, shape=(Sym(("up to", array)),))
        of = before.emit(operator.getitem, array, Slice(Const(None), end, Const(None)), kind=kind)
    before.ops.append(Op(np.ndarray.tolist, (of,), {}, [items], first.origin, "method"))
    at = func.body.ops.index(first)
    func.body.ops[at:at] = before.ops
    for read in readers:
        for op in read.elements[array]:
            op.args = (items, op.args[1])


# -- what becomes of the numbers -----------------------------------------------------------------------


class _Plain:
    """Which numbers of the loops are Python's, once the elements of some arrays are."""

    def __init__(self, func: Func, loops: list[Loop], arrays: set[Value]) -> None:
        self.func, self.loops, self.arrays = func, loops, arrays
        self.other: set[Value] = set()      # carried values that are not Python's
        self.plain: set[Value] = set()
        self.numpys: set[Value] = set()     # those of `plain` that were certainly NumPy's
        stmts = walk(func.body)
        self.trails = {trail: inner for stmt in stmts if isinstance(stmt, Loop)
                       for inner, trail in stmt.trails if isinstance(inner, Value)}
        self.handed = {v for block in (func.body, *(b for stmt in stmts for b in blocks_of(stmt)))
                       for v in values_in(block.results)}
        self.powers: list[Op] = []
        self.decisions: set[Value] = set()
        self.reckoned = {v for stmt in stmts if isinstance(stmt, Op) for v in operands(stmt)}
        self.reckoned.update(v for stmt in stmts if type(stmt) is not Op for inner in blocks_of(stmt)
                             for v in values_in(inner.results) if not (isinstance(stmt, Loop) and inner is stmt.cond))
        self.matters = {v for stmt in func.body.ops if not (isinstance(stmt, Op) and stmt.fn is float)
                        for v in (*operands(stmt), *(v for inner in blocks_of(stmt) for v in free_values(inner, stmt)))}

    def settle(self) -> bool:
        """Find them; False where something would come out otherwise."""
        while True:
            self.plain, self.numpys, self.powers = set(), set(), []
            before = len(self.other)
            fine = all(self._loop(loop) for loop in self.loops)
            if len(self.other) == before:
                return fine and bool(self.plain) and all(map(self._after_the_loops, self.func.body.ops))

    def _reads_a_trail(self, stmt: Stmt) -> TypeGuard[Op]:
        """Is a number read out of a list that a loop made, which holds Python's now?"""
        if not is_read(stmt) or not isinstance(stmt.args[0], Value) or not _is_number(stmt.result):
            return False
        made = self.trails.get(stmt.args[0])
        return made is not None and self._is_new(made) and is_integer(stmt.args[1])

    def _after_the_loops(self, stmt: Stmt) -> bool:
        """Is what a statement outside of the loops makes of their lists the same?  A number is made NumPy's again."""
        held = [v for v in operands(stmt) if v in self.trails and self._is_new(self.trails[v])] \
            if isinstance(stmt, Op) else []
        if not held or not isinstance(stmt, Op):
            return True
        if self._reads_a_trail(stmt):
            return all(self.trails[v] in self.numpys for v in held)
        return not any(isinstance(r.kind, (Seq, Num)) and holds_numbers(r.kind) for r in stmt.results) \
            or traits(stmt).makes == "zeros"

    def rewrite(self) -> None:
        """Give them their kind; what the loops hand on is NumPy's again after them."""
        for op in self.powers:
            op.fn, op.args = operator.mul, (op.args[0], op.args[0])
        out: list[Stmt] = []
        mapping: dict[Value, Arg] = {}
        kept = self.matters.union(values_in(self.func.body.results))
        for stmt in self.func.body.ops:
            out.append(stmt)
            if self._reads_a_trail(stmt):
                item, read = stmt.results[0], Value(stmt.results[0].hint, FLOAT)
                stmt.results = [read]
                out.append(Op(np.float64, (read,), {}, [item], stmt.origin, reverse=stmt.reverse))
            if stmt in self.loops:
                for value in definitions(stmt):
                    if value in self.plain and not _is_python(value) and value in kept:
                        own = Value(value.hint, value.kind)
                        mapping[value] = own
                        out.append(Op(np.float64, (value,), {}, [own], stmt.origin, reverse=stmt.reverse))
        casts = {op for op in out if isinstance(op, Op) and op.fn is np.float64 and op.result in mapping.values()}
        for value in self.plain:
            value.kind = FLOAT
        self.func.body.ops = out
        of_casts = {op: op.args for op in casts}
        loops_results = {loop: list(loop.results) for loop in self.loops}
        substitute(self.func.body, mapping)
        for op, args in of_casts.items():
            op.args = args
        for loop, results in loops_results.items():
            loop.results = results

    def _is_plain(self, atom: Arg) -> bool:
        if isinstance(atom, Const):
            return type(atom.value) in (int, float, bool)
        return isinstance(atom, Value) and (atom in self.plain or _is_python(atom))

    def _is_new(self, atom: Arg) -> bool:
        """Was it NumPy's number before?"""
        return isinstance(atom, Value) and atom in self.plain and not _is_python(atom)

    def _block(self, block: Block) -> bool:
        for stmt in block.ops:
            if isinstance(stmt, Op):
                if not self._op(stmt):
                    return False
            elif isinstance(stmt, Branch):
                if stmt.way != "if" or not all(map(self._block, blocks_of(stmt))):
                    return False
                for result, *sides in zip(stmt.results, stmt.then.results, stmt.orelse.results, strict=True):
                    if _is_number(result) and all(map(self._is_plain, sides)):
                        self.plain.add(result)
                        self.numpys.update([result] if all(side in self.numpys for side in sides) else [])
                    elif any(map(self._is_new, sides)) or _is_number(result) and any(map(self._is_plain, sides)):
                        return False        # now of this type, now of that
            elif not self._loop(stmt):
                return False
        return True

    def _loop(self, loop: Loop) -> bool:
        """Go on with what a loop makes; False where a list that is seen, or what it hands on, would change."""
        for param, init in zip(loop.body.params, loop.inits, strict=True):
            if _is_number(param) and param not in self.other and (init is UNDEFINED or self._is_plain(init)):
                self.plain.add(param)
        if not all(map(self._block, blocks_of(loop))):
            return False
        if any(trail in self.handed and self._is_new(inner) for inner, trail in loop.trails):
            return False
        for param, handed, result in zip(loop.body.params, loop.body.results, loop.results, strict=True):
            if param not in self.plain:
                if self._is_new(handed):
                    return False
                continue
            if self._is_plain(handed):
                self.plain.add(result)
                if loop in self.loops and not _is_python(result) and result in self.matters \
                        and not (_runs(loop) and handed in self.numpys):
                    return False        # what is handed on may be what it began with, a number of Python's
            else:
                self.other.add(param)
        return True

    def _op(self, op: Op) -> bool:
        """Go on with what an op makes; False where Python's numbers would make something else of it."""
        if is_read(op) and isinstance(op.args[0], Value):
            source = op.args[0]
            entry = self.trails.get(source)
            if source in self.arrays and is_integer(op.args[1]) or entry in self.plain and _is_number(op.result):
                self.plain.update(op.results)
                if source in self.arrays or entry in self.numpys:
                    self.numpys.update(op.results)
                return True
            if entry in self.decisions:
                return self._decides(op)
        changed = [a for a in (*op.args, *op.kwargs.values()) if any(
            map(self._is_new, values_in(a)))]
        if not changed:
            return True
        every = all(map(self._is_plain, op.args))
        if op.kwargs or not all(isinstance(a, Value) for a in changed):
            return False
        if _is_exact(op) or op.fn is operator.truediv and every and number(op.args[1]):
            if every and _is_number(op.result):
                self._add(op)
            return True
        if op.fn is operator.pow and every:
            if number(op.args[1]) != 2:
                return False
            self.powers.append(op)
            self._add(op)
            return True
        if op.fn in (operator.truediv, operator.pow):
            return not every
        if is_store(op):
            return not any(v in changed for v in values_in(op.args[:2]))
        if is_comparison(op) and is_python(op):
            return not every or self._decides(op)
        return isinstance(op.fn, np.ufunc) or getattr(math, getattr(op.fn, "__name__", ""), None) is op.fn

    def _add(self, op: Op) -> None:
        """The result is Python's; it was NumPy's for certain where an operand was, but for a choice between two."""
        self.plain.add(op.result)
        if (all if op.fn in (max, min) else any)(a in self.numpys for a in op.args):
            self.numpys.add(op.result)

    def _decides(self, op: Op) -> bool:
        """A boolean that is Python's then: does it only decide, and is not reckoned with?"""
        self.decisions.update(op.results)
        return self.reckoned.isdisjoint(op.results)


def holds_numbers(kind: Seq | Num) -> bool:
    """Is this a number, or a list of them, that may be NumPy's?"""
    of = kind.elem if isinstance(kind, Seq) else kind
    return isinstance(of, Num) and of.shape == () and of.dtype == "float64"


def _is_exact(op: Op) -> bool:
    """Does an operator, or a builtin, make of Python's numbers what it makes of NumPy's?"""
    found = traits(op)
    return is_python(op) and (found.elementwise or found.casts) and found.raises != "value" \
        and not (found.divides or found.power or found.comparison)


def _is_number(value: Value) -> bool:
    """A number that may be NumPy's."""
    kind = value.kind
    return isinstance(kind, Num) and kind.shape == () and kind.dtype == "float64"


def _is_python(atom: Atom) -> bool:
    kind = num(atom)
    return kind is not None and kind.shape == () and kind.form == "py"
