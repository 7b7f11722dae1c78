"""What people import: `vmap`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ad_compiler.cache import Entry
from ad_compiler.errors import BatchError
from ad_compiler.function import BoundFunction, CompiledFunction, check_options, compiler, given_to
from ad_compiler.in_pieces import InPieces
from ad_compiler.ir import Const
from ad_compiler.kept import kept_with
from ad_compiler.later import Later
from ad_compiler.samples import axes_of_arguments, joined, part_of, samples_of
from ad_compiler.spec import Keyed, VmapSpec, frozen
from ad_compiler.validate.first_call import mode_of

if TYPE_CHECKING:
    from ad_compiler.read.abstract import Abstract

RANDOMNESS = ("error", "same", "different")


class BatchedFunction(CompiledFunction):
    """A function of batches, made by `vmap`."""

    __slots__ = ()

    def _long_way(self, *args: Any, **kwargs: Any) -> Any:
        other = self._given(args, kwargs)
        if other is self:
            return super()._long_way(*args, **kwargs)
        result = other(*args, **kwargs)
        self._last = other._last
        return result

    def _short_way(self, entry: Entry, args: tuple[Any, ...]) -> Callable[..., Any]:
        guard, count = super()._short_way(entry, args), len(args)

        def all_by_position(*args: Any, **kwargs: Any) -> Any:
            return self._long_way(*args, **kwargs) if kwargs or len(args) != count else guard(*args)
        return guard if self._spec.count is not None else all_by_position      # type: ignore[attr-defined]

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        other = self._given(args, kwargs)
        return super().source_for(*args, **kwargs) if other is self else other.source_for(*args, **kwargs)

    def source_general(self) -> str:
        needed = [p for p in self._signature.parameters.values() if p.default is p.empty]
        other = self._given((None,) * positional(self._signature.replace(parameters=needed)), {})
        return super().source_general() if other is self else other.source_general()

    def _given(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> CompiledFunction:
        """What is called where some arguments are not given by position: those are the same for every sample."""
        spec = self._spec
        assert isinstance(spec, VmapSpec)
        if spec.count is not None or not kwargs and len(args) >= positional(self._signature):
            return self
        return kept_with(BatchedFunction, replace(spec, count=len(args)))

    def __ad_transform__(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        assert isinstance(self._spec, VmapSpec)
        return batched_inside(lifter, self._spec, args, kwargs)


def positional(signature: inspect.Signature) -> int:
    """How many parameters may be given by position, but for those of *args."""
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in signature.parameters.values())


def batched_inside(lifter: Any, spec: VmapSpec, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """A call of a function of batches inside a function that is read."""
    return compiler().transform_inside(lifter, replace(spec, count=len(args)), args, kwargs)


class ChunkedFunction(InPieces):
    """A function of batches that does so many samples at a time."""

    def __init__(self, whole: Any, spec: VmapSpec, size: int) -> None:
        super().__init__(whole)
        self._spec, self._size = spec, size

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        each = axes_of_arguments(self._spec.in_dims, len(args))
        lengths = [n for arg, d in zip(args, each, strict=True) for n in samples_of(arg, d)]
        if not lengths or len(set(lengths)) > 1 or lengths[0] <= self._size:
            return self._whole(*args, **kwargs)     # which says what is wrong, where something is
        parts = []
        for start in range(0, lengths[0], self._size):
            some = slice(start, start + self._size)
            parts.append(self._whole(*(part_of(arg, d, some) for arg, d in zip(args, each, strict=True)), **kwargs))
        return joined(parts, self._spec.out_dims)

    def __repr__(self) -> str:
        return f"<{self._whole!r}, {self._size} samples at a time>"

    def __reduce__(self) -> Any:
        return ChunkedFunction, (self._whole, self._spec, self._size)


def _dims(given: Any, name: str) -> Any:
    """`in_dims` or `out_dims`, as something to keep.  Raises `BatchError` where something else stands in it."""
    dims = frozen(given)
    todo = [dims]
    while todo:
        one = todo.pop()
        if isinstance(one, tuple):
            todo += [value for _, value in one] if isinstance(one, Keyed) else one
        elif one is not None and (isinstance(one, bool) or not isinstance(one, int)):      # True would be found as 1
            raise BatchError(f"vmap(..., {name}={given!r}): {name} must be made of integers and None, not {one!r}")
    return dims


def _check_randomness(randomness: Any) -> str:
    if randomness not in RANDOMNESS:
        raise ValueError(f"randomness must be one of {', '.join(map(repr, RANDOMNESS))}, not {randomness!r}")
    return str(randomness)


def vmap(func: Any = None, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *,
         chunk_size: int | None = None, backend: str = "numpy", parallel: bool = False,
         check: str | None = None) -> Any:
    """A function for a batch: `func` for each sample, without a loop over the samples wherever NumPy needs none.

    `in_dims`: along which axis of each positional argument the samples stand; an integer for all, or a tuple with an
    integer, None (the same for every sample) or a container of such for each.  `out_dims`: where their axis stands in
    what is returned.  What is given by keyword, and defaults, are the same for every sample, as in `torch.func.vmap`
    (JAX has keywords vary).  Arguments are not changed, even where `func` writes into them.

    `randomness`: what a draw of random numbers in `func` means: "error" refuses it, "same" draws once for all samples,
    "different" for each sample.  `chunk_size`: so many samples at a time, to need less memory.  `backend="numba"`: a
    loop over the samples, compiled by Numba; `parallel`, over several threads.

    Raises `BatchError`, a ValueError, where arguments do not fit `in_dims`, and `CannotDifferentiate` where a line has
    no meaning for a batch.

    >>> import numpy as np
    >>> vmap(lambda x, y: x @ y, in_dims=(0, None))(np.eye(2), np.array([3.0, 4.0]))
    array([3., 4.])
    """
    check_options(backend, parallel)
    if chunk_size is not None and (isinstance(chunk_size, bool) or not isinstance(chunk_size, int) or chunk_size < 1):
        raise ValueError(f"vmap: chunk_size should be None or greater than 0, not {chunk_size!r}")
    dims, out, drawn = _dims(in_dims, "in_dims"), _dims(out_dims, "out_dims"), _check_randomness(randomness)

    def make(func: Callable[..., Any], dims: Any = dims) -> Any:
        if isinstance(func, Later) and backend == "numpy" and dims is not None:
            each = dims if isinstance(dims, tuple) else (dims,) * func._count
            opened = func.opened() if len(each) == func._count and not isinstance(dims, Keyed) else None
            if opened is not None:
                return BoundFunction(make(opened[0], (None, *each)), opened[1])
        spec = VmapSpec(func, dims, out, drawn, backend=backend, parallel=parallel, check=mode_of(check))
        made = kept_with(BatchedFunction, spec)
        return made if chunk_size is None else ChunkedFunction(made, spec, chunk_size)
    return make if func is None else make(func)


def known_dims(lifter: Any, thing: Abstract, what: str) -> Any:
    """What is known now, containers of such too."""
    items = getattr(thing, "items", None)
    if isinstance(items, dict):
        return {key: known_dims(lifter, item, what) for key, item in items.items()}
    if isinstance(items, list):
        return tuple(known_dims(lifter, item, what) for item in items)
    return lifter.expressions.static(thing, what)


def _make_inside(lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """`vmap(func, …)` inside a function that is read."""
    given = given_to(vmap, args, kwargs)
    func = given.pop("func", None)
    chosen = {key: known_dims(lifter, thing, f"`{key}`") for key, thing in given.items()}
    target = func.value if isinstance(func, Const) else func
    in_dims, out_dims = (_dims(chosen.get(name, 0), name) for name in ("in_dims", "out_dims"))
    spec = VmapSpec(target, in_dims, out_dims, _check_randomness(chosen.get("randomness", "error")))
    return Const(compiler().Special(lambda inner, a, k: batched_inside(inner, spec, a, k), target))


vmap.__ad_transform__ = functools.partial(_make_inside)     # type: ignore[attr-defined]
