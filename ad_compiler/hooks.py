"""`grad_hook`: look at a cotangent where it passes, or change it.

>>> from ad_compiler import grad
>>> def clip(bar):
...     return np.clip(bar, -1.0, 1.0)
>>> grad(lambda x: 10.0 * grad_hook(x * x, clip))(3.0)
6.0
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.cache import held_by
from ad_compiler.errors import Refused
from ad_compiler.function import given_to
from ad_compiler.ir import Const
from ad_compiler.own import CustomFunction
from ad_compiler.watch import Watch

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


def grad_hook(x: Any, fn: Callable[[Any], Any]) -> Any:
    """`x`; in a derivative its cotangent goes through `fn`, once, when all that reads `x` has added to it.

    `fn(bar)` returns the cotangent to go on with, of the same shape, or None to leave it as it is: to print it, to keep
    it, to stop in a debugger, to clip or scale it.  It is called at each run of the derivative.  As
    `torch.Tensor.register_hook`.  Outside of a derivative, where none passes through, and in forward mode, `fn` is not
    called.

    Raises `RuleFault` where `fn` returns another shape.  It is refused under Numba, and where `fn` is defined inside of
    the function that is differentiated and reads what that computes.
    """
    return x


def _hook_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    given = given_to(grad_hook, args, kwargs)
    fn = _called(lifter, given["fn"])
    if not callable(fn):
        raise Refused("the function that `grad_hook` is given is not known",
                      "define it outside of the function that is differentiated")
    return _hooked(fn).__ad_transform__(lifter, [given["x"]], {})


grad_hook.__ad_transform__ = _hook_inside      # type: ignore[attr-defined]


def _called(lifter: Any, thing: Abstract) -> Any:
    """The function itself: one of the world, the method of an object there, one defined in what is read; else None."""
    from ad_compiler.read.abstract import Bound, Closure, Instance

    if isinstance(thing, Closure):
        return _defined(thing)
    if isinstance(thing, Bound) and isinstance(thing.fn, Const) and not thing.kwargs and len(thing.args) == 1 \
            and isinstance(thing.args[0], Instance):
        (owner,) = thing.args
        lifter.asks.watches.append(Watch(owner.get, owner.sample, exact=True))
        return MethodType(thing.fn.value, owner.sample)
    return thing.value if isinstance(thing, Const) else None


def _defined(inner: Any) -> FunctionType:
    """A function that is defined in one that is read, by its code.  Refuses one that reads what is computed there."""
    scope = inner.scope
    while scope.func is None and scope.parent is not None:
        scope = scope.parent
    name, todo = getattr(inner.node, "name", "<lambda>"), [scope.func.__code__] if scope.func is not None else []
    found = list[CodeType]()
    for code in todo:
        todo += [each for each in code.co_consts if isinstance(each, CodeType)]
        if code.co_name == name and code.co_firstlineno == inner.node.lineno and code is not todo[0]:
            found.append(code)
    if len(found) != 1 or inner.defaults or inner.kw_defaults:
        raise Refused(f"which function `grad_hook` is given, of those called {name} in this line, is not known"
                      if len(found) > 1 else "the function that `grad_hook` is given has defaults, or no code",
                      "define it outside of the function that is differentiated")
    (code,), outer = found, dict(zip(scope.func.__code__.co_freevars, scope.func.__closure__ or (), strict=True))
    own = [each for each in code.co_freevars if each not in outer]
    if own:
        raise Refused(f"the function that `grad_hook` is given reads `{own[0]}`, which is computed in here",
                      "define it outside of the function that is differentiated")
    return FunctionType(code, scope.func.__globals__, name, None, tuple(outer[each] for each in code.co_freevars))


def tangent_of_hooked(x: Any, *, out: Any, x_dot: Any) -> Any:
    """Forwards nothing is hooked: there are no cotangents."""
    return x_dot


def _hooked(fn: Callable[[Any], Any]) -> CustomFunction:
    """The identity whose derivative calls `fn`; it is kept with that."""
    held = held_by(fn) if isinstance(fn, FunctionType) else {}
    found: CustomFunction | None = held.get(grad_hook)
    if found is None:
        def hooked(x: Any) -> Any:
            return x

        def hooked_vjp(x: Any, *, out: Any, out_bar: Any) -> Any:
            bar = fn(out_bar.copy() if isinstance(out_bar, np.ndarray) else out_bar)
            return out_bar if bar is None else bar
        hooked.__name__ = f"hook_{getattr(fn, '__name__', 'of_cotangent')}"
        found = CustomFunction(hooked, None)
        found._enter(hooked_vjp, tangent_of_hooked)
        held[grad_hook] = found
    return found
