"""Parameters of any structure as one vector, and back: what optimisers want.

>>> vector, unravel = ravel({"w": np.ones((2, 2)), "b": [0.5, np.zeros(1)]})
>>> vector
array([1. , 1. , 1. , 1. , 0.5, 0. ])
>>> unravel(2 * vector)
{'w': array([[2., 2.],
       [2., 2.]]), 'b': [1.0, array([0.])]}
"""

from __future__ import annotations

import inspect
import itertools
import operator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import Refused
from ad_compiler.function import compiler, given_to
from ad_compiler.ir import Const
from ad_compiler.later import as_now
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
        vector = _as_vector(lifter, given_to(self, args, kwargs)["vector"], Const(self._length))
        parts = iter([_read(lifter, vector, Const(leaf.start), Const(leaf.stop), Const(leaf.shape), leaf)
                      for leaf in self._leaves])
        atoms, build = compiler().flatten(lifter.calls.known(self._like, Itself(self._like), "like"))
        return build([next(parts) if compiler().is_real(atom) else atom for atom in atoms])


def _taken(vector: np.ndarray[Any, Any], leaf: Leaf) -> Any:
    if leaf.dtype is float:
        return float(vector[leaf.start])
    part = vector[leaf.start:leaf.stop].astype(leaf.dtype)
    return part.reshape(leaf.shape) if leaf.is_array else part[0]


def _as_vector(lifter: Any, vector: Abstract, length: Abstract) -> Abstract:
    """What `unravel` is given in a function that is read; raises when it runs where it is shorter, or longer."""
    vector = lifter.memory.fresh(vector)
    shape = getattr(getattr(vector, "kind", None), "shape", None)
    if shape is None or len(shape) != 1:
        what = compiler().describe(vector) if shape is None else f"array of {len(shape)} axes"
        raise Refused(f"unravel needs a vector, not a {what}", "give it an array of one axis")
    return lifter.calls.call(Const(np.reshape), [vector, compiler().Tuple([length])], {})


def _read(lifter: Any, vector: Abstract, start: Abstract, stop: Abstract, shape: Abstract, leaf: Any) -> Abstract:
    """As `_taken`, in a function that is read; of `leaf`, `dtype` and `is_array` are asked."""
    place = slice(start, stop, Const(None)) if leaf.is_array else start
    part = lifter.calls.call(Const(operator.getitem), [vector, place], {})
    if leaf.dtype is float:
        return lifter.calls.call(Const(float), [part], {})
    if leaf.is_array:
        part = lifter.calls.call(Const(np.reshape), [part, shape], {})
    same = getattr(getattr(part, "kind", None), "dtype", "") == leaf.dtype.name
    part = part if same else lifter.calls.call(Const(runtime.astype), [part, Const(leaf.dtype)], {})
    return lifter.memory.in_own_memory(part)


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


VECTOR = inspect.Signature([inspect.Parameter("vector", inspect.Parameter.POSITIONAL_OR_KEYWORD)])


class Known(NamedTuple):
    """As `Leaf`, of what is read."""

    dtype: Any
    is_array: bool


def _ravel_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`ravel(tree)` inside a function that is read."""
    (kept,) = as_now(lifter, [given_to(ravel, args, kwargs)["tree"]])
    atoms, build = compiler().flatten(kept)
    real = [atom for atom in atoms if compiler().is_real(atom)]

    def call(fn: Any, *given: Abstract) -> Abstract:
        return lifter.calls.call(Const(fn), list(given), {})
    parts = [call(np.ravel, atom) for atom in real]
    vector = call(np.concatenate, compiler().Tuple(parts)) if parts else call(np.zeros, Const(0))
    ends = list(itertools.accumulate([call(len, part) for part in parts], lambda a, b: call(operator.add, a, b)))
    shapes = [call(np.shape, atom) for atom in real]

    def unravel(inner: Any, given: list[Abstract], named: dict[str, Abstract]) -> Abstract:
        vector = _as_vector(inner, VECTOR.bind(*given, **named).arguments["vector"], ends[-1] if ends else Const(0))
        found = iter([_read(inner, vector, start, stop, shape, _known(atom)) for atom, start, stop, shape in zip(
            real, [Const(0), *ends[:-1]], ends, shapes, strict=True)])
        return build([next(found) if compiler().is_real(atom) else atom for atom in atoms])
    return compiler().Tuple([vector, Const(compiler().Special(unravel, None, VECTOR))])


def _known(atom: Any) -> Known:
    """What is asked of a leaf: one that is Python's, or a float's alone, is a float."""
    kind = getattr(atom, "kind", None)
    if kind is None or not kind.is_array and kind.form == "py":
        return Known(float if kind is not None or type(atom.value) is float else atom.value.dtype, False)
    return Known(np.dtype(kind.dtype), kind.is_array)


ravel.__ad_transform__ = _ravel_inside      # type: ignore[attr-defined]
