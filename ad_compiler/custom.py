"""`custom_vjp`: a function with a derivative of the user's own.

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
import inspect
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refused, RuleFault
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Kind, NotStatic, Num, Obj
from ad_compiler.rules import registry

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

F = TypeVar("F", bound=Callable[..., Any])
OWN = ("out", "out_bar")


class OwnRule(registry.Rule):
    """A rule of the user's own, wherever it is defined."""

    @functools.cached_property
    def own(self) -> bool:
        return True


class CustomVJP:
    """A function whose derivative is given by `defvjp`; called, it is the function."""

    def __init__(self, func: Callable[..., Any], kind: str | None) -> None:
        functools.update_wrapper(self, func)
        self.__wrapped__ = func
        self.__name__: str = getattr(func, "__name__", type(func).__name__)
        self.__qualname__: str = getattr(func, "__qualname__", self.__name__)
        try:
            self.__signature__ = inspect.signature(func)
        except ValueError:
            raise TypeError(f"custom_vjp: `{self.__name__}` does not say what its parameters are: wrap it") from None
        self.kind = kind
        self._rule: registry.Rule | None = None
        taken = [name for name in OWN if name in self.__signature__.parameters]
        if taken:
            raise TypeError(f"custom_vjp: `{self.__name__}` has a parameter `{taken[0]}`: the derivative is given it")
        if kind not in (None, "number", *self.__signature__.parameters):
            raise TypeError(f"custom_vjp: kind must be 'number' or a parameter of `{self.__name__}`, not {kind!r}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<custom_vjp {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__qualname__

    def defvjp(self, vjp: F) -> F:
        """Let this be the derivative: the parameters of the function, `*, out, out_bar`; returns their cotangents.

        `out` is what the function has returned, `out_bar` the cotangent of that.  There is a cotangent for each
        parameter that may be positional, in its shape; None for what has no derivative.  What is not made of the
        arguments alone (it reads names that are neither of modules nor of Python) is called as it stands, once for each
        call of the function, must not write into what it is given, and has no derivative itself.

        Raises TypeError where parameters are not those of the function, ValueError where there is a derivative already.
        """
        if self._rule is not None:
            raise ValueError(f"`{self.__name__}` has a derivative already")
        self._check(vjp)
        rule = OwnRule(self._called(), self._kind, vjp=vjp)
        registry._register(rule, {})
        self._rule = rule
        return vjp

    def _check(self, vjp: Callable[..., Any]) -> None:
        """Has a derivative the parameters that it is called with?"""
        given = inspect.signature(vjp).parameters
        name = getattr(vjp, "__name__", "the derivative")
        for own in OWN:
            if own not in given or given[own].kind is not inspect.Parameter.KEYWORD_ONLY:
                raise TypeError(f"`{name}` must take `{own}` by keyword: def {name}(…, *, out, out_bar)")
        mine = [(p.name, p.kind) for p in given.values() if p.name not in OWN]
        wanted = [(p.name, p.kind) for p in self.__signature__.parameters.values()]
        if mine != wanted:
            raise TypeError(f"`{name}` takes ({', '.join(n for n, _ in mine)}), `{self.__name__}` "
                            f"({', '.join(n for n, _ in wanted)}): they must be the same, before `*, out, out_bar`")

    def _called(self) -> Callable[..., Any]:
        """The function as generated code calls it: what it returns is of its kind, in memory of its own."""
        @functools.wraps(self.__wrapped__)
        def called(*args: Any, **kwargs: Any) -> Any:
            result = self.__wrapped__(*args, **kwargs)
            if self.kind is not None:
                self._check_result(result, self.__signature__.bind(*args, **kwargs))
            return result.copy() if isinstance(result, np.ndarray) else result
        return called

    def _check_result(self, result: Any, bound: inspect.BoundArguments) -> None:
        """Is it what `kind` says?"""
        said = f"`{self.__name__}` returns {{}}, its kind is said to be {{}}"
        if self.kind == "number":
            if not isinstance(result, float):
                raise RuleFault(said.format(f"a {type(result).__name__}", "'number': a float"))
            return
        bound.apply_defaults()
        mine, like = np.asarray(result), np.asarray(bound.arguments[str(self.kind)])
        if (mine.shape, mine.dtype) != (like.shape, like.dtype):
            raise RuleFault(said.format(f"{mine.dtype} of shape {mine.shape}",
                                        f"that of `{self.kind}`: {like.dtype} of shape {like.shape}"))

    # -- while a function is read that calls it -------------------------------------------------------

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.analyse.again import COMPILED
        from ad_compiler.read.abstract import Poison, to_arg

        if COMPILED.get():
            raise Refused(f"`{self.__name__}` is a custom_vjp, which Numba cannot call", "leave out backend='numba'")
        if self._rule is None:
            raise Refused(f"`{self.__name__}` is a custom_vjp that has no derivative",
                          f"give it one: `@{self.__name__}.defvjp`")
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Poison):
                return thing
        args, kwargs = [lifter.fresh(a) for a in args], {k: lifter.fresh(v) for k, v in kwargs.items()}
        kind = self._kind_as_read(lifter, args, kwargs) if self.kind is None else self._kind_as_said(args, kwargs)
        given = tuple(map(to_arg, args)), {k: to_arg(v) for k, v in kwargs.items()}
        (result,) = lifter.emit_call(self._rule, *given, [kind])
        return result

    def _kind_as_said(self, args: list[Abstract], kwargs: dict[str, Abstract]) -> Num:
        """The kind of the result, where the user has said what it is."""
        from ad_compiler.read.abstract import kind_of

        if self.kind == "number":
            return Num("float64", (), "any")
        try:
            bound = self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise Refused(f"`{self.__name__}`: {error}") from None
        bound.apply_defaults()
        kind = kind_of(bound.arguments[str(self.kind)])
        if not isinstance(kind, Num):
            raise Refused(f"the kind of `{self.__name__}` is said to be that of `{self.kind}`, which is no array here")
        return Num(kind.dtype, kind.shape, "any") if kind.shape == () else kind

    def _kind_as_read(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Kind:
        """The kind of what the function returns, as reading it tells; nothing that was read stays."""
        from ad_compiler.read.abstract import Poison, describe, kind_of

        mark, refused, journal, tick = lifter.mark(), len(lifter.collector.refusals), len(lifter.journal), lifter.tick()
        thing, written = None, False
        try:
            thing = lifter.call(Const(self.__wrapped__), args, kwargs)
            written = any(memory.born <= tick for memory in lifter.written_since(journal))
            if len(lifter.collector.refusals) > refused:
                thing = None
        except (Refused, CannotDifferentiate):      # not understood: said below
            pass
        finally:
            lifter.rewind(mark)
        if written:
            raise Refused(f"`{self.__name__}` is a custom_vjp and writes into what it is given",
                          "let it return a new array")
        kind = kind_of(thing) if isinstance(thing, (Value, Const)) else None
        if isinstance(kind, Num):
            return kind
        if thing is None or isinstance(kind, Obj) or isinstance(thing, Poison):
            raise Refused(f"`{self.__name__}` cannot be read, so the kind of what it returns is not known",
                          "say what it is: `@custom_vjp(kind=\"x\")`, as the argument `x`, or `kind=\"number\"`")
        raise Refused(f"`{self.__name__}` returns a {describe(thing)}: a custom_vjp returns one number or array",
                      "give each result a function of its own")

    def _kind(self, *args: Any, **kwargs: Any) -> Kind:
        raise NotStatic("the kind of what a custom_vjp returns is known where it is called")


@overload
def custom_vjp(func: Callable[..., Any], *, kind: str | None = None) -> CustomVJP: ...
@overload
def custom_vjp(func: None = None, *, kind: str | None = None) -> Callable[[Callable[..., Any]], CustomVJP]: ...


def custom_vjp(func: Any = None, *, kind: str | None = None) -> Any:
    """Decorate a function that is given its derivative by `defvjp`: reverse mode, as `jax.custom_vjp`.

    The function may be any Python, and need not be readable; it must return one real number or array, change nothing,
    and give the same for the same arguments.  `kind`: what it returns, where that cannot be read off its source:
    "number" for a float, or the name of a parameter: an array of its shape and dtype.

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
    if func is None:
        return functools.partial(CustomVJP, kind=kind)
    if not callable(func):
        raise TypeError(f"custom_vjp needs a function, not {type(func).__name__}")
    return CustomVJP(func, kind)
