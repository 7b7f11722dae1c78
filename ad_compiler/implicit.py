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
>>> round(grad(f)(10.0), 12)        # x is 2, the slope of the cubic there 13
0.153846153846
>>> print(grad(f).source, end="")
def f_grad(a):
    # -- reverse sweep --
    a_bar = -(-2.0 / (3.0 * solved(1.0, a) ** 2 + 1.0))  # cubic line 2: return x ** 3 + x - a
    return float(a_bar)
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ad_compiler.errors import Refused
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Kind, Num
from ad_compiler.linear_systems import LinearSolver
from ad_compiler.own import Marked
from ad_compiler.solved import Solved
from ad_compiler.spec import name_of

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

Solver = Callable[..., Any]
NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class ImplicitFunction(Marked):
    """A solver whose derivative is that of the solution of its equation; called, it is the solver."""

    def __init__(self, solver: Solver, equation: Solver, made_by: str, argnum: int, linear: Solver | None) -> None:
        if not callable(solver) or isinstance(solver, type):
            raise TypeError(f"{made_by} needs a function, not {type(solver).__name__}")
        self._wrap(solver)
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
            raise TypeError(f"{self.made_by}: `{name_of(self.equation)}` takes `{unknown[0]}`, which is no parameter "
                            f"of `{self.__name__}`: beside the solution and the initial guess they are called the same")

    @property
    def by_position(self) -> bool:
        """Is what the solver is given handed on by position, as one of both takes any number of arguments?"""
        params = [*self.__signature__.parameters.values(), *self.of_equation.parameters.values()]
        return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in params)

    def others(self, params: Any) -> list[str]:
        """The names of parameters, but for the solution or the initial guess."""
        names = list(params)
        return names[:self.argnum] + names[self.argnum + 1:]

    # -- while a function is read that calls it ------------------------------------------------------

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.analyse.again import COMPILED
        from ad_compiler.read.abstract import Poison, to_arg

        if COMPILED.get():
            raise Refused(f"`{self.__name__}` is a {self.made_by}, which Numba cannot call",
                          "leave out backend='numba'")
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Poison):
                return thing
        _, _, bound = self._bound(lifter, args, kwargs)
        args, kwargs = list(bound.args), dict(bound.kwargs)
        if len(args) <= self.argnum:
            raise Refused(f"`{self.__name__}` is not given its initial guess by position")
        solved = Solved(self, self._kind(args[self.argnum]))
        (result,) = lifter.emit_call(solved.rule, tuple(map(to_arg, args)), {k: to_arg(v) for k, v in kwargs.items()},
                                     [solved.kind])
        solved.read(lifter, result, args, kwargs)
        lifter.solvers.add(self.__name__)
        return result

    def _kind(self, init: Abstract) -> Num:
        """The kind of the solution: that of the initial guess, in floating point."""
        from ad_compiler.read.abstract import describe, kind_of

        kind: Kind | None = kind_of(init) if isinstance(init, (Value, Const)) else None
        if not isinstance(kind, Num):
            raise Refused(f"the initial guess of `{self.__name__}` is a {describe(init)}: a root is one number or "
                          "array", "make one array of it: `ravel`, or np.concatenate")
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


def as_constant(thing: Any) -> Abstract:
    """The default of a parameter, as the reader has it."""
    from ad_compiler.read.known import from_python

    plain = isinstance(thing, (bool, int, float, str, tuple, type(None)))
    return from_python(thing) if plain else thing


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


def _refused_inside(made_by: str, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    raise Refused(f"{made_by} is used inside a function that is read", "decorate the solver outside of it")


custom_root.__ad_transform__ = functools.partial(_refused_inside, "custom_root")     # type: ignore[attr-defined]
custom_fixed_point.__ad_transform__ = functools.partial(     # type: ignore[attr-defined]
    _refused_inside, "custom_fixed_point")
