"""Parameters of any structure as one vector, and back: what optimisers want.

>>> vector, unravel = ravel({"w": np.ones((2, 2)), "b": [0.5, np.zeros(1)]})
>>> vector
array([1. , 1. , 1. , 1. , 0.5, 0. ])
>>> unravel(2 * vector)
{'w': array([[2., 2.],
       [2., 2.]]), 'b': [1.0, array([0.])]}
"""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.function import compiler
from ad_compiler.ir import Const
from ad_compiler.validate.trees import flatten
from ad_compiler.watch import Itself

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract


class Leaf(NamedTuple):
    """A real number or array of a structure: where it stands in the vector; `dtype` is `float` for one of Python's."""

    start: int
    stop: int
    shape: tuple[int, ...]
    dtype: Any
    is_array: bool


class Unravel:
    """From a vector to a structure like the one that was given to `ravel`.

    It can be called inside of a function that is differentiated, and pickles.
    """

    def __init__(self, leaves: list[Leaf], like: Any) -> None:
        self._leaves, self._like = leaves, like
        self._length = leaves[-1].stop if leaves else 0

    def __call__(self, vector: Any) -> Any:
        """Numbers and arrays in the dtypes and shapes that they had; arrays of their own.

        Raises ValueError where the vector has another shape.
        """
        vector = np.asarray(vector)
        if vector.shape != (self._length,):
            raise ValueError(f"unravel needs a vector of shape ({self._length},), not {vector.shape}")
        return flatten(self._like)[1]([_taken(vector, leaf) for leaf in self._leaves])

    def __repr__(self) -> str:
        return f"<unravel of {self._length} numbers>"

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        vector = dict(zip(["vector"], args, strict=False), **kwargs)["vector"]
        vector = lifter.call(Const(np.reshape), [vector, Const((self._length,))], {})      # raises where it has another
        parts = iter([_read(lifter, vector, leaf) for leaf in self._leaves])
        atoms, build = compiler().flatten(lifter.known(self._like, Itself(self._like), "like"))
        return build([next(parts) if compiler().is_real(atom) else atom for atom in atoms])


def _taken(vector: np.ndarray[Any, Any], leaf: Leaf) -> Any:
    if leaf.dtype is float:
        return float(vector[leaf.start])
    part = vector[leaf.start:leaf.stop].astype(leaf.dtype)
    return part.reshape(leaf.shape) if leaf.is_array else part[0]


def _read(lifter: Any, vector: Abstract, leaf: Leaf) -> Abstract:
    """As `_taken`, in a function that is read."""
    place = slice(*map(Const, (leaf.start, leaf.stop, None))) if leaf.is_array else Const(leaf.start)
    part = lifter.call(Const(operator.getitem), [vector, place], {})
    if leaf.dtype is float:
        return lifter.call(Const(float), [part], {})
    if leaf.is_array:
        part = lifter.call(Const(np.reshape), [part, Const(leaf.shape)], {})
    same = getattr(getattr(part, "kind", None), "dtype", "") == leaf.dtype.name
    return part if same else lifter.call(Const(runtime.astype), [part, Const(leaf.dtype)], {})


def ravel(tree: Any) -> tuple[np.ndarray[Any, Any], Unravel]:
    """`(vector, unravel)`: the real numbers and arrays of a structure, one after the other, and the way back.

    `tree` is made of tuples, lists, dicts, named tuples, dataclasses and classes given to `register_node`; what is no
    real number in it stays as it is.  The vector has the widest dtype among them (float64 where there are none).
    As `jax.flatten_util.ravel_pytree`.  `grad(lambda v: loss(unravel(v)))` is the gradient as a vector.
    """
    found, build = flatten(tree)
    sizes = [int(np.size(x)) for x in found]
    ends = list(itertools.accumulate(sizes))
    leaves = [Leaf(end - size, end, np.shape(x), float if type(x) is float else x.dtype, isinstance(x, np.ndarray))
              for x, size, end in zip(found, sizes, ends, strict=True)]
    dtype = np.result_type(*(np.asarray(x).dtype for x in found)) if found else np.dtype(float)
    vector = np.concatenate([np.empty(0, dtype), *(np.ravel(x) for x in found)], dtype=dtype)
    return vector, Unravel(leaves, build([0.0] * len(found)))
