"""Containers of numbers: their real leaves in order, and what puts such a thing together again.

>>> leaves, build = flatten({"w": np.ones(2), "layers": [1.5, (2.5, None)], "name": "net"})
>>> leaves
[array([1., 1.]), 1.5, 2.5]
>>> build([0.0, 1.0, 2.0])
{'w': 0.0, 'layers': [1.0, (2.0, None)], 'name': 'net'}
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler.rules.registry import carries

Build = Callable[[list[Any]], Any]


def flatten(x: Any) -> tuple[list[Any], Build]:
    """The real numbers and arrays in a thing, and a function that makes such a thing of others."""
    if carries(x):
        return [x], lambda new: new[0]
    parts = children(x)
    if parts is None:
        return [], lambda new: x
    items, make = parts
    flat = [flatten(item) for item in items]
    leaves = [leaf for found, _ in flat for leaf in found]

    def build(new: list[Any]) -> Any:
        made, at = [], 0
        for found, inner in flat:
            made.append(inner(new[at:at + len(found)]))
            at += len(found)
        return make(made)
    return leaves, build


def children(x: Any) -> tuple[list[Any], Build] | None:
    """The parts of a container and what makes one of such parts; None for anything else."""
    if isinstance(x, tuple):
        return list(x), (lambda new: type(x)(*new)) if hasattr(x, "_fields") else tuple
    if isinstance(x, list):
        return list(x), list
    if isinstance(x, dict):
        return list(x.values()), lambda new: _dict_like(x, new)
    node = registered(type(x))
    if node is not None:
        flat, unflatten = node
        parts, constant = flat(x)
        return list(parts), lambda new: unflatten(constant, new)
    if dataclasses.is_dataclass(x) and not isinstance(x, type) and hasattr(x, "__dict__"):
        return list(vars(x).values()), lambda new: _object_like(x, new)
    return None


def registered(cls: type) -> tuple[Callable[..., Any], Callable[..., Any]] | None:
    """How objects of a class are taken apart, where the user has said so."""
    from ad_compiler.read.calls.classes import NODES

    found: tuple[Callable[..., Any], Callable[..., Any]] | None = NODES.get(cls)
    return found


def alike(x: Any, y: Any) -> bool:
    """Are two things of one structure, with arrays of one shape and dtype in the same places?  Objects are not.

    >>> alike((1.0, {"w": np.ones(2)}), (2.0, {"w": np.zeros(2)})), alike(np.ones(2), np.ones(3))
    (True, False)
    """
    kind = type(x)
    if kind is not type(y):
        return False
    if kind is np.ndarray:
        return bool(x.shape == y.shape and x.dtype == y.dtype)
    if kind is tuple or kind is list:
        return len(x) == len(y) and all(map(alike, x, y))
    if kind is dict:
        return list(x) == list(y) and all(map(alike, x.values(), y.values()))
    return kind is float or kind is int or issubclass(kind, (bool, str, np.generic))


def _dict_like(x: dict[Any, Any], values: list[Any]) -> dict[Any, Any]:
    made = copy.copy(x)
    made.update(zip(x, values, strict=True))
    return made


def _object_like(x: Any, values: list[Any]) -> Any:
    made = copy.copy(x)
    for name, value in zip(vars(x), values, strict=True):
        object.__setattr__(made, name, value)       # of frozen dataclasses too
    return made
