"""`vmap`: what a function does becomes what it does for a batch, without a loop wherever NumPy needs none.

The function is read for one element of each argument that has an axis for the samples.

>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.trace import Watched
>>> xs = Value("x", Num("float64", (Sym("n", True),)))
>>> x, block = Value("x", Num("float64", (), "np")), Block()
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, block.emit(np.sin, x, hint="y", kind=x.kind),
...                 {x: x}, elements={x: (xs, 0)})
>>> made = transformed(VmapSpec(np.sin), traced, ())
>>> made.block.results = [to_arg(made.output)]
>>> print(show(Func("sin_vmap", [xs], made.block)))
def sin_vmap(x):
    n = len(x)
    y = sin(x)
    return y
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.batch.common import NoForm, Uneven
from ad_compiler.batch.walk import batched_block
from ad_compiler.errors import BatchError, CannotDifferentiate, Refusal, Refused
from ad_compiler.indices import COLON
from ad_compiler.ir import Atom, Block, Const, Func, Op, Stmt, Value, free_values, substitute, values_in, walk
from ad_compiler.kinds import Dim, Num, Obj, Seq
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.hoist import hoist_from_arms
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.abstract import Abstract, Dict, List, Object, Poison, Tuple, describe, flatten, to_arg
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import lengths
from ad_compiler.read.restarts import Again
from ad_compiler.read.statements.regions import hand_on
from ad_compiler.rules import registry
from ad_compiler.spec import Keyed, Place, VmapSpec, shown
from ad_compiler.trace import Call, Traced, located

GENERATORS = ("Generator", "RandomState", "Random")
"""Types of objects whose methods draw random numbers."""


def title(spec: VmapSpec) -> str:
    """What the function that is made is called."""
    return f"{spec.whole_name}_vmap"


# -- what goes in ------------------------------------------------------------------------------------------


def places(spec: VmapSpec, lifter: Lifter, call: Call) -> list[Place]:
    """The arguments that have an axis for the samples; one element of each is put in its place."""
    found: list[Place] = []
    for place, dims in axes_of(spec, call):
        thing = argument(lifter, call, place)
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        name = place if isinstance(place, str) else f"{place[0]}[{place[1]}]"
        before = len(call.elements)
        one = element_of(spec, lifter, call, thing, dims, name)
        if len(call.elements) > before:
            call.put(place, one)
            found.append(place)
    if not call.elements:
        raise BatchError(f"{spec.call}(<inputs>): got no argument with an axis for the samples: at least one must "
                         "have an axis in in_dims")
    same_lengths(spec, lifter, list(call.elements.values()))
    return found


def argument(lifter: Lifter, call: Call, place: Place) -> Abstract:
    """What is given at a place: a number known now is no array, and stays what it is."""
    if isinstance(place, tuple):
        return call.given[place[0]][place[1]]
    return call.given[place] if place in call.given else call.argument(lifter, place)


def axes_of(spec: VmapSpec, call: Call) -> list[tuple[Place, Any]]:
    """The positional arguments and what `in_dims` says of each, where it says that there is an axis."""
    params = [p for p in call.signature.parameters.values()
              if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL)]
    wanted: list[Place] = []
    for param in params:
        if param.kind is param.VAR_POSITIONAL:
            wanted += [(param.name, i) for i in range(len(call.given.get(param.name, ())))]
        elif param.name in call.given:
            wanted.append(param.name)
    wanted = wanted[:spec.count]
    dims = spec.in_dims
    if not isinstance(dims, tuple):
        return [(place, dims) for place in wanted] if dims is not None else []
    if isinstance(dims, Keyed) or len(dims) != len(wanted):
        raise BatchError(f"{spec.call}(<inputs>): in_dims does not fit the inputs: it has {len(dims)} items, "
                         f"{len(wanted)} are given")
    return [(place, axis) for place, axis in zip(wanted, dims, strict=True) if axis is not None]


def element_of(spec: VmapSpec, lifter: Lifter, call: Call, thing: Abstract, dims: Any, name: str) -> Abstract:
    """One element of a thing, along the axes that `dims` says."""
    if dims is None:
        return thing
    if isinstance(dims, tuple):
        items = items_of(thing)
        if isinstance(dims, Keyed) and isinstance(items, dict) and [k for k, _ in dims] == list(items):
            each = {k: element_of(spec, lifter, call, items[k], d, f"{name}[{k!r}]") for k, d in dims}
            return Object(thing.cls, each, thing.node) if isinstance(thing, Object) else Dict(each)
        if not isinstance(dims, Keyed) and isinstance(items, list) and len(items) == len(dims):
            made = [element_of(spec, lifter, call, item, d, f"{name}[{i}]")
                    for i, (item, d) in enumerate(zip(items, dims, strict=True))]
            return Tuple(made, thing.cls) if isinstance(thing, Tuple) else List(made)
        raise BatchError(f"{spec.call}(<inputs>): in_dims does not fit the inputs: `{name}` has no items for "
                         f"{shown(dims)}")
    atoms, build = flatten(thing)
    if not atoms and not isinstance(thing, (Tuple, List, Dict, Object)):
        if isinstance(spec.in_dims, tuple):
            raise BatchError(f"{spec.call}(<inputs>): got in_dim={dims} for `{name}`, which is no array but a "
                             f"{describe(thing)}: give it None in in_dims")
        return thing
    return build([one_of(spec, lifter, call, atom, dims, name, alone=atom is thing) for atom in atoms])


def items_of(thing: Abstract) -> Any:
    """What is in a container, a dict of the attributes of an object; None for anything else."""
    return thing.attributes if isinstance(thing, Object) else \
        thing.items if isinstance(thing, (Tuple, List, Dict)) else None


def one_of(spec: VmapSpec, lifter: Lifter, call: Call, atom: Atom, axis: Any, name: str, *, alone: bool) -> Atom:
    """One element of an array."""
    if isinstance(atom, Const) and (atom.value is None or isinstance(atom.value, str)) and not alone:
        return atom
    kind = atom.kind if isinstance(atom, Value) else None
    if isinstance(kind, Obj):
        raise Refused(f"`{name}`: it is not known here what is batched", "give it as a plain array, `np.asarray(…)`")
    if not isinstance(kind, Num) or kind.shape == ():
        what = describe(atom)
        raise BatchError(f"{spec.call}(<inputs>): got in_dim={axis} for `{name}`, which is no array but a {what}: "
                         "give it None in in_dims, or an array with an item for each sample")
    if kind.shape is None:
        raise Refused(f"`{name}`: the rank of what is batched must be known", "call the function with its arguments")
    assert isinstance(atom, Value)
    if not -len(kind.shape) <= axis < len(kind.shape):
        raise BatchError(f"{spec.call}(<inputs>): got in_dim={axis} for `{name}`, which has {len(kind.shape)} "
                         f"ax{'i' if len(kind.shape) == 1 else 'e'}s: it must be within "
                         f"[-{len(kind.shape)}, {len(kind.shape)})")
    axis %= len(kind.shape)
    rest = (*kind.shape[:axis], *kind.shape[axis + 1:])
    entry = registry.lookup(operator.getitem)
    assert entry is not None
    index: Any = (*[COLON] * axis, Const(0)) if axis else Const(0)
    (one,) = lifter.emit_call(entry, (atom, index), {}, [Num(kind.dtype, rest, "array" if rest else "np")])
    lifter.block.ops.pop()      # it stands for the element of any sample, and is not read
    one.hint = atom.hint
    call.elements[one] = atom, axis
    return one


def same_lengths(spec: VmapSpec, lifter: Lifter, given: list[tuple[Value, int]]) -> None:
    """All must have as many samples: where that is not known, it is found out when the program runs."""
    first, first_axis = given[0]
    length = dim_of(first, first_axis)
    for other, axis in given[1:]:
        dim = dim_of(other, axis)
        if dim == length:
            continue
        known = lengths()
        before = len(known.same)
        known.ask((length,), (dim,))
        if len(known.same) > before:
            raise Again
        if size_of(length) is None or size_of(dim) is None:
            lifter.emit(runtime.check_lengths, (first, Const(first_axis), other, Const(axis)), {}, [], effect=True)
        else:
            raise BatchError(f"{spec.call}(<inputs>): the arguments must have as many samples, `{first.hint}` has "
                             f"{size_of(length)}, `{other.hint}` has {size_of(dim)}")


def dim_of(array: Value, axis: int) -> Dim:
    """The length of an axis."""
    assert isinstance(array.kind, Num)
    assert array.kind.shape is not None
    return array.kind.shape[axis]


def size_of(dim: Dim) -> int | None:
    """How long an axis of the caller's is in this call; None of others."""
    if isinstance(dim, int):
        return dim
    source = lengths().sources.get(dim.key)
    return None if source is None else source.size


# -- what comes out ----------------------------------------------------------------------------------------


def transformed(spec: VmapSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The output for all samples.  What is traced is used up."""
    try:
        atoms, build = outputs(spec, traced.output)
        axes = list(out_axes(spec, traced.output, spec.out_dims))
    except Refused as error:
        raise located(spec.func, error, at_return=True) from None
    block, head = traced.block, Block()
    hand_on(block)
    block.results = list(atoms)
    given: dict[Value, Atom] = {}
    arrays: dict[tuple[Value, int], Value] = {}
    for leaf in traced.leaves():
        alias = traced.aliases[leaf]
        source = traced.elements.get(alias) if isinstance(alias, Value) else None
        if source is not None:
            given[leaf] = arrays[source] = arrays.get(source) or in_front(head, *source)
    substitute(block, {leaf: alias for leaf, alias in traced.aliases.items() if leaf not in given})
    array, axis = next(traced.elements[traced.aliases[leaf]] for leaf in given)     # type: ignore[index]
    dim = dim_of(array, axis)
    samples = samples_of(head, array, axis, dim)
    # What is never read need not be bound either: a loop that runs no time binds nothing.
    # A length that one arm of a branch computes is the same for all samples only if it stands before the branch.
    run_passes(Func(spec.name, [], block), (*(tidy or (drop_dead,)), hoist_from_arms))
    try:
        draws = frozenset(stmt for stmt in walk(block) if is_draw(stmt, block))
        if draws and spec.randomness == "error":
            raise Drawn(next(stmt for stmt in walk(block) if stmt in draws))
        apart: frozenset[Stmt] = draws if spec.randomness == "different" else frozenset()
        made = batched_block(block, given, free_values(block), samples, dim, axes, apart,
                             one_loop=spec.backend == "numba")
    except Drawn as error:
        message = "a draw of random numbers: the same for all samples, or others for each?"
        raise at_line(spec, error.stmt, Refused(message, 'say randomness="same" or randomness="different"')) from None
    except Uneven as error:
        message = "this has another length for each sample"
        remedy = "return arrays of one shape, or call the function in a loop"
        raise at_line(spec, error.stmt, Refused(message, remedy)) from None
    except (NoForm, Refused) as error:
        message = getattr(error, "message", "") or "this cannot be done for a batch"
        raise located(spec.func, Refused(message, getattr(error, "remedy", "")), at_return=True) from None
    made.ops[:0] = head.ops
    run_passes(Func(spec.name, [], made), tidy)
    results, made.results = made.results, []
    return replace(traced, block=made, output=build(results), aliases={})


class Drawn(Uneven):
    """A statement draws random numbers."""


def at_line(spec: VmapSpec, stmt: Stmt, error: Refused) -> CannotDifferentiate:
    """A refusal at the line of a statement."""
    origin = stmt.origin
    if origin is None:
        return located(spec.func, error, at_return=True)
    return CannotDifferentiate(Refusal(error.message, origin.file, origin.line, origin.text, remedy=error.remedy))


def is_draw(stmt: Stmt, block: Block) -> bool:
    """Does this draw random numbers?"""
    if not isinstance(stmt, Op) or not stmt.effect:
        return False
    module = getattr(stmt.fn, "__module__", None) or ""
    if module.startswith(("numpy.random", "random")) or type(getattr(stmt.fn, "__self__", None)).__name__ in GENERATORS:
        return True
    of = values_in(stmt.args[:1])
    made = [op for op in walk(block) if isinstance(op, Op) and not set(of).isdisjoint(op.results)]
    of += [v for op in made for v in values_in(op.args[:1])]
    return any(isinstance(v.kind, Obj) and v.kind.type in GENERATORS for v in of)


def in_front(head: Block, array: Value, axis: int) -> Value:
    """An array with the axis for the samples in front."""
    if axis == 0:
        return array
    kind = array.kind
    assert isinstance(kind, Num)
    assert kind.shape is not None
    shape = (kind.shape[axis], *kind.shape[:axis], *kind.shape[axis + 1:])
    new = Num(kind.dtype, shape, "array")
    if len(shape) == 2:
        return head.emit(np.transpose, array, kind=new, hint=array.hint, spelling="attr")
    return head.emit(np.moveaxis, array, Const(axis), Const(0), kind=new, hint=array.hint)


def samples_of(head: Block, array: Value, axis: int, dim: Dim) -> Atom:
    """How many samples there are."""
    if isinstance(dim, int):
        return Const(dim)
    kind = Num("int64", (), "py", length=dim)
    return head.emit(len, array, kind=kind, hint="n") if axis == 0 else \
        head.emit(operator.getitem, head.emit(np.shape, array, kind=shape_kind(array), spelling="attr"), Const(axis),
                  kind=kind, hint="n")


def shape_kind(array: Value) -> Any:
    """The kind of a shape."""
    rule = registry.lookup(np.shape)
    assert rule is not None
    return rule.kind(array.kind)


def outputs(spec: VmapSpec, output: Abstract) -> tuple[list[Atom], Any]:
    """The numbers and arrays of what is returned; refuses what cannot be had for a batch."""
    if isinstance(output, Poison):
        raise Refused(output.message or output.ends or "nothing is returned", output.remedy)
    atoms, build = flatten(output)
    known = isinstance(output, (Tuple, List, Dict, Object, Value, Const))
    for atom in atoms:
        ok = isinstance(atom, Value) and isinstance(atom.kind, Num) or isinstance(atom, Const) and (
            isinstance(atom.value, (bool, int, float, np.generic)) or atom is not output and atom.value is None)
        known = known and ok
    if not known:
        bad = next((a for a in atoms if not (isinstance(a, Value) and isinstance(a.kind, Num)
                                             or isinstance(a, Const) and isinstance(a.value, (bool, int, float)))),
                   output)
        what = "None" if isinstance(bad, Const) and bad.value is None else \
            "list whose length is known only at run time" if isinstance(bad, Value) and isinstance(bad.kind, Seq) \
            else describe(bad)
        raise Refused(f"`{spec.name}` returns a {what}: for a batch it must return numbers and arrays",
                      "return numbers and arrays, in tuples, lists or dicts")
    return atoms, build


def out_axes(spec: VmapSpec, output: Abstract, dims: Any) -> Iterator[int | None]:
    """For each number or array that is returned, where its axis for the samples is to stand."""
    if isinstance(dims, tuple):
        items = items_of(output)
        keyed = isinstance(dims, Keyed)
        if keyed and isinstance(items, dict) and [k for k, _ in dims] == list(items):
            for key, inner in dims:
                yield from out_axes(spec, items[key], inner)
        elif not keyed and isinstance(items, list) and len(items) == len(dims):
            for item, inner in zip(items, dims, strict=True):
                yield from out_axes(spec, item, inner)
        elif not keyed and len(dims) == 1 and items is None:
            yield from out_axes(spec, output, dims[0])
        else:
            raise BatchError(f"vmap({spec.name}, ..., out_dims={shown(spec.out_dims)}): out_dims does not fit what is "
                             "returned")
        return
    for atom in flatten(output)[0]:
        kind = atom.kind if isinstance(atom, Value) else None
        ndim = len(kind.shape) + 1 if isinstance(kind, Num) and kind.shape is not None else 1
        if dims is not None and not -ndim <= dims < ndim:
            raise BatchError(f"vmap({spec.name}, ..., out_dims={shown(spec.out_dims)}): axis {dims} is out of range "
                             f"for a result with {ndim} ax{'i' if ndim == 1 else 'e'}s")
        yield dims if dims is None else dims % ndim


def returned(spec: VmapSpec, output: Abstract) -> Abstract:
    """What `transformed` gives, as it is."""
    return output


def hand_out(spec: VmapSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let a function that holds the statements return that."""
    func.body.results = [to_arg(made.output)]
