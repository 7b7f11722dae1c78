"""What is asked of a compiled text, for each transform: the property that defines it.

`grad` gives the slope of a number; `vjp` and `jvp` that of any sum of what a function returns, weighted by cotangents;
`vmap` what the function gives for each sample.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_compiler.derivative import Derivative
from ad_compiler.validate.point import Point
from ad_compiler.validate.told import Gradient, Tangent, Told
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
    def asked(self) -> tuple[inspect.BoundArguments, tuple[Any, ...]]:
        """The call of the function, and its arguments as `args` has them."""
        return self.call, self.args

    def arguments(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """What the text is called with, for arguments of the function."""
        return args

    @property
    def reason(self) -> str:
        """Why it is not asked, where it is not."""
        return "; ".join(self.compiled.behaviour.effects)

    @property
    def gives_value(self) -> bool:
        """Does the text give what the function returns, beside aux?"""
        return True

    asks_slope = True
    has_aux = property(lambda self: self.spec.has_aux)

    def excuse(self, there: Any) -> str:
        """Why the text may raise what the function does not."""
        return ""

    def comparable(self, value: Any, like: Any) -> Any:
        """What the function returns, to be held against what the text gives."""
        return value

    def returned(self, result: Any) -> tuple[Any, Any]:
        """Value and aux in what the text gives; None for what is not there."""
        raise NotImplementedError

    def scalar_of(self, there: Any) -> Any:
        """The number whose slope is asked for, in what the function returns."""
        raise NotImplementedError

    def number_of(self, there: Any) -> float:
        """As a float."""
        return float(self.scalar_of(there))

    def told(self, point: Point, result: Any) -> Told:
        """What the text tells of the slope of that number, which it was called at this point for."""
        raise NotImplementedError

    def misfit(self, point: Point, result: Any) -> str | None:
        """Where what it tells has not the structure, shapes and dtypes that it must have."""
        raise NotImplementedError


class Gradients(Question):
    """What gives gradients for arguments."""

    def grads(self, result: Any) -> list[Any]:
        """The gradients, one for each of the places."""
        raise NotImplementedError

    def told(self, point: Point, result: Any) -> Told:
        return Gradient(point, [np.asarray(g) for grad in self.grads(result) for g in flatten(grad)[0]])

    def misfit(self, point: Point, result: Any) -> str | None:
        for place, grad in zip(point.places, self.grads(result), strict=True):
            name = place if isinstance(place, str) else f"{place[0]}[{place[1]}]"
            wrong = apart(grad, point.thing(place), f"the gradient for `{name}`", "the argument")
            if wrong:
                return wrong
        return None


def apart(mine: Any, like: Any, what: str, its: str) -> str | None:
    """Where the real leaves of two things differ in number, shape or width of dtype."""
    parts, others = flatten(mine)[0], flatten(like)[0]
    if len(parts) != len(others):
        return f"{what} has {len(parts)} real parts, {its} {len(others)}"
    for g, x in zip(map(np.asarray, parts), map(np.asarray, others), strict=True):
        if (g.shape, g.dtype.itemsize) != (x.shape, x.dtype.itemsize):
            return f"{what} is {g.dtype} of shape {g.shape}, {its} {x.dtype} of shape {x.shape}"
    return None


class GradQuestion(Gradients):
    """The gradient of a number."""

    @property
    def gives_value(self) -> bool:
        return bool(self.spec.with_value)

    def returned(self, result: Any) -> tuple[Any, Any]:
        if self.spec.with_value:
            value: tuple[Any, Any] = result[0] if self.spec.has_aux else (result[0], None)
            return value
        return None, result[1] if self.spec.has_aux else None

    def grads(self, result: Any) -> list[Any]:
        grads = result[1] if self.spec.with_value else result[0] if self.spec.has_aux else result
        return [grads] if self.spec.single else list(grads)

    def scalar_of(self, there: Any) -> Any:
        return np.asarray(there[0] if self.spec.has_aux else there)[()]


class Weighted(Question):
    """What is asked of all that a function returns: the slope of a sum, with weights that the text fixes."""

    def weights(self, there: Any) -> list[Any]:
        """For the real leaves of an output, each of size 1/2 to 1: nothing is left out."""
        rng = np.random.default_rng(list(hashlib.sha256(self.compiled.text.encode()).digest()[:8]))
        return [rng.uniform(0.5, 1.0, np.shape(x)) * rng.choice([-1.0, 1.0], np.shape(x)) for x in flatten(there)[0]]

    def total(self, thing: Any) -> float:
        """The sum of something with the structure of the output."""
        with np.errstate(all="ignore"):
            return sum(float(np.sum(w * np.asarray(x, np.float64)))
                       for w, x in zip(self.weights(thing), flatten(thing)[0], strict=True))

    def scalar_of(self, there: Any) -> Any:
        value = there[0] if self.spec.has_aux else there
        dtypes = [np.asarray(x).dtype for x in flatten(value)[0]]
        return min(dtypes, key=lambda dtype: dtype.itemsize, default=np.dtype(float)).type(self.total(value))

    @property
    def places(self) -> list[Any]:
        return self.moving(super().places)

    def moving(self, places: list[Any]) -> list[Any]:
        """Those of the places where there is a real number."""
        given = dict(zip(self.signature.parameters, self.args, strict=True))
        found = [given[p] if isinstance(p, str) else given[p[0]][p[1]] for p in places]
        return [place for place, thing in zip(places, found, strict=True) if flatten(thing)[0]]


class VjpQuestion(Weighted, Gradients):
    """Cotangents of the arguments, for weights as those of the output."""

    def returned(self, result: Any) -> tuple[Any, Any]:
        there: tuple[Any, Any] = result[0] if self.spec.has_aux else (result[0], None)
        return there

    def grads(self, result: Any) -> list[Any]:
        assert self.compiled.back is not None
        value, saved = self.returned(result)[0], result[1]
        seeds = [as_like(w, x) for w, x in zip(self.weights(value), flatten(value)[0], strict=True)]
        return list(self.compiled.back.function(*saved, *seeds))


class JvpQuestion(Weighted):
    """The tangent of a sum of the output, along any tangents: the same text tells it for all."""

    @property
    def split(self) -> int:
        """Where the tangents begin."""
        return int(self.spec.passive + self.spec.count)

    @property
    def asked(self) -> tuple[inspect.BoundArguments, tuple[Any, ...]]:
        names = list(self.signature.parameters)[:self.split]
        signature = inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names])
        return signature.bind(*self.args[:self.split]), self.args[:self.split]

    @property
    def places(self) -> list[Any]:
        return self.moving(list(self.signature.parameters)[self.spec.passive:self.split])

    def arguments(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*args, *self.args[self.split:])

    @property
    def gives_value(self) -> bool:
        return not self.spec.alone

    def returned(self, result: Any) -> tuple[Any, Any]:
        aux = result[-1] if self.spec.has_aux else None
        return None if self.spec.alone else result[0], aux

    def dots(self, result: Any) -> Any:
        """The tangent of what the function returns."""
        if self.spec.alone:
            return result[0] if self.spec.has_aux else result
        return result[1]

    def misfit(self, point: Point, result: Any) -> str | None:
        if self.spec.alone:     # of a gradient, which is like the arguments
            return apart(self.dots(result), list(map(point.thing, self.places)), "the tangent", "the gradient")
        return apart(self.dots(result), result[0], "the tangent", "the output")

    def told(self, point: Point, result: Any) -> Told:
        given = [point.thing(name) for name in list(point.signature.parameters)]
        text = self.compiled.emitted.function

        def along(tangents: list[Any]) -> float:
            rest, dots = iter(tangents), []
            for x in given[self.spec.passive:]:
                leaves, build = flatten(x)
                dots.append(build([next(rest) for _ in leaves]))
            return self.total(self.dots(text(*given, *dots)))
        return Tangent(point, along)


class LinearizeQuestion(Weighted):
    """The tangent of a sum of the output, by what is called later."""

    has_aux = False

    def returned(self, result: Any) -> tuple[Any, Any]:
        return result[0], None

    def misfit(self, point: Point, result: Any) -> str | None:
        return apart(self.pushed(result, [x * 0 for x in point.leaves]), result[0], "the tangent", "the output")

    def pushed(self, result: Any, tangents: list[Any]) -> Any:
        assert self.compiled.back is not None
        return self.compiled.back.function(*result[1], *tangents)

    def told(self, point: Point, result: Any) -> Told:
        return Tangent(point, lambda tangents: self.total(self.pushed(result, tangents)))


def as_like(weight: Any, x: Any) -> Any:
    """A weight as a cotangent of the dtype of what it is for."""
    return float(weight) if type(x) is float else np.asarray(weight).astype(x.dtype)[()] if np.shape(x) == () and \
        not isinstance(x, np.ndarray) else np.asarray(weight, x.dtype)


class JacobianQuestion(Weighted):
    """The Jacobian times any direction, which is the tangent along that."""

    gives_value = False

    def returned(self, result: Any) -> tuple[Any, Any]:
        return None, result[1] if self.spec.has_aux else None

    def parts(self, point: Point, result: Any) -> list[list[Any]]:
        """For each leaf of the output, the parts that belong to each leaf of the arguments."""
        found = flatten(result[0] if self.spec.has_aux else result)[0]
        each = len(point.leaves)
        return [found[at:at + each] for at in range(0, len(found), each)]

    def misfit(self, point: Point, result: Any) -> str | None:
        for parts in self.parts(point, result):
            ranks = [np.ndim(part) - np.ndim(x) for part, x in zip(parts, point.leaves, strict=True)]
            shapes = {np.shape(part)[:rank] for part, rank in zip(parts, ranks, strict=True)}
            if len(shapes) > 1 or any(np.shape(part)[rank:] != np.shape(x) for part, rank, x in zip(
                    parts, ranks, point.leaves, strict=True)):
                return f"the Jacobian has parts of the shapes {[np.shape(part) for part in parts]}"
        return None

    def told(self, point: Point, result: Any) -> Told:
        table = self.parts(point, result)
        shapes = [np.shape(parts[0])[:np.ndim(parts[0]) - np.ndim(point.leaves[0])] for parts in table]
        weights = self.weights([np.empty(shape) for shape in shapes])

        def along(tangents: list[Any]) -> float:
            with np.errstate(all="ignore"):
                return float(sum(np.sum(w * np.tensordot(np.asarray(part, np.float64), t, np.ndim(t)))
                                 for w, parts in zip(weights, table, strict=True)
                                 for part, t in zip(parts, tangents, strict=True)))
        return Tangent(point, along)


class ProductsQuestion(Weighted):
    """The Jacobian times tangents, or cotangents times it: the same text tells it for all directions."""

    gives_value = False

    @property
    def at(self) -> int:
        """Where the directions stand among the arguments."""
        return list(self.signature.parameters).index(self.spec.named[0])

    @property
    def asked(self) -> tuple[inspect.BoundArguments, tuple[Any, ...]]:
        params = [p for p in self.signature.parameters.values() if p.name != self.spec.named[0]]
        given = {name: thing for name, thing in self.call.arguments.items() if name != self.spec.named[0]}
        return inspect.BoundArguments(inspect.Signature(params), given), \
            (*self.args[:self.at], *self.args[self.at + 1:])

    def arguments(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*args[:self.at], self.args[self.at], *args[self.at:])

    def returned(self, result: Any) -> tuple[Any, Any]:
        return None, result[3] if self.spec.has_aux else None

    def misfit(self, point: Point, result: Any) -> str | None:
        products, shapes = result[:2]
        many = len(self.args[self.at])
        wanted = shapes if self.spec.mode == "fwd" else [np.shape(x) for x in point.leaves]
        if [np.shape(p) for p in products] != [(many, *shape) for shape in wanted]:
            return f"products for {many} directions have the shapes {[np.shape(p) for p in products]}"
        return None

    def told(self, point: Point, result: Any) -> Told:
        rows = self.args[self.at]

        def along(directions: list[Any]) -> list[Any]:
            row = np.concatenate([np.ravel(d) for d in directions]).astype(rows.dtype)
            args = (*point.args[:self.at], np.repeat(row[None], len(rows), 0), *point.args[self.at:])
            return [np.asarray(p[0], np.float64) for p in self.compiled.emitted.function(*args)[0]]
        weights = self.weights([np.empty(shape) for shape in result[1]])
        if self.spec.mode == "rev":
            return Gradient(point, along(weights) if len(rows) else [np.zeros(np.shape(x)) for x in point.leaves])
        return Tangent(point, lambda tangents: float(sum(
            np.sum(w * p) for w, p in zip(weights, along(tangents), strict=True))))
