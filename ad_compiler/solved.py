"""One call of a solver in a program: what its equation says there, and the derivatives that follow from that.

The equation is read where the solver is called, into statements of its own.  A derivative has them once more, for the
arguments that the call has by then: as what is to be differentiated by the solution, and by what else it is given.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refused, RuleFault
from ad_compiler.function import compiler
from ad_compiler.ir import Atom, Block, Const, Stmt, Value, walk
from ad_compiler.kinds import Num
from ad_compiler.linear_systems import divided, forward, transposed
from ad_compiler.rules import registry
from ad_compiler.spec import JacobianSpec, JvpSpec, Place, VjpSpec, name_of
from ad_compiler.transposed import check_world, positional

if TYPE_CHECKING:
    from ad_compiler.implicit import ImplicitFunction
    from ad_compiler.read.abstract import Abstract


@dataclass(frozen=True, eq=False)
class ImplicitRule(registry.Rule):
    """The rule of one call: it has the signature of the solver."""

    of_solver: inspect.Signature = field(default_factory=inspect.Signature)

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        return self.of_solver


class Solved(registry.WithRule):
    """One call of a solver in a program, as the program makes it; and what the equation says there."""

    def __init__(self, of: ImplicitFunction, kind: Num) -> None:
        self.of, self.kind = of, kind
        self.__name__, self.__qualname__, self.__module__ = of.__name__, of.__qualname__, of.__module__
        backward: Any = PulledBack(self)
        onward: Any = PushedForward(self)
        self.rule = ImplicitRule(self, lambda *args, **kwargs: kind, vjp=backward, tangent=onward,
                                 of_solver=of.__signature__)
        self.refused: Refused | None = None
        self.inside: list[Atom] = []        # what stands for the arguments in the statements
        self.stmts: list[Stmt] = []         # what the equation does
        self.output: Abstract = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.of.__wrapped__(*args, **kwargs)
        init, name = args[self.of.argnum], self.of.__name__
        dtype = np.dtype(self.kind.dtype)
        if np.shape(result) != np.shape(init) or np.shape(init) and result.dtype != dtype:
            raise RuleFault(f"`{name}` returns {np.asarray(result).dtype} of shape {np.shape(result)} from an initial "
                            f"guess of {np.asarray(init).dtype} of shape {np.shape(init)}: a root is {dtype} of its "
                            "shape")
        return result.copy() if np.shape(init) else result if isinstance(result, float) else dtype.type(result)

    def read(self, lifter: Any, result: Value, args: list[Abstract], kwargs: dict[str, Abstract]) -> None:
        """Read what the equation says of the result, here: what is refused is an error where a derivative is asked."""
        from ad_compiler.adjoint.own import misfit
        from ad_compiler.read.abstract import kind_of
        from ad_compiler.trace import bind, read_call

        name, said = name_of(self.of.equation), len(lifter.collector.refusals)
        try:
            given = self.of.given(args, kwargs, result)
            call = bind(lifter, compiler().Special(self.equation, self.of.equation, self.of.of_equation), *given)
            traced = read_call(lifter, call, places_of(call))
            self.inside = atoms_of(call.given)
            self.stmts, self.output = traced.block.ops, traced.output
            is_one = isinstance(self.output, (Value, Const)) and isinstance(kind_of(self.output), Num)
            fault = misfit(result, self.output, "a residual") if is_one else "what cannot be read, or is no array"
            if fault:
                raise Refused(f"`{name}`, the equation of `{self.of.__name__}`, gives {fault}",
                              "let it return a residual in the shape of the solution")
        except CannotDifferentiate as error:
            new = error.refusals[min(said, len(error.refusals) - 1)]
            del lifter.collector.refusals[said:]
            self.refused = Refused(f"`{name}`, the equation of `{self.of.__name__}`: {new.message}", new.remedy)
        except Refused as error:
            self.refused = error
        check_world(lifter, self.stmts, self.of.__name__)

    def equation(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """What is zero at the solution."""
        found = lifter.calls.call(Const(self.of.equation), args, kwargs)
        if self.of.made_by == "custom_root":
            return found
        from ad_compiler.read.abstract import Poison
        return found if isinstance(found, Poison) else lifter.apply(operator.sub, [found, args[self.of.argnum]])

    # -- its derivatives -----------------------------------------------------------------------------

    def residual(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract], x: Abstract) -> Abstract:
        """The statements of the equation once more, for these arguments."""
        from ad_compiler.copies import copied

        positional, named = self.of.given(args, kwargs, x)
        now = atoms_of(dict(self.of.of_equation.bind(*positional, **named).arguments))
        env = {old: new for old, new in zip(self.inside, now, strict=True) if isinstance(old, Value)}
        stmts = copied(self.stmts, env)
        for stmt in walk(Block([], stmts)):
            stmt.reverse = lifter.reverse
        lifter.block.ops += stmts
        return env.get(self.output, self.output) if isinstance(self.output, Value) else self.output

    def taken(self, args: list[Abstract]) -> list[int]:
        """Which positional arguments of the solver the equation is given, beside the solution."""
        if self.of.by_position:
            return [at for at in range(len(args)) if at != self.of.argnum]
        names = list(self.of.__signature__.parameters)
        return [at for at in range(len(args)) if at != self.of.argnum and names[at] in self.of.of_equation.parameters]

    def jacobian(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract], x: Abstract) -> Abstract:
        """The derivative of the residual by the solution: of shape `x.shape + x.shape`; of a number, a number."""
        if self.refused is not None:
            raise self.refused
        special = compiler().Special(lambda inner, at, _: self.residual(inner, args, kwargs, at[0]), self.of.equation,
                                     positional(1))
        if not self.kind.shape:
            return compiler().transform_inside(lifter, JvpSpec(special, 1), [x, Const(1.0)], {}).items[1]
        spec = JacobianSpec(special, 0, None, False, mode="fwd", made="jacfwd")
        return compiler().transform_inside(lifter, spec, [x], {})

    def solves(self, *, backwards: bool) -> Callable[..., Any]:
        """What solves its linear system, or the transposed one."""
        if not self.kind.shape:
            return divided
        of = self.of.linear
        if of is None:
            return transposed if backwards else forward
        return of.transposed if backwards else of.forward

    def moved(self, args: list[Abstract], kwargs: dict[str, Abstract], x: Abstract, wanted: Callable[[Atom], bool]
              ) -> tuple[Any, list[Atom]]:
        """The residual as a function of some of the atoms in the arguments that it is given, and these."""
        from ad_compiler.read.abstract import flatten

        places = self.taken(args)
        atoms = [a for at in places for a in flatten(args[at])[0] if wanted(a)]

        def call(inner: Any, given: list[Abstract], _: Any) -> Abstract:
            rest, now = iter(given), list(args)
            for at in places:
                old, build = flatten(args[at])
                now[at] = build([next(rest) if wanted(a) else a for a in old])
            return self.residual(inner, now, kwargs, x)
        return compiler().Special(call, self.of.equation, positional(len(atoms))), atoms


class PulledBack(registry.Written):
    """The cotangents of what the equation is given: those of the residual, with the transposed system's solution."""

    def __init__(self, of: Solved) -> None:
        self.of = of

    def write(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.read.abstract import Tuple, flatten, is_real

        solved, named = self.of, {k: v for k, v in kwargs.items() if k not in ("out", "out_bar")}
        out, out_bar = kwargs["out"], kwargs["out_bar"]
        bars: list[Abstract] = [Const(None)] * len(args)
        special, atoms = solved.moved(args, named, out, is_real)
        if not atoms:
            return Tuple(bars)
        a = solved.jacobian(lifter, args, named, out)
        bar = lifter.memory.fresh(lifter.calls.inline(solved.solves(backwards=True), [a, out_bar], {}))
        found = compiler().transform_inside(lifter, VjpSpec(special, len(atoms), pulled=True), [*atoms, bar], {})
        rest = iter(found.items)
        for at in solved.taken(args):
            old, build = flatten(args[at])
            if any(map(is_real, old)):
                bars[at] = build([next(rest) if is_real(a) else Const(None) for a in old])
        return Tuple(bars)


class PushedForward(registry.Written):
    """The tangent of the solution: the system's solution for that of the residual."""

    def __init__(self, of: Solved) -> None:
        self.of = of

    def write(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        solved, named = self.of, {k: v for k, v in kwargs.items() if k not in ("out", "dots")}
        out, dots = kwargs["out"], kwargs["dots"]
        special, atoms = solved.moved(args, named, out, lambda a: isinstance(a, Value) and a in dots)
        if not atoms:
            return Const(None)
        a = solved.jacobian(lifter, args, named, out)
        tangents = [dots[atom] for atom in atoms]
        found = compiler().transform_inside(lifter, JvpSpec(special, len(atoms)), [*atoms, *tangents], {})
        return lifter.memory.fresh(lifter.calls.inline(solved.solves(backwards=False), [a, found.items[1]], {}))


def places_of(call: Any) -> list[Place]:
    """The arguments of a call in which there are real numbers or arrays."""
    from ad_compiler.read.abstract import flatten, is_real

    found: list[Place] = []
    for name, thing in call.given.items():
        each: list[tuple[Place, Any]] = [(name, thing)]
        if isinstance(thing, tuple):
            each = [((name, at), item) for at, item in enumerate(thing)]
        elif isinstance(thing, dict):
            continue
        found += [place for place, item in each if any(map(is_real, flatten(item)[0]))]
    return found


def atoms_of(given: dict[str, Any]) -> list[Atom]:
    """What arguments are made of, in their order."""
    from ad_compiler.adjoint.templates import to_abstract
    from ad_compiler.read.abstract import flatten, to_arg

    found: list[Atom] = []
    for thing in given.values():
        items = thing if isinstance(thing, tuple) else thing.values() if isinstance(thing, dict) else [thing]
        found += [atom for item in items for atom in flatten(to_abstract(to_arg(item)))[0]]     # as calls have them
    return found
