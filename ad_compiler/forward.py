"""Forward mode, as people import it: `jvp` and `linearize`."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.function import CompiledFunction, check_options, compiler, given_to
from ad_compiler.ir import Const
from ad_compiler.kept import found_for, kept_for, kept_with
from ad_compiler.later import Back, Later, SavingFunction, as_now, called_inside, zeros_of
from ad_compiler.spec import JvpSpec, LinearizeSpec, VjpSpec
from ad_compiler.validate.first_call import asked_as, mode_of
from ad_compiler.validate.trees import alike, children, flatten
from ad_compiler.watch import Itself

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class JvpFunction(CompiledFunction):
    """A function of arguments and their tangents that gives the output and its tangent, as `jvp` calls it.

    Raises TypeError or ValueError where a tangent does not fit its argument.
    """

    __slots__ = ()

    def _call(self, args: tuple[Any, ...], given: tuple[tuple[Any, ...], dict[str, Any]] | None = None) -> Any:
        first, count = self._spec.passive, self._spec.count     # type: ignore[attr-defined]
        fit = [dot if alike(x, dot) else fitted(x, dot, f"primals[{at}]", f"tangents[{at}]")
               for at, (x, dot) in enumerate(zip(args[first:], args[first + count:], strict=False))]
        return super()._call((*args[:first + count], *fit), given)

    def _alike(self) -> dict[int, int]:
        first, count = self._spec.passive, self._spec.count     # type: ignore[attr-defined]
        return {at + count: at for at in range(first, first + count)}


def jvp_function(func: Callable[..., Any], count: int, has_aux: bool = False, *, alone: bool = False,
                 backend: str = "numpy", parallel: bool = False,
                 check: str | None = None) -> tuple[JvpFunction, tuple[Any, ...]]:
    """What `jvp` calls for so many primals, and what it is given before them: the object that a method is of.

    `alone`: what gives the tangent alone, for `hvp`.
    """
    before: tuple[Any, ...] = ()
    if isinstance(func, MethodType):        # it is compiled for its function: an instance may live shorter than that
        before, func = (func.__self__,), func.__func__
    asked = ("jvp", count, has_aux, len(before), alone, backend, parallel, asked_as(check))
    found = found_for(func, asked)
    if found is None:
        check_options(backend, parallel)
        spec = JvpSpec(func, count, has_aux, len(before), alone, backend=backend, parallel=parallel,
                       check=mode_of(check))
        found = kept_for(func, asked, kept_with(JvpFunction, spec))
    return found, before


def jvp(func: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...], *, has_aux: bool = False,
        backend: str = "numpy", parallel: bool = False, check: str | None = None) -> Any:
    """The output of a function and its derivative along a direction: `(func(*primals), tangent)`, in one sweep.

    `primals` and `tangents` are tuples, one item for each positional argument of `func`; a tangent has the structure,
    shape and dtype of its argument.  The output may be any structure of numbers and arrays; its tangent is of the same.
    With `has_aux` the function returns `(output, aux)`, and there are `(output, tangent, aux)`.

    `backend`, `parallel` and `check` are as for `grad`.  What is compiled is kept with the function: `jvp(f, …)` in a
    loop compiles once.

    Raises TypeError or ValueError where a tangent does not fit its argument, and `CannotDifferentiate` where a line
    cannot be differentiated.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.5))
    (6.0, 4.0)
    """
    count = number_of(primals, tangents)
    found, before = jvp_function(func, count, has_aux, backend=backend, parallel=parallel, check=check)
    return found(*before, *primals, *tangents)


def number_of(primals: Any, tangents: Any) -> int:
    """How many primals there are, each with a tangent.  Raises TypeError or ValueError where it is not so."""
    if type(primals) is type(tangents) is tuple and len(primals) == len(tangents) and primals:
        return len(primals)
    for given, name in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(given, (tuple, list)):
            raise TypeError(f"jvp: {name} must be a tuple, one item for each argument, not {type(given).__name__}")
    if not primals:
        raise ValueError("jvp: primals is empty: name at least one argument")
    if len(primals) != len(tangents):
        raise TypeError(f"jvp: {len(primals)} primals and {len(tangents)} tangents are given: there is one for each")
    return len(primals)


def fitted(x: Any, dot: Any, primal: str, tangent: str, name: str = "jvp") -> Any:
    """A tangent as the same kind of object as its argument.  Raises TypeError or ValueError where it does not fit."""
    if isinstance(x, np.ndarray):
        if np.shape(x) != np.shape(dot):
            raise ValueError(f"{name}: {tangent} has shape {np.shape(dot)}, {primal} has shape {np.shape(x)}: "
                             "a tangent has the shape of its argument")
        has = dot.dtype if isinstance(dot, np.ndarray) else type(dot).__name__
        if has != x.dtype and x.dtype.kind == "f":
            raise TypeError(f"{name}: {tangent} is {has}, {primal} is {x.dtype}: "
                            "a tangent has the dtype of its argument")
        return dot
    if isinstance(x, (float, np.floating)):
        if isinstance(dot, bool) or np.shape(dot) or not isinstance(dot, (int, float, np.number, np.ndarray)):
            raise TypeError(f"{name}: {tangent} is a {type(dot).__name__}, {primal} is a {type(x).__name__}: "
                            "a tangent of a number is a number")
        return float(dot) if type(x) is float else type(x)(dot)
    if type(x) is not type(dot):
        raise TypeError(f"{name}: {tangent} is a {type(dot).__name__}, {primal} is a {type(x).__name__}: "
                        "a tangent has the structure of its argument")
    parts, others = children(x), children(dot)
    if parts is None or others is None:
        return dot
    items, build = others[0], parts[1]
    keys: list[Any] = list(range(len(parts[0])))
    if isinstance(x, dict):
        keys = list(x)
        if set(x) != set(dot):
            raise ValueError(f"{name}: {tangent} has the keys {list(dot)}, {primal} has {keys}")
        items = [dot[key] for key in x]
    if len(items) != len(keys):
        raise ValueError(f"{name}: {tangent} has {len(items)} items, {primal} has {len(keys)}")
    return build([fitted(a, b, f"{primal}[{key!r}]", f"{tangent}[{key!r}]", name)
                  for a, b, key in zip(parts[0], items, keys, strict=True)])


def _jvp_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`jvp(func, primals, tangents)` inside a function that is read."""
    given = given_to(jvp, args, kwargs)
    func, primals, tangents = (given.pop(name) for name in ("func", "primals", "tangents"))
    chosen = {key: lifter.expressions.static(thing, f"`{key}`") for key, thing in given.items()}
    first, second = lifter.statements.items_of(primals), lifter.statements.items_of(tangents)
    target = func.value if isinstance(func, Const) else func
    return jvp_of(lifter, JvpSpec(target, len(first), bool(chosen.get("has_aux", False))), first, second)


jvp.__ad_transform__ = _jvp_inside      # type: ignore[attr-defined]


class Linearized(Later):
    """The derivative of a function where it was linearized, along tangents; the function is not run again."""

    def __init__(self, name: str, back: Back, saved: tuple[Any, ...], primals: tuple[Any, ...]) -> None:
        self._name, self._back, self._saved, self._zeros = name, back, saved, zeros_of(primals)
        self._count = len(primals)

    def __call__(self, *tangents: Any) -> Any:
        """The tangent of the output, for one of each of the primals.

        Raises TypeError or ValueError where a tangent does not fit its argument.
        """
        count = len(self._zeros)
        if len(tangents) != count:
            raise TypeError(f"the linearized `{self._name}` takes {count} tangents, {len(tangents)} are given")
        dots = [fitted(x, dot, f"primals[{at}]", f"tangents[{at}]", "linearize")
                for at, (x, dot) in enumerate(zip(self._zeros, tangents, strict=True))]
        return self._back.function(*self._saved, *flatten(dots)[0])

    def __repr__(self) -> str:
        return f"<{self._name}, linearized>"

    def with_saved(self, zeros: Any, saved: tuple[Any, ...]) -> Linearized:
        """The same for other things that were saved, of arguments like these zeros."""
        return Linearized(self._name, self._back, saved, zeros)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        zeros = lifter.calls.known(self._zeros, Itself(self._zeros), "primals")
        return self.inside(lifter, zeros, self._saved, args, kwargs)

    def inside(self, lifter: Any, zeros: Abstract, saved: tuple[Any, ...], args: list[Abstract],
               kwargs: dict[str, Abstract]) -> Abstract:
        """A call inside a function that is read, where this was saved."""
        from ad_compiler.transforms.fitting import compare_when_run, tangents

        likes = lifter.statements.items_of(zeros)
        args = list(map(lifter.memory.fresh, args))
        dots = tangents(likes, args, "linearize")
        for like, dot in zip(likes, args, strict=True):
            compare_when_run(lifter, like, dot)
        return called_inside(lifter, self._back, saved, dots)


class LinearizeFunction(SavingFunction):
    """What `linearize` compiles of a function: called with arguments, it gives the output and a `Linearized`."""

    __slots__ = ()

    def _kept(self, out: Any, back: Back, saved: tuple[Any, ...], primals: list[Any]) -> Any:
        return out, Linearized(self._spec.name, back, saved, tuple(primals))


def linearize(func: Callable[..., Any], *primals: Any, backend: str = "numpy", parallel: bool = False,
              check: str | None = None) -> tuple[Any, Callable[..., Any]]:
    """The output of a function, and a function that gives its derivative there along tangents: `(out, jvp_fn)`.

    `jvp_fn(*tangents)` is `jvp(func, primals, tangents)[1]`, of any tangents and as often as one likes: `func` is not
    run again, but for loops that carry tangents.  What is needed of it is saved; arrays of the caller are copied.

    `backend`, `parallel`, `check`: as for `grad`.  As `torch.func.linearize` and `jax.linearize`.

    >>> out, along = linearize(lambda x, y: x * y, 2.0, 3.0)
    >>> out, along(1.0, 0.0), along(0.0, 1.0)
    (6.0, 3.0, 2.0)
    """
    asked = ("linearize", len(primals), backend, parallel, asked_as(check))
    made = found_for(func, asked)
    if made is None:
        check_options(backend, parallel)
        if not primals:
            raise ValueError("linearize: name at least one argument")
        spec = LinearizeSpec(func, len(primals), backend=backend, parallel=parallel, check=mode_of(check))
        made = kept_for(func, asked, kept_with(LinearizeFunction, spec))
    found: tuple[Any, Callable[..., Any]] = made(*primals)
    return found


def jvp_of(lifter: Any, spec: JvpSpec, primals: list[Abstract], tangents: list[Abstract]) -> Abstract:
    """The output and its tangent inside a function that is read."""
    from ad_compiler.transforms.fitting import compare_when_run

    primals, tangents = [list(map(lifter.memory.fresh, things)) for things in (primals, tangents)]
    for like, given in zip(primals, tangents, strict=False):
        compare_when_run(lifter, like, given)
    return compiler().transform_inside(lifter, spec, [*primals, *tangents], {})


def tangent_along(lifter: Any, func: Any, primals: list[Abstract], tangents: list[Abstract]) -> Abstract:
    """The tangent of an output inside a function that is read."""
    found = jvp_of(lifter, JvpSpec(func, len(primals)), primals, tangents)
    return found.items[1] if hasattr(found, "items") else found     # else it is refused


def _linearize_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`linearize(func, *primals)` inside a function that is read."""
    func, *primals = args
    target = func.value if isinstance(func, Const) else func
    kept = as_now(lifter, primals)
    moment = compiler().Moment(lifter, target)

    def along(inner: Any, given: list[Abstract], named: dict[str, Abstract]) -> Abstract:
        tangents = as_now(inner, given)
        with moment.again():
            return tangent_along(inner, target, kept, tangents)
    # As by `vjp`: what the function writes stays with it, what it hands back of its arguments is theirs.
    out = compiler().transform_inside(lifter, VjpSpec(target, len(primals)), primals, {})
    return compiler().Tuple([out, Const(compiler().Special(along, target))])


linearize.__ad_transform__ = _linearize_inside      # type: ignore[attr-defined]
