"""`grad` as a transform of the intermediate form: bind, read, differentiate, put the results together.

Both ways in meet here: a call of a gradient function from Python, and a call of one inside a function that
is read.
"""

from __future__ import annotations

import inspect
from typing import Any

import gast
import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.differentiate import as_forward, differentiate
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.analyse.alike import together
from ad_compiler.analyse.private import make_private
from ad_compiler.errors import CannotDifferentiate, Collector, Refusal, Refused
from ad_compiler.ir import Atom, Block, Const, Func, Value, substitute
from ad_compiler.kinds import FLOAT, Dim, Num, Obj
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.abstract import (
    Abstract,
    Bound,
    Closure,
    Dict,
    Instance,
    List,
    Memory,
    Poison,
    Tuple,
    describe,
    flatten,
    to_arg,
)
from ad_compiler.read.join import link_sources
from ad_compiler.read.lengths import compare
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory import containers_in
from ad_compiler.read.parse import source_of
from ad_compiler.rules import registry
from ad_compiler.spec import Spec


def callee_of(spec: Spec) -> Abstract:
    """The function of a transform as the reader calls it."""
    return spec.func if isinstance(spec.func, (Closure, Bound)) else Const(spec.func)


def signature_of(func: Any) -> inspect.Signature:
    """Parameters of a function, of a nested one that is only read too; defaults of those are placeholders."""
    if isinstance(func, Bound):
        inner = signature_of(func.fn.value if isinstance(func.fn, Const) else func.fn)
        params = list(inner.parameters.values())[len(func.args):]
        return inner.replace(parameters=[p for p in params if p.name not in func.kwargs])
    rule = registry.lookup(func)
    if rule is not None:
        return rule.signature
    if not isinstance(func, Closure):
        return inspect.signature(func)
    spec, kind = func.node.args, inspect.Parameter
    positional: list[tuple[str, Any]] = [(a.id, kind.POSITIONAL_ONLY) for a in spec.posonlyargs]
    positional += [(a.id, kind.POSITIONAL_OR_KEYWORD) for a in spec.args]
    first = len(positional) - len(func.defaults)
    params = [kind(n, k, default=func.defaults[i - first] if i >= first else kind.empty)
              for i, (n, k) in enumerate(positional)]
    if spec.vararg is not None:
        params.append(kind(spec.vararg.id, kind.VAR_POSITIONAL))
    params += [kind(a.id, kind.KEYWORD_ONLY, default=func.kw_defaults.get(a.id, kind.empty)) for a in spec.kwonlyargs]
    if spec.kwarg is not None:
        params.append(kind(spec.kwarg.id, kind.VAR_KEYWORD))
    return inspect.Signature(params)


def fresh_inputs(thing: Abstract, name: str, aliases: dict[Value, Atom]) -> Abstract:
    """An argument to be differentiated, its leaves given identities of their own."""
    if isinstance(thing, Instance):
        raise Refused(f"argument `{name}` is a {describe(thing)}: only numbers, arrays and containers of them "
                      "can be differentiated", "name another argument in argnums")
    atoms, build = flatten(thing)
    leaves: list[Atom] = []
    for atom in atoms:
        leaf = Value(atom.hint, atom.kind) if isinstance(atom, Value) else atom
        if isinstance(leaf, Value):
            aliases[leaf] = atom
        leaves.append(leaf)
    return build(leaves)


def check_differentiable(thing: Abstract, name: str) -> None:
    """Refuse integers, booleans and objects as arguments to differentiate."""
    atoms = flatten(thing)[0]
    if not atoms and not isinstance(thing, (Tuple, List, Dict)):
        raise Refused(f"argument `{name}` is a {describe(thing)} and cannot be differentiated")
    for atom in atoms:
        kind = atom.kind if isinstance(atom, Value) else None
        if isinstance(atom, Const) and (isinstance(atom.value, float) or atom is not thing and is_label(atom)):
            continue
        if isinstance(kind, Num) and kind.real:
            continue
        if isinstance(kind, Num):
            what = "boolean" if kind.dtype == "bool" else "complex" if kind.dtype.startswith("c") else "integer"
            fix = f"float({name})" if not kind.is_array else f"{name}.astype(float)"
            raise Refused(f"argument `{name}` is {what}: a derivative needs real numbers", f"pass `{fix}`")
        if isinstance(atom, Const) and isinstance(atom.value, (bool, int, np.bool_)):
            what = "boolean" if isinstance(atom.value, (bool, np.bool_)) else "integer"
            raise Refused(f"argument `{name}` is {what}: a derivative needs real numbers", f"pass `float({name})`")
        raise Refused(f"argument `{name}` holds a {describe(atom)}, which cannot be differentiated",
                      "name another argument in argnums")


def is_label(atom: Atom) -> bool:
    """A string or None in a container: the gradient has it too."""
    return isinstance(atom, Const) and (atom.value is None or isinstance(atom.value, str))


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


def located(spec: Spec, error: Refused, at_return: bool) -> CannotDifferentiate:
    """A refusal of arguments or output, at the function's first line or its last return."""
    func = inspect.unwrap(spec.func) if callable(spec.func) else spec.func
    func = getattr(func, "__func__", func)
    try:
        source = func.source if isinstance(func, Closure) else source_of(func)
    except (CannotDifferentiate, AttributeError):
        return CannotDifferentiate(Refusal(error.message, remedy=error.remedy))
    node = source.node if not isinstance(func, Closure) else func.node
    returns = [n for n in gast.walk(node) if isinstance(n, gast.Return)]
    place = max(returns, key=lambda n: n.lineno) if at_return and returns else node
    return CannotDifferentiate(source.refusal(place, error.message, error.remedy))


def split_output(spec: Spec, output: Abstract) -> tuple[Abstract, Abstract]:
    """The scalar, and aux (None without)."""
    if isinstance(output, Poison):
        raise Refused(output.message or "nothing is returned", output.remedy)
    if not spec.has_aux:
        if isinstance(output, (Tuple, List, Dict)):
            word = describe(output)
            raise Refused(f"`{spec.name}` returns a {word}: a gradient needs a single real number",
                          "return a scalar; with has_aux=True return (scalar, aux)")
        return output, Const(None)
    if not isinstance(output, (Tuple, List)) or len(output.items) != 2:
        raise Refused(f"has_aux=True: `{spec.name}` must return (scalar, aux), not {describe(output)}",
                      "return a pair")
    return output.items[0], output.items[1]


def check_scalar(spec: Spec, value: Abstract) -> None:
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


def apply_grad(lifter: Lifter, spec: Spec, args: list[Abstract], kwargs: dict[str, Abstract],
               tidy: tuple[Pass, ...]) -> tuple[list[tuple[Any, Abstract]], Abstract, Abstract, Block]:
    """Differentiate a call: (differentiated argument, its gradients), value, aux, statements.

    The statements are left out of the lifter's block; the caller appends them.
    """
    signature = signature_of(spec.func)
    args, kwargs = [lifter.fresh(a) for a in args], {k: lifter.fresh(v) for k, v in kwargs.items()}
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise Refused(f"`{spec.name}`: {error}") from None
    aliases: dict[Value, Atom] = {}
    copies: list[tuple[Memory, Memory]] = []
    inputs: list[tuple[Any, Abstract]] = []
    rest = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
    given = dict(bound.arguments)
    for place in spec.positions(signature, len(given.get(rest, ())) if rest else None):
        holder, at = place if isinstance(place, tuple) else (place, None)
        if holder not in given:
            default = signature.parameters[holder].default
            if isinstance(spec.func, Closure):
                given[holder] = default
            else:
                given[holder] = Const(default) if isinstance(default, (int, float)) else lifter.known(
                    default, lambda _, d=default: d, holder)
        thing = given[holder] if at is None else given[holder][at]
        if isinstance(thing, Poison):
            raise Refused(thing.message, thing.remedy)
        if isinstance(thing, Const) and isinstance(thing.value, float):
            thing = literal_input(lifter, thing, holder)
        try:
            check_differentiable(thing, holder if at is None else f"{holder}[{at}]")
            leaf = fresh_inputs(thing, holder, aliases)
            copies += zip(containers_in(leaf), containers_in(thing), strict=True)
        except Refused as error:
            raise located(spec, error, False) from None
        if at is None:
            given[holder] = leaf
        else:
            given[holder] = (*given[holder][:at], leaf, *given[holder][at + 1:])
        inputs.append((place, leaf))
    bound.arguments.update(given)
    ordered = inspect.BoundArguments(signature, {k: given[k] for k in signature.parameters if k in given})
    leaves = [(place, *flatten(thing)) for place, thing in inputs]
    block, outer, stopped, journal = Block(), lifter.block, lifter.stopped, len(lifter.journal)
    lifter.block, lifter.stopped = block, 0
    own_leaves(lifter, aliases, copies)
    try:
        output = lifter.call(callee_of(spec), list(ordered.args), dict(ordered.kwargs))
        lifter.collector.raise_if_any()
        output = lifter.detached(output)
    finally:
        lifter.block, lifter.stopped = outer, stopped
        lifter.undo(journal)        # what the function writes, it writes into copies
    try:
        value, aux = split_output(spec, output)
        check_scalar(spec, value)
    except Refused as error:
        raise located(spec, error, True) from None
    wrt = [a for _, atoms, _ in leaves for a in atoms if isinstance(a, Value)]
    keep = [to_arg(value), to_arg(aux)]
    compare(block)
    make_private(block)
    together(block)
    grads, kept = differentiate(block, to_arg(value), wrt, keep, tidy, Collector())
    holder_block = Block([], block.ops, [*grads, *kept])
    substitute(holder_block, dict(aliases))
    grads, kept = holder_block.results[:len(wrt)], holder_block.results[len(wrt):]
    block.ops, block.results = holder_block.ops, []
    by_leaf = dict(zip(wrt, grads, strict=True))
    shaped = []
    for place, atoms, build in leaves:
        shaped.append((place, build([by_leaf[a] if isinstance(a, Value) else a if is_label(a) else Const(0.0)
                                     for a in atoms])))
    return shaped, to_abstract(kept[0]), to_abstract(kept[1]), block


def own_leaves(lifter: Lifter, aliases: dict[Value, Atom], copies: list[tuple[Memory, Memory]]) -> None:
    """What is differentiated stands in memory of its own, which is the caller's as far as others can tell."""
    sources: list[tuple[Memory, tuple[Memory]]] = [(mine, (given,)) for mine, given in copies]
    for new, given in copies:
        new.foreign = given.foreign
    for leaf, atom in aliases.items():
        cell = lifter.cell_of(atom)
        lifter.own(leaf, lifter.layout(atom) if isinstance(atom, Value) else None)
        mine = lifter.cell_of(leaf)
        if cell is not None and mine is not None:
            mine.foreign = cell.foreign
            sources.append((mine, (cell,)))
    link_sources(sources, lifter.tick())


def literal_input(lifter: Lifter, thing: Const, name: str) -> Value:
    """A number known now that is to be differentiated: made a value that derivatives can tell apart."""
    (value,) = lifter.emit(runtime.identity, (thing,), {}, [FLOAT])
    value.hint = name
    return value


def inside(lifter: Lifter, spec: Spec, args: list[Abstract], kwargs: dict[str, Abstract],
           tidy: tuple[Pass, ...], arrange: tuple[Pass, ...]) -> Abstract:
    """A gradient function called inside a function that is read: its statements become part of it.

    `arrange` are the passes that would be run, were it compiled alone, and that decide what is summed when.
    """
    lifter.nested = True
    try:
        shaped, value, aux, block = apply_grad(lifter, spec, args, kwargs, tidy)
    except CannotDifferentiate as error:
        for refusal in error.refusals:
            lifter.collector.add(refusal)
        return Poison()
    atoms, build = flatten(Tuple([value, aux, *(g for _, g in shaped)]))
    func = Func(spec.name, [], Block([], block.ops, list(atoms)))
    func = run_passes(func, arrange)
    value, aux, *found = build(func.body.results).items
    as_forward(func.body, lifter.stopped > 0)
    lifter.block.ops += func.body.ops
    grads: Abstract = found[0] if spec.single else Tuple(found)
    if spec.with_value:
        return Tuple([Tuple([value, aux]) if spec.has_aux else value, grads])
    return Tuple([grads, aux]) if spec.has_aux else grads
