"""What is asked of a compiled text, for each transform: the property that defines it.

`grad` gives the slope of a number; `vjp` that of any sum of what a function returns, weighted by cotangents.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_compiler.derivative import Derivative
from ad_compiler.spec import Spec
from ad_compiler.validate.point import Point
from ad_compiler.validate.trees import flatten
from ad_compiler.validate.uncompiled import in_python, is_uncompiled
from ad_compiler.watch import Default, Itself, is_argument


@dataclass(frozen=True)
class Question:
    """A compiled text, what it is of, and one call: `args` as the text takes them, `call` as the user made it."""

    compiled: Derivative
    spec: Any
    signature: inspect.Signature
    args: tuple[Any, ...]
    call: inspect.BoundArguments

    @property
    def by_numba(self) -> bool:
        return bool(self.spec.backend == "numba")

    @property
    def function(self) -> Callable[..., Any]:
        """What is run."""
        func: Callable[..., Any] = self.spec.func
        return in_python(func) if any(map(is_uncompiled, (func, *self.compiled.behaviour.compiled))) else func

    @property
    def places(self) -> list[Any]:
        """What is differentiated: a parameter, or (parameter, position in it)."""
        rest = next((p.name for p in self.signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        given = dict(zip(self.signature.parameters, self.args, strict=True))
        found: list[Any] = self.spec.positions(self.signature, len(given[rest]) if rest else None)
        return found

    def point(self, call: inspect.BoundArguments, args: tuple[Any, ...]) -> Point:
        """The function, called like this."""
        watches = self.compiled.watches
        world = [w.seen for w in watches if not is_argument(w.get) and not isinstance(w.get, (Default, Itself))]
        return Point(self.function, call, self.places, args, world, self.compiled.behaviour.writes)

    @property
    def gives_value(self) -> bool:
        """Does the text give what the function returns, beside aux?"""
        raise NotImplementedError

    def parts(self, result: Any) -> tuple[Any, Any, list[Any]]:
        """Value, aux and gradients in what the text gives; None for what is not there."""
        raise NotImplementedError

    def scalar_of(self, there: Any) -> Any:
        """The number whose slope is asked for, in what the function returns."""
        raise NotImplementedError

    def number_of(self, there: Any) -> float:
        """As a float."""
        return float(self.scalar_of(there))


class GradQuestion(Question):
    """The gradient of a number."""

    @property
    def gives_value(self) -> bool:
        return bool(self.spec.with_value)

    def parts(self, result: Any) -> tuple[Any, Any, list[Any]]:
        value = aux = None
        if self.spec.with_value:
            value, grads = result
            value, aux = value if self.spec.has_aux else (value, None)
        else:
            grads, aux = result if self.spec.has_aux else (result, None)
        return value, aux, [grads] if self.spec.single else list(grads)

    def scalar_of(self, there: Any) -> Any:
        return np.asarray(there[0] if self.spec.has_aux else there)[()]


class VjpQuestion(Question):
    """Cotangents of the arguments, for those of the output that the text itself fixes."""

    gives_value = True

    @property
    def places(self) -> list[Any]:
        given = dict(zip(self.signature.parameters, self.args, strict=True))
        found = [given[p] if isinstance(p, str) else given[p[0]][p[1]] for p in super().places]
        return [place for place, thing in zip(super().places, found, strict=True) if flatten(thing)[0]]

    def parts(self, result: Any) -> tuple[Any, Any, list[Any]]:
        assert self.compiled.back is not None
        there, saved = result
        value, aux = there if self.spec.has_aux else (there, None)
        leaves = flatten(value)[0]
        seeds = [as_like(w, x) for w, x in zip(self.weights(leaves), leaves, strict=True)]
        return value, aux, list(self.compiled.back.function(*saved, *seeds))

    def weights(self, leaves: list[Any]) -> list[Any]:
        """Of the real leaves of the output, each of size 1/2 to 1: nothing is left out."""
        seed = hashlib.sha256(self.compiled.text.encode()).digest()
        rng = np.random.default_rng(list(seed[:8]))
        return [rng.uniform(0.5, 1.0, np.shape(x)) * rng.choice([-1.0, 1.0], np.shape(x)) for x in leaves]

    def scalar_of(self, there: Any) -> Any:
        leaves = flatten(there[0] if self.spec.has_aux else there)[0]
        least = min((np.asarray(x).dtype for x in leaves), key=lambda dtype: dtype.itemsize, default=np.dtype(float))
        with np.errstate(all="ignore"):
            total = sum(float(np.sum(w * as_double(x))) for w, x in zip(self.weights(leaves), leaves, strict=True))
        return least.type(total)


def as_double(x: Any) -> Any:
    return np.asarray(x, np.float64)


def as_like(weight: Any, x: Any) -> Any:
    """A weight as a cotangent of the dtype of what it is for."""
    return float(weight) if type(x) is float else np.asarray(weight).astype(x.dtype)[()] if np.shape(x) == () and \
        not isinstance(x, np.ndarray) else np.asarray(weight, x.dtype)


QUESTIONS: dict[str, type[Question]] = {"grad": GradQuestion, "vjp": VjpQuestion}
"""What is asked for each transform, a file of `transforms/`."""


def question_of(compiled: Derivative, spec: Spec, signature: inspect.Signature, args: tuple[Any, ...],
                call: inspect.BoundArguments) -> Question:
    """What is to be asked of a text, and at which call."""
    return QUESTIONS[spec.transform](compiled, spec, signature, args, call)
