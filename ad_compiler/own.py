"""Functions whose derivatives are the user's own: what `custom_vjp`, `custom_jvp` and `register_rule` make.

>>> def third(x):
...     return x ** 3
>>> of = CustomFunction(third, None)
>>> @of.defjvp
... def third_jvp(x, *, out, x_dot):
...     return 3.0 * x * x * x_dot
>>> from ad_compiler import grad
>>> grad(of)(2.0)           # the tangent, transposed
12.0
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ad_compiler.errors import CannotDifferentiate, Refused, RuleFault
from ad_compiler.function import compiler, forget_compiled
from ad_compiler.ir import Const, Value
from ad_compiler.kinds import Kind, NotStatic, Num, Obj
from ad_compiler.rules import registry
from ad_compiler.transposed import Along, Transposed, check_world

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

F = TypeVar("F", bound=Callable[..., Any])
OWN = ("out", "out_bar")


@dataclass(frozen=True, eq=False)
class OwnRule(registry.Rule):
    """A rule of the user's own, wherever it is defined."""

    of: CustomFunction | None = None

    @functools.cached_property
    def own(self) -> bool:
        return True

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        assert self.of is not None
        mine: inspect.Signature = self.of.__signature__
        return mine

    @functools.cached_property
    def along(self) -> registry.Written:
        """Its tangent, where the cotangents are made by loops or branches."""
        assert self.of is not None
        return Along(self.of)

    @functools.cached_property
    def dot_names(self) -> tuple[str, ...]:
        params = inspect.signature(self.tangent).parameters if callable(self.tangent) else {}
        return tuple(name for name in params if name != "out" and name not in self.signature.parameters)


class Marked:
    """A function of the user's that has more to it: called, passed on as a method or pickled, it is the function."""

    made_by: str
    __wrapped__: Callable[..., Any]
    __name__: str
    __qualname__: str
    __signature__: inspect.Signature

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<{self.made_by} {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__qualname__

    def _wrap(self, func: Callable[..., Any]) -> None:
        """Be this function, to those who call it."""
        functools.update_wrapper(self, func)
        self.__wrapped__ = func
        self.__name__ = getattr(func, "__name__", type(func).__name__)
        self.__qualname__ = getattr(func, "__qualname__", self.__name__)

    def _bound(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]
               ) -> tuple[list[Abstract], dict[str, Abstract], inspect.BoundArguments]:
        """The arguments of a call in a function that is read, with arrays as they are now."""
        args, kwargs = [lifter.memory.fresh(a) for a in args], {k: lifter.memory.fresh(v) for k, v in kwargs.items()}
        try:
            return args, kwargs, self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise Refused(f"`{self.__name__}`: {error}") from None


class Called(registry.WithRule):
    """A function of the user's as generated code calls it: what it returns is of its kind, in memory of its own.

    Its rule goes when it does: functions are made, and dropped, in a loop.
    """

    def __init__(self, of: CustomFunction) -> None:
        self.of = of
        self.__name__, self.__qualname__ = of.__name__, of.__qualname__
        self.__module__ = getattr(of.__wrapped__, "__module__", None) or __name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.of.__wrapped__(*args, **kwargs)
        if self.of.kind is not None:
            self.of.check_result(result, self.of.__signature__.bind(*args, **kwargs))
        return result.copy() if isinstance(result, np.ndarray) else result


class CustomFunction(Marked):
    """A function whose derivative is given by `defvjp` or `defjvp`, or both; called, it is the function."""

    def __init__(self, func: Callable[..., Any], kind: str | None, made_by: str = "custom_vjp") -> None:
        self._wrap(func)
        self.kind, self.made_by = kind, made_by
        self._rule: OwnRule | None = None
        self._reading = False
        if made_by != "register_rule":
            try:
                self._take(inspect.signature(func))
            except ValueError:
                raise TypeError(f"{made_by}: `{self.__name__}` does not say what its parameters are: wrap it") from None

    def _take(self, signature: inspect.Signature) -> None:
        """Let these be the parameters."""
        taken = [name for name in OWN if name in signature.parameters]
        if taken:
            raise TypeError(f"{self.made_by}: `{self.__name__}` has a parameter `{taken[0]}`: "
                            "the derivative is given it")
        if self.kind not in (None, "number", *signature.parameters):
            raise TypeError(f"{self.made_by}: kind must be 'number' or a parameter of `{self.__name__}`, "
                            f"not {self.kind!r}")
        self.__signature__ = signature

    # -- its derivatives -----------------------------------------------------------------------------

    def defvjp(self, vjp: F) -> F:
        """Let this be the derivative: the parameters of the function, `*, out, out_bar`; returns their cotangents.

        `out` is what the function has returned, `out_bar` the cotangent of that.  There is a cotangent for each
        parameter that may be positional, in its shape, or its structure; None for what has no derivative.  What is not
        made of the arguments alone (it reads names that are neither of modules nor of Python) is called as it stands,
        once for each call of the function, must not write into what it is given, and has no derivative itself.

        Raises TypeError where parameters are not those of the function, ValueError where there is a derivative already.
        """
        if self._rule is not None and not isinstance(self._rule.vjp, Transposed):
            raise ValueError(f"`{self.__name__}` has a derivative already")
        self._check(vjp, tangent=False)
        self._enter(vjp, None if self._rule is None else self._rule.tangent)
        return vjp

    def defjvp(self, jvp: F) -> F:
        """Let this be the tangent: the parameters of the function, `*, out`, and tangents of those: `x_dot`.

        It returns the tangent of `out`, in its shape, and is linear in the tangents that it takes.  A tangent has the
        shape, or the structure, of its parameter: zeros where it is zero, as of integers, None for what is no number.
        Of a parameter whose tangent it does not take there is no derivative: it is refused where one is asked for.
        Reverse mode is the transpose of this, where there is no `defvjp`.  What is not made of the arguments alone is
        called as it stands, and has no reverse mode.

        Raises TypeError where parameters are not those of the function, or one takes what is no tangent of theirs;
        ValueError where there is a tangent already.
        """
        if self._rule is not None and self._rule.tangent is not None:
            raise ValueError(f"`{self.__name__}` has a tangent already")
        self._check(jvp, tangent=True)
        self._enter(None if self._rule is None else self._rule.vjp, jvp)
        return jvp

    def _enter(self, vjp: Any, tangent: Any) -> None:
        """Let these be the forms of its rule; what was compiled with other ones, or with none, is compiled anew."""
        stale = self._rule is not None or self.made_by == "register_rule"
        ufunc = self._is_elementwise
        fn = self.__wrapped__ if ufunc else Called(self) if self._rule is None else self._rule.fn
        form: Any = vjp or Transposed(self)
        self._rule = OwnRule(fn, registry.elementwise_kind if ufunc else self._kind, vjp=form, tangent=tangent,
                             of=self)
        if isinstance(fn, Called):
            fn.rule = self._rule
        else:
            registry.enter_own(fn, self._rule, elementwise=True)
        if self.made_by == "register_rule":
            registry.enter_own(self.__wrapped__, self._rule)
            registry.REGISTERED.add(f"{getattr(self.__wrapped__, '__module__', None)}.{self.__qualname__}")
        if stale:
            forget_compiled()

    @property
    def _is_elementwise(self) -> bool:
        """Is it called as it stands, and for arrays does what it does for a number?"""
        fn = self.__wrapped__
        return self.made_by == "register_rule" and isinstance(fn, np.ufunc) and fn.signature is None

    def _check(self, form: Callable[..., Any], *, tangent: bool) -> None:
        """Has a derivative the parameters that it is called with?"""
        signature = inspect.signature(form)
        given, name = signature.parameters, getattr(form, "__name__", "the derivative")
        for own in OWN[:1] if tangent else OWN:
            if own not in given or given[own].kind is not inspect.Parameter.KEYWORD_ONLY:
                raise TypeError(f"`{name}` must take `{own}` by keyword: def {name}(…, *, out, "
                                f"{'x_dot' if tangent else 'out_bar'})")
        mine = [p for p in given.values() if p.name not in OWN[:1 if tangent else 2]]
        if not hasattr(self, "__signature__"):      # of somebody else's function the first form says what is supported
            dots = {f"{p.name}_dot" for p in mine} if tangent else set()
            self._take(signature.replace(parameters=self._supported(name, [p for p in mine if p.name not in dots])))
        params = self.__signature__.parameters
        if tangent:
            self._check_dots(name, [p for p in mine if p.kind is p.KEYWORD_ONLY and p.name not in params])
            mine = [p for p in mine if p.kind is not p.KEYWORD_ONLY or p.name in params]
        if [(p.name, p.kind) for p in mine] != [(p.name, p.kind) for p in params.values()]:
            raise TypeError(f"`{name}` takes ({', '.join(p.name for p in mine)}), `{self.__name__}` "
                            f"({', '.join(params)}): they must be the same, before `*, out, "
                            f"{'x_dot, …' if tangent else 'out_bar'}`")

    def _supported(self, name: str, mine: list[inspect.Parameter]) -> list[inspect.Parameter]:
        """Those parameters of a function that its derivative has too; all that have no default."""
        if not isinstance(self.__wrapped__, FunctionType):
            return mine
        params = inspect.signature(self.__wrapped__).parameters
        taken = [p.name for p in mine]
        missing = [p.name for p in params.values() if p.default is p.empty and p.name not in taken
                   and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        if missing or [(p.name, p.kind) for p in mine] != [(n, p.kind) for n, p in params.items() if n in taken]:
            raise TypeError(f"`{name}` takes ({', '.join(taken)}), `{self.__name__}` ({', '.join(params)}): they must "
                            "be the same, but for those with defaults that are not supported")
        return [params[n] for n in taken]

    def _check_dots(self, name: str, dots: list[inspect.Parameter]) -> None:
        """Are these tangents of parameters?"""
        known = [f"{param}_dot" for param in self.__signature__.parameters]
        for dot in dots:
            if dot.name not in known:
                raise TypeError(f"`{name}` takes `{dot.name}`, which is no tangent of a parameter of "
                                f"`{self.__name__}`: these are {', '.join(known)}")
        if not dots:
            raise TypeError(f"`{name}` takes no tangent: one or more of {', '.join(known)}")

    # -- the function, as it is called ---------------------------------------------------------------

    def check_result(self, result: Any, bound: inspect.BoundArguments) -> None:
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

    # -- while a function is read that calls it ------------------------------------------------------

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.analyse.again import COMPILED
        from ad_compiler.read.abstract import Poison, to_arg

        what = "has a rule of yours" if self.made_by == "register_rule" else f"is a {self.made_by}"
        if COMPILED.get():
            raise Refused(f"`{self.__name__}` {what}, which Numba cannot call", "leave out backend='numba'")
        if self._rule is None:
            form = "defjvp" if self.made_by == "custom_jvp" else "defvjp"
            raise Refused(f"`{self.__name__}` is a {self.made_by} that has no derivative",
                          f"give it one: `@{self.__name__}.{form}`")
        for thing in (*args, *kwargs.values()):
            if isinstance(thing, Poison):
                return thing
        args, kwargs, bound = self._bound(lifter, args, kwargs)
        kind = self._kind_now(lifter, args, kwargs, bound)
        given = tuple(map(to_arg, args)), {k: to_arg(v) for k, v in kwargs.items()}
        (result,) = lifter.emit_call(self._rule, *given, [kind])
        return result

    def _kind_now(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract], bound: inspect.BoundArguments
                  ) -> Kind:
        """The kind of what it returns: as it is said, as for a ufunc, or as reading it tells."""
        from ad_compiler.read.abstract import to_kind

        if self.kind is not None:
            return self._kind_as_said(bound)
        if self._is_elementwise:
            try:
                return registry.elementwise_kind(*map(to_kind, bound.args))
            except (NotStatic, ValueError) as error:
                raise Refused(f"`{self.__name__}`: {error}") from None
        return self._kind_as_read(lifter, args, kwargs)

    def _kind_as_said(self, bound: inspect.BoundArguments) -> Num:
        """The kind of the result, where the user has said what it is."""
        from ad_compiler.read.abstract import kind_of

        if self.kind == "number":
            return Num("float64", (), "any")
        bound.apply_defaults()
        like = bound.arguments[str(self.kind)]
        kind = kind_of(like) if isinstance(like, (Value, Const)) else None
        if not isinstance(kind, Num):
            raise Refused(f"the kind of `{self.__name__}` is said to be that of `{self.kind}`, which is no array here")
        return Num(kind.dtype, kind.shape, "any") if kind.shape == () else kind

    def _kind_as_read(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Kind:
        """The kind of what the function returns, as reading it tells; nothing that was read stays."""
        from ad_compiler.read.abstract import Poison, describe, kind_of

        mark, refused = lifter.control.mark(), len(lifter.collector.refusals)
        journal, tick = len(lifter.memory.journal), lifter.memory.tick()
        thing, written, again, stmts = None, False, self._reading, []
        try:
            self._reading = True
            thing = None if again else self._read(lifter, args, kwargs)
            stmts = lifter.block.ops[mark[1]:]
            written = any(memory.born <= tick for memory in lifter.memory.written_since(journal))
            if len(lifter.collector.refusals) > refused:
                thing = None
        except (Refused, CannotDifferentiate):      # not understood: said below
            pass
        finally:
            self._reading = again
            lifter.control.rewind(mark)
        check_world(lifter, stmts, self.__name__)
        if written:
            raise Refused(f"`{self.__name__}` is a {self.made_by} and writes into what it is given",
                          "let it return a new array")
        kind = kind_of(thing) if isinstance(thing, (Value, Const)) else None
        if isinstance(kind, Num):
            return kind
        if thing is None or isinstance(kind, Obj) or isinstance(thing, Poison):
            call = f"{self.made_by}(" + ("…, " if self.made_by == "register_rule" else "")
            raise Refused(f"`{self.__name__}` cannot be read, so the kind of what it returns is not known",
                          f"say what it is: `@{call}kind=\"x\")`, as the argument `x`, or `kind=\"number\"`")
        raise Refused(f"`{self.__name__}` returns a {describe(thing)}: a {self.made_by} returns one number or array",
                      "give each result a function of its own")

    def _read(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """What the function returns, by its source; None where that is not read."""
        if self.made_by != "register_rule":
            return lifter.calls.call(Const(self.__wrapped__), args, kwargs)
        func = self.__wrapped__
        return lifter.calls.inline(func, args, kwargs) if isinstance(func, FunctionType) else None

    def _kind(self, *args: Any, **kwargs: Any) -> Kind:
        raise NotStatic(f"the kind of what a {self.made_by} returns is known where it is called")


def has_rule(fn: Any) -> bool:
    """Is a function known to the compiler already?"""
    return registry.lookup(fn) is not None or bool(compiler().known_to_reader(fn))
