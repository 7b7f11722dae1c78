"""Products of the Jacobian of one call with many directions, some at a time.

>>> products = Products.of(JacobianSpec(lambda x: x * x))
>>> at = products.at((np.array([1.0, 2.0]),), {})
>>> at.shape, at.times(np.eye(2))
((2, 2), array([[2., 0.],
       [0., 4.]]))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ad_compiler.function import CompiledFunction
from ad_compiler.kept import kept_with
from ad_compiler.spec import JacobianSpec, Place, ProductsSpec
from ad_compiler.validate.trees import flatten

Matrix = np.ndarray[Any, Any]
Rows = Callable[[int, int], Matrix]
"""The directions from one to another, as rows."""

MOST_NUMBERS = 2 ** 19
"""So many are in the directions of one sweep, where nothing else is said: 4 MB."""


class ProductsFunction(CompiledFunction):
    """A function that gives a Jacobian times directions."""

    __slots__ = ()


class Products:
    """Those of a function: compiled forwards and backwards."""

    def __init__(self, specs: dict[str, ProductsSpec]) -> None:
        self.by_mode = {mode: kept_with(ProductsFunction, spec) for mode, spec in specs.items()}
        self.spec = specs["fwd"]
        params = self.by_mode["fwd"]._signature.parameters.values()
        self.signature = inspect.Signature([p for p in params if p.name not in self.spec.named])

    @classmethod
    def of(cls, spec: JacobianSpec) -> Products:
        """Those that the Jacobian asked for is made of."""
        return cls({mode: ProductsSpec(spec.func, spec.argnums, None, spec.has_aux, mode=mode, made=spec.made,
                                       backend=spec.backend, parallel=spec.parallel, check=spec.check)
                    for mode in ("fwd", "rev")})

    def at(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ProductsAt:
        """Those of one call."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return ProductsAt(self, bound)


class ProductsAt:
    """Those of one call.

    `things`: what is differentiated; `shapes`, `structure`, `aux`: of the output, once a product is known.
    """

    def __init__(self, products: Products, bound: inspect.BoundArguments) -> None:
        self.products, self.bound = products, bound
        rest = next((p.name for p in products.signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        given = bound.arguments
        self.places: list[Place] = products.spec.positions(products.signature, len(given[rest]) if rest else None)
        self.things = [given[place] if isinstance(place, str) else given[place[0]][place[1]] for place in self.places]
        self.leaves = [leaf for thing in self.things for leaf in flatten(thing)[0]]
        self.into = sum(int(np.size(leaf)) for leaf in self.leaves)
        self.dtype = np.result_type(*map(np.asarray, self.leaves)) if self.leaves else np.dtype(float)
        self.shapes: list[tuple[int, ...]] | None = None
        self.structure: Any = None
        self.aux: Any = None

    def moved(self, x: Any) -> ProductsAt:
        """Those of the same call with another for the one argument that is differentiated."""
        (place,) = self.places
        given = dict(self.bound.arguments)
        if isinstance(place, str):
            given[place] = x
        else:
            given[place[0]] = (*given[place[0]][:place[1]], x, *given[place[0]][place[1] + 1:])
        return ProductsAt(self.products, inspect.BoundArguments(self.products.signature, given))

    @property
    def out(self) -> int:
        """How many numbers there are in the output; a product is made where none is known."""
        if self.shapes is None:
            self.times(np.zeros((2, self.into), self.dtype))
        return sum(int(np.prod(shape, dtype=int)) for shape in self.shapes or ())

    @property
    def shape(self) -> tuple[int, int]:
        """Of the Jacobian as a matrix."""
        return self.out, self.into

    def parts(self, directions: Matrix, mode: str = "fwd") -> list[Matrix]:
        """The products, for each leaf of the output (of the arguments in mode "rev"): a matrix with a row each."""
        made = self.products.by_mode[mode]
        parts, shapes, self.structure, self.aux = made(*self.bound.args, **self.bound.kwargs, directions=directions)
        self.shapes = list(shapes)
        return [np.reshape(part, (len(directions), int(np.prod(np.shape(part)[1:], dtype=int)))) for part in parts]

    def times(self, directions: Matrix, mode: str = "fwd") -> Matrix:
        """The products, a row for each direction."""
        parts = self.parts(directions, mode)
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def by_chunks(self, count: int, rows: Rows, mode: str, size: int | None,
                  longest: int) -> Iterator[tuple[int, int, Matrix]]:
        """The products with so many directions, some at a time: from which to which, and they.

        `size` at a time, else as many as fit where the longer side of the Jacobian has length `longest`.
        """
        for start, stop in chunks(count, size or max(2, MOST_NUMBERS // max(longest, 1))):
            some = rows(start, stop)
            if len(some) == 1 and size != 1:        # one is of another kind than several: another text
                yield start, stop, self.times(np.concatenate([some, some]), mode)[:1]
            else:
                yield start, stop, self.times(some, mode)


def chunks(count: int, most: int) -> Iterator[tuple[int, int]]:
    """Parts of no more than so many, of about one length: none is of one alone where it need not be.

    >>> list(chunks(7, 3))
    [(0, 2), (2, 4), (4, 7)]
    """
    parts = -(-count // most)
    for at in range(parts):
        yield count * at // parts, count * (at + 1) // parts
