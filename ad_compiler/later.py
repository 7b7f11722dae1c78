"""What is called later, with what was saved: pullbacks of `vjp`, tangents of `linearize`.

>>> from ad_compiler import vjp
>>> out, pullback = vjp(lambda x: x * x, 3.0)
>>> pullback(1.0), pullback(0.5)
((6.0,), (3.0,))
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ad_compiler.cache import Entry
from ad_compiler.function import CompiledFunction, compiler
from ad_compiler.ir import Const, Func
from ad_compiler.spec import Spec
from ad_compiler.validate.trees import flatten
from ad_compiler.watch import Itself

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class Back(NamedTuple):
    """What is called later; and its form, for transforms."""

    function: Callable[..., Any]
    form: Func | None
    opened: dict[Any, Open]


APART = (np.ndarray, np.floating, float)
"""What is saved that another transform may be given; integers are part of what it makes."""

MOST_OPENED = 64


class Later:
    """What is called later, with what was saved; `zeros` are like what is then given."""

    _name: str
    _back: Back
    _saved: tuple[Any, ...]
    _zeros: Any
    _count = 1

    def __call__(self, *given: Any) -> Any:
        raise NotImplementedError

    def with_saved(self, zeros: Any, saved: tuple[Any, ...]) -> Later:
        """The same for other things that were saved."""
        raise NotImplementedError

    def inside(self, lifter: Any, zeros: Abstract, saved: tuple[Any, ...], args: list[Abstract],
               kwargs: dict[str, Abstract]) -> Abstract:
        """A call inside a function that is read, where this was saved."""
        raise NotImplementedError

    def opened(self) -> tuple[Open, tuple[Any, ...]] | None:
        """It as a function of what was saved, the same for all that are like it; and that, to be given first."""
        if self._back.form is None or not all(isinstance(x, (*APART, bool, int)) for x in self._saved):
            return None
        fixed = tuple(None if isinstance(x, APART) else x for x in self._saved)
        known, key = self._back.opened, tuple((type(x), x) for x in fixed)
        if key not in known and len(known) >= MOST_OPENED:
            known.clear()
        found = known.setdefault(key, Open(self.with_saved(self._zeros, ()), fixed))
        return found, (self._zeros, *(x for x in self._saved if isinstance(x, APART)))


class Open:
    """What is called later, as a function of what was saved too: a transform of it is compiled once for all of them."""

    given_before = 1        # so many arguments are not the user's

    def __init__(self, of: Later, fixed: tuple[Any, ...]) -> None:
        self._of, self._fixed = of, fixed
        self.__name__ = type(of).__name__
        saved = inspect.Parameter("saved", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self.__signature__ = inspect.Signature([saved, *inspect.signature(of).parameters.values()])

    def _all(self, saved: list[Any]) -> tuple[Any, ...]:
        rest = iter(saved)
        return tuple(next(rest) if x is None else x for x in self._fixed)

    def __call__(self, saved: tuple[Any, ...], *given: Any) -> Any:
        zeros, *others = saved
        return self._of.with_saved(zeros, self._all(others))(*given)

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        zeros, *others = lifter.statements.items_of(args[0])
        return self._of.inside(lifter, zeros, self._all(others), args[1:], kwargs)


class SavingFunction(CompiledFunction):
    """A function that is compiled with another, which is called later with what this one saves."""

    __slots__ = ()

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._places: list[tuple[int, int | None]] | None = None

    def _given_out(self, entry: Entry, args: tuple[Any, ...], result: Any) -> Any:
        out, saved = result
        made = entry.compiled
        assert made.back is not None
        return self._kept(out, Back(made.back.function, made.form, made.opened), tuple(
            [own_items(each) if isinstance(each, (list, tuple)) else each for each in saved]), self._primals(args))

    def _called(self, entry: Entry) -> Callable[..., Any]:
        given_out = self._given_out
        return lambda *args: given_out(entry, args, entry.function(*args))      # which may come to be another

    def _kept(self, out: Any, back: Back, saved: tuple[Any, ...], primals: list[Any]) -> Any:
        """What the caller is given: what was returned, and what is called later with what is saved now."""
        raise NotImplementedError

    def _primals(self, args: tuple[Any, ...]) -> list[Any]:
        """The arguments as they were given, those for *args one by one."""
        if self._places is None:
            names = list(self._signature.parameters)
            rest = [at for at, p in enumerate(self._signature.parameters.values()) if p.kind is p.VAR_POSITIONAL]
            places = self._spec.positions(self._signature, len(args[rest[0]]) if rest else None)    # type: ignore[attr-defined]
            self._places = [(names.index(place), None) if isinstance(place, str) else (names.index(place[0]), place[1])
                            for place in places]
        return [args[at] if item is None else args[at][item] for at, item in self._places]


def own_items(kept: Any) -> Any:
    """What a loop has kept, in memory of its own: items may be views of what the caller can write into."""
    if isinstance(kept, (list, tuple)):
        return type(kept)(map(own_items, kept))
    return kept.copy() if isinstance(kept, np.ndarray) else kept


def zeros_of(thing: Any) -> Any:
    """Zeros of the structure, shapes and dtypes of something, which take no memory."""
    leaves, build = flatten(thing)
    return build([_zeros(x.dtype, x.shape) if isinstance(x, np.ndarray) else type(x)(0) for x in leaves])


@functools.lru_cache(maxsize=256)
def _zeros(dtype: np.dtype[Any], shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(dtype.type(0), shape)        # which cannot be written into


def called_inside(lifter: Any, back: Back, saved: tuple[Any, ...], given: list[Any]) -> Abstract:
    """What is called later, called inside a function that is read."""
    from ad_compiler.transforms.later import called

    if back.form is not None:
        return called(lifter, back.form, saved, given)
    func = back.function        # of another process: as it was printed
    names = inspect.signature(func).parameters
    kept = [lifter.calls.known(x, Itself(x), name) for x, name in zip(saved, names, strict=False)]
    found: Abstract = lifter.calls.call(Const(func), [*kept, *given], {})
    return found


def as_now(lifter: Any, primals: list[Abstract]) -> list[Abstract]:
    """Arguments as they are now, whatever is written into them later."""
    kept = []
    for primal in primals:
        atoms, build = compiler().flatten(lifter.memory.fresh(primal))
        kept.append(build([lifter.memory.in_own_memory(lifter.memory.fresh(atom)) for atom in atoms]))
    return kept
