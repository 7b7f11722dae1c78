"""`grad`: what a function does becomes its value, what it returns beside it, and its gradients.

>>> import math
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, block.emit(np.exp, x, hint="y", kind=FLOAT))
>>> made = transformed(GradSpec(math.exp), traced, ())
>>> made.block.results = [to_arg(made.output)]
>>> print(show(Func("exp_grad", [x], made.block)))
def exp_grad(x):
    y = exp(x)
    x_bar = mul(1.0, y)
    return (y, None, x_bar)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.differentiate import differentiate
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.analyse.alike import together
from ad_compiler.analyse.private import make_private
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Atom, Block, Const, Func, Op, Value, operands, walk
from ad_compiler.kinds import Dim, Num, Obj
from ad_compiler.optimise.results import Projection
from ad_compiler.passes import Pass
from ad_compiler.read.abstract import (
    Abstract,
    Dict,
    List,
    Object,
    Poison,
    Sequence,
    Tuple,
    describe,
    flatten,
    kind_of,
    to_arg,
)
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import compare
from ad_compiler.spec import GradSpec, Place, Spec
from ad_compiler.trace import Call, Traced, Watched, located, parts_of


def title(spec: GradSpec) -> str:
    """What the function that is made is called."""
    return f"{spec.name}_{'value_and_grad' if spec.with_value else 'grad'}"


def places(spec: GradSpec, lifter: Lifter, call: Call) -> list[Place]:
    """The arguments of a call to differentiate; refuses what has no derivative."""
    return checked(spec, lifter, call, spec.positions(call.signature, call.rest))


def checked(spec: Spec, lifter: Lifter, call: Call, places: list[Place]) -> list[Place]:
    """These places; refuses what has no derivative."""
    for place in places:
        thing = call.argument(lifter, place)
        try:
            check_differentiable(thing, place if isinstance(place, str) else f"{place[0]}[{place[1]}]")
        except Refused as error:
            raise located(spec.func, error, at_return=False) from None
    return places


def transformed(spec: GradSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The value, aux (None without) and gradients, as a tuple, of a function that gives the value.

    `tidy` are the passes run before it is decided what has to be recorded.  What is traced is used up.
    """
    try:
        value, aux = split_output(spec, traced.output)
        check_scalar(spec, value)
    except Refused as error:
        raise located(spec.func, error, at_return=True) from None
    if shows_when_it_runs(value, traced.block):
        traced.block.ops.append(Op(runtime.check_single, (value,), {}, [], effect=True))
    grads, kept = pulled_back(traced, [(value, Const(1.0))], [value, aux], tidy, spec.memory)
    return replace(traced, output=Tuple([*kept, *grads]))


def pulled_back(traced: Traced, seeds: Iterable[tuple[Atom, Atom]], keep: list[Abstract],
                tidy: tuple[Pass, ...], memory: int | None = None, apart: bool = False
                ) -> tuple[list[Abstract], list[Abstract]]:
    """The gradients for what is watched, from outputs and their cotangents; and `keep` as it stands afterwards.

    `apart`: the reverse sweep becomes a function of its own.
    """
    wrt = traced.leaves()
    compare(traced.block)
    make_private(traced.block)
    together(traced.block)
    grads, kept = differentiate(traced.block, seeds, wrt, [to_arg(thing) for thing in keep], tidy, Collector(),
                                alone=not traced.nested, memory=memory, apart=apart)
    if traced.nested and not apart:
        lifter = Lifter(traced.block, watching=False)
        grads = [as_like(lifter, bar, leaf, traced.widened) for bar, leaf in zip(grads, wrt, strict=True)]
    found = traced.in_place([*grads, *kept])
    by_leaf = dict(zip(wrt, found, strict=False))
    return [gradient(watched, by_leaf) for watched in traced.inputs], list(map(to_abstract, found[len(wrt):]))


def as_like(lifter: Lifter, bar: Atom, like: Atom, widened: bool) -> Atom:
    """A derivative that the function goes on with: a Python float, or in the dtype, of what it belongs to.

    `widened`: what is said to be of double precision may be of single precision when it runs.
    """
    given, wanted = kind_of(bar), kind_of(like)
    if not isinstance(given, Num) or not isinstance(wanted, Num) or not wanted.real:
        return bar
    if widened and wanted.form == "np" and wanted.dtype == "float64":
        return lifter.block.emit(runtime.cast_like, bar, like, kind=wanted)
    if isinstance(bar, Const) and wanted.form == "np":
        return Const(np.dtype(wanted.dtype).type(bar.value))
    python = wanted.form == "py" and given.form == "np"
    if not python and given.dtype == wanted.dtype:
        return bar
    made: Atom = lifter.calls.call(Const(float), [bar], {}) if python else \
        lifter.calls.call(Const(runtime.cast_like), [bar, like], {})
    return made


def gradient(of: Watched, by_leaf: dict[Value, Atom]) -> Abstract:
    """The gradient for an argument, in its structure: the cotangents of its leaves, and zero for what is no value."""
    return of.build([by_leaf[a] if isinstance(a, Value) else a if is_label(a) else Const(0.0) for a in of.atoms])


def returned(spec: GradSpec, output: Abstract) -> Abstract:
    """What `transformed` gives, as the gradient function returns it."""
    value, aux, *found = output.items
    grads = found[0] if spec.single else Tuple(found)
    if spec.with_value:
        return Tuple([Tuple([value, aux]) if spec.has_aux else value, grads])
    return Tuple([grads, aux]) if spec.has_aux else grads


def hand_out(spec: GradSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let a function that holds the statements return what was made, gradients with types and dtypes of arguments."""
    value, aux, *grads = made.output.items
    if isinstance(value, Value) and not value.hint:
        value.hint = "value"
    finished = fitted(func, made.inputs, grads, params)
    func.gradients = (1,) if spec.with_value else (0,) if spec.has_aux else ()
    func.body.results = [to_arg(returned(spec, Tuple([value, aux, *finished])))]


def fitted(func: Func, inputs: list[Watched], grads: list[Abstract], params: dict[str, Parameter]) -> list[Abstract]:
    """Gradients in types and dtypes of the arguments, and called after them."""
    projection = Projection(func.body)
    finished: list[Abstract] = []
    for watched, thing in zip(inputs, grads, strict=True):
        holder, at = parts_of(watched.place)
        target = params[holder].thing if at is None else params[holder].thing.items[at]
        wanted = flatten(target)[0]
        atoms, build = flatten(thing)
        for atom, like in zip(atoms, wanted, strict=True):
            name_after(atom, like, func)
        finished.append(build([atom if is_label(atom) else projection.project(atom, like)
                               for atom, like in zip(atoms, wanted, strict=True)]))
    return finished


def name_after(atom: Any, like: Any, func: Func) -> None:
    """A gradient is called after its argument, where it has no better claim to another name."""
    if isinstance(atom, Value) and isinstance(like, Value) and is_unnamed(atom, func):
        atom.hint = f"{like.hint}_bar"


def is_unnamed(value: Value, func: Func) -> bool:
    """Is this neither the function's own, nor called as the user has called it?"""
    if value in func.params or value in func.refs:
        return False
    made_up = value.hint.endswith("_bar") or value.hint.startswith("~") or not value.hint
    return made_up and value.hint not in {f"{p.hint}_bar" for p in func.params}


def check_differentiable(thing: Abstract, name: str) -> None:
    """Refuse integers, booleans and objects as arguments to differentiate, and name what is one."""
    if not flatten(thing)[0] and not isinstance(thing, (Tuple, List, Dict)):
        raise Refused(f"argument `{name}` is a {describe(thing)} and cannot be differentiated")
    for place, atom in places_in(thing, name):
        kind = kind_of(atom)
        if isinstance(atom, Const) and (isinstance(atom.value, float) or atom is not thing and is_label(atom)):
            continue
        if isinstance(atom, Value) and isinstance(kind, Num) and kind.real:
            continue
        if not isinstance(kind, Num):
            raise Refused(f"argument `{name}` holds a {describe(atom)}, which cannot be differentiated",
                          "name another argument in argnums")
        if np.dtype(kind.dtype).kind == "f":
            raise Refused(f"{'argument ' if place == name else ''}`{place}` has its bytes in another order than this "
                          "machine", f"pass `{place}.astype(float)`")
        what = {"b": "boolean", "c": "complex"}.get(np.dtype(kind.dtype).kind, "integer")
        fix = "pass its real and imaginary parts" if what == "complex" else \
            f"pass `{f'{place}.astype(float)' if kind.is_array else f'float({place})'}`"
        raise Refused(f"{'argument ' if place == name else ''}`{place}` is {what}: a derivative needs real numbers",
                      fix if place == name else f"{fix}, or give it as an argument of its own")


def places_in(thing: Abstract, name: str) -> Iterator[tuple[str, Atom]]:
    """The numbers, arrays and other things in a container, each with what one writes for it."""
    if isinstance(thing, Dict):
        parts = [(f"{name}[{key!r}]", part) for key, part in thing.items.items()]
    elif isinstance(thing, Sequence):
        fields = getattr(getattr(thing, "cls", None), "_fields", None)
        parts = [(f"{name}.{fields[at]}" if fields else f"{name}[{at}]", part) for at, part in enumerate(thing.items)]
    elif isinstance(thing, Object):
        parts = [(f"{name}.{key}", thing.attributes[key]) for key in thing.children]
    else:
        yield from ((name, atom) for atom in flatten(thing)[0])
        return
    for place, part in parts:
        yield from places_in(part, place)


def is_label(atom: Atom) -> bool:
    """A string or None in a container: the gradient has it too."""
    return isinstance(atom, Const) and (atom.value is None or isinstance(atom.value, str))


def split_output(spec: GradSpec, output: Abstract) -> tuple[Abstract, Abstract]:
    """The scalar, and aux (None without)."""
    if isinstance(output, Poison):
        raise Refused(output.message or output.ends or "nothing is returned", output.remedy)
    if not spec.has_aux:
        if isinstance(output, (Tuple, List, Dict)):
            word = describe(output)
            raise Refused(f"`{spec.name}` returns a {word}: a gradient needs a single real number",
                          "return a scalar; with has_aux=True return (scalar, aux)")
        return output, Const(None)
    if not isinstance(output, Sequence) or len(output.items) != 2:
        raise Refused(f"has_aux=True: `{spec.name}` must return (scalar, aux), not {describe(output)}",
                      "return a pair")
    return output.items[0], output.items[1]


def shows_when_it_runs(value: Abstract, block: Block) -> bool:
    """Does what is read out of the world decide whether this is a single number?"""
    kind = value.kind if isinstance(value, Value) else None
    if not isinstance(kind, Obj) and not (isinstance(kind, Num) and kind.shape is None):
        return False
    return any(isinstance(v.kind, Obj) for op in walk(block) if type(op) is Op for v in operands(op))


def check_scalar(spec: GradSpec, value: Abstract) -> None:
    """Refuse an output that is not a single real number."""
    if isinstance(value, Const) and isinstance(value.value, (int, float, np.floating)):
        return
    if isinstance(value, Value) and isinstance(value.kind, Num):
        kind = value.kind
        if kind.shape is None or kind.shape == ():
            if kind.dtype.startswith("complex"):
                raise Refused(f"`{spec.name}` returns a complex number: a gradient needs a real one",
                              "return its real part")
            return
        shape = ", ".join(map(length_text, kind.shape))
        raise Refused(f"`{spec.name}` returns an array of shape ({shape}{',' if len(kind.shape) == 1 else ''}): "
                      "a gradient needs a single real number", "sum it, `.sum()`, or ask for a Jacobian")
    if isinstance(value, Value) and isinstance(value.kind, Obj):
        return      # of an unknown function: what stands in the way is reported where it is called
    what = "None" if isinstance(value, Const) and value.value is None else f"a {describe(value)}"
    raise Refused(f"`{spec.name}` returns {what}: a gradient needs a single real number", "return a scalar")


def length_text(dim: Dim) -> str:
    """A length as people write it: `x.shape[0] - 1`."""
    if isinstance(dim, int):
        return str(dim)
    if isinstance(dim.key, str) and "." in dim.key:
        name, _, axis = dim.key.rpartition(".")
        return f"{name.removeprefix('global ')}.shape[{axis}]"
    if isinstance(dim.key, tuple) and dim.key[0] == "minus":
        return f"{length_text(dim.key[1])} - {dim.key[2]}"
    return dim.key if isinstance(dim.key, str) else "n"
