"""Where no derivative passes: `no_grad` and `stop_gradient`.

>>> from ad_compiler import grad
>>> grad(lambda x: x * stop_gradient(x))(3.0)
3.0
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from ad_compiler.function import BoundFunction, CompiledFunction, compiler
from ad_compiler.ir import Const
from ad_compiler.validate.replay import frozen

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

F = TypeVar("F", bound=Callable[..., Any])


class _NoGrad:
    """`with no_grad():`, `with no_grad:` and `@no_grad`.

    Inside a differentiated function, what is computed in the block is a constant.  Around the call of a
    gradient function it changes nothing.
    """

    __ad_no_grad__ = True

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        if not args:
            return Const(self)
        func = args[0]

        def call(inner: Any, a: list[Abstract], k: dict[str, Abstract]) -> Abstract:
            with inner.no_grad():
                return inner.calls.call(func, a, k)
        return Const(compiler().Special(call, func.value if isinstance(func, Const) else func))

    @overload
    def __call__(self) -> _NoGrad: ...
    @overload
    def __call__(self, func: F) -> F: ...

    def __call__(self, func: Any = None) -> Any:
        if func is None:
            return self
        if isinstance(func, (CompiledFunction, BoundFunction)):
            return func

        @functools.wraps(func)
        def stopped(*args: Any, **kwargs: Any) -> Any:
            return frozen(func(*args, **kwargs))
        stopped.__ad_transform__ = functools.partial(_call_stopped, func)      # type: ignore[attr-defined]
        return stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        return None

    def __reduce__(self) -> str:
        return "no_grad"


def _call_stopped(func: Callable[..., Any], lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    with lifter.no_grad():
        return lifter.calls.call(Const(func), args, kwargs)


no_grad = _NoGrad()


def stop_gradient(x: Any) -> Any:
    """`x`, through which no derivative passes.  Any nesting of containers; outside `grad`, `x` itself."""
    return frozen(x)


def _stop_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    with lifter.no_grad():
        return lifter.statements.stopped_copy(args[0] if args else kwargs["x"])


stop_gradient.__ad_transform__ = _stop_inside      # type: ignore[attr-defined]
