"""`vjp`: what a function does becomes its output, and what is to be kept for cotangents to be pulled back later.

>>> import numpy as np
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Block, show
>>> from ad_compiler.kinds import FLOAT
>>> from ad_compiler.trace import Watched
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(np.tanh, x, hint="y", kind=FLOAT)
>>> traced = Traced([Watched("x", [x], lambda atoms: atoms[0])], block, Tuple([y, x]))
>>> made = transformed(VjpSpec(np.tanh, 1), traced, ())
>>> func = Func("tanh_vjp", [x], made.block)
>>> hand_out(VjpSpec(np.tanh, 1), func, made, {"x": Parameter("x", x, x)})
>>> print(show(func))
def tanh_vjp(x):
    y = tanh(x)
    return ((y, x), (y,))
>>> print(show(func.back))
def tanh_pullback(y, y_bar, x_bar):
    t = mul(y, y)
    t_2 = sub(1.0, t)
    t_3 = mul(y_bar, t_2)
    x_bar_2 = add(x_bar, t_3)
    return (x_bar_2,)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ad_compiler.adjoint.pairs import name_apart, sweeps
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Func, Value, free_values, substitute
from ad_compiler.kinds import Num, Obj, Seq
from ad_compiler.passes import Pass
from ad_compiler.read.abstract import Abstract, Poison, Tuple, describe, flatten, is_real, kind_of, to_arg
from ad_compiler.read.entry import Parameter
from ad_compiler.read.lift import Lifter
from ad_compiler.spec import Place, Spec, VjpSpec
from ad_compiler.trace import Call, Traced, located
from ad_compiler.transforms.fitting import cotangents
from ad_compiler.transforms.grad import checked, fitted, pulled_back

__all__ = ["hand_out", "places", "returned", "title", "transformed"]


@dataclass
class Pulled(Traced):
    """What a function does, and the reverse sweep of that from `seeds`, the cotangents of what it returns."""

    seeds: list[Value] = field(default_factory=list)


def title(spec: VjpSpec) -> str:
    """What the function that is made is called."""
    return f"{spec.whole_name}_vjp"


def places(spec: VjpSpec, lifter: Lifter, call: Call) -> list[Place]:
    """The arguments of a call that hold real numbers; refuses those that hold others beside them."""
    found = spec.positions(call.signature, call.rest)
    real = [place for place in found if any(map(is_real, flatten(call.argument(lifter, place))[0]))]
    return checked(spec, lifter, call, real)


def transformed(spec: VjpSpec, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
    """The function's output, aux (None without), and the cotangents of its arguments, as a tuple.

    What is traced is used up.
    """
    try:
        value, aux = split_output(spec, traced.output)
        leaves = [atom for atom in flatten(value)[0] if is_leaf(spec, atom)]
    except Refused as error:
        raise located(spec.func, error, at_return=True) from None
    if not traced.nested:       # the sweeps are two functions
        seeds = [Value(f"{atom.hint}_bar" if isinstance(atom, Value) and atom.hint else "out_bar", kind_of(atom))
                 for atom in leaves]
        grads, kept = pulled_back(traced, zip(leaves, seeds, strict=True), [value, aux], tidy, apart=True)
        return Pulled(traced.inputs, traced.block, Tuple([*kept, *grads]), traced.aliases, traced.watches, seeds=seeds)
    if not spec.pulled:
        return replace(traced, output=Tuple(list(map(to_abstract, traced.in_place([to_arg(value), to_arg(aux)])))))
    (bar,) = traced.beside
    given = cotangents(value, bar, spec.name, traced.widened)
    grads, kept = pulled_back(traced, zip(leaves, given, strict=True), [value, aux], tidy)
    return replace(traced, output=Tuple([*kept, *grads]))


def is_leaf(spec: Spec, atom: Atom) -> bool:
    """Has a part of the output a cotangent?  Refuses those of which that is not known."""
    kind = kind_of(atom)
    if isinstance(kind, Seq) or isinstance(atom, Value) and isinstance(kind, Obj):
        raise Refused(f"`{spec.name}` returns a {describe(atom)}, of which no cotangent is known",
                      "return numbers, arrays, and containers of a known length")
    if isinstance(kind, Num) and kind.dtype.startswith("complex"):
        raise Refused(f"`{spec.name}` returns a complex number: complex numbers are not supported yet",
                      "return its real and imaginary parts")
    return is_real(atom)


def split_output(spec: Any, output: Abstract) -> tuple[Abstract, Abstract]:
    """The output, and aux (None without)."""
    if isinstance(output, Poison):
        raise Refused(output.message or output.ends or "nothing is returned", output.remedy)
    if not spec.has_aux:
        return output, Const(None)
    if not isinstance(output, Tuple) or len(output.items) != 2:
        raise Refused(f"has_aux=True: `{spec.name}` must return (output, aux), not {describe(output)}", "return a pair")
    return output.items[0], output.items[1]


def returned(spec: VjpSpec, output: Abstract) -> Abstract:
    """The function's output, and aux beside it; or the cotangents, where they are asked for."""
    value, aux, *grads = output.items
    if spec.pulled:
        return Tuple(grads)
    return Tuple([value, aux]) if spec.has_aux else value


def hand_out(spec: VjpSpec, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
    """Let `func` return the output and what is saved for `func.back`, which takes that and cotangents of the output."""
    assert isinstance(made, Pulled)
    grads = fitted(func, made.inputs, made.output.items[2:], params)
    forward, backward = sweeps(func.body)
    backward.results = [to_arg(Tuple(grads))]
    saved = [v for v in free_values(backward) if v not in made.seeds]
    inside = {v: Value(v.hint or unnamed(v), v.kind) for v in saved}        # so that names are each function's own
    substitute(backward, dict(inside))
    given = [*inside.values(), *made.seeds]
    name_apart(given)
    func.back = Func(f"{spec.whole_name}_pullback", given, backward, bind_all=True)
    forward.results = [(to_arg(returned(spec, made.output)), tuple(saved))]
    func.body, func.gradients, func.bind_all = forward, (1,), True


def unnamed(value: Value) -> str:
    """What something is called that the user has given no name."""
    whole = isinstance(value.kind, Num) and value.kind.dtype.startswith("int")
    return "trail" if isinstance(value.kind, Seq) else "n" if whole else "t"
