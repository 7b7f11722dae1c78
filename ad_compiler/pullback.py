"""`vjp`: a function's output, and a function that pulls cotangents of that output back to its arguments.

>>> out, pullback = vjp(lambda x, y: (x * y, x + y), 2.0, 3.0)
>>> out, pullback((1.0, 10.0))
((6.0, 5.0), (13.0, 12.0))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ad_compiler.function import check_options, compiler, given_to
from ad_compiler.ir import Const
from ad_compiler.kept import found_for, kept_for, kept_with
from ad_compiler.later import Back, Later, SavingFunction, as_now, called_inside, zeros_of
from ad_compiler.spec import VjpSpec
from ad_compiler.validate.first_call import asked_as, mode_of
from ad_compiler.validate.trees import children, flatten
from ad_compiler.watch import Itself

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class Like(NamedTuple):
    """What a cotangent must be like: `dtype` is `float` for a number of Python's."""

    shape: tuple[int, ...]
    dtype: Any


class Pullback(Later):
    """From cotangents of an output to those of the arguments, as often as one likes; the function is not run again."""

    def __init__(self, name: str, back: Back, saved: tuple[Any, ...], out: Any, real: list[bool]) -> None:
        self._name, self._back, self._saved, self._real = name, back, saved, real
        leaves, build = flatten(out)
        self._like = build([Like(np.shape(x), float if type(x) is float else x.dtype) for x in leaves])
        self._zeros = zeros_of(out)

    def __call__(self, cotangents: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments, None for an argument that holds no real number.

        `cotangents` has the structure, shapes and dtypes of the output.  Raises TypeError where its structure or a
        dtype is another, ValueError where a shape is.
        """
        seeds: list[Any] = []
        self._match(cotangents, self._like, seeds)
        found = iter(self._back.function(*self._saved, *seeds))
        return tuple(next(found) if real else None for real in self._real)

    def __repr__(self) -> str:
        return f"<pullback of {self._name}>"

    def with_saved(self, zeros: Any, saved: tuple[Any, ...]) -> Pullback:
        """The same for other things that were saved, of an output like these zeros."""
        return Pullback(self._name, self._back, saved, zeros, self._real)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        zeros = lifter.calls.known(self._zeros, Itself(self._zeros), "like")
        return self.inside(lifter, zeros, self._saved, args, kwargs)

    def inside(self, lifter: Any, zeros: Abstract, saved: tuple[Any, ...], args: list[Abstract],
               kwargs: dict[str, Abstract]) -> Abstract:
        """A call inside a function that is read, where this was saved."""
        from ad_compiler.transforms.fitting import compare_when_run, cotangents

        given = lifter.memory.fresh(given_to(self, args, kwargs)["cotangents"])
        seeds = cotangents(zeros, given, self._name)
        compare_when_run(lifter, zeros, given)
        bars = iter(lifter.statements.items_of(called_inside(lifter, self._back, saved, seeds)))
        return compiler().Tuple([next(bars) if real else Const(None) for real in self._real])

    def _match(self, bar: Any, like: Any, seeds: list[Any]) -> None:
        """Gather the leaves of what is given, which must be like the output."""
        if isinstance(like, Like):
            seeds.append(self._seed(bar, like))
            return
        wanted, given = children(like), children(bar)
        if wanted is None:      # an integer, a string: it has no cotangent
            return
        keys = like.keys() if isinstance(like, dict) else None
        if given is None or type(bar) is not type(like) or len(given[0]) != len(wanted[0]) or keys is not None \
                and bar.keys() != keys:
            raise TypeError(f"the cotangents must have the structure of what `{self._name}` returns: "
                            f"a {type(like).__name__} of {len(wanted[0])} is wanted, not {described(bar)}")
        parts = given[0] if keys is None else [bar[key] for key in keys]
        for part, wish in zip(parts, wanted[0], strict=True):
            self._match(part, wish, seeds)

    def _seed(self, bar: Any, like: Like) -> Any:
        if not isinstance(bar, (bool, int, float, np.ndarray, np.generic)) or np.asarray(bar).dtype.kind not in "biuf":
            raise TypeError(f"the cotangents have {described(bar)} where `{self._name}` returns a real number")
        if np.shape(bar) != like.shape:
            raise ValueError(f"a cotangent has shape {np.shape(bar)}, the output of `{self._name}` {like.shape}")
        if like.dtype is float:
            return float(bar)
        dtype = getattr(bar, "dtype", like.dtype)
        if dtype != like.dtype:
            raise TypeError(f"a cotangent is {dtype}, the output of `{self._name}` {like.dtype}")
        return bar if isinstance(bar, np.ndarray) else np.dtype(like.dtype).type(bar)


def described(thing: Any) -> str:
    """What was given in place of something else."""
    parts = children(thing)
    return f"a {type(thing).__name__}" + (f" of {len(parts[0])}" if parts is not None else "")


class VjpFunction(SavingFunction):
    """What `vjp` compiles of a function: called with arguments, it gives `(output, pullback)`."""

    __slots__ = ()

    def _kept(self, result: Any, back: Back, saved: tuple[Any, ...], primals: list[Any]) -> Any:
        assert isinstance(self._spec, VjpSpec)
        out = result[0] if self._spec.has_aux else result
        real = [bool(flatten(arg)[0]) for arg in primals]
        pullback = Pullback(self._spec.name, back, saved, out, real)
        return (out, pullback, result[1]) if self._spec.has_aux else (out, pullback)


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False, backend: str = "numpy", parallel: bool = False,
        check: str | None = None) -> Any:
    """`(func(*primals), pullback)`; with `has_aux`, where `func` returns `(output, aux)`, `(output, pullback, aux)`.

    `pullback(cotangents)` takes one thing, of the structure of the output, and returns a tuple with the cotangent of
    each of the primals, in its structure, shape and dtype; None for one that holds no real number.  It may be called
    as often as one likes, and does not run `func` again.  What it needs is saved: arrays of the caller are copied.

    `backend`, `parallel`, `check`: as for `grad`.  As `torch.func.vjp` and `jax.vjp`.  Raises `CannotDifferentiate`
    where a line cannot be differentiated, TypeError where `func` cannot be called like this.  For the same function,
    and arguments of the same kinds, it is compiled once.
    """
    asked = ("vjp", len(primals), has_aux, backend, parallel, asked_as(check))
    found = found_for(func, asked)
    if found is None:
        check_options(backend, parallel)
        spec = VjpSpec(func, len(primals), has_aux, backend=backend, parallel=parallel, check=mode_of(check))
        found = kept_for(func, asked, kept_with(VjpFunction, spec))
    return found(*primals)


COTANGENTS = inspect.Signature([inspect.Parameter("cotangents", inspect.Parameter.POSITIONAL_OR_KEYWORD)])


def _vjp_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`vjp(func, *primals)` inside a function that is read."""
    func, *primals = args
    chosen = {key: lifter.expressions.static(thing, f"`{key}`") for key, thing in kwargs.items()}
    spec = VjpSpec(func.value if isinstance(func, Const) else func, len(primals), bool(chosen.get("has_aux", False)))
    kept = as_now(lifter, primals)
    moment = compiler().Moment(lifter, spec.func)
    made = compiler().transform_inside(lifter, spec, primals, {})     # it may hand back what it was given

    def pull(inner: Any, given: list[Abstract], named: dict[str, Abstract]) -> Abstract:
        from ad_compiler.transforms.fitting import compare_when_run

        (bar,) = as_now(inner, [COTANGENTS.bind(*given, **named).arguments["cotangents"]])
        compare_when_run(inner, made.items[0] if spec.has_aux and hasattr(made, "items") else made, bar)
        with moment.again():
            found = compiler().transform_inside(inner, replace(spec, pulled=True), [*kept, bar], {})
        if not hasattr(found, "items"):     # it is refused
            return found
        bars = iter(found.items)
        real = [any(map(compiler().is_real, compiler().flatten(thing)[0])) for thing in kept]
        return compiler().Tuple([next(bars) if is_one else Const(None) for is_one in real])
    pullback = Const(compiler().Special(pull, spec.func, COTANGENTS))
    if not spec.has_aux:
        return compiler().Tuple([made, pullback])
    return compiler().Tuple([made.items[0], pullback, made.items[1]]) if hasattr(made, "items") else made


vjp.__ad_transform__ = _vjp_inside      # type: ignore[attr-defined]
