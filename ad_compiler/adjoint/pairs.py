"""Functions that call themselves: a forward function that returns what the backward function needs.

`y = g(x)` becomes `y, saved = g_fwd(x)`, and in the reverse sweep `x_bar = g_bwd(saved, y_bar)`; both call
themselves in the same way.  What is saved is one tuple, so each call has its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ad_compiler import runtime
from ad_compiler.adjoint.differentiate import differentiate
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Block, Const, Func, Op, Value, free_values, substitute, walk
from ad_compiler.kinds import FLOAT, Kind, Num, Obj, Sym, join
from ad_compiler.passes import Pass
from ad_compiler.read.abstract import Abstract, Poison, describe, is_number, kind_of, to_arg
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory import without_length

MOST_PASSES = 8


def any_length(kind: Kind, key: Any) -> Kind:
    """The kind for arrays of any length: each call of a recursive function has its own."""
    kind = without_length(kind)
    if isinstance(kind, Num) and kind.shape:
        return replace(kind, shape=tuple(Sym((*key, axis)) for axis in range(len(kind.shape))))
    return kind


class Callee:
    """Stands for a generated function in the program that calls it."""

    def __init__(self, name: str, back: Callee | None = None, real: tuple[int, ...] = ()) -> None:
        self.__name__, self.back, self.real = name, back, real

    def __call__(self, *args: Any) -> Any:
        raise AssertionError("a generated function is called by its text")


@dataclass(eq=False)
class Pair:
    """A recursive function while it is read, and its two halves afterwards."""

    forward: Callee
    backward: Callee
    names: list[str]
    kinds: list[Kind]
    out: Kind = FLOAT
    real: tuple[int, ...] = ()
    changed: bool = False
    funcs: list[Func] = field(default_factory=list)


class Pairs:
    """The recursive functions of one reading."""

    def __init__(self, tidy: tuple[Pass, ...]) -> None:
        self.tidy = tidy
        self.by_key: dict[Any, Pair] = {}
        self.recursive: set[int] = set()

    def call(self, lifter: Lifter, node: Any, name: str, bound: dict[str, Abstract], read: Any) -> Abstract:
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
            pair = self.by_key[place] = Pair(Callee(f"{base}_fwd", back), back, numbers, kinds)
            self._build(lifter, pair, fixed, read, name)
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

    def _build(self, lifter: Lifter, pair: Pair, fixed: dict[str, Abstract], read: Any, name: str) -> None:
        outer, stopped, diverged = lifter.block, lifter.stopped, lifter.diverged
        lifter.stopped = 0
        try:
            for _ in range(MOST_PASSES):
                pair.changed = False
                block = lifter.block = Block()
                params = [Value(n, k) for n, k in zip(pair.names, pair.kinds, strict=True)]
                tick, journal = lifter.tick(), len(lifter.journal)
                for param in params:
                    lifter.own(param)
                    if (cell := lifter.cell_of(param)) is not None:
                        cell.born = tick
                thing = lifter.fresh(read({**fixed, **dict(zip(pair.names, params, strict=True))}))
                written = any(memory.born <= tick for memory in lifter.written_since(journal))
                lifter.undo(journal)
                if written:
                    raise Refused(f"`{name}` calls itself and writes into what it is given",
                                  "give it a copy, or return a new array")
                if isinstance(thing, Poison):
                    raise Refused("")
                if not isinstance(thing, (Value, Const)) or not isinstance(kind_of(thing), Num):
                    raise Refused(f"`{name}` calls itself and returns a {describe(thing)}",
                                  "return one number or array")
                out = join(pair.out, any_length(kind_of(thing), (id(pair), "out"))) or pair.out
                pair.changed |= out != pair.out
                pair.out = out
                if not pair.changed:
                    break
            else:
                raise Refused(f"the kinds of what `{name}` passes to itself do not settle")
        finally:
            lifter.block, lifter.stopped, lifter.diverged = outer, stopped, diverged
        captured = [v for v in free_values(block) if v not in params and v not in lifter.refs]
        if captured:
            raise Refused(f"`{name}` calls itself and uses `{captured[0].hint}` of the function around it",
                          "pass it as an argument")
        self._halve(lifter, pair, block, params, thing, name)

    def _halve(self, lifter: Lifter, pair: Pair, block: Block, params: list[Value], out: Atom, name: str) -> None:
        real = [v for v in params if isinstance(v.kind, Num) and v.kind.real]
        pair.real = pair.forward.real = tuple(params.index(v) for v in real)
        out_bar = Value(f"{name}_bar", pair.out if isinstance(out, Const) else out.kind)
        grads, (out,) = differentiate(block, out, real, [out], self.tidy, lifter.collector, seed=out_bar)
        forward = Block([], [s for s in block.ops if not s.reverse])
        backward = Block([], [s for s in block.ops if s.reverse])
        backward.results = [grads[0] if len(grads) == 1 else tuple(grads)]
        saved = [v for v in free_values(backward) if v is not out_bar and v not in lifter.refs]
        forward.results = [(out, tuple(saved))]
        given = Value("saved", Obj("saved"))
        inside = {v: Value(v.hint, v.kind) for v in saved}
        holder = Block([], backward.ops, backward.results)
        substitute(holder, dict(inside))
        if saved:
            holder.ops.insert(0, Op(runtime.unpack, (given,), {}, list(inside.values()), reverse=True))
        for stmt in walk(holder):
            stmt.reverse = True
        refs = dict(lifter.refs)
        pair.funcs = [Func(pair.forward.__name__, params, forward, refs, bind_all=True),
                      Func(pair.backward.__name__, [given, out_bar], holder, refs, bind_all=True)]

    def functions(self) -> list[Func]:
        """The halves of all pairs, to be printed before the function that calls them."""
        return [func for pair in self.by_key.values() for func in pair.funcs]
