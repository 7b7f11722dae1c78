"""Linear systems, as the derivatives of solutions of equations have them.  These functions are read, as rules are.

`a` is the derivative of a residual, of shape `x.shape + x.shape`; `a @ x_dot + dot` is zero, `bar` the cotangent of x.

>>> transposed(np.array([[2.0, 0.0], [1.0, 4.0]]), np.array([2.0, 4.0]))
array([-0.5, -1. ])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import RuleFault
from ad_compiler.rules import registry

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


def divided(a: Any, bar: Any) -> Any:
    """Of numbers."""
    return -bar / a


def transposed(a: Any, bar: Any) -> Any:
    """The cotangent of a residual."""
    if bar.ndim == 1:
        return -np.linalg.solve(a.T, bar)
    n = bar.size
    return -np.reshape(np.linalg.solve(np.reshape(a, (n, n)).T, np.reshape(bar, n)), bar.shape)


def forward(a: Any, dot: Any) -> Any:
    """The tangent of x."""
    if dot.ndim == 1:
        return -np.linalg.solve(a, dot)
    n = dot.size
    return -np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.reshape(dot, n)), dot.shape)


class LinearSolver(registry.WithRule):
    """A user's own `solve(matrix, vector)`, of which it is known what it gives, and so what its derivatives are."""

    def __init__(self, solve: Callable[..., Any]) -> None:
        if not callable(solve):
            raise TypeError(f"solve must be a function of a matrix and a vector, not {type(solve).__name__}")
        self.solve = solve
        self.__name__ = self.__qualname__ = getattr(solve, "__name__", "solve")
        self.__module__ = getattr(solve, "__module__", None) or __name__
        solver = self

        def transposed(a: Any, bar: Any) -> Any:
            if bar.ndim == 1:
                return -solver(a.T, bar)
            n = bar.size
            return -np.reshape(solver(np.reshape(a, (n, n)).T, np.reshape(bar, n)), bar.shape)

        def forward(a: Any, dot: Any) -> Any:
            if dot.ndim == 1:
                return -solver(a, dot)
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
            raise RuleFault(f"`{self.__name__}` gives shape {x.shape} for a matrix of shape {a.shape} and a vector of "
                            f"shape {b.shape}")
        return np.array(x, b.dtype)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        return lifter.emit_call(self.rule, tuple(args), {}, [args[1].kind])[0]
