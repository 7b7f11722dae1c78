"""What is called later, with what was saved: pullbacks of `vjp`, tangents of `linearize`.

>>> from ad_compiler import vjp
>>> out, pullback = vjp(lambda x: x * x, 3.0)
>>> pullback(1.0), pullback(0.5)
((6.0,), (3.0,))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ad_compiler.function import CompiledFunction, compiler
from ad_compiler.ir import Const, Func
from ad_compiler.validate.first_call import checked_call
from ad_compiler.validate.trees import flatten
from ad_compiler.watch import Itself

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class Back(NamedTuple):
    """What is called later; and its form, for transforms."""

    function: Callable[..., Any]
    form: Func | None


class SavingFunction(CompiledFunction):
    """A function that is compiled with another, which is called later with what this one saves."""

    __slots__ = ()

    def _run(self, args: tuple[Any, ...], given: tuple[tuple[Any, ...], dict[str, Any]] | None
             ) -> tuple[Any, Back, tuple[Any, ...]]:
        """What it returns, what is called later, and what that is given first."""
        entry = self._entry(args)
        result, saved = entry.function(*args) if entry.settled else \
            checked_call(entry, self._spec, self._signature, args, given)
        made = entry.compiled
        assert made.back is not None
        return result, Back(made.back.function, made.form), tuple(
            own_items(each) if isinstance(each, (list, tuple)) else each for each in saved)

    def _primals(self, args: tuple[Any, ...]) -> list[Any]:
        """The arguments as they were given, those for *args one by one."""
        given = dict(zip(self._signature.parameters, args, strict=True))
        rest = next((p.name for p in self._signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        places = self._spec.positions(self._signature, len(given[rest]) if rest else None)      # type: ignore[attr-defined]
        return [given[place] if isinstance(place, str) else given[place[0]][place[1]] for place in places]


def own_items(kept: Any) -> Any:
    """What a loop has kept, in memory of its own: items may be views of what the caller can write into."""
    if isinstance(kept, (list, tuple)):
        return type(kept)(map(own_items, kept))
    return kept.copy() if isinstance(kept, np.ndarray) else kept


def zeros_of(thing: Any) -> Any:
    """Zeros of the structure, shapes and dtypes of something, which take no memory."""
    leaves, build = flatten(thing)
    return build([np.broadcast_to(x.dtype.type(0), x.shape) if isinstance(x, np.ndarray) else x * 0 for x in leaves])


def called_inside(lifter: Any, back: Back, saved: tuple[Any, ...], given: list[Any]) -> Abstract:
    """What is called later, called inside a function that is read."""
    from ad_compiler.transforms.later import called

    if back.form is not None:
        return called(lifter, back.form, saved, given)
    func = back.function        # of another process: as it was printed
    names = inspect.signature(func).parameters
    kept = [lifter.known(x, Itself(x), name) for x, name in zip(saved, names, strict=False)]
    found: Abstract = lifter.call(Const(func), [*kept, *given], {})
    return found


def as_now(lifter: Any, primals: list[Abstract]) -> list[Abstract]:
    """Arguments as they are now, whatever is written into them later."""
    kept = []
    for primal in primals:
        atoms, build = compiler().flatten(lifter.fresh(primal))
        kept.append(build([lifter.in_own_memory(lifter.fresh(atom)) for atom in atoms]))
    return kept
