"""`jacfwd`, `jacrev`, `hessian`: one sweep for all tangents of the arguments, or all cotangents of the output.

>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.trace import Watched
>>> x, block = Value("x", Num("float64", (Sym("n", True),))), Block()
>>> y = block.emit(np.sin, x, hint="y", kind=x.kind)
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, y)
>>> made = transformed(JacobianSpec(np.sin, mode="fwd"), traced, ())
>>> made.block.results = [to_arg(made.output.items[0])]
>>> print(show(Func("sin_jacfwd", [x], made.block)))
def sin_jacfwd(x):
    t = len(x)
    x_dot = eye(t)
    y = sin(x)
    t_2 = cos(x)
    y_dot = mul(x_dot, t_2)
    t_3 = transpose(y_dot)
    return t_3
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.pairs import sweeps
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.batch.common import NoForm
from ad_compiler.batch.walk import batched_block
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Atom, Block, Const, Func, Op, Value, definitions, free_values, substitute, values_in
from ad_compiler.kinds import Dim, Num
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.abstract import Abstract, Tuple, flatten, kind_of, to_arg
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import compare, lengths
from ad_compiler.read.restarts import Again
from ad_compiler.read.statements.regions import hand_on
from ad_compiler.spec import JacobianSpec
from ad_compiler.tangent.forward import Forward
from ad_compiler.trace import Traced, located
from ad_compiler.transforms import grad
from ad_compiler.transforms.linearize import finished, moved, without_tangents
from ad_compiler.transforms.vjp import is_leaf, split_output
from ad_compiler.transforms.vmap import size_of

places = grad.places


class Basis(NamedTuple):
    """A batch of directions, so many: for each leaf an array, and where those begin and end that move it."""

    arrays: list[Value]
    many: Atom
    bounds: list[tuple[Atom, Atom]]


@dataclass
class Made(Traced):
    """A Jacobian; `forward`: from tangents."""

    forward: bool = field(default=False, kw_only=True)


MakeBasis = Callable[[Lifter, list[Any], str], Basis]
"""From what the directions are of, and how they are called, to directions."""


class Swept(NamedTuple):
    """What comes out for a batch of directions, for each output or each leaf; what it is of, and aux."""

    batches: list[Any]
    leaves: list[Any]
    outs: list[Any]
    basis: Basis
    aux: Abstract


def title(spec: JacobianSpec) -> str:
    """What the function that is made is called."""
    func = spec.func.__wrapped__ if spec.made == "hessian" else spec.func
    return f"{replace(spec, func=func).whole_name}_{spec.made}"


def transformed(spec: JacobianSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The Jacobian, in the structure of the output and in each place that of the arguments; and aux.

    What is traced is used up.
    """
    atoms, build, aux = outputs(spec, traced)
    forward = is_forward(spec, traced.leaves(), atoms)
    swept = sweep(spec, traced, atoms, aux, tidy, basis_of, forward=forward)
    lifter = Lifter(traced.block, watching=False)
    found: list[Any] = []
    for column in (columns_of_tangents if forward else columns_of_cotangents)(lifter, swept):
        rest = iter(column)
        parts = [watched.build([next(rest) if isinstance(a, Value) else a for a in watched.atoms])
                 for watched in traced.inputs]
        found.append(parts[0] if spec.single else Tuple(parts))
    return made_of(traced, Tuple([build(found), swept.aux]), forward=forward)


def made_of(traced: Traced, output: Abstract, *, forward: bool) -> Made:
    """What was traced, with this output."""
    return Made(**{**vars(traced), "output": output}, forward=forward)


def outputs(spec: JacobianSpec, traced: Traced) -> tuple[list[Atom], Callable[[list[Any]], Abstract], Abstract]:
    """What the output is made of, how it is put together, and aux; refuses an output that has no Jacobian."""
    try:
        out, aux = split_output(spec, traced.output)
        atoms, build = flatten(out)
        if not all(is_leaf(spec, atom) for atom in atoms):
            raise Refused(f"`{spec.name}` returns something that is no real number: it has no Jacobian",
                          "return real numbers and arrays; others with has_aux=True, beside them")
        if any(num(atom).shape is None for atom in (*atoms, *traced.leaves())):
            raise Refused(f"how many axes there are in what `{spec.name}` returns, or is given, is not known: its "
                          "Jacobian cannot be put together", "say it, as by `np.reshape(x, (-1,))` or `float(x)`")
    except Refused as error:
        raise located(spec.func, error, at_return=True) from None
    return atoms, build, aux


def sweep(spec: JacobianSpec, traced: Traced, atoms: list[Atom], aux: Abstract, tidy: tuple[Pass, ...],
          basis: MakeBasis, *, forward: bool) -> Swept:
    """One sweep for a batch of directions: the statements are those of `traced` from here on."""
    try:
        return (forwards if forward else backwards)(spec, traced, atoms, aux, tidy, basis)
    except NoForm:
        raise located(spec.func, Refused("this cannot be done for a batch of directions"), at_return=True) from None


def is_forward(spec: JacobianSpec, leaves: list[Value], atoms: list[Atom]) -> bool:
    """Are there no more numbers in the arguments than in the output, as far as that is known?"""
    if spec.mode != "auto":
        return spec.mode == "fwd"
    into, out = numbers_in(leaves), numbers_in(atoms)
    return into is None or out is None or into <= out


def numbers_in(atoms: list[Any]) -> int | None:
    """How many numbers there are in this call."""
    total = 0
    for atom in atoms:
        shape = num(atom).shape
        sizes = [None] if shape is None else [size_of(dim) for dim in shape]
        if None in sizes:
            return None
        total += math.prod(size for size in sizes if size is not None)
    return total


def forwards(spec: JacobianSpec, traced: Traced, atoms: list[Atom], aux: Abstract, tidy: tuple[Pass, ...],
             make_basis: MakeBasis) -> Swept:
    """Tangents of the outputs, for tangents of the arguments."""
    block, leaves = traced.block, traced.leaves()
    compare(block)
    hand_on(block)
    head = Lifter(Block(), watching=False)
    basis = make_basis(head, leaves, "dot")
    seeds = {leaf: Value(f"{leaf.hint}_dot", leaf.kind) for leaf in leaves}
    forward = Forward(block, dict(seeds), Collector(), apart=True)
    forward.run()
    forward.demand(atoms)
    forward.lifter.block = block
    dots = [forward.dot_of(atom) or forward.filled(atom) for atom in atoms]
    if lengths().again:
        raise Again
    block.results = [*dots, *atoms, to_arg(aux)]
    run_passes(Func("tangent", [], block), tidy)
    holder = Block([], head.block.ops, [])
    substitute(holder, dict(traced.aliases))
    results, block.results = traced.in_place(block.results), []
    block.results = results[:len(dots)]
    kept = [*results[len(dots):]]
    primal, now = Block(), dict[Value, Atom]()
    if any(not isinstance(stmt, Op) for stmt in moved(block, list(seeds.values()))):
        primal, now = without_tangents(block, [traced.aliases.get(leaf, leaf) for leaf in leaves],
                                       list(seeds.values()))
    made = batched(spec, block, dict(zip(seeds.values(), basis.arrays, strict=True)), basis)
    lost = {v for stmt in block.ops for v in definitions(stmt)} - {v for stmt in made.ops for v in definitions(stmt)}
    if not lost.isdisjoint(values_in(kept)):        # they are computed beside tangents, for one direction at a time
        (kept,) = finished(primal, now, kept)
        made.ops[:0] = primal.ops
    traced.block.ops = [*holder.ops, *made.ops]
    *outs, last = kept
    return Swept(made.results, [traced.aliases.get(leaf, leaf) for leaf in leaves], outs, basis, to_abstract(last))


def backwards(spec: JacobianSpec, traced: Traced, atoms: list[Atom], aux: Abstract, tidy: tuple[Pass, ...],
              make_basis: MakeBasis) -> Swept:
    """Cotangents of the arguments, for cotangents of the outputs."""
    seeds = [Value(f"{getattr(atom, 'hint', '') or 'out'}_bar", kind_of(atom)) for atom in atoms]
    leaves = traced.leaves()
    grads, kept = grad.pulled_back(traced, zip(atoms, seeds, strict=True), [Tuple(list(atoms)), aux], tidy, apart=True)
    outs = kept[0].items
    forward, backward = sweeps(traced.block)
    backward.results = [bar for thing, watched in zip(grads, traced.inputs, strict=True)
                        for bar, leaf in zip(flatten(thing)[0], watched.atoms, strict=True) if isinstance(leaf, Value)]
    basis = make_basis(Lifter(forward, watching=False), outs, "bar")
    made = batched(spec, backward, dict(zip(seeds, basis.arrays, strict=True)), basis)
    traced.block.ops = [*forward.ops, *made.ops]
    return Swept(made.results, [traced.aliases.get(leaf, leaf) for leaf in leaves], outs, basis, kept[1])


def columns_of_tangents(lifter: Lifter, swept: Swept) -> list[list[Abstract]]:
    """The derivatives of each output by each leaf of the arguments, from tangents."""
    columns: list[list[Abstract]] = []
    for dot, atom in zip(swept.batches, swept.outs, strict=True):
        rank, column = rank_of(atom), list[Abstract]()
        for leaf, bounds in zip(swept.leaves, swept.basis.bounds, strict=True):
            part = rows(lifter, dot, leaf, bounds, len(swept.leaves))
            if rank_of(leaf) and rank:
                part = call(lifter, np.transpose, part) if rank == 1 else \
                    call(lifter, np.moveaxis, part, Const(0), Const(-1))
            column.append(part if rank_of(leaf) <= 1 else reshaped(lifter, part, atom, leaf))
        columns.append(column)
    return columns


def columns_of_cotangents(lifter: Lifter, swept: Swept) -> list[list[Abstract]]:
    """The same from cotangents."""
    columns: list[list[Abstract]] = []
    for atom, bounds in zip(swept.outs, swept.basis.bounds, strict=True):
        column: list[Abstract] = []
        for bars, leaf in zip(swept.batches, swept.leaves, strict=True):
            part = rows(lifter, bars, atom, bounds, len(swept.outs))
            column.append(part if rank_of(atom) <= 1 else reshaped(lifter, part, atom, leaf))
        columns.append(column)
    return columns


def reshaped(lifter: Lifter, part: Any, atom: Atom, leaf: Atom) -> Any:
    """The derivatives of an output by a leaf, with the axes of both."""
    return call(lifter, np.reshape, part, Tuple([*shape_of(lifter, atom), *shape_of(lifter, leaf)]))


def batched(spec: JacobianSpec, block: Block, given: dict[Value, Atom], basis: Basis) -> Block:
    """A block for all directions."""
    dim = (num(basis.arrays[0]).shape or ())[0]
    return batched_block(block, given, [*free_values(block), *basis.arrays], basis.many, dim,
                         one_loop=spec.backend == "numba")


def basis_of(lifter: Lifter, leaves: list[Any], word: str) -> Basis:
    """A direction for each number of the leaves, which moves that alone."""
    sizes = [size_at(lifter, leaf) for leaf in leaves]
    ends: list[Atom] = []
    for size in sizes:
        ends.append(size if not ends else call(lifter, operator.add, ends[-1], size))
    bounds: list[tuple[Atom, Atom]] = list(zip([Const(None), *ends[:-1]], ends, strict=True))
    arrays = []
    for leaf, size, (start, stop) in zip(leaves, sizes, bounds, strict=True):
        dtype, rank = num(leaf).dtype, rank_of(leaf)
        named = {} if dtype == "float64" else {"dtype": Const(np.dtype(dtype))}
        own = call(lifter, np.eye, size, **named) if rank else call(lifter, np.ones, Const(1), **named)
        if rank > 1:
            own = call(lifter, np.reshape, own, Tuple([size, *shape_of(lifter, leaf)]))
        if len(leaves) > 1:
            zeros = call(lifter, np.zeros, Tuple([ends[-1], *shape_of(lifter, leaf)]), **named)
            own = call(lifter, runtime.index_set, zeros, slice(start, stop, Const(None)), own)
        own.hint = f"{getattr(leaf, 'hint', '') or 'out'}_{word}"
        arrays.append(own)
    return Basis(arrays, ends[-1], bounds)


def rows(lifter: Lifter, batch: Any, leaf: Atom, bounds: tuple[Atom, Atom], count: int) -> Any:
    """The part of a batch that belongs to a leaf; of a number, the one entry."""
    if not rank_of(leaf):
        first = Const(0) if isinstance(bounds[0], Const) and bounds[0].value is None else bounds[0]
        return call(lifter, operator.getitem, batch, first)
    return batch if count == 1 else call(lifter, operator.getitem, batch, slice(*bounds, Const(None)))


def call(lifter: Lifter, fn: Any, *args: Any, **kwargs: Any) -> Any:
    return lifter.calls.call(Const(fn), list(args), kwargs)


def num(atom: Atom) -> Num:
    """The kind of a number or array."""
    kind = kind_of(atom)
    assert isinstance(kind, Num)
    return kind


def rank_of(atom: Atom) -> int:
    return len(num(atom).shape or ())


def shape_of(lifter: Lifter, atom: Atom) -> list[Atom]:
    """The lengths of the axes."""
    return [length_of(lifter, atom, axis, dim) for axis, dim in enumerate(num(atom).shape or ())]


def length_of(lifter: Lifter, atom: Atom, axis: int, dim: Dim) -> Any:
    if isinstance(dim, int):
        return Const(dim)
    return call(lifter, len, atom) if axis == 0 else \
        call(lifter, operator.getitem, lifter.apply(np.shape, [atom], spelling="attr"), Const(axis))


def size_at(lifter: Lifter, atom: Atom) -> Any:
    """How many numbers there are in an array."""
    rank = rank_of(atom)
    return Const(1) if rank == 0 else shape_of(lifter, atom)[0] if rank == 1 else \
        lifter.apply(np.size, [atom], spelling="attr")


def returned(spec: JacobianSpec, output: Abstract) -> Abstract:
    """The Jacobian, and aux beside it."""
    jac, aux = output.items
    return Tuple([jac, aux]) if spec.has_aux else jac


def hand_out(spec: JacobianSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let a function that holds the statements return that."""
    assert isinstance(made, Made)
    func.gradients, func.forward = (0,) if spec.has_aux else (), made.forward
    func.body.results = [to_arg(returned(spec, made.output))]
