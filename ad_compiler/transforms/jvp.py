"""`jvp`: what a function does becomes its output and the tangent of that, for tangents of its arguments.

>>> import math
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.trace import Watched
>>> x, x_dot, block = Value("x", FLOAT), Value("x_dot", FLOAT), Block()
>>> y = block.emit(np.exp, x, hint="y", kind=FLOAT)
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, y, beside=[x_dot])
>>> made = transformed(JvpSpec(math.exp, 1), traced, ())
>>> made.block.results = [to_arg(made.output)]
>>> print(show(Func("exp_jvp", [x, x_dot], made.block)))
def exp_jvp(x, x_dot):
    y = exp(x)
    y_dot = mul(x_dot, y)
    return (y, y_dot, None)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Atom, Block, Const, Func, Op, Value
from ad_compiler.kinds import Num, Obj
from ad_compiler.optimise.results import Projection
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.abstract import (
    Abstract,
    Tuple,
    flatten,
    is_real,
    kind_of,
    to_arg,
)
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import compare, lengths
from ad_compiler.read.restarts import Again
from ad_compiler.read.statements.regions import hand_on
from ad_compiler.spec import JvpSpec, Place, name_of
from ad_compiler.tangent.forward import Forward
from ad_compiler.trace import Call, Traced, located
from ad_compiler.transforms.fitting import Names, check_alike
from ad_compiler.transforms.grad import as_like, checked, is_label
from ad_compiler.transforms.vjp import split_output


def title(spec: JvpSpec) -> str:
    """What the function that is made is called."""
    return f"{name_of(spec.func.__wrapped__)}_hvp" if spec.alone else f"{spec.whole_name}_jvp"


def places(spec: JvpSpec, lifter: Lifter, call: Call) -> list[Place]:
    """The arguments of a call to differentiate: all that were given; refuses what has no derivative."""
    return checked(spec, lifter, call, spec.positions(call.signature))


def transformed(spec: JvpSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The output, its tangent, and aux (None without), as a tuple.  What is traced is used up."""
    return replace(traced, output=Tuple(swept(spec, traced, lambda: seeds(traced), tidy)))


def swept(spec: Any, traced: Traced, seeds: Callable[[], dict[Value, Atom]], tidy: tuple[Pass, ...]) -> list[Abstract]:
    """The output, its tangent, and aux, from the tangents of what the inputs are made of."""
    try:
        out, aux = split_output(spec, traced.output)
        atoms, build = flatten(out)
        if not atoms and not isinstance(out, Tuple):
            to_arg(out)
    except Refused as error:
        raise located(spec.func, error, at_return=True) from None
    block = traced.block
    compare(block)
    hand_on(block)
    forward = Forward(block, seeds(), Collector())
    forward.run()
    forward.demand(atoms)
    forward.lifter.block = block
    dots = [tangent(forward, atom) for atom in atoms]
    if traced.nested:
        dots = [as_like(forward.lifter, dot, atom, traced.widened) if is_real(atom) else dot
                for dot, atom in zip(dots, atoms, strict=True)]
    if lengths().again:
        raise Again
    block.results = [to_arg(out), to_arg(build(dots)), to_arg(aux)]
    run_passes(Func("tangent", [], block), tidy)
    results, block.results = traced.in_place(block.results), []
    return list(map(to_abstract, results))


def seeds(traced: Traced) -> dict[Value, Atom]:
    """The tangents of what the inputs are made of; refuses those that do not fit."""
    found: dict[Value, Atom] = {}
    for at, (watched, given) in enumerate(zip(traced.inputs, traced.beside, strict=True)):
        names = Names("jvp", f"tangents[{at}]", f"primals[{at}]", "a tangent", "its argument")
        check_alike(watched.build(watched.atoms), given, names, compared=not traced.nested)
        for leaf, dot in zip(watched.atoms, flatten(given)[0], strict=True):
            if isinstance(leaf, Value) and isinstance(dot, Value) and not traced.nested:
                dot.kind = leaf.kind
                dot.hint = dot.hint if dot is given else f"{leaf.hint}_dot"
            if isinstance(leaf, Value):
                dot = Const(float(dot.value)) if isinstance(dot, Const) else dot
                found[leaf] = in_precision(traced.block, leaf, dot)
    return found


def in_precision(block: Block, leaf: Value, dot: Atom) -> Atom:
    """A tangent that is a number of Python's, as it is beside a number of NumPy's of fewer digits."""
    of, given = leaf.kind, kind_of(dot)
    if not isinstance(of, Num) or of.form == "py" or of.dtype == "float64" or not of.real or not (
            isinstance(given, Num) and given.form == "py"):
        return dot
    cast = np.dtype(of.dtype).type
    if isinstance(dot, Const):
        return Const(float(cast(dot.value)))
    made = Value(f"{leaf.hint}_dot", Num(of.dtype, (), "np"))
    block.ops.insert(0, Op(cast, (dot,), {}, [made]))
    return made


def tangent(forward: Forward, atom: Atom) -> Atom:
    """The tangent of what is returned; that of an integer is zero, and a label is its own."""
    dot = forward.dot_of(atom)
    if dot is not None or is_label(atom):
        return atom if dot is None else dot
    kind = atom.kind if isinstance(atom, Value) else None
    if isinstance(kind, Obj):
        return atom
    if isinstance(kind, Num) and not kind.real and kind.shape != ():
        made: Atom = forward.lifter.apply(np.zeros_like, [atom])
        return made
    if isinstance(kind, Num) and not kind.real or isinstance(atom, Const) and isinstance(atom.value, (bool, int)):
        return Const(0)
    return forward.filled(atom)


def returned(spec: JvpSpec, output: Abstract) -> Abstract:
    """What `transformed` gives, as the user is given it."""
    out, dot, aux = output.items
    if spec.alone:
        return Tuple([dot, aux]) if spec.has_aux else dot
    return output if spec.has_aux else Tuple([out, dot])


def hand_out(spec: JvpSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let a function that holds the statements return that, tangents with types and dtypes of what they belong to."""
    out, dot, aux = made.output.items
    func.gradients, func.forward = (1,) if not spec.alone else (0,) if spec.has_aux else (), True
    func.body.results = [to_arg(returned(spec, Tuple([out, fitted(func, out, dot), aux])))]


def fitted(func: Func, out: Abstract, dot: Abstract) -> Abstract:
    """The tangent of an output, in its types and dtypes, and called after it."""
    projection = Projection(func.body)
    outs, (dots, build) = flatten(out)[0], flatten(dot)
    for atom, like in zip(dots, outs, strict=True):
        if isinstance(atom, Value) and not atom.hint and isinstance(like, Value) and like.hint:
            atom.hint = f"{like.hint}_dot"
    return build([projection.as_made(atom, like) if is_real(like) else atom
                  for atom, like in zip(dots, outs, strict=True)])
