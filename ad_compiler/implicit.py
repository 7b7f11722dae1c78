"""Solutions of equations: `custom_root` and `custom_fixed_point` differentiate what is solved, not how.

Of x with F(x, a) = 0 the implicit function theorem says that dx = -(dF/dx)⁻¹ (dF/da) da, whichever way x was found
(Griewank and Walther, "Evaluating Derivatives", SIAM 2008, ch. 15; Blondel et al., "Efficient and Modular Implicit
Differentiation", NeurIPS 2022, arXiv:2105.15183, eq. 2).  Backwards that is one linear system, with the transpose.

>>> from ad_compiler import grad
>>> def cubic(x, a):
...     return x ** 3 + x - a
>>> @custom_root(cubic)
... def solved(x, a):
...     while abs(cubic(x, a)) > 1e-13:
...         x = x - cubic(x, a) / (3.0 * x ** 2 + 1.0)
...     return x
>>> def f(a):
...     return 2.0 * solved(1.0, a)
>>> grad(f)(10.0)           # x is 2, the slope of the cubic there 13
0.15384615384615385
>>> print(grad(f).source, end="")
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refused, RuleFault
from ad_compiler.function import compiler
from ad_compiler.ir import Atom, Const, Stmt, Value
from ad_compiler.kinds import Kind, Num
from ad_compiler.rules import registry
from ad_compiler.spec import JacobianSpec, JvpSpec, Place, VjpSpec
from ad_compiler.transposed import positional

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

Solver = Callable[..., Any]
NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class ImplicitFunction:
    """A solver whose derivative is that of the solution of its equation; called, it is the solver."""

    __signature__: inspect.Signature

    def __init__(self, solver: Solver, equation: Solver, made_by: str, argnum: int, linear: Solver | None) -> None:
        if not callable(solver) or isinstance(solver, type):
            raise TypeError(f"{made_by} needs a function, not {type(solver).__name__}")
        functools.update_wrapper(self, solver)
        self.__wrapped__ = solver
        self.__name__: str = getattr(solver, "__name__", type(solver).__name__)
        self.__qualname__: str = getattr(solver, "__qualname__", self.__name__)
        self.equation, self.made_by, self.argnum = equation, made_by, argnum
        self.linear = None if linear is None else LinearSolver(linear)
        self.of_equation = _signature(equation, made_by)
        self.__signature__ = _signature(solver, made_by)
        self._check()

    def _check(self) -> None:
        """Can the equation be given what the solver is given?"""
        mine, its = self.__signature__.parameters, self.of_equation.parameters
        for name, params in ((self.__name__, mine), (name_of(self.equation), its)):
            first = [p for p in params.values() if p.kind in NAMED]
            rest = any(p.kind is p.VAR_POSITIONAL for p in params.values())
            if len(first) <= self.argnum and not rest:
                raise TypeError(f"{self.made_by}: `{name}` has no argument {self.argnum}, which the "
                                f"{'initial guess' if params is mine else 'solution'} would be")
        if self.by_position:
            return
        unknown = [p for p in self.others(its) if p not in self.others(mine)]
        if unknown:
            raise TypeError(f"{self.made_by}: `{name_of(self.equation)}` takes `{unknown[0]}`, which is no parameter of "
                            f"`{self.__name__}`: beside the solution and the initial guess they are called the same")

    @property
    def by_position(self) -> bool:
        """Is what the solver is given handed on by position, as one of both takes any number of arguments?"""
        params = [*self.__signature__.parameters.values(), *self.of_equation.parameters.values()]
        return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in params)

    def others(self, params: Any) -> list[str]:
        """The names of parameters, but for the solution or the initial guess."""
        names = list(params)
        return names[:self.argnum] + names[self.argnum + 1:]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<{self.made_by} {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__qualname__

    # -- while a function is read that calls it ------------------------------------------------------

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.analyse.again import COMPILED
        from ad_compiler.read.abstract import Poison, to_arg

        if COMPILED.get():
            raise Refused(f"`{self.__name__}` is a {self.made_by}, which Numba cannot call", "leave out backend='numba'")
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Poison):
                return thing
        args, kwargs = [lifter.fresh(a) for a in args], {k: lifter.fresh(v) for k, v in kwargs.items()}
        try:
            bound = self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise Refused(f"`{self.__name__}`: {error}") from None
        args, kwargs = list(bound.args), dict(bound.kwargs)
        if len(args) <= self.argnum:
            raise Refused(f"`{self.__name__}` is not given its initial guess by position")
        solved = Solved(self, self._kind(args[self.argnum]))
        (result,) = lifter.emit_call(solved.rule, tuple(map(to_arg, args)), {k: to_arg(v) for k, v in kwargs.items()},
                                     [solved.kind])
        solved.read(lifter, result, args, kwargs)
        return result

    def _kind(self, init: Abstract) -> Num:
        """The kind of the solution: that of the initial guess, in floating point."""
        from ad_compiler.read.abstract import describe, kind_of

        kind: Kind | None = kind_of(init) if isinstance(init, (Value, Const)) else None
        if not isinstance(kind, Num):
            raise Refused(f"the initial guess of `{self.__name__}` is a {describe(init)}: a root is one number or array",
                          "make one array of it: `ravel`, or np.concatenate")
        if kind.shape is None:
            raise Refused(f"how many axes the initial guess of `{self.__name__}` has is not known")
        return Num(kind.dtype if kind.real else "float64", kind.shape, "array" if kind.shape else "any")

    def given(self, args: list[Abstract], kwargs: dict[str, Abstract], x: Abstract
              ) -> tuple[list[Abstract], dict[str, Abstract]]:
        """What the equation is given, where the solver is given this: in place of the initial guess the solution."""
        args = [*args[:self.argnum], x, *args[self.argnum + 1:]]
        if self.by_position:
            return args, kwargs
        bound = self.__signature__.bind(*args, **kwargs)
        bound.apply_defaults()
        bound = inspect.BoundArguments(self.of_equation, {
            name: x if at == self.argnum else as_constant(bound.arguments[name])
            for at, name in enumerate(self.of_equation.parameters)})
        return list(bound.args), dict(bound.kwargs)


def _signature(func: Solver, made_by: str) -> inspect.Signature:
    try:
        return inspect.signature(func)
    except (TypeError, ValueError):
        raise TypeError(f"{made_by}: `{name_of(func)}` does not say what its parameters are: wrap it") from None


def name_of(func: Any) -> str:
    """What a function is called."""
    return str(getattr(func, "__name__", type(func).__name__))


def as_constant(thing: Any) -> Abstract:
    """The default of a parameter, as the reader has it."""
    from ad_compiler.read.abstract import from_python

    plain = isinstance(thing, (bool, int, float, str, tuple, type(None)))
    return from_python(thing) if plain else thing


# -- one call ----------------------------------------------------------------------------------------------


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
        self.rule: registry.Rule = ImplicitRule(self, lambda *args, **kwargs: kind, vjp=_as_form(PulledBack(self)),
                                                tangent=_as_form(PushedForward(self)), of_solver=of.__signature__)
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
                            f"guess of {np.asarray(init).dtype} of shape {np.shape(init)}: a root is {dtype} of its shape")
        return result.copy() if np.shape(init) else result if isinstance(result, float) else dtype.type(result)

    def read(self, lifter: Any, result: Value, args: list[Abstract], kwargs: dict[str, Abstract]) -> None:
        """Read what the equation says of the result, here: what is refused is an error where a derivative is asked."""
        from ad_compiler.adjoint.own import misfit
        from ad_compiler.trace import bind, read_call

        name, said = name_of(self.of.equation), len(lifter.collector.refusals)
        try:
            given = self.of.given(args, kwargs, result)
            call = bind(lifter, compiler().Special(self.equation, self.of.equation, self.of.of_equation), *given)
            traced = read_call(lifter, call, places_of(call))
            self.inside = atoms_of(call.given)
            self.stmts, self.output = traced.block.ops, traced.output
            is_one = isinstance(self.output, (Value, Const)) and isinstance(kind_of_atom(self.output), Num)
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

    def equation(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """What is zero at the solution."""
        found = lifter.call(Const(self.of.equation), args, kwargs)
        if self.of.made_by == "custom_root":
            return found
        from ad_compiler.read.abstract import Poison
        x = args[self.of.argnum] if len(args) > self.of.argnum else kwargs[list(self.of.of_equation.parameters)[0]]
        return found if isinstance(found, Poison) else lifter.apply(operator.sub, [found, x])

    # -- its derivatives -----------------------------------------------------------------------------

    def residual(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract], x: Abstract) -> Abstract:
        """The statements of the equation once more, for these arguments."""
        from ad_compiler.batch.copies import copied
        from ad_compiler.ir import Block, walk

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
        """The derivative of the residual by the solution: of shape `x.shape + x.shape`."""
        if self.refused is not None:
            raise self.refused
        special = compiler().Special(lambda inner, at, _: self.residual(inner, args, kwargs, at[0]), self.of.equation,
                                     positional(1))
        spec = JacobianSpec(special, 0, None, False, mode="fwd", made="jacfwd")
        return compiler().transform_inside(lifter, spec, [x], {})

    def solves(self, way: str) -> Solver:
        """What solves its linear system, or the transposed one."""
        if not self.kind.shape:
            return divided
        found: Solver = getattr(self.of.linear, way) if self.of.linear else {"transposed": transposed,
                                                                            "forward": forward}[way]
        return found

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
        bar = lifter.inline(solved.solves("transposed"), [a, out_bar], {})
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
        found = compiler().transform_inside(lifter, JvpSpec(special, len(atoms)), [*atoms, *[dots[a] for a in atoms]], {})
        return lifter.inline(solved.solves("forward"), [a, found.items[1]], {})


def _as_form(form: Any) -> Any:
    """A form of a rule, which is a function or writes its statements itself."""
    return form


def kind_of_atom(atom: Any) -> Kind:
    """Its kind."""
    from ad_compiler.read.abstract import kind_of

    return kind_of(atom)


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
    from ad_compiler.read.abstract import flatten

    found: list[Atom] = []
    for thing in given.values():
        items = thing if isinstance(thing, tuple) else thing.values() if isinstance(thing, dict) else [thing]
        found += [atom for item in items for atom in flatten(item)[0]]
    return found


# -- linear systems; these are read, as rules are ----------------------------------------------------------


def divided(a: Any, bar: Any) -> Any:
    return -bar / a


def transposed(a: Any, bar: Any) -> Any:
    if bar.ndim == 1:
        return -np.linalg.solve(a.T, bar)
    n = bar.size
    return -np.reshape(np.linalg.solve(np.reshape(a, (n, n)).T, np.reshape(bar, n)), bar.shape)


def forward(a: Any, dot: Any) -> Any:
    if dot.ndim == 1:
        return -np.linalg.solve(a, dot)
    n = dot.size
    return -np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.reshape(dot, n)), dot.shape)


class LinearSolver(registry.WithRule):
    """A user's own `solve(matrix, vector)`, of which it is known what it gives, and so what its derivatives are."""

    def __init__(self, solve: Solver) -> None:
        if not callable(solve):
            raise TypeError(f"solve must be a function of a matrix and a vector, not {type(solve).__name__}")
        self.solve = solver = solve
        self.__name__ = self.__qualname__ = name_of(solve)
        self.__module__ = getattr(solve, "__module__", None) or __name__
        solver = self

        def transposed(a: Any, bar: Any) -> Any:
            n = bar.size
            return -np.reshape(solver(np.reshape(a, (n, n)).T, np.reshape(bar, n)), bar.shape)

        def forward(a: Any, dot: Any) -> Any:
            n = dot.size
            return -np.reshape(solver(np.reshape(a, (n, n)), np.reshape(dot, n)), dot.shape)

        def vjp(a: Any, b: Any, *, out: Any, out_bar: Any) -> Any:
            s = solver(a.T, out_bar)
            return -np.outer(s, out), s

        def tangent(a: Any, b: Any, *, out: Any, a_dot: Any, b_dot: Any) -> Any:
            if a_dot is None:
                return solver(a, b_dot)
            if b_dot is None:
                return -solver(a, a_dot @ out)
            return solver(a, b_dot - a_dot @ out)
        self.transposed, self.forward = transposed, forward
        self.rule = registry.Rule(self, lambda a, b: b, vjp=vjp, tangent=tangent)

    def __call__(self, a: Any, b: Any) -> Any:
        x = np.asarray(self.solve(a, b))
        if x.shape != b.shape:
            raise RuleFault(f"`{self.__name__}` gives {x.shape} for a system of a matrix {a.shape} and a vector {b.shape}")
        return np.array(x, b.dtype)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.emit_call(self.rule, tuple(args), {}, [args[1].kind])[0]


# -- as people import it -----------------------------------------------------------------------------------


def custom_root(residual: Solver, *, argnum: int = 0, solve: Solver | None = None
                ) -> Callable[[Solver], ImplicitFunction]:
    """Decorate a solver of `residual(x, *args) = 0`: its derivative is that of the solution, by the equation.

    The solver is called as `solver(init, *args)` and returns x, one real number or array of the shape and floating
    dtype of `init` (float64 where that is of integers).  It may be any Python, `scipy.optimize.root` or a loop, and is
    neither read nor differentiated.  `residual` is read; it takes the parameters of the solver under their names, the
    solution in place of the initial guess, and returns an array in the shape of x; what it does not take (a tolerance)
    has no derivative, as the initial guess.  Arguments may be containers, as for `grad`.  `argnum`: which argument the
    initial guess, and the solution, is: 1 for methods.

    The linear system, with the dense Jacobian of `residual`, is solved by `np.linalg.solve`, which raises LinAlgError
    where it is singular (of a number by division); or by `solve(matrix, vector)`, which returns the `x` with
    `matrix @ x = vector`, also for the transposed matrix.

    The derivative is that of the exact solution at what the solver has returned: as near to it as that is converged.
    What is no solution has a derivative of no meaning, which the check of the first call finds, where it is asked.

    All transforms apply, to any order, also `jax.lax.custom_root`'s.  Raises TypeError where parameters do not
    belong together, and `RuleFault` where the solver returns another shape or dtype.
    """
    return functools.partial(_made, residual, "custom_root", argnum, solve)


def custom_fixed_point(function: Solver, *, argnum: int = 0, solve: Solver | None = None
                       ) -> Callable[[Solver], ImplicitFunction]:
    """Decorate a solver of `x = function(x, *args)`: as `custom_root` of `function(x, *args) - x`.

    >>> from ad_compiler import grad
    >>> def newton(x, a):
    ...     return 0.5 * (x + a / x)
    >>> @custom_fixed_point(newton)
    ... def root(x, a):
    ...     for _ in range(50):
    ...         x = newton(x, a)
    ...     return x
    >>> grad(lambda a: root(1.0, a) * 1.0)(4.0)
    0.25
    """
    return functools.partial(_made, function, "custom_fixed_point", argnum, solve)


def _made(equation: Solver, made_by: str, argnum: int, linear: Solver | None, solver: Solver) -> ImplicitFunction:
    if not callable(equation):
        raise TypeError(f"{made_by} needs a function of the solution, not {type(equation).__name__}")
    if isinstance(argnum, bool) or not isinstance(argnum, int) or argnum < 0:
        raise TypeError(f"{made_by}: argnum must be the position of an argument, not {argnum!r}")
    return ImplicitFunction(solver, equation, made_by, argnum, linear)
