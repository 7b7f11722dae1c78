"""Batches: where the samples stand in arguments and results, one sample, some of them, all together again.

>>> batch = {"x": np.arange(6.0).reshape(3, 2), "n": 7}
>>> samples_of(batch, 0), one_of(batch, 0, 1)
([3], {'x': array([2., 3.]), 'n': 7})
>>> joined([part_of(batch, 0, slice(0, 2)), part_of(batch, 0, slice(2, 3))], 0)["x"].shape
(3, 2)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler.spec import Keyed
from ad_compiler.validate.trees import children


def axes_of_arguments(dims: Any, count: int, by_position: int | None = None) -> list[Any]:
    """What `in_dims` says of each of so many arguments; those that are not given by position do not vary."""
    each = list(dims) if isinstance(dims, tuple) else [dims] * count
    return (each[:by_position] + [None] * count)[:count]


def items_of(thing: Any, dims: Any) -> list[tuple[Any, Any, Any]]:
    """The key, the item and what is said of its axes, of each item of a container."""
    keys = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
    if isinstance(dims, Keyed):
        dims = dict(dims)
    return [(key, thing[key], dims[key] if isinstance(dims, (tuple, dict)) else dims) for key in keys]


def samples_of(thing: Any, dims: Any) -> list[int]:
    """How many samples there are in each array."""
    if dims is None:
        return []
    if isinstance(thing, np.ndarray):
        return [thing.shape[dims]] if isinstance(dims, int) and -thing.ndim <= dims < thing.ndim else []
    if isinstance(thing, (tuple, list, dict)):
        return [n for _, item, d in items_of(thing, dims) for n in samples_of(item, d)]
    parts = children(thing)
    return [] if parts is None else [n for part, d in zip(parts[0], of_parts(thing, dims), strict=True)
                                     for n in samples_of(part, d)]


def part_of(thing: Any, dims: Any, some: slice) -> Any:
    """Some of the samples."""
    if dims is None:
        return thing
    if isinstance(thing, np.ndarray):
        return thing[(slice(None),) * (dims % thing.ndim) + (some,)]
    if isinstance(thing, (tuple, list, dict)):
        return rebuilt(thing, [part_of(item, d, some) for _, item, d in items_of(thing, dims)])
    parts = children(thing)
    return thing if parts is None else parts[1]([part_of(part, d, some) for part, d in zip(
        parts[0], of_parts(thing, dims), strict=True)])


def joined(parts: list[Any], dims: Any) -> Any:
    """What was given for some samples at a time, as for all."""
    first = parts[0]
    if isinstance(first, (tuple, list, dict)):
        items = items_of(first, dims)
        return rebuilt(first, [joined([part[key] for part in parts], d) for key, _, d in items])
    inner = children(first)
    if inner is not None:
        each = zip(*(parts_of(part) for part in parts), strict=True)
        return inner[1]([joined(list(some), d) for some, d in zip(each, of_parts(first, dims), strict=True)])
    if dims is None or not isinstance(first, np.ndarray):
        return first
    return np.concatenate(parts, axis=dims if isinstance(dims, int) else dims[0])


def of_parts(thing: Any, dims: Any) -> list[Any]:
    """What is said of the axes of each part of an object."""
    return [d for _, d in dims] if isinstance(dims, Keyed) else [dims] * len(parts_of(thing))


def parts_of(thing: Any) -> list[Any]:
    """The parts of an object."""
    found = children(thing)
    return [] if found is None else found[0]


def rebuilt(like: Any, items: list[Any]) -> Any:
    """A container like another, with these items."""
    if isinstance(like, dict):
        return dict(zip(like, items, strict=True))
    return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)


def one_of(thing: Any, dims: Any, at: int) -> Any:
    """One of the samples."""
    if dims is None:
        return thing
    if isinstance(thing, np.ndarray):
        return thing[(slice(None),) * (dims % thing.ndim) + (at,)] if thing.ndim else thing
    if isinstance(thing, (tuple, list, dict)):
        return rebuilt(thing, [one_of(item, d, at) for _, item, d in items_of(thing, dims)])
    parts = children(thing)
    return thing if parts is None else parts[1]([one_of(part, d, at) for part, d in zip(
        parts[0], of_parts(thing, dims), strict=True)])
