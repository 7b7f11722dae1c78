"""Derivatives given at a point of the program: `custom_vjp`, `custom_jvp`, and `register_rule` for others' functions.

>>> from ad_compiler import grad
>>> @custom_vjp
... def softplus(x):
...     return np.log(1.0 + np.exp(x))
>>> @softplus.defvjp
... def softplus_vjp(x, *, out, out_bar):
...     return out_bar / (1.0 + np.exp(-x))
>>> grad(softplus)(0.0)
0.5
>>> print(grad(softplus).source, end="")
def softplus_grad(x):
    # -- reverse sweep --
    x_bar = 1.0 / (1.0 + np.exp(-x))
    return float(x_bar)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.own import CustomFunction, has_rule

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

F = TypeVar("F", bound=Callable[..., Any])


@overload
def custom_vjp(func: Callable[..., Any], *, kind: str | None = None) -> CustomFunction: ...
@overload
def custom_vjp(func: None = None, *, kind: str | None = None) -> Callable[[Callable[..., Any]], CustomFunction]: ...


def custom_vjp(func: Any = None, *, kind: str | None = None) -> Any:
    """Decorate a function that is given its derivative by `defvjp`: reverse mode, as `jax.custom_vjp`.

    The function may be any Python, and need not be readable; it must return one real number or array, change nothing,
    and give the same for the same arguments.  `kind`: what it returns, where that cannot be read off its source:
    "number" for a float, or the name of a parameter: an array of its shape and dtype.  Forward mode is the transpose of
    the derivative, where that can be read; `defjvp` may give it another.

    Usable as `@custom_vjp` and `@custom_vjp(kind="x")`.  Raises TypeError where `kind` is no such name.

    >>> @custom_vjp
    ... def clipped(x, bound):
    ...     return x
    >>> @clipped.defvjp
    ... def clipped_vjp(x, bound, *, out, out_bar):
    ...     return np.clip(out_bar, -bound, bound), None
    >>> from ad_compiler import grad
    >>> grad(lambda x: 10.0 * clipped(x, 1.0))(3.0)
    1.0
    """
    return _made(func, kind, "custom_vjp")


@overload
def custom_jvp(func: Callable[..., Any], *, kind: str | None = None) -> CustomFunction: ...
@overload
def custom_jvp(func: None = None, *, kind: str | None = None) -> Callable[[Callable[..., Any]], CustomFunction]: ...


def custom_jvp(func: Any = None, *, kind: str | None = None) -> Any:
    """Decorate a function that is given its tangent by `defjvp`: forward mode, as `jax.custom_jvp`.

    The function and `kind` are as for `custom_vjp`.  Reverse mode is the transpose of the tangent, which is linear in
    the tangents of the arguments; `defvjp` may give it another.  A tangent that cannot be read has none.

    >>> @custom_jvp
    ... def cube_root(x):
    ...     return np.cbrt(x)
    >>> @cube_root.defjvp
    ... def cube_root_jvp(x, *, out, x_dot):
    ...     return x_dot / (3.0 * out * out)
    >>> from ad_compiler import grad, jvp
    >>> jvp(cube_root, (8.0,), (6.0,))[1], grad(cube_root)(8.0)
    (np.float64(0.5), 0.08333333333333333)
    """
    return _made(func, kind, "custom_jvp")


def _made(func: Any, kind: str | None, made_by: str) -> Any:
    if func is None:
        return functools.partial(CustomFunction, kind=kind, made_by=made_by)
    if not callable(func):
        raise TypeError(f"{made_by} needs a function, not {type(func).__name__}")
    return CustomFunction(func, kind, made_by)


def register_rule(func: Callable[..., Any], *, kind: str | None = None, jvp: Callable[..., Any] | None = None
                  ) -> Callable[[F], F]:
    """Decorate the derivative of a function of somebody else's: with or without source, of C, a ufunc.

    The derivative is as for `defvjp` of `custom_vjp`: the function's parameters, `*, out, out_bar`, but for those with
    defaults that are not supported; of a function that is not written in Python it says what these parameters are.
    `jvp`: the tangent, as for `defjvp` of `custom_jvp`; as a statement, without a decorated function, that alone is
    registered.  `kind`: what the function returns, where it is no ufunc and cannot be read: "number" for a float, or
    the name of a parameter: an array of its shape and dtype.  A cotangent of a ufunc's may have the shape of the
    result: it is summed where an argument was broadcast.

    What was compiled before is compiled anew.  Raises ValueError where the function has a rule already, TypeError for
    what is no function, and for parameters as `defvjp` does.

    >>> import ctypes, ctypes.util, math
    >>> lgamma = ctypes.CDLL(ctypes.util.find_library("m")).lgamma
    >>> lgamma.argtypes, lgamma.restype = [ctypes.c_double], ctypes.c_double
    >>> @register_rule(lgamma, kind="number")
    ... def lgamma_vjp(x, *, out, out_bar):
    ...     return out_bar * (np.log(x) - 0.5 / x - 1.0 / (12.0 * x ** 2))
    >>> from ad_compiler import grad
    >>> round(grad(lambda x: lgamma(x) * 1.0)(20.0), 4)
    2.9705
    """
    if not callable(func) or isinstance(func, type):
        raise TypeError(f"register_rule needs a function, not {'a class' if callable(func) else type(func).__name__}")
    if isinstance(func, (MethodType, functools.partial)):
        raise TypeError(f"register_rule: `{func!r}` is called with arguments of its own: register the function itself")
    if isinstance(func, np.ufunc) and func.nout > 1:
        raise TypeError(f"register_rule: `{func.__name__}` gives {func.nout} results: wrap it, one function for each")
    name = getattr(func, "__name__", repr(func))
    if isinstance(func, CustomFunction) or hasattr(func, "__ad_transform__") or has_rule(func):
        raise ValueError(f"`{name}` has a rule already")
    made = CustomFunction(func, kind, "register_rule")
    if jvp is not None:
        made.defjvp(jvp)

    def enter(vjp: F) -> F:
        if jvp is None and has_rule(func):
            raise ValueError(f"`{name}` has a rule already")
        return made.defvjp(vjp)
    return enter


def _refused_inside(made_by: str, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    raise Refused(f"{made_by} is used inside a function that is read", "decorate the function outside of it")


custom_vjp.__ad_transform__ = functools.partial(_refused_inside, "custom_vjp")     # type: ignore[attr-defined]
custom_jvp.__ad_transform__ = functools.partial(_refused_inside, "custom_jvp")     # type: ignore[attr-defined]
register_rule.__ad_transform__ = functools.partial(_refused_inside, "register_rule")     # type: ignore[attr-defined]
