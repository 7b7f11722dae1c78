"""Jacobians made some directions at a time: less memory, the same numbers.

>>> from ad_compiler.jacobians import jacfwd
>>> jacfwd(lambda x: x * x, chunk_size=2)(np.array([1.0, 2.0, 3.0]))
array([[2., 0., 0.],
       [0., 4., 0.],
       [0., 0., 6.]])
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ad_compiler.function import CompiledFunction
from ad_compiler.in_pieces import InPieces
from ad_compiler.matrices.products import Matrix, Products, ProductsAt, chunks
from ad_compiler.spec import JacobianSpec
from ad_compiler.validate.trees import flatten


class ChunkedJacobian(InPieces):
    """A function that gives a Jacobian, made of products with `size` directions at a time."""

    def __init__(self, whole: CompiledFunction, size: int) -> None:
        super().__init__(whole)
        assert isinstance(whole._spec, JacobianSpec)
        self._size, self._spec = size, whole._spec
        self._products = Products.of(self._spec)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        at = self._products.at(args, kwargs)
        if at.into <= self._size and self._spec.mode != "rev":
            return self._whole(*args, **kwargs)
        mode = self._spec.mode
        if mode != "fwd":
            if at.out <= self._size:
                return self._whole(*args, **kwargs)
            mode = "fwd" if mode == "auto" and at.into <= at.out else "rev"
        many = at.into if mode == "fwd" else at.out
        found: list[Matrix] = []
        for start, stop in chunks(many, self._size):
            parts = at.parts(np.eye(stop - start, many, start, dtype=at.dtype), mode)
            if not found:
                found = [np.empty((many, part.shape[1]), part.dtype) for part in parts]
            for whole, part in zip(found, parts, strict=True):
                whole[start:stop] = part
        jac = self._put_together(at, found, mode)
        return (jac, at.aux) if self._spec.has_aux else jac

    def _put_together(self, at: ProductsAt, found: list[Matrix], mode: str) -> Any:
        """In the structure of the output, and in each place that of the arguments."""
        columns: list[Any] = []
        shapes = at.shapes or []
        for out, rows in enumerate(bounds(shapes)):
            leaves = []
            for into, (leaf, across) in enumerate(zip(at.leaves, bounds(map(np.shape, at.leaves)), strict=True)):
                block = found[out][across].T if mode == "fwd" else found[into][rows]
                leaves.append(np.reshape(block, (*shapes[out], *np.shape(leaf)), copy=True)[()])
            rest = iter(leaves)
            parts = []
            for thing in at.things:
                inner, build = flatten(thing)
                parts.append(build([next(rest) for _ in inner]))
            columns.append(parts[0] if self._spec.single else tuple(parts))
        return flatten(at.structure)[1](columns)

    def __repr__(self) -> str:
        return f"<{self._whole!r}, {self._size} directions at a time>"

    def __reduce__(self) -> Any:
        return ChunkedJacobian, (self._whole, self._size)


def bounds(shapes: Any) -> list[slice]:
    """Where the numbers of each array stand, where they stand one after the other.

    >>> bounds([(2,), (3, 2)])
    [slice(0, 2, None), slice(2, 8, None)]
    """
    ends = list(itertools.accumulate((int(np.prod(shape, dtype=int)) for shape in shapes), initial=0))
    return [slice(start, stop) for start, stop in itertools.pairwise(ends)]
