"""The way through, stated once: which passes run, and in which order.

source → read → transform (adjoint → tidy → record → tidy) → finish → emit

What only Numba needs is imported when something is compiled for it.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any, Protocol

from ad_compiler.adjoint.differentiate import as_inside
from ad_compiler.adjoint.squares import without_roots
from ad_compiler.analyse.again import COMPILED
from ad_compiler.check import verify
from ad_compiler.derivative import Derivative, Emitted
from ad_compiler.emit.compile import emit
from ad_compiler.errors import BatchError, CannotDifferentiate, Refused
from ad_compiler.ir import Block, Const, Func
from ad_compiler.jit.compile import emit_jit
from ad_compiler.optimise.across import share_across
from ad_compiler.optimise.after import multiply_after
from ad_compiler.optimise.ahead import multiply_ahead
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.contract import contract_sums
from ad_compiler.optimise.cse import share_common
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.disjoint import store_apart
from ad_compiler.optimise.exact import exact_products
from ad_compiler.optimise.failures import check_shapes
from ad_compiler.optimise.fuse import fuse_reverse
from ad_compiler.optimise.gather import gather_products
from ad_compiler.optimise.hoist import hoist_invariant
from ad_compiler.optimise.inplace import update_in_place
from ad_compiler.optimise.order import as_written
from ad_compiler.optimise.parts import multiply_parts
from ad_compiler.optimise.picked import picked_lengths
from ad_compiler.optimise.plain import plain_numbers
from ad_compiler.optimise.powers import check_powers
from ad_compiler.optimise.quick import call_quickly
from ad_compiler.optimise.reads import read_first
from ad_compiler.optimise.results import own_results
from ad_compiler.optimise.schedule import schedule
from ad_compiler.optimise.simplify import simplify
from ad_compiler.optimise.sums import push_sums
from ad_compiler.options import current_options
from ad_compiler.passes import Pass, run_passes
from ad_compiler.read.abstract import Abstract, Few, Poison, Tuple, flatten, is_real, to_arg
from ad_compiler.read.calls.calls import known_to_reader
from ad_compiler.read.calls.classes import NODES
from ad_compiler.read.calls.special import Special
from ad_compiler.read.entry import General, Parameter, Reading, until_settled
from ad_compiler.read.lift import Lifter
from ad_compiler.read.memory.lengths import lengths, new_lengths
from ad_compiler.read.memory.moments import Moment
from ad_compiler.rules import registry
from ad_compiler.spec import Place, Spec
from ad_compiler.trace import Call, Traced, bind, located, read_call
from ad_compiler.transforms.callees import add_callees
from ad_compiler.transforms.later import kept_form
from ad_compiler.watch import Itself, LeftOpen, Name, Part, Watch

__all__ = [
    "NODES",
    "Few",
    "General",
    "Moment",
    "Special",
    "Tuple",
    "compile_spec",
    "flatten",
    "is_real",
    "known_to_reader",
    "lift_and_lower",
    "registry",
    "transform_inside",
]

TIDY: tuple[Pass, ...] = (simplify, drop_dead, drop_invariant_carried, share_common, simplify, drop_dead)
"""Run before and after recording, at each order of derivative."""

ARRANGE: tuple[Pass, ...] = (read_first, simplify, drop_dead, as_written)
"""Run once for each order of derivative: they decide the order in which cotangents are summed."""

AT_ONCE: tuple[Pass, ...] = (multiply_parts, multiply_after, multiply_ahead)
"""What a loop does with each row, done with all."""

FINISH: tuple[Pass, ...] = (exact_products, push_sums, share_across, drop_dead, picked_lengths, check_shapes, drop_dead,
                            check_shapes, *AT_ONCE, gather_products, fuse_reverse, hoist_invariant, own_results,
                            schedule, store_apart, *ARRANGE, own_results, plain_numbers, call_quickly, contract_sums,
                            check_powers, update_in_place)
"""Run once, before the text is printed."""

FOR_NUMPY: tuple[Pass, ...] = (share_across, *AT_ONCE, plain_numbers, call_quickly, contract_sums)
"""Left out where Numba compiles the text; those of `loops.order` are run before the last pass there."""

UNOPTIMISED: tuple[Pass, ...] = (own_results, check_powers, update_in_place)


AUTOMATIC = ("comprehension", "fusion", "inplace_binop", "numpy", "reduction", "setitem")
"""What Numba would run on several threads of itself, however small, and what it would fuse, where it takes loops to be
of one length: with `prange` it is the compiler that decides."""


def _tidy() -> tuple[Pass, ...]:
    return TIDY if current_options().optimise else ()


class Transform(Protocol):
    """What a file of `transforms/` has: from what was traced to what is made of it, for its own kind of `Spec`."""

    def title(self, spec: Any) -> str:
        """What the function that is made is called."""

    def places(self, spec: Any, lifter: Lifter, call: Call) -> list[Place]:
        """The arguments of a call that are to be watched; refuses what nothing can be made of."""

    def transformed(self, spec: Any, traced: Traced, tidy: tuple[Pass, ...]) -> Traced:
        """What is made of a call; `tidy` are the passes run at each order of derivative.  `traced` is used up."""

    def returned(self, spec: Any, output: Abstract) -> Abstract:
        """The output of `transformed`, as the user is given it."""

    def hand_out(self, spec: Any, func: Func, made: Traced, params: dict[str, Parameter]) -> None:
        """Let `func`, which holds the statements, return that, in types and dtypes that fit its parameters."""


TRANSFORMS = frozenset({"grad", "jacobian", "jvp", "linearize", "products", "vjp", "vmap"})
"""The files of `transforms/` that a kind of `Spec` may name."""


@functools.cache
def transform_of(name: str) -> Transform:
    """A file of `transforms/`, imported when it is asked for: who wants gradients waits for no other."""
    assert name in TRANSFORMS, name
    found: Any = importlib.import_module(f"ad_compiler.transforms.{name}")
    transform: Transform = found
    return transform


def trace(spec: Spec, lifter: Lifter, args: list[Abstract], kwargs: dict[str, Abstract]) -> Traced:
    """Read a call of a function, of which a transform is asked for."""
    own, nested = len(args) - spec.beside, lifter.nested
    beside = [lifter.memory.fresh(thing) for thing in (*args[own:], *(kwargs[name] for name in spec.named))]
    call = bind(lifter, spec.func, args[:own], {k: v for k, v in kwargs.items() if k not in spec.named})
    traced = read_call(lifter, call, transform_of(spec.transform).places(spec, lifter, call))
    return replace(traced, beside=beside, nested=nested, widened=nested and lifter.numbers.is_widened())


def compile_spec(spec: Spec, signature: inspect.Signature, sample: dict[str, Any],
                 specialise: frozenset[str] = frozenset()) -> Derivative:
    """What `spec` asks for, compiled for arguments like `sample`: a call from Python."""
    token = COMPILED.set(spec.backend == "numba")
    try:
        with new_lengths():
            shapes = shapes_among(signature, sample) if COMPILED.get() else []
            specialise |= {name for name, at in shapes if LeftOpen(at)(tuple(sample.values()))}
            reading, made, func = read_and_transform(spec, signature, sample, specialise)
            made.watches += [Watch(LeftOpen(at), False, True) for name, at in shapes if name not in specialise]
            return finish(func, reading, made.watches, spec.name, jit=jit_options(spec))
    finally:
        COMPILED.reset(token)


def shapes_among(signature: inspect.Signature, sample: dict[str, Any]) -> list[tuple[str, int]]:
    """Arguments that may be shapes, and where they stand: where NumPy is to count a length, compiled code must know it.

    >>> shapes_among(inspect.signature(lambda x, shape, at: x), {"x": 1.0, "shape": (2, -1), "at": (1.0, 2)})
    [('shape', 1)]
    """
    return [(name, at) for at, (name, given) in enumerate(sample.items())
            if type(given) is tuple and given and all(type(n) is int for n in given)
            and signature.parameters[name].kind is not inspect.Parameter.VAR_POSITIONAL]


def read_and_transform(spec: Spec, signature: inspect.Signature, sample: dict[str, Any],
                       specialise: frozenset[str]) -> tuple[Reading, Traced, Func]:
    """Read the function, then transform it; both anew, where either finds that more should be known before.

    What is made stands in the function that is given.
    """
    transform = transform_of(spec.transform)
    title = transform.title(spec)

    def attempt(specialised: frozenset[str]) -> tuple[Reading, Traced, Func]:
        reading = Reading(signature, sample, specialised)
        with reading.refusals():
            traced = trace(spec, reading.lifter, reading.args, reading.kwargs)
            reading.end(title, traced.block)
            if traced.raises and not traced.elements:       # as the function does: nothing is made of it
                traced.in_place([])
                func = reading.appended(traced.block)
                func.body.results = [Const(None)]
                add_callees(func, reading.pairs, _tidy())
                return reading, traced, func
            made = transform.transformed(spec, traced, _tidy())
            func = reading.appended(made.block)
            transform.hand_out(spec, func, made, reading.params)
            add_callees(func, reading.pairs, _tidy())
            reading.lifter.let_go()
            return reading, made, func

    try:
        return until_settled(attempt, set(sample), title, specialise)
    except CannotDifferentiate as error:
        if any(refusal.file for refusal in error.refusals):
            raise
        first = error.refusals[0]
        raise located(spec.func, Refused(first.message, first.remedy), at_return=False) from None


def transform_inside(lifter: Lifter, spec: Spec, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """What `spec` asks for, called inside a function that is read: its statements become part of that function."""
    transform, reverse = transform_of(spec.transform), lifter.reverse
    lifter.nested, lifter.reverse = True, False
    try:
        traced = trace(spec, lifter, args, kwargs)
        if traced.raises and not traced.elements and not traced.beside:     # a tangent that does not fit raises first
            traced.in_place([])
            lifter.block.ops += traced.block.ops
            return Poison(ends=lifter.ends)
        without_roots(traced.block)     # a derivative of what is made here may be asked for
        made = transform.transformed(spec, traced, _tidy())
    except CannotDifferentiate as error:
        if not lifter.watching:     # in a rule: its caller says what is refused
            raise Refused(error.refusals[0].message, error.refusals[0].remedy) from None
        for refusal in error.refusals:
            lifter.collector.add(refusal)
        return Poison()
    except BatchError as error:     # in its place: what stands before may raise, too
        if not lifter.watching:
            raise
        return lifter.raises(BatchError, str(error))
    finally:
        lifter.reverse = reverse
    atoms, build = flatten(made.output)
    func = Func(spec.name, [], Block([], made.block.ops, list(atoms)))
    # The passes that would be run, were it compiled alone, and that decide what is summed when.
    func = run_passes(func, ARRANGE if current_options().optimise else ())
    as_inside(func.body, lifter.stopped > 0, reverse)
    lifter.block.ops += func.body.ops
    # The value and aux are what the function returns, which may be what it was given: written into, that is lost.
    own = [lifter.memory.in_own_memory(atom, traced.given_back) for atom in func.body.results]
    return transform.returned(spec, build(own))


def jit_options(spec: Spec) -> dict[str, Any] | None:
    """Options of `numba.njit`; None where the derivative is not compiled by Numba."""
    if spec.backend == "numpy":
        return None
    return {"error_model": "numpy"} | ({"parallel": dict.fromkeys(AUTOMATIC, False)} if spec.parallel else {})


def finish(func: Func, reading: Reading, watches: list[Watch], name: str, *, primal: bool = False,
           jit: dict[str, Any] | None = None) -> Derivative:
    """Optimise, check and print what was made of the user's function `name`; `jit`: for Numba, with these options."""
    for callee in dict.fromkeys([*func.callees, *(func.back.callees if func.back is not None else ())]):
        run_passes(callee, (*_tidy(), update_in_place), verify if current_options().verify else None)
    emitted = printed(func, name, primal, jit)
    form = None if func.back is None else kept_form(func.back)
    back = None if func.back is None else printed(func.back, name, False, jit)
    watches = [*watches, *lengths().watches(), *named_functions(watches, emitted, back)]
    return Derivative(emitted, watches, reading.specialised, reading.behaviour, back, form)


def named_functions(watches: list[Watch], *texts: Emitted | None) -> list[Watch]:
    """What the texts call by its name in a module, where it is not watched yet: it may be replaced there."""
    known = {(id(w.get.world), w.get.name) for w in watches if isinstance(w.get, Name)} | {
        (id(vars(w.get.of.obj)), w.get.key) for w in watches if isinstance(w.get, Part)
        and isinstance(w.get.of, Itself) and isinstance(w.get.of.obj, ModuleType)}
    spelled = {each: fn for text in texts if text is not None for each, fn in text.spelled.items()}
    named = {(id(vars(sys.modules[module])), name): Watch(Name(vars(sys.modules[module]), name), fn, True)
             for (module, name), fn in spelled.items()}
    for module in dict.fromkeys(sys.modules[module] for module, _ in spelled):
        named[id(vars(module)), "__class__"] = Watch(Part(Itself(module), getattr, "__class__"), module.__class__, True)
    return [watch for key, watch in named.items() if key not in known]


def printed(func: Func, name: str, primal: bool, jit: dict[str, Any] | None) -> Emitted:
    """Optimise and print one function."""
    passes: tuple[Pass, ...] = () if primal else FINISH if current_options().optimise else UNOPTIMISED
    if jit is not None:
        from ad_compiler.loops.boundary import compiled_part
        from ad_compiler.loops.order import needed_options, passes_for

        passes = (*(p for p in passes[:-1] if p not in FOR_NUMPY), *passes_for(jit), passes[-1])
    checking = current_options().verify
    if checking:
        verify(func)
    func = run_passes(func, passes, verify if checking else None)
    return emit(func, name) if jit is None else emit_jit(compiled_part(func, needed_options(func, jit)), name)


def lift_and_lower(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Read a function for the kinds of the arguments and print it back: it must behave as it did."""
    signature = inspect.signature(fn)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()

    name = getattr(fn, "__name__", "function")

    def attempt(specialised: frozenset[str]) -> tuple[Reading, Traced]:
        reading = Reading(signature, dict(bound.arguments), specialised)
        with reading.refusals():
            traced = read_call(reading.lifter, bind(reading.lifter, fn, reading.args, reading.kwargs), [])
            reading.end(name, traced.block)
            func = reading.appended(traced.block)
            func.body.results = [to_arg(traced.output)]
            add_callees(func, reading.pairs, _tidy())
            reading.lifter.let_go()
            return reading, traced

    with new_lengths():
        reading, traced = until_settled(attempt, set(bound.arguments), name)
        compiled = finish(reading.func, reading, traced.watches, name, primal=True)
    compiled.refresh(())

    def run(*args: Any, **kwargs: Any) -> Any:
        again = signature.bind(*args, **kwargs)
        again.apply_defaults()
        return compiled.emitted.function(*again.arguments.values())

    run.source, run.function = compiled.text, compiled.emitted.function     # type: ignore[attr-defined]
    return run
