"""Functions that call themselves are read once, for arrays of any length, and called: `y, saved = g_fwd(x)`.

What is read here is the function itself.  What its two halves are, and what is saved between them, is for the
transform to say (`adjoint.pairs`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Block, Const, Value, free_values
from ad_compiler.kinds import FLOAT, Kind, Num, Obj, Sym, join
from ad_compiler.read.abstract import Abstract, Poison, describe, is_number, kind_of, to_arg
from ad_compiler.read.memory import without_length

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter

MOST_PASSES = 8


def any_length(kind: Kind, key: Any) -> Kind:
    """The kind for arrays of any length: each call of a recursive function has its own."""
    kind = without_length(kind)
    if isinstance(kind, Num) and kind.shape:
        return replace(kind, shape=tuple(Sym((*key, axis)) for axis in range(len(kind.shape))))
    return kind


class Callee:
    """Stands for a generated function in the program that calls it.

    `real`: the positions of the arguments that `back` gives cotangents of; None until the function is read.  `tangent`
    is called in its place, with the tangents of these, for the output and its tangent.
    """

    def __init__(self, name: str, back: Callee | None = None, real: tuple[int, ...] | None = None) -> None:
        self.__name__, self.back, self.real = name, back, real
        self.tangent: Callee | None = None if back is None else Callee(f"{name.removesuffix('_fwd')}_dot")

    def __call__(self, *args: Any) -> Any:
        raise AssertionError("a generated function is called by its text")


@dataclass(eq=False)
class Pair:
    """A recursive function: `block` gives `result` for `params`; `forward` and `backward` stand for its halves."""

    name: str
    forward: Callee
    backward: Callee
    names: list[str]
    kinds: list[Kind]
    out: Kind = FLOAT
    changed: bool = False
    block: Block = field(default_factory=Block)
    params: list[Value] = field(default_factory=list)
    result: Atom = field(default_factory=lambda: Const(None))
    refs: dict[Value, Any] = field(default_factory=dict)

    @property
    def real(self) -> list[Value]:
        """The parameters that a derivative can be taken by."""
        return [v for v in self.params if isinstance(v.kind, Num) and v.kind.real]


class Pairs:
    """The recursive functions of one reading."""

    def __init__(self) -> None:
        self.by_key: dict[Any, Pair] = {}
        self.recursive: set[int] = set()

    def call(self, lifter: Any, node: Any, name: str, bound: dict[str, Abstract], read: Any) -> Abstract:
        """A call of a recursive function, `bound` to its parameters; `read(names)` reads its body."""
        if isinstance(next((t for t in bound.values() if isinstance(t, Poison)), None), Poison):
            return Poison()
        numbers = [n for n, t in bound.items() if isinstance(t, Value) and isinstance(t.kind, Num) or is_number(t)]
        fixed = {n: t for n, t in bound.items() if n not in numbers}
        for key, thing in fixed.items():
            if not isinstance(thing, Const):
                raise Refused(f"`{name}` calls itself with a {describe(thing)} as `{key}`",
                              "pass numbers and arrays to a recursive function")
        atoms = [lifter.fresh(bound[n]) for n in numbers]
        place = (id(node), tuple(numbers), tuple((n, id(t.value)) for n, t in fixed.items()))
        kinds = [any_length(kind_of(a), (id(node), n)) for a, n in zip(atoms, numbers, strict=True)]
        pair = self.by_key.get(place)
        if pair is None:
            taken = {p.forward.__name__ for p in self.by_key.values()}
            count = next(n for n in range(1, len(taken) + 2) if f"{name}{'' if n == 1 else f'_{n}'}_fwd" not in taken)
            base = name if count == 1 else f"{name}_{count}"
            back = Callee(f"{base}_bwd")
            pair = self.by_key[place] = Pair(name, Callee(f"{base}_fwd", back), back, numbers, kinds)
            self._read(lifter, pair, fixed, read)
        else:
            for at, kind in enumerate(kinds):
                joined = join(pair.kinds[at], kind)
                if joined is None:
                    raise Refused(f"`{name}` calls itself with another kind of `{numbers[at]}`")
                pair.changed |= joined != pair.kinds[at]
                pair.kinds[at] = joined
        out, _ = lifter.emit(pair.forward, tuple(map(to_arg, atoms)), {}, [pair.out, Obj("saved")])
        lifter.block.ops[-1].results[1].hint = f"{name}_saved"
        cells = [cell for cell in map(lifter.cell_of, atoms) if cell is not None]
        lifter.own(out, near=[*cells, *(other.cell for other in lifter.foreign)])     # it may return what it was given
        return out

    def _read(self, lifter: Lifter, pair: Pair, fixed: dict[str, Abstract], read: Any) -> None:
        """Read the function, until the kinds of what it passes to itself settle."""
        outer, stopped, diverged = lifter.block, lifter.stopped, lifter.diverged
        lifter.stopped = 0
        try:
            for _ in range(MOST_PASSES):
                pair.changed = False
                self._read_once(lifter, pair, fixed, read)
                if not pair.changed:
                    break
            else:
                raise Refused(f"the kinds of what `{pair.name}` passes to itself do not settle")
        finally:
            lifter.block, lifter.stopped, lifter.diverged = outer, stopped, diverged
        captured = [v for v in free_values(pair.block) if v not in pair.params and v not in lifter.refs]
        if captured:
            raise Refused(f"`{pair.name}` calls itself and uses `{captured[0].hint}` of the function around it",
                          "pass it as an argument")
        pair.refs = dict(lifter.refs)
        pair.forward.real = tuple(map(pair.params.index, pair.real))

    def _read_once(self, lifter: Lifter, pair: Pair, fixed: dict[str, Abstract], read: Any) -> None:
        """Read the function for parameters of the kinds known so far; they may turn out to be more general."""
        name = pair.name
        pair.block = lifter.block = Block()
        pair.params = [Value(n, k) for n, k in zip(pair.names, pair.kinds, strict=True)]
        tick, journal = lifter.tick(), len(lifter.journal)
        for param in pair.params:
            lifter.own(param)
            if (cell := lifter.cell_of(param)) is not None:
                cell.born = tick
        thing = lifter.fresh(read({**fixed, **dict(zip(pair.names, pair.params, strict=True))}))
        written = any(memory.born <= tick for memory in lifter.written_since(journal))
        lifter.undo(journal)
        if written:
            raise Refused(f"`{name}` calls itself and writes into what it is given",
                          "give it a copy, or return a new array")
        if isinstance(thing, Poison):
            raise Refused("")
        if not isinstance(thing, (Value, Const)) or not isinstance(kind_of(thing), Num):
            raise Refused(f"`{name}` calls itself and returns a {describe(thing)}", "return one number or array")
        out = join(pair.out, any_length(kind_of(thing), (id(pair), "out"))) or pair.out
        pair.changed |= out != pair.out
        pair.out, pair.result = out, thing
