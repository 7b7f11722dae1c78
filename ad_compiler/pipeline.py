"""The way through, stated once: which passes run, and in which order.

source → read → (statements) → adjoint → tidy → record → tidy → finish → emit

What only Numba needs is imported when something is compiled for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ad_compiler.adjoint.pairs import Pairs
from ad_compiler.analyse.again import COMPILED
from ad_compiler.check import verify
from ad_compiler.derivative import Derivative
from ad_compiler.emit.compile import emit
from ad_compiler.errors import CannotDifferentiate, Refused
from ad_compiler.ir import Arg, Func, Value
from ad_compiler.jit.compile import emit_jit
from ad_compiler.optimise.ahead import multiply_ahead
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.contract import contract_sums
from ad_compiler.optimise.cse import share_common
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.disjoint import store_apart
from ad_compiler.optimise.failures import check_shapes
from ad_compiler.optimise.fuse import fuse_reverse
from ad_compiler.optimise.gather import gather_products
from ad_compiler.optimise.hoist import hoist_invariant
from ad_compiler.optimise.inplace import update_in_place
from ad_compiler.optimise.order import as_written
from ad_compiler.optimise.picked import picked_lengths
from ad_compiler.optimise.plain import plain_numbers
from ad_compiler.optimise.quick import call_quickly
from ad_compiler.optimise.reads import read_first
from ad_compiler.optimise.results import all_python, own_results, project
from ad_compiler.optimise.schedule import schedule
from ad_compiler.optimise.simplify import simplify
from ad_compiler.optimise.sums import push_sums
from ad_compiler.options import current_options
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.abstract import Abstract, flatten, to_arg
from ad_compiler.read.classes import NODES
from ad_compiler.read.entry import General, Reading, read
from ad_compiler.read.lengths import new_lengths
from ad_compiler.read.lift import Lifter
from ad_compiler.read.methods import Special
from ad_compiler.rules import registry
from ad_compiler.spec import Spec
from ad_compiler.transform import apply_grad, inside, is_label, located

__all__ = ["NODES", "General", "Special", "compile_grad", "lift_and_lower", "registry", "transform_inside"]

TIDY: tuple[Pass, ...] = (simplify, drop_dead, drop_invariant_carried, share_common, simplify, drop_dead)
"""Run before and after recording, at each order of derivative."""

ARRANGE: tuple[Pass, ...] = (read_first, simplify, drop_dead, as_written)
"""Run once for each order of derivative: they decide the order in which cotangents are summed."""

FINISH: tuple[Pass, ...] = (push_sums, drop_dead, picked_lengths, check_shapes, drop_dead, check_shapes,
                            multiply_ahead, gather_products, fuse_reverse, hoist_invariant, own_results, schedule,
                            store_apart, *ARRANGE, plain_numbers, call_quickly, contract_sums, update_in_place)
"""Run once, before the text is printed."""

FOR_NUMPY: tuple[Pass, ...] = (multiply_ahead, plain_numbers, call_quickly, contract_sums)
"""Left out where Numba compiles the text; those of `loops.order` are run before the last pass there."""

UNOPTIMISED: tuple[Pass, ...] = (own_results, update_in_place)


AUTOMATIC = ("comprehension", "fusion", "inplace_binop", "numpy", "reduction", "setitem")
"""What Numba would run on several threads of itself, however small, and what it would fuse, where it takes loops to be
of one length: with `prange` it is the compiler that decides."""


def _tidy() -> tuple[Pass, ...]:
    return TIDY if current_options().optimise else ()


def compile_grad(spec: Spec, signature: inspect.Signature, sample: dict[str, Any],
                 specialise: frozenset[str] = frozenset()) -> Derivative:
    """The derivative of `spec.func` for arguments like `sample`."""
    token = COMPILED.set(spec.backend == "numba")
    try:
        with new_lengths():
            return _compile_grad(spec, signature, sample, specialise)
    finally:
        COMPILED.reset(token)


def _compile_grad(spec: Spec, signature: inspect.Signature, sample: dict[str, Any],
                  specialise: frozenset[str]) -> Derivative:
    def body(lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
        shaped, value, aux, block = apply_grad(lifter, spec, args, kwargs, _tidy())
        lifter.block.ops += block.ops
        return shaped, value, aux

    suffix = "value_and_grad" if spec.with_value else "grad"
    try:
        reading = read(body, signature, sample, f"{spec.name}_{suffix}", specialise, lambda: Pairs(_tidy()))
    except CannotDifferentiate as error:
        if any(refusal.file for refusal in error.refusals):
            raise
        raise located(spec, Refused(error.refusals[0].message, error.refusals[0].remedy), at_return=False) from None
    shaped, value, aux = reading.result
    func = reading.func
    if isinstance(value, Value) and not value.hint:
        value.hint = "value"
    grads: list[Arg] = []
    python = all_python(func.body)
    for place, thing in shaped:
        holder, at = place if isinstance(place, tuple) else (place, None)
        param = reading.params[holder].thing
        target = param if at is None else param.items[at]
        wanted = flatten(target)[0]
        atoms, build = flatten(thing)
        for atom, like in zip(atoms, wanted, strict=True):
            named(atom, like, func)
        finished = [atom if is_label(atom) else project(func.body, atom, like, python)
                    for atom, like in zip(atoms, wanted, strict=True)]
        grads.append(to_arg(build(finished)))
    func.gradients = (1,) if spec.with_value else (0,) if spec.has_aux else ()
    func.body.results = [structure(spec, grads, to_arg(value), to_arg(aux))]
    return finish(func, reading, spec.name, jit=jit_options(spec))


def jit_options(spec: Spec) -> dict[str, Any] | None:
    """Options of `numba.njit`; None where the derivative is not compiled by Numba."""
    if spec.backend == "numpy":
        return None
    return {"error_model": "numpy"} | ({"parallel": dict.fromkeys(AUTOMATIC, False)} if spec.parallel else {})


def named(atom: Any, like: Any, func: Func) -> None:
    """A gradient is called after its argument, where it has no better claim to another name."""
    if isinstance(atom, Value) and isinstance(like, Value) and atom not in func.params and atom not in func.refs \
            and (atom.hint.endswith("_bar") or atom.hint.startswith("~") or not atom.hint) \
            and atom.hint not in {f"{p.hint}_bar" for p in func.params}:
        atom.hint = f"{like.hint}_bar"


def structure(spec: Spec, grads: list[Arg], value: Arg, aux: Arg) -> Arg:
    """What a transform returns: gradients, with the value and aux where asked for."""
    result: Arg = grads[0] if spec.single else tuple(grads)
    if spec.with_value:
        return ((value, aux), result) if spec.has_aux else (value, result)
    return (result, aux) if spec.has_aux else result


def finish(func: Func, reading: Reading, name: str, *, primal: bool = False,
           jit: dict[str, Any] | None = None) -> Derivative:
    """Optimise, check and print the derivative of the user's function `name`; `jit`: for Numba, with these options."""
    passes: tuple[Pass, ...] = () if primal else FINISH if current_options().optimise else UNOPTIMISED
    if jit is not None:
        from ad_compiler.loops.boundary import compiled_part
        from ad_compiler.loops.order import needed_options, passes_for

        passes = (*(p for p in passes[:-1] if p not in FOR_NUMPY), *passes_for(jit), passes[-1])
    checking = current_options().verify
    if checking:
        verify(func)
    func = run_passes(func, passes, verify if checking else None)
    for callee in func.callees:
        run_passes(callee, (*_tidy(), update_in_place), verify if checking else None)
    if jit is not None:
        emitted = emit_jit(compiled_part(func, needed_options(func, jit)), name)
    else:
        emitted = emit(func, name)
    return Derivative(emitted, reading.watches, reading.specialised)


def lift_and_lower(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Read a function for the kinds of the arguments and print it back: it must behave as it did."""
    signature = inspect.signature(fn)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()

    def body(lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
        from ad_compiler.ir import Const
        return lifter.call(Const(fn), args, kwargs)

    with new_lengths():
        reading = read(body, signature, dict(bound.arguments), getattr(fn, "__name__", "function"),
                       make_pairs=lambda: Pairs(_tidy()))
        reading.func.body.results = [to_arg(reading.result)]
        compiled = finish(reading.func, reading, reading.func.name, primal=True)
    compiled.refresh(())

    def run(*args: Any, **kwargs: Any) -> Any:
        again = signature.bind(*args, **kwargs)
        again.apply_defaults()
        return compiled.emitted.function(*again.arguments.values())

    run.source = compiled.text      # type: ignore[attr-defined]
    return run


def transform_inside(lifter: Lifter, spec: Spec, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """A gradient function called inside a function that is read."""
    return inside(lifter, spec, args, kwargs, _tidy(), ARRANGE if current_options().optimise else ())
