"""Tangents by rules of the user's own, and by rules that write their statements themselves.

>>> from ad_compiler import custom_jvp, jvp
>>> @custom_jvp
... def square(x):
...     return x * x
>>> @square.defjvp
... def square_jvp(x, *, out, x_dot):
...     return 2.0 * x * x_dot
>>> jvp(square, (3.0,), (1.0,))
(9.0, 6.0)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.adjoint.own import RETURN_ONE, apart, fitting, misfit, reads_the_world
from ad_compiler.errors import Refused
from ad_compiler.ir import Atom, Const, Op, Value
from ad_compiler.kinds import NotStatic, Num
from ad_compiler.read.abstract import (
    Abstract,
    Dict,
    Object,
    Poison,
    Sequence,
    Tuple,
    flatten,
    is_real,
    kind_of,
    to_arg,
)
from ad_compiler.rules import registry
from ad_compiler.tangent.derived import NotLinear

if TYPE_CHECKING:
    from ad_compiler.tangent.forward import Forward


def own_tangent(forward: Forward, op: Op, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract]
                ) -> Atom | None:
    """The tangent of an op's result, as the rule has it."""
    assert rule.tangent is not None
    out = op.results[0]
    if isinstance(rule.tangent, registry.Written):
        made = rule.tangent.write(forward.lifter, args, {**kwargs, "out": out, "dots": forward.dots})
        return None if isinstance(made, Const) and made.value is None else made
    name = f"the tangent of `{rule.fn.__name__}`"
    given = dots_given(forward, rule, args, kwargs)
    mark = len(forward.lifter.block.ops)
    try:
        if reads_the_world(rule.tangent):
            raise NotStatic("what the rule reads may change")
        named = {**kwargs, "out": out, **given}
        found = forward.templates.inline(rule.tangent, [apart(forward.lifter, arg) for arg in args],
                                         {key: apart(forward.lifter, thing) for key, thing in named.items()})
        if isinstance(found, Poison):
            raise NotStatic("the rule raises")
    except (NotStatic, Refused):
        del forward.lifter.block.ops[mark:]
        dots = {key: to_arg(dot) for key, dot in given.items()}
        named = {k: to_arg(v) for k, v in kwargs.items()}
        call = Const(rule.fn), tuple(map(to_arg, args)), named, out, dots
        (made,) = forward.lifter.emit(registry.call_tangent, call, {}, [out.kind])
        return made
    if isinstance(found, Const) and found.value is None:
        raise NotLinear(f"{name} returns None", RETURN_ONE)
    fault = misfit(out, found, "a tangent")
    if fault:
        raise NotLinear(f"the rule of `{rule.fn.__name__}` gives {fault}", RETURN_ONE)
    return fitting(forward.lifter, found, out, name)


def along_loops(forward: Forward, op: Op, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract]
                ) -> Atom:
    """The tangent of an op's result, by a rule whose cotangents are made by loops or branches."""
    written = getattr(rule, "along", None)
    if written is None:
        raise NotStatic("a derivative with branches or loops")
    made: Atom = written.write(forward.lifter, args, {**kwargs, "out": op.results[0], "dots": forward.dots})
    return made


def dots_given(forward: Forward, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract]
               ) -> dict[str, Abstract]:
    """The tangents that a rule asks for, zeros among them; refuses where it does not ask for one that is not zero."""
    given: dict[str, Abstract] = {}
    for param, thing in rule.signature.bind(*args, **kwargs).arguments.items():
        if f"{param}_dot" in rule.dot_names:
            given[f"{param}_dot"] = tangent_of(forward, as_abstract(thing))
        elif any(v in forward.dots for v in values_in_abstract(as_abstract(thing))):
            raise NotLinear(untaken(rule, param), "let it take that")
    return given | defaults(rule, set(given))


def untaken(rule: registry.Rule, param: str) -> str:
    """That a rule takes no tangent of a parameter, in words."""
    return f"the tangent of `{rule.fn.__name__}` takes no `{param}_dot`, but `{param}` is differentiated"


def as_abstract(thing: Any) -> Abstract:
    """What is bound to a parameter; of *args and **kwargs as one thing."""
    return Tuple(list(thing)) if isinstance(thing, tuple) else Dict(dict(thing)) if isinstance(thing, dict) else thing


def defaults(rule: registry.Rule, given: set[str]) -> dict[str, Abstract]:
    """The tangents of parameters that keep their defaults: zero of a number, None of what is none."""
    params = rule.signature.parameters
    absent = [name for name in rule.dot_names if name not in given]
    return {name: Const(0.0 if type(params[name.removesuffix("_dot")].default) in (int, float) else None)
            for name in absent}


def tangent_of(forward: Forward, thing: Abstract) -> Abstract:
    """The tangent of an argument, in its structure: zeros where it is zero, None for what is no number."""
    atoms, build = flatten(thing)
    return build([forward.filled(atom) if is_real(atom) else zero_of(forward.lifter, atom) for atom in atoms])


def zero_of(lifter: Any, atom: Atom) -> Abstract:
    """The tangent of what has none: zeros of integers, None of what is no number."""
    kind = kind_of(atom)
    if not isinstance(kind, Num):
        return Const(None)
    return lifter.calls.call(Const(np.zeros_like), [atom], {"dtype": Const(float)}) if kind.is_array else Const(0.0)


def values_in_abstract(thing: Abstract) -> list[Value]:
    """The values in an argument, however deep."""
    if isinstance(thing, Sequence):
        return [v for item in thing.items for v in values_in_abstract(item)]
    if isinstance(thing, Dict):
        return [v for item in thing.items.values() for v in values_in_abstract(item)]
    if isinstance(thing, Object):
        return [v for item in thing.attributes.values() for v in values_in_abstract(item)]
    return [thing] if isinstance(thing, Value) else []
