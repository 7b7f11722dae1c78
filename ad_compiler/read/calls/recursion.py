"""Functions that call themselves are read once, for arrays of any length, and called: `y, saved = g_fwd(x)`.

What is read here is the function itself.  Its derivatives are functions that call themselves too, of numbers again:
`y, y_dot = g_dot(x, x_dot)` gives tangents, `x_bar = g_pulled(x, y_bar)` cotangents.  Both the tangent and the reverse
of the latter are the reverse of the former (`adjoint.calls`), so there are derivatives of any order.  What is called in
the end is written by `transforms.callees`: the reverse of each function as two halves, and what is saved between them.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Block, Const, Op, Value, free_values, walk
from ad_compiler.kinds import FLOAT, Dim, Kind, Num, Obj, Sym, join
from ad_compiler.ops import has_effect, meets_single, values_met
from ad_compiler.read.abstract import Abstract, Poison, describe, is_number, kind_of, report, to_arg
from ad_compiler.read.memory.places import without_length
from ad_compiler.rules.dims import unknown

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

MOST_PASSES = 8
ROW_OR_MATRIX = (Num("float64", (2,)), Num("float64", (2, 2)))
RAISE = (runtime.raise_, runtime.assert_, runtime.check_bound)


def any_length(kind: Kind, key: Any) -> Kind:
    """The kind for arrays of any length: each call of a recursive function has its own."""
    kind = without_length(kind)
    if isinstance(kind, Num) and kind.shape:
        return replace(kind, shape=tuple(Sym((*key, axis)) for axis in range(len(kind.shape))))
    return kind


class Callee:
    """Stands for a generated function in the program that calls it: a part of the pair `of`.

    `forward` gives the results and what is saved; `backward`, of that and the results' cotangents, those of the real
    parameters; `pulled` the same of the arguments and these cotangents.  A `pulled` call reads and gives numbers alone,
    so that it can be differentiated, and kept by a loop, like any other; both halves stand in its place in the end.
    """

    def __init__(self, name: str, of: Pair | None = None) -> None:
        self.__name__, self.of = name, of

    def __call__(self, *args: Any) -> Any:
        raise AssertionError("a generated function is called by its text")


@dataclass(eq=False)
class Pair:
    """A recursive function: `block` gives `results` for `params`; `forward` and `backward` stand for its halves.

    `base`: what they are called after.  `settled`: it has been read, so `kinds` and `outs` stay as they are.  `primal`:
    the function whose results and their tangents this one gives; its statements are written when all that is known.
    """

    name: str
    base: str
    names: list[str]
    kinds: list[Kind]
    outs: list[Kind] = field(default_factory=lambda: [FLOAT])
    settled: bool = False
    changed: bool = False
    primal: Pair | None = None
    block: Block = field(default_factory=Block)
    params: list[Value] = field(default_factory=list)
    results: list[Atom] = field(default_factory=list)
    refs: dict[Value, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.forward, self.backward = Callee(f"{self.base}_fwd", self), Callee(f"{self.base}_bwd", self)
        self.pulled = Callee(f"{self.base}_pulled", self)

    @property
    def real(self) -> list[int]:
        """The positions of the parameters that a derivative can be taken by."""
        return [at for at, kind in enumerate(self.kinds) if isinstance(kind, Num) and kind.real]

    @functools.cached_property
    def tangent(self) -> Pair:
        """The function of the same parameters and tangents of the real ones, that gives results and their tangents."""
        names = [*self.names, *(f"{self.names[at]}_dot" for at in self.real)]
        kinds = [*self.kinds, *(self.kinds[at] for at in self.real)]
        return Pair(self.name, f"{self.base}_dot", names, kinds, [*self.outs, *self.outs], settled=True, primal=self)

    def reached(self) -> list[Pair]:
        """The functions that it calls, this one first; those that they are derivatives of."""
        found, todo = list[Pair](), [self]
        while todo:
            pair = todo.pop()
            if pair not in found:
                found.append(pair)
                todo += [of for op in walk(pair.block) if isinstance(op, Op) and isinstance(op.fn, Callee)
                         and (of := op.fn.of) is not None]
                todo += [] if pair.primal is None else [pair.primal]
        return found

    @property
    def repeatable(self) -> bool:
        """Are two calls as good as one: does it show nothing, and draw nothing?  It may raise."""
        ops = [op for pair in self.reached() for op in walk(pair.block) if isinstance(op, Op)]
        return not any(has_effect(op) and op.fn not in RAISE and not is_exception(op.fn) for op in ops)

    def call(self, lifter: Any, args: list[Atom]) -> list[Value]:
        """Emit a call: the results, and what is saved.  Results are as long as arguments are, or as nothing else is."""
        dims: dict[Dim, Dim] = {}
        for kind, given in zip(self.kinds, map(kind_of, args), strict=True):
            if isinstance(kind, Num) and isinstance(given, Num) and given.shape is not None:
                dims.update(zip(kind.shape or (), given.shape, strict=kind.shape is not None))
        outs = [replace(out, shape=tuple(dims.setdefault(dim, unknown()) for dim in out.shape))
                if isinstance(out, Num) and out.shape else out for out in self.outs]
        made: list[Value] = lifter.emit(self.forward, tuple(args), {}, [*outs, Obj("saved")])
        made[-1].hint = f"{self.base}_saved"
        return made


class Pairs:
    """The recursive functions of one reading."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, Pair]] = []
        self.recursive: set[int] = set()

    def call(self, lifter: Any, node: Any, name: str, bound: dict[str, Abstract], read: Any) -> Abstract:
        """A call of a recursive function, `bound` to its parameters; `read(names)` reads its body."""
        for thing in bound.values():
            if isinstance(thing, Poison):
                report(thing)
                return Poison()
        numbers = [n for n, t in bound.items() if isinstance(t, Value) and isinstance(t.kind, Num) or is_number(t)]
        fixed = {n: t for n, t in bound.items() if n not in numbers}
        for key, thing in fixed.items():
            if not isinstance(thing, Const):
                raise Refused(f"`{name}` calls itself with a {describe(thing)} as `{key}`",
                              "pass numbers and arrays to a recursive function")
        atoms = [lifter.memory.fresh(bound[n]) for n in numbers]
        place = (id(node), tuple(numbers), tuple((n, id(t.value)) for n, t in fixed.items()))
        kinds = [any_length(kind_of(a), (id(node), n)) for a, n in zip(atoms, numbers, strict=True)]
        pair = next((p for key, p in self.found if key == place and (not p.settled or fits(kinds, p.kinds))), None)
        if pair is None:
            taken = {p.base for _, p in self.found}
            base = next(b for b in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 2))) if b not in taken)
            pair = Pair(name, base, numbers, kinds)
            self.found.append((place, pair))
            self._read(lifter, pair, fixed, read)
        elif not pair.settled:
            for at, kind in enumerate(kinds):
                joined = join(pair.kinds[at], kind)
                if joined is None:
                    raise Refused(f"`{name}` calls itself with another kind of `{numbers[at]}`")
                pair.changed |= joined != pair.kinds[at]
                pair.kinds[at] = joined
        out = pair.call(lifter, [to_arg(a) for a in atoms])[0]
        cells = [cell for cell in map(lifter.memory.cell_of, atoms) if cell is not None]
        foreign = [other.cell for other in lifter.memory.foreign]       # it may return what it was given
        lifter.memory.own(out, near=[*cells, *foreign])
        return out

    def _read(self, lifter: Lifter, pair: Pair, fixed: dict[str, Abstract], read: Any) -> None:
        """Read the function, until the kinds of what it passes to itself and of what it returns settle.

        What it returns is taken to be a number.  Where that leaves the rank open, it may be as the arrays that it is
        given, or a row or a matrix: what is taken of the calls in it, and then holds for what it returns, is so.
        What is of double precision only because that was taken of it is of single precision.
        """
        outer, stopped, diverged = lifter.block, lifter.stopped, lifter.diverged
        lifter.stopped, before, kinds = 0, len(self.found), list(pair.kinds)
        mark = lifter.control.mark()

        def settles(guess: Kind) -> bool:
            lifter.control.rewind(mark)
            pair.kinds, pair.outs = list(kinds), [guess]
            with suppress(Refused):
                self._settle(lifter, pair, fixed, read)
                return not isinstance(pair.outs[0], Num) or pair.outs[0].shape is not None
            return False

        try:
            for guess in (FLOAT, *arrays_in(kinds), *(any_length(kind, (id(pair), "out")) for kind in ROW_OR_MATRIX)):
                if settles(guess):
                    single = in_single(pair)
                    if single is not None and not (settles(single) and pair.outs == [single]):
                        settles(guess)
                    break
            else:
                lifter.control.rewind(mark)
                pair.kinds, pair.outs = list(kinds), [FLOAT]
                self._settle(lifter, pair, fixed, read)
        except BaseException:
            del self.found[before - 1:]     # it may be read in another way
            raise
        finally:
            lifter.block, lifter.stopped, lifter.diverged = outer, stopped, diverged
        captured = [v for v in free_values(pair.block) if v not in pair.params and v not in lifter.world.refs]
        if captured:
            raise Refused(f"`{pair.name}` calls itself and uses `{captured[0].hint}` of the function around it",
                          "pass it as an argument")
        pair.refs, pair.settled = dict(lifter.world.refs), True

    def _settle(self, lifter: Lifter, pair: Pair, fixed: dict[str, Abstract], read: Any) -> None:
        """Read the function until nothing turns out to be more general."""
        before = len(self.found)
        for _ in range(MOST_PASSES):
            pair.changed = False
            del self.found[before:]     # they may have called this one when less was known of it
            self._read_once(lifter, pair, fixed, read)
            if not pair.changed:
                return
        raise Refused(f"the kinds of what `{pair.name}` passes to itself do not settle")

    def _read_once(self, lifter: Lifter, pair: Pair, fixed: dict[str, Abstract], read: Any) -> None:
        """Read the function for parameters of the kinds known so far; they may turn out to be more general."""
        name = pair.name
        pair.block = lifter.block = Block()
        pair.params = [Value(n, k) for n, k in zip(pair.names, pair.kinds, strict=True)]
        tick, journal = lifter.memory.tick(), len(lifter.memory.journal)
        for param in pair.params:
            lifter.memory.own(param)
            if (cell := lifter.memory.cell_of(param)) is not None:
                cell.born = tick
        thing = lifter.memory.fresh(read({**fixed, **dict(zip(pair.names, pair.params, strict=True))}))
        written = any(memory.born <= tick for memory in lifter.memory.written_since(journal))
        lifter.memory.undo(journal)
        if written:
            raise Refused(f"`{name}` calls itself and writes into what it is given",
                          "give it a copy, or return a new array")
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        if not isinstance(thing, (Value, Const)) or not isinstance(kind_of(thing), Num):
            raise Refused(f"`{name}` calls itself and returns a {describe(thing)}", "return one number or array")
        out = join(pair.outs[0], without_length(kind_of(thing))) or pair.outs[0]
        out = out if out == pair.outs[0] else any_length(out, (id(pair), "out"))
        pair.changed |= out != pair.outs[0]
        pair.outs, pair.results = [out], [thing]


def in_single(pair: Pair) -> Num | None:
    """What a function returns, in single precision, where it may be that: it meets some."""
    out = pair.outs[0]
    wide = isinstance(out, Num) and out.dtype == "float64" and out.form != "py"
    return replace(out, dtype="float32") if wide and isinstance(out, Num) \
        and meets_single(values_met(walk(pair.block))) else None


def is_exception(fn: Any) -> bool:
    """Is this a class of exceptions, of which one is made?"""
    return isinstance(fn, type) and issubclass(fn, BaseException)


def arrays_in(kinds: list[Kind]) -> list[Num]:
    """The kinds of real arrays, one of each rank."""
    arrays = [kind for kind in kinds if isinstance(kind, Num) and kind.real and kind.shape]
    return list({len(kind.shape or ()): kind for kind in reversed(arrays)}.values())


def fits(kinds: list[Kind], read: list[Kind]) -> bool:
    """Is a function that was read for some kinds the right one for these?"""
    return all(join(mine, wanted) == wanted for mine, wanted in zip(kinds, read, strict=True))
